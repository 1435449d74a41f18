"""The configuration of a desk, with the calendar entries that its store has.

Made from `traffic_booking.application.live_configuration` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.persistence._sync.seat_book import SeatBook
from traffic_booking.persistence.lifetime import Lifetime

if TYPE_CHECKING:
    from traffic_booking.domain.decisions.facts import CalendarVersion, Facts


class LiveConfiguration:
    """A configuration that follows the calendar entries of a store. Many threads, or tasks of one event loop, use it.

    `at` compares the versions of calendars. If a store is restored from a copy while a desk is open, the same versions
    may come with other entries: open the desk anew.
    """

    def __init__(self, book: SeatBook, configuration: Configuration, lock: AbstractContextManager[object]) -> None:
        self._book = book
        self._given = configuration
        self._configuration = configuration
        self._seen: dict[BranchId, CalendarVersion] = {}
        self._lock = lock
        self._lifetime = Lifetime("the desk")

    @property
    def latest_known(self) -> Configuration:
        """The configuration as it was last read."""
        return self._configuration

    def unopened(self, found: Sequence[Facts]) -> Sequence[BranchId]:
        """All branches of the catalogue if `found` has one of them whose calendar is not open yet; else none."""
        new = {branch for facts in found for branch, version in facts.calendars.items() if not version.version}
        branches = [branch.id for branch in self._configuration.catalogue.branches] if new else []
        return branches if not new.isdisjoint(branches) else ()

    def at(self, found: Sequence[Facts]) -> Configuration:
        """The configuration with every entry of the calendars in `found`; read anew if one of their versions is new."""
        versions = [calendar for facts in found for calendar in facts.calendars.items()]
        if all(self._seen.get(branch) == version for branch, version in versions):
            return self._configuration
        configuration = self.now()
        if not configuration.calendars.unreadable:  # else it is read again next time: the entry may be repaired
            self._seen.update(versions)
        return configuration

    def now(self, book: SeatBook | None = None) -> Configuration:
        """The configuration with every entry that the store has, also if the store was restored to an earlier state.

        `book` replaces the one that is read. An entry that can't be decoded is an `UnreadableEntry`.
        """
        self._lifetime.check()
        book = book or self._book
        with self._lock:
            if self._configuration.calendars.unreadable:
                self._configuration = self._given
            known = self._configuration.calendars
            last = known.records[-1:]
            found = book.calendar_records(after=known.revision - len(last))
            if tuple(found[: len(last)]) != last:  # the store was restored to an earlier state
                self._configuration, self._seen = self._given, {}
                found = book.calendar_records(after=0)
                last = ()
            if found[len(last) :]:
                self._seen = {}  # these versions are older than the configuration
                self._configuration = self._configuration.joined(*found[len(last) :])
            return self._configuration
