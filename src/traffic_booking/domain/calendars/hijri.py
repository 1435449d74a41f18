"""Dates of the Umm al-Qura calendar, 1343 to 1500 AH, on the month starts of `hijridate`.

Two published tables agree on every day of 1420 to 1450 AH and differ on some days outside: the printed calendar, whose
month starts `hijridate` contains, and that of ICU and Java. A date on which they differ is provisional: `agreed` is
false, and its text contains a mark. Eight months before 1365 have 28 or 31 days.
"""

import re
from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Final, Literal, assert_never, cast, get_args, overload

from attrs import field
from hijridate import ummalqura

from traffic_booking.domain.bilingual import Bilingual, Digits, Language, bilingual_names, in_digits
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import plain_date
from traffic_booking.domain.number_input import LARGEST_SHOWN
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.values import frozen

CALENDAR: Final = "islamic-umalqura"
"""RFC 9557's name of the Umm al-Qura calendar."""
FIRST_YEAR: Final = ummalqura.HIJRI_RANGE[0][0]
LAST_YEAR: Final = ummalqura.HIJRI_RANGE[1][0]
CACHED_DAYS: Final = 16_384
"""Days in the cache of conversions, some 45 years."""

MONTHS: Final = (
    *bilingual_names("محرم, صفر, ربيع الأول, ربيع الآخر", "Muharram, Safar, Rabi al-Awwal, Rabi al-Thani"),
    *bilingual_names("جمادى الأولى, جمادى الآخرة, رجب, شعبان", "Jumada al-Ula, Jumada al-Akhirah, Rajab, Shaban"),
    *bilingual_names("رمضان, شوال, ذو القعدة, ذو الحجة", "Ramadan, Shawwal, Dhu al-Qadah, Dhu al-Hijjah"),
)

PROVISIONAL: Final = Bilingual("مبدئي", "provisional")
_ERA: Final = Bilingual("هـ", "AH")

_SHIFT: Final = date(*ummalqura.GREGORIAN_RANGE[0]).toordinal() - ummalqura.MONTH_STARTS[0]
MONTH_STARTS: Final = tuple(start + _SHIFT for start in ummalqura.MONTH_STARTS)
"""Proleptic Gregorian ordinals of the first day of each month, and of the day after the last month."""
FIRST_DAY: Final = date.fromordinal(MONTH_STARTS[0])
LAST_DAY: Final = date.fromordinal(MONTH_STARTS[-1] - 1)

_DIFFERENCES: Final = """
1343 1110000--000   1344 -00000100000   1345 000010001000   1346 -00001101100   1347 001001101100   1348 100000100120
1349 111010110020   1350 000000100000   1351 000000011000   1352 000010101000   1353 000001010-00   1354 000001001010
1355 000-00001001   1356 001010100011   1357 211111101011   1358 100000100100   1359 100000010000   1360 101121212111
1361 000010111010   1362 101010111111   1363 111111111111   1364 101010001100   1365 112111101010   1366 001010100000
1367 001011111010   1368 101011211111   1369 000000100000   1370 000-0-0-0-00   1371 101001010100   1372 010000000000
1373 010101010000   1374 000010100000   1375 ----0-000100   1376 000010001010   1377 100100011011   1378 000-----0-00
1379 111100000101   1380 101010101010   1381 101001011110   1382 101001001111   1383 010000101111   1384 101000101121
1385 211100111111   1386 110010001011   1387 011111111111   1388 011010101010   1389 001011112111   1390 0-0-00100000
1391 100000101111   1392 011010101111   1393 101001111111   1394 111110101110   1395 111111111110   1396 111110111111
1397 010110112110   1398 101011111111   1399 010101011110   1400 110100101010   1401 011111011010   1402 111111101101
1403 011101110110   1404 111111101011   1405 011101111110   1406 111010111101   1407 111101010101   1408 111111101101
1409 112111110110   1410 112111111011   1411 011111111101   1412 111211111110   1413 111111011111   1414 011111111101
1415 111111111101   1416 111111101111   1417 111121010101   1418 111121101010   1419 111111101111   1451 000100100010
1452 110010010000   1453 010000101000   1454 010000010101   1455 001001010010   1456 100101010001   1457 010010010011
1458 101001001001   1459 100100100100   1460 100101010010   1461 000100000010   1462 000000101001   1463 000010100110
1464 101001000110   1465 010100100110   1466 001010000001   1467 001001001010   1468 101001010101   1469 001001001000
1470 100100101100   1471 010010100100   1472 101000010110   1473 101001001010   1474 100100100101   1475 000100010010
1476 010100010001   1477 001000011000   1478 100101001001   1479 010010101001   1480 010001010101   1481 010010000010
1482 000001101001   1483 001001100100   1484 100100110100   1485 010010010110   1486 001000000010   1487 010101001010
1488 010010100101   1489 010001010010   1490 101001001001   1491 010001001010   1492 001000101001   1493 000101001001
1494 100010110001   1495 100101001000   1496 100010100100   1497 010010001010   1498 101010010101   1499 010100010100
1500 100010010100
"""
"""As measured in 2026-11. The tests compare both tables month by month."""

