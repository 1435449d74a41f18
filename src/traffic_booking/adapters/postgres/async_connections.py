"""The connections and round trips of an event loop: as `connections`, which says what is made again, awaited."""

import os
from asyncio import Semaphore, sleep, timeout
from collections import deque
from contextlib import suppress
from random import random
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncCursor
from psycopg.pq import TransactionStatus

from traffic_booking.adapters.postgres.connections import MOST_CONNECTIONS, TRIES, keeps_much
from traffic_booking.adapters.postgres.deadlines import AsyncBoundedConnection
from traffic_booking.adapters.postgres.driver_errors import UNDONE, ReplyLost, Translated
from traffic_booking.adapters.postgres.opening import Address, connect_async, prepare_database
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreError, StoreUnavailable

T = TypeVar("T")

_PAUSE_SECONDS: Final = 0.02


class AsyncConnections:
    """The connections of one store in one event loop; used by any of its tasks.

    Making one looks at the schema, and blocks while it does. A task that is cancelled in the middle of a round trip
    takes its connection along: whatever its state, nobody else gets it.
    """

    def __init__(self, address: Address, *, most: int, may_migrate: bool) -> None:
        if not 1 <= most <= MOST_CONNECTIONS:
            raise InvalidInput("connections", got=str(most), expected=f"1 to {MOST_CONNECTIONS}")
        self._address = address
        self._where = address.name
        self._process = os.getpid()
        self._closed = False
        self._translated = Translated(address.name)
        self._turns = Semaphore(most)
        self._idle: deque[AsyncCursor[Any]] = deque()
        prepare_database(address, may_migrate=may_migrate)

    async def read(self, question: Question[T]) -> T:
        """As `Connections.read`."""
        for _ in range(TRIES - 1):
            with suppress(ReplyLost):
                return await self.write(question)
        return await self.write(question)

    async def write(self, question: Question[T]) -> T:
        """As `Connections.write`. Where the task is cancelled, nobody knows what was written."""
        for tried in range(1, TRIES + 1):
            self._check_usable()
            with self._translated:
                try:
                    rows = await self._ask(question)
                except psycopg.Error as error:
                    if error.sqlstate not in UNDONE or tried == TRIES:
                        raise
                else:
                    return question.read(rows)
            await sleep(random() * _PAUSE_SECONDS * tried)  # noqa: S311 - so that two don't meet again
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Close all connections, those in use as they come back."""
        if self._closed:
            return
        self._closed = True
        if os.getpid() == self._process:  # what another process opened is not ours to end
            await self._close_idle()

    async def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        await self._wait_for_a_turn()
        try:
            cursor = await self._taken()
            try:
                rows = await (await cursor.execute(question.statement, question.parameters)).fetchall()
            except psycopg.Error:
                await self._give_back(cursor)  # the server has refused, if it is still there
                raise
            except BaseException:
                await cursor.connection.close()  # whatever its state, nobody else gets it
                raise
            await self._give_back(cursor)
            return rows
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
            raise StoreUnavailable(
                f"{self._where}: got no free connection in {self._address.wait_seconds:g} s; expected one"
            ) from None

    async def _taken(self) -> AsyncCursor[Any]:
        """As `Connections._taken`."""
        with suppress(IndexError):
            while True:
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
        if self._closed:
            await self._close_idle()

    async def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                await self._idle.pop().connection.close()

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._where}: got a store that is closed; expected one in use")
        if os.getpid() != self._process:
            raise StoreError(
                f"{self._where}: got a store that process {self._process} opened before it forked; expected every"
                " process to open its own"
            )
