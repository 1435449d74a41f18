"""Outcomes are truthy if they did what was asked."""

from tests.desks import open_desk
from traffic_booking import NotSignedIn, Refused, SignInFault, Throttled
from traffic_booking.testing import made_up_person

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


def test_a_refused_cancellation_is_explained_in_one_text():
    with open_desk() as desk:
        answer = desk.may_cancel("001N-G06E-S9ZM", by=ME)
        assert not answer
        assert answer.message("en") == answer.refused[0].message("en")
