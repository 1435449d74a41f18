"""Histories as JSON Lines: one line when an operation is invoked, another when it is over.

So a recorder can write as it goes, and what a killed process leaves behind still reads as a history with operations
that nobody knows the end of. The lines name persons by the subjects of the history and contain no id.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from json import dumps, loads
from pathlib import Path
from typing import Any, Final

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Held, Moved, Outcome, Refused
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.persistence import COMMAND, OUTCOME
from traffic_booking.testing.histories import (
    ApplicantCommand,
    ExpireHolds,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
)

SWEEP: Final = "expire"
SWEPT: Final = "expired"


def save_history(history: History, path: Path) -> None:
    """Write the history to a file of its own, over whatever is there."""
    with path.open("w", encoding="utf-8") as file:
        for place, operation in enumerate(history.operations):
            name = f"{operation.client}/{place}"
            file.write(line_of_call(name, operation.client, operation.asked, operation.invoked, operation.earliest))
            if operation.ended is not None and operation.latest is not None:
                file.write(line_of_end(name, operation.ended, operation.latest, operation.told))


def load_history(*paths: Path) -> History:
    """The history that one file holds, or several that were written side by side.

    A last line without its end, as a killed writer may leave it, is passed over. Raises `InvalidInput`, whose message
    quotes nothing of a line, for any other that can't be read.
    """
    return History.merged(History.of(_operations(path)) for path in paths)


def line_of_call(name: str, client: str, asked: RequestedOperation, invoked: int, earliest: datetime) -> str:
    """The line for the beginning of an operation; `name` is its own within the file."""
    data = {SWEEP: asked.limit} if isinstance(asked, ExpireHolds) else COMMAND.data(asked)
    return _line({"call": name, "client": client, "invoked": invoked, "clock": earliest.isoformat(), "asked": data})


def line_of_end(name: str, ended: int, latest: datetime, told: OperationResult | None) -> str:
    """The line for the end of the operation of that name; no `told` where nobody knows what came of it."""
    match told:
        case None:
            data = None
        case HoldsEnded(count):
            data = {SWEPT: count}
        case outcome:
            data = OUTCOME.data(outcome)
    return _line({"end": name, "ended": ended, "clock": latest.isoformat(), "told": data})


def _line(data: Mapping[str, Any]) -> str:
    return dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def _operations(path: Path) -> Iterator[Operation]:
    calls: dict[str, Mapping[str, Any]] = {}
    ends: dict[str, Mapping[str, Any]] = {}
    for number, data in _lines(path):
        match data:
            case {"call": str(name)}:
                calls[name] = data
            case {"end": str(name)} if name in calls:
                ends[name] = data
            case _:
                raise _unreadable(number)
    for number, (name, call) in enumerate(calls.items(), start=1):
        yield _operation(number, call, ends.get(name))


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8") as file:
        whole: Iterable[str] = (line for line in file if line.endswith("\n"))
        for number, line in enumerate(whole, start=1):
            try:
                yield number, loads(line)
            except ValueError:
                raise _unreadable(number) from None


def _operation(number: int, call: Mapping[str, Any], end: Mapping[str, Any] | None) -> Operation:
    try:
        asked, told = call["asked"], None if end is None else end["told"]
        return Operation(
            client=call["client"],
            asked=ExpireHolds(asked[SWEEP]) if SWEEP in asked else _request(COMMAND.from_data(asked)),
            invoked=call["invoked"],
            earliest=datetime.fromisoformat(call["clock"]),
            ended=None if end is None else end["ended"],
            latest=None if end is None else datetime.fromisoformat(end["clock"]),
            told=None if told is None else _told(told),
        )
    except (LookupError, TypeError, ValueError):
        raise _unreadable(number) from None


def _request(command: Command) -> ApplicantCommand:
    if not isinstance(command, HoldSlot | BookSlot | CancelAppointment | MoveAppointment | CheckInApplicant):
        raise TypeError("a command that histories don't have")
    return command


def _told(data: Mapping[str, Any]) -> OperationResult:
    if SWEPT in data:
        return HoldsEnded(data[SWEPT])
    outcome: Outcome = OUTCOME.from_data(data)
    if not isinstance(outcome, Held | Booked | Cancelled | Moved | CheckedIn | Refused):
        raise TypeError("an outcome that histories don't have")
    return outcome


def _unreadable(number: int) -> InvalidInput:
    return InvalidInput("history", got=f"operation or line {number}, which can't be read", expected="as it was written")
