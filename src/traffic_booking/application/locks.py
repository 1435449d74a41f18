"""The locks with which callers of one desk wait for one another; a simulation has locks of its own."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol


class TurnTaking(Protocol):
    """A lock as those of `threading` are: whoever has it may hand it to another, who releases it."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...

    def acquire(self) -> bool:
        """Return True, once it is free."""
        ...

    def release(self) -> None:
        """Free it. Raises `RuntimeError` where nobody has it."""
        ...


NewLock = Callable[[], TurnTaking]
"""Makes a lock that is free."""
