"""MV-01 to MV-05, each at its limit, one step to either side, and as a property; and the rules of booking in a move."""

from datetime import date

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.calendars import PLAIN, exception
from tests.cases import (
    CATALOGUE,
    CLERK,
    DAY,
    IN_FORCE,
    MINUTE,
    OPENING,
    STAFF,
    TICK,
    appointment,
    check_sentences,
    conditions_of,
    hold,
    move_case,
    slot_key,
    verdict_of,
)
from tests.small_town import START, named, small_rulebook
from traffic_booking import AppointmentState, Delegate, Moved, Refused, Suspension, Withdrawal
from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.appointments.commands import MoveAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import CalendarGuard, Change, SeatChange
from traffic_booking.domain.decisions.facts import CalendarVersion, Facts
from traffic_booking.domain.decisions.moving import decide_move
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import made_up_applicant

LATER = OPENING + DAY
"""The default start of the appointment that is to be moved to the opening."""
CLOSED = exception(Effect.CLOSED, LATER.date())
"""A closure of the branch on that day."""


def person_state_with(one, others=()):
    """The state of the person who has these, None if there is no such appointment."""
    return one and PersonState(one.applicant, 1, tuple(sorted((one, *others), key=lambda a: a.slot.starts_at)))


def decided(one, to=None, *, others=(), actor=ME, now=START, seats_taken=0, configuration=None, agreed=False):
    """The change that the decision about a move makes."""
    key = to or slot_key()
    command = MoveAppointment(request_id=RequestId("r"), actor=actor, number=number(1), slot=key, agreed=agreed)
    calendars = {at.branch: CalendarVersion(3) for at in (key, *([one.slot] if one else []))}
    facts = Facts(
        appointment=one,
        person_state=person_state_with(one, others),
        seats_taken={key: seats_taken},
        calendars=calendars,
    )
    return decide_move(configuration or conditions_of(), command, facts, now)


def outcome(change):
    assert change.answer is not None
    return change.answer.outcome


def refused(one, *arguments, others=(), **parts):
    """The ids of the broken rules, in the order of the answer; empty if it is moved."""
    change = decided(one, *arguments, others=others, **parts)
    match outcome(change):
        case Refused(verdicts):
            assert change == Change(answer=change.answer, unchanged=person_state_with(one, others))
            return [verdict.rule_id for verdict in verdicts]
        case Moved():
            return []
        case other:
            return pytest.fail(f"neither moved nor refused: {other}")


def booked(**parts):
    return appointment(1, **{"starts_at": LATER, **parts})


@pytest.mark.rule("MV-01", evidence="table")
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (ME, True),
        (YOU, False),
        (Delegate(person=YOU, applicant=ME, services=["renewal"], until=LATER), True),
        (Delegate(person=YOU, applicant=ME, services=["transfer"], until=LATER), False),
        *((one, True) for one in STAFF),
    ],
)
def test_the_applicant_a_delegate_and_staff_may_move_what_there_is(exists, actor, allowed):
    assert refused(booked() if exists else None, actor=actor) == ([] if exists and allowed else ["MV-01"])
    check_sentences(verdict_of("MV-01", AppointmentCase(actor, None)))


@pytest.mark.rule("MV-01", evidence="property")
@given(
    state=st.sampled_from(AppointmentState),
    hours=st.integers(-48, 48),
    actor=st.integers(2, 9).map(made_up_applicant),
    seats_taken=st.integers(0, 3),
)
def test_somebody_elses_appointment_is_refused_as_one_that_does_not_exist(state, hours, actor, seats_taken):
    one = booked(starts_at=START + hours * 60 * MINUTE, state=state, hold_ends_at=START)

    outcomes = [outcome(decided(which, actor=actor, seats_taken=seats_taken)) for which in (one, None)]
    assert outcomes[0] == outcomes[1]
    assert [verdict.rule_id for verdict in outcomes[0].verdicts] == ["MV-01"]


@pytest.mark.rule("MV-02", evidence="table")
@pytest.mark.parametrize("state", AppointmentState)
def test_only_booked_appointments_may_be_moved(state):
    verdict = verdict_of("MV-02", move_case(booked(state=state)))

    assert verdict.granted is (state is AppointmentState.BOOKED)
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (state.value, "booked", None)
    check_sentences(verdict)


