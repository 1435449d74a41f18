"""Stricter figures for one service, one branch, or one service at one branch; looser ones there are none."""

from collections.abc import Iterable, Mapping

from attrs import field, frozen
from attrs.converters import optional

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places import BranchId, branch_id
from traffic_booking.domain.rules.rule import Rule, Stricter, kept_figures
from traffic_booking.domain.services import ServiceId, service_id
from traffic_booking.domain.slots import SlotKey


@frozen(kw_only=True)
class Tightening:
    """Figures of one rule that are stricter for a `service`, at a `branch`, or for the one at the other.

    Where several hold at once, the strictest of each figure counts. Raises `InvalidInput` where neither is named, or
    no figure is.
    """

    rule: str
    figures: Mapping[str, int] = field(converter=kept_figures)
    service: ServiceId | None = field(default=None, converter=optional(service_id))
    branch: BranchId | None = field(default=None, converter=optional(branch_id))

    def __attrs_post_init__(self) -> None:
        if self.service is None and self.branch is None:
            raise InvalidInput("service, branch", got="neither", expected="at least one of them")
        if not self.figures:
            raise InvalidInput("figures", got="none", expected="at least one")

    def holds_for(self, at: SlotKey) -> bool:
        """Whether it is about the slot's service and branch."""
        return self.service in (None, at.service) and self.branch in (None, at.branch)


def tightened(rule: Rule, tightenings: Iterable[Tightening], at: SlotKey) -> Rule:
    """`rule` with the strictest figures that hold for the slot `at`."""
    strictest: dict[str, int] = {}
    for tightening in tightenings:
        if tightening.rule == rule.id and tightening.holds_for(at):
            for parameter in rule.definition.parameters:
                if parameter.name in tightening.figures:
                    figure = tightening.figures[parameter.name]
                    least = parameter.stricter is Stricter.LESS
                    strictest[parameter.name] = (min if least else max)(strictest.get(parameter.name, figure), figure)
    return rule.tightened(strictest) if strictest else rule
