"""Commands that take a slot: hold, book and move."""

import shlex
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from attrs import frozen
from cyclopts import Parameter

from traffic_booking import (
    Appointment,
    Bilingual,
    Booked,
    BookingDesk,
    Branch,
    Day,
    Held,
    InvalidInput,
    PersonId,
    Refused,
    SlotKey,
    Throttled,
    appointment_number,
    to_json,
)
from traffic_booking.cli import words
from traffic_booking.cli.forms import Form, appointment_form
from traffic_booking.cli.options import (
    DEFAULTS,
    Applicant,
    Confirm,
    Flag,
    NumberText,
    Options,
    RequestIdText,
    ServiceText,
)
from traffic_booking.cli.reply import (
    REFUSED,
    Bullets,
    NamedValues,
    Reply,
    ReplyPart,
    Sentence,
    accepted,
    facts_of,
    refusal,
    slots_shown,
)
from traffic_booking.cli.typed_values import applicant_of, moment_of, request_id_of

AGREEMENT_RULE: Final = "BK-06"
"""The rule that needs the agreement to the instructions; in a move, only if they have changed since the booking."""

ALTERNATIVES: Final = 3  # so many free slots are shown in the refusal of a slot without a free seat
MOST_APPOINTMENTS: Final = 1_000  # at most so many of a person's appointments are searched for a hold that was given up


START_HELP: Final = (
    "The start on the branch's clocks, or with an offset: a day of either calendar and a time, such as "
    '2026-12-01T08:00, "1 Ramadan 1448 9:30 AM" or "١ رمضان ١٤٤٨، 9:30 ص".'
)
StartText = Annotated[str | None, Parameter(help=START_HELP)]


@Parameter(name="*")
@frozen(kw_only=True)
class Choice:
    """The slot to take: a named one, or the earliest that fits."""

    service: ServiceText
    branch: Annotated[str | None, Parameter(help="The branch (an id of `branches`); needed with --at.")] = None
    at: StartText = None
    first: Annotated[Flag, Parameter(help="Take the earliest free slot instead of --at.")] = False
    governorate: Annotated[str | None, Parameter(help="With --first: only at branches of this governorate.")] = None

    def request(self, given: str | None) -> str:
        """The request's id. With --first it is always new: the same command may find another slot later."""
        if self.first and given is not None:
            raise InvalidInput("--request-id", got="one with --first", expected="--branch and --at, to send it again")
        return request_id_of(given)

    def slot(self, desk: BookingDesk) -> SlotKey | None:
        """The slot; `None` if --first finds none."""
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
    moving: str | None = None,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Keep a seat for a few minutes; `book` with the same slot makes it an appointment.

    Args:
        moving: The number of an appointment for the service: the seat is kept until `move` gives it this slot.
    """
    person, request = applicant_of(applicant), choice.request(request_id)
    number = None if moving is None else appointment_number(moving)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return _none_found(options, request)
        earlier = _held(desk, person)
        outcome = desk.hold(slot, applicant=person, request_id=request, moving=number, alternatives=ALTERNATIVES)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request, after=_nearest(desk, outcome, options))
        given_up = _given_up(desk, person, earlier)
        more: Form = {"given_up": given_up, "expired_hold": outcome.expired_hold}
        held = outcome.appointment
        after = (*_sentences(outcome, given_up, options), _next_step(held, number, options))
        return accepted(options, "held", held, request, desk.catalogue, by=person, more=more, after=after)


def _next_step(held: Appointment, moving: str | None, options: Options) -> str:
    """The command that books the held slot, or that moves the appointment there."""
    slot, at = held.slot, words.written_time(held.starts_at)
    verb = ("book", "--service", slot.service) if moving is None else ("move", moving)
    store = () if options.db is None else ("--db", options.db)
    keys = (part for file in options.pseudonym_key for part in ("--pseudonym-key", str(file)))
    command = shlex.join(("traffic-booking", *verb, "--branch", slot.branch, "--at", at, *store, *keys))
    text = words.TO_BOOK if moving is None else words.TO_MOVE
    return words.filled(text, options.output_language, command=command)


def book(
    *,
    choice: Choice,
    applicant: Applicant = None,
    agree: Flag = False,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Book a slot, or the hold on it, and show the ticket.

    Args:
        agree: The applicant agrees to the service's instructions. Without it they are shown, and rule BK-06 refuses.
    """
    person, request = applicant_of(applicant), choice.request(request_id)
    with options.desk() as desk:
        slot = choice.slot(desk)
        if slot is None:
            return _none_found(options, request)
        earlier = _held(desk, person)
        outcome = desk.book(slot, applicant=person, agreed=agree, request_id=request, alternatives=ALTERNATIVES)
        if isinstance(outcome, Refused | Throttled):
            return _refusal(desk, outcome, slot, person, request, options, words.TO_AGREE)
        number, given_up = outcome.appointment.number, _given_up(desk, person, earlier)
        ticket = str(desk.ticket(number, by=person, form="text", language=options.output_language))
    shown = appointment_form(outcome.appointment, by=person)
    more: Form = {"given_up": given_up, "expired_hold": outcome.expired_hold}
    form = {"outcome": "booked", "request_id": request, "appointment": shown} | more
    booked, named = Sentence(words.BOOKED, loud=True), NamedValues((words.REQUEST_ID, request))
    return Reply(options, form, booked, *_sentences(outcome, given_up, options), ticket, named)


