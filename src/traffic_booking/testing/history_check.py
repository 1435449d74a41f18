"""The check of a desk's history in one call, and what to show a person when it fails."""

from collections.abc import Iterable, Iterator
from typing import Final

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Refused
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.testing.booking_specification import BookingSpecification
from traffic_booking.testing.histories import (
    ExpireHolds,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
)
from traffic_booking.testing.linearizability import (
    BUDGET,
    Finding,
    Linearizable,
    NotLinearizable,
    Undecided,
    check_linearizable,
)

LEAD: Final = 12
"""How many of the operations before the fault a report shows."""


def check_history(history: History, slots: Iterable[Slot], rulebook: Rulebook, *, budget: int = BUDGET) -> Finding:
    """Whether callers who ask for these slots under that version of the rulebook can have such a history.

    As `check_linearizable` has it, by `BookingSpecification`; `budget` is in steps.
    Raises `InvalidInput` for a history with answers that the specification knows nothing of.
    """
    return check_linearizable(
        history.operations, BookingSpecification(slots, rulebook, history.operations), budget=budget
    )


def explain_finding(history: History, finding: Finding) -> str:
    """The finding in words. Persons go by their place in the report, not by their subjects."""
    match finding:
        case Linearizable():
            return f"linearizable: {len(history.operations)} operations, {finding.steps} steps"
        case Undecided():
            return f"undecided after {finding.steps} steps, of {len(history.operations)} operations"
        case NotLinearizable():
            return "\n".join(_fault(history, finding))


def _fault(history: History, finding: NotLinearizable) -> Iterator[str]:
    persons: dict[Applicant, int] = {}
    operations = history.operations
    start = operations[0].invoked
    stuck = operations[finding.stuck]
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
    clock = operation.earliest.strftime("%H:%M:%S")
    asked, told = _asked(operation.asked, persons), _told(operation.told)
    return f"{begun:>8} to {over:>8}  {clock}  {operation.client:<12} {asked}: {told}"


def _asked(asked: RequestedOperation, persons: dict[Applicant, int]) -> str:
    match asked:
        case HoldSlot() | BookSlot():
            verb = "hold" if isinstance(asked, HoldSlot) else "book"
            person = persons.setdefault(asked.applicant, len(persons) + 1)
            return f"{verb} {_slot(asked.slot)} for person {person}"
        case CancelAppointment() | CheckInApplicant():
            verb = "cancel" if isinstance(asked, CancelAppointment) else "check in"
            return f"{verb} {asked.number}"
        case MoveAppointment():
            return f"move {asked.number} to {_slot(asked.slot)}"
        case ExpireHolds():
            return f"end {asked.limit} holds at most"


def _told(told: OperationResult | None) -> str:
    match told:
        case None:
            return "nobody knows"
        case Refused(verdicts):
            return "refused by " + ", ".join(verdict.rule_id for verdict in verdicts)
        case HoldsEnded(count):
            return f"{count} ended"
        case Moved(appointment):
            return f"moved {appointment.number} to {_slot(appointment.slot)}"
        case Held(appointment) | Booked(appointment) | Cancelled(appointment) | CheckedIn(appointment):
            ends = f" until {appointment.hold_ends_at:%H:%M:%S}" if appointment.hold_ends_at is not None else ""
            return f"{appointment.state.value} {appointment.number}{ends}"


def _slot(key: SlotKey) -> str:
    return f"{key.branch}/{key.service}/{key.starts_at:%d %H:%M}"
