"""The invariants of a store: true at every moment, after any requests and under any faults."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from attrs import field, frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.audit.invariants import broken_in_appointment, broken_in_slot, seat_name
from traffic_booking.domain.audit.stored import StoredSlot
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import Pool, PoolId, PoolStep, SlotKey, SlotRange, seat_order
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store

ALL_OF_A_STORE = 1_000_000


@frozen(kw_only=True)
class Limits:
    """How many active appointments a person may have: for one service, in all, and how many of them as holds."""

    per_service: int
    in_all: int
    holds: int


@frozen(kw_only=True)
class Watched:
    """The scope of a check: every booked slot with its capacity, and the limits of everybody who books.

    `pools` has the pools of the slots that are in one.
    """

    capacities: Mapping[SlotKey, int]
    limits: Limits
    pools: Mapping[SlotKey, Pool] = field(factory=dict)


def broken_invariants(store: Store, watched: Watched, now: datetime) -> tuple[str, ...]:
    """A sentence for each broken invariant at `now`; none of them names a person.

    Use it on a small store that nobody writes to meanwhile: it reads everything, in several calls.

    Example: `assert broken_invariants(store, watched, clock.now()) == ()`.
    """
    book = AppointmentBook(store)
    stored = book.stored_appointments(after=None, limit=ALL_OF_A_STORE)
    everything = [each.appointment for each in stored if each.appointment is not None]
    broken = [*_of_slots(book, watched, everything, now)]
    of_persons = defaultdict[Applicant, list[Appointment]](list)
    for each in everything:
        of_persons[each.applicant].append(each)
    for theirs in of_persons.values():
        faults = _of_person(theirs, watched.limits, now)
        broken += [f"the person of {theirs[0].number}: {fault}" for fault in faults]
    broken += [str(fault) for each in stored for fault in broken_in_appointment(each)]
    return tuple(broken)


def _of_slots(
    book: AppointmentBook, watched: Watched, everything: Sequence[Appointment], now: datetime
) -> Iterator[str]:
    counted = {each.seat: each for each in book.audit_slots(after=None, limit=ALL_OF_A_STORE)}
    seated = Counter(seat for each in everything if each.has_seat for seat in each.seats)
    for seat in sorted({*counted, *seated}, key=seat_order):
        stored = counted.get(seat) or StoredSlot(seat, 0, seated[seat])
        yield from map(str, broken_in_slot(stored))
        capacity = watched.capacities.get(seat, stored.seats_taken) if isinstance(seat, SlotKey) else stored.seats_taken
        if stored.seats_taken > capacity:
            yield f"{seat_name(seat)}: {stored.seats_taken} seats taken; expected at most {capacity}"
    yield from _of_pools(watched, everything)
    yield from _of_holds_run_out(book, watched, everything, now)


def _of_pools(watched: Watched, everything: Sequence[Appointment]) -> Iterator[str]:
    """The moments at which a pool has more appointments than seats, however they are counted."""
    pools = defaultdict[tuple[str, str], list[SlotKey]](list)
    for key, pool in watched.pools.items():
        pools[key.branch, pool.id].append(key)
    for (branch, name), keys in pools.items():
        capacity = max(watched.capacities[key] for key in keys)
        there = [each for each in everything if each.has_seat and each.slot in keys]
        for moment in sorted({each.slot.starts_at for each in there}):
            beside = sum(each.slot.starts_at <= moment < each.slot_ends_at for each in there)
            if beside > capacity:
                step = seat_name(PoolStep(BranchId(branch), PoolId(name), moment))
                yield f"{step}: {beside} appointments at once; expected at most {capacity}"


def _of_holds_run_out(
    book: AppointmentBook, watched: Watched, everything: Sequence[Appointment], now: datetime
) -> Iterator[str]:
    just_after = timedelta(microseconds=1)
    counted = book.seats_taken(
        [
            SlotRange(
                branch=key.branch,
                service=key.service,
                from_=key.starts_at,
                until=key.starts_at + just_after,
                pool=watched.pools.get(key),
            )
            for key in watched.capacities
        ],
        lapsed_by=now,
    )
    run_out = (hold for hold in everything if hold.hold_ends_at is not None and hold.hold_ends_at <= now)
    lapsed = Counter(seat for hold in run_out for seat in hold.seats)
    for seat, count in counted.items():
        if count.lapsed != lapsed[seat]:
            yield f"{seat_name(seat)}: {count.lapsed} holds counted as run out; expected {lapsed[seat]}"


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
