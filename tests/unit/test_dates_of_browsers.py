"""Dates as `Intl.DateTimeFormat` prints them; `data/intl_dates.mjs` makes the table and checks it against Node."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from traffic_booking import HijriDate, InvalidInput, parse_date

TABLE = json.loads((Path(__file__).parents[1] / "data" / "intl-dates.json").read_text(encoding="utf-8"))
FIRST, LAST = date.fromisoformat(TABLE["first"]), date.fromisoformat(TABLE["last"])
DAYS = [FIRST + timedelta(days=after) for after in range((LAST - FIRST).days + 1)]
TWO_DIGITS_FOR_THE_YEAR = {"en short", "ur short"}
SOLAR = {"fa full", "fa long", "fa short"}
MONTH_FIRST = "en-u-ca-islamic-umalqura short"


def dates_in(calendar):
    """Year, month and day of each of `DAYS` in a calendar."""
    if calendar == "gregory":
        return {day: (day.year, day.month, day.day) for day in DAYS}
    dates: dict[date, tuple[int, int, int]] = {}
    starts = [(date.fromisoformat(day), *parts) for day, *parts in TABLE["starts"][calendar]]
    ends = [start[0] for start in starts[1:]] + [LAST + timedelta(days=1)]
    for (start, year, month, day), end in zip(starts, ends, strict=True):
        dates |= {start + timedelta(days=n): (year, month, day + n) for n in range((end - start).days)}
    return dates


DATES = {calendar: dates_in(calendar) for calendar in ("gregory", "islamic-umalqura", "persian")}


def printed(form, day):
    year, month, number = DATES[form["calendar"]][day]
    digits = str.maketrans("0123456789", form["digits"])
    figures = {"d": f"{number}", "dd": f"{number:02d}", "M": f"{month}", "MM": f"{month:02d}"}
    figures |= {"y": f"{year}", "yy": f"{year % 100:02d}"}
    names = {"weekday": form["weekdays"] and form["weekdays"][day.weekday()]}
    names |= {"month": form["months"] and form["months"][month - 1]}
    return form["pattern"].format(**names, **{field: text.translate(digits) for field, text in figures.items()})


def test_the_table_has_every_locale_calendar_and_style_and_our_hijri_dates():
    assert {by for form in TABLE["forms"] for by in form["printed_by"]} == {
        f"{locale}{calendar} {style}"
        for locale in ("ar", "ar-SA", "ar-EG", "en", "en-SA", "fa", "ur")
        for calendar in ("", "-u-ca-islamic-umalqura", "-u-ca-gregory")
        for style in ("full", "long", "medium", "short")
    }
    assert [HijriDate.from_gregorian(day) for day in (FIRST, LAST)] == [HijriDate(1444, 1, 1), HijriDate(1446, 12, 29)]
    for day, parts in DATES["islamic-umalqura"].items():
        assert HijriDate.from_gregorian(day) == HijriDate(*parts)


@pytest.mark.long
@pytest.mark.parametrize("form", TABLE["forms"], ids=lambda form: form["printed_by"][0])
def test_a_date_that_a_browser_prints_is_read_as_its_day_or_refused(form):
    results: Counter[str] = Counter()
    for day in DAYS:
        text = printed(form, day)
        try:
            read = parse_date(text)
        except InvalidInput:
            results["refused"] += 1
        else:
            results["read"] += 1
            assert read.gregorian == day, text
    name = form["printed_by"][0]
    if name in TWO_DIGITS_FOR_THE_YEAR | SOLAR:
        assert results == {"refused": len(DAYS)}
    elif name == MONTH_FIRST:
        both_are_months = [parts for parts in DATES[form["calendar"]].values() if parts[1] != parts[2] <= 12]
        assert results == {"refused": len(both_are_months), "read": len(DAYS) - len(both_are_months)}
    else:
        assert results == {"read": len(DAYS)}
