"""Appointments, slots and registrations for tests of stores.

The persons are made up, and so are their subjects: the applicant of a serial has the id of that serial.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment, evolve
from traffic_booking.domain.appointments.events import AppointmentBooked
from traffic_booking.domain.appointments.numbers import AppointmentNumber, compose
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.people.applicants import Applicant, Registration
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchCode, BranchId
from traffic_booking.domain.places.services import InstructionsVersion, ServiceId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.testing.samples.people import made_up_applicant, made_up_person

START: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""The time of every decision here: Sunday 22 November 2026, 07:00 in Riyadh."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
FAR_AHEAD: Final = datetime(2100, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)
INSTRUCTIONS: Final = InstructionsVersion("2026-11-01")

ME: Final = made_up_applicant(1)


def id_of(applicant: Applicant) -> PersonId:
    """The id of a made-up applicant."""
    return made_up_person(int(applicant.subject.rpartition("-")[2]), applicant.holder)


def registering(*applicants: Applicant) -> Change:
    """The registration of persons, without a request."""
    return Change(
        registrations=tuple(Registration(person=id_of(each), applicant=each, at=START) for each in applicants)
    )


def number(serial: int) -> AppointmentNumber:
    """The appointment number with that serial, each serial another."""
    branch = BranchCode("001")
    return next(made for tried in count(serial * 64) if (made := compose(branch, tried)) is not None)


def slot(hours: float = 1, service: str = "renewal", branch: str = "north", *, microseconds: int = 0) -> SlotKey:
    """The slot that starts that long after `START`."""
    starts_at = START + timedelta(hours=hours, microseconds=microseconds)
    return SlotKey(BranchId(branch), ServiceId(service), starts_at)


def of_slot(at: SlotKey) -> dict[str, Any]:
    """The parts of an event about the slot."""
    return {"slot": at, "slot_ends_at": at.starts_at + timedelta(minutes=15), "time_zone": "Asia/Riyadh"}


def booked(serial: int, applicant: Applicant = ME, at: SlotKey | None = None) -> tuple[Appointment, AppointmentBooked]:
    """An appointment that was booked without a hold, and its event."""
    event = AppointmentBooked(
        number=number(serial),
        version=1,
        at=START,
        actor=applicant,
        rulebook="test-1",
        request_id=RequestId(f"request-{serial}"),
        applicant=applicant,
        instructions=INSTRUCTIONS,
        **of_slot(at or slot()),
    )
    return evolve(None, event), event
