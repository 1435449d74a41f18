"""Makes the pictures of the README: the shell command is run with a stopped clock, and its output is drawn as SVG.

The pictures are the same on every machine: `git diff docs/pictures` after `make shots` shows if they are current.
"""

import io
import os
import re
import runpy
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from unittest.mock import patch
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from traffic_booking import AppointmentNumber, BookingDesk, appointment_number
from traffic_booking.testing import MovableClock, made_up_person

PICTURES: Final = Path("docs/pictures")
NOW: Final = datetime(2026, 11, 22, 7, 0, tzinfo=ZoneInfo("Asia/Riyadh"))
"""A Sunday, an hour before the branches open."""

Command = tuple[str, ...]
"""A command line, in the parts that stand on lines of their own."""

BOOK: Final[Command] = ("book --service licence-renewal", "--branch riyadh-traffic --at 2026-11-23T08:00")


class Picture(NamedTuple):
    """A terminal of so many columns after some commands; those of `before` run first, and are not shown."""

    title: str
    columns: int
    commands: tuple[Command, ...]
    before: tuple[Command, ...] = ()


SHOTS: Final = {
    "booking": Picture(
        "Free slots at a branch in Riyadh, and a seat held for ten minutes, in Arabic",
        70,
        (
            ("slots --service licence-renewal", "--governorate riyadh --limit 12 --language ar"),
            ("hold --service licence-renewal", BOOK[1], "--request-id demo-1 --language ar"),
        ),
    ),
    "ticket": Picture(
        "The ticket of a booked appointment, in Arabic",
        76,
        ((*BOOK, "--agree --request-id demo-2 --language ar"),),
    ),
    "refusal": Picture(
        "A second appointment refused by two rules, in English and in Arabic",
        70,
        ((*BOOK, "--agree --request-id demo-3 --language en"), (*BOOK, "--agree --request-id demo-4 --language ar")),
        before=((*BOOK, "--agree --request-id demo-2"),),
    ),
}

WIDTH: Final = 580
LINE: Final = 22
EDGE: Final = 18
STYLE: Final = """\
.card { fill: #fff; stroke: #d1d9e0 }
text { fill: #1f2328 }
text, .latin { font: %.1fpx ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", "Liberation Mono", monospace }
.arabic { font: 15px "Noto Sans Arabic", "SF Arabic", "Geeza Pro", "Segoe UI", Tahoma, "DejaVu Sans", sans-serif }
.bold { font-weight: 700 }
.dim { fill: #59636e }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #3d444d }
  text { fill: #f0f6fc }
  .dim { fill: #9198a1 }
}"""
"""Its place is for the size of the Latin letters: a cell is as wide as they are, and Arabic ones are narrower."""

LATIN_RATIO: Final = 0.602
"""How wide a letter of those fonts is, in its size."""

ISOLATED: Final = re.compile(r"([\u2066-\u2068])([^\u2066-\u2069]*)\u2069")
OUTER: Final = re.compile(r"[\u2066-\u2068](?:[^\u2066-\u2069]|[\u2066-\u2068][^\u2066-\u2069]*\u2069)*\u2069")
"""An isolate with at most one level of others in it."""
FIELD: Final = re.compile(r"\S(?:.*?\S)??(?=  |\s*$)")
"""A part of a row; two blanks or more end it."""

RULED: Final = re.compile(r"[─━=-]{8,}")
CONSOLE: Final = Console(file=io.StringIO())


class Row(NamedTuple):
    """A row of the terminal; its columns are counted from the right if its paragraph begins in Arabic."""

    text: Text
    from_right: bool


def main() -> int:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, drawn in pictures().items():
        (PICTURES / f"{name}.svg").write_text(drawn, encoding="utf-8")
    return 0


def pictures() -> dict[str, str]:
    """The SVG of each picture, by its name."""
    return {name: _svg(picture, list(_screen(picture))) for name, picture in SHOTS.items()}


def _screen(picture: Picture) -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        for command in picture.before:
            _output(folder, picture.columns, command)
        for place, (first, *others) in enumerate(picture.commands):
            shown = " \\\n      ".join([f"$ traffic-booking {first}", *others])
            prompt = Text(f"\n{shown}\n" if place else f"{shown}\n", style="dim")
            yield from (Row(line, from_right=False) for line in prompt.split("\n", allow_blank=True))
            yield from _rows(_output(folder, picture.columns, (first, *others)), picture.columns)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _OneNumber:
    def draw(self, code: str) -> AppointmentNumber:
        assert code == "001", "the pictures book at one branch"
        return appointment_number("001S-Y12R-DRJH")


