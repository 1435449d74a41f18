"""Pools of the small town: catalogues whose services share seats, requests for them, and counts by the clock alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from tests.small_town import small_catalogue, small_service
from traffic_booking import Appointment, Booked, Catalogue, Held, Holder, Refused
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import CountersByRange, KeySpan
from traffic_booking.testing import made_up_person

MINUTE = timedelta(minutes=1)


def pooled(*, capacity: int = 2, durations: tuple[int, ...] = (15, 20, 30), pool: str | None = "counters") -> Catalogue:
    """The small town, with these durations of `renewal`, `transfer` and `foreign`; everybody may book `foreign`."""
    plain = small_catalogue(capacity=capacity, pool=pool)
    names = ("renewal", "transfer", "foreign")
    services = tuple(small_service(name, minutes) for name, minutes in zip(names, durations, strict=True))
    return evolve(plain, services=services)


def booked(desk: Any, at: Any, serial: int, *, request_id: str = "") -> Appointment:
    """The appointment of somebody who books that slot."""
    outcome = _book(desk, at, serial, request_id)
    assert isinstance(outcome, Booked), outcome
    return outcome.appointment


def held(desk: Any, at: Any, serial: int) -> Appointment:
    """The hold of somebody at that slot."""
    outcome = desk.hold(at, applicant=made_up_person(serial), request_id=f"hold-{serial}-{at.token}")
    assert isinstance(outcome, Held), outcome
    return outcome.appointment


def refused(desk: Any, at: Any, serial: int, *, request_id: str = "") -> list[tuple[str, Any, Any]]:
    """The broken rules of somebody who asks for that slot, with their observations and limits."""
    outcome = _book(desk, at, serial, request_id)
    assert isinstance(outcome, Refused), outcome
    return [(each.rule_id, each.observed, each.limit) for each in outcome.verdicts]


def _book(desk: Any, at: Any, serial: int, request_id: str) -> Any:
    request_id = request_id or f"book-{serial}-{at.token}"
    return desk.book(at, applicant=made_up_person(serial, Holder.CITIZEN), agreed=True, request_id=request_id)


def counts(store: Any) -> dict[str, int]:
    """The counts of seats in a store that are not 0."""
    return dict(store.read([CountersByRange(SEATS.name, [KeySpan()])])[0][0])


def most_at_once(appointments: Iterable[Appointment]) -> int:
    """The most of these appointments, all of which have a seat, that are under way at one moment."""
    times = [(each.slot.starts_at, each.slot_ends_at) for each in appointments if each.has_seat]
    return max((sum(start <= moment < end for start, end in times) for moment, _ in times), default=0)


def free_at(appointments: Iterable[Appointment], starts_at: datetime, ends_at: datetime, capacity: int) -> int:
    """The seats that are free during all of these hours."""
    times = [(each.slot.starts_at, each.slot_ends_at) for each in appointments if each.has_seat]
    moments = [starts_at, *(start for start, _ in times if starts_at < start < ends_at)]
    return max(0, capacity - max(sum(start <= moment < end for start, end in times) for moment in moments))
