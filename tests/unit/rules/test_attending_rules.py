"""AT-01 to AT-10, each at its limit, one step to either side, and as a property."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.calendars import exception
from tests.cases import (
    CLERK,
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
from traffic_booking import (
    AppointmentState,
    Arrival,
    CheckedIn,
    Clerk,
    Effect,
    Excused,
    NoShowRecorded,
    Refused,
    Served,
    Tightening,
    Withdrawal,
)
from traffic_booking.domain.appointments.commands import CheckInApplicant, ExcuseNoShow, RecordNoShow, ServeApplicant
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.checking_in import (
    arrival_of,
    decide_check_in,
    decide_excuse,
    decide_missed,
    decide_no_show,
    decide_serving,
)
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.cases import AppointmentCase, MissedCase
from traffic_booking.domain.text_input import RequestId

PERSONS = (ME, YOU)
EARLY, LATE = timedelta(minutes=60), timedelta(minutes=15)
offsets = st.one_of(
    st.sampled_from([border + tick for border in (-EARLY, LATE) for tick in (-TICK, 0 * TICK, TICK)]),
    st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)


STAGES = {
    CheckInApplicant: (CheckedIn, AppointmentState.BOOKED),
    ServeApplicant: (Served, AppointmentState.CHECKED_IN),
    RecordNoShow: (NoShowRecorded, AppointmentState.BOOKED),
    ExcuseNoShow: (Excused, AppointmentState.NO_SHOW),
}
"""Of each command at the gate its outcome if it is granted, and the state in which it may be."""
STATE_RULES = {CheckInApplicant: "AT-02", ServeApplicant: "AT-05", RecordNoShow: "AT-06", ExcuseNoShow: "AT-09"}

DECISIONS: dict[type, Callable[..., Change]] = {
    CheckInApplicant: decide_check_in,
    ServeApplicant: decide_serving,
    ExcuseNoShow: decide_excuse,
}
"""The decisions that a rulebook is enough for."""


def decided(one, kind=CheckInApplicant, *, actor=CLERK, now=OPENING, configuration=None):
    """The change of a request at the gate."""
    facts = Facts(appointment=one, person_state=one and PersonState(one.applicant, 1, (one,)))
    command = kind(request_id=RequestId("r"), actor=actor, number=number(1))
    if kind is RecordNoShow:
        return decide_no_show(configuration or conditions_of(), command, facts, now)
    return DECISIONS[kind](small_rulebook(), command, facts, now)


def outcome_of(one, kind=CheckInApplicant, *, actor=CLERK, now=OPENING):
    """The outcome of a request at the gate; a refusal writes nothing but itself."""
    change = decided(one, kind, actor=actor, now=now)
    assert change.answer is not None
    if isinstance(change.answer.outcome, Refused):
        assert change == Change(answer=change.answer, unchanged=one and PersonState(one.applicant, 1, (one,)))
    return change.answer.outcome


def refused_on_request(one, kind=CheckInApplicant, *, actor=CLERK, now=OPENING):
    """The broken rules of a request at the gate; empty if it is granted."""
    match outcome_of(one, kind, actor=actor, now=now):
        case Refused(verdicts):
            return [verdict.rule_id for verdict in verdicts]
        case granted if isinstance(granted, STAGES[kind][0]):
            return []
        case other:
            return pytest.fail(f"neither granted nor refused: {other}")


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
@given(
    kind=st.sampled_from(list(STAGES)),
    state=st.sampled_from(AppointmentState),
    offset=offsets,
    actor=st.sampled_from(PERSONS),
)
def test_people_get_the_first_rule_alone_whether_or_not_there_is_an_appointment(kind, state, offset, actor):
    assert refused_on_request(appointment(state=state), kind, actor=actor, now=OPENING + offset) == ["AT-01"]
    assert refused_on_request(None, kind, actor=actor, now=OPENING + offset) == ["AT-01"]


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


@pytest.mark.rule("AT-05")
@pytest.mark.rule("AT-06")
@pytest.mark.rule("AT-07")
@pytest.mark.rule("AT-08")
@pytest.mark.rule("AT-09")
@pytest.mark.rule("AT-10")
@pytest.mark.parametrize("kind", STAGES)
def test_without_an_appointment_staff_get_the_first_rule_alone_whatever_they_record(kind):
    assert refused_on_request(None, kind) == ["AT-01"]


@pytest.mark.rule("AT-05", evidence="table")
@pytest.mark.rule("AT-06", evidence="table")
@pytest.mark.rule("AT-09", evidence="table")
@pytest.mark.parametrize("state", AppointmentState)
@pytest.mark.parametrize("kind", [ServeApplicant, RecordNoShow, ExcuseNoShow])
def test_each_act_at_the_gate_has_one_state_before_it(kind, state):
    case, before = MissedCase(CLERK, appointment(state=state)), STAGES[kind][1]
    verdict = verdict_of(STATE_RULES[kind], case, START)

    assert verdict.granted is (state is before)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (state.value, before.value, None)
    check_sentences(verdict)


@pytest.mark.rule("AT-07", evidence="table")
@pytest.mark.parametrize("minutes", [0, 15, 24 * 60])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_nobody_has_missed_an_appointment_before_the_grace_is_over(minutes, after_limit, granted):
    ends_at = OPENING + minutes * MINUTE
    now = ends_at + after_limit
    verdict = verdict_of("AT-07", MissedCase(CLERK, appointment()), now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (now, ends_at)
    assert verdict.allowed_from == (None if granted else ends_at)
    check_sentences(verdict, minutes)


@pytest.mark.rule("AT-08", evidence="table")
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("actor", [*PERSONS, *STAFF], ids=str)
def test_a_closed_slot_is_not_missed(closed, actor):
    verdict = verdict_of("AT-08", MissedCase(actor, appointment(), slot_was_closed=closed), OPENING)

    assert verdict.granted is not (closed and actor in STAFF)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("AT-08", evidence="property")
@given(times=st.integers(0, 3), reopened=st.booleans())
def test_a_no_show_is_refused_exactly_while_staff_have_closed_the_slot(times, reopened):
    closures = [exception(Effect.CLOSED, START.date(), name=f"closure-{serial}") for serial in range(times)]
    withdrawals = [Withdrawal(each.id) for each in closures[: len(closures) if reopened else max(0, times - 1)]]
    configuration = conditions_of().after(*closures, *withdrawals)
    change = decided(appointment(), RecordNoShow, now=OPENING + LATE, configuration=configuration)

    assert change.answer is not None
    match change.answer.outcome:
        case Refused(verdicts):
            assert [verdict.rule_id for verdict in verdicts] == ["AT-08"]
            assert not reopened
        case _:
            assert reopened or times == 0


@pytest.mark.rule("AT-10", evidence="table")
@pytest.mark.parametrize("days", [1, 30, 366])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_an_excuse_is_accepted_until_the_limit(days, after_limit, granted):
    until = OPENING + 15 * MINUTE + timedelta(days=days)
    now = until + after_limit
    case = AppointmentCase(CLERK, appointment(state=AppointmentState.NO_SHOW))
    verdict = verdict_of("AT-10", case, now, days=days)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, until, None)
    check_sentences(verdict, days)


@pytest.mark.rule("AT-05", evidence="property")
@pytest.mark.rule("AT-06", evidence="property")
@pytest.mark.rule("AT-07", evidence="property")
@pytest.mark.rule("AT-09", evidence="property")
@pytest.mark.rule("AT-10", evidence="property")
@given(
    kind=st.sampled_from([ServeApplicant, RecordNoShow, ExcuseNoShow]),
    state=st.sampled_from(AppointmentState),
    offset=st.one_of(offsets, st.timedeltas(timedelta(days=29), timedelta(days=32))),
    actor=st.sampled_from(STAFF),
)
def test_every_rule_of_the_gate_that_staff_break_is_named_in_order(kind, state, offset, actor):
    over = OPENING + 15 * MINUTE + timedelta(days=30)
    expected = [
        *([STATE_RULES[kind]] if state is not STAGES[kind][1] else []),
        *(["AT-07"] if kind is RecordNoShow and offset < LATE else []),
        *(["AT-10"] if kind is ExcuseNoShow and OPENING + offset > over else []),
    ]

    assert refused_on_request(appointment(state=state), kind, actor=actor, now=OPENING + offset) == expected


def test_a_no_show_frees_the_seat_and_serving_or_excusing_changes_no_seat():
    missed = decided(appointment(), RecordNoShow, now=OPENING + LATE)
    served = decided(appointment(state=AppointmentState.CHECKED_IN), ServeApplicant)
    excused = decided(appointment(state=AppointmentState.NO_SHOW), ExcuseNoShow)

    assert missed.seats == (SeatChange(slot_key(), -1, 0),)
    assert (served.seats, excused.seats) == ((), ())
    assert [len(change.events) for change in (missed, served, excused)] == [1, 1, 1]


@given(state=st.sampled_from(AppointmentState), offset=offsets, actor=st.sampled_from(STAFF))
def test_maintenance_records_exactly_the_no_shows_that_a_clerk_may_record(state, offset, actor):
    one, now = appointment(state=state), OPENING + offset
    facts = Facts(appointment=one, person_state=PersonState(one.applicant, 1, (one,)))
    change = decide_missed(conditions_of(), facts, actor, now)
    by_clerk = decided(one, RecordNoShow, actor=actor, now=now)

    assert (change is None) is isinstance(by_clerk.answer.outcome, Refused)
    if change is not None:
        assert change.answer is None
        assert change.person_state is not None
        assert [event.request_id for event in change.events] == [None]
        assert (change.seats, change.person_state.appointments) == (by_clerk.seats, by_clerk.person_state.appointments)
