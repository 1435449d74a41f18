"""What one decision needs to know, read from the store in one go."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.domain.applicants import Applicant, Known
from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.standing import Standing

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
    standing: Standing | None = None
    taken: Mapping[SlotKey, int] = field(factory=dict)
    calendars: Mapping[BranchId, CalendarVersion] = field(factory=dict)

    def with_standing(self, standing: Standing) -> "Facts":
        """These facts with the standing of a person who is not registered."""
        return Facts(
            answer=self.answer,
            known=self.known,
            appointment=self.appointment,
            standing=standing,
            taken=self.taken,
            calendars=self.calendars,
        )

    def after(self, change: Change) -> "Facts":
        """These facts once `change`, the end of a hold, is committed; it raises nobody's version."""
        taken = dict(self.taken)
        for seat in change.seats:
            if seat.slot in taken:
                taken[seat.slot] += seat.delta
        written = {appointment.number: appointment for appointment in change.appointments}
        appointment = self.appointment and written.get(self.appointment.number, self.appointment)
        standing = self.standing
        if standing is not None:
            theirs = tuple(written.get(each.number, each) for each in standing.appointments)
            standing = Standing(standing.applicant, standing.version, theirs)
        return copy_with(self, taken=taken, appointment=appointment, standing=standing)


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
        if self._entries or (found.standing is not None and found.standing.applicant in self._applicants):
            return None
        if self._moved.keys().isdisjoint(found.taken):
            return found
        moved = self._moved
        return Facts(  # field by field, as every decision on a busy slot passes here
            answer=found.answer,
            known=found.known,
            appointment=found.appointment,
            standing=found.standing,
            taken={slot: seats + moved.get(slot, 0) for slot, seats in found.taken.items()},
            calendars=found.calendars,
        )

    def _sort_out(self, change: Change) -> None:
        for seat in change.seats:
            self._moved[seat.slot] = self._moved.get(seat.slot, 0) + seat.delta
        for appointment in change.appointments:
            self._applicants.add(appointment.applicant)
        if change.standing is not None:
            self._applicants.add(change.standing.applicant)
        for registration in change.registrations:
            self._registered.add(registration.person)
        self._entries = self._entries or change.entry is not None
