"""The language of an answer: `?lang=`, then the browser's wish, then Arabic."""

from typing import Final

from traffic_booking import InvalidInput, Language

DEFAULT: Final[Language] = "ar"
LANGUAGES: Final[dict[str, Language]] = {"ar": "ar", "en": "en"}
_MOST_WISHES: Final = 20


def language_of(lang: str | None, accepted: str | None) -> Language:
    """The language for the value of `?lang=` and the header `Accept-Language`, either of which may be missing.

    Raises:
        InvalidInput: `lang` is neither `ar` nor `en`.

    Example::

        language_of(None, "fr, en;q=0.8")  # "en"
    """
    if lang is not None:
        if lang not in LANGUAGES:
            got = repr(lang) if lang.isascii() and lang.isalpha() and len(lang) <= len("language") else "another text"
            raise InvalidInput("lang", got=got, expected="ar or en")
        return LANGUAGES[lang]
    return DEFAULT if accepted is None else accepted_language(accepted)


def accepted_language(header: str) -> Language:
    """The first of our languages in an `Accept-Language` header, the most wanted first."""
    best, weight = DEFAULT, 0.0
    for wish in header.split(",", _MOST_WISHES)[:_MOST_WISHES]:
        tag, _, quality = wish.partition(";")
        known = LANGUAGES.get(tag.strip().lower().partition("-")[0])
        if known is not None and (found := _weight(quality)) > weight:
            best, weight = known, found
    return best


def _weight(quality: str) -> float:
    name, _, value = quality.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
