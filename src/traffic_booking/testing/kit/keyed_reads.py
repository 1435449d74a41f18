"""Reads by key: an answer for each key, in the order of the keys, and records through the columns of others."""

from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Via,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.model import Twins
from traffic_booking.testing.kit.sample_schema import (
    EVERYTHING,
    change,
    count,
    entry,
    guard,
    keys_listed,
    records,
    row_of,
    stream,
    thing,
    value,
    written,
)

EVERY_QUERY: tuple[Query, ...] = (
    RecordsByKey("things", ["a", "b"]),
    RecordsByIndex("things", "by_size", [EVERYTHING]),
    CountersByKey("places", ["hall"]),
    CountersByRange("places", [KeySpan()]),
    EntriesOfStreams(["log"]),
)
WAYS = {key: Via("things", key, "owner") for key in ("lamp", "desk", "bare", "self", "absent")}
QUERIES: dict[str, Sequence[Query]] = {
    "no keys": [
        *(RecordsByKey("things", []), RecordsByIndex("things", "by_size", []), CountersByKey("places", [])),
        *(CountersByRange("places", []), EntriesOfStreams([])),
    ],
    "keys that repeat or are absent": [
        RecordsByKey("things", ["lamp", "absent", "desk", "lamp", "lamp", "absent"]),
        CountersByKey("places", ["yard", "absent", "hall", "yard"]),
        EntriesOfStreams(["other log", "absent", "log", "other log"]),
    ],
    "several collections and counters": [
        *(RecordsByKey(name, ["north", "lamp"]) for name in ("guards", "things", "guards")),
        *(CountersByKey(name, ["hall"]) for name in ("other", "places", "other")),
    ],
    "keys through columns": [
        RecordsByKey("guards", [*WAYS.values(), WAYS["lamp"]]),
        RecordsByKey("guards", ["west", WAYS["lamp"], "north", "absent", WAYS["absent"], "west"]),
        RecordsByKey("things", [*WAYS.values(), "lamp"]),
        RecordsByKey("things", [Via("things", key, "kind") for key in ("lamp", "desk", "absent")]),
    ],
}


def emptied(read: Any) -> None:
    """Take everything out of a list, and of the lists in it, if that can be done."""
    for each in read if isinstance(read, list | tuple) else ():
        emptied(each)
    with suppress(AttributeError, TypeError):
        read.clear()


class KeyedReadCases(StoreCases):
    """Records, counters and streams by key."""

    def test_no_queries_have_no_answers(self, store: Store) -> None:
        assert list(store.read([])) == []

    @pytest.mark.parametrize("name", QUERIES)
    def test_every_key_has_an_answer_in_the_order_of_the_query(self, store: Store, name: str) -> None:
        twins = Twins(store)
        twins.compare(QUERIES[name])
        things = thing("lamp", owner="north", kind="desk"), thing("desk", owner="south"), thing("bare", kind="bare")
        twins.commit([change(*things, thing("self", owner="self"), guard("north"), guard("west"), guard("lamp"))])
        twins.commit([change(count("hall", 1), count("yard", 2), count("hall", 5, counter="other"))])
        twins.commit([change(entry("log", "a"), entry("other log", "b", kind="k"), entry("log", "c"))])
        twins.compare(QUERIES[name])
        for version, owner in enumerate(("west", None, "north", "lamp"), start=1):
            twins.commit([change(thing("lamp", version, owner=owner))])
            twins.compare(QUERIES[name])

    def test_a_read_holds_everything_that_was_committed_before(self, store: Store) -> None:
        for version in range(12):
            written(store, [change(thing("a", version), count("hall", 1), entry("log", str(version)))])
            assert records(store, ["a"]) == [row_of(thing("a", version))]
            assert (value(store, "hall"), len(stream(store, "log"))) == (version + 1, version + 1)
            assert keys_listed(store, "by_size") == ["a"]

    def test_changing_an_answer_changes_nothing_stored(self, store: Store) -> None:
        written(store, [change(thing("a"), thing("b"), count("hall", 1), entry("log", "x"))])
        before = _answers(store)
        for answer in store.read(EVERY_QUERY):
            emptied(answer)
        emptied(store.read(EVERY_QUERY))
        assert [_answers(store) for _ in range(3)] == [before] * 3

    def test_an_answer_stays_as_it_was(self, store: Store) -> None:
        written(store, [change(thing("a"), count("hall", 1), entry("log", "x"))])
        read, before = store.read(EVERY_QUERY), _answers(store)
        written(store, [change(thing("a", 1, size=1), thing("b"), count("hall", 1), entry("log", "y"))])
        assert _answers(store) != before
        assert [list(each) for each in read] == before

    def test_changing_an_argument_changes_nothing_stored(self, store: Store) -> None:
        changes = [change(thing("a"), count("hall", 1))]
        results = store.commit(changes)
        changes.clear()
        emptied(results)
        keys = ["a", "b"]
        found = records(store, keys)
        keys.clear()
        assert found == records(store, ["a", "b"]) == [row_of(thing("a")), None]


def _answers(store: Store) -> list[Sequence[Any]]:
    return deepcopy([list(each) for each in store.read(EVERY_QUERY)])
