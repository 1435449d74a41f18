"""The store on PostgreSQL: a read, a page of the feed and nearly every commit are one round trip."""

from collections.abc import Sequence
from typing import Any, Final

from traffic_booking.adapters.postgres.async_connections import AsyncConnections
from traffic_booking.adapters.postgres.committing import evaluated, is_recognisable, queries_about, writing
from traffic_booking.adapters.postgres.driver_errors import GuardError, ReplyLost
from traffic_booking.adapters.postgres.feeding import page
from traffic_booking.adapters.postgres.opening import Address, prepare_database
from traffic_booking.adapters.postgres.pool import TRIES
from traffic_booking.adapters.postgres.reading import reading
from traffic_booking.adapters.postgres.tables import Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreContended
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict

MOST_ROUNDS: Final = 64
"""How often a batch is evaluated anew; each time, somebody else has committed a change that it met."""


class AsyncPostgresStore:
    """A `Store` in the schema `traffic_booking` of a database, which is made there unless `migrate` is False.

    `conninfo` is what libpq takes: `postgresql://HOST/DATABASE?sslmode=verify-full` or `KEY=VALUE` pairs. Durable as
    the server is: what `commit` has written is on its disk. Threads share one store and its pool of at most
    `connections` (1 to 64); every process opens its own, after it was forked. `wait_seconds` (0.1 to 600) bounds each
    wait for a connection, a lock or an answer. Raises `StoreUnreadable` for a schema that is not ours, altered, or
    written by a newer release. Raises `StoreUnavailable` if the server can't be reached or the role may not do this.
    """

    def __init__(
        self,
        conninfo: str,
        *,
        connections: int = 8,
        wait_seconds: float = 10.0,
        migrate: bool = True,
        schema: Schema = SCHEMA,
    ) -> None:
        self._address = Address(conninfo, wait_seconds)
        self._connections = AsyncConnections(self._address, most=connections)
        self._tables = Tables(schema)
        prepare_database(self._address, schema, may_migrate=migrate)

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        results: list[StoreConflict | None] = [None] * len(changes)
        question, left, lost = writing(self._tables, changes), changes, 0
        for _ in range(MOST_ROUNDS):
            try:
                if question is not None:
                    await self._connections.write(question)
                    return results
            except GuardError:
                pass
            except ReplyLost:
                lost += 1
                if lost == TRIES or not is_recognisable(self._tables, left):
                    raise
            queries = queries_about(changes)
            found = await self._connections.read(reading(self._tables, queries))
            results, left = evaluated(self._tables, changes, queries, found, resent=lost > 0)
            if not left:
                return results
            question = writing(self._tables, left)
        raise StoreContended(
            f"{self._address.name}: got changes that met newer ones {MOST_ROUNDS} times; expected fewer writers at once"
        )

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        return await self._connections.read(reading(self._tables, queries))

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        return await self._connections.read(page(self._address.name, after, limit))

    async def close(self) -> None:
        await self._connections.close()
