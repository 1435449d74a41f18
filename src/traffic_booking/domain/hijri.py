"""Dates of the Umm al-Qura calendar, 1343 to 1500 AH, on the table of `hijridate`.

Two published tables agree on every day of 1420 to 1450 AH and differ in places outside; a date there is provisional
(`agreed` is false), and says so wherever it is printed.
"""

from datetime import date
from typing import Final

from attrs import field, frozen
from hijridate import Gregorian, Hijri

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput

FIRST_YEAR: Final = 1343
LAST_YEAR: Final = 1500
AGREED_YEARS: Final = range(1420, 1451)
"""Years of which both tables have every day alike (measured month by month)."""

MONTHS: Final = (
    Bilingual("محرم", "Muharram"),
    Bilingual("صفر", "Safar"),
    Bilingual("ربيع الأول", "Rabi al-Awwal"),
    Bilingual("ربيع الآخر", "Rabi al-Thani"),
    Bilingual("جمادى الأولى", "Jumada al-Ula"),
    Bilingual("جمادى الآخرة", "Jumada al-Akhirah"),
    Bilingual("رجب", "Rajab"),
    Bilingual("شعبان", "Shaban"),
    Bilingual("رمضان", "Ramadan"),
    Bilingual("شوال", "Shawwal"),
    Bilingual("ذو القعدة", "Dhu al-Qadah"),
    Bilingual("ذو الحجة", "Dhu al-Hijjah"),
)


def _checked(year: int, month: int, day: int) -> Hijri:
    try:
        return Hijri(year, month, day)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            "Hijri date",
            got=f"{year}-{month}-{day}",
            expected=f"a day of the Umm al-Qura calendar, {FIRST_YEAR} to {LAST_YEAR}",
        ) from error


@frozen(order=True)
class HijriDate:
    """A day of the Umm al-Qura calendar; ordered as the days are. Raises `InvalidInput` for a day that isn't one."""

    year: int = field()
    month: int = field()
    day: int = field()

    def __attrs_post_init__(self) -> None:
        _checked(self.year, self.month, self.day)

    @classmethod
    def from_gregorian(cls, day: date) -> "HijriDate":
        """The Hijri date of a Gregorian one. Raises `InvalidInput` outside 1343 to 1500 AH."""
        try:
            hijri = Gregorian(day.year, day.month, day.day).to_hijri()
        except OverflowError as error:
            raise InvalidInput(
                "date", got=day.isoformat(), expected=f"a day of {FIRST_YEAR} to {LAST_YEAR} AH"
            ) from error
        return cls(hijri.year, hijri.month, hijri.day)

    def to_gregorian(self) -> date:
        """The Gregorian date of the same civil day."""
        gregorian = _checked(self.year, self.month, self.day).to_gregorian()
        return date(gregorian.year, gregorian.month, gregorian.day)

    @staticmethod
    def month_length(year: int, month: int) -> int:
        """The days of a month: 29 or 30, but 28 or 31 in eight months before 1365."""
        return _checked(year, month, 1).month_length()

    @property
    def agreed(self) -> bool:
        """Whether the published tables agree on every day of this year; false marks a provisional date."""
        return self.year in AGREED_YEARS

    @property
    def month_name(self) -> Bilingual:
        """The month's name."""
        return MONTHS[self.month - 1]

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}-{self.day:02d} AH"
