"""A pool of a few connections, and the round trips over them: which are made again, and when that is safe.

- The server undid the transaction because of another one: always, since nothing was written.
- The connection ended before the reply: a question that only reads. What writes leaves as `ReplyLost`, and the store
  asks again only where it would find its own answers under their request ids (see `PostgresStore.commit`).
"""

import os
import select
from collections.abc import Callable
from contextlib import suppress
from random import random
from time import sleep
from typing import Any, Final, TypeVar

import psycopg
from psycopg import BaseConnection, Connection
from psycopg_pool import ConnectionPool, PoolClosed

from traffic_booking.adapters.postgres.driver_errors import UNDONE, ReplyLost, Translated
from traffic_booking.adapters.postgres.opening import Address, configure, prepare_database
from traffic_booking.adapters.postgres.questions import Question
from traffic_booking.domain.errors import InvalidInput, StoreClosed, StoreError

T = TypeVar("T")

TRIES: Final = 4
MOST_CONNECTIONS: Final = 64

_PAUSE_SECONDS: Final = 0.02
_CLOSING_SECONDS: Final = 5.0


class Connections:
    """The connections of one store in one process; used by any of its threads."""

    def __init__(self, address: Address, *, most: int, may_migrate: bool) -> None:
        if not 1 <= most <= MOST_CONNECTIONS:
            raise InvalidInput("connections", got=str(most), expected=f"1 to {MOST_CONNECTIONS}")
        self._where = address.name
        self._wait_seconds = address.wait_seconds
        self._process = os.getpid()
        self._closed = False
        self._translated = Translated(address.name)
        prepare_database(address, may_migrate=may_migrate)
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            address.conninfo,
            kwargs={"autocommit": True, "prepare_threshold": 1},
            min_size=1,
            max_size=most,
            configure=lambda connection: configure(connection, address),
            check=_check,
            timeout=address.wait_seconds,
            num_workers=1,
            open=True,
        )

    def read(self, question: Question[T]) -> T:
        """The answer to a question that writes nothing; a lost connection is made good."""
        for _ in range(TRIES - 1):
            with suppress(ReplyLost):
                return self.write(question)
        return self.write(question)

    def write(self, question: Question[T]) -> T:
        """The answer to a question that may write; what it wrote is durable when this returns.

        Nothing was written when this raises, but for `ReplyLost`, where nobody knows.
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
            self._pool.close(_CLOSING_SECONDS)

    def _ask(self, question: Question[Any]) -> list[tuple[Any, ...]]:
        try:
            connection = self._pool.getconn()
        except PoolClosed:
            self._check_usable()
            raise
        try:
            return connection.execute(question.statement, question.parameters).fetchall()
        finally:
            self._pool.putconn(connection)

    def _check_usable(self) -> None:
        if self._closed:
            raise StoreClosed(f"{self._where}: got a store that is closed; expected one in use")
        if os.getpid() != self._process:
            raise StoreError(
                f"{self._where}: got a store that process {self._process} opened before it forked; expected every"
                " process to open its own"
            )


def _has_something_to_say(connection: BaseConnection[Any]) -> bool:
    """Whether the server has written to an idle connection, as it does when it ends it; costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _check(connection: Connection[Any]) -> None:
    """Raise an error of the driver where the connection has ended while it was idle; the pool then makes another."""
    if may_have_ended(connection):
        ConnectionPool.check_connection(connection)


may_have_ended: Final[Callable[[BaseConnection[Any]], bool]] = (
    _has_something_to_say if hasattr(select, "poll") else lambda _: True
)
