"""The invariants of a sound store: each check returns its violations, as values.

No value shows a person's id: persons are named by their subjects.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from attrs import fields

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import MoveAppointment
from traffic_booking.domain.appointments.events import (
    AppointmentEvent,
    HoldReleased,
    SeatRecounted,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MOST_KEPT, PersonState, listed, matters
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot, appointments_of
from traffic_booking.domain.decisions.outcomes import (
    Answer,
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Excused,
    Held,
    Moved,
    NoShowRecorded,
    Outcome,
    Refused,
    Served,
    WalkedIn,
)
from traffic_booking.domain.rules.cases import BookingCase, StayCase
from traffic_booking.domain.schedule.slots import Pool, PoolStep, SeatKey, SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


class Invariant(StrEnum):
    """The invariants.

    - VERSIONS: an appointment has exactly the events 1 to its version;
    - STATE: the events rebuild the appointment;
    - SEATS: the seats taken of a slot, or of a step of a pool, are the appointments and holds with a seat there, and
      live ones are in the counts of the catalogue;
    - CAPACITY: no seat was granted above the capacity of its moment;
    - LIMITS: no person was granted more than the rules of that moment allow;
    - REQUESTS: an event follows from the answer to its request, and every answer has its events;
    - PERSON_STATES: a person's record counts the requests that changed something, and lists appointments as stored;
    - PERSONS: the id in a person's record is the one that was registered under its subject;
    - RULES: the rules, in the version that decided, give each recorded decision the same result again;
    - RECORDS: every record and counter is as the marks in the log have it, and no other is stored;
    - ENTRIES: every entry of the store's log is in the sealed log, unchanged, and every sealed one is in the store;
    - SEAL: the sealed log is whole, signed, and continues every earlier checkpoint, and the store has reached its end;
    - TABLES: the store has the tables, indexes and triggers that this release makes, and no other;
    - READABLE: every record, counter and log entry can be decoded.
    """

    VERSIONS = "versions"
    STATE = "state"
    SEATS = "seats"
    CAPACITY = "capacity"
    LIMITS = "limits"
    REQUESTS = "requests"
    PERSON_STATES = "person-states"
    PERSONS = "persons"
    RULES = "rules"
    RECORDS = "records"
    ENTRIES = "entries"
    SEAL = "seal"
    TABLES = "tables"
    READABLE = "readable"


@frozen(kw_only=True)
class BrokenInvariant:
    """One violation: what was `found` and what was `expected`.

    `where` is an appointment's number, a slot as `BRANCH SERVICE START` (UTC), a step of a pool as
    `BRANCH pool POOL START`, `request ID`, `person SUBJECT`, or the `COLLECTION KEY` of a record, counter or log entry
    that can't be decoded.
    """

    invariant: Invariant
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; expected {self.expected}"


def appointment_of(events: Iterable[AppointmentEvent]) -> Appointment | None:
    """The appointment that the events rebuild; None if they can't follow each other."""
    all_events = tuple(events)
    made = appointments_of(all_events)
    return made[-1] if made and len(made) == len(all_events) else None


def broken_in_appointment(stored: StoredAppointment) -> Iterator[BrokenInvariant]:
    """The faults of an appointment and its events by themselves."""
    number, appointment, versions = stored.number, stored.appointment, [event.version for event in stored.events]
    if appointment is None:
        yield _broken(Invariant.VERSIONS, number, f"events {versions} and no appointment", "both, or nothing")
    elif versions != list(range(1, appointment.version + 1)):
        yield _broken(Invariant.VERSIONS, number, f"events {versions}", f"1 to {appointment.version}")
    elif len(stored.rebuilt) < len(versions):
        yield _broken(Invariant.STATE, number, "events that can't follow each other", "a hold or booking first")
    elif (rebuilt := stored.rebuilt[-1]) != appointment:
        found, expected = _differing(appointment, rebuilt, "another"), _differing(rebuilt, appointment, "the rebuilt")
        yield _broken(Invariant.STATE, number, found, expected)


def broken_in_slot(stored: StoredSlot) -> Iterator[BrokenInvariant]:
    """A count of seats that differs from the number of appointments."""
    if stored.seats_taken != stored.seated:
        yield seats_differ(stored.seat, seats_taken=stored.seats_taken, seated=stored.seated)


