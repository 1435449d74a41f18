"""Changes as the desk makes them, by hand: appointments, holds, bookings and cancellations for tests of stores.

No rule is asked about: a store commits whatever keeps its guards.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.actors import System
from traffic_booking.domain.appointment_numbers import AppointmentNumber, compose
from traffic_booking.domain.appointments import Appointment, evolve
from traffic_booking.domain.changes import Change, SeatChange, StandingGuard
from traffic_booking.domain.commands import BookSlot
from traffic_booking.domain.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
)
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer, Booked, Refused
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchCode, BranchId
from traffic_booking.domain.services import InstructionsVersion, ServiceId
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.persistence.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing.people import made_up_person

START: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""When everything here is decided: Sunday 22 November 2026, 07:00 in Riyadh."""
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
FAR_AHEAD: Final = datetime(2100, 1, 1, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)

ME: Final = made_up_person(1)
YOU: Final = made_up_person(2)


def number(serial: int) -> AppointmentNumber:
    """The appointment number with that serial, each serial another."""
    branch = BranchCode("001")
    return next(made for tried in count(serial * 64) if (made := compose(branch, tried)) is not None)


def slot(hours: float = 1, service: str = "renewal", branch: str = "north", *, microseconds: int = 0) -> SlotKey:
    """The slot that starts that long after `START`."""
    starts_at = START + timedelta(hours=hours, microseconds=microseconds)
    return SlotKey(BranchId(branch), ServiceId(service), starts_at)


def booked(serial: int, person: PersonId = ME, at: SlotKey | None = None) -> tuple[Appointment, AppointmentBooked]:
    """An appointment booked straight away, and its event."""
    at = at or slot()
    event = AppointmentBooked(
        number=number(serial),
        version=1,
        at=START,
        actor=person,
        rulebook="test-1",
        request_id=RequestId(f"request-{serial}"),
        slot=at,
        slot_ends_at=at.starts_at + timedelta(minutes=15),
        time_zone="Asia/Riyadh",
        applicant=person,
        instructions=InstructionsVersion("2026-11-01"),
    )
    return evolve(None, event), event


def held(serial: int, person: PersonId = ME, at: SlotKey | None = None, *, minutes: float = 10) -> Change:
    """A hold for that many minutes, with its seat and without any guard but its version."""
    at = at or slot()
    event = AppointmentHeld(
        number=number(serial),
        version=1,
        at=START,
        actor=person,
        rulebook="test-1",
        slot=at,
        slot_ends_at=at.starts_at + timedelta(minutes=15),
        time_zone="Asia/Riyadh",
        applicant=person,
        hold_ends_at=START + timedelta(minutes=minutes),
    )
    return Change(seats=(SeatChange(at, 1, 100),), appointments=(evolve(None, event),), events=(event,))


def answer(request_id: str, outcome: Booked | Refused, person: PersonId = ME, at: SlotKey | None = None) -> Answer:
    """What a request to book came to."""
    command = BookSlot(request_id=request_id, actor=person, applicant=person, slot=at or slot(), agreed=True)
    return Answer(command=command, outcome=outcome, decided_at=START, rulebook="test-1")


def booking(
    serial: int, person: PersonId = ME, at: SlotKey | None = None, *, standing: int = 0, capacity: int = 1
) -> Change:
    """A whole booking with all its guards, under the request id `request-SERIAL`."""
    at = at or slot()
    appointment, event = booked(serial, person, at)
    return Change(
        answer=answer(f"request-{serial}", Booked(appointment), person, at),
        seats=(SeatChange(at, 1, capacity),),
        standing=StandingGuard(person, standing),
        appointments=(appointment,),
        events=(event,),
    )


def cancelling(appointment: Appointment, *, standing: int) -> Change:
    """The cancellation of an appointment, with its seat given back."""
    event = AppointmentCancelled(
        number=appointment.number,
        version=appointment.version + 1,
        at=START,
        actor=appointment.applicant,
        rulebook="test-1",
    )
    return Change(
        seats=(SeatChange(appointment.slot, -1, 0),),
        standing=StandingGuard(appointment.applicant, standing),
        appointments=(evolve(appointment, event),),
        events=(event,),
    )


def moving(appointment: Appointment, to: SlotKey, *, standing: int, capacity: int = 1) -> Change:
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
    return Change(
        seats=(SeatChange(appointment.slot, -1, 0), SeatChange(to, 1, capacity)),
        standing=StandingGuard(appointment.applicant, standing),
        appointments=(evolve(appointment, event),),
        events=(event,),
    )


def seats(at: SlotKey, delta: int, capacity: int) -> Change:
    """A change of one slot's seats and of nothing else."""
    return Change(seats=(SeatChange(at, delta, capacity),))


def confirming(hold: Appointment, *, standing: int) -> Change:
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
    return Change(
        standing=StandingGuard(hold.applicant, standing), appointments=(evolve(hold, event),), events=(event,)
    )


def expiring(hold: Appointment) -> Change:
    """The end of a hold that ran out, with its seat given back."""
    event = HoldExpired(number=hold.number, version=hold.version + 1, at=START, actor=System(), rulebook="test-1")
    return Change(seats=(SeatChange(hold.slot, -1, 0),), appointments=(evolve(hold, event),), events=(event,))


def book(store: Store | AppointmentBook) -> AppointmentBook:
    """The appointment book of a store."""
    return store if isinstance(store, AppointmentBook) else AppointmentBook(store)


def stored(store: Store | AppointmentBook, serial: int) -> Appointment:
    """The appointment of that serial, which is stored."""
    found = book(store).appointment(number(serial))
    assert found is not None, f"appointment {serial} is not stored"
    return found


def without_answer(change: Change) -> Change:
    """The same change under no request id."""
    return copy_with(change, answer=None)


def about(
    person: PersonId | None = None,
    *,
    request_id: str = "nobody-asked",
    number: AppointmentNumber | None = None,
    slots: tuple[SlotKey, ...] = (),
    ending_after: datetime = LONG_AGO,
) -> FactsQuery:
    """A query, about all time unless told otherwise."""
    return FactsQuery(
        request_id=RequestId(request_id), ending_after=ending_after, applicant=person, number=number, slots=slots
    )


def facts_of(
    store: Store | AppointmentBook, person: PersonId = ME, at: SlotKey | None = None, request_id: str = "nobody-asked"
) -> Facts:
    """The stored facts about a person and a slot."""
    return book(store).facts([about(person, request_id=request_id, slots=(at or slot(),))])[0]


def standing_of(
    store: Store | AppointmentBook, person: PersonId = ME, *, ending_after: datetime = LONG_AGO
) -> Standing:
    """A person's standing."""
    standing = book(store).facts([about(person, ending_after=ending_after)])[0].standing
    assert standing is not None
    return standing


def seats_taken(store: Store | AppointmentBook, at: SlotKey | None = None) -> int:
    """How many seats of a slot are taken."""
    at = at or slot()
    return facts_of(store, at=at).taken[at]


def around(at: SlotKey) -> SlotRange:
    """The range that holds one slot alone."""
    return SlotRange(branch=at.branch, service=at.service, from_=at.starts_at, until=at.starts_at + TICK)


def taken_of(store: Store | AppointmentBook, at: SlotKey, *, lapsed_by: datetime = LONG_AGO) -> Taken | None:
    """What a search reads of one slot; None if no seat is taken."""
    return book(store).seats_taken([around(at)], lapsed_by=lapsed_by).get(at)
