"""A move of a booked appointment to its own slot: granted whatever other rules refuse, never counted, only answered."""

from datetime import date

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, number
from tests.calendars import PLAIN, exception
from tests.cases import CATALOGUE, CLERK, DAY, MINUTE, OPENING, STAFF, appointment, conditions_of
from tests.desks import open_desk
from tests.people import ME as I
from tests.small_town import START, named, small_catalogue, small_rulebook
from traffic_booking import AppointmentState, Assertions, Booked, Clerk, Delegate, Holder, Moved, Refused, Suspension
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.commands import MoveAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import CalendarVersion, Facts
from traffic_booking.domain.decisions.moving import decide_move, move_case
from traffic_booking.domain.places.services import Condition, Eligibility
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing import MovableClock, made_up_person

LATER = OPENING + DAY
BOOKED = appointment(1, starts_at=LATER)
BOOKED_LATE = copy_with(BOOKED, changed_at=LATER - 60 * MINUTE)
CLOSED = exception(Effect.CLOSED, LATER.date())
SUSPENDED = Suspension(
    service="renewal", from_day=date(2026, 11, 1), until_day=date(2026, 12, 1), reason=named("works")
)
ASKED = Eligibility(
    holders=frozenset(Holder),
    minimum_age_years=99,
    window_days_before_expiry=1,
    conditions=(Condition("a", named("a"), asserted=True),),
)
STRICT = copy_with(CATALOGUE, services=tuple(copy_with(each, eligibility=ASKED) for each in CATALOGUE.services))
VOUCHED = Assertions(checked_at=START - 90 * DAY, birth_date=date(2020, 1, 1), expires_on=date(2030, 1, 1), met=set())


def move_of(one, actor=ME, *, agreed=False, assertions=None):
    """The command to move `one` to its own slot."""
    return MoveAppointment(
        request_id=RequestId("r"), actor=actor, number=number(1), slot=one.slot, agreed=agreed, assertions=assertions
    )


def facts_about(one, others=(), seats_taken=0):
    return Facts(
        appointment=one,
        person_state=PersonState(one.applicant, 1, (one, *others)),
        seats_taken={one.slot: seats_taken},
        calendars={one.slot.branch: CalendarVersion(3)},
    )


def decided(command, facts, now=START, configuration=None):
    """The outcome of a decision that writes the answer alone."""
    change = decide_move(configuration or conditions_of(), command, facts, now)
    assert change == Change(answer=change.answer, unchanged=facts.person_state)
    assert change.answer is not None
    return change.answer.outcome


