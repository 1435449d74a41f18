"""Reads dates as people type them, in either calendar.

Accepted: `1445-09-01`, `1/9/1445`, `1445/9/1 هـ`, `1 Ramadan 1445 AH`, `١ رمضان ١٤٤٥هـ`, `1st of Ramadan 1445`,
`١ من شهر رمضان سنة ١٤٤٥`, `11 March 2024`, `2024-03-11`, and `2024-03-11[u-ca=islamic-umalqura]`, whose date is
Gregorian (RFC 9557). The right weekday may come first. Both dates of one day are accepted as `Day` prints them.

Three numbers are year, month, day, or day, month, year: the Saudi order, never month first. Any dash may replace the
hyphen. Without an era, the years 1300 to 1600 are Hijri (the table has 1343 to 1500) and 1900 to 2200 Gregorian. Other
years need their era. A month's name has to be of the same calendar.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.day import GREGORIAN_MONTHS, GREGORIAN_YEARS, WEEKDAYS, Day
from traffic_booking.domain.calendars.hijri import (
    FIRST_DAY,
    FIRST_YEAR,
    LAST_DAY,
    LAST_YEAR,
    MONTHS,
    PROVISIONAL,
    HijriDate,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.text_input import ascii_digits

LONGEST: Final = 80
HIJRI: Final = "islamic-umalqura"
"""RFC 9557's name of the Umm al-Qura calendar."""
HIJRI_YEARS: Final = range(1300, 1601)
EXPECTED: Final = "a date such as 1445-09-01, ١ رمضان ١٤٤٥هـ, 11 March 2024 or 2024-03-11"

_MARKS: Final = re.compile("[\u200e\u200f\u061c\u2066-\u2069\u0640\u064b-\u065f\u0670'’ʿʾ`]")
_FOLDED: Final = str.maketrans("أإآىةیک", "ااا" + "يهيك")
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_BETWEEN_TWO: Final = " \u2013 "
_BESIDE: Final = re.compile(r"([^()]+) \(([^()]+)\)")
_RFC_9557: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})\[!?u-ca=([a-z0-9-]{3,20})\]", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{1,4})\s*([/.-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\s*(\D*)", re.ASCII)
_NAMED: Final = re.compile(r"(?:(\d{1,2})\s+([^\d,،]+?)|([^\d,،]+?)\s+(\d{1,2}))\s*[,،]?\s*(\d{4})\s*(\D*)", re.ASCII)
_LONG_NUMBER: Final = re.compile(r"\d{5,}")
_JOINTS: Final = re.compile(r"[\s.,،-]")
_ORDINAL: Final = re.compile(r"(?<![\d/.-])(\d{1,2})(?:st|nd|rd|th)(?=[ ,])", re.ASCII)
_BEFORE_MONTH: Final = re.compile(r"^(\d{1,2} )(?:(?:من|of) )?(?:شهر )?(?=\D)", re.ASCII)
_BEFORE_YEAR: Final = re.compile(r" ل?(?:سنه|عام)(?= \d{4}\b)", re.ASCII)

_HIJRI_ERAS: Final = frozenset({"ه", "هجري", "هجريه", "ah", "h", "hijri"})
_GREGORIAN_ERAS: Final = frozenset({"م", "ميلادي", "ميلاديه", "ad", "ce", "g", "gregorian"})

_SPELLINGS: Final = (
    "moharram muharam",
    "safer",
    "rabii rabi1 rabialawal rabiulawwal rabiulawal rabialula ربيعاول ربيع1",
    "rabiii rabi2 rabialakhir rabialakhar rabiulakhir rabiuthani rabiulthani ربيعالثاني ربيعاخر ربيعثاني ربيع2",
    "jumadai jumada1 jumadaalawwal jumadaaloola jumadalula jumadalawwal جماديالاول جمادياولي جمادي1",
    "jumadaii jumada2 jumadaalthani jumadaalakhir jumadalakhirah جماديالثانيه جماديالثاني جماديالاخر جمادي2",
    "rajjab",
    "shaaban",
    "ramadhan ramazan ramzan",
    "shawal",
    "dhualqidah dhualqaadah dhulqadah dhulqaadah dhulqidah dhulqada zulqadah zulqada ذيالقعده القعده",
    "dhualhijja dhulhijjah dhulhijja zulhijjah zulhijja thulhijjah ذيالحجه الحجه",
)
_SHORT: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep sept", "oct", "nov", "dec"]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _MARKS.sub("", ascii_digits(plain).lower().translate(_FOLDED))


def _shown(text: str) -> str:
    """`text` for a message, without long numbers: one may be a person's id."""
    return repr(_LONG_NUMBER.sub("…", text))


def _letters(text: str) -> str:
    """`text` without the characters between words, for comparing names."""
    return _JOINTS.sub("", _folded(text))


def _names(months: tuple[Bilingual, ...], spellings: tuple[str, ...] | list[str]) -> dict[str, int]:
    names: dict[str, int] = {}
    for number, (month, others) in enumerate(zip(months, spellings, strict=True), start=1):
        for name in (month.ar, month.en, *others.split()):
            names[_letters(name)] = number
    return names


_PROVISIONAL: Final = tuple(f"({_folded(mark)})" for mark in (PROVISIONAL.ar, PROVISIONAL.en))
_HIJRI_NAMES: Final = _names(MONTHS, _SPELLINGS)
_GREGORIAN_NAMES: Final = _names(GREGORIAN_MONTHS, _SHORT)
_WEEKDAYS: Final = _names(WEEKDAYS, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])


