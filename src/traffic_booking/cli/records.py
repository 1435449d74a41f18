"""Commands that look back: explain and replay decisions, and audit a store."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final

from cyclopts import App, Parameter
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from traffic_booking import (
    Bilingual,
    BookingDesk,
    Explanation,
    Finding,
    InvalidInput,
    Language,
    Refused,
    Verification,
    to_json,
)
from traffic_booking.cli import audit_words, rule_words, words
from traffic_booking.cli.options import (
    RECORD_DEFAULTS,
    Applicant,
    NumberText,
    ReadingAuditor,
    ReadingClerk,
    RecordOptions,
)
from traffic_booking.cli.reply import (
    DONE,
    LEGAL_TIME,
    REFUSED,
    Listing,
    NamedValues,
    Reply,
    ReplyPart,
    Sentence,
    name_of,
    shown,
    table,
)
from traffic_booking.cli.screen import console_on
from traffic_booking.cli.typed_values import reader_of, request_id_of
from traffic_booking.domain.values import masked

Limit = Annotated[int, Parameter(help="List at most so many broken places, 1 to 1,000,000; all of them are counted.")]
AnsweredRequest = Annotated[
    str | None, Parameter(help="The id of the request to explain, in place of an appointment's number.")
]


def explain(
    number: NumberText | None = None,
    /,
    *,
    request_id: AnsweredRequest = None,
    applicant: Applicant = None,
    clerk: ReadingClerk = None,
    auditor: ReadingAuditor = None,
    options: RecordOptions = RECORD_DEFAULTS,
) -> Reply:
    """Explain every decision about an appointment, or the one about a request, rule by rule, from the record."""
    reader, language = reader_of(applicant, clerk, auditor), options.output_language
    if (number is None) is (request_id is None):
        raise InvalidInput("number, --request-id", got="none or both", expected="one of them")
    with options.desk(read_only=auditor is None) as desk:  # an auditor's question is written to the log
        if number is None:
            explanations = desk.explain(request_id=request_id_of(request_id), by=reader)
        else:
            explanations = desk.explain(number, by=reader)
        parts = [part for each in explanations for part in _explanation_parts(each, desk, language)]
    return Reply(options, {"decisions": to_json(explanations)}, *parts)


def _explanation_parts(explanation: Explanation, desk: BookingDesk, language: Language) -> tuple[ReplyPart, ...]:
    slot, appointment = explanation.slot, getattr(explanation.outcome, "appointment", None)
    entries = [
        (words.REQUEST_ID, explanation.request_id),
        (rule_words.KIND_OF_REQUEST, rule_words.USES[explanation.use.value](language)),
    ]
    if slot is not None:
        entries += [
            (words.SERVICE, name_of(desk.catalogue.service, slot.service, language)),
            (words.BRANCH, name_of(desk.catalogue.branch, slot.branch, language)),
            (rule_words.SLOT, words.written_time(slot.starts_at.astimezone(LEGAL_TIME))),
        ]
    if slot is not None and appointment is not None:
        entries.append((words.NUMBER, appointment.number))
    entries.append((rule_words.DECIDED_AT, f"{explanation.decided_at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S}"))
    entries.append((words.RULEBOOK, rule_words.period_of(desk.rulebooks.version(explanation.rulebook), language)))
    if explanation.refused:
        refusing = [verdict.rule_id for verdict in explanation.refused]
        entries.append((rule_words.BROKEN_RULES, words.listed(refusing, language)))
    listing = table(
        explanation.verdicts,
        (words.RULE, lambda verdict: verdict.rule_id),
        (rule_words.RESULT, lambda verdict: rule_words.RESULTS[verdict.result](language)),
        (words.STATEMENT, lambda verdict: verdict.statement(language)),
        (words.OBSERVED, lambda verdict: shown(verdict.observed, language)),
        (words.LIMIT, lambda verdict: shown(verdict.limit, language)),
        (words.ALLOWED_FROM, lambda verdict: shown(verdict.allowed_from, language)),
    )
    refused = isinstance(explanation.outcome, Refused)
    outcome = Sentence(rule_words.WAS_REFUSED if refused else rule_words.WAS_GRANTED, loud=refused)
    return (outcome, NamedValues(*entries), listing)


def replay(*, options: RecordOptions = RECORD_DEFAULTS) -> Reply:
    """Re-evaluate every recorded decision, and list the rules whose result has changed (exit code 1)."""
    language = options.output_language
    with options.desk() as desk:
        report = desk.audit.replay()
    unreadable = [masked(record) for record in report.unreadable]
    counts = NamedValues(
        (rule_words.DECISIONS, str(report.decisions)),
        (rule_words.WITHOUT_CASE, str(report.without_case)),
        (rule_words.UNKNOWN_VERSIONS, words.listed(report.unknown_versions, language) or "0"),
        (rule_words.UNREADABLE, str(len(unreadable))),
        (rule_words.DIFFERENCES, str(len(report.differences))),
    )
    listings = (
        table(unreadable, (rule_words.UNREADABLE_RECORD, str)),
        table(
            report.differences,
            (words.REQUEST_ID, lambda each: each.request_id),
            (words.RULE, lambda each: each.rule_id),
            (rule_words.RECORDED, lambda each: _result(each.recorded, rule_words.NOT_BROKEN)(language)),
            (rule_words.REPLAYED, lambda each: _result(each.replayed, rule_words.NOT_EVALUATED)(language)),
        ),
    )
    form = to_json(report) | {"unreadable": unreadable}
    sound = not (report.differences or report.unknown_versions or report.unreadable)
    outcome = Sentence(rule_words.SAME_RESULTS if sound else rule_words.NOT_THE_SAME, loud=not sound)
    return Reply(options, form, counts, *listings, outcome, exit_code=DONE if sound else REFUSED)


def _result(finding: Finding | None, absent: Bilingual) -> Bilingual:
    return absent if finding is None else rule_words.RESULTS[finding.result]


def invariants(*, limit: Limit = 1_000, options: RecordOptions = RECORD_DEFAULTS) -> Reply:
    """Check that all parts of the store agree, and list broken places (exit code 1); nothing is repaired."""
    language = options.output_language
    with options.desk() as desk, _bar(visible=not options.json, language=language) as progress:
        result = desk.audit.verify(progress=progress, limit=limit)
    broken = [(each.invariant.value, masked(each.where), each.found, each.expected) for each in result.broken]
    form = to_json(result)
    form["broken"] = [each | {"where": masked(each["where"])} for each in form["broken"]]
    counts = NamedValues(
        *((label, str(getattr(result, name))) for name, label in rule_words.AUDITED.items()),
        (rule_words.UNKNOWN_VERSIONS, words.listed(result.unknown_versions, language) or "0"),
        (rule_words.COMPARED, words.listed([label(language) for label in rule_words.INVARIANTS.values()], language)),
        (rule_words.BROKEN_PLACES, str(result.broken_count)),
    )
    if result:
        parts: tuple[ReplyPart, ...] = (counts, Sentence(rule_words.SOUND))
    else:
        rows = [
            (
                rule_words.INVARIANTS[invariant](language),
                audit_words.place_in(where, language),
                audit_words.finding_in(found, language),
                audit_words.finding_in(expected, language),
            )
            for invariant, where, found, expected in broken
        ]
        headers = (rule_words.INVARIANT, rule_words.WHERE, rule_words.FOUND, rule_words.EXPECTED)
        parts = (counts, Listing(headers=headers, rows=rows), Sentence(rule_words.NOT_SOUND, loud=True))
    sound = result and not result.unknown_versions
    return Reply(options, form, *parts, exit_code=DONE if sound else REFUSED)


@contextmanager
def _bar(*, visible: bool, language: Language) -> Iterator[Callable[[Verification], None]]:
    """A callback that shows progress on standard error, if that is a terminal. The total is unknown."""
    console = console_on(sys.stderr)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    shows = visible and sys.stderr.isatty()
    with Progress(*columns, console=console, transient=True, disable=not shows) as progress:
        task = progress.add_task(rule_words.READING(language), total=None)

        def show(done: Verification) -> None:
            counts = [f"{label(language)} {getattr(done, name)}" for name, label in rule_words.AUDITED.items()]
            progress.update(task, description=words.listed(counts, language))

        yield show


commands: Final = App(name="audit", help="Check that a store is sound.", help_format="plaintext")
commands.command(invariants, name="invariants")
