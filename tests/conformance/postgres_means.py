"""Events at a PostgreSQL server beside a store: others write, the log is pruned, a dump is restored elsewhere."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.postgres_server import OwnServer, embedded_program

LATE = "SELECT traffic_booking.append(ARRAY['slow'], ARRAY['noted'], ARRAY['late'])"
POSITION = "generation, xid, place"
PRUNE = (
    f"DELETE FROM traffic_booking.log WHERE ({POSITION}) IN"
    f" (SELECT {POSITION} FROM traffic_booking.log ORDER BY {POSITION} LIMIT %s)"
)
OLDER_BY = 2_000
"""Transactions; a server that was started a moment ago has given some hundreds."""
GROW_OLDER = f"DO $$ BEGIN FOR n IN 1..{OLDER_BY} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


def database(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def pruned(url: str, _store: Any, number: int) -> None:
    """Remove the oldest entries of the log."""
    with psycopg.connect(url) as connection:
        connection.execute(PRUNE, [number])


@contextmanager
def slow_writer(url: str, _store: Any) -> Iterator[None]:
    """A transaction has its number, and commits its entry at the end."""
    with psycopg.connect(url) as connection:
        connection.execute(LATE)
        yield


@contextmanager
def other_database(url: str, _store: Any) -> Iterator[None]:
    """A transaction that writes is open in another database."""
    with psycopg.connect(database(url, "postgres")) as connection:
        connection.execute("SELECT pg_current_xact_id()")
        yield


def grow_older(url: str) -> None:
    """Use transaction numbers up, so that a server that is started afterwards has lower ones."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(GROW_OLDER)


def restored(opened: ExitStack, url: str) -> str:
    """The URL of a database in a new server, made from a dump of the one at `url`."""
    server = OwnServer()
    opened.callback(server.close)
    dump = program("pg_dump", url)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored TEMPLATE template0 ENCODING 'UTF8'")
    program("psql", "--quiet", "--set=ON_ERROR_STOP=1", database(server.url, "restored"), given=dump)
    return database(server.url, "restored")


def program(name: str, *arguments: str, given: str | None = None) -> str:
    done = subprocess.run([embedded_program(name), *arguments], input=given, capture_output=True, text=True, check=True)
    return done.stdout
