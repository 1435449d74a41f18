"""Whom a change of the working calendar hits, on a store whose methods are awaited.

Made from `traffic_booking.application.closing` by `python -m tools.check_async --write`: change that.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from traffic_booking.application.closing import DAYS_AHEAD, _branches
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.decisions.declaring import affected, changed_days
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.exceptions import BranchException
from traffic_booking.persistence.async_appointment_book import AsyncAppointmentBook


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


async def _live(book: AsyncAppointmentBook, branch: Branch, day: date, now: datetime) -> list[Appointment]:
    zone = ZoneInfo(branch.time_zone)
    begins, ends = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    found = await book.appointments_at(branch.id, from_=begins, until=ends)
    return [appointment for appointment in found if appointment.is_active(now)]
