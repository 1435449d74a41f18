"""The weekends of a calendar: which rules close a day, and which working days lie beside them."""

from datetime import date
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.working_time.authority import AuthorityId
from traffic_booking.domain.working_time.rules import Weekend

WEEK: Final = 7
"""How far beside a day a weekend is looked for, in days."""


def _without_gap(rules: tuple[Weekend, ...]) -> tuple[Weekend, ...]:
    """`rules` where one of them holds on every day there is: then every answer has something to cite."""
    reached = date.min
    for rule in sorted(rules, key=lambda rule: rule.in_force_from or date.min):
        if (rule.in_force_from or date.min) > reached:
            break
        if rule.in_force_until is None:
            return rules
        reached = max(reached, rule.in_force_until)
    raise InvalidInput("rules", got=f"no weekend in force on {reached}", expected="a weekend in force on every day")


@frozen
class Weekends:
    """The weekend rules of a profile; days are proleptic Gregorian ordinals."""

    rules: tuple[Weekend, ...] = field(converter=_without_gap)

    def in_force(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules that hold on the day; there is always one."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal))

    def closing(self, ordinal: int) -> tuple[AuthorityId, ...]:
        """The ids of the rules that close the day; none on a working day."""
        return tuple(rule.id for rule in self.rules if rule.in_force(ordinal) and rule.falls_on(ordinal))

    def touching(self, first: int, last: int) -> tuple[int, ...]:
        """The weekend days right before `first` and right after `last`, at most seven on either side."""
        before = self._run(range(first - 1, first - 1 - WEEK, -1))
        return (*reversed(before), *self._run(range(last + 1, last + 1 + WEEK)))

    def observed(self, ordinal: int) -> int | None:
        """The working day on which a holiday of that day is kept; None where there is none within a week."""
        if not self.closing(ordinal):
            return ordinal
        if not self.closing(ordinal - 1):
            return ordinal - 1
        after = ordinal + 1 + len(self._run(range(ordinal + 1, ordinal + 1 + WEEK)))
        return None if self.closing(after) else after

    def _run(self, days: range) -> list[int]:
        run: list[int] = []
        for day in days:
            if not self.closing(day):
                break
            run.append(day)
        return run