LATER: Final = {int(year): signs for year, signs in re.findall(r"(\d{4}) ([-0-2]{12})", _DIFFERENCES)}
"""Each Hijri year with a difference, one sign a month: 0 the same day, 1 or 2 days later, - one day earlier."""


def _check_whole(field: str, number: object) -> None:
    if type(number) is not int:
        raise InvalidInput(field, got=f"a {type(number).__name__}", expected="an int")
    if abs(number) > LARGEST_SHOWN:
        raise InvalidInput(field, got="a longer number", expected="an int of at most 18 digits")


def _month_index(year: int, month: int) -> int:
    _check_whole("Hijri year", year)
    _check_whole("Hijri month", month)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):  # noqa: PLR2004 - months of a year
        expected = f"months 1 to 12 of {FIRST_YEAR} to {LAST_YEAR} AH (Umm al-Qura)"
        raise InvalidInput("Hijri month", got=f"{year}-{month}", expected=expected)
    return (year - FIRST_YEAR) * 12 + month - 1


def days_in_month(year: int, month: int) -> int:
    """The days of a month: 29 or 30, but 28 or 31 in eight months before 1365."""
    index = _month_index(year, month)
    return MONTH_STARTS[index + 1] - MONTH_STARTS[index]


MissingDay = Literal["omit", "backward", "forward"]
"""The result if a month lacks the day (RFC 7529, SKIP): no date, the month's last day, or the next month's first."""


