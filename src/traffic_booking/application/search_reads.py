"""The reads of a search, and the instant as of which they are current."""

from datetime import datetime

from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.domain.configuration import Configuration
from traffic_booking.persistence.seat_book import AsyncSeatBook


class AsyncSearchReads:
    """The reads of a search from the store, as of `now`.

    Args:
        seats: the book of seats.
        live: the configuration that follows it.
        now: when the search began.
    """

    def __init__(self, seats: AsyncSeatBook, live: AsyncLiveConfiguration, now: datetime) -> None:
        self.seats = seats
        self.live = live
        self._now = now

    @property
    def as_of(self) -> datetime:
        """The instant as of which all that was read is current."""
        return self._now

    async def configuration(self) -> Configuration:
        """The configuration, with the calendar entries that are read."""
        return await self.live.now()
