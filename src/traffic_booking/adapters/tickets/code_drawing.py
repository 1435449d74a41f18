"""The code of a ticket as a drawing, to be placed in a page or on a sheet."""

from itertools import groupby
from typing import Final

from traffic_booking.domain.errors import MissingExtra

LEVEL: Final = "m"
"""The error correction: 15 % of a code may be damaged."""
QUIET_MODULES: Final = 4
"""The white edge that scanners need around the code (ISO/IEC 18004), in modules."""


def code_path(text: str) -> tuple[str, int]:
    """The dark modules of the QR code of `text` as the path of an SVG, and the side of the square, edge included.

    Raises `MissingExtra` if the package `segno` is not installed.
    """
    try:
        import segno  # noqa: PLC0415 - a page does without it
    except ImportError as missing:
        raise MissingExtra("the code of a ticket as a picture", "tickets") from missing
    rows = segno.make_qr(text, error=LEVEL, boost_error=False).matrix
    path = []
    for y, row in enumerate(rows, start=QUIET_MODULES):
        x = QUIET_MODULES
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return "".join(path), len(rows) + 2 * QUIET_MODULES
