"""Races about a person are lost by a store that evaluates their guards before it takes its lock."""

import pytest

from tests.planted.faults import FAULTS
from tests.planted.meeting import meet
from tests.planted.memory_commits import ReadsVersionsOfChecksBeforeTheLock, ReadsVersionsOfPutsBeforeTheLock
from traffic_booking.testing.store.person_races import PERSON_RACES
from traffic_booking.testing.store.rounds import race_on

pytestmark = [pytest.mark.long, pytest.mark.race]

LOST = [
    ("the registration of a person", ReadsVersionsOfPutsBeforeTheLock),
    ("requests of a new person", ReadsVersionsOfPutsBeforeTheLock),
    ("the version of a person", ReadsVersionsOfPutsBeforeTheLock),
    ("a booking against refusals", ReadsVersionsOfChecksBeforeTheLock),
]


@pytest.mark.parametrize(("name", "mixin"), LOST, ids=[name for name, _ in LOST])
def test_a_race_about_a_person_is_lost_by_a_store_without_its_guard(name, mixin):
    (fault,) = [each for each in FAULTS if each.mixin is mixin]
    meet.begin()
    with pytest.raises(AssertionError):
        race_on(PERSON_RACES[name], [fault.open("")])


def test_every_race_about_a_person_is_lost_by_one_of_them():
    assert [name for name, _ in LOST] == list(PERSON_RACES)
