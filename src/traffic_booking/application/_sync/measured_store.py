"""A store, and its replica, whose calls are measured for the observer of a desk.

Made from `traffic_booking.application.measured_store` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from typing import Any

from traffic_booking.application.measuring import Measuring
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict
from traffic_booking.ports.replicas import Replica, ReplicaRead
from traffic_booking.ports.store import Store


class MeasuredStore:
    """Passes every call on, and reports its size, duration and error."""

    def __init__(self, store: Store, measuring: Measuring) -> None:
        self._store = store
        self._measuring = measuring

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """As the store's."""
        begun = self._measuring.begin()
        try:
            results = self._store.commit(changes)
        except BaseException as error:
            self._measuring.called("commit", len(changes), begun, error=error)
            raise
        conflicts = sum(result is not None for result in results)
        self._measuring.called("commit", len(changes), begun, conflicts=conflicts)
        return results

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        """As the store's."""
        begun = self._measuring.begin()
        try:
            answers = self._store.read(queries)
        except BaseException as error:
            self._measuring.called("read", len(queries), begun, error=error)
            raise
        self._measuring.called("read", len(queries), begun)
        return answers

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        """As the store's."""
        begun = self._measuring.begin()
        try:
            page = self._store.feed(after, limit=limit)
        except BaseException as error:
            self._measuring.called("feed", 0, begun, error=error)
            raise
        self._measuring.called("feed", len(page.entries), begun)
        return page

    @property
    def inspect(self) -> Any:
        """The store's own, which is not measured; None if it has none."""
        return getattr(self._store, "inspect", None)

    def close(self) -> None:
        """As the store's."""
        self._store.close()


class MeasuredReplica:
    """Passes every call on, and reports its size, duration and error."""

    def __init__(self, replica: Replica, measuring: Measuring) -> None:
        self._replica = replica
        self._measuring = measuring

    def read(self, queries: Sequence[Query]) -> ReplicaRead:
        """As the replica's."""
        begun = self._measuring.begin()
        try:
            found = self._replica.read(queries)
        except BaseException as error:
            self._measuring.called("read_replica", len(queries), begun, error=error)
            raise
        self._measuring.called("read_replica", len(queries), begun)
        return found

    def close(self) -> None:
        """As the replica's."""
        self._replica.close()