@frozen(order=True)
class HijriDate:
    """A day of the Umm al-Qura calendar; dates are ordered.

    Raises:
        InvalidInput: the calendar has no such day, or a part is no int.

    Example::

        HijriDate(1445, 9, 1).to_gregorian()  # date(2024, 3, 11)
    """

    year: int = field()
    month: int = field()
    day: int = field()

    def __attrs_post_init__(self) -> None:
        if not (type(self.year) is type(self.month) is type(self.day) is int):
            got = ", ".join(type(part).__name__ for part in (self.year, self.month, self.day))
            raise InvalidInput("Hijri date", got=got, expected="year, month and day, each an int")
        length = days_in_month(self.year, self.month)
        _check_whole("Hijri day", self.day)
        if not 1 <= self.day <= length:
            expected = f"1 to {length} in {self.month_name.en} {self.year} AH (Umm al-Qura)"
            raise InvalidInput("Hijri day", got=str(self.day), expected=expected)

    @classmethod
    def from_gregorian(cls, day: date) -> "HijriDate":
        """The Hijri date of a Gregorian one, 1924-08-01 to 2077-11-16.

        Raises `InvalidInput` outside, and for an instant, which is no day: its day depends on the time zone.
        """
        return _of_ordinal(plain_date(day, "day").toordinal())

    def to_gregorian(self) -> date:
        """The Gregorian date of the same civil day."""
        return date.fromordinal(self._ordinal())

    @property
    def agreed(self) -> bool:
        """True if both published tables give this civil day the same date; if not, the date is provisional."""
        index = _month_index(self.year, self.month)
        if _later(index):
            return False
        return self.day <= MONTH_STARTS[index + 1] + _later(index + 1) - MONTH_STARTS[index]

    @property
    def month_name(self) -> Bilingual:
        """The month's name."""
        return MONTHS[self.month - 1]

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """Such as `12 Jumada al-Akhirah 1448 AH`; a disputed day is marked provisional.

        Raises `InvalidInput` for an unknown language, or unknown digits.
        """
        text = in_digits(f"{self.day} {self.month_name(language)} {self.year} {_ERA(language)}", digits)
        return text if self.agreed else f"{text} ({PROVISIONAL(language)})"

    def plus_days(self, days: int) -> "HijriDate":
        """The date `days` later (earlier if negative). Raises `InvalidInput` outside the table."""
        _check_whole("days", days)
        return _of_ordinal(self._ordinal() + days)

    @overload
    def plus_months(self, months: int, *, missing: Literal["backward", "forward"]) -> "HijriDate": ...
    @overload
    def plus_months(self, months: int, *, missing: MissingDay) -> "HijriDate | None": ...
    def plus_months(self, months: int, *, missing: MissingDay) -> "HijriDate | None":
        """The same day `months` later (earlier if negative); `missing` decides if that month lacks it.

        Raises:
            InvalidInput: the table ends before that month, or `missing` is unknown.
        """
        missing = cast("MissingDay", plain_text(missing, "missing"))
        if missing not in get_args(MissingDay):
            raise InvalidInput("missing", got=repr(missing[:20]), expected=", ".join(get_args(MissingDay)))
        _check_whole("months", months)
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        length = days_in_month(year, month + 1)
        if self.day <= length:
            return HijriDate(year, month + 1, self.day)
        match missing:
            case "omit":
                return None
            case "backward":
                return HijriDate(year, month + 1, length)
            case "forward":
                return HijriDate(year, month + 1, length).plus_days(1)
            case never:
                assert_never(never)

    @overload
    def plus_years(self, years: int, *, missing: Literal["backward", "forward"]) -> "HijriDate": ...
    @overload
    def plus_years(self, years: int, *, missing: MissingDay) -> "HijriDate | None": ...
    def plus_years(self, years: int, *, missing: MissingDay) -> "HijriDate | None":
        """The same day `years` later (earlier if negative), as `plus_months`."""
        _check_whole("years", years)
        return self.plus_months(12 * years, missing=missing)

    def _ordinal(self) -> int:
        return MONTH_STARTS[(self.year - FIRST_YEAR) * 12 + self.month - 1] + self.day - 1

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d} AH"


@lru_cache(maxsize=CACHED_DAYS)
def _of_ordinal(ordinal: int) -> HijriDate:
    index = bisect_right(MONTH_STARTS, ordinal) - 1
    if not 0 <= index < len(MONTH_STARTS) - 1:
        in_range = date.min.toordinal() <= ordinal <= date.max.toordinal()
        got = date.fromordinal(ordinal).isoformat() if in_range else "a day outside years 1 to 9999"
        expected = f"a day of {FIRST_YEAR} to {LAST_YEAR} AH, {FIRST_DAY} to {LAST_DAY}"
        raise InvalidInput("date", got=got, expected=expected)
    years, month = divmod(index, 12)
    return HijriDate(FIRST_YEAR + years, month + 1, ordinal - MONTH_STARTS[index] + 1)


def _later(index: int) -> int:
    """How many days later the month starts in the other published table."""
    years, month = divmod(index, 12)
    sign = LATER.get(FIRST_YEAR + years, "000000000000")[month]
    return -1 if sign == "-" else int(sign)
