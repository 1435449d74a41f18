"""Commands that take a seat: hold and book."""

import shlex
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from attrs import frozen
from cyclopts import Parameter

from traffic_booking import (
    BookingDesk,
    InvalidInput,
    Language,
    PersonId,
    Refused,
    SlotKey,
    Throttled,
    shipped_catalogue,
)
from traffic_booking.cli import words
from traffic_booking.cli.appointment_parts import appointment_facts, told
from traffic_booking.cli.machine_form import appointment_form, names
from traffic_booking.cli.options import Applicant, Options, RequestIdText, applicant_of, moment_of, request_id_of
from traffic_booking.cli.refusals import refusal
from traffic_booking.cli.reply import REFUSED, Bullets, Facts, Part, Reply, Sentence, Verbatim, written_time

MOST_APPOINTMENTS: Final = 1_000
"""How many of a person's appointments are looked at for a hold that was given up."""


@Parameter(name="*")
@frozen(kw_only=True)
class Choice:
    """Which slot: one that is named, or the earliest that fits."""

    service: Annotated[str, Parameter(help="The service (an id of `services`).")]
    branch: Annotated[str | None, Parameter(help="The branch (an id of `branches`); needed with --at.")] = None
    at: Annotated[
        str | None,
        Parameter(
            help="The start, YYYY-MM-DDTHH:MM on the branch's clocks, or with an offset; the date in either calendar."
        ),
    ] = None
    first: Annotated[
        bool, Parameter(help="Take the earliest free slot instead of --at.", negative=(), show_default=False)
    ] = False
    governorate: Annotated[str | None, Parameter(help="With --first: only at branches of this governorate.")] = None

    def request(self, given: str | None) -> str:
        """The request's id; with --first a new one, since the same words may mean another slot later."""
        if self.first and given is not None:
            raise InvalidInput("--request-id", got="one with --first", expected="--branch and --at, to send it again")
        return request_id_of(given)

    def slot(self, desk: BookingDesk) -> SlotKey | None:
        """The slot; None where --first finds none."""
        if self.first:
            if self.at is not None:
                raise InvalidInput("--at", got="a time and --first", expected="one of the two")
            found = desk.find_slots(service=self.service, branch=self.branch, governorate=self.governorate, limit=1)
            return found[0].key if found else None
        if self.branch is None or self.at is None:
            raise InvalidInput("slot", got="neither --first nor a slot", expected="--branch and --at, or --first")
        if self.governorate is not None:
            raise InvalidInput("--governorate", got="one without --first", expected="--branch alone with --at")
        branch = desk.catalogue.branch(self.branch)
        service = desk.catalogue.service(self.service)
        return SlotKey(branch.id, service.id, moment_of(self.at, "--at", branch.time_zone))


def hold(
    *,
    choice: Choice,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Keep a seat for a few minutes; `book` with the same slot makes it an appointment."""
    options = options or Options()
    person, request = applicant_of(applicant), choice.request(request_id)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return nothing_found(options, request)
        before = _held(desk, person)
        outcome = desk.hold(slot, applicant=person, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        given_up = _given_up(desk, person, before)
        facts = appointment_facts(outcome.appointment, desk.catalogue, options.spoken, by=person)
    form = {
        "outcome": "held",
        "request_id": request,
        "appointment": appointment_form(outcome.appointment, by=person),
        "given_up": given_up,
    }
    next_step = Verbatim(words.filled(words.TO_BOOK, options.spoken, command=_book_command(slot, options)))
    return Reply(options, form, (*told(words.HELD, facts, request), *_earlier(given_up, options.spoken), next_step))


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
    person, request = applicant_of(applicant), choice.request(request_id)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return nothing_found(options, request)
        held = _held(desk, person)
        outcome = desk.book(slot, applicant=person, agreed=agree, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            before, after = ((), ()) if agree else (to_read(desk, slot, person), (Sentence(words.TO_AGREE, loud=True),))
            return refusal(options, outcome, request, before, after)
        appointment, given_up = outcome.appointment, _given_up(desk, person, held)
        ticket = desk.ticket(appointment.number, by=person, form="text", language=options.spoken)
    form = {
        "outcome": "booked",
        "request_id": request,
        "appointment": appointment_form(appointment, by=person),
        "given_up": given_up,
    }
    booked, asked = Sentence(words.BOOKED, loud=True), Facts(((words.REQUEST_ID, request),))
    parts = (booked, *_earlier(given_up, options.spoken), Verbatim(ticket), asked)
    return Reply(options, form, parts)


def to_read(desk: BookingDesk, slot: SlotKey, person: PersonId) -> tuple[Part, ...]:
    """What to bring, and the instructions to agree to."""
    service = desk.catalogue.service(slot.service)
    return (
        Sentence(words.DOCUMENTS, loud=True),
        Bullets(tuple(document.name for document in service.documents_for(person.holder))),
        Sentence(words.INSTRUCTIONS, loud=True),
        Bullets((service.instructions.text,)),
        Facts(((words.AGREED, service.instructions.version),)),
    )


def _held(desk: BookingDesk, person: PersonId) -> frozenset[str]:
    return frozenset(entry.number for entry in desk.appointments(person, limit=MOST_APPOINTMENTS).held)


def _given_up(desk: BookingDesk, person: PersonId, before: frozenset[str]) -> list[str]:
    """The numbers of the holds of `before` that were given back since; one that ran out is none of them."""
    cancelled = desk.appointments(person, limit=MOST_APPOINTMENTS).cancelled
    return sorted(entry.number for entry in cancelled if entry.number in before)


def _earlier(given_up: list[str], language: Language) -> tuple[Part, ...]:
    return tuple(Verbatim(words.filled(words.GIVEN_UP, language, number=number)) for number in given_up)


def _book_command(slot: SlotKey, options: Options) -> str:
    at = written_time(slot.starts_at.astimezone(ZoneInfo(shipped_catalogue().branch(slot.branch).time_zone)))
    store = () if options.db is None else ("--db", options.db)
    keys = (part for file in options.pseudonym_key for part in ("--pseudonym-key", str(file)))
    command = ("traffic-booking", "book", "--service", slot.service, "--branch", slot.branch, "--at", at, *store, *keys)
    return shlex.join(command)


def nothing_found(options: Options, request_id: str) -> Reply:
    """The answer where --first finds no slot."""
    form = {"outcome": "none-found", "request_id": request_id, "message": names(words.NO_SLOT)}
    return Reply(options, form, (Sentence(words.NO_SLOT),), exit_code=REFUSED)
