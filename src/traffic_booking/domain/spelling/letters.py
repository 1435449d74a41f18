"""Text folded to plain letters, so that spellings of one word are equal: dates and places are read this way."""

import re
import unicodedata
from typing import Final

from traffic_booking.domain.text_input import ascii_digits

_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u060d\u2044\u2215\u29f8\uff0f\\", "/")
    | dict.fromkeys("ىیۍےې", "ي")
    | dict.fromkeys("ةہۃھە", "ه")
    | {"\u2212": "-", "\u060c": ",", "\u06d4": ".", "\u2170": "i", "\u2171": "ii"}
    | {"ٱ": "ا", "ک": "ك", "ڪ": "ك", "ı": "i"}
)
_APOSTROPHES: Final = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u2018\u2019\u201b\u2032\u2035\uff07"
_SILENT: Final = re.compile(rf"(?<=[^\W\d_])[{_APOSTROPHES}]|[{_APOSTROPHES}](?=[^\W\d_])")
_PRESENTED: Final = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
"""Arabic letters in the shapes that text from a PDF has."""
_ARABIC: Final = "[\u0610-\u061a\u0620-\u063f\u0641-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff]"
_STRETCHED: Final = re.compile(f"(?<={_ARABIC})\u0640+|\u0640+(?={_ARABIC})")
_DRAWN: Final = re.compile(r"(?<=\d) ?\u0640+ ?(?=\d)")
"""The stroke that stretches Arabic letters, typed as a dash between numbers."""
_PART: Final = re.compile(rf"[0-9]+|{_ARABIC}+|(?:(?!{_ARABIC})[^\W\d_])+|\S")
_OVERLAY: Final = 1
"""The combining class of strokes through a character."""


def words_of(text: str) -> str:
    """Cleaned `text` as numbers, words and signs with one space between: `Rab. II 1, 1446` is `rab ii 1 , 1446`.

    Letters are lower case, without marks, and one for all shapes of Arabic, Persian and Urdu. A mark on anything but a
    letter, and a stroke through a letter, stay as signs. Dots after words and hyphens between them are dropped.
    """
    plain = _PRESENTED.sub(lambda shapes: unicodedata.normalize("NFKC", shapes[0]), text)
    plain = _without_marks(_STRETCHED.sub("", _DRAWN.sub("-", plain)))
    plain = "".join("-" if unicodedata.category(each) == "Pd" else each for each in plain.translate(_SIGNS))
    parts = _PART.findall(_SILENT.sub("", ascii_digits(plain)))
    kept = [
        part
        for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False)
        if not (before.isalpha() and (part == "." or (part == "-" and after.isalpha())))
    ]
    return " ".join(kept)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain, letter = [], " "
    for each in unicodedata.normalize("NFD", text.lower()):
        if unicodedata.category(each) != "Mn":
            letter = each
        elif unicodedata.name(letter, "").startswith("LATIN "):
            if unicodedata.combining(each) != _OVERLAY:
                continue
        elif unicodedata.name(letter, "").startswith("ARABIC LETTER ") and re.match(_ARABIC, each):
            continue
        plain.append(each)
    return "".join(plain)
