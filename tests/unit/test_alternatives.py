"""A refusal for want of a seat carries the nearest free slots, if they are asked for."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.async_desk import small_async_desk
from tests.cases import DAY, MINUTE, OPENING, slot_key
from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Bilingual, Booked, Clerk, Held, InvalidInput, Moved, Refused, Suspension
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock, made_up_person

ME = made_up_person(1)
ONE_TOWN = evolve(
    small_catalogue(),
    branches=tuple(evolve(branch, governorate="town") for branch in small_catalogue().branches),
)
"""Both branches are in one governorate, 10 km apart."""
QUARTER = 15 * MINUTE


class CountingStore:
    """A store in front of another that counts its calls."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.calls = Counter[str]()

    def read(self, queries: Sequence[Any]) -> Any:
        self.calls["read"] += 1
        return self._store.read(queries)

    def commit(self, changes: Sequence[Any]) -> Any:
        self.calls["commit"] += 1
        return self._store.commit(changes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def fill(desk: Desk, *keys: SlotKey) -> None:
    """Book the only seat of each slot, each for another person."""
    for key in keys:
        serial = 1_000 + int((key.starts_at - START) / MINUTE) + 100_000 * (key.branch == "south")
        outcome = desk.book(key, applicant=made_up_person(serial), agreed=True, request_id=f"fill-{serial}")
        assert isinstance(outcome, Booked)


def starts(refused: object) -> list[tuple[str, timedelta]]:
    """The branches of the alternatives, and their times after the opening."""
    assert isinstance(refused, Refused)
    assert "BK-05" in {verdict.rule_id for verdict in refused.verdicts}
    assert all(slot.free > 0 for slot in refused.alternatives)
    return [(slot.branch, slot.key.starts_at - OPENING) for slot in refused.alternatives]


def test_the_nearest_in_time_at_the_same_branch_come_first_on_both_sides():
    desk, asked = open_desk(ONE_TOWN), slot_key(starts_at=OPENING + 4 * QUARTER)
    fill(desk, asked, slot_key(starts_at=OPENING + 5 * QUARTER))
    refused = desk.book(asked, applicant=ME, agreed=True, request_id="1", alternatives=4)
    assert starts(refused) == [("north", each * QUARTER) for each in (3, 2, 6, 1)]
    assert isinstance(refused, Refused)
    assert {slot.distance_km for slot in refused.alternatives} == {0.0}


def test_other_branches_of_the_governorate_follow_those_of_the_same_week():
    one_hour = evolve(small_catalogue(closes_minute=495), branches=ONE_TOWN.branches)  # one renewal a day, at 08:00
    desk, asked = open_desk(one_hour, start=START - DAY), slot_key(starts_at=OPENING + DAY)
    fill(desk, *(slot_key(starts_at=OPENING + days * DAY) for days in range(4)))
    refused = desk.hold(asked, applicant=ME, request_id="1", alternatives=9)
    week = [("north", 4), ("north", 7), ("south", 1), ("south", 0), ("south", 2), ("south", 3), ("south", 4)]
    assert starts(refused) == [(branch, days * DAY) for branch, days in [*week, ("south", 7), ("north", 8)]]
    assert isinstance(refused, Refused)
    assert [round(slot.distance_km or 0) for slot in refused.alternatives] == [0, 0, *[10] * 6, 0]


def test_branches_of_another_governorate_are_not_offered():
    desk, asked = open_desk(horizon_days=2), slot_key()
    fill(desk, asked)
    refused = desk.book(asked, applicant=ME, agreed=True, request_id="1", alternatives=20)
    assert {branch for branch, _ in starts(refused)} == {"north"}


@pytest.mark.rule("BK-04", "BK-12", "BK-15")
def test_only_slots_that_the_rules_about_the_slot_alone_allow_are_offered():
    monday = date(2026, 11, 23)
    off = Suspension(service="renewal", from_day=monday, until_day=monday + DAY, reason=Bilingual("سيول", "flood"))
    book = evolve(small_rulebook(BK_04={"days": 3}, BK_12={"minutes": 90}), suspensions=(off,))
    desk, asked = open_desk(ONE_TOWN, rulebook=book), slot_key(starts_at=OPENING + 6 * QUARTER)
    fill(desk, asked)
    refused = desk.book(asked, applicant=ME, agreed=True, request_id="1", alternatives=20)
    first = [2, 3, 4, 5]  # 08:30 is in an hour and a half
    nearest_first = sorted({*first, *range(7, 24)}, key=lambda each: (abs(each - 6), each))[:20]
    assert starts(refused) == [("north", each * QUARTER) for each in nearest_first]


def test_a_move_that_finds_no_seat_carries_them_too():
    desk, asked = open_desk(), slot_key(starts_at=OPENING + QUARTER)
    mine = desk.book(slot_key(starts_at=OPENING + 2 * DAY), applicant=ME, agreed=True, request_id="1")
    assert isinstance(mine, Booked)
    fill(desk, asked)
    refused = desk.move(mine.appointment.number, asked, by=ME, request_id="2", alternatives=1)
    assert starts(refused) == [("north", 0 * QUARTER)]
    assert isinstance(refused, Refused)
    moved = desk.move(mine.appointment.number, refused.alternatives[0], by=ME, request_id="3")
    assert isinstance(moved, Moved)


def test_a_move_is_never_offered_the_slot_that_the_appointment_has():
    desk = open_desk(small_catalogue(capacity=2))
    mine = desk.book(slot_key(starts_at=OPENING + 2 * DAY), applicant=ME, agreed=True, request_id="1")
    assert isinstance(mine, Booked)
    asked = slot_key(starts_at=OPENING + 2 * DAY + QUARTER)
    for serial in (2, 3):
        assert isinstance(
            desk.book(asked, applicant=made_up_person(serial), agreed=True, request_id=f"fill-{serial}"), Booked
        )
    refused = desk.move(mine.appointment.number, asked, by=ME, request_id="2", alternatives=1)
    assert starts(refused) == [("north", 2 * DAY + 2 * QUARTER)]
    assert isinstance(refused, Refused)
    assert isinstance(desk.move(mine.appointment.number, refused.alternatives[0], by=ME, request_id="3"), Moved)


def test_a_clerk_is_offered_slots_of_their_branches_alone():
    desk, asked = open_desk(ONE_TOWN, horizon_days=1), slot_key()
    fill(desk, *(slot.key for slot in desk.find_slots(service="renewal", branch="north", limit=500)))
    for place, (branches, offered) in enumerate(
        ((["north"], set()), (["north", "south"], {"south"}), (None, {"south"}))
    ):
        clerk = Clerk("desk-1", branches=branches)
        refused = desk.book(asked, applicant=ME, agreed=True, request_id=f"{place}", by=clerk, alternatives=3)
        assert {branch for branch, _ in starts(refused)} == offered


def test_a_refusal_for_another_reason_carries_none():
    desk = open_desk()
    refused = desk.book(slot_key(), applicant=ME, agreed=False, request_id="1", alternatives=3)
    assert isinstance(refused, Refused)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-06"]
    assert refused.alternatives == ()
    assert isinstance(desk.hold(slot_key(), applicant=ME, request_id="2", alternatives=3), Held)


def test_they_are_not_stored_with_the_answer_and_found_anew_if_the_request_is_sent_again():
    desk = open_desk()
    fill(desk, slot_key())
    first = desk.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=1)
    assert starts(first) == [("north", QUARTER)]
    fill(desk, slot_key(starts_at=OPENING + QUARTER))
    again = desk.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=1)
    assert starts(again) == [("north", 2 * QUARTER)]
    assert starts(desk.book(slot_key(), applicant=ME, agreed=True, request_id="1")) == []
    answer = AppointmentBook(desk.store).answer(RequestId("1"))
    assert answer is not None
    assert isinstance(answer.outcome, Refused)
    assert answer.outcome.alternatives == ()


