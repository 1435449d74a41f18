"""Commands about appointments that exist: list, show, ticket, cancel, check in; and the person behind one."""

from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.forms import actor_name, appointment_form
from traffic_booking.cli.options import (
    DEFAULTS,
    Applicant,
    ClerkText,
    Confirm,
    NumberText,
    Options,
    ReadingClerk,
    RequestIdText,
    SigningKey,
    TicketForm,
    TicketLanguage,
    signer_of,
)
from traffic_booking.cli.reply import NamedValues, Reply, Sentence, accepted, facts_of, refusal, table, warnings_of
from traffic_booking.cli.typed_values import applicant_of, clerk_of, impersonal, request_id_of, requester_of

OWN_RULE: Final = "CN-01"  # the rule that refuses an unknown number and somebody else's number alike

SubjectText = Annotated[
    str, Parameter(allow_leading_hyphen=True, help="The subject of an applicant, as staff see it in lists.")
]
CancellingClerk = Annotated[
    str | None,
    Parameter(help="Staff who cancel, in place of the applicant: a name of lower-case letters, digits and hyphens."),
]


def appointments(
    *, applicant: Applicant = None, group: str | None = None, limit: int = 200, options: Options = DEFAULTS
) -> Reply:
    """List an applicant's appointments: upcoming, held, past, cancelled, expired.

    Args:
        group: Only those for services of this group or below it, such as traffic-services.
        limit: The latest so many, 1 to 1,000.
    """
    person, language = applicant_of(applicant), options.output_language
    with options.desk() as desk:
        found = desk.appointments(person, group=group, limit=limit)
        catalogue = desk.catalogue
    lists: dict[str, tuple[tb.Appointment, ...]] = {name: getattr(found, name) for name in words.LISTS}
    listing = table(
        [(name, entry) for name, entries in lists.items() for entry in entries],
        (words.NUMBER, lambda pair: pair[1].number),
        (words.KIND, lambda pair: words.LISTS[pair[0]](language)),
        (words.SERVICE, lambda pair: catalogue.service(pair[1].slot.service).name(language)),
        (words.AT, lambda pair: words.written_time(pair[1].starts_at)),
        (words.HIJRI_DAY, lambda pair: words.hijri_day(pair[1].day, language)),
        empty=words.NO_APPOINTMENTS,
    )
    form = {name: [appointment_form(entry, by=person) for entry in entries] for name, entries in lists.items()}
    return Reply(options, {"applicant": str(person), "appointments": form}, *warnings_of(found), listing)


