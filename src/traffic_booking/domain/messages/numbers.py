"""Numbers with the noun counted, in Arabic: one, two, three to ten, and more have forms of their own."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Noun(NamedTuple):
    """The forms of a noun in the genitive and accusative, which follow a preposition or a verb."""

    one: str
    two: str
    few: str  # 3 to 10
    many: str  # 11 to 99
    hundreds: str  # whole hundreds


TIMES: Final[Mapping[str, Noun]] = {
    "days": Noun("يوم واحد", "يومين", "أيام", "يومًا", "يوم"),
    "minutes": Noun("دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    "hours": Noun("ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة"),
    "working minutes": Noun("دقيقة عمل واحدة", "دقيقتي عمل", "دقائق عمل", "دقيقة عمل", "دقيقة عمل"),
    "years": Noun("سنة واحدة", "سنتين", "سنوات", "سنة", "سنة"),
    "appointments": Noun("موعد واحد", "موعدين", "مواعيد", "موعدًا", "موعد"),
    "holds": Noun("حجز مؤقت واحد", "حجزين مؤقتين", "حجوزات مؤقتة", "حجزًا مؤقتًا", "حجز مؤقت"),
    "moves": Noun("مرة واحدة", "مرتين", "مرات", "مرة", "مرة"),
}
"""The nouns that rules count: units of time, appointments, holds, and the times of a move."""


def in_arabic(number: int, noun: Noun) -> str:
    """`number` (0 or more) of `noun`: `10 دقائق`."""
    match number, number % 100:
        case 1, _:
            return noun.one
        case 2, _:
            return noun.two
        case _, rest if 3 <= rest <= 10:  # noqa: PLR2004 - the grammar's own bounds
            return f"{number} {noun.few}"
        case _, rest if rest >= 11:  # noqa: PLR2004 - as above
            return f"{number} {noun.many}"
        case _:
            return f"{number} {noun.hundreds}"
