"""The appointment book and the accounts, over the store in memory: lists, holds, persons, calendars, sign-ins.

Over 400 lines: all reads and writes of one book, over one small store.
"""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve as copy_with

from tests.bookings import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    START,
    TICK,
    YOU,
    about,
    answer,
    around,
    booked,
    booking,
    cancelling,
    confirming,
    expiring,
    facts_of,
    held,
    id_of,
    moving,
    number,
    person_state_of,
    registering,
    seat_count_of,
    seats,
    seats_taken,
    slot,
    stored,
)
from tests.calendar_records import RECORDS
from tests.calendar_records import entry as calendar_entry
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.person_state import PersonState, listed
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.bilingual import LONGEST_TEXT, Bilingual
from traffic_booking.domain.decisions.changes import (
    CalendarGuard,
    Change,
    Committed,
    Conflict,
    Guard,
    SeatChange,
    SignInChange,
)
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion
from traffic_booking.domain.decisions.outcomes import Booked, Held, Refused, RequestRefused
from traffic_booking.domain.people.actors import Clerk
from traffic_booking.domain.people.attempts import DeviceAttempts, Failures, ResetCode, SignInAttempts
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.rules.verdict import Result, Verdict
from traffic_booking.domain.schedule.slots import SeatCount, SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import PERSON_KEYS
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.primitives import Put, RecordsByIndex, Span, StoreChange
from traffic_booking.testing.samples.desk import LIMITS, sample_desk, sample_slots
from traffic_booking.testing.samples.people import MovableClock, made_up_applicant, made_up_person

MANY = 230
NORTH, SOUTH = BranchId("north"), BranchId("south")
ALL = 10_000
LONGEST_NAME = "x" * 64
LONGEST_HASH = "$argon2id$v=19$" + "h" * 497
RIYADH = timezone(timedelta(hours=3))
HOLD_TIME = timedelta(minutes=LIMITS["HD-01"]["minutes"])
MY_ID, YOUR_ID = made_up_person(1), made_up_person(2)


def listed_of(book, *serials):
    """Stored appointments as a person state lists them."""
    return tuple(listed(stored(book, serial)) for serial in serials)


def change_key(store):
    """Write the record of the key as a change of the key does, with the key that it has."""
    row = store.read([RecordsByIndex(PERSON_KEYS.name, None, [Span()])])[0][0][0]
    key, version, *columns, body = row
    assert not any(store.commit([StoreChange(puts=(Put(PERSON_KEYS.name, key, version, tuple(columns), body),))]))


@pytest.fixture
def shipped():
    return MemoryStore()


@pytest.fixture
def book(shipped):
    return AppointmentBook(shipped)


@pytest.fixture
def accounts(shipped):
    return SignIns(shipped, lambda: START)


def test_a_new_book_has_nobody_and_no_seats_taken(book):
    facts = book.facts([about(ME, slots=(slot(),)), about(), about(number=number(1))])
    assert [each.person_state for each in facts] == [None, None, None]
    assert [each.seats_taken for each in facts] == [{slot(): 0}, {}, {}]
    assert [each.known for each in facts] == [{}, {}, {}]
    assert (book.applicants([id_of(ME)]), book.person_of(ME.subject)) == ({}, None)
    assert (book.appointment(number(1)), book.history(number(1))) == (None, [])
    assert book.appointments_of(id_of(ME), limit=9) == []
    assert (book.lapsed(by=FAR_AHEAD), seat_count_of(book, slot())) == ([], None)


def test_a_refusal_is_kept_under_its_request_id_and_in_the_feed(book):
    refused = answer("no", Refused(()))
    assert list(book.commit([Change(answer=refused)])) == [Committed()]
    assert facts_of(book, request_id="no").answer == refused
    assert list(book.commit([Change(answer=refused)])) == [Conflict(guard=Guard.REQUEST, answer=refused)]
    (entry,) = book.feed(BEGINNING, limit=9).entries
    assert isinstance(entry.what, RequestRefused)
    assert (entry.what.request_id, entry.number) == ("no", None)


