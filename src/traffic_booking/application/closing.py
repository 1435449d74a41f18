"""Looking ahead to a change of the working calendar: whom it hits."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.closures import affected, changed_days
from traffic_booking.domain.places import Branch
from traffic_booking.domain.terms import Terms, civil_day
from traffic_booking.domain.working_time import BranchException, CalendarRecord, Withdrawal
from traffic_booking.ports.store import AppointmentStore

DAYS_AHEAD: Final = 367
"""No rulebook lets anybody book further ahead than 366 days."""


def affected_by(store: AppointmentStore, terms: Terms, record: CalendarRecord, now: datetime) -> list[Appointment]:
    """The live appointments that `record` hits, or has hit if it holds already, in the order of their start."""
    if not isinstance(record, Withdrawal) and terms.calendars.holds(record):
        before, after = terms.after(Withdrawal(record.id)), terms
    else:
        before, after = terms, terms.after(record)
    hit = [
        appointment
        for branch in _branches(terms, record)
        for day in changed_days(before, after, branch, civil_day(branch, now), DAYS_AHEAD)
        for appointment in affected(before, after, _live(store, branch, day, now))
    ]
    return sorted(hit, key=lambda appointment: (appointment.slot.starts_at, appointment.number))


def _branches(terms: Terms, record: CalendarRecord) -> tuple[Branch, ...]:
    if isinstance(record, BranchException):
        return (terms.catalogue.branch(record.branch),)
    return terms.catalogue.branches


def _live(store: AppointmentStore, branch: Branch, day: date, now: datetime) -> Iterator[Appointment]:
    zone = ZoneInfo(branch.time_zone)
    begins, ends = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    for appointment in store.appointments_at(branch.id, from_=begins, until=ends):
        if appointment.is_active(now):
            yield appointment
