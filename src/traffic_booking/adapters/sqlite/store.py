"""The store on SQLite: every method is one transaction."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traffic_booking.adapters.sqlite import reading
from traffic_booking.adapters.sqlite.committing import GuardError, write_in_turn, write_together
from traffic_booking.adapters.sqlite.connections import Connections
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict


class SqliteStore:
    """A `Store` in the file at `path`, which is created (readable by its owner alone) if there is none.

    Durable: what `commit` has returned survives a power cut. Threads share one store; every process opens its own,
    after it was forked. `busy_seconds` (0 to 600) bounds the wait for others that write. Raises `StoreUnreadable` for a
    file that is damaged, not ours, or written by a newer release, `StoreUnavailable` if it can't be opened. If the file
    is removed, renamed or replaced later, every method raises `StoreUnavailable`.
    """

    def __init__(self, path: str | Path, *, busy_seconds: float = 10.0, schema: Schema = SCHEMA) -> None:
        self._tables = Tables(schema)
        self._connections = Connections(path, busy_seconds, self._tables)

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        try:
            self._connections.write(lambda connection: write_together(connection, self._tables, changes))
        except GuardError:
            return self._connections.write(lambda connection: write_in_turn(connection, self._tables, changes))
        return [None] * len(changes)

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        return self._connections.read(lambda connection: reading.answers(connection, self._tables, queries))

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        return self._connections.read(lambda connection: reading.page(connection, after, limit))

    def close(self) -> None:
        self._connections.close()
