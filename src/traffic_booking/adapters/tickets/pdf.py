"""Tickets as PDF: one sheet of A5, PDF/A-3a and PDF/UA-1, set by `typst` in IBM Plex Sans Arabic.

The sheet is `ticket.typ`. It tries sizes of type from the largest one on, then shorter texts, until everything fits.
"""

import json
from functools import cache, partial
from importlib.resources import as_file, files
from threading import local
from typing import Any, Final

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.brand import TicketBrand
from traffic_booking.adapters.tickets.code_drawing import code_path
from traffic_booking.adapters.tickets.content import Content, Entry, Passage, contents_of
from traffic_booking.adapters.tickets.fitting import ROOMS, Room, breakable, shortened
from traffic_booking.adapters.tickets.fonts import FAMILY, drawn
from traffic_booking.adapters.tickets.printable import isolated
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.errors import MissingExtra

try:
    import typst
except ImportError as missing:
    raise MissingExtra("tickets as PDF", "tickets") from missing

_TEMPLATE: Final = "ticket.typ"
_NO_ROOM: Final = "no room"
"""The message of the template if no size of type is small enough, and shorter texts were not given."""

_of_thread: Final = local()
"""The compiler of each thread: one that several threads share fails."""


def pdf_of(ticket: Ticket, language: TicketLanguage, brand: TicketBrand) -> bytes:
    """A ticket as a PDF; the same ticket gives the same bytes. The text of its code is attached to it."""
    contents = contents_of(ticket, language)
    try:
        return _compiled(sheet_of(ticket, contents, brand, ROOMS[:1]))
    except typst.TypstError as error:
        if _NO_ROOM not in str(error):
            raise
    return _compiled(sheet_of(ticket, contents, brand, ROOMS))


def _compiled(sheet: dict[str, Any]) -> bytes:
    inputs = {"sheet": json.dumps(sheet, ensure_ascii=False)}
    compiled = _compiler().compile(input=_template(), sys_inputs=inputs, format="pdf", pdf_standards=["a-3a", "ua-1"])
    assert isinstance(compiled, bytes), "a PDF is one file, also of several pages"
    return compiled


@cache
def _template() -> bytes:
    return (files(__package__) / _TEMPLATE).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    with as_file(files(f"{__package__}.fonts")) as folder:
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _compiler() -> typst.Compiler:
    if not hasattr(_of_thread, "compiler"):
        _of_thread.compiler = typst.Compiler(font_paths=_fonts())
    compiler: typst.Compiler = _of_thread.compiler
    return compiler


def sheet_of(
    ticket: Ticket, contents: tuple[Content, ...], brand: TicketBrand, rooms: tuple[Room, ...]
) -> dict[str, Any]:
    """All that `ticket.typ` reads. Texts are drawn as they are: they have no markup there."""
    first, changed = contents[0], ticket.appointment.changed_at
    number = first.code.number.value
    return {
        "font": FAMILY,
        "colour": brand.colour,
        "tone": first.tone.value,
        "title": drawn(f"{first.heading} {left_to_right(number, first.language)}", first.language),
        "changed": [changed.year, changed.month, changed.day, changed.hour, changed.minute, changed.second],
        "code": _code(contents),
        "variants": [[_side(shortened(each, room), brand) for each in contents] for room in rooms],
        "more": rooms[-1] is not ROOMS[-1],
    }


def _code(contents: tuple[Content, ...]) -> dict[str, Any]:
    code = contents[0].code
    named = [words.CODE_OF(each.language).format(number=code.number.value) for each in contents]
    drawing = ""
    if code.text:
        path, side = code_path(code.text)
        ground = f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">{ground}<path d="{path}"/></svg>'
        )
    return {
        "text": code.text,
        "drawing": drawing,
        "signed": code.signed,
        "number": code.number.value,
        "name": " / ".join(named),
    }


def _side(content: Content, brand: TicketBrand) -> dict[str, Any]:
    """The content in one language."""
    language, when = content.language, content.when
    shown = partial(_text, language=language)
    return {
        "language": language,
        "brand": "" if brand.name is None else shown(brand.name(language)),
        "heading": shown(content.heading),
        "alerts": [shown(each) for each in content.alerts],
        "weekday": shown(when.weekday),
        "dates": [shown(each) for each in when.dates],
        "starts": when.starts,
        "until": [words.UNTIL(language), when.ends, shown(when.lasting)],
        "arrive": None if when.arrive is None else _entry(when.arrive, language),
        "number": shown(content.code.number.label),
        "caption": shown(content.code.caption),
        "facts": [_entry(each, language) for each in content.facts],
        "lists": [_passage(each, language) for each in content.lists],
        "cancelling": None if content.cancelling is None else _passage(content.cancelling, language),
        "texts": [_passage(each, language) for each in content.texts],
        "record": [_entry(each, language) for each in content.record],
        "footnotes": [shown(each) for each in content.footnotes],
    }


def _text(value: str, language: Language) -> str:
    return isolated(breakable(drawn(value, language)), language)


def _entry(entry: Entry, language: Language) -> dict[str, Any]:
    plain = drawn(entry.value, language)
    if entry.left_to_right:  # on one line: a position, a time
        value = left_to_right(plain.replace(" ", "\xa0"), language)
    else:
        value = isolated(breakable(plain), language)
    notes = [_text(each, language) for each in entry.notes]
    return {"label": _text(entry.label, language), "value": value, "notes": notes, "link": entry.link}


def _passage(passage: Passage, language: Language) -> dict[str, Any]:
    paragraphs = [_text(each, language) for each in passage.paragraphs]
    return {"heading": _text(passage.heading, language), "paragraphs": paragraphs}
