"""Queries as statements for a cluster: one for all parts that a shard can answer alone, one for each limited list.

The coordinator sends a statement once to each shard that has one of its keys, branches or persons. All tables are
placed alike, so a branch's calendar and its counters are read together. The keys that a `Via` names are read first,
with the queries that have none. The coordinator alone has the log and the records that are not spread, and reads them
as one server does.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeGuard

from traffic_booking.adapters.postgres.columns import ArrayType, numbers, texts
from traffic_booking.adapters.postgres.reading import GREATEST, reading, rows_of
from traffic_booking.adapters.postgres.tables import OrderedRows, Statement, Tables, copy_of, ours, sent
from traffic_booking.persistence.sql import quoted
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    Via,
)

Found = tuple[int, int, Any]
"""The place of a query, the place of a span in it or 0, and a row in JSON."""
_Spread = RecordsByKey | RecordsByIndex | CountersByKey | CountersByRange
_Listed = RecordsByIndex | CountersByRange
_Numbered = tuple[int, Span]

_SELECT: Final = "SELECT {shard} AS shard, {part} AS part, {place} AS place, {row} AS found FROM {table} AS t"


class _Part(NamedTuple):
    """SQL with its parameters, and the columns of its order."""

    sql: str
    parameters: list[bytes]
    order: str = ""


class ClusterReading(NamedTuple):
    """The statements for queries without a `Via`."""

    kept: list[int]
    """The places of the queries that the coordinator answers alone."""
    statement: Statement[list[Any]]
    """Their results."""
    spread: list[Statement[list[Found]]]
    """The rows of all others."""


def sources_of(queries: Sequence[Query]) -> list[RecordsByKey]:
    """The queries for the records that a `Via` of `queries` names."""
    sources: dict[str, dict[str, None]] = {}
    for via in chain.from_iterable(map(_vias, queries)):
        sources.setdefault(via.collection, {})[via.key] = None
    return [RecordsByKey(collection, list(keys)) for collection, keys in sources.items()]


def needs_source(query: Query) -> bool:
    """True if a key of `query` is a `Via`."""
    return any(True for _ in _vias(query))


def resolved(
    tables: Tables, queries: Sequence[Query], sources: Sequence[RecordsByKey], found: Sequence[Any]
) -> list[Query]:
    """`queries` with a value in the place of each `Via`; None for one that matches nothing."""
    values: dict[tuple[str, str], Row] = {
        (source.collection, row[0]): row
        for source, rows in zip(sources, found, strict=True)
        for row in rows
        if row is not None
    }

    def value(key: Any) -> Any:
        if not isinstance(key, Via):
            return key
        row = values.get((key.collection, key.key))
        return None if row is None else row[tables.collections[key.collection].declared.place(key.column)]

    made: list[Query] = []
    for query in queries:
        if isinstance(query, RecordsByKey):
            made.append(query._replace(keys=list(map(value, query.keys))))
        elif isinstance(query, RecordsByIndex):
            made.append(
                query._replace(spans=[each._replace(equal=tuple(map(value, each.equal))) for each in query.spans])
            )
        else:
            made.append(query)
    return made


def cluster_reading(tables: Tables, queries: Sequence[Query]) -> ClusterReading:
    """The statements for queries without a `Via`. Keys and lists that are empty need none."""
    kept: list[int] = []
    together: list[_Part] = []
    alone: list[_Part] = []
    for place, query in enumerate(queries):
        if not _is_spread(query, tables):
            kept.append(place)
        elif isinstance(query, RecordsByKey | CountersByKey):
            together += _by_key(tables, query, place)
        elif query.limit is None:
            together += _listed(tables, query, place, list(enumerate(_spans(query))))
        elif query.limit > 0:
            limit = min(query.limit, GREATEST)
            parts = [part for each in enumerate(_spans(query)) for part in _listed(tables, query, place, [each])]
            alone += [_Part(f"{part.sql} ORDER BY {part.order} LIMIT {limit}", part.parameters) for part in parts]
    if together:
        union = " UNION ALL ".join(part.sql for part in together)
        alone.append(_Part(union, [*chain.from_iterable(part.parameters for part in together)]))
    spread = [
        Statement(f"SELECT part, place, found FROM ({part.sql}) AS t".encode(), part.parameters, list) for part in alone
    ]
    return ClusterReading(kept, reading(tables, [queries[place] for place in kept]), spread)


def results_of(tables: Tables, queries: Sequence[Query], rows: Iterable[Found]) -> list[Any]:
    """The results of queries from all rows that were found; of those that the coordinator answers alone, nothing."""
    found: list[list[tuple[int, Any]]] = [[] for _ in queries]
    for part, place, row in rows:
        found[part].append((place, row))
    return [
        _result(tables, query, each) if _is_spread(query, tables) else None
        for query, each in zip(queries, found, strict=True)
    ]


def _is_spread(query: Query, tables: Tables) -> TypeGuard[_Spread]:
    if isinstance(query, RecordsByKey | RecordsByIndex):
        return tables.collections[query.collection].declared.spread
    return not isinstance(query, EntriesOfStreams)


def _vias(query: Query) -> Iterator[Via]:
    if isinstance(query, RecordsByKey):
        yield from (key for key in query.keys if isinstance(key, Via))
    elif isinstance(query, RecordsByIndex):
        yield from (value for span in query.spans for value in span.equal if isinstance(value, Via))


def _spans(query: _Listed) -> list[Span]:
    if isinstance(query, RecordsByIndex):
        return list(query.spans)
    return [Span((), from_, until, None if after is None else (after,)) for from_, until, after in query.spans]


def _by_key(tables: Tables, query: RecordsByKey | CountersByKey, place: int) -> list[_Part]:
    wanted: Sequence[str | Via | None] = query.keys
    keys = list(dict.fromkeys(str(key) for key in wanted if key is not None))
    if not keys:
        return []
    if isinstance(query, RecordsByKey):
        table = tables.collections[query.collection]
        select = _SELECT.format(shard=f"t.{table.key}", part=place, place=0, row=table.row, table=table.name)
        return [_Part(f"{select} WHERE t.{table.key} = ANY (%b)", [texts(keys)])]
    listing = tables.counters[query.counter].listing
    select = _SELECT.format(shard="t.shard", part=place, place=0, row=listing.row, table=listing.table)
    shards = sorted({shard_of(key) for key in keys})
    return [_Part(f"{select} WHERE t.shard = ANY (%b) AND t.key = ANY (%b)", [texts(shards), texts(keys)])]


def shard_of(key: str) -> str:
    """The first part of a counter's key, by which a cluster places it."""
    return key.partition("/")[0]


