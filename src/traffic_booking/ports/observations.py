"""The measurements of a desk that its observer receives, without personal data."""

from typing import Literal

from traffic_booking.domain.values import frozen

DecisionKind = Literal["granted", "refused", "throttled", "failed"]
StoreVerb = Literal["commit", "read", "feed", "read_replica"]


@frozen(kw_only=True)
class DecisionObserved:
    """A request that has got its outcome, or an error.

    `broken` are the ids of the rules that refuse it. `repeated`: the outcome is the first answer to a request that was
    sent again. `conflicts` counts its attempts that came to nothing because another change came first. `error` is the
    name of the class of the exception, if there is one. `seconds` includes the time in line.
    """

    verb: str
    outcome: DecisionKind
    broken: tuple[str, ...] = ()
    repeated: bool = False
    conflicts: int = 0
    error: str | None = None
    seconds: float


@frozen(kw_only=True)
class BatchObserved:
    """Requests that were executed together; `retried` of them are left for the next batch."""

    size: int
    retried: int
    seconds: float


@frozen(kw_only=True)
class SearchObserved:
    """A search that succeeded: `find_slots` or `month_view`, and the number of slots or days that it returned."""

    verb: str
    found: int
    seconds: float


@frozen(kw_only=True)
class StoreObserved:
    """A call of the store, or of its replica (`read_replica`).

    `size` counts its changes or queries, or the entries that a feed returned, and `conflicts` the changes that were not
    written. `error` is the name of the class of the exception, if there is one, such as `StoreUnavailable`.
    """

    verb: StoreVerb
    size: int
    conflicts: int = 0
    error: str | None = None
    seconds: float


@frozen(kw_only=True)
class FeedObserved:
    """A page of the feed. `lag_seconds` is the age of its last entry if newer ones wait, else 0."""

    entries: int
    lag_seconds: float
    seconds: float


Observation = DecisionObserved | BatchObserved | SearchObserved | StoreObserved | FeedObserved
"""A measurement of a desk. A later release may add kinds: an observer ignores those that it does not handle."""
