"""Faults of the memory store: what is written together, what is read together, who competes, and how it is closed."""

from tests.planted.copies import LIFETIME, MEMORY
from tests.planted.faults import Planted, plant
from tests.planted.parts import IN_A_CHILD, EntriesFirst, InParts, InPortions, SeveralSnapshots
from traffic_booking.ports.primitives import StoreChange

_LOCKED = "        with self._lock:\n            batch = GuardedBatch(\n"
_HEAD = "        self._lifetime.check()\n" + _LOCKED
_STORED = "if (row := self._records[name].get(key)) is not None\n"
_COUNTED = "{(name, key): self._counters[name].get(key, 0) for name, key in touched_counters(changes)}"
_VALUES = f"                values={_COUNTED},\n"
_EVALUATED = "            results = batch.results(changes)\n"
_UNLOCKED = "        meet()\n        with self._lock:\n"


def _outside(kind: str) -> tuple[tuple[str, str, str], ...]:
    """Patches that read the versions for one kind of guard before the lock is taken."""
    before = (
        f"        early = {{g[:2]: self._records[g[0]].get(g[1]) for c in changes for g in c.{kind}}}\n        meet()\n"
    )
    stored = "if (row := early[name, key] if (name, key) in early else self._records[name].get(key)) is not None\n"
    return (MEMORY, _HEAD, before + _HEAD), (MEMORY, _STORED, stored)


@plant(MEMORY, *_outside("puts"))
class ReadsVersionsOfPutsBeforeTheLock:
    """The versions of the records that a change writes are read before the lock is taken."""


@plant(MEMORY, *_outside("deletes"))
class ReadsVersionsOfDeletesBeforeTheLock:
    """The versions of the records that a change deletes are read before the lock is taken."""


@plant(MEMORY, *_outside("checks"))
class ReadsVersionsOfChecksBeforeTheLock:
    """The versions that a change only compares are read before the lock is taken."""


@plant(
    MEMORY,
    (MEMORY, _HEAD, f"        values = {_COUNTED}\n        meet()\n{_HEAD}"),
    (MEMORY, _VALUES, "                values=values,\n"),
)
class ReadsCountersBeforeTheLock:
    """The values of counters are read before the lock is taken."""


@plant(MEMORY, (MEMORY, _EVALUATED, _EVALUATED + _UNLOCKED))
class ChecksThenWrites:
    """Guards are evaluated under one lock, and the batch is written under the next one."""


@plant(MEMORY)
class WritesABatchInPortions(InPortions):
    """A batch is written in portions of 100 changes, and readers come in between."""


@plant(MEMORY)
class WritesCountersFirst(InParts):
    """Counters are moved in a transaction of their own, and stay so if the rest has a conflict."""

    def parts(self, change):
        return StoreChange(counts=change.counts), change._replace(counts=())


@plant(MEMORY)
class WritesEntriesFirst(EntriesFirst):
    """Log entries are written in a transaction of their own, before the guards are evaluated."""


@plant(MEMORY)
class WritesChecksApart(InParts):
    """Versions that are only compared are compared in a transaction of their own, before the rest."""

    def parts(self, change):
        return StoreChange(checks=change.checks), change._replace(checks=())


@plant(MEMORY)
class ReadsInSeveralSteps(SeveralSnapshots):
    """Each query of a reader has a snapshot of its own."""


@plant(MEMORY)
class WritesTheSameEntryOnce(Planted):
    """An entry that is in the log already is not written again."""

    def commit(self, changes):
        seen = self.__dict__.setdefault("seen", set())
        fresh = []
        for change in changes:
            entries = tuple(each for each in dict.fromkeys(change.entries) if each not in seen)
            fresh.append(change._replace(entries=entries))
        results = super().commit(fresh)
        seen.update(
            entry for change, result in zip(fresh, results, strict=True) if not result for entry in change.entries
        )
        return results


@plant(MEMORY)
class WritesEntriesOfConflicts(Planted):
    """The entries of a change with a conflict are written all the same."""

    def commit(self, changes):
        results = super().commit(changes)
        failed = [change for change, result in zip(changes, results, strict=True) if result]
        super().commit([StoreChange(entries=change.entries) for change in failed])
        return results


@plant(
    MEMORY,
    (MEMORY, "for appended in entries:", "for appended in sorted(entries, key=lambda each: each.kind):"),
)
class SortsEntriesByKind:
    """The entries of a batch are written in the order of their kinds."""


@plant(MEMORY)
class ReadsAfterClose(Planted):
    """A closed store is read as before."""

    def read(self, queries):
        closed, self._lifetime.is_over = self._lifetime.is_over, False
        try:
            return super().read(queries)
        finally:
            self._lifetime.is_over = closed


@plant(MEMORY)
class FeedsAfterClose(Planted):
    """The feed of a closed store is read as before."""

    def feed(self, after, *, limit):
        closed, self._lifetime.is_over = self._lifetime.is_over, False
        try:
            return super().feed(after, limit=limit)
        finally:
            self._lifetime.is_over = closed


@plant(MEMORY)
class ClosesOnce(Planted):
    """Closing a store twice raises an error."""

    def close(self):
        self._lifetime.check()
        super().close()


@plant(MEMORY, (LIFETIME, IN_A_CHILD, "        if False:"))
class ServesAForkedChild:
    """A forked child uses the lock and the data of its parent."""
