"""Counters: the guard at both ends, and what passes it."""

import pytest

from traffic_booking.ports.primitives import FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.base import StoreCases
from traffic_booking.testing.store.sample_schema import OTHER, change, commit, conflict, count, value, values


class CounterCases(StoreCases):
    """One counter after another."""

    def test_a_counter_that_is_not_stored_has_the_value_0(self, store: Store) -> None:
        assert value(store, "hall") == 0

    def test_a_counter_moves_by_its_delta(self, store: Store) -> None:
        found = []
        for delta in (3, 1, -2, 5, -7, 1):
            assert commit(store, count("hall", delta)) is None
            found.append(value(store, "hall"))
        assert found == [3, 4, 2, 7, 0, 1]

    @pytest.mark.parametrize("ceiling", [0, 1, 2, 7])
    def test_a_counter_reaches_its_ceiling_and_goes_no_further(self, store: Store, ceiling: int) -> None:
        for _ in range(ceiling):
            assert commit(store, count("hall", 1, ceiling)) is None
        assert commit(store, count("hall", 1, ceiling)) == conflict(FailedGuard("places", "hall", ceiling))
        assert value(store, "hall") == ceiling

    def test_a_large_delta_reaches_the_ceiling_and_does_not_pass_it(self, store: Store) -> None:
        assert commit(store, count("hall", 4, 3)) == conflict(FailedGuard("places", "hall", 0))
        assert commit(store, count("hall", 2, 3)) is None
        assert commit(store, count("hall", 2, 3)) == conflict(FailedGuard("places", "hall", 2))
        assert commit(store, count("hall", 1, 3)) is None
        assert value(store, "hall") == 3

    def test_a_counter_does_not_go_below_0(self, store: Store) -> None:
        assert commit(store, count("hall", -1)) == conflict(FailedGuard("places", "hall", 0))
        commit(store, count("hall", 2))
        assert commit(store, count("hall", -3)) == conflict(FailedGuard("places", "hall", 2))
        assert commit(store, count("hall", -2)) is None
        assert commit(store, count("hall", -1)) == conflict(FailedGuard("places", "hall", 0))
        assert value(store, "hall") == 0

    @pytest.mark.parametrize("ceiling", [-1, 0, 4, 5, 6])
    def test_a_delta_of_0_passes_whatever_the_ceiling_is(self, store: Store, ceiling: int) -> None:
        commit(store, count("hall", 5))
        assert commit(store, count("hall", 0, ceiling), count("yard", 0, ceiling)) is None
        assert values(store, ["hall", "yard"]) == [5, 0]

    def test_a_value_above_a_lowered_ceiling_can_be_given_back_and_not_raised(self, store: Store) -> None:
        commit(store, count("hall", 5, 5))
        assert commit(store, count("hall", 1, 3)) == conflict(FailedGuard("places", "hall", 5))
        assert commit(store, count("hall", -1, 3)) is None
        assert commit(store, count("hall", -1, 0)) is None
        assert commit(store, count("hall", 1, 3)) == conflict(FailedGuard("places", "hall", 3))
        assert commit(store, count("hall", -1, 3)) is None
        assert commit(store, count("hall", 1, 3)) is None
        assert value(store, "hall") == 3

    def test_what_was_given_back_can_be_taken_again(self, store: Store) -> None:
        for _ in range(3):
            assert commit(store, count("hall", 2, 2)) is None
            assert commit(store, count("hall", 1, 2)) == conflict(FailedGuard("places", "hall", 2))
            assert commit(store, count("hall", -2, 2)) is None
            assert value(store, "hall") == 0

    def test_a_ceiling_is_the_one_of_the_change_and_is_not_stored(self, store: Store) -> None:
        for ceiling in (1, 2, 3):
            assert commit(store, count("hall", 1, ceiling)) is None
        assert value(store, "hall") == 3

    def test_counters_of_other_keys_and_names_are_independent(self, store: Store) -> None:
        store.commit([change(count("hall", 2), count("hall", 7, counter=OTHER.name), count("yard", 1))])
        assert values(store, ["hall", "yard", "garden"]) == [2, 1, 0]
        assert values(store, ["hall", "yard", "garden"], OTHER.name) == [7, 0, 0]
        assert commit(store, count("hall", 1, 7, counter=OTHER.name)) == conflict(FailedGuard("other", "hall", 7))
        assert commit(store, count("hall", 1, 7)) is None
