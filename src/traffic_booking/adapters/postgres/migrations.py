"""Brings a database to the schema of this release, once, whoever opens it first; refuses what it can't answer for.

All is kept in the schema `traffic_booking`. Migrations are plain SQL, numbered without gaps, shipped in `migrations/`,
and never altered once released: the database records the checksum of each that was applied. Newer releases add to the
end. All of them go in as one transaction, under a lock that other openers wait for.

A database whose tables are spread over a Citus cluster, or are to be, gets `citus/distribution.sql` on top, again after
every step, and where this release's was not run yet. Which were run is told by a comment on the table of migrations:
that takes no column that others have no use for, and no right to read.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from itertools import takewhile
from typing import Any, Final, LiteralString

from attrs import frozen
from psycopg import Connection

from traffic_booking.adapters.postgres.locks import MIGRATIONS
from traffic_booking.domain.errors import StoreUnavailable, StoreUnreadable

_HERE: Final = files("traffic_booking.adapters.postgres")
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
_IS_SPREAD: Final = """
SELECT logicalrelid::text FROM pg_dist_partition
WHERE logicalrelid = to_regclass('traffic_booking.appointments')
"""
_MAKES_INDEX: Final = re.compile(r"CREATE INDEX (\w+)|CREATE TABLE traffic_booking\.(\w+)")
"""The two ways that migrations make one: each table has a primary key, and no index but that is unique."""
_UNUSABLE_INDEXES: Final = """
SELECT name FROM unnest(%s::text[]) AS name
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
    WHERE c.relnamespace = to_regnamespace('traffic_booking') AND c.relname = name AND i.indisvalid
)
"""
_COMMENT: Final = "SELECT coalesce(obj_description(to_regclass('traffic_booking.migrations'), 'pg_class'), '')"
_HAS_CITUS: Final = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"

_ONE_BY_ONE: Final = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"
"""What a transaction needs that changes tables of a cluster and makes functions or tables that all machines have."""

DISTRIBUTION: Final = "citus/distribution.sql"


@frozen(kw_only=True)
class Migration:
    """One step of the schema: its number (1 for the first), its file's name, its statements."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the statements, in hexadecimal."""
        return _checksum(self.sql)


def shipped_migrations() -> tuple[Migration, ...]:
    """The migrations of this release, in their order."""
    found = sorted(_HERE.joinpath("migrations").iterdir(), key=lambda entry: entry.name)
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


def missing_indexes(connection: Connection[Any], applied: Sequence[Migration]) -> tuple[str, ...]:
    """The indexes that those migrations have made and that somebody dropped, or whose making was broken off."""
    sql = "".join([_MAKE_RECORDS, *(step.sql for step in applied)]) if applied else ""
    made = [index or f"{table}_pkey" for index, table in _MAKES_INDEX.findall(sql)]
    return tuple(name for (name,) in connection.execute(_UNUSABLE_INDEXES, (made,)).fetchall())


def shipped_distribution() -> str:
    """The statements of this release that spread the tables."""
    return _HERE.joinpath(DISTRIBUTION).read_text(encoding="utf-8")


def distribution(connection: Connection[Any], where: str, *, wanted: bool, stepped: bool) -> str | None:
    """The statements that spread the tables over a Citus cluster, and record it, where they are needed.

    That is where it is `wanted`; and where they are spread already, once the database has `stepped`, or if this
    release's statements were not run: a release whose own were run before those of a newer one leaves these as they
    are. Raises `StoreUnavailable` where it is wanted of a database without Citus.
    """
    has_citus = _first_row(connection, _HAS_CITUS)[0]
    if wanted and not has_citus:
        raise StoreUnavailable(
            f"{where}: got a database without Citus; expected one where CREATE EXTENSION citus was run"
        )
    if not wanted and not (has_citus and connection.execute(_IS_SPREAD).fetchone()):
        return None
    statements = shipped_distribution()
    ours, run = _checksum(statements), re.findall(r"\b[0-9a-f]{64}\b", _first_row(connection, _COMMENT)[0])
    if ours in run and not (wanted or stepped):
        return None
    run = [*takewhile(lambda checksum: checksum != ours, run), ours]  # what came after ours is undone by it
    record = f"COMMENT ON TABLE traffic_booking.migrations IS '{DISTRIBUTION}, as it was run: {' '.join(run)}'"
    return f"{statements.strip()}\n{record};\n"


def migrate(
    connection: Connection[Any], where: str, known: Sequence[Migration], *, citus: bool = False
) -> Sequence[Migration]:
    """Apply what the database still needs, all of it or nothing, and say what; others who open it wait meanwhile.

    With `citus` its tables are spread over the cluster too.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATIONS,))
        needed = pending(connection, where, known)
        spread = distribution(connection, where, wanted=citus, stepped=bool(needed))
        if spread is not None:
            connection.execute(_ONE_BY_ONE)
        for step in needed:
            if step.number == 1:
                if not _looked(connection)[2]:  # a role that may not make one is given an empty one
                    connection.execute(_MAKE_SCHEMA)
                connection.execute(_MAKE_RECORDS)
            connection.execute(step.sql.encode())
            connection.execute(_RECORD_STEP + " VALUES (%s, %s, %s)", (step.number, step.name, step.checksum))
        if spread is not None:
            connection.execute(spread.encode())
        return needed


def script(needed: Sequence[Migration], spread: str | None) -> str:
    """The same as one SQL script for psql, to be read and run by whoever looks after the database."""
    parts = ["\\set ON_ERROR_STOP on", "BEGIN;", f"SELECT pg_advisory_xact_lock({MIGRATIONS});"]
    if spread is not None:
        parts.append(f"{_ONE_BY_ONE};")
    for step in needed:
        if step.number == 1:
            parts += [f"{_MAKE_SCHEMA};", f"{_MAKE_RECORDS};"]
        values = f"{step.number}, '{step.name}', '{step.checksum}'"
        parts += [f"\n-- {step.name}", step.sql.strip(), f"{_RECORD_STEP} VALUES ({values});"]
    if spread is not None:
        parts += [f"\n-- {DISTRIBUTION}", spread.strip()]
    return "\n".join([*parts, "COMMIT;", ""])


def _checksum(statements: str) -> str:
    return sha256(statements.encode()).hexdigest()


def _looked(connection: Connection[Any]) -> tuple[bool, bool, bool]:
    """Whether the schema has our records, has anything at all, and is there."""
    has_records, has_something, is_there = _first_row(connection, _LOOK)
    return has_records, has_something, is_there


def _first_row(connection: Connection[Any], statement: LiteralString) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(statement).fetchone()
    assert row is not None
    return row
