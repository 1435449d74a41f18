"""The cases that rules evaluate: plain values that can be stored, made in one place for each use case."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.instants import in_utc_if_set, instant
from traffic_booking.domain.people.actors import Actor, is_within_delegation, may_see
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import InstructionsVersion, ServiceConditions, ServiceId
from traffic_booking.domain.rules.restrictions import Suspension
from traffic_booking.domain.schedule.slots import OpenHours, Pool, Slot, SlotKey
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class OwnCancellation:
    """A cancellation by the applicant, at `at` (UTC), of a booked appointment for `service` with that start."""

    service: ServiceId
    starts_at: datetime = field(converter=instant)
    at: datetime = field(converter=instant)


class AnyCase(Protocol):
    """The part of every case: the actor, and the slot, if there is one."""

    @property
    def actor(self) -> Actor: ...  # noqa: D102 - the class documents it
    @property
    def at(self) -> SlotKey | None: ...  # noqa: D102 - the same


@frozen(kw_only=True)
class BookingCase:
    """The facts that the rules of booking and holding read.

    `slot` is None if the timetable has none at that time. `seats_taken` counts its seats, without those of the
    applicant's own holds that the request ends; in a pool it is the most of any step. `held` is their hold of this
    slot, and `given_back` contains their holds of other slots for the service. `others` contains their other active
    appointments, in order of their start. `missed` has the ends of missed appointments and `cancelled_by_applicant` the
    cancellations, both as far back as the rulebook looks. `agreed` is the version of the instructions that the
    applicant agreed to, if any.
    """

    actor: Actor
    applicant: Applicant
    key: SlotKey
    service: ServiceConditions
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
        """The slot whose service and branch decide the figures."""
        return self.key

    @property
    def ends_at(self) -> datetime:
        """The end of the slot, or of one that started then (UTC)."""
        return self.slot.ends_at if self.slot else self.key.starts_at + timedelta(minutes=self.service.duration_minutes)

    def may_show(self, others: Iterable[ListedAppointment]) -> bool:
        """True if the actor may see all of `others`: a delegate sees those for the delegation's services alone."""
        return all(is_within_delegation(self.actor, other.slot.service) for other in others)

    @property
    def pool(self) -> Pool | None:
        """The pool of the seat, if it is granted: that of the slot, but a hold that is booked keeps its seat."""
        if self.held is not None:
            return self.held.pool
        return None if self.slot is None else self.slot.pool


@frozen(kw_only=True)
class MoveCase(BookingCase):
    """The facts that the rules of moving read: a booking of the new slot, as if the old one were free, or its hold.

    `appointment` is the one to move. It is not among `others`, and its seat is not in `seats_taken`, except for a hold
    of its own slot, to which nothing would be moved. `slot_was_closed`: staff have closed its slot. `booked_late`: at
    the end of the grace after its booking or last move (CN-05), MV-05 would refuse.
    """

    appointment: Appointment
    slot_was_closed: bool
    booked_late: bool = False

    @property
    def pool(self) -> Pool | None:
        """The pool of the new slot."""
        return None if self.slot is None else self.slot.pool


@frozen
class AppointmentCase:
    """An actor and an appointment, None if the number is unknown.

    `open_hours` contains the branch's hours before the start, latest first, as far back as the rules read.
    `booked_late`: at the end of the grace after its booking or last move (CN-05), CN-03 or CN-04 would refuse.
    `came_at` (UTC) is set if a gate reports later that it admitted the applicant then.
    """

    actor: Actor
    appointment: Appointment | None
    open_hours: tuple[OpenHours, ...] = ()
    booked_late: bool = False
    came_at: datetime | None = field(default=None, converter=in_utc_if_set)

    @property
    def at(self) -> SlotKey | None:
        """The slot whose service and branch decide the figures; None if the actor may see no appointment."""
        return None if self.seen is None else self.seen.slot

    @property
    def seen(self) -> Appointment | None:
        """The appointment, if there is one and the actor may act on it."""
        appointment = self.appointment
        if appointment is None or not _may_see(self.actor, appointment):
            return None
        return appointment


@frozen
class StayCase(AppointmentCase):
    """A move of a booked appointment to its own slot, by an actor who may see it."""


@frozen
class MissedCase(AppointmentCase):
    """An appointment that is to be recorded as missed. `slot_was_closed`: staff have closed its slot."""

    slot_was_closed: bool = False


@frozen
class DeclarationCase:
    """The facts that the rules of declaring read: who declares, and for which branch (None: for the whole country)."""

    actor: Actor
    branch: BranchId | None = None


def seen_by(actor: Actor, appointment: Appointment | None, now: datetime) -> Appointment | None:
    """`appointment`, unless `actor` may not see it at `now`: a case has no facts beyond a delegation."""
    if appointment is None or is_within_delegation(actor, appointment.slot.service, at=now):
        return appointment
    return None


def _may_see(actor: Actor, appointment: Appointment) -> bool:
    return may_see(actor, appointment.applicant, appointment.slot.service, appointment.slot.branch)


Case = BookingCase | MoveCase | AppointmentCase | DeclarationCase
"""A case as recorded with its decision."""
