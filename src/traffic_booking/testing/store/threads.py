"""Threads that compete for one thing: as many get it as there is, the others a conflict, and nobody an error."""

from collections import Counter
from functools import partial

from traffic_booking.domain.appointments import SEATED, AppointmentState
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange, StandingGuard
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person
from traffic_booking.testing.racing import RACERS, at_once, race
from traffic_booking.testing.sample_changes import (
    ME,
    about,
    booking,
    cancelling,
    confirming,
    expiring,
    facts_of,
    held,
    number,
    seats,
    seats_taken,
    slot,
    standing_of,
    stored,
)
from traffic_booking.testing.store.base import StoreCases

SEATS = 3
ROUNDS = 10
COMMITTED = Committed()


class ThreadCases(StoreCases):
    """Eight threads on one store."""

    def test_as_many_threads_get_a_slot_as_it_has_seats(self, store: Store) -> None:
        results = race(lambda place: store.commit([booking(place, made_up_person(place), capacity=SEATS)])[0])
        refused = Conflict(guard=Guard.SEATS, slot=slot())
        assert Counter(results) == {COMMITTED: SEATS, refused: RACERS - SEATS}
        kept = [store.appointment(number(place)) is not None for place in range(RACERS)]
        assert kept == [result == COMMITTED for result in results]
        assert seats_taken(store) == SEATS

    def test_of_changes_under_one_standing_one_is_committed(self, store: Store) -> None:
        results = race(lambda place: store.commit([booking(place, at=slot(place))])[0])
        assert Counter(results) == {COMMITTED: 1, Conflict(guard=Guard.STANDING): RACERS - 1}
        assert standing_of(store).version == len(standing_of(store).appointments) == 1

    def test_of_requests_under_one_id_one_is_answered_and_all_hear_its_answer(self, store: Store) -> None:
        first = booking(1, capacity=RACERS)
        results = race(lambda _: store.commit([first])[0])
        assert Counter(results) == {COMMITTED: 1, Conflict(guard=Guard.REQUEST, answer=first.answer): RACERS - 1}
        assert seats_taken(store) == 1
        assert len(store.history(number(1))) == 1

    def test_a_once_key_is_spent_by_one_of_many(self, store: Store) -> None:
        results = race(lambda _: store.commit([Change(once=("code",))])[0])
        assert Counter(results) == {COMMITTED: 1, Conflict(guard=Guard.ONCE): RACERS - 1}

    def test_of_confirmation_expiry_and_cancellation_one_wins(self, store: Store) -> None:
        store.commit([held(1)])
        hold = stored(store, 1)
        rivals = [confirming(hold, standing=0), expiring(hold), cancelling(hold, standing=0)]
        answers = at_once([partial(store.commit, [rival]) for rival in rivals])
        results = [result for (result,) in answers]
        assert results.count(COMMITTED) == 1
        winner = rivals[results.index(COMMITTED)]
        after = stored(store, 1)
        assert after == winner.appointments[0]
        assert list(store.history(number(1)))[1:] == list(winner.events)
        assert seats_taken(store) == (after.state is AppointmentState.BOOKED)

    def test_failed_sign_ins_are_counted_one_by_one(self, store: Store) -> None:
        attempts = SignInAttempts(applicant=ME, version=1, failures=1)
        results = race(lambda _: store.commit([Change(attempts=attempts)])[0])
        assert Counter(results) == {COMMITTED: 1, Conflict(guard=Guard.ATTEMPTS): RACERS - 1}

    def test_a_password_hash_is_replaced_by_one_of_many(self, store: Store) -> None:
        replaced = race(lambda place: store.replace_password_hash(ME, seen=None, encoded=f"hash-{place}"))
        assert Counter(replaced) == {True: 1, False: RACERS - 1}
        assert store.password_hash(ME) == f"hash-{replaced.index(True)}"

    def test_seats_taken_and_given_back_by_many_add_up(self, store: Store) -> None:
        def take_and_give_back(_: int) -> set[Committed | Conflict]:
            capacity = RACERS * (ROUNDS + 1)
            return {store.commit([seats(slot(), delta, capacity)])[0] for _ in range(ROUNDS) for delta in (1, 1, -1)}

        assert set().union(*race(take_and_give_back)) == {COMMITTED}
        assert seats_taken(store) == RACERS * ROUNDS

    def test_moves_in_opposite_directions_all_come_through(self, store: Store) -> None:
        here, there = slot(1), slot(2)
        store.commit([seats(here, RACERS, 99), seats(there, RACERS, 99)])

        def move(place: int) -> Committed | Conflict:
            from_, to = (here, there) if place % 2 else (there, here)
            return store.commit([Change(seats=(SeatChange(from_, -1, 0), SeatChange(to, 1, 99)))])[0]

        assert Counter(race(move)) == {COMMITTED: RACERS}
        assert (seats_taken(store, here), seats_taken(store, there)) == (RACERS, RACERS)

    def test_each_thread_reads_what_it_has_just_written(self, store: Store) -> None:
        def write_and_read(place: int) -> bool:
            person, at = made_up_person(place), slot(place)
            change = booking(place, person, at)
            store.commit([change])
            facts = facts_of(store, person, at, f"request-{place}")
            assert facts.standing is not None
            return (facts.answer, facts.taken[at], facts.standing.version) == (change.answer, 1, 1)

        assert race(write_and_read) == [True] * RACERS

    def test_facts_are_of_one_moment_while_others_write(self, store: Store) -> None:
        """A person books and cancels, again and again; whoever reads sees seat and appointment agree."""

        def write() -> list[bool]:
            for serial in range(ROUNDS):
                store.commit([booking(serial, standing=2 * serial)])
                store.commit([cancelling(stored(store, serial), standing=2 * serial + 1)])
            return []

        def read() -> list[bool]:
            agreeing = []
            for _ in range(4 * ROUNDS):
                facts = store.facts([about(ME, slots=(slot(),))])[0]
                assert facts.standing is not None
                seated = sum(one.state in SEATED for one in facts.standing.appointments)
                agreeing.append(facts.taken[slot()] == seated == facts.standing.version % 2)
            return agreeing

        assert {agree for found in at_once([write, read, read]) for agree in found} == {True}

    def test_a_reader_is_not_held_up_by_a_standing_that_moves_on(self, store: Store) -> None:
        """Everybody decides on the standing they read, and again where it moved on: in the end all are served."""

        def book(place: int) -> int:
            for attempt in range(1, 100 * RACERS):
                version = standing_of(store).version
                change = Change(standing=StandingGuard(ME, version), seats=(SeatChange(slot(place), 1, 1),))
                if store.commit([change])[0] == COMMITTED:
                    return attempt
            return 0

        assert all(race(book))
        assert standing_of(store).version == RACERS
