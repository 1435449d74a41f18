"""Limits for the connections of threads and of event loops, and turns with a time-out."""

from asyncio import Semaphore, timeout
from queue import Empty, SimpleQueue
from typing import Any, Final

from psycopg import AsyncCursor, Cursor

from traffic_booking.adapters.postgres.driver_errors import Translated
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.persistence.lifetime import Lifetime

TRIES: Final = 4
MOST_CONNECTIONS: Final = 64
MOST_KEPT_BYTES: Final = 65_536
"""Of a result, while its connection is idle."""
PAUSE_SECONDS: Final = 0.02


class Pool:
    """The address of some connections, and their lifetime. Raises `InvalidInput` if `most` is not 1 to 64."""

    def __init__(self, address: Address, *, most: int) -> None:
        bounded_number(most, "connections", least=1, greatest=MOST_CONNECTIONS)
        self._address = address
        self._lifetime = Lifetime(address.name)
        self._translated = Translated(address.name, cluster=address.cluster)


class ConnectionTurns:
    """At most `most` threads have a turn at once. Built on a queue, which is cheaper than a semaphore's time-out."""

    def __init__(self, address: Address, most: int) -> None:
        self._address = address
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._free.put(None)

    def acquire(self) -> None:
        """Return once a turn is free. Raises `StoreUnavailable` after the address's `wait_seconds`."""
        try:
            self._free.get(timeout=self._address.wait_seconds)
        except Empty:
            raise none_free(self._address) from None

    def release(self) -> None:
        """Give the turn back."""
        self._free.put(None)


class AsyncConnectionTurns:
    """At most `most` tasks have a turn at once."""

    def __init__(self, address: Address, most: int) -> None:
        self._address = address
        self._free = Semaphore(most)

    async def acquire(self) -> None:
        """Return once a turn is free. Raises `StoreUnavailable` after the address's `wait_seconds`."""
        if not self._free.locked():  # as nearly always: no timer is needed
            await self._free.acquire()
            return
        try:
            async with timeout(self._address.wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise none_free(self._address) from None

    def release(self) -> None:
        """Give the turn back."""
        self._free.release()


def none_free(address: Address) -> StoreUnavailable:
    """The error of a caller that waited too long for a connection."""
    return StoreUnavailable(f"{address.name}: got no free connection in {address.wait_seconds:g} s; expected one")


def keeps_much(cursor: Cursor[Any] | AsyncCursor[Any]) -> bool:
    """True if an idle connection would keep a large result, perhaps with the data of persons."""
    result = cursor.pgresult
    if result is None or result.ntuples == 0:
        return False
    size = 0
    for field in range(result.nfields):
        size += len(result.get_value(0, field) or b"")
    return size > MOST_KEPT_BYTES