def _listed(tables: Tables, query: _Listed, place: int, spans: Sequence[_Numbered]) -> list[_Part]:
    """The part for spans of a query: none if none of them can match."""
    spans = [each for each in spans if None not in each[1].equal]
    if not spans:
        return []
    if isinstance(query, CountersByRange):
        listing, shard = tables.counters[query.counter].listing, "t.shard"
        shards = [_shard_of_span(span) for _, span in spans]
    else:
        table = tables.collections[query.collection]
        listing, shard, shards = table.listings[query.by], f"t.{table.key}", [None] * len(spans)
        first = None if query.by is None else table.declared.index(query.by).columns[0]
        if first in table.declared.copies:
            listing = listing._replace(table=sent(ours(copy_of(table.declared, first))))
            shard = f"t.{sent(quoted(first))}"
            shards = [str(span.equal[0]) if span.equal else None for _, span in spans]
    conditions, source, parameters = _conditions(listing, spans, descending=getattr(query, "descending", False))
    if None not in shards:  # the statement goes to these alone
        conditions.append(f"{shard} = ANY (%b)")
        parameters.append(texts(sorted({each for each in shards if each is not None})))
    number = str(spans[0][0]) if source is None else "k.place"
    select = _SELECT.format(shard=shard, part=place, place=number, row=listing.row, table=listing.table)
    descending = " DESC" if getattr(query, "descending", False) else ""
    key = f"t.{listing.key}"
    last = f"t.{listing.columns[-1]}" if listing.columns else key
    order = ", ".join(f"{column}{descending}" for column in dict.fromkeys((last, key)))
    return [_Part(f"{select}{source or ''} WHERE {' AND '.join(conditions)}", parameters, order)]


