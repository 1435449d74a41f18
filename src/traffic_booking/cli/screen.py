"""Where replies and errors are printed: JSON, or parts to be read. Only `person` shows a person's id."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, TextIO, assert_never

from rich.console import Console
from rich.text import Text

from traffic_booking import Language
from traffic_booking.cli.reply import Bullets, Facts, Listing, MonthGrid, Part, Reply, Sentence, Verbatim
from traffic_booking.cli.tables import grid_of, lines_of_facts, table_of

WIDE: Final = 10_000
"""The columns of an output that is no terminal: nothing is wrapped or cut."""

_MANY_DIGITS: Final = re.compile(r"\d{9,}")
_SENTENCE_END: Final = re.compile(r"(?<=[.])\s+")
_SHOWN: Final = 4


class PlainConsole(Console):
    """A console that leaves a closed pipe to the caller; rich itself would end the process with exit code 1."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise `BrokenPipeError`."""
        raise BrokenPipeError


def console_on(stream: TextIO) -> PlainConsole:
    """A console on `stream`, as wide as the terminal; without colours where `NO_COLOR` is set or there is none."""
    width = None if stream.isatty() or os.environ.get("COLUMNS") else WIDE
    return PlainConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


def show(reply: Reply) -> None:
    """Print the reply on standard output."""
    if reply.options.json:
        print_json(reply.form)
        return
    console = console_on(sys.stdout)
    for part in reply.parts:
        show_part(part, console, reply.options.spoken)


def show_part(part: Part, console: Console, language: Language) -> None:
    """Print one part of a reply."""
    match part:
        case Listing(rows=rows) if not rows:
            if part.empty is not None:
                console.print(Text(part.empty(language)))
        case Listing():
            console.print(table_of(part, console, language), crop=False)
        case MonthGrid():
            console.print(grid_of(part, console, language), crop=False)
        case Facts():
            for line in lines_of_facts(part, language):
                console.print(Text(line), soft_wrap=True)
        case Sentence():
            console.print(Text(part.text(language), style="bold" if part.loud else ""), soft_wrap=not part.loud)
        case Bullets(texts):
            _show_bullets([text(language) for text in texts], console)
        case Verbatim(text):
            console.print(Text(text.rstrip("\n")), soft_wrap=True)
        case other:
            assert_never(other)


def _show_bullets(texts: Iterable[str], console: Console) -> None:
    """Each sentence wrapped at the terminal's edge, the later lines below the first."""
    for sentence in (line for text in texts for line in _SENTENCE_END.split(text)):
        for place, line in enumerate(Text(sentence).wrap(console, max(console.width - 3, 1))):
            console.print(Text(f"{' ' if place else '-'} {line.plain.rstrip()}"), soft_wrap=True)


def print_json(form: Mapping[str, object]) -> None:
    """Print one JSON object and a line feed on standard output."""
    sys.stdout.write(json.dumps(form, ensure_ascii=False, indent=2) + "\n")


def print_error(message: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"traffic-booking: {message}\n")


def masked(message: str) -> str:
    """`message` with all but the last four digits of every long number starred out: it may be a person's id."""
    return _MANY_DIGITS.sub(lambda digits: "*" * (len(digits[0]) - _SHOWN) + digits[0][-_SHOWN:], message)
