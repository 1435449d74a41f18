"""Printing replies and errors: as JSON, or as parts to read. Only `person` shows a person's id.

Columns line up with Arabic in them. Cells are wrapped here, and then isolated line by line (U+2067 or U+2068 … U+2069).
So every isolate is closed on its line. rich only draws: for it, the marks have no width.
"""

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NoReturn, TextIO, assert_never

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from traffic_booking import Language
from traffic_booking.cli import words
from traffic_booking.cli.reply import (
    Bullets,
    GridCell,
    Listing,
    MonthGrid,
    NamedValues,
    Reply,
    ReplyPart,
    Sentence,
)
from traffic_booking.domain.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE, RIGHT_TO_LEFT_ISOLATE, isolated_runs

UNLIMITED: Final = 10_000  # the columns of an output that is not a terminal: nothing is wrapped or cut
NARROWEST: Final = 8
"""The least width of a column, unless its words are longer; beyond that, the table runs over the edge."""
LONGEST_WORD: Final = 14  # the longest word that no column breaks: an appointment's number
DAY_WIDTH: Final = 8  # the width of a day in a month's grid

ARABIC_MARKS: Final = "،؛؟"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_BETWEEN_CELLS: Final = 3  # the most that rich draws between two cells: a space on both sides, and a line
_GRID_WIDTH: Final = 7 * DAY_WIDTH + 6 * _BETWEEN_CELLS
_SENTENCE_END: Final = re.compile(r"(?<=[.])\s+")


class PlainConsole(Console):
    """A console that raises if the reader of its pipe has gone; rich itself would end the process with exit code 1."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise `BrokenPipeError`."""
        raise BrokenPipeError


def console_on(stream: TextIO) -> PlainConsole:
    """A console on `stream`, as wide as the terminal; without colours if `NO_COLOR` is set or there is no terminal."""
    width = None if stream.isatty() or os.environ.get("COLUMNS") else UNLIMITED
    return PlainConsole(file=stream, width=width, highlight=False, markup=False, emoji=False)


def show(reply: Reply) -> None:
    """Print the reply on standard output."""
    if reply.options.json:
        print_json(reply.form)
        return
    console = console_on(sys.stdout)
    for part in reply.parts:
        show_part(part, console, reply.options.output_language)


def show_part(part: ReplyPart, console: Console, language: Language) -> None:
    """Print one part of a reply."""
    match part:
        case Listing(rows=rows) if not rows:
            if part.empty is not None:
                console.print(Text(ordered(part.empty(language), language)))
        case Listing():
            console.print(table_of(part, console, language), crop=False)
        case MonthGrid():
            _show_grid(part, console, language)
        case NamedValues():
            for line in lines_of_facts(part, language):
                console.print(Text(line), soft_wrap=True)
        case Sentence():
            text = ordered(part.text(language), language)
            console.print(Text(text, style="bold" if part.loud else ""), soft_wrap=not part.loud)
        case Bullets(texts):
            _show_bullets([text(language) for text in texts], console, language)
        case str(text):
            console.print(Text(text.rstrip("\n")), soft_wrap=True)
        case other:
            assert_never(other)


def _show_grid(grid: MonthGrid, console: Console, language: Language) -> None:
    """The month, and the marks below it; a mark and its meaning run in the direction of the language."""
    console.print(grid_of(grid, console, language), crop=False)
    if grid.legend:
        console.print()
    for mark, style, meaning in grid.legend:
        shown = f"{RIGHT_TO_LEFT_ISOLATE}{mark}{POP_ISOLATE}" if language == "ar" else mark
        console.print(Text.assemble((shown, style), f"  {ordered(meaning(language), language)}"), soft_wrap=True)


def _show_bullets(texts: Iterable[str], console: Console, language: Language) -> None:
    """Each sentence wrapped at the terminal's edge, with a bullet at its first line."""
    for sentence in (line for text in texts for line in _SENTENCE_END.split(text)):
        for place, line in enumerate(Text(sentence).wrap(console, max(console.width - 3, 1))):
            text = ordered(line.plain.rstrip(), language)
            console.print(Text(f"{' ' if place else '-'} {text}"), soft_wrap=True)


def print_json(form: Mapping[str, object]) -> None:
    """Print one JSON object and a line feed on standard output."""
    sys.stdout.write(json.dumps(form, ensure_ascii=False, indent=2) + "\n")


def print_error(message: str, language: Language = "en") -> None:
    """Print one line on standard error."""
    is_arabic = language == "ar" and runs_right_to_left(message)
    text = isolated(isolated_runs(message)) if is_arabic else message
    sys.stderr.write(f"traffic-booking: {text}\n")


