"""The conformance kit for the shipped stores."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import postgres_means
from tests.relay import PATIENCE_SECONDS, Relay
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.kit.blocking import Blocking, finished

INSTRUCTIONS_A_STEP = 40
"""Of SQLite's own machine."""
HERE = {Capability.BATCH, Capability.ACCOUNTS}
SHARED = HERE | {Capability.CROSS_PROCESS, Capability.DURABLE}


def pruned_memory(store: MemoryStore, number: int) -> None:
    """The oldest entries leave the log, as an operator would remove them."""
    for entry in store._log[:number]:
        store._streams[entry.stream].remove(entry)
    del store._log[:number]


def pruned_file(path: Path, _store: Any, number: int) -> None:
    """The same as `pruned_memory`, by a connection beside the store."""
    with closing(sqlite3.connect(path)) as connection, connection:
        oldest = "SELECT position FROM log ORDER BY position LIMIT ?"
        connection.execute(f"DELETE FROM log WHERE position IN ({oldest})", (number,))


class TestMemory(StoreConformance):
    contract_level = 1
    promises = frozenset(HERE)

    @pytest.fixture
    def open_store(self):
        return MemoryStore

    @pytest.fixture
    def prune_log(self):
        return pruned_memory


class TestSqlite(StoreConformance):
    contract_level = 1
    promises = frozenset(SHARED)

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(SqliteStore, tmp_path / "bookings.db")

    @pytest.fixture
    def failing(self):
        return failing

    @pytest.fixture
    def prune_log(self, tmp_path):
        return partial(pruned_file, tmp_path / "bookings.db")


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


class TestPostgres(StoreConformance):
    contract_level = 1
    promises = frozenset(SHARED)

    @pytest.fixture
    def open_store(self, postgres_url):
        return partial(PostgresStore, postgres_url)

    @pytest.fixture
    def failing(self, postgres_url):
        with closing(Relay(postgres_url)) as relay:
            yield partial(failing_behind, relay)

    @pytest.fixture
    def prune_log(self, postgres_url):
        return partial(postgres_means.pruned, postgres_url)

    @pytest.fixture
    def slow_writer(self, postgres_url):
        return partial(postgres_means.slow_writer, postgres_url)

    @pytest.fixture
    def other_database(self, postgres_url):
        return partial(postgres_means.other_database, postgres_url)

    @pytest.fixture
    def restored(self, postgres_url):
        postgres_means.grow_older(postgres_url)
        with ExitStack() as opened:
            yield lambda: partial(PostgresStore, postgres_means.restored(opened, postgres_url))


@contextmanager
def failing_behind(relay: Relay, store: PostgresStore, steps: int) -> Iterator[None]:
    """The store's connections go through a relay, and break for good after so many pieces of 256 bytes."""
    connections = store._connections
    address = connections._address
    connections.close_idle()
    connections._address = Address(relay.url_through, PATIENCE_SECONDS, cluster=address.cluster)
    store.read([])  # connects
    try:
        with relay.breaking_after(steps):
            yield
    finally:
        connections.close_idle()
        connections._address = address


@pytest.mark.long
class TestPostgresAwaited(StoreConformance):
    contract_level = 1
    promises = frozenset(SHARED | {Capability.ASYNC})

    @pytest.fixture
    def open_store(self, postgres_url):
        return partial(AsyncPostgresStore, postgres_url)

    @pytest.fixture
    def failing(self, postgres_url):
        with closing(Relay(postgres_url)) as relay:
            yield partial(failing_blocking, relay)

    @pytest.fixture
    def prune_log(self, postgres_url):
        return partial(postgres_means.pruned, postgres_url)

    @pytest.fixture
    def slow_writer(self, postgres_url):
        return partial(postgres_means.slow_writer, postgres_url)

    @pytest.fixture
    def other_database(self, postgres_url):
        return partial(postgres_means.other_database, postgres_url)

    @pytest.fixture
    def restored(self, postgres_url):
        postgres_means.grow_older(postgres_url)
        with ExitStack() as opened:
            yield lambda: partial(AsyncPostgresStore, postgres_means.restored(opened, postgres_url))


@contextmanager
def failing_blocking(relay: Relay, store: Blocking, steps: int) -> Iterator[None]:
    """The same as `failing_behind`, for an awaited store."""
    connections = store._store._connections
    address = connections._address
    finished(connections.close_idle())
    connections._address = Address(relay.url_through, PATIENCE_SECONDS, cluster=address.cluster)
    store.read([])  # connects
    try:
        with relay.breaking_after(steps):
            yield
    finally:
        finished(connections.close_idle())
        connections._address = address


@pytest.mark.slow  # the same stores as above, each call in a thread
class TestMemoryInThreads(StoreConformance):
    contract_level = 1
    promises = frozenset(HERE | {Capability.ASYNC})

    @pytest.fixture
    def open_store(self):
        return in_threads


@pytest.mark.slow  # the same stores as above, each call in a thread
class TestSqliteInThreads(StoreConformance):
    contract_level = 1
    promises = frozenset(SHARED | {Capability.ASYNC})

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(in_threads, tmp_path / "bookings.db")


def in_threads(path: Path | None = None, **options: Any) -> ThreadedStore:
    """The store in that file, or one in memory, each call in a thread."""
    return ThreadedStore(MemoryStore(**options) if path is None else SqliteStore(path, **options))
