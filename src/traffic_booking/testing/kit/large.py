"""Batches and queries of a thousand keys: none of them is left out."""

import pytest

from traffic_booking.ports.primitives import Delete, EntriesOfStreams, FailedGuard, KeySpan, RecordsByIndex, Span, Via
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.sample_schema import (
    EVERYTHING,
    change,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
    once,
    ranged,
    records,
    row_of,
    stream,
    thing,
    unchanged,
    values,
    written,
)

LARGE = 1_100
KEYS = [f"{place:05d}" for place in range(LARGE)]


class LargeCases(StoreCases):
    """Sizes at which drivers and servers cut lists."""

    def test_a_large_batch_is_written_in_its_order(self, store: Store) -> None:
        batch = [
            change(thing(key), once(key), count("hall", 1, LARGE - 5), count(key, 1), entry("log", key)) for key in KEYS
        ]
        full = conflict(FailedGuard("places", "hall", LARGE - 5))
        assert list(store.commit(batch)) == [None] * (LARGE - 5) + [full] * 5
        assert values(store, ["hall", KEYS[-6], KEYS[-5]]) == [LARGE - 5, 1, 0]
        bodies = [body for _, body in stream(store, "log")]
        assert len(bodies) == LARGE - 5, f"the stream has {len(bodies)} log entries; expected {LARGE - 5}, one a change"
        assert bodies == KEYS[:-5], "the log entries are in another order than the changes of the batch"
        assert keys_listed(store, None) == KEYS[:-5]
        again = [change(thing(key, 1), Delete("onces", key, 1), count(key, -1)) for key in KEYS]
        assert list(store.commit(again)).count(None) == LARGE - 5
        assert values(store, KEYS) == [0] * LARGE
        assert records(store, KEYS, "onces") == [None] * LARGE

    def test_every_guard_of_a_large_batch_is_compared(self, store: Store) -> None:
        written(store, [change(thing(key), guard(key), once(key), count(key, 1, 1)) for key in KEYS])
        attempts = [
            change(thing(key), guard(key, 3), unchanged(f"{key} absent", 1), once(key), count(key, 1, 1))
            for key in KEYS
        ]
        assert [sorted(each.failed) if each else None for each in store.commit(attempts)] == [
            [
                FailedGuard("guards", key, 1),
                FailedGuard("guards", f"{key} absent", 0),
                FailedGuard("onces", key, 1, row_of(once(key))),
                FailedGuard("places", key, 1),
                FailedGuard("things", key, 1, row_of(thing(key))),
            ]
            for key in KEYS
        ]

    def test_one_change_may_have_a_thousand_parts(self, store: Store) -> None:
        whole = change(*(part for key in KEYS for part in (thing(key), count(key, 1, 1), entry("log", key))))
        first, second = store.commit([whole, whole])
        assert (first, second and len(second.failed), len(stream(store, "log"))) == (None, 2 * LARGE, LARGE)

    def test_a_large_query_has_an_answer_for_every_key(self, store: Store) -> None:
        stored = KEYS[::2]
        written(store, [change(*(thing(key, owner=key) for key in stored), *(count(key, 1) for key in stored))])
        assert records(store, KEYS) == [row_of(thing(key, owner=key)) if key in set(stored) else None for key in KEYS]
        assert values(store, KEYS) == [1 - place % 2 for place in range(LARGE)]
        found = records(store, [Via("things", key, "owner") for key in KEYS])
        assert [row and row[0] for row in found] == [key if place % 2 == 0 else None for place, key in enumerate(KEYS)]

    def test_a_large_query_has_an_answer_for_every_span_and_stream(self, store: Store) -> None:
        written(store, [change(thing(key, kind=key, size=place), entry(key, key)) for place, key in enumerate(KEYS)])
        by_kind = RecordsByIndex("things", "by_kind_and_size", [Span((key,)) for key in KEYS])
        by_size = RecordsByIndex("things", "by_size", [Span((), place, place + 1) for place in range(LARGE)])
        listed, ranged, streams = store.read([by_kind, by_size, EntriesOfStreams(KEYS)])
        assert [[row[0] for row in rows] for rows in listed] == [[key] for key in KEYS]
        assert [[row[0] for row in rows] for rows in ranged] == [[key] for key in KEYS]
        assert [[each.body for each in entries] for entries in streams] == [[key] for key in KEYS]

    def test_a_range_without_a_limit_is_whole(self, store: Store) -> None:
        written(store, [change(*(count(key, place + 1) for place, key in enumerate(KEYS)))])
        whole = [(key, place + 1) for place, key in enumerate(KEYS)]
        assert ranged(store, KeySpan()) == ranged(store, KeySpan(), limit=10 * LARGE) == [whole]
        assert ranged(store, KeySpan(), limit=LARGE - 1) == [whole[:-1]]
        assert ranged(store, *(KeySpan(key) for key in KEYS), limit=1) == [[each] for each in whole]

    @pytest.mark.parametrize(("index", "span"), [(None, EVERYTHING), ("by_size", EVERYTHING), ("by_kind", Span((7,)))])
    def test_a_list_without_a_limit_is_whole(self, store: Store, index: str | None, span: Span) -> None:
        written(store, [change(*(thing(key, kind=key, size=7) for key in KEYS))])
        assert keys_listed(store, index, span) == KEYS
        assert keys_listed(store, index, span, descending=True) == KEYS[::-1]
        assert keys_listed(store, index, span, limit=LARGE - 1) == KEYS[:-1]
        assert keys_listed(store, index, span, limit=10 * LARGE) == KEYS
