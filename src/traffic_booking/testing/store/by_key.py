"""Reads by key: an answer for each key, in the order of the keys, and what a key leads to."""

from collections.abc import Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

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
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import (
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
    values,
    written,
)

EVERY_QUERY: tuple[Query, ...] = (
    RecordsByKey("things", ["a", "b"]),
    RecordsByIndex("things", "by_size", [EVERYTHING]),
    CountersByKey("places", ["hall"]),
    CountersByRange("places", [KeySpan()]),
    EntriesOfStreams(["log"]),
)


def owner_of(key: str) -> Via:
    """The owner of a thing."""
    return Via("things", key, "owner")


def emptied(read: Any) -> None:
    """Take everything out of a list, and of the lists in it, if that can be done."""
    for each in read if isinstance(read, list | tuple) else ():
        emptied(each)
    with suppress(AttributeError, TypeError):
        read.clear()


class KeyCases(StoreCases):
    """Records, counters and streams by key."""

    def test_no_queries_have_no_answers(self, store: Store) -> None:
        assert list(store.read([])) == []

    def test_an_empty_store_answers_every_query_with_nothing(self, store: Store) -> None:
        assert [list(each) for each in store.read(EVERY_QUERY)] == [[None, None], [[]], [0], [[]], [[]]]

    def test_queries_of_no_keys_have_empty_answers(self, store: Store) -> None:
        written(store, [change(thing("a"), count("hall", 1), entry("log", "a"))])
        empty: list[Query] = [
            RecordsByKey("things", []),
            RecordsByIndex("things", "by_size", []),
            CountersByKey("places", []),
            CountersByRange("places", []),
            EntriesOfStreams([]),
        ]
        assert [list(each) for each in store.read(empty)] == [[]] * 5

    def test_records_come_in_the_order_of_the_keys_and_repeated_keys_repeat(self, store: Store) -> None:
        written(store, [change(*(thing(key) for key in "abcd"))])
        asked = ["c", "missing", "a", "c", "c", "d", "missing", "b", "a"]
        assert records(store, asked) == [None if key == "missing" else row_of(thing(key)) for key in asked]

    def test_counters_come_in_the_order_of_the_keys_and_repeated_keys_repeat(self, store: Store) -> None:
        written(store, [change(*(count(key, place) for place, key in enumerate("abcd")))])
        assert values(store, ["d", "x", "b", "d", "a", "c", "b"]) == [3, 0, 1, 3, 0, 2, 1]

    def test_streams_come_in_the_order_asked_for_and_repeated_streams_repeat(self, store: Store) -> None:
        written(store, [change(entry(name, f"{name}{place}")) for place in range(2) for name in "abc"])
        (found,) = store.read([EntriesOfStreams(["c", "x", "a", "c"])])
        bodies = [[each.body for each in entries] for entries in found]
        assert bodies == [["c0", "c1"], [], ["a0", "a1"], ["c0", "c1"]]
        assert {(each.stream, each.kind) for each in found[0]} == {("c", "noted")}

    def test_many_queries_are_answered_in_their_order(self, store: Store) -> None:
        written(store, [change(thing("a", size=1), thing("b", size=2), count("hall", 3), entry("log", "x"))])
        shuffled = [EVERY_QUERY[place] for place in (4, 2, 0, 1, 3, 2, 0, 0, 4)]
        alone = [store.read([query])[0] for query in shuffled]
        assert list(store.read(shuffled)) == alone
        assert alone[1] == [3]
        assert alone[2] == [row_of(thing("a", size=1)), row_of(thing("b", size=2))]

    def test_queries_of_one_kind_about_several_collections_are_answered_apart(self, store: Store) -> None:
        written(store, [change(thing("a", body="thing"), guard("a", body="guard"), count("a", 1))])
        written(store, [change(count("a", 5, counter="other"), thing("b"))])
        queries: list[Query] = [
            RecordsByKey("guards", ["a", "b"]),
            RecordsByKey("things", ["b", "a"]),
            CountersByKey("other", ["a"]),
            CountersByKey("places", ["a"]),
            RecordsByKey("things", ["a"]),
        ]
        guards, things, other, places, again = store.read(queries)
        assert list(guards) == [row_of(guard("a", body="guard")), None]
        assert list(things) == [row_of(thing("b")), row_of(thing("a", body="thing"))]
        assert (list(other), list(places), list(again)) == ([5], [1], [row_of(thing("a", body="thing"))])

    def test_a_key_is_read_through_the_column_of_another_record(self, store: Store) -> None:
        written(store, [change(thing("lamp", owner="north"), guard("north"), thing("desk", owner="south"))])
        asked = [owner_of("desk"), owner_of("lamp"), owner_of("lamp")]
        assert records(store, asked, "guards") == [None, row_of(guard("north")), row_of(guard("north"))]

    def test_keys_and_columns_that_lead_to_keys_can_be_mixed(self, store: Store) -> None:
        written(store, [change(thing("lamp", owner="north"), guard("north"), guard("west"))])
        asked = ["west", owner_of("lamp"), "north", "absent", owner_of("absent"), "west"]
        west, north = row_of(guard("west")), row_of(guard("north"))
        assert records(store, asked, "guards") == [west, north, north, None, None, west]

    def test_a_column_that_leads_nowhere_has_no_record(self, store: Store) -> None:
        written(store, [change(thing("lamp"), thing("desk", owner="absent"), guard("north"))])
        assert records(store, [owner_of("lamp"), owner_of("desk"), owner_of("none")], "guards") == [None] * 3

    def test_a_column_may_lead_into_its_own_collection_and_to_its_own_record(self, store: Store) -> None:
        lamp, desk = thing("lamp", owner="desk", kind="light"), thing("desk", owner="desk")
        written(store, [change(lamp, desk)])
        assert records(store, [owner_of("lamp"), owner_of("desk")]) == [row_of(desk)] * 2
        assert records(store, [Via("things", "lamp", "kind")]) == [None]
        written(store, [change(thing("light"))])
        assert records(store, [Via("things", "lamp", "kind")]) == [row_of(thing("light"))]

    def test_a_column_is_read_as_it_stands_now(self, store: Store) -> None:
        written(store, [change(thing("lamp", owner="north"), guard("north"), guard("south"))])
        found = []
        for version, owner in enumerate(("south", None, "north"), start=1):
            written(store, [change(thing("lamp", version, owner=owner))])
            found += [row and row[0] for row in records(store, [owner_of("lamp")], "guards")]
        assert found == ["south", None, "north"]

    def test_a_read_holds_everything_that_was_committed_before(self, store: Store) -> None:
        for version in range(12):
            written(store, [change(thing("a", version), count("hall", 1), entry("log", str(version)))])
            assert records(store, ["a"]) == [row_of(thing("a", version))]
            assert (value(store, "hall"), len(stream(store, "log"))) == (version + 1, version + 1)
            assert keys_listed(store, "by_size") == ["a"]

    def test_reads_change_nothing(self, store: Store) -> None:
        written(store, [change(thing("a"), count("hall", 1), entry("log", "x"))])
        first = _answers(store)
        assert [_answers(store) for _ in range(3)] == [first] * 3

    def test_changing_what_was_read_changes_nothing_stored(self, store: Store) -> None:
        written(store, [change(thing("a"), thing("b"), count("hall", 1), entry("log", "x"))])
        before = _answers(store)
        for answer in store.read(EVERY_QUERY):
            emptied(answer)
        emptied(store.read(EVERY_QUERY))
        assert _answers(store) == before

    def test_what_was_read_stays_as_it_was(self, store: Store) -> None:
        written(store, [change(thing("a"), count("hall", 1), entry("log", "x"))])
        read, before = store.read(EVERY_QUERY), _answers(store)
        written(store, [change(thing("a", 1, size=1), thing("b"), count("hall", 1), entry("log", "y"))])
        assert _answers(store) != before
        assert [list(each) for each in read] == before

    def test_changing_what_was_passed_in_changes_nothing_stored(self, store: Store) -> None:
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
