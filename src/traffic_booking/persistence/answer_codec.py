"""The codec of answers: the request, the facts that it was decided on, the rulebook, and the outcome.

The findings of rules that were kept are left out, because evaluating the facts again gives them. The offer of the slot
and the texts of broken rules are wordings. The host's assertions, the findings that show them, and the
evidence of an appeal are in a record that can be deleted by itself; the answer keeps a commitment to it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import BookSlot, ExcuseNoShow, HoldSlot, MoveAppointment, WalkIn
from traffic_booking.domain.decisions.outcomes import Answer, Excused, Refused
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase, MoveCase
from traffic_booking.domain.rules.eligibility import PERSONAL_RULES
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Findings, Verdict
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import exactly, from_json, no_more, optional, rebuilt, to_json
from traffic_booking.persistence.case_codec import CHOSEN, OFFER, RULEBOOK, decode_case, encode_case
from traffic_booking.persistence.codecs import ASSERTED
from traffic_booking.persistence.command_codec import decode_command, encode_command
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.outcome_codec import decode_outcome, encode_outcome
from traffic_booking.persistence.persons import commitment_of, random_text
from traffic_booking.persistence.schema import ANSWERS, ASSERTIONS
from traffic_booking.persistence.value_codecs import decode_finding, encode_finding, encode_slot
from traffic_booking.persistence.wording_codec import (
    OfferSnapshot,
    Wording,
    decode_offer,
    decode_texts,
    encode_texts,
)
from traffic_booking.ports.primitives import Put, Row

_REFUSED: Final = "refused"
_SALT: Final = "salt"
_COMMITMENT: Final = "asserted"
_EVIDENCE: Final = "evidence"

PersonalFindings = Mapping[str, list[Any]]
"""The findings of personal rules, by the rule's id: observed, limit and first instant."""


class AnswerRecords(NamedTuple):
    """The records of an answer: itself, its wordings, and the host's assertions, if it made some."""

    answer: Put
    wordings: tuple[Wording, ...]
    assertions: Put | None


class AnswerParts(NamedTuple):
    """The record of an answer, decoded so far that it shows which other records it needs."""

    row: Row
    data: dict[str, Any]
    wordings: list[str]
    """The keys of its wordings."""

    @property
    def has_assertions(self) -> bool:
        """True if it has a record of assertions, or had one that was removed."""
        return _COMMITMENT in self.data


def answer_records(answer: Answer) -> AnswerRecords:
    """The records of an answer, which must be new."""
    command, outcome = answer.command, answer.outcome
    case, offer = encode_case(answer.case, answer.rulebook)
    data: dict[str, Any] = encode_command(command) | case
    if isinstance(command, WalkIn) and isinstance(answer.case, BookingCase):
        data[CHOSEN] = encode_slot(answer.case.key)
    wordings = [] if offer is None else [offer]
    personal: dict[str, list[Any]] = {}
    if isinstance(outcome, Refused):
        refused = data[_REFUSED] = []
        for verdict in outcome.verdicts:
            texts = encode_texts(verdict.statement, verdict.refusal)
            wordings.append(texts)
            found = encode_finding(verdict.finding)
            if found and verdict.rule_id in PERSONAL_RULES:
                personal[verdict.rule_id], found = found, []
            refused.append([verdict.rule_id, texts.key, *found])
    else:
        data |= encode_outcome(command, answer.case, answer.rulebook, answer.decided_at, outcome)
    asserted, assertions = getattr(command, "assertions", None), None
    evidence = command.evidence if isinstance(command, ExcuseNoShow) and isinstance(outcome, Excused) else None
    if asserted is not None or personal or evidence is not None:
        said = {"said": optional(ASSERTED.data, asserted), "found": personal}
        body = to_json({_SALT: random_text(), **said} | ({} if evidence is None else {_EVIDENCE: evidence}))
        assertions = Put(ASSERTIONS.name, command.request_id, 0, (_subject(answer), answer.decided_at), body)
        data[_COMMITMENT] = _commitment(body)
    put = Put(ANSWERS.name, command.request_id, 0, (answer.decided_at,), to_json(data))
    return AnswerRecords(put, tuple(wordings), assertions)


