"""Changes of a batch are independent, and each sees those before it."""

from threading import Event

from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.sample_changes import (
    YOU,
    about,
    booking,
    cancelling,
    number,
    seats,
    seats_taken,
    slot,
    standing_of,
    stored,
    without_answer,
)
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.suite import case

LARGE = 1000
"""Changes of one batch."""
ROUNDS = 60


class BatchCases(StoreCases):
    """Independence and order."""

    def test_a_conflict_leaves_its_neighbours_alone(self, store: Store) -> None:
        results = store.commit([booking(1), booking(2, YOU), booking(3, YOU, slot(2))])
        assert list(results) == [Committed(), Conflict(guard=Guard.SEATS, slot=slot()), Committed()]
        assert [store.appointment(number(serial)) is not None for serial in (1, 2, 3)] == [True, False, True]

    def test_a_conflict_at_the_end_undoes_nothing_before_it(self, store: Store) -> None:
        results = store.commit([booking(1), booking(3, YOU, slot(2)), booking(2, YOU, standing=1)])
        assert list(results) == [Committed(), Committed(), Conflict(guard=Guard.SEATS, slot=slot())]
        assert [store.appointment(number(serial)) is not None for serial in (1, 2, 3)] == [True, False, True]

    def test_results_come_in_the_order_of_the_changes(self, store: Store) -> None:
        people = [made_up_person(serial) for serial in range(8)]
        changes = [booking(serial, person, capacity=3) for serial, person in enumerate(people)]
        granted = [isinstance(result, Committed) for result in store.commit(changes)]
        assert granted == [True] * 3 + [False] * 5
        assert seats_taken(store) == 3

    def test_a_later_change_takes_the_seat_that_an_earlier_one_gives_back(self, store: Store) -> None:
        store.commit([booking(1)])
        cancel = cancelling(stored(store, 1), standing=1)
        assert list(store.commit([booking(2, YOU), cancel, booking(3, YOU)])) == [
            Conflict(guard=Guard.SEATS, slot=slot()),
            Committed(),
            Committed(),
        ]

    def test_a_later_change_sees_the_answer_of_an_earlier_one(self, store: Store) -> None:
        first = booking(1)
        assert list(store.commit([first, first])) == [Committed(), Conflict(guard=Guard.REQUEST, answer=first.answer)]

    def test_a_later_change_sees_the_standing_after_an_earlier_one(self, store: Store) -> None:
        changes = [booking(1), booking(2, at=slot(2), standing=0), booking(3, at=slot(3), standing=1)]
        assert list(store.commit(changes)) == [Committed(), Conflict(guard=Guard.STANDING), Committed()]

    def test_an_appointment_that_comes_up_twice_in_a_batch_goes_through_both_its_states(self, store: Store) -> None:
        store.commit([booking(1)])
        booked_now = booking(2, YOU, slot(2))
        changes = [
            cancelling(stored(store, 1), standing=1),
            booked_now,
            cancelling(booked_now.appointments[0], standing=1),
        ]
        assert list(store.commit(changes)) == [Committed()] * 3
        assert [stored(store, serial).version for serial in (1, 2)] == [2, 2]
        assert [event.version for event in store.history(number(2))] == [1, 2]
        assert (seats_taken(store), seats_taken(store, slot(2))) == (0, 0)

    def test_a_once_key_is_spent_by_the_first_of_a_batch(self, store: Store) -> None:
        assert list(store.commit([Change(once=("code",))] * 2)) == [Committed(), Conflict(guard=Guard.ONCE)]

    @case(needs=[Capability.BATCH])
    def test_a_large_batch_is_committed_in_its_order(self, store: Store) -> None:
        people = [made_up_person(serial) for serial in range(LARGE)]
        changes = [without_answer(booking(serial, person, capacity=LARGE - 1)) for serial, person in enumerate(people)]
        results = list(store.commit(changes))
        assert results == [Committed()] * (LARGE - 1) + [Conflict(guard=Guard.SEATS, slot=slot())]
        assert seats_taken(store) == LARGE - 1
        assert standing_of(store).version == 1

    @case(needs=[Capability.BATCH])
    def test_a_batch_is_seen_whole_or_not_at_all(self, store: Store) -> None:
        """One writes batches that change the first and the last of many slots alike; another reads both."""
        slots = [slot(hours) for hours in range(10)]
        done = Event()

        def write() -> set[int]:
            try:
                for _ in range(ROUNDS):
                    store.commit([seats(each, 1, ROUNDS) for each in slots])
            finally:
                done.set()
            return {0}

        def read() -> set[int]:
            apart: set[int] = set()
            while not done.is_set():
                taken = store.facts([about(slots=(slots[0], slots[-1]))])[0].taken
                apart.add(taken[slots[0]] - taken[slots[-1]])
            return apart

        assert set().union(*at_once([write, read])) == {0}
        assert seats_taken(store, slots[-1]) == ROUNDS
