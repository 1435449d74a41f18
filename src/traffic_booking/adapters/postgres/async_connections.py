"""The pool and the round trips of an event loop: as `connections`, which says what is made again and why; awaited."""

import os
from asyncio import sleep
from contextlib import suppress
from random import random
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolClosed

from traffic_booking.adapters.postgres.connections import MOST_CONNECTIONS, TRIES, may_have_ended
from traffic_booking.adapters.postgres.driver_errors import UNDONE, ReplyLost, Translated
from traffic_booking.adapters.postgres.opening import Address, configure_async, prepare_database
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreError

T = TypeVar("T")

_PAUSE_SECONDS: Final = 0.02
_CLOSING_SECONDS: Final = 5.0


class AsyncConnections:
    """The connections of one store in one event loop; used by any of its tasks.

    Making one looks at the schema, and blocks while it does; the pool is opened when it is first used.
    """

    def __init__(self, address: Address, *, most: int, may_migrate: bool) -> None:
        if not 1 <= most <= MOST_CONNECTIONS:
            raise InvalidInput("connections", got=str(most), expected=f"1 to {MOST_CONNECTIONS}")
        self._address = address
        self._where = address.name
        self._process = os.getpid()
        self._open = False
        self._closed = False
        self._translated = Translated(address.name)
        prepare_database(address, may_migrate=may_migrate)
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            address.conninfo,
            kwargs={"autocommit": True, "prepare_threshold": 1},
            min_size=1,
            max_size=most,
            configure=self._configure,
            check=_check,
            timeout=address.wait_seconds,
            num_workers=1,
            open=False,
        )

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
        if self._open and os.getpid() == self._process:  # what another process opened is not ours to end
            await self._pool.close(_CLOSING_SECONDS)

    async def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        if not self._open:
            await self._pool.open()
            self._open = True
        try:
            connection = await self._pool.getconn()
        except PoolClosed:
            self._check_usable()
            raise
        try:
            cursor = await connection.execute(question.statement, question.parameters)
            return await cursor.fetchall()
        finally:
            await self._pool.putconn(connection)

    async def _configure(self, connection: AsyncConnection[Any]) -> None:
        await configure_async(connection, self._address)

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._where}: got a store that is closed; expected one in use")
        if os.getpid() != self._process:
            raise StoreError(
                f"{self._where}: got a store that process {self._process} opened before it forked; expected every"
                " process to open its own"
            )


async def _check(connection: AsyncConnection[Any]) -> None:
    """Raise an error of the driver where the connection has ended while it was idle; the pool then makes another."""
    if may_have_ended(connection):
        await AsyncConnectionPool.check_connection(connection)
