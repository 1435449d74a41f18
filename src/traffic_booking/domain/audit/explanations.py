"""Explanations of decisions from their records, and replays that compare the results."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.decisions.outcomes import Answer, Outcome, Refused
from traffic_booking.domain.rules.cases import Case, DeclarationCase, MoveCase, StayCase
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.rules.verdict import Finding, Findings, Result, Verdict
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

USES: Final[Mapping[type[Command], Use]] = {
    HoldSlot: Use.HOLD,
    BookSlot: Use.BOOK,
    CancelAppointment: Use.CANCEL,
    MoveAppointment: Use.MOVE,
    CheckInApplicant: Use.CHECK_IN,
    WalkIn: Use.WALK_IN,
    ServeApplicant: Use.SERVE,
    RecordNoShow: Use.NO_SHOW,
    ExcuseNoShow: Use.EXCUSE,
    DeclareRecord: Use.DECLARE,
}
"""The use whose rules are evaluated for each command, but for a hold for a move."""


@frozen(kw_only=True)
class Explanation:
    """A decision with the result of every evaluated rule, in the documented order; truthy if granted.

    `outcome` is the answer, None if nothing was done (`Desk.what_if`). `rulebook` is the version that decided at
    `decided_at` (UTC), and its sentences are shown. `slot` is the slot of the request, None if it was about the
    calendar, or if no appointment was found. After the assertions of a decision are removed, `slot` is None and
    `verdicts` has the broken rules alone.

    If `Desk.what_if` would grant a booking, or a move to another slot, the same actor may cancel it until
    `cancel_until`. They may move it to a slot with the same figures until `move_until` (both UTC, exclusive). An end is
    None if no rule sets one, and `decided_at` or earlier if it can't be done at all.
    """

    request_id: RequestId
    use: Use
    slot: SlotKey | None
    outcome: Outcome | None
    decided_at: datetime
    rulebook: str
    verdicts: tuple[Verdict, ...]
    cancel_until: datetime | None = None
    move_until: datetime | None = None

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts of the broken rules, none if the request was granted."""
        return tuple(verdict for verdict in self.verdicts if not verdict.granted)

    def __bool__(self) -> bool:
        return not self.refused


@frozen(kw_only=True)
class Difference:
    """A rule with another result on the recorded case.

    `recorded` is None if the rule was not broken, `replayed` is None if the rule is not evaluated any more.
    """

    request_id: RequestId
    rule_id: str
    recorded: Finding | None
    replayed: Finding | None


def explanation_of(answer: Answer, rulebook: Rulebook) -> Explanation:
    """The explanation of `answer`: its broken rules in the recorded words, the others evaluated again.

    `rulebook` is the version that decided.
    """
    at = _at(answer.case)
    again = replayed(answer, rulebook)
    findings = {} if again is None else _results_of(again.findings)
    findings.update(_results_of(answer.findings))
    rules = {rule_id: rulebook[rule_id] if at is None else rulebook.rule(rule_id, at) for rule_id in findings}
    given = {each.rule_id: each for each in answer.outcome.verdicts} if isinstance(answer.outcome, Refused) else {}
    verdicts = (
        given[rule_id] if rule_id in given and given[rule_id].finding == finding else rules[rule_id].verdict_of(finding)
        for rule_id, finding in findings.items()
    )
    return Explanation(
        request_id=answer.command.request_id,
        use=use_of(answer.command),
        slot=at,
        outcome=answer.outcome,
        decided_at=answer.decided_at,
        rulebook=answer.rulebook,
        verdicts=tuple(verdicts),
    )


def replayed(answer: Answer, rulebook: Rulebook) -> Evaluation | None:
    """The recorded case, evaluated again under the version that decided and at its instant; None without a case."""
    if answer.case is None:
        return None
    use = use_of(answer.command)
    if use in {Use.MOVE, Use.HOLD_TO_MOVE} and not isinstance(answer.case, MoveCase):
        use = Use.STAY if isinstance(answer.case, StayCase) else Use.FIND_TO_MOVE
    return rulebook.evaluate(use, answer.case, answer.decided_at, _at(answer.case))


def differences(answer: Answer, again: Evaluation) -> Iterator[Difference]:
    """The rules whose result in `again` differs from the record or from the answer."""
    if again.granted and not answer.findings.rule_ids and not isinstance(answer.outcome, Refused):
        return  # the usual case: no rule is broken, and none was
    recorded, answered, now = _results_of(answer.findings), _answered(answer), _results_of(again.findings)
    for rule_id in dict.fromkeys((*now, *recorded, *answered)):
        before, after = recorded.get(rule_id), now.get(rule_id)
        if before == answered.get(rule_id) == (after if after is not None and after.result is Result.BROKEN else None):
            continue
        yield Difference(
            request_id=answer.command.request_id,
            rule_id=rule_id,
            recorded=before if before != after else answered.get(rule_id),
            replayed=after,
        )


def use_of(command: Command) -> Use:
    """The use whose rules are evaluated for a command."""
    is_for_move = isinstance(command, HoldSlot) and command.moving is not None
    return Use.HOLD_TO_MOVE if is_for_move else USES[type(command)]


def _results_of(findings: Findings) -> dict[str, Finding]:
    return dict(zip(findings.rule_ids, findings.results, strict=True))


def _answered(answer: Answer) -> Mapping[str, Finding]:
    """The findings of the broken rules in the answer."""
    verdicts = answer.outcome.verdicts if isinstance(answer.outcome, Refused) else ()
    return {each.rule_id: each.finding for each in verdicts}


def _at(case: Case | None) -> SlotKey | None:
    return None if case is None or isinstance(case, DeclarationCase) else case.at
