"""BK-17 and BK-18, and the rules of booking that apply to a person who is at the branch without an appointment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.cases import (
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    STAFF,
    TICK,
    appointment,
    booking_case,
    check_sentences,
    conditions_of,
    hold,
    slot_key,
    verdict_of,
)
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, Clerk, Refused, WalkedIn
from traffic_booking.domain.appointments.commands import WalkIn
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.checking_in import decide_walk_in, walk_in_slots
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.text_input import RequestId

SLOT = 15 * MINUTE
APPLIED = [each.id for each in DEFINITIONS if Use.WALK_IN in each.uses]


def decided(*, now=OPENING, person_state=(), seats_taken=None, actor=CLERK, agreed=True, service="renewal", **figures):
    """The change of a walk-in at the branch `north`; each slot of `seats_taken` has as many seats taken (of two)."""
    configuration = conditions_of(rulebook=small_rulebook(**figures))
    key = slot_key(service=service)
    command = WalkIn(
        request_id=RequestId("r"), actor=actor, applicant=ME, branch=key.branch, service=key.service, agreed=agreed
    )
    slots = walk_in_slots(configuration, key.branch, key.service, now)
    taken = dict.fromkeys(slots, 0) | {slot_key(starts_at=at): count for at, count in (seats_taken or {}).items()}
    facts = Facts(person_state=PersonState(ME, 1, tuple(person_state)), seats_taken=taken)
    return decide_walk_in(configuration, command, facts, slots, number(9), now)


def broken(**given):
    """The broken rules of a walk-in; empty if it is granted."""
    outcome = decided(**given).answer.outcome
    return [verdict.rule_id for verdict in outcome.verdicts] if isinstance(outcome, Refused) else []


def start_of(**given):
    """The start of the slot that a walk-in gets."""
    outcome = decided(**given).answer.outcome
    assert isinstance(outcome, WalkedIn)
    assert outcome.appointment.state is AppointmentState.CHECKED_IN
    return outcome.appointment.slot.starts_at


@pytest.mark.rule("BK-17", evidence="table")
@pytest.mark.parametrize("actor", [ME, YOU, *STAFF, Clerk("x", branches=["north"]), Clerk("y", branches=["south"])])
def test_a_clerk_of_the_branch_receives_a_walk_in_and_nobody_else(actor):
    verdict = verdict_of("BK-17", booking_case(actor=actor), OPENING)

    assert verdict.granted is (actor in STAFF or actor == Clerk("x", branches=["north"]))
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)
    check_sentences(verdict)


@pytest.mark.rule("BK-17", evidence="property")
@given(
    actor=st.sampled_from([ME, YOU, *STAFF]),
    state=st.sampled_from(AppointmentState),
    ahead=st.integers(-10, 10),
)
def test_who_may_not_receive_walk_ins_learns_nothing_of_the_applicant(actor, state, ahead):
    theirs = appointment(1, starts_at=OPENING + ahead * SLOT, state=state)

    found = broken(actor=actor, person_state=[theirs])

    assert ("BK-17" in found) is (actor not in STAFF)
    if actor == YOU:
        assert found == ["BK-17"]


@pytest.mark.rule("BK-18", evidence="table")
@pytest.mark.parametrize("minutes", [0, 60, 24 * 60])
@pytest.mark.parametrize(("after_limit", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
def test_a_walk_in_gets_a_slot_that_starts_within_the_limit(minutes, after_limit, granted):
    opens_at = OPENING - minutes * MINUTE
    verdict = verdict_of("BK-18", booking_case(), opens_at + after_limit, minutes=minutes)

    assert verdict.granted is granted
    assert verdict.allowed_from == (None if granted else opens_at)
    check_sentences(verdict, minutes)


@pytest.mark.rule("BK-18", evidence="table")
@pytest.mark.parametrize(("after_end", "granted"), [(-TICK, True), (0 * TICK, False), (TICK, False)])
def test_a_walk_in_gets_the_slot_under_way_until_its_end(after_end, granted):
    assert verdict_of("BK-18", booking_case(), OPENING + SLOT + after_end, minutes=60).granted is granted


@pytest.mark.rule("BK-18", evidence="property")
@given(minutes=st.integers(-120, 400), full=st.sets(st.integers(0, 24), max_size=25))
def test_a_walk_in_gets_the_first_free_slot_that_is_under_way_or_near(minutes, full):
    now = OPENING + minutes * MINUTE
    starts = [OPENING + place * SLOT for place in range(24)]
    near = [at for at in starts if now < at + SLOT and at <= now + 60 * MINUTE]
    free = [at for place, at in enumerate(starts) if at in near and place not in full]
    taken = {starts[place]: 2 for place in full if place < 24}

    outcome = decided(now=now, seats_taken=taken).answer.outcome

    if free:
        assert isinstance(outcome, WalkedIn)
        assert outcome.appointment.slot.starts_at == free[0]
    else:
        assert isinstance(outcome, Refused)
        assert {verdict.rule_id for verdict in outcome.verdicts} <= {"BK-02", "BK-05", "BK-18"}


def test_a_full_slot_under_way_is_skipped_for_the_next_one():
    assert start_of() == OPENING
    assert start_of(now=OPENING + 14 * MINUTE) == OPENING
    assert start_of(seats_taken={OPENING: 2}) == OPENING + SLOT


def test_neither_notice_nor_horizon_applies_to_a_walk_in():
    assert {"BK-03", "BK-04", "BK-12"}.isdisjoint(APPLIED)
    assert start_of(now=OPENING + MINUTE, BK_12={"minutes": 24 * 60}) == OPENING


def test_the_rules_about_the_person_and_the_seat_apply_to_a_walk_in():
    assert [
        *("BK-01", "BK-02", "BK-05", "BK-06", "BK-07", "BK-08", "BK-09", "BK-10", "BK-13", "BK-14", "BK-15"),
        *("BK-17", "BK-18", "EL-01", "EL-02", "EL-03", "EL-04", "CD-01", "CD-02"),
    ] == APPLIED
    assert broken(person_state=[appointment(1, starts_at=OPENING + 5 * DAY)]) == ["BK-07"]
    assert broken(agreed=False) == ["BK-06"]
    assert broken(service="foreign") == ["BK-10"]
    missed = appointment(1, starts_at=OPENING - DAY, state=AppointmentState.NO_SHOW)
    assert broken(person_state=[missed], CD_02={"missed": 1, "window_days": 30, "days": 7}) == ["CD-02"]


@pytest.mark.parametrize("place", [0, 4])
def test_a_hold_for_the_service_ends_with_the_walk_in(place):
    own = hold(1, starts_at=OPENING + place * SLOT, hold_ends_at=OPENING + timedelta(minutes=9))
    change = decided(person_state=[own], seats_taken={OPENING: 2 if place == 0 else 0})

    released, walked = change.appointments
    assert (released.number, released.state) == (own.number, AppointmentState.CANCELLED)
    assert (walked.number, walked.slot.starts_at) == (number(9), OPENING)
    assert sum(seat.delta for seat in change.seats) == 0


def test_at_night_the_refusal_names_when_walk_ins_are_received_again():
    outcome = decided(now=START - 3 * 60 * MINUTE).answer.outcome

    assert isinstance(outcome, Refused)
    (verdict,) = outcome.verdicts
    assert (verdict.rule_id, verdict.allowed_from) == ("BK-18", OPENING - 60 * MINUTE)
