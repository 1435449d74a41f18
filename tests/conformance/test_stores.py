"""The shipped stores against the conformance kit."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest

from tests.relay import PATIENCE_SECONDS, Relay
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.awaited import Awaited, finished
from traffic_booking.testing.sample_changes import ME, YOU

AS_RELEASED = Path(__file__).with_name("sqlite-0001.sql")
INSTRUCTIONS_A_STEP = 40
"""Of SQLite's own machine."""


class TestMemory(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.BATCH})

    @pytest.fixture
    def open_store(self):
        return MemoryStore


class TestSqlite(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(SqliteStore, tmp_path / "bookings.db")

    @pytest.fixture
    def failing(self):
        return failing

    @pytest.fixture
    def earlier_release(self, tmp_path):
        def restore():
            script = AS_RELEASED.read_text(encoding="utf-8")
            for name, person in (("{ME}", ME), ("{YOU}", YOU)):
                script = script.replace(name, person.reveal())
            with closing(sqlite3.connect(tmp_path / "bookings.db")) as connection:
                connection.executescript(script)

        return restore


class TestPostgres(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def open_store(self, postgres_url):
        return partial(PostgresStore, postgres_url)

    @pytest.fixture
    def failing(self, postgres_url):
        with closing(Relay(postgres_url)) as relay:
            yield partial(failing_behind, relay)


class TestPostgresSpread(StoreConformance):
    """With the functions that ask one key at a time, as a cluster wants it."""

    contract_level = 2
    promises = frozenset({Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})
    left_out: ClassVar = {
        "test_a_batch_is_seen_whole_or_not_at_all": "slots on several machines are read one by one; each is guarded"
    }

    @pytest.fixture
    def open_store(self, spread_url):
        return partial(PostgresStore, spread_url)

    @pytest.fixture
    def failing(self, spread_url):
        with closing(Relay(spread_url)) as relay:
            yield partial(failing_behind, relay)


@contextmanager
def failing_behind(relay: Relay, store: PostgresStore, steps: int) -> Iterator[None]:
    """The store's connections go through a relay, and break for good after so many pieces of 256 bytes."""
    connections = store._connections
    address = connections._address
    connections._close_idle()
    connections._address = Address(relay.url_through, PATIENCE_SECONDS)
    store.is_spent("nothing")  # connects
    try:
        with relay.breaking_after(steps):
            yield
    finally:
        connections._close_idle()
        connections._address = address


class TestPostgresAwaited(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.ASYNC, Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def open_store(self, postgres_url):
        return partial(AsyncPostgresStore, postgres_url)

    @pytest.fixture
    def failing(self, postgres_url):
        with closing(Relay(postgres_url)) as relay:
            yield partial(failing_awaited, relay)


@contextmanager
def failing_awaited(relay: Relay, store: Awaited, steps: int) -> Iterator[None]:
    """As `failing_behind`, for a store that is awaited."""
    connections = store._store._connections
    address = connections._address
    finished(connections._close_idle())
    connections._address = Address(relay.url_through, PATIENCE_SECONDS)
    store.is_spent("nothing")  # connects
    try:
        with relay.breaking_after(steps):
            yield
    finally:
        finished(connections._close_idle())
        connections._address = address


class TestMemoryInThreads(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.ASYNC, Capability.BATCH})

    @pytest.fixture
    def open_store(self):
        return in_threads


class TestSqliteInThreads(StoreConformance):
    contract_level = 2
    promises = frozenset({Capability.ASYNC, Capability.BATCH, Capability.CROSS_PROCESS, Capability.DURABLE})

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(in_threads, tmp_path / "bookings.db")


def in_threads(path: Path | None = None) -> ThreadedStore:
    """The store in that file, or one in memory, each call in a thread."""
    return ThreadedStore(MemoryStore() if path is None else SqliteStore(path))


@contextmanager
def failing(store: SqliteStore, steps: int) -> Iterator[None]:
    """SQLite is interrupted after so many instructions, on the connection that writes and on those that read."""
    connections = [*store._connections._idle]
    if store._connections._writer is not None:
        connections.append(store._connections._writer)
    left = [steps * INSTRUCTIONS_A_STEP]

    def interrupted() -> bool:
        left[0] -= 1
        return left[0] < 0

    for connection in connections:
        connection.set_progress_handler(interrupted, 1)
    try:
        yield
    finally:
        for connection in connections:
            with suppress(sqlite3.ProgrammingError):  # closed: the store gave it up
                connection.set_progress_handler(None, 0)
