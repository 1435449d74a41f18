"""Measures a desk for its observer; without one, nothing is measured and no time is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Final

from traffic_booking.ports.observer import Observer

if TYPE_CHECKING:
    from traffic_booking.application.pending_requests import PendingRequest
    from traffic_booking.domain.audit.feed_page import FeedPage
    from traffic_booking.domain.decisions.outcomes import Outcome, Throttled
    from traffic_booking.ports.observations import DecisionKind, Observation, StoreVerb

VERBS: Final = {
    "Held": "hold",
    "Booked": "book",
    "Moved": "move",
    "Cancelled": "cancel",
    "CheckedIn": "check_in",
    "WalkedIn": "walk_in",
    "Served": "serve",
    "NoShowRecorded": "no_show",
    "Excused": "excuse",
    "Declared": "declare",
}
"""The verb of each outcome that grants a request."""


class Measuring:
    """Makes observations. An exception of the observer harms nobody: the first is logged, and all are dropped."""

    def __init__(self, observer: Observer | None) -> None:
        self._observer = observer
        self._reported = False

    def begin(self) -> float:
        """The observer's time now; 0 without an observer."""
        if self._observer is None:
            return 0.0
        try:
            return float(self._observer.seconds())
        except Exception as error:  # noqa: BLE001 - an observer harms no request
            self._report(error)
            return 0.0

    def decided(self, granted: type, request: PendingRequest, outcome: Outcome | Throttled, begun: float) -> None:
        """A request has its outcome."""
        if self._observer is None:
            return
        kinds: dict[str, DecisionKind] = {"Refused": "refused", "Throttled": "throttled"}
        broken = tuple(verdict.rule_id for verdict in getattr(outcome, "verdicts", ()))
        self._decision(granted, request, kinds.get(type(outcome).__name__, "granted"), begun, broken=broken)

    def failed(self, granted: type, request: PendingRequest, begun: float, error: BaseException) -> None:
        """A request has got an error, or its caller has gone."""
        if self._observer is not None:
            self._decision(granted, request, "failed", begun, error=type(error).__name__)

    def _decision(
        self,
        granted: type,
        request: PendingRequest,
        outcome: DecisionKind,
        begun: float,
        *,
        broken: tuple[str, ...] = (),
        error: str | None = None,
    ) -> None:
        from traffic_booking.ports.observations import DecisionObserved

        self._observe(
            DecisionObserved(
                verb=VERBS.get(granted.__name__, granted.__name__),
                outcome=outcome,
                broken=broken,
                repeated=request.repeated,
                conflicts=request.attempts,
                error=error,
                seconds=self._since(begun),
            )
        )

    def executed(self, requests: Sequence[PendingRequest], begun: float) -> None:
        """A batch was executed."""
        if self._observer is not None:
            from traffic_booking.ports.observations import BatchObserved

            retried = sum(not request.done for request in requests)
            self._observe(BatchObserved(size=len(requests), retried=retried, seconds=self._since(begun)))

    def searched(self, verb: str, found: int, begun: float) -> None:
        """A search has found so much."""
        if self._observer is not None:
            from traffic_booking.ports.observations import SearchObserved

            self._observe(SearchObserved(verb=verb, found=found, seconds=self._since(begun)))

    def fed(self, page: FeedPage, limit: int, now: datetime, begun: float) -> None:
        """A page of the feed, of at most `limit` entries, was read at `now`."""
        if self._observer is None:
            return
        from traffic_booking.ports.observations import FeedObserved

        behind = len(page.entries) == limit and page.entries[-1].position < page.complete_until
        lag = max(0.0, (now - page.entries[-1].instant).total_seconds()) if behind else 0.0
        self._observe(FeedObserved(entries=len(page.entries), lag_seconds=lag, seconds=self._since(begun)))

    def called(
        self, verb: StoreVerb, size: int, begun: float, *, conflicts: int = 0, error: BaseException | None = None
    ) -> None:
        """A call of the store has ended."""
        from traffic_booking.ports.observations import StoreObserved

        name = None if error is None else type(error).__name__
        self._observe(StoreObserved(verb=verb, size=size, conflicts=conflicts, error=name, seconds=self._since(begun)))

    def _since(self, begun: float) -> float:
        seconds = self.begin() - begun
        return max(0.0, seconds) if isfinite(seconds) else 0.0

    def _observe(self, observation: Observation) -> None:
        assert self._observer is not None, "nothing is measured without an observer"
        try:
            self._observer.observe(observation)
        except Exception as error:  # noqa: BLE001 - an observer harms no request
            self._report(error)

    def _report(self, error: Exception) -> None:
        if not self._reported:
            self._reported = True
            from logging import getLogger  # takes time to import, and hosts whose observer is sound don't need it

            getLogger("traffic_booking").error(
                "the observer of a desk raised %s; further exceptions of it are dropped unseen", type(error).__name__
            )
