"""Events: facts in the past tense, stored with their change and never altered."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import Arrival
from traffic_booking.domain.instants import in_utc_if_set, instant
from traffic_booking.domain.people.actors import Actor, Auditor
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.schedule.slots import Pool, SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class EventOfAppointment:
    """The part of every event: the appointment and its version, the instant (UTC), the actor, the rulebook.

    `request_id` is None if no request caused the event (a hold ran out).
    """

    number: AppointmentNumber
    version: int
    at: datetime = field(converter=instant)
    actor: Actor
    rulebook: str
    request_id: RequestId | None = None


@frozen(kw_only=True)
class AppointmentHeld(EventOfAppointment):
    """A seat was kept for the applicant until `hold_ends_at` (UTC, exclusive), among those of `pool` if it is set.

    `moving` is the number of the appointment that was to be moved there, None if the hold was for a booking.
    """

    slot: SlotKey
    slot_ends_at: datetime = field(converter=instant)
    time_zone: str
    applicant: Applicant
    hold_ends_at: datetime = field(converter=instant)
    pool: Pool | None = None
    moving: AppointmentNumber | None = None


@frozen(kw_only=True)
class AppointmentBooked(EventOfAppointment):
    """The slot was booked, from a hold (version 2) or directly (version 1), with agreement to `instructions`.

    The seat is one of `pool`, if it is set.
    """

    slot: SlotKey
    slot_ends_at: datetime = field(converter=instant)
    time_zone: str
    applicant: Applicant
    instructions: InstructionsVersion
    pool: Pool | None = None


@frozen(kw_only=True)
class WalkInBooked(EventOfAppointment):
    """A clerk booked the slot under way, or the next one, for an applicant who was there, and checked them in.

    The parts are those of `AppointmentBooked`; the version is 1.
    """

    slot: SlotKey
    slot_ends_at: datetime = field(converter=instant)
    time_zone: str
    applicant: Applicant
    instructions: InstructionsVersion
    pool: Pool | None = None


@frozen(kw_only=True)
class HoldExpired(EventOfAppointment):
    """A hold ran out; its seat is free again.

    `at` is the end of the hold and `rulebook` the version that granted it, whenever the desk records this.
    """


@frozen(kw_only=True)
class HoldReleased(EventOfAppointment):
    """A hold was given back: its applicant took another slot for the same service, or moved an appointment there."""


@frozen(kw_only=True)
class AppointmentCancelled(EventOfAppointment):
    """The appointment, or the hold, was cancelled; its seat is free again.

    `in_grace`: so soon after its booking (CN-05) that it is no late cancellation.
    """

    in_grace: bool = False


@frozen(kw_only=True)
class AppointmentMoved(EventOfAppointment):
    """The appointment moved from `from_slot`, whose seat is free again, to `slot`.

    The move is not counted if `slot_was_closed`: staff had closed `from_slot`. The new seat is one of `pool`, if it is
    set.
    """

    from_slot: SlotKey
    slot: SlotKey
    slot_ends_at: datetime = field(converter=instant)
    time_zone: str
    instructions: InstructionsVersion
    slot_was_closed: bool
    pool: Pool | None = None


@frozen(kw_only=True)
class AppointmentCheckedIn(EventOfAppointment):
    """The applicant came to the branch: early, on time, or late within the time of AT-04.

    If a gate reported it later, `happened_at` (UTC) is the instant of its scan, and `gate` its name. Several gates may
    report the same ticket: the use that counts is the first by instant, then by request id.
    """

    arrival: Arrival = Arrival.ON_TIME
    happened_at: datetime | None = field(default=None, converter=in_utc_if_set)
    gate: str | None = None


@frozen(kw_only=True)
class AppointmentServed(EventOfAppointment):
    """The service was done for the applicant, who had been checked in."""


@frozen(kw_only=True)
class AppointmentMissed(EventOfAppointment):
    """Nobody came in time; the seat is free again. It counts as missed from the end of its slot, recorded or not."""


@frozen(kw_only=True)
class AppointmentExcused(EventOfAppointment):
    """An appeal against the no-show was accepted: the appointment does not count as missed any more."""


@frozen(kw_only=True)
class SeatRecounted(EventOfAppointment):
    """The seat is counted among those of `pool` from now on or, if that is None, among those of the slot alone."""

    pool: Pool | None


AppointmentEvent = (
    AppointmentHeld
    | AppointmentBooked
    | WalkInBooked
    | HoldExpired
    | HoldReleased
    | AppointmentCancelled
    | AppointmentMoved
    | AppointmentCheckedIn
    | AppointmentServed
    | AppointmentMissed
    | AppointmentExcused
    | SeatRecounted
)


@frozen(kw_only=True)
class PersonRevealed:
    """Somebody saw who a subject is, at `at` (UTC): `person_of` and `own_data` write this.

    The actor is a `Clerk`, `System`, or the person themself. `reason` is that of staff who looked at all of the data,
    else empty.
    """

    subject: Subject
    at: datetime = field(converter=instant)
    actor: Actor
    reason: str = ""


@frozen(kw_only=True)
class QuestionAsked:
    """An auditor asked `question` of the records, at `at` (UTC).

    `about` has what narrows the answer, by name: ids of branches, services, rules and clerks, days, an appointment's
    number, a request's id. `subject` is the person that the answer is about, if it is about one. No personal data.
    """

    at: datetime = field(converter=instant)
    actor: Auditor
    question: str
    about: Mapping[str, str]
    subject: Subject | None = None

    def __hash__(self) -> int:
        return hash((self.at, self.actor, self.question, self.subject))  # a mapping has no hash


@frozen(kw_only=True)
class PersonErased:
    """A person was erased at `at` (UTC) by a `Clerk` or `System`, for a `reason`, at the request `request_id`.

    `subject` names the person in what stays; it is None if nobody with the id was registered: never, or erased before.
    `cancelled` are the appointments and holds that the erasure cancelled first.
    """

    subject: Subject | None
    at: datetime = field(converter=instant)
    actor: Actor
    reason: str
    request_id: RequestId
    cancelled: tuple[AppointmentNumber, ...] = ()


@frozen(kw_only=True)
class UpkeepDone:
    """`count` records were removed or written anew at `at` (UTC).

    `what` is the name of a period of `Retention`, `erasure`, or `pseudonym key`. An `erasure` is a batch of assertions,
    names and sessions of a person who has very many; the entry about the person is a `PersonErased`.
    """

    at: datetime = field(converter=instant)
    actor: Actor
    what: str
    count: int
