"""A rulebook: all rules in force under one version, in the documented order."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput, NotFound
from traffic_booking.domain.outside_text import bounded_text
from traffic_booking.domain.rules.attending import ATTENDING_RULES
from traffic_booking.domain.rules.booking import BOOKING_RULES
from traffic_booking.domain.rules.cancelling import CANCELLING_RULES
from traffic_booking.domain.rules.declaring import DECLARING_RULES
from traffic_booking.domain.rules.holding import HOLDING_RULES
from traffic_booking.domain.rules.rule import Rule, RuleDefinition, Use
from traffic_booking.domain.rules.signing_in import SIGN_IN_RULES
from traffic_booking.domain.rules.verdict import Verdict

DEFINITIONS: Final[tuple[RuleDefinition, ...]] = (
    *BOOKING_RULES,
    *HOLDING_RULES,
    *CANCELLING_RULES,
    *ATTENDING_RULES,
    *DECLARING_RULES,
    *SIGN_IN_RULES,
)
"""Every rule that the library knows; a rulebook gives each its figures."""

LONGEST_VERSION: Final = 40


def _version(text: str) -> str:
    return bounded_text(text, "version", longest=LONGEST_VERSION)


@frozen(kw_only=True)
class Rulebook:
    """Every rule of `DEFINITIONS`, once and in that order, with figures; `version` is stamped on its decisions."""

    version: str = field(converter=_version)
    rules: tuple[Rule, ...]
    _by_use: dict[Use, tuple[Rule, ...]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        got = [rule.id for rule in self.rules]
        expected = [definition.id for definition in DEFINITIONS]
        if got != expected:
            raise InvalidInput("rules", got=", ".join(got) or "none", expected=", ".join(expected))
        by_use = {use: tuple(rule for rule in self.rules if use in rule.definition.uses) for use in Use}
        object.__setattr__(self, "_by_use", by_use)

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise NotFound("rule", rule_id, known=[rule.id for rule in self.rules])

    def judge(self, use: Use, case: object, now: datetime) -> tuple[Verdict, ...]:
        """The word of every rule that is in force for `use`, in the documented order.

        Raises `InvalidInput` where a rule that no decision can do without is not in force: before the rulebook's time,
        say, or by a clock that has lost it.
        """
        return tuple(rule.check(case, now) for rule in self._by_use[use] if _binds(rule, now))


def _binds(rule: Rule, now: datetime) -> bool:
    if rule.in_force(now):
        return True
    if rule.definition.indispensable:
        raise InvalidInput(
            "rulebook",
            got=f"{rule.id} not in force at {now.isoformat()}",
            expected=f"it from {rule.in_force_from} until {rule.in_force_until or 'further notice'}, or a right clock",
        )
    return False


def broken(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that refuse."""
    return tuple(verdict for verdict in verdicts if not verdict.granted)
