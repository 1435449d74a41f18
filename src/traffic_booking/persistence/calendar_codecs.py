"""Days as text for machines: ISO 8601 in the Gregorian calendar, with RFC 9557's suffix where a day is Hijri.

`2024-03-11` is a date or a `Day`; `2024-03-11[u-ca=islamic-umalqura]` is the `HijriDate` 1445-09-01. Both are one day.
"""

import re
from datetime import date
from typing import Any, Final

from cattrs import Converter

from traffic_booking.domain.calendars.date_reading import HIJRI
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate

HIJRI_SUFFIX: Final = f"[u-ca={HIJRI}]"

_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def register_calendar_forms(converter: Converter) -> None:
    """Teach `converter` dates, `Day` and `HijriDate`; reading is strict, and fails with `ValueError` or `TypeError`."""
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: _gregorian(text))
    converter.register_unstructure_hook(Day, lambda day: day.gregorian.isoformat())
    converter.register_structure_hook(Day, lambda text, _: Day(_gregorian(text)))
    converter.register_unstructure_hook(HijriDate, hijri_text)
    converter.register_structure_hook(HijriDate, lambda text, _: _hijri(text))


def hijri_text(day: HijriDate) -> str:
    """The machine form of a Hijri date: its Gregorian day, and the calendar in which it is to be shown."""
    return day.to_gregorian().isoformat() + HIJRI_SUFFIX


def _gregorian(text: Any) -> date:
    if type(text) is not str or not _ISO.fullmatch(text):
        raise TypeError("got something else; expected a date such as 2024-03-11")
    return date.fromisoformat(text)


def _hijri(text: Any) -> HijriDate:
    if type(text) is not str or not text.endswith(HIJRI_SUFFIX):
        raise TypeError(f"got something else; expected a date such as 2024-03-11{HIJRI_SUFFIX}")
    return HijriDate.from_gregorian(_gregorian(text.removesuffix(HIJRI_SUFFIX)))