def _output(folder: str, columns: int, command: Command) -> Text:
    """The output of the command on a terminal that is so wide, on the store in `folder`."""
    environment = {
        "TRAFFIC_BOOKING_DB": f"sqlite:///{folder}/bookings.db",
        "TRAFFIC_BOOKING_APPLICANT": made_up_person(0).reveal(),
        "COLUMNS": str(columns),
        "TERM": "xterm-256color",
    }
    opened, terminal = BookingDesk.open, _Terminal()

    def open_stopped(url: str, **more: Any) -> BookingDesk:
        return opened(url, clock=MovableClock(NOW), numbering=_OneNumber(), **more)

    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(BookingDesk, "open", open_stopped),
        patch.object(sys, "argv", ["traffic-booking", *" ".join(command).split()]),
        patch.object(sys, "stdout", terminal),
        suppress(SystemExit),
    ):
        runpy.run_module("traffic_booking", run_name="__main__")
    return Text.from_ansi(terminal.getvalue().rstrip("\n"))


def _rows(output: Text, columns: int) -> Iterator[Row]:
    """The rows of an output. A table in Arabic is moved to the right edge, to which its paragraphs are aligned."""
    lines = output.split("\n", allow_blank=True)
    cells = [line for line in lines if line.plain.lstrip().startswith(("\u2067", "\u2068"))]
    tables = [*cells, *(line for line in lines if RULED.fullmatch(line.plain.strip()))] if cells else []
    indent = columns - max((cell_len(line.plain.rstrip()) for line in tables), default=columns)
    for line in lines:
        if any(line is each for each in tables):
            line.pad_left(indent)
        from_right, opened = _is_arabic(OUTER.sub("", line.plain)), ""
        for piece in line.wrap(CONSOLE, columns) if cell_len(line.plain) > columns else [line]:
            row = Text.assemble(opened, piece)
            row.rstrip()
            opened = "".join(re.findall("[\u2066-\u2068]", OUTER.sub("", row.plain)))
            yield Row(row.append("\u2069" * len(opened)), from_right)


def _is_arabic(text: str) -> bool:
    """If the first letter of `text` is written from right to left."""
    return next((kind != "L" for kind in map(unicodedata.bidirectional, text) if kind in {"L", "R", "AL"}), False)


def _svg(picture: Picture, screen: Sequence[Row]) -> str:
    height = len(screen) * LINE + 2 * EDGE
    cell = (WIDTH - 2 * EDGE) / picture.columns
    fields = [
        _field(row, found, cell, EDGE - 6 + LINE * place)
        for place, row in enumerate(screen, start=1)
        for found in FIELD.finditer(row.text.plain)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(picture.title)}</title>',
        f"<style>\n{STYLE % (cell / LATIN_RATIO)}\n</style>",
        f'<rect class="card" x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="10"/>',
    )
    return "\n".join([*head, *fields, "</svg>\n"])


def _field(row: Row, found: re.Match[str], cell: float, down: int) -> str:
    """One field at its first cell, or at its last one if it is aligned to the right: Arabic is narrower than cells."""
    isolate = OUTER.fullmatch(found[0])
    begin, end = found.span() if isolate is None else (found.start() + 1, found.end() - 1)
    text = row.text[begin:end]
    is_arabic = found[0].startswith("\u2067") or _is_arabic(text.plain)
    left, width = cell_len(row.text.plain[:begin]) * cell, cell_len(text.plain) * cell
    at_right = row.from_right or isolate is not None
    across = WIDTH - EDGE - left if row.from_right else EDGE + left + (width if at_right else 0)
    marks = [f'x="{across:.1f}" y="{down}"']
    if is_arabic:
        marks.append('direction="rtl" class="arabic"')
    if at_right != is_arabic:
        marks.append('text-anchor="end"')
    if RULED.fullmatch(text.plain):
        marks.append(f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"')
    return f"<text {' '.join(marks)}>{_spans(text)}</text>"


def _spans(text: Text) -> str:
    """The text, with its bold and dim parts and, if it is Arabic, its isolated Latin parts marked."""
    isolates = [found.span(2) for found in ISOLATED.finditer(text.plain) if not _is_arabic(found[2])]
    classes = []
    for place in range(len(text)):
        style = text.get_style_at_offset(CONSOLE, place)
        named = {"bold": style.bold, "dim": style.dim, "latin": any(begin <= place < end for begin, end in isolates)}
        classes.append(" ".join(name for name, holds in named.items() if holds))
    runs = groupby(zip(classes, text.plain, strict=True), key=lambda each: each[0])
    marked = [(name, escape("".join(mark for _, mark in run))) for name, run in runs]
    return "".join(f'<tspan class="{name}">{run}</tspan>' if name else run for name, run in marked)


if __name__ == "__main__":
    raise SystemExit(main())
