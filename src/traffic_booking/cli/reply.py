"""Replies: the JSON form of an answer, the same answer as parts to print, and the parts that commands share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from attrs import frozen

from traffic_booking import (
    Appointment,
    AvailableSlot,
    Bilingual,
    Branch,
    Catalogue,
    Clerk,
    Language,
    NotFound,
    PersonId,
    Refused,
    Service,
    Throttled,
    to_json,
)
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.forms import Form, appointment_form
from traffic_booking.cli.options import Options

Item = TypeVar("Item")

LANGUAGES: Final[tuple[Language, ...]] = ("ar", "en")

DONE: Final = 0
REFUSED: Final = 1
LEGAL_TIME: Final = ZoneInfo("Asia/Riyadh")  # instants that belong to no branch are shown in this time zone


@frozen(kw_only=True)
class Listing:
    """A table: its headers, and rows of as many cells; without rows, `empty` is printed instead."""

    headers: tuple[Bilingual, ...]
    rows: Sequence[Sequence[str]]
    empty: Bilingual | None = None


@frozen(init=False)
class NamedValues:
    """Named values, one a line."""

    entries: tuple[tuple[Bilingual, str], ...]

    def __init__(self, *entries: tuple[Bilingual, str]) -> None:
        self.__attrs_init__(entries)


@frozen
class Sentence:
    """A line of text; a loud one is bold."""

    text: Bilingual
    loud: bool = False


@frozen
class Bullets:
    """Texts to read, with a bullet at each sentence, wrapped at the terminal's edge."""

    texts: tuple[Bilingual, ...]


class GridCell(NamedTuple):
    """A day of a month: its number with a mark in the colours of `style`, its date in the other calendar, a note."""

    number: str
    other: str
    note: str
    mark: str = ""
    style: str = ""


@frozen(kw_only=True)
class MonthGrid:
    """A month by weeks: `headers` name the weekdays, and each week has as many cells, `None` outside the month.

    `legend` has the marks below it, each with its colours and its meaning.
    """

    headers: tuple[Bilingual, ...]
    weeks: Sequence[Sequence[GridCell | None]]
    legend: tuple[tuple[str, str, Bilingual], ...] = ()


ReplyPart = Listing | NamedValues | Sentence | Bullets | MonthGrid | str
"""A part of a reply; a string, such as a ticket, is printed as it is."""


@frozen(init=False)
class Reply:
    """The answer to one command."""

    options: Options
    form: Mapping[str, object]
    parts: tuple[ReplyPart, ...]
    exit_code: int

    def __init__(self, options: Options, form: Mapping[str, object], *parts: ReplyPart, exit_code: int = DONE) -> None:
        self.__attrs_init__(options, form, parts, exit_code)


def table(
    items: Iterable[Item], *columns: tuple[Bilingual, Callable[[Item], str]], empty: Bilingual | None = None
) -> Listing:
    """A row for each item; a column is its header and the text of an item."""
    headers, texts = tuple(header for header, _ in columns), [text for _, text in columns]
    return Listing(headers=headers, rows=[[text(item) for text in texts] for item in items], empty=empty)


def affected_listing(affected: Sequence[Appointment], catalogue: Catalogue, language: Language) -> Listing:
    """The appointments that a calendar record affects, without the ids of their applicants."""
    return table(
        affected,
        (words.NUMBER, lambda entry: entry.number),
        (words.SUBJECT, lambda entry: entry.applicant.subject),
        (words.SERVICE, lambda entry: catalogue.service(entry.slot.service).name(language)),
        (words.AT, lambda entry: words.written_time(entry.starts_at)),
        (words.HIJRI_DAY, lambda entry: words.hijri_day(entry.day, language)),
        empty=words.NO_APPOINTMENT_AFFECTED,
    )


def slots_shown(
    found: Sequence[AvailableSlot], catalogue: Catalogue, language: Language, *, empty: Bilingual | None = None
) -> tuple[ReplyPart, ...]:
    """Free slots by branch and start, as `hold` and `book` take them; the name of a single branch stands above."""
    far = any(slot.distance_km is not None for slot in found)
    names = {slot.branch: name_of(catalogue.branch, slot.branch, language) for slot in found}
    above = [NamedValues((words.BRANCH, name)) for name in names.values()] if len(names) == 1 else ()
    services = {slot.service: name_of(catalogue.service, slot.service, language) for slot in found}
    in_rows = any(slot.following for slot in found)
    listing = table(
        found,
        (words.BRANCH_ID, lambda slot: slot.branch),
        (words.AT, lambda slot: words.written_time(slot.starts_at)),
        *(((words.ROW_ENDS, _end_of_row),) if in_rows else ()),
        (words.HIJRI_DAY, lambda slot: words.hijri_day(slot.day, language)),
        (words.FREE, lambda slot: str(slot.free)),
        *(((words.DISTANCE, lambda slot: f"{slot.distance_km or 0:.1f}"),) if far else ()),
        *(((words.BRANCH, lambda slot: names[slot.branch]),) if len(names) > 1 else ()),
        *(((words.SERVICE, lambda slot: services[slot.service]),) if len(services) > 1 else ()),
        empty=empty,
    )
    return (*above, listing)


