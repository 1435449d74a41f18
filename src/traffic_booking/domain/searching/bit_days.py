"""The free seats of one service on one day (UTC) at all branches: whole numbers whose bits are branches."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple

from traffic_booking.domain.places.services import ServiceId

BYTES_PER_NUMBER: Final = 40
"""The memory of a whole number besides its bits, with its place in a tuple."""
BITS_PER_BYTE: Final = 7.5
"""Of a whole number: Python stores 30 bits in 4 bytes."""

Column = list[int]
"""The free seats of the slots that start at one instant, as planes: bit b of number k is bit k of the count at b."""


class BitDay(NamedTuple):
    """The slots of one service that start on one day (UTC), at all branches. Bit b is the branch at place b.

    The free seats of a slot are a binary number: `planes[k][i]` has its bit k, for the start `starts[i]`. `some[i]` has
    the branches with any free seat at that start, and `any_time` those with one on the day.
    """

    starts: tuple[datetime, ...]
    planes: tuple[tuple[int, ...], ...]
    some: tuple[int, ...]
    any_time: int

    def at_least(self, index: int, seats: int) -> int:
        """The branches with at least so many free seats at a start."""
        if seats == 1:
            return self.some[index]
        if seats >> len(self.planes):
            return 0
        more, equal = 0, self.some[index]
        for place in reversed(range(len(self.planes))):
            plane = self.planes[place][index]
            if seats >> place & 1:
                equal &= plane
            else:
                more |= equal & plane
                equal &= ~plane
        return more | equal

    def free(self, index: int, bit: int) -> int:
        """The free seats at a start and a branch."""
        free = 0
        for place, plane in enumerate(self.planes):
            free |= (plane[index] >> bit & 1) << place
        return free


Tables = Mapping[ServiceId, Mapping[int, BitDay]]
"""The days of each service, by ordinal (UTC)."""


def frozen_day(columns: Mapping[datetime, Column]) -> BitDay:
    """The day of these columns."""
    starts = tuple(sorted(columns))
    depth = max((len(column) for column in columns.values()), default=0)
    padded = [columns[start] + [0] * (depth - len(columns[start])) for start in starts]
    planes = tuple(tuple(column[place] for column in padded) for place in range(depth))
    while planes and not any(planes[-1]):
        planes = planes[:-1]
    some = planes[0] if planes else (0,) * len(starts)
    if len(planes) > 1:
        some = tuple(_joined(column) for column in padded)
    return BitDay(starts, planes, some, _joined(some))


def thawed(day: BitDay) -> dict[datetime, Column]:
    """The columns of a day."""
    return {start: [plane[index] for plane in day.planes] for index, start in enumerate(day.starts)}


def size_of(columns: int, planes: int, branches: int) -> int:
    """The memory in bytes that so many columns take at most, each with so many planes and their union."""
    numbers = planes + (planes > 1)
    return int(columns * (numbers * (BYTES_PER_NUMBER + branches / BITS_PER_BYTE) + BYTES_PER_NUMBER))


def midnight(ordinal: int) -> datetime:
    """The instant at which a day begins in UTC."""
    return datetime.combine(date.fromordinal(ordinal), time(), UTC)


def _joined(numbers: Column | tuple[int, ...]) -> int:
    union = 0
    for each in numbers:
        union |= each
    return union
