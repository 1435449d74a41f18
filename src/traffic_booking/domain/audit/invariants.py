"""What holds of a sound store at every moment, whatever was asked of it: each check finds what is broken, as values.

No value shows a person's id: persons go by their subjects, appointments by their numbers, slots by their names,
requests by their ids.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from attrs import fields, frozen

from traffic_booking.domain.appointments.appointment import COMES_AFTER, Appointment, AppointmentState, evolve
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentEvent,
    AppointmentHeld,
    HoldReleased,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MOST_KEPT, PersonState, listed, matters
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.decisions.outcomes import (
    Answer,
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Held,
    Moved,
    Outcome,
    Refused,
)
from traffic_booking.domain.rules.cases import BookingCase, MoveCase
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId


class Invariant(StrEnum):
    """What has to hold.

    - VERSIONS: an appointment has the events 1 to its version, and no other;
    - STATE: they tell what the appointment says;
    - SEATS: of a slot as many seats are taken as appointments and holds have one;
    - CAPACITY: no seat was granted above the capacity of its moment;
    - LIMITS: nobody was granted more than the rules of that moment allow beside what they had;
    - REQUESTS: an event follows from the answer to its request, and what was answered has come about;
    - STANDINGS: a person's record counts the requests that changed something, and lists appointments as they are;
    - PERSONS: the id in a person's record is the one that was registered under its subject;
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
    READABLE = "readable"


@frozen(kw_only=True)
class BrokenInvariant:
    """One thing that is broken: what was `found` and what was `expected`.

    `where` is an appointment's number, a slot as `BRANCH SERVICE START` (UTC), `request ID`, `person SUBJECT`, or the
    `COLLECTION KEY` of a record, counter or log entry that can't be decoded.
    """

    invariant: Invariant
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; expected {self.expected}"


def appointment_of(events: Iterable[AppointmentEvent]) -> Appointment | None:
    """The appointment that the events tell of; None where they can't all be, in this order, those of one."""
    told: Appointment | None = None
    for place, event in enumerate(events, 1):
        if told is None:
            may_come = isinstance(event, AppointmentHeld | AppointmentBooked)
        else:
            may_come = event.number == told.number and told.state in COMES_AFTER.get(type(event), ())
        if event.version != place or not may_come:
            return None
        told = evolve(told, event)
    return told


def broken_in_appointment(stored: StoredAppointment) -> Iterator[BrokenInvariant]:
    """What is wrong with an appointment and its events, taken by themselves."""
    appointment, versions = stored.appointment, [event.version for event in stored.events]
    if appointment is None:
        yield _versions(stored, found=f"events {versions} and no appointment", expected="both, or nothing")
        return
    if versions != list(range(1, appointment.version + 1)):
        yield _versions(stored, found=f"events {versions}", expected=f"1 to {appointment.version}")
        return
    told = appointment_of(stored.events)
    if told is None:
        yield _state(stored.number, found="events that can't follow each other", expected="a hold or booking first")
    elif told != appointment:
        yield _state(
            stored.number,
            found=_differing(appointment, told, "another"),
            expected=_differing(told, appointment, "the told"),
        )


def broken_in_slot(stored: StoredSlot) -> Iterator[BrokenInvariant]:
    """A count of seats that isn't that of the appointments."""
    if stored.seats_taken != stored.seated:
        yield seats_differ(stored.slot, seats_taken=stored.seats_taken, seated=stored.seated)


def seats_differ(slot: SlotKey, *, seats_taken: int, seated: int) -> BrokenInvariant:
    """That so many seats are taken of a slot, and so many appointments have one."""
    return BrokenInvariant(
        invariant=Invariant.SEATS,
        where=slot_name(slot),
        found=f"{seats_taken} seats taken",
        expected=f"{seated}, one for each appointment or hold",
    )


def broken_capacity(slot: SlotKey, granted: Sequence[Sequence[Answer]]) -> Iterator[BrokenInvariant]:
    """More appointments with a seat, all at one moment, than any of them was granted by.

    `granted` has for each of them the answers to its requests. The last of them to get its seat had all the others
    beside it; whichever that was, the capacity that its decision went by allowed for all. Where it isn't on record of
    one of them, nothing can be said.
    """
    capacities = [[capacity for each in answers if (capacity := _capacity(each, slot))] for answers in granted]
    most = max((max(each, default=len(granted)) for each in capacities), default=0)
    if len(granted) > most:
        yield BrokenInvariant(
            invariant=Invariant.CAPACITY,
            where=slot_name(slot),
            found=f"{len(granted)} appointments with a seat",
            expected=f"at most {most}, the capacity when they got theirs",
        )


def broken_in_requests(stored: StoredAppointment, answers: Mapping[RequestId, Answer]) -> Iterator[BrokenInvariant]:
    """Events of a sound appointment that do not follow from the answers to their requests.

    `answers` are those to all of its requests that have one.
    """
    for place, event in enumerate(stored.events, 1):
        if event.request_id is None or (isinstance(event, HoldReleased) and event.request_id not in answers):
            continue  # the answer that released a hold is pruned with the appointment that took its place
        answer = answers.get(event.request_id)
        answered = None if answer is None else answered_appointment(answer.outcome)
        told = appointment_of(stored.events[:place])
        if answered is None:
            fault = "no answer" if answer is None else f"the answer {type(answer.outcome).__name__}"
        elif isinstance(event, HoldReleased) and answered.number != event.number:
            fault = "" if told is not None and answered.applicant == told.applicant else "an answer to somebody else"
        else:
            fault = "" if answered == told else f"an answer about {answered.number}, version {answered.version}"
        if fault:
            yield BrokenInvariant(
                invariant=Invariant.REQUESTS,
                where=stored.number,
                found=f"{fault} to the request of version {event.version}",
                expected="the answer that brought it about",
            )