def test_a_moved_appointment_is_at_its_new_slot_alone_however_often_it_moves(book):
    book.commit([booking(1)])
    slots = [slot(), slot(2), slot(3, branch="south"), slot(26), slot()]
    for times, (old, new) in enumerate(pairwise(slots), start=1):
        assert list(book.commit([moving(stored(book, 1), new, person_state_of(book))])) == [Committed()]
        moved = stored(book, 1)
        assert (moved.slot, moved.moves) == (new, times)
        assert book.appointments_at(new.branch, from_=new.starts_at, until=new.starts_at + TICK) == [moved]
        assert book.appointments_at(old.branch, from_=old.starts_at, until=old.starts_at + TICK) == []
        assert person_state_of(book).appointments == (moved.as_listed(),)
        assert (seats_taken(book, old), seats_taken(book, new)) == (0, 1)


def test_a_move_to_a_full_slot_leaves_everything_as_it_was(book):
    book.commit([booking(1), booking(2, YOU, slot(2))])
    before = stored(book, 1)
    full = Conflict(guard=Guard.SEATS, seat=slot(2))
    assert list(book.commit([moving(before, slot(2), person_state_of(book))])) == [full]
    assert (seats_taken(book), seats_taken(book, slot(2)), stored(book, 1)) == (1, 1, before)
    assert (person_state_of(book).version, len(book.history(number(1)))) == (1, 1)


@pytest.mark.parametrize("text", ["لا يُحجز «الموعد» ٦٠", "می\u200cخواهم {} %s \\", "سطر\nسطر 😀 ﷽ ﻻ"])
def test_answers_come_back_letter_by_letter_at_any_length(book, text):
    longest = Bilingual("م" * LONGEST_TEXT, "x" * LONGEST_TEXT)
    verdicts = tuple(
        Verdict(f"{LONGEST_NAME[:-3]}{place:03d}", result=Result.BROKEN, statement=longest, refusal=longest)
        for place in range(20)
    )
    verdicts += (
        Verdict(
            "BK-04",
            result=Result.BROKEN,
            statement=Bilingual(text, text),
            refusal=Bilingual(text, text),
            observed=text,
            limit="١",
        ),
    )
    command = BookSlot(
        request_id=RequestId("😀" * 128),
        actor=Clerk(LONGEST_NAME),
        applicant=ME,
        slot=slot(branch=LONGEST_NAME, service=LONGEST_NAME),
        agreed=False,
    )
    refused = copy_with(answer("no", Refused(verdicts)), command=command)
    assert list(book.commit([Change(answer=refused)])) == [Committed()]
    assert book.answer(RequestId("😀" * 128)) == refused


def test_answers_are_listed_page_by_page(book):
    answers = [answer(f"request-{place:03d}", Refused(())) for place in range(MANY)]
    book.commit([Change(answer=each) for each in reversed(answers)])
    assert book.answers(after=None, limit=10_000) == answers
    assert book.answers(after=RequestId("request-099x"), limit=3) == answers[100:103]
    assert book.answers(after=None, limit=0) == []


def test_seats_taken_are_those_of_the_range_from_inclusive_until_exclusive(book):
    book.commit([booking(1)])
    at = slot().starts_at
    bounds = [(at, at + TICK), (at - TICK, at), (at + TICK, FAR_AHEAD), (LONG_AGO, FAR_AHEAD), (at, at)]
    ranges = [copy_with(around(slot()), from_=from_, until=until) for from_, until in bounds]
    found = [len(book.seats_taken([each], lapsed_by=START)) for each in ranges]
    assert found == [1, 0, 0, 1, 0]
    assert book.seats_taken([], lapsed_by=START) == {}


