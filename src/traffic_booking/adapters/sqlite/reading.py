"""What the store is asked, read from one snapshot."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import Final

from traffic_booking.adapters.sqlite import statements
from traffic_booking.adapters.sqlite.rows import (
    Row,
    answer_of,
    appointment_of,
    attempts_of,
    entry_of,
    event_of_row,
    instant,
    microseconds,
    slot_row,
)
from traffic_booking.adapters.sqlite.statements import Lookup
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import ServiceId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.working_time import CalendarEntry

LARGEST_LOOKUP: Final = 256
"""How many keys one statement takes; more are looked up in several."""

BEFORE_ALL: Final[Row] = ("", "", 0)
"""Comes before the row of every slot: no branch has an empty id."""


def rows_of(connection: sqlite3.Connection, lookup: Lookup, keys: Sequence[Row], *more: object) -> list[Row]:
    """The rows of `keys`: the key's columns, then those asked for. `more` is for its further condition."""
    if len(keys) == 1:
        return connection.execute(lookup.sized(1), keys[0] + more).fetchall()
    if not keys:
        return []
    rows: list[Row] = []
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), LARGEST_LOOKUP):
        part = wanted[start : start + LARGEST_LOOKUP]
        size = 1 << (len(part) - 1).bit_length()  # few sizes, so that the driver finds its statement again
        nulls = repeat(None, (size - len(part)) * len(lookup.key))
        rows += connection.execute(lookup.sized(size), (*chain.from_iterable(part), *nulls, *more))
    return rows


def facts(connection: sqlite3.Connection, queries: Sequence[FactsQuery]) -> list[Facts]:
    """The answer to each query."""
    if not queries:
        return []
    answers = {row[0]: row[1:] for row in rows_of(connection, statements.ANSWERS, [(q.request_id,) for q in queries])}
    numbers = [(query.number,) for query in queries if query.number is not None]
    named = {row[0]: appointment_of(row) for row in rows_of(connection, statements.APPOINTMENTS_BY_NUMBER, numbers)}
    persons = [named[q.number].applicant if q.number in named else q.applicant for q in queries]
    keys = [(person.reveal(),) for person in persons if person is not None]
    versions: dict[str, int] = dict(rows_of(connection, statements.STANDINGS, keys))
    appointments = _appointments_of(connection, keys, min(query.ending_after for query in queries))
    slots = {slot: slot_row(slot) for query in queries for slot in query.slots}
    taken = {row[:3]: row[3] for row in rows_of(connection, statements.SEATS, list(slots.values()))}
    revision = calendar_revision(connection)
    return [
        Facts(
            answer=answer_of(answers[query.request_id]) if query.request_id in answers else None,
            appointment=None if query.number is None else named.get(query.number),
            standing=None if person is None else _standing(person, versions, appointments, query.ending_after),
            taken={slot: taken.get(slots[slot], 0) for slot in query.slots},
            calendar_revision=revision,
        )
        for query, person in zip(queries, persons, strict=True)
    ]


def answer(connection: sqlite3.Connection, request_id: RequestId) -> Answer | None:
    """The answer to the request of that id."""
    found = rows_of(connection, statements.ANSWERS, [(request_id,)])
    return answer_of(found[0][1:]) if found else None


def answers(connection: sqlite3.Connection, after: RequestId | None, limit: int) -> list[Answer]:
    """The answers after that request id, in the order of their request ids."""
    rows = connection.execute(statements.ANSWERS_AFTER, (after or "", limit))
    return [answer_of(row) for row in rows]


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


def stored_appointments(
    connection: sqlite3.Connection, after: AppointmentNumber | None, limit: int
) -> list[StoredAppointment]:
    """What is stored under each of the numbers after that one."""
    first = after or ""
    numbers = [number for (number,) in connection.execute(statements.STORED_NUMBERS, (first, first, limit))]
    if not numbers:
        return []
    bounds = (first, numbers[-1])
    there = {row[0]: appointment_of(row) for row in connection.execute(statements.APPOINTMENTS_BETWEEN, bounds)}
    events = defaultdict[str, list[AppointmentEvent]](list)
    for row in connection.execute(statements.EVENTS_BETWEEN, bounds):
        events[row[0]].append(event_of_row(row))
    return [
        StoredAppointment(number=AppointmentNumber(number), appointment=there.get(number), events=tuple(events[number]))
        for number in numbers
    ]


def stored_slots(connection: sqlite3.Connection, after: SlotKey | None, limit: int) -> list[StoredSlot]:
    """The slots after that one with their counts."""
    rows = connection.execute(statements.STORED_SLOTS, (*(slot_row(after) if after else BEFORE_ALL), limit))
    return [
        StoredSlot(SlotKey(BranchId(branch), ServiceId(service), instant(starts_at)), taken, seated)
        for branch, service, starts_at, taken, seated in rows
    ]


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


def _appointments_of(
    connection: sqlite3.Connection, keys: Sequence[Row], ending_after: datetime
) -> Mapping[str, list[Appointment]]:
    """The appointments of persons, by their digits, in the order of start and number."""
    appointments = defaultdict[str, list[Appointment]](list)
    for row in rows_of(connection, statements.APPOINTMENTS_ENDING_AFTER, keys, microseconds(ending_after)):
        appointments[row[0]].append(appointment_of(row[1:]))
    return appointments


def _standing(
    person: PersonId, versions: Mapping[str, int], of_person: Mapping[str, list[Appointment]], ending_after: datetime
) -> Standing:
    digits = person.reveal()
    appointments = tuple(each for each in of_person.get(digits, ()) if each.slot_ends_at > ending_after)
    return Standing(person, versions.get(digits, 0), appointments)
