"""The audit of a desk's store: the history of an appointment, replays, and the comparison of all records.

Made from `traffic_booking.application.audit_room` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from traffic_booking.application import arguments
from traffic_booking.application._sync.office import Office
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition

if TYPE_CHECKING:
    from traffic_booking.application.past_decisions import Replay
    from traffic_booking.application.verification import Verification
    from traffic_booking.domain.appointments.events import AppointmentEvent
    from traffic_booking.domain.audit.feed_page import FeedEntry
    from traffic_booking.domain.audit.invariants import BrokenInvariant
    from traffic_booking.domain.people.actors import Requester

MOST_BROKEN: Final = 1_000_000
MOST_REFUSALS: Final = 10_000
PAGE: Final = 1_000
"""The entries of the log that are read at a time."""


class AuditRoom:
    """`desk.audit`: verbs that read what happened, and change nothing."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def history(self, number: str, *, by: Requester) -> Sequence[AppointmentEvent]:
        """Return the events of an appointment, first to last, with the end of a hold that has run out.

        Example: `desk.audit.history(number, by=me)`.

        Raises:
            AppointmentNotFound: There is none of that number, or it isn't the actor's.
        """
        from traffic_booking.domain.appointments.appointment import expiry
        from traffic_booking.domain.audit.invariants import appointment_of

        events = tuple(self._office.book.history(self._office.appointment(number, by).number))
        stored = appointment_of(events)
        if stored is None or stored.state_at(self._office.now()) is stored.state:
            return events
        return (*events, expiry(stored))

    def replay(self) -> Replay:
        """Evaluate the rules again on every decision in the store, each at its instant and under its version.

        Reads page by page; decisions that are made meanwhile may or may not be included.
        """
        from traffic_booking.application._sync.explaining import replay

        return replay(self._office.book, self._office.configuration.latest_known.rulebooks)

    def verify(
        self,
        *,
        progress: Callable[[Verification], None] = lambda _: None,
        found: Callable[[BrokenInvariant], None] = lambda _: None,
        limit: int = 1_000,
    ) -> Verification:
        """Compare every part of the store with the others, and report everything that is broken; repair nothing.

        Reads page by page, while requests go on. Calls `found` with each broken part, and `progress` after each page.
        The result keeps the first `limit` (1 to 1,000,000) broken parts. Example: `assert desk.audit.verify()`.

        Raises:
            StoreUnreadable: The store itself is damaged, not single records.
        """
        from traffic_booking.application._sync.verifying import verify
        from traffic_booking.application.verification import AuditProgress

        arguments.within_bounds("limit", limit, MOST_BROKEN)
        audit = AuditProgress(arguments.callback(progress, "progress"), arguments.callback(found, "found"), limit)
        return verify(self._office.book, self._office.configuration.now(), self._office.clock, audit)

    def refusals(
        self,
        *,
        rule: str | None = None,
        number: str | None = None,
        after: FeedPosition = BEGINNING,
        limit: int = 1_000,
    ) -> tuple[FeedEntry, ...]:
        """Return the refused requests in the log behind `after`, in its order, at most `limit` (1 to 10,000).

        `rule` keeps those that broke that rule, `number` those about that appointment. Each entry's `what` is a
        `RequestRefused`. The whole log is read, page by page. Pass the position of the last entry as the next `after`.
        Example: `desk.audit.refusals(rule="BK-07")`.

        Raises:
            NotFound: The rulebook has no such rule.
            StoreUnreadable: As `feed`.
        """
        from traffic_booking.domain.appointments.numbers import appointment_number
        from traffic_booking.domain.decisions.outcomes import RequestRefused

        arguments.within_bounds("limit", limit, MOST_REFUSALS)
        wanted = None if rule is None else self._office.configuration.latest_known.rulebook(self._office.now())[rule].id
        about = None if number is None else appointment_number(number)
        position = arguments.feed_position(after)
        found: list[FeedEntry] = []
        while entries := self._office.book.feed(position, limit=PAGE).entries:
            position = entries[-1].position
            for each in entries:
                refused = each.what
                if isinstance(refused, RequestRefused) and about in {None, refused.number}:
                    found += [each] if wanted is None or wanted in refused.broken.rule_ids else []
            if len(found) >= limit:
                break
        return tuple(found[:limit])
