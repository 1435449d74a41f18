"""Checks the arguments that callers pass to a desk."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.calendars.day import Day, check_date
from traffic_booking.domain.calendars.hijri import HijriDate, days_in_month
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import FIRST_YEAR, LAST_YEAR, instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.text_input import typed_text

CalendarName = Literal["gregorian", "hijri"]

_LONGEST_CHOICE: Final = 20
LARGEST_PLACE: Final = 2**63 - 1
"""Of a feed's generation and place; the store port promises no more."""


def person(applicant: PersonId) -> PersonId:
    """`applicant` if it is a checked person id. Raises `InvalidInput`."""
    return checked_person(applicant, "applicant")


def feed_position(after: object) -> FeedPosition:
    """`after` if it is a pair of whole numbers, also one that was read back from JSON. Raises `InvalidInput`."""
    parts = tuple(after) if isinstance(after, tuple | list) else ()
    if len(parts) == len(FeedPosition._fields) and all(
        type(each) is int and 0 <= each <= LARGEST_PLACE for each in parts
    ):
        return FeedPosition(*parts)
    expected = "`BEGINNING`, or the position of an entry: two whole numbers, 0 to 2^63 - 1"
    raise InvalidInput("after", got=type(after).__name__, expected=expected)


def within_bounds(name: str, value: int, most: int) -> None:
    """Raises `InvalidInput` unless `value` is 1 to `most`."""
    bounded_number(value, name, least=1, greatest=most)


def one_of(name: object, field: str, known: Sequence[str]) -> str:
    """`name`, cleaned, if it is one of `known`. Raises `InvalidInput`."""
    expected = " or ".join(known)
    clean = typed_text(name, field, longest=_LONGEST_CHOICE, expected=expected)
    if clean in known:
        return clean
    raise InvalidInput(field, got=repr(clean[:_LONGEST_CHOICE]), expected=expected)


def bound(when: Day | HijriDate | date | None) -> date | None:
    """A bound of a search: an instant in UTC, or a Gregorian date, whose midnight is that of each branch."""
    return when if when is None else instant(when) if isinstance(when, datetime) else bounded_date(when)


def civil_date(day: Day | HijriDate | date) -> date:
    """The Gregorian date of a day in any form. Raises `InvalidInput` for an instant, which is no day."""
    match day:
        case Day():
            return day.gregorian
        case HijriDate():
            return day.to_gregorian()
        case datetime():
            raise InvalidInput("day", got="an instant", expected="a date of either calendar")
        case _:
            check_date("day", day)
            return day


def bounded_date(day: Day | HijriDate | date) -> date:
    """The Gregorian date of a day whose bounds are instants. Raises `InvalidInput`."""
    civil = civil_date(day)
    bounded_number(civil.year, "year", least=FIRST_YEAR + 1, greatest=LAST_YEAR - 1)
    return civil


def days_of_month(year: int, month_of_year: int, calendar: str) -> list[date]:
    """The days of a month of either calendar, in order. Raises `InvalidInput`."""
    if one_of(calendar, "calendar", ("gregorian", "hijri")) == "hijri":
        first, length = HijriDate(year, month_of_year, 1).to_gregorian(), days_in_month(year, month_of_year)
    else:
        bounded_number(year, "year", least=FIRST_YEAR + 1, greatest=LAST_YEAR - 1)
        within_bounds("month", month_of_year, 12)
        first, length = date(year, month_of_year, 1), monthrange(year, month_of_year)[1]
    return [first + timedelta(days=offset) for offset in range(length)]
