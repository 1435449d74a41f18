"""Days of the Hijri year as people keep them: by announcement where there is one, else by the table."""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.hijri import FIRST_YEAR, LAST_DAY, LAST_YEAR, HijriDate
from traffic_booking.domain.working_time.authority import AuthorityId
from traffic_booking.domain.working_time.records import MonthStart

_MONTHS: Final = 12

MonthDay = tuple[int, int]
"""Month and day of a Hijri year."""


def _by_month(starts: Iterable[MonthStart]) -> Mapping[tuple[int, int], MonthStart]:
    by_month: dict[tuple[int, int], MonthStart] = {}
    for start in starts:
        other = by_month.setdefault((start.year, start.month), start)
        if other is not start:
            got = f"{start.year}-{start.month} by {other.id} and by {start.id}"
            raise InvalidInput("announcements", got=got, expected="one beginning for each month")
    return by_month


@frozen
class Stretch:
    """Days in a row, by ordinal and both included; `begun_by` and `ended_by`: the announcements that set the ends."""

    first: int
    last: int
    begun_by: tuple[AuthorityId, ...] = ()
    ended_by: tuple[AuthorityId, ...] = ()

    @property
    def days(self) -> range:
        """Every day."""
        return range(self.first, self.last + 1)

    def moved_from(self, tabled: "Stretch") -> dict[int, tuple[AuthorityId, ...]]:
        """The days that are in only one of both, each with the announcements that made the difference."""
        begun = max(self.first, tabled.first)
        different = set(self.days) ^ set(tabled.days)
        return {day: self.begun_by if day < begun else self.ended_by for day in sorted(different)}


@frozen
class MonthStarts:
    """The announced beginnings of months. Raises `InvalidInput` where a month has two."""

    announced: Mapping[tuple[int, int], MonthStart] = field(converter=_by_month)

    def stretch(self, year: int, begins: MonthDay, ends: MonthDay) -> Stretch | None:
        """The days between two days of the Hijri year `year`, or into the next year where the end comes first.

        None where the table doesn't reach: it covers 1343 to 1500 AH.
        """
        first = self._day(year, *begins)
        last = self._day(year + (ends < begins), *ends)
        if first is None or last is None:
            return None
        return Stretch(first[0], last[0], first[1], last[1])

    def whole_month(self, year: int, month: int) -> Stretch | None:
        """The days of a month, to the eve of the next; None where the table doesn't reach."""
        first, following = self._first_of(year, month), self._first_after(year, month)
        if first is None or following is None:
            return None
        return Stretch(first[0], following[0] - 1, first[1], following[1])

    def _day(self, year: int, month: int, day: int) -> tuple[int, tuple[AuthorityId, ...]] | None:
        """The ordinal of a day, and the announcements that put it there."""
        start = self._first_of(year, month)
        following = self._first_after(year, month)
        if start is None or following is None:
            return None
        counted, last = start[0] + day - 1, following[0] - 1
        return (counted, start[1]) if counted <= last else (last, following[1])

    def _first_after(self, year: int, month: int) -> tuple[int, tuple[AuthorityId, ...]] | None:
        return self._first_of(year + month // _MONTHS, month % _MONTHS + 1)

    def _first_of(self, year: int, month: int) -> tuple[int, tuple[AuthorityId, ...]] | None:
        found = self.announced.get((year, month))
        if found is not None:
            return found.first_day.toordinal(), (found.id,)
        if (year, month) == (LAST_YEAR + 1, 1):
            return LAST_DAY.toordinal() + 1, ()
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return None
        return HijriDate(year, month, 1).to_gregorian().toordinal(), ()


TABLE: Final = MonthStarts(())
"""The table alone."""
