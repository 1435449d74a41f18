"""Changes of a batch are independent, and each sees those before it."""

from tests.bookings import (
    FAR_AHEAD,
    LONG_AGO,
    YOU,
    about,
    booking,
    cancelling,
    number,
    seats_taken,
    slot,
    standing_of,
    without_answer,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.testing import made_up_person


def test_a_conflict_leaves_its_neighbours_alone(store):
    results = store.commit([booking(1), booking(2, YOU), booking(3, YOU, slot(2))])
    assert results == [Committed(), Conflict(guard=Guard.SEATS, slot=slot()), Committed()]
    assert [store.appointment(number(serial)) is not None for serial in (1, 2, 3)] == [True, False, True]


def test_results_come_in_the_order_of_the_changes(store):
    people = [made_up_person(serial) for serial in range(8)]
    changes = [booking(serial, person, capacity=3) for serial, person in enumerate(people)]
    granted = [isinstance(result, Committed) for result in store.commit(changes)]
    assert granted == [True] * 3 + [False] * 5
    assert seats_taken(store) == 3


def test_a_later_change_takes_the_seat_that_an_earlier_one_gives_back(store):
    store.commit([booking(1)])
    cancel = cancelling(store.appointment(number(1)), standing=1)
    assert store.commit([booking(2, YOU), cancel, booking(3, YOU)]) == [
        Conflict(guard=Guard.SEATS, slot=slot()),
        Committed(),
        Committed(),
    ]


def test_a_later_change_sees_the_answer_of_an_earlier_one(store):
    first = booking(1)
    assert store.commit([first, first]) == [Committed(), Conflict(guard=Guard.REQUEST, answer=first.answer)]


def test_a_later_change_sees_the_standing_after_an_earlier_one(store):
    changes = [booking(1), booking(2, at=slot(2), standing=0), booking(3, at=slot(3), standing=1)]
    assert store.commit(changes) == [Committed(), Conflict(guard=Guard.STANDING), Committed()]


def test_a_once_key_is_spent_by_the_first_of_a_batch(store):
    assert store.commit([Change(once=("code",))] * 2) == [Committed(), Conflict(guard=Guard.ONCE)]


def test_a_large_batch_is_one_commit(store):
    people = [made_up_person(serial) for serial in range(1000)]
    changes = [without_answer(booking(serial, person, capacity=1000)) for serial, person in enumerate(people)]
    assert set(store.commit(changes)) == {Committed()}
    assert seats_taken(store) == 1000
    assert standing_of(store).version == 1


def test_an_appointment_that_comes_up_twice_in_a_batch_goes_through_both_its_states(store):
    store.commit([booking(1)])
    booked_now = booking(2, YOU, slot(2))
    changes = [
        cancelling(store.appointment(number(1)), standing=1),
        booked_now,
        cancelling(booked_now.appointments[0], standing=1),
    ]

    assert store.commit(changes) == [Committed()] * 3
    assert [store.appointment(number(serial)).version for serial in (1, 2)] == [2, 2]
    assert [event.version for event in store.history(number(2))] == [1, 2]
    assert (seats_taken(store), seats_taken(store, slot(2))) == (0, 0)


def test_the_facts_of_many_are_those_of_each(store):
    people = [made_up_person(serial) for serial in range(300)]
    for serial, person in enumerate(people):
        store.commit([booking(serial, person, slot(serial % 7), capacity=100)])
    queries = [
        about(
            person,
            request_id=f"request-{serial}",
            slots=(slot(serial % 7), slot(serial % 5)),
            ending_after=LONG_AGO if serial % 3 else FAR_AHEAD,
        )
        for serial, person in enumerate(people)
    ]
    queries += [about(number=number(serial), request_id="nobody-asked") for serial in (1, 1, 299, 300)]
    queries += [about(people[0]), about(people[0], ending_after=FAR_AHEAD), about()]

    assert list(store.facts(queries)) == [store.facts([query])[0] for query in queries]
