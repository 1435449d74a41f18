"""The lifetime of a store or a desk: from its opening until it is closed, in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from typing import Protocol, TypeVar

from traffic_booking.domain.errors import StoreClosed, StoreError


class Closeable(Protocol):
    """Anything that is closed in the end, such as a connection."""

    def close(self) -> None:
        """Release it."""


C = TypeVar("C", bound=Closeable)


class Lifetime:
    """The lifetime of a store or desk; messages contain its `name`.

    A forked child process can't use the locks and connections of its parent: a lock may never be released there. So
    call `check` before taking any lock.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._process = getpid()
        self.is_over = False

    def check(self) -> None:
        """Return if the store may be used.

        Raises:
            StoreError: this process was forked from the one that opened it.
            StoreClosed: `end` was called.
        """
        if getpid() != self._process:
            raise StoreError(
                f"{self._name}: got process {getpid()}, forked from {self._process}, which opened it; expected every"
                " process to open its own"
            )
        if self.is_over:
            raise StoreClosed(f"{self._name}: got a store that is closed; expected one in use")

    def end(self) -> bool:
        """End it; True if the caller has to release something: not twice, and nothing that another process opened."""
        ends, self.is_over = not self.is_over, True
        return ends and getpid() == self._process


@contextmanager
def closed_on_failure(opened: C) -> Iterator[C]:
    """Close `opened` if an error leaves the context."""
    try:
        yield opened
    except BaseException:
        opened.close()
        raise
