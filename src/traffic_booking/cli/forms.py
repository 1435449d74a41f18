"""The members that `--json` adds to the JSON forms of the library's values."""

from collections.abc import Sequence

import traffic_booking as tb

Form = dict[str, object]
Record = tb.MonthStart | tb.AnnouncedClosure | tb.SpecialOrder | tb.BranchException | tb.Withdrawal


def appointment_form(appointment: tb.Appointment, *, by: tb.PersonId | tb.Clerk) -> Form:
    """An appointment, with the masked id for its applicant alone."""
    return {**tb.to_json(appointment), "applicant": str(by) if isinstance(by, tb.PersonId) else None}


def branch_form(catalogue: tb.Catalogue, branch: tb.Branch, distance_km: float | None = None) -> Form:
    """A branch, with the services that it offers."""
    services = [service.id for service in catalogue.services_for(branch=branch.id)]
    return {**tb.to_json(branch), "services": services, "distance_km": distance_km and round(distance_km, 3)}


def service_form(catalogue: tb.Catalogue, service: tb.Service) -> Form:
    """A service, with the public that its group is for."""
    return {**tb.to_json(service), "audience": catalogue.group(service.group).audience.value}


def entry_form(entry: tb.CalendarEntry, withdrawn: frozenset[str]) -> Form:
    """A declaration; `holds` is false for a withdrawal, and for the ids that were withdrawn."""
    holds = not isinstance(entry.record, tb.Withdrawal) and entry.record.id not in withdrawn
    return {**tb.to_json(entry), "holds": holds}


def withdrawn_ids(entries: Sequence[tb.CalendarEntry]) -> frozenset[str]:
    """The ids of the records that were withdrawn."""
    return frozenset(entry.record.id for entry in entries if isinstance(entry.record, tb.Withdrawal))


def error_form(error: tb.TrafficBookingError, language: tb.Language) -> Form:
    """An error of the library, with its messages in that language."""
    form = tb.to_json(error)
    faults = [fault[language] for fault in form["faults"]]
    return {"error": {**form, "message": form["message"][language], "faults": faults}}


def actor_name(actor: tb.Actor, by: tb.PersonId | tb.Clerk | None = None, subject: str | None = None) -> str:
    """The actor in a table: a clerk by name, the applicant (of that subject) by their masked id, others by subject."""
    match actor:
        case tb.Clerk(id=clerk):
            return clerk
        case tb.System():
            return "-"
        case tb.Delegate(person=person):
            return person.subject
        case applicant:
            return str(by) if isinstance(by, tb.PersonId) and applicant.subject == subject else applicant.subject
