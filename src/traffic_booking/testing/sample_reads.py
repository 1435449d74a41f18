"""Reads of a store's appointment book: the facts about one person, one slot, one appointment."""

from datetime import datetime

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.schedule.slots import SeatCount, SlotKey, SlotRange
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import LONG_AGO, ME, TICK, id_of, slot
from traffic_booking.testing.sample_changes import number as number_of


def book(store: Store | AppointmentBook) -> AppointmentBook:
    """The appointment book of a store."""
    return store if isinstance(store, AppointmentBook) else AppointmentBook(store)


def stored(store: Store | AppointmentBook, serial: int) -> Appointment:
    """The appointment of that serial, which is stored."""
    found = book(store).appointment(number_of(serial))
    assert found is not None, f"appointment {serial} is not stored"
    return found


def about(
    applicant: Applicant | None = None,
    *,
    request_id: str = "nobody-asked",
    number: AppointmentNumber | None = None,
    slots: tuple[SlotKey, ...] = (),
    anew: tuple[AppointmentNumber, ...] = (),
) -> FactsQuery:
    """A query."""
    persons = () if applicant is None else (id_of(applicant),)
    return FactsQuery(request_id=RequestId(request_id), persons=persons, number=number, slots=slots, anew=anew)


def facts_of(
    store: Store | AppointmentBook,
    applicant: Applicant = ME,
    at: SlotKey | None = None,
    request_id: str = "nobody-asked",
) -> Facts:
    """The stored facts about a person and a slot."""
    return book(store).facts([about(applicant, request_id=request_id, slots=(at or slot(),))])[0]


def person_state_of(store: Store | AppointmentBook, applicant: Applicant = ME) -> PersonState:
    """A person's standing; version 0 if the person is not registered."""
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
