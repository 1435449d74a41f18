"""The command line: its commands, and how their replies and errors are printed."""

import re
import traceback
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import cyclopts

from traffic_booking import InvalidInput, Language, StoreError, TrafficBookingError, UnsafeFile
from traffic_booking.cli import (
    announcing,
    appointments,
    auditing,
    booking,
    browsing,
    closing,
    evidence,
    finding,
    gates,
    inquiries,
    installing,
    maintenance,
    months,
    own_data,
    records,
    rules,
    sealing,
    tickets,
    words,
    working_month,
)
from traffic_booking.cli.arabic_help import ArabicHelp
from traffic_booking.cli.demo.run import demo
from traffic_booking.cli.forms import Form, error_form
from traffic_booking.cli.languages import language_asked_for
from traffic_booking.cli.options import as_typed
from traffic_booking.cli.printing import day_tickets
from traffic_booking.cli.reply import DONE, Reply
from traffic_booking.cli.screen import print_error, print_json, show
from traffic_booking.cli.typed_values import typed_arguments

MISUSE: Final = 2
STORE_FAILED: Final = 3
OUR_FAULT: Final = 70

GLOBAL_VALUES: Final = frozenset({"--db", "--language", "--pseudonym-key"})
"""The options of every command that take a value; they may also stand before the command."""

_OPTION: Final = re.compile(r"--?[a-z][a-z-]{0,30}")
_NAME: Final = re.compile(r"[a-z][a-z-]{0,30}")

app: Final = cyclopts.App(
    name="traffic-booking",
    help="Appointments at Saudi traffic branches: find, hold, book, print, attend and cancel them. The shipped "
    "branches are synthetic and the figures unofficial.",
    version=version("traffic-booking"),
    version_flags=["--version"],
    suppress_keyboard_interrupt=False,
    help_format="plaintext",
)
for group in (
    (demo, browsing.branches, browsing.governorates, browsing.places, browsing.services, finding.slots, months.month),
    (working_month.calendar, browsing.date, booking.hold, booking.book, appointments.appointments, appointments.show),
    (day_tickets.tickets, appointments.cancel, booking.move, appointments.check_in, appointments.person),
    (
        closing.close,
        announcing.announce,
        closing.closures,
        closing.reopen,
        records.explain,
        own_data.own_data,
        sealing.seal,
        maintenance.migrate,
        installing.install,
        maintenance.health,
    ),
):
    for command in group:
        app.command(command, name=command.__name__.replace("_", "-"))
inquiries.add_to(records.commands)
evidence.add_to(records.commands)
auditing.add_to(records.commands)
for commands in (tickets.commands, gates.commands, rules.commands, records.commands, maintenance.commands):
    app.command(commands)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line, print its reply or one line of error, and return the exit code.

    Errors of the parser repeat no value from the command line: it might be a person's id.
    """
    arguments = typed_arguments(arguments)
    as_json, language = "--json" in arguments, language_asked_for(arguments)
    with warnings.catch_warnings(action="always", category=UnsafeFile):
        warnings.showwarning = partial(_print_warning, warnings.showwarning, language)
        return _answer(arguments, language, as_json=as_json)


def _answer(arguments: Sequence[str], language: Language, *, as_json: bool) -> int:
    app.help_formatter = ArabicHelp() if language == "ar" else None
    try:
        reply = app(
            _command_first(arguments),
            exit_on_error=False,
            print_error=False,
            verbose=False,
            result_action="return_value",
        )
        if isinstance(reply, int):  # the command has printed by itself
            return reply
        if isinstance(reply, Reply):
            show(reply)
            return reply.exit_code
    except TrafficBookingError as error:
        typed = as_typed(error)
        _print_fault(typed.message(language), error_form(typed, language), language, as_json=as_json)
        return STORE_FAILED if isinstance(error, StoreError) else MISUSE
    except cyclopts.CycloptsError as error:
        message = _parsing_fault(error).message(language)
        _print_fault(f"{message} {words.TRY_HELP(language)}", _fault_form("usage", message), language, as_json=as_json)
        return MISUSE
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours in one line, without the values in its message
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        message = words.INTERNAL_ERROR(language).format(kind=type(error).__name__, place=place)
        _print_fault(message, _fault_form("internal", message), language, as_json=as_json)
        return OUR_FAULT
    return DONE  # --help and --version have printed by themselves


def _print_warning(others: Callable[..., None], language: Language, message: Warning | str, *place: Any) -> None:
    if isinstance(message, UnsafeFile):
        print_error(message.message(language), language)
    else:
        others(message, *place)


def _command_first(arguments: Sequence[str]) -> list[str]:
    """The arguments, with global options that stand before the command moved to the end."""
    rest, moved = list(arguments), []
    while rest and (rest[0] == "--json" or rest[0].split("=")[0] in GLOBAL_VALUES):
        length = 2 if rest[0] in GLOBAL_VALUES else 1
        moved += rest[:length]
        del rest[:length]
    return [*rest, *moved]


def _parsing_fault(error: cyclopts.CycloptsError) -> InvalidInput:
    name = error.argument.name if error.argument is not None else "arguments"
    got, expected = "some that do not fit", "what --help lists"
    match error:
        case cyclopts.UnknownOptionError():
            option = (error.token.keyword or error.token.value or "").split("=")[0]
            name, expected = "options", "one of this command's"
            got = f"the unknown option {option}" if _OPTION.fullmatch(option) else "an unknown option"
        case cyclopts.UnknownCommandError():
            command = next(iter(error.unused_tokens or ()), "")
            name, expected = "command", f"one of {', '.join(n for n in app if not n.startswith('-'))}"
            got = f"the unknown command {command}" if _NAME.fullmatch(command) else "an unknown command"
        case cyclopts.UnusedCliTokensError():
            got, expected = f"{len(error.unused_tokens or ())} too many", "none beyond this command's"
        case cyclopts.CoercionError():
            typed = "" if error.token is None else error.token.value
            got = repr(typed) if _NAME.fullmatch(typed) else "a value of another kind"
            choices = " or ".join(map(str, getattr(error.target_type, "__args__", ())))
            expected = "a whole number" if error.target_type is int else choices or "what --help lists"
        case cyclopts.MissingArgumentError():
            got, expected = "nothing", "a value"
        case cyclopts.RepeatArgumentError():
            got, expected = "more than one", "one"
        case _:
            pass  # rarer faults keep the general text
    return InvalidInput(name, got=got, expected=expected)


def _print_fault(message: str, form: Form, language: Language, *, as_json: bool) -> None:
    if as_json:
        print_json(form)
    else:
        print_error(message, language)


def _fault_form(kind: str, message: str) -> Form:
    return {"error": {"kind": kind, "message": message, "field": None, "faults": []}}
