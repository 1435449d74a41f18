"""The command line: its commands, and what becomes of their answers and errors."""

import re
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from traffic_booking import StoreError, TrafficBookingError
from traffic_booking.cli import (
    appointments,
    auditing,
    booking,
    closing,
    explaining,
    maintaining,
    migrating,
    moving,
    persons,
    places,
    rulebook,
    times,
    working_month,
)
from traffic_booking.cli.demo import run as demo
from traffic_booking.cli.machine_form import Form, error_form
from traffic_booking.cli.options import as_typed
from traffic_booking.cli.reply import DONE, Reply
from traffic_booking.cli.screen import masked, print_error, print_json, show

MISUSE: Final = 2
STORE_FAILED: Final = 3
OUR_FAULT: Final = 70

GLOBAL_VALUES: Final = frozenset({"--db", "--language", "--pseudonym-key"})
"""The options of every command that take a value; they may also stand before the command."""

_OPTION: Final = re.compile(r"--?[a-z][a-z-]{0,30}")
_WORD: Final = re.compile(r"[a-z][a-z-]{0,30}")

app: Final = App(
    name="traffic-booking",
    help="Appointments at Saudi traffic branches: find, hold, book, print, attend and cancel them. The shipped "
    "branches are synthetic and the figures unofficial.",
    version=version("traffic-booking"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
    help_format="plaintext",
)
for command, name in (
    (demo.demo, "demo"),
    (places.branches, "branches"),
    (places.governorates, "governorates"),
    (places.services, "services"),
    (times.slots, "slots"),
    (times.month, "month"),
    (working_month.calendar, "calendar"),
    (times.date, "date"),
    (booking.hold, "hold"),
    (booking.book, "book"),
    (appointments.appointments, "appointments"),
    (appointments.show, "show"),
    (appointments.ticket, "ticket"),
    (appointments.cancel, "cancel"),
    (moving.move, "move"),
    (appointments.check_in, "check-in"),
    (persons.person, "person"),
    (closing.close, "close"),
    (closing.closures, "closures"),
    (closing.reopen, "reopen"),
    (explaining.explain, "explain"),
    (explaining.replay, "replay"),
    (migrating.migrate, "migrate"),
):
    app.command(command, name=name)
app.command(rulebook.commands)
app.command(auditing.commands)
app.command(maintaining.commands)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line, print its answer or one line of error, and give the exit code.

    No value from the command line stands in a message of the parser: it might be a person's id.
    """
    as_json = "--json" in arguments
    try:
        reply = app(
            _command_first(arguments),
            exit_on_error=False,
            print_error=False,
            verbose=False,
            result_action="return_value",
        )
        if isinstance(reply, Reply):
            show(reply)
            return reply.exit_code
    except TrafficBookingError as error:
        typed = as_typed(error)
        message = masked(str(typed))
        _tell(message, error_form(typed, message), as_json=as_json)
        return STORE_FAILED if isinstance(error, StoreError) else MISUSE
    except CycloptsError as error:
        message = masked(_parsing_fault(error))
        _tell(f"{message} (try --help)", _fault_form("usage", message), as_json=as_json)
        return MISUSE
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours: said in one line, without the values in its message
        message = f"a fault of ours, {type(error).__name__} at {_place(error)}; please report it"
        _tell(message, _fault_form("internal", message), as_json=as_json)
        return OUR_FAULT
    return DONE  # --help and --version have printed by themselves


def _command_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with global options that stand before the command moved behind everything else."""
    rest, moved = list(arguments), []
    while rest and (rest[0] == "--json" or rest[0].split("=")[0] in GLOBAL_VALUES):
        takes_value = rest[0] in GLOBAL_VALUES
        moved += rest[: 2 if takes_value else 1]
        del rest[: 2 if takes_value else 1]
    return [*rest, *moved]


def _parsing_fault(error: CycloptsError) -> str:
    name = error.argument.name if error.argument is not None else "arguments"
    got, expected = "some that do not fit", "what --help says"
    match error:
        case UnknownOptionError():
            option = (error.token.keyword or error.token.value or "").split("=")[0]
            name, expected = "options", "one of this command's"
            got = f"the unknown option {option}" if _OPTION.fullmatch(option) else "an unknown option"
        case UnknownCommandError():
            word = next(iter(error.unused_tokens or ()), "")
            name, expected = "command", "one of " + ", ".join(n for n in app if not n.startswith("-"))
            got = f"the unknown command {word}" if _WORD.fullmatch(word) else "an unknown command"
        case UnusedCliTokensError():
            got, expected = f"{len(error.unused_tokens or ())} too many", "none beyond this command's"
        case CoercionError():
            typed = "" if error.token is None else error.token.value
            got = repr(typed) if _WORD.fullmatch(typed) else "a value of another kind"
            expected = _kind(error.target_type)
        case MissingArgumentError():
            got, expected = "nothing", "a value"
        case RepeatArgumentError():
            got, expected = "more than one", "one"
        case _:
            pass  # rarer faults keep the general words
    return f"{name}: got {got}; expected {expected}"


def _kind(kind: object) -> str:
    if kind is int:
        return "a whole number"
    choices = getattr(kind, "__args__", ())
    return " or ".join(str(choice) for choice in choices) if choices else "what --help says"


def _tell(message: str, form: Form, *, as_json: bool) -> None:
    if as_json:
        print_json(form)
    else:
        print_error(message)


def _fault_form(kind: str, message: str) -> Form:
    return {"error": {"kind": kind, "message": message, "field": None, "faults": []}}


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
