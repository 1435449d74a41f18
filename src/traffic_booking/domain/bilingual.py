"""A text in Arabic and English."""

from typing import Final, Literal, get_args

from attrs import field

from traffic_booking.domain.errors import InvalidInput, Language, is_arabic
from traffic_booking.domain.text_input import bounded_text, plain_text
from traffic_booking.domain.values import frozen

__all__ = ["LONGEST_TEXT", "Bilingual", "Digits", "Language", "bilingual_names", "in_digits"]

Digits = Literal["ascii", "arabic"]
"""The digits of a text: 0-9, or ٠-٩."""
LONGEST_TEXT = 4_000
_DIGITS: Final = get_args(Digits)
_ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def _text(text: object) -> str:
    return bounded_text(text, "text", longest=LONGEST_TEXT, lines=True)


@frozen
class Bilingual:
    """One text in both languages, 1 to 4,000 characters each. Call it with a language: `name("ar")`.

    All of its digits are 0-9, or ٠-٩ if that is asked for: `name("ar", digits="arabic")`.
    """

    ar: str = field(converter=_text)
    en: str = field(converter=_text)

    def __call__(self, language: Language, digits: Digits = "ascii") -> str:
        """The text in that language. Raises `InvalidInput` for any other language."""
        return in_digits(self.ar if is_arabic(language) else self.en, digits)


def in_digits(text: str, digits: Digits) -> str:
    """`text` with all its digits 0-9 as those digits. Raises `InvalidInput` for unknown ones."""
    known = " or ".join(_DIGITS)
    plain = plain_text(digits, "digits", known)
    if plain not in _DIGITS:
        raise InvalidInput("digits", got=repr(plain[:20]), expected=known)
    return text.translate(_ARABIC_DIGITS) if plain == "arabic" else text


def bilingual_names(ar: str, en: str) -> tuple[Bilingual, ...]:
    """Pairs of names from two lists, each separated by commas."""
    return tuple(map(Bilingual, ar.split(", "), en.split(", ")))
