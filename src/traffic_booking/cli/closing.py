"""Commands that close a branch for some days, reopen it, and list what has been declared."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from attrs import evolve
from cyclopts import Parameter

import traffic_booking as tb
from traffic_booking.cli import words
from traffic_booking.cli.announcing import SIGNS, preview_parts
from traffic_booking.cli.forms import Form, Record, actor_name, appointment_form, entry_form, withdrawn_ids
from traffic_booking.cli.options import DEFAULTS, BranchText, ClerkText, Flag, Options, RequestIdText
from traffic_booking.cli.reply import (
    LEGAL_TIME,
    NamedValues,
    Reply,
    ReplyPart,
    Sentence,
    affected_listing,
    name_of,
    refusal,
    table,
)
from traffic_booking.cli.typed_values import clerk_of, day_of, errors_name, impersonal, request_id_of
from traffic_booking.domain.calendars.hours import DAY_MINUTES, HOUR_MINUTES

DAYS_SEARCHED: Final = 366  # at most so many days of a closure, from its first, are searched for other closures


def close(
    *,
    branch: BranchText,
    from_: Annotated[str, Parameter(name="--from")],
    until: str | None = None,
    reason: str,
    clerk: ClerkText,
    dry_run: Flag = False,
    request_id: RequestIdText = None,
    options: Options = DEFAULTS,
) -> Reply:
    """Close a branch for some days, and list the affected appointments; they are not cancelled.

    Args:
        from_: The first day, in either calendar, such as 2026-12-01 or 1448-06-21.
        until: The last day, included. Default: the first.
        reason: Why, in 1 to 400 characters; applicants see it.
        dry_run: List the appointments that would be affected, and declare nothing.
    """
    staff, request = clerk_of(clerk), request_id_of(request_id)
    record = _closure(branch, from_, until, impersonal(reason, "--reason"), request)
    with options.desk() as desk:
        _check_not_over(record, desk)
        if dry_run:
            affected, closed = desk.calendar.affected_by(record), _closed_days(record, desk)
            form: Form = {"outcome": "not-declared", "record": tb.to_json(record)}
            form["affected"] = [appointment_form(each, by=staff) for each in affected]
            form["closed_already"] = _day_forms(closed)
            language = options.output_language
            parts = (
                affected_listing(affected, desk.catalogue, language),
                *_day_parts(words.CLOSED_ALREADY, closed, desk, language),
            )
            return Reply(options, form, *parts, Sentence(words.NOTHING_DECLARED, loud=True))
        outcome = desk.calendar.declare(record, reason=reason, by=staff, request_id=request)
        if isinstance(outcome, tb.Refused | tb.Throttled):
            return refusal(options, outcome, request)
        affected = desk.calendar.affected_by(record)
        withdrawn = withdrawn_ids(desk.calendar.entries())
        consequence = affected_listing(affected, desk.catalogue, options.output_language)
    named = NamedValues((words.RECORD, record.id), (words.REQUEST_ID, request))
    last = Sentence(words.WITHDRAWN_SINCE, loud=True) if record.id in withdrawn else consequence
    form = {"outcome": "declared", "request_id": request, "entry": entry_form(outcome.entry, withdrawn)}
    form["affected"] = [appointment_form(each, by=staff) for each in affected]
    return Reply(options, form, Sentence(words.DECLARED, loud=True), named, last)


def closures(closure: str | None = None, /, *, options: Options = DEFAULTS) -> Reply:
    """List all declarations about working days, withdrawals included: record, clerk, time and reason.

    Args:
        closure: The id of one closure: list it alone, with the active appointments that it affects from today on.
    """
    language = options.output_language
    with options.desk(read_only=True) as desk:
        entries, catalogue = desk.calendar.entries(), desk.catalogue
        form, parts = ({}, ()) if closure is None else _consequence(closure, entries, desk, language)
    withdrawn = withdrawn_ids(entries)
    if closure is not None:
        entries = [entry for entry in entries if entry.record.id == closure]
    listing = table(
        entries,
        (words.RECORD, lambda entry: entry.record.id),
        (words.WHAT, lambda entry: _description(entry.record, language, withdrawn=entry.record.id in withdrawn)),
        (words.BRANCH, lambda entry: _branch_name(entry.record, catalogue, language)),
        (words.DECLARED_AT, lambda entry: f"{entry.at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"),
        (words.BY, lambda entry: actor_name(entry.actor)),
        (words.REASON, lambda entry: entry.reason),
        empty=words.NO_CLOSURES,
    )
    return Reply(options, {"entries": [entry_form(entry, withdrawn) for entry in entries]} | form, listing, *parts)


def _consequence(
    closure: str, entries: Sequence[tb.CalendarEntry], desk: tb.BookingDesk, language: tb.Language
) -> tuple[Form, tuple[ReplyPart, ...]]:
    """The appointments that a declared record affects today, or the sentence that it was withdrawn."""
    record = next((each.record for each in entries if each.record.id == closure), None)
    if record is None:
        raise tb.InvalidInput("closure", got=repr(closure[:64]), expected="the id of a closure that `closures` lists")
    if closure in withdrawn_ids(entries):
        return {"affected": []}, (Sentence(words.WITHDRAWN_SINCE, loud=True),)
    affected = desk.calendar.affected_by(record)
    form: Form = {"affected": [appointment_form(each, by=tb.Clerk("auditor")) for each in affected]}
    listing = evolve(affected_listing(affected, desk.catalogue, language), empty=words.NO_ACTIVE_AFFECTED)
    return form, (Sentence(words.AFFECTED), listing) if affected else (listing,)


def _branch_name(record: Record, catalogue: tb.Catalogue, language: tb.Language) -> str:
    """The name of the branch of a record; empty if the record is about all branches."""
    return name_of(catalogue.branch, record.branch, language) if isinstance(record, tb.BranchException) else ""


def reopen(
    closure: str, /, *, reason: str, clerk: ClerkText, request_id: RequestIdText = None, options: Options = DEFAULTS
) -> Reply:
    """Withdraw a closure of a branch, or an announced beginning of a month; it stays on record.

    Args:
        closure: The id of the record, as `close`, `announce` and `closures` print it.
        reason: Why, in 1 to 400 characters.
    """
    staff, request, language = clerk_of(clerk), request_id_of(request_id), options.output_language
    withdrawal = tb.Withdrawal(impersonal(closure, "closure"))
    with options.desk() as desk:
        record = next((each.record for each in desk.calendar.entries() if each.record.id == withdrawal.id), None)
        is_closure = isinstance(record, tb.BranchException) and record.effect is tb.Effect.CLOSED
        if not is_closure and not isinstance(record, tb.MonthStart):
            raise tb.InvalidInput(
                "closure", got=repr(closure[:64]), expected="the id of a closure or month start that `closures` lists"
            )
        outcome = desk.calendar.declare(withdrawal, reason=impersonal(reason, "--reason"), by=staff, request_id=request)
        if isinstance(outcome, tb.Refused | tb.Throttled):
            return refusal(options, outcome, request)
        form: Form = {"outcome": "declared", "request_id": request, "entry": entry_form(outcome.entry, frozenset())}
        if isinstance(record, tb.BranchException):
            closed = _closed_days(record, desk)
            affected: Sequence[tb.Appointment] = _affected_by_others(closed, desk)
            form["still_closed"] = _day_forms(closed)
            parts = _day_parts(words.STILL_CLOSED, closed, desk, language)
        else:
            preview, affected = desk.calendar.preview(withdrawal), desk.calendar.affected_by(withdrawal)
            form["preview"] = tb.to_json(preview)
            parts = tuple(preview_parts(preview, language))
        form["affected"] = [appointment_form(each, by=staff) for each in affected]
        listing = (affected_listing(affected, desk.catalogue, language),) if parts else ()
    named = NamedValues((words.RECORD, withdrawal.id), (words.REQUEST_ID, request))
    withdrawn = words.REOPENED if is_closure else words.ANNOUNCEMENT_WITHDRAWN
    return Reply(options, form, Sentence(withdrawn, loud=True), named, *parts, *listing)


def _closure(branch: str, from_: str, until: str | None, reason: str, request_id: str) -> tb.BranchException:
    """The closure. Its id follows from the request's, so that the same request declares the same closure."""
    first = day_of(from_, "--from")
    last = first if until is None else day_of(until, "--until")
    if last < first:
        raise tb.InvalidInput("--until", got=last.isoformat(), expected=f"{first} or later")
    with errors_name("--reason"):
        both = tb.Bilingual(reason, reason)  # as typed, for readers of either language
    return tb.BranchException(
        id=f"closed.{sha256(request_id.encode()).hexdigest()[:SIGNS]}",
        branch=branch,
        first_day=first,
        last_day=last,
        effect=tb.Effect.CLOSED,
        reason=both,
    )


