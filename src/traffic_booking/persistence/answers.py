"""Answers as records: the request, the facts that it was decided on, the versions, and what it came to.

The findings of rules that were kept are left out: evaluating the facts again gives them. The terms of the slot and the
sentences of broken rules are `wordings`. The host's assertions, and the findings that show them, stand in a record that
can be deleted by itself; the answer keeps a commitment to it.
"""

from collections.abc import Mapping
from datetime import datetime
from json import loads
from secrets import token_urlsafe
from typing import Any, Final, NamedTuple

from traffic_booking.domain.appointments.commands import BookSlot, HoldSlot, MoveAppointment
from traffic_booking.domain.decisions.outcomes import Answer, Refused
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.rules.cases import MoveCase
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Findings, Verdict
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.answered import outcome_of, outcome_text
from traffic_booking.persistence.cases import TERMS, case_of, case_text
from traffic_booking.persistence.codecs import ASSERTED
from traffic_booking.persistence.commands import command_of, command_text
from traffic_booking.persistence.exact import exactly
from traffic_booking.persistence.findings_codec import finding_data, finding_of
from traffic_booking.persistence.persons import RANDOM_BYTES, commitment_of
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.records import decoded, no_more
from traffic_booking.persistence.schema import ANSWERS, ASSERTIONS
from traffic_booking.persistence.wordings import (
    SlotTerms,
    Wording,
    sentence_of_text,
    sentence_wording,
    terms_of_text,
)
from traffic_booking.persistence.writing import encode
from traffic_booking.ports.primitives import Put, Row

_REFUSED: Final = "refused"
_SALT: Final = "salt"
_COMMITMENT: Final = "asserted"

Said = Mapping[str, list[Any]]
"""The findings of personal rules by the rule's id: observed, limit and first instant."""


class AnswerRecords(NamedTuple):
    """The records of an answer: itself, the wordings that it refers to, and what the host vouched for, if it did."""

    answer: Put
    wordings: tuple[Wording, ...]
    assertions: Put | None


class AnswerParts(NamedTuple):
    """An answer's record, decoded so far that it shows which other records it needs."""

    row: Row
    data: dict[str, Any]
    wordings: list[str]
    """The keys of the wordings that it refers to."""

    @property
    def has_assertions(self) -> bool:
        """Whether it has a record of assertions, or had one that was removed."""
        return _COMMITMENT in self.data


def answer_records(answer: Answer) -> AnswerRecords:
    """The records of an answer, which must be new."""
    command, outcome = answer.command, answer.outcome
    case, slot_terms = case_text(answer.case, answer.rulebook)
    text = command_text(command) + case
    wordings: tuple[Wording, ...] = () if slot_terms is None else (slot_terms,)
    words: dict[str, list[Any]] = {}
    if isinstance(outcome, Refused):
        refused, sentences = _refused(outcome.verdicts, words)
        text += f',"{_REFUSED}":{refused}'
        wordings += sentences
    else:
        text += outcome_text(command, answer.case, answer.rulebook, answer.decided_at, outcome)
    asserted = getattr(command, "assertions", None)
    assertions = None
    if asserted is not None or words:
        assertions = _assertions_put(answer, asserted, words)
        text += f',"{_COMMITMENT}":"{_commitment(assertions.body)}"'
    put = Put(ANSWERS.name, command.request_id, 0, (answer.decided_at,), f"{{{text}}}")
    return AnswerRecords(put, wordings, assertions)


def _refused(verdicts: tuple[Verdict, ...], words: dict[str, list[Any]]) -> tuple[str, tuple[Wording, ...]]:
    """The broken rules as JSON, with their sentences; what personal rules observed goes to `words` instead."""
    refused, wordings = [], []
    for verdict in verdicts:
        sentence = sentence_wording(verdict.statement)
        wordings.append(sentence)
        found = finding_data((False, verdict.observed, verdict.limit, verdict.allowed_from))
        if found and verdict.rule_id in PERSONAL_RULES:
            words[verdict.rule_id] = found
            found = []
        refused.append([verdict.rule_id, sentence.key, *found])
    return encode(refused), tuple(wordings)


