"""Queries as one statement, and so one snapshot: a subquery for each, which returns its result as JSON.

The keys of a query are parameters, so that their number does not change the statement, and the server plans it once.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from traffic_booking.adapters.postgres.columns import ArrayType, numbers, texts
from traffic_booking.adapters.postgres.tables import OrderedRows, Statement, Tables, sent
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.persistence.sql import quoted
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    LogEntry,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    Via,
)

PLACES: Final = 2**20
"""How many places a transaction has in the log: a position's place is the transaction's number times this, and more."""
GREATEST: Final = 2**62
"""Of limits and generations, so that they fit into 64 bits."""

ENTRY: Final = f"json_build_array(t.generation, t.xid::text::bigint * {PLACES} + t.place, t.stream, t.kind, t.body)"

_Reader = Callable[[Iterable[Any]], Any]
_Part = tuple[str, _Reader]
"""The subquery of a query, and the reader that makes the query's result from its JSON."""


def reading(tables: Tables, queries: Sequence[Query]) -> Statement[list[Any]]:
    """The statement for the results of all queries."""
    parameters: list[bytes] = []
    parts = [_PARTS[type(query)](tables, query, parameters) for query in queries]
    if not parts:
        return Statement("SELECT", (), lambda _: [])
    subqueries, readers = zip(*parts, strict=True)
    return Statement(
        _select(subqueries),
        parameters,
        lambda rows: [read(result or ()) for read, result in zip(readers, rows[0], strict=True)],
    )


def entries_of(rows: Iterable[Sequence[Any]]) -> list[LogEntry]:
    """The log entries in the JSON that `ENTRY` makes."""
    return [LogEntry(FeedPosition(row[0], row[1]), row[2], row[3], row[4]) for row in rows]


@lru_cache(maxsize=1024)
def _select(parts: tuple[str, ...]) -> bytes:
    return f"SELECT {', '.join(parts)}".encode()


def _records_by_key(tables: Tables, query: RecordsByKey, parameters: list[bytes]) -> _Part:
    table = tables.collections[query.collection]
    via = _keys(tables, texts, query.keys, parameters)
    return _by_key(table.row, table.name, table.key, via), partial(rows_of, table.instants)


def _counters_by_key(tables: Tables, query: CountersByKey, parameters: list[bytes]) -> _Part:
    parameters.append(texts(query.keys))
    return _by_key("t.value", tables.counters[query.counter].listing.table, "key", None, absent=0), list


def _records_by_index(tables: Tables, query: RecordsByIndex, parameters: list[bytes]) -> _Part:
    table = tables.collections[query.collection]
    return _listed(tables, table.listings[query.by], query, parameters), partial(_lists, table.instants)


def _counters_by_range(tables: Tables, query: CountersByRange, parameters: list[bytes]) -> _Part:
    spans = [Span((), from_, until, None if after is None else (after,)) for from_, until, after in query.spans]
    listed = RecordsByIndex(query.counter, None, spans, limit=query.limit)
    return _listed(tables, tables.counters[query.counter].listing, listed, parameters), _pairs


def _entries_of_streams(_: Tables, query: EntriesOfStreams, parameters: list[bytes]) -> _Part:
    parameters.append(texts(query.streams))
    # OFFSET 0 makes the planner find the entries by stream and sort them, instead of using the index of the order.
    found = "(SELECT * FROM traffic_booking.log AS t WHERE t.stream = k.stream OFFSET 0) AS t"
    listed = f"(SELECT json_agg({ENTRY}) FROM (SELECT * FROM {found} ORDER BY t.generation, t.xid, t.place) AS t)"
    return f"(SELECT json_agg({listed}) FROM unnest(%b) AS k (stream))", _entries


_PARTS: Final[dict[type, Callable[[Tables, Any, list[bytes]], _Part]]] = {
    RecordsByKey: _records_by_key,
    RecordsByIndex: _records_by_index,
    CountersByKey: _counters_by_key,
    CountersByRange: _counters_by_range,
    EntriesOfStreams: _entries_of_streams,
}


def _keys(tables: Tables, kind: ArrayType, keys: Sequence[Any], arrays: list[bytes]) -> str | None:
    """Add the column of `keys`. If some are a `Via`, add that of their own keys, and return the subquery for them."""
    if Via not in map(type, keys):
        arrays.append(kind(keys))
        return None
    collection, _, column = next(key for key in keys if isinstance(key, Via))
    table = tables.collections[collection]
    arrays.append(kind([None if isinstance(key, Via) else key for key in keys]))
    arrays.append(texts([key.key if isinstance(key, Via) else None for key in keys]))
    return f"(SELECT v.{sent(quoted(column))} FROM {table.name} AS v WHERE v.{table.key} = k.via)"


