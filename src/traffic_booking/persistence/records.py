"""Records of appointments, persons and calendar entries, made of values and decoded to them.

Answers and assertions are in `answer_codec`, wordings in `wording_codec`, the ids of persons in `persons`, and sign-in
attempts and sessions in `sign_in_codec`.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.appointments.states import SEATED
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord, UnreadableEntry
from traffic_booking.domain.schedule.slots import SeatKey, SlotKey, pool_steps
from traffic_booking.persistence.appointment_codec import (
    STATES,
    decode_appointment,
    decode_listed,
    decode_rest,
    encode_appointment,
    encode_listed,
    encode_rest,
    pool_of_rest,
)
from traffic_booking.persistence.basic_codecs import exactly, from_json, optional, rebuilt, to_json
from traffic_booking.persistence.codecs import ENTRY
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.keys import entry_key, seat_key
from traffic_booking.persistence.schema import APPOINTMENTS, CALENDAR_ENTRIES, PEOPLE, SEATS
from traffic_booking.persistence.value_codecs import HOLDERS
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import Count, Delete, Put, Row

T = TypeVar("T")

_HOLD_ENDS_AT: Final = APPOINTMENTS.place("hold_ends_at")


def appointment_put(appointment: Appointment) -> Put:
    """The record of an appointment, which replaces that of the version before."""
    slot, applicant = appointment.slot, appointment.applicant
    columns = (
        appointment.state.value,
        slot.branch,
        slot.service,
        slot.starts_at,
        appointment.slot_ends_at,
        applicant.subject,
        applicant.holder.value,
        appointment.hold_ends_at,
    )
    body = to_json(encode_rest(appointment))
    return Put(APPOINTMENTS.name, appointment.number, appointment.version - 1, columns, body)


def appointment_of(row: Row) -> Appointment:
    """The appointment of a record."""
    return decoded(APPOINTMENTS.name, _appointment, row)


def readable_holds(rows: Iterable[Row], *, by: datetime) -> list[Appointment]:
    """The holds among the records that end at or before `by`, without those that can't be decoded."""
    holds = []
    for row in rows:
        if row[_HOLD_ENDS_AT] <= by:
            with suppress(StoreUnreadable):  # nobody can end it, so its seat stays taken
                holds.append(appointment_of(row))
    return holds


def seats_of(row: Row) -> tuple[SeatKey, ...]:
    """The counts in which the appointment of a record has a seat; that of its slot, if its body can't be decoded."""
    _, _, state, branch, service, starts_at, ends_at, *_, body = row
    if state not in SEATED:
        return ()
    slot = rebuilt(SlotKey, branch=branch, service=service, starts_at=starts_at)
    try:
        pool = pool_of_rest(from_json(body))
    except Exception:  # noqa: BLE001 - another check reports it
        pool = None
    return (slot,) if pool is None else pool_steps(slot, ends_at, pool)


def person_state_put(person_state: PersonState) -> Put:
    """The record of a person's state, which replaces that of the version before."""
    applicant = person_state.applicant
    listed = [
        encode_appointment(each) if isinstance(each, Appointment) else encode_listed(each)
        for each in person_state.appointments
    ]
    body = to_json(listed) if listed else ""
    return Put(PEOPLE.name, applicant.subject, person_state.version - 1, (applicant.holder.value,), body)


def person_state_of(row: Row) -> PersonState:
    """The person's state of a record."""
    return decoded(PEOPLE.name, _person_state, row)


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


def seats_given_back(appointments: Iterable[Appointment]) -> tuple[Count, ...]:
    """The parts of a change that free the seats of appointments."""
    seats = Counter(seat_key(seat) for each in appointments if each.has_seat for seat in each.seats)
    return tuple(Count(SEATS.name, key, -taken, 0) for key, taken in seats.items())


def deletes_of(collection: Collection, rows: Iterable[Row | None]) -> tuple[Delete, ...]:
    """The parts of a change that delete these records (None: there is none) as they were read."""
    return tuple(Delete(collection.name, row[0], row[1]) for row in rows if row is not None)


def _appointment(row: Row) -> Appointment:
    number, version, state, branch, service, starts_at, ends_at, subject, holder, hold_ends_at, body = row
    listed = {
        "number": number,
        "state": STATES[state],
        "slot": rebuilt(SlotKey, branch=branch, service=service, starts_at=_instant(starts_at)),
        "slot_ends_at": _instant(ends_at),
        "hold_ends_at": optional(_instant, hold_ends_at),
    }
    return decode_rest(listed, Applicant(Subject(subject), HOLDERS[holder]), version, from_json(body))


def _instant(value: Any) -> datetime:
    moment: datetime = exactly(value, datetime)
    return moment


def _person_state(row: Row) -> PersonState:
    subject, version, holder, body = row
    applicant = Applicant(Subject(subject), HOLDERS[holder])
    # A whole appointment begins with its version, a part of one with its number.
    listed = [
        decode_appointment(applicant, each) if type(each[0]) is int else decode_listed(each)
        for each in (exactly(from_json(body), list) if body else ())
    ]
    return PersonState(applicant, version, tuple(listed))


def _entry(row: Row) -> CalendarEntry:
    key, _, body = row
    entry = ENTRY.from_text(body)
    if entry_key(entry.number) != key:
        raise ValueError("got a number that is not its entry's")
    return entry
