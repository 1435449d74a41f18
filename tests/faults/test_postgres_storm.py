"""A storm by several processes on PostgreSQL, in small; `python -m tools.storm_postgres` is the whole of it."""

import json

import pytest

from tests.postgres_server import ask
from tools import storm_postgres

pytestmark = [pytest.mark.long, pytest.mark.race]

TAKE_ONE_MORE = """
UPDATE traffic_booking.seats SET value = value + 1 WHERE key = (SELECT key FROM traffic_booking.seats LIMIT 1)
"""


@pytest.fixture
def stormed(postgres_server, monkeypatch, capsys):
    """What a small storm came to."""
    monkeypatch.setenv("DATABASE_URL", postgres_server)

    def storm():
        status = storm_postgres.main(["--bookings", "300", "--processes", "2", "--threads", "4", "--json"])
        return status, json.loads(capsys.readouterr().out)

    return storm


def test_everybody_gets_a_seat_and_the_store_is_whole(stormed):
    status, found = stormed()
    assert (status, found["wrong"]) == (0, [])
    assert found["bookings"] == found["appointments verified"] == 300
    assert found["heard that it was full"] > 0, "the hot slots were full for somebody"


def test_a_seat_that_is_taken_behind_the_desks_back_is_found(stormed, monkeypatch):
    count = storm_postgres.looked_at

    def spoilt(storm, url, *more):
        ask(url, TAKE_ONE_MORE)
        return count(storm, url, *more)

    monkeypatch.setattr(storm_postgres, "looked_at", spoilt)
    status, found = stormed()
    assert status == 1
    assert any("seats" in each for each in found["wrong"])
