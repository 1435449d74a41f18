"""Dates, times, figures and options within Arabic sentences, kept in the order in which they are written.

After an Arabic letter, the parts of `2026-11-23` are shown in the opposite order, and the hyphens of `--yes` on the
other side. An isolate around them keeps their order.
"""

import re
from typing import Final

from traffic_booking.domain.errors import Language, is_arabic

LEFT_TO_RIGHT_ISOLATE: Final = "\u2066"
RIGHT_TO_LEFT_ISOLATE: Final = "\u2067"
FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"

_DIGITS: Final = "[0-9٠-٩۰-۹]+"
_FIGURE: Final = rf"(?<![\w-]){_DIGITS}(?:[-–:/.,T+]{_DIGITS})+"
_OPTION: Final = r"(?<!\S)(?:--?|\$)[A-Za-z](?:[A-Za-z0-9_.:/=-]*[A-Za-z0-9/])?"
_ADDRESS: Final = r"\b[a-z]+://(?:[A-Za-z0-9_./-]*[A-Za-z0-9/])?"
_WORD: Final = r"[A-Za-z0-9$-](?:[A-Za-z0-9_.:/=-]*[A-Za-z0-9/])?"
_RUN: Final = re.compile(
    r"(?P<isolated>[\u2066-\u2068][^\u2066-\u2069]*\u2069)"
    rf"|{_FIGURE}(?: {_FIGURE})*|{_OPTION}(?: {_WORD})*|{_ADDRESS}"
)


def left_to_right(text: str, language: Language) -> str:
    """A value such as a time of day or an id; in Arabic as a run from left to right."""
    return f"{LEFT_TO_RIGHT_ISOLATE}{text}{POP_ISOLATE}" if is_arabic(language) else text


def isolated_runs(text: str) -> str:
    """Arabic `text` with an isolate (U+2066 … U+2069) around each run that would be reordered; others stay as they are.

    Example::

        isolated_runs("من 2026-11-23 إلى 2026-11-25")  # each date between U+2066 and U+2069
    """
    return _RUN.sub(lambda run: run[0] if run["isolated"] else f"{LEFT_TO_RIGHT_ISOLATE}{run[0]}{POP_ISOLATE}", text)
