"""From when something is opened until it is closed, in one process: whether it may be used."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from typing import Protocol, TypeVar

from traffic_booking.domain.errors import StoreClosed, StoreError


class Closeable(Protocol):
    """What is closed in the end, such as a connection."""

    def close(self) -> None:
        """Release it."""


C = TypeVar("C", bound=Closeable)


class Lifetime:
    """Of a store or desk, which messages call `name`.

    A child process that was forked from the one that opened it has no use of its locks and connections: a lock may be
    held for ever. So `check` comes before any lock.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._process = getpid()
        self.is_over = False

    def check(self) -> None:
        """Raise `StoreError` in a process that was forked, and `StoreClosed` after `end`."""
        if getpid() != self._process:
            raise StoreError(
                f"{self._name}: got process {getpid()}, forked from {self._process}, which opened it; expected every"
                " process to open its own"
            )
        if self.is_over:
            raise StoreClosed(f"{self._name}: got a store that is closed; expected one in use")

    def end(self) -> bool:
        """Close it; True if there is something to release: not twice, and nothing that another process opened."""
        ends, self.is_over = not self.is_over, True
        return ends and getpid() == self._process


@contextmanager
def closed_on_failure(opened: C) -> Iterator[C]:
    """Within it, an error closes `opened`; without one it stays open."""
    try:
        yield opened
    except BaseException:
        opened.close()
        raise
