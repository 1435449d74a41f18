"""The wording of the rules' sentences: numbers with the thing counted, and texts with places for values.

One text fits every number and every missing value: `{name}` is the place of a value. `{name:one|more}` has two
wordings, for a number of 1 and for any other. A part in square brackets is left out if it has the place of a missing
value.
"""

import re
from collections.abc import Mapping
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.messages.numbers import TIMES, in_arabic

_PLACE: Final = re.compile(r"\{([a-z_]+(?: [a-z]+)?)\}")
_CHOICE: Final = re.compile(r"\{([a-z_]+):([^{}|]*)\|([^{}|]*)\}")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")

_NO_NUMBERS: Final[Mapping[str, int]] = {}
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


def filled(text: str, values: Mapping[str, str | None], numbers: Mapping[str, int] = _NO_NUMBERS) -> str:
    """`text` with these values and numbers in their places; None is a missing value. Other places stay."""

    def part(found: re.Match[str]) -> str:
        names = _PLACE.findall(found[1])
        if any(name in values and values[name] is None for name in names):
            return ""
        return found[1] if all(name in values for name in names) else found[0]

    def place(found: re.Match[str]) -> str:
        return (values[found[1]] or "") if found[1] in values else found[0]

    def choice(found: re.Match[str]) -> str:
        name, one, more = found.groups()
        return found[0] if name not in numbers else one if numbers[name] == 1 else more

    return _CHOICE.sub(choice, _PLACE.sub(place, _PART.sub(part, text)))


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
