"""Commands that look back: `explain`, and the group of audits."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from traffic_booking import BookingDesk, Explanation, InvalidInput, Language, Refused, to_json
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.options import (
    RECORD_DEFAULTS,
    Applicant,
    NumberText,
    ReadingAuditor,
    ReadingClerk,
    RecordOptions,
)
from traffic_booking.cli.reply import (
    LEGAL_TIME,
    NamedValues,
    Reply,
    ReplyPart,
    Sentence,
    name_of,
    shown,
    table,
)
from traffic_booking.cli.typed_values import reader_of, request_id_of

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
        (rule_words.KIND_OF_REQUEST, explanation.use.label(language)),
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
    entries.append((words.RULEBOOK, _version(desk, explanation.rulebook, language)))
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


commands: Final = App(name="audit", help="Check that a store is sound.", help_format="plaintext")


def _version(desk: BookingDesk, name: str, language: Language) -> str:
    """The version that decided, with its period unless it was replaced by another installation."""
    found = [each for each in desk.rulebooks.versions if each.version == name]
    return rule_words.period_of(found[0], language) if found else name
