"""The stable JSON form of the library's values: the output of `--json`.

Instants are ISO 8601 with an offset, days have both calendars, ids are masked. Tags are fixed here: renaming a class
changes no output.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import traffic_booking as tb

Form = dict[str, object]
Record = tb.MonthStart | tb.AnnouncedClosure | tb.SpecialOrder | tb.BranchException | tb.Withdrawal

ERROR_KINDS: Final[Mapping[type[tb.TrafficBookingError], str]] = {
    tb.InvalidCatalogue: "invalid-catalogue",
    tb.InvalidInput: "invalid-input",
    tb.AppointmentNotFound: "appointment-not-found",
    tb.NotFound: "not-found",
    tb.RequestMismatch: "request-mismatch",
    tb.MissingExtra: "missing-extra",
    tb.StoreUnavailable: "store-unavailable",
    tb.StoreUnreadable: "store-unreadable",
    tb.StoreContended: "store-contended",
    tb.StoreClosed: "store-closed",
    tb.StoreError: "store",
    tb.TrafficBookingError: "misuse",
}
"""The tag of each kind of error; the first that fits counts."""

EVENT_TAGS: Final[Mapping[type[tb.AppointmentEvent], str]] = {
    tb.AppointmentHeld: "held",
    tb.AppointmentBooked: "booked",
    tb.HoldExpired: "hold-expired",
    tb.HoldReleased: "hold-released",
    tb.AppointmentCancelled: "cancelled",
    tb.AppointmentMoved: "moved",
    tb.AppointmentCheckedIn: "checked-in",
}


def plain(value: object) -> object:
    """A value in JSON's types; sets are sorted."""
    form = value
    match value:
        case tb.Bilingual():
            form = fields(value, "ar", "en")
        case tb.Day():
            form = day_form(value)
        case tb.Hours():  # HH:MM on the branch's clocks; 24:00 is the end of the day
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


def day_form(day: tb.Day) -> Form:
    """A day in both calendars; `hijri_agreed` is false if published tables dispute it, and null beyond the table."""
    hijri = day.hijri if day.has_hijri else None
    return {
        "gregorian": day.gregorian.isoformat(),
        "hijri": hijri and f"{hijri.year:04d}-{hijri.month:02d}-{hijri.day:02d}",
        "hijri_agreed": hijri and hijri.agreed,
        "weekday": plain(day.weekday),
    }


def appointment_form(appointment: tb.Appointment, *, by: tb.PersonId | tb.Clerk) -> Form:
    """An appointment; instants in the branch's time zone, and the masked id for its applicant alone."""
    zone, hold_ends_at = appointment.starts_at.tzinfo, appointment.hold_ends_at
    return {
        **fields(appointment, "number", "version", "state"),
        **fields(appointment.slot, "branch", "service"),
        **fields(appointment, "starts_at", "ends_at", "time_zone", "day"),
        "applicant": str(by) if isinstance(by, tb.PersonId) else None,
        "subject": appointment.applicant.subject,
        "hold_ends_at": hold_ends_at and hold_ends_at.astimezone(zone).isoformat(),
        **fields(appointment, "instructions", "rulebook"),
        "changed_at": appointment.changed_at.astimezone(zone).isoformat(),
        "moves": appointment.moves,
        "lost_slot": appointment.lost_slot and fields(appointment.lost_slot, "how", "rules", "reason"),
    }


def slot_form(slot: tb.AvailableSlot) -> Form:
    """A slot with free seats."""
    return {
        **fields(slot, "branch", "service", "starts_at", "ends_at", "day", "free"),
        "capacity": slot.slot.capacity,
        "distance_km": _rounded(slot.distance_km),
        "as_of": slot.as_of.isoformat(),
    }


def availability_form(entry: tb.DayAvailability) -> Form:
    """A day of a month view; `text` is its state as a person reads it."""
    text = tb.Bilingual(entry.text("ar"), entry.text("en"))
    named = fields(entry, "day", "seats", "free", "state", "first_free", "opens_at", "until", "rules", "reason")
    return named | {"text": plain(text)}


