"""CN-05: a booking or a move may be taken back for some minutes, whatever the cut-off, until the appointment starts."""

from datetime import timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, number
from tests.calendars import exception
from tests.cases import (
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    TICK,
    appointment,
    check_sentences,
    conditions_of,
    hold,
    move_case,
    slot_key,
    verdict_of,
)
from tests.desks import open_desk
from tests.people import ME as I
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    Booked,
    Cancelled,
    Delegate,
    Moved,
    Refused,
    Tightening,
)
from traffic_booking.domain.appointments.commands import CancelAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.cancelling import cancellation_case, decide_cancellation, may_cancel
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import MovableClock, made_up_person

GRACE = 10
RULEBOOK = small_rulebook(CN_05={"minutes": GRACE}, CD_01={"minutes": 1_440, "days": 1})
LATE = appointment(1, starts_at=START + 30 * MINUTE)
"""Booked at START, within the four hours of CN-03 and MV-05."""


def rules_of(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


def decided(one, now, rulebook=RULEBOOK, actor=ME):
    """The change of the decision to cancel `one`."""
    command = CancelAppointment(request_id=RequestId("r"), actor=actor, number=number(1))
    facts = Facts(appointment=one, person_state=PersonState(one.applicant, 1, (one.as_listed(),)))
    return decide_cancellation(conditions_of(rulebook=rulebook), command, facts, now)


def without(rule_id):
    """The rulebook in which one rule comes into force later."""
    later = (OPENING + 9 * DAY).date()
    rules = (copy_with(each, in_force_from=later) if each.id == rule_id else each for each in RULEBOOK.rules)
    return copy_with(RULEBOOK, rules=tuple(rules))


def cases(one, *, late=True):
    """The case of cancelling and that of moving `one`."""
    return AppointmentCase(ME, one, booked_late=late), copy_with(move_case(one), booked_late=late)


@pytest.mark.rule("CN-05", evidence="table")
@pytest.mark.parametrize("minutes", [1, GRACE, 59, 60, 24 * 60])
@pytest.mark.parametrize(("before_end", "granted"), [(TICK, True), (0 * TICK, False), (-TICK, False)])
def test_a_late_booking_may_be_cancelled_and_moved_until_just_before_the_grace_or_its_start(
    minutes, before_end, granted
):
    ends_at = START + min(minutes, 60) * MINUTE
    now = ends_at - before_end
    for case in cases(appointment()):
        verdict = verdict_of("CN-05", case, now, minutes=minutes)

        assert verdict.granted is granted
        assert (verdict.observed, verdict.limit, verdict.allowed_from) == (now, ends_at, None)
        check_sentences(verdict, minutes)


@pytest.mark.rule("CN-05", evidence="table")
@pytest.mark.parametrize("now", [START, START + GRACE * MINUTE, OPENING])
def test_an_appointment_that_was_not_booked_late_is_a_matter_of_the_cut_offs_alone(now):
    for case in cases(appointment(), late=False):
        assert verdict_of("CN-05", case, now, minutes=GRACE).result == "not applicable"
    assert verdict_of("CN-05", AppointmentCase(ME, None, booked_late=True), now, minutes=GRACE).granted


@pytest.mark.rule("CN-03")
@pytest.mark.rule("CN-04")
@pytest.mark.rule("MV-05")
def test_the_cut_offs_do_not_apply_to_a_late_booking():
    cancelling, moving = cases(appointment())
    for rule_id, case in (("CN-03", cancelling), ("CN-04", cancelling), ("MV-05", moving)):
        assert verdict_of(rule_id, case, OPENING, minutes=60).result == "not applicable"
        assert not verdict_of(rule_id, copy_with(case, booked_late=False), OPENING, minutes=60).granted


@pytest.mark.rule("CN-05", evidence="property")
@pytest.mark.rule("CN-03", evidence="property")
@given(
    grace=st.integers(0, 90),
    cut_off=st.integers(0, 300),
    ahead=st.integers(1, 400),
    after=st.timedeltas(timedelta(), timedelta(minutes=420)) | st.integers(0, 420).map(lambda each: each * MINUTE),
    actor=st.sampled_from([ME, CLERK]),
)
def test_a_booking_is_cancelled_exactly_before_its_cut_off_or_within_the_grace(grace, cut_off, ahead, after, actor):
    rulebook = small_rulebook(CN_03={"minutes": cut_off}, CN_05={"minutes": grace})
    one, now = appointment(1, starts_at=START + ahead * MINUTE), START + after
    ends_at = max(one.slot.starts_at - cut_off * MINUTE, START + min(grace, ahead) * MINUTE if grace else START)
    change = decided(one, now, rulebook, actor)
    assert change.answer is not None

    assert isinstance(change.answer.outcome, Cancelled) == (now < ends_at)
    if now >= ends_at:
        (verdict,) = change.answer.outcome.verdicts
        assert verdict.limit == ends_at or not grace
    answer = may_cancel(conditions_of(rulebook=rulebook), ME, one, now)
    assert answer.until is not None
    assert bool(answer) == (now < answer.until)


@pytest.mark.rule("CN-04")
@pytest.mark.rule("CN-05")
def test_the_grace_holds_against_a_cut_off_in_working_time():
    rulebook = small_rulebook(CN_03={"minutes": 0}, CN_04={"minutes": 60}, CN_05={"minutes": GRACE})
    configuration, one = conditions_of(rulebook=rulebook), appointment(1, starts_at=OPENING + 15 * MINUTE)

    assert cancellation_case(configuration, rulebook, ME, one, START).booked_late
    assert may_cancel(configuration, ME, one, START + 9 * MINUTE)
    assert may_cancel(configuration, ME, one, START).until == START + GRACE * MINUTE
    later = appointment(1, starts_at=OPENING + 80 * MINUTE)
    assert not cancellation_case(configuration, rulebook, ME, later, START).booked_late
    assert may_cancel(configuration, ME, later, START).until == OPENING + 20 * MINUTE


@pytest.mark.rule("CN-05")
def test_a_hold_is_given_back_at_any_time_and_has_no_grace():
    one = hold(1, starts_at=START + 30 * MINUTE)
    assert not cancellation_case(conditions_of(rulebook=RULEBOOK), RULEBOOK, ME, one, START).booked_late
    change = decided(one, START)
    assert not change.events[0].in_grace


@pytest.mark.rule("CN-05")
def test_a_rule_of_grace_that_is_not_in_force_grants_nothing():
    assert rules_of(decided(LATE, START, without("CN-05")).answer.outcome) == ["CN-03"]
    configuration = conditions_of(rulebook=without("CN-03"))
    assert may_cancel(configuration, ME, LATE, START + 20 * MINUTE).until is None


@pytest.mark.rule("CN-05")
def test_a_branch_may_have_less_grace():
    rulebook = copy_with(RULEBOOK, tightenings=(Tightening(rule="CN-05", branch="north", figures={"minutes": 5}),))
    for branch, minutes in (("north", 5), ("south", 10)):
        one = appointment(1, starts_at=START + 30 * MINUTE, branch=branch)
        assert may_cancel(conditions_of(rulebook=rulebook), ME, one, START).until == START + minutes * MINUTE


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    with open_desk(small_catalogue(capacity=2, opens_minute=420), clock=clock, rulebook=RULEBOOK) as opened:
        yield opened


NEAR = slot_key(starts_at=START + 15 * MINUTE)
FAR = slot_key(starts_at=OPENING + 2 * DAY)


def book(desk, key=NEAR, request_id="book", **named):
    outcome = desk.book(key, applicant=I, agreed=True, request_id=request_id, **named)
    assert isinstance(outcome, Booked)
    return outcome.appointment


@pytest.mark.rule("CN-05")
def test_booked_shortly_before_its_start_it_can_be_cancelled_and_moved_for_some_minutes(desk, clock):
    booked = book(desk)
    clock.advance(GRACE * MINUTE - TICK)
    assert desk.may_cancel(booked.number, by=I)
    assert desk.what_if().move(booked.number, FAR, by=I)
    clock.advance(TICK)
    may = desk.may_cancel(booked.number, by=I)
    assert [verdict.rule_id for verdict in may.refused] == ["CN-05"]
    assert may.until == START + GRACE * MINUTE
    refused = [desk.cancel(booked.number, by=I, request_id="c"), desk.move(booked.number, FAR, by=I, request_id="m")]
    assert [rules_of(each) for each in refused] == [["CN-05"], ["CN-05"]]
    assert refused[0].verdicts[0].message("en") == (
        "The time for cancelling or moving this appointment ended on Sunday, 22 November 2026 – 12 Jumada al-Akhirah"
        " 1448 AH, at 07:10 (Saudi time), at most 10 minutes after its booking or last move. If you cannot come,"
        " contact the branch."
    )
    for request_id in ("c", "m"):
        (why,) = desk.explain(request_id=request_id, by=I)
        found = {verdict.rule_id: verdict.result.value for verdict in why.verdicts}
        assert {"CN-05": "broken"}.items() <= found.items()
        assert "kept" not in [found.get(each) for each in ("CN-03", "MV-05")]
    assert desk.audit.verify().broken == ()


@pytest.mark.rule("CN-05")
def test_a_booking_from_a_hold_has_its_grace_from_the_booking(desk, clock):
    desk.hold(NEAR, applicant=I, request_id="hold")
    clock.advance(8 * MINUTE)
    booked = book(desk)

    assert desk.may_cancel(booked.number, by=I).until == NEAR.starts_at, "before the ten minutes are over"
    clock.move_to(NEAR.starts_at - TICK)
    assert isinstance(desk.cancel(booked.number, by=I, request_id="cancel"), Cancelled)


@pytest.mark.rule("CD-01")
@pytest.mark.rule("CN-05")
@pytest.mark.parametrize(
    ("key", "wait", "rules"),
    [
        (NEAR, 9, []),
        (slot_key(starts_at=OPENING + 300 * MINUTE), 9, []),
        (slot_key(starts_at=OPENING + 300 * MINUTE), 10, ["CD-01"]),
    ],
)
def test_who_corrects_a_slip_at_once_may_book_again_and_who_waits_longer_cancels_late(desk, clock, key, wait, rules):
    booked = book(desk, key)
    clock.advance(wait * MINUTE)
    cancelled = desk.cancel(booked.number, by=I, request_id="cancel")
    assert isinstance(cancelled, Cancelled)
    assert (cancelled.appointment.cancelled_by_applicant_at is None) is (rules == [])
    assert desk.audit.history(booked.number, by=I)[-1].in_grace is (rules == [])

    assert [verdict.rule_id for verdict in desk.what_if().book(FAR, applicant=I, agreed=True).refused] == rules
    assert desk.audit.verify()


@pytest.mark.rule("CD-01")
@pytest.mark.rule("CN-05")
def test_after_a_move_the_grace_starts_anew_but_a_cancellation_in_it_is_as_late_as_any(desk, clock):
    booked = book(desk, slot_key(starts_at=OPENING + 300 * MINUTE))
    clock.advance(60 * MINUTE)
    assert isinstance(desk.move(booked.number, slot_key(starts_at=OPENING + 15 * MINUTE), by=I, request_id="m"), Moved)
    clock.advance(9 * MINUTE)
    cancelled = desk.cancel(booked.number, by=I, request_id="cancel")

    assert isinstance(cancelled, Cancelled)
    assert cancelled.appointment.cancelled_by_applicant_at == clock.now()
    assert [v.rule_id for v in desk.what_if().book(FAR, applicant=I, agreed=True).refused] == ["CD-01"]


@pytest.mark.rule("CN-05")
@pytest.mark.rule("MV-04")
def test_nobody_puts_the_cut_off_off_for_longer_than_the_grace_of_each_counted_move(desk, clock):
    """Moves to the own slot start no grace, and the moves that do are used up."""
    booked = book(desk, slot_key(starts_at=OPENING + 180 * MINUTE))
    clock.advance(9 * MINUTE)
    for place in range(1, 9):
        key = slot_key(starts_at=OPENING + (180 - 15 * place) * MINUTE)
        desk.move(booked.number, key, by=I, request_id=f"away-{place}")
        stayed = desk.move(booked.number, desk.appointment(booked.number, by=I).slot, by=I, request_id=f"stay-{place}")
        assert isinstance(stayed, Moved)
        clock.advance(9 * MINUTE)

    may = desk.may_cancel(booked.number, by=I)
    assert [verdict.rule_id for verdict in may.refused] == ["CN-05"]
    assert may.until == START + 9 * MINUTE + 9 * MINUTE + GRACE * MINUTE
    assert desk.appointment(booked.number, by=I).moves == 2


@pytest.mark.rule("CN-05")
def test_a_move_from_a_closed_slot_needs_no_grace(desk, clock):
    booked = book(desk)
    desk.calendar.declare(exception(Effect.CLOSED, booked.day.gregorian), reason="صيانة", by=CLERK, request_id="close")
    clock.advance(DAY)
    assert isinstance(desk.move(booked.number, FAR, by=I, request_id="move"), Moved)


@pytest.mark.rule("CN-05")
@pytest.mark.parametrize(
    ("key", "until"),
    [
        (NEAR, START + GRACE * MINUTE),
        (slot_key(starts_at=START + 240 * MINUTE), START + GRACE * MINUTE),
        (FAR, FAR.starts_at - 240 * MINUTE),
    ],
)
def test_what_if_reports_until_when_a_booking_made_now_could_be_cancelled_and_moved(desk, clock, key, until):
    would = desk.what_if().book(key, applicant=I, agreed=True)
    assert (would.cancel_until, would.move_until) == (until, until)
    booked = book(desk, key)
    assert desk.may_cancel(booked.number, by=I).until == until
    clock.move_to(until - TICK)
    other = slot_key(starts_at=FAR.starts_at + 30 * MINUTE)
    assert desk.what_if().cancel(booked.number, by=I)
    assert desk.what_if().move(booked.number, other, by=I)
    clock.move_to(until)
    assert not desk.what_if().cancel(booked.number, by=I)
    assert not desk.what_if().move(booked.number, other, by=I)


@pytest.mark.rule("CN-05")
def test_what_if_reports_it_for_a_move_a_delegate_and_used_up_moves(desk, clock):
    refused = desk.what_if().book(NEAR, applicant=I, agreed=False)
    assert (refused.cancel_until, refused.move_until) == (None, None)
    held = desk.what_if().hold(NEAR, applicant=I)
    assert (held.cancel_until, held.move_until) == (None, None)
    until = START + 3 * MINUTE
    daughter = Delegate(person=made_up_person(5), applicant=I, services={"renewal"}, until=until)
    would = desk.what_if().book(NEAR, applicant=I, by=daughter, agreed=True)
    assert (would.cancel_until, would.move_until) == (until, until)
    booked = book(desk, FAR)
    first = desk.what_if().move(booked.number, NEAR, by=I)
    assert (first.cancel_until, first.move_until) == (START + GRACE * MINUTE, START + GRACE * MINUTE)
    desk.move(booked.number, slot_key(starts_at=FAR.starts_at + 30 * MINUTE), by=I, request_id="one")
    second = desk.what_if().move(booked.number, FAR, by=I)
    assert (second.cancel_until, second.move_until) == (FAR.starts_at - 240 * MINUTE, second.decided_at)
    stays = desk.what_if().move(booked.number, desk.appointment(booked.number, by=I).slot, by=I)
    assert (stays.cancel_until, stays.move_until) == (None, None)
    (told,) = desk.explain(request_id="one", by=I)
    assert (told.cancel_until, told.move_until) == (None, None)
