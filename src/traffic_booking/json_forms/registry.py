"""Which classes have a JSON form: a new public value gets its line here.

Tags and names of members are fixed: hosts and pages are written against them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.application.arguments import feed_position
from traffic_booking.application.health import Health, HealthCheck
from traffic_booking.application.verification import NotEvidence, Verification
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.appointment_list import AppointmentList
from traffic_booking.domain.appointments.documents import Document
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentExcused,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentServed,
    HoldExpired,
    HoldReleased,
    PersonErased,
    PersonRevealed,
    QuestionAsked,
    SeatRecounted,
    UpkeepDone,
    WalkInBooked,
)
from traffic_booking.domain.appointments.lost_slots import LostSlot
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.appointments.ticket_codes import TicketClaims, TicketCode
from traffic_booking.domain.appointments.tickets import Ticket, TicketLimits
from traffic_booking.domain.audit.explanations import Explanation
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.feed_page import FeedEntry, FeedPage
from traffic_booking.domain.audit.installations import Installed, PendingInstallation
from traffic_booking.domain.audit.invariants import BrokenInvariant
from traffic_booking.domain.audit.restores import Restoration, StoreRestored
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.audit.revoked_ticket import RevokedTicket
from traffic_booking.domain.audit.rulebook_differences import Entry, FieldChange, RulebookDifferences, RuleDifference
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.calendars.hours import Hours, hours_between
from traffic_booking.domain.calendars.month_starts import MovedMonth
from traffic_booking.domain.decisions.declaring import CalendarPreview, DayChange
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Erasure,
    Excused,
    Held,
    MayCancel,
    Moved,
    NoShowRecorded,
    Refused,
    RequestRefused,
    Served,
    Throttled,
    WalkedIn,
)
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.gate.answers import GateAnswer
from traffic_booking.domain.gate.day_list import DayList, GateRules, ListedTicket
from traffic_booking.domain.gate.merging import MergeReport, RefusedScan, SecondUse
from traffic_booking.domain.gate.scans import Scan, TicketUse
from traffic_booking.domain.inquiries.answers import OccurrencePage, RefusalCount, RefusalCounts
from traffic_booking.domain.inquiries.occurrences import Occurrence
from traffic_booking.domain.inquiries.own_data import OwnAppointment, OwnData, OwnDecision, OwnSession
from traffic_booking.domain.people.actors import Auditor, Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant, PersonRegistered, Subject, subject
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.people.captcha import Challenge
from traffic_booking.domain.people.identity import NationalId, PersonId, ResidentId
from traffic_booking.domain.people.sign_in import NotSignedIn, PasswordChanged, ResetRequested, Session, SignedIn
from traffic_booking.domain.people.user_names import UserName
from traffic_booking.domain.places.finding import FoundPlace
from traffic_booking.domain.places.geography import (
    Branch,
    BranchCode,
    BranchId,
    Coordinates,
    Governorate,
    NearbyBranch,
    Region,
    branch_code,
    branch_id,
    time_zone,
)
from traffic_booking.domain.places.services import (
    Condition,
    Eligibility,
    Instructions,
    InstructionsVersion,
    RequiredDocument,
    Service,
    ServiceGroup,
    ServiceId,
    instructions_version,
    service_id,
)
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rule import Parameter, Rule, RuleDefinition, Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS as RULES
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.rules.verdict import Finding, Findings, Observation, Verdict
from traffic_booking.domain.schedule.branch_days import BranchDay, OpenShift
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.day_availability import DayAvailability
from traffic_booking.domain.schedule.entries import CalendarEntry, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.schedule.slots import AvailableSlot, Pool, Slot, SlotKey
from traffic_booking.domain.schedule.timetables import Offer, Shift, Timetable
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.reports import SealReport, WitnessResult
from traffic_booking.domain.searching.slot_page import SlotPage
from traffic_booking.domain.signing.code_reading import RefusedCode, UnsignedCode, VerifiedCode
from traffic_booking.domain.signing.keys import KeyId, key_id
from traffic_booking.domain.signing.revocations import RevokedTickets
from traffic_booking.domain.text_input import RequestId, request_id
from traffic_booking.json_forms.forms import FORMS, NAMED, SUBCLASSES, Derived, Form
from traffic_booking.json_forms.shapes import (
    CLOCK,
    DAY_OR_OBSERVATION,
    OBSERVATION,
    Shape,
    checked,
    name_in,
    named,
    optional,
)
from traffic_booking.ports.observations import (
    BatchObserved,
    DecisionObserved,
    FeedObserved,
    SearchObserved,
    StoreObserved,
)
from traffic_booking.ports.schema import SchemaSteps

TOKEN: Final[Derived] = {"token": (attrgetter("token"), str)}
DAY: Final[Derived] = {"day": (attrgetter("day"), Day)}
GRANTED: Final[Derived] = {"granted": (bool, bool)}
_SENTENCE: Final = Shape(dict, lambda data, _: data, {"$ref": "#/$defs/Bilingual"})
TEXTS: Final = "texts"
"""A sentence in both languages that follows from the other members; it may have isolates."""
MESSAGE: Final[Derived] = {"message": (lambda value: _texts(value.message), TEXTS)}
TEXTS_OR_NONE: Final = "texts or none"
"""As `TEXTS`, or null if there is nothing to read."""
NOTICE: Final[Derived] = {
    "message": (lambda outcome: _texts(outcome.message) if outcome.expired_hold else None, TEXTS_OR_NONE)
}
BY: Final = {"actor": "by"}
TIME_ZONE: Final = {"time_zone": named(time_zone)}


def _masked(kind: type[PersonId]) -> Form:
    """An id is written masked, and read with all its digits: what the library writes reveals nobody."""
    digits = Shape(str, lambda data, place: checked(place, lambda: kind(data).reveal()), {"type": "string"})
    tag = "national-id" if kind is NationalId else "resident-id"
    return Form(kind=tag, renamed={"digits": "id"}, shown={"id": str}, shapes={"digits": digits})


def _definition(rule_id: str) -> RuleDefinition:
    for each in RULES:
        if each.id == rule_id:
            return each
    raise InvalidInput("id", got="another text", expected=", ".join(each.id for each in RULES))


def _check_name(rule: Rule) -> str:
    """The module of the package and the name of the function that checks; lines of code may move."""
    check = rule.definition.check
    return f"{check.__module__.removeprefix('traffic_booking.')}.{check.__name__}"


def _in_its_zone(name: str) -> Callable[[Appointment], datetime | None]:
    """Reads an instant of an appointment in the time of its branch."""

    def local(appointment: Appointment) -> datetime | None:
        moment: datetime | None = getattr(appointment, name)
        return moment and moment.astimezone(appointment.starts_at.tzinfo)

    return local


def _texts(text: Callable[[Language], str]) -> dict[str, str]:
    return {"ar": text("ar"), "en": text("en")}


def _hijri_text(day: Day) -> str | None:
    return f"{day.hijri.year:04d}-{day.hijri.month:02d}-{day.hijri.day:02d}" if day.has_hijri else None


NAMED.update(
    {
        AppointmentNumber: named(appointment_number),
        BranchCode: named(branch_code),
        BranchId: named(branch_id),
        FeedPosition: Shape(
            list,
            lambda data, place: checked(place, lambda: feed_position(data)),
            {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        ),
        InstructionsVersion: named(instructions_version),
        KeyId: named(key_id),
        RequestId: named(request_id),
        ServiceId: named(service_id),
        Subject: named(subject),
        TEXTS: _SENTENCE,
        TEXTS_OR_NONE: optional(_SENTENCE),
        Observation: OBSERVATION,
        Entry: DAY_OR_OBSERVATION,
        RuleDefinition: Shape(
            lambda value: value.id,
            lambda data, place: checked(place, lambda: _definition(name_in(data, place))),
            {"enum": [each.id for each in RULES]},
        ),
    }
)
SUBCLASSES[PersonId] = (NationalId, ResidentId)

_PLAIN_CLASSES: Final[tuple[type, ...]] = (
    *(AppointmentList, Assertions, Bilingual, BrokenInvariant, CalendarPreview, Catalogue, Challenge, Condition),
    *(Coordinates, DayChange, Document, Eligibility, FeedEntry, FeedPage, FieldChange, Finding),
    *(
        Findings,
        FoundPlace,
        Instructions,
        MovedMonth,
        NotEvidence,
        OccurrencePage,
        Offer,
        OwnAppointment,
        OwnData,
        OwnSession,
        Parameter,
        PendingInstallation,
        Pool,
        RefusalCount,
        RefusalCounts,
        Region,
        RequiredDocument,
        Retention,
    ),
    Rulebooks,
    *(GateRules, ListedTicket, RefusedScan, Scan, SecondUse, TicketUse),
    *(BatchObserved, DecisionObserved, FeedObserved, HealthCheck, SearchObserved, StoreObserved),
    *(RevokedTickets, TicketClaims, TicketCode, TicketLimits),
    *(Checkpoint, SealReport, WitnessResult),
    *(SchemaSteps, ServiceGroup, Shift, SlotPage, Suspension, Tightening, Timetable),
)
_TAGGED: Final[tuple[tuple[type, str], ...]] = (
    *((UnsignedCode, "unsigned-code"), (VerifiedCode, "verified-code")),
    *((Cancelled, "cancelled"), (Moved, "moved"), (Declared, "declared")),
    *((Served, "served"), (NoShowRecorded, "no-show-recorded"), (Excused, "excused"), (WalkedIn, "walked-in")),
    (Refused, "refused"),
    *((Applicant, "applicant"), (System, "system"), (Delegate, "delegate"), (Auditor, "auditor")),
    *((MonthStart, "month-start"), (AnnouncedClosure, "closure"), (SpecialOrder, "order")),
    *((PasswordChanged, "password-changed"), (ResetRequested, "reset-requested")),
    *((BranchException, "exception"), (Withdrawal, "withdrawal"), (PersonRegistered, "person-registered")),
)
_BY_ACTORS: Final[tuple[tuple[type, str], ...]] = (
    *((AppointmentHeld, "appointment-held"), (AppointmentBooked, "appointment-booked")),
    *((AppointmentCancelled, "appointment-cancelled"), (AppointmentMoved, "appointment-moved")),
    *((AppointmentCheckedIn, "appointment-checked-in"), (HoldExpired, "hold-expired")),
    *(
        (HoldReleased, "hold-released"),
        (WalkInBooked, "walk-in-booked"),
        (AppointmentServed, "appointment-served"),
        (AppointmentMissed, "appointment-missed"),
        (AppointmentExcused, "appointment-excused"),
        (SeatRecounted, "seat-recounted"),
        (RequestRefused, "request-refused"),
        (CalendarEntry, "calendar-entry"),
    ),
    *((PersonErased, "person-erased"), (PersonRevealed, "person-revealed")),
    *((UpkeepDone, "upkeep-done"), (QuestionAsked, "question-asked")),
    *((Installed, "installed"), (StoreRestored, "store-restored")),
)

FORMS.update({kind: Form() for kind in _PLAIN_CLASSES})
FORMS.update({kind: Form(kind=tag) for kind, tag in _TAGGED})
FORMS.update({kind: Form(kind=tag, renamed=BY) for kind, tag in _BY_ACTORS})
FORMS.update(
    {
        Appointment: Form(
            flat=("slot", "applicant"),
            renamed={"slot_ends_at": "ends_at"},
            shapes=TIME_ZONE,
            shown={name: _in_its_zone(name) for name in ("hold_ends_at", "cancelled_by_applicant_at", "changed_at")},
            derived={**DAY, "token": (attrgetter("slot.token"), str)},
        ),
        AvailableSlot: Form(flat=("slot",), derived={**DAY, **TOKEN}),
        Branch: Form(flat=("location",)),
        Booked: Form(kind="booked", derived=NOTICE),
        BranchDay: Form(
            derived={"open": (attrgetter("open"), bool), "hours": (attrgetter("hours"), tuple[Hours, ...])}
        ),
        CheckedIn: Form(kind="checked-in", derived=MESSAGE),
        Clerk: Form(kind="clerk", sparse=True),  # the actor of a record has no branches
        Day: Form(
            derived={
                "hijri": (_hijri_text, str | None),
                "hijri_agreed": (lambda day: day.hijri.agreed if day.has_hijri else None, bool | None),
                "weekday": (attrgetter("weekday"), Bilingual),
            }
        ),
        DayAvailability: Form(derived={"text": (lambda day: _texts(day.text), TEXTS)}),
        Erasure: Form(kind="erasure", derived={"granted": (bool, bool), **MESSAGE}),
        Explanation: Form(derived=GRANTED),
        DayList: Form(),
        GateAnswer: Form(derived={"admitted": (bool, bool), **MESSAGE}),
        MergeReport: Form(derived={"clean": (bool, bool)}),
        Governorate: Form(flat=("seat",)),
        Health: Form(derived={"healthy": (bool, bool)}),
        HijriDate: Form(derived={"agreed": (attrgetter("agreed"), bool)}),
        Held: Form(kind="held", derived=NOTICE),
        Hours: Form(
            renamed={"opens_minute": "opens", "closes_minute": "closes"},
            shapes={"opens_minute": CLOCK, "closes_minute": CLOCK},
            shown={"opens": attrgetter("opens_minute"), "closes": attrgetter("closes_minute")},
            made=hours_between,
        ),
        LostSlot: Form(derived={"text": (lambda lost: _texts(lost.text), TEXTS)}),
        MayCancel: Form(derived=GRANTED),
        NationalId: _masked(NationalId),
        NearbyBranch: Form(flat=("branch",)),
        NotSignedIn: Form(kind="not-signed-in", derived={"statement": (attrgetter("statement"), Bilingual), **MESSAGE}),
        Occurrence: Form(renamed={"actor": "by"}),
        OwnDecision: Form(renamed={"actor": "by"}),
        OpenShift: Form(flat=("hours",)),
        RefusedCode: Form(kind="refused-code", derived=MESSAGE),
        ResidentId: _masked(ResidentId),
        Restoration: Form(derived=GRANTED),
        RevokedTicket: Form(derived=MESSAGE),
        Rule: Form(
            renamed={"definition": "id"},
            shown={"id": attrgetter("definition")},
            derived={
                "uses": (attrgetter("definition.uses"), frozenset[Use]),
                "statement": (attrgetter("statement"), Bilingual),
                "parameters": (attrgetter("definition.parameters"), tuple[Parameter, ...]),
                "indispensable": (attrgetter("definition.indispensable"), bool),
                "check": (_check_name, str),
            },
        ),
        RuleDifference: Form(derived={"rule_id": (attrgetter("rule_id"), str)}),
        Rulebook: Form(),
        RulebookDifferences: Form(
            derived={
                "tightenings_added": (attrgetter("tightenings_added"), tuple[Tightening, ...]),
                "tightenings_removed": (attrgetter("tightenings_removed"), tuple[Tightening, ...]),
                "suspensions_added": (attrgetter("suspensions_added"), tuple[Suspension, ...]),
                "suspensions_removed": (attrgetter("suspensions_removed"), tuple[Suspension, ...]),
            }
        ),
        Service: Form(flat=("eligibility",)),
        Session: Form(omitted=("token",)),  # a secret, and JSON is logged
        SignedIn: Form(kind="signed-in"),
        Slot: Form(
            flat=("key",),
            shapes=TIME_ZONE,
            shown={"ends_at": lambda slot: slot.ends_at.astimezone(ZoneInfo(slot.time_zone))},
            derived={**DAY, **TOKEN},
        ),
        SlotKey: Form(derived=TOKEN),
        Throttled: Form(kind="throttled", derived=MESSAGE),
        Ticket: Form(),
        TicketCode: Form(),
        TicketLimits: Form(),
        UserName: Form(renamed={"text": "name"}, shown={"name": str}),  # masked, as an id is
        Verdict: Form(derived={"granted": (attrgetter("granted"), bool), **MESSAGE}),
        Verification: Form(),
    }
)
