"""Text that a scanner typed while the computer had an Arabic keyboard layout, mapped back to the keys.

A scanner presses the keys of a Latin keyboard, so `001G-EFNE-826R` arrives as `001ل-ثبةث-826ق`. The map is that of the
usual layouts (Arabic 101 of Windows, `ara` of Linux), with and without Shift. Two texts stand for several keys:

- `لا` is the key B, or the keys G and H;
- `ة` is the key M, or N on some layouts.

So a text may have several readings. The caller proves one, by a check symbol or by a signature. A text in Unicode
normal form may have lost the order of the marks that Shift types; then no reading is proved.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

MOST_AMBIGUOUS: Final = 16
"""The most `لا` in a text of several readings; each reading takes at most two of them for G and H."""

_LAM_ALEF: Final = "لا"
_TEH_MARBUTA: Final = "ة"
_KEYS: Final[Mapping[str, str]] = {
    **dict(zip("ضصثقفغعهخحشسيبلاتنمئءؤرى", "QWERTYUIOPASDFGHJKLZXCVN", strict=True)),
    **dict(zip("ذجدكطوزظ", "`[];',./", strict=True)),
    **dict(zip("\u064e\u064b\u064f\u064cإ‘÷×؛\u0650\u064d][أـ،/~\u0652}{آ’", "QWERYUIOPASDFHJKLZXCVNM", strict=True)),
    **dict(zip("\ufefb\ufef9\ufef7\ufef5", "BTGB", strict=True)),  # one character on Linux, two on Windows
    "لإ": "T",
    "لأ": "G",
    "لآ": "B",
    _LAM_ALEF: "B",
    _TEH_MARBUTA: "M",
}


def readings(text: str) -> Iterator[str]:
    """The texts whose keys give `text` under an Arabic layout, the likeliest first; none if `text` is in ASCII."""
    if text.isascii():
        return
    keys = list(_keys(text))
    joined = [place for place, each in enumerate(keys) if each == _LAM_ALEF]
    counts = (0, 1, 2) if len(joined) <= MOST_AMBIGUOUS else (0,)
    for teh_marbuta in "MN" if _TEH_MARBUTA in keys else "M":
        mapped = [teh_marbuta if each == _TEH_MARBUTA else _KEYS.get(each, each) for each in keys]
        for count in counts:
            for apart in combinations(joined, count):
                yield "".join("GH" if place in apart else each for place, each in enumerate(mapped))


def _keys(text: str) -> Iterator[str]:
    """The characters of `text`, those that one key types together in one piece."""
    place = 0
    while place < len(text):
        length = 2 if text[place : place + 2] in _KEYS else 1
        yield text[place : place + length]
        place += length
