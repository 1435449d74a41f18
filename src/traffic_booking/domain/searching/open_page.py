"""The page that a search fills, one candidate after another: the rules grant it a place on the page, or refuse it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from attrs import define, field

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import evaluate_slot
from traffic_booking.domain.rules.evaluation import Evaluation
from traffic_booking.domain.rules.rulebook import Rulebook
from traffic_booking.domain.rules.verdict import Verdict
from traffic_booking.domain.schedule.slots import AvailableSlot, Slot
from traffic_booking.domain.searching.personal import PersonalSearch, refused_for_all
from traffic_booking.domain.searching.question import Candidate, OrderKey, Question

MOST_REFUSED: Final = 2_000
"""How many slots the personal rules may refuse on the way to one page: the search then pauses."""


@define(eq=False)
class OpenPage:
    """The candidates that the rules grant, in the order of the search, until there is one more than `limit`.

    `shown` has the ranks of the branches that need no further slot, if the question is about the first slot of each.
    Candidates up to the key `behind` were on earlier pages.
    """

    configuration: Configuration
    question: Question
    now: datetime
    limit: int
    personal: PersonalSearch | None = None
    behind: OrderKey | None = None
    shown: set[int] = field(factory=set)
    found: list[Candidate] = field(init=False, factory=list)
    _last: Candidate | None = field(init=False, default=None)
    refused: dict[str, Verdict] = field(init=False, factory=dict)
    _refusals: int = field(init=False, default=0)
    _services: set[tuple[str, str | None]] = field(init=False)
    _without: set[tuple[str, str | None]] = field(init=False, factory=set)
    """Services that the personal rules refuse altogether, or at a branch if figures differ between branches."""
    _rulebook: Rulebook = field(init=False)
    _alone: dict[datetime, bool] = field(init=False, factory=dict)
    """The results for starts, if the rulebook restricts no service and no branch: then they depend on nothing else."""

    def __attrs_post_init__(self) -> None:
        self._services = {(service.id, None) for service in self.question.services}
        self._rulebook = self.configuration.rulebook(self.now)

    @property
    def pause(self) -> Candidate | None:
        """The last candidate of the page if the search goes on behind it; None if there is no more."""
        if len(self.found) > self.limit:
            return self.found[self.limit - 1]
        return self._last if self._refusals >= MOST_REFUSED else None

    @property
    def done(self) -> bool:
        """True if no further candidate is of use."""
        full = len(self.found) > self.limit or len(self.shown) == len(self.question.branches)
        return full or self._refusals >= MOST_REFUSED or self._services <= self._without

    def of_use(self, stream: Iterator[Candidate]) -> Iterator[Candidate]:
        """The candidates of one branch, as long as it needs a further slot."""
        return takewhile(lambda each: each.at.rank not in self.shown, stream)

    def take(self, candidate: Candidate) -> None:
        """Add a candidate to the page if the rules grant it; candidates come in the order of their keys."""
        if self.behind is not None and candidate.key <= self.behind:
            return
        if candidate.at.rank in self.shown:
            return
        self._last = candidate
        if self._grants(candidate):
            self.found.append(candidate)
            if self.question.each_branch and len(self.found) <= self.limit:
                self.shown.add(candidate.at.rank)

    def available(self, as_of: datetime) -> Sequence[AvailableSlot]:
        """The slots of the page, free at `as_of`."""
        return [
            AvailableSlot(
                slot=each.slot,
                free=each.free,
                as_of=as_of,
                distance_km=each.at.distance_km,
                following=each.following,
            )
            for each in self.found[: self.limit]
        ]

    def _grants(self, candidate: Candidate) -> bool:
        alone = candidate.following
        if self.personal is None:
            alone = (candidate.slot, *alone)
        elif not self._grants_person(candidate, self.personal):
            return False
        return all(self._grants_alone(each) for each in alone)

    def _grants_alone(self, slot: Slot) -> bool:
        rulebook, starts_at = self._rulebook, slot.key.starts_at
        if rulebook.tightenings or rulebook.suspensions:
            return evaluate_slot(rulebook, slot.key, self.now).granted
        granted = self._alone.get(starts_at)
        if granted is None:
            granted = self._alone[starts_at] = evaluate_slot(rulebook, slot.key, self.now).granted
        return granted

    def _grants_person(self, candidate: Candidate, personal: PersonalSearch) -> bool:
        branch, service = candidate.at.branch.id, candidate.slot.key.service
        if not self._without.isdisjoint({(service, None), (service, branch)}):
            return False
        evaluation = personal.evaluate(candidate.slot, candidate.free)
        if evaluation is None or evaluation.granted:
            return evaluation is not None
        self._refuse(evaluation, service, branch)
        return False

    def _refuse(self, evaluation: Evaluation, service: str, branch: str) -> None:
        self._refusals += 1
        verdicts = refused_for_all(evaluation)
        if not verdicts:
            return
        at_branches = any(each.branch is not None for each in self._rulebook.tightenings)
        self._without.add((service, branch if at_branches else None))
        for verdict in verdicts:
            self.refused.setdefault(verdict.rule_id, verdict)
