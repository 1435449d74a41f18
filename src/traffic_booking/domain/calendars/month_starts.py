"""The beginnings of Hijri months as people keep them: announced, carried on from an announcement, or by the table.

From an announced month on, each month has its length in the table until the next announced one: the difference from the
table is carried on. If the month before an announced one would be too short or too long, its beginning moves as well,
and so on backwards. So each month has 29 or 30 days, or its length in the table (eight months before 1365 have others).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from attrs import field

from traffic_booking.domain.calendars.announcements import MonthStart
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.hijri import FIRST_YEAR, MONTH_STARTS
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.values import frozen

SHORT: Final = 29
LONG: Final = 30
_MONTHS: Final = 12
_ALL_POSSIBLE_FROM: Final = (1365 - FIRST_YEAR) * _MONTHS
"""The place of the month from which on each month of the table has 29 or 30 days."""
_LONGEST_SPILL_DAYS: Final = 62
"""No holiday goes on so long after the month in which it begins, with its weekends and days in lieu."""

MonthDay = tuple[int, int]
"""Month and day of a Hijri year."""
Month = tuple[int, int]
"""Year and month."""
Ids = tuple[AuthorityId, ...]
Start = tuple[int, Ids]
"""The ordinal of a month's first day, and the announcements that set it."""


def month_index(year: int, month: int) -> int:
    """The place of a month in `MONTH_STARTS`; negative or beyond the end if the table lacks it."""
    return (year - FIRST_YEAR) * _MONTHS + month - 1


def possible_days(first: int, until: int) -> tuple[int, int]:
    """The fewest and the most days of the months with the places `first` to `until` (exclusive) together."""
    if first >= _ALL_POSSIBLE_FROM:
        return SHORT * (until - first), LONG * (until - first)
    tabled = [MONTH_STARTS[index + 1] - MONTH_STARTS[index] for index in range(first, until)]
    return sum(min(SHORT, days) for days in tabled), sum(max(LONG, days) for days in tabled)


def impossible_lengths(starts: Iterable[MonthStart]) -> Iterator[tuple[MonthStart, MonthStart, InvalidInput]]:
    """Each two of `starts`, one after another, that are too near or too far apart, with the error."""
    for one, other in pairwise(sorted(starts, key=lambda start: start.begins)):
        least, most = possible_days(month_index(*one.begins), month_index(*other.begins))
        days = (other.first_day - one.first_day).days
        if not least <= days <= most:
            got = f"{days} days from {one.year}-{one.month:02d} to {other.year}-{other.month:02d}"
            yield one, other, InvalidInput("first_day", got=got, expected=f"{least} to {most}: months of 29 or 30 days")


def check_lengths(starts: Iterable[MonthStart]) -> None:
    """Raise `InvalidInput` if a month between two of `starts` can't have 29 or 30 days, or its length in the table."""
    for _, _, error in impossible_lengths(starts):
        raise error


def _by_month(starts: Iterable[MonthStart]) -> Mapping[Month, MonthStart]:
    by_month: dict[Month, MonthStart] = {}
    for start in starts:
        other = by_month.setdefault(start.begins, start)
        if other is not start:
            got = f"{start.year}-{start.month} by {other.id} and by {start.id}"
            raise InvalidInput("announcements", got=got, expected="one beginning for each month")
    return by_month


@frozen(kw_only=True)
class MovedMonth:
    """A Hijri month whose beginning or length a calendar record changes.

    `first_day` and `days` are with the record, `first_day_before` without it. `days_alone` is the length that the month
    would have if no other month moved: 28 or 31 if one has to. `announced`: its beginning is announced, not carried on.
    """

    year: int
    month: int
    first_day_before: date
    first_day: date
    days: int
    days_alone: int
    announced: bool


@frozen
class Stretch:
    """Consecutive days by ordinal, both inclusive, with the announcements that set the first and the last."""

    first: int
    last: int
    begun_by: Ids = ()
    ended_by: Ids = ()

    @property
    def days(self) -> range:
        """Every day."""
        return range(self.first, self.last + 1)

    def moved_from(self, tabled: "Stretch") -> dict[int, Ids]:
        """The days of only one of both, each with the announcements that moved it."""
        begun = max(self.first, tabled.first)
        different = set(self.days) ^ set(tabled.days)
        return {day: self.begun_by if day < begun else self.ended_by for day in sorted(different)}