def parse_date(text: str) -> Day:
    """The day that `text` names.

    Raises:
        InvalidInput: `text` is no date as above, contradicts itself, or has more than 80 characters.

    Example::

        parse_date("١ رمضان ١٤٤٥هـ").gregorian  # date(2024, 3, 11)
    """
    if not isinstance(text, str):
        raise InvalidInput("date", got=type(text).__name__, expected=EXPECTED)
    if len(text) > LONGEST:
        raise InvalidInput("date", got=f"{len(text)} characters", expected=f"at most {LONGEST} characters")
    weekday, rest = _without_weekday(" ".join(_folded(text).split()))
    day, *others = (_read(_bare(name), text) for name in _names_of_a_day(rest))
    if any(other != day for other in others):
        raise InvalidInput("date", got=_shown(text), expected=f"names of one day: the first is that of {day}")
    if weekday is not None and day.gregorian.weekday() + 1 != weekday:
        raise InvalidInput("date", got=f"{day}, a {day.weekday.en}", expected="the weekday of that day")
    return day


def _names_of_a_day(plain: str) -> tuple[str, ...]:
    """One date, or the two of `… – …` and `… (…)`."""
    if plain.count(_BETWEEN_TWO) == 1:
        return tuple(plain.split(_BETWEEN_TWO))
    beside = _BESIDE.fullmatch(plain)
    return (plain,) if beside is None or f"({beside[2]})" in _PROVISIONAL else beside.groups()


def _bare(name: str) -> str:
    """A date without `st`, `of`, `سنة` or `(provisional)`, with hyphens for all dashes."""
    for mark in _PROVISIONAL:
        name = name.removesuffix(mark).rstrip()
    name = _BEFORE_YEAR.sub("", _BEFORE_MONTH.sub(r"\1", _ORDINAL.sub(r"\1", name)))
    return name.translate(_DASHES)


def _without_weekday(plain: str) -> tuple[int | None, str]:
    first, _, rest = plain.removeprefix("يوم ").partition(" ")
    weekday = _WEEKDAYS.get(_letters(first))
    return (weekday, rest.strip()) if weekday and rest else (None, plain)


def _read(plain: str, text: str) -> Day:
    if tagged := _RFC_9557.fullmatch(plain):
        year, month, day, calendar = tagged.groups()
        if calendar not in {HIJRI, "gregory", "iso8601"}:
            raise InvalidInput("date", got=f"calendar {_shown(calendar)}", expected="islamic-umalqura or gregory")
        read = _gregorian(int(year), int(month), int(day), text)
        if calendar == HIJRI and not read.has_hijri:
            got = f"the Gregorian day {read.gregorian} to be shown in the Hijri calendar"
            expected = f"a Gregorian day before the bracket, {FIRST_DAY} to {LAST_DAY}; a Hijri one has none"
            raise InvalidInput("date", got=got, expected=expected)
        return read
    if numbers := _NUMBERS.fullmatch(plain):
        first, _, month, last, era = numbers.groups()
        if (len(first) == 4) == (len(last) == 4):  # noqa: PLR2004 - exactly one of them is the year
            raise InvalidInput("date", got=_shown(text), expected="a year of four digits, first or last")
        year, day = (first, last) if len(first) == 4 else (last, first)  # noqa: PLR2004 - as above
        return _dated(int(year), int(month), int(day), _calendar(int(year), era, text), text)
    if named := _NAMED.fullmatch(plain):
        day_first, name_last, name_first, day_last, year, era = named.groups()
        return _named(int(day_first or day_last), name_last or name_first, int(year), era, text)
    raise InvalidInput("date", got=_shown(text), expected=EXPECTED)


def _named(day: int, name: str, year: int, era: str, text: str) -> Day:
    letters = _letters(name)
    hijri, gregorian = _HIJRI_NAMES.get(letters), _GREGORIAN_NAMES.get(letters)
    month = hijri or gregorian
    if month is None:
        raise InvalidInput("month", got=_shown(name.strip()), expected="the name of a month, Hijri or Gregorian")
    calendar, of_year = "hijri" if hijri else "gregorian", _calendar(year, era, text)
    if of_year != calendar:
        mixed = "a hijri month in a gregorian year" if hijri else "a gregorian month in a hijri year"
        got = f"{_shown(text)}, {mixed}"
        raise InvalidInput("date", got=got, expected="both of one calendar; a year may have its era, such as AH or AD")
    return _dated(year, month, day, calendar, text)


def _calendar(year: int, era: str, text: str) -> str:
    letters = _letters(era)
    if letters in _HIJRI_ERAS:
        return "hijri"
    if letters in _GREGORIAN_ERAS:
        return "gregorian"
    if letters or era.strip():
        raise InvalidInput("date", got=_shown(text), expected="AH, هـ, AD or م after the year, or nothing")
    if year in HIJRI_YEARS:
        return "hijri"
    if year in GREGORIAN_YEARS:
        return "gregorian"
    hijri, gregorian = f"{FIRST_YEAR} to {LAST_YEAR}", f"{GREGORIAN_YEARS[0]} to {GREGORIAN_YEARS[-1]}"
    raise InvalidInput("year", got=str(year), expected=f"{hijri} (Hijri), {gregorian} (Gregorian), or an era")


def _dated(year: int, month: int, day: int, calendar: str, text: str) -> Day:
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