def isolated(text: str) -> str:
    """`text` as a run of its own direction, whatever its neighbours."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if text else text


def ordered(text: str, language: Language) -> str:
    """A sentence whose dates, figures and options keep their order."""
    return isolated_runs(text) if language == "ar" else text


def runs_right_to_left(text: str) -> bool:
    """True if a part of `text` is written from right to left."""
    return any(unicodedata.bidirectional(mark) in _RIGHT_TO_LEFT for mark in text)


def table_of(listing: Listing, console: Console, language: Language) -> Table:
    """The listing as a table, no wider than the console if that is possible; plain if there is no terminal.

    In Arabic the first column stands at the right, as in a month.
    """
    headers = [header(language) for header in listing.headers]
    columns = list(zip(*[headers, *listing.rows], strict=True))
    natural = [max(map(cell_len, cells)) for cells in columns]
    least = [
        width if header in words.UNBROKEN else _least(cells)
        for header, cells, width in zip(listing.headers, columns, natural, strict=True)
    ]
    widths = _squeezed(natural, least, console.width - 1)
    table = _table(console, sum(widths) + _BETWEEN_CELLS * (len(widths) - 1))
    step = -1 if language == "ar" else 1
    titles = list(zip(listing.headers, _cells(headers, widths, console, language), widths, strict=True))
    for header, title, width in titles[::step]:
        # Numbers end below each other; words begin on the side where their language begins.
        justify: Literal["left", "right"] = "right" if language == "ar" or header in words.COUNTED else "left"
        table.add_column(title, no_wrap=True, min_width=width, justify=justify)
    for row in listing.rows:
        table.add_row(*_cells(row, widths, console, language)[::step])
    return table


def grid_of(grid: MonthGrid, console: Console, language: Language) -> Table:
    """The month as seven columns; in Arabic the order of the columns is reversed, whatever the terminal does."""
    step = -1 if language == "ar" else 1
    table = _table(console, _GRID_WIDTH)
    for header in grid.headers[::step]:
        title = Text(isolated(header(language)) if language == "ar" else header(language))
        table.add_column(title, no_wrap=True, min_width=DAY_WIDTH, justify="right" if language == "ar" else "left")
    for place, week in enumerate(grid.weeks, start=1):
        last = place == len(grid.weeks)
        table.add_row(*(_day_cell(cell, language, last=last) for cell in week[::step]))
    return table


def _table(console: Console, width: int) -> Table:
    """An empty table, over the edge of the console if it is wider than that: rich would cut it."""
    return Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        show_edge=False,
        header_style="bold",
        width=width if width > console.width else None,
    )


def _day_cell(cell: GridCell | None, language: Language, *, last: bool) -> Text:
    """Three lines, and a blank one between two weeks."""
    if cell is None:
        return Text()
    lines = ((cell.number, "bold"), (cell.other, "dim"), (cell.note, ""))
    first, *others = [Text(isolated(text) if language == "ar" else text, style=style) for text, style in lines]
    if cell.mark:
        first = _band(cell, language)
    return Text("\n").join([first, *others, *(() if last else (Text(),))])


def _band(cell: GridCell, language: Language) -> Text:
    """A day's number and its mark over the width of a cell; in Arabic the number stands at the right."""
    text = f"{cell.number} {cell.mark}"
    around = " " * (DAY_WIDTH - cell_len(text))
    if language == "ar":
        return Text(f"{around}{RIGHT_TO_LEFT_ISOLATE}{text}{POP_ISOLATE}", style=f"bold {cell.style}")
    return Text(f"{text}{around}", style=f"bold {cell.style}")


def lines_of_facts(facts: NamedValues, language: Language) -> Iterator[str]:
    """Each entry on a line, the values in one column."""
    labels = [label(language) for label, _ in facts.entries]
    width = max(cell_len(label) for label in labels)
    for label, (_, value) in zip(labels, facts.entries, strict=True):
        text = _isolated_line(value, language) if runs_right_to_left(label + value) else value
        yield f"{label}{' ' * (width - cell_len(label))}  {text}".rstrip()


def _isolated_line(line: str, language: Language) -> str:
    """A line as a run of its own; in Arabic from right to left, even if it begins with a Latin word."""
    if not (runs_right_to_left(line) or any(mark in ARABIC_MARKS for mark in line)):
        return isolated(line)
    text = isolated_runs(line)
    return f"{RIGHT_TO_LEFT_ISOLATE}{text}{POP_ISOLATE}" if language == "ar" else isolated(text)


def _least(cells: Sequence[str]) -> int:
    """The width in which no word of a common length is broken."""
    lengths = [cell_len(word) for cell in cells for word in cell.split()]
    return max([NARROWEST, *(length for length in lengths if length <= LONGEST_WORD)])


def _squeezed(natural: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """Widths that fit: the widest column that may be narrower loses a cell, again and again."""
    widths = list(natural)
    available = width - _BETWEEN_CELLS * (len(widths) - 1)
    while sum(widths) > available:
        room = [place for place in range(len(widths)) if widths[place] > least[place]]
        if not room:
            break
        widths[max(room, key=widths.__getitem__)] -= 1
    return widths


def _cells(row: Sequence[str], widths: Sequence[int], console: Console, language: Language) -> list[Text]:
    isolates = any(runs_right_to_left(cell) for cell in row)
    cells = []
    for cell, width in zip(row, widths, strict=True):
        lines = [line.plain.rstrip() for line in Text(cell).wrap(console, max(width, 1))]
        cells.append(Text("\n".join(_isolated_line(line, language) if isolates else line for line in lines)))
    return cells
