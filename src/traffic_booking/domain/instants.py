"""Instants: aware datetimes, checked once and kept in UTC."""

from datetime import UTC, datetime
from typing import Final

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.value_input import remade

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 9998
"""Within these, adding or taking a booking horizon never leaves what a datetime can hold."""


def instant(moment: datetime) -> datetime:
    """`moment` in UTC.

    Raises `InvalidInput` for a datetime without an offset, or outside the years 1800 to 9998, and for what is none.
    """
    if type(moment) is not datetime:
        moment = _plain(moment)
    year, zone = moment.year, moment.tzinfo
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput("instant", got=f"the year {year}", expected=f"{FIRST_YEAR} to {LAST_YEAR}")
    if zone is UTC:
        return moment
    return remade("instant", lambda: _in_utc(moment))


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise InvalidInput("instant", got="a datetime without an offset", expected="an aware datetime")
    return moment.astimezone(UTC)


def _plain(moment: object) -> datetime:
    """A subclass may have more than microseconds, which nothing stores: pandas' has."""
    if not isinstance(moment, datetime):
        raise InvalidInput("instant", got=f"a {type(moment).__name__}", expected="an aware datetime")
    return remade("instant", lambda: datetime.combine(moment.date(), moment.timetz()))


def in_utc(moment: datetime) -> datetime:
    """An instant that was checked before, in UTC; nothing else is asked of it."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