def seats_differ(seat: SeatKey, *, seats_taken: int, seated: int) -> BrokenInvariant:
    """The fault of a count with so many seats taken, and so many appointments with a seat."""
    expected = f"{seated}, one for each appointment or hold"
    return _broken(Invariant.SEATS, seat_name(seat), f"{seats_taken} seats taken", expected)


def seat_elsewhere(number: AppointmentNumber, pool: Pool | None, expected: Pool | None) -> BrokenInvariant:
    """The fault of a live appointment whose seat is counted in other counts than the catalogue's."""
    return _broken(Invariant.SEATS, number, _counts(pool), f"{_counts(expected)}: recount the seats")


def broken_capacity(seat: SeatKey, capacities: Sequence[Sequence[int]]) -> Iterator[BrokenInvariant]:
    """More appointments with a seat, all at one moment, than the capacity of each of their decisions.

    `capacities` has those of each. The last one to get its seat was decided beside all others, so its capacity allowed
    for all. Nothing is reported if there is none for one of them, because its case was removed.
    """
    most = max((max(each, default=len(capacities)) for each in capacities), default=0)
    if len(capacities) > most:
        found = f"{len(capacities)} appointments with a seat"
        yield _broken(Invariant.CAPACITY, seat_name(seat), found, f"at most {most}, the capacity when they got theirs")


def granted_capacities(
    events: Sequence[AppointmentEvent], answers: Mapping[RequestId, Answer], seat: SeatKey, now: int
) -> list[int]:
    """The capacities of `seat` in the decisions about an appointment; its capacity `now` if a recount brought it there.

    A recounted one whose slot is not in the timetable any more has none.
    """
    if SeatRecounted in map(type, events):
        return [now] if now else []
    requests = [event.request_id for event in events if event.request_id is not None]
    cases = [answers[each].case for each in requests if each in answers]
    slots = [case.slot for case in cases if isinstance(case, BookingCase) and case.slot is not None]
    return [slot.capacity for slot in slots if seat in slot.seats]


def broken_in_requests(stored: StoredAppointment, answers: Mapping[RequestId, Answer]) -> Iterator[BrokenInvariant]:
    """Events of a sound appointment that do not follow from the `answers` to its requests."""
    for place, event in enumerate(stored.events, 1):
        if event.request_id is None or (isinstance(event, HoldReleased) and event.request_id not in answers):
            continue  # pruned with the appointment whose booking released the hold
        answer = answers.get(event.request_id)
        answered = None if answer is None else answered_appointment(answer.outcome)
        rebuilt = stored.rebuilt[place - 1]
        if answered is None:
            fault = "no answer" if answer is None else f"the answer {type(answer.outcome).__name__}"
        elif isinstance(event, HoldReleased) and answered.number != event.number:
            same_person = answered.applicant == rebuilt.applicant
            fault = "" if same_person else "an answer to another person"
        else:
            fault = "" if answered == rebuilt else f"an answer about {answered.number}, version {answered.version}"
        if fault:
            found = f"{fault} to the request of version {event.version}"
            yield _broken(Invariant.REQUESTS, stored.number, found, "the answer that caused it")


def broken_in_answer(answer: Answer, answered: Appointment, stored: StoredAppointment) -> Iterator[BrokenInvariant]:
    """An answer that does not follow from the events of its appointment."""
    request, version = answer.command.request_id, answered.version
    where, expected = f"request {request}", f"{answered.number} as it was answered, version {version}"
    rebuilt = stored.rebuilt[version - 1] if 0 < version <= len(stored.rebuilt) else None
    if rebuilt is None:
        found = f"{len(stored.events)} events of it"
    elif rebuilt != answered:
        found = _differing(rebuilt, answered, "another")
    elif stored.events[version - 1].request_id != request and not _was_so_before(answer, answered):
        found = "that version under another request"
    else:
        return
    yield _broken(Invariant.REQUESTS, where, found, expected)


