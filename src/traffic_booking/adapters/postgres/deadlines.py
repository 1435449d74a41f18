"""Connections that end a wait for a server that is there and sends nothing: it hangs, or a proxy passes nothing on.

The server's own time-outs end long work within it, and TCP notices a machine that has gone. All other waits end here,
as `NoReply`, and the connection is closed.
"""

import asyncio
import select
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import cached_property
from math import inf
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg import AsyncConnection, BaseConnection, Connection, capabilities
from psycopg.abc import PQGen
from psycopg.errors import Diagnostic
from psycopg.waiting import wait, wait_async

from traffic_booking.adapters.postgres.driver_errors import NoReply, ReplyLost

T = TypeVar("T")

_INTERVAL_SECONDS: Final = 0.1
"""How often a wait looks at the time: after each such interval without input, as the driver has it."""
_CANCEL_SECONDS: Final = 1.0
"""How long a task that is cancelled tries to have the server stop."""


class _Bounded(BaseConnection[Any]):
    """The end of waits, for both kinds of connection."""

    where: str = ""
    reply_seconds: float = inf
    """From the sending of a statement; a wait does not end while a reply is coming in."""
    _is_unconfirmed: bool = False

    def watch_standbys(self) -> None:
        """From now on, raise `ReplyLost` from a statement if its wait for a standby was broken off.

        The server reports success then, and a warning. Only its place in the server's source is its own.
        """
        self.add_notice_handler(self._noted)

    def _noted(self, notice: Diagnostic) -> None:
        if notice.source_function == "SyncRepWaitForLSN":
            self._is_unconfirmed = True

    def has_unread_input(self) -> bool:
        """True if the server has written to the idle connection, as it does when it ends it; costs no round trip."""
        return bool(self._ready())

    @cached_property
    def _ready(self) -> Callable[[], Sequence[object]]:
        """Returns something if there is input to read."""
        if not hasattr(select, "poll"):
            return lambda: select.select((self.pgconn.socket,), (), (), 0)[0]
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return lambda: poll.poll(0)

    def _within(self, exchange: PQGen[T]) -> Generator[Any, Any, T]:
        """Continue `exchange`, a turn of the driver with the server, until the time is over and there is no input."""
        ends = monotonic() + self.reply_seconds
        try:
            wanted = next(exchange)
            while True:
                ready = yield wanted
                if not ready and monotonic() > ends:
                    self.pgconn.finish()
                    raise NoReply(
                        f"{self.where}: got no reply in {self.reply_seconds:g} s; expected one (the request may have"
                        " been done: send it again with its id)"
                    )
                wanted = exchange.send(ready)
        except StopIteration as end:
            if self._is_unconfirmed:
                self._is_unconfirmed = False
                raise ReplyLost(
                    f"{self.where}: got a commit that no standby has confirmed, as its wait was broken off; expected a"
                    " standby that answers"
                ) from None
            reply: T = end.value
            return reply


class BoundedConnection(_Bounded, Connection[Any]):
    """A connection of a thread.

    It can't be used again after an interrupt of the thread: it requests a stop from the server, for a second at most,
    and does not wait for the result. With a libpq before 17, which would block the process, the server's time-outs end
    the statement.
    """

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> T:
        bounds = {} if timeout is None else {"timeout": timeout}  # which releases of the driver before 3.3 do not take
        try:
            return wait(self._within(gen), self.pgconn.socket, interval=interval, **bounds)
        except KeyboardInterrupt:
            if capabilities.has_cancel_safe():
                with suppress(psycopg.Error):
                    self.cancel_safe(timeout=_CANCEL_SECONDS)
            raise


class AsyncBoundedConnection(_Bounded, AsyncConnection[Any]):
    """A connection of an event loop; after a cancellation of the task, as above."""

    async def wait(self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as the driver has it
        bounds = {} if timeout is None else {"timeout": timeout}
        try:
            return await wait_async(self._within(gen), self.pgconn.socket, interval=interval, **bounds)
        except asyncio.CancelledError:
            if capabilities.has_cancel_safe():
                with suppress(psycopg.Error, TimeoutError):
                    async with asyncio.timeout(_CANCEL_SECONDS):
                        await self.cancel_safe()
            raise
