"""The code of a ticket as a drawing, to be placed in a page or on a sheet."""

from itertools import groupby
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.errors import MissingExtra

if TYPE_CHECKING:
    import segno

LEVEL: Final = "m"
"""The error correction: 15 % of a code may be damaged."""
QUIET_MODULES: Final = 4
"""The white edge that scanners need around the code (ISO/IEC 18004), in modules."""
MASK: Final = 3
"""The mask of a signed code. Choosing the best of eight masks takes most of the time.

Signed codes look random, so a fixed mask reads as well.
"""
_LONGEST_NUMBER: Final = 20  # characters; a longer text is a signed code


def encoded(text: str) -> "segno.QRCode":
    """The QR code of `text`. Raises `MissingExtra` if the package `segno` is not installed."""
    try:
        import segno  # noqa: PLC0415 - a page does without it
    except ImportError as missing:
        raise MissingExtra("the code of a ticket as a picture", "tickets") from missing
    mask = MASK if len(text) > _LONGEST_NUMBER else None
    return segno.make_qr(text, error=LEVEL, boost_error=False, mask=mask)


def code_path(text: str) -> tuple[str, int]:
    """The dark modules of the QR code of `text` as the path of an SVG, and the side of the square, edge included.

    Raises `MissingExtra` if the package `segno` is not installed.
    """
    rows = encoded(text).matrix
    path = []
    for y, row in enumerate(rows, start=QUIET_MODULES):
        x = QUIET_MODULES
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(path), len(rows) + 2 * QUIET_MODULES
