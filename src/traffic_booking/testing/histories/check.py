"""The check of a desk's history in one call, its report for people, and campaigns of many histories."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Moved, Refused
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.histories.booking_specification import BookingSpecification
from traffic_booking.testing.histories.files import save_history
from traffic_booking.testing.histories.history import (
    ExpireHolds,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
)
from traffic_booking.testing.histories.linearizability import (
    BUDGET,
    Linearizability,
    Linearizable,
    NotLinearizable,
    Undecided,
    check_linearizable,
)
from traffic_booking.testing.histories.workload import HistoryWorkload, record_history
from traffic_booking.testing.samples.people import MovableClock

LEAD: Final = 12
"""How many of the operations before the fault a report shows."""


def check_history(
    history: History, slots: Iterable[Slot], rulebook: Rulebook, *, budget: int = BUDGET
) -> Linearizability:
    """Check whether requests for these slots under that rulebook can have such a history, by `BookingSpecification`.

    Args:
        budget: the steps that the search may take.

    Raises:
        InvalidInput: if a result has a rule or a slot that the specification does not have.

    Example: `assert isinstance(check_history(history, slots, desk.rulebook), Linearizable)`.
    """
    specification = BookingSpecification(slots, rulebook, history.operations)
    return check_linearizable(history.operations, specification, budget=budget)


def explain_finding(history: History, finding: Linearizability) -> str:
    """The finding as text. It numbers persons in the order of the report, and shows no subject.

    Example: `assert isinstance(finding, Linearizable), explain_finding(history, finding)`.
    """
    match finding:
        case Linearizable():
            return f"linearizable: {len(history.operations)} operations, {finding.steps} steps"
        case Undecided():
            return f"undecided after {finding.steps} steps, of {len(history.operations)} operations"
        case NotLinearizable():
            return "\n".join(_fault(history.operations, finding))


def _fault(operations: tuple[Operation, ...], finding: NotLinearizable) -> Iterator[str]:
    persons: dict[Applicant, int] = {}
    start, stuck = operations[0].invoked, operations[finding.stuck]
    yield f"not linearizable: {len(operations)} operations, {finding.steps} steps; times in microseconds"
    if len(finding.order) > LEAD:
        yield f"  … {len(finding.order) - LEAD} more before these"
    for place in finding.order[-LEAD:]:
        yield "  " + _line(operations[place], start, persons)
    yield "no place for"
    yield "  " + _line(stuck, start, persons)
    placed = {*finding.order, finding.stuck}
    beside = [
        operation
        for place, operation in enumerate(operations)
        if place not in placed
        and (stuck.ended is None or operation.invoked <= stuck.ended)
        and (operation.ended is None or operation.ended >= stuck.invoked)
    ]
    if beside:
        yield "under way beside it"
        for operation in beside:
            yield "  " + _line(operation, start, persons)


def _line(operation: Operation, start: int, persons: dict[Applicant, int]) -> str:
    begun = (operation.invoked - start) // 1000
    over = "?" if operation.ended is None else str((operation.ended - start) // 1000)
    texts = f"{_request(operation.requested, persons)}: {_result(operation.result)}"
    return f"{begun:>8} to {over:>8}  {operation.earliest:%H:%M:%S}  {operation.client:<12} {texts}"


def _request(requested: RequestedOperation, persons: dict[Applicant, int]) -> str:
    match requested:
        case HoldSlot() | BookSlot():
            verb = "hold" if isinstance(requested, HoldSlot) else "book"
            person = persons.setdefault(requested.applicant, len(persons) + 1)
            return f"{verb} {_slot(requested.slot)} for person {person}"
        case CancelAppointment():
            return f"cancel {requested.number}"
        case CheckInApplicant():
            return f"check in {requested.number}"
        case MoveAppointment():
            return f"move {requested.number} to {_slot(requested.slot)}"
        case ExpireHolds():
            return f"end {requested.limit} holds at most"


def _result(result: OperationResult | None) -> str:
    match result:
        case None:
            return "nobody knows"
        case Refused(verdicts):
            return "refused by " + ", ".join(verdict.rule_id for verdict in verdicts)
        case HoldsEnded(count):
            return f"{count} ended"
        case Moved(appointment):
            return f"moved {appointment.number} to {_slot(appointment.slot)}"
        case granted:
            one = granted.appointment
            ends = f" until {one.hold_ends_at:%H:%M:%S}" if one.hold_ends_at is not None else ""
            return f"{one.state.value} {one.number}{ends}"


def _slot(key: SlotKey) -> str:
    return f"{key.branch}/{key.service}/{key.starts_at:%d %H:%M}"


@frozen(kw_only=True)
class HistoryTally:
    """The counts of a campaign so far; `unknown` operations have no result.

    `faults` explains the first few histories that are not linearizable.
    """

    histories: int = 0
    operations: int = 0
    unknown: int = 0
    steps: int = 0
    linearizable: int = 0
    not_linearizable: int = 0
    undecided: int = 0
    faults: tuple[str, ...] = ()


def run_history_campaign(
    open_desk: Callable[[Clock, int], AbstractContextManager[Desk]],
    workloads: Iterable[HistoryWorkload],
    *,
    start: datetime,
    beside: Callable[[Desk], Sequence[Desk]] = lambda _: (),
    budget: int = BUDGET,
    progress: Callable[[HistoryTally], None] | None = None,
    keep: Path | None = None,
    faults: int = 3,
) -> HistoryTally:
    """Record and check one history for each workload, one after another, and count the findings.

    Args:
        open_desk: opens a desk over an empty store, with the clock and the workload's seed that it is called with.
        start: the time that the clock shows at first.
        beside: opens more desks over the desk's store, see `record_history`.
        budget: the steps of each check.
        progress: called with the counts after each history.
        keep: a folder; a history that is not linearizable is saved there, under its seed.
        faults: how many histories that are not linearizable end the campaign.

    Example: `run_history_campaign(open_desk, workloads, start=start, keep=Path("faults"))`.
    """
    tally = HistoryTally()
    for workload in workloads:
        clock = MovableClock(start)
        with open_desk(clock, workload.seed) as desk:
            history = record_history(desk, clock, workload, beside=beside(desk))
            rulebook = desk.rulebook
        finding = check_history(history, workload.slots, rulebook, budget=budget)
        is_fault = isinstance(finding, NotLinearizable)
        if is_fault and keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            save_history(history, keep / f"{workload.seed}.jsonl")
        fault = (f"seed {workload.seed}: {explain_finding(history, finding)}",) if is_fault else ()
        tally = HistoryTally(
            histories=tally.histories + 1,
            operations=tally.operations + len(history.operations),
            unknown=tally.unknown + sum(operation.result is None for operation in history.operations),
            steps=tally.steps + finding.steps,
            linearizable=tally.linearizable + isinstance(finding, Linearizable),
            not_linearizable=tally.not_linearizable + is_fault,
            undecided=tally.undecided + isinstance(finding, Undecided),
            faults=tally.faults + fault,
        )
        if progress is not None:
            progress(tally)
        if len(tally.faults) >= faults:
            break
    return tally
