"""Entries of the working calendar, the guard on them, and who comes to a branch on a day."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.places import BranchId
from traffic_booking.ports.store import Store
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.sample_calendar import RECORDS, entry
from traffic_booking.testing.sample_changes import (
    ME,
    START,
    YOU,
    booking,
    cancelling,
    confirming,
    facts_of,
    held,
    number,
    slot,
    stored,
)
from traffic_booking.testing.store.base import StoreCases


class CalendarCases(StoreCases):
    """What staff declare, and whom it hits."""

    def test_what_is_declared_is_read_back_whole_and_in_order(self, store: Store) -> None:
        entries = [entry(place, record) for place, record in enumerate(RECORDS, start=1)]
        assert list(store.calendar_entries(after=0)) == []
        assert list(store.commit([Change(entry=each) for each in entries])) == [Committed()] * len(entries)
        assert list(store.calendar_entries(after=0)) == entries
        assert list(store.calendar_entries(after=len(entries) - 1)) == entries[-1:]
        assert list(store.calendar_entries(after=len(entries))) == []
        assert facts_of(store).calendar_revision == len(entries)

    @pytest.mark.parametrize("place", [0, 2, 7])
    def test_entries_are_numbered_without_gaps(self, store: Store, place: int) -> None:
        assert list(store.commit([Change(entry=entry(place))])) == [Conflict(guard=Guard.CALENDAR)]
        assert list(store.calendar_entries(after=0)) == []
        assert facts_of(store).calendar_revision == 0

    def test_of_two_entries_with_one_number_the_first_is_kept(self, store: Store) -> None:
        changes = [Change(entry=entry(1)), Change(entry=entry(1, RECORDS[1]))]
        assert list(store.commit(changes)) == [Committed(), Conflict(guard=Guard.CALENDAR)]
        assert list(store.calendar_entries(after=0)) == [entry(1)]

    def test_of_entries_declared_at_once_one_is_kept(self, store: Store) -> None:
        results = race(lambda place: store.commit([Change(entry=entry(1, RECORDS[place % len(RECORDS)]))])[0])
        assert results.count(Committed()) == 1
        assert results.count(Conflict(guard=Guard.CALENDAR)) == RACERS - 1
        assert len(store.calendar_entries(after=0)) == 1

    def test_a_booking_that_was_decided_before_a_closure_is_not_written_after_it(self, store: Store) -> None:
        decided = copy_with(booking(1), calendar_revision=0)
        store.commit([Change(entry=entry(1))])
        assert list(store.commit([decided])) == [Conflict(guard=Guard.CALENDAR)]
        assert facts_of(store, request_id="request-1").answer is None
        assert list(store.commit([copy_with(decided, calendar_revision=1)])) == [Committed()]

    def test_those_who_come_to_a_branch_are_listed_by_start_and_number(self, store: Store) -> None:
        store.commit([held(3, YOU, slot(2, "transfer")), booking(2, YOU, slot(1), standing=0)])
        store.commit([booking(1, ME, slot(1), capacity=2), booking(4, ME, slot(3), standing=1)])
        store.commit([booking(5, ME, slot(1, branch="south"), standing=2)])
        assert _those_there(store, 0, 9) == [*sorted([number(1), number(2)]), number(3), number(4)]
        assert _those_there(store, 1, 2) == sorted([number(1), number(2)])
        assert _those_there(store, 2, 3) == [number(3)]
        assert _those_there(store, 3.5, 9) == []
        assert _those_there(store, 0, 9, "south") == [number(5)]

    def test_those_whose_seat_is_given_back_no_longer_come(self, store: Store) -> None:
        store.commit([booking(1), held(2, YOU, slot(2))])
        store.commit([confirming(stored(store, 2), standing=0)])
        assert _those_there(store, 0, 9) == [number(1), number(2)]
        store.commit([cancelling(stored(store, 1), standing=1)])
        assert _those_there(store, 0, 9) == [number(2)]


def _those_there(store: Store, hours: float, until: float, branch: str = "north") -> list[AppointmentNumber]:
    from_, to = (START + timedelta(hours=each) for each in (hours, until))
    return [one.number for one in store.appointments_at(BranchId(branch), from_=from_, until=to)]
