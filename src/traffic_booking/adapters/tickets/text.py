"""Tickets as plain text, to read in a terminal or to send as a message."""

from collections.abc import Iterable, Iterator
from typing import Final

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.content import Content, Entry, Passage, contents_of
from traffic_booking.adapters.tickets.printable import cells, isolated, lines_of
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage
from traffic_booking.domain.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE
from traffic_booking.domain.bilingual import Language

WIDTH: Final = 76
"""The columns of a line; only a single long word goes beyond."""

_GAP: Final = 2
_BULLET: Final = "• "
_INDENT: Final = "  "


def text_of(ticket: Ticket, language: TicketLanguage) -> str:
    """A ticket as lines of at most 76 terminal columns; ends in a line feed. In both languages, Arabic comes first."""
    return "\n".join("\n".join([*_lines(content), ""]) for content in contents_of(ticket, language))


def _lines(content: Content) -> Iterator[str]:
    language = content.language
    yield from (_rule("="), content.heading, _rule("="), "")
    if content.alerts:
        yield from (*_passage(Passage(words.ATTENTION(language), content.alerts), language), "")
    groups = (tuple(_visit(content)), content.facts, content.record)
    labels = max(cells(entry.label) for group in groups for entry in group) + _GAP
    yield from _entries((*groups[0], *groups[1]), labels, language)
    for passage in (*content.lists, *([content.cancelling] if content.cancelling else []), *content.texts):
        yield from ("", *_passage(passage, language))
    yield _rule("-")
    yield from _entries(content.record, labels, language)
    for note in content.footnotes:
        yield from _lines_of(note, language)
    yield _rule("=")


def _visit(content: Content) -> Iterator[Entry]:
    when, language = content.when, content.language
    yield Entry(words.WEEKDAY(language), when.weekday)
    yield Entry(words.DATE(language), when.dates[0], notes=when.dates[1:])
    yield Entry(words.TIME(language), f"{when.starts}–{when.ends}", left_to_right=True)
    yield Entry(words.DURATION(language), when.lasting)
    if when.arrive is not None:
        yield when.arrive
    yield content.code.number._replace(notes=(content.code.caption,))


def _rule(mark: str) -> str:
    return mark * WIDTH


def _entries(entries: Iterable[Entry], labels: int, language: Language) -> Iterator[str]:
    for entry in entries:
        values = [_isolated_value(line, entry, language) for line in lines_of(entry.value, WIDTH - labels)]
        values += [isolated(line, language) for note in entry.notes for line in lines_of(note, WIDTH - labels)]
        yield entry.label + " " * (labels - cells(entry.label)) + values[0]
        yield from (" " * labels + value for value in values[1:])
        if entry.link:  # an address is never broken: it begins near the edge
            yield _INDENT + _isolated_value(entry.link, entry, language)


def _isolated_value(line: str, entry: Entry, language: Language) -> str:
    if entry.left_to_right and language == "ar":
        return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}"
    return isolated(line, language)


def _passage(passage: Passage, language: Language) -> Iterator[str]:
    first, other = (_BULLET, _INDENT) if passage.is_list else ("", "")
    yield from (passage.heading, _rule("-"))
    for paragraph in passage.paragraphs:
        yield from _lines_of(paragraph, language, first, other)


def _lines_of(paragraph: str, language: Language, first: str = "", other: str = "") -> Iterator[str]:
    for place, line in enumerate(lines_of(paragraph, WIDTH - cells(first))):
        yield (first if place == 0 else other) + isolated(line, language)