def branch_form(catalogue: tb.Catalogue, branch: tb.Branch, distance_km: float | None = None) -> Form:
    """A branch, with the services that it offers."""
    return {
        **fields(branch, "id", "name", "governorate"),
        **fields(branch.location, "latitude", "longitude"),
        **fields(branch, "time_zone", "synthetic"),
        "services": [service.id for service in catalogue.services_for(branch=branch.id)],
        "distance_km": _rounded(distance_km),
    }


def governorate_form(governorate: tb.Governorate) -> Form:
    """A governorate."""
    seat = fields(governorate.seat, "latitude", "longitude")
    return fields(governorate, "id", "name", "region", "headquarters") | seat


def service_form(catalogue: tb.Catalogue, service: tb.Service) -> Form:
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


def verdict_form(verdict: tb.Verdict) -> Form:
    """The result of one rule."""
    message = {"ar": verdict.message("ar"), "en": verdict.message("en")}
    given = fields(verdict, "rule_id", "statement", "observed", "limit", "allowed_from")
    return given | {"message": message}


def event_form(event: tb.AppointmentEvent, appointment: Form) -> Form:
    """An event of that appointment."""
    return {
        "event": EVENT_TAGS[type(event)],
        **fields(event, "version", "at"),
        "by": actor_form(event.actor, appointment),
        **fields(event, "rulebook", "request_id"),
    }


def actor_form(actor: tb.Actor, appointment: Form | None = None) -> Form:
    """The actor: the applicant of that appointment by the masked id if it has one, any other person by the subject."""
    match actor:
        case tb.Clerk(id=clerk):
            return {"kind": "clerk", "id": clerk}
        case tb.System():
            return {"kind": "system", "id": None}
        case tb.Delegate(person=person):
            return {"kind": "delegate", "id": person.subject}
        case applicant:
            own = appointment is not None and applicant.subject == appointment["subject"] and appointment["applicant"]
            return {"kind": "applicant", "id": own or applicant.subject}


def branch_day_form(day: tb.BranchDay) -> Form:
    """A day of a branch, with its shifts and the ids of the rules that decide it."""
    shifts = [fields(shift.hours, "opens", "closes") | fields(shift, "capacity", "services") for shift in day.shifts]
    return fields(day, "day", "open", "usual", "hours") | {"shifts": shifts, "rules": list(day.rules)}


def entry_form(entry: tb.CalendarEntry, withdrawn: frozenset[str]) -> Form:
    """A declaration; `holds` is false for a withdrawal, and for the ids that were withdrawn."""
    return {
        **fields(entry, "number", "at"),
        "by": actor_form(entry.actor),
        **fields(entry, "reason", "request_id"),
        "record": record_form(entry.record),
        "holds": not isinstance(entry.record, tb.Withdrawal) and entry.record.id not in withdrawn,
    }


def record_form(record: Record) -> Form:
    """A record of the calendar with its kind; days are Gregorian, `first_day` and `last_day` both included."""
    match record:
        case tb.Withdrawal():
            return {"kind": "withdrawal", "id": record.id}
        case tb.MonthStart():
            month = f"{record.year:04d}-{record.month:02d}"
            return {"kind": "month-start", "id": record.id, "month": month, "first_day": record.first_day.isoformat()}
        case tb.AnnouncedClosure():
            return {"kind": "closure", **fields(record, "id", "rule", "first_day", "last_day")}
        case tb.SpecialOrder():
            return {"kind": "order", **fields(record, "id", "first_day", "last_day", "opens", "hours")}
        case tb.BranchException():
            days = fields(record, "id", "branch", "first_day", "last_day")
            return {"kind": "exception", **days, **fields(record, "effect", "reason", "hours", "capacity")}


def error_form(error: tb.TrafficBookingError, language: tb.Language) -> Form:
    """An error of the library, with its message in that language."""
    kind = next(tag for known, tag in ERROR_KINDS.items() if isinstance(error, known))
    faults = [fault.message(language) for fault in error.faults] if isinstance(error, tb.InvalidCatalogue) else []
    field = error.field if isinstance(error, tb.InvalidInput) else None
    return {"error": {"kind": kind, "message": error.message(language), "field": field, "faults": faults}}


def _rounded(distance_km: float | None) -> float | None:
    return None if distance_km is None else round(distance_km, 3)
