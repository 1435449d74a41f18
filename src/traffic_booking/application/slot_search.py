"""The pure part of a search: its arguments, and the slots that it finds among the seats that were read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import bookable_slots, day_availability, free_seats, slots_of_days
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.geography import Branch, Coordinates
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, SeatCount, Slot, SlotKey, SlotRange


@frozen
class Search:
    """A service at some branches, between two instants (`until` is exclusive, None for the booking horizon)."""

    service: Service
    branches: tuple[Branch, ...]
    near: Coordinates | None
    from_: datetime
    until: datetime | None
    limit: int


def branches_of(
    catalogue: Catalogue,
    service: str,
    governorate: str | None,
    branch: str | None,
    near: Coordinates | None,
    within_km: float | None,
) -> tuple[Branch, ...]:
    """The branches that a search is about. Raises `InvalidInput`, and `NotFound` for a name."""
    if near is not None and not isinstance(near, Coordinates):
        raise InvalidInput("near", got=type(near).__name__, expected="Coordinates or None")
    if within_km is not None and (near is None or type(within_km) not in {int, float} or not within_km >= 0):
        got = "a distance without a point" if near is None else repr(within_km)[:20]
        raise InvalidInput("within_km", got=got, expected="0 or more, with a point in `near`")
    branches = catalogue.branches_for(service=service, governorate=governorate, near=near)
    wanted = None if branch is None else catalogue.branch(branch).id
    return tuple(
        each
        for each in branches
        if wanted in {None, each.id}
        and (near is None or within_km is None or near.distance_km(each.location) <= within_km)
    )


def free_slots(
    configuration: Configuration,
    search: Search,
    branch: Branch,
    span: SlotRange,
    seats_taken: Mapping[SlotKey, SeatCount],
    now: datetime,
) -> list[AvailableSlot]:
    """The slots of `span` that have a free seat and are offered at `now`, in order."""
    bookable = bookable_slots(configuration, branch, search.service, now)
    distance = search.near.distance_km(branch.location) if search.near else None
    zone = ZoneInfo(branch.time_zone)
    first = span.from_.astimezone(zone).date()
    days = (span.until.astimezone(zone).date() - first).days + 1
    return [
        AvailableSlot(slot=slot, free=free, as_of=now, distance_km=distance)
        for slot in slots_of_days(configuration, branch, search.service, first, days, now)
        if span.from_ <= slot.key.starts_at < span.until and bookable.includes(slot.key)
        if (free := free_seats(slot, seats_taken))
    ]


def month_availability(
    configuration: Configuration,
    branch: Branch,
    service: Service,
    days: Sequence[date],
    seats_taken: Mapping[SlotKey, SeatCount],
    now: datetime,
) -> tuple[DayAvailability, ...]:
    """The availability of each of `days`, which are consecutive; slots that are not offered at `now` count as none."""
    bookable = bookable_slots(configuration, branch, service, now)
    slots: dict[date, list[Slot]] = {day: [] for day in days}
    for slot in slots_of_days(configuration, branch, service, days[0], len(days), now):
        if bookable.includes(slot.key):
            slots[slot.starts_at.date()].append(slot)
    return tuple(day_availability(day, of_day, seats_taken) for day, of_day in slots.items())


def bounds_of(branch: Branch, first: date, last: date) -> tuple[datetime, datetime]:
    """The first instant of the day `first` at a branch, and the first one after the day `last`, in UTC."""
    zone = ZoneInfo(branch.time_zone)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    return start, end


async def async_checkpoint() -> None:
    """Let the other tasks of the event loop run."""
    from asyncio import sleep  # hosts without an event loop do without asyncio

    await sleep(0)


def checkpoint() -> None:
    """Nothing: threads are switched without it."""
