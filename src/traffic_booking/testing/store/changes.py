"""A change is written whole if all its guards hold, and not at all if one does not; a conflict names them all."""

from typing import Any

import pytest

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    Delete,
    EntriesOfStreams,
    FailedGuard,
    KeySpan,
    Put,
    RecordsByIndex,
    RecordsByKey,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.reading_feed import entries_behind
from traffic_booking.testing.store.sample_schema import (
    EVERYTHING,
    GUARDS,
    ONCES,
    OTHER,
    PLACES,
    THINGS,
    Part,
    Trim,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    once,
    record,
    row_of,
    sorted_conflict,
    stream,
    thing,
    unchanged,
    value,
    written,
)

BEFORE = (
    thing("old", kind="a"),
    thing("going", kind="a"),
    guard("north"),
    guard("south"),
    once("used", "answer"),
    count("hall", 2),
    count("yard", 1),
    once("spent"),
    entry("log", "before"),
    entry("passing", "before"),
)
"""What is stored before each case."""
WHOLE: tuple[Part, ...] = (
    thing("new", kind="b"),
    thing("old", 1, kind="b"),
    Delete("things", "going", 1),
    Delete("onces", "spent", 1),
    guard("south", 1),
    once("fresh"),
    unchanged("north", 1),
    unchanged("west", 0),
    count("hall", 1, 3),
    count("yard", -1),
    count("garden", 2, 2, counter="other"),
    entry("log", "first"),
    entry("other log", "second"),
    Trim("passing"),
)
"""A change with every kind of part, all of whose guards hold."""
BROKEN: dict[str, tuple[Part, FailedGuard]] = {
    "counter above its ceiling": (count("shed", 1, 0), FailedGuard("places", "shed", 0)),
    "counter below 0": (count("shed", -1), FailedGuard("places", "shed", 0)),
    "put of a key in use": (once("used", "mine"), FailedGuard("onces", "used", 1, row_of(once("used", "answer")))),
    "put over another version": (thing("gone", 1), FailedGuard("things", "gone", 0)),
    "delete of what is absent": (Delete("things", "gone", 1), FailedGuard("things", "gone", 0)),
    "check of another version": (unchanged("east", 2), FailedGuard("guards", "east", 0)),
}


def everything(store: Store) -> list[Any]:
    """All that the cases of this file can have written."""
    return [
        *store.read(
            [
                *(RecordsByIndex(each.name, None, [EVERYTHING]) for each in (THINGS, ONCES, GUARDS)),
                RecordsByIndex("things", "by_kind_and_size", [EVERYTHING._replace(equal=(kind,)) for kind in "ab"]),
                RecordsByKey("things", ["old", "new", "going", "gone"]),
                CountersByKey(PLACES.name, ["hall", "yard", "shed"]),
                CountersByRange(PLACES.name, [KeySpan()]),
                CountersByRange(OTHER.name, [KeySpan()]),
                EntriesOfStreams(["log", "other log", "passing"]),
            ]
        ),
        entries_behind(store, BEGINNING, 2),
    ]


class ChangeCases(StoreCases):
    """All parts or none."""

    def test_an_empty_change_is_written(self, store: Store) -> None:
        assert list(store.commit([change()])) == [None]
        assert list(store.commit([change(), change()])) == [None, None]

    def test_no_changes_have_no_results(self, store: Store) -> None:
        assert list(store.commit([])) == []

    def test_a_change_is_written_whole(self, store: Store) -> None:
        written(store, [change(*BEFORE)])
        assert commit(store, *WHOLE) is None
        for put in (part for part in WHOLE if isinstance(part, Put)):
            assert record(store, put.key, put.collection) == row_of(put)
        assert record(store, "going") is None
        assert record(store, "north", "guards") == row_of(guard("north"))
        assert [value(store, "hall"), value(store, "yard"), value(store, "garden", "other")] == [3, 0, 2]
        assert stream(store, "log") == [("noted", "before"), ("noted", "first")]
        assert stream(store, "other log") == [("noted", "second")]
        assert (record(store, "spent", "onces"), stream(store, "passing")) == (None, [])

    @pytest.mark.parametrize("place", [0, len(WHOLE)], ids=["first", "last"])
    @pytest.mark.parametrize("broken", BROKEN)
    def test_a_conflict_leaves_nothing_of_its_change_behind(self, store: Store, broken: str, place: int) -> None:
        part, failed = BROKEN[broken]
        written(store, [change(*BEFORE)])
        before = everything(store)
        assert commit(store, *WHOLE[:place], part, *WHOLE[place:]) == conflict(failed)
        assert everything(store) == before
        assert commit(store, *WHOLE) is None

    def test_a_conflict_names_every_guard_that_failed_and_none_that_held(self, store: Store) -> None:
        written(store, [change(*BEFORE), change(thing("old", 1, kind="c"), guard("south", 1, level=4))])
        result = commit(
            store,
            thing("old", 1),
            thing("new"),
            thing("going"),
            once("used"),
            once("fresh"),
            Delete("things", "absent", 3),
            guard("north", 1),
            unchanged("south", 1),
            unchanged("west", 7),
            unchanged("east", 0),
            count("hall", 1, 2),
            count("yard", -2),
            count("shed", 1),
            count("hall", -1, counter="other"),
            entry("log", "lost"),
        )
        assert sorted_conflict(result) == conflict(
            FailedGuard("things", "old", 2),
            FailedGuard("things", "going", 1, row_of(thing("going", kind="a"))),
            FailedGuard("onces", "used", 1, row_of(once("used", "answer"))),
            FailedGuard("things", "absent", 0),
            FailedGuard("guards", "south", 2),
            FailedGuard("guards", "west", 0),
            FailedGuard("places", "hall", 2),
            FailedGuard("places", "yard", 1),
            FailedGuard("other", "hall", 0),
        )

    def test_a_conflict_names_all_of_many_guards_of_one_kind(self, store: Store) -> None:
        written(store, [change(*(once(f"key-{place}", str(place)) for place in range(30)))])
        result = commit(store, *(part for n in range(30) for part in (once(f"key-{n}"), count(f"c-{n}", -1))))
        assert sorted_conflict(result) == conflict(
            *(FailedGuard("onces", f"key-{place}", 1, row_of(once(f"key-{place}", str(place)))) for place in range(30)),
            *(FailedGuard("places", f"c-{place}", 0) for place in range(30)),
        )

    def test_two_conflicts_about_one_key_each_name_it(self, store: Store) -> None:
        commit(store, count("hall", 1))
        results = store.commit([change(count("hall", 1, 1)), change(count("hall", 1, 1)), change(count("hall", -2))])
        assert list(results) == [conflict(FailedGuard("places", "hall", 1))] * 3
