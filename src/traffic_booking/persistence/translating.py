"""Where errors of a driver become errors of the library."""

from abc import ABC, abstractmethod
from types import TracebackType


class Translating(ABC):
    """Within it, an error of a driver leaves as a `StoreError` that states what was expected of the store `where`."""

    def __init__(self, where: str) -> None:
        self.where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.translate(error)

    @abstractmethod
    def translate(self, error: BaseException) -> None:
        """Raise the `StoreError` for an error of the driver, and return for any other error."""
