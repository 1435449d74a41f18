"""Tickets as plain text, to read in a terminal or to send as a message."""

from typing import Final

from traffic_booking.adapters.tickets.content import Entry, Passage, content_of
from traffic_booking.adapters.tickets.printable import cells, isolated, lines_of
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bidi import FIRST_STRONG_ISOLATE, POP_ISOLATE
from traffic_booking.domain.bilingual import Language

WIDTH: Final = 76
"""The columns of a line; only a single long word goes beyond."""

_GAP: Final = 2
_BULLET: Final = "• "
_INDENT: Final = "  "


def text_of(ticket: Ticket, language: Language) -> str:
    """A ticket as lines of at most 76 terminal columns; ends in a line feed."""
    content = content_of(ticket, language)
    labels = max(cells(entry.label) for entry in content.entries) + _GAP
    lines = [_rule("="), content.heading, _rule("="), ""]
    for entry in content.entries:
        lines += _entry(entry, labels, language)
    for passage in content.passages:
        lines += ["", passage.heading, _rule("-"), *_passage(passage, language)]
    return "\n".join([*lines, _rule("="), ""])


def _rule(mark: str) -> str:
    return mark * WIDTH


def _entry(entry: Entry, labels: int, language: Language) -> list[str]:
    lines = [_isolated_value(line, entry, language) for line in lines_of(entry.value, WIDTH - labels)]
    label = entry.label + " " * (labels - cells(entry.label))
    return [(label if place == 0 else " " * labels) + line for place, line in enumerate(lines)]


def _isolated_value(line: str, entry: Entry, language: Language) -> str:
    if entry.left_to_right and language == "ar":
        return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}"
    return isolated(line, language)


def _passage(passage: Passage, language: Language) -> list[str]:
    first, other = (_BULLET, _INDENT) if passage.is_list else ("", "")
    return [
        (first if place == 0 else other) + isolated(line, language)
        for paragraph in passage.paragraphs
        for place, line in enumerate(lines_of(paragraph, WIDTH - cells(first)))
    ]