def parts_of(row: Row) -> AnswerParts:
    """The parts of the record of an answer."""
    return decoded(ANSWERS.name, _parts, row)


def _parts(row: Row) -> AnswerParts:
    data = exactly(from_json(row[-1]), dict)
    wordings = [exactly(exactly(each, list)[1], str) for each in exactly(data.get(_REFUSED, []), list)]
    if OFFER in data:
        wordings.append(exactly(data[OFFER], str))
    return AnswerParts(row, data, wordings)


def answer_of(parts: AnswerParts, texts: Mapping[str, str], assertions: Row | None) -> Answer:
    """The answer of its record, the texts of its wordings, and its assertions, None if they were removed."""
    return decoded(ANSWERS.name, lambda row: _answer(row, dict(parts.data), texts, assertions), parts.row)


def _answer(row: Row, data: dict[str, Any], texts: Mapping[str, str], assertions: Row | None) -> Answer:
    key, _, decided_at, _ = row
    at, commitment = exactly(decided_at, datetime), data.pop(_COMMITMENT, None)
    asserted: Assertions | None = None
    personal: PersonalFindings = {}
    evidence: str | None = None
    if assertions is not None:
        asserted, personal, evidence = decoded(
            ASSERTIONS.name, lambda record: _asserted(commitment, record[-1]), assertions
        )
    command = decode_command(RequestId(key), data, asserted, evidence)
    # The case of an excuse says nothing of its evidence.
    were_removed = commitment is not None and assertions is None and not isinstance(command, ExcuseNoShow)
    offer: OfferSnapshot | None = decode_offer(texts[data.pop(OFFER)]) if OFFER in data else None
    rulebook = exactly(data.pop(RULEBOOK), str) if offer is None else offer.rulebook
    refused = data.pop(_REFUSED, None)
    case = decode_case(command, data, offer)
    findings = NO_FINDINGS
    if refused is None:
        outcome = decode_outcome(command, case, rulebook, at, data)
    else:
        verdicts = tuple(_verdict(each, texts, personal) for each in refused)
        outcome = Refused(verdicts)
        findings = Findings(
            tuple(each.rule_id for each in verdicts),
            tuple(each.finding for each in verdicts),
        )
    no_more(data)
    return rebuilt(
        Answer,
        command=command,
        outcome=outcome,
        decided_at=at,
        rulebook=rulebook,
        findings=findings,
        case=None if were_removed else case,
    )


def _verdict(data: Any, texts: Mapping[str, str], personal: PersonalFindings) -> Verdict:
    rule_id, wording, *found = exactly(data, list)
    statement, refusal = decode_texts(texts[wording])
    finding = decode_finding(found or personal.get(rule_id, []))
    return Verdict(
        rule_id=exactly(rule_id, str),
        result=finding.result,
        statement=statement,
        refusal=refusal,
        observed=finding.observed,
        limit=finding.limit,
        allowed_from=finding.allowed_from,
    )


def _asserted(commitment: Any, body: str) -> tuple[Assertions | None, PersonalFindings, str | None]:
    if commitment != _commitment(body):
        raise ValueError("got assertions that are not those that were decided on")
    data = from_json(body)
    evidence = optional(lambda text: exactly(text, str), data.get(_EVIDENCE))
    return optional(ASSERTED.from_data, data["said"]), exactly(data["found"], dict), evidence


def _commitment(body: str) -> str:
    return commitment_of(exactly(from_json(body)[_SALT], str), body)


def _subject(answer: Answer) -> str:
    """The subject that the assertions are about; the actor's if a move was refused before the appointment was read."""
    match answer.command, answer.case:
        case (HoldSlot(applicant=applicant) | BookSlot(applicant=applicant) | WalkIn(applicant=applicant), _):
            return applicant.subject
        case (_, MoveCase(applicant=applicant) | AppointmentCase(appointment=Appointment(applicant=applicant))):
            return applicant.subject
        case (MoveAppointment(actor=Applicant(subject=subject)), _):
            return subject
        case _:
            return ""
