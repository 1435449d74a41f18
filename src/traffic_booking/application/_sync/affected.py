"""The appointments that a change of the working calendar affects.

Made from `traffic_booking.application.affected` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from traffic_booking.domain.configuration import Configuration, civil_day
from traffic_booking.domain.decisions.declaring import affected, changed_days
from traffic_booking.domain.schedule.exceptions import BranchException
from traffic_booking.domain.searching.question import bounds_of

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.schedule.entries import CalendarRecord
    from traffic_booking.persistence._sync.appointment_book import AppointmentBook

DAYS_AHEAD: Final = 367
"""No rulebook lets anybody book further ahead than 366 days."""


def affected_by(
    book: AppointmentBook, configuration: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    """The live appointments that `record` affects, in the order of their start.

    If the record has been added already: those that it affected and that have not got their slot and seat back since.
    If two records affect the same appointments, the earlier record has them until it is withdrawn. A withdrawn record
    affects none.
    """
    calendars = configuration.calendars
    if not calendars.holds(record):
        if isinstance(record, BranchException):
            configuration.catalogue.branch(record.branch)
        return _affected(book, configuration, configuration.after(record), record, now)
    if calendars.has_withdrawn(record):
        return []
    before = configuration.before(record)
    lost = {appointment.number for appointment in _affected(book, before, configuration, record, now)}
    return [each for each in _affected(book, before, before.joined(record), record, now) if each.number in lost]


def _affected(
    book: AppointmentBook, before: Configuration, after: Configuration, record: CalendarRecord, now: datetime
) -> list[Appointment]:
    found: list[Appointment] = []
    for branch in after.catalogue.branches:
        if not isinstance(record, BranchException) or record.branch == branch.id:
            late = bool(after.catalogue.timetable(branch).services_past_midnight)
            first = civil_day(branch, now) - timedelta(days=late)
            changed = changed_days(before, after, branch, first, DAYS_AHEAD + late)
            for day in sorted({day + timedelta(days=more) for day in changed for more in range(1 + late)}):
                start, end = bounds_of(branch, day, day)
                there = book.appointments_at(branch.id, from_=start, until=end)
                found += affected(before, after, [each for each in there if each.is_active(now)])
    return sorted(found, key=lambda appointment: (appointment.slot.starts_at, appointment.number))
