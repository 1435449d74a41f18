"""Appointments at Saudi traffic (Muroor) branches: booked, attended or cancelled, in Hijri and Gregorian.

Start with `BookingDesk.open("sqlite:///bookings.db")`. Outcomes are values to `match` on (`Booked`, `Refused`, …);
exceptions, all of them `TrafficBookingError`, are for misuse and for stores that don't answer.
"""

from traffic_booking.application._sync.desk import Desk
from traffic_booking.application._sync.maintenance import Maintenance
from traffic_booking.application._sync.what_if import WhatIf
from traffic_booking.application.desk import AsyncDesk
from traffic_booking.application.maintenance import AsyncMaintenance
from traffic_booking.application.past_decisions import Replay
from traffic_booking.application.sign_in_gate import SignInGate
from traffic_booking.application.verification import Verification
from traffic_booking.application.what_if import AsyncWhatIf
from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.appointment_list import AppointmentList
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
    HoldExpired,
    HoldReleased,
    PersonRevealed,
    UpkeepDone,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.audit.explanations import Difference, Explanation
from traffic_booking.domain.audit.feed import BEGINNING, FeedEntry, FeedPage, FeedPosition
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant
from traffic_booking.domain.audit.retention import Retention
from traffic_booking.domain.audit.rulebook_differences import RulebookDifferences, RuleDifference, rulebook_differences
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.date_reading import parse_date
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.calendars.hijri import HijriDate
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Held,
    MayCancel,
    Moved,
    Refused,
    RequestRefused,
    Throttled,
)
from traffic_booking.domain.errors import (
    AppointmentNotFound,
    Fault,
    InvalidCatalogue,
    InvalidInput,
    MissingExtra,
    NotFound,
    RequestMismatch,
    StoreClosed,
    StoreContended,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
    TrafficBookingError,
)
from traffic_booking.domain.people.actors import Actor, Clerk, Delegate, System
from traffic_booking.domain.people.applicants import Applicant, PersonRegistered
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.people.captcha import Challenge
from traffic_booking.domain.people.identity import NationalId, PersonId, ResidentId, person_id
from traffic_booking.domain.people.sign_in import NotSignedIn, Session, SignedIn, SignInFault
from traffic_booking.domain.places.geography import Branch, Coordinates, Governorate, Region
from traffic_booking.domain.places.services import Audience, Holder, RequiredDocument, Service, ServiceGroup
from traffic_booking.domain.rules.restrictions import Suspension, Tightening
from traffic_booking.domain.rules.rule import Rule, Use
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.rules.verdict import Findings, Verdict
from traffic_booking.domain.schedule.branch_days import BranchDay, OpenShift
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.entries import CalendarEntry, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.domain.schedule.slots import AvailableSlot, DayAvailability, Slot, SlotKey
from traffic_booking.domain.schedule.timetables import Shift, Timetable, Weekday
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.ports.schema import SchemaSteps
from traffic_booking.wiring import (
    AsyncBookingDesk,
    BookingDesk,
    migrate,
    pending_migrations,
    read_catalogue,
    read_retention,
    read_rulebooks,
    shipped_calendar,
    shipped_catalogue,
    shipped_retention,
    shipped_rulebook,
    shipped_rulebooks,
)

__all__ = [
    "BEGINNING",
    "Actor",
    "AnnouncedClosure",
    "Applicant",
    "Appointment",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentCheckedIn",
    "AppointmentEvent",
    "AppointmentHeld",
    "AppointmentList",
    "AppointmentMoved",
    "AppointmentNotFound",
    "AppointmentNumber",
    "AppointmentState",
    "Assertions",
    "AsyncBookingDesk",
    "AsyncDesk",
    "AsyncMaintenance",
    "AsyncWhatIf",
    "Audience",
    "AvailableSlot",
    "Bilingual",
    "Booked",
    "BookingDesk",
    "Branch",
    "BranchDay",
    "BranchException",
    "BrokenInvariant",
    "CalendarEntry",
    "Cancelled",
    "Catalogue",
    "Challenge",
    "CheckedIn",
    "Clerk",
    "Coordinates",
    "Day",
    "DayAvailability",
    "Declared",
    "Delegate",
    "Desk",
    "Difference",
    "Effect",
    "Explanation",
    "Fault",
    "FeedEntry",
    "FeedPage",
    "FeedPosition",
    "Findings",
    "Governorate",
    "Held",
    "HijriDate",
    "HoldExpired",
    "HoldReleased",
    "Holder",
    "Hours",
    "InvalidCatalogue",
    "InvalidInput",
    "Invariant",
    "Language",
    "Maintenance",
    "MayCancel",
    "MissingExtra",
    "MonthStart",
    "Moved",
    "NationalId",
    "NotFound",
    "NotSignedIn",
    "OpenShift",
    "PersonId",
    "PersonRegistered",
    "PersonRevealed",
    "Refused",
    "Region",
    "Replay",
    "RequestMismatch",
    "RequestRefused",
    "RequiredDocument",
    "ResidentId",
    "Retention",
    "Rule",
    "RuleDifference",
    "Rulebook",
    "RulebookDifferences",
    "Rulebooks",
    "SchemaSteps",
    "Service",
    "ServiceGroup",
    "Session",
    "Shift",
    "SignInFault",
    "SignInGate",
    "SignedIn",
    "Slot",
    "SlotKey",
    "SpecialOrder",
    "StoreClosed",
    "StoreContended",
    "StoreError",
    "StoreUnavailable",
    "StoreUnreadable",
    "Suspension",
    "System",
    "Throttled",
    "Ticket",
    "Tightening",
    "Timetable",
    "TrafficBookingError",
    "UpkeepDone",
    "Use",
    "Verdict",
    "Verification",
    "Weekday",
    "WhatIf",
    "Withdrawal",
    "WorkingCalendar",
    "appointment_number",
    "migrate",
    "parse_date",
    "pending_migrations",
    "person_id",
    "read_catalogue",
    "read_retention",
    "read_rulebooks",
    "rulebook_differences",
    "shipped_calendar",
    "shipped_catalogue",
    "shipped_retention",
    "shipped_rulebook",
    "shipped_rulebooks",
]
