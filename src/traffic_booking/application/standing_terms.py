"""The terms as they stand: what a desk was given, with the records that its store has gathered since."""

from threading import Lock

from traffic_booking.application.locks import NewLock
from traffic_booking.domain.terms import Terms
from traffic_booking.ports.store import AppointmentStore


class StandingTerms:
    """Terms that follow the calendar entries of a store; several threads may ask at once.

    `at` goes by how many entries there are. A store that is put back under a desk that stays open may have as many as
    before, and others: open the desk anew.
    """

    def __init__(self, store: AppointmentStore, terms: Terms, *, new_lock: NewLock = Lock) -> None:
        self._store = store
        self._given = terms
        self._terms = terms
        self._lock = new_lock()

    @property
    def latest_known(self) -> Terms:
        """The terms as they were when they were last looked up."""
        return self._terms

    def at(self, revision: int) -> Terms:
        """The terms of a calendar with `revision` entries, or of a newer one; the store is read where it must be."""
        return self._terms if self._terms.calendars.revision == revision else self.now()

    def now(self) -> Terms:
        """The terms with every entry that the store has; one that was put back to an earlier state is believed."""
        with self._lock:
            known = self._terms.calendars
            last = known.records[-1:]
            found = [entry.record for entry in self._store.calendar_entries(after=known.revision - len(last))]
            if tuple(found[: len(last)]) != last:
                self._terms = self._given
                found = [entry.record for entry in self._store.calendar_entries(after=0)]
                last = ()
            if found[len(last) :]:
                self._terms = self._terms.joined(*found[len(last) :])
            return self._terms
