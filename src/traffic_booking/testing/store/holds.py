"""Searches and holds: seats taken in ranges of slots, and holds that have run out, as long as they are holds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.decisions.changes import Change, Committed, SeatChange
from traffic_booking.domain.schedule.slots import SeatCount, SlotKey
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    START,
    TICK,
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
)
from traffic_booking.testing.sample_reads import around, seat_count_of, stored
from traffic_booking.testing.store.base import StoreCases

MANY = 230
ALL = 10_000
RIYADH = timezone(timedelta(hours=3))


class HoldCases(StoreCases):
    """Searches, lapsed holds, and what an audit lists."""

    def test_seats_taken_are_those_of_the_range_from_inclusive_until_exclusive(self, book: AppointmentBook) -> None:
        book.commit([booking(1)])
        at = slot().starts_at
        bounds = [(at, at + TICK), (at - TICK, at), (at + TICK, FAR_AHEAD), (LONG_AGO, FAR_AHEAD), (at, at)]
        ranges = [copy_with(around(slot()), from_=from_, until=until) for from_, until in bounds]
        found = [len(book.seats_taken([each], lapsed_by=START)) for each in ranges]
        assert found == [1, 0, 0, 1, 0]
        assert book.seats_taken([], lapsed_by=START) == {}

    def test_branches_services_and_microseconds_are_kept_apart(self, book: AppointmentBook) -> None:
        keys = [slot(), slot(service="transfer"), slot(branch="south"), slot(branch="north-2"), slot(microseconds=1)]
        book.commit([Change(seats=(SeatChange(key, count, 9),)) for count, key in enumerate(keys, start=1)])
        found = book.seats_taken([around(key) for key in keys] * 2, lapsed_by=START)
        assert found == {key: SeatCount(count, 0) for count, key in enumerate(keys, start=1)}

    def test_a_range_has_every_slot_with_a_seat_taken_and_no_other(self, book: AppointmentBook) -> None:
        keys = [slot(hours / 4) for hours in range(400)]
        book.commit([seats(key, 1, 1) for key in keys])
        book.commit([seats(key, -1, 1) for key in keys[::7]])
        whole = copy_with(around(slot()), from_=LONG_AGO, until=FAR_AHEAD)
        left = [key for place, key in enumerate(keys) if place % 7]
        assert book.seats_taken([whole], lapsed_by=START) == dict.fromkeys(left, SeatCount(1))

    @pytest.mark.parametrize("zone", [UTC, RIYADH])
    def test_lapsed_holds_are_counted_and_listed_from_the_instant_they_end(
        self, book: AppointmentBook, zone: timezone
    ) -> None:
        book.commit([held(1), held(2, YOU), booking(3, YOU, capacity=9)])
        ends = (START + timedelta(minutes=10)).astimezone(zone)
        assert seat_count_of(book, slot(), lapsed_by=ends - TICK) == SeatCount(3, 0)
        assert seat_count_of(book, slot(), lapsed_by=ends) == SeatCount(3, 2)
        assert [len(book.lapsed(by=moment)) for moment in (ends - TICK, ends, ends + TICK)] == [0, 2, 2]

    def test_lapsed_holds_come_soonest_first_and_no_more_than_the_limit(self, book: AppointmentBook) -> None:
        book.commit([held(1, minutes=30), held(3, minutes=10), held(2, minutes=10), held(4, at=slot(2), minutes=20)])
        assert [one.number for one in book.lapsed(by=FAR_AHEAD)] == [number(serial) for serial in (2, 3, 4, 1)]
        assert [one.number for one in book.lapsed(by=FAR_AHEAD, limit=2)] == [number(2), number(3)]
        of_slot = book.lapsed(by=FAR_AHEAD, slot=slot(), limit=9)
        assert [one.number for one in of_slot] == [number(serial) for serial in (2, 3, 1)]
        assert book.lapsed(by=FAR_AHEAD, limit=0) == book.lapsed(by=FAR_AHEAD, limit=-1) == []

    def test_of_many_lapsed_holds_a_hundred_are_listed_unless_more_are_wanted(self, book: AppointmentBook) -> None:
        book.commit([held(serial, at=slot(serial % 3), minutes=serial + 1) for serial in range(MANY)])
        assert len(book.lapsed(by=FAR_AHEAD)) == 100
        assert [each.number for each in book.lapsed(by=FAR_AHEAD, limit=ALL)] == [number(n) for n in range(MANY)]

    def test_a_hold_that_ended_in_any_way_no_longer_lapses(self, book: AppointmentBook) -> None:
        book.commit([held(1), held(2, YOU), held(3, YOU, slot(2)), held(4, YOU)])
        endings = [cancelling(stored(book, 1)), confirming(stored(book, 2))]
        assert list(book.commit([*endings, expiring(stored(book, 3))])) == [Committed()] * 3
        hold = stored(book, 4)
        for _ in range(2):
            assert book.lapsed(by=FAR_AHEAD) == book.lapsed(by=FAR_AHEAD, slot=slot()) == [hold]
            assert (seat_count_of(book, slot(), lapsed_by=FAR_AHEAD), seat_count_of(book, slot(2))) == (
                SeatCount(2, 1),
                None,
            )
        assert stored(book, 4) == hold

    def test_an_audit_lists_what_is_stored_of_each_appointment(self, book: AppointmentBook) -> None:
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

    def test_an_audit_goes_page_by_page(self, book: AppointmentBook) -> None:
        book.commit([held(serial, at=slot(serial)) for serial in range(7)])
        everything = book.stored_appointments(after=None, limit=ALL)
        found: list[StoredAppointment] = []
        while page := book.stored_appointments(after=found[-1].number if found else None, limit=3):
            found += page
        assert found == everything
        assert len(everything) == 7
        assert book.stored_appointments(after=None, limit=0) == []

    def test_an_audit_lists_counts_of_slots_as_they_are_however_wrong(self, book: AppointmentBook) -> None:
        (without_seat,) = booking(1).appointments
        book.commit([seats(slot(2), 3, 9), Change(appointments=(without_seat,)), seats(slot(), 2, 9)])
        book.commit([held(2, at=slot(3)), seats(slot(3), -1, 0)])
        listed = book.audit_slots(after=None, limit=ALL)
        assert listed == [StoredSlot(slot(), 2, 1), StoredSlot(slot(2), 3, 0)]

    def test_slots_are_listed_page_by_page_by_branch_service_and_start(self, book: AppointmentBook) -> None:
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
        while page := book.audit_slots(after=found[-1].slot if found else None, limit=4):
            found += page
        assert [each.slot for each in found] == sorted(keys)
