"""HD-01 at its limit, one step to either side, and as a property; how long a hold lasts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, number
from tests.calendars import PLAIN
from tests.cases import (
    CATALOGUE,
    DAY,
    MINUTE,
    OPENING,
    appointment,
    booking_case,
    check_sentences,
    hold,
    slot_key,
    verdict_of,
    verdicts_on_request,
)
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, Held
from traffic_booking.domain.appointments.commands import HoldSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_hold
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.text_input import RequestId

SERVICES = ("transfer", "foreign")


def holds_of(count):
    """So many holds, each a minute longer than the one before, on slots a day apart, for other services."""
    return tuple(
        hold(serial, starts_at=OPENING + serial * DAY, service="transfer", hold_ends_at=START + serial * MINUTE)
        for serial in range(1, count + 1)
    )


@pytest.mark.rule("HD-01", evidence="table")
@pytest.mark.parametrize("limit", [1, 2, 10])
@pytest.mark.parametrize(("beyond", "granted"), [(-1, True), (0, False), (1, False)])
def test_one_more_hold_is_granted_while_there_are_fewer_than_the_limit(limit, beyond, granted):
    others = holds_of(limit + beyond)
    verdict = verdict_of("HD-01", booking_case(others=others), holds=limit, minutes=10)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (limit + beyond, limit)
    assert verdict.allowed_from == (None if granted else START + (beyond + 1) * MINUTE)
    check_sentences(verdict, limit, 10)


@pytest.mark.rule("HD-01")
def test_appointments_that_are_booked_or_attended_are_no_holds():
    others = (appointment(1), appointment(2, state=AppointmentState.CHECKED_IN))

    assert verdict_of("HD-01", booking_case(others=others), holds=1, minutes=10).observed == 0


@pytest.mark.rule("HD-01", evidence="property")
@given(
    minutes_left=st.lists(st.tuples(st.sampled_from(SERVICES), st.integers(-5, 60)), max_size=5),
    limit=st.integers(1, 4),
    own=st.booleans(),
)
def test_only_live_holds_for_other_services_count_against_a_new_one(minutes_left, limit, own):
    person_state = [
        hold(serial, starts_at=OPENING + serial * DAY, service=service, hold_ends_at=START + left * MINUTE)
        for serial, (service, left) in enumerate(minutes_left, start=1)
    ]
    person_state += [hold(99, starts_at=OPENING + 9 * DAY)] if own else []
    refused = verdicts_on_request(
        Use.HOLD,
        slot_key(),
        person_state=person_state,
        rulebook=small_rulebook(HD_01={"holds": limit, "minutes": 10}, BK_08={"appointments": 20}),
    )

    live = sum(left > 0 for _, left in minutes_left)
    assert set(refused) == ({"HD-01"} if live >= limit else set())


@pytest.mark.rule("HD-01", evidence="table")
@pytest.mark.parametrize(
    ("minutes", "to_start", "lasts"),
    [(1, 60, 1), (10, 60, 10), (60, 60, 60), (60, 45, 45), (10, 15, 10), (16, 15, 15), (15, 15, 15)],
)
def test_a_hold_lasts_as_long_as_the_rulebook_sets_and_never_beyond_the_start(minutes, to_start, lasts):
    key, now = slot_key(), OPENING - to_start * MINUTE
    command = HoldSlot(request_id=RequestId("r"), actor=ME, applicant=ME, slot=key)
    configuration = Configuration(
        CATALOGUE, small_rulebook(HD_01={"holds": 1, "minutes": minutes}), BranchCalendars(PLAIN)
    )

    change = decide_hold(
        configuration, command, Facts(person_state=PersonState(ME), seats_taken={key: 0}), number(1), now
    )

    assert change.answer is not None
    match change.answer.outcome:
        case Held(held):
            assert held.hold_ends_at == now + lasts * MINUTE
        case other:
            pytest.fail(f"not held: {other}")
