"""An appointment: a booked or held slot, with a number, a state, and the events that rebuild it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import field

from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentExcused,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentServed,
    HoldExpired,
    HoldReleased,
    SeatRecounted,
    WalkInBooked,
)
from traffic_booking.domain.appointments.lost_slots import LostSlot
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import EXPECTED, LIVE, SEATED, AppointmentState
from traffic_booking.domain.bilingual import Digits, Language
from traffic_booking.domain.calendars.day import Day, interval_text, times_text
from traffic_booking.domain.instants import in_utc, in_utc_if_set
from traffic_booking.domain.people.actors import STAFF, System
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.schedule.slots import Pool, SeatKey, SlotKey, pool_steps
from traffic_booking.domain.values import frozen

# A look-up in the enum is slow, and every decision reads the state of every appointment.
_HELD: Final = AppointmentState.HELD
_BOOKED: Final = AppointmentState.BOOKED
_CHECKED_IN: Final = AppointmentState.CHECKED_IN

FIRST: Final = (AppointmentBooked, AppointmentHeld, WalkInBooked)
"""The events that an appointment may begin with."""
COMES_AFTER: Final[Mapping[type[AppointmentEvent], frozenset[AppointmentState]]] = {
    AppointmentBooked: frozenset({AppointmentState.HELD}),
    HoldExpired: frozenset({AppointmentState.HELD}),
    HoldReleased: frozenset({AppointmentState.HELD}),
    AppointmentCancelled: frozenset({AppointmentState.HELD, AppointmentState.BOOKED}),
    AppointmentMoved: frozenset({AppointmentState.BOOKED}),
    AppointmentCheckedIn: EXPECTED,
    AppointmentServed: frozenset({AppointmentState.CHECKED_IN}),
    AppointmentMissed: frozenset({AppointmentState.BOOKED}),
    AppointmentExcused: frozenset({AppointmentState.NO_SHOW}),
    SeatRecounted: LIVE,
}
"""The states in which each event may happen. A hold always comes first; a booking may.

Gates without the store may admit one ticket several times, and report it late: also once the appointment is served or
recorded as missed.
"""

_FIRST_STATES: Final[Mapping[type[AppointmentEvent], AppointmentState]] = {
    AppointmentBooked: _BOOKED,
    AppointmentHeld: _HELD,
    WalkInBooked: _CHECKED_IN,
}
_STATE_AFTER: Final[Mapping[type[AppointmentEvent], AppointmentState]] = {
    HoldExpired: AppointmentState.EXPIRED,
    AppointmentServed: AppointmentState.SERVED,
    AppointmentMissed: AppointmentState.NO_SHOW,
    AppointmentExcused: AppointmentState.EXCUSED,
}
_CHECKED_IN_AFTER: Final = {
    _BOOKED: _CHECKED_IN,
    _CHECKED_IN: _CHECKED_IN,
    AppointmentState.SERVED: AppointmentState.SERVED,
    AppointmentState.NO_SHOW: AppointmentState.EXCUSED,
    AppointmentState.EXCUSED: AppointmentState.EXCUSED,
}
"""The state after a check-in, by the state before. A missed appointment is excused if its applicant had come. It has no
seat, which somebody else may have taken.
"""
"""The state after each event that changes nothing else."""


@frozen(kw_only=True)
class ListedAppointment:
    """The part of an appointment that the rules about another one read.

    `hold_ends_at` is set while held. `cancelled_by_applicant_at` (UTC) is set if the applicant, not the branch,
    cancelled a booked one, and not in the grace after its booking (CN-05).
    """

    number: AppointmentNumber
    state: AppointmentState
    slot: SlotKey
    slot_ends_at: datetime = field(converter=in_utc)
    hold_ends_at: datetime | None = field(default=None, converter=in_utc_if_set)
    cancelled_by_applicant_at: datetime | None = field(default=None, converter=in_utc_if_set)

    def active_until(self) -> datetime | None:
        """The instant (exclusive) to which it counts for its applicant's limits; None if it does not count."""
        state = self.state
        if state is _BOOKED or state is _CHECKED_IN:
            return self.slot_ends_at
        return self.hold_ends_at if state is _HELD else None

    def is_active(self, now: datetime) -> bool:
        """True if it counts for its applicant's limits at `now`."""
        until = self.active_until()
        return until is not None and now < until

    def state_at(self, now: datetime) -> AppointmentState:
        """The state at `now`: a hold that has run out is expired, even if that is not recorded yet."""
        ran_out = self.state is _HELD and not self.is_active(now)
        return AppointmentState.EXPIRED if ran_out else self.state

    def as_listed(self) -> "ListedAppointment":
        """A copy of this part alone."""
        return ListedAppointment(
            number=self.number,
            state=self.state,
            slot=self.slot,
            slot_ends_at=self.slot_ends_at,
            hold_ends_at=self.hold_ends_at,
            cancelled_by_applicant_at=self.cancelled_by_applicant_at,
        )


