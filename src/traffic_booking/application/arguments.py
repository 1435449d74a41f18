"""Checks the arguments that callers pass to a desk."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import inf
from typing import Final, Literal, TypeVar

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate, days_in_month
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import FIRST_YEAR, LAST_YEAR, instant, plain_date
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.people.identity import PersonId, checked_person
from traffic_booking.domain.places.geography import Coordinates, checked_point, kilometres
from traffic_booking.domain.text_input import plain_text, typed_text
from traffic_booking.domain.value_input import bounded_list, is_a, remade

CalendarName = Literal["gregorian", "hijri"]
T = TypeVar("T")

_LONGEST_CHOICE: Final = 20
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
LARGEST_PLACE: Final = 2**63 - 1
"""Of a feed's generation and place; the store port promises no more."""


def person(applicant: PersonId) -> PersonId:
    """`applicant` if it is a checked person id. Raises `InvalidInput`."""
    return checked_person(applicant, "applicant")


def feed_position(after: object) -> FeedPosition:
    """`after` if it is a pair of whole numbers, also one that was read back from JSON. Raises `InvalidInput`."""
    parts = tuple(bounded_list(after, "after", most=2)) if issubclass(type(after), tuple | list) else ()
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


def digest(text: object) -> str:
    """`text` if it may be the digest of something installed. Raises `InvalidInput`."""
    expected = "a digest of 43 characters, as in `Installed`"
    plain = plain_text(text, "digest", expected)
    if not _DIGEST.fullmatch(plain):
        raise InvalidInput("digest", got="another text", expected=expected)
    return plain


def callback(value: T, name: str) -> T:
    """`value` if it can be called. Its own exceptions are the caller's."""
    if not callable(value):
        raise InvalidInput(name, got=type(value).__name__, expected="a function")
    return value


def optional_text(text: object, field: str) -> str | None:
    """`text` as plain text, or None. Raises `InvalidInput`."""
    return None if text is None else plain_text(text, field)


def circle(near: Coordinates | None, within_km: float | None) -> tuple[Coordinates | None, float | None]:
    """A checked copy of a point, and the distance from it. Raises `InvalidInput`."""
    if near is None and within_km is not None:
        expected = "0 or more, with a point in `near`"
        raise InvalidInput("within_km", got="a distance without a point", expected=expected)
    if near is None:
        return None, None
    point = checked_point(near, "near")
    if within_km is None or (type(within_km) is float and within_km == inf):
        return point, None
    return point, kilometres(within_km, "within_km")


def bound(when: Day | HijriDate | date | None) -> date | None:
    """A bound of a search: an instant in UTC, or a Gregorian date, whose midnight is that of each branch."""
    return when if when is None else instant(when) if is_a(when, datetime) else bounded_date(when)


def bounds(
    from_: Day | HijriDate | date | None, until: Day | HijriDate | date | None, day: Day | HijriDate | date | None
) -> tuple[date | None, date | None]:
    """Both bounds of a search; a `day` has those of its own. Raises `InvalidInput` if others are given as well."""
    if day is None:
        return _named_bound(from_, "from_"), _named_bound(until, "until")
    if from_ is not None or until is not None:
        raise InvalidInput("day", got="a day and other bounds", expected="the day alone, or the bounds without it")
    civil = bounded_date(day)
    return civil, civil + timedelta(days=1)


def _named_bound(when: Day | HijriDate | date | None, name: str) -> date | None:
    try:
        return bound(when)
    except InvalidInput as error:
        expected = "a day of either calendar, or an instant with a time zone, in the years 1801 to 9997"
        raise InvalidInput(name, got=error.got, expected=expected) from error


def civil_date(day: Day | HijriDate | date) -> date:
    """The Gregorian date of a day in any form. Raises `InvalidInput` for an instant, which is no day."""
    if is_a(day, Day):
        return plain_date(remade("day", lambda: day.gregorian), "day")
    if is_a(day, HijriDate):
        return remade("day", lambda: HijriDate(day.year, day.month, day.day).to_gregorian())
    if is_a(day, datetime):
        raise InvalidInput("day", got="an instant", expected="a date of either calendar")
    return plain_date(day, "day")


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
