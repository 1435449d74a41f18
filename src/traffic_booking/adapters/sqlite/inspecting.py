"""Inspects a file for an audit: its tables, indexes and triggers, and rows that no read returns."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache

from traffic_booking.adapters.sqlite.migrations import sql_of
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.persistence.migrations import all_of, shipped_migrations
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.inspection import Inspection, TableFault, compared, compared_names, unevidenced

_OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"


def inspected(connection: sqlite3.Connection, schema: Schema, tables: Tables, package: str) -> Inspection:
    """The inspection of the file, inside a transaction that has one snapshot."""
    zeros = {name: [key for (key,) in connection.execute(table.zeros)] for name, table in tables.counters.items()}
    return Inspection([*unevidenced(schema), "migrations", "sqlite_sequence"], [*_faults(connection, package)], zeros)


def _faults(connection: sqlite3.Connection, package: str) -> Iterator[TableFault]:
    yield from compared(_objects(connection), _made(package))
    created = [name for (name,) in connection.execute("SELECT name FROM created")]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    yield from compared_names(created, tables)
    (hidden,) = connection.execute("SELECT count(*) FROM log WHERE position <= 0").fetchone()
    if hidden:
        yield TableFault(
            "table log", f"{hidden} entries at places that no reader sees", "places that every reader sees"
        )


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    return {(kind, name): sql for kind, name, sql in connection.execute(_OBJECTS)}


@cache
def _made(package: str) -> dict[tuple[str, str], str]:
    """The tables, indexes and triggers of a new file."""
    from traffic_booking.persistence.schema import SCHEMA  # noqa: PLC0415 - the schema of this release

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql_of(all_of(shipped_migrations(package), Tables(SCHEMA).definitions())))
        return _objects(connection)
