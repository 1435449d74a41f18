"""Several processes on one store: what one has committed, all the others go by."""

from collections import Counter
from collections.abc import Callable

from traffic_booking.domain.changes import Committed, Conflict, Guard
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.sample_changes import booking, facts_of, number, seats_taken, slot, stored
from traffic_booking.testing.store.base import StoreCases, StoreOpener
from traffic_booking.testing.store.process_race import PROCESSES, race_of_processes
from traffic_booking.testing.suite import case

SEATS = 3
THREADS = 4


def wants_the_slot(store: Store, place: int) -> Committed | Conflict:
    """One caller of many, each with a person of its own."""
    return store.commit([booking(place, made_up_person(place), capacity=SEATS)])[0]


def sends_the_request_again(store: Store, _: int) -> Committed | Conflict:
    """One caller of many, all with the same request."""
    return store.commit([booking(1, capacity=PROCESSES * THREADS)])[0]


class ProcessCases(StoreCases):
    """Two handles in one process, and processes that open the store at once."""

    @case(needs=[Capability.CROSS_PROCESS, Capability.DURABLE])
    def test_two_handles_on_one_store_see_each_other_at_once(self, open_again: Callable[[], Store]) -> None:
        one, other = open_again(), open_again()
        assert facts_of(other).taken == {slot(): 0}
        one.commit([booking(1, capacity=2)])
        assert stored(other, 1) == stored(one, 1)
        assert list(other.commit([booking(2, standing=0)])) == [Conflict(guard=Guard.STANDING)]
        assert list(other.commit([booking(3, made_up_person(3), capacity=2)])) == [Committed()]
        assert list(one.commit([booking(4, made_up_person(4), capacity=2)])) == [
            Conflict(guard=Guard.SEATS, slot=slot())
        ]
        one.close()
        assert seats_taken(other) == 2

    @case(needs=[Capability.CROSS_PROCESS, Capability.DURABLE])
    def test_as_many_processes_get_a_slot_as_it_has_seats(
        self, open_store: StoreOpener, open_again: Callable[[], Store]
    ) -> None:
        """They open a store that nobody has opened before, all at once."""
        results = race_of_processes(open_store, wants_the_slot, awaited=self.is_awaited, threads=THREADS)
        refused = Conflict(guard=Guard.SEATS, slot=slot())
        callers = PROCESSES * THREADS
        assert Counter(results) == {Committed(): SEATS, refused: callers - SEATS}
        store = open_again()
        assert seats_taken(store) == SEATS
        assert sum(store.appointment(number(place)) is not None for place in range(callers)) == SEATS

    @case(needs=[Capability.CROSS_PROCESS, Capability.DURABLE])
    def test_a_request_sent_by_many_processes_is_answered_once(
        self, open_store: StoreOpener, open_again: Callable[[], Store]
    ) -> None:
        results = race_of_processes(open_store, sends_the_request_again, awaited=self.is_awaited, threads=THREADS)
        first = booking(1).answer
        callers = PROCESSES * THREADS
        assert Counter(results) == {Committed(): 1, Conflict(guard=Guard.REQUEST, answer=first): callers - 1}
        assert seats_taken(open_again()) == 1
