"""Ranges of seats, free slots among them, and the turns of other tasks: the searches of the store share them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import evaluate_slot, free_seats, slots_between
from traffic_booking.domain.places.geography import Branch, Coordinates
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import AvailableSlot, SeatCount, SeatKey, SlotRange


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


async def async_checkpoint() -> None:
    """Let the other tasks of the event loop run."""
    from asyncio import sleep  # hosts without an event loop do without asyncio

    await sleep(0)


def checkpoint() -> None:
    """Nothing: threads are switched without it."""
