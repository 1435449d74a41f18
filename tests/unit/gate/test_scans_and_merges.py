"""Scans with the store, reports of earlier scans, and the merge."""

from datetime import timedelta

import pytest

from tests.gate_vectors import SUNDAY, book, slot_at
from tests.gates import CLERK, code_of, offline_gate, signing_desk
from tests.small_town import START
from traffic_booking import (
    AppointmentCheckedIn,
    AppointmentState,
    Clerk,
    InvalidInput,
    RequestMismatch,
    System,
    to_json,
)
from traffic_booking.domain.gate.results import GateResult
from traffic_booking.testing import MovableClock

SOUTH = Clerk("south-1", branches=["south"])


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    return signing_desk(clock=clock)


@pytest.fixture
def appointment(desk, clock):
    made = book(desk)
    clock.advance(timedelta(hours=2))  # 09:00, when it begins
    return made


def events_of(desk, appointment):
    history = desk.audit.history(appointment.number, by=CLERK)
    return [each for each in history if isinstance(each, AppointmentCheckedIn)]


def scan(desk, code, name, **more):
    return desk.gate.scan(code, **({"branch": "north", "by": CLERK, "scan_id": name} | more))


def test_a_scan_checks_in_once_however_often_it_is_sent(desk, clock, appointment):
    code = code_of(desk, appointment)
    first = scan(desk, code, "scan-1")
    clock.advance(timedelta(hours=4))
    assert scan(desk, code, "scan-1").result is first.result is GateResult.ON_TIME
    assert scan(desk, code, "scan-2", happened_at=first.happened_at).use.scan_id == "scan-1"
    (event,) = events_of(desk, appointment)
    assert (event.request_id, event.happened_at, event.gate) == ("scan-1", None, None)


def test_a_scan_id_belongs_to_one_request(desk, appointment):
    scan(desk, appointment.number, "scan-1")
    other = book(desk, serial=2, nth=0)
    with pytest.raises(RequestMismatch):
        scan(desk, other.number, "scan-1")


def test_an_answer_that_admits_nobody_changes_nothing(desk, clock, appointment):
    clock.advance(timedelta(hours=3))
    assert scan(desk, appointment.number, "scan-1").result is GateResult.TOO_LATE
    assert events_of(desk, appointment) == []
    assert desk.appointment(appointment.number, by=CLERK).state is AppointmentState.BOOKED


def test_a_clerk_scans_at_their_branch_alone(desk, appointment):
    with pytest.raises(InvalidInput, match="actor"):
        scan(desk, appointment.number, "scan-1", by=SOUTH)
    assert scan(desk, appointment.number, "scan-2", by=SOUTH, branch="south").result is GateResult.WRONG_BRANCH


def test_a_scan_that_is_reported_later_is_answered_as_of_its_instant(desk, clock, appointment):
    came_at = clock.now()
    clock.advance(timedelta(hours=5))
    answer = scan(desk, appointment.number, "scan-1", happened_at=came_at)
    assert answer.result is GateResult.ON_TIME
    assert (answer.happened_at, answer.answered_at) == (came_at, clock.now())
    (event,) = events_of(desk, appointment)
    assert (event.happened_at, event.at) == (came_at, clock.now())


def test_no_scan_is_reported_from_the_future_or_from_before_the_day(desk, clock, appointment):
    with pytest.raises(InvalidInput, match="happened_at"):
        scan(desk, appointment.number, "scan-1", happened_at=clock.now() + timedelta(seconds=1))
    before = scan(desk, appointment.number, "scan-2", happened_at=clock.now() - timedelta(days=1))
    assert before.result is GateResult.WRONG_DAY


def scans_of(desk, clock, appointment, *gates, listed=None):
    """A scan of the same ticket at each gate, a minute apart, all with one list."""
    listed = listed or desk.gate.day_list("north", SUNDAY, by=CLERK)
    found = []
    for gate in gates:
        with offline_gate(listed, gate=gate, clock=clock) as opened:
            opened.scan(code_of(desk, appointment), scan_id=f"at-{gate}")
            found += opened.scans
        clock.advance(timedelta(minutes=1))
    return found


def test_of_two_gates_with_one_ticket_the_earlier_scan_counts_in_any_order(desk, clock, appointment):
    first, second = scans_of(desk, clock, appointment, "gate-1", "gate-2")
    alone = desk.gate.merge([second], by=CLERK)
    assert [each.scan_id for each in alone.accepted] == ["at-gate-2"]
    assert alone
    both = desk.gate.merge([second, first, second], by=CLERK)
    assert ([each.scan_id for each in both.accepted], both.known) == (["at-gate-1"], ())
    (conflict,) = both.conflicts
    assert (conflict.number, conflict.use, conflict.first) == (appointment.number, second.use, first.use)
    assert not both
    assert len(events_of(desk, appointment)) == 2
    again = desk.gate.merge([first, second], by=CLERK)
    assert ([each.scan_id for each in again.known], again.accepted) == (["at-gate-1"], ())
    assert desk.audit.verify().broken == ()
    assert scan(desk, appointment.number, "later").use == first.use


