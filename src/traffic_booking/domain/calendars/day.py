"""A civil day in both calendars: stored and sorted as Gregorian, printed either way; and instants in words."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field

from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Digits, Language, bilingual_names, in_digits
from traffic_booking.domain.calendars.hijri import FIRST_DAY, LAST_DAY, HijriDate
from traffic_booking.domain.calendars.hours import hours_text
from traffic_booking.domain.errors import is_arabic
from traffic_booking.domain.instants import LEGAL_TIME, instant, plain_date
from traffic_booking.domain.value_input import remade
from traffic_booking.domain.values import frozen

WEEKDAYS: Final = bilingual_names(
    "الاثنين, الثلاثاء, الأربعاء, الخميس, الجمعة, السبت, الأحد",
    "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
)
GREGORIAN_MONTHS: Final = bilingual_names(
    "يناير, فبراير, مارس, أبريل, مايو, يونيو, يوليو, أغسطس, سبتمبر, أكتوبر, نوفمبر, ديسمبر",
    "January, February, March, April, May, June, July, August, September, October, November, December",
)
SAUDI_TIME: Final = Bilingual("توقيت السعودية", "Saudi time")
_INSTANT: Final = Bilingual("يوم {day}، الساعة {time} ({zone})", "{day}, at {time} ({zone})")
_INTERVAL: Final = Bilingual("يوم {day}، {hours} ({zone})", "{day}, {hours} ({zone})")
GREGORIAN_YEARS: Final = range(1900, 2201)
"""Years that are read as Gregorian without an era. Any other is printed with its era, in four digits."""


def _gregorian(day: date) -> date:
    return plain_date(day, "day")


@frozen(order=True)
class Day:
    """A civil day; `day.gregorian` and `day.hijri` are its two dates.

    Raises:
        InvalidInput: `gregorian` is no date, or `hijri` is read while `has_hijri` is false.

    Example::

        Day(date(2024, 3, 11)).text("en")  # Monday, 11 March 2024 – 1 Ramadan 1445 AH
    """

    gregorian: date = field(converter=_gregorian)

    @property
    def hijri(self) -> HijriDate:
        """The Umm al-Qura date; `hijri.agreed` is false if the published tables differ."""
        return HijriDate.from_gregorian(self.gregorian)

    @property
    def has_hijri(self) -> bool:
        """True if the Umm al-Qura table contains this day: 1924-08-01 to 2077-11-16."""
        return FIRST_DAY <= self.gregorian <= LAST_DAY

    @property
    def weekday(self) -> Bilingual:
        """The name of the weekday."""
        return WEEKDAYS[self.gregorian.weekday()]

    def gregorian_text(self, language: Language, digits: Digits = "ascii") -> str:
        """Such as `22 November 2026`, or `22 نوفمبر 2026 م`; outside 1900 to 2200 `1 January 0999 AD`."""
        day = self.gregorian
        era = " م" if is_arabic(language) else self._era
        return in_digits(f"{day.day} {GREGORIAN_MONTHS[day.month - 1](language)} {day.year:04d}{era}", digits)

    def hijri_text(self, language: Language, digits: Digits = "ascii") -> str:
        """Such as `12 Jumada al-Akhirah 1448 AH`; a disputed day is marked provisional."""
        return self.hijri.text(language, digits)

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """Weekday and both dates, Hijri first in Arabic, Gregorian first in English.

        A day outside the Umm al-Qura table (1924-08-01 to 2077-11-16) has its Gregorian date alone. Raises
        `InvalidInput` for an unknown language, or unknown digits.
        """
        dates = [self.gregorian_text(language, digits)]
        if self.has_hijri:
            dates.append(self.hijri_text(language, digits))
        in_arabic = is_arabic(language)
        if in_arabic:
            dates.reverse()
        return f"{self.weekday(language)}{'، ' if in_arabic else ', '}{' – '.join(dates)}"

    @property
    def _era(self) -> str:
        return "" if self.gregorian.year in GREGORIAN_YEARS else " AD"

    def __str__(self) -> str:
        name = f"{self.gregorian.isoformat()}{self._era}"
        return f"{name} ({self.hijri})" if self.has_hijri else name


def instant_text(moment: datetime, language: Language, digits: Digits = "ascii", *, time_zone: str = LEGAL_TIME) -> str:
    """`moment` in words: the weekday, both dates, the time of day in that zone to the minute, and the zone.

    Raises:
        InvalidInput: `moment` is no aware datetime, or the language, the digits or the time zone are unknown.

    Example::

        instant_text(moment, "en")  # Monday, 11 March 2024 – 1 Ramadan 1445 AH, at 09:00 (Saudi time)
    """
    local = _local(moment, time_zone)
    text = _INSTANT(language).format(
        day=Day(local.date()).text(language),
        time=left_to_right(f"{local:%H:%M}", language),
        zone=_zone_text(local, time_zone, language),
    )
    return in_digits(text, digits)


def interval_text(
    starts_at: datetime, ends_at: datetime, language: Language, digits: Digits = "ascii", *, time_zone: str = LEGAL_TIME
) -> str:
    """An interval of one day in words: the weekday, both dates, the hours in that zone, and the zone.

    An end at midnight is 24:00. Raises `InvalidInput` as `instant_text` does.
    """
    start, end = _local(starts_at, time_zone), _local(ends_at, time_zone)
    text = _INTERVAL(language).format(
        day=Day(start.date()).text(language),
        hours=hours_text(f"{start:%H:%M}", _closing(start, end), language),
        zone=_zone_text(start, time_zone, language),
    )
    return in_digits(text, digits)


def times_text(
    starts_at: datetime, ends_at: datetime, language: Language, digits: Digits = "ascii", *, time_zone: str = LEGAL_TIME
) -> str:
    """The hours of `interval_text` alone, such as `09:00–09:15`; in Arabic between U+2066 and U+2069."""
    start, end = _local(starts_at, time_zone), _local(ends_at, time_zone)
    return in_digits(left_to_right(f"{start:%H:%M}\u2013{_closing(start, end)}", language), digits)


def _closing(start: datetime, end: datetime) -> str:
    is_midnight = end.time() == time() and end.date() - start.date() == timedelta(days=1)
    return "24:00" if is_midnight else f"{end:%H:%M}"


def _local(moment: datetime, time_zone: str) -> datetime:
    return instant(moment).astimezone(remade("time_zone", lambda: ZoneInfo(time_zone)))


def _zone_text(local: datetime, time_zone: str, language: Language) -> str:
    if time_zone == LEGAL_TIME:
        return SAUDI_TIME(language)
    offset = f"{local:%z}"
    zone = time_zone if time_zone == "UTC" else f"{time_zone}, UTC{offset[:3]}:{offset[3:5]}"
    return left_to_right(zone, language)
