"""What one decision needs to know, read from the store in one go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from attrs import evolve as copy_with
from attrs import field, frozen

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.slots import SlotKey, instant

COUNTRY: Final = BranchId("*")
"""Stands for the whole country among the calendars of branches; no branch has it as its id."""


class CalendarVersion(NamedTuple):
    """A branch's calendar as stored: its version (0 until it is opened), and the last entry that concerns the branch.

    `last_entry` is that entry's number, 0 if there was none.
    """

    version: int = 0
    last_entry: int = 0


@frozen
class Standing:
    """How a person stands: their appointments, and a version that every change to them raises (0 before the first)."""

    applicant: PersonId
    version: int = 0
    appointments: tuple[Appointment, ...] = ()


@frozen(kw_only=True)
class FactsQuery:
    """What to read: the earlier answer to `request_id`; the seats taken of `slots`; a person's standing.

    The person is `applicant`, or, where `number` is given instead, that appointment's. The standing holds the person's
    appointments of any state whose slot ends after `ending_after`, in the order of their start and number. The
    calendars are those of the branches of `slots` and of the appointment; with `every_calendar`, all that are stored.
    """

    request_id: RequestId
    ending_after: datetime = field(converter=instant)
    applicant: PersonId | None = None
    number: AppointmentNumber | None = None
    slots: tuple[SlotKey, ...] = ()
    every_calendar: bool = False


@frozen(kw_only=True)
class Facts:
    """What the store had at one moment: the answer to a `FactsQuery`, all parts from the same snapshot."""

    answer: Answer | None = None
    appointment: Appointment | None = None
    standing: Standing | None = None
    taken: Mapping[SlotKey, int] = field(factory=dict)
    calendars: Mapping[BranchId, CalendarVersion] = field(factory=dict)

    def after(self, change: Change) -> "Facts":
        """These facts once `change` is committed; the next decision in a batch is taken on them."""
        taken = dict(self.taken)
        for seat in change.seats:
            if seat.slot in taken:
                taken[seat.slot] += seat.delta
        written = {appointment.number: appointment for appointment in change.appointments}
        appointment = self.appointment and written.get(self.appointment.number, self.appointment)
        return copy_with(
            self,
            taken=taken,
            appointment=appointment,
            standing=_standing_after(self.standing, change),
        )


class FactsInTurn:
    """Changes decided one after another, and what they make of facts that were all read before the first of them.

    Only seats may be counted on before they are durable: their guard looks at what is taken in the end. A version may
    not: where a change does not get through, somebody else's may have raised it to the number that was expected.
    """

    def __init__(self) -> None:
        self._fresh: list[Change] = []
        self._moved: dict[SlotKey, int] = {}
        self._persons: set[PersonId] = set()
        self._entries = False

    def add(self, change: Change) -> None:
        """`change` comes after those before it."""
        self._fresh.append(change)  # and is sorted out when somebody asks: nobody comes after the last

    def applied_to(self, found: Facts) -> Facts | None:
        """`found` with the seats as the changes leave them; itself where none of them touches it.

        None where one of them is about the same person, or adds to the calendar: that has to be read again.
        """
        for change in self._fresh:
            self._sort_out(change)
        self._fresh.clear()
        if self._entries or (found.standing is not None and found.standing.applicant in self._persons):
            return None
        if self._moved.keys().isdisjoint(found.taken):
            return found
        moved = self._moved
        return Facts(  # field by field, as every decision on a busy slot passes here
            answer=found.answer,
            appointment=found.appointment,
            standing=found.standing,
            taken={slot: seats + moved.get(slot, 0) for slot, seats in found.taken.items()},
            calendars=found.calendars,
        )

    def _sort_out(self, change: Change) -> None:
        for seat in change.seats:
            self._moved[seat.slot] = self._moved.get(seat.slot, 0) + seat.delta
        for appointment in change.appointments:
            self._persons.add(appointment.applicant)
        if change.standing is not None:
            self._persons.add(change.standing.applicant)
        self._entries = self._entries or change.entry is not None


def _standing_after(standing: Standing | None, change: Change) -> Standing | None:
    if standing is None:
        return None
    theirs = {a.number: a for a in change.appointments if a.applicant == standing.applicant}
    known = {a.number for a in standing.appointments}
    appointments = [theirs.get(a.number, a) for a in standing.appointments]
    appointments += [a for number, a in theirs.items() if number not in known]
    raised = change.standing is not None and change.standing.applicant == standing.applicant
    return Standing(
        standing.applicant,
        standing.version + raised,
        tuple(sorted(appointments, key=lambda a: (a.slot.starts_at, a.number))),
    )
