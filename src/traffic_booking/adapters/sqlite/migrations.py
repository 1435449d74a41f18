"""Brings a file to the schema of this release, once, whoever opens it first; refuses files that it can't answer for.

Migrations are plain SQL, numbered without gaps, shipped in `migrations/`, and never altered once released: the file
records the checksum of each that was applied. Newer releases add to the end.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from attrs import frozen

from traffic_booking.domain.errors import StoreUnreadable

APPLICATION_ID: Final = 0x74_62_4D_72
"""Marks a file as ours, in SQLite's header ("tbMr")."""

_RECORDS: Final = (
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT"
)

_RECORD_STEP: Final = "INSERT INTO migrations"


@frozen(kw_only=True)
class Migration:
    """One step of the schema: its number (1 for the first), its file's name, its statements."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the statements, in hexadecimal."""
        return sha256(self.sql.encode()).hexdigest()

    def statements(self) -> Iterator[str]:
        """The statements one by one: the driver's own way to run a script would end the transaction first."""
        statement = ""
        for line in self.sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""
        assert not statement.strip(), f"{self.name}: a last statement without a semicolon"


def shipped_migrations() -> tuple[Migration, ...]:
    """The migrations of this release, in their order."""
    found = sorted(
        (entry for entry in files("traffic_booking.adapters.sqlite").joinpath("migrations").iterdir()),
        key=lambda entry: entry.name,
    )
    migrations = tuple(
        Migration(number=int(entry.name[:4]), name=entry.name, sql=entry.read_text(encoding="utf-8"))
        for entry in found
        if entry.name.endswith(".sql")
    )
    assert [step.number for step in migrations] == list(range(1, len(migrations) + 1)), "migrations have a gap"
    return migrations


def pending(connection: sqlite3.Connection, path: Path, known: Sequence[Migration]) -> Sequence[Migration]:
    """The migrations that the file still needs. Raises `StoreUnreadable` where it is not ours, newer, or altered.

    All of it is read from one snapshot: another opener may be bringing the file up to date meanwhile.
    """
    connection.execute("BEGIN")
    try:
        return _still_needed(connection, path, known)
    finally:
        connection.execute("ROLLBACK")


def _still_needed(connection: sqlite3.Connection, path: Path, known: Sequence[Migration]) -> Sequence[Migration]:
    application = _number(connection, "PRAGMA application_id")
    version = _number(connection, "PRAGMA user_version")
    if application == 0 and version == 0 and not _number(connection, "SELECT count(*) FROM sqlite_schema"):
        return known
    if application != APPLICATION_ID:
        raise StoreUnreadable(
            f"{path}: got a database of another application (id {application}); expected id"
            f" {APPLICATION_ID}, or a new file"
        )
    applied = connection.execute("SELECT number, name, sha256 FROM migrations ORDER BY number").fetchall()
    if version > len(known) or len(applied) > len(known):
        raise StoreUnreadable(
            f"{path}: got schema {max(version, len(applied))}, of a newer release; expected at most {len(known)}"
        )
    for row, step in zip(applied, known, strict=False):
        if row != (step.number, step.name, step.checksum):
            raise StoreUnreadable(
                f"{path}: got migration {row[0]} with another content than this release's; expected {step.name}"
                f" with checksum {step.checksum[:12]}…"
            )
    if version != len(applied):
        raise StoreUnreadable(f"{path}: got schema {version} with {len(applied)} migrations; expected as many")
    return known[version:]


def migrate(connection: sqlite3.Connection, path: Path, known: Sequence[Migration]) -> None:
    """Apply what the file still needs, all of it or nothing; of several openers one does, and the others wait."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in _still_needed(connection, path, known):
            if step.number == 1:
                connection.execute(_RECORDS)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for statement in step.statements():
                connection.execute(statement)
            connection.execute(_RECORD_STEP + " VALUES (?, ?, ?)", (step.number, step.name, step.checksum))
            connection.execute(f"PRAGMA user_version = {step.number}")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def script(needed: Sequence[Migration]) -> str:
    """The same as one SQL script for the sqlite3 shell, to be read and run by whoever looks after the file."""
    parts = [".bail on", "BEGIN IMMEDIATE;"]
    for step in needed:
        if step.number == 1:
            parts += [f"{_RECORDS};", f"PRAGMA application_id = {APPLICATION_ID};"]
        values = f"{step.number}, '{step.name}', '{step.checksum}'"
        parts += [f"\n-- {step.name}", step.sql.strip(), f"{_RECORD_STEP} VALUES ({values});"]
        parts.append(f"PRAGMA user_version = {step.number};")
    return "\n".join([*parts, "COMMIT;", ""])


def _number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    assert isinstance(number, int)
    return number
