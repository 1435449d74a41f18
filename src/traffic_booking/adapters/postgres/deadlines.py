"""Connections that give up on a server that is there and says nothing: it hangs, or a proxy passes nothing on.

The server's own time-outs end what takes long within it, and TCP notices a machine that has gone. What neither of them
sees ends here, as `NoReply`; the connection is closed then, and nothing more is waited for.
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
from psycopg.waiting import wait, wait_async

from traffic_booking.adapters.postgres.driver_errors import NoReply

T = TypeVar("T")

_LOOK_SECONDS: Final = 0.1
"""How often one who waits looks at the time: after each such interval in which nothing came, as the driver has it."""
_PARTING_SECONDS: Final = 1.0
"""How long a task that is cancelled tries to tell the server."""


class _Bounded(BaseConnection[Any]):
    """What both kinds of connection share: until when they wait, and what they say then."""

    where: str = ""
    reply_seconds: float = inf
    """From when something was asked; nothing is given up while a reply is coming in."""

    def has_something_to_say(self) -> bool:
        """Whether the server has written to the idle connection, as it does when it ends it; costs no round trip."""
        return bool(self._look(0))

    @cached_property
    def _look(self) -> Callable[[int], Sequence[object]]:
        """Waits as many seconds as it is told, not at all if 0, until there is something to read."""
        if not hasattr(select, "poll"):
            return lambda seconds: select.select((self.pgconn.socket,), (), (), seconds)[0]
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return poll.poll

    def _within(self, exchange: PQGen[T]) -> Generator[Any, Any, T]:
        """`exchange`, a turn of the driver's with the server, given up where a look finds nothing and time is over."""
        ends = monotonic() + self.reply_seconds
        try:
            wanted = next(exchange)
            while True:
                ready = yield wanted
                if not ready and monotonic() > ends:
                    self.pgconn.finish()
                    raise NoReply(
                        f"{self.where}: got no reply in {self.reply_seconds:g} s; expected one (what was asked may have"
                        " been done: the same request with its id gets the answer)"
                    )
                wanted = exchange.send(ready)
        except StopIteration as end:
            reply: T = end.value
            return reply


class BoundedConnection(_Bounded, Connection[Any]):
    """A connection of a thread.

    Where its thread is interrupted it is of no more use: it has asked the server to stop, for a second at most, and not
    waited for what came of it. A libpq before 17 stops the whole process while it asks: the server's time-outs end it.
    """

    def wait(self, gen: PQGen[T], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> T:
        bounds = {} if timeout is None else {"timeout": timeout}  # which releases of the driver before 3.3 do not take
        try:
            return wait(self._within(gen), self.pgconn.socket, interval=interval, **bounds)
        except KeyboardInterrupt:
            if capabilities.has_cancel_safe():
                with suppress(psycopg.Error):
                    self.cancel_safe(timeout=_PARTING_SECONDS)
            raise


class AsyncBoundedConnection(_Bounded, AsyncConnection[Any]):
    """A connection of an event loop; where its task is cancelled, as above."""

    async def wait(self, gen: PQGen[T], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> T:  # noqa: ASYNC109 - as the driver has it
        bounds = {} if timeout is None else {"timeout": timeout}
        try:
            return await wait_async(self._within(gen), self.pgconn.socket, interval=interval, **bounds)
        except asyncio.CancelledError:
            if capabilities.has_cancel_safe():
                with suppress(psycopg.Error, TimeoutError):
                    async with asyncio.timeout(_PARTING_SECONDS):
                        await self.cancel_safe()
            raise
