"""Instants and days from outside: aware datetimes, checked once and kept in UTC; dates without a time of day."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.value_input import is_a, remade

LEGAL_TIME: Final = "Asia/Riyadh"
"""The time zone of the law: instants that belong to no branch are shown in it, and days in force begin in it."""
FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 9998
"""Years between which a booking horizon can be added or subtracted without overflow."""


def instant(moment: datetime, field: str = "instant") -> datetime:
    """`moment` in UTC. Raises `InvalidInput` if it is no aware datetime, or outside the years 1800 to 9998."""
    if type(moment) is not datetime:  # a subclass may be finer than microseconds, as pandas' is
        given: object = moment
        if not is_a(given, datetime):
            raise InvalidInput(field, got=f"a {type(given).__name__}", expected="an aware datetime")
        moment = remade(field, lambda: datetime.combine(given.date(), given.timetz()))
    year, zone = moment.year, moment.tzinfo
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(field, got=f"the year {year}", expected=f"{FIRST_YEAR} to {LAST_YEAR}")
    if zone is UTC:
        return moment
    return remade(field, lambda: _from_zone(moment, field))


def _from_zone(moment: datetime, field: str) -> datetime:
    if moment.utcoffset() is None:
        raise InvalidInput(field, got="a datetime without an offset", expected="an aware datetime")
    return moment.astimezone(UTC)


def plain_date(day: object, field: str) -> date:
    """`day` as a plain `date`. Raises `InvalidInput` naming `field` for anything else, also for an instant."""
    if type(day) is date:
        return day
    if is_a(day, datetime) or not is_a(day, date):
        raise InvalidInput(field, got=f"a {type(day).__name__}", expected="a date without a time of day")
    return date.fromordinal(date.toordinal(day))


def keep_dates(made: object, *names: str, optional: bool = False) -> None:
    """Make plain dates of those in these fields of a value under construction; None stays if they are `optional`."""
    for name in names:
        day = getattr(made, name)
        if type(day) is not date and not (optional and day is None):
            object.__setattr__(made, name, plain_date(day, name))


def whole_minute_from(moment: datetime) -> datetime:
    """The first whole minute at or after `moment`: minutes are shown, and nothing may be promised too early."""
    past = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    return moment + timedelta(minutes=1) - past if past else moment


def in_utc(moment: datetime) -> datetime:
    """`moment` in UTC. One that was checked before costs nothing."""
    return moment if type(moment) is datetime and moment.tzinfo is UTC else instant(moment)


def in_utc_if_set(moment: datetime | None) -> datetime | None:
    """`moment` as in `in_utc`; None stays None."""
    return None if moment is None else in_utc(moment)