def broken_in_answer(
    answer: Answer, answered: Appointment, events: tuple[AppointmentEvent, ...]
) -> Iterator[BrokenInvariant]:
    """An answer, about that appointment, which `events`, all those of its number, don't tell of."""
    request, version = answer.command.request_id, answered.version
    where, expected = f"request {request}", f"{answered.number} as it was answered, version {version}"
    told = appointment_of(events[:version])
    if told is None or told.version != version:
        found = f"{len(events)} events of it"
    elif told != answered:
        found = _differing(told, answered, "another")
    elif events[version - 1].request_id != request and not _was_so_before(answer, answered):
        found = "that version under another request"
    else:
        return
    yield BrokenInvariant(invariant=Invariant.REQUESTS, where=where, found=found, expected=expected)


def broken_person_state(
    appointment: Appointment, stored: StoredAppointment, person_state: PersonState, now: datetime
) -> Iterator[BrokenInvariant]:
    """A person's standing that does not agree with one of their appointments, both from one snapshot.

    Its version counts the requests that changed the appointment, and it lists an appointment that matters as it is. A
    hold may still be listed after it has run out, since nobody raises a version for that.
    """
    requests = len({event.request_id for event in stored.events if event.request_id is not None})
    if person_state.version < requests:
        yield _person_state(
            stored,
            found=f"a standing of version {person_state.version}",
            expected=f"{requests} or more, one for each request about it",
        )
    stated = next((each for each in person_state.appointments if each.number == appointment.number), None)
    if stated is None:
        if (
            appointment.cancelled_by_applicant_at is None
            and matters(appointment, now)
            and len(person_state.appointments) < MOST_KEPT
        ):
            yield _person_state(
                stored, found="a standing without it", expected=f"it, as it is {appointment.state.value}"
            )
    elif stated != listed(appointment) and appointment.state is not AppointmentState.EXPIRED:
        yield _person_state(
            stored, found=f"a standing in which it is another ({stated.state.value})", expected="it, as it is"
        )


def broken_person(subject: str, found: str) -> BrokenInvariant:
    """A person's record that does not agree with its registration; records of two persons may have been swapped."""
    return BrokenInvariant(
        invariant=Invariant.PERSONS,
        where=f"person {subject}",
        found=found,
        expected="the id whose commitment was logged when the person was registered",
    )


def unknown_in_person_state(
    stored: StoredAppointment, numbers: Sequence[AppointmentNumber]
) -> Iterator[BrokenInvariant]:
    """Appointments that the standing lists, and that the person does not have."""
    for number in numbers:
        yield _person_state(stored, found=f"a standing with {number}", expected="only appointments of this person")


def answered_appointment(outcome: Outcome) -> Appointment | None:
    """The appointment as an answer said that it is from now on; None where nothing was done to any."""
    match outcome:
        case (
            Held(appointment)
            | Booked(appointment)
            | Cancelled(appointment)
            | Moved(appointment)
            | CheckedIn(appointment)
        ):
            return appointment
        case Refused() | Declared():
            return None
        case never:
            assert_never(never)


def slot_name(slot: SlotKey) -> str:
    """A slot as findings name it."""
    return f"{slot.branch} {slot.service} {slot.starts_at:%Y-%m-%dT%H:%M:%SZ}"


def _capacity(answer: Answer, slot: SlotKey) -> int | None:
    """The capacity of `slot` that a grant went by; None where it was about another slot, or that isn't on record."""
    case = answer.case
    return case.slot.capacity if isinstance(case, BookingCase) and case.slot and case.key == slot else None


def _was_so_before(answer: Answer, answered: Appointment) -> bool:
    """Whether the hold was there before the request, or the appointment in the slot that it was to be moved to.

    Where no case of a hold was kept, it may have been.
    """
    if isinstance(answer.case, MoveCase):
        return answer.case.appointment == answered
    if answered.state is not AppointmentState.HELD:
        return False
    return not isinstance(answer.case, BookingCase) or answer.case.held == answered


def _versions(stored: StoredAppointment, *, found: str, expected: str) -> BrokenInvariant:
    return BrokenInvariant(invariant=Invariant.VERSIONS, where=stored.number, found=found, expected=expected)


def _person_state(stored: StoredAppointment, *, found: str, expected: str) -> BrokenInvariant:
    return BrokenInvariant(invariant=Invariant.PERSON_STATES, where=stored.number, found=found, expected=expected)


def _state(number: AppointmentNumber, *, found: str, expected: str) -> BrokenInvariant:
    return BrokenInvariant(invariant=Invariant.STATE, where=number, found=found, expected=expected)


def _differing(one: Appointment, other: Appointment, word: str) -> str:
    """What of `one` is not as in `other`: states, slots and instants as they are, of anything else the name alone."""
    names = [each.name for each in fields(Appointment) if getattr(one, each.name) != getattr(other, each.name)]
    return ", ".join(_shown(name.replace("_", " "), getattr(one, name), word) for name in names)


def _shown(name: str, value: object, word: str) -> str:
    match value:
        case AppointmentState():
            return f"{name} {value.value}"
        case datetime():
            return f"{name} {value.isoformat()}"
        case SlotKey():
            return f"{name} {slot_name(value)}"
        case None:
            return f"no {name}"
        case _:
            return f"{word} {name}"
