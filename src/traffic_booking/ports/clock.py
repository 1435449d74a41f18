"""The clock."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Called from several threads at once."""

    def now(self) -> datetime:
        """The present instant: an aware datetime, in any zone, to the microsecond; it should not go backward."""
        ...
