"""Changes as the desk makes them, by hand: appointments, holds, bookings and cancellations for tests of stores.

No rule is evaluated: a store commits whatever keeps its guards. The persons are made up, and so are their subjects: the
applicant of a serial has the id of that serial.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

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
from traffic_booking.domain.appointments.numbers import AppointmentNumber, compose
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.domain.decisions.outcomes import Answer, Booked, Refused
from traffic_booking.domain.people.actors import System
from traffic_booking.domain.people.applicants import Applicant, Registration
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchCode, BranchId
from traffic_booking.domain.places.services import InstructionsVersion, ServiceId
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing.people import made_up_applicant, made_up_person

START: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""When everything here is decided: Sunday 22 November 2026, 07:00 in Riyadh."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
FAR_AHEAD: Final = datetime(2100, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)

ME: Final = made_up_applicant(1)
YOU: Final = made_up_applicant(2)


def id_of(applicant: Applicant) -> PersonId:
    """The id of a made-up applicant."""
    return made_up_person(int(applicant.subject.rpartition("-")[2]), applicant.holder)


def registering(*applicants: Applicant) -> Change:
    """The registration of persons who ask for nothing else."""
    return Change(registrations=tuple(map(_registration, applicants)))


def _registration(applicant: Applicant) -> Registration:
    return Registration(person=id_of(applicant), applicant=applicant, at=START)


def with_person_state(change: Change, before: PersonState) -> Change:
    """The same change as the next version of a person's standing; a person who has none yet is registered with it."""
    registrations = () if before.version else (_registration(before.applicant),)
    return copy_with(change, registrations=registrations, person_state=before.after(change.appointments, START))


def _guarded(change: Change, person_state: PersonState | None) -> Change:
    return change if person_state is None else with_person_state(change, person_state)


def number(serial: int) -> AppointmentNumber:
    """The appointment number with that serial, each serial another."""
    branch = BranchCode("001")
    return next(made for tried in count(serial * 64) if (made := compose(branch, tried)) is not None)


def slot(hours: float = 1, service: str = "renewal", branch: str = "north", *, microseconds: int = 0) -> SlotKey:
    """The slot that starts that long after `START`."""
    starts_at = START + timedelta(hours=hours, microseconds=microseconds)
    return SlotKey(BranchId(branch), ServiceId(service), starts_at)


def booked(serial: int, applicant: Applicant = ME, at: SlotKey | None = None) -> tuple[Appointment, AppointmentBooked]:
    """An appointment booked straight away, and its event."""
    at = at or slot()
    event = AppointmentBooked(
        number=number(serial),
        version=1,
        at=START,
        actor=applicant,
        rulebook="test-1",
        request_id=RequestId(f"request-{serial}"),
        slot=at,
        slot_ends_at=at.starts_at + timedelta(minutes=15),
        time_zone="Asia/Riyadh",
        applicant=applicant,
        instructions=InstructionsVersion("2026-11-01"),
    )
    return evolve(None, event), event


def held(
    serial: int,
    applicant: Applicant = ME,
    at: SlotKey | None = None,
    *,
    minutes: float = 10,
    person_state: PersonState | None = None,
) -> Change:
    """A hold for that many minutes, with its seat; without `standing`, no standing lists it."""
    at = at or slot()
    event = AppointmentHeld(
        number=number(serial),
        version=1,
        at=START,
        actor=applicant,
        rulebook="test-1",
        slot=at,
        slot_ends_at=at.starts_at + timedelta(minutes=15),
        time_zone="Asia/Riyadh",
        applicant=applicant,
        hold_ends_at=START + timedelta(minutes=minutes),
    )
    change = Change(seats=(SeatChange(at, 1, 100),), appointments=(evolve(None, event),), events=(event,))
    return _guarded(change, person_state)


def answer(request_id: str, outcome: Booked | Refused, applicant: Applicant = ME, at: SlotKey | None = None) -> Answer:
    """What a request to book came to."""
    asked = RequestId(request_id)
    command = BookSlot(request_id=asked, actor=applicant, applicant=applicant, slot=at or slot(), agreed=True)
    verdicts = outcome.verdicts if isinstance(outcome, Refused) else ()
    findings = Findings(
        tuple(each.rule_id for each in verdicts),
        tuple((each.granted, each.observed, each.limit, each.allowed_from) for each in verdicts),
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

    Without the `standing` before, it is the person's first request, and registers them.
    """
    at = at or slot()
    appointment, event = booked(serial, applicant, at)
    change = Change(
        answer=answer(f"request-{serial}", Booked(appointment), applicant, at),
        seats=(SeatChange(at, 1, capacity),),
        appointments=(appointment,),
        events=(event,),
    )
    return with_person_state(change, person_state or PersonState(applicant))


def cancelling(appointment: Appointment, person_state: PersonState | None = None) -> Change:
    """The cancellation of an appointment, with its seat given back."""
    event = AppointmentCancelled(
        number=appointment.number,
        version=appointment.version + 1,
        at=START,
        actor=appointment.applicant,
        rulebook="test-1",
    )
    change = Change(
        seats=(SeatChange(appointment.slot, -1, 0),), appointments=(evolve(appointment, event),), events=(event,)
    )
    return _guarded(change, person_state)


def moving(
    appointment: Appointment, to: SlotKey, person_state: PersonState | None = None, *, capacity: int = 1
) -> Change:
    """The move of an appointment to another slot: one seat given back, another taken."""
    event = AppointmentMoved(
        number=appointment.number,
        version=appointment.version + 1,
        at=START,
        actor=appointment.applicant,
        rulebook="test-1",
        from_slot=appointment.slot,
        slot=to,
        slot_ends_at=to.starts_at + timedelta(minutes=15),
        time_zone=appointment.time_zone,
        instructions=InstructionsVersion("2026-11-01"),
        slot_was_closed=False,
    )
    change = Change(
        seats=(SeatChange(appointment.slot, -1, 0), SeatChange(to, 1, capacity)),
        appointments=(evolve(appointment, event),),
        events=(event,),
    )
    return _guarded(change, person_state)


def seats(at: SlotKey, delta: int, capacity: int) -> Change:
    """A change of one slot's seats and of nothing else."""
    return Change(seats=(SeatChange(at, delta, capacity),))


def confirming(hold: Appointment, person_state: PersonState | None = None) -> Change:
    """The booking of a held slot: the hold keeps its seat, and no longer ends."""
    event = AppointmentBooked(
        number=hold.number,
        version=hold.version + 1,
        at=START,
        actor=hold.applicant,
        rulebook="test-1",
        slot=hold.slot,
        slot_ends_at=hold.slot_ends_at,
        time_zone=hold.time_zone,
        applicant=hold.applicant,
        instructions=InstructionsVersion("2026-11-01"),
    )
    return _guarded(Change(appointments=(evolve(hold, event),), events=(event,)), person_state)


def expiring(hold: Appointment) -> Change:
    """The end of a hold that ran out, with its seat given back."""
    event = HoldExpired(number=hold.number, version=hold.version + 1, at=START, actor=System(), rulebook="test-1")
    return Change(seats=(SeatChange(hold.slot, -1, 0),), appointments=(evolve(hold, event),), events=(event,))


def without_answer(change: Change) -> Change:
    """The same change under no request id."""
    return copy_with(change, answer=None)
