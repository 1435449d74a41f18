"""Tables whose columns line up with Arabic in them.

Cells are wrapped here, before they are isolated (U+2068 … U+2069) line by line, so that no isolate is left open; rich
counts the marks as no cells wide and only draws.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from traffic_booking import Bilingual, Language
from traffic_booking.cli import words
from traffic_booking.cli.reply import DayCell, Facts, Listing, MonthGrid

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
NARROWEST: Final = 8
"""How far a column is squeezed before the table runs over the edge; less far where its words are longer."""
LONGEST_WORD: Final = 14
"""The longest word that no column breaks: an appointment's number."""

DAY_WIDTH: Final = 8
"""A day in a month's grid: seven of them, with what stands between, take 74 columns."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_BETWEEN_CELLS: Final = 3
"""At most what rich puts between two cells: a space on both sides, and a line."""
_GRID_WIDTH: Final = 7 * DAY_WIDTH + 6 * _BETWEEN_CELLS


def isolated(text: str) -> str:
    """`text` as a run of its own direction, whatever stands beside it."""
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if text else text


def runs_right_to_left(text: str) -> bool:
    """Whether a part of `text` is written from right to left."""
    return any(unicodedata.bidirectional(mark) in _RIGHT_TO_LEFT for mark in text)


def table_of(listing: Listing, console: Console, language: Language) -> Table:
    """The listing as a table as wide as the console; plain and as wide as it needs to be where that is no terminal.

    In Arabic the first column stands at the right, as in a month.
    """
    headers = [header(language) for header in listing.headers]
    rows = [headers, *listing.rows]
    natural = [max(cell_len(row[place]) for row in rows) for place in range(len(headers))]
    least = [
        natural[place] if header in words.UNBROKEN else _least([row[place] for row in rows])
        for place, header in enumerate(listing.headers)
    ]
    widths = _squeezed(natural, least, console.width - 1)
    full = sum(widths) + _BETWEEN_CELLS * (len(widths) - 1)
    table = Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        show_edge=False,
        header_style="bold",
        width=full if full > console.width else None,  # over the edge rather than cut
    )
    step = -1 if language == "ar" else 1
    columns = list(zip(listing.headers, _cells(headers, widths, console), widths, strict=True))
    for name, header, width in columns[::step]:
        table.add_column(header, no_wrap=True, min_width=width, justify=_side(name, language))
    for row in listing.rows:
        table.add_row(*_cells(row, widths, console)[::step])
    return table


def _side(header: Bilingual, language: Language) -> Literal["left", "right"]:
    """Numbers end below each other; words begin where their language does."""
    return "right" if language == "ar" or header in words.COUNTED else "left"


def grid_of(grid: MonthGrid, console: Console, language: Language) -> Table:
    """The month as seven columns, in Arabic from right to left: the order of the columns makes it, not the terminal."""
    step = -1 if language == "ar" else 1
    table = Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1),
        header_style="bold",
        width=_GRID_WIDTH if console.width < _GRID_WIDTH else None,  # over the edge rather than cut
    )
    for header in grid.headers[::step]:
        shown = Text(isolated(header(language)) if language == "ar" else header(language))
        table.add_column(shown, no_wrap=True, min_width=DAY_WIDTH, justify="right" if language == "ar" else "left")
    for place, week in enumerate(grid.weeks, start=1):
        last = place == len(grid.weeks)
        table.add_row(*(_day_cell(cell, language, last=last) for cell in week[::step]))
    return table


def _day_cell(cell: DayCell | None, language: Language, *, last: bool) -> Text:
    """Three lines, and a blank one between two weeks."""
    if cell is None:
        return Text()
    lines = ((cell.number, "bold"), (cell.other, "dim"), (cell.note, ""))
    shown = [Text(isolated(text) if language == "ar" else text, style=style) for text, style in lines]
    return Text("\n").join([*shown, *(() if last else (Text(),))])


def lines_of_facts(facts: Facts, language: Language) -> Iterator[str]:
    """Each entry on a line, the values in one column."""
    labels = [label(language) for label, _ in facts.entries]
    width = max(cell_len(label) for label in labels)
    for label, (_, value) in zip(labels, facts.entries, strict=True):
        shown = isolated(value) if runs_right_to_left(label + value) else value
        yield f"{label}{' ' * (width - cell_len(label))}  {shown}".rstrip()


def _least(cells: Sequence[str]) -> int:
    """The width in which no word of a common length is broken."""
    lengths = [cell_len(word) for cell in cells for word in cell.split()]
    return max([NARROWEST, *(length for length in lengths if length <= LONGEST_WORD)])


def _squeezed(natural: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    widths = list(natural)
    available = width - _BETWEEN_CELLS * (len(widths) - 1)
    while sum(widths) > available:
        room = [place for place in range(len(widths)) if widths[place] > least[place]]
        if not room:
            break
        widths[max(room, key=widths.__getitem__)] -= 1
    return widths


def _cells(row: Sequence[str], widths: Sequence[int], console: Console) -> list[Text]:
    isolates = any(runs_right_to_left(cell) for cell in row)
    return [_cell(cell, width, console, isolates=isolates) for cell, width in zip(row, widths, strict=True)]


def _cell(cell: str, width: int, console: Console, *, isolates: bool) -> Text:
    lines = [line.plain.rstrip() for line in Text(cell).wrap(console, max(width, 1))]
    return Text("\n".join(isolated(line) if isolates else line for line in lines))
