"""Callers that compete for what one guard protects: between threads, between two handles, between processes.

Every race is warm: each racer reads before it writes, and the rounds repeat. A store without a lock passes a cold race
more often than not, because the first connection to be opened wins it.
"""

from functools import partial
from typing import Final

import pytest

from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.store.account_races import ACCOUNT_RACES
from traffic_booking.testing.store.base import OpenAgain, StoreCases, StoreOpener
from traffic_booking.testing.store.batch_races import BATCH_RACES
from traffic_booking.testing.store.feed_races import FEED_RACES
from traffic_booking.testing.store.guard_races import GUARD_RACES
from traffic_booking.testing.store.person_races import PERSON_RACES
from traffic_booking.testing.store.process_race import race_of_processes
from traffic_booking.testing.store.rounds import Race, check, prepare, race_on
from traffic_booking.testing.store.trade_races import TRADE_RACES
from traffic_booking.testing.suite import case

RACES: Final[dict[str, Race]] = GUARD_RACES | FEED_RACES | TRADE_RACES | PERSON_RACES
EVERY_RACE: Final[dict[str, Race]] = RACES | ACCOUNT_RACES | BATCH_RACES
SHARED: Final = (Capability.CROSS_PROCESS, Capability.DURABLE)


def race_named(name: str) -> Race:
    """The race of that name, for processes that were only given its name."""
    return EVERY_RACE[name]


class RaceCases(StoreCases):
    """A race for each guard."""

    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_threads_as_many_win_as_the_guard_allows(self, open_again: OpenAgain, name: str) -> None:
        race_on(RACES[name], [open_again(RACES[name].schema)])

    @case(needs=[Capability.ACCOUNTS])
    @pytest.mark.parametrize("name", ACCOUNT_RACES)
    def test_of_threads_that_sign_in_at_once_one_wins(self, open_again: OpenAgain, name: str) -> None:
        race_on(ACCOUNT_RACES[name], [open_again(ACCOUNT_RACES[name].schema)])

    @case(needs=[*SHARED, Capability.BATCH])
    @pytest.mark.parametrize("name", BATCH_RACES)
    def test_a_batch_is_whole_for_readers_of_another_handle(self, open_again: OpenAgain, name: str) -> None:
        race_on(BATCH_RACES[name], [open_again() for _ in range(2)])

    @case(needs=[*SHARED, Capability.BATCH])
    @pytest.mark.parametrize("name", BATCH_RACES)
    def test_a_batch_is_whole_for_readers_in_other_processes(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        self._race_of_processes(open_store, open_again, name)

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_handles_as_many_win_as_the_guard_allows(self, open_again: OpenAgain, name: str) -> None:
        race_on(RACES[name], [open_again(RACES[name].schema) for _ in range(2)])

    @case(needs=[*SHARED, Capability.ACCOUNTS])
    @pytest.mark.parametrize("name", ACCOUNT_RACES)
    def test_of_handles_that_sign_in_at_once_one_wins(self, open_again: OpenAgain, name: str) -> None:
        race_on(ACCOUNT_RACES[name], [open_again(ACCOUNT_RACES[name].schema) for _ in range(2)])

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", RACES)
    def test_of_racing_processes_as_many_win_as_the_guard_allows(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        self._race_of_processes(open_store, open_again, name)

    @case(needs=[*SHARED, Capability.ACCOUNTS])
    @pytest.mark.parametrize("name", ACCOUNT_RACES)
    def test_of_processes_that_sign_in_at_once_one_wins(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        self._race_of_processes(open_store, open_again, name)

    @case(needs=SHARED)
    @pytest.mark.parametrize("name", ["a counter at its ceiling", "a put of a new key"])
    def test_processes_may_be_the_first_to_open_a_store_all_at_once(
        self, open_store: StoreOpener, open_again: OpenAgain, name: str
    ) -> None:
        results = race_of_processes(open_store, partial(race_named, name), awaited=self.is_async)
        check(RACES[name], range(RACES[name].rounds), open_again(RACES[name].schema), results)

    def _race_of_processes(self, open_store: StoreOpener, open_again: OpenAgain, name: str) -> None:
        race = EVERY_RACE[name]
        store = open_again(race.schema)
        prepare(race, range(race.rounds), store)
        check(
            race,
            range(race.rounds),
            store,
            race_of_processes(open_store, partial(race_named, name), awaited=self.is_async),
        )