def _listed(tables: Tables, listing: OrderedRows, query: RecordsByIndex, parameters: list[bytes]) -> str:
    if not query.spans:
        return "NULL::json"
    equals, froms, untils, afters = zip(*query.spans, strict=True)
    if query.limit is not None:
        parameters.append(numbers((min(max(0, query.limit), GREATEST),)))
    *kinds, last = listing.kinds
    arrays: list[bytes] = []
    via = None
    for kind, values in zip(kinds, zip(*equals, strict=True), strict=True):
        via = _keys(tables, kind, values, arrays)
    bounds: list[tuple[str, ArrayType, Sequence[Any]]] = [("from_", last, froms), ("until", last, untils)]
    if any(afters):
        bounds.append(("after", last, [after and after[0] for after in afters]))
        if listing.columns:
            bounds.append(("after_key", texts, [after and after[1] for after in afters]))
    given = []
    for name, kind, column in bounds:
        missing = column.count(None)
        if missing < len(column):
            given.append(f"{name}?" if missing else name)
            arrays.append(kind(column))
    parameters += arrays or [numbers(range(len(query.spans)))]
    return _listing(listing, tuple(given), via, descending=query.descending, limited=query.limit is not None)


@lru_cache(maxsize=256)
def _by_key(value: str, table: str, key: str, via: str | None, absent: int | None = None) -> str:
    found = f"(SELECT {value} FROM {table} AS t WHERE t.{key} = k.key)"
    if absent is not None:
        found = f"coalesce({found}, {absent})"
    source = "unnest(%b) AS k (key)"
    if via is not None:
        source = f"(SELECT coalesce(k.key, {via}) AS key FROM unnest(%b, %b) AS k (key, via) OFFSET 0) AS k"
    return f"(SELECT json_agg({found}) FROM {source})"


@lru_cache(maxsize=256)
def _listing(listing: OrderedRows, bounds: tuple[str, ...], via: str | None, *, descending: bool, limited: bool) -> str:
    """The subquery for spans with these bounds. Some spans lack a bound that has a question mark."""
    key, names = f"t.{listing.key}", [f"e{place}" for place in range(len(listing.kinds) - 1)]
    *equal, last = [f"t.{column}" for column in listing.columns] or [key]
    behind = "<" if descending else ">"
    sides = {"from_": f"{last} >= k.from_", "until": f"{last} < k.until", "after": f"{last} {behind} k.after"}
    if listing.columns:
        sides["after"] = f"({last}, {key}) {behind} (k.after, k.after_key)"
    conditions = [listing.where, *(f"{column} = k.{name}" for column, name in zip(equal, names, strict=True))]
    for bound in bounds:
        name = bound.rstrip("?")
        names.append(name)
        if name in sides:
            conditions.append(f"(k.{name} IS NULL OR {sides[name]})" if bound.endswith("?") else sides[name])
    order = ", ".join(f"{column}{' DESC' * descending}" for column in dict.fromkeys((last, key)))
    limit = " LIMIT (%b)[1]" if limited else ""
    rows = f"SELECT * FROM {listing.table} AS t WHERE {' AND '.join(conditions)} ORDER BY {order}{limit}"
    columns = names[:1] + ["via"] * (via is not None) + names[1:] or ["place"]
    source = f"unnest({', '.join(['%b'] * len(columns))}) AS k ({', '.join(columns)})"
    if via is not None:
        kept = ", ".join([f"coalesce(k.e0, {via}) AS e0", *(f"k.{name}" for name in names[1:])])
        source = f"(SELECT {kept} FROM {source} OFFSET 0) AS k"
    return f"(SELECT json_agg((SELECT json_agg({listing.row}) FROM ({rows}) AS t)) FROM {source})"


def rows_of(instants: Sequence[int], rows: Iterable[Any]) -> list[Row | None]:
    """The records in their JSON, in which instants are text."""
    made: list[Row | None] = []
    for row in rows:
        if row is None:
            made.append(None)
            continue
        for place in instants:
            if row[place] is not None:
                row[place] = datetime.fromisoformat(row[place])
        made.append(tuple(row))
    return made


def _lists(instants: Sequence[int], lists: Iterable[Any]) -> list[list[Row | None]]:
    return [rows_of(instants, rows or ()) for rows in lists]


def _pairs(lists: Iterable[Any]) -> list[list[tuple[str, int]]]:
    return [[(key, value) for key, value in rows or ()] for rows in lists]


def _entries(lists: Iterable[Any]) -> list[list[LogEntry]]:
    return [entries_of(rows or ()) for rows in lists]
