"""Changes as a desk makes them, without its rules, and reads of the appointment book: for tests of everything else."""

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment, evolve
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer, Booked, Refused
from traffic_booking.domain.people.actors import System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.schedule.slots import SeatCount, SlotKey, SlotRange
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_applicant
from traffic_booking.testing.samples.appointments import (
    FAR_AHEAD,
    INSTRUCTIONS,
    LONG_AGO,
    ME,
    START,
    TICK,
    booked,
    id_of,
    number,
    of_slot,
    registering,
    slot,
)

__all__ = [
    "FAR_AHEAD",
    "LONG_AGO",
    "ME",
    "START",
    "TICK",
    "YOU",
    "about",
    "answer",
    "around",
    "booked",
    "booking",
    "cancelling",
    "confirming",
    "expiring",
    "facts_of",
    "held",
    "id_of",
    "moving",
    "number",
    "person_state_of",
    "registering",
    "seat_count_of",
    "seats",
    "seats_taken",
    "slot",
    "stored",
    "with_person_state",
    "without_answer",
]

YOU = made_up_applicant(2)


def with_person_state(change: Change, before: PersonState) -> Change:
    """The same change with the next version of a person's state; with version 0 before, it registers the person."""
    registrations = () if before.version else registering(before.applicant).registrations
    return copy_with(change, registrations=registrations, person_state=before.after(change.appointments, START))


def _event(kind: Any, before: Appointment, **parts: Any) -> Any:
    """The next event of an appointment."""
    actor = System() if kind is HoldExpired else before.applicant
    return kind(number=before.number, version=before.version + 1, at=START, actor=actor, rulebook="test-1", **parts)


def _change(before: Appointment | None, event: Any, person_state: PersonState | None, *seats: SeatChange) -> Change:
    """The change with that event; it has a person state only if the one before is given."""
    change = Change(seats=seats, appointments=(evolve(before, event),), events=(event,))
    return change if person_state is None else with_person_state(change, person_state)


def held(
    serial: int,
    applicant: Applicant = ME,
    at: SlotKey | None = None,
    *,
    minutes: float = 10,
    person_state: PersonState | None = None,
) -> Change:
    """A hold for that many minutes, with its seat; without `person_state`, none is changed."""
    at = at or slot()
    event = AppointmentHeld(
        number=number(serial),
        version=1,
        at=START,
        actor=applicant,
        rulebook="test-1",
        applicant=applicant,
        hold_ends_at=START + timedelta(minutes=minutes),
        **of_slot(at),
    )
    return _change(None, event, person_state, SeatChange(at, 1, 100))


def answer(request_id: str, outcome: Booked | Refused, applicant: Applicant = ME, at: SlotKey | None = None) -> Answer:
    """The answer to a request to book."""
    checked = RequestId(request_id)
    command = BookSlot(request_id=checked, actor=applicant, applicant=applicant, slot=at or slot(), agreed=True)
    verdicts = outcome.verdicts if isinstance(outcome, Refused) else ()
    findings = Findings(
        tuple(each.rule_id for each in verdicts),
        tuple(each.finding for each in verdicts),
    )
    return Answer(command=command, outcome=outcome, decided_at=START, rulebook="test-1", findings=findings)


def booking(
    serial: int,
    applicant: Applicant = ME,
    at: SlotKey | None = None,
    *,
    person_state: PersonState | None = None,
    capacity: int = 1,
) -> Change:
    """A whole booking with all its guards, under the request id `request-SERIAL`.

    Without the `person_state` before, it is the person's first request, and registers them.
    """
    at = at or slot()
    appointment, event = booked(serial, applicant, at)
    change = _change(None, event, person_state or PersonState(applicant), SeatChange(at, 1, capacity))
    return copy_with(change, answer=answer(f"request-{serial}", Booked(appointment), applicant, at))


def cancelling(appointment: Appointment, person_state: PersonState | None = None) -> Change:
    """The cancellation of an appointment, with its seat given back."""
    event = _event(AppointmentCancelled, appointment)
    return _change(appointment, event, person_state, SeatChange(appointment.slot, -1, 0))


def moving(
    appointment: Appointment, to: SlotKey, person_state: PersonState | None = None, *, capacity: int = 1
) -> Change:
    """The move of an appointment to another slot: one seat given back, another taken."""
    parts = of_slot(to) | {"from_slot": appointment.slot, "instructions": INSTRUCTIONS, "slot_was_closed": False}
    event = _event(AppointmentMoved, appointment, **parts)
    return _change(appointment, event, person_state, SeatChange(appointment.slot, -1, 0), SeatChange(to, 1, capacity))


def confirming(hold: Appointment, person_state: PersonState | None = None) -> Change:
    """The booking of a held slot: the hold keeps its seat, and no longer ends."""
    parts = of_slot(hold.slot) | {"applicant": hold.applicant, "instructions": INSTRUCTIONS}
    return _change(hold, _event(AppointmentBooked, hold, **parts), person_state)


def expiring(hold: Appointment) -> Change:
    """The end of a hold that ran out, with its seat given back."""
    return _change(hold, _event(HoldExpired, hold), None, SeatChange(hold.slot, -1, 0))


def book(store: Store | AppointmentBook) -> AppointmentBook:
    """The appointment book of a store."""
    return store if isinstance(store, AppointmentBook) else AppointmentBook(store)


def stored(store: Store | AppointmentBook, serial: int) -> Appointment:
    """The appointment of that serial, which is stored."""
    found = book(store).appointment(number(serial))
    assert found is not None, f"appointment {serial} is not stored"
    return found


def about(
    applicant: Applicant | None = None,
    *,
    request_id: str = "no-request",
    number: AppointmentNumber | None = None,
    slots: tuple[SlotKey, ...] = (),
    anew: tuple[AppointmentNumber, ...] = (),
) -> FactsQuery:
    """The query for the facts about these."""
    persons = () if applicant is None else (id_of(applicant),)
    return FactsQuery(request_id=RequestId(request_id), persons=persons, number=number, slots=slots, anew=anew)


def facts_of(
    store: Store | AppointmentBook,
    applicant: Applicant = ME,
    at: SlotKey | None = None,
    request_id: str = "no-request",
) -> Facts:
    """The stored facts about a person and a slot."""
    return book(store).facts([about(applicant, request_id=request_id, slots=(at or slot(),))])[0]


def person_state_of(store: Store | AppointmentBook, applicant: Applicant = ME) -> PersonState:
    """A person's state; version 0 if the person is not registered."""
    return facts_of(store, applicant).person_state or PersonState(applicant)


def seats_taken(store: Store | AppointmentBook, at: SlotKey | None = None) -> int:
    """How many seats of a slot are taken."""
    at = at or slot()
    return facts_of(store, at=at).seats_taken[at]


def around(at: SlotKey) -> SlotRange:
    """The range that holds one slot alone."""
    return SlotRange(branch=at.branch, service=at.service, from_=at.starts_at, until=at.starts_at + TICK)


def seat_count_of(store: Store | AppointmentBook, at: SlotKey, *, lapsed_by: datetime = LONG_AGO) -> SeatCount | None:
    """The record of one slot that a search reads; None if no seat is taken."""
    return book(store).seats_taken([around(at)], lapsed_by=lapsed_by).get(at)


def seats(at, delta, capacity):
    """A change of one slot's seats and of nothing else."""
    return Change(seats=(SeatChange(at, delta, capacity),))


def without_answer(change):
    """The same change under no request id."""
    return copy_with(change, answer=None)
