"""EL-01 to EL-04 at their limits, one step to either side, and as properties: the assertions of the host."""

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve as copy_with
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, number
from tests.calendars import PLAIN
from tests.cases import CATALOGUE, DAY, MINUTE, OPENING, TICK, booking_case, check_sentences, slot_key, verdict_of
from tests.small_town import START, small_rulebook
from traffic_booking import Assertions, Booked, InvalidInput, Refused
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.places.services import Condition, Eligibility
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.text_input import RequestId

THE_DAY = date(2026, 11, 22)
"""The day of the slot at OPENING."""


def case(needs, **assertions):
    """A case about a service with needs, and the assertions of the host at START; None for no assertion."""
    vouched = Assertions(**({"checked_at": START} | assertions)) if assertions else None
    return booking_case(service=copy_with(CATALOGUE.conditions_of("renewal"), **needs), assertions=vouched)


@pytest.mark.rule("EL-01", evidence="table")
@pytest.mark.parametrize(("days", "age", "granted"), [(-1, 18, True), (0, 18, True), (1, 17, False)])
def test_an_applicant_is_old_enough_from_the_birthday_on(days, age, granted):
    birth_date = date(2008, 11, 22) + timedelta(days=days)
    verdict = verdict_of("EL-01", case({"minimum_age_years": 18}, birth_date=birth_date))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit, verdict.allowed_from) == (age, 18, None)
    check_sentences(verdict)


@pytest.mark.rule("EL-01", evidence="property")
@given(born=st.dates(date(1900, 1, 1), THE_DAY), least=st.integers(1, 120))
def test_age_is_counted_in_completed_years_on_the_day_of_the_slot(born, least):
    verdict = verdict_of("EL-01", case({"minimum_age_years": least}, birth_date=born))

    assert verdict.granted == (born + relativedelta(years=least) <= THE_DAY)


@pytest.mark.rule("EL-01")
def test_a_person_born_on_29_february_completes_a_year_on_the_28th():
    key = slot_key(starts_at=OPENING.replace(month=2, day=28, year=2027))
    needs = case({"minimum_age_years": 23}, birth_date=date(2004, 2, 29))

    assert verdict_of("EL-01", copy_with(needs, key=key, slot=copy_with(needs.slot, key=key)), START).granted
    assert not verdict_of("EL-01", copy_with(needs, slot=copy_with(needs.slot, key=slot_key())), START).granted


@pytest.mark.rule("EL-02", evidence="table")
@pytest.mark.parametrize(("days", "granted"), [(179, True), (180, True), (181, False)])
def test_a_slot_is_in_the_window_from_its_first_day_on(days, granted):
    expires_on = THE_DAY + timedelta(days=days)
    verdict = verdict_of("EL-02", case({"window_days_before_expiry": 180}, expires_on=expires_on))

    assert verdict.granted is granted
    assert verdict.observed == OPENING
    assert verdict.limit == OPENING - 8 * 60 * MINUTE + (days - 180) * DAY
    assert verdict.allowed_from is None
    check_sentences(verdict)


@pytest.mark.rule("EL-02", evidence="property")
@given(expires_on=st.dates(date(2020, 1, 1), date(2035, 1, 1)), window=st.integers(1, 3660))
def test_the_window_stays_open_after_the_expiry(expires_on, window):
    verdict = verdict_of("EL-02", case({"window_days_before_expiry": window}, expires_on=expires_on))

    assert verdict.granted == ((expires_on - THE_DAY).days <= window)


@pytest.mark.rule("EL-03", evidence="table")
@pytest.mark.parametrize(
    ("met", "granted", "observed"),
    [
        ({"insurance", "medical-check", "other"}, True, "insurance, medical-check"),
        ({"insurance"}, False, "insurance"),
        (set(), False, None),
    ],
)
def test_every_prerequisite_is_vouched_for(met, granted, observed):
    verdict = verdict_of("EL-03", case({"prerequisites": ("insurance", "medical-check")}, met=met))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (observed, "insurance, medical-check")
    check_sentences(verdict)


@pytest.mark.rule("EL-03", evidence="property")
@given(
    wanted=st.sets(st.sampled_from(["a", "b", "c", "d"]), min_size=1),
    met=st.sets(st.sampled_from(["a", "b", "c", "d"])),
)
def test_more_conditions_than_needed_make_no_difference(wanted, met):
    assert verdict_of("EL-03", case({"prerequisites": tuple(sorted(wanted))}, met=met)).granted == (wanted <= met)


