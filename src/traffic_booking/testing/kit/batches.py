"""Changes of a batch are independent, and each sees those before it: versions, values, deletes and checks."""

import pytest

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import Delete, FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.model import Twins
from traffic_booking.testing.kit.reading import STATE, bodies, entries_behind
from traffic_booking.testing.kit.sample_schema import (
    ChangePart,
    change,
    conflict,
    count,
    entry,
    guard,
    once,
    record,
    records,
    row_of,
    stream,
    thing,
    unchanged,
    value,
    written,
)

FULL, EMPTY = (FailedGuard("places", "hall", value) for value in (1, 0))
MOST = 2**63 - 1
Steps = list[tuple[tuple[ChangePart, ...], FailedGuard | None]]


def versions_of(collection: str, key: str) -> list[FailedGuard]:
    """The failed guard of that record, by the version that is stored."""
    return [FailedGuard(collection, key, version) for version in range(4)]


A, NORTH = versions_of("things", "a"), versions_of("guards", "north")
BATCHES: dict[str, Steps] = {
    "conflicts alone": [((thing(key), count("hall", -1), entry("log", key)), EMPTY) for key in "abc"],
    "a put behind a put": [
        ((thing("a", body="first"),), None),
        ((thing("a", body="again"),), FailedGuard("things", "a", 1, row_of(thing("a", body="first")))),
        ((thing("a", 1, body="second"),), None),
        ((thing("a", 1, body="stale"),), A[2]),
        ((thing("a", body="again"),), FailedGuard("things", "a", 2, row_of(thing("a", 1, body="second")))),
        ((thing("a", 2, body="third"),), None),
        ((thing("a", 2),), A[3]),
    ],
    "a delete and a put behind it": [
        ((thing("a"), once("code", "first")), None),
        ((Delete("things", "a", 1), Delete("onces", "code", 1)), None),
        ((thing("a", 1),), A[0]),
        ((Delete("things", "a", 1),), A[0]),
        ((thing("a", body="new"), once("code", "second")), None),
        ((once("code", "late"),), FailedGuard("onces", "code", 1, row_of(once("code", "second")))),
        ((Delete("things", "a", 1), thing("b")), None),
        ((Delete("things", "b", 1), Delete("onces", "code", 1)), None),
        ((thing("a", body="newest"), once("code", "third")), None),
    ],
    "checks and puts of one key": [
        ((unchanged("north", 0), guard("south")), None),
        ((guard("north"),), None),
        ((unchanged("north", 0),), NORTH[1]._replace(record=row_of(guard("north")))),
        ((unchanged("north", 1), thing("a")), None),
        ((guard("north", 1),), None),
        ((unchanged("north", 1), thing("late")), NORTH[2]),
        ((unchanged("north", 2), thing("on time")), None),
        ((guard("south"), unchanged("north", 2)), FailedGuard("guards", "south", 1, row_of(guard("south")))),
        ((Delete("guards", "north", 2),), None),
        ((unchanged("north", 2),), NORTH[0]),
        ((unchanged("north", 0), thing("b")), None),
    ],
    "a counter at its ceiling and at 0": [
        ((count("hall", delta, 1), entry("log", f"{delta}")), failed)
        for delta, failed in ((1, None), (1, FULL), (-1, None), (1, None), (1, FULL), (-1, None), (-1, EMPTY))
    ],
    "deltas of more than 64 bits together": [
        ((count("hall", -MOST),), EMPTY),
        ((count("hall", MOST, MOST),), None),
        ((count("hall", MOST, MOST),), FailedGuard("places", "hall", MOST)),
    ],
    "moves between full counters": [
        ((count("hall", 1, 1), count("yard", 1, 1)), None),
        ((count("hall", -1, 1), count("yard", 1, 1)), FailedGuard("places", "yard", 1)),
        ((count("yard", -1, 1),), None),
        ((count("hall", -1, 1), count("yard", 1, 1)), None),
        ((count("yard", -1, 1), count("hall", 1, 1)), None),
    ],
}
"""The parts of each change, and the guard with which it conflicts."""
STALE: dict[str, tuple[ChangePart, ChangePart, FailedGuard]] = {
    "check behind a put": (guard("north", 1), unchanged("north", 1), NORTH[2]),
    "put behind a put": (thing("a", 1), thing("a", 1, body="stale"), A[2]),
    "delete behind a delete": (Delete("things", "a", 1), Delete("things", "a", 1), A[0]),
    "put beside a put": (thing("b", 1), thing("a", 3, body="stale"), A[1]),
    "delete beside a delete": (Delete("things", "b", 1), Delete("things", "a", 3), A[1]),
    "check beside a check": (unchanged("south", 1), unchanged("north", 2), NORTH[1]),
}
"""Two changes and the conflict of the second; no other conflict makes a store look closer."""


