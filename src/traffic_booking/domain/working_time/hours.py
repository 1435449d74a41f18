"""Hours of a day, in minutes from local midnight, 0 to 1440, as the shifts of a timetable count them."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from attrs import frozen

from traffic_booking.domain.errors import InvalidInput

DAY_MINUTES: Final = 24 * 60


@frozen(order=True)
class Hours:
    """[opens, closes) in minutes from local midnight; ordered by their opening."""

    opens_minute: int
    closes_minute: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.opens_minute < self.closes_minute <= DAY_MINUTES:
            raise InvalidInput("opens, closes", got=str(self), expected="an opening before the closing, 00:00 to 24:00")

    def within(self, other: "Hours") -> "Hours | None":
        """What is left of these hours inside `other`; None where they don't meet."""
        opens = max(self.opens_minute, other.opens_minute)
        closes = min(self.closes_minute, other.closes_minute)
        return Hours(opens, closes) if opens < closes else None

    def __str__(self) -> str:
        return f"{_clock(self.opens_minute)} to {_clock(self.closes_minute)}"


def windows(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """`hours` in their order, none of which may begin before the one before it ends."""
    ordered = tuple(sorted(hours))
    for earlier, later in pairwise(ordered):
        if later.opens_minute < earlier.closes_minute:
            raise InvalidInput("hours", got=f"{earlier} and {later}", expected="hours one after another")
    return ordered


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour:02d}:{rest:02d}"