def test_branches_services_and_microseconds_are_kept_apart(book):
    keys = [slot(), slot(service="transfer"), slot(branch="south"), slot(branch="north-2"), slot(microseconds=1)]
    book.commit([Change(seats=(SeatChange(key, count, 9),)) for count, key in enumerate(keys, start=1)])
    found = book.seats_taken([around(key) for key in keys] * 2, lapsed_by=START)
    assert found == {key: SeatCount(count, 0) for count, key in enumerate(keys, start=1)}


def test_a_range_has_every_slot_with_a_seat_taken_and_no_other(book):
    keys = [slot(hours / 4) for hours in range(400)]
    book.commit([seats(key, 1, 1) for key in keys])
    book.commit([seats(key, -1, 1) for key in keys[::7]])
    whole = copy_with(around(slot()), from_=LONG_AGO, until=FAR_AHEAD)
    left = [key for place, key in enumerate(keys) if place % 7]
    assert book.seats_taken([whole], lapsed_by=START) == dict.fromkeys(left, SeatCount(1))


@pytest.mark.parametrize("zone", [UTC, RIYADH])
def test_lapsed_holds_are_counted_and_listed_from_the_instant_they_end(book, zone):
    book.commit([held(1), held(2, YOU), booking(3, YOU, capacity=9)])
    ends = (START + timedelta(minutes=10)).astimezone(zone)
    assert seat_count_of(book, slot(), lapsed_by=ends - TICK) == SeatCount(3, 0)
    assert seat_count_of(book, slot(), lapsed_by=ends) == SeatCount(3, 2)
    assert [len(book.lapsed(by=moment)) for moment in (ends - TICK, ends, ends + TICK)] == [0, 2, 2]


def test_lapsed_holds_come_soonest_first_and_no_more_than_the_limit(book):
    book.commit([held(1, minutes=30), held(3, minutes=10), held(2, minutes=10), held(4, at=slot(2), minutes=20)])
    assert [one.number for one in book.lapsed(by=FAR_AHEAD)] == [number(serial) for serial in (2, 3, 4, 1)]
    assert [one.number for one in book.lapsed(by=FAR_AHEAD, limit=2)] == [number(2), number(3)]
    (of_slot,) = book.lapsed_at([slot()], by=FAR_AHEAD)
    assert [one.number for one in of_slot] == [number(serial) for serial in (2, 3, 1)]
    assert book.lapsed(by=FAR_AHEAD, limit=0) == book.lapsed(by=FAR_AHEAD, limit=-1) == []


def test_of_many_lapsed_holds_a_hundred_are_listed_unless_more_are_wanted(book):
    book.commit([held(serial, at=slot(serial % 3), minutes=serial + 1) for serial in range(MANY)])
    assert len(book.lapsed(by=FAR_AHEAD)) == 100
    assert [each.number for each in book.lapsed(by=FAR_AHEAD, limit=ALL)] == [number(n) for n in range(MANY)]


def test_a_hold_that_ended_in_any_way_no_longer_lapses(book):
    book.commit([held(1), held(2, YOU), held(3, YOU, slot(2)), held(4, YOU)])
    endings = [cancelling(stored(book, 1)), confirming(stored(book, 2))]
    assert list(book.commit([*endings, expiring(stored(book, 3))])) == [Committed()] * 3
    hold = stored(book, 4)
    for _ in range(2):
        assert [book.lapsed(by=FAR_AHEAD)] == book.lapsed_at([slot()], by=FAR_AHEAD) == [[hold]]
        assert (seat_count_of(book, slot(), lapsed_by=FAR_AHEAD), seat_count_of(book, slot(2))) == (
            SeatCount(2, 1),
            None,
        )
    assert stored(book, 4) == hold


