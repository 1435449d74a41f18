"""Inspects a file for an audit: its tables, indexes and triggers, and rows that no read returns."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache

from traffic_booking.adapters.sqlite.migrations import sql_of
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.persistence.migrations import all_of, shipped_migrations
from traffic_booking.ports.collections import Schema
from traffic_booking.ports.inspection import Inspection, TableFault, unevidenced

_OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
_EXPECTED = "the schema of this release"


def inspected(connection: sqlite3.Connection, schema: Schema, tables: Tables, package: str) -> Inspection:
    """The inspection of the file, inside a transaction that has one snapshot."""
    zeros = {name: [key for (key,) in connection.execute(table.zeros)] for name, table in tables.counters.items()}
    return Inspection([*unevidenced(schema), "migrations", "sqlite_sequence"], [*_faults(connection, package)], zeros)


def _faults(connection: sqlite3.Connection, package: str) -> Iterator[TableFault]:
    found, expected = _objects(connection), _made(package)
    for kind, name in sorted({*found, *expected}):
        where = f"{kind} {name}"
        if (kind, name) not in expected:
            yield TableFault(where, "one that this release does not make", _EXPECTED)
        elif (kind, name) not in found:
            yield TableFault(where, "none", _EXPECTED)
        elif found[kind, name] != expected[kind, name]:
            yield TableFault(where, "one with another definition", _EXPECTED)
    created = {name for (name,) in connection.execute("SELECT name FROM created")}
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    for name in sorted(created ^ tables):
        got = "a name of no table" if name in created else "no name of a table that there is"
        yield TableFault(f"created {name}", got, "the names of all tables")
    (hidden,) = connection.execute("SELECT count(*) FROM log WHERE position <= 0").fetchone()
    if hidden:
        yield TableFault("table log", f"{hidden} entries at places that no reader sees", "places above 0")


def _objects(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    return {(kind, name): sql for kind, name, sql in connection.execute(_OBJECTS)}


@cache
def _made(package: str) -> dict[tuple[str, str], str]:
    """The tables, indexes and triggers of a new file."""
    from traffic_booking.persistence.schema import SCHEMA  # noqa: PLC0415 - the schema of this release

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql_of(all_of(shipped_migrations(package), Tables(SCHEMA).definitions())))
        return _objects(connection)
