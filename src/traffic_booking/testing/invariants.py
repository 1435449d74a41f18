"""What holds of a store at every moment, whatever was asked of it, by whom and under which faults."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import pairwise

from attrs import frozen

from traffic_booking.domain.appointments import Appointment, AppointmentState, evolve
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.ports.store import Store

ALL_OF_A_PERSON = 10_000


@frozen(kw_only=True)
class Limits:
    """How many active appointments a person may have: for one service, in all, and of these as holds."""

    per_service: int
    in_all: int
    holds: int


@frozen(kw_only=True)
class Watched:
    """What to look at: every slot that is booked, with its capacity; everybody who books; the limits that bind them."""

    capacities: Mapping[SlotKey, int]
    people: tuple[PersonId, ...]
    limits: Limits


def broken_invariants(store: Store, watched: Watched, now: datetime) -> tuple[str, ...]:
    """A sentence for each thing that is wrong at `now`; none of them names a person.

    It reads call by call, so that nobody may write meanwhile. Everybody with a seat in a watched slot has to be among
    the people.
    """
    found = {person: store.appointments_of(person, limit=ALL_OF_A_PERSON) for person in watched.people}
    everything = [appointment for theirs in found.values() for appointment in theirs]
    broken = [*_of_seats(store, watched, everything, now)]
    for place, theirs in enumerate(found.values(), 1):
        broken += [f"person {place} of those watched: {fault}" for fault in _of_person(theirs, watched.limits, now)]
    for appointment in everything:
        broken += _of_events(store, appointment)
    return tuple(broken)


def _of_seats(store: Store, watched: Watched, everything: Sequence[Appointment], now: datetime) -> Iterator[str]:
    just_after = timedelta(microseconds=1)
    counted = store.taken(
        [
            SlotRange(branch=key.branch, service=key.service, from_=key.starts_at, until=key.starts_at + just_after)
            for key in watched.capacities
        ],
        lapsed_by=now,
    )
    seated = Counter(appointment.slot for appointment in everything if appointment.has_seat)
    lapsed = Counter(hold.slot for hold in everything if hold.hold_ends_at is not None and hold.hold_ends_at <= now)
    for key, capacity in watched.capacities.items():
        taken = counted.get(key, Taken(0))
        name = f"{key.branch}, {key.service}, {key.starts_at:%Y-%m-%d %H:%M}"
        if taken.seats > capacity:
            yield f"{name}: {taken.seats} seats taken; expected at most {capacity}"
        if taken.seats != seated[key]:
            yield f"{name}: {taken.seats} seats taken; expected {seated[key]}, one for each appointment or hold"
        if taken.lapsed != lapsed[key]:
            yield f"{name}: {taken.lapsed} holds counted as run out; expected {lapsed[key]}"


def _of_person(theirs: Sequence[Appointment], limits: Limits, now: datetime) -> Iterator[str]:
    active = sorted((one for one in theirs if one.is_active(now)), key=lambda one: one.slot.starts_at)
    holds = sum(one.state is AppointmentState.HELD for one in active)
    if len(active) > limits.in_all:
        yield f"{len(active)} active appointments; expected at most {limits.in_all}"
    if holds > limits.holds:
        yield f"{holds} holds; expected at most {limits.holds}"
    for service, times in Counter(one.slot.service for one in active).items():
        if times > limits.per_service:
            yield f"{times} active appointments for {service}; expected at most {limits.per_service}"
    for before, after in pairwise(active):
        if after.slot.starts_at < before.slot_ends_at:
            yield f"{before.number} and {after.number} overlap; expected one after the other"


def _of_events(store: Store, appointment: Appointment) -> Iterator[str]:
    events = store.history(appointment.number)
    versions = [event.version for event in events]
    if versions != list(range(1, appointment.version + 1)):
        yield f"{appointment.number}: events {versions}; expected 1 to {appointment.version}"
    elif reduce(evolve, events, None) != appointment:
        yield f"{appointment.number}: its events tell another story than its row; expected the same"
