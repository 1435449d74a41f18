"""What is written inside a transaction: of each change, its guards checked in their order, then all that hold."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from attrs import define, field

from traffic_booking.adapters.sqlite import statements
from traffic_booking.adapters.sqlite.reading import calendar_revision, password_hash, rows_of
from traffic_booking.adapters.sqlite.rows import (
    Row,
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
from traffic_booking.domain.outcomes import Answer

COMMITTED: Final = Committed()

_IN_ORDER: Final = (
    statements.ADD_ANSWER,
    statements.ADD_ONCE,
    statements.RAISE_STANDING,
    statements.ADD_APPOINTMENT,  # before what the same batch makes of it
    statements.WRITE_APPOINTMENT,
    statements.ADD_EVENT,
    statements.WRITE_ATTEMPTS,
    statements.ADD_ENTRY,
)


def commit(connection: sqlite3.Connection, changes: Sequence[Change]) -> list[Committed | Conflict]:
    """Write each of `changes` if all its guards hold after those before it, and say which didn't if not."""
    stored = _stored(connection, changes)
    results: list[Committed | Conflict] = []
    for change in changes:
        conflict = stored.conflict(change)
        if conflict is None:
            stored.take(change)
        results.append(conflict or COMMITTED)
    stored.write(connection)
    return results


def write_password_hash(connection: sqlite3.Connection, applicant: PersonId, encoded: str) -> None:
    """Write the hash over the one before."""
    connection.execute(statements.WRITE_ACCOUNT, (applicant.reveal(), encoded))


def replace_password_hash(connection: sqlite3.Connection, applicant: PersonId, seen: str | None, encoded: str) -> bool:
    """Write the hash if the stored one still is `seen`, and say whether."""
    if password_hash(connection, applicant) != seen:
        return False
    write_password_hash(connection, applicant, encoded)
    return True


def _stored(connection: sqlite3.Connection, changes: Sequence[Change]) -> "_Stored":
    """What is stored of all that `changes` touch, each kind in one statement."""
    answers = [(change.answer.command.request_id,) for change in changes if change.answer is not None]
    once = [(key,) for change in changes for key in change.once]
    standings = [(change.standing.applicant.reveal(),) for change in changes if change.standing is not None]
    appointments = [(appointment.number,) for change in changes for appointment in change.appointments]
    attempts = [(change.attempts.applicant.reveal(),) for change in changes if change.attempts is not None]
    seats = [slot_row(seat.slot) for change in changes for seat in change.seats]
    return _Stored(
        answers={row[0]: row[1:] for row in rows_of(connection, statements.ANSWERS, answers)},
        once={row[0] for row in rows_of(connection, statements.ONCE_KEYS, once)},
        standings=dict(rows_of(connection, statements.STANDINGS, standings)),
        appointments=dict(rows_of(connection, statements.APPOINTMENT_VERSIONS, appointments)),
        attempts=dict(rows_of(connection, statements.ATTEMPT_VERSIONS, attempts)),
        seats={row[:3]: row[3] for row in rows_of(connection, statements.SEATS, seats)},
        calendar_revision=calendar_revision(connection),
    )


@define(eq=False, repr=False)
class _Stored:
    """What the guards look at, as it stands after the changes taken so far, by the keys of the tables."""

    answers: dict[str, Row | Answer]
    once: set[str]
    standings: dict[str, int]
    appointments: dict[str, int]
    attempts: dict[str, int]
    seats: dict[Row, int]
    calendar_revision: int
    rows: defaultdict[str, list[Row]] = field(init=False, factory=lambda: defaultdict(list))
    """What to write, by the statement that writes it."""
    moved: set[Row] = field(init=False, factory=set)

    def conflict(self, change: Change) -> Conflict | None:  # noqa: C901, PLR0911 - one branch and one return a guard
        """The first guard of `change` that fails."""
        if change.answer is not None and change.answer.command.request_id in self.answers:
            answer = self.answers[change.answer.command.request_id]
            return Conflict(guard=Guard.REQUEST, answer=answer if isinstance(answer, Answer) else answer_of(answer))
        if change.once and (len(set(change.once)) < len(change.once) or not self.once.isdisjoint(change.once)):
            return Conflict(guard=Guard.ONCE)
        if change.calendar_revision not in (None, self.calendar_revision):
            return Conflict(guard=Guard.CALENDAR)
        if change.entry is not None and change.entry.number != self.calendar_revision + 1:
            return Conflict(guard=Guard.CALENDAR)
        standing = change.standing
        if standing is not None and self.standings.get(standing.applicant.reveal(), 0) != standing.expected_version:
            return Conflict(guard=Guard.STANDING)
        for appointment in change.appointments:
            if self.appointments.get(appointment.number, 0) != appointment.version - 1:
                return Conflict(guard=Guard.APPOINTMENT)
        attempts = change.attempts
        if attempts is not None and self.attempts.get(attempts.applicant.reveal(), 0) != attempts.version - 1:
            return Conflict(guard=Guard.ATTEMPTS)
        for seat in change.seats:
            if _overdrawn(seat, self.seats.get(slot_row(seat.slot), 0)):
                return Conflict(guard=Guard.SEATS, slot=seat.slot)
        return None

    def take(self, change: Change) -> None:
        """Let `change` stand: those after it see it, and `write` writes it."""
        if change.answer is not None:
            self.answers[change.answer.command.request_id] = change.answer
            self.rows[statements.ADD_ANSWER].append(answer_row(change.answer))
        self.once.update(change.once)
        self.rows[statements.ADD_ONCE] += [(key,) for key in change.once]
        if change.standing is not None:
            raised = (change.standing.applicant.reveal(), change.standing.expected_version + 1)
            self.standings[raised[0]] = raised[1]
            self.rows[statements.RAISE_STANDING].append(raised)
        for appointment in change.appointments:
            self.appointments[appointment.number] = appointment.version
            statement = statements.ADD_APPOINTMENT if appointment.version == 1 else statements.WRITE_APPOINTMENT
            self.rows[statement].append(appointment_row(appointment))
        self.rows[statements.ADD_EVENT] += map(event_row, change.events)
        if change.attempts is not None:
            self.attempts[change.attempts.applicant.reveal()] = change.attempts.version
            self.rows[statements.WRITE_ATTEMPTS].append(attempts_row(change.attempts))
        if change.entry is not None:
            self.calendar_revision = change.entry.number
            self.rows[statements.ADD_ENTRY].append(entry_row(change.entry))
        for seat in change.seats:
            key = slot_row(seat.slot)
            self.seats[key] = self.seats.get(key, 0) + seat.delta
            self.moved.add(key)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write all that was taken, each kind in one go; of seats, how many are taken in the end."""
        for statement in _IN_ORDER:
            if statement in self.rows:
                connection.executemany(statement, self.rows[statement])
        connection.executemany(statements.WRITE_SEATS, [(*key, self.seats[key]) for key in self.moved])


def _overdrawn(seat: SeatChange, before: int) -> bool:
    after = before + seat.delta
    return after < 0 or (seat.delta > 0 and after > seat.capacity)
