"""The Arabic of the parts of messages: the English text is looked up whole, then as a text with places for values."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple
from unicodedata import category

from traffic_booking.domain.messages.arabic import ENTRIES, FIELDS, KINDS, NOUNS, OF_SYSTEMS, TEXTS, VALUES
from traffic_booking.domain.messages.numbers import in_arabic

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "ENTRIES": ENTRIES,
    "FIELDS": FIELDS,
    "KINDS": KINDS,
    "TEXTS": {**OF_SYSTEMS, **VALUES, **TEXTS},
}

_PLACE: Final = re.compile(r"\{(\w+)\}")
_PART: Final = re.compile(r"`([^`]*)`|\{(\w+)(?::([\w -]+))?\}")
_VALUE: Final = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.+?)"""
_PLAIN: Final = re.compile(r"""\S+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^A-Za-z]+""", re.DOTALL)
_QUOTED: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_LISTS: Final = ((", ", "، "), (" or ", " أو "))
_GENERAL: Final = 8  # a text with at most so many letters around its places also fits sentences of hosts
_DEEPEST: Final = 4


class Translation(NamedTuple):
    """A text in Arabic; `known` if it is in the tables, else it is a value as it was given."""

    text: str
    known: bool


class _Template(NamedTuple):
    english: str
    literals: tuple[str, ...]
    names: tuple[str, ...]
    arabic: str

    @property
    def letters(self) -> int:
        return sum(map(str.isalpha, "".join(self.literals)))


def translated(text: str, table: str, depth: int = 0) -> Translation:
    """`text` in Arabic by a table: `FIELDS`, `KINDS` or `TEXTS`. A value becomes a run from left to right."""
    entry = entry_of(text, table, depth)
    if entry is not None:
        english, found = entry
        return Translation(_filled(TABLES[table][english], found, table, depth), known=True)
    if depth < _DEEPEST and not _QUOTED.fullmatch(text):
        for english, arabic in _LISTS:
            if english in text:
                given = text.split(english)
                parts = [translated(part, table, depth + 1) for part in given]
                if all(part.known or _PLAIN.fullmatch(each) for part, each in zip(parts, given, strict=True)):
                    return Translation(arabic.join(part.text for part in parts), any(part.known for part in parts))
    return Translation(left_to_right(text), known=False)


def entry_of(text: str, table: str, depth: int = 0) -> tuple[str, Mapping[str, str]] | None:
    """The entry of a table that fits `text`, and what stands in its places; the entry with the longest fixed part."""
    if text in TABLES[table] and "{" not in text:  # a host's text may have the braces of a template
        return text, {}
    if depth == _DEEPEST or _QUOTED.fullmatch(text):
        return None
    for template in _templates(table):
        found = _found(template, text)
        if found is not None and _fits(template, found, table, depth):
            return template.english, found
    return None


def left_to_right(value: str) -> str:
    """`value` as a run from left to right, without marks of direction of its own."""
    shown = (mark for mark in value if category(mark) != "Cf")
    return f"\u2066{''.join(shown)}\u2069"


@cache
def _templates(table: str) -> list[_Template]:
    """The texts with places, those with the longest fixed parts first."""
    made = [
        _Template(english, tuple(_PLACE.split(english)[::2]), tuple(_PLACE.findall(english)), arabic)
        for english, arabic in TABLES[table].items()
        if "{" in english
    ]
    return sorted(made, key=lambda each: sum(map(len, each.literals)), reverse=True)


@cache
def _pattern(literals: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(_VALUE.join(map(re.escape, literals)), re.DOTALL)


def _found(template: _Template, text: str) -> Mapping[str, str] | None:
    literals = template.literals
    if not (text.startswith(literals[0]) and text.endswith(literals[-1])):
        return None  # most texts end here, before a pattern is compiled
    match = _pattern(literals).fullmatch(text)
    return None if match is None else dict(zip(template.names, match.groups(), strict=True))


def _fits(template: _Template, found: Mapping[str, str], table: str, depth: int) -> bool:
    if template.letters > _GENERAL:
        return True
    known = [translated(value, table, depth + 1).known for value in found.values()]
    return any(known) or (template.letters > 0 and all(map(_PLAIN.fullmatch, found.values())))


def _filled(arabic: str, found: Mapping[str, str], table: str, depth: int) -> str:
    def part(match: re.Match[str]) -> str:
        run, name, form = match.groups()
        if run is not None:
            return left_to_right(_PLACE.sub(lambda inner: found[inner[1]], run))
        value = found[name]
        if form is None:
            return translated(value, table, depth + 1).text
        if form == "raw":
            return "، ".join(map(left_to_right, value.split(", ")))
        return _counted(value, form if form in NOUNS else found[form])

    return _PART.sub(part, arabic)


def _counted(number: str, unit: str) -> str:
    noun = NOUNS.get(unit)
    if noun is None:
        return f"{left_to_right(number)} {left_to_right(unit)}"
    return in_arabic(int(number), noun) if number.isdecimal() else f"{left_to_right(number)} {noun.many}"