class BatchCases(StoreCases):
    """Independence and order."""

    def test_a_conflict_leaves_its_neighbours_alone(self, store: Store) -> None:
        batch = [change(thing(name), count("hall", 1, 1 if name == "b" else 9), entry("log", name)) for name in "abc"]
        assert list(store.commit(batch)) == [None, conflict(FULL), None]
        assert [row is not None for row in records(store, ["a", "b", "c"])] == [True, False, True]
        assert stream(store, "log") == [("noted", "a"), ("noted", "c")]
        assert value(store, "hall") == 2

    @pytest.mark.parametrize("place", [0, 2], ids=["first", "last"])
    def test_a_conflict_at_an_end_of_a_batch_undoes_nothing(self, store: Store, place: int) -> None:
        batch = [change(thing("a"), entry("log", "a")), change(count("hall", 1))]
        batch.insert(place, change(thing("b", 1)))
        found = list(store.commit(batch))
        assert found.pop(place) == conflict(FailedGuard("things", "b", 0))
        assert found == [None, None]
        assert (record(store, "a") is not None, value(store, "hall")) == (True, 1)
        assert stream(store, "log") == [("noted", "a")]

    @pytest.mark.parametrize("name", BATCHES)
    def test_each_change_of_a_batch_sees_those_before_it(self, store: Store, name: str) -> None:
        steps = BATCHES[name]
        twins = Twins(store)
        expected = [None if failed is None else conflict(failed) for _, failed in steps]
        assert twins.commit([change(*parts) for parts, _ in steps]) == expected
        twins.compare(list(STATE.values()))

    def test_a_later_change_does_not_see_what_a_conflict_would_have_written(self, store: Store) -> None:
        store.commit([change(count("hall", 1), thing("old"), guard("north"))])
        failing = change(thing("new"), thing("old", 1), guard("north", 1), once("code"), count("hall", 1, 1))
        batch = [failing, change(thing("new"), thing("old", 1), once("code"), unchanged("north", 1), count("hall", -1))]
        assert list(store.commit(batch)) == [conflict(FULL), None]
        assert value(store, "hall") == 0

    @pytest.mark.parametrize("name", STALE)
    def test_a_stale_version_conflicts_although_nothing_else_does(self, store: Store, name: str) -> None:
        first, second, failed = STALE[name]
        written(store, [change(guard("north"), guard("south"), thing("a"), thing("b"))])
        assert list(store.commit([change(first), change(second, thing("late"))])) == [None, conflict(failed)]
        assert record(store, "late") is None

    def test_entries_of_a_batch_stand_in_the_order_of_its_changes(self, store: Store) -> None:
        batch = [
            change(entry("log", "a"), entry("log", "b")),
            change(entry("log", "c"), count("hall", -1)),
            change(entry("other log", "d"), entry("log", "e")),
            change(entry("log", "a"), entry("log", "b")),
        ]
        store.commit(batch)
        assert [body for _, body in stream(store, "log")] == ["a", "b", "e", "a", "b"]
        assert bodies(entries_behind(store, BEGINNING, 6)) == ["a", "b", "d", "e", "a", "b"]