def broken_person_state(
    appointment: Appointment, stored: StoredAppointment, person_state: PersonState | None, now: datetime
) -> Iterator[BrokenInvariant]:
    """The faults of a person's state about one of their appointments, both from one snapshot.

    The version counts the requests that changed the appointment, and an appointment that a rule may read is listed as
    stored. An expired hold may still be listed, since the end of a hold raises no version.
    """
    invariant, number = Invariant.PERSON_STATES, stored.number
    if person_state is None:
        yield _broken(invariant, number, "no person state", "one of the person whose appointment it is")
        return
    requests = len({event.request_id for event in stored.events if event.request_id is not None})
    if person_state.version < requests:
        expected = f"{requests} or more, one for each request about it"
        yield _broken(invariant, number, f"a person state of version {person_state.version}", expected)
    stated = next((each for each in person_state.appointments if each.number == appointment.number), None)
    if stated is None:
        may_be_left_out = appointment.cancelled_by_applicant_at is not None or not matters(appointment, now)
        if not may_be_left_out and len(person_state.appointments) < MOST_KEPT:
            yield _broken(invariant, number, "a person state without it", f"it, as it is {appointment.state.value}")
    elif stated != listed(appointment) and appointment.state is not AppointmentState.EXPIRED:
        found = f"a person state in which it differs ({stated.state.value})"
        yield _broken(invariant, number, found, "it, as it is")


def broken_person(subject: str, found: str) -> BrokenInvariant:
    """A person's record that differs from its registration: two records may have been swapped."""
    expected = "the id whose commitment was logged when the person was registered"
    return _broken(Invariant.PERSONS, f"person {subject}", found, expected)


def unknown_in_person_state(subject: str, numbers: Sequence[AppointmentNumber]) -> Iterator[BrokenInvariant]:
    """Listed appointments that the person does not have."""
    for number in numbers:
        found, expected = f"a person state with {number}", "only appointments of this person"
        yield _broken(Invariant.PERSON_STATES, f"person {subject}", found, expected)


def not_by_number(number: AppointmentNumber) -> BrokenInvariant:
    """The fault of an appointment that is listed among those of a person, and that is not found by its number."""
    return _broken(Invariant.VERSIONS, number, "no appointment by its number", "the one that is listed")


def answered_appointment(outcome: Outcome) -> Appointment | None:
    """The appointment in the outcome of a request, if there is one."""
    match outcome:
        case Refused() | Declared():
            return None
        case Held() | Booked() | Cancelled() | Moved():
            return outcome.appointment
        case CheckedIn() | WalkedIn() | Served() | NoShowRecorded() | Excused():
            return outcome.appointment
        case never:
            assert_never(never)


def seat_name(seat: SeatKey) -> str:
    """The name of a slot, or of a step of a pool, in a violation."""
    of = f"pool {seat.pool}" if isinstance(seat, PoolStep) else seat.service
    return f"{seat.branch} {of} {seat.starts_at:%Y-%m-%dT%H:%M:%SZ}"


def _counts(pool: Pool | None) -> str:
    if pool is None:
        return "a seat of its own service"
    return f"a seat of the pool {pool.id} in steps of {pool.step_minutes} minutes"


def _was_so_before(answer: Answer, answered: Appointment) -> bool:
    """True if the request changed nothing: the hold existed before, or the appointment had the slot.

    Without a case, that is possible.
    """
    case = answer.case
    if isinstance(answer.command, MoveAppointment):
        return case is None or (isinstance(case, StayCase) and case.appointment == answered)
    if answered.state is not AppointmentState.HELD:
        return False
    return not isinstance(case, BookingCase) or case.held == answered


def _broken(invariant: Invariant, where: str, found: str, expected: str) -> BrokenInvariant:
    return BrokenInvariant(invariant=invariant, where=where, found=found, expected=expected)


def _differing(one: Appointment, other: Appointment, which: str) -> str:
    """The fields of `one` that differ from `other`: states, slots and instants in full, others by name alone."""
    names = [each.name for each in fields(Appointment) if getattr(one, each.name) != getattr(other, each.name)]
    return ", ".join(_shown(name.replace("_", " "), getattr(one, name), which) for name in names)


def _shown(name: str, value: object, which: str) -> str:
    match value:
        case AppointmentState():
            return f"{name} {value.value}"
        case datetime():
            return f"{name} {value.isoformat()}"
        case SlotKey():
            return f"{name} {seat_name(value)}"
        case None:
            return f"no {name}"
        case _:
            return f"{which} {name}"
