"""Outcomes are truthy if they did what was asked."""

from datetime import timedelta

from tests.desks import open_desk
from tests.small_town import START
from traffic_booking import AppointmentState, Held, NotSignedIn, Refused, SignInFault, Throttled
from traffic_booking.testing import MovableClock, made_up_person

ME = made_up_person(1)


def test_a_refusal_is_falsy_and_a_granted_outcome_truthy():
    with open_desk() as desk:
        slot = desk.find_slots(service="renewal", branch="north", limit=1)[0]
        assert desk.hold(slot, applicant=ME, request_id="a")
        refused = desk.book(slot, applicant=made_up_person(2), agreed=True, request_id="b")
        assert isinstance(refused, Refused)
        assert not refused
        assert not Throttled(desk.clock.now())
        assert not NotSignedIn(SignInFault.WRONG_CREDENTIALS)


def test_a_hold_that_has_run_out_is_read_as_expired_before_anybody_records_its_end():
    clock = MovableClock(START)
    with open_desk(clock=clock) as desk:
        slot = desk.find_slots(service="renewal", branch="north", limit=1)[0]
        held = desk.hold(slot, applicant=ME, request_id="a")
        assert isinstance(held, Held)
        number = held.appointment.number
        clock.advance(timedelta(minutes=9))
        assert desk.appointment(number, by=ME).state is AppointmentState.HELD
        clock.advance(timedelta(minutes=1))
        assert desk.appointment(number, by=ME).state is AppointmentState.EXPIRED
        (listed,) = desk.appointments(ME).expired
        assert listed.state is AppointmentState.EXPIRED
        assert listed.version == held.appointment.version


def test_a_refused_cancellation_is_explained_in_one_text():
    with open_desk() as desk:
        answer = desk.may_cancel("001N-G06E-S9ZM", by=ME)
        assert not answer
        assert answer.message("en") == answer.refused[0].message("en")
