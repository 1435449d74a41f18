"""Changes of a batch are independent, and each sees those before it: versions, values, deletes and checks."""

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import Delete, FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.reading_feed import bodies, entries_behind
from traffic_booking.testing.store.sample_schema import (
    change,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
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

FULL = FailedGuard("places", "hall", 1)


class BatchCases(StoreCases):
    """Independence and order."""

    def test_a_conflict_leaves_its_neighbours_alone(self, store: Store) -> None:
        batch = [change(thing(name), count("hall", 1, 1 if name == "b" else 9), entry("log", name)) for name in "abc"]
        assert list(store.commit(batch)) == [None, conflict(FULL), None]
        assert [row is not None for row in records(store, ["a", "b", "c"])] == [True, False, True]
        assert stream(store, "log") == [("noted", "a"), ("noted", "c")]
        assert value(store, "hall") == 2

    def test_a_conflict_at_the_beginning_stops_nothing_behind_it(self, store: Store) -> None:
        batch = [change(count("hall", -1)), change(thing("a")), change(count("hall", 1))]
        assert list(store.commit(batch)) == [conflict(FailedGuard("places", "hall", 0)), None, None]
        assert (record(store, "a") is not None, value(store, "hall")) == (True, 1)

    def test_a_conflict_at_the_end_undoes_nothing_before_it(self, store: Store) -> None:
        batch = [change(thing("a"), entry("log", "a")), change(count("hall", 1)), change(thing("b", 1))]
        assert list(store.commit(batch)) == [None, None, conflict(FailedGuard("things", "b", 0))]
        assert (record(store, "a") is not None, value(store, "hall")) == (True, 1)
        assert stream(store, "log") == [("noted", "a")]

    def test_conflicts_alone_write_nothing(self, store: Store) -> None:
        batch = [change(thing(name), count("hall", -1), entry("log", name)) for name in "abc"]
        assert list(store.commit(batch)) == [conflict(FailedGuard("places", "hall", 0))] * 3
        assert (keys_listed(store, None), stream(store, "log")) == ([], [])

    def test_a_later_change_does_not_see_what_a_conflict_would_have_written(self, store: Store) -> None:
        store.commit([change(count("hall", 1), thing("old"), guard("north"))])
        failing = change(thing("new"), thing("old", 1), guard("north", 1), once("code"), count("hall", 1, 1))
        batch = [failing, change(thing("new"), thing("old", 1), once("code"), unchanged("north", 1), count("hall", -1))]
        assert list(store.commit(batch)) == [conflict(FULL), None]
        assert value(store, "hall") == 0

    def test_results_come_in_the_order_of_the_changes(self, store: Store) -> None:
        batch = [change(count("hall", 1, ceiling)) for ceiling in (1, 1, 2, 2, 2, 3, 1)]
        wanted = [1, 0, 1, 0, 0, 1, 0]
        assert [result is None for result in store.commit(batch)] == [bool(each) for each in wanted]
        assert value(store, "hall") == sum(wanted)

    def test_a_version_is_compared_with_the_one_after_the_earlier_change(self, store: Store) -> None:
        store.commit([change(thing("a"))])
        puts = [thing("a", 1, body="second"), thing("a", 1, body="stale"), thing("a", 2, body="third"), thing("a", 2)]
        assert list(store.commit([change(put) for put in puts])) == [
            None,
            conflict(FailedGuard("things", "a", 2)),
            None,
            conflict(FailedGuard("things", "a", 3)),
        ]
        assert record(store, "a") == row_of(thing("a", 2, body="third"))

    def test_a_new_record_can_be_put_again_and_again(self, store: Store) -> None:
        puts = [thing("a", version, size=version, body=str(version)) for version in range(6)]
        assert list(store.commit([change(put) for put in puts])) == [None] * 6
        assert record(store, "a") == row_of(puts[-1])
        assert keys_listed(store, "by_size") == ["a"]

    def test_a_key_that_an_earlier_change_took_brings_its_record(self, store: Store) -> None:
        first, second = thing("a", body="first"), thing("a", 1, body="second")
        results = store.commit([change(first), change(first), change(second), change(first)])
        assert list(results) == [
            None,
            conflict(FailedGuard("things", "a", 1, row_of(first))),
            None,
            conflict(FailedGuard("things", "a", 2, row_of(second))),
        ]

    def test_a_record_that_is_written_once_is_written_by_the_first_of_a_batch(self, store: Store) -> None:
        results = store.commit([change(once("code", body)) for body in ("first", "second")])
        assert list(results) == [None, conflict(FailedGuard("onces", "code", 1, row_of(once("code", "first"))))]

    def test_a_later_change_sees_a_delete(self, store: Store) -> None:
        store.commit([change(thing("a"))])
        batch = [
            change(Delete("things", "a", 1)),
            change(thing("a", 1)),
            change(Delete("things", "a", 1)),
            change(thing("a", body="new")),
            change(thing("a", body="newer")),
            change(Delete("things", "a", 1), thing("b")),
            change(Delete("things", "b", 1)),
            change(thing("a", body="newest")),
        ]
        absent = conflict(FailedGuard("things", "a", 0))
        seats_taken = conflict(FailedGuard("things", "a", 1, row_of(thing("a", body="new"))))
        assert list(store.commit(batch)) == [None, absent, absent, None, seats_taken, None, None, None]
        assert record(store, "a") == row_of(thing("a", body="newest"))
        assert keys_listed(store, None) == ["a"]

    def test_a_record_that_is_written_once_is_deleted_and_written_anew_in_one_batch(self, store: Store) -> None:
        store.commit([change(once("old", "first"), once("beside"))])
        batch = [
            change(Delete("onces", "old", 1)),
            change(once("old", "second")),
            change(once("old", "late")),
            change(once("new"), count("hall", 1)),
            change(Delete("onces", "new", 1), Delete("onces", "beside", 1)),
        ]
        seats_taken = conflict(FailedGuard("onces", "old", 1, row_of(once("old", "second"))))
        assert list(store.commit(batch)) == [None, None, seats_taken, None, None]
        assert records(store, ["old", "new", "beside"], "onces") == [row_of(once("old", "second")), None, None]
        written(store, [change(Delete("onces", "old", 1)), change(once("old", "third")), change(once("new"))])
        assert record(store, "old", "onces") == row_of(once("old", "third"))

    def test_a_check_behind_a_put_of_the_same_key_sees_the_raised_version(self, store: Store) -> None:
        store.commit([change(guard("north"))])
        batch = [
            change(guard("north", 1)),
            change(unchanged("north", 1), thing("late")),
            change(unchanged("north", 2), thing("on time")),
            change(guard("south"), unchanged("north", 2)),
            change(unchanged("south", 0)),
            change(unchanged("south", 1)),
        ]
        south = conflict(FailedGuard("guards", "south", 1, row_of(guard("south"))))
        assert list(store.commit(batch)) == [None, conflict(FailedGuard("guards", "north", 2)), None, None, south, None]
        assert keys_listed(store, None) == ["on time"]

    def test_a_stale_version_behind_a_put_conflicts_with_nothing_else_in_the_batch(self, store: Store) -> None:
        """No other conflict makes a store look closer, and what is stored at the start would let each of these pass."""
        store.commit([change(guard("north"), thing("a"))])
        late = conflict(FailedGuard("guards", "north", 2))
        batch = [change(guard("north", 1)), change(unchanged("north", 1), thing("late"))]
        assert list(store.commit(batch)) == [None, late]
        batch = [change(thing("a", 1)), change(thing("a", 1, body="stale"))]
        assert list(store.commit(batch)) == [None, conflict(FailedGuard("things", "a", 2))]
        batch = [change(Delete("things", "a", 2)), change(Delete("things", "a", 2), thing("late"))]
        assert list(store.commit(batch)) == [None, conflict(FailedGuard("things", "a", 0))]
        assert keys_listed(store, None) == []

    def test_one_stale_version_among_good_ones_conflicts_although_nothing_else_does(self, store: Store) -> None:
        written(store, [change(*(thing(key) for key in "abc"), guard("north"), guard("south"))])
        written(store, [change(thing("b", 1, body="second"), guard("south", 1))])
        stale = conflict(FailedGuard("things", "b", 2))
        assert list(store.commit([change(thing("a", 1)), change(thing("b", 1, body="stale"))])) == [None, stale]
        assert list(store.commit([change(Delete("things", "c", 1)), change(Delete("things", "b", 1))])) == [None, stale]
        assert record(store, "b") == row_of(thing("b", 1, body="second"))
        late = conflict(FailedGuard("guards", "south", 2))
        assert list(store.commit([change(unchanged("north", 1)), change(unchanged("south", 1))])) == [None, late]

    def test_a_put_behind_a_check_of_the_same_key_is_written(self, store: Store) -> None:
        store.commit([change(guard("north"))])
        batch = [
            change(unchanged("north", 1), thing("a")),
            change(guard("north", 1)),
            change(unchanged("north", 2), thing("b")),
            change(guard("north", 2)),
            change(unchanged("north", 2), thing("c")),
            change(Delete("guards", "north", 3)),
            change(unchanged("north", 3)),
            change(unchanged("north", 0), thing("d")),
        ]
        results = list(store.commit(batch))
        late, gone = (conflict(FailedGuard("guards", "north", version)) for version in (3, 0))
        assert results == [None, None, None, None, late, None, gone, None]
        assert keys_listed(store, None) == ["a", "b", "d"]
        assert record(store, "north", "guards") is None

    def test_a_later_change_takes_what_an_earlier_one_gives_back(self, store: Store) -> None:
        store.commit([change(count("hall", 1, 1))])
        batch = [change(count("hall", delta, 1)) for delta in (1, -1, 1, 1, -1, -1)]
        below = conflict(FailedGuard("places", "hall", 0))
        assert list(store.commit(batch)) == [conflict(FULL), None, None, conflict(FULL), None, below]
        assert value(store, "hall") == 0

    def test_deltas_of_a_batch_may_add_up_to_more_than_64_bits(self, store: Store) -> None:
        most = 2**63 - 1
        batch = [change(count("hall", -most)), change(count("hall", most, most)), change(count("hall", most, most))]
        below, above = (conflict(FailedGuard("places", "hall", each)) for each in (0, most))
        assert list(store.commit(batch)) == [below, None, above]
        assert (
            list(store.commit([change(count("yard", -most)), change(count("yard", -most))]))
            == [conflict(FailedGuard("places", "yard", 0))] * 2
        )
        assert [value(store, "hall"), value(store, "yard")] == [most, 0]

    def test_crossing_moves_between_full_counters_are_evaluated_in_their_order(self, store: Store) -> None:
        store.commit([change(count("hall", 1, 1), count("yard", 1, 1))])
        there, back = (count("hall", -1, 1), count("yard", 1, 1)), (count("yard", -1, 1), count("hall", 1, 1))
        room = change(count("yard", -1, 1))
        full = conflict(FailedGuard("places", "yard", 1))
        assert list(store.commit([change(*there), room, change(*there), change(*back)])) == [full, None, None, None]
        assert [value(store, "hall"), value(store, "yard")] == [1, 0]

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

    def test_a_batch_over_the_batch_before_it_goes_on_from_there(self, store: Store) -> None:
        for round_ in range(5):
            written(store, [change(thing(f"{n}", round_), count("hall", 1, 5 * (round_ + 1))) for n in range(5)])
        assert value(store, "hall") == 25
        assert records(store, [f"{n}" for n in range(5)]) == [row_of(thing(f"{n}", 4)) for n in range(5)]
