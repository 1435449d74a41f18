"""Commands: one value per use case. Two requests are the same if their commands are equal."""

from datetime import datetime

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.instants import in_utc_if_set
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import InstructionsVersion, ServiceId
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class HoldSlot:
    """Keep a seat for `applicant` for a few minutes.

    `moving` is the number of their appointment that is to be moved to the slot, if the hold is for a move. `assertions`
    are the host's. A repeated request may bring newer ones.
    """

    request_id: RequestId
    actor: Actor
    applicant: Applicant
    slot: SlotKey
    moving: AppointmentNumber | None = None
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class BookSlot:
    """Book a slot for `applicant`.

    `agreed` is the version of the instructions that the applicant agreed to, True for the version in force when the
    request is decided, or False. `assertions` as in `HoldSlot`.
    """

    request_id: RequestId
    actor: Actor
    applicant: Applicant
    slot: SlotKey
    agreed: InstructionsVersion | bool
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class CancelAppointment:
    """Cancel an appointment or a hold."""

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber


@frozen(kw_only=True)
class MoveAppointment:
    """Give an appointment another slot; it keeps its number.

    `agreed` as in `BookSlot`, but False keeps the agreement of the booking. `assertions` as in `HoldSlot`.
    """

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber
    slot: SlotKey
    agreed: InstructionsVersion | bool = False
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class CheckInApplicant:
    """Record at the branch that the applicant has come.

    If a gate reports it later, `happened_at` (UTC) is the instant of its scan, and `gate` its name.
    """

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber
    happened_at: datetime | None = field(default=None, converter=in_utc_if_set)
    gate: str | None = None


@frozen(kw_only=True)
class ServeApplicant:
    """Record at the branch that the service was done."""

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber


@frozen(kw_only=True)
class RecordNoShow:
    """Record at the branch that nobody came."""

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber


@frozen(kw_only=True)
class ExcuseNoShow:
    """Accept an appeal against a no-show.

    `evidence` is what the clerk has seen. It is None once it is removed, and if the appeal was refused: then a repeated
    request may bring another text.
    """

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber
    evidence: str | None = field(default=None, eq=False, repr=False)


@frozen(kw_only=True)
class DeclareRecord:
    """Add a record to the working calendar, with a reason."""

    request_id: RequestId
    actor: Actor
    reason: str
    record: CalendarRecord


@frozen(kw_only=True)
class WalkIn:
    """Give an applicant who is at the branch the slot under way, or the next one, and check them in.

    The desk chooses the slot. `agreed` as in `BookSlot`, `assertions` as in `HoldSlot`.
    """

    request_id: RequestId
    actor: Actor
    applicant: Applicant
    branch: BranchId
    service: ServiceId
    agreed: InstructionsVersion | bool
    assertions: Assertions | None = field(default=None, eq=False)


AtTheGate = CheckInApplicant | ServeApplicant | RecordNoShow | ExcuseNoShow
"""The commands of staff about an appointment whose applicant has come, or should have."""

Command = HoldSlot | BookSlot | CancelAppointment | MoveAppointment | AtTheGate | WalkIn | DeclareRecord
