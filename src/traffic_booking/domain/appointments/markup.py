"""The elements of HTML documents: every text is escaped once, and nothing is loaded from elsewhere."""

from html import escape
from typing import Final

from traffic_booking.domain.bidi import isolated_runs
from traffic_booking.domain.bilingual import Language

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


class Markup(str):
    """Markup that was made of elements: `element` does not escape it."""

    __slots__ = ()


def element(tag: str, *children: str, attribute: str = "") -> Markup:
    """An element; children are escaped unless they are `Markup`. Values in `attribute` are constants or escaped."""
    inner = "".join(child if isinstance(child, Markup) else escape(child, quote=True) for child in children)
    end = "" if tag in {"bdi", "span", "a", "b"} else "\n"
    return Markup(f"<{tag}{f' {attribute}' if attribute else ''}>{inner}</{tag}>{end}")


def head_of(title: str, style: str) -> Markup:
    """The head of a page with this CSS and no script."""
    return element(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'),
        element("title", title),
        element("style", Markup(style)),
    )


def direction(language: Language) -> str:
    """The direction of a language, as HTML names it."""
    return "rtl" if language == "ar" else "ltr"


def value_of(text: str, language: Language) -> Markup:
    """A value apart from the direction of the text around it."""
    return element("bdi", isolated_runs(text) if language == "ar" else text)


def left_to_right(text: str) -> Markup:
    """A value that is read from left to right in every language."""
    return element("bdi", text, attribute='dir="ltr"')
