"""The stable JSON form of the library's values: the output of `--json`.

Instants are ISO 8601 with an offset, days have both calendars, ids are masked. Tags are fixed here: renaming a class
changes no output.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from traffic_booking import (
    Actor,
    AnnouncedClosure,
    Appointment,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
    AppointmentNotFound,
    AvailableSlot,
    Bilingual,
    Branch,
    BranchDay,
    BranchException,
    CalendarEntry,
    Catalogue,
    Clerk,
    Day,
    Delegate,
    Governorate,
    HoldExpired,
    HoldReleased,
    Hours,
    InvalidCatalogue,
    InvalidInput,
    MissingExtra,
    MonthStart,
    NotFound,
    PersonId,
    RequestMismatch,
    Service,
    SpecialOrder,
    StoreClosed,
    StoreContended,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
    System,
    TrafficBookingError,
    Verdict,
    Withdrawal,
)

Form = dict[str, object]
Record = MonthStart | AnnouncedClosure | SpecialOrder | BranchException | Withdrawal

ERROR_KINDS: Final[Mapping[type[TrafficBookingError], str]] = {
    InvalidCatalogue: "invalid-catalogue",
    InvalidInput: "invalid-input",
    AppointmentNotFound: "appointment-not-found",
    NotFound: "not-found",
    RequestMismatch: "request-mismatch",
    MissingExtra: "missing-extra",
    StoreUnavailable: "store-unavailable",
    StoreUnreadable: "store-unreadable",
    StoreContended: "store-contended",
    StoreClosed: "store-closed",
    StoreError: "store",
    TrafficBookingError: "misuse",
}
"""The tag of each kind of error; the first that fits counts."""

EVENT_TAGS: Final[Mapping[type[AppointmentEvent], str]] = {
    AppointmentHeld: "held",
    AppointmentBooked: "booked",
    HoldExpired: "hold-expired",
    HoldReleased: "hold-released",
    AppointmentCancelled: "cancelled",
    AppointmentMoved: "moved",
    AppointmentCheckedIn: "checked-in",
}


def plain(value: object) -> object:
    """A value in JSON's types; sets are sorted."""
    form = value
    match value:
        case Bilingual():
            form = fields(value, "ar", "en")
        case Day():
            form = day_form(value)
        case Hours():  # HH:MM on the branch's clocks; 24:00 is the end of the day
            form = fields(value, "opens", "closes")
        case date():
            form = value.isoformat()
        case tuple():
            form = [plain(entry) for entry in value]
        case frozenset():
            form = sorted(value)
        case Mapping():
            form = dict(value)
        case _:
            pass
    return form


def fields(value: object, *names: str) -> Form:
    """Those attributes of a value, by name."""
    return {name: plain(getattr(value, name)) for name in names}


def day_form(day: Day) -> Form:
    """A day in both calendars. `hijri_agreed` is false if the published tables dispute the day.

    Beyond the Hijri table, both are null.
    """
    hijri = day.hijri if day.has_hijri else None
    return {
        "gregorian": day.gregorian.isoformat(),
        "hijri": hijri and f"{hijri.year:04d}-{hijri.month:02d}-{hijri.day:02d}",
        "hijri_agreed": hijri and hijri.agreed,
        "weekday": plain(day.weekday),
    }


def appointment_form(appointment: Appointment, *, by: PersonId | Clerk) -> Form:
    """An appointment; instants in the branch's time zone, and the masked id for its applicant alone."""
    zone, hold_ends_at = appointment.starts_at.tzinfo, appointment.hold_ends_at
    return {
        **fields(appointment, "number", "version", "state"),
        **fields(appointment.slot, "branch", "service"),
        **fields(appointment, "starts_at", "ends_at", "time_zone", "day"),
        "applicant": str(by) if isinstance(by, PersonId) else None,
        "subject": appointment.applicant.subject,
        "hold_ends_at": hold_ends_at and hold_ends_at.astimezone(zone).isoformat(),
        **fields(appointment, "instructions", "rulebook"),
        "changed_at": appointment.changed_at.astimezone(zone).isoformat(),
        "moves": appointment.moves,
    }


def slot_form(slot: AvailableSlot) -> Form:
    """A slot with free seats."""
    return {
        **fields(slot, "branch", "service", "starts_at", "ends_at", "day", "free"),
        "capacity": slot.slot.capacity,
        "distance_km": _rounded(slot.distance_km),
        "as_of": slot.as_of.isoformat(),
    }


