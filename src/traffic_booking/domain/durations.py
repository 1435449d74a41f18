"""Spans of time that carry the calendar in which they are counted.

Since the Cabinet's decision of 31 October 2023 official durations are counted in Gregorian, unless they rest on Sharia
or say Hijri expressly; a span of one month is another day in each calendar, so it says which.
"""

from datetime import date
from enum import StrEnum
from typing import assert_never

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from traffic_booking.domain.day import check_date
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.hijri import HijriDate


class Calendar(StrEnum):
    """The two calendars."""

    GREGORIAN = "gregorian"
    HIJRI = "hijri"


def _calendar(name: str) -> Calendar:
    try:
        return Calendar(name)
    except ValueError as error:
        raise InvalidInput("calendar", got=repr(name), expected=" or ".join(Calendar)) from error


@frozen(kw_only=True)
class Duration:
    """So many years, months and days, each 0 or more, counted in `calendar`."""

    calendar: Calendar = field(converter=_calendar)
    years: int = 0
    months: int = 0
    days: int = 0

    def __attrs_post_init__(self) -> None:
        parts = (self.years, self.months, self.days)
        if any(type(part) is not int for part in parts) or min(parts) < 0:
            expected = "years, months and days, each an int of 0 or more"
            raise InvalidInput("duration", got=f"{self.years}, {self.months}, {self.days}", expected=expected)

    def after(self, day: date) -> date:
        """The day on which the span that begins on `day` ends: years and months first, then days.

        Where a month lacks the day, its last day is taken, as `dateutil.relativedelta` does. Raises `InvalidInput`
        where the calendar's table ends, and for what is no date.
        """
        check_date("day", day)
        match self.calendar:
            case Calendar.GREGORIAN:
                try:
                    return day + relativedelta(years=self.years, months=self.months, days=self.days)
                except (ValueError, OverflowError) as error:
                    raise InvalidInput("duration", got="a day after year 9999", expected="an earlier day") from error
            case Calendar.HIJRI:
                start = HijriDate.from_gregorian(day)
                moved = start.plus_months(12 * self.years + self.months, missing="backward")
                return moved.plus_days(self.days).to_gregorian()
            case never:
                assert_never(never)
