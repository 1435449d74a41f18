"""CN-01 to CN-04, each at its limit, one step to either side, and as a property."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.calendars import PLAIN, exception
from tests.cases import (
    CATALOGUE,
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    STAFF,
    TICK,
    appointment,
    check_sentences,
    conditions_of,
    hold,
    slot_key,
    verdict_of,
)
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, Cancelled, Refused, System
from traffic_booking.domain.appointments.commands import CancelAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.cancelling import decide_cancellation, may_cancel
from traffic_booking.domain.decisions.changes import CalendarGuard, Change
from traffic_booking.domain.decisions.facts import CalendarVersion, Facts
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.slots import OpenHours
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import made_up_applicant

CUT_OFF = timedelta(minutes=240)
LATER = OPENING + DAY


def facts_of(one):
    """The facts about an appointment, None if there is none."""
    calendars = {one.slot.branch: CalendarVersion(3)} if one else {}
    return Facts(appointment=one, person_state=one and PersonState(one.applicant, 1, (one,)), calendars=calendars)


def refused_on_request(one, *, actor=ME, now=START):
    """The broken rules of a request to cancel; empty if it is cancelled."""
    facts = facts_of(one)
    command = CancelAppointment(request_id=RequestId("r"), actor=actor, number=number(1))
    change = decide_cancellation(conditions_of(), command, facts, now)
    assert change.answer is not None
    match change.answer.outcome:
        case Refused(verdicts):
            assert change == Change(answer=change.answer, unchanged=facts.person_state)
            return {verdict.rule_id: verdict for verdict in verdicts}
        case Cancelled():
            return {}
        case other:
            return pytest.fail(f"neither cancelled nor refused: {other}")


@pytest.mark.rule("CN-01", evidence="table")
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(("actor", "allowed"), [(ME, True), (YOU, False), *((one, True) for one in STAFF)])
def test_the_applicant_and_staff_may_cancel_what_there_is(exists, actor, allowed):
    verdict = verdict_of("CN-01", AppointmentCase(actor, appointment() if exists else None))

    assert verdict.granted is (exists and allowed)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("CN-01", evidence="property")
@given(
    state=st.sampled_from(AppointmentState), hours=st.integers(-48, 48), actor=st.integers(2, 9).map(made_up_applicant)
)
def test_somebody_elses_appointment_is_refused_as_one_that_does_not_exist(state, hours, actor):
    one = appointment(starts_at=START + timedelta(hours=hours), state=state, hold_ends_at=START)

    assert refused_on_request(one, actor=actor) == refused_on_request(None, actor=actor)
    assert set(refused_on_request(None, actor=actor)) == {"CN-01"}


@pytest.mark.rule("CN-02", evidence="table")
@pytest.mark.parametrize(
    ("state", "granted"),
    [
        (AppointmentState.HELD, True),
        (AppointmentState.BOOKED, True),
        (AppointmentState.CHECKED_IN, False),
        (AppointmentState.SERVED, False),
        (AppointmentState.NO_SHOW, False),
        (AppointmentState.EXCUSED, False),
        (AppointmentState.CANCELLED, False),
        (AppointmentState.EXPIRED, False),
    ],
)
def test_only_held_or_booked_appointments_may_be_cancelled(state, granted):
    verdict = verdict_of("CN-02", AppointmentCase(ME, appointment(state=state)))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (state.value, "held, booked", None)
    check_sentences(verdict)


@pytest.mark.rule("CN-02", evidence="table")
@pytest.mark.parametrize(("left", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_a_hold_may_be_given_back_until_just_before_it_runs_out(left, granted):
    verdict = verdict_of("CN-02", AppointmentCase(ME, hold(hold_ends_at=START + left)))

    assert verdict.granted is granted
    assert verdict.observed == ("held" if granted else "expired")


@pytest.mark.rule("CN-02", evidence="property")
@given(state=st.sampled_from(AppointmentState), minutes=st.integers(-20, 20), actor=st.sampled_from([ME, CLERK]))
def test_a_decision_to_cancel_goes_by_the_state_alone_well_before_the_start(state, minutes, actor):
    one = appointment(starts_at=LATER, state=state, hold_ends_at=START + minutes * MINUTE)
    if state is not AppointmentState.HELD:
        one = appointment(starts_at=LATER, state=state)
    live = state is AppointmentState.BOOKED or (state is AppointmentState.HELD and minutes > 0)

    assert set(refused_on_request(one, actor=actor)) == (set() if live else {"CN-02"})


@pytest.mark.rule("CN-03", evidence="table")
@pytest.mark.parametrize("minutes", [0, 1, 240, 14 * 24 * 60])
@pytest.mark.parametrize(("before_cut_off", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_a_booking_may_be_cancelled_until_just_before_the_cut_off(minutes, before_cut_off, granted):
    cut_off = OPENING - minutes * MINUTE
    now = cut_off - before_cut_off
    verdict = verdict_of("CN-03", AppointmentCase(ME, appointment()), now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, cut_off, None)
    check_sentences(verdict, minutes)


@pytest.mark.rule("CN-03", evidence="table")
@pytest.mark.parametrize("state", [state for state in AppointmentState if state is not AppointmentState.BOOKED])
def test_the_cut_off_is_for_bookings_alone(state):
    assert verdict_of("CN-03", AppointmentCase(ME, appointment(state=state)), OPENING).granted


@pytest.mark.rule("CN-03", evidence="property")
@given(
    ahead=st.one_of(
        st.sampled_from([CUT_OFF - TICK, CUT_OFF, CUT_OFF + TICK]), st.timedeltas(timedelta(days=-3), timedelta(days=9))
    ),
    actor=st.sampled_from([ME, CLERK, System()]),
)
def test_a_booking_is_cancelled_exactly_when_more_than_the_cut_off_is_left(ahead, actor):
    refused = refused_on_request(appointment(starts_at=START + ahead), actor=actor)

    assert set(refused) == (set() if ahead > CUT_OFF else {"CN-03"})


WORKED = (OpenHours(LATER, LATER + 60 * MINUTE), OpenHours(OPENING, OPENING + 120 * MINUTE))
"""An hour before the start and two on the day before, the latest first."""


def of_hours(hours=WORKED, **parts):
    return AppointmentCase(ME, appointment(starts_at=LATER + 60 * MINUTE, **parts), hours)


@pytest.mark.rule("CN-04", evidence="table")
@pytest.mark.parametrize(
    ("minutes", "cut_off"),
    [
        (1, LATER + 59 * MINUTE),
        (59, LATER + MINUTE),
        (60, OPENING + 120 * MINUTE),  # the branch is closed meanwhile: no working time is left over
        (61, OPENING + 119 * MINUTE),
        (179, OPENING + MINUTE),
        (180, OPENING),
        (181, OPENING),  # more than was searched for: the beginning
    ],
)
@pytest.mark.parametrize(("before_cut_off", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_a_booking_may_be_cancelled_while_more_working_time_is_left(minutes, cut_off, before_cut_off, granted):
    now = cut_off - before_cut_off
    verdict = verdict_of("CN-04", of_hours(), now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, cut_off, None)
    check_sentences(verdict, minutes)


@pytest.mark.rule("CN-04", evidence="table")
@pytest.mark.parametrize("state", [state for state in AppointmentState if state is not AppointmentState.BOOKED])
def test_the_working_cut_off_is_for_bookings_alone_and_off_at_nothing(state):
    assert verdict_of("CN-04", of_hours(state=state), LATER, minutes=60).granted
    assert verdict_of("CN-04", AppointmentCase(YOU, appointment()), LATER, minutes=60).granted
    assert verdict_of("CN-04", of_hours(), LATER + 60 * MINUTE, minutes=0).granted
    assert not verdict_of("CN-04", of_hours(()), LATER + 60 * MINUTE, minutes=1).granted


def worked_minutes(since, until):
    """Minute by minute: Sunday to Thursday, 08:00 to 14:00 in Riyadh, three hours ahead of UTC."""
    count = 0
    while since < until:
        there = since + timedelta(hours=3)
        count += there.weekday() not in {4, 5} and 8 <= there.hour < 14
        since += MINUTE
    return count


@pytest.mark.rule("CN-04", evidence="property")
@settings(max_examples=50)
@given(
    minutes=st.integers(1, 1_000), days=st.integers(0, 9), ahead=st.integers(1, 6 * 24 * 60), quarter=st.integers(0, 23)
)
def test_a_booking_is_cancelled_exactly_while_more_of_the_branchs_hours_is_left(minutes, days, ahead, quarter):
    starts_at = OPENING + days * DAY + 15 * quarter * MINUTE
    now = starts_at - ahead * MINUTE
    facts = facts_of(appointment(starts_at=starts_at))
    configuration = conditions_of(rulebook=small_rulebook(CN_03={"minutes": 0}, CN_04={"minutes": minutes}))
    command = CancelAppointment(request_id=RequestId("r"), actor=ME, number=number(1))

    change = decide_cancellation(configuration, command, facts, now)
    assert change.answer is not None
    assert isinstance(change.answer.outcome, Cancelled) == (worked_minutes(now, starts_at) > minutes)
    guards = (CalendarGuard(BranchId("north"), 3),) if isinstance(change.answer.outcome, Cancelled) else ()
    assert change.calendars == guards
    answer = may_cancel(configuration, ME, facts.appointment, now)
    assert answer.until is not None
    assert bool(answer) == (now < answer.until)


@pytest.mark.rule("CN-04")
def test_working_time_leaves_out_days_on_which_the_branch_is_closed():
    rulebook = small_rulebook(CN_03={"minutes": 0}, CN_04={"minutes": 60})
    monday = OPENING + DAY
    tuesday = appointment(starts_at=OPENING + 2 * DAY)
    open_, closed = (
        Configuration(CATALOGUE, rulebook, BranchCalendars(PLAIN, records))
        for records in ((), (exception(Effect.CLOSED, monday.date()),))
    )

    assert may_cancel(open_, ME, tuesday, START).until == monday + 5 * 60 * MINUTE
    assert may_cancel(closed, ME, tuesday, START).until == OPENING + 5 * 60 * MINUTE
    assert open_.open_hours_before(slot_key("nowhere"), MINUTE) == ()
    assert open_.open_hours_before(slot_key(starts_at=OPENING + 1000 * DAY), 10_000 * DAY)[-1].opens_at > OPENING
