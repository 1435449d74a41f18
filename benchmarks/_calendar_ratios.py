"""What dates and working days cost, against floors measured in the same run, turn by turn.

- `conversion_to_hijridate`: Gregorian to Hijri, each day of 1420 to 1450 AH once, divided by `hijridate`'s time for the
  same. Wanted: 0.35 or less. `first_conversion_to_hijridate` is the same with nothing remembered; no target.
- `working_day_to_hijridate`: whether a day is worked, for the same days, years reckoned beforehand, divided by
  `hijridate`'s time to convert them. Wanted: 0.91 or less (1.0 µs where a conversion takes 1.1).
- `stretch_to_loop`: the worked days among 30, divided by a loop written by hand that knows the same holidays as a
  dictionary and the weekend as two numbers. Wanted: 1.5 or less.
- `year_us`: microseconds to reckon a year that nobody has asked for; no target.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from attrs import evolve
from hijridate import Gregorian

from traffic_booking import HijriDate
from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain import hijri

FIRST, LAST = date(1999, 4, 17), date(2029, 8, 10)
DAYS = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
STRETCHES = [date(year, month, 1) for year in range(2014, 2027) for month in range(1, 13)]
CALENDAR = load_working_calendar()
ONE = timedelta(days=1)
FRIDAY = 4
SATURDAY = 5


def by_hijridate() -> None:
    for day in DAYS:
        Gregorian(day.year, day.month, day.day).to_hijri()


def by_us() -> None:
    for day in DAYS:
        HijriDate.from_gregorian(day)


def by_us_at_first() -> None:
    hijri._of_ordinal.cache_clear()  # noqa: SLF001 - the first conversion of a day is what is measured
    by_us()


def working_days() -> None:
    for day in DAYS:
        CALENDAR.working_day(day)


def stretches() -> list[list[date]]:
    """The worked days among 30, from the calendar."""
    found = []
    for first in STRETCHES:
        worked = [each.day for each in CALENDAR.working_days(first, 30) if each.open]
        found.append(worked)
    return found


def loops(holidays: Mapping[date, object]) -> list[list[date]]:
    """The same, written by hand."""
    found = []
    for first in STRETCHES:
        worked = []
        day = first
        for _ in range(30):
            if day not in holidays and day.weekday() not in (FRIDAY, SATURDAY):
                worked.append(day)
            day += ONE
        found.append(worked)
    return found


def years() -> None:
    """Ten years that a fresh calendar has never been asked about."""
    fresh = evolve(CALENDAR)
    for year in range(2015, 2025):
        fresh.working_day(date(year, 1, 1))


def seconds(contenders: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """The median time of each, all in turns; the one that goes first changes from turn to turn."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(turns + 1):
        for name in names if turn % 2 else reversed(names):
            start = perf_counter()
            contenders[name]()
            times[name].append(perf_counter() - start)
    return {name: median(taken[1:]) for name, taken in times.items()}


def measure(turns: int) -> dict[str, float | int]:
    """All ratios, and the times that they come from."""
    working_days()
    known = [CALENDAR.working_day(day) for day in DAYS]
    holidays = {each.day: each.rules for each in known if not each.open}
    assert stretches() == loops(holidays), "the loop by hand finds the same days"
    took = seconds(
        {
            "hijridate": by_hijridate,
            "ours": by_us,
            "ours_at_first": by_us_at_first,
            "working_day": working_days,
            "stretch": stretches,
            "loop": lambda: loops(holidays),
            "years": years,
        },
        turns,
    )
    each = 1e6 / len(DAYS)
    return {
        "days": len(DAYS),
        "turns": turns,
        "conversion_to_hijridate": round(took["ours"] / took["hijridate"], 3),
        "first_conversion_to_hijridate": round(took["ours_at_first"] / took["hijridate"], 3),
        "working_day_to_hijridate": round(took["working_day"] / took["hijridate"], 3),
        "stretch_to_loop": round(took["stretch"] / took["loop"], 3),
        "hijridate_us": round(took["hijridate"] * each, 3),
        "conversion_us": round(took["ours"] * each, 3),
        "working_day_us": round(took["working_day"] * each, 3),
        "stretch_us": round(took["stretch"] / len(STRETCHES) * 1e6, 2),
        "loop_us": round(took["loop"] / len(STRETCHES) * 1e6, 2),
        "year_us": round(took["years"] / 10 * 1e6, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15, help="how often each is measured (default 15)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    found = measure(options.turns)
    if options.json:
        json.dump(found, sys.stdout)
        print()
        return
    for name, value in found.items():
        print(f"{name:>32}  {value}")
