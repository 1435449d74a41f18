"""Tables as CSV that a spreadsheet may open: RFC 4180, every cell quoted, and no cell that is run as a formula."""

from collections.abc import Iterable, Sequence
from typing import Final

from traffic_booking.domain.value_input import truth

BYTE_ORDER_MARK: Final = "\ufeff"
FORMULA_STARTS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""The first characters of formulas, also in the wide letters of East Asia."""
_LINE_ENDS: Final = str.maketrans("\r\n\t", "   ")


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[str]], *, excel: bool = False) -> str:
    """The table with its headers, in lines that end with CR LF; with `excel` a byte order mark in front."""
    lines = [",".join(map(_cell, row)) + "\r\n" for row in (headers, *rows)]
    return (BYTE_ORDER_MARK if truth(excel, "excel") else "") + "".join(lines)


def _cell(text: str) -> str:
    """A quoted cell on one line; an apostrophe in front keeps a spreadsheet from running it."""
    safe = "'" + text if text.lstrip(" ")[:1] in FORMULA_STARTS and text else text
    return '"' + safe.translate(_LINE_ENDS).replace('"', '""') + '"'