def show(
    number: NumberText,
    /,
    *,
    applicant: Applicant = None,
    clerk: ReadingClerk = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Show one appointment and its events."""
    person, language = requester_of(applicant, clerk), options.output_language
    with options.desk(read_only=True) as desk:
        appointment = desk.appointment(number, by=person)
        events = desk.audit.history(appointment.number, by=person)
        facts = facts_of(appointment, desk.catalogue, language, by=person)
    form, zone = appointment_form(appointment, by=person), appointment.starts_at.tzinfo
    listing = table(
        events,
        (words.AT, lambda event: f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}"),
        (words.EVENT, lambda event: words.EVENTS[tb.to_json(event)["kind"]](language)),
        (words.BY, lambda event: actor_name(event.actor, person, appointment.applicant.subject)),
    )
    answer = {"appointment": form, "events": tb.to_json(events)}
    return Reply(options, answer, *warnings_of([appointment]), facts, listing)


def ticket(
    number: NumberText,
    /,
    *,
    form: TicketForm = "text",
    ticket_language: TicketLanguage = None,
    output: Path | None = None,
    sign_with: SigningKey = None,
    applicant: Applicant = None,
    clerk: ReadingClerk = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Print the ticket of an appointment, or the proof of its cancellation.

    Args:
        form: text, html, pdf, ics (a calendar file), qr-png or qr-svg (the code alone).
        output: Write it to this new file instead; a file that exists is not overwritten. pdf and qr-png need it.
    """
    person, language = requester_of(applicant, clerk), ticket_language or options.output_language
    with options.desk(signer=signer_of(sign_with)) as desk:
        checked = desk.appointment(number, by=person).number
        rendered = desk.ticket(checked, by=person, form=form, language=language)
    answer = {"number": checked, "form": form, "language": language}
    if output is None:
        if not (rendered.textual or options.json):
            raise tb.InvalidInput("--output", got="nothing", expected="a new file: this form is no text")
        return Reply(options, answer | {"ticket": tb.to_json(rendered)}, *([str(rendered)] if rendered.textual else []))
    try:
        with output.open("xb") as file:
            file.write(rendered.content)
    except OSError as error:
        expected = "a new file in a folder that can be written"
        raise tb.InvalidInput("--output", got=f"{output}: {error.strerror}", expected=expected) from error
    return Reply(options, answer | {"file": str(output)}, NamedValues((words.WRITTEN, str(output))))


def cancel(
    number: NumberText,
    /,
    *,
    yes: Confirm = False,
    applicant: Applicant = None,
    clerk: CancellingClerk = None,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Cancel an appointment, in two steps: without --yes, show it, and until when it may be cancelled."""
    actor, request = requester_of(applicant, clerk), request_id_of(request_id)
    with options.desk() as desk:
        if not yes:
            return _cancel_preview(desk, number, actor, options)
        outcome = desk.cancel(number, by=actor, request_id=request)
        if isinstance(outcome, tb.Refused | tb.Throttled):
            return _cancel_refusal(options, outcome, request, number)
        return accepted(options, "cancelled", outcome.appointment, request, desk.catalogue, by=actor)


def _cancel_preview(desk: tb.BookingDesk, number: str, actor: tb.PersonId | tb.Clerk, options: Options) -> Reply:
    may = desk.may_cancel(number, by=actor)
    if [verdict.rule_id for verdict in may.refused] == [OWN_RULE]:
        return _cancel_refusal(options, tb.Refused(may.refused), None, number)
    appointment = desk.appointment(number, by=actor)
    facts = facts_of(appointment, desk.catalogue, options.output_language, by=actor)
    if not may:
        return refusal(options, tb.Refused(may.refused), None, before=(facts,))
    ends = may.until or appointment.hold_ends_at
    until = ends and ends.astimezone(appointment.starts_at.tzinfo)
    shown = appointment_form(appointment, by=actor)
    form = {"outcome": "not-confirmed", "appointment": shown, "cancel_until": until and until.isoformat()}
    if until is not None:
        facts = NamedValues(*facts.entries, (words.CANCEL_UNTIL, f"{until:%Y-%m-%d %H:%M}"))
    return Reply(options, form, facts, Sentence(words.NOTHING_CANCELLED, loud=True))


def _cancel_refusal(options: Options, refused: tb.Refused | tb.Throttled, request_id: str | None, number: str) -> Reply:
    """The refusal; with a sentence for an unknown number and for somebody else's."""
    verdicts = () if isinstance(refused, tb.Throttled) else refused.verdicts
    if [verdict.rule_id for verdict in verdicts] != [OWN_RULE]:
        return refusal(options, refused, request_id)
    sentence = words.filled(words.NOT_YOURS, options.output_language, number=tb.appointment_number(number))
    return refusal(options, refused, request_id, before=(sentence,))


def check_in(
    number: NumberText, /, *, clerk: ClerkText, request_id: RequestIdText = None, options: Options = DEFAULTS
) -> Reply:
    """Record at the branch that the applicant has come."""
    staff, request = clerk_of(clerk), request_id_of(request_id)
    with options.desk() as desk:
        outcome = desk.gate.check_in(number, by=staff, request_id=request)
        if isinstance(outcome, tb.Refused | tb.Throttled):
            return refusal(options, outcome, request)
        return accepted(options, "checked-in", outcome.appointment, request, desk.catalogue, by=staff)


def person(subject: SubjectText, /, *, clerk: ClerkText, options: Options = DEFAULTS) -> Reply:
    """Show the id behind a subject, in full, to reach the person. Each use is written to the log."""
    staff, name = clerk_of(clerk), impersonal(subject, "subject")
    with options.desk() as desk:
        found = desk.person_of(name, by=staff)
    form = {"subject": name, "id": found.reveal(), "holder": found.holder.value}
    return Reply(options, form, NamedValues((words.SUBJECT, name), (words.ID, found.reveal())))
