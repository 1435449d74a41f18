"""A few connections, and the round trips over them: which are made again, and when that is safe.

- The server undid the transaction because of another one: always, since nothing was written.
- The connection ended before the reply: a question that only reads. What writes leaves as `ReplyLost`, and the store
  asks again only where it would find its own answers under their request ids (see `PostgresStore.commit`).
"""

import os
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from random import random
from time import sleep
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncCursor, Cursor
from psycopg.pq import TransactionStatus

from traffic_booking.adapters.postgres.deadlines import BoundedConnection
from traffic_booking.adapters.postgres.driver_errors import UNDONE, ReplyLost, Translated
from traffic_booking.adapters.postgres.opening import Address, connect, prepare_database
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreError, StoreUnavailable

T = TypeVar("T")

TRIES: Final = 4
MOST_CONNECTIONS: Final = 64
MOST_KEPT_ROWS: Final = 256
"""As many as a round has questions, so that rounds keep their cursors."""

_PAUSE_SECONDS: Final = 0.02


class Connections:
    """The connections of one store in one process; used by any of its threads.

    They are made by those who need them, so that a server that is down is told at once, and one that is up again is
    used at once; they stay open, the one used last taken first. Waiting for one ends in `StoreUnavailable`.
    """

    def __init__(self, address: Address, *, most: int, may_migrate: bool) -> None:
        if not 1 <= most <= MOST_CONNECTIONS:
            raise InvalidInput("connections", got=str(most), expected=f"1 to {MOST_CONNECTIONS}")
        self._address = address
        self._where = address.name
        self._process = os.getpid()
        self._closed = False
        self._translated = Translated(address.name)
        self._turns: SimpleQueue[None] = SimpleQueue()  # a semaphore with a time-out, without its cost
        for _ in range(most):
            self._turns.put(None)
        self._idle: deque[Cursor[Any]] = deque()
        prepare_database(address, may_migrate=may_migrate)

    def read(self, question: Question[T]) -> T:
        """The answer to a question that writes nothing; a lost connection is made good."""
        for _ in range(TRIES - 1):
            with suppress(ReplyLost):
                return self.write(question)
        return self.write(question)

    def write(self, question: Question[T]) -> T:
        """The answer to a question that may write; what it wrote is durable when this returns.

        Nothing was written when this raises, but for `ReplyLost` and `NoReply`, where nobody knows.
        """
        for tried in range(1, TRIES + 1):
            self._check_usable()
            with self._translated:
                try:
                    rows = self._ask(question)
                except psycopg.Error as error:
                    if error.sqlstate not in UNDONE or tried == TRIES:
                        raise
                else:
                    return question.read(rows)
            sleep(random() * _PAUSE_SECONDS * tried)  # noqa: S311 - so that two don't meet again
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close all connections, those in use as they come back."""
        if self._closed:
            return
        self._closed = True
        if os.getpid() == self._process:  # what another process opened is not ours to end
            self._close_idle()

    def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        try:
            self._turns.get(timeout=self._address.wait_seconds)
        except Empty:
            raise StoreUnavailable(
                f"{self._where}: got no free connection in {self._address.wait_seconds:g} s; expected one"
            ) from None
        try:
            cursor = self._taken()
            try:
                rows = cursor.execute(question.statement, question.parameters).fetchall()
            except psycopg.Error:
                self._give_back(cursor)  # the server has refused, if it is still there
                raise
            except BaseException:
                cursor.connection.close()  # whatever its state, nobody else gets it
                raise
            self._give_back(cursor)
            return rows
        finally:
            self._turns.put(None)

    def _taken(self) -> Cursor[Any]:
        """The one cursor of a connection, which has learnt how to send what was sent before."""
        with suppress(IndexError):
            while True:
                cursor = self._idle.pop()
                assert isinstance(cursor.connection, BoundedConnection)
                if not cursor.connection.has_something_to_say():
                    return cursor
                cursor.connection.close()
        return connect(self._address).cursor()

    def _give_back(self, cursor: Cursor[Any]) -> None:
        if cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._idle.append(cursor.connection.cursor() if keeps_much(cursor) else cursor)
        else:
            cursor.connection.close()
        if self._closed:
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().connection.close()

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._where}: got a store that is closed; expected one in use")
        if os.getpid() != self._process:
            raise StoreError(
                f"{self._where}: got a store that process {self._process} opened before it forked; expected every"
                " process to open its own"
            )


def keeps_much(cursor: Cursor[Any] | AsyncCursor[Any]) -> bool:
    """Whether a cursor would keep a large result, people's rows perhaps, for as long as its connection is idle."""
    return cursor.pgresult is not None and cursor.pgresult.ntuples > MOST_KEPT_ROWS
