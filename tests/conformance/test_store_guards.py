"""A change is written whole while its guards hold, and not at all once one of them doesn't."""

from typing import Any

import pytest
from attrs import evolve as copy_with

from tests.bookings import (
    ME,
    YOU,
    answer,
    booked,
    booking,
    cancelling,
    facts_of,
    number,
    seats_taken,
    slot,
    standing_of,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange, StandingGuard
from traffic_booking.domain.facts import Standing
from traffic_booking.domain.outcomes import Booked, Refused
from traffic_booking.domain.sign_in import SignInAttempts


def test_a_booking_is_written_whole(store):
    change = booking(1)
    assert store.commit([change]) == [Committed()]
    facts = facts_of(store, request_id="request-1")
    assert facts.answer == change.answer
    assert facts.taken == {slot(): 1}
    assert standing_of(store) == Standing(ME, 1, change.appointments)
    assert store.appointment(number(1)) == change.appointments[0]
    assert list(store.history(number(1))) == list(change.events)


def test_an_empty_change_is_committed(store):
    assert store.commit([Change()]) == [Committed()]


def test_no_changes_give_no_results(store):
    assert store.commit([]) == []


def test_a_second_use_of_a_request_id_conflicts_and_brings_the_first_answer(store):
    first = booking(1)
    store.commit([first])
    again = copy_with(booking(2, YOU, slot(2)), answer=answer("request-1", Refused(()), YOU))
    assert store.commit([again]) == [Conflict(guard=Guard.REQUEST, answer=first.answer)]
    assert store.appointment(number(2)) is None


def test_a_refusal_is_remembered_under_its_request_id(store):
    refused = answer("no", Refused(()))
    assert store.commit([Change(answer=refused)]) == [Committed()]
    assert facts_of(store, request_id="no").answer == refused
    assert store.commit([Change(answer=refused)]) == [Conflict(guard=Guard.REQUEST, answer=refused)]


def test_a_once_key_is_spent_once(store):
    assert store.commit([Change(once=("code-1",))]) == [Committed()]
    assert store.commit([Change(once=("code-2", "code-1"))]) == [Conflict(guard=Guard.ONCE)]
    assert store.commit([Change(once=("code-2",))]) == [Committed()]


def test_a_once_key_twice_in_one_change_conflicts(store):
    assert store.commit([Change(once=("code", "code"))]) == [Conflict(guard=Guard.ONCE)]
    assert store.commit([Change(once=("code",))]) == [Committed()]


@pytest.mark.parametrize("expected", [0, 2])
def test_a_standing_that_has_moved_on_conflicts(store, expected):
    store.commit([Change(standing=StandingGuard(ME, 0))])
    assert store.commit([Change(standing=StandingGuard(ME, expected))]) == [Conflict(guard=Guard.STANDING)]
    assert store.commit([Change(standing=StandingGuard(ME, 1))]) == [Committed()]


def test_standings_of_different_people_are_independent(store):
    guards = [Change(standing=StandingGuard(person, 0)) for person in (ME, YOU)]
    assert store.commit(guards) == [Committed(), Committed()]


def test_a_new_appointment_under_a_number_in_use_conflicts(store):
    store.commit([booking(1)])
    appointment, event = booked(1, YOU, slot(2))
    assert store.commit([Change(appointments=(appointment,), events=(event,))]) == [Conflict(guard=Guard.APPOINTMENT)]
    assert store.appointment(number(1)).applicant == ME


@pytest.mark.parametrize("version", [1, 3])
def test_an_appointment_must_follow_the_stored_version(store, version):
    store.commit([booking(1)])
    appointment = copy_with(store.appointment(number(1)), version=version)
    assert store.commit([Change(appointments=(appointment,))]) == [Conflict(guard=Guard.APPOINTMENT)]


def test_a_first_version_must_be_one(store):
    appointment, _ = booked(1)
    assert store.commit([Change(appointments=(copy_with(appointment, version=2),))]) == [
        Conflict(guard=Guard.APPOINTMENT)
    ]


def test_of_two_cancellations_one_wins(store):
    store.commit([booking(1)])
    cancel = cancelling(store.appointment(number(1)), standing=1)
    again = copy_with(cancel, standing=None)
    assert store.commit([cancel, again]) == [Committed(), Conflict(guard=Guard.APPOINTMENT)]
    assert seats_taken(store) == 0


@pytest.mark.parametrize("version", [1, 3])
def test_sign_in_attempts_must_follow_the_stored_version(store, version):
    store.commit([Change(attempts=SignInAttempts(applicant=ME, version=1, failures=1))])
    stale = Change(attempts=SignInAttempts(applicant=ME, version=version, failures=9))
    assert store.commit([stale]) == [Conflict(guard=Guard.ATTEMPTS)]
    assert store.sign_in_attempts(ME).failures == 1


@pytest.mark.parametrize(("before", "delta", "granted"), [(1, 1, True), (2, 1, True), (3, 1, False), (2, 2, False)])
def test_seats_are_taken_up_to_the_capacity(store, before, delta, granted):
    store.commit([Change(seats=(SeatChange(slot(), before, 3),))])
    expected = Committed() if granted else Conflict(guard=Guard.SEATS, slot=slot())
    assert store.commit([Change(seats=(SeatChange(slot(), delta, 3),))]) == [expected]
    assert seats_taken(store) == before + delta * granted


def test_no_seat_is_taken_of_a_slot_without_any(store):
    assert store.commit([Change(seats=(SeatChange(slot(), 1, 0),))]) == [Conflict(guard=Guard.SEATS, slot=slot())]


def test_seats_never_fall_below_none(store):
    store.commit([Change(seats=(SeatChange(slot(), 1, 1),))])
    assert store.commit([Change(seats=(SeatChange(slot(), -2, 9),))]) == [Conflict(guard=Guard.SEATS, slot=slot())]
    assert store.commit([Change(seats=(SeatChange(slot(2), -1, 9),))]) == [Conflict(guard=Guard.SEATS, slot=slot(2))]
    assert store.commit([Change(seats=(SeatChange(slot(), -1, 0),))]) == [Committed()]


def test_seats_are_given_back_even_above_a_lowered_capacity(store):
    store.commit([Change(seats=(SeatChange(slot(), 5, 5),))])
    assert store.commit([Change(seats=(SeatChange(slot(), -1, 2),))]) == [Committed()]
    assert store.commit([Change(seats=(SeatChange(slot(), 1, 2),))]) == [Conflict(guard=Guard.SEATS, slot=slot())]
    assert seats_taken(store) == 4


def test_the_slot_without_a_seat_is_named_among_several(store):
    store.commit([Change(seats=(SeatChange(slot(2), 1, 1),))])
    move = Change(seats=(SeatChange(slot(3), 1, 1), SeatChange(slot(2), 1, 1)))
    assert store.commit([move]) == [Conflict(guard=Guard.SEATS, slot=slot(2))]
    assert seats_taken(store, slot(3)) == 0


def test_guards_are_reported_in_their_documented_order(store):
    """Every guard fails at first; as they are mended one by one, the next one is reported."""
    store.commit([booking(1), Change(once=("code",), attempts=SignInAttempts(applicant=ME, version=1))])
    appointment, _ = booked(1)
    taken = answer("request-1", Booked(appointment))
    fresh = answer("request-2", Booked(appointment))
    change = Change(
        answer=taken,
        once=("code",),
        calendar_revision=1,
        standing=StandingGuard(ME, 0),
        appointments=(appointment,),
        attempts=SignInAttempts(applicant=ME, version=1),
        seats=(SeatChange(slot(), 1, 1),),
    )
    mended: list[dict[str, Any]] = [
        {"answer": fresh},
        {"once": ("another-code",)},
        {"calendar_revision": 0},
        {"standing": StandingGuard(ME, 1)},
        {"appointments": (copy_with(appointment, version=2),)},
        {"attempts": SignInAttempts(applicant=ME, version=2)},
        {"seats": (SeatChange(slot(), 1, 2),)},
    ]
    reported = []
    for mend in mended:
        reported.append(store.commit([change])[0].guard)
        change = copy_with(change, **mend)
    assert reported == list(Guard)
    assert store.commit([change]) == [Committed()]


@pytest.mark.parametrize(
    "broken",
    [
        {"once": ("code",)},
        {"standing": StandingGuard(ME, 7)},
        {"seats": (SeatChange(slot(5), 1, 1), SeatChange(slot(), 1, 0))},
    ],
    ids=["once", "standing", "seats"],
)
def test_a_conflict_leaves_nothing_of_its_change_behind(store, broken: dict[str, Any]):
    store.commit([Change(once=("code",))])
    change = copy_with(copy_with(booking(1), once=("fresh",)), **broken)
    assert isinstance(store.commit([change])[0], Conflict)
    facts = facts_of(store, request_id="request-1")
    assert facts.answer is None
    assert standing_of(store) == Standing(ME)
    assert seats_taken(store, slot(5)) == 0
    assert list(store.history(number(1))) == []
    assert store.commit([Change(once=("fresh",))]) == [Committed()]
