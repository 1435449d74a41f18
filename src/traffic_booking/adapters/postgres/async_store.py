"""The store on PostgreSQL: a read, a page of the feed and nearly every commit are one round trip."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

from traffic_booking.adapters.postgres.async_connections import AsyncConnections
from traffic_booking.adapters.postgres.async_replica import AsyncPostgresReplica, marking
from traffic_booking.adapters.postgres.committing import evaluated, is_recognisable, queries_about, writing
from traffic_booking.adapters.postgres.driver_errors import GuardError, ReplyLost
from traffic_booking.adapters.postgres.feeding import advancing, page
from traffic_booking.adapters.postgres.inspecting import inspecting
from traffic_booking.adapters.postgres.opening import PACKAGE, Address, prepare_database
from traffic_booking.adapters.postgres.pool import TRIES
from traffic_booking.adapters.postgres.reading import reading
from traffic_booking.adapters.postgres.tables import Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreContended, StoreError
from traffic_booking.domain.value_input import truth
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.async_replicas import StoreMark
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.inspection import Inspection
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict

MOST_EVALUATIONS: Final = 64
"""Of one batch. It is evaluated again if somebody else has committed a change to one of its keys meanwhile."""


class AsyncPostgresStore:
    """A `Store` in the schema `traffic_booking` of a PostgreSQL database.

    `commit` returns once its changes are on the server's disk. Threads share one store and its pool of connections;
    every process opens its own, after it was forked.

        >>> store = PostgresStore("postgresql://HOST/bookings?sslmode=verify-full")  # doctest: +SKIP

    Args:
        conninfo: a URL or `KEY=VALUE` pairs, as libpq takes them.
        connections: the most that are open at once, 1 to 64.
        wait_seconds: bounds each wait for a connection, a lock or a reply, 0.1 to 600.
        migrate: whether to bring the schema up to date; False raises `StoreUnavailable` if it is not.
        read_only: if True, the database is never written, and its schema has to be up to date; `commit` raises
            `StoreError`. The role needs to read alone.
        schema: the collections and counters.

    Raises:
        InvalidInput: an argument is out of its bounds, or libpq can't read `conninfo`.
        StoreUnreadable: the schema is not this library's, altered, or written by a newer release.
        StoreUnavailable: the server can't be reached, or the role may not do this.
    """

    _is_cluster: ClassVar[bool] = False

    def __init__(
        self,
        conninfo: str,
        *,
        connections: int = 8,
        wait_seconds: float = 10.0,
        migrate: bool = True,
        read_only: bool = False,
        schema: Schema = SCHEMA,
    ) -> None:
        self._address = Address(conninfo, wait_seconds, read_only=read_only, cluster=self._is_cluster)
        self._connections = AsyncConnections(self._address, most=connections)
        self._schema = schema
        self._tables = Tables(schema)
        prepare_database(self._address, schema, may_migrate=truth(migrate, "migrate"))

    @classmethod
    def from_url(cls, url: str, *, read_only: bool = False) -> Self:
        """The store of a `postgresql://` URL, which goes to libpq unchanged. Raises as the class does."""
        return cls(url, read_only=read_only)

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        if self._address.read_only:
            raise StoreError(
                f"{self._address.name}: got a change; expected none, as the store was opened for reading alone"
            )
        results: list[StoreConflict | None] = [None] * len(changes)
        statement, left, lost = writing(self._tables, changes), changes, 0
        for _ in range(MOST_EVALUATIONS):
            try:
                if statement is not None:
                    await self._connections.write(statement)
                    return results
            except GuardError:
                pass
            except ReplyLost:
                lost += 1
                if lost == TRIES or not is_recognisable(self._tables, left):
                    raise
            queries = queries_about(changes)
            found = await self.read(queries)
            results, left = evaluated(self._tables, changes, queries, found, resent=lost > 0)
            if not left and not lost:
                return results
            statement = writing(self._tables, left)
        raise StoreContended(
            f"{self._address.name}: got changes in conflict with newer ones {MOST_EVALUATIONS} times; expected fewer"
            " writers at once"
        )

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        return await self._connections.read(reading(self._tables, queries))

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        return await self._connections.read(page(self._address.name, after, limit))

    async def advance(self, beyond: FeedPosition) -> None:
        """Give every new log entry a position behind `beyond`: begin a generation."""
        await self._connections.write(advancing(beyond))

    async def inspect(self) -> Inspection:
        """Return what an audit compares beside the records (see `ports.inspection`)."""
        return await self._connections.read(inspecting(self._schema, self._tables, PACKAGE))

    async def mark(self) -> StoreMark:
        """Return a mark that no change committed before the call reaches, to compare replicas with."""
        return await self._connections.read(marking(self._address.name))

    def replica(self, url: str) -> AsyncPostgresReplica:
        """Return the standby server at `url`, without a connection to it yet."""
        return AsyncPostgresReplica(url, schema=self._schema)

    async def close(self) -> None:
        await self._connections.close()