def parts_of(row: Row) -> AnswerParts:
    """The parts of a record of an answer."""
    return decoded(ANSWERS.name, _parts, row)


def _parts(row: Row) -> AnswerParts:
    data = exactly(loads(row[-1]), dict)
    wordings = [exactly(exactly(each, list)[1], str) for each in exactly(data.get(_REFUSED, []), list)]
    if TERMS in data:
        wordings.append(exactly(data[TERMS], str))
    return AnswerParts(row, data, wordings)


def answer_of(parts: AnswerParts, texts: Mapping[str, str], assertions: Row | None) -> Answer:
    """The answer, from its record, the texts of its wordings, and its assertions (None: it has none, or no longer)."""
    return decoded(ANSWERS.name, lambda row: _answer(row, parts.data, texts, assertions), parts.row)


def _answer(row: Row, found: dict[str, Any], texts: Mapping[str, str], assertions: Row | None) -> Answer:
    key, _, decided_at, _ = row
    data, at = dict(found), exactly(decided_at, datetime)
    commitment = data.pop(_COMMITMENT, None)
    asserted: Assertions | None = None
    words: Said = {}
    if assertions is not None:
        asserted, words = decoded(ASSERTIONS.name, lambda said: _asserted(commitment, said), assertions)
    erased = commitment is not None and assertions is None
    command = command_of(RequestId(key), data, asserted)
    slot_terms: SlotTerms | None = terms_of_text(texts[data.pop(TERMS)]) if TERMS in data else None
    rulebook = exactly(data.pop("rulebook"), str) if slot_terms is None else slot_terms.rulebook
    refused = data.pop(_REFUSED, None)
    case = case_of(command, data, slot_terms)
    if refused is None:
        outcome = outcome_of(command, case, rulebook, at, data)
    else:
        outcome = Refused(tuple(_verdict(each, texts, words) for each in refused))
    no_more(data)
    return rebuilt(
        Answer,
        command=command,
        outcome=outcome,
        decided_at=at,
        rulebook=rulebook,
        findings=_findings(outcome.verdicts) if isinstance(outcome, Refused) else NO_FINDINGS,
        case=None if erased else case,
    )


def _verdict(data: Any, texts: Mapping[str, str], words: Said) -> Verdict:
    rule_id, sentence, *found = exactly(data, list)
    granted, observed, limit, allowed_from = finding_of(found or words.get(rule_id, []))
    return Verdict(
        rule_id=exactly(rule_id, str),
        granted=granted,
        statement=sentence_of_text(texts[sentence]),
        observed=observed,
        limit=limit,
        allowed_from=allowed_from,
    )


def _findings(verdicts: tuple[Verdict, ...]) -> Findings:
    return Findings(
        tuple(each.rule_id for each in verdicts),
        tuple((each.granted, each.observed, each.limit, each.allowed_from) for each in verdicts),
    )


def _assertions_put(answer: Answer, asserted: Assertions | None, words: Said) -> Put:
    body = {
        _SALT: token_urlsafe(RANDOM_BYTES),
        "said": None if asserted is None else ASSERTED.data(asserted),
        "found": words,
    }
    return Put(ASSERTIONS.name, answer.command.request_id, 0, (_subject(answer), answer.decided_at), encode(body))


def _asserted(commitment: Any, row: Row) -> tuple[Assertions | None, Said]:
    body = row[-1]
    if commitment != _commitment(body):
        raise ValueError("got assertions that are not those that were decided on")
    data = loads(body)
    said = data["said"]
    return None if said is None else ASSERTED.from_data(said), exactly(data["found"], dict)


def _commitment(body: str) -> str:
    return commitment_of(exactly(loads(body)[_SALT], str), body)


def _subject(answer: Answer) -> str:
    """The subject that the assertions are about; the actor's if a move was refused before the appointment was read."""
    match answer.command, answer.case:
        case (HoldSlot(applicant=applicant) | BookSlot(applicant=applicant), _):
            return applicant.subject
        case (_, MoveCase(applicant=applicant)):
            return applicant.subject
        case (MoveAppointment(actor=Applicant(subject=subject)), _):
            return subject
        case _:
            return ""
