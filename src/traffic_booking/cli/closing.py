"""Commands that close a branch for some days, list what has been declared, and withdraw it."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from traffic_booking import (
    AnnouncedClosure,
    Appointment,
    Bilingual,
    BookingDesk,
    BranchDay,
    BranchException,
    CalendarEntry,
    Clerk,
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
from traffic_booking.cli.appointment_parts import service_of
from traffic_booking.cli.calendar_forms import Record, entry_form, record_form
from traffic_booking.cli.machine_form import Form, actor_form, appointment_form
from traffic_booking.cli.options import Options, RequestIdText, copied, day_of, impersonal, request_id_of
from traffic_booking.cli.refusals import LEGAL_TIME, refusal
from traffic_booking.cli.reply import Facts, Listing, Part, Reply, Sentence, hijri_day, written_time

SIGNS: Final = 8
"""How much of a hash names a closure: enough for any branch's life, and still typed by hand."""
DAYS_LISTED: Final = 366
"""How many days of a closure, from its first, are looked through for other closures."""


def close(
    *,
    branch: str,
    from_: Annotated[str, Parameter(name="--from")],
    until: str | None = None,
    reason: str,
    clerk: str,
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Close a branch for some days, and list the appointments that this hits; they are not cancelled.

    Parameters
    ----------
    branch
        This branch (an id of `branches`).
    from_
        The first day, in either calendar, such as 2026-12-01 or 1448-06-21.
    until
        The last day, included. Default: the first.
    reason
        Why, in 1 to 400 characters; applicants are shown it.
    clerk
        Who closes: a name of lower-case letters, digits and hyphens.
    dry_run
        List whom it would hit, and declare nothing.
    """
    options = options or Options()
    staff, request = Clerk(impersonal(clerk, "clerk")), request_id_of(request_id)
    record = _closure(branch, from_, until, impersonal(reason, "--reason"), request)
    with options.desk() as desk:
        _not_over(record, desk)
        if dry_run:
            hit, closed = desk.affected_by(record), _closed(record, desk)
            form: Form = {"outcome": "not-declared", "record": record_form(record), "affected": _forms(hit, staff)}
            form |= {"closed_already": _day_forms(closed)}
            parts = (*_whom(hit, desk, options), *_days(words.CLOSED_ALREADY, closed))
            return Reply(options, form, (*parts, Sentence(words.NOTHING_DECLARED, loud=True)))
        outcome = desk.declare(record, reason=reason, by=staff, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        hit = desk.affected_by(record)
        parts = _whom(hit, desk, options)
        withdrawn = _withdrawn(desk.calendar_entries())
    if record.id in withdrawn:
        parts = (Sentence(words.WITHDRAWN_SINCE, loud=True),)
    told = Facts(((words.RECORD, record.id), (words.REQUEST_ID, request)))
    form = _declared(outcome.entry, request, withdrawn) | {"affected": _forms(hit, staff)}
    return Reply(options, form, (Sentence(words.DECLARED, loud=True), told, *parts))


def closures(*, options: Options | None = None) -> Reply:
    """List what has been declared about working days: what, by whom, when and why, withdrawals too."""
    options = options or Options()
    with options.desk() as desk:
        entries = desk.calendar_entries()
    withdrawn = _withdrawn(entries)
    listing = Listing(
        headers=(words.RECORD, words.WHAT, words.BRANCH_ID, words.DECLARED_AT, words.BY, words.REASON),
        rows=[
            (
                entry.record.id,
                _what(entry.record, options.spoken, withdrawn=entry.record.id in withdrawn),
                entry.record.branch if isinstance(entry.record, BranchException) else "",
                f"{entry.at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}",
                str(actor_form(entry.actor)["id"] or "-"),
                entry.reason,
            )
            for entry in entries
        ],
        empty=words.NO_CLOSURES,
    )
    form = {"entries": [entry_form(entry, holds=_holds(entry, withdrawn)) for entry in entries]}
    return Reply(options, form, (listing,))


def reopen(
    closure: str,
    /,
    *,
    reason: str,
    clerk: str,
    request_id: RequestIdText = None,
    options: Options | None = None,
) -> Reply:
    """Withdraw a closure of a branch; it stays on record.

    Parameters
    ----------
    closure
        The closure's id, as `close` and `closures` print it.
    reason
        Why, in 1 to 400 characters.
    clerk
        Who reopens: a name of lower-case letters, digits and hyphens.
    """
    options = options or Options()
    staff, request = Clerk(impersonal(clerk, "clerk")), request_id_of(request_id)
    withdrawal = Withdrawal(impersonal(copied(closure), "closure"))
    with options.desk() as desk:
        record = _closure_of(withdrawal.id, desk.calendar_entries())
        if record is None:
            raise InvalidInput("closure", got=repr(closure[:64]), expected="the id of a closure that `closures` lists")
        outcome = desk.declare(withdrawal, reason=impersonal(reason, "--reason"), by=staff, request_id=request)
        if isinstance(outcome, Refused | Throttled):
            return refusal(options, outcome, request)
        closed = _closed(record, desk)
        hit = _hit_by_others(closed, desk)
        still = (*_days(words.STILL_CLOSED, closed), *_whom(hit, desk, options)) if closed else ()
    told = Facts(((words.RECORD, withdrawal.id), (words.REQUEST_ID, request)))
    form = _declared(outcome.entry, request, frozenset()) | {
        "still_closed": _day_forms(closed),
        "affected": _forms(hit, staff),
    }
    return Reply(options, form, (Sentence(words.REOPENED, loud=True), told, *still))


def _closure(branch: str, from_: str, until: str | None, reason: str, request_id: str) -> BranchException:
    """The closure; its id follows from the request's, so that the same request declares the same."""
    first = day_of(from_, "--from")
    last = first if until is None else day_of(until, "--until")
    if last < first:
        raise InvalidInput("--until", got=last.isoformat(), expected=f"{first} or later")
    return BranchException(
        id=f"closed.{sha256(request_id.encode()).hexdigest()[:SIGNS]}",
        branch=branch,
        first_day=first,
        last_day=last,
        effect=Effect.CLOSED,
        reason=_both(reason),
    )


def _not_over(record: BranchException, desk: BookingDesk) -> None:
    """Refuse a closure of days that are over, unless it was declared in time and is asked for again."""
    branch = desk.catalogue.branch(record.branch)
    today = desk.clock.now().astimezone(ZoneInfo(branch.time_zone)).date()
    if record.last_day < today and all(entry.record.id != record.id for entry in desk.calendar_entries()):
        raise InvalidInput("--until", got=f"{record.last_day}, which is over", expected=f"{today} or later")


def _closed(record: BranchException, desk: BookingDesk) -> list[BranchDay]:
    """The days of the closure that are closed, and not only as the week has it."""
    length = min((record.last_day - record.first_day).days + 1, DAYS_LISTED)
    days = [desk.working_day(record.branch, record.first_day + timedelta(days=after)) for after in range(length)]
    return [day for day in days if not day.open and not day.usual]


def _hit_by_others(closed: Sequence[BranchDay], desk: BookingDesk) -> list[Appointment]:
    """Whom the records hit that close those days still, each once, in the order of their start."""
    closing = {rule for day in closed for rule in day.rules}
    records = [entry.record for entry in desk.calendar_entries() if entry.record.id in closing]
    hit = {each.number: each for record in records for each in desk.affected_by(record)}
    return sorted(hit.values(), key=lambda each: (each.starts_at, each.number))


def _days(title: Bilingual, days: Sequence[BranchDay]) -> tuple[Part, ...]:
    rows = [(day.day.gregorian.isoformat(), ", ".join(day.rules)) for day in days]
    return (Sentence(title), Listing(headers=(words.DATE, words.RULE), rows=rows)) if rows else ()


def _day_forms(days: Sequence[BranchDay]) -> list[Form]:
    return [{"date": day.day.gregorian.isoformat(), "rules": list(day.rules)} for day in days]


def _both(reason: str) -> Bilingual:
    """The reason as it was typed, in whichever language, for readers of both."""
    try:
        return Bilingual(reason, reason)
    except InvalidInput as error:
        raise InvalidInput("--reason", got=error.got, expected=error.expected) from error


def _closure_of(name: str, entries: Sequence[CalendarEntry]) -> BranchException | None:
    for entry in entries:
        record = entry.record
        if isinstance(record, BranchException) and record.effect is Effect.CLOSED and record.id == name:
            return record
    return None


def _withdrawn(entries: Sequence[CalendarEntry]) -> frozenset[str]:
    return frozenset(entry.record.id for entry in entries if isinstance(entry.record, Withdrawal))


def _holds(entry: CalendarEntry, withdrawn: frozenset[str]) -> bool:
    return not isinstance(entry.record, Withdrawal) and entry.record.id not in withdrawn


def _declared(entry: CalendarEntry, request_id: str, withdrawn: frozenset[str]) -> Form:
    form = entry_form(entry, holds=_holds(entry, withdrawn))
    return {"outcome": "declared", "request_id": request_id, "entry": form}


def _whom(hit: Sequence[Appointment], desk: BookingDesk, options: Options) -> tuple[Part, ...]:
    language = options.spoken
    listing = Listing(
        headers=(words.NUMBER, words.SUBJECT, words.SERVICE, words.AT, words.HIJRI_DAY),
        rows=[
            (
                entry.number,
                entry.applicant.subject,
                service_of(entry, desk.catalogue, language),
                written_time(entry.starts_at),
                hijri_day(entry.day, language),
            )
            for entry in hit
        ],
        empty=words.NOBODY_HIT,
    )
    return (listing,)


def _forms(hit: Sequence[Appointment], by: Clerk) -> list[Form]:
    return [appointment_form(appointment, by=by) for appointment in hit]


def _what(record: Record, language: Language, *, withdrawn: bool) -> str:
    if withdrawn and not isinstance(record, Withdrawal):
        return words.listed([_what(record, language, withdrawn=False), words.NO_LONGER_HOLDS(language)], language)
    match record:
        case Withdrawal():
            return words.DECLARABLE["withdrawal"](language)
        case MonthStart():
            first = record.first_day.isoformat()
            return f"{words.DECLARABLE['month-start'](language)} {words.isolated(first, language)}"
        case AnnouncedClosure():
            return _during("closure", record, language)
        case SpecialOrder():
            return _during("order", record, language)
        case BranchException():
            return _during(record.effect.value, record, language)


def _during(kind: str, record: AnnouncedClosure | SpecialOrder | BranchException, language: Language) -> str:
    first, last = record.first_day.isoformat(), record.last_day.isoformat()
    return f"{words.DECLARABLE[kind](language)} {words.between(first, last, language)}"
