"""Numbers with the thing counted, as each language says them.

Arabic has a form for one, for two, for three to ten, and for more; those here are the forms after a preposition or a
verb (genitive and accusative), where the rules' sentences put them.
"""

from typing import Final

from attrs import frozen

from traffic_booking.domain.bilingual import Bilingual


@frozen(kw_only=True)
class _Noun:
    singular: str
    plural: str
    one: str
    two: str
    few: str
    many: str
    hundreds: str


_MINUTES_OF_AN_HOUR: Final = 60

_NOUNS: Final = {
    "days": _Noun(singular="day", plural="days", one="يوم واحد", two="يومين", few="أيام", many="يومًا", hundreds="يوم"),
    "minutes": _Noun(
        singular="minute",
        plural="minutes",
        one="دقيقة واحدة",
        two="دقيقتين",
        few="دقائق",
        many="دقيقة",
        hundreds="دقيقة",
    ),
    "hours": _Noun(
        singular="hour", plural="hours", one="ساعة واحدة", two="ساعتين", few="ساعات", many="ساعة", hundreds="ساعة"
    ),
    "working minutes": _Noun(
        singular="working minute",
        plural="working minutes",
        one="دقيقة عمل واحدة",
        two="دقيقتي عمل",
        few="دقائق عمل",
        many="دقيقة عمل",
        hundreds="دقيقة عمل",
    ),
}


def counted(number: int, unit: str) -> Bilingual:
    """`number` (0 or more) of `unit`: `10 minutes`, `10 دقائق`; a unit without forms gives the bare number.

    Minutes that make two whole hours or more are said as hours.
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
