"""Occurrences: entries of the log in the same few columns for every kind, so that they can be listed and filtered."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from attrs import field

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
    WalkIn,
)
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
    EventOfAppointment,
    HoldExpired,
    HoldReleased,
    PersonErased,
    PersonRevealed,
    QuestionAsked,
    SeatRecounted,
    UpkeepDone,
    WalkInBooked,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.feed_page import FeedEntry
from traffic_booking.domain.audit.installations import Installed
from traffic_booking.domain.audit.restores import StoreRestored
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.decisions.outcomes import Answer, RequestRefused
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor, Auditor, Delegate, System
from traffic_booking.domain.people.applicants import Applicant, PersonRegistered, Subject
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.exceptions import BranchException
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


class OccurrenceKind(StrEnum):
    """The kinds of occurrences. Their texts are the kinds of the JSON forms of the feed."""

    HELD = "appointment-held"
    BOOKED = "appointment-booked"
    WALKED_IN = "walk-in-booked"
    HOLD_EXPIRED = "hold-expired"
    HOLD_RELEASED = "hold-released"
    CANCELLED = "appointment-cancelled"
    MOVED = "appointment-moved"
    CHECKED_IN = "appointment-checked-in"
    SERVED = "appointment-served"
    MISSED = "appointment-missed"
    EXCUSED = "appointment-excused"
    RECOUNTED = "seat-recounted"
    REFUSED = "request-refused"
    DECLARED = "calendar-entry"
    REGISTERED = "person-registered"
    REVEALED = "person-revealed"
    ERASED = "person-erased"
    UPKEEP = "upkeep-done"
    INSTALLED = "installed"
    RESTORED = "store-restored"
    ASKED = "question-asked"

    @property
    def label(self) -> Bilingual:
        """Its name, as lists show it."""
        return _LABELS[self]


_LABELS: Final = {
    OccurrenceKind.HELD: Bilingual("حجز مؤقت", "held"),
    OccurrenceKind.BOOKED: Bilingual("حجز", "booked"),
    OccurrenceKind.WALKED_IN: Bilingual("استقبال بلا موعد", "walk-in booked"),
    OccurrenceKind.HOLD_EXPIRED: Bilingual("انتهاء حجز مؤقت", "hold ran out"),
    OccurrenceKind.HOLD_RELEASED: Bilingual("إعادة حجز مؤقت", "hold given back"),
    OccurrenceKind.CANCELLED: Bilingual("إلغاء", "cancelled"),
    OccurrenceKind.MOVED: Bilingual("نقل", "moved"),
    OccurrenceKind.CHECKED_IN: Bilingual("تسجيل حضور", "checked in"),
    OccurrenceKind.SERVED: Bilingual("إنجاز الخدمة", "served"),
    OccurrenceKind.MISSED: Bilingual("تسجيل تخلف", "no-show recorded"),
    OccurrenceKind.EXCUSED: Bilingual("قبول عذر", "no-show excused"),
    OccurrenceKind.RECOUNTED: Bilingual("إعادة عدّ مقعد", "seat recounted"),
    OccurrenceKind.REFUSED: Bilingual("رفض طلب", "request refused"),
    OccurrenceKind.DECLARED: Bilingual("تعديل تقويم الدوام", "calendar changed"),
    OccurrenceKind.REGISTERED: Bilingual("تسجيل شخص", "person registered"),
    OccurrenceKind.REVEALED: Bilingual("اطلاع على هوية شخص أو بياناته", "id or data looked up"),
    OccurrenceKind.ERASED: Bilingual("محو بيانات شخص", "person erased"),
    OccurrenceKind.UPKEEP: Bilingual("صيانة", "maintenance"),
    OccurrenceKind.INSTALLED: Bilingual("تثبيت القواعد والدليل والتقويم", "rulebook, catalogue, calendar installed"),
    OccurrenceKind.RESTORED: Bilingual("استعادة المخزن من نسخة", "store restored"),
    OccurrenceKind.ASKED: Bilingual("سؤال مدقق", "auditor's question"),
}

_KINDS: Final[dict[type, OccurrenceKind]] = {
    AppointmentHeld: OccurrenceKind.HELD,
    AppointmentBooked: OccurrenceKind.BOOKED,
    WalkInBooked: OccurrenceKind.WALKED_IN,
    HoldExpired: OccurrenceKind.HOLD_EXPIRED,
    HoldReleased: OccurrenceKind.HOLD_RELEASED,
    AppointmentCancelled: OccurrenceKind.CANCELLED,
    AppointmentMoved: OccurrenceKind.MOVED,
    AppointmentCheckedIn: OccurrenceKind.CHECKED_IN,
    AppointmentServed: OccurrenceKind.SERVED,
    AppointmentMissed: OccurrenceKind.MISSED,
    AppointmentExcused: OccurrenceKind.EXCUSED,
    SeatRecounted: OccurrenceKind.RECOUNTED,
    RequestRefused: OccurrenceKind.REFUSED,
    CalendarEntry: OccurrenceKind.DECLARED,
    PersonRegistered: OccurrenceKind.REGISTERED,
    PersonRevealed: OccurrenceKind.REVEALED,
    PersonErased: OccurrenceKind.ERASED,
    UpkeepDone: OccurrenceKind.UPKEEP,
    Installed: OccurrenceKind.INSTALLED,
    StoreRestored: OccurrenceKind.RESTORED,
    QuestionAsked: OccurrenceKind.ASKED,
}


@frozen(kw_only=True)
class Occurrence:
    """One entry of the log, in the columns that all kinds share; what an entry does not have is None or empty.

    `at` is in UTC. `number` is the appointment's, `subject` its applicant, `slot` the slot after the event. Of a
    refusal they are those of the request; `rules` are the broken ones. `branch` and `service` are those of the slot, or
    of the request. `note` is the reason of a calendar record, an installation, an erasure or a look-up, the kind and
    the count of a maintenance, or the question of an auditor with its bounds. `number`, `subject` and `request_id` of a
    question are those that it named.
    """

    position: FeedPosition
    at: datetime = field(converter=instant)
    kind: OccurrenceKind
    actor: Actor | Auditor
    number: AppointmentNumber | None = None
    subject: Subject | None = None
    branch: BranchId | None = None
    service: ServiceId | None = None
    slot: SlotKey | None = None
    request_id: RequestId | None = None
    rulebook: str | None = None
    rules: tuple[str, ...] = ()
    note: str = ""

    @property
    def subjects(self) -> frozenset[Subject]:
        """The persons that it is about: the applicant, and whoever acted."""
        match self.actor:
            case Applicant(subject=own):
                acted: tuple[Subject, ...] = (own,)
            case Delegate(person=person, applicant=applicant):
                acted = (person.subject, applicant.subject)
            case _:
                acted = ()
        return frozenset(each for each in (self.subject, *acted) if each)


class Place(NamedTuple):
    """The applicant and the slot of an occurrence; or a branch and a service without a slot."""

    subject: Subject | None = None
    slot: SlotKey | None = None
    branch: BranchId | None = None
    service: ServiceId | None = None


NOWHERE: Final = Place()


def places_of(events: Iterable[AppointmentEvent]) -> dict[int, Place]:
    """For each version of an appointment, whose it was and its slot after the event. `events` are all of its events."""
    found, subject, slot = dict[int, Place](), None, None
    for event in events:
        applicant = getattr(event, "applicant", None)
        subject = subject if applicant is None else applicant.subject
        slot = getattr(event, "slot", slot)
        found[event.version] = Place(subject, slot)
    return found


def place_of(answer: Answer) -> Place:
    """The applicant of a request, and the slot that it asked for or that of the appointment that it named."""
    command, case = answer.command, answer.case
    match command:
        case HoldSlot() | BookSlot():
            return Place(command.applicant.subject, command.slot)
        case WalkIn():
            slot = case.key if isinstance(case, BookingCase) else None
            return Place(command.applicant.subject, slot, command.branch, command.service)
        case DeclareRecord():
            record = command.record
            return Place(branch=record.branch) if isinstance(record, BranchException) else NOWHERE
        case _:
            return _named(command, answer)


def _named(command: Command, answer: Answer) -> Place:
    case, slot = answer.case, command.slot if isinstance(command, MoveAppointment) else None
    if isinstance(case, AppointmentCase) and case.appointment is not None:
        return Place(case.appointment.applicant.subject, slot or case.appointment.slot)
    if isinstance(case, BookingCase):
        return Place(case.applicant.subject, slot)
    return Place(_own_subject(command.actor), slot)


def _own_subject(actor: Actor) -> Subject | None:
    match actor:
        case Applicant(subject=own) | Delegate(applicant=Applicant(subject=own)):
            return own or None
        case _:
            return None


def kind_of(event: AppointmentEvent) -> OccurrenceKind:
    """The kind of an event."""
    return _KINDS[type(event)]


def occurrence_of(entry: FeedEntry, place: Place = NOWHERE) -> Occurrence:
    """The occurrence of an entry; `place` is that of the event or of the refused request."""
    what = entry.what
    subject = place.subject
    if isinstance(what, PersonRegistered):
        subject = what.applicant.subject
    elif isinstance(what, PersonRevealed | PersonErased | QuestionAsked):
        subject = what.subject
    slot, branch, service = place.slot, place.branch, place.service
    if slot is not None:
        branch, service = slot.branch, slot.service
    if isinstance(what, CalendarEntry) and isinstance(what.record, BranchException):
        branch = what.record.branch
    return Occurrence(
        position=entry.position,
        at=what.at,
        kind=_KINDS[type(what)],
        actor=System() if isinstance(what, PersonRegistered) else what.actor,
        number=_number_of(entry),
        subject=subject,
        branch=branch,
        service=service,
        slot=slot,
        request_id=_request_of(entry),
        rulebook=what.rulebook if isinstance(what, EventOfAppointment | RequestRefused) else None,
        rules=what.broken.rule_ids if isinstance(what, RequestRefused) else (),
        note=_note_of(entry),
    )


def _number_of(entry: FeedEntry) -> AppointmentNumber | None:
    what = entry.what
    if isinstance(what, QuestionAsked):
        number = what.about.get("number")
        return None if number is None else AppointmentNumber(number)
    return entry.number


def _request_of(entry: FeedEntry) -> RequestId | None:
    what = entry.what
    if isinstance(what, QuestionAsked):
        request = what.about.get("request")
        return None if request is None else RequestId(request)
    return getattr(what, "request_id", None)


def _note_of(entry: FeedEntry) -> str:
    match entry.what:
        case CalendarEntry(reason=reason, record=record):
            return f"{record.id}: {reason}"
        case Installed(reason=reason) | PersonErased(reason=reason) | PersonRevealed(reason=reason):
            return reason
        case UpkeepDone(what=what, count=count):
            return f"{what}: {count}"
        case QuestionAsked(question=question, about=about):
            return " ".join([question, *(f"{name}={value}" for name, value in about.items())])
        case _:
            return ""
