"""Digits as a picture, drawn by the `captcha` package: Arabic-Indic ones with a font of ours, Latin ones with its own.

The package has one colour for the text and draws it more weakly the darker it is; `_SOLID` corrects that.
"""

from pathlib import Path
from typing import Final

from traffic_booking.domain.bilingual import Language
from traffic_booking.domain.errors import MissingExtra

try:
    from captcha.image import ImageCaptcha as Painter
except ImportError as missing:
    raise MissingExtra("the visual code", "image-captcha") from missing

WIDTH: Final = 280
HEIGHT: Final = 100
INK: Final = (30, 40, 90, 255)
PAPER: Final = (250, 250, 245)

_SOLID: Final = [min(255, 6 * brightness) for brightness in range(256)]
_ARABIC: Final = str.maketrans("23456789", "٢٣٤٥٦٧٨٩")


def drawn(digits: str, language: Language) -> bytes:
    """`digits`, 2 to 9, as a PNG in the digits of `language`, from left to right."""
    shown = digits.translate(_ARABIC) if language == "ar" else digits
    return _PAINTERS[language].generate(shown, bg_color=PAPER, fg_color=INK).getvalue()


def _painter(*fonts: Path) -> Painter:
    painter = Painter(WIDTH, HEIGHT, fonts=[str(font) for font in fonts], font_sizes=(54, 60, 66))
    painter.lookup_table = _SOLID
    painter.character_rotate = (-12, 12)
    painter.character_warp_dx = painter.character_warp_dy = (0.0, 0.12)
    painter.word_space_probability = 0.75  # of no blank between two digits
    painter.word_offset_dx = 0.04  # digits that overlap can't be read
    assert painter.truefonts, "no font"  # loaded now: threads share the painter
    return painter


_PAINTERS: Final[dict[Language, Painter]] = {"ar": _painter(Path(__file__).with_name("digits.ttf")), "en": _painter()}