def _check_not_over(record: tb.BranchException, desk: tb.BookingDesk) -> None:
    """A closure of past days is misuse, unless it was declared in time and the request is sent again.

    Yesterday is not over while one of its shifts, past midnight, is still worked.
    """
    branch = desk.catalogue.branch(record.branch)
    now = desk.clock.now().astimezone(ZoneInfo(branch.time_zone))
    today, minute = now.date(), DAY_MINUTES + now.hour * HOUR_MINUTES + now.minute
    if record.last_day == today - timedelta(days=1):
        hours = desk.calendar.working_day(branch.id, record.last_day).hours
        if any(minute < each.closes_minute for each in hours):
            return
    if record.last_day < today and all(entry.record.id != record.id for entry in desk.calendar.entries()):
        raise tb.InvalidInput("--until", got=f"{record.last_day}, which is over", expected=f"{today} or later")


def _closed_days(record: tb.BranchException, desk: tb.BookingDesk) -> list[tb.BranchDay]:
    """The closed days of the closure, without the usual weekends."""
    length = min((record.last_day - record.first_day).days + 1, DAYS_SEARCHED)
    days = [
        desk.calendar.working_day(record.branch, record.first_day + timedelta(days=after)) for after in range(length)
    ]
    return [day for day in days if not day.open and not day.usual]


