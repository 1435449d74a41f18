"""Hours of a day, windows of hours, and the capacity of a slot."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from attrs import field

from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Digits, Language, in_digits
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.value_input import bounded_list
from traffic_booking.domain.values import frozen

HOUR_MINUTES: Final = 60
DAY_MINUTES: Final = 24 * HOUR_MINUTES
MOST_WINDOWS: Final = 24
"""The most windows of one day. Unofficial."""
_DIGITS: Final = 2
_TEXT: Final = Bilingual("من {opens} إلى {closes}", "from {opens} to {closes}")


def _minute(minute: int) -> int:
    return bounded_number(minute, "opens, closes", least=0, greatest=DAY_MINUTES, unit="minutes from midnight")


@frozen(order=True)
class Hours:
    """[opens, closes) in minutes from local midnight, ordered by opening."""

    opens_minute: int = field(converter=_minute)
    closes_minute: int = field(converter=_minute)

    def __attrs_post_init__(self) -> None:
        if self.closes_minute <= self.opens_minute:
            raise InvalidInput("opens, closes", got=str(self), expected="an opening before the closing, 00:00 to 24:00")

    def within(self, other: "Hours") -> "Hours | None":
        """The part of these hours inside `other`, or None."""
        opens = max(self.opens_minute, other.opens_minute)
        closes = min(self.closes_minute, other.closes_minute)
        return Hours(opens, closes) if opens < closes else None

    def without(self, breaks: Iterable["Hours"]) -> "tuple[Hours, ...]":
        """The parts of these hours between `breaks`, which are in order and inside these hours."""
        left, opens = [], self.opens_minute
        for pause in breaks:
            if opens < pause.opens_minute:
                left.append(Hours(opens, pause.opens_minute))
            opens = pause.closes_minute
        if opens < self.closes_minute:
            left.append(Hours(opens, self.closes_minute))
        return tuple(left)

    @property
    def opens(self) -> str:
        """The opening as HH:MM."""
        return clock_text(self.opens_minute)

    @property
    def closes(self) -> str:
        """The closing as HH:MM, 24:00 at the end of the day."""
        return clock_text(self.closes_minute)

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """Such as `from 07:30 to 14:30`. Raises `InvalidInput` for an unknown language, or unknown digits."""
        return in_digits(hours_text(self.opens, self.closes, language), digits)

    def __str__(self) -> str:
        return f"{self.opens} to {self.closes}"


def windows(hours: object, name: str = "hours") -> tuple[Hours, ...]:
    """`hours` in order. Raises `InvalidInput` naming `name` for an overlap, for more than 24, and for other types."""
    given = bounded_list(hours, name, most=MOST_WINDOWS)
    for each in given:
        if type(each) is not Hours:
            raise InvalidInput(name, got=type(each).__name__, expected="Hours")
    ordered = tuple(sorted(given))
    for earlier, later in pairwise(ordered):
        if later.opens_minute < earlier.closes_minute:
            raise InvalidInput(name, got=f"{earlier} and {later}", expected="hours one after another")
    return ordered


def hours_text(opens: str, closes: str, language: Language) -> str:
    """Hours in words, from two times of day."""
    times = {"opens": left_to_right(opens, language), "closes": left_to_right(closes, language)}
    return _TEXT(language).format(**times)


def clock_text(minute: int) -> str:
    """Minutes from midnight as HH:MM; 1440 is 24:00."""
    return f"{minute // HOUR_MINUTES:02d}:{minute % HOUR_MINUTES:02d}"


def clock_minute(text: str) -> int:
    """HH:MM as minutes from midnight, 00:00 to 24:00. Raises `InvalidInput`."""
    hours, colon, minutes = text.partition(":")
    if colon and len(hours) == len(minutes) == _DIGITS and text.isascii() and (hours + minutes).isdigit():
        minute = int(hours) * HOUR_MINUTES + int(minutes)
        if int(minutes) < HOUR_MINUTES and minute <= DAY_MINUTES:
            return minute
    raise InvalidInput("time of day", got=repr(text[:20]), expected="HH:MM, 00:00 to 24:00")


LARGEST_CAPACITY: Final = 10_000


def capacity(seats: int) -> int:
    """`seats` as a capacity, 1 to 10,000. Raises `InvalidInput`."""
    return bounded_number(seats, "capacity", least=1, greatest=LARGEST_CAPACITY, unit="seats")
