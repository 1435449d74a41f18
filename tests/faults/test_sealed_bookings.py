"""A booking costs the same with a sealer beside it: no more calls of the store, and no more statements."""

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import Any

from tests.desks import open_desk
from tests.postgres_server import open_store
from traffic_booking.adapters.sqlite import SqliteStore, opening
from traffic_booking.testing import made_up_person

BOOKINGS = 3


class Counting:
    """A store in front of another that notes its calls."""

    def __init__(self, store):
        self._store = store
        self.calls = []

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in {"commit", "read", "feed"}:
            return found

        def call(*given, **named):
            self.calls.append(name)
            return found(*given, **named)

        return call


@contextmanager
def following(url, folder):
    """A sealer in a process of its own that has sealed something and goes on."""
    options = ["--db", url, "--log", str(folder / "log"), "--key", str(folder / "log.key"), "--follow", "--json"]
    command = [sys.executable, "-m", "traffic_booking", "seal", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sealer:
        assert sealer.stdout is not None
        assert json.loads(sealer.stdout.readline())["sealed"]
        yield
        sealer.terminate()
        sealer.communicate(timeout=60)
        assert sealer.returncode == 0


def cost_of(store, noted, first):
    """The calls and the statements of some bookings."""
    counting = Counting(store)
    desk = open_desk(store=counting)
    slots = desk.find_slots(service="renewal", limit=100)
    del counting.calls[:], noted[:]
    for place in range(first, first + BOOKINGS):
        assert desk.book(slots[place], applicant=made_up_person(place), agreed=True, request_id=f"r-{place}")
    return [*counting.calls], [*noted]


def test_a_booking_on_sqlite_has_the_same_calls_and_statements(tmp_path, monkeypatch):
    noted: list[Any] = []
    connect = opening._connect

    def traced(*given, **named):
        connection = connect(*given, **named)
        connection.set_trace_callback(lambda statement: noted.append(statement.partition("'")[0]))
        return connection

    monkeypatch.setattr(opening, "_connect", traced)
    store = SqliteStore(tmp_path / "b.db")
    cost_of(store, noted, 0)  # the first ones also prepare
    alone = cost_of(store, noted, BOOKINGS)
    with following(f"sqlite:///{tmp_path / 'b.db'}", tmp_path):
        beside = cost_of(store, noted, 2 * BOOKINGS)
    store.close()

    assert len(alone[1]) > BOOKINGS
    assert [*map(len, beside)] == [*map(len, alone)]
    assert beside == alone


def test_a_booking_on_postgres_has_the_same_calls_and_statements(postgres_url, tmp_path):
    noted: list[Any] = []
    with open_store(postgres_url) as store:
        connections: Any = store._connections
        send = connections._rows_of

        def noting(statement):
            noted.append(statement.sql)
            return send(statement)

        connections._rows_of = noting
        cost_of(store, noted, 0)
        alone = cost_of(store, noted, BOOKINGS)
        with following(postgres_url, tmp_path):
            beside = cost_of(store, noted, 2 * BOOKINGS)

    assert len(alone[1]) >= BOOKINGS
    assert beside == alone
