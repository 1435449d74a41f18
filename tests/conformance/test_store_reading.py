"""What a store answers: snapshots, ranges, orders, limits, and what isn't there."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with

from tests.bookings import (
    FAR_AHEAD,
    LONG_AGO,
    ME,
    YOU,
    about,
    around,
    booking,
    cancelling,
    facts_of,
    held,
    number,
    slot,
    standing_of,
    taken_of,
)
from tests.small_town import START
from traffic_booking.domain.changes import Change, Committed, Conflict, SeatChange
from traffic_booking.domain.facts import Standing
from traffic_booking.domain.slots import Taken

TICK = timedelta(microseconds=1)


def test_an_empty_store_knows_nobody_and_no_seats(store):
    facts = facts_of(store)
    assert (facts.answer, facts.appointment, facts.taken) == (None, None, {slot(): 0})
    assert facts.standing == Standing(ME, 0, ())
    assert store.appointment(number(1)) is None
    assert list(store.history(number(1))) == []
    assert list(store.appointments_of(ME, limit=10)) == []
    assert list(store.lapsed(by=FAR_AHEAD)) == []
    assert store.taken([around(slot())], lapsed_by=START) == {}


def test_no_queries_get_no_facts(store):
    assert list(store.facts([])) == []
    assert store.taken([], lapsed_by=START) == {}


def test_facts_come_in_the_order_of_the_queries(store):
    store.commit([booking(1), booking(2, YOU, slot(2))])
    facts = store.facts([about(YOU), about(ME), about(YOU, request_id="request-1")])
    assert [one.standing and one.standing.applicant for one in facts] == [YOU, ME, YOU]
    assert [one.answer is not None for one in facts] == [False, False, True]


def test_facts_about_nobody_have_no_standing(store):
    assert store.facts([about()])[0].standing is None


def test_facts_about_a_number_have_its_appointment_and_its_applicant(store):
    store.commit([booking(1)])
    facts = store.facts([about(number=number(1))])[0]
    assert facts.appointment == store.appointment(number(1))
    assert facts.standing == Standing(ME, 1, (facts.appointment,))


def test_facts_about_an_unknown_number_have_neither(store):
    facts = store.facts([about(number=number(1))])[0]
    assert (facts.appointment, facts.standing) == (None, None)


def test_facts_have_an_entry_for_every_slot_asked_about(store):
    store.commit([booking(1)])
    assert store.facts([about(slots=(slot(2), slot()))])[0].taken == {slot(2): 0, slot(): 1}


def test_a_standing_leaves_out_what_has_ended(store):
    store.commit([booking(1), booking(2, at=slot(2), standing=1)])
    ends = store.appointment(number(1)).slot_ends_at
    numbers = [
        [one.number for one in standing_of(store, ending_after=moment).appointments]
        for moment in (ends - TICK, ends, ends + TICK)
    ]
    assert numbers == [[number(1), number(2)], [number(2)], [number(2)]]


def test_a_standing_has_appointments_of_every_state_by_start_and_number(store):
    store.commit([booking(3, at=slot(4)), held(2, at=slot(4)), booking(1, at=slot(2), standing=1)])
    store.commit([cancelling(store.appointment(number(1)), standing=2)])
    assert [one.number for one in standing_of(store).appointments] == [number(1), number(2), number(3)]


def test_taken_is_inclusive_from_and_exclusive_until(store):
    store.commit([booking(1)])
    at = slot().starts_at
    bounds = [(at, at + TICK), (at - TICK, at), (at + TICK, FAR_AHEAD), (LONG_AGO, FAR_AHEAD), (at, at)]
    found = [len(store.taken([copy_with(around(slot()), from_=a, until=b)], lapsed_by=START)) for a, b in bounds]
    assert found == [1, 0, 0, 1, 0]


def test_taken_tells_branches_and_services_apart(store):
    keys = [slot(), slot(service="transfer"), slot(branch="south")]
    store.commit([Change(seats=(SeatChange(key, seats, 9),)) for seats, key in enumerate(keys, start=1)])
    found = store.taken([around(key) for key in keys], lapsed_by=START)
    assert found == {key: Taken(seats, 0) for seats, key in enumerate(keys, start=1)}


def test_overlapping_ranges_name_a_slot_once(store):
    store.commit([booking(1)])
    assert store.taken([around(slot())] * 2, lapsed_by=START) == {slot(): Taken(1)}


def test_a_slot_whose_seats_are_all_free_again_is_left_out(store):
    store.commit([booking(1)])
    store.commit([cancelling(store.appointment(number(1)), standing=1)])
    assert taken_of(store, slot()) is None


def test_lapsed_holds_are_counted_apart_from_the_instant_they_end(store):
    store.commit([held(1), held(2, YOU), booking(3, YOU, capacity=9)])
    ends = START + timedelta(minutes=10)
    assert taken_of(store, slot(), lapsed_by=ends - TICK) == Taken(3, 0)
    assert taken_of(store, slot(), lapsed_by=ends) == Taken(3, 2)


def test_lapsed_holds_come_soonest_first_and_no_more_than_asked_for(store):
    store.commit([held(1, minutes=30), held(3, minutes=10), held(2, minutes=10), held(4, at=slot(2), minutes=20)])
    assert [one.number for one in store.lapsed(by=FAR_AHEAD)] == [number(serial) for serial in (2, 3, 4, 1)]
    assert [one.number for one in store.lapsed(by=FAR_AHEAD, limit=2)] == [number(2), number(3)]
    assert [one.number for one in store.lapsed(by=FAR_AHEAD, slot=slot(), limit=9)] == [
        number(serial) for serial in (2, 3, 1)
    ]
    assert [one.number for one in store.lapsed(by=START + timedelta(minutes=20))] == [
        number(serial) for serial in (2, 3, 4)
    ]


def test_a_hold_that_became_something_else_no_longer_lapses(store):
    store.commit([held(1)])
    store.commit([cancelling(store.appointment(number(1)), standing=0)])
    assert list(store.lapsed(by=FAR_AHEAD)) == []


@pytest.mark.parametrize(("limit", "serials"), [(0, []), (1, [3]), (2, [3, 2]), (9, [3, 2, 1])])
def test_appointments_of_a_person_come_latest_first(store, limit, serials):
    store.commit(
        [
            booking(1, at=slot(1)),
            booking(3, at=slot(2), standing=1, capacity=9),
            booking(2, at=slot(2), standing=2, capacity=9),
            booking(4, YOU, slot(3)),
        ]
    )
    assert [one.number for one in store.appointments_of(ME, limit=limit)] == [number(serial) for serial in serials]


def test_history_has_every_event_in_its_order(store):
    store.commit([booking(1)])
    cancel = cancelling(store.appointment(number(1)), standing=1)
    store.commit([cancel])
    assert [event.version for event in store.history(number(1))] == [1, 2]
    assert store.history(number(1))[1] == cancel.events[0]


def test_two_slots_a_microsecond_apart_are_two(store):
    near = slot(microseconds=1)
    assert store.commit([booking(1), booking(2, YOU, near)]) == [Committed(), Committed()]
    assert store.appointment(number(2)).slot == near
    assert isinstance(store.commit([booking(3, YOU, slot(), standing=1)])[0], Conflict)


def test_what_was_read_stays_as_it_was(store):
    store.commit([held(1)])
    facts, standing, found = facts_of(store), standing_of(store), store.appointments_of(ME, limit=9)
    holds, seats = store.lapsed(by=FAR_AHEAD), store.taken([around(slot())], lapsed_by=START)
    events = store.history(number(1))
    store.commit([cancelling(store.appointment(number(1)), standing=0)])
    assert facts.taken == {slot(): 1}
    assert standing.appointments == tuple(found)
    assert len(found) == len(holds) == len(events) == 1
    assert seats == {slot(): Taken(1, 0)}


def test_changing_what_was_read_changes_nothing_stored(store):
    store.commit([booking(1)])
    for read in (facts_of(store).taken, store.taken([around(slot())], lapsed_by=START)):
        assert isinstance(read, dict)
        read.clear()
    assert facts_of(store).taken == {slot(): 1}
    assert taken_of(store, slot()) == Taken(1)
