"""How callers of one desk wait for one another: locks of threads, and the points where a task lets others run."""

from asyncio import sleep
from collections.abc import Callable
from types import TracebackType
from typing import Protocol


class TurnTaking(Protocol):
    """A lock like `threading.Lock`: one thread may acquire it and another release it. A simulation has its own."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

    def acquire(self) -> bool:
        """Return True, once it is free."""
        ...

    def release(self) -> None:
        """Free it. Raises `RuntimeError` if it is free."""
        ...


NewLock = Callable[[], TurnTaking]
"""Makes a lock that is free."""


async def async_checkpoint() -> None:
    """Let the other tasks of the event loop run."""
    await sleep(0)


def checkpoint() -> None:
    """Threads are switched without it."""
