"""Judging a case: which rules are heard at which time, prepared once, so that a decision is one loop over them."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rule import Rule
from traffic_booking.domain.rules.verdict import BROKEN, Finding, Findings, Verdict

_is_kept: Final = itemgetter(0)


@frozen
class Evaluation:
    """The result of every rule that was heard; going through it gives the verdicts, in the documented order."""

    rules: tuple[Rule, ...]
    findings: Findings

    def __iter__(self) -> Iterator[Verdict]:
        return (rule.verdict_of(result) for rule, result in zip(self.rules, self.findings.results, strict=True))

    @property
    def granted(self) -> bool:
        """Whether every rule is kept."""
        return all(map(_is_kept, self.findings.results))

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts of the broken rules; none where the request is granted."""
        evaluated = zip(self.rules, self.findings.results, strict=True)
        return tuple([rule.verdict_of(result) for rule, result in evaluated if not _is_kept(result)])


def refused_by(rule: Rule) -> Evaluation:
    """The judgement of one rule alone, which is broken: by a guard in the store, say."""
    return Evaluation((rule,), Findings((rule.id,), (BROKEN,)))


@frozen
class RuleSet:
    """The rules that are heard over one stretch of time; `missing` is one without which nothing is decided."""

    rules: tuple[Rule, ...]
    rule_ids: tuple[str, ...]
    checks: tuple[Callable[[Any, datetime], Finding], ...]
    missing: Rule | None


@frozen
class RuleSets:
    """The rules of one use case over all of time: a bench for each stretch between turning points."""

    _turning_points: tuple[datetime, ...]
    _rule_sets: tuple[RuleSet, ...] = field(repr=False)

    def evaluate(self, case: object, now: datetime) -> Evaluation:
        """Hear every rule that is in force at `now`. Raises `InvalidInput` where one is not that has to be."""
        rule_set = self._rule_sets[bisect_right(self._turning_points, now)]
        if rule_set.missing is not None:
            _say_missing(rule_set.missing, now)
        return Evaluation(
            rule_set.rules, Findings(rule_set.rule_ids, tuple([check(case, now) for check in rule_set.checks]))
        )


def rule_sets_of(rules: Iterable[Rule]) -> RuleSets:
    """The benches of some rules, heard in their order."""
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


def _say_missing(rule: Rule, now: datetime) -> None:
    raise InvalidInput(
        "rulebook",
        got=f"{rule.id} not in force at {now.isoformat()}",
        expected=f"it from {rule.in_force_from} until {rule.in_force_until or 'further notice'}, or a right clock",
    )