def rules_of(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


def under(suspensions=(), **figures):
    return conditions_of(rulebook=copy_with(small_rulebook(**figures), suspensions=suspensions))


def clash(service):
    return appointment(2, starts_at=LATER + MINUTE, service=service)


NEAR = appointment(2, starts_at=LATER + 30 * MINUTE, service="transfer")
OF_THE_PERSON = ("EL-01", "EL-02", "EL-03", "EL-04")
SITUATIONS = [
    pytest.param(rule_id, one, parts, id=rule_id)
    for rule_id, one, parts in (
        ("BK-01", appointment(1, starts_at=LATER, service="foreign", branch="south"), {}),
        ("BK-02", appointment(1, starts_at=LATER + MINUTE), {}),
        ("BK-03", BOOKED, {"now": LATER + 7 * DAY}),
        ("BK-04", BOOKED, {"configuration": under(BK_04={"days": 1}), "now": START - DAY}),
        ("BK-05", BOOKED, {"seats_taken": 9}),
        ("BK-06", BOOKED, {"agreed": "2020-01-01"}),
        ("BK-07", BOOKED, {"others": (clash("renewal"),)}),
        ("BK-08", BOOKED, {"others": (clash("transfer"),), "configuration": under(BK_08={"appointments": 1})}),
        ("BK-09", BOOKED, {"others": (clash("transfer"),)}),
        ("BK-10", appointment(1, starts_at=LATER, service="foreign"), {}),
        ("BK-12", BOOKED, {"configuration": under(BK_12={"minutes": 30 * 24 * 60})}),
        ("BK-13", BOOKED, {"others": (clash("transfer"),), "configuration": under(BK_13={"appointments": 1})}),
        ("BK-14", BOOKED, {"others": (NEAR,), "configuration": under(BK_14={"minutes": 60})}),
        ("BK-15", BOOKED, {"configuration": under((SUSPENDED,))}),
        *((rule, BOOKED, {"assertions": VOUCHED, "configuration": conditions_of(STRICT)}) for rule in OF_THE_PERSON),
        ("CN-05", BOOKED_LATE, {"configuration": under(CN_05={"minutes": 1}), "now": LATER - MINUTE}),
        ("MV-04", copy_with(BOOKED, moves=2), {}),
        ("MV-05", BOOKED, {"now": LATER - MINUTE}),
    )
]


@pytest.mark.parametrize(("rule_id", "one", "parts"), SITUATIONS)
def test_it_is_granted_where_each_other_rule_would_refuse_the_booking_of_that_slot(rule_id, one, parts):
    now, configuration = parts.pop("now", START), parts.pop("configuration", conditions_of())
    facts = facts_about(one, parts.pop("others", ()), parts.pop("seats_taken", 0))
    command = move_of(one, **parts)
    rulebook = configuration.rulebook(now)
    as_another = move_case(configuration, rulebook, command, one, facts, now)

    assert rule_id in [verdict.rule_id for verdict in rulebook.evaluate(Use.MOVE, as_another, now).refused]
    assert decided(command, facts, now, configuration) == Moved(one)


def test_every_rule_of_moving_is_among_these_but_those_that_decide_it():
    of_moving = {each.id for each in DEFINITIONS if Use.MOVE in each.uses and Use.STAY not in each.uses}

    assert of_moving - {"MV-03"} == {each.values[0] for each in SITUATIONS}, "MV-03: its own slot has its service"
    assert {each.id for each in DEFINITIONS if Use.STAY in each.uses} == {"MV-01", "MV-02", "BK-16"}


@pytest.mark.rule("MV-04")
@pytest.mark.rule("MV-05")
@pytest.mark.parametrize("now", [START, LATER - MINUTE, LATER + MINUTE, LATER + 9 * DAY])
@pytest.mark.parametrize("actor", [ME, *STAFF])
def test_it_is_granted_at_any_time_to_all_who_may_move_it_and_after_a_closure(now, actor):
    one = copy_with(BOOKED, moves=2)
    closed = Configuration(CATALOGUE, small_rulebook(), BranchCalendars(PLAIN, (CLOSED,)))

    for configuration in (None, closed):
        assert decided(move_of(one, actor), facts_about(one), now, configuration) == Moved(one)


@pytest.mark.rule("MV-01")
@pytest.mark.parametrize(
    ("actor", "rules"),
    [
        (YOU, ["MV-01"]),
        (Clerk("counter-9", branches=["south"]), ["MV-01"]),
        (Delegate(person=YOU, applicant=ME, services=["transfer"], until=LATER), ["MV-01"]),
        (Delegate(person=YOU, applicant=ME, services=["renewal"], until=START), ["MV-01"]),
    ],
)
def test_who_may_not_move_the_appointment_may_not_move_it_to_its_own_slot_either(actor, rules):
    assert rules_of(decided(move_of(BOOKED, actor), facts_about(BOOKED))) == rules


@pytest.mark.rule("MV-02")
@pytest.mark.parametrize("state", [state for state in AppointmentState if state is not AppointmentState.BOOKED])
def test_nothing_that_is_not_booked_is_moved_anywhere(state):
    one = appointment(1, starts_at=LATER, state=state)

    assert "MV-02" in rules_of(decided(move_of(one, agreed=True), facts_about(one)))


@given(times=st.integers(1, 5), moves=st.integers(0, 2), ahead=st.timedeltas(-2 * DAY, 70 * DAY))
def test_it_is_granted_again_and_again_and_no_move_is_used_up(times, moves, ahead):
    one = copy_with(BOOKED, moves=moves)

    assert [decided(move_of(one), facts_about(one), LATER - ahead) for _ in range(times)] == [Moved(one)] * times


def test_at_the_desk_it_is_tried_explained_replayed_and_verified_as_decided():
    clock, store = MovableClock(START), MemoryStore()
    with open_desk(small_catalogue(), clock=clock, store=store, rulebook=small_rulebook(MV_04={"moves": 0})) as desk:
        own = SlotKey(BOOKED.slot.branch, BOOKED.slot.service, LATER)
        outcome = desk.book(own, applicant=I, agreed=True, request_id="book")
        assert isinstance(outcome, Booked)
        booked = outcome.appointment
        clock.move_to(LATER - MINUTE)
        assert desk.what_if().move(booked.number, own, by=I)
        vouched = Assertions(checked_at=clock.now())
        for place, by in enumerate((I, CLERK)):
            request_id = f"stay-{place}"
            assert desk.move(booked.number, own, by=by, request_id=request_id, assertions=vouched) == Moved(booked)
        theirs = desk.move(booked.number, own, by=made_up_person(5), request_id="stranger")

        assert rules_of(theirs) == ["MV-01"]
        assert desk.appointment(booked.number, by=I) == booked
        (why,) = desk.explain(request_id="stay-0", by=I)
        assert (why.use, why.slot) == ("move", own)
        assert [(v.rule_id, v.result.value) for v in why.verdicts] == [
            ("BK-16", "not applicable"),
            ("MV-01", "kept"),
            ("MV-02", "kept"),
        ]
        assert len(desk.audit.history(booked.number, by=I)) == 1
        verified = desk.audit.verify()
        assert (verified.broken, verified.without_case) == ((), 0)
