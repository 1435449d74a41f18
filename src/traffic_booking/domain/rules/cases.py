"""What rules are asked about: plain values, fit for a record, made in one place for each use case."""

from datetime import datetime, timedelta
from typing import Protocol

from attrs import field, frozen

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor, may_see
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import InstructionsVersion, ServiceId, ServiceTerms
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.schedule.slots import OpenHours, Slot, SlotKey


@frozen(kw_only=True)
class OwnCancellation:
    """That the applicant cancelled, at `at` (UTC), a booked appointment for `service` which started at `starts_at`."""

    service: ServiceId
    starts_at: datetime = field(converter=instant)
    at: datetime = field(converter=instant)


class AnyCase(Protocol):
    """What every case has: who asks, and for which slot, None where there is none."""

    @property
    def actor(self) -> Actor:
        """Who asks."""
        ...

    @property
    def at(self) -> SlotKey | None:
        """For which slot."""
        ...


@frozen(kw_only=True)
class BookingCase:
    """All that the rules of booking and holding look at.

    `slot` is None where the timetable has none at that time. `others` are the applicant's active appointments, in order
    of their start, less those that this request turns into or gives back. `taken` counts the other seats taken of the
    slot. `agreed` is the version of the instructions that the applicant agreed to, None for none. `held` is their live
    hold of this very slot, `given_back` are those of other times for the same service. `missed` and `withdrawn` are
    what they didn't come to (when it ended) and what they cancelled, as far back as the rulebook looks. `assertions`
    are the host's, None where it made none.
    """

    actor: Actor
    applicant: Applicant
    key: SlotKey
    service: ServiceTerms
    offered: bool
    slot: Slot | None
    seats_taken: int
    others: tuple[ListedAppointment, ...]
    agreed: InstructionsVersion | None
    held: Appointment | None = None
    given_back: tuple[Appointment, ...] = ()
    missed: tuple[datetime, ...] = ()
    cancelled_by_applicant: tuple[OwnCancellation, ...] = ()
    assertions: Assertions | None = None
    suspension: Suspension | None = None

    @property
    def at(self) -> SlotKey:
        """The slot whose service and branch the figures hold for."""
        return self.key

    @property
    def ends_at(self) -> datetime:
        """When the slot ends, or would end if there were one (UTC)."""
        return self.slot.ends_at if self.slot else self.key.starts_at + timedelta(minutes=self.service.duration_minutes)


@frozen(kw_only=True)
class MoveCase(BookingCase):
    """All that the rules of moving look at: the booking of the new slot by somebody who no longer has the old one.

    `appointment` is what is to be moved, as the actor may see it; it is none of `others`, and its seat none of `taken`.
    `slot_was_closed`: staff have closed the slot that it has.
    """

    appointment: Appointment
    slot_was_closed: bool


@frozen
class AppointmentCase:
    """Who asks about which appointment; None where there is none of that number.

    `open_hours` are those of the branch before the start, the latest first, as far back as the rules want to know.
    """

    actor: Actor
    appointment: Appointment | None
    open_hours: tuple[OpenHours, ...] = ()

    @property
    def at(self) -> SlotKey | None:
        """The slot whose service and branch the figures hold for, None where the actor sees no appointment."""
        return None if self.seen is None else self.seen.slot

    @property
    def seen(self) -> Appointment | None:
        """The appointment where the actor may act on it; None where there is none or it isn't theirs."""
        appointment = self.appointment
        if appointment is None or not may_see(self.actor, appointment.applicant, appointment.slot.service):
            return None
        return appointment


@frozen
class DeclarationCase:
    """All that the rules of declaring look at."""

    actor: Actor


Case = BookingCase | MoveCase | AppointmentCase | DeclarationCase
"""What a decision is recorded with."""
