"""The feed of a desk: everything that happened, in the order of the store's log."""

from datetime import datetime
from typing import Final, NamedTuple

from attrs import frozen

from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed, UpkeepDone
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.decisions.outcomes import RequestRefused
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.schedule.entries import CalendarEntry


class FeedPosition(NamedTuple):
    """A place in a feed. Positions can be compared; a reader stores the last one that it has dealt with.

    There are gaps between the places. `generation` rises when a store can't continue the older places, such as after a
    dump was restored.
    """

    generation: int
    place: int


BEGINNING: Final = FeedPosition(0, 0)
"""Before the first entry of any store."""


@frozen(kw_only=True)
class FeedEntry:
    """An entry of the feed: its position, and `what` happened.

    That is an event of an appointment, a refused request, an entry of the working calendar, the registration of a
    person, a reveal of an id, or maintenance: a batch that was pruned, erased or written under another key.
    """

    position: FeedPosition
    what: AppointmentEvent | RequestRefused | CalendarEntry | PersonRegistered | PersonRevealed | UpkeepDone

    @property
    def instant(self) -> datetime:
        """When it happened (UTC)."""
        return self.what.at

    @property
    def number(self) -> AppointmentNumber | None:
        """The appointment that it is about, None if it is about none."""
        return getattr(self.what, "number", None) if not isinstance(self.what, CalendarEntry) else None


@frozen(kw_only=True)
class FeedPage:
    """Entries in the order of the feed.

    A reader that has dealt with everything up to `complete_until` (inclusive) has missed nothing and will miss nothing.
    """

    entries: tuple[FeedEntry, ...]
    complete_until: FeedPosition
