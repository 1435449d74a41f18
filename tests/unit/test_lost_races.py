"""Races of the trade: as many win as a guard allows, and a store that evaluates guards before its lock loses them."""

import pytest

from tests.planted.faults import FAULTS
from tests.planted.meeting import meet
from tests.planted.memory_commits import (
    ReadsCountersBeforeTheLock,
    ReadsVersionsOfChecksBeforeTheLock,
    ReadsVersionsOfPutsBeforeTheLock,
)
from tests.trade_races import TRADE_RACES
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.testing.kit.rounds import race_on

LOST = {
    "the seats of a slot": ReadsCountersBeforeTheLock,
    "a closure against bookings": ReadsVersionsOfChecksBeforeTheLock,
    "requests of a new person": ReadsVersionsOfPutsBeforeTheLock,
}
EACH_RACE = pytest.mark.parametrize("race", TRADE_RACES, ids=lambda race: race.name)


@pytest.mark.race
@EACH_RACE
def test_threads_with_one_store_in_memory_win_as_the_guard_allows(race):
    race_on(race, [MemoryStore()])


@pytest.mark.race
@EACH_RACE
def test_threads_with_two_handles_of_a_file_win_as_the_guard_allows(race, tmp_path):
    handles = [SqliteStore(tmp_path / "bookings.db") for _ in range(2)]
    race_on(race, handles)
    for handle in handles:
        handle.close()


@pytest.mark.race
@EACH_RACE
def test_a_race_of_the_trade_is_lost_by_a_store_without_its_guard(race):
    (fault,) = [each for each in FAULTS if each.mixin is LOST[race.name]]
    meet.begin()
    with pytest.raises(AssertionError):
        race_on(race, [fault.open("")])
