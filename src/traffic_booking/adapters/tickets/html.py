"""Tickets as one HTML page: no script, nothing loaded from elsewhere, laid out for A5 when printed."""

from html import escape
from typing import Final

from traffic_booking.adapters.tickets.content import Content, Entry, Passage, contents_of
from traffic_booking.adapters.tickets.text import visit_of
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage
from traffic_booking.domain.bidi import isolated_runs
from traffic_booking.domain.bilingual import Language

STYLE: Final = """
:root { color-scheme: light; }
body { color: #1a1a1a; background: #fff; font: 1rem/1.6 system-ui, "Noto Sans Arabic", sans-serif;
  max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; border-block-end: 3px solid #14532d; padding-block-end: .4rem; }
h2 { font-size: 1.1rem; margin-block: 1.2rem .3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
dt { color: #4a4a4a; }
dd { margin: 0; font-weight: 600; }
p { margin: 0 0 .5rem; }
@media print {
  @page { size: A5; margin: 9mm; }
  :root { font-size: 9pt; }
  body { line-height: 1.3; margin: 0; padding: 0; max-width: none; }
  h1 { margin: 0 0 .6rem; }
  h2 { margin-block: .7rem .2rem; }
  dl { gap: .05rem 1rem; }
  ul { columns: 2; margin-block: 0; }
}
"""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


class _Markup(str):
    """Markup that this module made: `_element` does not escape it."""

    __slots__ = ()


def html_of(ticket: Ticket, language: TicketLanguage) -> str:
    """A ticket as a whole HTML document. Every value passes through `html.escape`; attributes are constants."""
    contents = contents_of(ticket, language)
    first = contents[0].language
    opening = _Markup(f'<html lang="{first}" dir="{"rtl" if first == "ar" else "ltr"}">')
    head = _element(
        "head",
        _Markup('<meta charset="utf-8">'),
        _Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        _Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        _element("title", contents[0].heading),
        _element("style", _Markup(STYLE)),
    )
    body = _element("body", *(_main(content) for content in contents))
    return f"<!DOCTYPE html>\n{opening}\n{head}\n{body}\n</html>\n"


def _main(content: Content) -> _Markup:
    language = content.language
    entries = (*visit_of(content), *content.facts, *content.record)
    passages = (*content.lists, *([content.cancelling] if content.cancelling else []), *content.texts)
    return _element(
        "main",
        _element("h1", content.heading),
        *(_element("p", text) for text in content.alerts),
        _element("dl", *(part for entry in entries for part in _entry(entry, language))),
        *(_passage(passage, language) for passage in passages),
    )


def _element(tag: str, *children: str, attribute: str = "") -> _Markup:
    inner = "".join(child if isinstance(child, _Markup) else escape(child, quote=True) for child in children)
    return _Markup(f"<{tag}{attribute}>{inner}</{tag}>\n" if tag != "bdi" else f"<{tag}{attribute}>{inner}</{tag}>")


def _ordered(text: str, language: Language) -> str:
    return isolated_runs(text) if language == "ar" else text


def _entry(entry: Entry, language: Language) -> tuple[_Markup, _Markup]:
    if entry.left_to_right:
        value = _element("bdi", entry.value, attribute=' dir="ltr"')
    else:
        value = _element("bdi", _ordered(entry.value, language))
    notes = (_element("small", _element("bdi", _ordered(note, language))) for note in entry.notes)
    return _element("dt", entry.label), _element("dd", value, *notes)


def _passage(passage: Passage, language: Language) -> _Markup:
    heading = _element("h2", passage.heading)
    isolated = [_element("bdi", _ordered(paragraph, language)) for paragraph in passage.paragraphs]
    if passage.is_list:
        return _element("section", heading, _element("ul", *(_element("li", text) for text in isolated)))
    return _element("section", heading, *(_element("p", text) for text in isolated))
