"""Brings a file to the schema of this release when it is opened first; refuses files of other applications."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.persistence.migrations import Migration, Pending, all_of, check_columns, check_created, not_applied

APPLICATION_ID: Final = 0x74_62_4D_72
"""Marks a file as ours, in SQLite's header ("tbMr")."""

_BEGIN: Final = f"""
CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE created (name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
"""
_RECORD_CREATED: Final = "INSERT OR IGNORE INTO created SELECT name FROM sqlite_schema WHERE type = 'table';"


def sql_of(needed: Pending) -> str:
    """All steps as text."""
    version = f"PRAGMA user_version = {needed.migrations[-1].number};\n" if needed.migrations else ""
    return needed.sql(prefix="", begin=_BEGIN.strip(), end=version + _RECORD_CREATED)


def script(needed: Pending) -> str:
    """The same for the sqlite3 shell, for operators who apply steps themselves."""
    return f".bail on\nBEGIN IMMEDIATE;\n{sql_of(needed)}COMMIT;\n"


def statements(sql: str) -> Iterator[str]:
    """The statements one by one: `executescript` would end the transaction first."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not statement.strip(), f"a last statement without a semicolon: {statement}"


def pending(connection: sqlite3.Connection, path: Path, known: Sequence[Migration], tables: Tables) -> Pending:
    """The steps that the file needs. Raises `StoreUnreadable` if the file is not ours, newer, or altered.

    They are read from one snapshot, as another process may be updating the file.
    """
    connection.execute("BEGIN")
    try:
        return _still_needed(connection, path, known, tables)
    finally:
        connection.execute("ROLLBACK")


def _still_needed(connection: sqlite3.Connection, path: Path, known: Sequence[Migration], tables: Tables) -> Pending:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    there = _names(connection, "SELECT name FROM sqlite_schema")
    if application == 0 and version == 0 and not there:
        return all_of(known, tables.definitions())
    if application != APPLICATION_ID:
        raise StoreUnreadable(
            f"{path}: got a database of another application (id {application}); expected id"
            f" {APPLICATION_ID}, or a new file"
        )
    applied = connection.execute("SELECT number, name, sha256 FROM migrations ORDER BY number").fetchall()
    steps = not_applied(str(path), known, applied, version)
    if version != len(applied):
        raise StoreUnreadable(f"{path}: got schema {version} with {len(applied)} migrations; expected as many")
    missing = [each for each in tables.definitions() if each[0] not in there]
    check_created(str(path), [name for name, _ in missing], _names(connection, "SELECT name FROM created"))
    if not steps:
        _check_columns(connection, path, tables)
    return Pending(steps, missing)


def _check_columns(connection: sqlite3.Connection, path: Path, tables: Tables) -> None:
    """Raise `StoreUnreadable` if a table has other columns than the declared ones."""
    for name, table in tables.records.items():
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")]
        check_columns(str(path), name, columns, table.names)


def migrate(connection: sqlite3.Connection, path: Path, known: Sequence[Migration], tables: Tables) -> None:
    """Apply all steps that the file needs, or none. Of several processes one does, and the others wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(sql_of(_still_needed(connection, path, known, tables))):
            connection.execute(statement)
        _check_columns(connection, path, tables)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _names(connection: sqlite3.Connection, query: str) -> set[str]:
    return {name for (name,) in connection.execute(query)}
