"""Evaluation of a case: the rules in force at each time are prepared once, so that a decision is one loop."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from attrs import field

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.rules.rule import Rule
from traffic_booking.domain.rules.verdict import BROKEN, NOT_APPLICABLE, Finding, Findings, Result, Verdict
from traffic_booking.domain.values import frozen

_BROKEN: Final = Result.BROKEN  # a look-up in the enum is slow
_result_of: Final = itemgetter(0)


@frozen
class Evaluation:
    """The result of every evaluated rule. Iteration returns the verdicts, in the documented order."""

    rules: tuple[Rule, ...]
    results: tuple[Finding, ...]
    granted: bool
    """True if no rule is broken."""

    def __iter__(self) -> Iterator[Verdict]:
        return (rule.verdict_of(result) for rule, result in zip(self.rules, self.results, strict=True))

    @property
    def findings(self) -> Findings:
        """The results under the ids of their rules."""
        return Findings(tuple(rule.id for rule in self.rules), self.results)

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """The verdicts of the broken rules, none if the request is granted."""
        evaluated = zip(self.rules, self.results, strict=True)
        return tuple([rule.verdict_of(result) for rule, result in evaluated if result.result is _BROKEN])


def refused_by(rule: Rule) -> Evaluation:
    """The evaluation of one broken rule alone, for example after a failed guard of the store."""
    return Evaluation((rule,), (BROKEN,), granted=False)


@frozen
class RuleSet:
    """The rules in force over one stretch of time; `missing` is an indispensable one that is not.

    `after` has the places of two rules in each pair: the first has nothing to evaluate if the second is broken.
    """

    rules: tuple[Rule, ...]
    checks: tuple[Callable[[Any, datetime], Finding], ...]
    after: tuple[tuple[int, int], ...]
    missing: Rule | None

    def in_order(self, results: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """`results`, but a rule that comes after a broken one is not applicable instead of kept."""
        if not self.after:
            return tuple(results)
        broken = [each.result is _BROKEN for each in results]
        unread = {place for place, earlier in self.after if broken[earlier] and not broken[place]}
        return tuple(NOT_APPLICABLE if place in unread else each for place, each in enumerate(results))


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
        if _BROKEN in map(_result_of, results):
            return Evaluation(rule_set.rules, rule_set.in_order(results), False)  # noqa: FBT003 - quicker than by name
        return Evaluation(rule_set.rules, results, True)  # noqa: FBT003 - as above


def rule_sets_of(rules: Iterable[Rule]) -> RuleSets:
    """The rule sets of some rules, evaluated in their order."""
    evaluated = tuple(rules)
    points = sorted({point for rule in evaluated for point in rule.turning_points})
    before_all = points[0] - timedelta(microseconds=1)
    return RuleSets(tuple(points), tuple(_rule_set(evaluated, since) for since in (before_all, *points)))


def _rule_set(rules: tuple[Rule, ...], since: datetime) -> RuleSet:
    in_force = tuple(rule for rule in rules if rule.in_force(since))
    places = {rule.id: place for place, rule in enumerate(in_force)}
    return RuleSet(
        rules=in_force,
        checks=tuple(rule.bound_check() for rule in in_force),
        after=tuple(
            (places[rule.id], places[one]) for rule in in_force for one in rule.definition.after if one in places
        ),
        missing=next((rule for rule in rules if rule.definition.indispensable and rule not in in_force), None),
    )
