"""The facts of one decision, read from the store at once."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Applicant, Known
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import PoolStep, SeatKey, SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

COUNTRY: Final = BranchId("*")
"""Represents the whole country among the calendars of branches; no branch has this id."""


class CalendarVersion(NamedTuple):
    """A branch's stored calendar: its version (0 if none is stored), and the number of its last entry (0 for none)."""

    version: int = 0
    last_entry: int = 0


@frozen(kw_only=True)
class FactsQuery:
    """The facts to read: the earlier answer to `request_id`, `persons`, the seats of `slots`, the state of a person.

    That is the first of `persons` or, if `number` is given, that appointment's applicant. Appointments of `anew` are
    read separately and replace those in the state. The calendars of the branches of `slots` and of the appointment are
    read; with `every_calendar`, all calendars. If the slot is of a pool, the seats of its `steps` are read instead.
    """

    request_id: RequestId
    persons: tuple[PersonId, ...] = ()
    number: AppointmentNumber | None = None
    slots: tuple[SlotKey, ...] = ()
    steps: tuple[PoolStep, ...] = ()
    anew: tuple[AppointmentNumber, ...] = ()
    every_calendar: bool = False

    @property
    def seats(self) -> tuple[SeatKey, ...]:
        """The counts of seats to read."""
        return self.steps or self.slots


@frozen(kw_only=True)
class Facts:
    """The result of a `FactsQuery`, all parts from one snapshot of the store."""

    answer: Answer | None = None
    known: Known = field(factory=dict)
    appointment: Appointment | None = None
    person_state: PersonState | None = None
    seats_taken: Mapping[SeatKey, int] = field(factory=dict)
    calendars: Mapping[BranchId, CalendarVersion] = field(factory=dict)

    @property
    def applicant_state(self) -> PersonState:
        """The state of the applicant, which the facts of a booking or an appointment always contain."""
        assert self.person_state is not None, "facts without the state of the applicant"
        return self.person_state

    def with_person_state(self, person_state: PersonState) -> "Facts":
        """These facts with the state of a person who is not registered."""
        return copy_with(self, person_state=person_state)

    def after(self, change: Change) -> "Facts":
        """These facts once `change`, the end of a hold, is committed; it raises no version of a person."""
        seats_taken = dict(self.seats_taken)
        for moved in change.seats:
            if moved.seat in seats_taken:
                seats_taken[moved.seat] += moved.delta
        written = {appointment.number: appointment for appointment in change.appointments}
        appointment = self.appointment and written.get(self.appointment.number, self.appointment)
        person_state = self.person_state and self.person_state.corrected(written)
        return copy_with(self, seats_taken=seats_taken, appointment=appointment, person_state=person_state)


class FactsInTurn:
    """Changes decided one after another, and their effect on facts that were all read before the first of them.

    Only seats may be counted before they are durable: their guard compares the final count. A version may not: if a
    change fails, another change may have raised it to the expected number.
    """

    def __init__(self) -> None:
        self._moved: dict[SeatKey, int] = {}
        self._applicants: set[Applicant] = set()
        self._registered: set[PersonId] = set()
        self._entries = False

    def add(self, change: Change) -> None:
        """Append `change`."""
        for moved in change.seats:
            self._moved[moved.seat] = self._moved.get(moved.seat, 0) + moved.delta
        self._applicants.update(appointment.applicant for appointment in change.appointments)
        if change.person_state is not None:
            self._applicants.add(change.person_state.applicant)
        self._registered.update(registration.person for registration in change.registrations)
        self._entries = self._entries or change.entry is not None

    def applied_to(self, found: Facts, persons: Collection[PersonId] = ()) -> Facts | None:
        """`found` with the seats after the changes, itself if no change affects it.

        None if a change is about the same person, registers one of `persons`, or adds to the calendar: then the facts
        have to be read again.
        """
        if self._registered and not self._registered.isdisjoint(persons):
            return None
        if self._entries or (found.person_state is not None and found.person_state.applicant in self._applicants):
            return None
        if self._moved.keys().isdisjoint(found.seats_taken):
            return found
        seats_taken = {seat: count + self._moved.get(seat, 0) for seat, count in found.seats_taken.items()}
        return copy_with(found, seats_taken=seats_taken)
