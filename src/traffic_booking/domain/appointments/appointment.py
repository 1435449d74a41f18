"""An appointment: a booked or held slot, with a number, a state, and events that it can be rebuilt from."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from attrs import evolve as copy_with
from attrs import field, frozen
from attrs.converters import optional

from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
    HoldReleased,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.instants import in_utc
from traffic_booking.domain.people.actors import STAFF
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.schedule.slots import SlotKey


class AppointmentState(StrEnum):
    """Where an appointment stands. HELD, BOOKED and CHECKED_IN have a seat; CANCELLED and EXPIRED are final."""

    HELD = "held"
    BOOKED = "booked"
    CHECKED_IN = "checked-in"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def label(self) -> Bilingual:
        """The state's name, as tickets and lists show it."""
        return _LABELS[self]


_LABELS: Final = {
    AppointmentState.HELD: Bilingual("محجوز مؤقتًا", "held"),
    AppointmentState.BOOKED: Bilingual("محجوز", "booked"),
    AppointmentState.CHECKED_IN: Bilingual("سُجّل الحضور", "checked in"),
    AppointmentState.CANCELLED: Bilingual("ملغى", "cancelled"),
    AppointmentState.EXPIRED: Bilingual("انتهت مدته", "expired"),
}


# Looking a member up in its class takes many times as long, and every decision asks about every appointment.
_HELD: Final = AppointmentState.HELD
_BOOKED: Final = AppointmentState.BOOKED
_CHECKED_IN: Final = AppointmentState.CHECKED_IN

SEATED = frozenset({AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN})
"""The states in which an appointment has one of its slot's seats."""

COMES_AFTER: Final[Mapping[type[AppointmentEvent], frozenset[AppointmentState]]] = {
    AppointmentBooked: frozenset({AppointmentState.HELD}),
    HoldExpired: frozenset({AppointmentState.HELD}),
    HoldReleased: frozenset({AppointmentState.HELD}),
    AppointmentCancelled: frozenset({AppointmentState.HELD, AppointmentState.BOOKED}),
    AppointmentMoved: frozenset({AppointmentState.BOOKED}),
    AppointmentCheckedIn: frozenset({AppointmentState.BOOKED}),
}
"""The states of an appointment in which each event may come to it; a hold comes first, and so may a booking."""


@frozen(kw_only=True)
class ListedAppointment:
    """Of an appointment, what the rules about another one look at: when it is, how long it counts, how it ended.

    `hold_ends_at` is set while held, `withdrawn_at` (UTC) if the applicant, not the branch, cancelled it once booked.
    """

    number: AppointmentNumber
    state: AppointmentState
    slot: SlotKey
    slot_ends_at: datetime = field(converter=in_utc)
    hold_ends_at: datetime | None = field(default=None, converter=optional(in_utc))
    cancelled_by_applicant_at: datetime | None = field(default=None, converter=optional(in_utc))

    def active_until(self) -> datetime | None:
        """Until when (exclusive) the appointment counts against its applicant's limits; None where it doesn't."""
        state = self.state
        if state is _BOOKED or state is _CHECKED_IN:
            return self.slot_ends_at
        if state is _HELD:
            assert self.hold_ends_at is not None
            return min(self.hold_ends_at, self.slot_ends_at)
        return None

    def is_active(self, now: datetime) -> bool:
        """Whether the appointment counts against its applicant's limits at `now`."""
        until = self.active_until()
        return until is not None and now < until

    def as_listed(self) -> "ListedAppointment":
        """That part alone."""
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

    Instants are kept in UTC; `starts_at` and `day` are the branch's own time. `instructions` are set once it is booked.
    `moves` counts how often it was moved, less from slots that staff had closed. `rulebook` is the version under which
    the last change was decided.
    """

    version: int
    time_zone: str
    applicant: Applicant
    rulebook: str
    changed_at: datetime = field(converter=in_utc)
    instructions: InstructionsVersion | None = None
    moves: int = 0

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

    @property
    def has_seat(self) -> bool:
        """Whether one of the slot's seats is counted for this appointment."""
        return self.state in SEATED


def evolve(appointment: Appointment | None, event: AppointmentEvent) -> Appointment:
    """The appointment after `event`; from None and its first event on, an appointment's events give it back whole."""
    if appointment is None:
        return _first(event)
    assert event.number == appointment.number
    assert event.version == appointment.version + 1
    assert not isinstance(event, AppointmentHeld), "a hold is always an appointment's first event"
    assert appointment.state in COMES_AFTER[type(event)], f"{type(event).__name__} on one that is {appointment.state}"
    match event:
        case AppointmentBooked():
            as_booked = copy_with(appointment, slot_ends_at=event.slot_ends_at, time_zone=event.time_zone)
            return _after(as_booked, event, AppointmentState.BOOKED, instructions=event.instructions)
        case AppointmentMoved():
            return _after(
                _elsewhere(appointment, event), event, AppointmentState.BOOKED, instructions=event.instructions
            )
        case AppointmentCheckedIn():
            return _after(appointment, event, AppointmentState.CHECKED_IN, instructions=appointment.instructions)
        case AppointmentCancelled() | HoldReleased():
            cancelled_by_applicant = appointment.state is _BOOKED and not isinstance(event.actor, STAFF)
            with_time = (
                copy_with(appointment, cancelled_by_applicant_at=event.at) if cancelled_by_applicant else appointment
            )
            return _after(with_time, event, AppointmentState.CANCELLED, instructions=appointment.instructions)
        case HoldExpired():
            return _after(appointment, event, AppointmentState.EXPIRED, instructions=None)
        case never:
            assert_never(never)


def _first(event: AppointmentEvent) -> Appointment:
    hold_ends_at, instructions = None, None
    if isinstance(event, AppointmentBooked):
        state, instructions = _BOOKED, event.instructions
    else:
        assert isinstance(event, AppointmentHeld), f"{type(event).__name__} can't come first"
        state, hold_ends_at = _HELD, event.hold_ends_at
    return Appointment(
        number=event.number,
        version=event.version,
        state=state,
        slot=event.slot,
        slot_ends_at=event.slot_ends_at,
        time_zone=event.time_zone,
        applicant=event.applicant,
        rulebook=event.rulebook,
        changed_at=event.at,
        hold_ends_at=hold_ends_at,
        instructions=instructions,
    )


def _elsewhere(appointment: Appointment, event: AppointmentMoved) -> Appointment:
    return copy_with(
        appointment,
        slot=event.slot,
        slot_ends_at=event.slot_ends_at,
        time_zone=event.time_zone,
        moves=appointment.moves + (not event.slot_was_closed),
    )


def _after(
    appointment: Appointment,
    event: AppointmentEvent,
    state: AppointmentState,
    *,
    instructions: InstructionsVersion | None,
) -> Appointment:
    return copy_with(
        appointment,
        version=event.version,
        state=state,
        rulebook=event.rulebook,
        changed_at=event.at,
        hold_ends_at=None,
        instructions=instructions,
    )