@pytest.mark.rule("MV-02", evidence="table")
@pytest.mark.parametrize(("left", "observed"), [(TICK, "held"), (0 * TICK, "expired"), (-TICK, "expired")])
def test_a_hold_to_be_moved_is_expired_once_it_has_run_out(left, observed):
    verdict = verdict_of("MV-02", move_case(hold(starts_at=LATER, hold_ends_at=START + left)))

    assert (verdict.granted, verdict.observed) == (False, observed)


@pytest.mark.rule("MV-02", evidence="property")
@given(state=st.sampled_from(AppointmentState), actor=st.sampled_from([ME, *STAFF]))
def test_a_move_goes_by_the_state_alone_well_before_the_start(state, actor):
    assert refused(booked(state=state), actor=actor, agreed=True) == (
        [] if state is AppointmentState.BOOKED else ["MV-02"]
    )


@pytest.mark.rule("MV-03", evidence="table")
@pytest.mark.parametrize(("service", "granted"), [("renewal", True), ("transfer", False), ("foreign", False)])
def test_an_appointment_stays_with_its_service(service, granted):
    verdict = verdict_of("MV-03", move_case(booked(), key=slot_key(service=service)))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (service, "renewal", None)
    check_sentences(verdict)


@pytest.mark.rule("MV-03", evidence="property")
@given(
    from_=st.sampled_from(["renewal", "transfer"]),
    to=st.sampled_from(["renewal", "transfer"]),
    branch=st.sampled_from(["north", "south"]),
)
def test_a_move_goes_to_any_branch_and_never_to_another_service_or_person(from_, to, branch):
    change = decided(booked(service=from_), slot_key(branch, to), actor=CLERK)

    if from_ != to:
        assert [verdict.rule_id for verdict in outcome(change).verdicts] == ["MV-03"]
    else:
        moved = outcome(change).appointment
        assert (moved.slot, moved.applicant, moved.number) == (slot_key(branch, to), ME, number(1))


@pytest.mark.rule("MV-04", evidence="table")
@pytest.mark.parametrize("moves", [1, 2, 100])
@pytest.mark.parametrize(("beyond", "granted"), [(-1, True), (0, False), (1, False)])
def test_an_appointment_is_moved_so_many_times(moves, beyond, granted):
    case = move_case(copy_with(booked(), moves=moves + beyond))
    verdict = verdict_of("MV-04", case, moves=moves)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (moves + beyond, moves, None)
    check_sentences(verdict, moves)
    assert verdict_of("MV-04", copy_with(case, slot_was_closed=True), moves=moves).granted


@pytest.mark.rule("MV-04", evidence="property")
@given(limit=st.integers(0, 4), tries=st.integers(1, 7))
def test_moved_again_and_again_an_appointment_stops_at_the_limit(limit, tries):
    configuration = conditions_of(rulebook=small_rulebook(MV_04={"moves": limit}, MV_05={"minutes": 0}))
    one = booked()
    for serial in range(tries):
        change = decided(one, slot_key(starts_at=OPENING + 15 * serial * MINUTE), configuration=configuration)
        if serial < limit:
            one = outcome(change).appointment
        else:
            assert [verdict.rule_id for verdict in outcome(change).verdicts] == ["MV-04"]
    assert one.moves == min(limit, tries)


