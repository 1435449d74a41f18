"""The connections and round trips of an event loop: as `connections`, which says what is made again, awaited."""

from asyncio import Semaphore, sleep, timeout
from collections import deque
from contextlib import suppress
from random import random
from typing import Any, TypeVar

import psycopg
from psycopg import AsyncCursor
from psycopg.pq import TransactionStatus

from traffic_booking.adapters.postgres.connections import PAUSE_SECONDS, TRIES, Pool, keeps_much
from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection
from traffic_booking.adapters.postgres.driver_errors import ReplyLost, Undone
from traffic_booking.adapters.postgres.opening import Address, connect_async
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import StoreError, StoreUnavailable

T = TypeVar("T")


class AsyncConnections(Pool):
    """The connections of one store in one event loop; used by any of its tasks.

    A task that is cancelled in a round trip takes its connection along.
    """

    def __init__(self, address: Address, *, most: int) -> None:
        super().__init__(address, most=most)
        self._turns = Semaphore(most)
        self._idle: deque[AsyncCursor[Any]] = deque()

    async def read(self, question: Question[T]) -> T:
        """As `Connections.read`."""
        return await self.write(question, again=(Undone, ReplyLost))

    async def write(self, question: Question[T], *, again: tuple[type[StoreError], ...] = (Undone,)) -> T:
        """As `Connections.write`. Where the task is cancelled, nobody knows what was written."""
        for tried in range(1, TRIES + 1):
            self._lifetime.check()
            try:
                with self._translated:
                    return question.read(await self._ask(question))
            except again:
                if tried == TRIES:
                    raise
            await sleep(random() * PAUSE_SECONDS * tried)  # noqa: S311 - so that two don't meet again
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Close all connections, those in use as they come back."""
        if self._lifetime.end():
            await self._close_idle()

    async def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        await self._wait_for_a_turn()
        try:
            cursor = await self._acquired()
            try:
                return await (await cursor.execute(question.statement, question.parameters)).fetchall()
            finally:
                await self._give_back(cursor)
        finally:
            self._turns.release()

    async def _wait_for_a_turn(self) -> None:
        if not self._turns.locked():  # as nearly always; then there is nothing to put a bound to
            await self._turns.acquire()
            return
        try:
            async with timeout(self._address.wait_seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable(self._none_free) from None

    async def _acquired(self) -> AsyncCursor[Any]:
        """As `Connections._taken`."""
        while self._idle:
            cursor = self._idle.pop()
            assert isinstance(cursor.connection, AsyncBoundedConnection)
            if not cursor.connection.has_something_to_say():
                return cursor
            await cursor.connection.close()
        return (await connect_async(self._address)).cursor()

    async def _give_back(self, cursor: AsyncCursor[Any]) -> None:
        if cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._idle.append(cursor.connection.cursor() if keeps_much(cursor) else cursor)
        else:
            await cursor.connection.close()
        if self._lifetime.is_over:
            await self._close_idle()

    async def _close_idle(self) -> None:
        while self._idle:
            with suppress(psycopg.Error):
                await self._idle.pop().connection.close()
