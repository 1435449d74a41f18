"""Commands about appointments that exist: list, show, ticket, cancel, check in."""

from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from traffic_booking import (
    BookingDesk,
    Clerk,
    InvalidInput,
    PersonId,
    Refused,
    Throttled,
    appointment_number,
)
from traffic_booking.cli import words
from traffic_booking.cli.appointment_parts import appointment_facts, service_of, told
from traffic_booking.cli.machine_form import actor_form, appointment_form, event_form, event_tag
from traffic_booking.cli.options import (
    Applicant,
    NumberText,
    Options,
    RequestIdText,
    applicant_of,
    copied,
    impersonal,
    request_id_of,
)
from traffic_booking.cli.refusals import refusal
from traffic_booking.cli.reply import Facts, Listing, Reply, Sentence, Verbatim, hijri_day, written_time

OWN_RULE: Final = "CN-01"
"""The rule that refuses a number that doesn't exist and one that is somebody else's alike."""

LISTS: Final = ("upcoming", "held", "past", "cancelled", "expired")


def appointments(
    *, applicant: Applicant = None, group: str | None = None, limit: int = 200, options: Options | None = None
) -> Reply:
    """List an applicant's appointments: upcoming, held, past, cancelled, expired.

    Parameters
    ----------
    group
        Only those for services of this group or below it, such as traffic-services.
    limit
        The latest so many, 1 to 1,000.
    """
    options = options or Options()
    person = applicant_of(applicant)
    with options.desk() as desk:
        found = desk.appointments(person, group=group, limit=limit)
        catalogue = desk.catalogue
    lists = {name: getattr(found, name) for name in LISTS}
    rows = [
        (
            entry.number,
            words.LISTS[name](options.spoken),
            service_of(entry, catalogue, options.spoken),
            written_time(entry.starts_at),
            hijri_day(entry.day, options.spoken),
        )
        for name, entries in lists.items()
        for entry in entries
    ]
    listing = Listing(
        headers=(words.NUMBER, words.KIND, words.SERVICE, words.AT, words.HIJRI_DAY),
        rows=rows,
        empty=words.NO_APPOINTMENTS,
    )
    form = {name: [appointment_form(entry, by=person) for entry in entries] for name, entries in lists.items()}
    return Reply(options, {"applicant": str(person), "appointments": form}, (listing,))


def show(number: NumberText, /, *, applicant: Applicant = None, options: Options | None = None) -> Reply:
    """Show one appointment and what happened to it."""
    options = options or Options()
    person = applicant_of(applicant)
    with options.desk() as desk:
        appointment = desk.appointment(copied(number), by=person)
        events = desk.history(appointment.number, by=person)
        facts = appointment_facts(appointment, desk.catalogue, options.spoken, by=person)
    form, zone = appointment_form(appointment, by=person), appointment.starts_at.tzinfo
    listing = Listing(
        headers=(words.AT, words.EVENT, words.BY),
        rows=[
            (
                f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}",
                words.EVENTS[event_tag(event)](options.spoken),
                str(actor_form(event.actor, form)["id"] or "-"),
            )
            for event in events
        ],
    )
    answer = {"appointment": form, "events": [event_form(event, form) for event in events]}
    return Reply(options, answer, (facts, listing))


def ticket(
    number: NumberText,
    /,
    *,
    form: Literal["text", "html"] = "text",
    output: Path | None = None,
    applicant: Applicant = None,
    options: Options | None = None,
) -> Reply:
    """Print the ticket of an appointment, or the proof of its cancellation.

    Parameters
    ----------
    form
        text or html.
    output
        Write it to this file instead; a file that is there is not overwritten.
    """
    options = options or Options()
    person = applicant_of(applicant)
    with options.desk() as desk:
        checked = desk.appointment(copied(number), by=person).number
        rendered = desk.ticket(checked, by=person, form=form, language=options.spoken)
    answer = {"number": checked, "form": form, "language": options.spoken}
    if output is None:
        return Reply(options, answer | {"ticket": rendered}, (Verbatim(rendered),))
    _write(output, rendered)
    return Reply(options, answer | {"file": str(output)}, (Facts(((words.WRITTEN, str(output)),)),))


