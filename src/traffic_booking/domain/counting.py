"""Numbers with the thing counted, in both languages.

Arabic has forms for one, for two, for three to ten, and for more. These are the genitive and accusative forms, which
the rules' sentences need after a preposition or a verb.
"""

from typing import Final, NamedTuple

from traffic_booking.domain.bilingual import Bilingual


class _Noun(NamedTuple):
    singular: str
    plural: str
    one: str
    two: str
    few: str  # 3 to 10
    many: str  # 11 to 99
    hundreds: str  # whole hundreds


_NOUNS: Final = {
    "days": _Noun("day", "days", "يوم واحد", "يومين", "أيام", "يومًا", "يوم"),
    "minutes": _Noun("minute", "minutes", "دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    "hours": _Noun("hour", "hours", "ساعة واحدة", "ساعتين", "ساعات", "ساعة", "ساعة"),
    "working minutes": _Noun(
        "working minute", "working minutes", "دقيقة عمل واحدة", "دقيقتي عمل", "دقائق عمل", "دقيقة عمل", "دقيقة عمل"
    ),
}
_MINUTES_OF_AN_HOUR: Final = 60


def counted(number: int, unit: str) -> Bilingual:
    """`number` (0 or more) of `unit`: `10 minutes`, `10 دقائق`. A unit without forms gives the bare number.

    Two or more whole hours of minutes are written as hours.
    """
    if unit == "minutes" and number > _MINUTES_OF_AN_HOUR and number % _MINUTES_OF_AN_HOUR == 0:
        number, unit = number // _MINUTES_OF_AN_HOUR, "hours"
    noun = _NOUNS.get(unit)
    if noun is None:
        return Bilingual(str(number), str(number))
    return Bilingual(_arabic(number, noun), f"{number} {noun.singular if number == 1 else noun.plural}")


def _arabic(number: int, noun: _Noun) -> str:
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