@frozen(kw_only=True)
class Appointment(ListedAppointment):
    """One appointment as of its `version` (1 for the first event, one more with each).

    Instants are in UTC, `starts_at`, `ends_at` and `day` in the branch's own time. `instructions` are set once it is
    booked. `moves` counts the moves, without those from slots that staff had closed. `rulebook` is the version that
    decided the last change. `pool` is set if the seat is one of a pool, as it was counted when it was taken.

    `lost_slot` is set if the slot has left the timetable since. A desk sets it as it returns a live appointment.
    `masked_id` has the last four digits of the applicant's id, in the list of a branch's day alone. Neither is stored
    or takes part in comparisons.
    """

    version: int
    time_zone: str
    applicant: Applicant
    rulebook: str
    changed_at: datetime = field(converter=in_utc)
    instructions: InstructionsVersion | None = None
    moves: int = 0
    pool: Pool | None = None
    lost_slot: LostSlot | None = field(default=None, eq=False)
    masked_id: str | None = field(default=None, eq=False)

    @property
    def starts_at(self) -> datetime:
        """The start in the branch's time zone."""
        return self.slot.starts_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def ends_at(self) -> datetime:
        """The end in the branch's time zone."""
        return self.slot_ends_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def day(self) -> Day:
        """The civil day at the branch, in both calendars."""
        return Day(self.starts_at.date())

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """The day in both calendars and the hours, such as `Monday, 11 March 2024 – …, from 09:00 to 09:15 (…)`.

        Raises `InvalidInput` for an unknown language, or unknown digits.
        """
        return interval_text(self.slot.starts_at, self.slot_ends_at, language, digits, time_zone=self.time_zone)

    def time_text(self, language: Language, digits: Digits = "ascii") -> str:
        """The hours alone, such as `09:00–09:15`, for a list of one day. Raises as `text` does."""
        return times_text(self.slot.starts_at, self.slot_ends_at, language, digits, time_zone=self.time_zone)

    @property
    def seats(self) -> tuple[SeatKey, ...]:
        """The counts in which it takes a seat, or took it."""
        return (self.slot,) if self.pool is None else pool_steps(self.slot, self.slot_ends_at, self.pool)

    @property
    def has_seat(self) -> bool:
        """True if it has one of the slot's seats."""
        return self.state in SEATED

    def as_of(self, now: datetime) -> "Appointment":
        """It as it is at `now`: a hold that has run out as its record will be, once the end is recorded."""
        return evolve(self, expiry(self)) if self.state_at(now) is not self.state else self


def expiry(hold: Appointment) -> HoldExpired:
    """The end of a hold that nobody books: at the instant at which it runs out, whenever that is recorded."""
    assert hold.hold_ends_at is not None, "a hold has an end"
    return HoldExpired(
        number=hold.number, version=hold.version + 1, at=hold.hold_ends_at, actor=System(), rulebook=hold.rulebook
    )


def evolve(appointment: Appointment | None, event: AppointmentEvent) -> Appointment:
    """The appointment after `event`. All of its events, applied from None on, rebuild it."""
    if appointment is None:
        return _first(event)
    assert event.number == appointment.number
    assert event.version == appointment.version + 1
    assert not isinstance(event, AppointmentHeld | WalkInBooked), "these are always an appointment's first events"
    assert appointment.state in COMES_AFTER[type(event)], f"{type(event).__name__} on one that is {appointment.state}"
    after = copy_with(
        appointment, version=event.version, rulebook=event.rulebook, changed_at=event.at, hold_ends_at=None
    )
    match event:
        case AppointmentBooked() | AppointmentMoved():
            counted = isinstance(event, AppointmentMoved) and not event.slot_was_closed
            return copy_with(
                after,
                state=_BOOKED,
                slot=event.slot,
                slot_ends_at=event.slot_ends_at,
                time_zone=event.time_zone,
                instructions=event.instructions,
                pool=event.pool,
                moves=appointment.moves + counted,
            )
        case AppointmentCancelled() | HoldReleased():
            by_applicant = appointment.state is _BOOKED and not isinstance(event.actor, STAFF)
            if isinstance(event, AppointmentCancelled) and event.in_grace:
                by_applicant = False
            cancelled_at = event.at if by_applicant else appointment.cancelled_by_applicant_at
            return copy_with(after, state=AppointmentState.CANCELLED, cancelled_by_applicant_at=cancelled_at)
        case SeatRecounted():
            return copy_with(after, hold_ends_at=appointment.hold_ends_at, pool=event.pool)
        case AppointmentCheckedIn():
            return copy_with(after, state=_CHECKED_IN_AFTER[appointment.state])
        case HoldExpired() | AppointmentServed() | AppointmentMissed() | AppointmentExcused():
            return copy_with(after, state=_STATE_AFTER[type(event)])
        case never:
            assert_never(never)


def _first(event: AppointmentEvent) -> Appointment:
    assert isinstance(event, FIRST), f"{type(event).__name__} can't come first"
    return Appointment(
        number=event.number,
        version=event.version,
        state=_FIRST_STATES[type(event)],
        slot=event.slot,
        slot_ends_at=event.slot_ends_at,
        time_zone=event.time_zone,
        applicant=event.applicant,
        rulebook=event.rulebook,
        changed_at=event.at,
        hold_ends_at=event.hold_ends_at if isinstance(event, AppointmentHeld) else None,
        instructions=None if isinstance(event, AppointmentHeld) else event.instructions,
        pool=event.pool,
    )
