"""Counters by range of keys: those above 0, in the order of their keys."""

import pytest

from traffic_booking.ports.primitives import CountersByRange, KeySpan
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import MANY, change, commit, count, written

LARGE = 1_100
VALUES = {"a/1": 1, "a/2": 2, "a/2/x": 9, "a/3": 3, "b/1": 4, "c": 5}


def ranged(
    store: Store, *spans: KeySpan, limit: int | None = None, counter: str = "places"
) -> list[list[tuple[str, int]]]:
    """Keys and values of each span."""
    (lists,) = store.read([CountersByRange(counter, list(spans), limit)])
    return [[tuple(each) for each in listed] for listed in lists]


class CounterRangeCases(StoreCases):
    """Ranges of keys."""

    def test_counters_come_by_key_with_their_values(self, store: Store) -> None:
        written(store, [change(count(key, number)) for key, number in reversed(VALUES.items())])
        assert ranged(store, KeySpan()) == [list(VALUES.items())]

    @pytest.mark.parametrize(
        ("span", "wanted"),
        [
            (KeySpan("a/2"), ["a/2", "a/2/x", "a/3", "b/1", "c"]),
            (KeySpan(None, "a/2"), ["a/1"]),
            (KeySpan("a/", "a0"), ["a/1", "a/2", "a/2/x", "a/3"]),
            (KeySpan("a/2", "a/3"), ["a/2", "a/2/x"]),
            (KeySpan("a/2", "a/2"), []),
            (KeySpan("b", "a"), []),
            (KeySpan(after="a/2"), ["a/2/x", "a/3", "b/1", "c"]),
            (KeySpan(after="a/2/"), ["a/2/x", "a/3", "b/1", "c"]),
            (KeySpan("a/2", "b/1", "a/2"), ["a/2/x", "a/3"]),
            (KeySpan("a/3", None, "a/1"), ["a/3", "b/1", "c"]),
            (KeySpan(after="c"), []),
            (KeySpan(after=" "), list(VALUES)),
        ],
    )
    def test_a_range_is_inclusive_from_exclusive_until_and_behind_its_cursor(
        self, store: Store, span: KeySpan, wanted: list[str]
    ) -> None:
        written(store, [change(count(key, number)) for key, number in VALUES.items()])
        assert ranged(store, span) == [[(key, VALUES[key]) for key in wanted]]
        assert ranged(store, span, limit=2) == [[(key, VALUES[key]) for key in wanted[:2]]]

    @pytest.mark.parametrize("limit", [0, -1, -9])
    def test_a_limit_of_0_or_less_takes_none(self, store: Store, limit: int) -> None:
        commit(store, count("hall", 1))
        assert ranged(store, KeySpan(), KeySpan("a"), limit=limit) == [[], []]

    def test_each_span_has_a_list_and_a_limit_of_its_own(self, store: Store) -> None:
        written(store, [change(count(key, number)) for key, number in VALUES.items()])
        spans = [KeySpan("b"), KeySpan("d"), KeySpan(None, "b"), KeySpan("b"), KeySpan(after="b/1")]
        found = ranged(store, *spans, limit=2)
        assert [[key for key, _ in each] for each in found] == [
            ["b/1", "c"],
            [],
            ["a/1", "a/2"],
            ["b/1", "c"],
            ["c"],
        ]

    def test_counters_of_the_value_0_are_left_out(self, store: Store) -> None:
        written(store, [change(count("a", 1), count("b", 2), count("c", 0), count("d", 1))])
        written(store, [change(count("b", -2)), change(count("d", -1)), change(count("d", 1))])
        assert ranged(store, KeySpan()) == [[("a", 1), ("d", 1)]]
        assert ranged(store, KeySpan(), limit=2) == [[("a", 1), ("d", 1)]]
        commit(store, count("b", 3))
        assert ranged(store, KeySpan()) == [[("a", 1), ("b", 3), ("d", 1)]]

    def test_counters_of_another_name_are_left_out(self, store: Store) -> None:
        written(store, [change(count("a", 1), count("b", 2, counter="other"))])
        assert ranged(store, KeySpan()) == [[("a", 1)]]
        assert ranged(store, KeySpan(), counter="other") == [[("b", 2)]]

    def test_a_range_without_a_limit_is_whole(self, store: Store) -> None:
        keys = [f"{place:05d}" for place in range(LARGE)]
        written(store, [change(*(count(key, place + 1) for place, key in enumerate(keys)))])
        whole = [(key, place + 1) for place, key in enumerate(keys)]
        assert ranged(store, KeySpan()) == [whole]
        assert ranged(store, KeySpan(), limit=MANY) == [whole]
        assert ranged(store, KeySpan(), limit=LARGE - 1) == [whole[:-1]]
        assert ranged(store, *(KeySpan(key) for key in keys), limit=1) == [[each] for each in whole]
