"""Stores that are broken on purpose, each in one way that callers can tell from their answers taken together."""

import os
from contextlib import nullcontext
from itertools import count
from typing import Any

from attrs import evolve as copy_with

from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.changes import Committed, Conflict, Guard
from traffic_booking.domain.events import AppointmentCancelled


class WithoutLock(MemoryStore):
    """It checks the guards of a change and writes it without keeping others out."""

    def __init__(self):
        super().__init__()
        self._lock: Any = nullcontext()

    def facts(self, queries):
        return _until_nobody_writes(lambda: super(WithoutLock, self).facts(queries))

    def lapsed(self, *, by, slot=None, limit=100):
        return _until_nobody_writes(lambda: super(WithoutLock, self).lapsed(by=by, slot=slot, limit=limit))

    def _conflict(self, change):
        found = super()._conflict(change)
        os.sched_yield()
        return found


def _until_nobody_writes(read):
    while True:
        try:
            return read()
        except RuntimeError:  # the set changed size meanwhile
            continue


class ReleasesTwice(MemoryStore):
    """A cancelled appointment gives its seat back two times."""

    def _write(self, change):
        super()._write(change)
        if any(isinstance(event, AppointmentCancelled) for event in change.events):
            for seat in change.seats:
                self._seats[seat.slot] = max(0, self._seats[seat.slot] - 1)


class ReadsStale(MemoryStore):
    """The facts for the first attempt at a request come from a copy that is some commits old."""

    LAG = 5

    def __init__(self):
        super().__init__()
        self._commits = count(1)
        self._copy = MemoryStore()
        self._asked = set()

    def facts(self, queries):
        if all(query.request_id in self._asked for query in queries):
            return super().facts(queries)
        self._asked.update(query.request_id for query in queries)
        return self._copy.facts(queries)

    def _write(self, change):
        super()._write(change)
        if next(self._commits) % self.LAG == 0:
            copy = MemoryStore()
            copy._seats, copy._standings = dict(self._seats), dict(self._standings)
            copy._appointments, copy._holds = dict(self._appointments), dict(self._holds)
            copy._of_person.update({person: set(numbers) for person, numbers in self._of_person.items()})
            copy._answers = dict(self._answers)
            self._copy = copy


class ForgetsRequests(MemoryStore):
    """No request is known again."""

    def commit(self, changes):
        return super().commit([copy_with(change, answer=None) for change in changes])


class IgnoresStanding(MemoryStore):
    """What a person has had since the facts were read doesn't matter to it."""

    def commit(self, changes):
        return super().commit([copy_with(change, standing=None) for change in changes])


class AcknowledgesConflicts(MemoryStore):
    """It says that a change was written where a seat was missing."""

    def commit(self, changes):
        return [
            Committed() if isinstance(result, Conflict) and result.guard is Guard.SEATS else result
            for result in super().commit(changes)
        ]


class KeepsSeatsOfHolds(MemoryStore):
    """It knows of no hold that has run out."""

    def lapsed(self, *, by, slot=None, limit=100):
        return []