def test_an_audit_lists_each_appointment_and_its_events(book):
    book.commit([booking(3, YOU, slot(2)), held(1), held(2, at=slot(3)), held(4, at=slot(4))])
    book.commit([confirming(stored(book, 1)), expiring(stored(book, 2))])
    (without_events, _), (_, without_appointment) = booked(5), booked(6)
    book.commit([Change(appointments=(without_events,)), Change(events=(without_appointment,))])
    listed = book.stored_appointments(after=None, limit=ALL)
    assert [each.number for each in listed] == sorted(number(serial) for serial in (1, 2, 3, 4, 5))
    for each in listed:
        assert each.appointment == book.appointment(each.number)
        assert list(each.events) == book.history(each.number)
    missing = StoredAppointment(number=number(6), appointment=None, events=(without_appointment,))
    assert book.stored_under([number(6)]) == [missing]


def test_an_audit_goes_page_by_page(book):
    book.commit([held(serial, at=slot(serial)) for serial in range(7)])
    everything = book.stored_appointments(after=None, limit=ALL)
    found: list[StoredAppointment] = []
    while page := book.stored_appointments(after=found[-1].number if found else None, limit=3):
        found += page
    assert found == everything
    assert len(everything) == 7
    assert book.stored_appointments(after=None, limit=0) == []


def test_an_audit_lists_counts_of_slots_as_they_are_however_wrong(book):
    (without_seat,) = booking(1).appointments
    book.commit([seats(slot(2), 3, 9), Change(appointments=(without_seat,)), seats(slot(), 2, 9)])
    book.commit([held(2, at=slot(3)), seats(slot(3), -1, 0)])
    listed = book.audit_slots(after=None, limit=ALL)
    assert listed == [StoredSlot(slot(), 2, 1), StoredSlot(slot(2), 3, 0)]


def test_slots_are_listed_page_by_page_by_branch_service_and_start(book):
    keys = [
        slot(hours, service, branch, microseconds=tick)
        for hours in (10, 2)
        for service in ("transfer", "renewal")
        for branch in ("south", "north")
        for tick in (1, 0)
    ]
    keys.append(SlotKey(keys[0].branch, keys[0].service, datetime(1960, 2, 29, tzinfo=UTC)))
    book.commit([seats(key, 1, 1) for key in keys])
    found: list[StoredSlot] = []
    while page := book.audit_slots(after=found[-1].seat if found else None, limit=4):
        found += page
    assert [each.seat for each in found] == sorted(keys)


def test_a_person_is_registered_once_and_found_by_id_and_by_subject(book):
    assert list(book.commit([registering(ME)])) == [Committed()]
    assert book.applicants([id_of(ME), id_of(YOU)]) == facts_of(book).known == {id_of(ME): ME}
    assert (book.person_of(ME.subject), book.person_of(YOU.subject)) == (id_of(ME), None)
    assert person_state_of(book) == PersonState(ME, 1)
    mine = copy_with(registering(ME).registrations[0], applicant=made_up_applicant(3))
    again = copy_with(booking(1, made_up_applicant(3)), registrations=(mine,))
    assert list(book.commit([again])) == [Conflict(guard=Guard.PERSON)]
    assert (facts_of(book).known, book.appointment(number(1))) == ({id_of(ME): ME}, None)


def test_a_registration_compares_the_record_of_the_key(shipped):
    """A desk that has not read the newer key would register a person a second time, under the earlier key."""
    behind, ahead = AppointmentBook(shipped), AppointmentBook(shipped)
    assert list(behind.commit([registering(ME)])) == [Committed()]
    ahead.open_persons()
    change_key(shipped)
    assert list(behind.commit([registering(YOU)])) == [Conflict(guard=Guard.PERSON)]
    assert behind.applicants([id_of(YOU)]) == {}
    assert list(behind.commit([registering(YOU)])) == [Committed()]
    assert list(ahead.commit([booking(1, person_state=person_state_of(ahead))])) == [Committed()]


