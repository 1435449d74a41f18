"""How changes and queries look in Redis: calls of the script in JSON, and text whose bytes sort as the values do.

Redis sorts by a floating-point number or by bytes. Only bytes distinguish microseconds and large numbers, so a member
of an index is text: the values of the index's columns and the key, with NUL between them, which no value contains.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports import primitives as port
from traffic_booking.ports.collections import Kind, Schema

Call = tuple[Any, ...]
"""The name of a verb of the script, and its arguments; all numbers are text."""

_BIAS: Final = 2**63
_READERS: Final[dict[Kind, Any]] = {Kind.TEXT: str, Kind.NUMBER: int, Kind.INSTANT: datetime.fromisoformat}


def commit_call(schema: Schema, change: port.StoreChange) -> Call:
    """The call that commits a change. A count has the least that the counter may hold before, and a bound above."""
    versions = (each[:3] for part in (change.puts, change.deletes, change.checks) for each in part)
    return (
        "commit",
        [(name, key, str(expected)) for name, key, expected in versions],
        [
            (name, key, str(delta), str(max(0, -delta)), str(max(0, ceiling - delta + 1) if delta > 0 else _BIAS))
            for name, key, delta, ceiling in change.counts
        ],
        [*(each[:2] for each in change.deletes), *(_record(schema, put) for put in change.puts)],
        change.trims,
        change.entries,
    )


def _record(schema: Schema, put: port.Put) -> Call:
    collection = schema.collection(put.collection)
    columns = dict(zip((column.name for column in collection.columns), put.columns, strict=True))
    stored = {":key": put.key, ":version": put.expected + 1, ":body": put.body, **columns}
    fields = [part for name, value in stored.items() if value is not None for part in (name, _text(value))]
    places = [
        (index.name, _member(*(columns[name] for name in index.columns), put.key))
        for index in collection.indexes
        if index.where_set is None or columns[index.where_set] is not None
    ]
    return (put.collection, put.key, fields, [("", put.key), *places])


def result_of(schema: Schema, failed: Sequence[Any]) -> port.StoreConflict | None:
    """The result of a change, from the guards that failed."""
    guards = (port.FailedGuard(name, key, int(n), _row(schema, name, fields)) for name, key, n, fields in failed)
    return port.StoreConflict(tuple(guards)) if failed else None


def query_call(query: port.Query) -> Call:
    """The call that answers a query."""
    match query:
        case port.RecordsByIndex(name, by, spans, descending, limit):
            order = "ZREVRANGEBYLEX" if descending else "ZRANGEBYLEX"
            bounds = [_span(span, descending=descending) for span in spans]
            return ("RecordsByIndex", name, by or "", order, limit_text(limit), bounds)
        case port.CountersByRange(name, key_spans, limit):
            spans = [port.Span((), span.from_, span.until, span[2:] if span.after else None) for span in key_spans]
            return ("CountersByRange", name, "ZRANGEBYLEX", limit_text(limit), [_span(span) for span in spans])
        case _:
            return (type(query).__name__, *query)


def limit_text(limit: int | None) -> str:
    """A limit as Redis expects it."""
    return "-1" if limit is None else str(max(0, limit))


def _span(span: port.Span, *, descending: bool = False) -> Call:
    """The beginning of the members of a span (or the `Via` that leads to it), and the bounds of the rest."""
    separator = "\0" if span.equal else ""
    lows, highs = ["[" + separator], []
    if span.from_ is not None:
        lows.append("[" + separator + _member(span.from_))
    if span.until is not None:
        highs.append("(" + separator + _member(span.until))
    if span.after is not None:
        (highs if descending else lows).append("(" + separator + _member(*span.after))
    low = max(lows, key=lambda bound: (bound[1:], bound[0] == "("))
    high = min(highs, default="(\1" if span.equal else "+")
    start = next((each for each in span.equal if isinstance(each, port.Via)), None) or _member(*span.equal)
    return (start, high, low) if descending else (start, low, high)


def answer_of(schema: Schema, query: port.Query, found: Sequence[Any]) -> list[Any]:
    """The answer to a query, from what the script found."""
    match query:
        case port.RecordsByKey(name):
            return [_row(schema, name, fields) for fields in found]
        case port.RecordsByIndex(name):
            return [[_row(schema, name, fields) for fields in rows] for rows in found]
        case port.CountersByKey():
            return [int(value) for value in found]
        case port.CountersByRange():
            return [[(key, int(value)) for key, value in counted] for counted in found]
        case port.EntriesOfStreams():
            return [entries_of(entries) for entries in found]


def entries_of(found: Sequence[Any]) -> list[port.LogEntry]:
    """Log entries, from what the script found."""
    return [port.LogEntry(FeedPosition(*map(int, position.split("-"))), *rest) for position, *rest in found]


def _row(schema: Schema, name: str, fields: Sequence[str] | None) -> port.Row | None:
    if not fields:
        return None
    stored = dict(zip(fields[::2], fields[1::2], strict=True))
    texts = ((_READERS[column.kind], stored.get(column.name)) for column in schema.collection(name).columns)
    values = (None if text is None else read(text) for read, text in texts)
    return (stored[":key"], int(stored[":version"]), *values, stored[":body"])


def _member(*values: Any) -> str:
    return "\0".join(f"{each + _BIAS:020d}" if isinstance(each, int) else _text(each) for each in values)


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value)
