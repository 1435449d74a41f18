"""What the store is asked, each question one statement and so one snapshot."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from traffic_booking.adapters.postgres import statements
from traffic_booking.adapters.postgres.columns import columns, instants, texts
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.adapters.postgres.rows import (
    JsonRow,
    answer_of,
    appointment_of,
    attempts_of,
    entry_of,
    event_of_row,
    slot_row,
)
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.working_time import CalendarEntry

T = TypeVar("T")
Rows = list[tuple[Any, ...]]

_SLOT: Final = (texts, texts, instants)  # what is asked for has not been looked up yet: no text of it is remembered
_BEFORE_ALL: Final = ("", "", datetime.min.replace(tzinfo=UTC))
"""Comes before the row of every slot: no branch has an empty id."""


def facts(queries: Sequence[FactsQuery]) -> Question[list[Facts]]:
    """The answer to each query."""
    slots = list(dict.fromkeys(slot for query in queries for slot in query.slots))
    return Question(
        statements.FACTS,
        (
            *columns(_SLOT, [slot_row(slot) for slot in slots]),
            texts([query.request_id for query in queries]),
            texts([None if query.applicant is None else query.applicant.reveal() for query in queries]),
            texts([query.number for query in queries]),
            instants([query.ending_after for query in queries]),
        ),
        lambda rows: _facts(queries, slots, rows),
    )


def taken(ranges: Sequence[SlotRange], lapsed_by: datetime) -> Question[dict[SlotKey, Taken]]:
    """The seats taken in each of `ranges`."""
    asked = [(slots.branch, slots.service, slots.from_, slots.until) for slots in ranges]
    return Question(statements.TAKEN, (lapsed_by, *columns((texts, texts, instants, instants), asked)), _taken)


def answer(request_id: RequestId) -> Question[Answer | None]:
    """The answer to the request of that id."""
    return Question(statements.ANSWER, (request_id,), _one(answer_of))


def answers(after: RequestId | None, limit: int) -> Question[list[Answer]]:
    """The answers after that request id, in the order of their request ids."""
    return Question(statements.ANSWERS_AFTER, (after or "", limit), _each(answer_of))


def appointment(number: AppointmentNumber) -> Question[Appointment | None]:
    """The appointment of that number."""
    return Question(statements.APPOINTMENT, (number,), _one(appointment_of))


def appointments_of(applicant: PersonId, limit: int) -> Question[list[Appointment]]:
    """A person's appointments, the latest first."""
    return Question(statements.LATEST_APPOINTMENTS, (applicant.reveal(), limit), _each(appointment_of))


def appointments_at(branch: BranchId, from_: datetime, until: datetime) -> Question[list[Appointment]]:
    """The appointments with a seat that start at a branch between two instants."""
    return Question(statements.APPOINTMENTS_AT, (branch, from_, until), _each(appointment_of))


def lapsed(by: datetime, slot: SlotKey | None, limit: int) -> Question[list[Appointment]]:
    """Holds that have run out, of a slot or of all, soonest first."""
    if slot is None:
        return Question(statements.LAPSED, (by, limit), _each(appointment_of))
    key = (slot.branch, slot.service, slot.starts_at)
    return Question(statements.LAPSED_OF_SLOT, (*key, by, limit), _each(appointment_of))


def calendar_entries(after: int) -> Question[list[CalendarEntry]]:
    """The entries after that number."""
    return Question(statements.CALENDAR_ENTRIES, (after,), _each(entry_of))


def history(number: AppointmentNumber) -> Question[list[AppointmentEvent]]:
    """The events of an appointment, first to last."""
    return Question(statements.EVENTS, (number,), _each(event_of_row))


def stored_appointments(after: AppointmentNumber | None, limit: int) -> Question[list[StoredAppointment]]:
    """What is stored under each of the numbers after that one."""
    return Question(statements.STORED_APPOINTMENTS, (after or "", limit), _stored_appointments)


def stored_slots(after: SlotKey | None, limit: int) -> Question[list[StoredSlot]]:
    """The slots after that one with their counts."""
    return Question(statements.STORED_SLOTS, (*(slot_row(after) if after else _BEFORE_ALL), limit), _stored_slots)


def is_spent(key: str) -> Question[bool]:
    """Whether the key has been used."""
    return Question(statements.ONCE, (key,), bool)


def sign_in_attempts(applicant: PersonId) -> Question[SignInAttempts]:
    """The count of a person's failed sign-ins."""
    return Question(
        statements.ATTEMPTS,
        (applicant.reveal(),),
        lambda rows: attempts_of(applicant, rows[0][0]) if rows else SignInAttempts(applicant=applicant),
    )


def password_hash(applicant: PersonId) -> Question[str | None]:
    """The encoded hash of a person's password."""
    return Question(statements.ACCOUNT, (applicant.reveal(),), lambda rows: rows[0][0] if rows else None)


def _each(rebuild: Callable[[JsonRow], T]) -> Callable[[Rows], list[T]]:
    return lambda rows: [rebuild(row) for (row,) in rows]


def _one(rebuild: Callable[[JsonRow], T]) -> Callable[[Rows], T | None]:
    return lambda rows: rebuild(rows[0][0]) if rows else None


def _facts(queries: Sequence[FactsQuery], slots: Sequence[SlotKey], rows: Rows) -> list[Facts]:
    if not rows:
        return []
    *_, revision, seats = rows[0]
    taken = dict(zip(slots, seats, strict=True))
    return [
        _fact(query, row, {slot: taken[slot] for slot in query.slots}, revision)
        for query, row in zip(queries, rows, strict=True)
    ]


def _fact(query: FactsQuery, row: tuple[Any, ...], taken: Mapping[SlotKey, int], revision: int) -> Facts:
    answered, found, version, theirs, *_ = row
    known = None if found is None else appointment_of(found)
    applicant = query.applicant if known is None else known.applicant
    return Facts(
        answer=None if answered is None else answer_of(answered),
        appointment=known,
        standing=None
        if applicant is None
        else Standing(applicant, version or 0, tuple(appointment_of(one) for one in theirs)),
        taken=taken,
        calendar_revision=revision,
    )


def _taken(rows: Rows) -> dict[SlotKey, Taken]:
    return {
        SlotKey(branch, service, starts_at): Taken(seats, run_out)
        for branch, service, starts_at, seats, run_out in rows
    }


def _stored_appointments(rows: Rows) -> list[StoredAppointment]:
    return [
        StoredAppointment(
            number=AppointmentNumber(number),
            appointment=None if found is None else appointment_of(found),
            events=tuple(event_of_row(event) for event in events),
        )
        for number, found, events in rows
    ]


def _stored_slots(rows: Rows) -> list[StoredSlot]:
    return [
        StoredSlot(SlotKey(branch, service, starts_at), taken, seated)
        for branch, service, starts_at, taken, seated in rows
    ]
