"""A store in the process's memory, for tests, demonstrations and data that may be lost.

It has the semantics of a durable store: one lock; all guards of a change are evaluated before anything is written. Rows
are tuples, so callers get no live references.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from threading import Lock
from typing import Any, Self

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.persistence.guards import GuardedBatch, net_log, touched_counters, touched_records
from traffic_booking.persistence.lifetime import Lifetime
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.inspection import Inspection, unevidenced
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
    Span,
    StoreChange,
    StoreConflict,
    Via,
)

GENERATION = 1


class MemoryStore:
    """A `Store` whose data end with the process."""

    def __init__(self, *, schema: Schema = SCHEMA) -> None:
        self._lock = Lock()
        self._lifetime = Lifetime("memory://")
        self._schema = schema
        self._declared = {each.name: each for each in schema.collections}
        self._records: dict[str, dict[str, Row]] = {name: {} for name in self._declared}
        self._counters: dict[str, dict[str, int]] = {each.name: {} for each in schema.counters}
        self._indexes: dict[tuple[str, str | None], list[tuple[Any, ...]]] = defaultdict(list)
        """For each index, sorted: the values of its columns, then the key. For None: the keys."""
        self._log: list[LogEntry] = []
        self._streams: dict[str, list[LogEntry]] = defaultdict(list)
        self._last_place = 0

    @classmethod
    def from_url(cls, url: str, *, read_only: bool = False) -> Self:
        """A store of `memory://`. Raises `InvalidInput` for a URL with more than that, and for a store to read."""
        if read_only:
            raise InvalidInput("store URL", got="memory://, which is empty", expected="a store that can be read")
        if url != "memory://":
            raise InvalidInput("store URL", got="memory:// with something behind it", expected="memory:// alone")
        return cls()

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        self._lifetime.check()
        with self._lock:
            batch = GuardedBatch(
                versions={
                    (name, key): row[1]
                    for name, key in touched_records(changes)
                    if (row := self._records[name].get(key)) is not None
                },
                values={(name, key): self._counters[name].get(key, 0) for name, key in touched_counters(changes)},
                stored=lambda name, key: self._records[name].get(key),
            )
            results = batch.results(changes)
            self._write(batch)
            return results

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        self._lifetime.check()
        with self._lock:
            return [self._answer(query) for query in queries]

    def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        self._lifetime.check()
        with self._lock:
            last = FeedPosition(GENERATION, self._last_place)
            if after > last:
                raise StoreUnreadable(f"feed position: got {tuple(after)}; expected one up to {tuple(last)}")
            first = bisect_right(self._log, after, key=itemgetter(0))
            return LogPage(self._log[first : first + max(0, limit)], last)

    def advance(self, beyond: FeedPosition) -> None:
        """Give every new log entry a position behind `beyond`."""
        self._lifetime.check()
        with self._lock:
            self._last_place = max(self._last_place, beyond.place)

    def overwrite_removed(self, texts: Collection[str] = ()) -> bool:
        """True: no file has bytes of removed records."""
        return True

    def inspect(self) -> Inspection:
        """Return what an audit compares beside the records (see `ports.inspection`)."""
        with self._lock:
            counters = self._counters.items()
            zeros = {name: [key for key, value in values.items() if not value] for name, values in counters}
            return Inspection(unevidenced(self._schema), (), zeros)

    def close(self) -> None:
        self._lifetime.end()

    def _write(self, batch: GuardedBatch) -> None:
        for (name, key), row in batch.records.items():
            before = self._records[name].pop(key, None)
            stored = row and (*row[:2], *map(_in_utc, row[2:]))
            for index, place in self._places(name, before):
                index.pop(bisect_left(index, place))
            for index, place in self._places(name, stored):
                insort(index, place)
            if stored:
                self._records[name][key] = stored
        for name, key in batch.counted:
            self._counters[name][key] = batch.values[name, key]
        trims, entries = net_log(batch.passed)
        for stream in trims:
            for entry in self._streams.pop(stream, ()):
                self._log.pop(bisect_left(self._log, entry.position, key=itemgetter(0)))
        for appended in entries:
            self._last_place += 1
            entry = LogEntry(FeedPosition(GENERATION, self._last_place), *appended)
            self._log.append(entry)
            self._streams[entry.stream].append(entry)

    def _places(self, name: str, row: Row | None) -> Iterator[tuple[list[tuple[Any, ...]], tuple[Any, ...]]]:
        """The place of a record in each index of its collection."""
        if not row:
            return
        declared = self._declared[name]
        yield self._indexes[name, None], (row[0],)
        for index in declared.indexes:
            if index.where_set is None or row[declared.place(index.where_set)] is not None:
                values = [row[declared.place(column)] for column in index.columns]
                yield self._indexes[name, index.name], (*values, row[0])

    def _answer(self, query: Query) -> Any:
        match query:
            case RecordsByKey(name, keys):
                records = self._records[name]
                return [records.get(found) if (found := self._key(key)) is not None else None for key in keys]
            case RecordsByIndex(name, index, spans):
                return [self._listed(query, self._indexes[name, index], span) for span in spans]
            case CountersByKey(name, keys):
                return [self._counters[name].get(key, 0) for key in keys]
            case CountersByRange(name, key_spans, limit):
                counted = sorted((key, value) for key, value in self._counters[name].items() if value > 0)
                return [_in_span(counted, span)[: None if limit is None else max(0, limit)] for span in key_spans]
            case EntriesOfStreams(streams):
                return [list(self._streams.get(stream, ())) for stream in streams]

    def _key(self, key: Any) -> Any:
        """The key itself, or the value that a `Via` leads to; None if there is none."""
        if not isinstance(key, Via):
            return key
        row = self._records[key.collection].get(key.key)
        return None if row is None else row[self._declared[key.collection].place(key.column)]

    def _listed(self, query: RecordsByIndex, index: list[tuple[Any, ...]], span: Span) -> list[Row]:
        equal = tuple(_in_utc(self._key(value)) for value in span.equal)
        if None in equal:
            return []
        low = bisect_left(index, equal if span.from_ is None else (*equal, _in_utc(span.from_)))
        if span.until is not None:
            high = bisect_left(index, (*equal, _in_utc(span.until)))
        elif equal:
            high = bisect_right(index, equal, key=lambda place: place[: len(equal)])
        else:
            high = len(index)
        if span.after is not None:
            cursor = (*equal, *map(_in_utc, span.after))
            if query.descending:
                high = min(high, bisect_left(index, cursor))
            else:
                low = max(low, bisect_right(index, cursor))
        places = index[low:high]
        if query.descending:
            places.reverse()
        records = self._records[query.collection]
        return [records[place[-1]] for place in places[: None if query.limit is None else max(0, query.limit)]]


def _in_span(counted: list[tuple[str, int]], span: KeySpan) -> list[tuple[str, int]]:
    """The part of the counters, which are sorted, whose keys are in a range."""
    key = itemgetter(0)
    low = 0 if span.from_ is None else bisect_left(counted, span.from_, key=key)
    high = len(counted) if span.until is None else bisect_left(counted, span.until, key=key)
    if span.after is not None:
        low = max(low, bisect_right(counted, span.after, key=key))
    return counted[low:high]


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
