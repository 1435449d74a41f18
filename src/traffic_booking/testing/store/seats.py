"""Seats are bounded counters: never more taken than the capacity in force when they are, never fewer than none."""

import pytest

from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import YOU, booking, cancelling, seats, seats_taken, slot, stored
from traffic_booking.testing.store.base import StoreCases


class SeatCases(StoreCases):
    """Taking seats and giving them back."""

    @pytest.mark.parametrize(("before", "delta", "granted"), [(1, 1, True), (2, 1, True), (3, 1, False), (2, 2, False)])
    def test_seats_are_taken_up_to_the_capacity(self, store: Store, before: int, delta: int, granted: bool) -> None:  # noqa: FBT001 - pytest passes it by name
        store.commit([seats(slot(), before, 3)])
        expected = Committed() if granted else Conflict(guard=Guard.SEATS, slot=slot())
        assert list(store.commit([seats(slot(), delta, 3)])) == [expected]
        assert seats_taken(store) == before + delta * granted

    def test_no_seat_is_taken_of_a_slot_without_any(self, store: Store) -> None:
        assert list(store.commit([seats(slot(), 1, 0)])) == [Conflict(guard=Guard.SEATS, slot=slot())]

    def test_seats_never_fall_below_none(self, store: Store) -> None:
        store.commit([seats(slot(), 1, 1)])
        assert list(store.commit([seats(slot(), -2, 9)])) == [Conflict(guard=Guard.SEATS, slot=slot())]
        assert list(store.commit([seats(slot(2), -1, 9)])) == [Conflict(guard=Guard.SEATS, slot=slot(2))]
        assert list(store.commit([seats(slot(), -1, 0)])) == [Committed()]
        assert seats_taken(store) == 0

    def test_seats_are_given_back_even_above_a_lowered_capacity(self, store: Store) -> None:
        store.commit([seats(slot(), 5, 5)])
        assert list(store.commit([seats(slot(), -1, 2)])) == [Committed()]
        assert list(store.commit([seats(slot(), 1, 2)])) == [Conflict(guard=Guard.SEATS, slot=slot())]
        assert seats_taken(store) == 4

    def test_the_slot_without_a_seat_is_named_among_several(self, store: Store) -> None:
        store.commit([seats(slot(2), 1, 1)])
        move = Change(seats=(SeatChange(slot(3), 1, 1), SeatChange(slot(2), 1, 1)))
        assert list(store.commit([move])) == [Conflict(guard=Guard.SEATS, slot=slot(2))]
        assert seats_taken(store, slot(3)) == 0

    def test_one_change_gives_back_a_seat_and_takes_another(self, store: Store) -> None:
        store.commit([seats(slot(), 1, 1)])
        move = Change(seats=(SeatChange(slot(), -1, 0), SeatChange(slot(2), 1, 1)))
        assert list(store.commit([move])) == [Committed()]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (0, 1)

    def test_a_cancellation_gives_back_one_seat_of_several(self, store: Store) -> None:
        store.commit([booking(1, capacity=3), booking(2, YOU, capacity=3), booking(3, YOU, standing=1, capacity=3)])
        store.commit([cancelling(stored(store, 1), standing=1)])
        assert seats_taken(store) == 2

    def test_a_refused_seat_can_be_taken_once_it_is_given_back(self, store: Store) -> None:
        store.commit([booking(1)])
        wanted = booking(2, YOU)
        for _ in range(3):
            assert list(store.commit([wanted])) == [Conflict(guard=Guard.SEATS, slot=slot())]
        store.commit([cancelling(stored(store, 1), standing=1)])
        assert list(store.commit([wanted])) == [Committed()]
        assert seats_taken(store) == 1

    def test_slots_a_microsecond_apart_or_of_another_branch_or_service_are_others(self, store: Store) -> None:
        keys = [slot(), slot(microseconds=1), slot(service="transfer"), slot(branch="south")]
        assert list(store.commit([seats(key, 1, 1) for key in keys])) == [Committed()] * len(keys)
        assert list(store.commit([seats(keys[1], 1, 1)])) == [Conflict(guard=Guard.SEATS, slot=keys[1])]
        assert [seats_taken(store, key) for key in keys] == [1] * len(keys)