def _affected_by_others(closed: Sequence[tb.BranchDay], desk: tb.BookingDesk) -> list[tb.Appointment]:
    """The appointments on those days that other closures still affect, in the order of their start."""
    closing = {rule for day in closed for rule in day.rules}
    records = [entry.record for entry in desk.calendar.entries() if entry.record.id in closing]
    affected = {each.number: each for record in records for each in desk.calendar.affected_by(record)}
    return sorted(affected.values(), key=lambda each: (each.starts_at, each.number))


def _day_parts(
    title: tb.Bilingual, days: Sequence[tb.BranchDay], desk: tb.BookingDesk, language: tb.Language
) -> tuple[ReplyPart, ...]:
    """The days, with the id and the sentence of each rule or closure that closes them."""
    listing = table(
        [(day, rule) for day in days for rule in day.rules],
        (words.DATE, lambda pair: pair[0].day.gregorian.isoformat()),
        (words.RULE, lambda pair: pair[1]),
        (words.STATEMENT, lambda pair: desk.calendar.statement(pair[1])(language)),
    )
    return (Sentence(title), listing) if days else ()


def _day_forms(days: Sequence[tb.BranchDay]) -> list[Form]:
    return [{"date": day.day.gregorian.isoformat(), "rules": list(day.rules)} for day in days]


def _description(record: Record, language: tb.Language, *, withdrawn: bool) -> str:
    """The kind of a record with its days, and whether it no longer holds."""
    match record:
        case tb.Withdrawal():
            return words.DECLARABLE["withdrawal"](language)
        case tb.BranchException(effect=effect):
            kind = effect.value
        case tb.MonthStart():
            kind = "month-start"
        case tb.SpecialOrder():
            kind = "order"
        case _:
            kind = "closure"
    last_day = record.first_day if isinstance(record, tb.MonthStart) else record.last_day
    days = words.between(record.first_day.isoformat(), last_day.isoformat(), language)
    text = f"{words.DECLARABLE[kind](language)} {days}"
    return words.listed([text, words.NO_LONGER_HOLDS(language)], language) if withdrawn else text
