"""A store and a replica in memory that follows it as far as a test lets it, and desks over both."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.calendars import PLAIN
from tests.counted import CountedNumbering
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import DeskParts
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.ports.primitives import Query, StoreChange, StoreConflict
from traffic_booking.ports.replicas import ReplicaRead, StoreMark
from traffic_booking.testing import MovableClock

HISTORY = "the store of the test"


class FollowedStore:
    """A store in memory that keeps its batches for replicas, and counts what is read."""

    def __init__(self) -> None:
        self.kept = MemoryStore()
        self.batches: list[Sequence[StoreChange]] = []
        self.reads = 0
        self.marks = 0
        self.failing = False
        self.closed = False

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        results = self.kept.commit(changes)
        self.batches.append(changes)
        return results

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        self._check()
        self.reads += 1
        return self.kept.read(queries)

    def feed(self, after: Any, *, limit: int) -> Any:
        return self.kept.feed(after, limit=limit)

    def mark(self) -> StoreMark:
        self._check()
        self.marks += 1
        return StoreMark(HISTORY, len(self.batches))

    def replica(self, url: str) -> "OldReplica":
        return OldReplica(self)

    def close(self) -> None:
        self.closed = True

    def _check(self) -> None:
        if self.failing:
            raise StoreUnavailable("the store of the test: got no answer; expected one")


class OldReplica:
    """A replica with the first `caught_up` batches of the store; it has nothing else, neither feed nor commit."""

    def __init__(self, store: FollowedStore) -> None:
        self._store = store
        self._kept = MemoryStore()
        self._applied = 0
        self.caught_up = 0
        self.reads = 0
        self.failing = False
        self.closed = False
        self.history: str | None = HISTORY

    def catch_up(self, batches: int | None = None) -> None:
        """Follow the store by so many batches more, or to its end."""
        last = len(self._store.batches)
        self.caught_up = last if batches is None else min(last, self.caught_up + batches)

    def read(self, queries: Sequence[Query]) -> ReplicaRead:
        self.reads += 1
        if self.failing:
            raise StoreUnavailable("the replica of the test: got no answer; expected one")
        while self._applied < self.caught_up:
            self._kept.commit(self._store.batches[self._applied])
            self._applied += 1
        reached = None if self.history is None else StoreMark(self.history, self.caught_up)
        return ReplicaRead(self._kept.read(queries), reached)

    def close(self) -> None:
        self.closed = True


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Pair:
    """A desk with a replica, at the small town, and another desk that writes to the same store."""

    def __init__(self, *, horizon_days: int = 60, capacity: int = 1) -> None:
        self.store, self.clock, self.ticks = FollowedStore(), MovableClock(START), Ticks()
        self.replica = OldReplica(self.store)
        self._parts: dict[str, Any] = {
            "store": self.store,
            "clock": self.clock,
            "catalogue": small_catalogue(capacity=capacity),
            "rulebook": small_rulebook(BK_04={"days": horizon_days}),
            "calendar": PLAIN,
            "retention": RETENTION,
            "tickets": {},
            "numbering": CountedNumbering(),
        }
        self.desk, self.other = self.opened(replica=self.replica), self.opened()
        replicated: Any = self.desk._office.replicated
        replicated.ticks = self.ticks
        self.desk.check_key()
        self.replica.catch_up()

    def opened(self, **others: Any) -> Desk:
        """A desk over the store."""
        return Desk(DeskParts(**self._parts | others))

    def wait(self, seconds: float) -> None:
        """Time passes on every clock."""
        self.ticks.now += seconds
        self.clock.advance(timedelta(seconds=seconds))
