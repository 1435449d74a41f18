"""Records: the version that a put, a delete or a check expects."""

import pytest

from traffic_booking.ports.primitives import Delete, FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.sample_changes import START, TICK
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import (
    commit,
    conflict,
    guard,
    keys_listed,
    once,
    record,
    row_of,
    thing,
    unchanged,
)

FULL = thing(
    "lamp", kind="light", size=7, made_at=START + TICK, owner="me", due_at=START - TICK, weight=0, body="glass"
)


class RecordCases(StoreCases):
    """One record after another."""

    def test_a_record_that_nobody_put_is_absent(self, store: Store) -> None:
        assert record(store, "lamp") is None

    def test_a_record_comes_back_with_version_1_and_every_column(self, store: Store) -> None:
        assert commit(store, FULL) is None
        assert record(store, "lamp") == ("lamp", 1, "light", 7, START + TICK, "me", START - TICK, 0, "glass")

    def test_a_put_replaces_the_whole_record_and_raises_its_version_by_one(self, store: Store) -> None:
        bare = FULL._replace(expected=1, columns=("bulb", -1, START, None, None, None), body="")
        for put in (FULL, bare, FULL._replace(expected=2)):
            assert commit(store, put) is None
            assert record(store, "lamp") == row_of(put)

    def test_a_version_goes_up_one_by_one(self, store: Store) -> None:
        for version in range(20):
            assert commit(store, thing("lamp", version, size=version)) is None
            assert record(store, "lamp") == row_of(thing("lamp", version, size=version))

    def test_a_put_of_a_new_record_under_a_key_in_use_brings_the_record_that_is_stored(self, store: Store) -> None:
        commit(store, FULL)
        again = conflict(FailedGuard("things", "lamp", 1, row_of(FULL)))
        assert commit(store, thing("lamp", body="mine")) == again
        assert commit(store, FULL) == again
        second = thing("lamp", 1, body="second")
        commit(store, second)
        assert commit(store, FULL) == conflict(FailedGuard("things", "lamp", 2, row_of(second)))
        assert record(store, "lamp") == row_of(second)

    @pytest.mark.parametrize("expected", [1, 2, 4, 5])
    def test_a_put_over_another_version_conflicts_and_names_the_stored_one(self, store: Store, expected: int) -> None:
        for version in range(3):
            commit(store, thing("lamp", version))
        assert commit(store, thing("lamp", expected, body="late")) == conflict(FailedGuard("things", "lamp", 3))
        assert record(store, "lamp") == row_of(thing("lamp", 2))
        assert commit(store, thing("lamp", 3, body="now")) is None

    @pytest.mark.parametrize("expected", [1, 2])
    def test_a_put_over_a_record_that_is_absent_conflicts(self, store: Store, expected: int) -> None:
        assert commit(store, thing("lamp", expected)) == conflict(FailedGuard("things", "lamp", 0))
        assert record(store, "lamp") is None

    def test_a_deleted_record_is_absent(self, store: Store) -> None:
        commit(store, FULL)
        assert commit(store, Delete("things", "lamp", 1)) is None
        assert record(store, "lamp") is None
        assert keys_listed(store, None) == []
        assert commit(store, Delete("things", "lamp", 1)) == conflict(FailedGuard("things", "lamp", 0))

    @pytest.mark.parametrize("expected", [1, 3])
    def test_a_delete_of_another_version_conflicts(self, store: Store, expected: int) -> None:
        commit(store, FULL)
        commit(store, thing("lamp", 1))
        assert commit(store, Delete("things", "lamp", expected)) == conflict(FailedGuard("things", "lamp", 2))
        assert record(store, "lamp") == row_of(thing("lamp", 1))
        assert commit(store, Delete("things", "lamp", 2)) is None

    def test_a_delete_of_a_record_that_is_absent_conflicts(self, store: Store) -> None:
        assert commit(store, Delete("things", "lamp", 1)) == conflict(FailedGuard("things", "lamp", 0))

    def test_a_deleted_record_can_be_put_again_and_begins_at_version_1(self, store: Store) -> None:
        commit(store, FULL)
        commit(store, thing("lamp", 1))
        commit(store, Delete("things", "lamp", 2))
        assert commit(store, thing("lamp", 2)) == conflict(FailedGuard("things", "lamp", 0))
        assert commit(store, thing("lamp", body="new")) is None
        assert record(store, "lamp") == row_of(thing("lamp", body="new"))
        assert commit(store, thing("lamp", 1, body="newer")) is None

    def test_a_check_of_the_stored_version_passes_and_raises_nothing(self, store: Store) -> None:
        commit(store, guard("north", level=3))
        for _ in range(2):
            assert commit(store, unchanged("north", 1)) is None
        assert record(store, "north", "guards") == row_of(guard("north", level=3))
        commit(store, guard("north", 1))
        assert commit(store, unchanged("north", 2)) is None

    @pytest.mark.parametrize("expected", [1, 3])
    def test_a_check_of_another_version_conflicts(self, store: Store, expected: int) -> None:
        commit(store, guard("north"))
        commit(store, guard("north", 1))
        assert commit(store, unchanged("north", expected)) == conflict(FailedGuard("guards", "north", 2))

    def test_a_check_of_a_record_that_is_absent_expects_0(self, store: Store) -> None:
        assert commit(store, unchanged("north", 0)) is None
        assert commit(store, unchanged("north", 1)) == conflict(FailedGuard("guards", "north", 0))
        assert record(store, "north", "guards") is None
        commit(store, guard("north", level=5))
        stored = row_of(guard("north", level=5))
        assert commit(store, unchanged("north", 0)) == conflict(FailedGuard("guards", "north", 1, stored))

    def test_a_record_that_is_written_once_conflicts_the_second_time(self, store: Store) -> None:
        assert commit(store, once("code", "first")) is None
        first = row_of(once("code", "first"))
        assert commit(store, once("code", "second")) == conflict(FailedGuard("onces", "code", 1, first))
        assert commit(store, once("other code", "second")) is None
        assert record(store, "code", "onces") == first

    def test_a_record_that_is_written_once_can_be_deleted_and_then_written_anew(self, store: Store) -> None:
        for body in ("first", "second"):
            assert commit(store, once("code", body)) is None
            assert commit(store, Delete("onces", "code", 2)) == conflict(FailedGuard("onces", "code", 1))
            assert record(store, "code", "onces") == row_of(once("code", body))
            assert commit(store, Delete("onces", "code", 1)) is None
            assert record(store, "code", "onces") is None
            assert keys_listed(store, None, collection="onces") == []
            assert commit(store, Delete("onces", "code", 1)) == conflict(FailedGuard("onces", "code", 0))

    def test_the_same_key_in_two_collections_is_two_records(self, store: Store) -> None:
        assert commit(store, thing("key"), once("key"), guard("key")) is None
        commit(store, thing("key", 1, body="changed"))
        assert record(store, "key") == row_of(thing("key", 1, body="changed"))
        assert record(store, "key", "onces") == row_of(once("key"))
        assert commit(store, guard("key", 1)) is None
        assert commit(store, Delete("things", "key", 2)) is None
        assert record(store, "key", "guards") == row_of(guard("key", 1))
