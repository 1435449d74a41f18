"""Reads slots and days: free slots, the seats of a month, and the appointments that a calendar change affects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.application.slot_search import Search, async_checkpoint, bounds_of, free_slots, month_availability
from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, SlotRange
from traffic_booking.persistence.seat_book import AsyncSeatBook

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.schedule.entries import CalendarRecord
    from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

STRIDE_DAYS: Final = 7
"""How many days are read at once; most searches end in the first read."""
DAYS_AHEAD: Final = 367
"""No rulebook lets anybody book further ahead than 366 days."""


async def find(
    book: AsyncSeatBook, configuration: Configuration, search: Search, now: datetime
) -> tuple[AvailableSlot, ...]:
    """At most `search.limit` slots with a free seat that are offered now, the soonest first.

    At the same instant the nearer branch comes first, then the one that is listed first in `search.branches`.
    """
    configuration.calendars.check_readable()
    last = now + horizon(configuration, now) + timedelta(microseconds=1)
    until = last if search.until is None else min(last, search.until)
    found: list[AvailableSlot] = []
    start = search.from_
    while start < until and len(found) < search.limit and search.branches:
        end = min(until, start + timedelta(days=STRIDE_DAYS))
        spans = [
            SlotRange(branch=each.id, service=search.service.id, from_=start, until=end) for each in search.branches
        ]
        seats_taken = await book.seats_taken(spans, lapsed_by=now)
        there: list[AvailableSlot] = []
        for branch, span in zip(search.branches, spans, strict=True):
            await async_checkpoint()
            there += free_slots(configuration, search, branch, span, seats_taken, now)
        found += sorted(there, key=lambda each: (each.slot.key.starts_at, each.distance_km or 0.0))
        start = end
    return tuple(found[: search.limit])


async def month(
    book: AsyncSeatBook,
    configuration: Configuration,
    branch: Branch,
    service: Service,
    days: Sequence[date],
    now: datetime,
) -> tuple[DayAvailability, ...]:
    """The availability of each of `days`, which are consecutive and in order."""
    configuration.calendars.check_readable()
    start, end = bounds_of(branch, days[0], days[-1])
    span = SlotRange(branch=branch.id, service=service.id, from_=start, until=end)
    seats_taken = await book.seats_taken([span], lapsed_by=now)
    return month_availability(configuration, branch, service, days, seats_taken, now)


async def affected_by(
    book: AsyncAppointmentBook, configuration: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    """The live appointments that `record` affects, in the order of their start.

    If the record has been added already: those that it affected and that have not got their slot and seat back since.
    If two records affect the same appointments, the earlier record has them until it is withdrawn. A withdrawn record
    affects none.
    """
    from traffic_booking.domain.schedule.exceptions import BranchException

    calendars = configuration.calendars
    if not calendars.holds(record):
        if isinstance(record, BranchException):
            configuration.catalogue.branch(record.branch)
        return await _affected(book, configuration, configuration.after(record), record, now)
    if calendars.has_withdrawn(record):
        return []
    before = configuration.before(record)
    lost = {appointment.number for appointment in await _affected(book, before, configuration, record, now)}
    return [each for each in await _affected(book, before, before.joined(record), record, now) if each.number in lost]


async def _affected(
    book: AsyncAppointmentBook, before: Configuration, after: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    from traffic_booking.domain.decisions.declaring import affected, changed_days
    from traffic_booking.domain.schedule.exceptions import BranchException

    found: list[Appointment] = []
    for branch in after.catalogue.branches:
        if not isinstance(record, BranchException) or record.branch == branch.id:
            for day in changed_days(before, after, branch, civil_day(branch, now), DAYS_AHEAD):
                start, end = bounds_of(branch, day, day)
                there = await book.appointments_at(branch.id, from_=start, until=end)
                found += affected(before, after, [each for each in there if each.is_active(now)])
    return sorted(found, key=lambda appointment: (appointment.slot.starts_at, appointment.number))
