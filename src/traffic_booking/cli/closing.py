"""Commands that close a branch for some days, reopen it, and list what has been declared."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from traffic_booking import (
    Appointment,
    Bilingual,
    BookingDesk,
    BranchDay,
    BranchException,
    CalendarEntry,
    Effect,
    InvalidInput,
    Language,
    MonthStart,
    Refused,
    SpecialOrder,
    Throttled,
    Withdrawal,
)
from traffic_booking.cli import words
from traffic_booking.cli.forms import Form, Record, actor_form, appointment_form, entry_form, record_form
from traffic_booking.cli.options import DEFAULTS, ClerkText, Flag, Options, RequestIdText
from traffic_booking.cli.reply import (
    LEGAL_TIME,
    Facts,
    Listing,
    Part,
    Reply,
    Sentence,
    hijri_day,
    refusal,
    written_time,
)
from traffic_booking.cli.typed_values import clerk_of, copied, day_of, errors_name, impersonal, request_id_of

SIGNS: Final = 8
"""Signs of a hash that name a closure: enough for all closures of a branch, and few enough to type."""
DAYS_SEARCHED: Final = 366
"""At most so many days of a closure, from its first, are searched for other closures."""


def close(
    *,
    branch: str,
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
        branch: This branch (an id of `branches`).
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
            affected, closed = desk.affected_by(record), _closed_days(record, desk)
            form: Form = {"outcome": "not-declared", "record": record_form(record)}
            form["affected"] = [appointment_form(each, by=staff) for each in affected]
            form["closed_already"] = _day_forms(closed)
            parts = (_listing(affected, desk, options.output_language), *_day_parts(words.CLOSED_ALREADY, closed))
            return Reply(options, form, (*parts, Sentence(words.NOTHING_DECLARED, loud=True)))
        outcome = desk.declare(record, reason=reason, by=staff, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        affected = desk.affected_by(record)
        withdrawn = _withdrawn(desk.calendar_entries())
        consequence = _listing(affected, desk, options.output_language)
    named = Facts(((words.RECORD, record.id), (words.REQUEST_ID, request)))
    last = Sentence(words.WITHDRAWN_SINCE, loud=True) if record.id in withdrawn else consequence
    form = {"outcome": "declared", "request_id": request, "entry": entry_form(outcome.entry, withdrawn)}
    form["affected"] = [appointment_form(each, by=staff) for each in affected]
    return Reply(options, form, (Sentence(words.DECLARED, loud=True), named, last))


def closures(*, options: Options = DEFAULTS) -> Reply:
    """List all declarations about working days, withdrawals included: what, by whom, when and why."""
    with options.desk() as desk:
        entries = desk.calendar_entries()
    withdrawn, language = _withdrawn(entries), options.output_language
    rows = [
        (
            entry.record.id,
            _description(entry.record, language, withdrawn=entry.record.id in withdrawn),
            entry.record.branch if isinstance(entry.record, BranchException) else "",
            f"{entry.at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}",
            str(actor_form(entry.actor)["id"] or "-"),
            entry.reason,
        )
        for entry in entries
    ]
    headers = (words.RECORD, words.WHAT, words.BRANCH_ID, words.DECLARED_AT, words.BY, words.REASON)
    form = {"entries": [entry_form(entry, withdrawn) for entry in entries]}
    return Reply(options, form, (Listing(headers=headers, rows=rows, empty=words.NO_CLOSURES),))


def reopen(
    closure: str, /, *, reason: str, clerk: ClerkText, request_id: RequestIdText = None, options: Options = DEFAULTS
) -> Reply:
    """Withdraw a closure of a branch; it stays on record.

    Args:
        closure: The closure's id, as `close` and `closures` print it.
        reason: Why, in 1 to 400 characters.
    """
    staff, request = clerk_of(clerk), request_id_of(request_id)
    withdrawal = Withdrawal(impersonal(copied(closure), "closure"))
    with options.desk() as desk:
        record = next((r for r in map(_closure_in, desk.calendar_entries()) if r and r.id == withdrawal.id), None)
        if record is None:
            raise InvalidInput("closure", got=repr(closure[:64]), expected="the id of a closure that `closures` lists")
        outcome = desk.declare(withdrawal, reason=impersonal(reason, "--reason"), by=staff, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        closed = _closed_days(record, desk)
        affected = _affected_by_others(closed, desk)
        listing = _listing(affected, desk, options.output_language)
    still_closed = (*_day_parts(words.STILL_CLOSED, closed), listing) if closed else ()
    named = Facts(((words.RECORD, withdrawal.id), (words.REQUEST_ID, request)))
    form: Form = {"outcome": "declared", "request_id": request, "entry": entry_form(outcome.entry, frozenset())}
    form["still_closed"] = _day_forms(closed)
    form["affected"] = [appointment_form(each, by=staff) for each in affected]
    return Reply(options, form, (Sentence(words.REOPENED, loud=True), named, *still_closed))


def _closure(branch: str, from_: str, until: str | None, reason: str, request_id: str) -> BranchException:
    """The closure. Its id follows from the request's, so that the same request declares the same closure."""
    first = day_of(from_, "--from")
    last = first if until is None else day_of(until, "--until")
    if last < first:
        raise InvalidInput("--until", got=last.isoformat(), expected=f"{first} or later")
    with errors_name("--reason"):
        both = Bilingual(reason, reason)  # as typed, for readers of either language
    return BranchException(
        id=f"closed.{sha256(request_id.encode()).hexdigest()[:SIGNS]}",
        branch=branch,
        first_day=first,
        last_day=last,
        effect=Effect.CLOSED,
        reason=both,
    )