def _end_of_row(slot: AvailableSlot) -> str:
    """The time at which the last slot of a row ends."""
    last = slot.following[-1] if slot.following else slot.slot
    return f"{last.ends_at.astimezone(slot.starts_at.tzinfo):%H:%M}"


def refusal(
    options: Options,
    refused: Refused | Throttled,
    request_id: str | None,
    before: tuple[ReplyPart, ...] = (),
    after: tuple[ReplyPart, ...] = (),
) -> Reply:
    """The reply to a refused request, with every broken rule, or to a throttled one.

    A preview has no request id: nothing was asked of the store, so there is nothing to explain later.
    """
    language = options.output_language
    request = () if request_id is None else ((words.REQUEST_ID, request_id),)
    if isinstance(refused, Throttled):
        allowed_from = refused.allowed_from.astimezone(LEGAL_TIME)
        form: Form = {"outcome": "throttled", "request_id": request_id, "allowed_from": allowed_from.isoformat()}
        facts = NamedValues((words.ALLOWED_FROM, f"{allowed_from:%Y-%m-%d %H:%M:%S}"), *request)
        message = Bilingual(refused.message("ar"), refused.message("en"))
        return Reply(options, form, Sentence(message, loud=True), facts, exit_code=REFUSED)
    listing = table(
        refused.verdicts,
        (words.RULE, lambda verdict: verdict.rule_id),
        (rule_words.MESSAGE, lambda verdict: verdict.message(language)),
    )
    verdicts = to_json(refused.verdicts)
    parts = (*before, Sentence(words.REFUSED, loud=True), listing, NamedValues(*request), *after)
    alternatives = to_json(refused.alternatives)
    form = {"outcome": "refused", "request_id": request_id, "verdicts": verdicts, "alternatives": alternatives}
    return Reply(options, form, *parts, exit_code=REFUSED)


def shown(value: object, language: Language) -> str:
    """An observation or a limit of a rule, as people read it; instants in Riyadh's time zone."""
    if isinstance(value, datetime):
        return f"{value.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"
    return "" if value is None else words.tags_in(str(value), language)


def name_of(look_up: Callable[[str], Branch | Service], entry_id: str, language: Language) -> str:
    """The name of a branch or a service; the id if the catalogue no longer has it."""
    try:
        return look_up(entry_id).name(language)
    except NotFound:
        return entry_id


def facts_of(
    appointment: Appointment, catalogue: Catalogue, language: Language, *, by: PersonId | Clerk
) -> NamedValues:
    """An appointment as named values: the masked id for the applicant, the subject for a clerk."""
    person = (words.APPLICANT, str(by)) if isinstance(by, PersonId) else (words.SUBJECT, appointment.applicant.subject)
    zone = words.TIME_ZONES.get(appointment.time_zone)
    times = f"{appointment.starts_at:%H:%M}–{appointment.ends_at:%H:%M}"
    entries = [
        (words.NUMBER, appointment.number),
        (words.STATE, appointment.state.label(language)),
        person,
        (words.SERVICE, catalogue.service(appointment.slot.service).name(language)),
        (words.BRANCH, catalogue.branch(appointment.slot.branch).name(language)),
        (words.DAY, appointment.day.text(language)),
        (words.TIME, f"{times} {zone(language) if zone else appointment.time_zone}"),
    ]
    if appointment.hold_ends_at is not None:
        until = appointment.hold_ends_at.astimezone(appointment.starts_at.tzinfo)
        entries.append((words.HELD_UNTIL, f"{until:%Y-%m-%d %H:%M:%S}"))
    return NamedValues(*entries)


def warnings_of(appointments: Iterable[Appointment]) -> tuple[Sentence, ...]:
    """A loud sentence for each appointment whose slot has left the timetable."""
    lost = ((each.number, each.lost_slot) for each in appointments if each.lost_slot is not None)
    return tuple(
        Sentence(Bilingual(*(f"{number}: {found.text(language)}" for language in LANGUAGES)), loud=True)
        for number, found in lost
    )


def accepted(
    options: Options,
    outcome: str,
    appointment: Appointment,
    request_id: str,
    catalogue: Catalogue,
    *,
    by: PersonId | Clerk,
    more: Form | None = None,
    after: tuple[ReplyPart, ...] = (),
) -> Reply:
    """The reply to a granted request: the sentence of the outcome, the appointment, and the request's id."""
    shown = {"outcome": outcome, "request_id": request_id, "appointment": appointment_form(appointment, by=by)}
    facts = facts_of(appointment, catalogue, options.output_language, by=by)
    named = NamedValues(*facts.entries, (words.REQUEST_ID, request_id))
    return Reply(options, shown | (more or {}), Sentence(words.OUTCOMES[outcome], loud=True), named, *after)
