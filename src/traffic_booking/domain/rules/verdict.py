"""The result of one rule: a bare finding while deciding, a verdict for readers."""

from datetime import datetime
from typing import Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.values import frozen

Observation = str | int | datetime | None
"""An observed or allowed value: a count, a name, or an instant (UTC); None if the rule measures nothing."""

Finding = tuple[bool, Observation, Observation, datetime | None]
"""The result of a check: whether the rule is kept, the observed value, the limit, and `Verdict.allowed_from`."""

KEPT: Final[Finding] = (True, None, None, None)
BROKEN: Final[Finding] = (False, None, None, None)
"""The findings of rules that measure nothing."""


@frozen
class Verdict:
    """One rule's result on one request: whether it is kept, the observed value, and the limit.

    `statement` is the rule's sentence with its figures; call it with a language. `allowed_from` is the first instant
    (UTC) at which this rule, in the version that decided, would grant the same request if only time passes and the
    applicant attends their appointments. None: time alone doesn't change the result.
    """

    rule_id: str
    granted: bool
    statement: Bilingual
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None


@frozen
class Findings:
    """The result of each rule, in the documented order; `results` has one for each of `rule_ids`."""

    rule_ids: tuple[str, ...] = ()
    results: tuple[Finding, ...] = ()

    def __getitem__(self, rule_id: str) -> Finding:
        return self.results[self.rule_ids.index(rule_id)]

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of the broken rules."""
        return tuple(rule_id for rule_id, result in zip(self.rule_ids, self.results, strict=True) if not result[0])

    def of_broken(self) -> "Findings":
        """The findings of the broken rules alone."""
        broken = self.broken
        return Findings(broken, tuple(self[rule_id] for rule_id in broken)) if broken else NO_FINDINGS


NO_FINDINGS: Final = Findings()
"""The findings of a granted request."""
