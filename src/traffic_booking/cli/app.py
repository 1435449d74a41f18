"""The command line: its commands, and how their replies and errors are printed."""

import re
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import cyclopts

from traffic_booking import Bilingual, Language, StoreError, TrafficBookingError
from traffic_booking.cli import (
    appointments,
    booking,
    browsing,
    closing,
    maintenance,
    records,
    rules,
    words,
    working_month,
)
from traffic_booking.cli.arabic_help import ArabicHelp, asked_language
from traffic_booking.cli.demo.run import demo
from traffic_booking.cli.forms import Form, error_form
from traffic_booking.cli.options import as_typed
from traffic_booking.cli.reply import DONE, Reply
from traffic_booking.cli.screen import masked, print_error, print_json, show

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
    (demo, browsing.branches, browsing.governorates, browsing.services, browsing.slots, browsing.month),
    (working_month.calendar, browsing.date, booking.hold, booking.book, appointments.appointments, appointments.show),
    (appointments.ticket, appointments.cancel, booking.move, appointments.check_in, appointments.person),
    (closing.close, closing.closures, closing.reopen, records.explain, records.replay, maintenance.migrate),
):
    for command in group:
        app.command(command, name=command.__name__.replace("_", "-"))
for commands in (rules.commands, records.commands, maintenance.commands):
    app.command(commands)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line, print its reply or one line of error, and return the exit code.

    Errors of the parser repeat no value from the command line: it might be a person's id.
    """
    as_json, language = "--json" in arguments, asked_language(arguments)
    app.help_formatter = ArabicHelp() if language == "ar" else None
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
        _print_fault(message, error_form(typed, message), language, as_json=as_json)
        return STORE_FAILED if isinstance(error, StoreError) else MISUSE
    except cyclopts.CycloptsError as error:
        message = masked(_parsing_fault(error, language))
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


def _command_first(arguments: Sequence[str]) -> list[str]:
    """The arguments, with global options that stand before the command moved to the end."""
    rest, moved = list(arguments), []
    while rest and (rest[0] == "--json" or rest[0].split("=")[0] in GLOBAL_VALUES):
        length = 2 if rest[0] in GLOBAL_VALUES else 1
        moved += rest[:length]
        del rest[:length]
    return [*rest, *moved]


def _parsing_fault(error: cyclopts.CycloptsError, language: Language) -> str:
    name, got, expected = words.ARGUMENTS, words.NOT_FITTING, words.LISTED_BY_HELP
    if error.argument is not None:
        name = words.same(error.argument.name)
    match error:
        case cyclopts.UnknownOptionError():
            option = (error.token.keyword or error.token.value or "").split("=")[0]
            name, expected = words.OPTIONS, words.ONE_OF_ITS_OPTIONS
            got = words.with_name(words.UNKNOWN_OPTION, option if _OPTION.fullmatch(option) else "")
        case cyclopts.UnknownCommandError():
            command = next(iter(error.unused_tokens or ()), "")
            name, expected = (
                words.COMMAND,
                words.with_name(words.ONE_OF, ", ".join(n for n in app if not n.startswith("-"))),
            )
            got = words.with_name(words.UNKNOWN_COMMAND, command if _NAME.fullmatch(command) else "")
        case cyclopts.UnusedCliTokensError():
            got, expected = words.with_name(words.TOO_MANY, str(len(error.unused_tokens or ()))), words.NO_MORE
        case cyclopts.CoercionError():
            typed = "" if error.token is None else error.token.value
            got = words.with_name(words.ENTERED, repr(typed)) if _NAME.fullmatch(typed) else words.OTHER_KIND
            choices = [str(choice) for choice in getattr(error.target_type, "__args__", ())]
            if error.target_type is int:
                expected = words.WHOLE_NUMBER
            elif choices:
                expected = Bilingual(" أو ".join(choices), " or ".join(choices))
        case cyclopts.MissingArgumentError():
            got, expected = words.NOTHING, words.A_VALUE
        case cyclopts.RepeatArgumentError():
            got, expected = words.MORE_THAN_ONE, words.ONE_VALUE
        case _:
            pass  # rarer faults keep the general text
    return words.FAULT(language).format(name=name(language), got=got(language), expected=expected(language))


def _print_fault(message: str, form: Form, language: Language, *, as_json: bool) -> None:
    if as_json:
        print_json(form)
    else:
        print_error(message, language)


def _fault_form(kind: str, message: str) -> Form:
    return {"error": {"kind": kind, "message": message, "field": None, "faults": []}}
