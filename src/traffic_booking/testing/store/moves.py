"""A move gives one seat back and takes another in one change: both or neither, under one number, whoever else moves."""

from attrs import evolve as copy_with

from traffic_booking.domain.changes import Committed, Conflict, Guard
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import (
    ME,
    START,
    YOU,
    around,
    booking,
    cancelling,
    moving,
    number,
    seats_taken,
    slot,
    standing_of,
    stored,
    taken_of,
)
from traffic_booking.testing.store.base import StoreCases


class MovingCases(StoreCases):
    """Appointments that change their slot."""

    def test_a_move_gives_the_old_seat_back_and_takes_the_new_one(self, store: Store) -> None:
        store.commit([booking(1)])
        assert list(store.commit([moving(stored(store, 1), slot(2), standing=1)])) == [Committed()]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (0, 1)
        assert taken_of(store, slot()) is None

    def test_a_moved_appointment_is_at_its_new_slot_alone_under_its_old_number(self, store: Store) -> None:
        store.commit([booking(1)])
        move = moving(stored(store, 1), slot(26, branch="south"), standing=1)
        store.commit([move])
        (moved,) = move.appointments
        assert store.appointment(number(1)) == moved
        assert standing_of(store).appointments == (moved,)
        assert list(store.appointments_of(ME, limit=10)) == [moved]
        new, old = around(moved.slot), around(slot())
        assert list(store.appointments_at(new.branch, from_=new.from_, until=new.until)) == [moved]
        assert list(store.appointments_at(old.branch, from_=old.from_, until=old.until)) == []

    def test_how_often_it_was_moved_and_each_move_in_its_history_come_back(self, store: Store) -> None:
        change = booking(1)
        store.commit([change])
        events = list(change.events)
        for times, to in enumerate([slot(2), slot(3, branch="south"), slot()], start=1):
            change = moving(stored(store, 1), to, standing=times)
            assert list(store.commit([change])) == [Committed()]
            events += change.events
            assert (stored(store, 1).moves, stored(store, 1).slot) == (times, to)
        assert list(store.history(number(1))) == events

    def test_a_move_to_a_full_slot_leaves_both_seats_and_the_appointment_as_they_were(self, store: Store) -> None:
        store.commit([booking(1), booking(2, YOU, slot(2))])
        before = stored(store, 1)
        assert list(store.commit([moving(before, slot(2), standing=1)])) == [Conflict(guard=Guard.SEATS, slot=slot(2))]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (1, 1)
        assert stored(store, 1) == before
        assert (standing_of(store).version, len(store.history(number(1)))) == (1, 1)

    def test_of_two_moves_of_one_appointment_the_later_conflicts_and_moves_no_seat(self, store: Store) -> None:
        store.commit([booking(1)])
        before = stored(store, 1)
        late = copy_with(moving(before, slot(3), standing=1), standing=None)
        assert list(store.commit([moving(before, slot(2), standing=1), late])) == [
            Committed(),
            Conflict(guard=Guard.APPOINTMENT),
        ]
        assert [seats_taken(store, slot(hours)) for hours in (1, 2, 3)] == [0, 1, 0]

    def test_two_moves_that_cross_each_other_both_get_through_where_there_is_room(self, store: Store) -> None:
        store.commit([booking(1, capacity=2), booking(2, YOU, slot(2), capacity=2)])
        mine, yours = stored(store, 1), stored(store, 2)
        crossing = [moving(mine, slot(2), standing=1, capacity=2), moving(yours, slot(), standing=1, capacity=2)]
        assert list(store.commit(crossing)) == [Committed(), Committed()]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (1, 1)
        assert (stored(store, 1).slot, stored(store, 2).slot) == (slot(2), slot())

    def test_a_later_change_takes_the_seat_that_a_move_leaves(self, store: Store) -> None:
        store.commit([booking(1)])
        batch = [moving(stored(store, 1), slot(2), standing=1), booking(2, YOU)]
        assert list(store.commit(batch)) == [Committed(), Committed()]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (1, 1)

    def test_what_was_moved_gives_back_the_seat_that_it_has_when_it_is_cancelled(self, store: Store) -> None:
        store.commit([booking(1)])
        store.commit([moving(stored(store, 1), slot(2), standing=1)])
        assert list(store.commit([cancelling(stored(store, 1), standing=2)])) == [Committed()]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (0, 0)
        assert standing_of(store, ending_after=START).version == 3
