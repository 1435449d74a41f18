"""Hours of a day, windows of hours, and the capacity of a slot."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Digits, Language, in_digits
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.text_input import typed_text
from traffic_booking.domain.value_input import bounded_list, remade
from traffic_booking.domain.values import frozen

HOUR_MINUTES: Final = 60
DAY_MINUTES: Final = 24 * HOUR_MINUTES
MOST_WINDOWS: Final = 24
"""The most windows of one day. Unofficial."""
_DIGITS: Final = 2
LATEST_MINUTE: Final = 2 * DAY_MINUTES
"""The end of the day after a working day: no hours are later."""
_TEXT: Final = Bilingual("من {opens} إلى {closes}", "from {opens} to {closes}")
_INTO_NEXT_DAY: Final = Bilingual("{hours} من اليوم التالي", "{hours} the next day")
_ON_NEXT_DAY: Final = Bilingual("في اليوم التالي {hours}", "the next day {hours}")


def _minute(minute: int) -> int:
    return bounded_number(minute, "opens, closes", least=0, greatest=LATEST_MINUTE, unit="minutes from midnight")


@frozen(order=True)
class Hours:
    """[opens, closes) in minutes from the local midnight that begins the working day, ordered by opening.

    Past the next midnight the minutes count on, up to 2880: 01:30 of the next day is 1530. Hours last at most 24 hours.
    """

    opens_minute: int = field(converter=_minute)
    closes_minute: int = field(converter=_minute)

    def __attrs_post_init__(self) -> None:
        if not self.opens_minute < self.closes_minute <= self.opens_minute + DAY_MINUTES:
            expected = "a closing up to 24 hours after the opening; past midnight the minutes count on from 1440"
            raise InvalidInput("opens, closes", got=str(self), expected=expected)

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
    def on_next_day(self) -> bool:
        """True if these hours begin at or after the next midnight."""
        return self.opens_minute >= DAY_MINUTES

    @property
    def opens(self) -> str:
        """The opening as a clock shows it, 00:00 to 23:59."""
        return clock_text(self.opens_minute % DAY_MINUTES)

    @property
    def closes(self) -> str:
        """The closing as a clock shows it, 24:00 at the end of a day."""
        return clock_text((self.closes_minute - 1) % DAY_MINUTES + 1)

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """Such as `from 07:30 to 14:30`, or `from 22:00 to 02:00 the next day`.

        Raises `InvalidInput` for an unknown language, or unknown digits.
        """
        text = hours_text(self.opens, self.closes, language)
        if self.closes_minute > DAY_MINUTES:
            text = (_ON_NEXT_DAY if self.on_next_day else _INTO_NEXT_DAY)(language).format(hours=text)
        return in_digits(text, digits)

    def __str__(self) -> str:
        return f"{clock_text(self.opens_minute)} to {clock_text(self.closes_minute)}"


def hours_between(opens_minute: int, closes_minute: int) -> Hours:
    """Hours from two times of day: a closing before the opening is on the next day. Raises `InvalidInput`."""
    return Hours(opens_minute, closes_minute + DAY_MINUTES * (closes_minute < opens_minute))


def windows(hours: object, name: str = "hours") -> tuple[Hours, ...]:
    """`hours` in order. Raises `InvalidInput` naming `name` for an overlap, for more than 24, and for other types."""
    given = bounded_list(hours, name, most=MOST_WINDOWS)
    for each in given:
        if type(each) is not Hours:
            raise InvalidInput(name, got=type(each).__name__, expected="Hours")
    ordered = tuple(sorted(remade(name, lambda: [copy_with(each) for each in given])))
    for earlier, later in pairwise(ordered):
        if later.opens_minute < earlier.closes_minute:
            raise InvalidInput(name, got=f"{earlier} and {later}", expected="hours one after another")
    return ordered


def hours_text(opens: str, closes: str, language: Language) -> str:
    """Hours in words, from two times of day."""
    times = {"opens": left_to_right(opens, language), "closes": left_to_right(closes, language)}
    return _TEXT(language).format(**times)


def clock_text(minute: int) -> str:
    """Minutes from midnight as HH:MM; 1440 is 24:00, and 1560 is 26:00."""
    return f"{minute // HOUR_MINUTES:02d}:{minute % HOUR_MINUTES:02d}"


def clock_minute(text: str, *, latest: int = DAY_MINUTES) -> int:
    """HH:MM as minutes from midnight, 00:00 to `latest` (24:00). Raises `InvalidInput`."""
    expected = f"HH:MM, 00:00 to {clock_text(latest)}"
    clean = typed_text(text, "time of day", longest=len("00:00"), expected=expected)
    hours, colon, minutes = clean.partition(":")
    if colon and len(hours) == len(minutes) == _DIGITS and clean.isascii() and (hours + minutes).isdigit():
        minute = int(hours) * HOUR_MINUTES + int(minutes)
        if int(minutes) < HOUR_MINUTES and minute <= latest:
            return minute
    raise InvalidInput("time of day", got=repr(clean[:20]), expected=expected)


LARGEST_CAPACITY: Final = 10_000


def capacity(seats: int) -> int:
    """`seats` as a capacity, 1 to 10,000. Raises `InvalidInput`."""
    return bounded_number(seats, "capacity", least=1, greatest=LARGEST_CAPACITY, unit="seats")
