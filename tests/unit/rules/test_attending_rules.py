"""AT-01 to AT-04, each at its limit, one step to either side, and as a property."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.cases import CLERK, MINUTE, OPENING, STAFF, TICK, appointment, check_sentences, hold, slot_key, verdict_of
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, Arrival, CheckedIn, Clerk, Refused, Tightening
from traffic_booking.domain.appointments.commands import CheckInApplicant
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.checking_in import arrival_of, decide_check_in
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.text_input import RequestId

PERSONS = (ME, YOU)
EARLY, LATE = timedelta(minutes=60), timedelta(minutes=15)
offsets = st.one_of(
    st.sampled_from([border + tick for border in (-EARLY, LATE) for tick in (-TICK, 0 * TICK, TICK)]),
    st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)


def outcome_of(one, *, actor=CLERK, now=OPENING):
    """The outcome of a request to check in."""
    facts = Facts(appointment=one, person_state=one and PersonState(one.applicant, 1, (one,)))
    command = CheckInApplicant(request_id=RequestId("r"), actor=actor, number=number(1))
    change = decide_check_in(small_rulebook(), command, facts, now)
    assert change.answer is not None
    if isinstance(change.answer.outcome, Refused):
        assert change == Change(answer=change.answer, unchanged=facts.person_state)
    return change.answer.outcome


def refused_on_request(one, *, actor=CLERK, now=OPENING):
    """The broken rules of a request to check in; empty if it is granted."""
    match outcome_of(one, actor=actor, now=now):
        case Refused(verdicts):
            return [verdict.rule_id for verdict in verdicts]
        case CheckedIn():
            return []
        case other:
            return pytest.fail(f"neither checked in nor refused: {other}")


@pytest.mark.rule("AT-01", evidence="table")
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("actor", [*PERSONS, *STAFF], ids=str)
def test_staff_check_in_what_there_is_and_people_nothing(exists, actor):
    verdict = verdict_of("AT-01", AppointmentCase(actor, appointment() if exists else None), OPENING)

    assert verdict.granted is (exists and actor in STAFF)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("AT-01", evidence="table")
@pytest.mark.parametrize(("serves", "granted"), [(["north"], True), (["north", "south"], True), (["south"], False)])
def test_a_clerk_who_has_branches_checks_in_at_these_alone(serves, granted):
    verdict = verdict_of("AT-01", AppointmentCase(Clerk("gate-1", branches=serves), appointment()), OPENING)
    assert verdict.granted is granted


@pytest.mark.rule("AT-01", evidence="property")
@given(state=st.sampled_from(AppointmentState), offset=offsets, actor=st.sampled_from(PERSONS))
def test_people_get_the_first_rule_alone_whether_or_not_there_is_an_appointment(state, offset, actor):
    assert refused_on_request(appointment(state=state), actor=actor, now=OPENING + offset) == ["AT-01"]
    assert refused_on_request(None, actor=actor, now=OPENING + offset) == ["AT-01"]


@pytest.mark.rule("AT-02", evidence="table")
@pytest.mark.parametrize("state", AppointmentState)
def test_only_booked_appointments_are_checked_in(state):
    verdict = verdict_of("AT-02", AppointmentCase(CLERK, appointment(state=state)), START)

    assert verdict.granted is (state is AppointmentState.BOOKED)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (state.value, "booked", None)
    check_sentences(verdict)


@pytest.mark.rule("AT-02", evidence="table")
@pytest.mark.parametrize(("left", "observed"), [(TICK, "held"), (0 * TICK, "expired"), (-TICK, "expired")])
def test_a_hold_is_expired_at_the_gate_once_it_has_run_out(left, observed):
    verdict = verdict_of("AT-02", AppointmentCase(CLERK, hold(hold_ends_at=START + left)), START)

    assert (verdict.granted, verdict.observed) == (False, observed)


@pytest.mark.rule("AT-03", evidence="table")
@pytest.mark.parametrize("minutes", [0, 60, 24 * 60])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_check_in_opens_at_the_limit(minutes, after_limit, granted):
    opens_at = OPENING - minutes * MINUTE
    now = opens_at + after_limit
    verdict = verdict_of("AT-03", AppointmentCase(CLERK, appointment()), now, minutes=minutes, early_minutes=15)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (now, opens_at)
    assert verdict.allowed_from == (None if granted else opens_at)
    check_sentences(verdict, minutes)


@pytest.mark.rule("AT-04", evidence="table")
@pytest.mark.parametrize("minutes", [0, 15, 24 * 60])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_check_in_closes_just_after_the_limit(minutes, after_limit, granted):
    closes_at = OPENING + minutes * MINUTE
    now = closes_at + after_limit
    verdict = verdict_of("AT-04", AppointmentCase(CLERK, appointment()), now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, closes_at, None)
    check_sentences(verdict, minutes)


@pytest.mark.rule("AT-03", evidence="table")
@pytest.mark.parametrize("minutes", [1, 15, 24 * 60])
@pytest.mark.parametrize(
    ("after_limit", "arrival"), [(-TICK, Arrival.EARLY), (0 * TICK, Arrival.ON_TIME), (TICK, Arrival.ON_TIME)]
)
def test_a_person_is_early_until_the_limit(minutes, after_limit, arrival):
    rulebook = small_rulebook(AT_03={"minutes": 60, "early_minutes": minutes})

    assert arrival_of(rulebook, slot_key(), OPENING - minutes * MINUTE + after_limit) is arrival


@pytest.mark.rule("AT-04", evidence="table")
@pytest.mark.parametrize(
    ("after_start", "arrival"), [(-TICK, Arrival.ON_TIME), (0 * TICK, Arrival.ON_TIME), (TICK, Arrival.LATE)]
)
def test_a_person_is_late_from_just_after_the_start(after_start, arrival):
    assert arrival_of(small_rulebook(), slot_key(), OPENING + after_start) is arrival


@pytest.mark.rule("AT-03")
def test_the_figures_of_the_branch_decide_who_is_early():
    tighter = Tightening(rule="AT-03", figures={"early_minutes": 5}, branch="north")
    rulebook = copy_with(small_rulebook(), tightenings=(tighter,))

    assert arrival_of(rulebook, slot_key(), OPENING - 10 * MINUTE) is Arrival.EARLY
    assert arrival_of(rulebook, slot_key("south"), OPENING - 10 * MINUTE) is Arrival.ON_TIME


@pytest.mark.rule("AT-03", evidence="property")
@pytest.mark.rule("AT-04", evidence="property")
@given(offset=offsets)
def test_whoever_is_checked_in_is_early_on_time_or_late_in_this_order(offset):
    outcome = outcome_of(appointment(), now=OPENING + offset)

    if isinstance(outcome, CheckedIn):
        order = [Arrival.EARLY, Arrival.ON_TIME, Arrival.LATE]
        assert order.index(outcome.arrival) == (offset >= -15 * MINUTE) + (offset > 0 * MINUTE)


@pytest.mark.parametrize("arrival", Arrival)
def test_each_arrival_has_its_own_sentence_with_the_hours_in_both_languages(arrival):
    for language in ("ar", "en"):
        texts = {each: CheckedIn(appointment(), each).message(language) for each in Arrival}

        assert "08:00" in texts[arrival]
        assert list(texts.values()).count(texts[arrival]) == 1


@pytest.mark.rule("AT-02", evidence="property")
@pytest.mark.rule("AT-03", evidence="property")
@pytest.mark.rule("AT-04", evidence="property")
@given(state=st.sampled_from(AppointmentState), offset=offsets, actor=st.sampled_from(STAFF))
def test_every_rule_that_staff_break_is_named_in_order(state, offset, actor):
    expected = [
        *(["AT-02"] if state is not AppointmentState.BOOKED else []),
        *(["AT-03"] if offset < -EARLY else []),
        *(["AT-04"] if offset > LATE else []),
    ]

    assert refused_on_request(appointment(state=state), actor=actor, now=OPENING + offset) == expected


@pytest.mark.rule("AT-02")
@pytest.mark.rule("AT-03")
@pytest.mark.rule("AT-04")
def test_without_an_appointment_staff_get_the_first_rule_alone():
    assert refused_on_request(None) == ["AT-01"]
