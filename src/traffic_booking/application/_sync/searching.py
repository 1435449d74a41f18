"""Looking for slots: the earliest across branches, and a month day by day. Reading only.

Made from `traffic_booking.application.searching` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from traffic_booking.application.waiting import checkpoint
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import day_availability, free_seats, offer_of, slots_of_days
from traffic_booking.domain.places.geography import Branch, Coordinates
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, Slot, SlotRange
from traffic_booking.persistence._sync.appointment_book import AppointmentBook

STRIDE_DAYS: Final = 7
"""How many days are looked at in one read; most searches end in the first."""


@frozen(kw_only=True)
class Search:
    """What to look for: a service at some branches, between two instants (until is exclusive), soonest first.

    At the same instant the nearer branch comes first, then the one that stands first in `branches`.
    """

    service: Service
    branches: tuple[Branch, ...]
    from_: datetime
    until: datetime
    near: Coordinates | None
    limit: int


def find(
    book: AppointmentBook, configuration: Configuration, search: Search, now: datetime
) -> tuple[AvailableSlot, ...]:
    """At most `search.limit` slots with a free seat that are offered now."""
    configuration.calendars.check_readable()
    found: list[AvailableSlot] = []
    start = search.from_
    while start < search.until and len(found) < search.limit and search.branches:
        end = min(search.until, start + timedelta(days=STRIDE_DAYS))
        found += _within(book, configuration, search, start, end, now)
        start = end
    return tuple(found[: search.limit])


def month(
    book: AppointmentBook,
    configuration: Configuration,
    branch: Branch,
    service: Service,
    days: Sequence[date],
    now: datetime,
) -> tuple[DayAvailability, ...]:
    """The availability of each of `days` (consecutive, in order); what isn't offered now counts as none."""
    configuration.calendars.check_readable()
    zone = ZoneInfo(branch.time_zone)
    start = datetime.combine(days[0], time(), zone).astimezone(UTC)
    end = datetime.combine(days[-1] + timedelta(days=1), time(), zone).astimezone(UTC)
    seats_taken = book.seats_taken(
        [SlotRange(branch=branch.id, service=service.id, from_=start, until=end)], lapsed_by=now
    )
    offer = offer_of(configuration, branch, service, now)
    slots: dict[date, list[Slot]] = {day: [] for day in days}
    for slot in slots_of_days(configuration, branch, service, days[0], len(days), now):
        if offer.includes(slot.key):
            slots[slot.starts_at.date()].append(slot)
    return tuple(day_availability(day, of_day, seats_taken) for day, of_day in slots.items())


def _within(
    book: AppointmentBook,
    configuration: Configuration,
    search: Search,
    start: datetime,
    end: datetime,
    now: datetime,
) -> list[AvailableSlot]:
    ranges = [
        SlotRange(branch=branch.id, service=search.service.id, from_=start, until=end) for branch in search.branches
    ]
    seats_taken = book.seats_taken(ranges, lapsed_by=now)
    found: list[tuple[datetime, float, int, AvailableSlot]] = []
    for order, branch in enumerate(search.branches):
        checkpoint()
        offer = offer_of(configuration, branch, search.service, now)
        distance = search.near.distance_km(branch.location) if search.near else None
        for slot in _slots_between(configuration, branch, search.service, start, end, now):
            free = free_seats(slot, seats_taken) if offer.includes(slot.key) else 0
            if free:
                available = AvailableSlot(slot=slot, free=free, as_of=now, distance_km=distance)
                found.append((slot.key.starts_at, distance or 0.0, order, available))
    found.sort(key=lambda entry: entry[:3])
    return [available for *_, available in found]


def _slots_between(
    configuration: Configuration, branch: Branch, service: Service, start: datetime, end: datetime, now: datetime
) -> list[Slot]:
    zone = ZoneInfo(branch.time_zone)
    first = start.astimezone(zone).date()
    days = (end.astimezone(zone).date() - first).days + 1
    slots = slots_of_days(configuration, branch, service, first, days, now)
    return [slot for slot in slots if start <= slot.key.starts_at < end]
