"""Commands that look back: why something was decided as it was, and whether the rules would say the same again."""

from traffic_booking import Bilingual, Difference, Explanation, InvalidInput, Language, Refused, SlotKey
from traffic_booking.adapters.cli import rule_words, words
from traffic_booking.adapters.cli.machine_form import Form, verdict_form
from traffic_booking.adapters.cli.options import (
    Applicant,
    NumberText,
    Options,
    RecordOptions,
    RequestIdText,
    applicant_of,
    copied,
    request_id_of,
)
from traffic_booking.adapters.cli.refusals import LEGAL_TIME, shown
from traffic_booking.adapters.cli.reply import REFUSED, Facts, Listing, Part, Reply, Sentence, written_time
from traffic_booking.adapters.cli.screen import masked


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
            told = desk.explain(request_id=request_id_of(request_id), by=person)
        else:
            told = desk.explain(copied(number), by=person)
    parts = [part for each in told for part in _parts(each, options.spoken)]
    return Reply(options, {"decisions": [_form(each) for each in told]}, tuple(parts))


def replay(*, options: RecordOptions | None = None) -> Reply:
    """Hear the rules again on every recorded decision, and list where they would say something else (exit code 1)."""
    options = options or RecordOptions()
    with options.desk() as desk:
        told = desk.replay()
    rows = [
        (
            each.request_id,
            each.rule_id,
            _word(each.recorded, words.NOT_BROKEN, options),
            _word(each.replayed, words.NOT_HEARD, options),
        )
        for each in told.differences
    ]
    counts = Facts(
        (
            (words.DECISIONS, str(told.decisions)),
            (words.WITHOUT_CASE, str(told.without_case)),
            (words.UNKNOWN_VERSIONS, words.listed(list(told.unknown_versions), options.spoken) or "0"),
            (words.UNREADABLE, str(len(told.unreadable))),
            (words.DIFFERENCES, str(len(told.differences))),
        )
    )
    unreadable = [masked(each) for each in told.unreadable]
    listings = (
        Listing(headers=(words.UNREADABLE_RECORD,), rows=[(where,) for where in unreadable]),
        Listing(headers=(words.REQUEST_ID, words.RULE, words.RECORDED, words.REPLAYED), rows=rows),
    )
    form = {
        "decisions": told.decisions,
        "without_case": told.without_case,
        "unknown_versions": list(told.unknown_versions),
        "unreadable": unreadable,
        "differences": [_difference_form(each) for each in told.differences],
    }
    sound = not (told.differences or told.unknown_versions or told.unreadable)
    parts: tuple[Part, ...] = (counts, *(each for each in listings if each.rows))
    return Reply(options, form, parts, exit_code=0 if sound else REFUSED)


def _parts(told: Explanation, language: Language) -> tuple[Part, ...]:
    refused = isinstance(told.outcome, Refused)
    facts = Facts(
        (
            (words.REQUEST_ID, told.request_id),
            (rule_words.DECIDES, rule_words.USES[told.use.value](language)),
            *_slot(told),
            (words.DECIDED_AT, f"{told.decided_at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M:%S}"),
            (words.RULEBOOK, told.rulebook),
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
            for verdict in told.verdicts
        ],
    )
    return (Sentence(words.WAS_REFUSED if refused else words.WAS_GRANTED, loud=refused), facts, listing)


def _slot(told: Explanation) -> tuple[tuple[Bilingual, str], ...]:
    """The slot that was asked about and, where it was granted, the appointment's number."""
    if told.slot is None:
        return ()
    starts_at = written_time(told.slot.starts_at.astimezone(LEGAL_TIME))
    slot = (words.SLOT, f"{told.slot.branch} {told.slot.service} {starts_at}")
    appointment = getattr(told.outcome, "appointment", None)
    return (slot,) if appointment is None else (slot, (words.NUMBER, appointment.number))


def _form(told: Explanation) -> Form:
    return {
        "request_id": told.request_id,
        "use": told.use.value,
        "slot": told.slot and _slot_form(told.slot),
        "granted": not isinstance(told.outcome, Refused),
        "decided_at": told.decided_at.isoformat(),
        "rulebook": told.rulebook,
        "verdicts": [verdict_form(verdict) | {"granted": verdict.granted} for verdict in told.verdicts],
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