def test_a_person_state_lists_appointments_as_they_are(book):
    """Appointments in every state that a rule reads; released and expired holds are left out."""
    book.commit([held(1, person_state=person_state_of(book))])
    book.commit([booking(2, at=slot(4), person_state=person_state_of(book))])
    book.commit([held(3, at=slot(2), person_state=person_state_of(book))])
    assert person_state_of(book) == PersonState(ME, 3, listed_of(book, 1, 3, 2))
    book.commit([confirming(stored(book, 1), person_state_of(book))])
    book.commit([cancelling(stored(book, 2), person_state_of(book))])
    book.commit([cancelling(stored(book, 3), person_state_of(book))])
    assert person_state_of(book) == PersonState(ME, 6, listed_of(book, 1, 2))
    states = [each.state for each in person_state_of(book).appointments]
    assert states == [AppointmentState.BOOKED, AppointmentState.CANCELLED]


def test_the_person_state_of_an_appointment_is_that_of_its_applicant(book):
    book.commit([booking(1), booking(2, YOU, slot(2))])
    facts = book.facts([about(number=number(2)), about(ME, number=number(2)), about(ME, number=number(3))])
    assert [each.person_state for each in facts] == [person_state_of(book, YOU)] * 2 + [None]
    assert [each.appointment for each in facts] == [stored(book, 2)] * 2 + [None]


def test_a_hold_that_somebody_else_ended_is_listed_as_held_unless_it_is_read_anew(book):
    """The end of a hold raises no version, so that nobody's request fails for it."""
    book.commit([held(1, person_state=person_state_of(book))])
    before = person_state_of(book)
    book.commit([expiring(stored(book, 1))])
    assert person_state_of(book) == before
    (facts,) = book.facts([about(ME, anew=(number(1), number(2)))])
    assert facts.person_state == copy_with(before, appointments=(stored(book, 1),))
    seats_taken = booking(3, person_state=facts.person_state)
    assert list(book.commit([seats_taken])) == [Committed()]
    assert person_state_of(book).appointments == listed_of(book, 3)


def test_a_booked_appointment_that_is_read_anew_is_listed_as_before(book):
    book.commit([booking(1)])
    (facts,) = book.facts([about(ME, anew=(number(1),))])
    assert facts.person_state == person_state_of(book)


@pytest.mark.parametrize("wanted", [0, 1], ids=["the slot that was held", "another slot"])
def test_a_hold_that_a_clock_ahead_has_ended_does_not_keep_its_person_from_booking(shipped, wanted):
    clock, ahead = MovableClock(START), MovableClock(START + HOLD_TIME)
    desk = sample_desk(shipped, clock)
    slots = sample_slots(desk, START + timedelta(hours=6))
    hold = desk.hold(slots[0], applicant=id_of(ME), request_id="hold")
    assert isinstance(hold, Held)
    clock.advance(HOLD_TIME - TICK)
    assert sample_desk(shipped, ahead).maintenance.expire_holds() == 1
    booked = desk.book(slots[wanted], applicant=id_of(ME), agreed=True, request_id="book")
    assert isinstance(booked, Booked)
    assert booked.appointment.number != hold.appointment.number
    shown = desk.appointments(id_of(ME))
    assert [(*shown.upcoming,), len(shown.expired)] == [(booked.appointment,), 1]
    assert desk.audit.verify()


def test_entries_are_read_back_whole_and_in_their_order(book):
    entries = [calendar_entry(place, RECORDS[place % len(RECORDS)]) for place in range(1, 130)]
    assert book.calendar_entries(after=0) == []
    assert list(book.commit([Change(entry=each) for each in entries])) == [Committed()] * len(entries)
    assert book.calendar_entries(after=0) == book.calendar_entries(after=-1) == entries
    assert book.calendar_entries(after=99) == entries[99:]
    assert book.calendar_entries(after=130) == []
    assert [each.what for each in book.feed(BEGINNING, limit=1_000).entries] == entries


def test_of_two_entries_with_one_number_the_first_is_kept(book):
    changes = [Change(entry=calendar_entry(1)), Change(entry=calendar_entry(1, RECORDS[1]))]
    assert list(book.commit(changes)) == [Committed(), Conflict(guard=Guard.CALENDAR)]
    assert book.calendar_entries(after=0) == [calendar_entry(1)]


