"""An index holds what the records say now: entries move with every version, and leave with their record."""

from datetime import timedelta
from typing import Any

from traffic_booking.ports.primitives import Delete, RecordsByIndex, Span
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import START
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import (
    change,
    commit,
    count,
    keys_listed,
    thing,
    written,
)

MOMENTS = [START + timedelta(minutes=place) for place in range(6)]
MOVES: list[dict[str, Any]] = [
    {"kind": "a", "size": 1, "made_at": MOMENTS[0]},
    {"kind": "a", "size": 3, "made_at": MOMENTS[2], "due_at": MOMENTS[1]},
    {"kind": "b", "size": 2, "made_at": MOMENTS[1], "due_at": MOMENTS[4], "owner": "me"},
    {"kind": "b", "size": 2, "made_at": MOMENTS[1], "owner": "you"},
    {"kind": "a", "size": 1, "made_at": MOMENTS[0], "due_at": MOMENTS[1], "owner": "you"},
    {"kind": "c", "size": 9, "made_at": MOMENTS[5], "due_at": MOMENTS[5]},
    {"kind": "b", "size": 0, "made_at": MOMENTS[3]},
    {"kind": "b", "size": 0, "made_at": MOMENTS[3]},
]
"""The versions of one record, one after another."""


def places(store: Store) -> dict[str, list[list[str]]]:
    """Which keys stand in each index, span by span."""
    by_text = [Span((kind,)) for kind in "abc"]
    found = {
        "by_kind_and_time": by_text,
        "by_kind_and_size": by_text,
        "due_by_kind": by_text,
        "by_owner": [Span((owner,)) for owner in ("me", "you")],
        "by_size": [Span((), size, size + 1) for size in range(10)],
        "by_due": [Span((), moment, moment + timedelta(seconds=1)) for moment in MOMENTS],
        "by_kind": [Span((size,), kind, kind + "~") for size in range(10) for kind in "abc"],
    }
    lists = store.read([RecordsByIndex("things", index, spans) for index, spans in found.items()])
    return {index: [[row[0] for row in rows] for rows in each] for index, each in zip(found, lists, strict=True)}


def wanted(key: str, columns: dict[str, Any] | None) -> dict[str, list[list[str]]]:
    """The same, of a store in which that record stands alone."""

    def here(*holds: bool) -> list[list[str]]:
        return [[key] if each else [] for each in holds]

    of = columns or {}
    kind, size, due = of.get("kind"), of.get("size"), of.get("due_at")
    return {
        "by_kind_and_time": here(*(kind == each for each in "abc")),
        "by_kind_and_size": here(*(kind == each for each in "abc")),
        "due_by_kind": here(*(kind == each and due is not None for each in "abc")),
        "by_owner": here(*(of.get("owner") == each for each in ("me", "you"))),
        "by_size": here(*(size == each for each in range(10))),
        "by_due": here(*(due == each for each in MOMENTS)),
        "by_kind": here(*((size, kind) == (s, k) for s in range(10) for k in "abc")),
    }


class UpkeepCases(StoreCases):
    """Indexes beside their records."""

    def test_a_record_stands_in_every_index_where_its_last_version_puts_it(self, store: Store) -> None:
        for version, columns in enumerate(MOVES):
            assert commit(store, thing("lamp", version, **columns)) is None
            assert places(store) == wanted("lamp", columns), f"after version {version + 1}"

    def test_versions_of_one_batch_leave_only_the_last_in_an_index(self, store: Store) -> None:
        for first in range(0, len(MOVES), 3):
            batch = MOVES[first : first + 3]
            written(store, [change(thing("lamp", first + place, **columns)) for place, columns in enumerate(batch)])
            assert places(store) == wanted("lamp", batch[-1])

    def test_a_deleted_record_leaves_every_index_and_comes_back_to_its_new_place(self, store: Store) -> None:
        for columns in MOVES[1:5]:
            written(store, [change(thing("lamp", 0, **MOVES[5])), change(thing("lamp", 1, **columns))])
            assert places(store) == wanted("lamp", columns)
            written(store, [change(Delete("things", "lamp", 2))])
            assert places(store) == wanted("lamp", None)

    def test_a_record_that_is_put_and_deleted_in_one_batch_stands_in_no_index(self, store: Store) -> None:
        written(store, [change(thing("lamp", 0, **MOVES[4])), change(Delete("things", "lamp", 1))])
        assert places(store) == wanted("lamp", None)
        written(store, [change(thing("lamp", 0, **MOVES[4]))])
        written(store, [change(Delete("things", "lamp", 1)), change(thing("lamp", 0, **MOVES[2]))])
        assert places(store) == wanted("lamp", MOVES[2])

    def test_a_conflict_moves_nothing_in_an_index(self, store: Store) -> None:
        written(store, [change(thing("lamp", 0, **MOVES[4]))])
        for put in (thing("lamp", 1, **MOVES[5]), Delete("things", "lamp", 1)):
            assert commit(store, put, count("hall", -1)) is not None
            assert places(store) == wanted("lamp", MOVES[4])
        assert commit(store, thing("lamp", 2, **MOVES[5])) is not None
        assert places(store) == wanted("lamp", MOVES[4])

    def test_records_with_equal_columns_stand_side_by_side(self, store: Store) -> None:
        keys = [f"{place:02d}" for place in range(12)]
        written(store, [change(*(thing(key, **MOVES[4]) for key in keys))])
        written(store, [change(*(thing(key, 1, **MOVES[4]) for key in keys[::2]))])
        written(store, [change(*(Delete("things", key, 1) for key in keys[1::4]))])
        left = [key for key in keys if key not in keys[1::4]]
        spans = {"by_kind_and_time": "a", "by_kind_and_size": "a", "due_by_kind": "a", "by_owner": "you"}
        for index, equal in spans.items():
            assert keys_listed(store, index, Span((equal,))) == left, index
        assert keys_listed(store, "by_due") == keys_listed(store, "by_size") == left
