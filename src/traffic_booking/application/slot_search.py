"""The pure part of a search: its arguments, and the slots that it finds among the seats that were read."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import evaluate_slot, free_seats, slots_between
from traffic_booking.domain.places.geography import Branch, Coordinates
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import AvailableSlot, SeatCount, SeatKey, SlotRange
from traffic_booking.domain.values import frozen


@frozen
class Search:
    """A service at some branches, from one bound (inclusive) to another (exclusive); None is open.

    A bound is an instant, or a date, which stands for its midnight at each branch. `asked` are the other arguments: two
    pages are of one search if bounds and arguments are equal.
    """

    service: Service
    branches: tuple[Branch, ...]
    near: Coordinates | None
    from_: date | None
    until: date | None
    limit: int
    asked: tuple[object, ...] = ()

    def window(self, branch: Branch, first: datetime, last: datetime) -> tuple[datetime, datetime]:
        """The instants between which slots at a branch are searched, both within `first` to `last`."""
        start = first if self.from_ is None else max(first, _instant_at(branch, self.from_))
        return start, last if self.until is None else min(last, _instant_at(branch, self.until))


def branches_of(
    catalogue: Catalogue,
    service: str,
    governorate: str | None,
    branch: str | None,
    near: Coordinates | None,
    within_km: float | None,
) -> tuple[Branch, ...]:
    """The branches that a search is about. Raises `NotFound` for a name."""
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
    span: SlotRange,
    seats_taken: Mapping[SeatKey, SeatCount],
    now: datetime,
    *,
    near: Coordinates | None,
    latest_first: bool = False,
) -> Iterator[AvailableSlot]:
    """The slots of `span` that have a free seat and are allowed at `now`, by start; each is evaluated on demand."""
    branch, service = configuration.catalogue.branch(span.branch), configuration.catalogue.service(span.service)
    rulebook, distance = configuration.rulebook(now), near.distance_km(branch.location) if near else None
    for slot in slots_between(configuration, branch, service, span.from_, span.until, latest_first=latest_first):
        free = free_seats(slot.seats, slot.capacity, seats_taken)
        if free and evaluate_slot(rulebook, slot.key, now).granted:
            yield AvailableSlot(slot=slot, free=free, as_of=now, distance_km=distance)


def slot_range(
    configuration: Configuration, branch: Branch, service: Service, from_: datetime, until: datetime
) -> SlotRange:
    """The slots that start in `from_` (inclusive) to `until` (exclusive), with the pool whose seats they have."""
    pool = configuration.catalogue.pool_of(branch.id, service.id)
    return SlotRange(branch=branch.id, service=service.id, from_=from_, until=until, pool=pool)


def bounds_of(branch: Branch, first: date, last: date) -> tuple[datetime, datetime]:
    """The first instant of the day `first` at a branch, and the first one after the day `last`, in UTC."""
    return _instant_at(branch, first), _instant_at(branch, last + timedelta(days=1))


def _instant_at(branch: Branch, bound: date) -> datetime:
    """The bound itself if it is an instant, else the midnight of the day at a branch, in UTC."""
    if isinstance(bound, datetime):
        return bound
    return datetime.combine(bound, time(), ZoneInfo(branch.time_zone)).astimezone(UTC)


async def async_checkpoint() -> None:
    """Let the other tasks of the event loop run."""
    from asyncio import sleep  # hosts without an event loop do without asyncio

    await sleep(0)


def checkpoint() -> None:
    """Nothing: threads are switched without it."""
