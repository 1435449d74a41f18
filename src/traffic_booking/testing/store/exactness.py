"""Values come back as they went in: instants to the microsecond, texts to the letter, sizes up to the bounds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.actors import Clerk
from traffic_booking.domain.bilingual import LONGEST_TEXT, Bilingual
from traffic_booking.domain.changes import Change, Committed, Conflict
from traffic_booking.domain.commands import BookSlot
from traffic_booking.domain.identity import Holder
from traffic_booking.domain.outcomes import Refused
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import FIRST_YEAR, LAST_YEAR, SlotKey
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import (
    ME,
    START,
    TICK,
    YOU,
    about,
    answer,
    booking,
    facts_of,
    held,
    number,
    seats,
    seats_taken,
    slot,
    stored,
)
from traffic_booking.testing.store.base import StoreCases

RIYADH = timezone(timedelta(hours=3))
KATHMANDU = timezone(timedelta(hours=5, minutes=45))
TEXTS = [
    "لا يُحجز الموعد قبل أكثر من ٦٠ يومًا من بدايته.",
    "می\u200cخواهم، مُحَمَّد ۱۲۳ ١٢٣ 123",
    "اسم «فرع» 'واحد' \"اثنان\" \\ %s {} -- ; <b>&amp;</b>",
    "سطر\nسطر 😀 ﷽ ﻻ",
]
LONGEST_NAME = "x" * 64
MANY_SEATS = 1_000_000


class ExactnessCases(StoreCases):
    """Time zones and microseconds, Arabic, and sizes at the bounds."""

    @pytest.mark.parametrize("microseconds", [1, 999, 1_000, 999_999])
    def test_instants_are_kept_to_the_microsecond(self, store: Store, microseconds: int) -> None:
        change = booking(1, at=slot(microseconds=microseconds))
        store.commit([change, copy_with(held(2, YOU), appointments=held(2, YOU, minutes=1 / 3 + 1e-7).appointments)])
        assert stored(store, 1) == change.appointments[0]
        assert stored(store, 1).slot.starts_at == START + timedelta(hours=1, microseconds=microseconds)
        assert list(store.history(number(1))) == list(change.events)
        assert facts_of(store, request_id="request-1").answer == change.answer
        assert stored(store, 2).hold_ends_at == START + timedelta(minutes=1 / 3 + 1e-7)

    def test_two_slots_a_microsecond_apart_are_two(self, store: Store) -> None:
        near = slot(microseconds=1)
        assert list(store.commit([booking(1), booking(2, YOU, near)])) == [Committed(), Committed()]
        assert stored(store, 2).slot == near
        assert isinstance(store.commit([booking(3, YOU, slot(), standing=1)])[0], Conflict)

    def test_an_instant_is_the_same_in_every_time_zone(self, store: Store) -> None:
        ends = START + timedelta(minutes=10)
        hold = held(1)
        abroad = copy_with(hold.appointments[0], hold_ends_at=ends.astimezone(KATHMANDU))
        store.commit([copy_with(hold, appointments=(abroad,))])
        assert stored(store, 1).hold_ends_at == ends
        for zone in (UTC, RIYADH, KATHMANDU, timezone(timedelta(hours=-11))):
            assert len(store.lapsed(by=ends.astimezone(zone))) == 1
            assert list(store.lapsed(by=(ends - TICK).astimezone(zone), slot=slot())) == []
        locked = SignInAttempts(applicant=ME, version=1, failures=3, locked_until=ends.astimezone(RIYADH))
        store.commit([Change(attempts=locked)])
        assert store.sign_in_attempts(ME) == locked

    @pytest.mark.parametrize(
        "starts_at",
        [
            datetime(FIRST_YEAR, 1, 2, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(LAST_YEAR, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        ],
        ids=["first year", "before 1970", "last year"],
    )
    def test_instants_are_kept_from_the_first_year_to_the_last(self, store: Store, starts_at: datetime) -> None:
        at = SlotKey(slot().branch, slot().service, starts_at)
        change = booking(1, at=at)
        assert list(store.commit([change])) == [Committed()]
        assert stored(store, 1) == change.appointments[0]
        assert seats_taken(store, at) == 1

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Riyadh", "America/Argentina/ComodRivadavia"])
    def test_the_name_of_a_time_zone_is_kept(self, store: Store, zone: str) -> None:
        change = booking(1)
        change = copy_with(change, appointments=(copy_with(change.appointments[0], time_zone=zone),))
        store.commit([change])
        assert stored(store, 1).time_zone == zone

    @pytest.mark.parametrize("text", TEXTS, ids=["tashkeel", "joiners and digits", "marks", "lines and ligatures"])
    def test_arabic_comes_back_letter_by_letter(self, store: Store, text: str) -> None:
        verdict = Verdict("BK-04", granted=False, statement=Bilingual(text, text), observed=text, limit="١")
        refused = answer("no", Refused((verdict,)))
        store.commit([Change(answer=refused)])
        found = facts_of(store, request_id="no").answer
        assert found == refused
        assert isinstance(found.outcome, Refused)
        assert found.outcome.verdicts[0].statement.ar == Bilingual(text, text).ar

    def test_the_longest_texts_and_names_come_back_whole(self, store: Store) -> None:
        longest = Bilingual("م" * LONGEST_TEXT, "x" * LONGEST_TEXT)
        verdicts = tuple(
            Verdict(f"{LONGEST_NAME[:-3]}{place:03d}", granted=False, statement=longest) for place in range(20)
        )
        key = slot(branch=LONGEST_NAME, service=LONGEST_NAME)
        request = "😀" * 128
        command = BookSlot(request_id=request, actor=Clerk(LONGEST_NAME), applicant=ME, slot=key, agreed=False)
        refused = copy_with(answer("no", Refused(verdicts)), command=command)
        store.commit([Change(answer=refused, once=("k" * 128,)), seats(key, MANY_SEATS, MANY_SEATS)])
        assert facts_of(store, request_id=request).answer == refused
        assert seats_taken(store, key) == MANY_SEATS
        assert store.is_spent("k" * 128)

    def test_citizens_and_residents_are_told_apart(self, store: Store) -> None:
        people = [made_up_person(7, holder) for holder in Holder]
        store.commit([booking(serial, person, slot(serial)) for serial, person in enumerate(people)])
        found = [facts.standing for facts in store.facts([about(person) for person in people])]
        assert [standing and standing.applicant for standing in found] == people
        assert [len(store.appointments_of(person, limit=9)) for person in people] == [1, 1]
        assert [type(stored(store, serial).applicant) for serial in range(2)] == [type(person) for person in people]
