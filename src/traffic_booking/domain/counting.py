"""Numbers with the thing counted, in both languages, as the rules' sentences have them."""

from collections.abc import Mapping
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.messages.numbers import TIMES, in_arabic

_ENGLISH: Final[Mapping[str, tuple[str, str]]] = {
    "days": ("day", "days"),
    "minutes": ("minute", "minutes"),
    "hours": ("hour", "hours"),
    "working minutes": ("working minute", "working minutes"),
    "years": ("year", "years"),
    "appointments": ("appointment", "appointments"),
    "holds": ("hold", "holds"),
    "moves": ("time", "times"),
}
_MINUTES_OF_AN_HOUR: Final = 60


def counted(number: int, unit: str) -> Bilingual:
    """`number` (0 or more) of `unit`: `10 minutes`, `10 دقائق`. A unit without forms gives the bare number.

    Two or more whole hours of minutes are written as hours.
    """
    if unit == "minutes" and number > _MINUTES_OF_AN_HOUR and number % _MINUTES_OF_AN_HOUR == 0:
        number, unit = number // _MINUTES_OF_AN_HOUR, "hours"
    if unit not in TIMES:
        return Bilingual(str(number), str(number))
    singular, plural = _ENGLISH[unit]
    return Bilingual(in_arabic(number, TIMES[unit]), f"{number} {singular if number == 1 else plural}")