def _check_not_over(record: BranchException, desk: BookingDesk) -> None:
    """A closure of past days is misuse, unless it was declared in time and the request is sent again."""
    branch = desk.catalogue.branch(record.branch)
    today = desk.clock.now().astimezone(ZoneInfo(branch.time_zone)).date()
    if record.last_day < today and all(entry.record.id != record.id for entry in desk.calendar_entries()):
        raise InvalidInput("--until", got=f"{record.last_day}, which is over", expected=f"{today} or later")


def _closure_in(entry: CalendarEntry) -> BranchException | None:
    record = entry.record
    return record if isinstance(record, BranchException) and record.effect is Effect.CLOSED else None


def _closed_days(record: BranchException, desk: BookingDesk) -> list[BranchDay]:
    """The closed days of the closure, without the usual weekends."""
    length = min((record.last_day - record.first_day).days + 1, DAYS_SEARCHED)
    days = [desk.working_day(record.branch, record.first_day + timedelta(days=after)) for after in range(length)]
    return [day for day in days if not day.open and not day.usual]


def _affected_by_others(closed: Sequence[BranchDay], desk: BookingDesk) -> list[Appointment]:
    """The appointments on those days that other closures still affect, in the order of their start."""
    closing = {rule for day in closed for rule in day.rules}
    records = [entry.record for entry in desk.calendar_entries() if entry.record.id in closing]
    affected = {each.number: each for record in records for each in desk.affected_by(record)}
    return sorted(affected.values(), key=lambda each: (each.starts_at, each.number))


def _day_parts(title: Bilingual, days: Sequence[BranchDay]) -> tuple[Part, ...]:
    rows = [(day.day.gregorian.isoformat(), ", ".join(day.rules)) for day in days]
    return (Sentence(title), Listing(headers=(words.DATE, words.RULE), rows=rows)) if rows else ()


def _day_forms(days: Sequence[BranchDay]) -> list[Form]:
    return [{"date": day.day.gregorian.isoformat(), "rules": list(day.rules)} for day in days]


def _withdrawn(entries: Sequence[CalendarEntry]) -> frozenset[str]:
    return frozenset(entry.record.id for entry in entries if isinstance(entry.record, Withdrawal))


def _listing(affected: Sequence[Appointment], desk: BookingDesk, language: Language) -> Listing:
    rows = [
        (
            entry.number,
            entry.applicant.subject,
            desk.catalogue.service(entry.slot.service).name(language),
            written_time(entry.starts_at),
            hijri_day(entry.day, language),
        )
        for entry in affected
    ]
    headers = (words.NUMBER, words.SUBJECT, words.SERVICE, words.AT, words.HIJRI_DAY)
    return Listing(headers=headers, rows=rows, empty=words.NO_APPOINTMENT_AFFECTED)


def _description(record: Record, language: Language, *, withdrawn: bool) -> str:
    """The kind of a record with its days, and whether it no longer holds."""
    match record:
        case Withdrawal():
            return words.DECLARABLE["withdrawal"](language)
        case BranchException(effect=effect):
            kind = effect.value
        case MonthStart():
            kind = "month-start"
        case SpecialOrder():
            kind = "order"
        case _:
            kind = "closure"
    last_day = record.first_day if isinstance(record, MonthStart) else record.last_day
    days = words.between(record.first_day.isoformat(), last_day.isoformat(), language)
    text = f"{words.DECLARABLE[kind](language)} {days}"
    return words.listed([text, words.NO_LONGER_HOLDS(language)], language) if withdrawn else text
