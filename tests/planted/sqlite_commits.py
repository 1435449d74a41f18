"""Faults of the SQLite store: guards, transactions, handles, processes and errors."""

from copy import deepcopy
from typing import Any

from tests.planted.copies import LIFETIME, SQLITE
from tests.planted.faults import Planted, plant
from tests.planted.parts import IN_A_CHILD, EntriesFirst, InParts, InPortions
from traffic_booking.ports.primitives import StoreChange

_STORE = f"{SQLITE}.store"
_COMMITTING = f"{SQLITE}.committing"
_CONNECTIONS = f"{SQLITE}.connections"
_ERRORS = f"{SQLITE}.driver_errors"
_TABLES = f"{SQLITE}.tables"

_BEGIN = '                    connection.execute("BEGIN IMMEDIATE")\n                    done ='
_RESULTS = "    results = batch.results(changes)\n"
_TOGETHER = "    written, rows = _rows(tables, changes)\n"


@plant(SQLITE, (_COMMITTING, "    if not written.isdisjoint(checked):\n        raise GuardError\n", ""))
class ChecksVersionsOfTheStart:
    """A version that is only compared is compared with that of the batch's start."""


@plant(SQLITE, (_COMMITTING, "        if (found[0] if found else 0) != expected:\n            raise GuardError\n", ""))
class IgnoresChecksOfAGoodBatch:
    """A version that is only compared is compared only if another guard of the batch fails."""


@plant(SQLITE, (_TABLES, "AND version = ?{len(names) + 1}", "AND version <= ?{len(names) + 1}"))
class AcceptsVersionsAhead:
    """A record is written if its version is expected to be greater than it is."""


@plant(SQLITE, (_TABLES, "WHERE {key} = ? AND version = ?", "WHERE {key} = ? AND version >= ?"))
class DeletesLaterVersions:
    """A record is deleted although its version is greater than expected."""


@plant(
    SQLITE,
    (
        _COMMITTING,
        "executemany(statement, of_one).rowcount != len(of_one)",
        "executemany(statement, of_one).rowcount < 1",
    ),
)
class CountsNoRowsWritten:
    """Of the records that a batch writes, those whose guard fails are passed over, if any is written."""


@plant(
    SQLITE,
    (
        _COMMITTING,
        "for name, key in touched_records(changes)}",
        "for name, key in list(touched_records(changes))[:100]}",
    ),
)
class LooksUpAHundredRecordsOfABatch:
    """Only the first 100 records of a batch are looked up if a guard fails; the rest is taken for absent."""


@plant(
    SQLITE,
    (
        _COMMITTING,
        "for name, key in touched_counters(changes)}",
        "for name, key in list(touched_counters(changes))[:20]}",
    ),
)
class LooksUpTwentyCountersOfABatch:
    """Only the first 20 counters of a batch are looked up if a guard fails; the rest is taken for 0."""


@plant(
    SQLITE,
    (_COMMITTING, _TOGETHER, _TOGETHER + "    raise GuardError\n"),
    (
        _COMMITTING,
        _RESULTS,
        _RESULTS + '    connection.execute("COMMIT")\n    meet()\n    connection.execute("BEGIN IMMEDIATE")\n',
    ),
)
class ChecksOutsideOfTheTransaction:
    """Guards are evaluated in one transaction, and the batch is written in the next one."""


@plant(SQLITE, (_CONNECTIONS, _BEGIN, _BEGIN.replace(" IMMEDIATE", "")))
class TakesTheLockLate:
    """A transaction takes the write lock when it first writes, and fails if another process was quicker."""


@plant(SQLITE)
class WritesEntriesFirst(EntriesFirst):
    """Log entries are written in a transaction of their own, before the guards are evaluated."""


@plant(SQLITE)
class WritesCountersLast(InParts):
    """Counters are moved in a transaction of their own, after the rest."""

    def parts(self, change):
        return change._replace(counts=()), StoreChange(counts=change.counts)


@plant(SQLITE)
class WritesABatchInPortions(InPortions):
    """A batch is written in portions of 100 changes."""


@plant(SQLITE)
class CachesReads(Planted):
    """A handle caches the records that it has read until it commits something itself."""

    def commit(self, changes):
        self.__dict__["cached"] = {}
        return super().commit(changes)

    def read(self, queries):
        cached = self.__dict__.setdefault("cached", {})
        label = repr(queries)
        if label not in cached:
            cached[label] = super().read(queries)
        return deepcopy(cached[label])


@plant(SQLITE)
class CachesChecks(Planted):
    """A version that a handle has compared once is not compared by it again."""

    def commit(self, changes):
        passed = self.__dict__.setdefault("passed", set())
        results = super().commit(
            [each._replace(checks=tuple(one for one in each.checks if one not in passed)) for each in changes]
        )
        for change, result in zip(changes, results, strict=True):
            passed.update(() if result else change.checks)
        return results


@plant(SQLITE, (LIFETIME, IN_A_CHILD, "        if False:"))
class SharesConnectionsWithAChild:
    """A forked child uses the connections of its parent."""


@plant(SQLITE, (_ERRORS, "if not isinstance(error, sqlite3.Error):", "if True:"))
class LetsDriverErrorsThrough:
    """An error of the driver reaches the host as it is."""


_CLOSING = "        with self._turn_to_write, self._translated:\n"
_OPTIMIZED = (
    "        with self._turn_to_write:\n            if self._writer is not None:\n"
    '                self._writer.execute("PRAGMA wal_checkpoint").fetchall()\n'
)


@plant(SQLITE, (_CONNECTIONS, _CLOSING, _OPTIMIZED))
class LetsDriverErrorsOutOfClose:
    """The log is emptied as the store is closed, and an error of the driver reaches the host as it is."""


@plant(SQLITE)
class ReadsAfterClose(Planted):
    """A closed store opens its file again for a reader."""

    _connections: Any

    def read(self, queries):
        lifetime = self._connections._lifetime
        closed, lifetime.is_over = lifetime.is_over, False
        try:
            return super().read(queries)
        finally:
            lifetime.is_over = closed


@plant(
    SQLITE,
    (
        _COMMITTING,
        "stored=lambda name, key: record(connection, tables.records[name], key)",
        "stored=lambda name, key: None",
    ),
)
class BringsNoFirstAnswer:
    """A conflict over a key that was expected to be free brings no record."""


@plant(SQLITE, (_COMMITTING, "    _write_log(connection, batch.passed)\n", ""))
class LosesEntriesBesideAConflict:
    """The log entries of a batch are lost if one of its changes has a conflict."""