def branch_form(catalogue: Catalogue, branch: Branch, distance_km: float | None = None) -> Form:
    """A branch, with the services that it offers."""
    return {
        **fields(branch, "id", "name", "governorate"),
        **fields(branch.location, "latitude", "longitude"),
        **fields(branch, "time_zone", "synthetic"),
        "services": [service.id for service in catalogue.services_for(branch=branch.id)],
        "distance_km": _rounded(distance_km),
    }


def governorate_form(governorate: Governorate) -> Form:
    """A governorate."""
    seat = fields(governorate.seat, "latitude", "longitude")
    return fields(governorate, "id", "name", "region", "headquarters") | seat


def service_form(catalogue: Catalogue, service: Service) -> Form:
    """A service, with its conditions, documents and instructions."""
    return {
        **fields(service, "id", "name", "group"),
        "audience": catalogue.group(service.group).audience.value,
        "duration_minutes": service.duration_minutes,
        **fields(service.eligibility, "holders", "minimum_age_years"),
        "conditions": [fields(entry, "id", "text") for entry in service.eligibility.conditions],
        "documents": [fields(entry, "id", "name", "holders") for entry in service.documents],
        "instructions": fields(service.instructions, "version", "text"),
    }


def verdict_form(verdict: Verdict) -> Form:
    """The result of one rule."""
    return fields(verdict, "rule_id", "statement", "observed", "limit", "allowed_from")


def event_form(event: AppointmentEvent, appointment: Form) -> Form:
    """An event of that appointment."""
    return {
        "event": EVENT_TAGS[type(event)],
        **fields(event, "version", "at"),
        "by": actor_form(event.actor, appointment),
        **fields(event, "rulebook", "request_id"),
    }


def actor_form(actor: Actor, appointment: Form | None = None) -> Form:
    """Who acted: the applicant of that appointment by the masked id if it has one, any other person by the subject."""
    match actor:
        case Clerk(id=clerk):
            return {"kind": "clerk", "id": clerk}
        case System():
            return {"kind": "system", "id": None}
        case Delegate(person=person):
            return {"kind": "delegate", "id": person.subject}
        case applicant:
            own = appointment is not None and applicant.subject == appointment["subject"] and appointment["applicant"]
            return {"kind": "applicant", "id": own or applicant.subject}


def branch_day_form(day: BranchDay) -> Form:
    """A day of a branch, with its shifts and the ids of the rules that decide it."""
    shifts = [fields(shift.hours, "opens", "closes") | fields(shift, "capacity", "services") for shift in day.shifts]
    return fields(day, "day", "open", "usual", "hours") | {"shifts": shifts, "rules": list(day.rules)}


def entry_form(entry: CalendarEntry, withdrawn: frozenset[str]) -> Form:
    """A declaration; `holds` is false for a withdrawal, and for the ids that were withdrawn."""
    return {
        **fields(entry, "number", "at"),
        "by": actor_form(entry.actor),
        **fields(entry, "reason", "request_id"),
        "record": record_form(entry.record),
        "holds": not isinstance(entry.record, Withdrawal) and entry.record.id not in withdrawn,
    }


def record_form(record: Record) -> Form:
    """A record of the calendar with its kind; days are Gregorian, `first_day` and `last_day` both included."""
    match record:
        case Withdrawal():
            return {"kind": "withdrawal", "id": record.id}
        case MonthStart():
            month = f"{record.year:04d}-{record.month:02d}"
            return {"kind": "month-start", "id": record.id, "month": month, "first_day": record.first_day.isoformat()}
        case AnnouncedClosure():
            return {"kind": "closure", **fields(record, "id", "rule", "first_day", "last_day")}
        case SpecialOrder():
            return {"kind": "order", **fields(record, "id", "first_day", "last_day", "opens", "hours")}
        case BranchException():
            days = fields(record, "id", "branch", "first_day", "last_day")
            return {"kind": "exception", **days, **fields(record, "effect", "reason", "hours", "capacity")}


def error_form(error: TrafficBookingError, message: str) -> Form:
    """An error of the library, with the message as it may be shown."""
    kind = next(tag for known, tag in ERROR_KINDS.items() if isinstance(error, known))
    faults = [str(fault) for fault in error.faults] if isinstance(error, InvalidCatalogue) else []
    field = error.field if isinstance(error, InvalidInput) else None
    return {"error": {"kind": kind, "message": message, "field": field, "faults": faults}}


def _rounded(distance_km: float | None) -> float | None:
    return None if distance_km is None else round(distance_km, 3)