def cancel(
    number: NumberText,
    /,
    *,
    yes: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    applicant: Applicant = None,
    clerk: str | None = None,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Cancel an appointment, in two steps: without --yes, show what would be cancelled and until when.

    Parameters
    ----------
    yes
        Confirm the cancellation.
    clerk
        Staff who cancel, in place of the applicant: a name of lower-case letters, digits and hyphens.
    """
    options = options or Options()
    actor, request = _acting(applicant, clerk), request_id_of(request_id)
    with options.desk() as desk:
        if not yes:
            return _preview(desk, copied(number), actor, request, options)
        outcome = desk.cancel(copied(number), by=actor, request_id=request)
        if isinstance(outcome, Refused) and [verdict.rule_id for verdict in outcome.verdicts] == [OWN_RULE]:
            return _not_yours(options, outcome, request, copied(number))
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        facts = appointment_facts(outcome.appointment, desk.catalogue, options.spoken, by=actor)
        shown = appointment_form(outcome.appointment, by=actor)
    form = {"outcome": "cancelled", "request_id": request, "appointment": shown}
    return Reply(options, form, told(words.CANCELLED, facts, request))


def check_in(
    number: NumberText,
    /,
    *,
    clerk: str,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Note at the branch that the applicant has come.

    Parameters
    ----------
    clerk
        Who checks in: a name of lower-case letters, digits and hyphens.
    """
    options = options or Options()
    staff, request = Clerk(impersonal(clerk, "clerk")), request_id_of(request_id)
    with options.desk() as desk:
        outcome = desk.check_in(copied(number), by=staff, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        facts = appointment_facts(outcome.appointment, desk.catalogue, options.spoken, by=staff)
        shown = appointment_form(outcome.appointment, by=staff)
    form = {"outcome": "checked-in", "request_id": request, "appointment": shown}
    return Reply(options, form, told(words.CHECKED_IN, facts, request))


def _not_yours(options: Options, refused: Refused, request_id: str, number: str) -> Reply:
    sentence = Verbatim(words.filled(words.NOT_YOURS, options.spoken, number=appointment_number(number)))
    return refusal(options, refused, request_id, before=(sentence,))


def _acting(applicant: str | None, clerk: str | None) -> PersonId | Clerk:
    """Staff where a clerk is named, else the applicant."""
    if clerk is None:
        return applicant_of(applicant)
    if applicant is not None:
        raise InvalidInput("--applicant, --clerk", got="both", expected="one of them")
    return Clerk(impersonal(clerk, "clerk"))


def _preview(desk: BookingDesk, number: str, actor: PersonId | Clerk, request_id: str, options: Options) -> Reply:
    may = desk.may_cancel(number, by=actor)
    if [verdict.rule_id for verdict in may.refused] == [OWN_RULE]:
        return _not_yours(options, Refused(may.refused), request_id, number)
    appointment = desk.appointment(number, by=actor)
    facts = appointment_facts(appointment, desk.catalogue, options.spoken, by=actor)
    if not may:
        return refusal(options, Refused(may.refused), request_id, before=(facts,))
    ends = may.until or appointment.hold_ends_at
    until = ends and ends.astimezone(appointment.starts_at.tzinfo)
    form = {
        "outcome": "not-confirmed",
        "appointment": appointment_form(appointment, by=actor),
        "cancel_until": until and until.isoformat(),
    }
    if until is not None:
        facts = Facts((*facts.entries, (words.CANCEL_UNTIL, f"{until:%Y-%m-%d %H:%M}")))
    return Reply(options, form, (facts, Sentence(words.NOTHING_CANCELLED, loud=True)))


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidInput(
            "output", got=f"{path}: {error.strerror}", expected="a new file in a folder that can be written"
        ) from error
