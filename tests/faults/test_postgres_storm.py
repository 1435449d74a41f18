"""A small storm by several processes on PostgreSQL; `make soak ONLY=storm` runs a large one."""

import pytest

from tests.campaigns import postgres_storm
from tests.campaigns.postgres_storm import Plan, storm_on_postgres
from tests.postgres_server import ask

pytestmark = [pytest.mark.long, pytest.mark.race]

SMALL = Plan(bookings=300, seed=1, processes=2, threads=4)
TAKE_ONE_MORE = """
UPDATE traffic_booking.seats SET value = value + 1 WHERE key = (SELECT key FROM traffic_booking.seats LIMIT 1)
"""


@pytest.fixture(autouse=True)
def server(postgres_server, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", postgres_server)


def test_everybody_gets_a_seat_and_the_store_is_whole():
    found = storm_on_postgres(SMALL)
    assert found["wrong"] == []
    assert found["bookings"] == found["appointments verified"] == 300
    assert found["refused because a slot was full"] > 0, "the hot slots were full for somebody"


def test_a_seat_that_is_taken_behind_the_desks_back_is_found(monkeypatch):
    verified = postgres_storm.verified

    def spoilt(plan, url, *more):
        ask(url, TAKE_ONE_MORE)
        return verified(plan, url, *more)

    monkeypatch.setattr(postgres_storm, "verified", spoilt)
    assert any("seats" in each for each in storm_on_postgres(SMALL)["wrong"])
