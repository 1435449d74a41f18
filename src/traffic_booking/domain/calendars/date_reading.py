"""Reads dates as people type and paste them, in either calendar.

Numbers: `1445-09-01`, `1/9/1445`, `1445/9/1 هـ`, `AH 1445-09-01`. They are year, month, day, or day, month, year: the
Saudi order. Slashes with `AH`, `AD` or a Persian era behind the year are also printed month first: if both orders name
a day, the text is refused. Names: `1 Ramadan 1445 AH`, `Rab. II 1, 1446`, `١ من شهر رمضان سنة ١٤٤٥`, `01/رمضان/1445`,
`11-Mar-2024`, `غرة رمضان 1445`. The month has to be of the same calendar as the year. RFC 9557:
`2024-03-11[u-ca=islamic-umalqura]`, whose date is Gregorian.

One day may be named twice, with `الموافق`, a dash, a comma, a slash, `=` or brackets between the names, and with its
weekday before or after. All names have to agree.

Without an era, the years 1300 to 1600 are Hijri (the table has 1343 to 1500) and 1900 to 2200 Gregorian. Other years
need their era, and so do Hijri years in numbers with Persian digits, which may be of the Persian solar calendar.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from traffic_booking.domain.calendars.date_words import (
    GREGORIAN_ERA,
    HIJRI_ERA,
    MONTH_FIRST_ERA,
    WEEKDAYS,
    Calendar,
    month_named,
)
from traffic_booking.domain.calendars.day import GREGORIAN_YEARS, Day
from traffic_booking.domain.calendars.day import WEEKDAYS as WEEKDAY_NAMES
from traffic_booking.domain.calendars.hijri import (
    CALENDAR,
    FIRST_DAY,
    FIRST_YEAR,
    LAST_DAY,
    LAST_YEAR,
    PROVISIONAL,
    HijriDate,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.spelling.letters import words_of
from traffic_booking.domain.text_input import ascii_digits, cleaned, plain_text

LONGEST: Final = 200
HIJRI_YEARS: Final = range(1300, 1601)
EXPECTED: Final = "a date such as 1445-09-01, ١ رمضان ١٤٤٥هـ, 11 March 2024 or 2024-03-11"

_SHOWN: Final = 60
_MONTHS: Final = 12
_YEAR_DIGITS: Final = 4
_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_RFC_9557: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})\[!?u-ca=([a-z0-9-]{3,20})\]", re.ASCII)
_PERSIAN_DIGITS: Final = re.compile("[۰-۹]")

_BETWEEN_NAMES: Final = re.compile(r" [/(] ")

_WORD: Final = r"[^\W\d_]+"
_ERA: Final = f"(?:{HIJRI_ERA}|{GREGORIAN_ERA})"
_SIGN: Final = "(?: [-/.,])?"
_OTHER_NAME: Final = rf"{_WORD}(?: {_WORD}){{0,2}}?"
_NAME: Final = (
    rf"(?:(?:من|of|the|شهر|month) ){{0,3}}"
    rf"(?P<name>{_WORD}(?: {_WORD}){{0,6}}?(?:(?: -)? [12]| / {_OTHER_NAME}| \( {_OTHER_NAME} \))?)"
)
_DAY: Final = r"(?P<day>[0-9]{1,2})(?: (?:st|nd|rd|th))?"
_YEAR: Final = "(?P<year>[0-9]{1,4})"
_OF_YEAR: Final = f"(?: (?:(?:من )?(?:سنه|عام)|ل(?:سنه|عام)|of))?{_SIGN} {_YEAR}(?: (?P<era>{_ERA}))?"
_PARTS: Final = {
    "p": "|".join(re.escape(f"( {words_of(mark)} )") for mark in (PROVISIONAL.ar, PROVISIONAL.en)),
    "(": r"\(",
    ")": r"\)",
    ",": "[,:]",
    "s": "[-/=|]",
    "j": "(?:ال|و)?موافقه?(?: له?)?(?: :)?|يوافقه?|المصادف|corresponding to",
    "w": "(?:ل?يوم )?(?:" + "|".join(f"(?P<weekday_{at}>{name})" for at, name in enumerate(WEEKDAYS)) + ")",
    "_": r"(?:في )?ل?يوم|في|بروز|مورخه?|(?:ل|ب|ال)?تاريخ(?: :)?|dated?(?: :)?|on|the",
    "n": (
        rf"(?:(?:hijrah umalqura )?(?P<before>{_ERA}) )?(?P<first>[0-9]{{1,2}}|[0-9]{{4}}) (?P<sign>[-/.])"
        rf" (?P<month>[0-9]{{1,2}}) (?P=sign) (?P<last>[0-9]{{1,2}}|[0-9]{{4}})(?: (?P<era>{_ERA}))?"
    ),
    "d": f"(?:{_DAY}|ل?غره|يكم|اول|الاول){_SIGN} {_NAME}{_OF_YEAR}",
    "m": f"{_NAME}{_SIGN} (?:the )?{_DAY}{_OF_YEAR}",
    "y": f"{_YEAR}{_SIGN} {_NAME}{_SIGN} {_DAY}(?: (?P<era>{_ERA}))?",
}
"""The parts of a text, in the order in which they are tried. `n`, `d`, `m` and `y` name a day, `w` a weekday."""
_ONE: Final = r"(?:\(w\)|w,?[sj]?)?[ndmy]p?(?:[,s]?w|\(w\))?"
_ORDER: Final = rf"j?{_ONE}(?:[,s]?j?{_ONE}|\(j?{_ONE}\)(?:[,s]?w)?)?"
"""One or two names of a day, as the marks of their parts."""


def parse_date(text: str) -> Day:
    """The day that `text` names.

    Raises:
        InvalidInput: `text` is no date as above, is ambiguous, contradicts itself, or has more than 200 characters.

    Example::

        parse_date("١ رمضان ١٤٤٥هـ").gregorian  # date(2024, 3, 11)
    """
    text = plain_text(text, "date", EXPECTED)
    if len(text) > LONGEST:
        raise InvalidInput("date", got=f"{len(text)} characters", expected=f"at most {LONGEST} characters")
    clean = cleaned(text)
    if tagged := _RFC_9557.fullmatch(ascii_digits(clean).lower()):
        return _tagged(tagged, clean)
    weekdays, names = [], []
    for part, match in _parts_of(clean):
        if part == "w":
            weekdays.append(next(int(group[-1]) for group, name in match.groupdict().items() if name))
        elif part == "n":
            names.append(_numbered(match, clean))
        elif part in "dmy":
            names.append((_named(match, clean),))
    day = _agreed(names, clean)
    for weekday in weekdays:
        if weekday != day.gregorian.weekday():
            got = f"the weekday {WEEKDAY_NAMES[weekday].en} with {day}, a {day.weekday.en}"
            raise InvalidInput("date", got=got, expected="the weekday of that day")
    return day


def _parts_of(clean: str) -> list[tuple[str, re.Match[str]]]:
    """The parts of the text, which stand in an order that names one day. Raises `InvalidInput`."""
    parts: list[tuple[str, re.Match[str]]] = []
    rest = words_of(clean).rstrip(" .,")
    while rest:
        part, match = next(_matches(rest), ("", None))
        if match is None:
            after_year = bool(parts) and parts[-1][0] in "ndmy" and rest[0].isalpha()
            expected = "AH, هـ, AD or م after the year, or nothing" if after_year else EXPECTED
            raise InvalidInput("date", got=_shown(clean), expected=expected)
        parts.append((part, match))
        rest = rest[match.end() :].lstrip()
    if not re.fullmatch(_ORDER, "".join(part for part, _ in parts).replace("_", "")):
        raise InvalidInput("date", got=_shown(clean), expected=EXPECTED)
    return parts


def _matches(rest: str) -> Iterator[tuple[str, re.Match[str]]]:
    for part, pattern in _PARTS.items():
        if match := re.match(f"(?:{pattern})(?= |$)", rest):
            yield part, match


def _agreed(names: list[tuple[Day, ...]], text: str) -> Day:
    """The one day that is a reading of every name. Raises `InvalidInput`."""
    days = [day for day in names[0] if all(day in others for others in names)]
    if len(days) == 1:
        return days[0]
    if days:
        got = f"{_shown(text)}, which is {days[0]} or {days[1]}"
        raise InvalidInput("date", got=got, expected="the year first, or the month by name")
    first, other = (readings[0] for readings in names)
    raise InvalidInput("date", got=f"the days {first} and {other}", expected="two names of one day")


def _tagged(tagged: re.Match[str], text: str) -> Day:
    year, month, day, calendar = tagged.groups()
    if calendar not in {CALENDAR, "gregory", "iso8601"}:
        raise InvalidInput("date", got=f"calendar {_shown(calendar)}", expected="islamic-umalqura or gregory")
    read = _gregorian(int(year), int(month), int(day), text)
    if calendar == CALENDAR and not read.has_hijri:
        got = f"the Gregorian day {read.gregorian} to be shown in the Hijri calendar"
        expected = f"a Gregorian day before the bracket, {FIRST_DAY} to {LAST_DAY}; a Hijri one has none"
        raise InvalidInput("date", got=got, expected=expected)
    return read


def _numbered(match: re.Match[str], text: str) -> tuple[Day, ...]:
    """The readings of three numbers: two if day and month may change places."""
    first, last, month = match["first"], match["last"], int(match["month"])
    year_first, era = len(first) > len(last), match["era"] or match["before"]
    year, day = _year(first if year_first else last, text), int(last if year_first else first)
    calendar = _calendar(year, era)
    persian = bool(_PERSIAN_DIGITS.search(text))
    if match["before"] and _calendar(year, match["before"]) != calendar:
        raise InvalidInput("date", got=_shown(text), expected="one era")
    if not era and calendar == "hijri" and persian:
        expected = "هـ or AH after the year: with Persian digits it may be a solar year"
        raise InvalidInput("date", got=_shown(text), expected=expected)
    orders = [(month, day)]
    month_first = era and (re.fullmatch(MONTH_FIRST_ERA, era) or (persian and era == "م"))
    if match["sign"] == "/" and not year_first and month_first:
        orders = [order for order in dict.fromkeys([*orders, (day, month)]) if order[0] <= _MONTHS] or orders
    return tuple(_dated(year, *order, calendar, text) for order in orders)


def _named(match: re.Match[str], text: str) -> Day:
    year, day, name = _year(match["year"], text), int(match["day"] or 1), match["name"]
    months = {month_named(each) for each in _BETWEEN_NAMES.split(name.removesuffix(" )").replace(" - ", " "))}
    month = months.pop()
    if months or month is None:
        raise InvalidInput("month", got=_shown(name), expected="the name of a month, Hijri or Gregorian")
    calendar, number = month
    if calendar != _calendar(year, match["era"]):
        mixed = "a hijri month in a gregorian year" if calendar == "hijri" else "a gregorian month in a hijri year"
        got = f"{_shown(text)}, {mixed}"
        raise InvalidInput("date", got=got, expected="both of one calendar; a year may have its era, such as AH or AD")
    return _dated(year, number, day, calendar, text)


def _year(digits: str, text: str) -> int:
    if len(digits) != _YEAR_DIGITS:
        raise InvalidInput("date", got=_shown(text), expected="a year of four digits, first or last")
    return int(digits)


def _calendar(year: int, era: str | None) -> Calendar:
    if era is not None:
        return "hijri" if re.fullmatch(HIJRI_ERA, era) else "gregorian"
    if year in HIJRI_YEARS:
        return "hijri"
    if year in GREGORIAN_YEARS:
        return "gregorian"
    hijri, gregorian = f"{FIRST_YEAR} to {LAST_YEAR}", f"{GREGORIAN_YEARS[0]} to {GREGORIAN_YEARS[-1]}"
    raise InvalidInput("year", got=str(year), expected=f"{hijri} (Hijri), {gregorian} (Gregorian), or an era")


def _dated(year: int, month: int, day: int, calendar: Calendar, text: str) -> Day:
    if calendar == "gregorian":
        return _gregorian(year, month, day, text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        expected = f"{FIRST_YEAR} to {LAST_YEAR} AH (Umm al-Qura), or AD after a Gregorian year"
        raise InvalidInput("year", got=f"{year}, a Hijri year", expected=expected)
    return Day(HijriDate(year, month, day).to_gregorian())


def _gregorian(year: int, month: int, day: int, text: str) -> Day:
    try:
        return Day(date(year, month, day))
    except ValueError as error:
        raise InvalidInput("date", got=_shown(text), expected="a day of the Gregorian calendar") from error


def _shown(text: str) -> str:
    """`text` for a message: its first characters, without long numbers, one of which may be a person's id."""
    masked = _LONG_NUMBER.sub("…", text)
    return repr(masked if len(masked) <= _SHOWN else f"{masked[:_SHOWN]}…")
