"""Faulty stores that alter the values that cross the port, for any store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.planted.faults import Planted
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreChange,
    Via,
)


class Translating(Planted):
    """Alters keys, values and bodies on their way into a store; a subclass defines how."""

    def key(self, key: str) -> str:
        """The key or stream that the store receives."""
        return key

    def written(self, value: Any) -> Any:
        """The value of a column that the store receives."""
        return value

    def bound(self, value: Any) -> Any:
        """The value of a span that the store receives."""
        return value

    def cursor(self, value: Any) -> Any:
        """The value of a cursor that the store receives."""
        return value

    def body(self, body: str) -> str:
        """The body that the store receives."""
        return body

    def commit(self, changes: Sequence[StoreChange]) -> Any:
        return super().commit([self._altered_change(change) for change in changes])

    def read(self, queries: Sequence[Query]) -> Any:
        return super().read([self._altered_query(query) for query in queries])

    def _altered_change(self, change: StoreChange) -> StoreChange:
        return StoreChange(
            tuple(each._replace(key=self.key(each.key)) for each in change.counts),
            tuple(
                each._replace(
                    key=self.key(each.key), columns=tuple(map(self.written, each.columns)), body=self.body(each.body)
                )
                for each in change.puts
            ),
            tuple(each._replace(key=self.key(each.key)) for each in change.deletes),
            tuple(each._replace(key=self.key(each.key)) for each in change.checks),
            tuple(each._replace(stream=self.key(each.stream), body=self.body(each.body)) for each in change.entries),
            tuple(map(self.key, change.trims)),
        )

    def _altered_query(self, query: Query) -> Query:
        match query:
            case RecordsByKey(_, keys) | CountersByKey(_, keys):
                return query._replace(keys=[self._altered_key(key) for key in keys])
            case RecordsByIndex(_, _, spans):
                return query._replace(spans=[self._altered_span(span) for span in spans])
            case CountersByRange(_, key_spans):
                return query._replace(spans=[KeySpan(*(each and self.key(each) for each in one)) for one in key_spans])
            case EntriesOfStreams(streams):
                return EntriesOfStreams([self.key(stream) for stream in streams])

    def _altered_key(self, key: Any) -> Any:
        return key._replace(key=self.key(key.key)) if isinstance(key, Via) else self.key(key)

    def _altered_span(self, span: Span) -> Span:
        return Span(
            tuple(value if isinstance(value, Via) else self.bound(value) for value in span.equal),
            self.bound(span.from_),
            self.bound(span.until),
            None if span.after is None else tuple(map(self.cursor, span.after)),
        )


def without_offset(value: Any) -> Any:
    """The same clock time, in UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