@pytest.mark.rule("MV-05", evidence="table")
@pytest.mark.parametrize("minutes", [0, 1, 240, 30 * 24 * 60])
@pytest.mark.parametrize(("before_cut_off", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_an_appointment_may_be_moved_until_just_before_the_cut_off(minutes, before_cut_off, granted):
    cut_off = LATER - minutes * MINUTE
    case, now = move_case(booked()), cut_off - before_cut_off
    verdict = verdict_of("MV-05", case, now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, cut_off, None)
    check_sentences(verdict, minutes)
    assert verdict_of("MV-05", copy_with(case, slot_was_closed=True), now, minutes=minutes).granted


@pytest.mark.rule("MV-05", evidence="property")
@given(
    ahead=st.sampled_from([240 * MINUTE - TICK, 240 * MINUTE, 240 * MINUTE + TICK]) | st.timedeltas(-3 * DAY, 9 * DAY),
    actor=st.sampled_from([ME, *STAFF]),
)
def test_an_appointment_is_moved_exactly_when_more_than_the_notice_is_left(ahead, actor):
    one = booked(starts_at=START + ahead)
    expected = [] if ahead > 240 * MINUTE else ["MV-05"]

    assert refused(one, slot_key(starts_at=OPENING + 30 * DAY), actor=actor) == expected


@pytest.mark.rule("BK-05")
@pytest.mark.rule("MV-01")
def test_a_move_is_evaluated_by_the_rules_of_booking_the_new_slot_and_by_those_of_moving():
    rule_ids = [definition.id for definition in DEFINITIONS if Use.MOVE in definition.uses]
    booking = [d.id for d in DEFINITIONS if Use.BOOK in d.uses and d.id[:2] in {"BK", "EL"} and d.id != "BK-11"]

    assert rule_ids == [*booking, "CN-05", "MV-01", "MV-02", "MV-03", "MV-04", "MV-05"]
    change = decided(booked())
    assert change.answer is not None
    again = replayed(change.answer, small_rulebook())
    assert again is not None
    assert list(again.findings.rule_ids) == rule_ids


FULL_AND_FAR = slot_key(starts_at=OPENING + 98 * DAY)
ANOTHER = appointment(2, starts_at=OPENING, service="transfer")
SAME_SERVICE = appointment(3, starts_at=OPENING + 2 * DAY)


@pytest.mark.rule("BK-02")
@pytest.mark.rule("BK-04")
@pytest.mark.rule("BK-05")
@pytest.mark.rule("BK-07")
@pytest.mark.rule("BK-09")
@pytest.mark.parametrize(
    ("to", "parts", "rules"),
    [
        (slot_key(starts_at=OPENING + MINUTE), {}, ["BK-02"]),
        (FULL_AND_FAR, {"seats_taken": 2}, ["BK-04", "BK-05"]),
        (slot_key(), {"seats_taken": 2}, ["BK-05"]),
        (slot_key(), {"others": (ANOTHER,)}, ["BK-09"]),
        (slot_key(), {"others": (SAME_SERVICE,)}, ["BK-07"]),
        (slot_key("south", "foreign"), {}, ["BK-01", "BK-02", "BK-10", "MV-03"]),
        (slot_key(starts_at=START - 23 * 60 * MINUTE), {}, ["BK-02", "BK-03"]),
    ],
)
def test_the_new_slot_is_one_that_could_be_booked(to, parts, rules):
    assert refused(booked(), to, **parts) == rules


@pytest.mark.rule("BK-05")
def test_neither_the_appointment_nor_its_seat_stands_in_its_own_way():
    near = booked(starts_at=OPENING + 15 * MINUTE)
    rulebook = small_rulebook(BK_14={"minutes": 60}, BK_08={"appointments": 1}, MV_05={"minutes": 0})

    assert refused(near, configuration=conditions_of(rulebook=rulebook)) == []
    assert refused(booked(), slot_key(starts_at=LATER), seats_taken=2) == []


@pytest.mark.rule("BK-06")
@pytest.mark.parametrize(
    ("was", "agreed", "rules"),
    [
        (IN_FORCE, False, []),
        ("2020-01-01", False, ["BK-06"]),
        ("2020-01-01", True, []),
        (IN_FORCE, "2020-01-01", ["BK-06"]),
    ],
)
def test_the_agreement_is_valid_while_the_instructions_are_the_same(was, agreed, rules):
    one = copy_with(booked(), instructions=was)

    assert refused(one, agreed=agreed) == rules
    if not rules:
        assert outcome(decided(one, agreed=agreed)).appointment.instructions == IN_FORCE


def test_a_move_gives_back_one_seat_and_takes_another_under_the_guards_of_all_that_it_went_by():
    one = booked()
    change = decided(one, slot_key("south"))
    (event,) = change.events
    moved = outcome(change).appointment

    assert change.seats == (SeatChange(one.slot, -1, 0), SeatChange(slot_key("south"), 1, 2))
    assert change.person_state == PersonState(ME, 2, (moved.as_listed(),))
    assert change.calendars == tuple(CalendarGuard(at.branch, 3) for at in (slot_key("south"), one.slot))
    assert change.appointments == (moved,) == (evolve(one, event),)
    assert (event.from_slot, event.slot, event.version) == (one.slot, slot_key("south"), 2)
    assert (moved.number, moved.state, moved.moves) == (one.number, AppointmentState.BOOKED, 1)
    assert moved.slot_ends_at == OPENING + 15 * MINUTE


def test_a_move_to_where_it_is_already_changes_nothing_and_is_not_counted():
    one = booked()
    change = decided(one, one.slot, seats_taken=2)

    assert outcome(change) == Moved(one)
    assert (change.seats, change.appointments, change.events) == ((), (), ())


def test_a_hold_of_the_new_slot_gives_it_its_seat_and_one_of_another_is_given_back():
    there = hold(2, hold_ends_at=START + MINUTE)
    elsewhere = hold(3, starts_at=OPENING + 30 * MINUTE, hold_ends_at=START + MINUTE)
    one = booked()
    change = decided(one, others=(there, elsewhere), seats_taken=2)

    assert change.seats == (SeatChange(elsewhere.slot, -1, 0), SeatChange(one.slot, -1, 0))
    assert [(a.number, a.state.value) for a in change.appointments] == [
        (elsewhere.number, "cancelled"),
        (there.number, "cancelled"),
        (one.number, "booked"),
    ]
    assert [event.version for event in change.events] == [2, 2, 2]


@pytest.mark.rule("BK-15")
def test_a_slot_of_a_suspended_service_is_not_moved_to():
    suspended = Suspension(
        service="renewal", from_day=date(2026, 11, 22), until_day=date(2026, 11, 23), reason=named("flood")
    )
    rulebook = copy_with(small_rulebook(), suspensions=(suspended,))

    assert refused(booked(), configuration=conditions_of(rulebook=rulebook)) == ["BK-15"]


def closed_configuration(*records):
    return Configuration(CATALOGUE, small_rulebook(), BranchCalendars(PLAIN, records))


@pytest.mark.rule("MV-04")
@pytest.mark.rule("MV-05")
@pytest.mark.parametrize("now", [START, LATER - MINUTE, LATER + 2 * DAY])
def test_whose_slot_was_closed_is_moved_at_any_time_and_it_is_not_counted(now):
    one = copy_with(booked(), moves=2)
    to = slot_key(starts_at=OPENING + 7 * DAY)

    assert set(refused(one, to, now=now)) >= {"MV-04"}
    change = decided(one, to, now=now, configuration=closed_configuration(CLOSED))
    assert outcome(change).appointment.moves == 2
    assert change.events[0].slot_was_closed


def test_a_slot_was_closed_while_a_record_takes_it_away_and_none_gives_it_back():
    assert not closed_configuration().has_closed(booked().slot)
    assert closed_configuration(CLOSED).has_closed(booked().slot)
    assert not closed_configuration(CLOSED).has_closed(slot_key())
    assert not closed_configuration(CLOSED).has_closed(booked(branch="south").slot)
    assert not closed_configuration(CLOSED).has_closed(booked(branch="nowhere").slot)
    assert not closed_configuration(CLOSED).has_closed(slot_key(starts_at=OPENING + MINUTE)), "it never was a slot"
    assert not closed_configuration(CLOSED, Withdrawal(CLOSED.id)).has_closed(booked().slot)


def test_all_rules_of_a_move_are_evaluated_and_the_broken_ones_reported_in_their_order():
    one = copy_with(booked(state=AppointmentState.CHECKED_IN), moves=2, instructions=None)
    outcomes = refused(one, slot_key(service="transfer"), seats_taken=2, now=LATER - MINUTE, others=(ANOTHER,))

    assert outcomes == ["BK-03", "BK-05", "BK-06", "MV-02", "MV-03", "MV-04", "MV-05"]
    case = move_case(one)
    assert [v.rule_id for v in small_rulebook().evaluate(Use.MOVE, case, START).refused] == ["MV-02", "MV-04"]