def test_a_hash_is_written_over_the_one_before(accounts):
    assert accounts.password_hash(MY_ID) is None
    for encoded in ("first", LONGEST_HASH):
        accounts.set_password_hash(MY_ID, encoded)
        assert (accounts.password_hash(MY_ID), accounts.password_hash(YOUR_ID)) == (encoded, None)


def test_failed_sign_ins_are_kept_to_the_microsecond(accounts):
    late, code = START + timedelta(hours=1) - TICK, ResetCode(hashed="a hash", issued_at=START + TICK, tries=2)
    device = DeviceAttempts(failures=Failures(3, late), reset=code, proven_at=START + TICK)
    for account in (MY_ID, UserName("سارة.٧")):
        assert accounts.attempts(account) == SignInAttempts(account=account)
        for each in (
            SignInAttempts(account=account, version=1, strangers=Failures(1, START + TICK)),
            SignInAttempts(account=account, version=2, devices={"a": device, "b": DeviceAttempts()}),
            SignInAttempts(account=account, version=3),
        ):
            assert list(accounts.commit([SignInChange(attempts=each)])) == [Committed()]
            assert accounts.attempts(account) == each
    assert accounts.attempts(YOUR_ID).version == accounts.attempts(UserName("sara")).version == 0


@pytest.mark.parametrize("version", [1, 3])
def test_failed_sign_ins_follow_the_stored_version(accounts, version):
    accounts.commit([SignInChange(attempts=SignInAttempts(account=MY_ID, version=1, strangers=Failures(1)))])
    stale = SignInChange(attempts=SignInAttempts(account=MY_ID, version=version, strangers=Failures(9)))
    assert list(accounts.commit([stale])) == [Conflict(guard=Guard.ATTEMPTS)]
    assert accounts.attempts(MY_ID).strangers.count == 1


def test_a_code_is_used_once_and_compared_exactly(accounts):
    keys = ["altcha:ab", "altcha:AB", "altcha:a", "altcha:ab ", "A" * 127, "A" * 128]
    assert list(accounts.commit([SignInChange(once=(key,)) for key in keys])) == [Committed()] * len(keys)
    assert list(accounts.commit([SignInChange(once=("fresh", "altcha:ab"))])) == [Conflict(guard=Guard.ONCE)]
    assert [accounts.is_spent(key) for key in (*keys, "fresh", "altcha:aB")] == [True] * len(keys) + [False] * 2


def test_guards_are_reported_in_their_documented_order(book):
    """Every guard fails at first; as they are mended one by one, the next one is reported."""
    first = booking(1)
    book.open_calendars([slot().branch])
    book.commit([first])
    (appointment,) = first.appointments
    change = copy_with(first, calendars=(CalendarGuard(slot().branch, 2),))
    mends = dict[Guard, Any]() | {
        Guard.REQUEST: {"answer": answer("request-2", Refused(()))},
        Guard.PERSON: {"registrations": ()},
        Guard.CALENDAR: {"calendars": (CalendarGuard(slot().branch, 1),)},
        Guard.PERSON_STATE: {"person_state": person_state_of(book).after(first.appointments, START)},
        Guard.APPOINTMENT: {"appointments": (copy_with(appointment, version=2),)},
        Guard.SEATS: {"seats": (SeatChange(slot(), 1, 2),)},
    }
    reported = []
    for mend in mends.values():
        (result,) = book.commit([change])
        assert isinstance(result, Conflict)
        reported.append(result.guard)
        change = copy_with(change, **mend)
    assert reported == list(mends)
    assert list(book.commit([change])) == [Committed()]


