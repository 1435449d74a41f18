"""Histories as JSON Lines: one line when an operation is invoked, another when it is over.

So a recorder can write as it goes, and the file of a killed process still reads as a history with operations whose end
is unknown. The lines name persons by the subjects of the history and contain no id.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from json import dumps, loads
from pathlib import Path
from typing import Any, Final, get_args

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import path_text
from traffic_booking.persistence.codecs import COMMAND, OUTCOME
from traffic_booking.testing.histories.history import (
    ApplicantCommand,
    ExpireHolds,
    History,
    HoldsEnded,
    Operation,
    OperationResult,
    RequestedOperation,
)

# The keys of a file, as they have always been.
REQUESTED: Final = "requested"
RESULT: Final = "result"
SWEEP: Final = "expire"
SWEPT: Final = "expired"


def save_history(history: History, path: Path) -> None:
    """Write the history to a file, over its earlier content.

    Example: `save_history(recorder.history(), Path("history.jsonl"))`.
    """
    with path.open("w", encoding="utf-8") as file:
        for place, operation in enumerate(history.operations):
            name = f"{operation.client}/{place}"
            file.write(line_of_call(name, operation.client, operation.requested, operation.invoked, operation.earliest))
            if operation.ended is not None and operation.latest is not None:
                file.write(line_of_end(name, operation.ended, operation.latest, operation.result))


def load_history(*paths: Path) -> History:
    """Load a history from one file, or from several that were written side by side.

    A last line without its end, as a killed writer may leave it, is ignored.

    Raises:
        InvalidInput: if a file or any other line can't be read; its message quotes nothing of the line.

    Example: `history = load_history(Path("one.jsonl"), Path("other.jsonl"))`.
    """
    return History.merged(History.of(_operations(path)) for path in paths)


def line_of_call(name: str, client: str, requested: RequestedOperation, invoked: int, earliest: datetime) -> str:
    """The line for the beginning of an operation; `name` is its own within the file."""
    data = {SWEEP: requested.limit} if isinstance(requested, ExpireHolds) else COMMAND.data(requested)
    return _line({"call": name, "client": client, "invoked": invoked, "clock": earliest.isoformat(), REQUESTED: data})


def line_of_end(name: str, ended: int, latest: datetime, result: OperationResult | None) -> str:
    """The line for the end of the operation of that name; without a result if nobody knows it."""
    match result:
        case None:
            data = None
        case HoldsEnded(count):
            data = {SWEPT: count}
        case outcome:
            data = OUTCOME.data(outcome)
    return _line({"end": name, "ended": ended, "clock": latest.isoformat(), RESULT: data})


def _line(data: Mapping[str, Any]) -> str:
    return dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def _operations(path: Path) -> Iterator[Operation]:
    calls: dict[str, Mapping[str, Any]] = {}
    ends: dict[str, Mapping[str, Any]] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            data = loads(line)
        except (ValueError, RecursionError):
            raise _unreadable(number) from None
        match data:
            case {"call": str(name)}:
                calls[name] = data
            case {"end": str(name)} if name in calls:
                ends[name] = data
            case _:
                raise _unreadable(number)
    for number, (name, call) in enumerate(calls.items(), start=1):
        try:
            yield _operation(call, ends.get(name))
        except Exception:  # noqa: BLE001 - the line may have anything in it
            raise _unreadable(number) from None


def _lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file. Raises `InvalidInput` if it can't be read."""
    got, plain = "no regular file of that name", Path(path_text(path, "history"))
    try:
        if plain.is_file():  # a pipe or a device would never end
            with plain.open("rb") as file:
                yield from (line for line in file if line.endswith(b"\n"))
            return
    except (OSError, ValueError) as error:
        got = f"a file that can't be read ({getattr(error, 'strerror', None) or type(error).__name__})"
    raise InvalidInput("history", got=got, expected="a file of a history")


def _operation(call: Mapping[str, Any], end: Mapping[str, Any] | None) -> Operation:
    requested, result = call[REQUESTED], None if end is None else end[RESULT]
    return Operation(
        client=call["client"],
        requested=ExpireHolds(requested[SWEEP])
        if SWEEP in requested
        else _checked(COMMAND.from_data(requested), ApplicantCommand),
        invoked=call["invoked"],
        earliest=datetime.fromisoformat(call["clock"]),
        ended=None if end is None else end["ended"],
        latest=None if end is None else datetime.fromisoformat(end["clock"]),
        result=None if result is None else _result(result),
    )


def _result(data: Mapping[str, Any]) -> Any:
    return HoldsEnded(data[SWEPT]) if SWEPT in data else _checked(OUTCOME.from_data(data), OperationResult)


def _checked(value: object, kinds: Any) -> Any:
    if not isinstance(value, get_args(kinds)):
        raise TypeError("a command or an outcome that histories don't have")
    return value


def _unreadable(number: int) -> InvalidInput:
    return InvalidInput("history", got=f"operation or line {number}, which can't be read", expected="as it was written")
