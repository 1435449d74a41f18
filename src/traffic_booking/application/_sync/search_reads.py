"""The reads of a search, and the instant as of which they are current.

Made from `traffic_booking.application.search_reads` by `python -m tools.check_sync --write`: change that.
"""

from datetime import datetime

from traffic_booking.application._sync.live_configuration import LiveConfiguration
from traffic_booking.domain.configuration import Configuration
from traffic_booking.persistence._sync.seat_book import SeatBook


class SearchReads:
    """The reads of a search from the store, as of `now`.

    Args:
        seats: the book of seats.
        live: the configuration that follows it.
        now: when the search began.
    """

    def __init__(self, seats: SeatBook, live: LiveConfiguration, now: datetime) -> None:
        self.seats = seats
        self.live = live
        self._now = now

    @property
    def as_of(self) -> datetime:
        """The instant as of which all that was read is current."""
        return self._now

    def configuration(self) -> Configuration:
        """The configuration, with the calendar entries that are read."""
        return self.live.now()