def test_a_ticket_that_was_cancelled_after_the_list_is_a_recorded_refusal(desk, clock, appointment):
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    late = book(desk, serial=2, nth=0)
    newer = desk.gate.day_list("north", SUNDAY, by=CLERK)
    assert desk.cancel(late.number, by=CLERK, request_id="cancel")
    assert len(newer.tickets) == len(listed.tickets) + 1
    found = scans_of(desk, clock, late, "gate-1", listed=newer)
    report = desk.gate.merge(found, by=CLERK)
    (refused,) = report.refused
    assert (refused.scan.scan_id, [each.rule_id for each in refused.verdicts]) == ("at-gate-1", ["AT-02"])
    assert desk.gate.merge(found, by=CLERK).refused == report.refused
    (explained,) = desk.explain(request_id="at-gate-1", by=CLERK)
    assert explained.outcome.verdicts == refused.verdicts


def test_a_ticket_that_was_moved_to_another_branch_is_refused_without_verdicts(desk, clock, appointment):
    late = book(desk, serial=2, nth=0)
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    assert desk.move(late.number, slot_at(desk, branch="south", nth=0), by=CLERK, request_id="move")
    (refused,) = desk.gate.merge(scans_of(desk, clock, late, "gate-1", listed=listed), by=CLERK).refused
    assert (refused.verdicts, refused.reason) == ((), GateResult.MOVED)
    assert events_of(desk, late) == []


def later_slot(desk):
    """The slot after that of `late`: check-in is open for both of them."""
    return slot_at(desk, nth=1)


def test_a_code_from_before_a_move_is_refused_as_with_the_store(desk, clock, appointment):
    late = book(desk, serial=2, nth=0)
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    moved = desk.move(late.number, later_slot(desk), by=CLERK, request_id="move").appointment
    (old,) = scans_of(desk, clock, late, "gate-1", listed=listed)
    assert old.result is GateResult.ON_TIME
    report = desk.gate.merge([old], by=CLERK)
    ((refused,), found) = (report.refused, desk.appointment(late.number, by=CLERK))
    assert (refused.scan, refused.reason, found.state) == (old, GateResult.MOVED, AppointmentState.BOOKED)
    assert desk.gate.merge([old], by=CLERK).refused == report.refused
    assert scan(desk, old.code, "online").result is GateResult.MOVED
    assert scan(desk, code_of(desk, moved), "online-2")


def test_a_code_that_was_scanned_before_the_move_is_accepted(desk, clock, appointment):
    late = book(desk, serial=2, nth=0)
    (old,) = scans_of(desk, clock, late, "gate-1")
    assert desk.move(late.number, later_slot(desk), by=CLERK, request_id="move")
    assert desk.gate.merge([old], by=CLERK).accepted == (old,)


def test_a_scan_without_verdicts_has_its_reason(desk, clock, appointment):
    (found,) = scans_of(desk, clock, appointment, "gate-1")
    without_keys = signing_desk(clock=clock, signer=None)
    (refused,) = without_keys.gate.merge([found], by=CLERK).refused
    assert refused.reason is GateResult.UNKNOWN_KEY


def test_scans_that_were_turned_away_or_lie_in_the_future_change_nothing(desk, clock, appointment):
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    with offline_gate(listed, clock=clock) as gate:
        gate.scan("no code", scan_id="turned-away")
        clock.advance(timedelta(minutes=10))
        gate.scan(appointment.number, scan_id="in-future")
        found = gate.scans
    clock.advance(timedelta(minutes=-10))
    report = desk.gate.merge(found, by=CLERK)
    assert [each.scan_id for each in report.turned_away] == ["turned-away"]
    assert [each.scan_id for each in report.postponed] == ["in-future"]
    clock.advance(timedelta(minutes=10))
    assert [each.scan_id for each in desk.gate.merge(found, by=CLERK).accepted] == ["in-future"]


def test_a_merge_takes_staff_and_scans_alone(desk, clock, appointment):
    (found,) = scans_of(desk, clock, appointment, "gate-1")
    for wrong in ([1], "scans", [found] * 10_001):
        with pytest.raises(InvalidInput, match="scans"):
            desk.gate.merge(wrong, by=CLERK)
    person = desk.person_of(appointment.applicant.subject, by=CLERK)
    with pytest.raises(InvalidInput, match="actor"):
        desk.gate.merge([found], by=person)
    (refused,) = desk.gate.merge([found], by=SOUTH).refused
    assert [each.rule_id for each in refused.verdicts] == ["AT-01"]


def test_a_scan_at_the_desk_that_is_merged_as_well_is_known(desk, clock, appointment):
    listed = desk.gate.day_list("north", SUNDAY, by=CLERK)
    (found,) = scans_of(desk, clock, appointment, "gate-1", listed=listed)
    assert scan(desk, found.code, found.scan_id, happened_at=found.happened_at)
    report = desk.gate.merge([found], by=System())
    assert report.known == (found,)
    assert report


def test_a_report_has_a_json_form(desk, clock, appointment):
    found = scans_of(desk, clock, appointment, "gate-1", "gate-2")
    form = to_json(desk.gate.merge(found, by=CLERK))
    assert (form["clean"], len(form["accepted"]), len(form["conflicts"])) == (False, 1, 1)


def test_a_merge_by_a_clerk_whose_branches_are_no_branches_is_refused(desk):
    broken = Clerk("south-2", branches=["south"])
    object.__setattr__(broken, "branches", 7)

    with pytest.raises(InvalidInput):
        desk.gate.merge([], by=broken)
