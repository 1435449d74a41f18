"""The costs of dates and working days, compared with floors measured in the same run, turn by turn.

- `conversion_to_hijridate`: Gregorian to Hijri, each day of 1420 to 1450 AH once, divided by `hijridate`'s time for the
  same. Wanted: 0.35 or less. `first_conversion_to_hijridate` is the same with nothing cached; no target.
- `working_day_to_hijridate`: whether a day is worked, for the same days and with their years computed beforehand,
  divided by `hijridate`'s time to convert them. Wanted: 0.91 or less (1.0 µs if a conversion takes 1.1).
- `stretch_to_loop`: the worked days among 30, divided by a loop written by hand that has the same holidays in a
  dictionary and the weekend as two numbers. Wanted: 1.5 or less.
- `slots_first_to_hijridate`: the slots of one branch-day with 40 starts, divided by one conversion of `hijridate`'s.
  Only the worked days of the year are cached. Wanted: 27 or less (30 µs if a conversion takes 1.1).
- `slots_again_to_hijridate`: the slots of the same day once more. Wanted: 1.8 or less (2 µs).
- `timetable_to_loop`: the starts and capacities of a branch for 30 days, divided by a loop written by hand that has
  the days and the hours. Wanted: 1.5 or less. `slot_values_to_loop` also makes a `Slot` of each; no target.
- `cached_days_mb`: megabytes that 4,096 branch-days take, the most that a desk caches.
- `year_us`: microseconds to compute a year that is not cached; no target.
"""

import argparse
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median

from attrs import evolve
from hijridate import Gregorian

from benchmarks._in_turns import seconds_in_turns, show
from traffic_booking import HijriDate, shipped_catalogue, shipped_rulebook
from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain.calendars import hijri
from traffic_booking.domain.configuration import CACHED_DAYS, Configuration
from traffic_booking.domain.schedule import day_slots
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars

FIRST, LAST = date(1999, 4, 17), date(2029, 8, 10)
DAYS = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
STRETCHES = [date(year, month, 1) for year in range(2014, 2027) for month in range(1, 13)]
CALENDAR = load_working_calendar()
CONFIGURATION = Configuration(shipped_catalogue(), shipped_rulebook(), BranchCalendars(CALENDAR))
BRANCH = next(branch for branch in CONFIGURATION.catalogue.branches if branch.timetable == "large")
SERVICE = CONFIGURATION.catalogue.service("licence-renewal")
TIMETABLE = CONFIGURATION.catalogue.timetable(BRANCH)
SOME_DAYS = [day for day in DAYS[-800:] if CALENDAR.working_day(day).hours is None and CALENDAR.working_day(day).open]
MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in (6, 7, 8, 10, 11)]
SHIFTS = [(shift.opens_minute, shift.closes_minute, shift.capacity) for shift in TIMETABLE.shifts(SERVICE.id)[:2]]
ONE = timedelta(days=1)
AHEAD = timedelta(hours=3)
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
    """Ten years that a fresh calendar has not computed before."""
    fresh = evolve(CALENDAR)
    for year in range(2015, 2025):
        fresh.working_day(date(year, 1, 1))


def slots_at_first() -> None:
    fresh = evolve(CONFIGURATION)
    day_slots._day_in_zone.cache_clear()  # noqa: SLF001 - nothing may be cached
    for day in SOME_DAYS:
        TIMETABLE._patterns.clear()  # noqa: SLF001 - nothing may be cached
        fresh.slots_of_day(BRANCH, SERVICE, day)


def slots_again() -> None:
    for day in SOME_DAYS:
        CONFIGURATION.slots_of_day(BRANCH, SERVICE, day)


def conversions() -> None:
    for day in SOME_DAYS:
        Gregorian(day.year, day.month, day.day).to_hijri()


def timetables() -> list[list[tuple[datetime, int]]]:
    """The starts of 30 days and their capacities, for days that are not cached."""
    fresh = evolve(CONFIGURATION)
    found = []
    for first in MONTHS:
        days = [fresh.slots_of_day(BRANCH, SERVICE, first + timedelta(days=after)) for after in range(30)]
        found.append([start for day in days for start in zip(day.starts, day.capacities, strict=True)])
    return found


def slot_values() -> None:
    fresh = evolve(CONFIGURATION)
    for first in MONTHS:
        for after in range(30):
            list(fresh.slots_of_day(BRANCH, SERVICE, first + timedelta(days=after)))


def timetables_by_hand(holidays: Mapping[date, object]) -> list[list[tuple[datetime, int]]]:
    """The same, written by hand for Riyadh."""
    found = []
    step = SERVICE.duration_minutes
    for first in MONTHS:
        starts = []
        day = first
        for _ in range(30):
            if day not in holidays and day.weekday() not in (FRIDAY, SATURDAY):
                midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - AHEAD
                for opens, closes, capacity in SHIFTS:
                    minutes = range(opens, closes - step + 1, step)
                    starts += [(midnight + timedelta(minutes=minute), capacity) for minute in minutes]
            day += ONE
        found.append(starts)
    return found


def cached_days_mb() -> float:
    """The megabytes of all branch-days that a desk caches at most."""
    tracemalloc.start()
    fresh = evolve(CONFIGURATION)
    before, _ = tracemalloc.get_traced_memory()
    for branch in CONFIGURATION.catalogue.branches:
        for day in SOME_DAYS:
            if len(fresh._days) < CACHED_DAYS - 1:  # noqa: SLF001 - the cache is measured
                fresh.slots_of_day(branch, SERVICE, day)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(fresh._days) * CACHED_DAYS / 1e6  # noqa: SLF001 - as above


def seconds(contenders: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """The median time of each, all in turns, without the first turn."""
    each = {name: partial(_again, work) for name, work in contenders.items()}
    times = seconds_in_turns(each, turns + 1)
    return {name: median(took[1:]) for name, took in times.items()}


def _again(work: Callable[[], object], _turn: int) -> object:
    return work()


def measure(turns: int) -> dict[str, float | int]:
    """All ratios, and the times that they come from."""
    working_days()
    known = [CALENDAR.working_day(day) for day in DAYS]
    holidays = {each.day: each.rules for each in known if not each.open}
    assert stretches() == loops(holidays), "the loop by hand finds the same days"
    assert timetables() == timetables_by_hand(holidays), "the loop by hand finds the same slots"
    took = seconds(
        {
            "some": conversions,
            "slots_at_first": slots_at_first,
            "slots_again": slots_again,
            "timetables": timetables,
            "slot_values": slot_values,
            "timetables_by_hand": lambda: timetables_by_hand(holidays),
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
        "slots_first_to_hijridate": round(took["slots_at_first"] / took["some"], 2),
        "slots_again_to_hijridate": round(took["slots_again"] / took["some"], 3),
        "timetable_to_loop": round(took["timetables"] / took["timetables_by_hand"], 3),
        "slot_values_to_loop": round(took["slot_values"] / took["timetables_by_hand"], 3),
        "cached_days_mb": round(cached_days_mb(), 2),
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
    show(found, as_json=options.json, width=32)
