"""What is written inside a transaction: of a change, its guards checked in their order, then all of it."""

import sqlite3
from typing import Any

from traffic_booking.adapters.sqlite import statements
from traffic_booking.adapters.sqlite.reading import calendar_revision, password_hash
from traffic_booking.adapters.sqlite.rows import (
    answer_of,
    answer_row,
    appointment_row,
    attempts_row,
    entry_row,
    event_row,
    slot_row,
)
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard, SeatChange
from traffic_booking.domain.identity import PersonId


def commit(connection: sqlite3.Connection, change: Change) -> Committed | Conflict:
    """Write `change` if all its guards hold, and say which didn't if not."""
    conflict = _conflict(connection, change)
    if conflict is not None:
        return conflict
    taken = [_number(connection, statements.SEATS, slot_row(seat.slot)) for seat in change.seats]
    for seat, before in zip(change.seats, taken, strict=True):
        if _overdrawn(seat, before):
            return Conflict(guard=Guard.SEATS, slot=seat.slot)
    _write(connection, change)
    for seat, before in zip(change.seats, taken, strict=True):
        connection.execute(statements.MOVE_SEATS, (*slot_row(seat.slot), before + seat.delta, seat.delta))
    return Committed()


def write_password_hash(connection: sqlite3.Connection, applicant: PersonId, encoded: str) -> None:
    """Write the hash over the one before."""
    connection.execute(statements.WRITE_ACCOUNT, (applicant.reveal(), encoded))


def replace_password_hash(connection: sqlite3.Connection, applicant: PersonId, seen: str | None, encoded: str) -> bool:
    """Write the hash if the stored one still is `seen`, and say whether."""
    if password_hash(connection, applicant) != seen:
        return False
    write_password_hash(connection, applicant, encoded)
    return True


def _conflict(  # noqa: C901, PLR0911 - one branch and one return a guard
    connection: sqlite3.Connection, change: Change
) -> Conflict | None:
    """The first guard that fails, of all but the seats."""
    if change.answer is not None:
        row = connection.execute(statements.ANSWER, (change.answer.command.request_id,)).fetchone()
        if row is not None:
            return Conflict(guard=Guard.REQUEST, answer=answer_of(row))
    if change.once and _spent(connection, change.once):
        return Conflict(guard=Guard.ONCE)
    if _calendar_moved_on(connection, change):
        return Conflict(guard=Guard.CALENDAR)
    standing = change.standing
    if standing is not None:
        version = _number(connection, statements.STANDING_VERSION, (standing.applicant.reveal(),))
        if version != standing.expected_version:
            return Conflict(guard=Guard.STANDING)
    for appointment in change.appointments:
        if _number(connection, statements.APPOINTMENT_VERSION, (appointment.number,)) != appointment.version - 1:
            return Conflict(guard=Guard.APPOINTMENT)
    attempts = change.attempts
    if attempts is not None:
        version = _number(connection, statements.ATTEMPTS, (attempts.applicant.reveal(),))
        if version != attempts.version - 1:
            return Conflict(guard=Guard.ATTEMPTS)
    return None


def _calendar_moved_on(connection: sqlite3.Connection, change: Change) -> bool:
    if change.calendar_revision is None and change.entry is None:
        return False
    revision = calendar_revision(connection)
    return change.calendar_revision not in (None, revision) or (
        change.entry is not None and change.entry.number != revision + 1
    )


def _spent(connection: sqlite3.Connection, keys: tuple[str, ...]) -> bool:
    if len(set(keys)) < len(keys):
        return True
    return any(connection.execute(statements.ONCE, (key,)).fetchone() is not None for key in keys)


def _overdrawn(seat: SeatChange, before: int) -> bool:
    after = before + seat.delta
    return after < 0 or (seat.delta > 0 and after > seat.capacity)


def _write(connection: sqlite3.Connection, change: Change) -> None:
    """Write all of `change` but the seats."""
    if change.answer is not None:
        connection.execute(statements.ADD_ANSWER, answer_row(change.answer))
    for key in change.once:
        connection.execute(statements.ADD_ONCE, (key,))
    standing = change.standing
    if standing is not None:
        raised = (standing.applicant.reveal(), standing.expected_version + 1)
        connection.execute(statements.RAISE_STANDING, raised)
    for appointment in change.appointments:
        first = appointment.version == 1
        statement = statements.ADD_APPOINTMENT if first else statements.WRITE_APPOINTMENT
        connection.execute(statement, appointment_row(appointment))
    for event in change.events:
        connection.execute(statements.ADD_EVENT, event_row(event))
    if change.attempts is not None:
        connection.execute(statements.WRITE_ATTEMPTS, attempts_row(change.attempts))
    if change.entry is not None:
        connection.execute(statements.ADD_ENTRY, entry_row(change.entry))


def _number(connection: sqlite3.Connection, statement: str, key: tuple[Any, ...]) -> int:
    """The first column of the row with that key; 0 where there is none."""
    row = connection.execute(statement, key).fetchone()
    if row is None:
        return 0
    number: int = row[0]
    return number
