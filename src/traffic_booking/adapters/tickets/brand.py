"""The look of a host's tickets: its name at the top, and one colour."""

import re
from typing import Final

from attrs import field
from attrs.validators import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import typed_text
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

GREEN: Final = "#1f7a4f"
LEAST_CONTRAST: Final = 4.5
"""The least contrast of text with its ground (WCAG 2.2, 1.4.3)."""

CONTRAST_IN_THE_DARK: Final = 7.0
"""The contrast of WCAG 2.2, 1.4.6, for lightened colours."""

_LINEAR: Final = 0.04045  # up to here, sRGB is linear (IEC 61966-2-1)
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}", re.ASCII)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours such as `#1f7a4f`, as WCAG 2.2 defines it: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= _LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightened(colour: str, ground: str) -> str:
    """`colour`, mixed with as much white as it needs to be read on the dark `ground`."""
    for white in range(101):
        parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        mixed = "#" + "".join(f"{round(part + (255 - part) * white / 100):02x}" for part in parts)
        if contrast(mixed, ground) >= CONTRAST_IN_THE_DARK:
            return mixed
    return "#ffffff"


def _colour(text: object) -> str:
    expected = f"# and six hexadecimal digits, with a contrast to white of at least {LEAST_CONTRAST}"
    plain = typed_text(text, "colour", longest=len(GREEN), expected=expected).lower()
    if not _COLOUR.fullmatch(plain):
        raise InvalidInput("colour", got=repr(plain[:20]), expected=expected)
    if contrast(plain, "#ffffff") < LEAST_CONTRAST:
        raise InvalidInput(
            "colour", got=f"{plain}, with a contrast of {contrast(plain, '#ffffff'):.1f}", expected=expected
        )
    return plain


@frozen(kw_only=True)
class TicketBrand:
    """The name of the host at the top of a ticket, if it is given, and the colour of rules, headings and the time.

    Raises `InvalidInput` for a colour that is not written as `#1f7a4f`, or too pale to be read on white paper.
    Example: `PdfTicket(TicketBrand(name=Bilingual("بوابة المواعيد", "Appointments"), colour="#14532d"))`.
    """

    name: Bilingual | None = field(default=None, validator=optional(of_type(Bilingual)))
    colour: str = field(default=GREEN, converter=_colour)
