"""Evaluation of a case: the rules in force at each time are prepared once, so that a decision is one loop."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rule import Rule
from traffic_booking.domain.rules.verdict import BROKEN, Finding, Findings, Verdict
from traffic_booking.domain.values import frozen

_is_kept: Final = itemgetter(0)


@frozen
class Evaluation:
    """The result of every evaluated rule. Iteration returns the verdicts, in the documented order."""

    rules: tuple[Rule, ...]
    findings: Findings

    def __iter__(self) -> Iterator[Verdict]:
        return (rule.verdict_of(result) for rule, result in zip(self.rules, self.findings.results, strict=True))

    @property
    def granted(self) -> bool:
        """True if every rule is kept."""
        return all(map(_is_kept, self.findings.results))

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts of the broken rules, none if the request is granted."""
        evaluated = zip(self.rules, self.findings.results, strict=True)
        return tuple([rule.verdict_of(result) for rule, result in evaluated if not _is_kept(result)])


def refused_by(rule: Rule) -> Evaluation:
    """The evaluation of one broken rule alone, for example after a failed guard of the store."""
    return Evaluation((rule,), Findings((rule.id,), (BROKEN,)))


@frozen
class RuleSet:
    """The rules in force over one stretch of time; `missing` is an indispensable one that is not."""

    rules: tuple[Rule, ...]
    rule_ids: tuple[str, ...]
    checks: tuple[Callable[[Any, datetime], Finding], ...]
    missing: Rule | None


@frozen
class RuleSets:
    """The rules of one use over all of time: one `RuleSet` for each stretch between turning points."""

    _turning_points: tuple[datetime, ...]
    _rule_sets: tuple[RuleSet, ...] = field(repr=False)

    def evaluate(self, case: object, now: datetime) -> Evaluation:
        """Evaluate every rule that is in force at `now`. Raises `InvalidInput` if an indispensable rule is not."""
        rule_set = self._rule_sets[bisect_right(self._turning_points, now)]
        if (missing := rule_set.missing) is not None:
            got, until = f"{missing.id} not in force at {now.isoformat()}", missing.in_force_until or "further notice"
            expected = f"it from {missing.in_force_from} until {until}, or a right clock"
            raise InvalidInput("rulebook", got=got, expected=expected)
        results = tuple([check(case, now) for check in rule_set.checks])
        return Evaluation(rule_set.rules, Findings(rule_set.rule_ids, results))


def rule_sets_of(rules: Iterable[Rule]) -> RuleSets:
    """The rule sets of some rules, evaluated in their order."""
    evaluated = tuple(rules)
    points = sorted({point for rule in evaluated for point in rule.turning_points})
    before_all = points[0] - timedelta(microseconds=1)
    return RuleSets(tuple(points), tuple(_rule_set(evaluated, since) for since in (before_all, *points)))


def _rule_set(rules: tuple[Rule, ...], since: datetime) -> RuleSet:
    in_force = tuple(rule for rule in rules if rule.in_force(since))
    return RuleSet(
        rules=in_force,
        rule_ids=tuple(rule.id for rule in in_force),
        checks=tuple(rule.bound_check() for rule in in_force),
        missing=next((rule for rule in rules if rule.definition.indispensable and rule not in in_force), None),
    )
