"""Faults of the SQLite store that only another handle meets, or that only follow a fault of the connection."""

import sqlite3
from threading import RLock
from typing import Any

from tests.planted.copies import SQLITE
from tests.planted.faults import Planted, plant
from tests.planted.parts import InPortions
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreError, StoreUnavailable
from traffic_booking.ports.primitives import EntriesOfStreams


@plant(SQLITE, (f"{SQLITE}.store", "busy_seconds: float = 10.0", "busy_seconds: float = 1.0"))
class KeepsTheLockAfterAFault(Planted):
    """The write lock is kept after an error, until the handle's next commit."""

    _connections: Any
    kept: sqlite3.Connection | None = None

    def commit(self, changes):
        self._give_back()
        try:
            return super().commit(changes)
        except StoreUnavailable:
            self.kept = sqlite3.connect(self._connections.path, check_same_thread=False)
            self.kept.execute("BEGIN IMMEDIATE")
            raise

    def close(self):
        self._give_back()
        super().close()

    def _give_back(self):
        if self.kept is not None:
            self.kept.close()
            self.kept = None


@plant(SQLITE)
class WritesAFailedBatchLater(Planted):
    """A batch that a fault met is kept in memory, and written before the handle's next read."""

    def commit(self, changes):
        try:
            return super().commit(changes)
        except StoreError:
            self.__dict__["left"] = changes
            raise

    def read(self, queries):
        left = self.__dict__.pop("left", None)
        if left:
            super().commit(left)
        return super().read(queries)


@plant(SQLITE)
class PassesOverWhatAFaultMet(Planted):
    """Entries that a fault kept the feed from returning are passed over by its handle for good."""

    def feed(self, after, *, limit):
        state = self.__dict__.setdefault("tail", {"met": False, "reached": BEGINNING, "lost": set()})
        try:
            page = super().feed(after, limit=limit)
        except StoreUnavailable:
            state["met"] = True
            raise
        if state["met"]:
            state["lost"] |= {each.position for each in page.entries if each.position > state["reached"]}
        state["met"], state["reached"] = False, max(state["reached"], page.complete_until)
        return page._replace(entries=[each for each in page.entries if each.position not in state["lost"]])


@plant(SQLITE)
class WritesInPortionsUnderItsOwnLock(InPortions):
    """A batch is written in portions of 100 changes, and only readers of the same handle wait for its end."""

    _connections: Any

    def commit(self, changes):
        with self._turn():
            return super().commit(changes)

    def read(self, queries):
        with self._turn():
            return super().read(queries)

    def feed(self, after, *, limit):
        with self._turn():
            return super().feed(after, limit=limit)

    def _turn(self):
        self._connections._lifetime.check()  # before the lock, which the parent may have held as it forked
        return self.__dict__.setdefault("turn", RLock())


@plant(SQLITE)
class CachesStreams(Planted):
    """A handle caches the entries of streams, so that entries which were removed stay in their streams."""

    def read(self, queries):
        return [
            [self._cached(name, entries) for name, entries in zip(query.streams, answer, strict=True)]
            if isinstance(query, EntriesOfStreams)
            else answer
            for query, answer in zip(queries, super().read(queries), strict=True)
        ]

    def _cached(self, name, entries):
        known = self.__dict__.setdefault("streams", {}).setdefault(name, {})
        known.update({each.position: each for each in entries})
        return [known[position] for position in sorted(known)]
