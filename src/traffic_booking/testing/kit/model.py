"""The store port in plain dictionaries and lists, for one thread: every store has to agree with it.

It shares no code with the stores: it makes and sorts every list anew for each query.
"""

from collections.abc import Sequence
from typing import Any

from traffic_booking.ports.collections import Collection, Schema
from traffic_booking.ports.primitives import (
    Check,
    CountersByKey,
    CountersByRange,
    Delete,
    EntriesOfStreams,
    FailedGuard,
    KeySpan,
    Put,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
    StoreConflict,
    Via,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.sample_schema import SAMPLE, sorted_conflict


class ModelStore:
    """Gives the answers of a right store in the plainest way; its entries have no positions, and it is never closed."""

    def __init__(self, schema: Schema) -> None:
        self._collections = {each.name: each for each in schema.collections}
        self.records: dict[tuple[str, str], Row] = {}
        self.counters: dict[tuple[str, str], int] = {}
        self.log: list[tuple[str, str, str]] = []

    def version(self, collection: str, key: str) -> int:
        """The version of a record, 0 if it is absent."""
        return self.records[collection, key][1] if (collection, key) in self.records else 0

    def commit(self, changes: Sequence[StoreChange]) -> list[StoreConflict | None]:
        """As the port states, with the failed guards in the order of name and key."""
        return [self._committed(change) for change in changes]

    def read(self, queries: Sequence[Query]) -> list[Any]:
        """As the port states; an entry is its stream, kind and body."""
        return [self._answer(query) for query in queries]

    def _committed(self, change: StoreChange) -> StoreConflict | None:
        failed = []
        guards: list[Put | Delete | Check] = [*change.puts, *change.deletes, *change.checks]
        for guard in guards:
            stored = self.version(guard.collection, guard.key)
            if stored != guard.expected:
                record = self.records.get((guard.collection, guard.key)) if guard.expected == 0 else None
                failed.append(FailedGuard(guard.collection, guard.key, stored, record))
        for count in change.counts:
            value = self.counters.get((count.counter, count.key), 0)
            too_high = count.delta > 0 and value + count.delta > count.ceiling
            if too_high or value + count.delta < 0:
                failed.append(FailedGuard(count.counter, count.key, value))
        if failed:
            return StoreConflict(tuple(sorted(failed, key=lambda each: (each.name, each.key))))
        for put in change.puts:
            self.records[put.collection, put.key] = (put.key, put.expected + 1, *put.columns, put.body)
        for delete in change.deletes:
            del self.records[delete.collection, delete.key]
        for count in change.counts:
            place = (count.counter, count.key)
            self.counters[place] = self.counters.get(place, 0) + count.delta
        self.log = [each for each in self.log if each[0] not in change.trims]
        self.log += [(each.stream, each.kind, each.body) for each in change.entries]
        return None

    def _answer(self, query: Query) -> Any:
        match query:
            case RecordsByKey():
                return [self.records.get((query.collection, self._resolved(key))) for key in query.keys]
            case RecordsByIndex():
                return [self._listed(query, span) for span in query.spans]
            case CountersByKey():
                return [self.counters.get((query.counter, key), 0) for key in query.keys]
            case CountersByRange():
                return [self._ranged(query, span) for span in query.spans]
            case EntriesOfStreams():
                return [[entry for entry in self.log if entry[0] == stream] for stream in query.streams]

    def _resolved(self, key: Any) -> Any:
        if not isinstance(key, Via):
            return key
        row = self.records.get((key.collection, key.key))
        return None if row is None else _column(self._collections[key.collection], row, key.column)

    def _listed(self, query: RecordsByIndex, span: Span) -> list[Row]:
        declared = self._collections[query.collection]
        rows = [row for (name, _), row in self.records.items() if name == query.collection]
        if query.by is None:
            return _cut([((row[0],), row) for row in rows], span, query)
        (index,) = (each for each in declared.indexes if each.name == query.by)
        equal = tuple(self._resolved(value) for value in span.equal)
        placed = []
        for row in rows:
            *first, last = (_column(declared, row, column) for column in index.columns)
            is_set = index.where_set is None or _column(declared, row, index.where_set) is not None
            if is_set and tuple(first) == equal:
                placed.append(((last, row[0]), row))
        return _cut(placed, span, query)

    def _ranged(self, query: CountersByRange, span: KeySpan) -> list[tuple[str, int]]:
        found = sorted(
            (key, value)
            for (name, key), value in self.counters.items()
            if name == query.counter
            and value > 0
            and (span.from_ is None or span.from_ <= key)
            and (span.until is None or key < span.until)
            and (span.after is None or span.after < key)
        )
        return found if query.limit is None else found[: max(0, query.limit)]


def plain(query: Query, answer: Any) -> Any:
    """The answer of a store in the form of the model: lists of tuples, and entries without their positions."""
    if isinstance(query, RecordsByKey | CountersByKey):
        return list(answer)
    start = 1 if isinstance(query, EntriesOfStreams) else 0
    return [[tuple(each[start:]) for each in listed] for listed in answer]


def _column(collection: Collection, row: Row, name: str) -> Any:
    names = [column.name for column in collection.columns]
    return row[2 + names.index(name)]


def _cut(placed: list[tuple[tuple[Any, ...], Row]], span: Span, query: RecordsByIndex) -> list[Row]:
    """The rows of a span, by their places."""
    found = []
    for place, row in sorted(placed, key=lambda each: each[0], reverse=query.descending):
        behind = span.after is None or (place < span.after if query.descending else place > span.after)
        within = (span.from_ is None or span.from_ <= place[0]) and (span.until is None or place[0] < span.until)
        if behind and within:
            found.append(row)
    return found if query.limit is None else found[: max(0, query.limit)]


class Twins:
    """A store and the model, which get the same batches; `compare` shows that they give the same answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.model = ModelStore(SAMPLE)

    def commit(self, batch: Sequence[StoreChange]) -> list[StoreConflict | None]:
        """The results of a batch, the same from both."""
        results = [result and sorted_conflict(result) for result in self._store.commit(batch)]
        assert results == self.model.commit(batch)
        return results

    def compare(self, queries: Sequence[Query]) -> None:
        """All queries of one read, and each of them alone, have the answers of the model."""
        expected = self.model.read(queries)
        for answers in (self._store.read(queries), [self._store.read([query])[0] for query in queries]):
            for query, answer, of_model in zip(queries, answers, expected, strict=True):
                assert plain(query, answer) == of_model, query
