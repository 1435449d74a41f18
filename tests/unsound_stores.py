"""Stores that are broken on purpose, each in one way that the answers to all callers show together."""

import os
from itertools import count
from threading import Lock

from tests.one_slot import requests_read
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.appointments.events import AppointmentCancelled
from traffic_booking.persistence.event_codec import EVENT_TAGS
from traffic_booking.persistence.schema import ANSWERS, PEOPLE, SEATS
from traffic_booking.ports.primitives import RecordsByIndex, StoreChange

CANCELLED = EVENT_TAGS[AppointmentCancelled]


class WithoutLock(MemoryStore):
    """It checks the guards of a batch and writes it, but other commits may come in between."""

    def _write(self, batch):
        self._lock.release()
        os.sched_yield()
        self._lock.acquire()
        super()._write(batch)


class ReleasesTwice(MemoryStore):
    """A cancelled appointment gives its seat back twice."""

    def commit(self, changes):
        results = super().commit(changes)
        for change, result in zip(changes, results, strict=True):
            if result is None and any(entry.kind == CANCELLED for entry in change.entries):
                super().commit([StoreChange(counts=change.counts)])
        return results


class KeepsTheSeatOfWhatIsMoved(MemoryStore):
    """A move takes the new seat and forgets to give the old one back."""

    def commit(self, changes):
        return super().commit([self._without_old_seats(change) for change in changes])

    @staticmethod
    def _without_old_seats(change):
        taking = tuple(count for count in change.counts if count.delta > 0)
        return change._replace(counts=taking or change.counts)


class ReadsStale(MemoryStore):
    """The facts of the first attempt of a request come from a copy that is some commits old."""

    LAG = 5

    def __init__(self):
        super().__init__()
        self._commits = count()
        self._in_order = Lock()
        self._to_copy = []
        self._copy = MemoryStore()
        self._read_before = set()

    def read(self, queries):
        if not requests_read(queries) or self._read_before.issuperset(queries[0].keys):
            return super().read(queries)
        self._read_before.update(queries[0].keys)
        return self._copy.read(queries)

    def commit(self, changes):
        with self._in_order:
            results = super().commit(changes)
            self._to_copy += [change for change, result in zip(changes, results, strict=True) if result is None]
            if next(self._commits) % self.LAG == 0:  # the first, which opens the calendars, is copied at once
                self._copy.commit(self._to_copy)
                self._to_copy = []
        return results


class ForgetsRequests(MemoryStore):
    """It finds no earlier answer to a repeated request."""

    def commit(self, changes):
        return super().commit([without(ANSWERS.name, change) for change in changes])


class IgnoresPersonState(MemoryStore):
    """It ignores a person's appointments that were made after the facts were read."""

    def commit(self, changes):
        return super().commit([without(PEOPLE.name, change) for change in changes])


class AcknowledgesConflicts(MemoryStore):
    """It reports that a change was written, although a seat was missing."""

    def commit(self, changes):
        return [
            None if result and all(guard.name == SEATS.name for guard in result.failed) else result
            for result in super().commit(changes)
        ]


class KeepsSeatsOfHolds(MemoryStore):
    """It finds no expired hold."""

    def read(self, queries):
        match queries:
            case [RecordsByIndex(by="holds_by_end" | "holds_at_branch", spans=spans)]:
                return [[[] for _ in spans]]
            case _:
                return super().read(queries)


def without(collection, change):
    """`change` without the records of that collection."""
    return change._replace(puts=tuple(put for put in change.puts if put.collection != collection))
