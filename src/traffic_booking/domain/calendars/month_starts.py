"""Days of the Hijri year as people keep them: by announcement if there is one, else by the table."""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field

from traffic_booking.domain.calendars.announcements import MonthStart
from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.hijri import FIRST_YEAR, LAST_DAY, LAST_YEAR, HijriDate, days_in_month
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.values import frozen

_MONTHS: Final = 12
_DAYS_OF_A_MONTH: Final = (29, 30)

MonthDay = tuple[int, int]
"""Month and day of a Hijri year."""
Month = tuple[int, int]
"""Year and month."""


def check_lengths(announced: Mapping[Month, MonthStart]) -> None:
    """Raise `InvalidInput` if a month with two announced ends has other than 29 or 30 days, or than in the table."""
    for (year, month), start in announced.items():
        following = announced.get(_month_after(year, month))
        tabled = days_in_month(year, month)
        days = tabled if following is None else (following.first_day - start.first_day).days
        if days not in {*_DAYS_OF_A_MONTH, tabled}:
            got, expected = f"{days} days for {year}-{month:02d}", "29 or 30 from its beginning to the next"
            raise InvalidInput("first_day", got=got, expected=expected)


def _month_after(year: int, month: int) -> Month:
    return year + month // _MONTHS, month % _MONTHS + 1


def _by_month(starts: Iterable[MonthStart]) -> Mapping[Month, MonthStart]:
    by_month: dict[Month, MonthStart] = {}
    for start in starts:
        other = by_month.setdefault(start.begins, start)
        if other is not start:
            got = f"{start.year}-{start.month} by {other.id} and by {start.id}"
            raise InvalidInput("announcements", got=got, expected="one beginning for each month")
    return by_month


@frozen
class Stretch:
    """Consecutive days by ordinal, both inclusive, with the announcements that set the first and the last."""

    first: int
    last: int
    begun_by: tuple[AuthorityId, ...] = ()
    ended_by: tuple[AuthorityId, ...] = ()

    @property
    def days(self) -> range:
        """Every day."""
        return range(self.first, self.last + 1)

    def moved_from(self, tabled: "Stretch") -> dict[int, tuple[AuthorityId, ...]]:
        """The days of only one of both, each with the announcements that moved it."""
        begun = max(self.first, tabled.first)
        different = set(self.days) ^ set(tabled.days)
        return {day: self.begun_by if day < begun else self.ended_by for day in sorted(different)}


@frozen
class MonthStarts:
    """The announced beginnings of months. Raises `InvalidInput` if a month has two."""

    announced: Mapping[Month, MonthStart] = field(converter=_by_month)

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
        first, following = self._first_of(year, month), self._first_after(year, month)
        if first is None or following is None:
            return None
        return Stretch(first[0], following[0] - 1, first[1], following[1])

    def _day(self, year: int, month: int, day: int) -> tuple[int, tuple[AuthorityId, ...]] | None:
        """The ordinal of a day, and the announcements that moved it; in a shorter month its last day."""
        start = self._first_of(year, month)
        following = self._first_after(year, month)
        if start is None or following is None:
            return None
        counted, last = start[0] + day - 1, following[0] - 1
        if counted > last:
            return last, following[1]
        tabled = TABLE._first_after(year, month)  # noqa: SLF001 - another of the same class
        made = () if tabled is None or counted < tabled[0] else following[1]
        return counted, tuple(dict.fromkeys((*start[1], *made)))

    def _first_after(self, year: int, month: int) -> tuple[int, tuple[AuthorityId, ...]] | None:
        return self._first_of(*_month_after(year, month))

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
