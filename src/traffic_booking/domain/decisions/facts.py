"""What one decision needs to know, read from the store in one go."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Applicant, Known
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId

COUNTRY: Final = BranchId("*")
"""Stands for the whole country among the calendars of branches; no branch has it as its id."""


class CalendarVersion(NamedTuple):
    """A branch's calendar as stored: its version (0 until it is opened), and the last entry that concerns the branch.

    `last_entry` is that entry's number, 0 if there was none.
    """

    version: int = 0
    last_entry: int = 0


@frozen(kw_only=True)
class FactsQuery:
    """Names of facts to read: the earlier answer to `request_id`, `persons`, the seats taken of `slots`, a standing.

    The standing is that of the first of `persons` or, if `number` is given, of that appointment's applicant; the
    appointments of `anew` are read by themselves and replace those of the same numbers in the standing. The calendars
    are those of the branches of `slots` and of the appointment; with `every_calendar`, all that are stored.
    """

    request_id: RequestId
    persons: tuple[PersonId, ...] = ()
    number: AppointmentNumber | None = None
    slots: tuple[SlotKey, ...] = ()
    anew: tuple[AppointmentNumber, ...] = ()
    every_calendar: bool = False


@frozen(kw_only=True)
class Facts:
    """What the store had at one moment: the answer to a `FactsQuery`, all parts from the same snapshot."""

    answer: Answer | None = None
    known: Known = field(factory=dict)
    appointment: Appointment | None = None
    person_state: PersonState | None = None
    seats_taken: Mapping[SlotKey, int] = field(factory=dict)
    calendars: Mapping[BranchId, CalendarVersion] = field(factory=dict)

    def with_person_state(self, person_state: PersonState) -> "Facts":
        """These facts with the standing of a person who is not registered."""
        return Facts(
            answer=self.answer,
            known=self.known,
            appointment=self.appointment,
            person_state=person_state,
            seats_taken=self.seats_taken,
            calendars=self.calendars,
        )

    def after(self, change: Change) -> "Facts":
        """These facts once `change`, the end of a hold, is committed; it raises nobody's version."""
        seats_taken = dict(self.seats_taken)
        for seat in change.seats:
            if seat.slot in seats_taken:
                seats_taken[seat.slot] += seat.delta
        written = {appointment.number: appointment for appointment in change.appointments}
        appointment = self.appointment and written.get(self.appointment.number, self.appointment)
        person_state = self.person_state
        if person_state is not None:
            theirs = tuple(written.get(each.number, each) for each in person_state.appointments)
            person_state = PersonState(person_state.applicant, person_state.version, theirs)
        return copy_with(self, seats_taken=seats_taken, appointment=appointment, person_state=person_state)


class FactsInTurn:
    """Changes decided one after another, and what they make of facts that were all read before the first of them.

    Only seats may be counted on before they are durable: their guard looks at what is taken in the end. A version may
    not: where a change does not get through, somebody else's may have raised it to the number that was expected.
    """

    def __init__(self) -> None:
        self._fresh: list[Change] = []
        self._moved: dict[SlotKey, int] = {}
        self._applicants: set[Applicant] = set()
        self._registered: set[PersonId] = set()
        self._entries = False

    def add(self, change: Change) -> None:
        """`change` comes after those before it."""
        self._fresh.append(change)  # and is sorted out when somebody asks: nobody comes after the last

    def applied_to(self, found: Facts, persons: Collection[PersonId] = ()) -> Facts | None:
        """`found` with the seats as the changes leave them; itself if none of them touches it.

        None if one of them is about the same person, registers one of `persons`, or adds to the calendar: then the
        facts have to be read again.
        """
        for change in self._fresh:
            self._sort_out(change)
        self._fresh.clear()
        if self._registered and not self._registered.isdisjoint(persons):
            return None
        if self._entries or (found.person_state is not None and found.person_state.applicant in self._applicants):
            return None
        if self._moved.keys().isdisjoint(found.seats_taken):
            return found
        moved = self._moved
        return Facts(  # field by field, as every decision on a busy slot passes here
            answer=found.answer,
            known=found.known,
            appointment=found.appointment,
            person_state=found.person_state,
            seats_taken={slot: seats + moved.get(slot, 0) for slot, seats in found.seats_taken.items()},
            calendars=found.calendars,
        )

    def _sort_out(self, change: Change) -> None:
        for seat in change.seats:
            self._moved[seat.slot] = self._moved.get(seat.slot, 0) + seat.delta
        for appointment in change.appointments:
            self._applicants.add(appointment.applicant)
        if change.person_state is not None:
            self._applicants.add(change.person_state.applicant)
        for registration in change.registrations:
            self._registered.add(registration.person)
        self._entries = self._entries or change.entry is not None