def test_an_appointment_goes_through_its_states(book):
    book.commit([held(1, person_state=person_state_of(book)), held(2, YOU)])
    ends = START + timedelta(minutes=10)
    assert [len(book.lapsed(by=moment)) for moment in (ends - TICK, ends)] == [0, 2]
    assert seat_count_of(book, slot(), lapsed_by=ends) == SeatCount(2, 2)
    rivals = [expiring(stored(book, 2)), confirming(stored(book, 2))]
    assert list(book.commit(rivals)) == [Committed(), Conflict(guard=Guard.APPOINTMENT)]
    book.commit([confirming(stored(book, 1), person_state_of(book))])
    book.commit([moving(stored(book, 1), slot(2), person_state_of(book))])
    assert [seats_taken(book, slot(hours)) for hours in (1, 2)] == [0, 1]
    assert book.appointments_at(NORTH, from_=LONG_AGO, until=FAR_AHEAD) == [stored(book, 1)]
    assert list(book.commit([cancelling(stored(book, 1), person_state_of(book))])) == [Committed()]
    assert [stored(book, serial).state for serial in (1, 2)] == [
        AppointmentState.CANCELLED,
        AppointmentState.EXPIRED,
    ]
    assert [event.version for event in book.history(number(1))] == [1, 2, 3, 4]
    assert ([seats_taken(book, slot(hours)) for hours in (1, 2)], book.lapsed(by=FAR_AHEAD)) == ([0, 0], [])


def test_the_facts_of_many_are_those_of_each(book):
    people = [made_up_applicant(serial) for serial in range(MANY)]
    book.commit([booking(serial, one, slot(serial % 7), capacity=100) for serial, one in enumerate(people)])
    queries = [
        about(person, request_id=f"request-{serial}", slots=(slot(serial % 7), slot(serial % 5)))
        for serial, person in enumerate(people)
    ]
    queries += [about(number=number(serial)) for serial in (1, 1, MANY - 1, MANY)]
    queries += [about(people[0]), about(made_up_applicant(MANY)), about()]
    assert book.facts(queries) == [book.facts([query])[0] for query in queries]


def test_a_refusal_is_written_only_under_the_person_state_that_it_is_based_on(book):
    book.commit([registering(ME, YOU)])
    based_on = person_state_of(book)
    refused = Change(answer=answer("no", Refused(())), unchanged=based_on)
    stale = Conflict(guard=Guard.PERSON_STATE)
    assert list(book.commit([booking(1, person_state=based_on), refused])) == [Committed(), stale]
    again = copy_with(refused, unchanged=person_state_of(book))
    beside = booking(2, YOU, slot(2), person_state=person_state_of(book, YOU))
    assert list(book.commit([again, beside])) == [Committed(), Committed()]
    assert (book.answer(RequestId("no")), person_state_of(book).version) == (refused.answer, 2)


def test_a_closure_stands_before_the_bookings_of_every_branch_of_its_batch(book):
    book.open_calendars([NORTH])
    book.open_calendars([SOUTH, NORTH])
    versions = book.facts([copy_with(about(), every_calendar=True)])[0].calendars
    assert versions == {COUNTRY: CalendarVersion(2, 0), NORTH: CalendarVersion(1, 0), SOUTH: CalendarVersion(1, 0)}
    closure = Change(
        entry=calendar_entry(1, RECORDS[1]),
        calendars=(CalendarGuard(NORTH, 1, 1), CalendarGuard(SOUTH, 1, 1), CalendarGuard(COUNTRY, 2, 1)),
    )
    before = copy_with(booking(1), calendars=(CalendarGuard(NORTH, 1),))
    second = booking(2, person_state=before.person_state, at=slot(branch="south"))
    after = copy_with(second, calendars=(CalendarGuard(SOUTH, 1),))
    late = Conflict(guard=Guard.CALENDAR)
    assert list(book.commit([before, closure, after, closure])) == [Committed(), Committed(), late, late]
    versions = book.facts([copy_with(about(), every_calendar=True)])[0].calendars
    assert versions == {COUNTRY: CalendarVersion(3, 1)} | dict.fromkeys((NORTH, SOUTH), CalendarVersion(2, 1))
    assert book.calendar_entries(after=0) == [calendar_entry(1, RECORDS[1])]