@frozen
class MonthStarts:
    """The beginnings of months, from those that are announced. Raises `InvalidInput` if a month has two.

    `supposed` contains beginnings, by their places, that are taken as if they were announced.
    """

    announced: Mapping[Month, MonthStart] = field(converter=_by_month)
    supposed: Mapping[int, Start] = field(factory=dict)
    _set: Mapping[int, Start] = field(init=False, eq=False, repr=False)
    _places: tuple[int, ...] = field(init=False, eq=False, repr=False)
    _moved_back: Mapping[int, Start] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        given = {
            month_index(*month): (start.first_day.toordinal(), (start.id,)) for month, start in self.announced.items()
        }
        object.__setattr__(self, "_set", {**given, **self.supposed})
        object.__setattr__(self, "_places", tuple(sorted(self._set)))
        object.__setattr__(self, "_moved_back", dict(self._moves_back()))

    def start(self, index: int) -> Start | None:
        """The first day of the month at that place, or the day after the table's last one; None outside the table."""
        if not 0 <= index < len(MONTH_STARTS):
            return None
        return self._set.get(index) or self._moved_back.get(index) or self._carried(index)

    def stretch(self, year: int, begins: MonthDay, ends: MonthDay) -> Stretch | None:
        """The days between two days of the Hijri year `year`, or into the next year if the end comes first.

        None outside the table, 1343 to 1500 AH.
        """
        first = self._day(year, *begins)
        last = self._day(year + (ends < begins), *ends)
        if first is None or last is None:
            return None
        return Stretch(first[0], last[0], first[1], last[1])

    def whole_month(self, year: int, month: int) -> Stretch | None:
        """The days of a month, to the eve of the next; None outside the table."""
        index = month_index(year, month)
        first, following = self.start(index), self.start(index + 1)
        if first is None or following is None:
            return None
        return Stretch(first[0], following[0] - 1, first[1], following[1])

    def moved_from(self, before: "MonthStarts", first: int, last: int) -> Iterator[MovedMonth]:
        """The months that begin in the ordinals `first` to `last` and begin or end elsewhere than by `before`."""
        for index in range(bisect_left(MONTH_STARTS, first), bisect_right(MONTH_STARTS, last)):
            year, month = FIRST_YEAR + index // _MONTHS, index % _MONTHS + 1
            was, will_be = before.whole_month(year, month), self.whole_month(year, month)
            if was is None or will_be is None or was.days == will_be.days:
                continue
            begins = will_be.first if index in self._set else was.first
            ends = will_be.last if index + 1 in self._set else was.last
            yield MovedMonth(
                year=year,
                month=month,
                first_day_before=date.fromordinal(was.first),
                first_day=date.fromordinal(will_be.first),
                days=len(will_be.days),
                days_alone=ends - begins + 1,
                announced=index in self._set,
            )

    def in_doubt(self, first: int, last: int) -> frozenset[int]:
        """The days, of the ordinals `first` to `last`, whose Hijri date is in doubt after an announcement.

        The thirtieth day of a month is one if an announcement has moved the next month, which is not announced itself:
        it may begin on that day or after it. The eve of an announced month is one if the month before had to move.
        """
        found: set[int] = set()
        if any(start != MONTH_STARTS[place] for place, (start, _) in self._set.items()):
            places = range(bisect_left(MONTH_STARTS, first) - 2, bisect_right(MONTH_STARTS, last) + 2)
            for place in places:
                start, following = self.start(place), self.start(place + 1)
                if start is None or following is None:
                    continue
                if place + 1 in self._set:
                    found.update([following[0] - 1] if place in self._moved_back else [])
                elif following[0] != MONTH_STARTS[place + 1] and any(self._may_move(place + 1, by) for by in (-1, 1)):
                    found.add(start[0] + SHORT)
        return frozenset(day for day in found if first <= day <= last)

    def otherwise(self, first: int, last: int) -> "MonthStarts | None":
        """The beginnings if the month after each announced one that moved had its other possible beginning.

        That is a day earlier or later than carried on. None if no such month touches the ordinals `first` to `last`.
        """
        supposed: dict[int, Start] = {}
        for place, until in pairwise((*self._places, len(MONTH_STARTS) - 1)):
            (begins, ids), following = self._set[place], self.start(place + 1)
            if begins == MONTH_STARTS[place] or place + 1 >= until or following is None:
                continue
            days = following[0] - begins
            ends = MONTH_STARTS[until] + _LONGEST_SPILL_DAYS
            by = LONG + SHORT - 2 * days
            if abs(by) == 1 and begins <= last and first <= ends and self._may_move(place + 1, by):
                supposed[place + 1] = (following[0] + by, ids)
        return MonthStarts(self.announced.values(), supposed) if supposed else None

    def _carried(self, index: int) -> Start:
        """The beginning of a month by the last announcement before it, else by the table."""
        before = bisect_right(self._places, index) - 1
        if before < 0:
            return MONTH_STARTS[index], ()
        place = self._places[before]
        start, ids = self._set[place]
        shift = start - MONTH_STARTS[place]
        return MONTH_STARTS[index] + shift, ids if shift else ()

    def _moves_back(self) -> Iterator[tuple[int, Start]]:
        """The beginnings before each announced one that move so that no month is too short or too long."""
        for place in self._places:
            following, ids = self._set[place]
            index = place - 1
            while index >= 0 and index not in self._set:
                start = self._carried(index)[0]
                least, most = possible_days(index, index + 1)
                if least <= following - start <= most:
                    break
                following -= most if following - start > most else least
                yield index, (following, ids)
                index -= 1

    def _may_move(self, index: int, by: int) -> bool:
        """True if the month may begin `by` days later, for all that is announced before and after it."""
        start = self.start(index)
        before = bisect_right(self._places, index)
        around = self._places[max(0, before - 1) : before + 1]
        if start is None:
            return False
        for place in around:
            first, until = sorted([(place, self._set[place][0]), (index, start[0] + by)])
            least, most = possible_days(first[0], until[0])
            if not least <= until[1] - first[1] <= most:
                return False
        return True

    def _day(self, year: int, month: int, day: int) -> Start | None:
        """The ordinal of a day, and the announcements that moved it; in a shorter month its last day."""
        index = month_index(year, month)
        start, following = self.start(index), self.start(index + 1)
        if start is None or following is None:
            return None
        counted, last = start[0] + day - 1, following[0] - 1
        if counted > last:
            return last, following[1]
        made = () if counted < MONTH_STARTS[index + 1] else following[1]
        return counted, tuple(dict.fromkeys((*start[1], *made)))


TABLE: Final = MonthStarts(())
"""The table alone."""
