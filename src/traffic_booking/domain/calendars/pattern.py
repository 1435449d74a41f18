"""Recurring days, declared as an RRULE of iCalendar (RFC 5545) and expanded by `dateutil.rrule`.

A weekly pattern is compiled to seven bits. Any other is expanded a year at a time, and some years are cached. There is
no Hijri recurrence: no Python library expands RSCALE, and an announced month doesn't recur by rule.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.text_input import visible_ascii
from traffic_booking.domain.values import frozen

if TYPE_CHECKING:
    from dateutil.rrule import rrule

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
REACH_YEARS: Final = 200
"""Years after its first day for which a pattern is expanded."""
CACHED_YEARS: Final = 256
CACHED_PATTERNS: Final = 16

_LEAP_YEAR: Final = 2000
_WEEKDAY: Final = f"(?:{'|'.join(WEEKDAYS)})"
_PARTS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(f"(?:{form})(?:,(?:{form}))*" if name.startswith("BY") else form, re.ASCII)
    for name, form in {
        "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
        "INTERVAL": r"[1-9]\d{0,2}",
        "COUNT": r"[1-9]\d{0,3}",
        "UNTIL": r"\d{8}",
        "WKST": _WEEKDAY,
        "BYDAY": rf"(?:[+-]?[1-5])?{_WEEKDAY}",
        "BYMONTH": "1[0-2]|[1-9]",
        "BYMONTHDAY": r"[+-]?(?:3[01]|[12]\d|[1-9])",
        "BYSETPOS": "[+-]?[1-9]",
    }.items()
}


def _parts(text: str) -> dict[str, str]:
    """The parts of an RRULE. `dateutil` alone accepts too much, and reads the clock for some of it."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or not _PARTS[name].fullmatch(value):
            raise _refused(text, got=repr(part), expected=f"the parts {', '.join(_PARTS)} as RFC 5545 has them")
        if name in parts:
            raise _refused(text, got=f"{name} twice", expected="each part once")
        parts[name] = value
    if "FREQ" not in parts:
        raise _refused(text, got="no FREQ", expected="one, such as FREQ=WEEKLY")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _refused(text, got="COUNT and UNTIL", expected="one of them")
    if "UNTIL" in parts:
        digits = parts["UNTIL"]
        try:
            date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError as error:
            raise _refused(text, got=f"UNTIL={digits}", expected="a day, YYYYMMDD") from error
    numbered = re.search(r"\d", parts.get("BYDAY", "")) or "BYSETPOS" in parts
    if numbered and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
        raise _refused(text, got=f"a numbered day with FREQ={parts['FREQ']}", expected="it by month or year alone")
    return parts


def _refused(text: str, *, got: str, expected: str) -> InvalidInput:
    return InvalidInput("pattern", got=f"{got} in {text!r}", expected=expected)


def _text(text: object) -> str:
    return visible_ascii(text, "pattern")


@frozen
class DayPattern:
    """The days of an RRULE, such as `FREQ=WEEKLY;BYDAY=FR,SA`, from `starts` on (its DTSTART).

    A weekly or daily pattern needs no `starts`. The parts that name days are accepted: FREQ from DAILY to YEARLY,
    INTERVAL, COUNT or UNTIL (a date, inclusive), BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS, WKST. Raises `InvalidInput` for
    any other text, and for a pattern without a day.
    """

    text: str = field(converter=_text)
    starts: date | None = None
    _mask: int | None = field(init=False, eq=False, repr=False)
    _first: int = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "starts", optional=True)
        parts = _parts(self.text)
        mask = _weekday_mask(parts)
        object.__setattr__(self, "_mask", mask)
        object.__setattr__(self, "_first", self.starts.toordinal() if self.starts else date.min.toordinal())
        if mask is not None:
            return
        if self.starts is None:
            raise _refused(self.text, got="no first day", expected="one, from which the pattern is counted")
        # A pattern may name no day at all. The search on to the year 9999 is slow for a day that no month has.
        if not _a_month_has(parts) or next(iter(_recurrence(self.text, self.starts)), None) is None:
            raise _refused(self.text, got=f"no day from {self.starts} on", expected="at least one")

    def falls_on(self, ordinal: int) -> bool:
        """True if the pattern names the day of that proleptic Gregorian ordinal.

        Raises `InvalidInput` if the pattern would have to be expanded further than 200 years.
        """
        if not self._first <= ordinal <= date.max.toordinal():
            return False
        if self._mask is not None:
            return bool(self._mask >> (ordinal + 6) % 7 & 1)
        starts = date.fromordinal(self._first)
        year = date.fromordinal(ordinal).year
        if year > starts.year + REACH_YEARS:
            raise InvalidInput("day", got=f"year {year}", expected=f"at most {REACH_YEARS} years after {starts}")
        return ordinal in _expansion(self.text, starts, year)


def _weekday_mask(parts: Mapping[str, str]) -> int | None:
    """Seven bits, Monday's the lowest, for a pattern that is the same every week; None for any other."""
    used = {name for name in parts if name != "WKST" and (name, parts[name]) != ("INTERVAL", "1")}
    if used not in ({"FREQ"}, {"FREQ", "BYDAY"}) or parts["FREQ"] not in {"DAILY", "WEEKLY"}:
        return None
    if used == {"FREQ"} and parts["FREQ"] == "WEEKLY":
        return None  # the weekday on which the pattern starts
    named = parts["BYDAY"].split(",") if "BYDAY" in parts else WEEKDAYS
    return sum(1 << WEEKDAYS.index(weekday) for weekday in set(named))


def _a_month_has(parts: Mapping[str, str]) -> bool:
    """True if one of the months has one of the days; false for 30 February."""
    months = [int(month) for month in parts.get("BYMONTH", "").split(",") if month]
    longest = max((monthrange(_LEAP_YEAR, month)[1] for month in months), default=31)
    days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "").split(",") if day]
    return not days or min(days) <= longest


@lru_cache(maxsize=CACHED_PATTERNS)
def _recurrence(text: str, starts: date) -> "rrule":
    from dateutil.rrule import rrule, rrulestr  # takes long to import, and a weekly pattern does without it

    week = "" if "WKST=" in text else ";WKST=MO"  # else dateutil takes the first weekday from a setting of the process
    try:
        found = rrulestr(text + week, dtstart=datetime(starts.year, starts.month, starts.day), cache=True)  # noqa: DTZ001 - days have no zone
    except ValueError as error:
        raise _refused(text, got=str(error), expected="an RRULE of RFC 5545") from error
    assert isinstance(found, rrule)
    return found


@lru_cache(maxsize=CACHED_YEARS)
def _expansion(text: str, starts: date, year: int) -> frozenset[int]:
    first, last = datetime(year, 1, 1), datetime(year, 12, 31)  # noqa: DTZ001 - days have no zone
    return frozenset(moment.toordinal() for moment in _recurrence(text, starts).between(first, last, inc=True))
