"""Tickets as one HTML page: no script, nothing loaded from elsewhere, one sheet of A5 when printed."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from html import escape
from importlib.resources import files
from typing import Final

from traffic_booking.adapters.tickets import wording as words
from traffic_booking.adapters.tickets.brand import TicketBrand, lightened
from traffic_booking.adapters.tickets.code_drawing import code_path
from traffic_booking.adapters.tickets.content import Content, Entry, Passage, contents_of
from traffic_booking.adapters.tickets.fitting import print_size
from traffic_booking.domain.appointments.markup import Markup, direction, element, head_of, left_to_right, value_of
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage
from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.errors import MissingExtra

DARK_GROUND: Final = "#141b17"
"""The ground of a ticket in dark mode, as `ticket.css` has it."""


def html_of(ticket: Ticket, language: TicketLanguage, brand: TicketBrand) -> str:
    """A ticket as a whole HTML document. Every value passes through `html.escape`; attributes are constants.

    A text that is too long for the sheet is shortened for printing alone.
    """
    contents = contents_of(ticket, language)
    first = contents[0].language
    size, printed = print_size(contents)
    opening = Markup(f'<html lang="{first}" dir="{direction(first)}">')
    look = (
        f":root {{ --lead: {brand.colour}; --lead-dark: {lightened(brand.colour, DARK_GROUND)}; --print: {size}pt; }}\n"
    )
    head = head_of(f"{contents[0].heading} {contents[0].code.number.value}", look + _style())
    if printed == contents:
        body = element("body", _page(contents, brand))
    else:
        body = element("body", _page(contents, brand, "for-screen"), _page(printed, brand, "for-print"))
    return f"<!DOCTYPE html>\n{opening}\n{head}\n{body}\n</html>\n"


@cache
def _style() -> str:
    return (files(__package__) / "ticket.css").read_text("utf-8")


def _page(contents: tuple[Content, ...], brand: TicketBrand, medium: str = "") -> Markup:
    first = contents[0]
    count = "alone" if len(contents) == 1 else "both"
    return element(
        "main",
        _head(contents, brand),
        *_alerts(contents),
        _when(contents),
        _visit(contents),
        *_lists(contents),
        *_cancelling(contents),
        *(_sides(contents, partial(_text, place), "section", "text") for place in range(len(first.texts))),
        _sides(contents, _record, "footer", "record"),
        attribute=f'class="{" ".join(filter(None, (count, first.tone.value, medium)))}"',
    )


def _sides(
    contents: tuple[Content, ...], part: Callable[[Content], Markup], tag: str = "div", name: str = ""
) -> Markup:
    """The same part in each language, beside each other if there is room."""
    sides = (_side(each, part(each)) for each in contents)
    return element(tag, *sides, attribute=f'class="{f"sides {name}".strip()}"')


def _side(content: Content, *children: str, name: str = "") -> Markup:
    attribute = f'lang="{content.language}" dir="{direction(content.language)}"'
    return element("div", *children, attribute=f'class="{name}" {attribute}' if name else attribute)


def _head(contents: tuple[Content, ...], brand: TicketBrand) -> Markup:
    headings = (
        element("span", each.heading, attribute=f'lang="{each.language}" dir="{direction(each.language)}"')
        for each in contents
    )
    title = element("h1", *headings, attribute='class="sides"')
    if brand.name is None:
        return element("header", title, attribute='class="head"')
    name = brand.name
    names = _sides(contents, lambda each: element("p", name(each.language), attribute='class="brand"'))
    return element("header", names, title, attribute='class="head"')


def _alerts(contents: tuple[Content, ...]) -> Iterator[Markup]:
    if contents[0].alerts:
        yield _sides(contents, _alert, "section", "box alert")


def _alert(content: Content) -> Markup:
    return Markup("".join(element("p", value_of(text, content.language)) for text in content.alerts))


def _when(contents: tuple[Content, ...]) -> Markup:
    first, alone = contents[0], len(contents) == 1
    days = [_day(each, with_arrival=not alone) for each in contents]
    lasting = (_side(each, _lasting(each)) for each in contents)
    arrival = _arrival(first) if alone else ()
    clock = element(
        "div", element("p", left_to_right(first.when.starts), attribute='class="clock"'), *lasting, *arrival
    )
    return element("section", days[0], clock, *days[1:], attribute='class="when"')


def _day(content: Content, *, with_arrival: bool) -> Markup:
    dates = (element("p", date) for date in content.when.dates)
    return _side(
        content,
        element("p", content.when.weekday, attribute='class="weekday"'),
        element("div", *dates, attribute='class="dates"'),
        *(_arrival(content) if with_arrival else ()),
        name="day",
    )


def _lasting(content: Content) -> Markup:
    when = content.when
    until = f"{words.UNTIL(content.language)} "
    return element("p", until, left_to_right(when.ends), f" · {when.lasting}", attribute='class="lasting"')


def _arrival(content: Content) -> Iterator[Markup]:
    arrive = content.when.arrive
    if arrive is not None:
        yield element("p", f"{arrive.label} ", left_to_right(arrive.value), attribute='class="arrive"')


def _visit(contents: tuple[Content, ...]) -> Markup:
    facts = [_side(each, element("dl", *_entries(each), attribute='class="facts"')) for each in contents]
    return element("section", facts[0], _code(contents), *facts[1:], attribute='class="visit"')


def _entries(content: Content) -> Iterator[Markup]:
    for entry in content.facts:
        yield element("dt", entry.label)
        notes = (element("small", value_of(note, content.language)) for note in entry.notes)
        yield element("dd", _shown(entry, content.language), *notes)


def _shown(entry: Entry, language: Language) -> Markup:
    value = left_to_right(entry.value) if entry.left_to_right else value_of(entry.value, language)
    if not entry.link:
        return value
    return element("a", value, attribute=f'href="{escape(entry.link, quote=True)}" rel="noreferrer"')


def _code(contents: tuple[Content, ...]) -> Markup:
    code = contents[0].code
    kind = "signed" if code.signed else "unsigned"
    labels = " · ".join(each.code.number.label for each in contents)
    captions = (_side(each, element("p", each.code.caption, attribute=f'class="{kind}"')) for each in contents)
    return element(
        "figure",
        *_drawing(contents),
        element("figcaption", element("p", labels), _number(code.number.value), *captions),
        attribute='class="code"',
    )


def _number(number: str) -> Markup:
    return element("p", left_to_right(number), attribute='class="number"')


def _drawing(contents: tuple[Content, ...]) -> Iterator[Markup]:
    """The code as a drawing; nothing without the package that draws it: the number stands below."""
    code = contents[0].code
    if not code.text:
        return
    try:
        path, side = code_path(code.text)
    except MissingExtra:
        return
    name = " / ".join(words.CODE_OF(each.language).format(number=code.number.value) for each in contents)
    yield element(
        "svg",
        Markup(f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/>'),
        attribute=f'viewBox="0 0 {side} {side}" role="img" aria-label="{escape(name, quote=True)}"'
        ' shape-rendering="crispEdges"',
    )


def _lists(contents: tuple[Content, ...]) -> Iterator[Markup]:
    count = len(contents[0].lists)
    if len(contents) == 1 and count:
        language = contents[0].language
        parts = (element("div", _passage(each, language)) for each in contents[0].lists)
        yield element("section", *parts, attribute=f'class="sides{" two" if count > 1 else ""}"')
        return
    for place in range(count):
        yield _sides(contents, partial(_list, place), "section")


def _list(place: int, content: Content) -> Markup:
    return _passage(content.lists[place], content.language)


def _text(place: int, content: Content) -> Markup:
    return _passage(content.texts[place], content.language)


def _cancelling(contents: tuple[Content, ...]) -> Iterator[Markup]:
    if contents[0].cancelling is not None:
        yield _sides(
            contents,
            lambda each: Markup("") if each.cancelling is None else _passage(each.cancelling, each.language),
            "section",
            "box",
        )


def _passage(passage: Passage, language: Language) -> Markup:
    texts = (value_of(paragraph, language) for paragraph in passage.paragraphs)
    heading = element("h2", passage.heading)
    if passage.is_list:
        return Markup(heading + element("ul", *(element("li", text) for text in texts)))
    return Markup(heading + "".join(element("p", text) for text in texts))


def _record(content: Content) -> Markup:
    language = content.language
    parts = [Markup(f"{escape(entry.label)}: {_shown(entry, language)}") for entry in content.record]
    parts += [value_of(note, language) for note in content.footnotes]
    return element("p", Markup(" · ".join(parts)))
