"""Writes a batch in one transaction: all changes together, or one by one if a guard fails."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from traffic_booking.adapters.sqlite.reading import record
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.guards import (
    GuardedBatch,
    Place,
    moved_counters,
    net_log,
    touched_counters,
    touched_records,
)
from traffic_booking.ports.primitives import Row, StoreChange, StoreConflict

APPEND: Final = "INSERT INTO log (stream, kind, body) VALUES (?, ?, ?)"
_BEGIN_SEQUENCE: Final = (
    "INSERT INTO sqlite_sequence SELECT 'log', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'log')"
)
TRIM: Final = "DELETE FROM log WHERE stream = ?"


class GuardError(Exception):
    """A guard failed: undo the transaction, and evaluate the batch change by change."""


def write_together(connection: sqlite3.Connection, tables: Tables, changes: Sequence[StoreChange]) -> None:
    """Write all of `changes`, with one statement for each kind of write.

    Raises `GuardError` if a guard fails, or if two changes touch one record, as their guards depend on each other.
    """
    written, rows = _rows(tables, changes)
    _check(connection, tables, changes, written)
    for (counter, key), (delta, least, most) in moved_counters(changes).items():
        if least > most:
            raise GuardError
        table = tables.counters[counter]
        rows[table.open if least <= 0 <= most else table.move].append((key, delta, least, most))
    for statement, of_one in rows.items():
        if connection.executemany(statement, of_one).rowcount != len(of_one):
            raise GuardError
    _write_log(connection, changes)


def _check(connection: sqlite3.Connection, tables: Tables, changes: Sequence[StoreChange], written: set[Place]) -> None:
    """Compare the versions that `changes` only check; `written` are the records that the same batch writes."""
    checked: dict[Place, int] = {}
    for change in changes:
        for name, key, expected in change.checks:
            if checked.setdefault((name, key), expected) != expected:
                raise GuardError
    if not written.isdisjoint(checked):
        raise GuardError
    for (name, key), expected in checked.items():
        found = connection.execute(tables.records[name].version, (key,)).fetchone()
        if (found[0] if found else 0) != expected:
            raise GuardError


def _rows(tables: Tables, changes: Sequence[StoreChange]) -> tuple[set[Place], dict[str, list[Row]]]:
    """The records that `changes` write, and the rows of each statement that writes them."""
    written: set[Place] = set()
    count, rows = 0, defaultdict[str, list[Row]](list)
    for change in changes:
        for name, key, expected, columns, body in change.puts:
            table = tables.records[name]
            row = table.to_sql((key, expected + 1, *columns, body))
            if expected:
                rows[table.update].append((*row, expected))
            else:
                rows[table.insert].append(row)
            written.add((name, key))
        for name, key, expected in change.deletes:
            rows[tables.records[name].delete].append((key, expected))
            written.add((name, key))
        count += len(change.puts) + len(change.deletes)
    if len(written) < count:
        raise GuardError
    return written, rows


def write_in_turn(
    connection: sqlite3.Connection, tables: Tables, changes: Sequence[StoreChange]
) -> list[StoreConflict | None]:
    """Evaluate `changes` one after another on what is stored, and write those whose guards hold."""

    def number(statement: str, key: str) -> int:
        found: tuple[Any, ...] | None = connection.execute(statement, (key,)).fetchone()
        return found[0] if found else 0

    batch = GuardedBatch(
        versions={(name, key): number(tables.records[name].version, key) for name, key in touched_records(changes)},
        values={(name, key): number(tables.counters[name].value, key) for name, key in touched_counters(changes)},
        stored=lambda name, key: record(connection, tables.records[name], key),
    )
    results = batch.results(changes)
    for (name, key), row in batch.records.items():
        table = tables.records[name]
        if row is None:
            connection.execute(table.remove, (key,))
        else:
            connection.execute(table.replace, table.to_sql(row))
    for name, key in batch.counted:
        connection.execute(tables.counters[name].write, (key, batch.values[name, key]))
    _write_log(connection, batch.passed)
    return results


def _write_log(connection: sqlite3.Connection, changes: Sequence[StoreChange]) -> None:
    trims, entries = net_log(changes)
    if trims:
        connection.executemany(TRIM, [(stream,) for stream in trims])
    if entries:
        connection.executemany(APPEND, entries)


def advance(connection: sqlite3.Connection, beyond: FeedPosition) -> None:
    """Give every new log entry a position behind `beyond`."""
    connection.execute(_BEGIN_SEQUENCE)
    connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'log'", (beyond.place,))
