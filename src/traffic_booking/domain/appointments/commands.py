"""What is asked for: one value per use case. Two requests are the same if their commands are equal."""

from attrs import field, frozen

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId


@frozen(kw_only=True)
class HoldSlot:
    """Keep a seat for `applicant` for a few minutes.

    `assertions` are what the host vouches for; the same request may come with newer ones.
    """

    request_id: RequestId
    actor: Actor
    applicant: Applicant
    slot: SlotKey
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class BookSlot:
    """Book a slot for `applicant`.

    `agreed` is the version of the instructions that the applicant read and agreed to, or True for the one in force when
    the request is decided, or False. `assertions` as in `HoldSlot`.
    """

    request_id: RequestId
    actor: Actor
    applicant: Applicant
    slot: SlotKey
    agreed: InstructionsVersion | bool
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class CancelAppointment:
    """Cancel an appointment or give a hold back."""

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber


@frozen(kw_only=True)
class MoveAppointment:
    """Give an appointment another slot; it keeps its number.

    `agreed` as in `BookSlot`, but for False: then what was agreed to when it was booked stands. `assertions` as in
    `HoldSlot`.
    """

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber
    slot: SlotKey
    agreed: InstructionsVersion | bool = False
    assertions: Assertions | None = field(default=None, eq=False)


@frozen(kw_only=True)
class CheckInApplicant:
    """Note at the branch that the applicant has come."""

    request_id: RequestId
    actor: Actor
    number: AppointmentNumber


@frozen(kw_only=True)
class DeclareRecord:
    """Add a closure, an order, an announcement or a branch's exception to the working calendar, and say why."""

    request_id: RequestId
    actor: Actor
    reason: str
    record: CalendarRecord


Command = HoldSlot | BookSlot | CancelAppointment | MoveAppointment | CheckInApplicant | DeclareRecord
