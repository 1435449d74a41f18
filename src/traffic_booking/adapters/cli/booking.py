"""Commands that take a seat: hold and book."""

from typing import Annotated

from attrs import frozen
from cyclopts import Parameter

from traffic_booking import BookingDesk, InvalidInput, PersonId, Refused, SlotKey
from traffic_booking.adapters.cli import words
from traffic_booking.adapters.cli.appointment_parts import appointment_facts, told
from traffic_booking.adapters.cli.machine_form import appointment_form, names
from traffic_booking.adapters.cli.options import (
    Applicant,
    Options,
    RequestIdText,
    applicant_of,
    moment_of,
    request_id_of,
)
from traffic_booking.adapters.cli.reply import REFUSED, Facts, Part, Reply, Sentence, Verbatim
from traffic_booking.adapters.cli.rules import refusal


@Parameter(name="*")
@frozen(kw_only=True)
class Choice:
    """Which slot: one that is named, or the earliest that fits."""

    service: Annotated[str, Parameter(help="The service (an id of `services`).")]
    branch: Annotated[str | None, Parameter(help="The branch (an id of `branches`); needed with --at.")] = None
    at: Annotated[
        str | None, Parameter(help="The start, YYYY-MM-DDTHH:MM on the branch's clocks, or with an offset.")
    ] = None
    first: Annotated[
        bool, Parameter(help="Take the earliest free slot instead of --at.", negative=(), show_default=False)
    ] = False
    governorate: Annotated[str | None, Parameter(help="With --first: only at branches of this governorate.")] = None

    def slot(self, desk: BookingDesk) -> SlotKey | None:
        """The slot; None where --first finds none."""
        if self.first:
            if self.at is not None:
                raise InvalidInput("at", got="a time and --first", expected="one of the two")
            found = desk.find_slots(service=self.service, branch=self.branch, governorate=self.governorate, limit=1)
            return found[0].key if found else None
        if self.branch is None or self.at is None:
            raise InvalidInput("slot", got="neither --first nor a slot", expected="--branch and --at, or --first")
        if self.governorate is not None:
            raise InvalidInput("governorate", got="one without --first", expected="--branch alone with --at")
        branch = desk.catalogue.branch(self.branch)
        service = desk.catalogue.service(self.service)
        return SlotKey(branch.id, service.id, moment_of(self.at, "at", branch.time_zone))


def hold(
    *,
    choice: Choice,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Keep a seat for a few minutes; `book` with the same slot makes it an appointment."""
    options = options or Options()
    person, request = applicant_of(applicant), request_id_of(request_id)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return _nothing_found(options, request)
        outcome = desk.hold(slot, applicant=person, request_id=request)
        if isinstance(outcome, Refused):
            return refusal(options, outcome, request)
        facts = appointment_facts(outcome.appointment, desk.catalogue, options.spoken)
    form = {"outcome": "held", "request_id": request, "appointment": appointment_form(outcome.appointment)}
    return Reply(options, form, told(words.HELD, facts, request))


def book(
    *,
    choice: Choice,
    applicant: Applicant = None,
    agree: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Book a slot, or the hold on it, and show the ticket.

    Parameters
    ----------
    agree
        The applicant agrees to the service's instructions. Without it they are shown, and rule BK-06 refuses.
    """
    options = options or Options()
    person, request = applicant_of(applicant), request_id_of(request_id)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return _nothing_found(options, request)
        outcome = desk.book(slot, applicant=person, agreed=agree, request_id=request)
        if isinstance(outcome, Refused):
            before, after = (
                ((), ()) if agree else (_to_read(desk, slot, person), (Sentence(words.TO_AGREE, loud=True),))
            )
            return refusal(options, outcome, request, before, after)
        appointment = outcome.appointment
        ticket = desk.ticket(appointment.number, by=person, form="text", language=options.spoken)
    form = {"outcome": "booked", "request_id": request, "appointment": appointment_form(appointment)}
    parts = (Sentence(words.BOOKED, loud=True), Verbatim(ticket), Facts(((words.REQUEST_ID, request),)))
    return Reply(options, form, parts)


def _to_read(desk: BookingDesk, slot: SlotKey, person: PersonId) -> tuple[Part, ...]:
    service = desk.catalogue.service(slot.service)
    return (
        Sentence(words.DOCUMENTS, loud=True),
        *(Sentence(document.name) for document in service.documents_for(person.holder)),
        Sentence(words.INSTRUCTIONS, loud=True),
        Sentence(service.instructions.text),
        Facts(((words.AGREED, service.instructions.version),)),
    )


def _nothing_found(options: Options, request_id: str) -> Reply:
    form = {"outcome": "none-found", "request_id": request_id, "message": names(words.NO_SLOT)}
    return Reply(options, form, (Sentence(words.NO_SLOT),), exit_code=REFUSED)
