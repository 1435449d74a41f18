"""The three results of a rule: kept, broken, and not applicable if it has nothing to evaluate."""

from datetime import date
from typing import Any

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU
from tests.cases import (
    CATALOGUE,
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    TICK,
    appointment,
    booking_case,
    hold,
    move_case,
    verdict_of,
)
from tests.small_town import START, named, small_rulebook
from traffic_booking import Assertions, Delegate, Result, Suspension
from traffic_booking.domain.rules.cases import AppointmentCase
from traffic_booking.domain.rules.restrictions import SlotCase
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS

NEEDS: dict[str, Any] = {"minimum_age_years": 18, "window_days_before_expiry": 180, "prerequisites": ("medical-check",)}
NOWHERE = booking_case(slot=None, service=copy_with(CATALOGUE.conditions_of("renewal"), **NEEDS))
NOTHING_TO_EVALUATE: dict[str, tuple[str, Any, dict[str, int]]] = {
    "BK-05 without a slot": ("BK-05", NOWHERE, {}),
    "BK-12 for a hold": ("BK-12", booking_case(held=hold(1, starts_at=OPENING)), {"minutes": 60}),
    "BK-12 at zero": ("BK-12", booking_case(), {"minutes": 0}),
    "BK-14 at zero": ("BK-14", booking_case(others=(appointment(1, starts_at=OPENING + DAY),)), {"minutes": 0}),
    "BK-16 for an applicant": ("BK-16", booking_case(), {}),
    "BK-16 for a clerk": ("BK-16", booking_case(actor=CLERK), {}),
    "EL-01 without a least age": ("EL-01", booking_case(), {}),
    "EL-01 without a slot": ("EL-01", NOWHERE, {}),
    "EL-02 without a window": ("EL-02", booking_case(), {}),
    "EL-02 without a slot": ("EL-02", NOWHERE, {}),
    "EL-03 without prerequisites": ("EL-03", booking_case(), {}),
    "EL-04 without a need": ("EL-04", booking_case(assertions=Assertions(checked_at=START - 900 * DAY)), {}),
    "EL-04 without assertions": ("EL-04", copy_with(NOWHERE, assertions=None), {}),
    "CD-01 at zero": ("CD-01", booking_case(), {"minutes": 0, "days": 1}),
    "CD-02 at zero": ("CD-02", booking_case(missed=(START - DAY,)), {"missed": 1, "window_days": 9, "days": 0}),
    "CN-02 without an appointment": ("CN-02", AppointmentCase(ME, None), {}),
    "CN-03 for a stranger": ("CN-03", AppointmentCase(YOU, appointment()), {}),
    "CN-03 for a hold": ("CN-03", AppointmentCase(ME, hold(1)), {}),
    "CN-04 for a hold": ("CN-04", AppointmentCase(ME, hold(1)), {"minutes": 60}),
    "CN-04 at zero": ("CN-04", AppointmentCase(ME, appointment()), {"minutes": 0}),
    "MV-04 for a closed slot": ("MV-04", copy_with(move_case(), slot_was_closed=True), {"moves": 0}),
    "MV-05 for a closed slot": ("MV-05", copy_with(move_case(), slot_was_closed=True), {}),
    "AT-02 without an appointment": ("AT-02", AppointmentCase(CLERK, None), {}),
    "AT-03 for a stranger": ("AT-03", AppointmentCase(YOU, appointment()), {}),
    "AT-04 without an appointment": ("AT-04", AppointmentCase(CLERK, None), {}),
}


@pytest.mark.parametrize("name", NOTHING_TO_EVALUATE)
def test_a_rule_without_anything_to_evaluate_is_not_applicable_and_refuses_nothing(name):
    rule_id, case, figures = NOTHING_TO_EVALUATE[name]
    verdict = verdict_of(rule_id, case, START, **figures)

    assert verdict.result is Result.NOT_APPLICABLE
    assert verdict.granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (None, None, None)


def test_nobody_has_met_a_condition_that_nobody_checked():
    unchecked = booking_case(service=copy_with(CATALOGUE.conditions_of("renewal"), **NEEDS))
    checked = copy_with(unchecked, assertions=Assertions(checked_at=START, met={"medical-check"}))

    assert verdict_of("EL-03", booking_case()).result is Result.NOT_APPLICABLE
    assert verdict_of("EL-03", unchecked).result is Result.BROKEN
    assert verdict_of("EL-04", unchecked).result is Result.NOT_APPLICABLE
    assert verdict_of("EL-03", checked).result is Result.KEPT


def test_rules_about_appointments_that_the_actor_may_not_see_say_nothing():
    evaluation = small_rulebook().evaluate(Use.HOLD, booking_case(actor=YOU), START)
    results = {verdict.rule_id: verdict.result for verdict in evaluation}

    assert results["BK-11"] is Result.BROKEN
    unread = {"BK-07", "BK-08", "BK-09", "BK-13", "BK-14", "CD-01", "CD-02", "HD-01"}
    assert {results[rule_id] for rule_id in unread} == {Result.NOT_APPLICABLE}
    assert results["BK-10"] is Result.KEPT


def test_a_broken_rule_is_named_even_after_another_broken_one():
    case = booking_case(actor=YOU, others=(appointment(1),))

    refused = small_rulebook().evaluate(Use.BOOK, case, START).refused
    assert [verdict.rule_id for verdict in refused] == ["BK-07", "BK-09", "BK-11"]


@given(
    case=st.sampled_from([booking_case(), NOWHERE, booking_case(actor=YOU), copy_with(NOWHERE, actor=YOU)]),
    use=st.sampled_from([Use.HOLD, Use.BOOK]),
)
def test_no_rule_is_kept_after_a_broken_one_that_comes_first(case, use):
    results = {verdict.rule_id: verdict.result for verdict in small_rulebook().evaluate(use, case, START)}

    for definition in DEFINITIONS:
        if definition.id in results and any(results.get(one) is Result.BROKEN for one in definition.after):
            assert results[definition.id] is not Result.KEPT


def test_rules_come_after_rules_that_exist_and_share_a_use():
    uses = {definition.id: definition.uses for definition in DEFINITIONS}

    for definition in DEFINITIONS:
        for earlier in definition.after:
            assert uses[earlier] & definition.uses, (definition.id, earlier)


SUSPENSION = Suspension(
    service="renewal", from_day=date(2026, 11, 22), until_day=date(2026, 11, 23), reason=named("flood")
)


@given(
    ahead=st.timedeltas(-2 * DAY, 90 * DAY) | st.sampled_from([0 * DAY, TICK, 60 * MINUTE, 60 * DAY, 60 * DAY + TICK]),
    suspended=st.booleans(),
    notice=st.integers(0, 120),
)
def test_a_search_asks_the_rules_about_the_slot_alone_and_gets_their_results(ahead, suspended, notice):
    rulebook = small_rulebook(BK_12={"minutes": notice})
    case = booking_case(suspension=SUSPENSION if suspended else None)
    now = case.key.starts_at - ahead

    searched = rulebook.evaluate(Use.SEARCH, SlotCase(case.key, case.suspension), now, case.key)

    assert searched.findings.rule_ids == ("BK-03", "BK-04", "BK-12", "BK-15")
    booked = rulebook.evaluate(Use.BOOK, case, now, case.key).findings
    assert [booked[rule_id] for rule_id in searched.findings.rule_ids] == list(searched.findings.results)


def test_a_delegation_is_evaluated_for_a_delegate():
    delegate = Delegate(person=YOU, applicant=ME, services=["renewal"], until=OPENING)

    assert verdict_of("BK-16", booking_case(actor=delegate)).result is Result.KEPT
