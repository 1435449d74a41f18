"""A civil day in both calendars: stored and sorted as Gregorian, printed either way."""

from datetime import date
from typing import Final

from attrs import frozen

from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.hijri import HijriDate

WEEKDAYS: Final = (
    Bilingual("الاثنين", "Monday"),
    Bilingual("الثلاثاء", "Tuesday"),
    Bilingual("الأربعاء", "Wednesday"),
    Bilingual("الخميس", "Thursday"),
    Bilingual("الجمعة", "Friday"),
    Bilingual("السبت", "Saturday"),
    Bilingual("الأحد", "Sunday"),
)

GREGORIAN_MONTHS: Final = (
    Bilingual("يناير", "January"),
    Bilingual("فبراير", "February"),
    Bilingual("مارس", "March"),
    Bilingual("أبريل", "April"),
    Bilingual("مايو", "May"),
    Bilingual("يونيو", "June"),
    Bilingual("يوليو", "July"),
    Bilingual("أغسطس", "August"),
    Bilingual("سبتمبر", "September"),
    Bilingual("أكتوبر", "October"),
    Bilingual("نوفمبر", "November"),
    Bilingual("ديسمبر", "December"),
)

PROVISIONAL: Final = Bilingual("مبدئي", "provisional")


@frozen(order=True)
class Day:
    """A civil day; `day.gregorian` and `day.hijri` are its two names."""

    gregorian: date

    @property
    def hijri(self) -> HijriDate:
        """The Umm al-Qura date; `hijri.agreed` is false where the published tables dispute it."""
        return HijriDate.from_gregorian(self.gregorian)

    @property
    def weekday(self) -> Bilingual:
        """The name of the weekday."""
        return WEEKDAYS[self.gregorian.weekday()]

    def gregorian_text(self, language: Language) -> str:
        """Such as `22 November 2026`."""
        day = self.gregorian
        return f"{day.day} {GREGORIAN_MONTHS[day.month - 1](language)} {day.year}{' م' if language == 'ar' else ''}"

    def hijri_text(self, language: Language) -> str:
        """Such as `12 Jumada al-Akhirah 1448 AH`; a disputed day is marked provisional."""
        hijri = self.hijri
        text = f"{hijri.day} {hijri.month_name(language)} {hijri.year} {'هـ' if language == 'ar' else 'AH'}"
        return text if hijri.agreed else f"{text} ({PROVISIONAL(language)})"

    def text(self, language: Language) -> str:
        """Weekday and both dates, Hijri first in Arabic, Gregorian first in English."""
        both = [self.gregorian_text(language), self.hijri_text(language)]
        if language == "ar":
            both.reverse()
        return f"{self.weekday(language)}{'، ' if language == 'ar' else ', '}{' – '.join(both)}"

    def __str__(self) -> str:
        return f"{self.gregorian.isoformat()} ({self.hijri})"
