"""Content that fits on one sheet of A5: texts that are too long are cut, with a clear sign.

A page can't measure itself without a script, so the height of a printed one is estimated, a little too high, from its
characters. A PDF is measured by its template.
"""

import unicodedata
from collections.abc import Iterable
from math import ceil
from typing import Final, NamedTuple

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.content import Content, Entry, Passage
from traffic_booking.domain.bilingual import Language

BREAK: Final = "\u200b"
LONGEST_WORD: Final = 16
"""The most characters of a word that is never broken."""

_PIECE: Final = 8  # the characters between the places at which a longer word may be broken

_LOOK_BACK: Final = 24  # a cut is made at a blank, if there is one among so many characters

SIZES: Final = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.2)
"""The sizes of type in points, the largest first."""
POINT_MM: Final = 0.3528
HEIGHT_MM: Final = 201.0
WIDTH_MM: Final = 130.0

_LINE: Final = 1.34  # the height of a line, in its size of type
_WIDTHS: Final = {"ar": 0.44, "en": 0.52}  # the mean width of a character, in its size of type


class Room(NamedTuple):
    """The most characters of a value, of an item of a list and of a passage, and the most items of a list."""

    value: int
    item: int
    items: int
    passage: int


ROOMS: Final = (
    Room(240, 240, 12, 2_400),
    Room(240, 240, 12, 900),
    Room(200, 160, 12, 450),
    Room(160, 120, 8, 250),
    Room(120, 90, 5, 120),
    Room(50, 40, 2, 60),
)
"""From the whole content, as far as that is sensible on one sheet, to the least that a ticket has to state."""


def shortened(content: Content, room: Room) -> Content:
    """`content` with at most as much text as there is room for."""
    language = content.language

    def cut(passage: Passage) -> Passage:
        if passage.is_list:
            return passage._replace(paragraphs=_items(passage.paragraphs, room, language))
        return passage._replace(paragraphs=_paragraphs(passage.paragraphs, room.passage, language))

    return content._replace(
        alerts=tuple(cut_text(each, room.passage // 2, language) for each in content.alerts),
        facts=tuple(_entry(each, room.value, language) for each in content.facts),
        lists=tuple(map(cut, content.lists)),
        texts=tuple(map(cut, content.texts)),
        record=tuple(_entry(each, room.value, language) for each in content.record),
    )


def cut_text(text: str, longest: int, language: Language) -> str:
    """`text` if it has at most `longest` characters; else its beginning, with a sign that it was cut."""
    if len(text) <= longest:
        return text
    kept = longest
    while kept and unicodedata.combining(text[kept]):
        kept -= 1
    blank = text.rfind(" ", kept - _LOOK_BACK, kept)
    return f"{text[: blank if blank > 0 else kept].rstrip()}… {words.CUT(language)}"


def breakable(text: str) -> str:
    """`text` with places to break a line (U+200B) in words that are too long for one."""
    return " ".join(
        word
        if len(word) <= LONGEST_WORD
        else BREAK.join(word[place : place + _PIECE] for place in range(0, len(word), _PIECE))
        for word in text.split(" ")
    )


def _entry(entry: Entry, longest: int, language: Language) -> Entry:
    notes = tuple(cut_text(each, longest, language) for each in entry.notes)
    return entry._replace(value=cut_text(entry.value, longest, language), notes=notes)


def _items(items: tuple[str, ...], room: Room, language: Language) -> tuple[str, ...]:
    shown = tuple(cut_text(each, room.item, language) for each in items[: room.items])
    more = len(items) - len(shown)
    return (*shown, words.MORE(language).format(count=more)) if more else shown


def _paragraphs(paragraphs: tuple[str, ...], longest: int, language: Language) -> tuple[str, ...]:
    shown: list[str] = []
    for paragraph in paragraphs:
        if longest <= 0:
            return (*shown, f"… {words.CUT(language)}")
        shown.append(cut_text(paragraph, longest, language))
        if len(paragraph) > longest:
            return tuple(shown)
        longest -= len(paragraph)
    return tuple(shown)


def print_size(contents: tuple[Content, ...]) -> tuple[float, tuple[Content, ...]]:
    """The largest size of type at which `contents` fit on a sheet, and as much of them as does."""
    kept = contents
    for room in ROOMS:
        kept = tuple(shortened(each, room) for each in contents)
        for size in SIZES:
            if _height(kept, size * POINT_MM) <= HEIGHT_MM:
                return size, kept
    return SIZES[-1], kept


def _height(contents: tuple[Content, ...], em: float) -> float:
    """The estimated height in millimetres, if the type is `em` millimetres large."""
    half = WIDTH_MM / 2 - em
    alone = len(contents) == 1
    column = WIDTH_MM - em if alone else half
    code = (35 if alone else 28) * bool(contents[0].code.text) + 6 * em
    beside = WIDTH_MM - 35 - 9 * em if alone else (WIDTH_MM - 30) / 2 - em

    def highest(*blocks: float) -> float:
        return max(blocks, default=0)

    def text(content: Content, texts: Iterable[str], width: float, size: float) -> float:
        return sum(_lines(each, width, em * size, content) for each in texts) * em * size * _LINE

    def passage(content: Content, passage: Passage, width: float, size: float) -> float:
        return em * 1.6 + text(content, passage.paragraphs, width - 2 * em, size)

    lists = [[passage(each, part, half, 1.0) for part in each.lists] for each in contents]
    parts = [
        highest(*(text(each, [each.heading], column, 1.3) for each in contents)) + em * 2.6,
        highest(*(text(each, each.alerts, column, 1.0) + 2.2 * em for each in contents if each.alerts)),
        em * (8.0 if alone else 8.6),
        highest(code, *(_facts(each, beside, em, alone=alone) for each in contents)) + 1.4 * em,
        highest(*lists[0]) if alone else sum(highest(*pair) + em for pair in zip(*lists, strict=True)),
        highest(*(passage(each, each.cancelling, column, 1.0) + 2.2 * em for each in contents if each.cancelling)),
        highest(*(sum(passage(each, part, column, 0.92) + em for part in each.texts) for each in contents)),
        highest(*(text(each, [_record(each)], column, 0.82) + 1.8 * em for each in contents)),
    ]
    return sum(parts)


def _lines(text: str, width: float, size: float, content: Content) -> int:
    return max(1, ceil(len(text) * _WIDTHS[content.language] * size / width))


def _facts(content: Content, width: float, em: float, *, alone: bool) -> float:
    height = 0.0
    for entry in content.facts:
        shown = entry.value if alone else f"{entry.label}: {entry.value}"
        height += _lines(shown, width, 1.15 * em, content) * em * _LINE + 0.35 * em
        height += sum(_lines(note, width, 0.85 * em, content) for note in entry.notes) * em * 0.85 * _LINE
    return height


def _record(content: Content) -> str:
    return " · ".join([*(f"{entry.label}: {entry.value}" for entry in content.record), *content.footnotes])
