"""A page of the feed of a desk: entries of the store's log, in its order."""

from datetime import datetime

from traffic_booking.domain.appointments.events import (
    AppointmentEvent,
    PersonErased,
    PersonRevealed,
    QuestionAsked,
    UpkeepDone,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.installations import Installed
from traffic_booking.domain.audit.restores import StoreRestored
from traffic_booking.domain.decisions.outcomes import RequestRefused
from traffic_booking.domain.people.applicants import PersonRegistered
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class FeedEntry:
    """An entry of the feed: its position, and its content in `what`."""

    position: FeedPosition
    what: (
        AppointmentEvent
        | RequestRefused
        | CalendarEntry
        | PersonRegistered
        | PersonRevealed
        | PersonErased
        | UpkeepDone
        | QuestionAsked
        | Installed
        | StoreRestored
    )

    @property
    def instant(self) -> datetime:
        """The instant of the entry (UTC)."""
        return self.what.at

    @property
    def number(self) -> AppointmentNumber | None:
        """The number of the entry's appointment, if it has one."""
        return None if isinstance(self.what, CalendarEntry | Installed) else getattr(self.what, "number", None)


@frozen(kw_only=True)
class FeedPage:
    """Entries in the order of the feed.

    No entry up to `complete_until` (inclusive) is missing, and none will be added there.
    """

    entries: tuple[FeedEntry, ...]
    complete_until: FeedPosition
