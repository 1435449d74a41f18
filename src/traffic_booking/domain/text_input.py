"""Text that comes from outside: cleaned, normalised, then bounded.

People paste text with marks that nobody sees. The marks that only steer layout are dropped, and all blanks become
spaces. The overrides U+202D and U+202E stay and are refused with the other control characters: they reverse what
people read.
"""

import re
import unicodedata
from typing import Final, NewType

from traffic_booking.domain.errors import InvalidInput

RequestId = NewType("RequestId", str)
"""A caller's name for one request, 1 to 128 visible characters. A repeated id returns the first answer."""

_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
_SLUG_MAX: Final = 64
_VISIBLE_MAX: Final = 128
_DECOMPOSED: Final = 4  # NFC composes at most so many code points to one
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DROPPED: Final = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\ufeff" + "".join(
    map(chr, range(0x2060, 0x206A))
)
_BLANKS: Final = "\t\n\v\f\r\x85\xa0\u1680\u202f\u205f\u2028\u2029\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_CLEANING: Final[dict[int, str | None]] = {ord(c): None for c in _DROPPED} | {ord(c): " " for c in _BLANKS}
_LINES_KEPT: Final = {code: to for code, to in _CLEANING.items() if code != ord("\n")}


def ascii_digits(text: str) -> str:
    """`text` with Arabic-Indic (٠-٩) and Persian (۰-۹) digits as ASCII digits."""
    return text.translate(_DIGITS)


def cleaned(text: str, *, lines: bool = False) -> str:
    """`text` in NFC, without layout marks and outer blanks, with a space for each blank and line end.

    With `lines`, line ends stay, as line feeds. Bound the length of `text` first.
    """
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    if lines:
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINES_KEPT)
    else:
        text = text.replace("\r\n", " ").translate(_CLEANING)
    return unicodedata.normalize("NFC", text).strip(" \n")


def bounded_text(text: object, field: str, *, longest: int, lines: bool = False) -> str:
    """`text`, cleaned, of 1 to `longest` characters; with `lines` line feeds as well.

    Raises `InvalidInput` naming `field`, also for control and format characters that are not dropped.
    """
    clean = _within(_normal(text, field, longest=longest, lines=lines), field, longest=longest, typed=text)
    if clean.isprintable():
        return clean
    for place, character in enumerate(clean, start=1):
        if unicodedata.category(character) in _INVISIBLE and not (lines and character == "\n"):
            got = f"an invisible character at place {place}"
            raise InvalidInput(field, got=got, expected="visible characters")
    return clean


def slug(text: object, field: str) -> str:
    """`text` if it is a slug: lower-case ASCII letters, digits and single hyphens, at most 64 characters."""
    if type(text) is str and len(text) <= _SLUG_MAX and _SLUG.fullmatch(text):
        return text  # the usual case: every request has several slugs
    clean = bounded_text(text, field, longest=_SLUG_MAX)
    if not _SLUG.fullmatch(clean):
        raise InvalidInput(field, got=repr(clean), expected="lower-case ASCII letters, digits and single hyphens")
    return clean


def request_id(text: object) -> RequestId:
    """`text`, cleaned, as a request id: 1 to 128 visible characters, no spaces. Errors omit it."""
    clean = request_id_to_find(text)
    if not clean.isprintable() or " " in clean:  # U+0020 alone is printable and a space
        raise InvalidInput("request id", got="a space or control character", expected="visible characters only")
    return clean


def request_id_to_find(text: object) -> RequestId:
    """`text`, cleaned and bounded, as the id of an earlier request. Errors omit it.

    Characters that this Python can't print pass: a newer Python may have accepted the id.
    """
    clean = _within(_normal(text, "request id", longest=_VISIBLE_MAX), "request id", longest=_VISIBLE_MAX, typed=text)
    if not clean.isprintable() and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in clean):  # no store accepts these
        raise InvalidInput("request id", got="a space or control character", expected="visible characters only")
    return RequestId(clean)


def visible_ascii(text: object, field: str) -> str:
    """`text` if it is 1 to 128 visible ASCII characters, no spaces. Raises `InvalidInput`, which omits the text."""
    if not isinstance(text, str):
        raise InvalidInput(field, got=type(text).__name__, expected="text")
    if not 1 <= len(text) <= _VISIBLE_MAX:
        raise InvalidInput(field, got=f"{len(text)} characters", expected=f"1 to {_VISIBLE_MAX} characters")
    if not _VISIBLE.fullmatch(text):
        raise InvalidInput(field, got="a space, control or non-ASCII character", expected="visible ASCII only")
    return str.__str__(text)


def _within(clean: str, field: str, *, longest: int, typed: object) -> str:
    """`clean` if it has 1 to `longest` characters, counted in NFC, which may have more than the typed text."""
    if not clean:
        raise InvalidInput(field, got="nothing", expected=f"1 to {longest} characters")
    if len(clean) > longest:
        form = "" if clean == typed else " as stored"
        raise InvalidInput(field, got=f"{len(clean)} characters{form}", expected=f"at most {longest} characters")
    return clean


def _normal(text: object, field: str, *, longest: int, lines: bool = False) -> str:
    """`text` cleaned, the form that is stored, and no subclass of `str`."""
    if not isinstance(text, str):
        raise InvalidInput(field, got=type(text).__name__, expected="text")
    if len(text) > _DECOMPOSED * longest:  # too long in any form: normalising it would waste time
        raise InvalidInput(field, got=f"{len(text)} characters", expected=f"at most {longest} characters")
    return cleaned(str.__str__(text), lines=lines)
