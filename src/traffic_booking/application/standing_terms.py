"""The terms as they stand: what a desk was given, with the records that its store has gathered since."""

from threading import Lock

from traffic_booking.domain.terms import Terms
from traffic_booking.ports.store import AppointmentStore


class StandingTerms:
    """Terms that follow the calendar entries of a store; several threads may ask at once."""

    def __init__(self, store: AppointmentStore, terms: Terms) -> None:
        self._store = store
        self._given = terms
        self._terms = terms
        self._lock = Lock()

    @property
    def latest_known(self) -> Terms:
        """The terms as they were when they were last looked up."""
        return self._terms

    def at(self, revision: int) -> Terms:
        """The terms of a calendar with `revision` entries, or of a newer one; the store is read where it must be."""
        return self._terms if self._terms.calendars.revision == revision else self.now(revision)

    def now(self, revision: int | None = None) -> Terms:
        """The terms with every entry that the store has; one that has lost some (to a backup, say) is believed."""
        with self._lock:
            known = self._terms
            if revision is not None and revision < known.calendars.revision:
                known = self._given
            entries = self._store.calendar_entries(after=known.calendars.revision)
            if entries or known is not self._terms:
                self._terms = known.after(*(entry.record for entry in entries))
            return self._terms
