"""The clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time. Called from several threads at once."""

    def now(self) -> datetime:
        """Return the present instant, an aware datetime in any time zone; it should not go backward."""
        ...
