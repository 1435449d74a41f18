"""Guards of counters and records, and changes that are written whole or not at all."""

from collections.abc import Callable

import pytest

from traffic_booking.ports.primitives import Delete, FailedGuard, Put
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.reading import whole_state
from traffic_booking.testing.kit.sample_schema import (
    MANY,
    ChangePart,
    Trim,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
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
from traffic_booking.testing.samples.appointments import START, TICK

MOST = 2**63 - 1
STEPS: dict[str, list[tuple[int, int, bool]]] = {
    "by its delta": [(delta, MANY, True) for delta in (3, 1, -2, 5, -7, 1)],
    "not above a ceiling of 0": [(1, 0, False)],
    "to its ceiling and no further": [(1, 2, True), (1, 2, True), (1, 2, False), (1, 3, True), (1, 3, False)],
    "not past its ceiling by a large delta": [(4, 3, False), (2, 3, True), (2, 3, False), (1, 3, True)],
    "not below 0": [(-1, MANY, False), (2, MANY, True), (-3, MANY, False), (-2, MANY, True), (-1, MANY, False)],
    "by 0 whatever the ceiling is": [(0, -1, True), (5, 5, True), *((0, each, True) for each in (-1, 0, 4, 5, 6))],
    "down above a lowered ceiling": [(5, 5, True), (1, 3, False), (-1, 3, True), (-1, 0, True), (1, 3, False)],
    "up again after it moved down": [(2, 2, True), (1, 2, False), (-2, 2, True), (2, 2, True), (1, 2, False)],
    "over all 64 bits": [(MOST - 1, MOST, True), (1, MOST, True), (1, MOST, False), (-MOST, -MOST, True)],
    "by 64 bits from 0": [(-MOST, -(2**63), False), (2**31, MOST, True), (2**53, MOST, True)],
}
"""Delta, ceiling, and whether the guard holds, step by step."""
PARTS: dict[str, Callable[[str, int], ChangePart]] = {
    "put": lambda key, expected: guard(key, expected, level=9, body="new"),
    "delete": lambda key, expected: Delete("guards", key, expected),
    "check": unchanged,
}
FULL = thing(
    "lamp", kind="light", size=7, made_at=START + TICK, owner="me", due_at=START - TICK, weight=0, body="glass"
)


class GuardCases(StoreCases):
    """One counter or record after another."""

    def test_a_counter_that_is_not_stored_has_the_value_0(self, store: Store) -> None:
        assert value(store, "hall") == 0

    @pytest.mark.parametrize("how", STEPS)
    def test_a_counter_moves_between_0_and_its_ceiling(self, store: Store, how: str) -> None:
        expected = 0
        for delta, ceiling, holds in STEPS[how]:
            result = commit(store, count("hall", delta, ceiling))
            assert result == (None if holds else conflict(FailedGuard("places", "hall", expected)))
            expected += delta * holds
            assert value(store, "hall") == expected

    @pytest.mark.parametrize("stored", range(4))
    @pytest.mark.parametrize("kind", PARTS)
    def test_the_guard_of_a_record_is_its_stored_version(self, store: Store, kind: str, stored: int) -> None:
        for expected in range(kind == "delete", 6):
            key, part = f"{expected}", PARTS[kind](f"{expected}", expected)
            puts = [guard(key, version, level=version) for version in range(stored)]
            assert [commit(store, put) for put in puts] == [None] * stored
            before = row_of(puts[-1]) if puts else None
            failed = FailedGuard("guards", key, stored, before if expected == 0 else None)
            assert commit(store, part) == (None if expected == stored else conflict(failed))
            after = before
            if expected == stored and kind != "check":
                after = row_of(part) if isinstance(part, Put) else None
            assert record(store, key, "guards") == after

    def test_a_record_comes_back_with_version_1_and_every_column(self, store: Store) -> None:
        assert record(store, "lamp") is None
        assert commit(store, FULL) is None
        assert record(store, "lamp") == ("lamp", 1, "light", 7, START + TICK, "me", START - TICK, 0, "glass")

    def test_a_put_replaces_the_whole_record_and_raises_its_version_by_one(self, store: Store) -> None:
        bare = FULL._replace(expected=1, columns=("bulb", -1, START, None, None, None), body="")
        for put in (FULL, bare, FULL._replace(expected=2)):
            assert commit(store, put) is None
            assert record(store, "lamp") == row_of(put)

    def test_a_deleted_record_is_absent_and_begins_anew_at_version_1(self, store: Store) -> None:
        for body in ("first", "second"):
            assert commit(store, thing("lamp", body=body)) is None
            assert commit(store, thing("lamp", 1, body=body)) is None
            assert commit(store, Delete("things", "lamp", 2)) is None
            assert (record(store, "lamp"), keys_listed(store, None)) == (None, [])
            for late in (Delete("things", "lamp", 2), thing("lamp", 2)):
                assert commit(store, late) == conflict(FailedGuard("things", "lamp", 0))

    def test_a_record_that_is_written_once_can_be_deleted_and_then_written_anew(self, store: Store) -> None:
        for body in ("first", "second"):
            assert commit(store, once("code", body)) is None
            stored = row_of(once("code", body))
            assert commit(store, once("code", "other")) == conflict(FailedGuard("onces", "code", 1, stored))
            assert commit(store, Delete("onces", "code", 2)) == conflict(FailedGuard("onces", "code", 1))
            assert record(store, "code", "onces") == stored
            assert commit(store, Delete("onces", "code", 1)) is None
            assert (record(store, "code", "onces"), keys_listed(store, None, collection="onces")) == (None, [])
            assert commit(store, Delete("onces", "code", 1)) == conflict(FailedGuard("onces", "code", 0))


BEFORE = (
    *(thing("old", kind="a"), thing("going", kind="a"), guard("north"), guard("south"), once("used", "answer")),
    *(count("hall", 2), count("yard", 1), once("spent"), entry("log", "before"), entry("passing", "before")),
)
"""The parts of the change that each case begins with."""
WHOLE: tuple[ChangePart, ...] = (
    *(thing("new", kind="b"), thing("old", 1, kind="b"), Delete("things", "going", 1), Delete("onces", "spent", 1)),
    *(guard("south", 1), once("fresh"), unchanged("north", 1), unchanged("west", 0)),
    *(count("hall", 1, 3), count("yard", -1), count("garden", 2, 2, counter="other")),
    *(entry("log", "first"), entry("other log", "second"), Trim("passing")),
)
"""A change with every kind of part, all of whose guards hold."""
BROKEN: dict[str, tuple[ChangePart, FailedGuard]] = {
    "counter above its ceiling": (count("shed", 1, 0), FailedGuard("places", "shed", 0)),
    "counter below 0": (count("shed", -1), FailedGuard("places", "shed", 0)),
    "put of a key in use": (once("used", "mine"), FailedGuard("onces", "used", 1, row_of(once("used", "answer")))),
    "put over another version": (thing("gone", 1), FailedGuard("things", "gone", 0)),
    "delete of an absent record": (Delete("things", "gone", 1), FailedGuard("things", "gone", 0)),
    "check of another version": (unchanged("east", 2), FailedGuard("guards", "east", 0)),
}


class ChangeCases(StoreCases):
    """All parts or none."""

    def test_nothing_to_write_is_no_conflict(self, store: Store) -> None:
        assert [list(store.commit([change()] * number)) for number in range(3)] == [[], [None], [None] * 2]

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
        before = whole_state(store)
        assert commit(store, *WHOLE[:place], part, *WHOLE[place:]) == conflict(failed)
        assert whole_state(store) == before
        assert commit(store, *WHOLE) is None

    def test_a_conflict_names_every_guard_that_failed_and_none_that_held(self, store: Store) -> None:
        written(store, [change(*BEFORE), change(thing("old", 1, kind="c"), guard("south", 1, level=4))])
        failing: dict[ChangePart, FailedGuard] = {
            thing("old", 1): FailedGuard("things", "old", 2),
            thing("going"): FailedGuard("things", "going", 1, row_of(thing("going", kind="a"))),
            once("used"): FailedGuard("onces", "used", 1, row_of(once("used", "answer"))),
            Delete("things", "absent", 3): FailedGuard("things", "absent", 0),
            unchanged("south", 1): FailedGuard("guards", "south", 2),
            unchanged("west", 7): FailedGuard("guards", "west", 0),
            count("hall", 1, 2): FailedGuard("places", "hall", 2),
            count("yard", -2): FailedGuard("places", "yard", 1),
            count("hall", -1, counter="other"): FailedGuard("other", "hall", 0),
        }
        holding = thing("new"), once("fresh"), guard("north", 1), unchanged("east", 0), count("shed", 1)
        result = commit(store, *failing, *holding, entry("log", "lost"))
        assert sorted_conflict(result) == conflict(*failing.values())