def _conditions(
    listing: OrderedRows, spans: Sequence[_Numbered], *, descending: bool
) -> tuple[list[str], str | None, list[bytes]]:
    """Conditions of spans. Several spans are rows of a joined table `k`; the values of a lone one stand alone."""
    key = f"t.{listing.key}"
    *equal, last = [f"t.{column}" for column in listing.columns] or [key]
    *kinds, kind = listing.kinds
    behind = "<" if descending else ">"
    bounds: list[tuple[str, list[tuple[ArrayType, list[Any]]]]] = [
        (f"{column} = {{}}", [(each, [span.equal[n] for _, span in spans])])
        for n, (column, each) in enumerate(zip(equal, kinds, strict=True))
    ]
    bounds.append((f"{last} >= {{}}", [(kind, [span.from_ for _, span in spans])]))
    bounds.append((f"{last} < {{}}", [(kind, [span.until for _, span in spans])]))
    afters = [span.after for _, span in spans]
    cursor = [(kind, [after and after[0] for after in afters])]
    if listing.columns:
        cursor.append((texts, [after and after[1] for after in afters]))
        bounds.append((f"({last}, {key}) {behind} ({{}}, {{}})", cursor))
    else:
        bounds.append((f"{last} {behind} {{}}", cursor))
    conditions, parameters, names = [listing.where], [], ["place"]
    joined = [numbers([place for place, _ in spans])]
    for condition, taken in bounds:
        missing = taken[0][1].count(None)
        if missing == len(spans):
            continue
        if len(spans) == 1:
            conditions.append(condition.format(*["(%b)[1]"] * len(taken)))
            parameters += [each(values) for each, values in taken]
            continue
        given = [f"c{len(names) + n}" for n in range(len(taken))]
        names += given
        joined += [each(values) for each, values in taken]
        bounded = condition.format(*(f"k.{name}" for name in given))
        conditions.append(f"(k.{given[0]} IS NULL OR {bounded})" if missing else bounded)
    if len(spans) == 1:
        return conditions, None, parameters
    source = f" JOIN unnest({', '.join(['%b'] * len(names))}) AS k ({', '.join(names)}) ON true"
    return conditions, source, joined


def _shard_of_span(span: Span) -> str | None:
    """The shard of all counters in a range of keys; None if there may be several."""
    from_, until = span.from_, span.until
    if isinstance(from_, str) and isinstance(until, str) and "/" in from_ and "/" in until:
        return shard_of(from_) if shard_of(from_) == shard_of(until) else None
    return None


def _result(tables: Tables, query: _Spread, found: Sequence[tuple[int, Any]]) -> Any:
    if isinstance(query, RecordsByKey):
        table = tables.collections[query.collection]
        records = {row[0]: row for row in rows_of(table.instants, [row for _, row in found]) if row is not None}
        return [records.get(key) for key in query.keys]
    if isinstance(query, CountersByKey):
        values = {key: value for _, (key, value) in found}
        return [values.get(key, 0) for key in query.keys]
    lists: list[list[Any]] = [[] for _ in query.spans]
    for place, row in found:
        lists[place].append(row)
    if isinstance(query, CountersByRange):
        return [sorted((key, value) for key, value in listed) for listed in lists]
    table = tables.collections[query.collection]
    last = 0 if query.by is None else table.declared.place(table.declared.index(query.by).columns[-1])
    return [
        sorted(rows_of(table.instants, listed), key=lambda row: (row[last], row[0]), reverse=query.descending)
        for listed in lists
    ]