def test_a_refused_slot_that_is_free_again_is_not_an_alternative_to_itself():
    desk = open_desk()
    fill(desk, slot_key())
    desk.book(slot_key(), applicant=ME, agreed=True, request_id="1")
    (taken,) = AppointmentBook(desk.store).appointments_at(slot_key().branch, from_=OPENING, until=OPENING + QUARTER)
    desk.cancel(taken.number, by=made_up_person(1_060), request_id="2")
    again = desk.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=2)
    assert starts(again) == [("north", QUARTER), ("north", 2 * QUARTER)]


def test_an_old_refusal_at_a_branch_that_is_gone_carries_none():
    desk = open_desk()
    fill(desk, slot_key())
    desk.book(slot_key(), applicant=ME, agreed=True, request_id="1")
    catalogue = small_catalogue()
    without = open_desk(evolve(catalogue, branches=catalogue.branches[1:]), store=desk.store)
    assert starts(without.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=3)) == []


def test_after_the_slot_the_nearest_to_the_present_are_offered():
    desk = open_desk()
    fill(desk, slot_key())
    assert isinstance(desk.clock, MovableClock)
    desk.clock.advance(OPENING + DAY + QUARTER - START)
    refused = desk.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=2)
    assert starts(refused) == [("north", DAY + 2 * QUARTER), ("north", DAY + 3 * QUARTER)]


