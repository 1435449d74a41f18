"""Entries of the working calendar, the guard on them, and who comes to a branch on a day."""

from datetime import date, timedelta

import pytest
from attrs import evolve as copy_with

from tests.bookings import ME, YOU, booked, booking, cancelling, facts_of, held, number, slot
from tests.calendars import exception, month_start, order
from tests.small_town import START
from traffic_booking import Bilingual, Clerk
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.working_time import AnnouncedClosure, CalendarEntry, Effect, Hours, Withdrawal, authority_id

DAY = date(2026, 12, 1)
CLOSURE = AnnouncedClosure(
    id=authority_id("eid"),
    statement=Bilingual("إجازة العيد", "Eid leave"),
    source="an announcement",
    rule=authority_id("gov"),
    first_day=DAY,
    last_day=DAY,
)
RECORDS = [
    order(DAY, opens=True, hours=(Hours(600, 900), Hours(960, 1_440))),
    CLOSURE,
    month_start(1448, 9, date(2027, 2, 9)),
    exception(Effect.CLOSED, DAY),
    exception(Effect.OTHER_HOURS, DAY, hours=(Hours(0, 60),)),
    exception(Effect.OTHER_CAPACITY, DAY, capacity=10_000),
    Withdrawal(authority_id("order")),
]


def entry(place, record=RECORDS[0]):
    return CalendarEntry(
        number=place,
        at=START + timedelta(microseconds=place),
        actor=Clerk("desk-1"),
        reason="عطل في النظام",
        request_id=f"entry-{place}",
        record=record,
    )


def test_what_is_declared_is_read_back_whole_and_in_order(store):
    entries = [entry(place, record) for place, record in enumerate(RECORDS, start=1)]
    assert list(store.calendar_entries(after=0)) == []
    assert store.commit([Change(entry=each) for each in entries]) == [Committed()] * len(entries)
    assert list(store.calendar_entries(after=0)) == entries
    assert list(store.calendar_entries(after=len(entries) - 1)) == entries[-1:]
    assert list(store.calendar_entries(after=len(entries))) == []
    assert facts_of(store).calendar_revision == len(entries)


@pytest.mark.parametrize("place", [0, 2, 7])
def test_entries_are_numbered_without_gaps(store, place):
    assert store.commit([Change(entry=entry(place))]) == [Conflict(guard=Guard.CALENDAR)]
    assert list(store.calendar_entries(after=0)) == []
    assert facts_of(store).calendar_revision == 0


def test_two_entries_of_one_number_are_not_both_kept(store):
    assert store.commit([Change(entry=entry(1)), Change(entry=entry(1, RECORDS[1]))]) == [
        Committed(),
        Conflict(guard=Guard.CALENDAR),
    ]
    assert list(store.calendar_entries(after=0)) == [entry(1)]


def test_a_booking_that_was_decided_before_a_closure_is_not_written_after_it(store):
    decided = copy_with(booking(1), calendar_revision=0)
    store.commit([Change(entry=entry(1))])
    assert store.commit([decided]) == [Conflict(guard=Guard.CALENDAR)]
    assert facts_of(store, request_id="request-1").answer is None
    assert store.commit([copy_with(decided, calendar_revision=1)]) == [Committed()]


def there(store, hours, until, branch="north"):
    found = store.appointments_at(
        BranchId(branch), from_=START + timedelta(hours=hours), until=START + timedelta(hours=until)
    )
    return [appointment.number for appointment in found]


def test_those_who_come_to_a_branch_are_listed_by_start_and_number(store):
    store.commit([held(3, YOU, slot(2, "transfer")), booking(2, YOU, slot(1), standing=0)])
    store.commit([booking(1, ME, slot(1), capacity=2), booking(4, ME, slot(3), standing=1)])
    store.commit([booking(5, ME, slot(1, branch="south"), standing=2)])
    assert there(store, 0, 9) == [*sorted([number(1), number(2)]), number(3), number(4)]
    assert there(store, 1, 2) == sorted([number(1), number(2)])
    assert there(store, 2, 3) == [number(3)]
    assert there(store, 3.5, 9) == []
    assert there(store, 0, 9, "south") == [number(5)]


def test_those_whose_seat_is_given_back_no_longer_come(store):
    store.commit([booking(1)])
    appointment, _ = booked(1)
    assert there(store, 0, 9) == [appointment.number]
    store.commit([cancelling(appointment, standing=1)])
    assert there(store, 0, 9) == []
