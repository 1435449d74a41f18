"""Appointments at Saudi traffic (Muroor) branches: booked, attended or cancelled, in Hijri and Gregorian.

Start with `BookingDesk.open("sqlite:///bookings.db")`. Outcomes are values to `match` on (`Booked`, `Refused`, …);
exceptions, all of them `TrafficBookingError`, are for misuse and for stores that don't answer.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # what a type checker reads; _HOMES below is the same for the interpreter, and a test compares them
    from traffic_booking.application._sync.audit_room import AuditRoom as AuditRoom
    from traffic_booking.application._sync.calendar_room import CalendarRoom as CalendarRoom
    from traffic_booking.application._sync.desk import Desk as Desk
    from traffic_booking.application._sync.gate_room import GateRoom as GateRoom
    from traffic_booking.application._sync.maintenance_room import MaintenanceRoom as MaintenanceRoom
    from traffic_booking.application._sync.what_if import WhatIf as WhatIf
    from traffic_booking.application.audit_room import AsyncAuditRoom as AsyncAuditRoom
    from traffic_booking.application.calendar_room import AsyncCalendarRoom as AsyncCalendarRoom
    from traffic_booking.application.desk import AsyncDesk as AsyncDesk
    from traffic_booking.application.gate_room import AsyncGateRoom as AsyncGateRoom
    from traffic_booking.application.health import Health as Health
    from traffic_booking.application.health import HealthCheck as HealthCheck
    from traffic_booking.application.maintenance_room import AsyncMaintenanceRoom as AsyncMaintenanceRoom
    from traffic_booking.application.parts import DeskParts as DeskParts
    from traffic_booking.application.sealed_log import LogToAudit as LogToAudit
    from traffic_booking.application.sign_in_gate import SignInGate as SignInGate
    from traffic_booking.application.verification import NotEvidence as NotEvidence
    from traffic_booking.application.verification import Verification as Verification
    from traffic_booking.application.what_if import AsyncWhatIf as AsyncWhatIf
    from traffic_booking.async_wiring import AsyncBookingDesk as AsyncBookingDesk
    from traffic_booking.discovery import captcha_factory as captcha_factory
    from traffic_booking.discovery import identity_factory as identity_factory
    from traffic_booking.discovery import notifier_factory as notifier_factory
    from traffic_booking.domain.appointments.appointment import Appointment as Appointment
    from traffic_booking.domain.appointments.appointment_list import AppointmentList as AppointmentList
    from traffic_booking.domain.appointments.documents import Document as Document
    from traffic_booking.domain.appointments.events import AppointmentBooked as AppointmentBooked
    from traffic_booking.domain.appointments.events import AppointmentCancelled as AppointmentCancelled
    from traffic_booking.domain.appointments.events import AppointmentCheckedIn as AppointmentCheckedIn
    from traffic_booking.domain.appointments.events import AppointmentEvent as AppointmentEvent
    from traffic_booking.domain.appointments.events import AppointmentExcused as AppointmentExcused
    from traffic_booking.domain.appointments.events import AppointmentHeld as AppointmentHeld
    from traffic_booking.domain.appointments.events import AppointmentMissed as AppointmentMissed
    from traffic_booking.domain.appointments.events import AppointmentMoved as AppointmentMoved
    from traffic_booking.domain.appointments.events import AppointmentServed as AppointmentServed
    from traffic_booking.domain.appointments.events import HoldExpired as HoldExpired
    from traffic_booking.domain.appointments.events import HoldReleased as HoldReleased
    from traffic_booking.domain.appointments.events import PersonErased as PersonErased
    from traffic_booking.domain.appointments.events import PersonRevealed as PersonRevealed
    from traffic_booking.domain.appointments.events import QuestionAsked as QuestionAsked
    from traffic_booking.domain.appointments.events import SeatRecounted as SeatRecounted
    from traffic_booking.domain.appointments.events import UpkeepDone as UpkeepDone
    from traffic_booking.domain.appointments.events import WalkInBooked as WalkInBooked
    from traffic_booking.domain.appointments.lost_slots import LostSlot as LostSlot
    from traffic_booking.domain.appointments.lost_slots import SlotLoss as SlotLoss
    from traffic_booking.domain.appointments.numbers import AppointmentNumber as AppointmentNumber
    from traffic_booking.domain.appointments.numbers import appointment_number as appointment_number
    from traffic_booking.domain.appointments.states import AppointmentState as AppointmentState
    from traffic_booking.domain.appointments.states import Arrival as Arrival
    from traffic_booking.domain.appointments.ticket_codes import TicketClaims as TicketClaims
    from traffic_booking.domain.appointments.ticket_codes import TicketCode as TicketCode
    from traffic_booking.domain.appointments.tickets import Ticket as Ticket
    from traffic_booking.domain.appointments.tickets import TicketLanguage as TicketLanguage
    from traffic_booking.domain.appointments.tickets import TicketLimits as TicketLimits
    from traffic_booking.domain.audit.explanations import Explanation as Explanation
    from traffic_booking.domain.audit.feed import BEGINNING as BEGINNING
    from traffic_booking.domain.audit.feed import FeedPosition as FeedPosition
    from traffic_booking.domain.audit.feed_page import FeedEntry as FeedEntry
    from traffic_booking.domain.audit.feed_page import FeedPage as FeedPage
    from traffic_booking.domain.audit.installations import Installed as Installed
    from traffic_booking.domain.audit.installations import PendingInstallation as PendingInstallation
    from traffic_booking.domain.audit.invariants import BrokenInvariant as BrokenInvariant
    from traffic_booking.domain.audit.invariants import Invariant as Invariant
    from traffic_booking.domain.audit.restores import Restoration as Restoration
    from traffic_booking.domain.audit.restores import StoreRestored as StoreRestored
    from traffic_booking.domain.audit.retention import Retention as Retention
    from traffic_booking.domain.audit.revoked_ticket import Revocation as Revocation
    from traffic_booking.domain.audit.revoked_ticket import RevokedTicket as RevokedTicket
    from traffic_booking.domain.audit.rulebook_differences import RulebookDifferences as RulebookDifferences
    from traffic_booking.domain.audit.rulebook_differences import RuleDifference as RuleDifference
    from traffic_booking.domain.audit.rulebook_differences import rulebook_differences as rulebook_differences
    from traffic_booking.domain.bilingual import Bilingual as Bilingual
    from traffic_booking.domain.bilingual import Digits as Digits
    from traffic_booking.domain.bilingual import Language as Language
    from traffic_booking.domain.calendars.announcements import AnnouncedClosure as AnnouncedClosure
    from traffic_booking.domain.calendars.announcements import MonthStart as MonthStart
    from traffic_booking.domain.calendars.date_reading import parse_date as parse_date
    from traffic_booking.domain.calendars.day import Day as Day
    from traffic_booking.domain.calendars.day import instant_text as instant_text
    from traffic_booking.domain.calendars.hijri import HijriDate as HijriDate
    from traffic_booking.domain.calendars.hours import Hours as Hours
    from traffic_booking.domain.calendars.month_starts import MovedMonth as MovedMonth
    from traffic_booking.domain.decisions.declaring import CalendarPreview as CalendarPreview
    from traffic_booking.domain.decisions.declaring import DayChange as DayChange
    from traffic_booking.domain.decisions.outcomes import Booked as Booked
    from traffic_booking.domain.decisions.outcomes import Cancelled as Cancelled
    from traffic_booking.domain.decisions.outcomes import CheckedIn as CheckedIn
    from traffic_booking.domain.decisions.outcomes import Declared as Declared
    from traffic_booking.domain.decisions.outcomes import Erasure as Erasure
    from traffic_booking.domain.decisions.outcomes import Excused as Excused
    from traffic_booking.domain.decisions.outcomes import Held as Held
    from traffic_booking.domain.decisions.outcomes import MayCancel as MayCancel
    from traffic_booking.domain.decisions.outcomes import Moved as Moved
    from traffic_booking.domain.decisions.outcomes import NoShowRecorded as NoShowRecorded
    from traffic_booking.domain.decisions.outcomes import Refused as Refused
    from traffic_booking.domain.decisions.outcomes import RequestRefused as RequestRefused
    from traffic_booking.domain.decisions.outcomes import Served as Served
    from traffic_booking.domain.decisions.outcomes import Throttled as Throttled
    from traffic_booking.domain.decisions.outcomes import WalkedIn as WalkedIn
    from traffic_booking.domain.errors import AppointmentNotFound as AppointmentNotFound
    from traffic_booking.domain.errors import Fault as Fault
    from traffic_booking.domain.errors import InvalidCatalogue as InvalidCatalogue
    from traffic_booking.domain.errors import InvalidInput as InvalidInput
    from traffic_booking.domain.errors import LogUnreadable as LogUnreadable
    from traffic_booking.domain.errors import MissingExtra as MissingExtra
    from traffic_booking.domain.errors import NotFound as NotFound
    from traffic_booking.domain.errors import NotInstalled as NotInstalled
    from traffic_booking.domain.errors import RequestMismatch as RequestMismatch
    from traffic_booking.domain.errors import StoreBehindLog as StoreBehindLog
    from traffic_booking.domain.errors import StoreClosed as StoreClosed
    from traffic_booking.domain.errors import StoreContended as StoreContended
    from traffic_booking.domain.errors import StoreError as StoreError
    from traffic_booking.domain.errors import StoreMisconfigured as StoreMisconfigured
    from traffic_booking.domain.errors import StoreUnavailable as StoreUnavailable
    from traffic_booking.domain.errors import StoreUnreadable as StoreUnreadable
    from traffic_booking.domain.errors import TrafficBookingError as TrafficBookingError
    from traffic_booking.domain.errors import UnsafeFile as UnsafeFile
    from traffic_booking.domain.gate.answers import GateAnswer as GateAnswer
    from traffic_booking.domain.gate.day_list import DayList as DayList
    from traffic_booking.domain.gate.day_list import GateRules as GateRules
    from traffic_booking.domain.gate.day_list import ListedTicket as ListedTicket
    from traffic_booking.domain.gate.merging import MergeReport as MergeReport
    from traffic_booking.domain.gate.merging import RefusedScan as RefusedScan
    from traffic_booking.domain.gate.merging import SecondUse as SecondUse
    from traffic_booking.domain.gate.results import GateResult as GateResult
    from traffic_booking.domain.gate.scans import Scan as Scan
    from traffic_booking.domain.gate.scans import TicketUse as TicketUse
    from traffic_booking.domain.inquiries.answers import CountedBy as CountedBy
    from traffic_booking.domain.inquiries.answers import OccurrencePage as OccurrencePage
    from traffic_booking.domain.inquiries.answers import RefusalCount as RefusalCount
    from traffic_booking.domain.inquiries.answers import RefusalCounts as RefusalCounts
    from traffic_booking.domain.inquiries.occurrences import Occurrence as Occurrence
    from traffic_booking.domain.inquiries.occurrences import OccurrenceKind as OccurrenceKind
    from traffic_booking.domain.inquiries.own_data import OwnAppointment as OwnAppointment
    from traffic_booking.domain.inquiries.own_data import OwnData as OwnData
    from traffic_booking.domain.inquiries.own_data import OwnDecision as OwnDecision
    from traffic_booking.domain.inquiries.own_data import OwnSession as OwnSession
    from traffic_booking.domain.people.actors import Actor as Actor
    from traffic_booking.domain.people.actors import Auditor as Auditor
    from traffic_booking.domain.people.actors import Clerk as Clerk
    from traffic_booking.domain.people.actors import Delegate as Delegate
    from traffic_booking.domain.people.actors import System as System
    from traffic_booking.domain.people.applicants import Applicant as Applicant
    from traffic_booking.domain.people.applicants import PersonRegistered as PersonRegistered
    from traffic_booking.domain.people.assertions import Assertions as Assertions
    from traffic_booking.domain.people.captcha import Challenge as Challenge
    from traffic_booking.domain.people.identity import NationalId as NationalId
    from traffic_booking.domain.people.identity import PersonId as PersonId
    from traffic_booking.domain.people.identity import ResidentId as ResidentId
    from traffic_booking.domain.people.identity import person_id as person_id
    from traffic_booking.domain.people.sign_in import NotSignedIn as NotSignedIn
    from traffic_booking.domain.people.sign_in import PasswordChanged as PasswordChanged
    from traffic_booking.domain.people.sign_in import ResetRequested as ResetRequested
    from traffic_booking.domain.people.sign_in import Session as Session
    from traffic_booking.domain.people.sign_in import SignedIn as SignedIn
    from traffic_booking.domain.people.sign_in import SignInFault as SignInFault
    from traffic_booking.domain.people.user_names import UserName as UserName
    from traffic_booking.domain.places.finding import FoundPlace as FoundPlace
    from traffic_booking.domain.places.finding import NameMatch as NameMatch
    from traffic_booking.domain.places.finding import PlaceKind as PlaceKind
    from traffic_booking.domain.places.geography import Branch as Branch
    from traffic_booking.domain.places.geography import Coordinates as Coordinates
    from traffic_booking.domain.places.geography import Governorate as Governorate
    from traffic_booking.domain.places.geography import NearbyBranch as NearbyBranch
    from traffic_booking.domain.places.geography import Region as Region
    from traffic_booking.domain.places.services import Audience as Audience
    from traffic_booking.domain.places.services import Holder as Holder
    from traffic_booking.domain.places.services import RequiredDocument as RequiredDocument
    from traffic_booking.domain.places.services import Service as Service
    from traffic_booking.domain.places.services import ServiceGroup as ServiceGroup
    from traffic_booking.domain.rules.restrictions import Suspension as Suspension
    from traffic_booking.domain.rules.restrictions import Tightening as Tightening
    from traffic_booking.domain.rules.rule import Rule as Rule
    from traffic_booking.domain.rules.rule import Use as Use
    from traffic_booking.domain.rules.rulebook import Rulebook as Rulebook
    from traffic_booking.domain.rules.rulebook import Rulebooks as Rulebooks
    from traffic_booking.domain.rules.verdict import Finding as Finding
    from traffic_booking.domain.rules.verdict import Findings as Findings
    from traffic_booking.domain.rules.verdict import Result as Result
    from traffic_booking.domain.rules.verdict import Verdict as Verdict
    from traffic_booking.domain.schedule.branch_days import BranchDay as BranchDay
    from traffic_booking.domain.schedule.branch_days import OpenShift as OpenShift
    from traffic_booking.domain.schedule.catalogue import Catalogue as Catalogue
    from traffic_booking.domain.schedule.day_availability import DayAvailability as DayAvailability
    from traffic_booking.domain.schedule.day_availability import DayState as DayState
    from traffic_booking.domain.schedule.entries import CalendarEntry as CalendarEntry
    from traffic_booking.domain.schedule.entries import Withdrawal as Withdrawal
    from traffic_booking.domain.schedule.exceptions import BranchException as BranchException
    from traffic_booking.domain.schedule.exceptions import Effect as Effect
    from traffic_booking.domain.schedule.exceptions import SpecialOrder as SpecialOrder
    from traffic_booking.domain.schedule.slots import AvailableSlot as AvailableSlot
    from traffic_booking.domain.schedule.slots import Pool as Pool
    from traffic_booking.domain.schedule.slots import Slot as Slot
    from traffic_booking.domain.schedule.slots import SlotKey as SlotKey
    from traffic_booking.domain.schedule.timetables import Offer as Offer
    from traffic_booking.domain.schedule.timetables import Shift as Shift
    from traffic_booking.domain.schedule.timetables import Timetable as Timetable
    from traffic_booking.domain.schedule.timetables import Weekday as Weekday
    from traffic_booking.domain.schedule.working_calendar import WorkingCalendar as WorkingCalendar
    from traffic_booking.domain.sealing.checkpoints import Checkpoint as Checkpoint
    from traffic_booking.domain.sealing.reports import SealReport as SealReport
    from traffic_booking.domain.sealing.reports import WitnessResult as WitnessResult
    from traffic_booking.domain.searching.slot_page import SlotPage as SlotPage
    from traffic_booking.domain.signing.code_reading import CodeFault as CodeFault
    from traffic_booking.domain.signing.code_reading import ReadCode as ReadCode
    from traffic_booking.domain.signing.code_reading import RefusedCode as RefusedCode
    from traffic_booking.domain.signing.code_reading import UnsignedCode as UnsignedCode
    from traffic_booking.domain.signing.code_reading import VerifiedCode as VerifiedCode
    from traffic_booking.domain.signing.keys import key_id_of as key_id_of
    from traffic_booking.domain.signing.revocations import RevokedTickets as RevokedTickets
    from traffic_booking.domain.time_reading import parse_time as parse_time
    from traffic_booking.json_forms import from_json as from_json
    from traffic_booking.json_forms import to_json as to_json
    from traffic_booking.ports.observations import BatchObserved as BatchObserved
    from traffic_booking.ports.observations import DecisionObserved as DecisionObserved
    from traffic_booking.ports.observations import FeedObserved as FeedObserved
    from traffic_booking.ports.observations import SearchObserved as SearchObserved
    from traffic_booking.ports.observations import StoreObserved as StoreObserved
    from traffic_booking.ports.observer import Observer as Observer
    from traffic_booking.ports.schema import SchemaSteps as SchemaSteps
    from traffic_booking.sealing import Sealer as Sealer
    from traffic_booking.wiring import BookingDesk as BookingDesk
    from traffic_booking.wiring import install as install
    from traffic_booking.wiring import migrate as migrate
    from traffic_booking.wiring import own_data_page as own_data_page
    from traffic_booking.wiring import pending_installation as pending_installation
    from traffic_booking.wiring import pending_migrations as pending_migrations
    from traffic_booking.wiring import read_calendar as read_calendar
    from traffic_booking.wiring import read_catalogue as read_catalogue
    from traffic_booking.wiring import read_log as read_log
    from traffic_booking.wiring import read_retention as read_retention
    from traffic_booking.wiring import read_rulebooks as read_rulebooks
    from traffic_booking.wiring import read_ticket_code as read_ticket_code
    from traffic_booking.wiring import shipped_calendar as shipped_calendar
    from traffic_booking.wiring import shipped_catalogue as shipped_catalogue
    from traffic_booking.wiring import shipped_retention as shipped_retention
    from traffic_booking.wiring import shipped_rulebook as shipped_rulebook
    from traffic_booking.wiring import shipped_rulebooks as shipped_rulebooks

_HOMES: Final = {
    "application._sync.desk": "Desk",
    "application._sync.audit_room": "AuditRoom",
    "application._sync.calendar_room": "CalendarRoom",
    "application._sync.gate_room": "GateRoom",
    "application._sync.maintenance_room": "MaintenanceRoom",
    "application._sync.what_if": "WhatIf",
    "application.desk": "AsyncDesk",
    "application.audit_room": "AsyncAuditRoom",
    "application.calendar_room": "AsyncCalendarRoom",
    "application.gate_room": "AsyncGateRoom",
    "application.health": "Health HealthCheck",
    "application.maintenance_room": "AsyncMaintenanceRoom",
    "application.parts": "DeskParts",
    "application.sign_in_gate": "SignInGate",
    "application.sealed_log": "LogToAudit",
    "application.verification": "NotEvidence Verification",
    "application.what_if": "AsyncWhatIf",
    "async_wiring": "AsyncBookingDesk",
    "domain.appointments.appointment": "Appointment",
    "domain.appointments.appointment_list": "AppointmentList",
    "domain.appointments.documents": "Document",
    "domain.appointments.events": (
        "AppointmentBooked AppointmentCancelled AppointmentCheckedIn AppointmentEvent AppointmentExcused "
        "AppointmentHeld AppointmentMissed AppointmentMoved AppointmentServed HoldExpired HoldReleased PersonErased "
        "PersonRevealed QuestionAsked SeatRecounted UpkeepDone WalkInBooked"
    ),
    "domain.appointments.lost_slots": "LostSlot SlotLoss",
    "domain.appointments.numbers": "AppointmentNumber appointment_number",
    "domain.appointments.states": "AppointmentState Arrival",
    "domain.appointments.ticket_codes": "TicketClaims TicketCode",
    "domain.appointments.tickets": "Ticket TicketLanguage TicketLimits",
    "domain.audit.explanations": "Explanation",
    "domain.audit.feed": "BEGINNING FeedPosition",
    "domain.audit.feed_page": "FeedEntry FeedPage",
    "domain.audit.installations": "Installed PendingInstallation",
    "domain.audit.invariants": "BrokenInvariant Invariant",
    "domain.audit.restores": "Restoration StoreRestored",
    "domain.audit.retention": "Retention",
    "domain.audit.rulebook_differences": "RulebookDifferences RuleDifference rulebook_differences",
    "domain.bilingual": "Bilingual Digits Language",
    "domain.calendars.announcements": "AnnouncedClosure MonthStart",
    "domain.calendars.date_reading": "parse_date",
    "domain.calendars.day": "Day instant_text",
    "domain.calendars.hijri": "HijriDate",
    "domain.calendars.hours": "Hours",
    "domain.calendars.month_starts": "MovedMonth",
    "domain.decisions.declaring": "CalendarPreview DayChange",
    "domain.decisions.outcomes": (
        "Booked Cancelled CheckedIn Declared Erasure Excused Held MayCancel Moved NoShowRecorded Refused "
        "RequestRefused Served Throttled WalkedIn"
    ),
    "domain.errors": (
        "AppointmentNotFound Fault InvalidCatalogue InvalidInput LogUnreadable MissingExtra NotFound NotInstalled "
        "RequestMismatch StoreBehindLog StoreClosed StoreContended StoreError StoreMisconfigured StoreUnavailable "
        "StoreUnreadable TrafficBookingError UnsafeFile"
    ),
    "domain.gate.answers": "GateAnswer",
    "domain.gate.day_list": "DayList GateRules ListedTicket",
    "domain.gate.merging": "MergeReport RefusedScan SecondUse",
    "domain.gate.results": "GateResult",
    "domain.gate.scans": "Scan TicketUse",
    "domain.inquiries.answers": "CountedBy OccurrencePage RefusalCount RefusalCounts",
    "domain.inquiries.occurrences": "Occurrence OccurrenceKind",
    "domain.inquiries.own_data": "OwnAppointment OwnData OwnDecision OwnSession",
    "domain.people.actors": "Actor Auditor Clerk Delegate System",
    "domain.people.applicants": "Applicant PersonRegistered",
    "domain.people.assertions": "Assertions",
    "domain.people.captcha": "Challenge",
    "domain.people.identity": "NationalId PersonId ResidentId person_id",
    "domain.people.sign_in": "NotSignedIn PasswordChanged ResetRequested Session SignedIn SignInFault",
    "domain.people.user_names": "UserName",
    "domain.places.finding": "FoundPlace NameMatch PlaceKind",
    "domain.places.geography": "Branch Coordinates Governorate NearbyBranch Region",
    "domain.places.services": "Audience Holder RequiredDocument Service ServiceGroup",
    "domain.rules.restrictions": "Suspension Tightening",
    "domain.rules.rule": "Rule Use",
    "domain.rules.rulebook": "Rulebook Rulebooks",
    "domain.rules.verdict": "Finding Findings Result Verdict",
    "domain.schedule.branch_days": "BranchDay OpenShift",
    "domain.schedule.catalogue": "Catalogue",
    "domain.schedule.day_availability": "DayAvailability DayState",
    "domain.schedule.entries": "CalendarEntry Withdrawal",
    "domain.schedule.exceptions": "BranchException Effect SpecialOrder",
    "domain.schedule.slots": "AvailableSlot Pool Slot SlotKey",
    "domain.schedule.timetables": "Offer Shift Timetable Weekday",
    "domain.schedule.working_calendar": "WorkingCalendar",
    "domain.sealing.checkpoints": "Checkpoint",
    "domain.sealing.reports": "SealReport WitnessResult",
    "domain.searching.slot_page": "SlotPage",
    "domain.signing.code_reading": "CodeFault ReadCode RefusedCode UnsignedCode VerifiedCode",
    "domain.signing.keys": "key_id_of",
    "domain.signing.revocations": "RevokedTickets",
    "domain.audit.revoked_ticket": "Revocation RevokedTicket",
    "domain.time_reading": "parse_time",
    "discovery": "captcha_factory identity_factory notifier_factory",
    "json_forms": "from_json to_json",
    "ports.observations": "BatchObserved DecisionObserved FeedObserved SearchObserved StoreObserved",
    "ports.observer": "Observer",
    "ports.schema": "SchemaSteps",
    "sealing": "Sealer",
    "wiring": (
        "BookingDesk install migrate own_data_page pending_installation pending_migrations read_calendar "
        "read_catalogue "
        "read_log read_retention read_rulebooks read_ticket_code shipped_calendar shipped_catalogue shipped_retention "
        "shipped_rulebook shipped_rulebooks"
    ),
}
"""Each module, and the names that it gives to the face. A module is imported when one of its names is first used."""

_MODULES: Final = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = tuple(sorted(_MODULES, key=lambda name: (not name.isupper(), name)))  # constants first

if not TYPE_CHECKING:  # a type checker would take any name for exported

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value  # the next use does not come here
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
