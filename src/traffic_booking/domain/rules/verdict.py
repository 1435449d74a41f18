"""The result of one rule: a finding while deciding, a verdict for readers."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.values import frozen

Observation = str | int | datetime | None
"""An observed or allowed value: a count, a name, or an instant (UTC); None if the rule measures nothing."""


class Result(StrEnum):
    """The result of a rule. One that has nothing to evaluate is not applicable, and refuses nothing."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"


class Finding(NamedTuple):
    """The result of a check, with the observed value, the limit, and `Verdict.allowed_from`."""

    result: Result
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None


KEPT: Final = Finding(Result.KEPT)
BROKEN: Final = Finding(Result.BROKEN)
"""The findings of rules that measure nothing."""
NOT_APPLICABLE: Final = Finding(Result.NOT_APPLICABLE)
"""The finding of a rule that has nothing to evaluate, or that comes after a broken one."""

_KEPT, _BROKEN = Result.KEPT, Result.BROKEN  # a look-up in the enum is slow
_new_tuple: Final = tuple.__new__  # half the time of a call of the class, and a decision makes a dozen findings


def kept(observed: Observation, limit: Observation) -> Finding:
    """The finding of a kept rule that measures something."""
    return _new_tuple(Finding, (_KEPT, observed, limit, None))


def broken(observed: Observation, limit: Observation, allowed_from: datetime | None = None) -> Finding:
    """The finding of a broken rule that measures something."""
    return _new_tuple(Finding, (_BROKEN, observed, limit, allowed_from))


def measured(is_kept: bool, observed: Observation, limit: Observation, allowed_from: datetime | None = None) -> Finding:  # noqa: FBT001 - the result
    """The finding of a rule that measures something; a kept one has no `allowed_from`."""
    if is_kept:
        return _new_tuple(Finding, (_KEPT, observed, limit, None))
    return _new_tuple(Finding, (_BROKEN, observed, limit, allowed_from))


@frozen
class Verdict:
    """One rule's result on one request, the observed value, and the limit.

    `statement` is the rule's sentence with its figures; call it with a language. `allowed_from` is the first instant
    (UTC) at which this rule, in the version that decided, would grant the same request if only time passes and the
    applicant attends their appointments. None: time alone doesn't change the result.
    """

    rule_id: str
    result: Result
    statement: Bilingual
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None

    @property
    def granted(self) -> bool:
        """True unless the rule is broken."""
        return self.result is not _BROKEN

    @property
    def finding(self) -> Finding:
        """The result without the sentence."""
        return Finding(self.result, self.observed, self.limit, self.allowed_from)


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
        pairs = zip(self.rule_ids, self.results, strict=True)
        return tuple(rule_id for rule_id, finding in pairs if finding.result is _BROKEN)

    def of_broken(self) -> "Findings":
        """The findings of the broken rules alone."""
        broken = self.broken
        return Findings(broken, tuple(self[rule_id] for rule_id in broken)) if broken else NO_FINDINGS


NO_FINDINGS: Final = Findings()
"""The findings of a granted request."""
