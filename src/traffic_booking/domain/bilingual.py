"""A text in Arabic and English."""

from typing import Literal

from attrs import field, frozen

from traffic_booking.domain.text_input import bounded_text

Language = Literal["ar", "en"]
"""Arabic or English."""

LONGEST_TEXT = 4_000


def _text(text: object) -> str:
    return bounded_text(text, "text", longest=LONGEST_TEXT, lines=True)


@frozen
class Bilingual:
    """The same text twice, each of 1 to 4,000 characters; call it with a language to get one: `name("ar")`."""

    ar: str = field(converter=_text)
    en: str = field(converter=_text)

    def __call__(self, language: Language) -> str:
        """The text in that language."""
        return self.ar if language == "ar" else self.en
