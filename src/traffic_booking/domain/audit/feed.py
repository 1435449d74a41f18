"""The feed of a desk: all entries of the store's log, in its order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.values import frozen

if TYPE_CHECKING:  # stores import this module for the position alone
    from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed, UpkeepDone
    from traffic_booking.domain.decisions.outcomes import RequestRefused
    from traffic_booking.domain.people.applicants import PersonRegistered


class FeedPosition(NamedTuple):
    """A place in a feed. Positions can be compared; a reader stores the last one that it has processed.

    There are gaps between the places. `generation` rises if a store can't continue the older places, for example after
    a restore.
    """

    generation: int
    place: int


BEGINNING: Final = FeedPosition(0, 0)
"""Before the first entry of any store."""


@frozen(kw_only=True)
class FeedEntry:
    """An entry of the feed: its position, and its content in `what`."""

    position: FeedPosition
    what: AppointmentEvent | RequestRefused | CalendarEntry | PersonRegistered | PersonRevealed | UpkeepDone

    @property
    def instant(self) -> datetime:
        """The instant of the entry (UTC)."""
        return self.what.at

    @property
    def number(self) -> AppointmentNumber | None:
        """The number of the entry's appointment, if it has one."""
        return getattr(self.what, "number", None) if not isinstance(self.what, CalendarEntry) else None


@frozen(kw_only=True)
class FeedPage:
    """Entries in the order of the feed.

    No entry up to `complete_until` (inclusive) is missing, and none will be added there.
    """

    entries: tuple[FeedEntry, ...]
    complete_until: FeedPosition
