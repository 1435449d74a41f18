"""Why a request was granted or refused, from its record; and whether the rules would say the same again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from traffic_booking.domain.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.rulebook import Rulebook
from traffic_booking.domain.rulebooks import Rulebooks
from traffic_booking.domain.rules.cases import Case, DeclarationCase, MoveCase
from traffic_booking.domain.rules.judging import Judgement
from traffic_booking.domain.rules.rule import Rule, Use
from traffic_booking.domain.rules.verdict import Finding, Findings, Verdict
from traffic_booking.domain.slots import SlotKey

USES: Final[Mapping[type[Command], Use]] = {
    HoldSlot: Use.HOLD,
    BookSlot: Use.BOOK,
    CancelAppointment: Use.CANCEL,
    MoveAppointment: Use.MOVE,
    CheckInApplicant: Use.CHECK_IN,
    DeclareRecord: Use.DECLARE,
}
"""Which rules hear each request."""


@frozen(kw_only=True)
class Explanation:
    """A decision with the word of every rule that was heard, kept or broken, in the documented order.

    `outcome` is what was answered, None where nothing was done (`Desk.what_if`). `rulebook` is the version that decided
    at `decided_at` (UTC); the sentences are that version's. `slot` is the one that was asked about, None where it
    was the calendar, and where no appointment was found. No `verdicts` in records from before they were kept.
    """

    request_id: RequestId
    use: Use
    slot: SlotKey | None
    outcome: Outcome | None
    decided_at: datetime
    rulebook: str
    verdicts: tuple[Verdict, ...]

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts that spoke against it; none where it was granted."""
        return tuple(verdict for verdict in self.verdicts if not verdict.granted)

    def __bool__(self) -> bool:
        return not self.refused


@frozen(kw_only=True)
class Difference:
    """A rule with another result on the recorded case.

    `recorded` is None if the rule was not broken, `replayed` is None if it would not be evaluated.
    """

    request_id: RequestId
    rule_id: str
    recorded: Finding | None
    replayed: Finding | None


def explanation_of(answer: Answer, rulebooks: Rulebooks) -> Explanation:
    """Why `answer` came out as it did: the recorded findings of broken rules, and those of the others, found again.

    Raises `NotFound` if the version that decided is not among `rulebooks`.
    """
    rulebook, at = rulebooks.version(answer.rulebook), _at(answer.case)
    again = replayed(answer, rulebooks)
    findings = {} if again is None else _words(again.findings)
    findings.update(_words(answer.findings))
    return Explanation(
        request_id=answer.command.request_id,
        use=USES[type(answer.command)],
        slot=at,
        outcome=answer.outcome,
        decided_at=answer.decided_at,
        rulebook=answer.rulebook,
        verdicts=tuple(_rule(rulebook, rule_id, at).verdict_of(word) for rule_id, word in findings.items()),
    )


def replayed(answer: Answer, rulebooks: Rulebooks) -> Judgement | None:
    """What the version that decided says of the recorded case at the recorded instant; None if there is no case.

    Raises `NotFound` if that version is not among `rulebooks`.
    """
    rulebook = rulebooks.version(answer.rulebook)
    if answer.case is None:
        return None
    use = USES[type(answer.command)]
    if use is Use.MOVE and not isinstance(answer.case, MoveCase):
        use = Use.FIND_TO_MOVE
    return rulebook.judge(use, answer.case, answer.decided_at, _at(answer.case))


def differences(answer: Answer, again: Judgement) -> Iterator[Difference]:
    """Rules that `again` finds broken in another way than was recorded or answered, and the other way round."""
    recorded, answered, now = _words(answer.findings), _answered(answer), _words(again.findings)
    for rule_id in dict.fromkeys((*now, *recorded, *answered)):
        before, after = recorded.get(rule_id), now.get(rule_id)
        if before == answered.get(rule_id) == (None if after is None or after[0] else after):
            continue
        yield Difference(
            request_id=answer.command.request_id,
            rule_id=rule_id,
            recorded=before if before != after else answered.get(rule_id),
            replayed=after,
        )


def _words(findings: Findings) -> dict[str, Finding]:
    return dict(zip(findings.rule_ids, findings.words, strict=True))


def _answered(answer: Answer) -> Mapping[str, Finding]:
    """What the answer itself says of the rules that refused; nothing where it was granted."""
    told = answer.outcome.verdicts if isinstance(answer.outcome, Refused) else ()
    return {one.rule_id: (one.granted, one.observed, one.limit, one.allowed_from) for one in told}


def _at(case: Case | None) -> SlotKey | None:
    return None if case is None or isinstance(case, DeclarationCase) else case.at


def _rule(rulebook: Rulebook, rule_id: str, at: SlotKey | None) -> Rule:
    return rulebook[rule_id] if at is None else rulebook.rule(rule_id, at)
