"""The commands of auditors' questions: `audit` with `refusals`, `counts`, `clerk` and others.

Each question is written to the log of the store, so the store is opened for writing.
"""

import os
import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Final, Literal

from attrs import asdict, frozen
from cyclopts import App, Parameter

from traffic_booking import (
    Auditor,
    Bilingual,
    BookingDesk,
    InvalidInput,
    Occurrence,
    OccurrencePage,
    RefusalCounts,
    to_json,
)
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.options import APPLICANT_VARIABLE, Applicant, Flag, NumberText, RecordOptions
from traffic_booking.cli.reply import DONE, LEGAL_TIME, NamedValues, Reply, ReplyPart, Sentence, table
from traffic_booking.cli.typed_values import applicant_of, bound_of, day_of, impersonal
from traffic_booking.domain.inquiries.answers import actor_text
from traffic_booking.domain.instants import LEGAL_TIME as LEGAL_ZONE

CountedByName = Literal["rule", "day", "branch", "service"]

KIND: Final = Bilingual("ما حدث", "what happened")
NOTE: Final = Bilingual("ملاحظة", "note")
LOGGED: Final = Bilingual("سُجّل هذا السؤال باسم", "this question was logged under the name")
MORE: Final = Bilingual(
    "توجد نتائج أخرى. أعد الأمر مع --after {next}", "There is more. Give the same command with --after {next}"
)
NOTHING: Final = Bilingual("لا شيء في السجل من ذلك.", "The log has nothing of the kind.")
REFUSALS: Final = Bilingual("حالات الرفض", "refusals")
COUNTED: Final = {
    "rule": words.RULE,
    "day": words.DAY,
    "branch": words.BRANCH_ID,
    "service": words.SERVICE,
}

Day = Annotated[str | None, Parameter(help="Only on this day, in either calendar.")]
From = Annotated[
    str | None,
    Parameter(
        name="--from", help="Only from this day on, in either calendar, such as 2026-12-01 or 1448-06-21; or a time."
    ),
]
Until = Annotated[str | None, Parameter(help="Only before this day; it may have a time.")]
OneRule = Annotated[str | None, Parameter(help="Only those that broke this rule, such as BK-07.")]
OneBranch = Annotated[str | None, Parameter(help="Only those about this branch.")]
OneService = Annotated[str | None, Parameter(help="Only those about this service.")]


@Parameter(name="*")
@frozen(kw_only=True)
class QuestionOptions(RecordOptions):
    """The options of every question."""

    auditor: Annotated[
        str,
        Parameter(help="The auditor who asks: a name of lower-case letters, digits and hyphens. The log keeps it."),
    ]
    csv: Annotated[Flag, Parameter(help="Answer as CSV.")] = False
    excel: Annotated[Flag, Parameter(help="Answer as CSV that Excel reads: with a byte order mark.")] = False

    @property
    def asking(self) -> Auditor:
        """The auditor."""
        return Auditor(impersonal(self.auditor, "auditor"))


@Parameter(name="*")
@frozen(kw_only=True)
class PageOptions(QuestionOptions):
    """The options of questions whose answer has pages."""

    limit: Annotated[int, Parameter(help="At most so many lines, 1 to 10,000.")] = 1_000
    after: Annotated[str | None, Parameter(help="Go on behind this cursor: the last line of the answer names it.")] = (
        None
    )


def refusals(
    *,
    rule: OneRule = None,
    branch: OneBranch = None,
    service: OneService = None,
    number: Annotated[str | None, Parameter(help="Only those that named this appointment.")] = None,
    from_: From = None,
    until: Until = None,
    day: Day = None,
    options: PageOptions,
) -> Reply | int:
    """List the refused requests, by day, branch, rule and service."""
    first, last, on = _period(from_, until, day)
    with options.desk(read_only=False) as desk:
        page = desk.audit.refusals(
            by=options.asking,
            rule=rule,
            branch=branch,
            service=service,
            number=number,
            from_=first,
            until=last,
            day=on,
            after=options.after,
            limit=options.limit,
        )
    return _page(page, options)


def counts(
    counted_by: CountedByName = "rule",
    /,
    *,
    rule: OneRule = None,
    branch: OneBranch = None,
    service: OneService = None,
    from_: From = None,
    until: Until = None,
    day: Day = None,
    options: QuestionOptions,
) -> Reply | int:
    """Count the refused requests: by rule, day, branch or service.

    Args:
        counted_by: rule, day, branch or service.
    """
    first, last, on = _period(from_, until, day)
    with options.desk(read_only=False) as desk:
        counted = desk.audit.count_refusals(
            by=options.asking,
            counted_by=counted_by,
            rule=rule,
            branch=branch,
            service=service,
            from_=first,
            until=last,
            day=on,
        )
    if options.csv or options.excel:
        return _csv(counted, options)
    listing = table(
        counted.counts, (COUNTED[counted_by], lambda each: each.value), (REFUSALS, lambda each: str(each.refusals))
    )
    facts = NamedValues((REFUSALS, str(counted.refusals)), (LOGGED, options.asking.id))
    return Reply(options, to_json(counted), listing, facts)


def clerk(
    name: str,
    /,
    *,
    from_: From = None,
    until: Until = None,
    day: Day = None,
    options: PageOptions,
) -> Reply | int:
    """List all that a clerk did: appointments, refused requests, the calendar, look-ups of ids, maintenance.

    Args:
        name: The clerk's name.
    """
    first, last, on = _period(from_, until, day)
    with options.desk(read_only=False) as desk:
        page = desk.audit.clerk_log(
            impersonal(name, "clerk"),
            by=options.asking,
            from_=first,
            until=last,
            day=on,
            after=options.after,
            limit=options.limit,
        )
    return _page(page, options)


