"""A clock for tests and demonstrations."""

from datetime import datetime, timedelta

from traffic_booking.domain.instants import instant


class MovableClock:
    """A `Clock` that shows one instant until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = instant(start)

    def now(self) -> datetime:
        """The instant that the clock shows (UTC)."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Show another instant, earlier or later."""
        self._now = instant(moment)

    def advance(self, by: timedelta) -> None:
        """Go on by some time."""
        self._now += by
