"""A text in Arabic and English."""

from typing import Literal

from attrs import field

from traffic_booking.domain.text_input import bounded_text
from traffic_booking.domain.values import frozen

Language = Literal["ar", "en"]
"""Arabic or English."""
LONGEST_TEXT = 4_000


def _text(text: object) -> str:
    return bounded_text(text, "text", longest=LONGEST_TEXT, lines=True)


@frozen
class Bilingual:
    """One text in both languages, 1 to 4,000 characters each. Call it with a language: `name("ar")`."""

    ar: str = field(converter=_text)
    en: str = field(converter=_text)

    def __call__(self, language: Language) -> str:
        """The text in that language."""
        return self.ar if language == "ar" else self.en


def bilingual_names(ar: str, en: str) -> tuple[Bilingual, ...]:
    """Pairs of names from two lists, each separated by commas."""
    return tuple(map(Bilingual, ar.split(", "), en.split(", ")))
