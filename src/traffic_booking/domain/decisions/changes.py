"""A change: one atomic write, with the guards that the store checks again as it commits."""

from enum import StrEnum

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Registration
from traffic_booking.domain.people.attempts import SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.values import frozen


@frozen
class SeatChange:
    """Take (`delta` > 0) or free (`delta` < 0) seats of one count.

    The guard: the count is never below 0 and, if seats are taken, at most `capacity` afterwards.
    """

    seat: SeatKey
    delta: int
    capacity: int


@frozen
class CalendarGuard:
    """The calendar of `branch` still has `expected_version`.

    If the number of an `entry` about the branch is given, the commit raises the version by one.
    """

    branch: BranchId
    expected_version: int
    entry: int | None = None


@frozen(kw_only=True)
class Change:
    """The writes of one decision. Every part takes effect, or none.

    - `registrations`: persons who must not be registered yet;
    - `answer`: the decision's record under its request id, which must have no answer yet;
    - `seats`: see `SeatChange`; each count at most once;
    - `person_state`: the new state of a person; the stored one must have the version before;
    - `unchanged`: the state of a person behind a refusal; the stored one must still have its version;
    - `appointments`: new versions; a stored one must have the version before (none may be stored for version 1);
    - `events`: to be appended, in this order, in the same transaction;
    - `calendars`: see `CalendarGuard`; each branch at most once;
    - `entry`: a new entry of the working calendar; `calendars` raises the versions of its branches.
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
        """True if it writes an answer alone: a refusal, or the same hold once more."""
        return not (self.events or self.entry)

    def registering(self, registrations: tuple[Registration, ...]) -> "Change":
        """The same change, which also registers these persons."""
        return copy_with(self, registrations=registrations)


@frozen(kw_only=True)
class SignInChange:
    """The writes of an attempt to sign in or to reset a password, or of a session. Every part takes effect, or none.

    - `once`: codes, each listed once, that must be unused, and are used from now on;
    - `attempts`: the count of failures; the stored one must have the version before;
    - `session`: a session under its token; the stored one must have the version before (none, for version 1).
    """

    once: tuple[str, ...] = ()
    attempts: SignInAttempts | None = None
    session: IssuedSession | None = None


class Guard(StrEnum):
    """The guards of a commit. If several fail, the first in this order is reported."""

    REQUEST = "request"
    PERSON = "person"
    ONCE = "once"
    CALENDAR = "calendar"
    PERSON_STATE = "person-state"
    APPOINTMENT = "appointment"
    ATTEMPTS = "attempts"
    SESSION = "session"
    SEATS = "seats"


@frozen
class Committed:
    """The change is durable."""


@frozen(kw_only=True)
class Conflict:
    """Nothing was written, because `guard` failed.

    `answer` is the first answer to the request id (guard REQUEST), `seat` the count without a free seat (guard SEATS).
    """

    guard: Guard
    answer: Answer | None = None
    seat: SeatKey | None = None
