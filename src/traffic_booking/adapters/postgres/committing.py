"""Changes as one statement that writes all of them, and their results if not all of them may be written.

The statement writes the net effect of a batch, under the assumption that the first guard of each key states what is
stored. If a guard fails, it raises `GuardError` and writes nothing. Then the store reads the stored records, evaluates
the batch on them, and sends the changes whose guards hold again.

All transactions lock in one order, so that there are no deadlocks: numbers for the records of `checked` collections,
rows by collection and key, the right to remove log entries, counters. Many transactions need the same counter at once,
so counters are locked last and for the shortest time.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from traffic_booking.adapters.postgres.columns import columns, numbers, texts
from traffic_booking.adapters.postgres.tables import AWAIT_STANDBY, VERBS, Statement, Tables, call
from traffic_booking.persistence.guards import (
    GuardedBatch,
    Place,
    moved_counters,
    net_log,
    touched_counters,
    touched_records,
)
from traffic_booking.ports.primitives import Append, CountersByKey, RecordsByKey, Row, StoreChange, StoreConflict

GREATEST: Final = 2**63 - 1
"""Of numbers with 64 bits; so no bound."""

_LOCK: Final = call("take_locks", 1)
_TRIM: Final = call("trim_streams", 1)
_APPEND: Final = call("append", 3)
_COUNT: Final = (texts, numbers, numbers, numbers)
_ENTRY: Final = (texts, texts, texts)

_Net = tuple[int, int, Row | None]
"""Of a record in a batch: the version that must be stored, the version in the end, the last row put."""


def writing(tables: Tables, changes: Sequence[StoreChange]) -> Statement[int] | None:
    """The statement that writes all of `changes` together; None if their guards can't all hold, whatever is stored.

    If they write nothing, it waits until the standbys have everything that is visible.
    """
    records: dict[str, dict[str, _Net]] = {}
    for change in changes:
        for part in (change.puts, change.deletes, change.checks):
            for name, key, expected, *values in part:
                keys = records.setdefault(name, {})
                first, version, row = keys.get(key, (expected, expected, None))
                if version != expected:
                    return None
                if values:
                    version, row = expected + 1, (key, expected + 1, *values[0], values[1])
                elif part is change.deletes:
                    version = 0
                keys[key] = first, version, row
    counted: dict[str, dict[str, tuple[int, int, int]]] = {}
    for (name, key), (moved, least, most) in moved_counters(changes).items():
        if least > most:
            return None
        if moved or least or most < GREATEST:
            counted.setdefault(name, {})[key] = moved, least, most
    return _statement(tables, records, counted, *net_log(changes))


def _statement(
    tables: Tables,
    records: dict[str, dict[str, _Net]],
    counted: dict[str, dict[str, tuple[int, int, int]]],
    trims: dict[str, None],
    entries: list[Append],
) -> Statement[int]:
    locks: dict[int, int] = {}
    checks: list[tuple[str, list[bytes]]] = []
    writes: list[tuple[str, list[bytes]]] = []
    for name in sorted(records, key=tables.order.__getitem__):
        table = tables.collections[name]
        for verb, rows in _parted(records[name]).items():
            call, kinds = table.calls[verb]
            (checks if verb == "check" else writes).append((call, columns(kinds, zip(*rows, strict=True))))
            if table.declared.checked:
                for row in rows:
                    number = table.lock(row[0])
                    locks[number] = max(locks.get(number, 0), number << 1 | (verb != "check"))
    if locks:
        checks.insert(0, (_LOCK, [numbers(sorted(locks.values()))]))
    if trims:
        writes.append((_TRIM, [texts(sorted(trims))]))
    if entries:
        writes.append((_APPEND, columns(_ENTRY, zip(*entries, strict=True))))
    for name in sorted(counted):
        rows = sorted([(key, *moved) for key, moved in counted[name].items()])
        writes.append((tables.counters[name].call, columns(_COUNT, zip(*rows, strict=True))))
    calls, parts = zip(*checks, *writes, strict=True) if checks or writes else ((AWAIT_STANDBY,), ())
    return Statement(_select(calls), [*chain.from_iterable(parts)], len)


def _parted(keys: dict[str, _Net]) -> dict[str, list[Row]]:
    """The rows of each verb of a table, in the order of their keys."""
    parted: dict[str, list[Row]] = {}
    for key in sorted(keys):
        expected, version, row = keys[key]
        if row is None and version == expected:
            parted.setdefault("check", []).append((key, expected))
        elif expected == 0 and row is not None:
            parted.setdefault("insert", []).append(row)
            if version == 0:  # put and deleted in one batch, under the guard that nothing is stored
                parted.setdefault("delete", []).append((key, row[1]))
        elif version == 0:
            parted.setdefault("delete", []).append((key, expected))
        elif row is not None:
            parted.setdefault("update", []).append((key, expected, *row[1:]))
    return {verb: parted[verb] for verb in VERBS if verb in parted}


def queries_about(changes: Sequence[StoreChange]) -> list[RecordsByKey | CountersByKey]:
    """The queries for all versions and values that the guards of `changes` compare."""
    records, counters = defaultdict(list), defaultdict(list)
    for name, key in touched_records(changes):
        records[name].append(key)
    for name, key in touched_counters(changes):
        counters[name].append(key)
    return [
        *(RecordsByKey(name, keys) for name, keys in records.items()),
        *(CountersByKey(name, keys) for name, keys in counters.items()),
    ]


def evaluated(
    tables: Tables,
    changes: Sequence[StoreChange],
    queries: Sequence[RecordsByKey | CountersByKey],
    found: Sequence[Any],
    *,
    resent: bool,
) -> tuple[list[StoreConflict | None], list[StoreChange]]:
    """The result of each of `changes` on the stored records, and the changes that are still to be written.

    If they are `resent` after a lost reply, those that were written then are recognised.
    """
    records: dict[Place, Row] = {}
    values: dict[Place, int] = {}
    for query, result in zip(queries, found, strict=True):
        for key, one in zip(query.keys, result, strict=True):
            if isinstance(query, CountersByKey):
                values[query.counter, str(key)] = one
            elif one is not None:
                records[query.collection, one[0]] = one
    batch = GuardedBatch(
        versions={place: row[1] for place, row in records.items()},
        values=values,
        stored=lambda name, key: records.get((name, key)),
    )
    results: list[StoreConflict | None] = []
    left = []
    recognised: set[Place] = set()
    for change in changes:
        places = _once_written(tables, change)
        if resent and places and recognised.isdisjoint(places) and all(records.get(p) == r for p, r in places.items()):
            recognised.update(places)
            results.append(None)
            continue
        results += batch.results([change])
        if results[-1] is None:
            left.append(change)
    return results, left


def is_recognisable(tables: Tables, changes: Sequence[StoreChange]) -> bool:
    """True if each of `changes` can be recognised after a lost reply: none deletes a record that this needs."""
    return all(_once_written(tables, change) for change in changes) and all(
        tables.collections[name].declared.altered for change in changes for name, _, _ in change.deletes
    )


def _once_written(tables: Tables, change: StoreChange) -> dict[Place, Row]:
    """The rows of `change` by which it is recognised after a lost reply: they are never altered."""
    return {
        (name, key): (key, 1, *values, body)
        for name, key, _, values, body in change.puts
        if not tables.collections[name].declared.altered
    }


@lru_cache(maxsize=1024)
def _select(calls: tuple[str, ...]) -> bytes:
    return f"SELECT {', '.join(calls)}".encode()
