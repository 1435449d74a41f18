"""Stores with a fault planted in them that only processes, faults and reopening show."""

import pickle
import sqlite3
from collections import defaultdict
from pathlib import Path
from threading import Lock

from attrs import evolve as copy_with

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.changes import Change, Conflict, Guard
from traffic_booking.testing.sample_changes import about

NO_BOUND = 10**9


class FileStore(MemoryStore):
    """A right store of one process: everything in one file, written whole with each commit."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._turn = Lock()
        if path.exists():
            self.__dict__.update(pickle.loads(path.read_bytes()))

    def commit(self, changes):
        with self._turn:
            results = super().commit(changes)
            self._save()
        return results

    def set_password_hash(self, applicant, encoded):
        with self._turn:
            super().set_password_hash(applicant, encoded)
            self._save()

    def replace_password_hash(self, applicant, *, seen, encoded):
        with self._turn:
            replaced = super().replace_password_hash(applicant, seen=seen, encoded=encoded)
            self._save()
        return replaced

    def _save(self):
        kept = {
            name: value for name, value in self.__dict__.items() if name not in {"_lock", "_turn", "_closed", "_path"}
        }
        draft = self._path.with_suffix(".draft")
        draft.write_bytes(pickle.dumps(kept))
        draft.replace(self._path)


class AcknowledgesBeforeItCommits(FileStore):
    """What was acknowledged is written when the store is closed."""

    def _save(self):
        if self._closed:
            super()._save()

    def close(self):
        super().close()
        self._save()


class ForgetsOnceKeysWhenReopened(FileStore):
    """The spent keys are kept in memory alone."""

    def __init__(self, path):
        super().__init__(path)
        self._once = set()


class LosesHoldsInAnUpgrade(FileStore):
    """Opening a store of an earlier release rebuilds its list of holds, and leaves it empty."""

    def __init__(self, path):
        super().__init__(path)
        earlier = path.with_name("earlier-release")
        if earlier.exists():
            self._holds = {}
            self._of_person = defaultdict(set, self._of_person)


class CountsSeatsByItself(SqliteStore):
    """Every process keeps its own count of the seats that are taken, from when it first asks."""

    def __init__(self, path):
        super().__init__(path)
        self._counted = {}

    def commit(self, changes):
        return [self._commit(change) for change in changes]

    def _commit(self, change):
        for seat in change.seats:
            if seat.slot not in self._counted:
                self._counted |= self.facts([about(slots=(seat.slot,))])[0].taken
            after = self._counted[seat.slot] + seat.delta
            if after < 0 or (seat.delta > 0 and after > seat.capacity):
                return Conflict(guard=Guard.SEATS, slot=seat.slot)
        (result,) = super().commit([_without_bound(change)])
        if not isinstance(result, Conflict):
            self._counted |= {seat.slot: self._counted[seat.slot] + seat.delta for seat in change.seats}
        return result


class CommitsInHalves(SqliteStore):
    """Seats are written in a transaction of their own, after the rest."""

    def commit(self, changes):
        return [self._commit(change) for change in changes]

    def _commit(self, change):
        (first,) = super().commit([copy_with(change, seats=())])
        return first if isinstance(first, Conflict) else super().commit([Change(seats=change.seats)])[0]


class LetsDriverErrorsThrough(SqliteStore):
    """What the driver raises reaches the host as it is."""

    def commit(self, changes):
        return _in_drivers_words(super().commit, changes)

    def facts(self, queries):
        return _in_drivers_words(super().facts, queries)


def _in_drivers_words(method, argument):
    try:
        return method(argument)
    except Exception as error:
        if isinstance(error.__cause__, sqlite3.Error):
            raise error.__cause__ from None
        raise


def _without_bound(change):
    return copy_with(change, seats=tuple(copy_with(seat, capacity=NO_BOUND) for seat in change.seats))
