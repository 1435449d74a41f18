"""The days of a month, with their seats: of one branch and service, or added up over several.

Made from `traffic_booking.application.month_views` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.application._sync.search_reads import SearchReads
from traffic_booking.application.slot_search import checkpoint, slot_range
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.day_availability import DayAvailability
from traffic_booking.domain.searching.day_rules import DayRules
from traffic_booking.domain.searching.day_sums import DaySum
from traffic_booking.domain.searching.question import bounds_of

DAYS_BETWEEN_CHECKPOINTS: Final = 8
"""How many days of a service at a branch are added up before other tasks of the event loop run."""


def month(
    reads: SearchReads,
    places: Sequence[tuple[Branch, Service]],
    days: Sequence[date],
    now: datetime,
) -> tuple[DayAvailability, ...]:
    """The availability of each of `days`, which are consecutive and in order, over all `places`.

    The cost follows places and days: O(places * days), beside one read of the store. Other tasks have a turn after
    every `DAYS_BETWEEN_CHECKPOINTS` days of a place.
    """
    configuration = reads.configuration()
    configuration.calendars.check_readable()
    last, ranges = horizon(configuration, now), []
    for branch, service in places:
        checkpoint()
        opening, closing = bounds_of(branch, days[0], days[-1])
        first = max(opening, now)
        ranges.append(slot_range(configuration, branch, service, first, max(first, min(closing, last))))
    rules, sums = DayRules(configuration.rulebook(now), now), [DaySum(Day(day)) for day in days]
    counted = reads.seats.seats_taken_by_start(ranges, lapsed_by=now)
    for (branch, service), seats_taken in zip(places, counted, strict=True):
        restrictions = rules.restrictions(branch, service)
        for place, (day, of_day) in enumerate(zip(days, sums, strict=True)):
            if place % DAYS_BETWEEN_CHECKPOINTS == 0:
                checkpoint()
            slots = configuration.slots_of_day(branch, service, day)
            if slots:
                of_day.add(slots, rules.result(restrictions, slots, day), seats_taken)
            else:
                of_day.add_without_slots(configuration, branch)
    found: list[DayAvailability] = []
    for of_day in sums:
        checkpoint()
        found.append(of_day.availability(configuration))
    return tuple(copy_with(each, as_of=reads.as_of) for each in found)
