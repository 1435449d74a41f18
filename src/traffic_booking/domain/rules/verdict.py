"""What one rule says of one request: a bare finding while deciding, a verdict for those who read it."""

from datetime import datetime
from typing import Final

from attrs import frozen

from traffic_booking.domain.bilingual import Bilingual

Observation = str | int | datetime | None
"""What a rule saw or allows: a count, a name, or an instant (UTC); None where the rule has nothing to measure."""

Finding = tuple[bool, Observation, Observation, datetime | None]
"""What a check returns, in this order: is the rule kept, what was observed, what is the limit, and the first instant
(UTC) from which the rule is kept where nothing but time goes on; None where time alone doesn't change its result."""

KEPT: Final[Finding] = (True, None, None, None)
"""The finding of a rule that is kept and has nothing to measure."""

BROKEN: Final[Finding] = (False, None, None, None)
"""The finding of a rule that is broken and has nothing to measure."""


@frozen
class Verdict:
    """One rule's result on one request: whether it is kept, what was observed, and what the limit is.

    `statement` is the rule's sentence with its parameters filled in; call it with a language. `allowed_from` is the
    first instant (UTC) at which the rule itself, as it stands in the version that decided, would grant the same
    request where nothing but time goes on and the applicant comes to what they have booked; None where time alone
    doesn't change its result.
    """

    rule_id: str
    granted: bool
    statement: Bilingual
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None


@frozen
class Findings:
    """The result of each rule, in the documented order. `results` has one for each of `rule_ids`."""

    rule_ids: tuple[str, ...] = ()
    results: tuple[Finding, ...] = ()

    def __getitem__(self, rule_id: str) -> Finding:
        return self.results[self.rule_ids.index(rule_id)]

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of the rules that refuse."""
        return tuple(rule_id for rule_id, result in zip(self.rule_ids, self.results, strict=True) if not result[0])

    def of_broken(self) -> "Findings":
        """The findings of the rules that refuse."""
        broken = self.broken
        return Findings(broken, tuple(self[rule_id] for rule_id in broken)) if broken else NO_FINDINGS


NO_FINDINGS: Final = Findings()
"""Those of a request that was granted."""
