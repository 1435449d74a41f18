"""What the store is asked, read from one snapshot."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from traffic_booking.adapters.sqlite import statements
from traffic_booking.adapters.sqlite.rows import (
    answer_of,
    appointment_of,
    attempts_of,
    entry_of,
    event_of_row,
    instant,
    microseconds,
    slot_row,
)
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.working_time import CalendarEntry


def facts(connection: sqlite3.Connection, query: FactsQuery) -> Facts:
    """The answer to one query."""
    answered = connection.execute(statements.ANSWER, (query.request_id,)).fetchone()
    found = appointment(connection, query.number) if query.number is not None else None
    applicant = found.applicant if found is not None else query.applicant
    return Facts(
        answer=None if answered is None else answer_of(answered),
        appointment=found,
        standing=None if applicant is None else _standing(connection, applicant, query.ending_after),
        taken={slot: _seats(connection, slot) for slot in query.slots},
        calendar_revision=calendar_revision(connection),
    )


def appointment(connection: sqlite3.Connection, number: AppointmentNumber) -> Appointment | None:
    """The appointment of that number."""
    row = connection.execute(statements.APPOINTMENT, (number,)).fetchone()
    return None if row is None else appointment_of(row)


def appointments_of(connection: sqlite3.Connection, applicant: PersonId, limit: int) -> list[Appointment]:
    """A person's appointments, the latest first."""
    rows = connection.execute(statements.LATEST_APPOINTMENTS, (applicant.reveal(), limit))
    return [appointment_of(row) for row in rows]


def appointments_at(
    connection: sqlite3.Connection, branch: BranchId, from_: datetime, until: datetime
) -> list[Appointment]:
    """The appointments with a seat that start at a branch between two instants."""
    rows = connection.execute(statements.APPOINTMENTS_AT, (branch, microseconds(from_), microseconds(until)))
    return [appointment_of(row) for row in rows]


def calendar_entries(connection: sqlite3.Connection, after: int) -> list[CalendarEntry]:
    """The entries after that number."""
    return [entry_of(row) for row in connection.execute(statements.CALENDAR_ENTRIES, (after,))]


def calendar_revision(connection: sqlite3.Connection) -> int:
    """How many entries the working calendar has."""
    (revision,) = connection.execute(statements.CALENDAR_REVISION).fetchone()
    assert isinstance(revision, int)
    return revision


def lapsed(connection: sqlite3.Connection, by: datetime, slot: SlotKey | None, limit: int) -> list[Appointment]:
    """Holds that have run out, of a slot or of all, soonest first."""
    if slot is None:
        rows = connection.execute(statements.LAPSED, (microseconds(by), limit))
    else:
        rows = connection.execute(statements.LAPSED_OF_SLOT, (*slot_row(slot), microseconds(by), limit))
    return [appointment_of(row) for row in rows]


def taken(connection: sqlite3.Connection, ranges: Sequence[SlotRange], lapsed_by: datetime) -> dict[SlotKey, Taken]:
    """The seats taken in each of `ranges`."""
    seats: dict[SlotKey, Taken] = {}
    lapsed_until = microseconds(lapsed_by)
    for slots in ranges:
        bounds = (slots.branch, slots.service, microseconds(slots.from_), microseconds(slots.until))
        for starts_at, count, run_out in connection.execute(statements.SEATS_IN_RANGE, (lapsed_until, *bounds)):
            seats[SlotKey(slots.branch, slots.service, instant(starts_at))] = Taken(count, run_out)
    return seats


def history(connection: sqlite3.Connection, number: AppointmentNumber) -> tuple[AppointmentEvent, ...]:
    """The events of an appointment, first to last."""
    return tuple(event_of_row(row) for row in connection.execute(statements.EVENTS, (number,)))


def is_spent(connection: sqlite3.Connection, key: str) -> bool:
    """Whether the key has been used."""
    return connection.execute(statements.ONCE, (key,)).fetchone() is not None


def sign_in_attempts(connection: sqlite3.Connection, applicant: PersonId) -> SignInAttempts:
    """The count of a person's failed sign-ins."""
    row = connection.execute(statements.ATTEMPTS, (applicant.reveal(),)).fetchone()
    return SignInAttempts(applicant=applicant) if row is None else attempts_of(applicant, row)


def password_hash(connection: sqlite3.Connection, applicant: PersonId) -> str | None:
    """The encoded hash of a person's password."""
    row = connection.execute(statements.ACCOUNT, (applicant.reveal(),)).fetchone()
    return None if row is None else row[0]


def _standing(connection: sqlite3.Connection, applicant: PersonId, ending_after: datetime) -> Standing:
    digits = applicant.reveal()
    version = connection.execute(statements.STANDING_VERSION, (digits,)).fetchone()
    rows = connection.execute(statements.APPOINTMENTS_ENDING_AFTER, (digits, microseconds(ending_after)))
    return Standing(applicant, 0 if version is None else version[0], tuple(appointment_of(row) for row in rows))


def _seats(connection: sqlite3.Connection, slot: SlotKey) -> int:
    row = connection.execute(statements.SEATS, slot_row(slot)).fetchone()
    return 0 if row is None else row[0]
