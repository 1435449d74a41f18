"""The command that gives an appointment another slot."""

from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from traffic_booking import Appointment, BookingDesk, PersonId, Refused, SlotKey, Throttled
from traffic_booking.cli import words
from traffic_booking.cli.appointment_parts import appointment_facts, told
from traffic_booking.cli.booking import Choice, nothing_found, to_read
from traffic_booking.cli.machine_form import Form, appointment_form
from traffic_booking.cli.options import Applicant, NumberText, Options, RequestIdText, applicant_of, copied
from traffic_booking.cli.refusals import refusal
from traffic_booking.cli.reply import Facts, Part, Reply, Sentence, written_time

AGREEMENT_RULE = "BK-06"
"""The rule that asks for an agreement anew, where the instructions have changed since the booking."""


def move(
    number: NumberText,
    /,
    *,
    at: str | None = None,
    branch: str | None = None,
    first: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    governorate: str | None = None,
    agree: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    yes: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Move an appointment to another slot, in two steps: without --yes, show what would be moved, and where to.

    Parameters
    ----------
    at
        The new start, YYYY-MM-DDTHH:MM on the branch's clocks, or with an offset; the date in either calendar.
    branch
        The new branch (an id of `branches`); with --at, the one that the appointment is at unless given.
    first
        Take the earliest free slot for the service instead of --at.
    governorate
        With --first: only at branches of this governorate.
    agree
        The applicant agrees to the instructions anew; needed where they have changed since the booking.
    yes
        Confirm the move.
    """
    options = options or Options()
    person = applicant_of(applicant)
    with options.desk() as desk:
        before = desk.appointment(copied(number), by=person)
        where = before.slot.branch if branch is None and not first else branch
        choice = Choice(service=before.slot.service, branch=where, at=at, first=first, governorate=governorate)
        request, slot = choice.request(request_id), choice.slot(desk)
        if slot is None:
            return nothing_found(options, request)
        if not yes:
            return _preview(desk, before, slot, person, request, options, agree=agree)
        outcome = desk.move(before.number, slot, by=person, agreed=agree, request_id=request)
        if isinstance(outcome, Throttled):
            return refusal(options, outcome, request)
        if isinstance(outcome, Refused):
            return _refusal(desk, outcome, slot, person, request, options)
        return _moved(desk, before, outcome.appointment, person, request, options)


def _moved(
    desk: BookingDesk, before: Appointment, after: Appointment, person: PersonId, request_id: str, options: Options
) -> Reply:
    form = {
        "outcome": "moved",
        "request_id": request_id,
        "appointment": appointment_form(after, by=person),
        "before": appointment_form(before, by=person),
    }
    facts = appointment_facts(after, desk.catalogue, options.spoken, by=person)
    return Reply(options, form, told(words.MOVED, facts, request_id))


def _preview(
    desk: BookingDesk,
    before: Appointment,
    slot: SlotKey,
    person: PersonId,
    request_id: str,
    options: Options,
    *,
    agree: bool,
) -> Reply:
    would = desk.what_if().move(before.number, slot, by=person, agreed=agree)
    facts = appointment_facts(before, desk.catalogue, options.spoken, by=person)
    if not would:
        return _refusal(desk, Refused(would.refused), slot, person, request_id, options, facts)
    branch = desk.catalogue.branch(slot.branch)
    starts_at = slot.starts_at.astimezone(ZoneInfo(branch.time_zone))
    form: Form = {
        "outcome": "not-confirmed",
        "appointment": appointment_form(before, by=person),
        "to": {"branch": slot.branch, "service": slot.service, "starts_at": starts_at.isoformat()},
    }
    new = ((words.NEW_BRANCH, branch.name(options.spoken)), (words.NEW_TIME, written_time(starts_at)))
    return Reply(options, form, (Facts((*facts.entries, *new)), Sentence(words.NOTHING_MOVED, loud=True)))


def _refusal(
    desk: BookingDesk,
    refused: Refused,
    slot: SlotKey,
    person: PersonId,
    request_id: str,
    options: Options,
    *before: Part,
) -> Reply:
    """The refusal; where an agreement is missing, with what is to be agreed to."""
    if all(verdict.rule_id != AGREEMENT_RULE for verdict in refused.verdicts):
        return refusal(options, refused, request_id, before=before)
    to_agree = (Sentence(words.TO_AGREE_AND_MOVE, loud=True),)
    return refusal(options, refused, request_id, (*before, *to_read(desk, slot, person)), to_agree)
