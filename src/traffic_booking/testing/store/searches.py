"""What a search reads: the seats taken in ranges of slots, and a person's appointments, page by page."""

import pytest
from attrs import evolve as copy_with

from traffic_booking.domain.changes import Change, SeatChange
from traffic_booking.domain.slots import Taken
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    START,
    TICK,
    YOU,
    around,
    booking,
    cancelling,
    number,
    seats,
    slot,
    stored,
    taken_of,
)
from traffic_booking.testing.store.base import StoreCases


class SearchCases(StoreCases):
    """Ranges, orders and limits."""

    def test_no_ranges_have_no_seats_taken(self, store: Store) -> None:
        store.commit([booking(1)])
        assert store.taken([], lapsed_by=START) == {}

    def test_taken_is_inclusive_from_and_exclusive_until(self, store: Store) -> None:
        store.commit([booking(1)])
        at = slot().starts_at
        bounds = [(at, at + TICK), (at - TICK, at), (at + TICK, FAR_AHEAD), (LONG_AGO, FAR_AHEAD), (at, at)]
        found = [len(store.taken([copy_with(around(slot()), from_=a, until=b)], lapsed_by=START)) for a, b in bounds]
        assert found == [1, 0, 0, 1, 0]

    def test_taken_tells_branches_and_services_apart(self, store: Store) -> None:
        keys = [slot(), slot(service="transfer"), slot(branch="south")]
        store.commit([Change(seats=(SeatChange(key, count, 9),)) for count, key in enumerate(keys, start=1)])
        found = store.taken([around(key) for key in keys], lapsed_by=START)
        assert found == {key: Taken(count, 0) for count, key in enumerate(keys, start=1)}

    def test_overlapping_ranges_name_a_slot_once(self, store: Store) -> None:
        store.commit([booking(1)])
        assert store.taken([around(slot())] * 2, lapsed_by=START) == {slot(): Taken(1)}

    def test_a_range_holds_every_slot_with_a_seat_taken(self, store: Store) -> None:
        keys = [slot(hours / 4) for hours in range(400)]
        store.commit([seats(key, 1, 1) for key in keys])
        whole = copy_with(around(slot()), from_=LONG_AGO, until=FAR_AHEAD)
        assert store.taken([whole], lapsed_by=START) == dict.fromkeys(keys, Taken(1))

    def test_a_slot_whose_seats_are_all_free_again_is_left_out(self, store: Store) -> None:
        store.commit([booking(1)])
        store.commit([cancelling(stored(store, 1), standing=1)])
        assert taken_of(store, slot()) is None

    @pytest.mark.parametrize(("limit", "serials"), [(0, []), (1, [3]), (2, [3, 2]), (9, [3, 2, 1])])
    def test_appointments_of_a_person_come_latest_first(self, store: Store, limit: int, serials: list[int]) -> None:
        store.commit(
            [
                booking(1, at=slot(1)),
                booking(3, at=slot(2), standing=1, capacity=9),
                booking(2, at=slot(2), standing=2, capacity=9),
                booking(4, YOU, slot(3)),
            ]
        )
        assert [one.number for one in store.appointments_of(ME, limit=limit)] == [number(serial) for serial in serials]

    def test_limits_cut_off_long_lists_and_nothing_else_does(self, store: Store) -> None:
        store.commit([booking(serial, at=slot(serial), standing=serial) for serial in range(150)])
        assert len(store.appointments_of(ME, limit=149)) == 149
        assert len(store.appointments_of(ME, limit=10_000)) == 150
        assert len(store.appointments_of(made_up_person(77), limit=10_000)) == 0
