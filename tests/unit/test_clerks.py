"""Clerks who have branches act and read at these alone; a branch's list of the day is in the order of the starts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import exception, order
from tests.desks import open_desk
from tests.small_town import START, small_catalogue
from traffic_booking import (
    AppointmentNotFound,
    Booked,
    Cancelled,
    CheckedIn,
    Clerk,
    Declared,
    HijriDate,
    InvalidInput,
    Moved,
    NotFound,
    Refused,
    System,
    Withdrawal,
)
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import MovableClock, made_up_person

MONDAY = date(2026, 11, 23)
NORTH, SOUTH, BOTH, ANY = (Clerk("desk-1", branches=each) for each in (["north"], ["south"], ["north", "south"], None))


@pytest.fixture
def desk():
    with open_desk(small_catalogue(capacity=2)) as opened:
        yield opened


def slot_at(desk, branch, nth=0, day=MONDAY):
    days = {"from_": day, "until": day + timedelta(days=1)}
    return desk.find_slots(service="renewal", branch=branch, limit=500, **days)[nth]


def book(desk, branch="north", *, serial=1, by=ANY, nth=0):
    request = {"applicant": made_up_person(serial), "agreed": True, "request_id": f"book-{serial}", "by": by}
    return desk.book(slot_at(desk, branch, nth), **request)


def broken(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


@pytest.mark.parametrize(("by", "there"), [(NORTH, True), (BOTH, True), (ANY, True), (System(), True), (SOUTH, False)])
def test_a_clerk_acts_at_their_branches_alone(desk, by, there):
    outcome = book(desk, by=by)
    assert isinstance(outcome, Booked) is there
    if not there:
        assert "BK-11" in broken(outcome)
    number = book(desk, serial=2).appointment.number
    desk.clock.move_to(desk.appointment(number, by=ANY).slot.starts_at)
    checked_in = desk.gate.check_in(number, by=by, request_id="check-in")
    assert isinstance(checked_in, CheckedIn) if there else broken(checked_in) == ["AT-01"]


@pytest.mark.parametrize(("by", "there"), [(NORTH, True), (SOUTH, False)])
def test_a_clerk_cancels_and_reads_at_their_branches_alone(desk, by, there):
    number = book(desk).appointment.number
    if there:
        assert desk.appointment(number, by=by).number == number
        assert desk.explain(number, by=by)
        assert desk.explain(request_id="book-1", by=by)
        assert isinstance(desk.cancel(number, by=by, request_id="c"), Cancelled)
        return
    with pytest.raises(AppointmentNotFound):
        desk.appointment(number, by=by)
    with pytest.raises(AppointmentNotFound):
        desk.audit.history(number, by=by)
    with pytest.raises(NotFound):
        desk.explain(request_id="book-1", by=by)
    assert broken(desk.cancel(number, by=by, request_id="c")) == ["CN-01"]
    assert [verdict.rule_id for verdict in desk.may_cancel(number, by=by).refused] == ["CN-01"]


@pytest.mark.parametrize(("by", "granted"), [(NORTH, False), (SOUTH, False), (BOTH, True), (ANY, True)])
def test_a_move_to_another_branch_needs_a_clerk_of_both(desk, by, granted):
    number = book(desk).appointment.number
    outcome = desk.move(number, slot_at(desk, "south"), by=by, request_id="m")
    assert isinstance(outcome, Moved) if granted else broken(outcome) == ["MV-01"]
    assert desk.audit.verify().broken == ()


def test_a_clerk_of_a_branch_declares_for_it_and_not_for_others_or_the_country(desk):
    closed = exception(Effect.CLOSED, MONDAY)
    declare = desk.calendar.declare
    assert broken(declare(closed, reason="why", by=SOUTH, request_id="1")) == ["CL-01"]
    assert broken(declare(order(MONDAY), reason="why", by=NORTH, request_id="2")) == ["CL-01"]
    assert isinstance(declare(closed, reason="why", by=NORTH, request_id="3"), Declared)
    assert broken(declare(Withdrawal(closed.id), reason="why", by=SOUTH, request_id="4")) == ["CL-01"]
    with pytest.raises(NotFound):
        desk.explain(request_id="4", by=NORTH.__class__("desk-2", branches=["south"]))
    assert isinstance(declare(Withdrawal(closed.id), reason="why", by=NORTH, request_id="5"), Declared)
    assert isinstance(declare(order(MONDAY), reason="why", by=ANY, request_id="6"), Declared)
    assert desk.audit.verify().broken == ()


def test_what_concerns_every_branch_is_for_clerks_of_all(desk):
    subject = book(desk).appointment.applicant.subject
    for refused in (lambda: desk.person_of(subject, by=BOTH), lambda: desk.maintenance.prune(by=BOTH)):
        with pytest.raises(InvalidInput, match="actor"):
            refused()
    assert desk.person_of(subject, by=ANY) == made_up_person(1)


@pytest.mark.parametrize("branches", [[], (), "north", ["No Branch"], [7], 7, ["a"] * 300], ids=repr)
def test_branches_of_a_clerk_are_checked(branches):
    with pytest.raises(InvalidInput, match="branch"):
        Clerk("desk-1", branches=branches)


def test_the_days_appointments_are_in_the_order_of_their_start(desk):
    late, early, elsewhere = (
        book(desk, branch, serial=serial, nth=nth).appointment
        for serial, (branch, nth) in enumerate([("north", 3), ("north", 1), ("south", 0)], start=1)
    )
    desk.hold(slot_at(desk, "north", 5), applicant=made_up_person(9), request_id="hold")
    cancelled = book(desk, serial=10).appointment
    desk.cancel(cancelled.number, by=made_up_person(10), request_id="c")
    read = desk.gate.appointments_of_day
    assert read("north", MONDAY) == (early, late)
    assert [each.masked_id for each in read("north", MONDAY)] == [str(made_up_person(2)), str(made_up_person(1))]
    assert read("north", HijriDate.from_gregorian(MONDAY), by=NORTH) == (early, late)
    assert read("south", early.day, by=SOUTH) == (elsewhere,)
    assert read("north", MONDAY - timedelta(days=1)) == ()
    desk.clock.move_to(early.slot.starts_at)
    desk.gate.check_in(early.number, by=NORTH, request_id="in")
    assert [each.state.value for each in read("north", MONDAY)] == ["checked-in", "booked"]
    with pytest.raises(InvalidInput, match="actor"):
        read("north", MONDAY, by=SOUTH)
    with pytest.raises(InvalidInput, match="actor"):
        read("north", MONDAY, by=made_up_person(1))
    with pytest.raises(NotFound):
        read("nowhere", MONDAY)


@given(
    branches=st.none() | st.sets(st.sampled_from(["north", "south"]), min_size=1),
    at=st.sampled_from(["north", "south"]),
)
def test_with_branches_a_clerk_may_at_theirs_what_any_clerk_may_and_nothing_elsewhere(branches, at):
    by = Clerk("desk-1", branches=branches)
    with open_desk(small_catalogue(capacity=2), clock=MovableClock(START)) as desk:
        number = book(desk, at, serial=1).appointment.number
        outcome = desk.cancel(number, by=by, request_id="c")
        assert isinstance(outcome, Cancelled) is (branches is None or at in branches)


@pytest.mark.parametrize("day", [date.min, date.max, date(1800, 1, 1), date(9998, 12, 31)])
def test_a_day_whose_bounds_are_no_instants_is_refused(desk, day):
    with pytest.raises(InvalidInput, match=r"^year: got "):
        desk.gate.appointments_of_day("north", day)
