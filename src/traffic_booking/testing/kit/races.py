"""Callers that compete for what one guard protects: between threads, between two handles, between processes.

Every race is warm: each racer reads before it writes, and the rounds repeat. A store without a lock passes a cold race
more often than not, because the first connection to be opened wins it.
"""

from typing import Final

import pytest

from traffic_booking.testing.kit.base import SHARED, OpenAgain, StoreCases, StoreOpener
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.guard_races import GUARD_RACES
from traffic_booking.testing.kit.log import FollowingTheFeed
from traffic_booking.testing.kit.rounds import Race, check, race_of_processes, race_on
from traffic_booking.testing.kit.snapshots import BATCH_RACE
from traffic_booking.testing.kit.suite import case

RACES: Final[dict[str, Race]] = {race.name: race for race in (*GUARD_RACES, FollowingTheFeed())}


class RaceCases(StoreCases):
    """A race for each guard."""

    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_threads_as_many_win_as_the_guard_allows(self, open_again: OpenAgain, name: str) -> None:
        race_on(RACES[name], [open_again(RACES[name].schema)])

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_handles_as_many_win_as_the_guard_allows(self, open_again: OpenAgain, name: str) -> None:
        race_on(RACES[name], [open_again(RACES[name].schema) for _ in range(2)])

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_processes_as_many_win_as_the_guard_allows(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        self._race_of_processes(open_store, open_again, RACES[name])

    @case(needs=[*SHARED, Capability.BATCH])
    def test_a_batch_is_whole_for_readers_of_another_handle(self, open_again: OpenAgain) -> None:
        race_on(BATCH_RACE, [open_again() for _ in range(2)])

    @case(needs=[*SHARED, Capability.BATCH])
    def test_a_batch_is_whole_for_readers_in_other_processes(
        self, open_store: StoreOpener, open_again: OpenAgain
    ) -> None:
        self._race_of_processes(open_store, open_again, BATCH_RACE)

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", ["a counter at its ceiling", "a put of a new key"])
    def test_processes_may_be_the_first_to_open_a_store_all_at_once(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        race = RACES[name]
        results = race_of_processes(open_store, race, is_async=self.is_async)
        check(race, range(race.rounds), open_again(race.schema), results)

    def _race_of_processes(self, open_store: StoreOpener, open_again: OpenAgain, race: Race) -> None:
        store = open_again(race.schema)
        for number in range(race.rounds):
            race.prepare(store, number)
        results = race_of_processes(open_store, race, is_async=self.is_async)
        check(race, range(race.rounds), store, results)
