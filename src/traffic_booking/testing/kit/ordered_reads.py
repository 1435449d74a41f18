"""Reads by index and by range of keys: order, bounds, cursors and limits; entries of an index follow their records."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from traffic_booking.ports.primitives import CountersByRange, Delete, KeySpan, Query, RecordsByIndex, Span, Via
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.model import Twins
from traffic_booking.testing.kit.sample_schema import change, count, keys_listed, thing, written
from traffic_booking.testing.samples.appointments import START, TICK

HOURS = [START + timedelta(hours=hours) for hours in range(6)]
SIZES = {"c": 1, "a": 2, "d": 2, "b": 2, "e": 5, "f": -3}
IN_ORDER = ["f", "c", "a", "b", "d", "e"]
"""By size, and those of one size by key."""
OWNERS = dict(zip("abcdef", ("me", "you", None, "me", "", "Me"), strict=True))
DUE = dict(zip("abcdef", (3, 3, None, 1, None, 2), strict=True))
THINGS = [
    *(
        thing(key, kind="one", size=size, owner=OWNERS[key], due_at=None if DUE[key] is None else HOURS[DUE[key] or 0])
        for key, size in SIZES.items()
    ),
    *(thing(f"x{key}", kind="two", size=size + 100, made_at=HOURS[1]) for key, size in SIZES.items()),
    *(thing(f"y{place}", kind="way", owner=owner) for place, owner in enumerate(("one", "two", None, "absent"))),
]
VALUES = {"a/1": 1, "a/2": 2, "a/2/x": 9, "a/3": 3, "b/1": 4, "c": 5}
MOVED = [
    *(change(Delete("things", key, 1)) for key in ("b", "xb")),
    *(change(thing("c", 1, kind="one", size=9)), change(thing("e", 1, kind="two", size=101, owner="me"))),
    *(change(thing("y0", 1, kind="way", owner="two")), change(thing("f", 1, kind="one", due_at=HOURS[2]))),
    *(change(count("a/2", -2)), change(count("c", -5)), change(count("b/2", 1)), change(count("c", 1))),
]
"""Deleted and moved records, on which cursors stand, and counters that are 0 again."""
LIMITS = None, 0, -1, 1, 2
CURSORS = (2, "a"), (2, "aa"), (2, "d"), (2, "z"), (1, "c"), (3, "a"), (-9, "x"), (5, "e"), (9, "a")
"""Most name no record that was ever stored."""
WAYS = [Span((Via("things", f"y{place}", "owner"),)) for place in range(5)]
SPANS: dict[str, tuple[str | None, Sequence[Span]]] = {
    "values of the first column": ("by_kind_and_size", [Span((kind,)) for kind in ("two", "none", "one", "two")]),
    "bounds": (
        "by_kind_and_size",
        [Span(("one",), first, end) for first in (None, -3, 2, 3, 6) for end in (None, 2, 3, 5)],
    ),
    "cursors": ("by_kind_and_size", [Span(("one",), None, None, cursor) for cursor in CURSORS]),
    "cursors within bounds": ("by_kind_and_size", [Span(("one",), 2, 5, cursor) for cursor in CURSORS]),
    "overlapping spans": ("by_size", [Span((), 1, 3), Span((), 2, 6), Span((), 2, 3), Span(), Span((), 2)]),
    "keys": (
        None,
        [Span(), Span((), "b", "e"), Span((), "b", "x", ("d",)), Span((), None, "b"), Span((), "zz")]
        + [Span(after=(key,)) for key in ("c", "cc", "f", "z")],
    ),
    "instants of an optional column": (
        "by_due",
        [Span(), *(Span((), None, HOURS[1] + TICK * ticks) for ticks in (0, 1)), Span((), HOURS[3])]
        + [Span(after=(HOURS[hours], "a")) for hours in (1, 2, 3)],
    ),
    "an index that depends on another column": ("due_by_kind", [Span((kind,)) for kind in ("one", "two")]),
    "texts of an optional column": ("by_owner", [Span((owner,)) for owner in ("me", "you", "", "Me", "absent")]),
    "values through another record": ("by_kind_and_size", [*WAYS, WAYS[0]._replace(from_=2), Span(("two",))]),
    "cursors through another record": ("by_kind_and_size", [way._replace(after=(2, "a")) for way in WAYS]),
}
KEY_SPANS = [
    *(KeySpan(first, end) for first in (None, "a/", "a/2", "a/3", "b") for end in (None, "a/2", "a/3", "a0")),
    *(KeySpan(after=after) for after in (" ", "a/2", "a/2/", "c")),
    *(KeySpan("a/2", "b/1", after) for after in ("a/1", "a/2", "b")),
]
MOVES: list[dict[str, Any]] = [
    {"kind": "a", "size": 1, "made_at": HOURS[0]},
    {"kind": "a", "size": 3, "made_at": HOURS[2], "due_at": HOURS[1]},
    {"kind": "b", "size": 2, "made_at": HOURS[1], "due_at": HOURS[4], "owner": "me"},
    {"kind": "b", "size": 2, "made_at": HOURS[1], "owner": "you"},
    {"kind": "a", "size": 1, "made_at": HOURS[0], "due_at": HOURS[1], "owner": "you"},
    {"kind": "c", "size": 9, "made_at": HOURS[5], "due_at": HOURS[5]},
    {"kind": "b", "size": 0, "made_at": HOURS[3]},
]
"""The versions of one record, one after another."""
EVERY_INDEX: list[Query] = [
    *(
        RecordsByIndex("things", name, [Span((kind,)) for kind in "abc"])
        for name in ("by_kind_and_time", "due_by_kind")
    ),
    RecordsByIndex("things", "by_kind_and_size", [Span((kind,)) for kind in "abc"]),
    RecordsByIndex("things", "by_owner", [Span((owner,)) for owner in ("me", "you")]),
    RecordsByIndex("things", "by_kind", [Span((size,), kind, kind + "~") for size in range(10) for kind in "abc"]),
    *(RecordsByIndex("things", name, [Span()]) for name in ("by_size", "by_due", None)),
]


class OrderedReadCases(StoreCases):
    """Spans of an index and ranges of keys."""

    @pytest.fixture
    def twins(self, store: Store) -> Twins:
        """The store and the model with the same records and counters."""
        twins = Twins(store)
        twins.commit([change(each) for each in reversed(THINGS)])
        twins.commit([change(*(count(key, value) for key, value in reversed(VALUES.items())), count("b/0", 0))])
        twins.commit([change(count("a/1", 7, counter="other"))])
        return twins

    def test_records_come_by_the_last_column_and_then_by_key(self, store: Store) -> None:
        written(store, [change(each) for each in THINGS])
        assert keys_listed(store, "by_kind_and_size", Span(("one",))) == IN_ORDER
        assert keys_listed(store, "by_kind_and_size", Span(("one",)), descending=True) == IN_ORDER[::-1]
        assert keys_listed(store, None, Span((), "a", "d")) == ["a", "b", "c"]

    @pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
    @pytest.mark.parametrize("name", SPANS)
    def test_a_span_lists_the_records_within_its_bounds_behind_its_cursor_and_within_its_limit(
        self, twins: Twins, name: str, *, descending: bool
    ) -> None:
        index, spans = SPANS[name]
        several = [RecordsByIndex("things", index, spans, descending, limit) for limit in LIMITS]
        alone = [RecordsByIndex("things", index, [span], descending, limit) for span in spans for limit in (None, 2)]
        twins.compare([*several, *alone])
        twins.commit(MOVED)
        twins.compare([*several, *alone])

    def test_a_range_of_keys_lists_the_counters_above_0(self, twins: Twins) -> None:
        queries = [CountersByRange(name, KEY_SPANS, limit) for limit in LIMITS for name in ("places", "other")]
        queries += [CountersByRange("places", [span], limit) for span in KEY_SPANS for limit in (None, 2)]
        twins.compare(queries)
        twins.commit(MOVED)
        twins.compare(queries)

    def test_a_record_stands_in_every_index_where_its_last_version_puts_it(self, store: Store) -> None:
        twins = Twins(store)
        for version, columns in enumerate(MOVES):
            twins.commit([change(thing("lamp", version, **columns))])
            twins.compare(EVERY_INDEX)
        twins.commit([change(thing("lamp", 1)), change(thing("lamp", len(MOVES), **MOVES[2]), count("hall", -1))])
        twins.compare(EVERY_INDEX)

    def test_versions_and_deletes_of_one_batch_leave_only_the_last_in_an_index(self, store: Store) -> None:
        twins = Twins(store)
        for first, second in zip(MOVES[1:], MOVES, strict=False):
            twins.commit([change(thing("lamp", 0, **first)), change(thing("lamp", 1, **second))])
            twins.compare(EVERY_INDEX)
            twins.commit([change(Delete("things", "lamp", 2))])
            twins.compare(EVERY_INDEX)
            twins.commit([change(thing("lamp", 0, **first)), change(Delete("things", "lamp", 1))])
            twins.compare(EVERY_INDEX)
        twins.commit([change(thing("lamp", 0, **MOVES[4]))])
        twins.commit([change(Delete("things", "lamp", 1)), change(thing("lamp", 0, **MOVES[2]))])
        twins.compare(EVERY_INDEX)
