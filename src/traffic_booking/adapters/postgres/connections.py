"""A few connections, and the round trips over them: which are made again, and when that is safe.

- The server undid the transaction because of another one: always, since nothing was written.
- The connection ended before the reply: a question that only reads. What writes leaves as `ReplyLost`, and the store
  sends it again only if it would recognise what was written (see `committing.evaluated`).
"""

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
from traffic_booking.adapters.postgres.driver_errors import ReplyLost, Translated, Undone
from traffic_booking.adapters.postgres.opening import Address, connect
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import StoreError, StoreUnavailable
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.persistence.lifetime import Lifetime

T = TypeVar("T")

TRIES: Final = 4
MOST_CONNECTIONS: Final = 64
MOST_KEPT_BYTES: Final = 65_536
"""Of a result, while its connection is idle."""
PAUSE_SECONDS: Final = 0.02


class Pool:
    """What the connections of threads and those of an event loop share: where they lead, and who may use them."""

    def __init__(self, address: Address, *, most: int) -> None:
        bounded_number(most, "connections", least=1, greatest=MOST_CONNECTIONS)
        self._address = address
        self._lifetime = Lifetime(address.name)
        self._translated = Translated(address.name)
        self._none_free = f"{address.name}: got no free connection in {address.wait_seconds:g} s; expected one"


class Connections(Pool):
    """The connections of one store in one process; used by any of its threads.

    They are made by those who need them, so that a server that is down is noticed at once, and one that is up again is
    used at once; they stay open, the one used last taken first. Waiting for one ends in `StoreUnavailable`.
    """

    def __init__(self, address: Address, *, most: int) -> None:
        super().__init__(address, most=most)
        self._turns: SimpleQueue[None] = SimpleQueue()  # a semaphore with a time-out, without its cost
        for _ in range(most):
            self._turns.put(None)
        self._idle: deque[Cursor[Any]] = deque()

    def read(self, question: Question[T]) -> T:
        """The answer to a question that writes nothing; a lost connection is made good."""
        return self.write(question, again=(Undone, ReplyLost))

    def write(self, question: Question[T], *, again: tuple[type[StoreError], ...] = (Undone,)) -> T:
        """The answer to a question that may write; what it wrote is durable when this returns.

        Nothing was written when this raises, but for `ReplyLost` and `NoReply`, where nobody knows.
        """
        for tried in range(1, TRIES + 1):
            self._lifetime.check()
            try:
                with self._translated:
                    return question.read(self._ask(question))
            except again:
                if tried == TRIES:
                    raise
            sleep(random() * PAUSE_SECONDS * tried)  # noqa: S311 - so that two don't meet again
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Close all connections, those in use as they come back."""
        if self._lifetime.end():
            self._close_idle()

    def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        try:
            self._turns.get(timeout=self._address.wait_seconds)
        except Empty:
            raise StoreUnavailable(self._none_free) from None
        try:
            cursor = self._acquired()
            try:
                return cursor.execute(question.statement, question.parameters).fetchall()
            finally:
                self._give_back(cursor)
        finally:
            self._turns.put(None)

    def _acquired(self) -> Cursor[Any]:
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
        """Keep a connection on which nothing is under way; one that was interrupted is closed."""
        if cursor.connection.pgconn.transaction_status == TransactionStatus.IDLE:
            self._idle.append(cursor.connection.cursor() if keeps_much(cursor) else cursor)
        else:
            cursor.connection.close()
        if self._lifetime.is_over:
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                with suppress(psycopg.Error):
                    self._idle.pop().connection.close()


def keeps_much(cursor: Cursor[Any] | AsyncCursor[Any]) -> bool:
    """Whether a cursor would keep a large result, people's rows perhaps, for as long as its connection is idle."""
    result = cursor.pgresult
    if result is None or result.ntuples == 0:
        return False
    size = 0
    for field in range(result.nfields):
        size += len(result.get_value(0, field) or b"")
    return size > MOST_KEPT_BYTES
