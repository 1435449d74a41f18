"""A few connections, and the round trips over them.

A round trip is repeated if that is safe:

- the server undid the transaction because of another one: nothing was written;
- the connection ended before the reply to a statement that only reads. A statement that writes raises `ReplyLost`
  instead, and the store sends it again only if it would recognise its own records (see `committing.evaluated`).
"""

from asyncio import sleep
from collections import deque
from contextlib import suppress
from random import random
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncCursor
from psycopg.pq import TransactionStatus

from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection
from traffic_booking.adapters.postgres.driver_errors import ReplyLost, Undone
from traffic_booking.adapters.postgres.opening import Address, async_connect
from traffic_booking.adapters.postgres.pool import PAUSE_SECONDS, TRIES, AsyncConnectionTurns, Pool, keeps_much
from traffic_booking.adapters.postgres.tables import Statement
from traffic_booking.domain.errors import StoreError

T = TypeVar("T")


class AsyncConnections(Pool):
    """The connections of one store in one process, for any of its threads, or for the tasks of one event loop.

    A connection is opened by the first caller that needs it, so that a server that is down is noticed at once. It stays
    open, and the one used last is used first. A task that is cancelled in a round trip closes its connection.
    """

    def __init__(self, address: Address, *, most: int) -> None:
        super().__init__(address, most=most)
        self._turns = AsyncConnectionTurns(address, most)
        self._idle: deque[AsyncCursor[Any]] = deque()

    async def read(self, statement: Statement[T]) -> T:
        """Return the result of a statement that only reads. A lost connection is replaced."""
        return await self.write(statement, again=(Undone, ReplyLost))

    async def write(self, statement: Statement[T], *, again: tuple[type[StoreError], ...] = (Undone,)) -> T:
        """Return the result of a statement that may write; its writes are durable then.

        Nothing was written if this raises. After `ReplyLost` or `NoReply`, or in a task that was cancelled, it is
        unknown whether the statement was executed.
        """
        for tried in range(1, TRIES + 1):
            self._lifetime.check()
            try:
                with self._translated:
                    return statement.read(await self._rows_of(statement))
            except again:
                if tried == TRIES:
                    raise
            await sleep(random() * PAUSE_SECONDS * tried)  # noqa: S311 - so that two callers don't collide again
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Close all connections. Those in use are closed when they are given back."""
        if self._lifetime.end():
            await self.close_idle()

    async def _rows_of(self, statement: Statement[Any]) -> list[tuple[Any, ...]]:
        await self._turns.acquire()
        try:
            cursor = await self._idle_cursor()
            try:
                return await (await cursor.execute(statement.sql, statement.parameters)).fetchall()
            finally:
                await self._give_back(cursor)
        finally:
            self._turns.release()

    async def _idle_cursor(self) -> AsyncCursor[Any]:
        """The one cursor of a connection, with the statements that it has prepared."""
        with suppress(IndexError):
            while True:
                cursor = self._idle.pop()
                assert isinstance(cursor.connection, AsyncBoundedConnection)
                if not cursor.connection.has_unread_input():
                    return cursor
                await cursor.connection.close()
        return (await async_connect(self._address)).cursor()

    async def _give_back(self, cursor: AsyncCursor[Any]) -> None:
        """Keep an idle connection. Close one that was interrupted."""
        if cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._idle.append(cursor.connection.cursor() if keeps_much(cursor) else cursor)
        else:
            await cursor.connection.close()
        if self._lifetime.is_over:
            await self.close_idle()

    async def close_idle(self) -> None:
        """Close those that nobody uses; the next caller opens another."""
        with suppress(IndexError):
            while True:
                with suppress(psycopg.Error):
                    await self._idle.pop().connection.close()
