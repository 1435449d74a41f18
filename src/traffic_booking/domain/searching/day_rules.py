"""The rules about a slot alone, for whole days: evaluated once for all branches with the same starts and figures."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import define, field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import TIMETABLES
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import evaluate_slot
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.schedule.day_availability import DayAvailability, DayState
from traffic_booking.domain.schedule.day_slots import DaySlots
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.values import frozen

STARTED_RULE: Final = "BK-03"
SUSPENSION_RULE: Final = "BK-15"
_NO_HOURS: Final = Bilingual("لا دوام للفرع في هذا اليوم", "the branch has no hours on this day")

Restrictions = tuple[tuple[int, ...], tuple[int, ...]]
"""The places of the tightenings and of the suspensions in the rulebook that are about a service at a branch."""


@frozen
class DayResult:
    """The result of the rules for the slots of a day: the indices of those that can be booked.

    `refused` is the day if there are none.
    """

    granted: tuple[int, ...]
    refused: DayAvailability | None = None


@define(eq=False)
class DayRules:
    """The rules about a slot alone at `now`, with the results of the days so far.

    These rules read of a slot its start and its suspension, so that two services or branches with the same
    restrictions have the same result for the same starts.
    """

    rulebook: Rulebook
    now: datetime
    _results: dict[tuple[Restrictions, str, date, tuple[datetime, ...]], DayResult] = field(init=False, factory=dict)

    def restrictions(self, branch: Branch, service: Service) -> Restrictions:
        """The tightenings and suspensions of the rulebook that are about `service` at `branch`."""
        at = SlotKey(branch.id, service.id, self.now)
        tightenings = [place for place, each in enumerate(self.rulebook.tightenings) if each.holds_for(at)]
        suspensions = [
            place
            for place, each in enumerate(self.rulebook.suspensions)
            if each.service == service.id and each.branch in (None, branch.id)
        ]
        return tuple(tightenings), tuple(suspensions)

    def result(self, restrictions: Restrictions, slots: DaySlots, day: date) -> DayResult:
        """The result for all `slots` of a civil day, at least one."""
        key = (restrictions, slots.time_zone, day, slots.starts)
        known = self._results.get(key)
        if known is None:
            known = self._results[key] = self._evaluate(slots, day)
        return known

    def _evaluate(self, slots: DaySlots, day: date) -> DayResult:
        granted: list[int] = []
        refused: list[tuple[SlotKey, Evaluation]] = []
        for index in range(bisect_left(slots.starts, self.now), len(slots)):
            slot = SlotKey(slots.branch, slots.service, slots.starts[index])
            evaluation = evaluate_slot(self.rulebook, slot, self.now)
            if evaluation.granted:
                granted.append(index)
            else:
                refused.append((slot, evaluation))
        if granted:
            return DayResult(tuple(granted))
        return DayResult((), _refused(self.rulebook, Day(day), refused, ZoneInfo(slots.time_zone)))


def day_without_slots(configuration: Configuration, branch: Branch, day: date) -> DayAvailability:
    """A civil day at a branch without a slot for the service: closed, or open for other services."""
    at_branch = configuration.branch_day(branch, day)
    if at_branch.open:
        return DayAvailability(day=at_branch.day, state=DayState.NO_SERVICE)
    deciding = at_branch.rules[0]
    reason = _NO_HOURS if deciding.startswith(TIMETABLES) else configuration.reason(at_branch)
    return DayAvailability(day=at_branch.day, state=DayState.CLOSED, rules=at_branch.rules, reason=reason)


def _refused(
    rulebook: Rulebook, day: Day, refused: Sequence[tuple[SlotKey, Evaluation]], zone: ZoneInfo
) -> DayAvailability:
    """A day without a slot that the rules allow; `refused` has the slots that are still to come."""
    for slot, evaluation in refused:
        instants = [verdict.allowed_from for verdict in evaluation.refused]
        opens_at = max((each for each in instants if each is not None), default=None)
        if opens_at and None not in instants and evaluate_slot(rulebook, slot, opens_at).granted:
            opens_at = opens_at.astimezone(zone)
            broken = evaluation.findings.broken
            return DayAvailability(day=day, state=DayState.NOT_YET_OPEN, rules=broken, opens_at=opens_at)
    for slot, evaluation in refused:
        suspension = rulebook.suspension_of(slot)
        if suspension is not None and SUSPENSION_RULE in evaluation.findings.broken:
            return DayAvailability(
                day=day,
                state=DayState.SUSPENDED,
                rules=(SUSPENSION_RULE,),
                reason=suspension.reason,
                until=suspension.ends_at.astimezone(zone),
            )
    for _, evaluation in refused:
        verdicts = [verdict for verdict in evaluation.refused if verdict.rule_id != STARTED_RULE]
        if verdicts:
            rules = tuple(verdict.rule_id for verdict in verdicts)
            return DayAvailability(day=day, state=DayState.NOT_BOOKABLE, rules=rules, reason=verdicts[0].statement)
    return DayAvailability(day=day, state=DayState.PAST)
