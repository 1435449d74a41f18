"""Text that can be printed: no controls, the direction of foreign values isolated, lines broken by width."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from traffic_booking.domain.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE, RIGHT_TO_LEFT_ISOLATE, isolated_runs
from traffic_booking.domain.bilingual import Language

REPLACEMENT: Final = "\ufffd"

_JOINERS: Final = frozenset("\u200c\u200d")
_CONTROLS: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WIDTHLESS: Final = frozenset({"Mn", "Me", "Cf"})
_ARABIC: Final = frozenset({"R", "AL", "AN"})


def printable(text: str) -> str:
    """`text` with U+FFFD for every control or direction mark, except line feeds and joiners.

    The catalogue refuses them as well, but a ticket does not depend on that.
    """
    return "".join(
        REPLACEMENT if unicodedata.category(mark) in _CONTROLS and mark not in _JOINERS and mark != "\n" else mark
        for mark in text
    )


def one_line(text: str) -> str:
    """`text`, printable, on one line, so that a value can't imitate a second one."""
    return " ".join(printable(text).split())


def isolated(text: str, language: Language) -> str:
    """`text` as an isolate if a part of it has another direction than the language.

    Digits beside Arabic words need no isolation; digits alone do.
    """
    directions = {unicodedata.bidirectional(mark) for mark in text}
    if language == "en":
        foreign = bool(directions & _ARABIC)
    else:
        foreign = "L" in directions or ("EN" in directions and not directions & _ARABIC)
    if language == "ar" and directions & _ARABIC:  # even if the line begins with a Latin word
        text = isolated_runs(text)
        return f"{RIGHT_TO_LEFT_ISOLATE}{text}{POP_ISOLATE}" if foreign else text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if foreign else text


def cells(text: str) -> int:
    """The columns that `text` takes in a terminal: Arabic letters one, their marks none, wide characters two."""
    return sum(_cells_of(mark) for mark in text)


def _cells_of(mark: str) -> int:
    if unicodedata.category(mark) in _WIDTHLESS:
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def lines_of(text: str, width: int) -> Iterable[str]:
    """The words of `text` on lines of at most `width` cells; a word that is wider has a line to itself."""
    line: list[str] = []
    used = 0
    for word in text.split():
        size = cells(word)
        if line and used + 1 + size > width:
            yield " ".join(line)
            line, used = [], 0
        used += size + (1 if line else 0)
        line.append(word)
    if line:
        yield " ".join(line)
