"""Looking ahead to a change of the working calendar: whom it hits."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.decisions.declaring import affected, changed_days
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.exceptions import BranchException
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook

DAYS_AHEAD: Final = 367
"""No rulebook lets anybody book further ahead than 366 days."""


async def affected_by(
    book: AsyncAppointmentBook, configuration: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    """The live appointments that `record` hits, in the order of their start.

    Of a record that has been added already: those that it hit and that have not got their slot and seat back since. Of
    two that hit the same people the earlier has them, until it is withdrawn; one that is withdrawn hits nobody.
    """
    calendars = configuration.calendars
    if not calendars.holds(record):
        if isinstance(record, BranchException):
            configuration.catalogue.branch(record.branch)
        return await _hit(book, configuration, configuration.after(record), record, now)
    if calendars.has_withdrawn(record):
        return []
    before = configuration.before(record)
    lost = {appointment.number for appointment in await _hit(book, before, configuration, record, now)}
    return [each for each in await _hit(book, before, before.joined(record), record, now) if each.number in lost]


async def _hit(
    book: AsyncAppointmentBook, before: Configuration, after: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    hit = [
        appointment
        for branch in _branches(after, record)
        for day in changed_days(before, after, branch, civil_day(branch, now), DAYS_AHEAD)
        for appointment in affected(before, after, await _live(book, branch, day, now))
    ]
    return sorted(hit, key=lambda appointment: (appointment.slot.starts_at, appointment.number))


def _branches(configuration: Configuration, record: CalendarRecord) -> tuple[Branch, ...]:
    """Those that the record is about: none where its branch has left the catalogue."""
    about = record.branch if isinstance(record, BranchException) else None
    return tuple(branch for branch in configuration.catalogue.branches if about in {None, branch.id})


async def _live(book: AsyncAppointmentBook, branch: Branch, day: date, now: datetime) -> list[Appointment]:
    zone = ZoneInfo(branch.time_zone)
    begins, ends = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    found = await book.appointments_at(branch.id, from_=begins, until=ends)
    return [appointment for appointment in found if appointment.is_active(now)]
