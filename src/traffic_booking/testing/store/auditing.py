"""What an audit reads: everything that is stored, page by page, each page from one snapshot."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from attrs import evolve as copy_with

from traffic_booking.domain.changes import Change
from traffic_booking.domain.invariants import broken_in_appointment
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.ports.store import Store
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.sample_changes import (
    YOU,
    booked,
    booking,
    cancelling,
    confirming,
    expiring,
    held,
    number,
    seats,
    slot,
    stored,
)
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.suite import case

ROUNDS = 10
ALL = 1_000
T = TypeVar("T")


class AuditCases(StoreCases):
    """Appointments with their events, counts with what they count."""

    @case(level=2)
    def test_appointments_are_listed_with_their_events_by_number(self, store: Store) -> None:
        assert list(store.stored_appointments(after=None, limit=ALL)) == []
        store.commit([booking(3, YOU, slot(2)), held(1), held(2, at=slot(3)), held(4, at=slot(4))])
        store.commit([confirming(stored(store, 1), standing=0), expiring(stored(store, 2))])
        store.commit([cancelling(stored(store, 3), standing=1)])
        listed = list(store.stored_appointments(after=None, limit=ALL))
        assert [each.number for each in listed] == sorted(number(serial) for serial in (1, 2, 3, 4))
        for each in listed:
            assert each.appointment == store.appointment(each.number)
            assert list(each.events) == list(store.history(each.number))

    @case(level=2)
    def test_what_is_stored_of_an_appointment_is_listed_where_the_rest_is_missing(self, store: Store) -> None:
        appointment, event = booked(1)
        _, other = booked(2)
        store.commit([Change(appointments=(appointment,)), Change(events=(other,))])
        assert list(store.stored_appointments(after=None, limit=ALL)) == [
            StoredAppointment(number=event.number, appointment=appointment, events=()),
            StoredAppointment(number=other.number, appointment=None, events=(other,)),
        ]

    @case(level=2)
    def test_appointments_are_listed_page_by_page(self, store: Store) -> None:
        store.commit([held(serial, at=slot(serial)) for serial in range(7)])
        store.commit([Change(events=(booked(7)[1],))])
        everything = list(store.stored_appointments(after=None, limit=ALL))
        assert len(everything) == 8
        pages = _pages(lambda last: store.stored_appointments(after=None if last is None else last.number, limit=3))
        assert [len(page) for page in pages] == [3, 3, 2]
        assert [each for page in pages for each in page] == everything
        assert list(store.stored_appointments(after=None, limit=0)) == []

    @case(level=2)
    def test_slots_are_listed_with_the_seats_taken_and_the_appointments_that_have_one(self, store: Store) -> None:
        assert list(store.stored_slots(after=None, limit=ALL)) == []
        store.commit([booking(1, capacity=9), held(2, YOU), held(3, at=slot(2)), held(4, at=slot(3))])
        store.commit([confirming(stored(store, 2), standing=0), expiring(stored(store, 3))])
        store.commit([held(5), held(6, at=slot(3))])
        store.commit([expiring(stored(store, 5))])
        assert list(store.stored_slots(after=None, limit=ALL)) == [StoredSlot(slot(), 2, 2), StoredSlot(slot(3), 2, 2)]

    @case(level=2)
    def test_counts_of_slots_are_listed_as_they_are_however_wrong(self, store: Store) -> None:
        (without_seat,) = booking(1).appointments
        store.commit([seats(slot(2), 3, 9), Change(appointments=(without_seat,)), seats(slot(), 2, 9)])
        store.commit([held(2, at=slot(3)), seats(slot(3), -1, 0)])
        assert list(store.stored_slots(after=None, limit=ALL)) == [StoredSlot(slot(), 2, 1), StoredSlot(slot(2), 3, 0)]

    @case(level=2)
    def test_slots_are_listed_page_by_page_by_branch_service_and_start(self, store: Store) -> None:
        keys = [
            slot(hours, service, branch, microseconds=tick)
            for hours in (10, 2)
            for service in ("transfer", "renewal")
            for branch in ("south", "north")
            for tick in (1, 0)
        ]
        keys.append(SlotKey(keys[0].branch, keys[0].service, datetime(1960, 2, 29, tzinfo=UTC)))
        store.commit([seats(key, 1, 1) for key in keys])
        pages = _pages(lambda last: store.stored_slots(after=None if last is None else last.slot, limit=4))
        assert [len(page) for page in pages] == [4, 4, 4, 4, 1]
        assert [each.slot for page in pages for each in page] == sorted(keys)
        assert list(store.stored_slots(after=None, limit=0)) == []

    @case(level=2)
    def test_a_page_is_of_one_moment_while_others_write(self, store: Store) -> None:
        """People book and cancel, again and again; whoever lists them sees versions, events and seats agree."""

        def write() -> list[bool]:
            for serial in range(ROUNDS):
                store.commit([copy_with(booking(serial, standing=2 * serial), answer=None)])
                store.commit([cancelling(stored(store, serial), standing=2 * serial + 1)])
            return []

        def read() -> list[bool]:
            agreeing = []
            for _ in range(4 * ROUNDS):
                listed = store.stored_appointments(after=None, limit=ALL)
                counted = store.stored_slots(after=None, limit=ALL)
                agreeing.append(not [fault for each in listed for fault in broken_in_appointment(each)])
                agreeing.append(all(each.taken == each.seated for each in counted))
            return agreeing

        assert {agree for found in at_once([write, read, read]) for agree in found} == {True}


def _pages(read: Callable[[T | None], Sequence[T]]) -> list[Sequence[T]]:
    """Every page, each asked for by the last of the one before."""
    pages: list[Sequence[T]] = []
    while page := read(pages[-1][-1] if pages else None):
        pages.append(page)
    return pages
