"""The store in an SQLite file: every method is one transaction."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Self

from traffic_booking.adapters.sqlite import reading
from traffic_booking.adapters.sqlite.committing import GuardError, advance, write_in_turn, write_together
from traffic_booking.adapters.sqlite.connections import Connections
from traffic_booking.adapters.sqlite.inspecting import inspected
from traffic_booking.adapters.sqlite.opening import PACKAGE, path_of
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.inspection import Inspection
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict


class SqliteStore:
    """A `Store` in the file at `path`, which is created (readable by its owner alone) if there is none.

    Durable: a change that `commit` returned survives a power cut. Threads share one store; every process opens its own,
    after it was forked.

    Args:
        path: the file.
        busy_seconds: bounds the wait for other writers, 0 to 600.
        read_only: if True, the file has to exist and is never written; `commit` raises `StoreError`.
        schema: the collections and counters.

    Warns:
        UnsafeFile: if others than its owner may use the file.

    Raises:
        StoreUnreadable: If the file is damaged, of another application, or written by a newer release.
        StoreUnavailable: If the file can't be opened; from every method, if it is removed, renamed or replaced later.

    Example::

        desk = BookingDesk(DeskParts(store=SqliteStore("bookings.db")))
    """

    def __init__(
        self, path: str | Path, *, busy_seconds: float = 10.0, read_only: bool = False, schema: Schema = SCHEMA
    ) -> None:
        self._schema = schema
        self._tables = Tables(schema)
        self._connections = Connections(path, busy_seconds, self._tables, read_only=read_only)

    @classmethod
    def from_url(cls, url: str, *, read_only: bool = False) -> Self:
        """The store of `sqlite:///PATH`. Raises `InvalidInput` for a URL without a path, and as the class does."""
        return cls(path_of(url), read_only=read_only)

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

    def advance(self, beyond: FeedPosition) -> None:
        """Give every new log entry a position behind `beyond`."""
        self._connections.write(lambda connection: advance(connection, beyond))

    def overwrite_removed(self, texts: Collection[str] = ()) -> bool:
        """Overwrite the bytes of removed records in the file, and empty the write-ahead log.

        If unused bytes of a page still have one of `texts`, the whole file is written anew, and commits wait meanwhile:
        SQLite may have left a copy there when it rebuilt the page.
        False if another reader or writer was in the way: call it again; the texts are kept until then.
        """
        return self._connections.overwrite(texts)

    def inspect(self) -> Inspection:
        """Return what an audit compares beside the records (see `ports.inspection`)."""
        return self._connections.read(lambda connection: inspected(connection, self._schema, self._tables, PACKAGE))

    def close(self) -> None:
        self._connections.close()
