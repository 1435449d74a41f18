"""The means that the kit needs beside a store: to break its connection, to prune its log, and so on."""

import atexit
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from tests.postgres_server import own_database, some_server
from tests.relay import PATIENCE_SECONDS, Relay
from traffic_booking.adapters.postgres.opening import Address

INSTRUCTIONS_A_STEP = 40
"""Of SQLite's own machine."""
EMPTY = "DROP SCHEMA IF EXISTS traffic_booking CASCADE"
PRUNE = "DELETE FROM {0}log WHERE {1} IN (SELECT {1} FROM {0}log ORDER BY {1} LIMIT {2})"
SLOW = "SELECT traffic_booking.append(ARRAY['slow'], ARRAY['noted'], ARRAY['late'])"


def prune_sqlite(path: Path, _store: Any, count: int) -> None:
    """Remove the oldest so many entries of the log in the file at `path`."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(PRUNE.format("", "position", count))


@contextmanager
def failing_sqlite(store: Any, steps: int) -> Iterator[None]:
    """SQLite is interrupted after so many steps, on the connection that writes and on those that read."""
    connections = [each for each in (*store._connections._idle, store._connections._writer) if each is not None]
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


@cache
def postgres_url() -> str:
    """A database of this process's own; a server that is started for it ends with the process."""
    opened = ExitStack()
    opened.enter_context(suppress(psycopg.Error))  # the server may have ended before
    url = opened.enter_context(own_database(opened.enter_context(some_server()), f"planted_{os.getpid()}"))
    atexit.register(opened.close)
    return url


def emptied_postgres() -> str:
    """The URL of that database, with nothing in it."""
    with psycopg.connect(postgres_url(), autocommit=True) as connection:
        connection.execute(EMPTY)
    return postgres_url()


@contextmanager
def slow_postgres(_store: Any) -> Iterator[None]:
    """Another transaction has its number, and commits its entry at the end."""
    with psycopg.connect(postgres_url()) as connection:
        connection.execute(SLOW)
        yield


@contextmanager
def failing_postgres(store: Any, steps: int) -> Iterator[None]:
    """The store's connections go through a relay, and break for good after so many pieces of 256 bytes."""
    connections = store._connections
    address = connections._address
    with closing(Relay(postgres_url())) as relay:
        connections.close_idle()
        connections._address = Address(relay.url_through, PATIENCE_SECONDS)
        store.read([])  # connects
        try:
            with relay.breaking_after(steps):
                yield
        finally:
            with suppress(psycopg.Error):
                connections.close_idle()
            connections._address = address