@pytest.mark.parametrize("alternatives", [-1, 21, True, 1.0, "3", None])
def test_their_number_is_0_to_20_and_anything_else_does_nothing(alternatives):
    desk = open_desk()
    with pytest.raises(InvalidInput, match=r"alternatives: got .*; expected 0 to 20"):
        desk.book(slot_key(), applicant=ME, agreed=True, request_id="1", alternatives=alternatives)
    assert not desk.appointments(ME).upcoming


def test_without_them_a_refusal_makes_no_more_round_trips_than_before():
    store = CountingStore(MemoryStore())
    desk = open_desk(store=store)
    fill(desk, slot_key())
    calls = []
    for serial, wanted in enumerate((3, None, 0, 3)):
        named: dict[str, Any] = {} if wanted is None else {"alternatives": wanted}
        before = store.calls.copy()
        refused = desk.book(slot_key(), applicant=made_up_person(serial), agreed=True, request_id=f"{serial}", **named)
        assert len(starts(refused)) == (wanted or 0)
        calls.append(store.calls - before)
    _, without, with_none, with_some = calls  # the first refusal also stores the rule's sentence
    assert with_none == without
    assert with_some["commit"] == without["commit"]
    assert with_some["read"] - without["read"] <= 2  # the seats of a fortnight, and new records of the calendar


def test_the_desk_for_asyncio_carries_the_same():
    async def raced() -> list[Any]:
        async with small_async_desk(ThreadedStore(MemoryStore())) as desk:
            requests = (
                desk.book(
                    slot_key(), applicant=made_up_person(serial), agreed=True, request_id=f"{serial}", alternatives=2
                )
                for serial in range(6)
            )
            return await asyncio.gather(*requests)

    outcomes = asyncio.run(raced())
    assert [type(outcome) for outcome in outcomes].count(Booked) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [starts(outcome) for outcome in refused] == [[("north", QUARTER), ("north", 2 * QUARTER)]] * 5


@given(
    now=st.integers(0, 40).map(lambda quarters: START - DAY + quarters * QUARTER),
    horizon_days=st.integers(3, 30),
    place=st.integers(0, 47),
    full=st.sets(st.integers(0, 47), max_size=30),
    wanted=st.integers(1, 20),
)
def test_they_are_those_of_the_reference(*, now, horizon_days, place, full, wanted):
    desk = open_desk(evolve(small_catalogue(closes_minute=600), branches=ONE_TOWN.branches), start=now)
    every = desk.find_slots(service="renewal", from_=START, until=START + 30 * DAY, limit=500)
    asked = every[place]
    fill(desk, *{asked.key, *(every[each].key for each in full)})
    narrow = open_desk(desk.catalogue, store=desk.store, start=now, horizon_days=horizon_days)
    refused = narrow.book(asked, applicant=ME, agreed=True, request_id="1", alternatives=wanted)
    free = narrow.find_slots(service="renewal", limit=500)

    def rank(slot: Any) -> Any:
        away = abs(slot.key.starts_at - asked.key.starts_at)
        before = slot.key.starts_at < asked.key.starts_at
        rings = [7 * DAY, 14 * DAY, 28 * DAY, 56 * DAY]
        ring = next(at for at, end in enumerate(rings) if (away <= end if before else away < end))
        return ring, slot.branch != asked.branch, away, not before

    expected = sorted(free, key=rank)[:wanted]
    assert isinstance(refused, Refused)
    assert [slot.key for slot in refused.alternatives] == [slot.key for slot in expected]
