"""A change: one all-or-nothing unit of writing, with the guards that the store checks again as it commits."""

from enum import StrEnum

from attrs import frozen

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Registration
from traffic_booking.domain.people.sign_in import SignInAttempts
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SlotKey


@frozen
class SeatChange:
    """Take (`delta` > 0) or give back (`delta` < 0) seats of a slot.

    The guard: if seats are taken, taken + delta is at most `capacity`; taken is never below 0.
    """

    slot: SlotKey
    delta: int
    capacity: int


@frozen
class CalendarGuard:
    """The calendar of `branch` still has `expected_version`.

    With the number of an `entry` that concerns the branch, the commit raises the version by one.
    """

    branch: BranchId
    expected_version: int
    entry: int | None = None


@frozen(kw_only=True)
class Change:
    """What one decision writes. Every part takes effect, or none.

    - `registrations`: persons who must not be registered yet;
    - `answer`: the decision's record under its request id, which must not have been answered yet;
    - `seats`: as the class says; each slot stands at most once;
    - `standing`: a person's new standing; the stored one must have the version before;
    - `unchanged`: a person's standing that a refusal was based on; the stored one must still have its version;
    - `appointments`: new states; a stored one must have the version before (none may be stored for version 1);
    - `events`: to be appended, in this order, in the same transaction;
    - `calendars`: see `CalendarGuard`; each branch stands at most once;
    - `entry`: a new entry of the working calendar; the calendars that it concerns are raised beside it.
    """

    registrations: tuple[Registration, ...] = ()
    answer: Answer | None = None
    seats: tuple[SeatChange, ...] = ()
    person_state: PersonState | None = None
    unchanged: PersonState | None = None
    appointments: tuple[Appointment, ...] = ()
    events: tuple[AppointmentEvent, ...] = ()
    calendars: tuple[CalendarGuard, ...] = ()
    entry: CalendarEntry | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether it writes an answer and nothing else: a refusal, or the same hold once more."""
        return not (self.events or self.entry)

    def registering(self, registrations: tuple[Registration, ...]) -> "Change":
        """The same change, which also registers these persons."""
        return Change(  # field by field, as every first request of a person passes here
            registrations=registrations,
            answer=self.answer,
            seats=self.seats,
            person_state=self.person_state,
            unchanged=self.unchanged,
            appointments=self.appointments,
            events=self.events,
            calendars=self.calendars,
            entry=self.entry,
        )


@frozen(kw_only=True)
class SignInChange:
    """The records of one attempt to sign in, written all or not at all.

    - `once`: codes, each listed once, that must never have been used, and are used from now on;
    - `attempts`: the count of failures, versioned as appointments are.
    """

    once: tuple[str, ...] = ()
    attempts: SignInAttempts | None = None


class Guard(StrEnum):
    """What a conflict was about; if several guards failed, the first in this order is reported."""

    REQUEST = "request"
    PERSON = "person"
    ONCE = "once"
    CALENDAR = "calendar"
    PERSON_STATE = "person-state"
    APPOINTMENT = "appointment"
    ATTEMPTS = "attempts"
    SEATS = "seats"


@frozen
class Committed:
    """The change is durable."""


@frozen(kw_only=True)
class Conflict:
    """Nothing of the change was written, because `guard` no longer held.

    `answer` is the first answer where the request id has one (guard REQUEST); `slot` the slot without a seat (SEATS).
    """

    guard: Guard
    answer: Answer | None = None
    slot: SlotKey | None = None
