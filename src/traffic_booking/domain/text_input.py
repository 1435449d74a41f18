"""Text that comes from outside: cleaned, normalised, then bounded.

People paste text with marks that nobody sees. The marks that only steer layout are dropped, and all blanks become
spaces. The overrides U+202D and U+202E stay and are refused with the other control characters: they reverse what
people read.
"""

import re
import unicodedata
from contextlib import suppress
from typing import Final, NewType, cast

from traffic_booking.domain.errors import InvalidInput

RequestId = NewType("RequestId", str)
"""A caller's name for one request, 1 to 128 visible characters. A repeated id returns the first answer."""

LONGEST_PATH: Final = 4_096
_DIGITS: Final = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
_SLUG_MAX: Final = 64
_VISIBLE_MAX: Final = 128
_DECOMPOSED: Final = 4  # NFC composes at most so many code points to one
_MARKS_BESIDE: Final = 64  # so many marks and blanks may stand around and inside the shortest text
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DROPPED: Final = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\ufeff" + "".join(
    map(chr, range(0x2060, 0x206A))
)
_BLANKS: Final = "\t\n\v\f\r\x85\xa0\u1680\u202f\u205f\u2028\u2029\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_CLEANING: Final[dict[int, str | None]] = {ord(c): None for c in _DROPPED} | {ord(c): " " for c in _BLANKS}
_HYPHENS: Final = dict.fromkeys(
    map(
        ord,
        "\u00ad\u02d7\u058a\u05be\u0640\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2796\u2e17\u2e1a\u2e3a\u2e3b"
        "\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010d6e\U00010ead",
    ),
    "-",
)
"""All dashes of Unicode (category Pd), minus signs, the soft hyphen, the bullet of that form, and tatweel."""
_LINES_KEPT: Final = {code: to for code, to in _CLEANING.items() if code != ord("\n")}


def ascii_digits(text: str) -> str:
    """`text` with Arabic-Indic (٠-٩) and Persian (۰-۹) digits as ASCII digits."""
    return text.translate(_DIGITS)


def plain_text(text: object, field: str, expected: str = "text") -> str:
    """`text` as a plain `str`: a subclass may have methods of its own. Raises `InvalidInput` naming `field`."""
    if type(text) is str:
        return text
    if not issubclass(type(text), str):  # not `isinstance`: a value may pretend to be of another class
        raise InvalidInput(field, got=type(text).__name__, expected=expected)
    return str.__str__(cast("str", text))


def path_text(path: object, field: str) -> str:
    """`path` as plain text: a path, or text, and neither bytes nor the number of an open file.

    It may still be one that no system can open. Raises `InvalidInput` naming `field`.
    """
    found: object = path
    method = getattr(type(path), "__fspath__", None)
    if method is not None and not issubclass(type(path), str):
        with suppress(Exception):  # a path of a class of the caller's own
            found = method(path)
    return plain_text(found, field, "a path")


def openable_path(path: object, field: str) -> str:
    """`path` as in `path_text`, if a system may open it. Raises `InvalidInput` naming `field`."""
    expected = f"a path of at most {LONGEST_PATH} characters"
    plain = path_text(path, field)
    if len(plain) > LONGEST_PATH:
        raise InvalidInput(field, got=f"{len(plain)} characters", expected=expected)
    if "\0" in plain or any("\ud800" <= each <= "\udc7f" or "\udd00" <= each <= "\udfff" for each in plain):
        raise InvalidInput(field, got="a path with a NUL or half of a character", expected=expected)
    return plain


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


def hyphenated(text: str) -> str:
    """`text` with a hyphen for each dash of another kind. Minus signs and tatweel are dashes too."""
    return text if text.isascii() else text.translate(_HYPHENS)


def compact(text: str) -> str:
    """Cleaned `text` in ASCII digits, without spaces and dashes: numbers and codes are written in groups."""
    return ascii_digits(hyphenated(text)).replace("-", "").replace(" ", "")


def typed_text(text: object, field: str, *, longest: int, expected: str = "", lines: bool = False) -> str:
    """`text`, cleaned, and no subclass of `str`. It may be longer than `longest`, or empty.

    Raises `InvalidInput` naming `field` if it is no text, or too long to be one of `longest` characters with marks
    around and inside: cleaning it would waste time.
    """
    plain = plain_text(text, field, expected or "text")
    if len(plain) > _DECOMPOSED * longest + _MARKS_BESIDE:
        got, most = f"{len(plain)} characters", f"at most {longest} characters"
        raise InvalidInput(field, got=got, expected=expected or most)
    return cleaned(plain, lines=lines)


def bounded_text(text: object, field: str, *, longest: int, lines: bool = False) -> str:
    """`text`, cleaned, of 1 to `longest` characters; with `lines` line feeds as well.

    Raises `InvalidInput` naming `field`, also for control and format characters that are not dropped.
    """
    clean = _within(typed_text(text, field, longest=longest, lines=lines), field, longest=longest, typed=text)
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
    clean = hyphenated(bounded_text(text, field, longest=_SLUG_MAX))
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
    field, longest = "request id", _VISIBLE_MAX
    clean = _within(typed_text(text, field, longest=longest), field, longest=longest, typed=text)
    if not clean.isprintable() and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in clean):  # no store accepts these
        raise InvalidInput("request id", got="a space or control character", expected="visible characters only")
    return RequestId(clean)


def visible_ascii(text: object, field: str) -> str:
    """`text`, cleaned: 1 to 128 visible ASCII characters, no spaces. Raises `InvalidInput`, which omits the text."""
    expected = f"1 to {_VISIBLE_MAX} characters"
    clean = typed_text(text, field, longest=_VISIBLE_MAX, expected=expected)
    if not 1 <= len(clean) <= _VISIBLE_MAX:
        raise InvalidInput(field, got=f"{len(clean)} characters", expected=expected)
    if not _VISIBLE.fullmatch(clean):
        raise InvalidInput(field, got="a space, control or non-ASCII character", expected="visible ASCII only")
    return clean


def _within(clean: str, field: str, *, longest: int, typed: object) -> str:
    """`clean` if it has 1 to `longest` characters, counted in NFC, which may have more than the typed text."""
    if not clean:
        raise InvalidInput(field, got="nothing", expected=f"1 to {longest} characters")
    if len(clean) > longest:
        form = "" if clean == typed else " as stored"
        raise InvalidInput(field, got=f"{len(clean)} characters{form}", expected=f"at most {longest} characters")
    return clean
