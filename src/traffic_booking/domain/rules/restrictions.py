"""Restrictions of a rulebook: suspensions of a service, and stricter figures for a branch or a service.

The case of a search is here, too: it has a slot and its suspension, and a search imports no other case.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Final

from attrs import field
from attrs.converters import optional

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.places.services import ServiceId, service_id
from traffic_booking.domain.rules.rule import Rule, Stricter, check_end, first_day, kept_figures, legal_midnight
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import bounded_text, hyphenated
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

LONGEST_RULE: Final = 64
"""The most characters of a rule's id."""


def _rule(text: object) -> str:
    return hyphenated(bounded_text(text, "rule", longest=LONGEST_RULE))


@frozen(kw_only=True)
class Tightening:
    """Stricter figures of one rule for a `service`, a `branch`, or a service at a branch.

    If several apply, the strictest of each figure counts. Raises `InvalidInput` without a service and a branch, or
    without figures.
    """

    rule: str = field(converter=_rule)
    figures: Mapping[str, int] = field(converter=kept_figures)
    service: ServiceId | None = field(default=None, converter=optional(service_id))
    branch: BranchId | None = field(default=None, converter=optional(branch_id))

    def __attrs_post_init__(self) -> None:
        if self.service is None and self.branch is None:
            raise InvalidInput("service, branch", got="neither", expected="at least one of them")
        if not self.figures:
            raise InvalidInput("figures", got="none", expected="at least one")

    def __hash__(self) -> int:
        return hash((self.rule, *sorted(self.figures.items()), self.service, self.branch))

    def holds_for(self, at: SlotKey) -> bool:
        """True if it applies to the slot's service and branch."""
        return self.service in (None, at.service) and self.branch in (None, at.branch)


def tightened(rule: Rule, tightenings: Iterable[Tightening], at: SlotKey) -> Rule:
    """`rule` with the strictest figures for the slot `at`."""
    strictest: dict[str, int] = {}
    for tightening in tightenings:
        if tightening.rule == rule.id and tightening.holds_for(at):
            for parameter in rule.definition.parameters:
                if parameter.name in tightening.figures:
                    figure = tightening.figures[parameter.name]
                    least = parameter.stricter is Stricter.LESS
                    strictest[parameter.name] = (min if least else max)(strictest.get(parameter.name, figure), figure)
    return rule.tightened(strictest) if strictest else rule


@frozen(kw_only=True)
class Suspension:
    """A suspension of `service` at `branch` (None: at every branch), from `from_day` (inclusive) to `until_day`.

    `until_day` is exclusive. Both days begin at midnight in Riyadh.
    """

    service: ServiceId = field(converter=service_id)
    branch: BranchId | None = field(default=None, converter=optional(branch_id))
    from_day: date = field(converter=first_day)
    until_day: date
    reason: Bilingual = field(validator=of_type(Bilingual))

    def __attrs_post_init__(self) -> None:
        keep_dates(self, "until_day")
        check_end("until_day", self.until_day, after=self.from_day)

    def covers(self, slot: SlotKey) -> bool:
        """True if the slot is suspended."""
        if slot.service != self.service or self.branch not in (None, slot.branch):
            return False
        return self.starts_at <= slot.starts_at < self.ends_at

    @cached_property
    def starts_at(self) -> datetime:
        """The first instant of the suspension (UTC)."""
        return legal_midnight(self.from_day)

    @cached_property
    def ends_at(self) -> datetime:
        """The end of the suspension (UTC, exclusive)."""
        return legal_midnight(self.until_day)


@frozen
class SlotCase:
    """The facts that the rules about a slot alone read; a search asks these rules for nobody in particular.

    Of `key` a check reads the start alone: a month evaluates the rules once for all branches with the same figures.
    """

    key: SlotKey
    suspension: Suspension | None = None
    held: None = None
