"""IBM Plex Sans Arabic, Regular and Bold (OFL 1.1, see OFL.txt), and the characters that both of them have."""

from functools import cache
from importlib.resources import files
from struct import iter_unpack, unpack_from
from typing import Final

from traffic_booking.domain.bilingual import Language

FAMILY: Final = "IBM Plex Sans Arabic"
FILES: Final = ("IBMPlexSansArabic-Regular.ttf", "IBMPlexSansArabic-Bold.ttf")
MISSING: Final = "\u25ca"
"""A lozenge, for a character that the font lacks: never a blank."""

_RIYAL_SIGN: Final = {"\u20c1": {"ar": "ريال", "en": "SAR"}}
"""The sign of the riyal (Unicode 17), which the font lacks, and the words for it."""
_STEERING: Final = frozenset("\u200b\u2066\u2067\u2068\u2069")
"""Marks that draw nothing: places to break a line, and isolates."""
_SEGMENTS: Final = 4  # the format of the table that maps code points of the basic plane


@cache
def characters() -> frozenset[int]:
    """The code points that both fonts have a glyph for."""
    return frozenset.intersection(*(_mapped((files(__name__) / name).read_bytes()) for name in FILES))


def drawn(text: str, language: Language) -> str:
    """`text` as the font can draw it: words for the riyal sign, and a lozenge for any other character that it lacks."""
    lacking = set(text) - _drawable()
    if not lacking:  # the usual case
        return text
    instead = {each: _RIYAL_SIGN[each][language] if each in _RIYAL_SIGN else MISSING for each in lacking}
    return "".join(instead.get(each, each) for each in text)


@cache
def _drawable() -> frozenset[str]:
    return frozenset(map(chr, characters())) | _STEERING


def _mapped(font: bytes) -> frozenset[int]:
    """The code points of the basic plane that a TrueType font maps to a glyph (its table `cmap`, format 4)."""
    tables = {
        tag: start for tag, _, start, _ in iter_unpack(">4sLLL", font[12 : 12 + 16 * unpack_from(">H", font, 4)[0]])
    }
    start = tables[b"cmap"]
    (count,) = unpack_from(">H", font, start + 2)
    subtables = (start + unpack_from(">HHL", font, start + 4 + 8 * place)[2] for place in range(count))
    at = next(each for each in subtables if unpack_from(">H", font, each)[0] == _SEGMENTS)
    segments = unpack_from(">H", font, at + 6)[0] // 2
    ends, starts, deltas, offsets = (
        unpack_from(f">{segments}H", font, at + 14 + 2 * (segments * row + (row > 0))) for row in range(4)
    )
    found = set()
    for place, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        here = at + 16 + 2 * (segments * 3 + place)
        for code in range(first, last + 1):
            glyph = code if offset == 0 else unpack_from(">H", font, here + offset + 2 * (code - first))[0]
            if glyph and (glyph + delta) % 0x10000:
                found.add(code)
    return frozenset(found - {0xFFFF})
