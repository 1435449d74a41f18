"""Changes of a batch are independent, and each sees those before it."""

from tests.bookings import YOU, booking, cancelling, number, seats_taken, slot, standing_of, without_answer
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