@pytest.mark.rule("EL-04", evidence="table")
@pytest.mark.parametrize("minutes", [1, 60])
@pytest.mark.parametrize(("older", "granted"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_assertions_that_were_checked_too_long_ago_do_not_count(minutes, older, granted):
    checked_at = START - minutes * MINUTE - older
    vouched = case({"prerequisites": ("a",)}, met={"a"}, checked_at=checked_at)
    verdict = verdict_of("EL-04", vouched, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (checked_at, START - minutes * MINUTE)
    check_sentences(verdict, minutes)


@pytest.mark.rule("EL-04", evidence="property")
@given(ago=st.timedeltas(-DAY, 90 * DAY), minutes=st.integers(1, 90 * 24 * 60))
def test_a_check_is_good_for_so_many_minutes(ago, minutes):
    vouched = case({"minimum_age_years": 18}, birth_date=date(1990, 1, 1), checked_at=START - ago)

    assert verdict_of("EL-04", vouched, minutes=minutes).granted == (ago <= minutes * MINUTE)


@pytest.mark.rule("EL-01")
@pytest.mark.rule("EL-02")
@pytest.mark.rule("EL-03")
@pytest.mark.parametrize(
    ("rule_id", "needs", "other"),
    [
        ("EL-01", {"minimum_age_years": 18}, {"expires_on": THE_DAY}),
        ("EL-02", {"window_days_before_expiry": 180}, {"birth_date": date(1990, 1, 1)}),
        ("EL-03", {"prerequisites": ("a",)}, None),
    ],
)
def test_missing_assertions_are_refused_as_such(rule_id, needs, other):
    nothing: dict[str, Any] = {}
    for assertions in (nothing, other):
        if assertions is not None:
            verdict = verdict_of(rule_id, case(needs, **assertions))
            assert (verdict.granted, verdict.observed) == (False, "not asserted")
            assert verdict.limit is not None
    assert verdict_of("EL-04", case(needs)).granted


@pytest.mark.rule("EL-01")
@pytest.mark.rule("EL-02")
@pytest.mark.rule("EL-03")
@pytest.mark.rule("EL-04")
def test_a_service_without_needs_requires_no_assertions():
    stale = case({}, checked_at=START - 1000 * DAY)
    nowhere = copy_with(case({"minimum_age_years": 18, "window_days_before_expiry": 3}), slot=None)

    for rule_id in ("EL-01", "EL-02", "EL-03", "EL-04"):
        assert verdict_of(rule_id, stale).granted
        assert rule_id == "EL-03" or verdict_of(rule_id, nowhere).granted


@pytest.mark.rule("EL-03")
def test_a_condition_that_is_asserted_binds_and_one_that_is_shown_does_not():
    renewal = CATALOGUE.service("renewal")
    conditions = tuple(
        Condition(name, renewal.name, asserted=asserted) for name, asserted in (("shown", False), ("bound", True))
    )
    eligibility = Eligibility(holders=renewal.eligibility.holders, conditions=conditions)
    services = tuple(
        copy_with(service, eligibility=eligibility) if service is renewal else service for service in CATALOGUE.services
    )
    configuration = Configuration(copy_with(CATALOGUE, services=services), small_rulebook(), BranchCalendars(PLAIN))
    facts = Facts(person_state=PersonState(ME, 1), seats_taken={slot_key(): 0})

    def book(assertions):
        command = BookSlot(
            request_id=RequestId("r"), actor=ME, applicant=ME, slot=slot_key(), agreed=True, assertions=assertions
        )
        return decide_booking(configuration, command, facts, number(1), START).answer

    refused = book(None).outcome
    assert isinstance(refused, Refused)
    assert [(verdict.rule_id, verdict.limit) for verdict in refused.verdicts] == [("EL-03", "bound")]
    granted = book(Assertions(checked_at=START, met={"bound"}))
    assert isinstance(granted.outcome, Booked)
    assert granted.case.assertions.met == {"bound"}


@pytest.mark.parametrize("name", ["birth_date", "expires_on"])
def test_dates_that_no_reckoning_survives_are_refused_and_none_is_shown(name):
    def vouched(day):
        dates: dict[str, Any] = {name: day}
        return Assertions(checked_at=START, **dates)

    with pytest.raises(InvalidInput, match=r"^day: got the year 1;"):
        vouched(date(1, 1, 1))
    assert "2001" not in repr(vouched(date(2001, 1, 1)))


@pytest.mark.parametrize("days", [0, 3661])
def test_a_window_is_1_to_3660_days_or_none(days):
    with pytest.raises(InvalidInput, match=r"^window_days_before_expiry: "):
        Eligibility(holders=CATALOGUE.service("renewal").eligibility.holders, window_days_before_expiry=days)
