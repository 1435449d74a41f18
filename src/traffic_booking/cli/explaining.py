"""Commands that look back: why something was decided as it was, and whether the rules would say the same again."""

from traffic_booking import Bilingual, Difference, Explanation, InvalidInput, Language, Refused, SlotKey
from traffic_booking.cli import rule_words, words
from traffic_booking.cli.machine_form import Form, verdict_form
from traffic_booking.cli.options import (
    Applicant,
    NumberText,
    Options,
    RecordOptions,
    RequestIdText,
    applicant_of,
    copied,
    request_id_of,
)
from traffic_booking.cli.refusals import LEGAL_TIME, shown
from traffic_booking.cli.reply import REFUSED, Facts, Listing, Part, Reply, Sentence, written_time
from traffic_booking.cli.screen import masked


def explain(
    number: NumberText | None = None,
    /,
    *,
    request_id: RequestIdText = None,
    applicant: Applicant = None,
    options: RecordOptions | None = None,
) -> Reply:
    """Tell why: every decision about an appointment, or the one about a request, rule by rule, from the record.

    Parameters
    ----------
    request_id
        The request to explain, in place of an appointment's number.
    """
    options = options or RecordOptions()
    person = applicant_of(applicant)
    if (number is None) is (request_id is None):
        raise InvalidInput("number, --request-id", got="none or both", expected="one of them")
    with options.desk() as desk:
        if number is None:
            explanations = desk.explain(request_id=request_id_of(request_id), by=person)
        else:
            explanations = desk.explain(copied(number), by=person)
    parts = [part for each in explanations for part in _parts(each, options.spoken)]
    return Reply(options, {"decisions": [_form(each) for each in explanations]}, tuple(parts))


def replay(*, options: RecordOptions | None = None) -> Reply:
    """Hear the rules again on every recorded decision, and list where they would say something else (exit code 1)."""
    options = options or RecordOptions()
    with options.desk() as desk:
        report = desk.replay()
    rows = [
        (
            each.request_id,
            each.rule_id,
            _word(each.recorded, words.NOT_BROKEN, options),
            _word(each.replayed, words.NOT_EVALUATED, options),
        )
        for each in report.differences
    ]
    counts = Facts(
        (
            (words.DECISIONS, str(report.decisions)),
            (words.WITHOUT_CASE, str(report.without_case)),
            (words.UNKNOWN_VERSIONS, words.listed(list(report.unknown_versions), options.spoken) or "0"),
            (words.UNREADABLE, str(len(report.unreadable))),
            (words.DIFFERENCES, str(len(report.differences))),
        )
    )
    unreadable = [masked(each) for each in report.unreadable]
    listings = (
        Listing(headers=(words.UNREADABLE_RECORD,), rows=[(where,) for where in unreadable]),
        Listing(headers=(words.REQUEST_ID, words.RULE, words.RECORDED, words.REPLAYED), rows=rows),
    )
    form = {
        "decisions": report.decisions,
        "without_case": report.without_case,
        "unknown_versions": list(report.unknown_versions),
        "unreadable": unreadable,
        "differences": [_difference_form(each) for each in report.differences],
    }
    sound = not (report.differences or report.unknown_versions or report.unreadable)
    parts: tuple[Part, ...] = (counts, *(each for each in listings if each.rows))
    return Reply(options, form, parts, exit_code=0 if sound else REFUSED)


def _parts(explanation: Explanation, language: Language) -> tuple[Part, ...]:
    refused = isinstance(explanation.outcome, Refused)
    facts = Facts(
        (
            (words.REQUEST_ID, explanation.request_id),
            (rule_words.DECIDES, rule_words.USES[explanation.use.value](language)),
            *_slot(explanation),
            (words.DECIDED_AT, f"{explanation.decided_at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S}"),
            (words.RULEBOOK, explanation.rulebook),
        )
    )
    listing = Listing(
        headers=(words.RULE, words.WORD, words.STATEMENT, words.OBSERVED, words.LIMIT),
        rows=[
            (
                verdict.rule_id,
                (words.KEPT if verdict.granted else words.BROKEN)(language),
                verdict.statement(language),
                shown(verdict.observed, language),
                shown(verdict.limit, language),
            )
            for verdict in explanation.verdicts
        ],
    )
    return (Sentence(words.WAS_REFUSED if refused else words.WAS_GRANTED, loud=refused), facts, listing)


def _slot(explanation: Explanation) -> tuple[tuple[Bilingual, str], ...]:
    """The slot that was asked about and, where it was granted, the appointment's number."""
    if explanation.slot is None:
        return ()
    starts_at = written_time(explanation.slot.starts_at.astimezone(LEGAL_TIME))
    slot = (words.SLOT, f"{explanation.slot.branch} {explanation.slot.service} {starts_at}")
    appointment = getattr(explanation.outcome, "appointment", None)
    return (slot,) if appointment is None else (slot, (words.NUMBER, appointment.number))


def _form(explanation: Explanation) -> Form:
    return {
        "request_id": explanation.request_id,
        "use": explanation.use.value,
        "slot": explanation.slot and _slot_form(explanation.slot),
        "granted": not isinstance(explanation.outcome, Refused),
        "decided_at": explanation.decided_at.isoformat(),
        "rulebook": explanation.rulebook,
        "verdicts": [verdict_form(verdict) | {"granted": verdict.granted} for verdict in explanation.verdicts],
    }


def _slot_form(slot: SlotKey) -> Form:
    starts_at = slot.starts_at.astimezone(LEGAL_TIME).isoformat()
    return {"branch": slot.branch, "service": slot.service, "starts_at": starts_at}


def _difference_form(difference: Difference) -> Form:
    return {
        "request_id": difference.request_id,
        "rule_id": difference.rule_id,
        "recorded": None if difference.recorded is None else difference.recorded[0],
        "replayed": None if difference.replayed is None else difference.replayed[0],
    }


def _word(finding: tuple[object, ...] | None, without: Bilingual, options: Options) -> str:
    if finding is None:
        return without(options.spoken)
    return (words.KEPT if finding[0] else words.BROKEN)(options.spoken)
