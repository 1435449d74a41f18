"""The rules of the working calendar, as values: days off, and the hours of Ramadan.

A rule is in force from `in_force_from` (inclusive) to `in_force_until` (exclusive); None is open-ended. An occurrence
of several days counts as a whole: it is in force if its first day is, before anything moves it.
"""

from abc import ABC, abstractmethod
from datetime import date
from typing import Final

from attrs import field
from attrs.validators import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import Authority
from traffic_booking.domain.calendars.hours import DAY_MINUTES, Hours
from traffic_booking.domain.calendars.month_starts import MonthStarts, Stretch
from traffic_booking.domain.calendars.pattern import DayPattern
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

RAMADAN: Final = 9
MOST_LABOUR_DAYS: Final = 10
MOST_MOVED_MINUTES: Final = 120
"""Minutes by which the opening or the closing of Ramadan may move."""

_LEAP_YEAR: Final = 2000


@frozen(kw_only=True)
class CalendarRule(Authority):
    """A rule with its time in force, and a short name for lists of days."""

    name: Bilingual | None = field(default=None, validator=optional(of_type(Bilingual)))
    in_force_from: date | None = None
    in_force_until: date | None = None
    _from: int = field(init=False, eq=False, repr=False)
    _until: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "in_force_from", "in_force_until", optional=True)
        first, until = self.in_force_from or date.min, self.in_force_until
        if until is not None and until <= first:
            raise InvalidInput("in_force_until", got=until.isoformat(), expected=f"after {first}")
        object.__setattr__(self, "_from", first.toordinal())
        object.__setattr__(self, "_until", date.max.toordinal() + 1 if until is None else until.toordinal())

    def in_force(self, ordinal: int) -> bool:
        """True if the rule is in force on the day of that proleptic Gregorian ordinal."""
        return self._from <= ordinal < self._until


@frozen(kw_only=True)
class Weekend(CalendarRule):
    """Days off by weekday, or by another pattern counted from `in_force_from`."""

    pattern: str
    _days: DayPattern = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        object.__setattr__(self, "_days", DayPattern(self.pattern, self.in_force_from))

    def falls_on(self, ordinal: int) -> bool:
        """True if the pattern names that day, in force or not."""
        return self._days.falls_on(ordinal)


@frozen(kw_only=True)
class FixedDay(CalendarRule):
    """A holiday on a Gregorian day of the year.

    On the first day of a weekend it is observed the day before, on another day of it the day after the weekend. It adds
    nothing on a day of another holiday.
    """

    month: int
    day: int

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        month = bounded_number(self.month, "month, day", least=1, greatest=12)
        day = bounded_number(self.day, "month, day", least=1, greatest=31)
        try:
            date(_LEAP_YEAR, month, day)
        except ValueError as error:
            raise InvalidInput("month, day", got=f"{month}, {day}", expected="a day of the year") from error


def _hijri_month(month: int) -> int:
    return bounded_number(month, "month", least=1, greatest=12)


def _hijri_day(day: int) -> int:
    return bounded_number(day, "day", least=1, greatest=30)


@frozen(kw_only=True)
class HijriRule(CalendarRule, ABC):
    """A rule about days of the Hijri year.

    If `by_sighting`, announced beginnings of months move its days; if not, the table alone decides.
    """

    by_sighting: bool = field(default=True, validator=of_type(bool))

    @abstractmethod
    def occurrence(self, year: int, months: MonthStarts) -> Stretch | None:
        """The days of the occurrence that begins in the Hijri year `year`; None outside the table."""


@frozen(kw_only=True)
class HijriSpan(HijriRule):
    """A holiday between two days of the Hijri year, both inclusive, together with the weekends that touch it.

    In a shorter month its last day replaces a missing one. An end before the beginning is in the next year.
    """

    from_month: int = field(converter=_hijri_month)
    from_day: int = field(converter=_hijri_day)
    to_month: int = field(converter=_hijri_month)
    to_day: int = field(converter=_hijri_day)

    def occurrence(self, year: int, months: MonthStarts) -> Stretch | None:
        """The days of the holiday, without the weekends that touch it."""
        return months.stretch(year, (self.from_month, self.from_day), (self.to_month, self.to_day))


def _labour_days(days: int) -> int:
    return bounded_number(days, "days", least=1, greatest=MOST_LABOUR_DAYS)


def _offset(days: int) -> int:
    return bounded_number(days, "offset_days", least=0, greatest=1, unit="days")


@frozen(kw_only=True)
class LabourDays(HijriRule):
    """`days` days from a day of the Hijri year on, plus a working day after them for each weekend day among them.

    `offset_days` 0 begins on that day, 1 on the day after it.
    """

    month: int = field(converter=_hijri_month)
    day: int = field(converter=_hijri_day)
    offset_days: int = field(default=0, converter=_offset)
    days: int = field(converter=_labour_days)

    def occurrence(self, year: int, months: MonthStarts) -> Stretch | None:
        """The days of the holiday, without those in lieu of a weekend."""
        named = months.stretch(year, (self.month, self.day), (self.month, self.day))
        if named is None:
            return None
        first = named.first + self.offset_days
        return Stretch(first, first + self.days - 1, named.begun_by, named.begun_by)


@frozen(kw_only=True)
class Bridge(CalendarRule):
    """A single working day between two days off is off too, if one of the two is a holiday.

    Bridges come last: rules and announcements make them, orders and branches' exceptions do not.
    """


@frozen(kw_only=True)
class AnnouncedDays(CalendarRule):
    """A holiday without days of its own: each `AnnouncedClosure` for it adds some."""


def _moved(minutes: int) -> int:
    most = MOST_MOVED_MINUTES
    return bounded_number(minutes, "minutes moved", least=-most, greatest=most, unit="minutes")


@frozen(kw_only=True)
class RamadanHours(HijriRule):
    """The published hours of month 9. Opening and closing may each be moved by at most two hours."""

    published: Hours = field(validator=of_type(Hours))
    opening_moved_minutes: int = field(default=0, converter=_moved)
    closing_moved_minutes: int = field(default=0, converter=_moved)
    hours: Hours = field(init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        opens = self.published.opens_minute + self.opening_moved_minutes
        closes = self.published.closes_minute + self.closing_moved_minutes
        if not (0 <= opens < DAY_MINUTES and opens < closes <= opens + DAY_MINUTES):
            got = f"minutes {opens} to {closes}"
            expected = "an opening before 24:00, and a closing up to 24 hours after it"
            raise InvalidInput("minutes moved", got=got, expected=expected)
        object.__setattr__(self, "hours", Hours(opens, closes))

    def occurrence(self, year: int, months: MonthStarts) -> Stretch | None:
        """The days of Ramadan as announced, to the eve of Shawwal."""
        return months.whole_month(year, RAMADAN)
