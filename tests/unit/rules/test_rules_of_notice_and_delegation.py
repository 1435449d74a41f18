"""BK-12 to BK-16 at their limits and as properties: notice, groups, gaps, suspension, delegates."""

from datetime import date, timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU
from tests.cases import (
    CLERK,
    DAY,
    MINUTE,
    OPENING,
    TICK,
    appointment,
    booking_case,
    check_sentences,
    hold,
    slot_key,
    verdict_of,
    verdicts_on_request,
)
from tests.small_town import START, named, small_rulebook
from traffic_booking import AppointmentState, Delegate, InvalidInput, Suspension
from traffic_booking.domain.rules.cases import AppointmentCase, seen_by
from traffic_booking.domain.rules.rule import Use


@pytest.mark.rule("BK-12", evidence="table")
@pytest.mark.parametrize("minutes", [1, 2, 60])
@pytest.mark.parametrize(("late", "granted"), [(-TICK, True), (0 * TICK, True), (TICK, False)])
def test_a_slot_is_booked_until_its_notice_before_it_starts(minutes, late, granted):
    now = OPENING - minutes * MINUTE + late
    verdict = verdict_of("BK-12", booking_case(), now, minutes=minutes)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (OPENING, OPENING + late)
    assert verdict.allowed_from is None
    check_sentences(verdict, minutes)


@pytest.mark.rule("BK-12", evidence="property")
@given(ahead=st.timedeltas(0 * DAY, 60 * DAY), minutes=st.integers(0, 30 * 24 * 60))
def test_notice_is_the_time_from_asking_to_the_start(ahead, minutes):
    assert verdict_of("BK-12", booking_case(), OPENING - ahead, minutes=minutes).granted == (ahead >= minutes * MINUTE)


@pytest.mark.rule("BK-12")
def test_a_hold_that_was_taken_in_time_is_booked_later_than_the_notice():
    own = hold(1, hold_ends_at=OPENING)
    rulebook = small_rulebook(BK_12={"minutes": 30})
    now = OPENING - 29 * MINUTE

    assert set(verdicts_on_request(Use.BOOK, slot_key(), now=now, rulebook=rulebook)) == {"BK-12"}
    assert (
        verdicts_on_request(Use.BOOK, slot_key(), person_state=[own], seats_taken=1, now=now, rulebook=rulebook) == {}
    )


@pytest.mark.rule("BK-13", evidence="table")
@pytest.mark.parametrize("limit", [1, 3, 20])
@pytest.mark.parametrize(("beyond", "granted"), [(-1, True), (0, False), (1, False)])
def test_one_more_in_a_group_is_granted_while_there_are_fewer_than_the_limit(limit, beyond, granted):
    others = [
        appointment(serial, starts_at=OPENING + serial * DAY, service="transfer")
        for serial in range(1, limit + beyond + 1)
    ]
    verdict = verdict_of("BK-13", booking_case(others=tuple(others)), appointments=limit)

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (limit + beyond, limit)
    assert verdict.allowed_from == (None if granted else others[beyond].slot_ends_at)
    check_sentences(verdict, limit)


@pytest.mark.rule("BK-13", evidence="property")
@given(services=st.lists(st.sampled_from(["renewal", "transfer", "foreign", "elsewhere"]), max_size=8))
def test_only_services_of_the_same_group_count(services):
    others = tuple(appointment(serial, service=service) for serial, service in enumerate(services, start=1))
    verdict = verdict_of("BK-13", booking_case(others=others), appointments=20)

    assert verdict.observed == sum(service != "elsewhere" for service in services)


@pytest.mark.rule("BK-14", evidence="table")
@pytest.mark.parametrize("minutes", [1, 30])
@pytest.mark.parametrize(("wider", "granted"), [(-TICK, False), (0 * TICK, True), (TICK, True)])
@pytest.mark.parametrize("before", [True, False])
def test_appointments_have_at_least_the_gap_between_them(minutes, wider, granted, before):
    gap = minutes * MINUTE + wider
    other = appointment(1, starts_at=OPENING - gap - 15 * MINUTE if before else OPENING + 15 * MINUTE + gap)
    verdict = verdict_of("BK-14", booking_case(others=(other,)), START - DAY, minutes=minutes)

    assert verdict.granted is granted
    assert verdict.observed == (None if granted else other.number)
    assert verdict.allowed_from == (None if granted else other.slot_ends_at)
    check_sentences(verdict, minutes)


@pytest.mark.rule("BK-14", evidence="property")
@given(starts=st.lists(st.integers(-300, 300), max_size=5), minutes=st.integers(0, 240))
def test_a_gap_refuses_what_is_near_and_leaves_overlaps_to_their_own_rule(starts, minutes):
    others = tuple(
        appointment(serial, starts_at=OPENING + start * MINUTE) for serial, start in enumerate(starts, start=1)
    )
    near = any(15 <= abs(start) < 15 + minutes for start in starts)

    assert verdict_of("BK-14", booking_case(others=others), START - DAY, minutes=minutes).granted is not near


SUSPENSION = Suspension(service="renewal", from_day=date(2026, 11, 23), until_day=date(2026, 11, 25), reason=named("x"))


