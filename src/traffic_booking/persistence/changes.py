"""Decided changes as changes of the store, and the store's conflicts as conflicts of the desk."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.audit.invariants import answered_appointment
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.outcomes import Refused
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.persistence.answer_codec import answer_of, answer_records, parts_of
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.log import again_append, declared_append, event_append, refusal_append
from traffic_booking.persistence.marks import marked
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import appointment_put, entry_put, person_state_put
from traffic_booking.persistence.schema import (
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    ATTEMPTS,
    CALENDAR_ENTRIES,
    CALENDARS,
    CODES,
    PEOPLE,
    PERSON_KEYS,
    PERSONS,
    SEATS,
    SESSIONS,
)
from traffic_booking.persistence.wording_codec import Wording
from traffic_booking.ports.primitives import Append, Check, Count, FailedGuard, Put, StoreChange, StoreConflict

COMMITTED: Final = Committed()

_GUARDS: Final = {
    ANSWERS.name: Guard.REQUEST,
    ASSERTIONS.name: Guard.REQUEST,
    PERSONS.name: Guard.PERSON,
    PERSON_KEYS.name: Guard.PERSON,
    CODES.name: Guard.ONCE,
    CALENDARS.name: Guard.CALENDAR,
    CALENDAR_ENTRIES.name: Guard.CALENDAR,
    PEOPLE.name: Guard.PERSON_STATE,
    APPOINTMENTS.name: Guard.APPOINTMENT,
    ATTEMPTS.name: Guard.ATTEMPTS,
    SESSIONS.name: Guard.SESSION,
    SEATS.name: Guard.SEATS,
}
_PRECEDENCE: Final = {guard: place for place, guard in enumerate(Guard)}


def store_change(change: Change, keys: PersonKeys) -> tuple[StoreChange, tuple[Wording, ...]]:
    """The store's change for a decided `change`, and the wordings that have to be stored before it."""
    puts: list[Put] = list(map(appointment_put, change.appointments))
    checks: list[Check] = []
    entries: list[Append] = []
    wordings: tuple[Wording, ...] = ()
    if change.registrations:
        _register(change, keys, puts, checks, entries)
    entries += map(event_append, change.events)
    if change.answer is not None:
        answer, wordings, assertions = answer_records(change.answer)
        puts += [answer] if assertions is None else [answer, assertions]
        if isinstance(change.answer.outcome, Refused):
            entries.append(refusal_append(change.answer))
        elif not change.events and (appointment := answered_appointment(change.answer.outcome)) is not None:
            entries.append(again_append(change.answer, appointment.number))
    if change.person_state is not None:
        puts.append(person_state_put(change.person_state))
    elif change.unchanged is not None and change.unchanged.version:
        checks.append(Check(PEOPLE.name, change.unchanged.applicant.subject, change.unchanged.version))
    for calendar in change.calendars:
        if calendar.entry is None:
            checks.append(Check(CALENDARS.name, calendar.branch, calendar.expected_version))
        else:
            puts.append(Put(CALENDARS.name, calendar.branch, calendar.expected_version, (calendar.entry,), ""))
    if change.entry is not None:
        puts.append(entry_put(change.entry))
        entries.append(declared_append(change.entry))
    counts = tuple([Count(SEATS.name, seat_key(moved.seat), moved.delta, moved.capacity) for moved in change.seats])
    made = StoreChange(counts=counts, puts=tuple(puts), checks=tuple(checks), entries=tuple(entries))
    return marked(made), wordings


def _register(change: Change, keys: PersonKeys, puts: list[Put], checks: list[Check], entries: list[Append]) -> None:
    checks.append(keys.check())
    for registration in change.registrations:
        put, entry = keys.registration(registration)
        puts.append(put)
        entries.append(entry)
        if change.person_state is None or change.person_state.applicant != registration.applicant:
            puts.append(person_state_put(PersonState(registration.applicant, 1)))


def conflict_of(change: Change, conflict: StoreConflict, texts: Mapping[str, str]) -> Conflict:
    """The guard of `change` that failed, the first of several in the documented order.

    If an earlier answer to the request is the reason, the conflict has it, unless more than `texts` is needed for it.
    """
    failed, answer = _first(conflict), None
    if failed.name == ANSWERS.name and failed.record is not None:
        with suppress(StoreUnreadable):  # reading the facts again raises this for the request alone
            parts = parts_of(failed.record)
            if not parts.has_assertions and texts.keys() >= set(parts.wordings):
                answer = answer_of(parts, texts, None)
    seat = next((moved.seat for moved in change.seats if seat_key(moved.seat) == failed.key), None)
    return Conflict(guard=_GUARDS[failed.name], answer=answer, seat=seat)


def guard_of(conflict: StoreConflict) -> Guard:
    """The guard that failed, the first of several in the documented order."""
    return _GUARDS[_first(conflict).name]


def _first(conflict: StoreConflict) -> FailedGuard:
    return min(conflict.failed, key=lambda each: _PRECEDENCE[_GUARDS[each.name]])
