"""The weeks of a month, and its days in both calendars, for the grids that the shell draws."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from traffic_booking import Bilingual, Day, Language
from traffic_booking.cli import words
from traffic_booking.cli.reply import GridCell, MonthGrid

WEEK: Final = 7
_SUNDAY: Final = dt.date(2026, 11, 22)
_SHORT_NAME: Final = 3


def month_grid(first: Day, cells: Sequence[GridCell], legend: Sequence[tuple[str, str, Bilingual]] = ()) -> MonthGrid:
    """The days of a month by weeks, from Sunday on; `first` is that of the first cell."""
    placed: list[GridCell | None] = [None] * (first.gregorian.isoweekday() % WEEK)
    placed += cells
    placed += [None] * (-len(placed) % WEEK)
    weeks = [placed[start : start + WEEK] for start in range(0, len(placed), WEEK)]
    weekdays = [Day(_SUNDAY + dt.timedelta(days=offset)).weekday for offset in range(WEEK)]
    headers = tuple(Bilingual(name.ar, name.en[:_SHORT_NAME]) for name in weekdays)
    return MonthGrid(headers=headers, weeks=weeks, legend=tuple(legend))


def in_both(day: Day, language: Language, *, is_hijri: bool) -> str:
    """A day in both calendars, that of the month first; the Gregorian date alone beyond the Hijri table."""
    gregorian = day.gregorian_text(language)
    if not day.has_hijri:
        return gregorian
    hijri = day.hijri_text(language)
    return f"{hijri} – {gregorian}" if is_hijri else f"{gregorian} – {hijri}"


def in_figures(day: Day, *, is_hijri: bool, mark: str = "") -> tuple[str, str]:
    """The day's number, and its date in the other calendar; `mark` stands at the Hijri one."""
    gregorian, hijri = f"{day.gregorian:%m-%d}", words.hijri_date(day)[-5:]
    return (f"{day.hijri.day}{mark}", gregorian) if is_hijri else (str(day.gregorian.day), hijri + mark)


def is_disputed(day: Day) -> bool:
    """True if the published tables differ about the Hijri date."""
    return day.has_hijri and not day.hijri.agreed
