"""Records made of values, and values made of records, collection by collection.

Answers and assertions are in `answers.py`, wordings in `wordings.py`, and the ids of persons in `persons.py`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from json import loads
from typing import Any, TypeVar

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.people.sign_in import SignInAttempts
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord, UnreadableEntry
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.appointment_codec import (
    HOLDERS,
    STATES,
    appointment_of_data,
    appointment_text,
    listed_of_data,
    listed_text,
    rest_text,
    slot_at,
    with_rest,
)
from traffic_booking.persistence.codecs import ENTRY
from traffic_booking.persistence.exact import exactly
from traffic_booking.persistence.keys import entry_key, slot_of
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.schema import APPOINTMENTS, ATTEMPTS, CALENDAR_ENTRIES, PEOPLE, SEATS
from traffic_booking.ports.primitives import LogEntry, Put, Row

T = TypeVar("T")


def appointment_put(appointment: Appointment) -> Put:
    """The record of an appointment, which replaces that of the version before."""
    slot, applicant = appointment.slot, appointment.applicant
    return Put(
        APPOINTMENTS.name,
        appointment.number,
        appointment.version - 1,
        (
            appointment.state.value,
            slot.branch,
            slot.service,
            slot.starts_at,
            appointment.slot_ends_at,
            applicant.subject,
            applicant.holder.value,
            appointment.hold_ends_at,
        ),
        rest_text(appointment),
    )


def appointment_of(row: Row) -> Appointment:
    """The appointment of a record."""
    return decoded(APPOINTMENTS.name, _appointment, row)


def person_state_put(person_state: PersonState) -> Put:
    """The record of a person's standing, which replaces that of the version before."""
    applicant, listed = person_state.applicant, person_state.appointments
    body = f"[{','.join(map(_listed_text, listed))}]" if listed else ""
    return Put(PEOPLE.name, applicant.subject, person_state.version - 1, (applicant.holder.value,), body)


def person_state_of(row: Row) -> PersonState:
    """The standing of a record."""
    return decoded(PEOPLE.name, _person_state, row)


def attempts_put(subject: str, attempts: SignInAttempts) -> Put:
    """The record of a count of failed sign-ins, which replaces that of the version before."""
    columns = (attempts.failures, attempts.locked_until, attempts.failed_at)
    return Put(ATTEMPTS.name, subject, attempts.version - 1, columns, "")


def attempts_of(applicant: PersonId, row: Row | None) -> SignInAttempts:
    """A person's count of failed sign-ins; that of a new person if there is no record."""
    if row is None:
        return SignInAttempts(applicant=applicant)
    _, version, failures, *instants, _ = row
    locked_until, failed_at = decoded(ATTEMPTS.name, lambda _: list(map(_instant_or_none, instants)), row)
    return SignInAttempts(
        applicant=applicant, version=version, failures=failures, locked_until=locked_until, failed_at=failed_at
    )


def entry_put(entry: CalendarEntry) -> Put:
    """The record of a calendar entry under its number, which must be new."""
    return Put(CALENDAR_ENTRIES.name, entry_key(entry.number), 0, (), ENTRY.text(entry))


def entry_of(row: Row) -> CalendarEntry:
    """The calendar entry of a record."""
    return decoded(CALENDAR_ENTRIES.name, _entry, row)


def record_of(row: Row) -> CalendarRecord:
    """The record of a calendar entry; an `UnreadableEntry` for one that can't be decoded."""
    try:
        return entry_of(row).record
    except StoreUnreadable:
        return rebuilt(UnreadableEntry, id="", key=row[0])


def seat_slot(key: str) -> SlotKey:
    """The slot whose seats the counter of that key counts."""
    return decoded(SEATS.name, lambda row: slot_of(row[0]), (key,))


def decoded(collection: str, decode: Callable[[Row], T], row: Row) -> T:
    """The value of a record, whose key comes first, or of a log entry.

    Raises `StoreUnreadable`, which names the collection and the key (of a log entry the stream and the position), and
    quotes nothing else. Only records whose keys name no person are decoded here.
    """
    try:
        return decode(row)
    except StoreUnreadable:
        raise
    except Exception as error:  # noqa: BLE001 - data may be wrong in any way, and each is the same fault
        fault = type(error).__name__
    # Outside of the handler, so that no error that quotes a person's data is chained to this one.
    first = row[0]
    entry = first if isinstance(first, LogEntry) else None
    key = entry.stream if entry else first
    raise StoreUnreadable(
        f"a record of {collection}, {key}: got one that can't be decoded ({fault}); expected it as written",
        collection=collection,
        key=key,
        position=entry and entry.position,
    )


def no_more(rest: dict[str, Any]) -> None:
    """Raise `ValueError` if keys are left that nothing has read."""
    if rest:
        raise ValueError(f"got {len(rest)} keys more than expected")


def _appointment(row: Row) -> Appointment:
    number, version, state, branch, service, starts_at, ends_at, subject, holder, hold_ends_at, body = row
    listed = ListedAppointment(
        number=number,
        state=STATES[state],
        slot=slot_at(branch, service, starts_at),
        slot_ends_at=exactly(ends_at, datetime),
        hold_ends_at=_instant_or_none(hold_ends_at),
    )
    return with_rest(listed, Applicant(Subject(subject), HOLDERS[holder]), version, loads(body))


def _instant_or_none(value: Any) -> datetime | None:
    return None if value is None else exactly(value, datetime)


def _person_state(row: Row) -> PersonState:
    subject, version, holder, body = row
    applicant = Applicant(Subject(subject), HOLDERS[holder])
    listed: Sequence[Any] = exactly(loads(body), list) if body else ()
    return PersonState(applicant, version, tuple([_listed_of_data(applicant, each) for each in listed]))


def _listed_text(listed: ListedAppointment) -> str:
    return appointment_text(listed) if isinstance(listed, Appointment) else listed_text(listed)


def _listed_of_data(applicant: Applicant, data: list[Any]) -> ListedAppointment:
    """A whole appointment begins with its version, a part of one with its number."""
    return appointment_of_data(applicant, data) if type(data[0]) is int else listed_of_data(data)


def _entry(row: Row) -> CalendarEntry:
    key, _, body = row
    entry = ENTRY.from_text(body)
    if entry_key(entry.number) != key:
        raise ValueError("got a number that is not its entry's")
    return entry
