"""Brings a database to the schema of this release, once, whoever opens it first; refuses what it can't answer for.

All is kept in the schema `traffic_booking`. Migrations are plain SQL, numbered without gaps, shipped in `migrations/`,
and never altered once released: the database records the checksum of each that was applied. Newer releases add to the
end. All of them go in as one transaction, under a lock that other openers wait for.
"""

from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from attrs import frozen
from psycopg import Connection

from traffic_booking.adapters.postgres.locks import MIGRATIONS
from traffic_booking.domain.errors import StoreUnreadable

_MAKE_SCHEMA: Final = "CREATE SCHEMA IF NOT EXISTS traffic_booking"
_MAKE_RECORDS: Final = (
    "CREATE TABLE traffic_booking.migrations"
    " (number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now())"
)
_RECORD_STEP: Final = "INSERT INTO traffic_booking.migrations (number, name, sha256)"
_APPLIED: Final = "SELECT number, name, sha256 FROM traffic_booking.migrations ORDER BY number"
_LOOK: Final = """
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'traffic_booking' AND c.relname = 'migrations'),
    EXISTS (SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'traffic_booking'),
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'traffic_booking')
"""


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


def shipped_migrations() -> tuple[Migration, ...]:
    """The migrations of this release, in their order."""
    found = sorted(
        (entry for entry in files("traffic_booking.adapters.postgres").joinpath("migrations").iterdir()),
        key=lambda entry: entry.name,
    )
    migrations = tuple(
        Migration(number=int(entry.name[:4]), name=entry.name, sql=entry.read_text(encoding="utf-8"))
        for entry in found
        if entry.name.endswith(".sql")
    )
    assert [step.number for step in migrations] == list(range(1, len(migrations) + 1)), "migrations have a gap"
    return migrations


def pending(connection: Connection[Any], where: str, known: Sequence[Migration]) -> Sequence[Migration]:
    """The migrations that the database still needs. Raises `StoreUnreadable` where it is not ours, newer, or altered.

    While another opener brings it up to date, it has none of its steps yet, or all.
    """
    has_records, has_something, _ = _looked(connection)
    if not has_records:
        if has_something:
            raise StoreUnreadable(
                f"{where}: got a schema traffic_booking of another application; expected ours, or none of that name"
            )
        return known
    applied = connection.execute(_APPLIED).fetchall()
    if len(applied) > len(known):
        raise StoreUnreadable(f"{where}: got schema {len(applied)}, of a newer release; expected at most {len(known)}")
    for row, step in zip(applied, known, strict=False):
        if row != (step.number, step.name, step.checksum):
            raise StoreUnreadable(
                f"{where}: got migration {row[0]} with another content than this release's; expected {step.name}"
                f" with checksum {step.checksum[:12]}…"
            )
    return known[len(applied) :]


def migrate(connection: Connection[Any], where: str, known: Sequence[Migration]) -> Sequence[Migration]:
    """Apply what the database still needs, all of it or nothing, and say what; others who open it wait meanwhile."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATIONS,))
        needed = pending(connection, where, known)
        for step in needed:
            if step.number == 1:
                if not _looked(connection)[2]:  # a role that may not make one is given an empty one
                    connection.execute(_MAKE_SCHEMA)
                connection.execute(_MAKE_RECORDS)
            connection.execute(step.sql.encode())
            connection.execute(_RECORD_STEP + " VALUES (%s, %s, %s)", (step.number, step.name, step.checksum))
        return needed


def script(needed: Sequence[Migration]) -> str:
    """The same as one SQL script for psql, to be read and run by whoever looks after the database."""
    parts = ["\\set ON_ERROR_STOP on", "BEGIN;", f"SELECT pg_advisory_xact_lock({MIGRATIONS});"]
    for step in needed:
        if step.number == 1:
            parts += [f"{_MAKE_SCHEMA};", f"{_MAKE_RECORDS};"]
        values = f"{step.number}, '{step.name}', '{step.checksum}'"
        parts += [f"\n-- {step.name}", step.sql.strip(), f"{_RECORD_STEP} VALUES ({values});"]
    return "\n".join([*parts, "COMMIT;", ""])


def _looked(connection: Connection[Any]) -> tuple[bool, bool, bool]:
    """Whether the schema has our records, has anything at all, and is there."""
    row = connection.execute(_LOOK).fetchone()
    assert row is not None
    return row[0], row[1], row[2]