def move(
    number: NumberText,
    /,
    *,
    at: StartText = None,
    branch: str | None = None,
    first: Flag = False,
    governorate: str | None = None,
    agree: Flag = False,
    yes: Confirm = False,
    applicant: Applicant = None,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Move an appointment to another slot, in two steps: without --yes, show the appointment and its new slot.

    Args:
        branch: The new branch (an id of `branches`). Default with --at: the appointment's branch.
        first: Take the earliest free slot for the service instead of --at.
        governorate: With --first: only at branches of this governorate.
        agree: The applicant agrees to the instructions. Needed if they have changed since the booking.
    """
    person = applicant_of(applicant)
    with options.desk() as desk:
        before = desk.appointment(number, by=person)
        new_branch = before.slot.branch if branch is None and not first else branch
        choice = Choice(service=before.slot.service, branch=new_branch, at=at, first=first, governorate=governorate)
        request, slot = choice.request(request_id), choice.slot(desk)
        if slot is None:
            return _none_found(options, request)
        shown = appointment_form(before, by=person)
        if yes:
            outcome = desk.move(
                before.number, slot, by=person, agreed=agree, request_id=request, alternatives=ALTERNATIVES
            )
            if isinstance(outcome, Refused | Throttled):
                return _refusal(desk, outcome, slot, person, request, options, words.TO_AGREE_AND_MOVE)
            more: Form = {"before": shown}
            return accepted(options, "moved", outcome.appointment, request, desk.catalogue, by=person, more=more)
        would = desk.what_if().move(before.number, slot, by=person, agreed=agree)
        facts = facts_of(before, desk.catalogue, options.output_language, by=person)
        if not would:
            to_agree = words.TO_AGREE_AND_MOVE
            return _refusal(desk, Refused(would.refused), slot, person, None, options, to_agree, facts)
        return _move_preview(options, desk.catalogue.branch(slot.branch), slot, shown, facts)


def _move_preview(options: Options, place: Branch, slot: SlotKey, shown: Form, facts: NamedValues) -> Reply:
    """The reply to a move without --yes: the appointment as it is, and its new slot."""
    starts_at = slot.starts_at.astimezone(ZoneInfo(place.time_zone))
    to = {"branch": slot.branch, "service": slot.service, "starts_at": starts_at.isoformat()}
    new = (
        (words.NEW_BRANCH, place.name(options.output_language)),
        (words.NEW_DAY, Day(starts_at.date()).text(options.output_language)),
        (words.NEW_TIME, f"{starts_at:%H:%M}"),
    )
    parts = (NamedValues(*facts.entries, *new), Sentence(words.NOTHING_MOVED, loud=True))
    return Reply(options, {"outcome": "not-confirmed", "appointment": shown, "to": to}, *parts)


def _refusal(
    desk: BookingDesk,
    refused: Refused | Throttled,
    slot: SlotKey,
    person: PersonId,
    request_id: str | None,
    options: Options,
    to_agree: Bilingual,
    *before: ReplyPart,
) -> Reply:
    """The refusal; if the agreement is missing, with the documents to bring and the instructions to agree to."""
    verdicts = () if isinstance(refused, Throttled) else refused.verdicts
    nearest = _nearest(desk, refused, options)
    if all(verdict.rule_id != AGREEMENT_RULE for verdict in verdicts):
        return refusal(options, refused, request_id, before, nearest)
    service = desk.catalogue.service(slot.service)
    to_read = (
        Sentence(words.DOCUMENTS, loud=True),
        Bullets(tuple(document.name for document in service.documents_for(person.holder))),
        Sentence(words.INSTRUCTIONS, loud=True),
        Bullets((service.instructions.text,)),
        NamedValues((words.AGREED, service.instructions.version)),
    )
    return refusal(options, refused, request_id, (*before, *to_read), (*nearest, Sentence(to_agree, loud=True)))


def _nearest(desk: BookingDesk, refused: Refused | Throttled, options: Options) -> tuple[ReplyPart, ...]:
    """The nearest free slots, if the refused slot has no free seat."""
    if isinstance(refused, Throttled) or not refused.alternatives:
        return ()
    return (
        Sentence(words.ALTERNATIVES),
        *slots_shown(refused.alternatives, desk.catalogue, options.output_language),
    )


def _held(desk: BookingDesk, person: PersonId) -> frozenset[str]:
    return frozenset(entry.number for entry in desk.appointments(person, limit=MOST_APPOINTMENTS).held)


def _given_up(desk: BookingDesk, person: PersonId, earlier: frozenset[str]) -> list[str]:
    """The numbers of the earlier holds that were given up; a hold that has expired is not among them."""
    cancelled = desk.appointments(person, limit=MOST_APPOINTMENTS).cancelled
    return sorted(entry.number for entry in cancelled if entry.number in earlier)


def _sentences(outcome: Held | Booked, given_up: list[str], options: Options) -> tuple[ReplyPart, ...]:
    """A sentence if an earlier hold of the slot had run out, and one for each hold that was given up."""
    language = options.output_language
    ran_out = [outcome.message(language)] if outcome.expired_hold else []
    return *ran_out, *(words.filled(words.GIVEN_UP, language, number=number) for number in given_up)


def _none_found(options: Options, request_id: str) -> Reply:
    form = {"outcome": "none-found", "request_id": request_id, "message": to_json(words.NO_SLOT)}
    return Reply(options, form, Sentence(words.NO_SLOT), exit_code=REFUSED)