def appointment(number: NumberText, /, *, options: PageOptions) -> Reply | int:
    """List all that happened to an appointment, with refused requests about it and questions of auditors."""
    with options.desk(read_only=False) as desk:
        page = desk.audit.appointment_log(number, by=options.asking, after=options.after, limit=options.limit)
    return _page(page, options)


def person(
    *,
    applicant: Applicant = None,
    subject: Annotated[str | None, Parameter(help="The person's subject, in place of the id.")] = None,
    from_: From = None,
    until: Until = None,
    day: Day = None,
    options: PageOptions,
) -> Reply | int:
    """List all that happened to a person, by the id or by the subject."""
    first, last, on = _period(from_, until, day)
    if applicant is not None and subject is not None:
        raise InvalidInput("--applicant, --subject", got="both", expected="one of them")
    if applicant is None and subject is None and APPLICANT_VARIABLE not in os.environ:
        raise InvalidInput("--applicant, --subject", got="none", expected="one of them")
    of = applicant_of(applicant) if subject is None else None
    with options.desk(read_only=False) as desk:
        page = desk.audit.person_log(
            of,
            subject=subject,
            by=options.asking,
            from_=first,
            until=last,
            day=on,
            after=options.after,
            limit=options.limit,
        )
    return _page(page, options)


def rulebooks(*, from_: From = None, until: Until = None, day: Day = None, options: PageOptions) -> Reply | int:
    """List who installed a rulebook, a catalogue or a calendar, when and why, and which version is in force when."""
    first, last, on = _period(from_, until, day)
    with options.desk(read_only=False) as desk:
        page = desk.audit.installation_log(
            by=options.asking, from_=first, until=last, day=on, after=options.after, limit=options.limit
        )
        versions = list(_installed_versions(desk))
    if options.csv or options.excel:
        return _csv(page, options)
    language = options.output_language
    installed = table(
        page.occurrences,
        (rule_words.INSTALLED_AT, _time),
        (words.BY, lambda each: actor_text(each.actor)),
        (words.REASON, lambda each: each.note),
        empty=NOTHING,
    )
    in_force = table(
        versions,
        (rule_words.INSTALLED_AT, lambda each: _legal_time(each.installed_at)),
        (words.RULEBOOK, lambda each: each.version),
        (rule_words.IN_FORCE_FROM, lambda each: each.in_force_from),
        (rule_words.IN_FORCE_UNTIL, lambda each: each.in_force_until or rule_words.OPEN_ENDED(language)),
    )
    form = to_json(page)
    form["versions"] = [asdict(each) | {"installed_at": to_json(each.installed_at)} for each in versions]
    return Reply(options, form, installed, in_force, NamedValues((LOGGED, options.asking.id)))


@frozen
class _InstalledVersion:
    """A version of a rulebook as it was installed: until the next installation it is in force in its period."""

    installed_at: datetime
    version: str
    in_force_from: str
    in_force_until: str | None


def _installed_versions(desk: BookingDesk) -> Iterator[_InstalledVersion]:
    """The versions of each installation that has another rulebook than the one before."""
    before = None
    for installed in desk.audit.installations():
        if installed.rulebook != before:
            for each in desk.audit.installed_data(installed.rulebook):
                yield _InstalledVersion(installed.at, each["version"], each["in_force_from"], each["in_force_until"])
        before = installed.rulebook


def _period(from_: str | None, until: str | None, day: str | None) -> tuple[date | None, date | None, date | None]:
    bounds = [
        None if typed is None else bound_of(typed, name, LEGAL_ZONE)
        for typed, name in ((from_, "--from"), (until, "--until"))
    ]
    return bounds[0], bounds[1], None if day is None else day_of(day, "--day")


def _page(page: OccurrencePage, options: PageOptions) -> Reply | int:
    if options.csv or options.excel:
        return _csv(page, options)
    language = options.output_language
    listing = table(
        page.occurrences,
        (words.AT, _time),
        (KIND, lambda each: each.kind.label(language)),
        (words.BY, lambda each: actor_text(each.actor)),
        (words.NUMBER, lambda each: each.number or ""),
        (words.SUBJECT, lambda each: each.subject or ""),
        (words.BRANCH_ID, lambda each: each.branch or ""),
        (words.REQUEST_ID, lambda each: each.request_id or ""),
        (rule_words.BROKEN_RULES, lambda each: words.listed(each.rules, language)),
        (NOTE, lambda each: each.note),
        empty=NOTHING,
    )
    parts: tuple[ReplyPart, ...] = (listing, NamedValues((LOGGED, options.asking.id)))
    if page.next is not None:
        more = Bilingual(*(MORE(each).format(next=page.next) for each in ("ar", "en")))
        parts = (*parts, Sentence(more, loud=True))
    return Reply(options, to_json(page), *parts)


def _time(occurrence: Occurrence) -> str:
    return _legal_time(occurrence.at)


def _legal_time(at: datetime) -> str:
    return f"{at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S}"


def _csv(answer: OccurrencePage | RefusalCounts, options: QuestionOptions) -> int:
    if options.json:
        raise InvalidInput("--csv, --json", got="both", expected="one of them")
    sys.stdout.write(answer.to_csv(excel=options.excel))
    return DONE


def add_to(commands: App) -> None:
    """Add the questions to the group of the audit."""
    for command in (refusals, counts, clerk, appointment, person, rulebooks):
        commands.command(command, name=command.__name__)
