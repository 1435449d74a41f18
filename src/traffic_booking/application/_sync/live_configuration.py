"""The terms as they stand: what a desk was given, with the records that its store has gathered since.

Made from `traffic_booking.application.live_configuration` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import CalendarVersion, Facts
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.lifetime import Lifetime


class LiveConfiguration:
    """Terms that follow the calendar entries of a store; several threads may ask at once.

    `at` compares the versions of calendars. A store that is put back under a desk that stays open may have the same
    versions again with other entries: open the desk anew.
    """

    def __init__(
        self, book: AppointmentBook, configuration: Configuration, lock: AbstractContextManager[object]
    ) -> None:
        self._book = book
        self._given = configuration
        self._configuration = configuration
        self._seen: dict[BranchId, CalendarVersion] = {}
        self._lock = lock
        self._lifetime = Lifetime("the desk")

    @property
    def latest_known(self) -> Configuration:
        """The terms as they were when they were last looked up."""
        return self._configuration

    def unopened(self, found: Sequence[Facts]) -> Sequence[BranchId]:
        """All branches of the catalogue if `found` has one of them whose calendar is not open yet; else none."""
        new = {branch for facts in found for branch, version in facts.calendars.items() if not version.version}
        branches = [branch.id for branch in self._configuration.catalogue.branches] if new else []
        return branches if not new.isdisjoint(branches) else ()

    def at(self, found: Sequence[Facts]) -> Configuration:
        """Terms with every entry that the calendars in `found` have; the store is read if one of them is new here."""
        for facts in found:
            for branch, version in facts.calendars.items():
                if self._seen.get(branch) != version:
                    configuration = self.now()
                    if (
                        not configuration.calendars.unreadable
                    ):  # otherwise they are read again, as somebody may repair it
                        self._seen.update({each: of_one for facts in found for each, of_one in facts.calendars.items()})
                    return configuration
        return self._configuration

    def now(self) -> Configuration:
        """The terms with every entry that the store has; one that was put back to an earlier state is believed.

        An entry that can't be decoded stands among them as an `UnreadableEntry`.
        """
        self._lifetime.check()
        with self._lock:
            if self._configuration.calendars.unreadable:
                self._configuration = self._given
            known = self._configuration.calendars
            last = known.records[-1:]
            found = self._book.calendar_records(after=known.revision - len(last))
            if tuple(found[: len(last)]) != last:
                self._configuration, self._seen = self._given, {}
                found = self._book.calendar_records(after=0)
                last = ()
            if found[len(last) :]:
                self._seen = {}  # older than these terms
                self._configuration = self._configuration.joined(*found[len(last) :])
            return self._configuration