@pytest.mark.rule("BK-15", evidence="table")
@pytest.mark.parametrize(
    ("starts_at", "suspended"),
    [
        (OPENING + DAY - 8 * 60 * MINUTE - TICK, False),  # midnight in Riyadh, and a tick before
        (OPENING + DAY - 8 * 60 * MINUTE, True),
        (OPENING + 3 * DAY - 8 * 60 * MINUTE - TICK, True),
        (OPENING + 3 * DAY - 8 * 60 * MINUTE, False),
    ],
)
def test_a_suspension_covers_whole_days_in_riyadh(starts_at, suspended):
    rulebook = copy_with(small_rulebook(), suspensions=(SUSPENSION,))

    for service, refused in (("renewal", suspended), ("transfer", False)):
        key = slot_key(service=service, starts_at=starts_at)
        assert SUSPENSION.covers(key) is refused
        assert ("BK-15" in verdicts_on_request(Use.BOOK, key, rulebook=rulebook)) is refused


@pytest.mark.parametrize("until", [SUSPENSION.from_day, SUSPENSION.from_day - DAY, START, "2026-11-25", None])
def test_a_suspension_ends_on_a_day_after_its_first(until):
    with pytest.raises(InvalidInput, match=r"^until_day: got "):
        copy_with(SUSPENSION, until_day=until)


@pytest.mark.rule("BK-15")
def test_no_slot_of_a_suspended_service_is_given():
    rulebook = copy_with(small_rulebook(), suspensions=(SUSPENSION,))
    (verdict,) = verdicts_on_request(Use.BOOK, slot_key(starts_at=OPENING + DAY), rulebook=rulebook).values()

    assert verdict.rule_id == "BK-15"
    assert (verdict.observed, verdict.limit) == (OPENING + DAY, SUSPENSION.ends_at)
    assert verdict.allowed_from is None
    check_sentences(verdict)
    for key in (slot_key(starts_at=OPENING), slot_key(starts_at=OPENING + 3 * DAY)):
        assert verdicts_on_request(Use.BOOK, key, rulebook=rulebook) == {}


@pytest.mark.rule("BK-15", evidence="property")
@given(branch=st.sampled_from(["north", "south"]), day=st.integers(-5, 5))
def test_a_suspension_at_one_branch_leaves_the_others_open(branch, day):
    rulebook = copy_with(small_rulebook(), suspensions=(copy_with(SUSPENSION, branch="north"),))
    refused = verdicts_on_request(Use.HOLD, slot_key(branch, starts_at=OPENING + day * DAY), rulebook=rulebook)

    assert ("BK-15" in refused) is (branch == "north" and day in {1, 2})


def delegate(*services, until=OPENING):
    return Delegate(person=YOU, applicant=ME, services=services or ("renewal",), until=until)


@pytest.mark.rule("BK-16", evidence="table")
@pytest.mark.rule("BK-11", evidence="table")
@pytest.mark.parametrize(("after", "granted"), [(-TICK, True), (0 * TICK, False), (TICK, False)])
def test_a_delegate_acts_until_the_delegation_ends(after, granted):
    until = START - after
    verdict = verdict_of("BK-16", booking_case(actor=delegate(until=until)))

    assert verdict.granted is granted
    assert (verdict.observed, verdict.limit) == (START, until)
    check_sentences(verdict)
    assert verdict_of("BK-11", booking_case(actor=delegate(until=until))).granted


@pytest.mark.rule("BK-16", evidence="property")
@given(services=st.sets(st.sampled_from(["renewal", "transfer", "foreign"]), min_size=1))
def test_a_delegate_acts_for_the_services_of_the_delegation_alone(services):
    verdict = verdict_of("BK-16", booking_case(actor=delegate(*services)))

    assert verdict.granted is ("renewal" in services)
    assert verdict.granted or (verdict.observed, verdict.limit) == ("renewal", ", ".join(sorted(services)))


@pytest.mark.rule("BK-16", evidence="table")
@pytest.mark.parametrize("actor", [ME, YOU, CLERK])
def test_nobody_else_is_bound_by_a_delegation(actor):
    assert verdict_of("BK-16", booking_case(actor=actor)).granted


@pytest.mark.rule("BK-11")
def test_a_delegate_of_somebody_else_is_a_stranger():
    other = Delegate(person=ME, applicant=YOU, services=["renewal"], until=OPENING)

    assert set(verdicts_on_request(Use.BOOK, slot_key(), actor=other)) == {"BK-11"}


@pytest.mark.rule("CN-01", evidence="table")
@pytest.mark.parametrize(
    ("actor", "refused"),
    [
        (delegate(until=START + timedelta(microseconds=1)), []),
        (delegate(until=START), ["CN-01"]),
        (delegate("transfer", until=OPENING + DAY), ["CN-01"]),
    ],
)
def test_a_delegate_cancels_within_the_delegation_and_sees_nothing_beyond_it(actor, refused):
    one = appointment(1, starts_at=OPENING + DAY)
    case = AppointmentCase(actor, seen_by(actor, one, START))

    assert [verdict.rule_id for verdict in small_rulebook().evaluate(Use.CANCEL, case, START).refused] == refused
    assert case.seen == (None if refused else one)


def test_a_delegation_covers_at_least_one_service():
    with pytest.raises(InvalidInput, match=r"^services: got none"):
        Delegate(person=YOU, applicant=ME, services=(), until=OPENING)


def test_a_delegate_sees_nothing_that_is_attended_to_by_staff():
    one = appointment(1, state=AppointmentState.BOOKED)

    assert AppointmentCase(delegate(until=OPENING), one).at == one.slot
