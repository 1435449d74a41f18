"""Answers queries, inside a transaction that has one snapshot."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, assert_never

from traffic_booking.adapters.sqlite.tables import Table, Tables, stored
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.persistence.sql import quoted
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    LogPage,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Via,
)

GENERATION: Final = 1
"""A file has one generation of positions, as copies and backups contain the greatest position."""

MOST_KEYS: Final = 256
"""In one statement."""

_BEGINNINGS: Final = ((True, False, False), (True, True, False))
"""The bounds of spans that have a beginning, without an end or with one."""

_ENTRY: Final = "position, stream, kind, body"
_FEED: Final = f"SELECT {_ENTRY} FROM log WHERE position > ? ORDER BY position LIMIT max(0, ?)"
_LAST: Final = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'log'"


def answers(connection: sqlite3.Connection, tables: Tables, queries: Sequence[Query]) -> list[Any]:
    """The answer to each query, in their order."""
    found: list[Any] = []
    for query in queries:
        match query:
            case RecordsByKey(name, keys):
                found.append(_by_key(connection, tables, tables.records[name], keys))
            case RecordsByIndex():
                found.append(_listed(connection, tables, query))
            case CountersByKey(name, keys):
                counter = tables.counters[name]
                values: dict[str, int] = dict(_of_keys(connection, "key, value", counter.name, "key", keys))
                found.append([values.get(key, 0) for key in keys])
            case CountersByRange(name, spans, limit):
                found.append([_counted(connection, tables.counters[name].name, span, limit) for span in spans])
            case EntriesOfStreams(streams):
                found.append(_of_streams(connection, streams))
            case never:
                assert_never(never)
    return found


def page(connection: sqlite3.Connection, after: FeedPosition, limit: int) -> LogPage:
    """A page of the feed. There is one writer at a time, so everything up to the last position is visible."""
    (last,) = connection.execute(_LAST).fetchone()
    if after > (GENERATION, last):
        raise StoreUnreadable(f"feed position: got {tuple(after)}; expected one up to {(GENERATION, last)}")
    place = after.place if after.generation == GENERATION else 0
    return LogPage(_entries(connection.execute(_FEED, (place, limit))), FeedPosition(GENERATION, last))


def record(connection: sqlite3.Connection, table: Table, key: str) -> Row | None:
    """One record, None if no record has the key."""
    return _by_key_alone(connection, table, (key,))[0]


def _by_key(
    connection: sqlite3.Connection, tables: Tables, table: Table, keys: Sequence[str | Via]
) -> list[Row | None]:
    if len(keys) == 1 and isinstance(keys[0], str):
        return _by_key_alone(connection, table, keys)
    direct = [key if isinstance(key, str) else _led_to(connection, tables, key) for key in keys]
    rows = {row[0]: row for row in table.rows(_of_keys(connection, table.columns, table.name, table.key, direct))}
    return [rows.get(key) for key in direct]


def _by_key_alone(connection: sqlite3.Connection, table: Table, keys: Sequence[Any]) -> list[Row | None]:
    found = connection.execute(table.select, keys).fetchall()
    return [*table.rows(found)] if found else [None]


def _led_to(connection: sqlite3.Connection, tables: Tables, via: Via) -> Any:
    table = tables.records[via.collection]
    found = connection.execute(
        f"SELECT {quoted(via.column)} FROM {table.name} WHERE {table.key} = ?", (via.key,)
    ).fetchone()
    return found[0] if found else None


def _of_keys(connection: sqlite3.Connection, columns: str, table: str, key: str, keys: Sequence[Any]) -> list[Row]:
    """The rows of those keys that have one, in any order; None has none."""
    found: list[Row] = []
    for first in range(0, len(keys), MOST_KEYS):
        part = list(dict.fromkeys(keys[first : first + MOST_KEYS]))
        size = 1 << (len(part) - 1).bit_length()  # few sizes, so that statements stay prepared; nulls find nothing
        statement = _keys_statement(columns, table, key, size)
        found += connection.execute(statement, [*part, *[None] * (size - len(part))]).fetchall()
    return found


@lru_cache(maxsize=256)
def _keys_statement(columns: str, table: str, key: str, size: int) -> str:
    if size == 1:
        return f"SELECT {columns} FROM {table} WHERE {key} = ?"
    marks = ", ".join(["(?)"] * size)
    # One look-up after another, so that a hundred cost little more than their seeks.
    return f"WITH wanted ({key}) AS (VALUES {marks}) SELECT {columns} FROM wanted CROSS JOIN {table} USING ({key})"


def _listed(connection: sqlite3.Connection, tables: Tables, query: RecordsByIndex) -> list[list[Row]]:
    table, found, wanted = tables.records[query.collection], [], []
    for equal, from_, until, after in query.spans:
        values: list[Any] = list(equal)
        if equal and isinstance(equal[0], Via):
            values = [_led_to(connection, tables, equal[0])]
        bounds = (from_ is not None, until is not None, after is not None)
        values += (bound for bound in (from_, until, *(after or ())) if bound is not None)
        for place, value in enumerate(values):
            if isinstance(value, datetime):
                values[place] = stored(value)
        wanted.append((bounds, values))
    if len(wanted) > 1 and query.limit is None and not query.descending:
        (first, *others) = {each for each, _ in wanted}
        if first in _BEGINNINGS and not others:
            return _listed_together(connection, table, query.by, first, [values for _, values in wanted])
    limit = [] if query.limit is None else [max(0, query.limit)]
    for bounds, values in wanted:
        statement = _listing(table, query.by, query.descending, bool(limit), bounds)
        found.append(table.rows(connection.execute(statement, [*values, *limit]).fetchall()))
    return found


def _listed_together(
    connection: sqlite3.Connection,
    table: Table,
    index: str | None,
    bounds: tuple[bool, bool, bool],
    wanted: Sequence[list[Any]],
) -> list[list[Row]]:
    """The rows of spans with the same bounds, in one statement, which is quicker than one for each."""
    found: list[list[Row]] = [[] for _ in wanted]
    for first in range(0, len(wanted), MOST_KEYS):
        part = wanted[first : first + MOST_KEYS]
        size = 1 << (len(part) - 1).bit_length()
        rows = [value for place, values in enumerate(part, first) for value in (place, *values)]
        rows += [None] * ((size - len(part)) * (1 + len(part[0])))
        for place, *row in connection.execute(_joint_listing(table, index, size, has_until=bounds[1]), rows):
            found[place].append(tuple(row))
    return [table.rows(rows) for rows in found]


@lru_cache(maxsize=64)
def _joint_listing(table: Table, index: str | None, size: int, *, has_until: bool) -> str:
    *equal, ranged = [table.declared.key] if index is None else table.declared.index(index).columns
    columns = [*equal, ranged, *[ranged] * has_until]
    signs = [*["="] * len(equal), ">=", *["<"] * has_until]
    marks = ", ".join([f"({', '.join('?' * (1 + len(columns)))})"] * size)
    names = [f'"?{place}"' for place in range(1 + len(columns))]  # no column has such a name
    compared = zip(columns, signs, names[1:], strict=True)
    joined = [f"{quoted(name)} {sign} {value}" for name, sign, value in compared]
    if index is not None and (chosen := table.declared.index(index).where_set) is not None:
        joined.append(f"{quoted(chosen)} IS NOT NULL")
    return (
        f"WITH wanted ({', '.join(names)}) AS (VALUES {marks}) SELECT {names[0]}, {table.columns} FROM wanted"
        f" CROSS JOIN {table.name} ON {' AND '.join(joined)} ORDER BY {names[0]}, {quoted(ranged)}, {table.key}"
    )


@lru_cache(maxsize=256)
def _listing(table: Table, index: str | None, descending: bool, limited: bool, bounds: tuple[bool, bool, bool]) -> str:  # noqa: FBT001 - the parts of a statement
    *equal, ranged = [table.declared.key] if index is None else table.declared.index(index).columns
    where = [f"{quoted(name)} = ?" for name in equal]
    ordered = [quoted(ranged)] if index is None else [quoted(ranged), table.key]
    if index is not None and (chosen := table.declared.index(index).where_set) is not None:
        where.append(f"{quoted(chosen)} IS NOT NULL")
    has_from, has_until, has_after = bounds
    where += [f"{quoted(ranged)} >= ?"] * has_from + [f"{quoted(ranged)} < ?"] * has_until
    if has_after:
        where.append(f"({', '.join(ordered)}) {'<' if descending else '>'} ({', '.join('?' * len(ordered))})")
    conditions = f" WHERE {' AND '.join(where)}" if where else ""
    order = ", ".join(f"{name} DESC" if descending else name for name in ordered)
    return f"SELECT {table.columns} FROM {table.name}{conditions} ORDER BY {order}{' LIMIT ?' if limited else ''}"


def _counted(connection: sqlite3.Connection, table: str, span: KeySpan, limit: int | None) -> list[tuple[str, int]]:
    conditions = {" AND key >= ?": span.from_, " AND key < ?": span.until, " AND key > ?": span.after}
    given = {condition: value for condition, value in conditions.items() if value is not None}
    return connection.execute(
        f"SELECT key, value FROM {table} WHERE value > 0{''.join(given)} ORDER BY key LIMIT ?",
        (*given.values(), -1 if limit is None else max(0, limit)),
    ).fetchall()


def _of_streams(connection: sqlite3.Connection, streams: Sequence[str]) -> list[list[LogEntry]]:
    found: dict[str, list[LogEntry]] = {each: [] for each in streams}
    for entry in _entries(_of_keys(connection, _ENTRY, "log", "stream", list(found))):
        found[entry.stream].append(entry)
    return [sorted(found[each]) for each in streams]


def _entries(found: Iterable[Row]) -> list[LogEntry]:
    return [LogEntry(FeedPosition(GENERATION, position), stream, kind, body) for position, stream, kind, body in found]
