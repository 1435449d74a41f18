"""How an appointment is shown, as named values."""

from traffic_booking import Appointment, Bilingual, Catalogue, Clerk, Language, PersonId
from traffic_booking.cli import words
from traffic_booking.cli.reply import Facts, Part, Sentence


def appointment_facts(
    appointment: Appointment, catalogue: Catalogue, language: Language, *, by: PersonId | Clerk
) -> Facts:
    """An appointment as named values: the applicant's masked id if they ask, the subject if a clerk does."""
    who = (words.APPLICANT, str(by)) if isinstance(by, PersonId) else (words.SUBJECT, appointment.applicant.subject)
    entries = [
        (words.NUMBER, appointment.number),
        (words.STATE, appointment.state.label(language)),
        who,
        (words.SERVICE, service_of(appointment, catalogue, language)),
        (words.BRANCH, branch_of(appointment, catalogue, language)),
        (words.DAY, appointment.day.text(language)),
        (words.TIME, f"{time_of(appointment)} {appointment.time_zone}"),
    ]
    if appointment.hold_ends_at is not None:
        until = appointment.hold_ends_at.astimezone(appointment.starts_at.tzinfo)
        entries.append((words.HELD_UNTIL, f"{until:%Y-%m-%d %H:%M:%S}"))
    return Facts(tuple(entries))


def told(what: Bilingual, facts: Facts, request_id: str) -> tuple[Part, ...]:
    """What was done, the appointment, and the request's id."""
    return (Sentence(what, loud=True), Facts((*facts.entries, (words.REQUEST_ID, request_id))))


def service_of(appointment: Appointment, catalogue: Catalogue, language: Language) -> str:
    """The name of its service."""
    return catalogue.service(appointment.slot.service).name(language)


def branch_of(appointment: Appointment, catalogue: Catalogue, language: Language) -> str:
    """The name of its branch."""
    return catalogue.branch(appointment.slot.branch).name(language)


def time_of(appointment: Appointment) -> str:
    """From when to when, on the branch's clocks."""
    return f"{appointment.starts_at:%H:%M}–{appointment.ends_at:%H:%M}"
