"""Storms on few slots: as many get a seat as there are, never more and never fewer, and the store stays sound."""

import pytest

from tests.campaigns.storms import storm
from tests.unsound_stores import ReleasesTwice, WithoutLock
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore

pytestmark = [pytest.mark.long, pytest.mark.race, pytest.mark.rule("BK-05")]

IN_MEMORY, IN_FILES = 18_000, 4_000


def test_storms_over_the_memory_store_leave_it_sound_and_every_seat_given_once():
    found = storm(lambda _: MemoryStore(), operations=IN_MEMORY, seed=1)
    assert found["wrong"] == []
    assert found["answers"].keys() >= {"Held", "Booked", "Cancelled", "Refused", "verified meanwhile"}


def test_storms_over_the_sqlite_store_leave_it_sound_and_every_seat_given_once(tmp_path):
    found = storm(
        lambda place: SqliteStore(tmp_path / f"{place}.db"), operations=IN_FILES, seed=2, operations_a_storm=1_000
    )
    assert found["wrong"] == []
    assert found["answers"]["Booked"] > found["operations"] / 100


@pytest.mark.parametrize("store", [WithoutLock, ReleasesTwice])
def test_storms_find_a_broken_store_out(store):
    assert storm(lambda _: store(), operations=3_000, seed=3, operations_a_storm=500)["wrong"]
