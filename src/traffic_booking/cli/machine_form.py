"""The stable machine form of the library's values: what `--json` prints.

Instants are ISO 8601 with an offset, days have both calendars, ids are masked, tags are words of this module: no class
name reaches the wire.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from traffic_booking import (
    Actor,
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
    Catalogue,
    Clerk,
    Day,
    DayAvailability,
    Delegate,
    Governorate,
    HoldExpired,
    HoldReleased,
    InvalidCatalogue,
    InvalidInput,
    MissingExtra,
    NotFound,
    PersonId,
    RequestMismatch,
    Service,
    StoreClosed,
    StoreContended,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
    System,
    TrafficBookingError,
    Verdict,
)

Form = dict[str, object]

ERROR_KINDS: Final[tuple[tuple[type[TrafficBookingError], str], ...]] = (
    (InvalidCatalogue, "invalid-catalogue"),
    (InvalidInput, "invalid-input"),
    (AppointmentNotFound, "appointment-not-found"),
    (NotFound, "not-found"),
    (RequestMismatch, "request-mismatch"),
    (MissingExtra, "missing-extra"),
    (StoreUnavailable, "store-unavailable"),
    (StoreUnreadable, "store-unreadable"),
    (StoreContended, "store-contended"),
    (StoreClosed, "store-closed"),
    (StoreError, "store"),
    (TrafficBookingError, "misuse"),
)
"""Each kind of error and its tag; the first that fits counts."""

EVENT_TAGS: Final[Mapping[type[AppointmentEvent], str]] = {
    AppointmentHeld: "held",
    AppointmentBooked: "booked",
    HoldExpired: "hold-expired",
    HoldReleased: "hold-released",
    AppointmentCancelled: "cancelled",
    AppointmentMoved: "moved",
    AppointmentCheckedIn: "checked-in",
}
"""Each kind of event and its tag."""


def names(text: Bilingual) -> Form:
    """Both languages."""
    return {"ar": text.ar, "en": text.en}


def day_form(day: Day) -> Form:
    """Both calendars; `hijri_agreed` is false where the tables dispute the day; null, both, beyond the table."""
    hijri = day.hijri if day.has_hijri else None
    return {
        "gregorian": day.gregorian.isoformat(),
        "hijri": hijri and f"{hijri.year:04d}-{hijri.month:02d}-{hijri.day:02d}",
        "hijri_agreed": hijri and hijri.agreed,
        "weekday": names(day.weekday),
    }


def appointment_form(appointment: Appointment, *, by: PersonId | Clerk) -> Form:
    """An appointment; instants in the branch's time zone, the masked id if the applicant asks."""
    zone = appointment.starts_at.tzinfo
    ends = appointment.hold_ends_at
    return {
        "number": appointment.number,
        "version": appointment.version,
        "state": appointment.state.value,
        "branch": appointment.slot.branch,
        "service": appointment.slot.service,
        "starts_at": appointment.starts_at.isoformat(),
        "ends_at": appointment.ends_at.isoformat(),
        "time_zone": appointment.time_zone,
        "day": day_form(appointment.day),
        "applicant": str(by) if isinstance(by, PersonId) else None,
        "subject": appointment.applicant.subject,
        "hold_ends_at": None if ends is None else ends.astimezone(zone).isoformat(),
        "instructions": appointment.instructions,
        "rulebook": appointment.rulebook,
        "changed_at": appointment.changed_at.astimezone(zone).isoformat(),
        "moves": appointment.moves,
    }


def slot_form(slot: AvailableSlot) -> Form:
    """A slot with free seats."""
    return {
        "branch": slot.branch,
        "service": slot.service,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "day": day_form(slot.day),
        "free": slot.free,
        "capacity": slot.slot.capacity,
        "distance_km": None if slot.distance_km is None else round(slot.distance_km, 3),
        "as_of": slot.as_of.isoformat(),
    }


def availability_form(availability: DayAvailability) -> Form:
    """A day of a month view."""
    return {"day": day_form(availability.day), "seats": availability.seats, "free": availability.free}


def branch_form(catalogue: Catalogue, branch: Branch, distance_km: float | None = None) -> Form:
    """A branch, with the services that it offers."""
    return {
        "id": branch.id,
        "name": names(branch.name),
        "governorate": branch.governorate,
        "latitude": branch.location.latitude,
        "longitude": branch.location.longitude,
        "time_zone": branch.time_zone,
        "synthetic": branch.synthetic,
        "services": [service.id for service in catalogue.services_for(branch=branch.id)],
        "distance_km": None if distance_km is None else round(distance_km, 3),
    }


def governorate_form(governorate: Governorate) -> Form:
    """A governorate."""
    return {
        "id": governorate.id,
        "name": names(governorate.name),
        "region": governorate.region,
        "headquarters": governorate.headquarters,
        "latitude": governorate.seat.latitude,
        "longitude": governorate.seat.longitude,
    }


def service_form(catalogue: Catalogue, service: Service) -> Form:
    """A service, with what an applicant must know and bring."""
    return {
        "id": service.id,
        "name": names(service.name),
        "group": service.group,
        "audience": catalogue.group(service.group).audience.value,
        "duration_minutes": service.duration_minutes,
        "holders": sorted(holder.value for holder in service.eligibility.holders),
        "minimum_age_years": service.eligibility.minimum_age_years,
        "conditions": [{"id": entry.id, "text": names(entry.text)} for entry in service.eligibility.conditions],
        "documents": [
            {"id": entry.id, "name": names(entry.name), "holders": sorted(holder.value for holder in entry.holders)}
            for entry in service.documents
        ],
        "instructions": {"version": service.instructions.version, "text": names(service.instructions.text)},
    }


def verdict_form(verdict: Verdict) -> Form:
    """A rule that refuses."""
    allowed_from = verdict.allowed_from
    return {
        "rule_id": verdict.rule_id,
        "statement": names(verdict.statement),
        "observed": _plain(verdict.observed),
        "limit": _plain(verdict.limit),
        "allowed_from": None if allowed_from is None else allowed_from.isoformat(),
    }


def event_form(event: AppointmentEvent, appointment: Form) -> Form:
    """Something that happened to that appointment."""
    return {
        "event": event_tag(event),
        "version": event.version,
        "at": event.at.isoformat(),
        "by": actor_form(event.actor, appointment),
        "rulebook": event.rulebook,
        "request_id": event.request_id,
    }


def event_tag(event: AppointmentEvent) -> str:
    """The tag of an event."""
    return EVENT_TAGS[type(event)]


def actor_form(actor: Actor, appointment: Form | None = None) -> Form:
    """The actor: the applicant of that appointment by their masked id if it has it, any other person by the subject."""
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


def error_form(error: TrafficBookingError, message: str) -> Form:
    """An error of the library, with the message as it may be shown."""
    kind = next(tag for known, tag in ERROR_KINDS if isinstance(error, known))
    faults = [str(fault) for fault in error.faults] if isinstance(error, InvalidCatalogue) else []
    field = error.field if isinstance(error, InvalidInput) else None
    return {"error": {"kind": kind, "message": message, "field": field, "faults": faults}}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
