"""Why a request was granted or refused, from its record; and whether the rules have the same results again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.rules.cases import Case, DeclarationCase, MoveCase
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Rule, Use
from traffic_booking.domain.rules.rulebook import Rulebook, Rulebooks
from traffic_booking.domain.rules.verdict import Finding, Findings, Verdict
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId

USES: Final[Mapping[type[Command], Use]] = {
    HoldSlot: Use.HOLD,
    BookSlot: Use.BOOK,
    CancelAppointment: Use.CANCEL,
    MoveAppointment: Use.MOVE,
    CheckInApplicant: Use.CHECK_IN,
    DeclareRecord: Use.DECLARE,
}
"""Which rules are evaluated for each request."""


@frozen(kw_only=True)
class Explanation:
    """A decision with the result of every rule that was evaluated, kept or broken, in the documented order.

    `outcome` is the answer, None if nothing was done (`Desk.what_if`). `rulebook` is the version that decided at
    `decided_at` (UTC); the sentences are that version's. `slot` is the slot that the request was about, None if it was
    about the calendar, or if no appointment was found. Once the assertions of a decision are removed, `slot` is None
    and `verdicts` has the broken rules alone.
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
        """The verdicts of the broken rules; none if it was granted."""
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
    """Why the request of `answer` was granted or refused: its broken rules as recorded, the others evaluated again.

    Raises `NotFound` if the version that decided is not among `rulebooks`.
    """
    rulebook, at = rulebooks.version(answer.rulebook), _at(answer.case)
    again = replayed(answer, rulebooks)
    findings = {} if again is None else _results_of(again.findings)
    findings.update(_results_of(answer.findings))
    return Explanation(
        request_id=answer.command.request_id,
        use=USES[type(answer.command)],
        slot=at,
        outcome=answer.outcome,
        decided_at=answer.decided_at,
        rulebook=answer.rulebook,
        verdicts=tuple(_rule(rulebook, rule_id, at).verdict_of(word) for rule_id, word in findings.items()),
    )


def replayed(answer: Answer, rulebooks: Rulebooks) -> Evaluation | None:
    """The recorded case, evaluated again under the version that decided, at its instant; None if there is no case.

    Raises `NotFound` if that version is not among `rulebooks`.
    """
    rulebook = rulebooks.version(answer.rulebook)
    if answer.case is None:
        return None
    use = USES[type(answer.command)]
    if use is Use.MOVE and not isinstance(answer.case, MoveCase):
        use = Use.FIND_TO_MOVE
    return rulebook.evaluate(use, answer.case, answer.decided_at, _at(answer.case))


def differences(answer: Answer, again: Evaluation) -> Iterator[Difference]:
    """Rules that `again` finds broken in another way than was recorded or answered, and the other way round."""
    recorded, answered, now = _results_of(answer.findings), _answered(answer), _results_of(again.findings)
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


def _results_of(findings: Findings) -> dict[str, Finding]:
    return dict(zip(findings.rule_ids, findings.results, strict=True))


def _answered(answer: Answer) -> Mapping[str, Finding]:
    """The findings of the rules that refused, as the answer has them; none if it was granted."""
    told = answer.outcome.verdicts if isinstance(answer.outcome, Refused) else ()
    return {one.rule_id: (one.granted, one.observed, one.limit, one.allowed_from) for one in told}


def _at(case: Case | None) -> SlotKey | None:
    return None if case is None or isinstance(case, DeclarationCase) else case.at


def _rule(rulebook: Rulebook, rule_id: str, at: SlotKey | None) -> Rule:
    return rulebook[rule_id] if at is None else rulebook.rule(rule_id, at)
