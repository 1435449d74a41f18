"""The free slots that are nearest to one that has no free seat."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain, islice
from typing import Final

from traffic_booking.application.slot_search import async_checkpoint, free_slots, slot_range
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.schedule.slots import AvailableSlot, SlotKey
from traffic_booking.persistence.seat_book import AsyncSeatBook

STRIDE_DAYS: Final = 7
"""How many days before and after the slot are read at first; then twice as many."""


async def nearest(
    book: AsyncSeatBook,
    configuration: Configuration,
    asked: SlotKey,
    wanted: int,
    now: datetime,
    *,
    without: SlotKey | None = None,
    branches: Collection[str] | None = None,
) -> tuple[AvailableSlot, ...]:
    """At most `wanted` other slots for the same service that have a free seat and are allowed now.

    Not the slot `without`, and at `branches` alone if they are given. First those within 7 days before or after: at the
    same branch, the nearest in time first, then at the other branches of the governorate, the nearest branch first.
    Then, in the same order, those within 14 days, within 28, and so on. None if the catalogue no longer has the branch
    or the service.
    """
    configuration.calendars.check_readable()
    try:
        branch, service = configuration.catalogue.branch(asked.branch), configuration.catalogue.service(asked.service)
    except NotFound:
        return ()
    offering = configuration.catalogue.branches_for(
        service=service.id, governorate=branch.governorate, near=branch.location
    )
    allowed = [each for each in offering if branches is None or each.id in branches]
    groups = [[each for each in allowed if (each.id == branch.id) is own] for own in (True, False)]
    last = horizon(configuration, now)
    centre = min(max(asked.starts_at, now), last)
    found: list[AvailableSlot] = []
    near, far = timedelta(), timedelta(days=STRIDE_DAYS)
    while len(found) < wanted and (now < centre - near or centre + near < last):
        sides = [(max(now, centre - far), centre - near), (centre + near, min(last, centre + far))]
        for group in groups:
            if not group or len(found) >= wanted:
                continue
            spans = [
                [slot_range(configuration, each, service, *side) for side in sides if side[0] < side[1]]
                for each in group
            ]
            seats_taken = await book.seats_taken([*chain(*spans)], lapsed_by=now)
            for of_branch in spans:
                await async_checkpoint()
                slots = [
                    free_slots(
                        configuration, span, seats_taken, now, near=branch.location, latest_first=span.until <= centre
                    )
                    for span in of_branch
                ]
                by_nearness = merge(*slots, key=lambda each: abs(each.slot.key.starts_at - asked.starts_at))
                found += islice((each for each in by_nearness if each.key not in {asked, without}), wanted - len(found))
        near, far = far, far * 2
    return tuple(found)
