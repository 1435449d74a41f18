"""CL-01 as a truth table and as a property: the actors who may change the working calendar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU
from tests.cases import OPENING, STAFF, check_sentences, verdict_of
from traffic_booking import Clerk, Delegate, System
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.rules.cases import DeclarationCase
from traffic_booking.testing import made_up_applicant

DELEGATE = Delegate(person=YOU, applicant=ME, services=["renewal"], until=OPENING)
persons = st.integers(0, 10**6).map(made_up_applicant)
staff = st.from_regex(r"[a-z]{1,8}-[0-9]{1,3}", fullmatch=True).map(Clerk) | st.just(System())


@pytest.mark.rule("CL-01", evidence="table")
@pytest.mark.parametrize(
    ("serves", "about", "granted"),
    [
        (None, None, True),
        (None, "north", True),
        (["north"], "north", True),
        (["north"], "south", False),
        (["north"], None, False),
        (["north", "south"], "south", True),
    ],
)
def test_a_clerk_who_has_branches_changes_the_calendars_of_these_alone(serves, about, granted):
    case = DeclarationCase(Clerk("desk-1", branches=serves), about and BranchId(about))
    assert verdict_of("CL-01", case).granted is granted


@pytest.mark.rule("CL-01", evidence="table")
@pytest.mark.parametrize(("actor", "granted"), [(ME, False), (DELEGATE, False), *((one, True) for one in STAFF)])
def test_staff_change_the_calendar_and_nobody_else(actor, granted):
    verdict = verdict_of("CL-01", DeclarationCase(actor))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("CL-01", evidence="property")
@given(person=persons, clerk=staff)
def test_persons_change_no_calendar_and_staff_do_whoever_they_are(person, clerk):
    assert not verdict_of("CL-01", DeclarationCase(person)).granted
    assert verdict_of("CL-01", DeclarationCase(clerk)).granted
