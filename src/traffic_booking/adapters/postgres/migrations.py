"""The update of a database to the schema of this release, by the first store that opens it.

All tables are in the schema `traffic_booking`; a schema that is not ours is refused. The steps are one transaction,
under a lock that other openers wait for.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

from psycopg import Connection

from traffic_booking.adapters.postgres.declarations import Made, indexes_of
from traffic_booking.adapters.postgres.feeding import BEGIN_GENERATION, IS_AHEAD
from traffic_booking.adapters.postgres.tables import copy_of
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.persistence.migrations import Migration, Pending, all_of, check_created, not_applied
from traffic_booking.ports.collections import Collection, Schema

MIGRATIONS: Final = 0x74_62_4D_FF << 32
"""The number that is locked while the database is brought up to date."""

_LOCK: Final = f"SELECT pg_advisory_xact_lock({MIGRATIONS});\n".encode()
_MAKE_SCHEMA: Final = "CREATE SCHEMA IF NOT EXISTS traffic_booking;\n"
_BEGIN: Final = """
CREATE TABLE traffic_booking.migrations (
    number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE traffic_booking.created (name text PRIMARY KEY);
"""
_RECORD_CREATED: Final = """
INSERT INTO traffic_booking.created SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'traffic_booking'
ON CONFLICT DO NOTHING;
"""
_APPLIED: Final = "SELECT number, name, sha256 FROM traffic_booking.migrations ORDER BY number"
_CREATED: Final = "SELECT name FROM traffic_booking.created"
_IS_THERE: Final = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'traffic_booking')"
_KEPT: Final = """
SELECT relname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
WHERE nspname = 'traffic_booking' AND i.indisvalid IS NOT FALSE
UNION ALL
SELECT format('%s(%s)', proname, array_to_string(ARRAY(
    SELECT format_type(taken, NULL) FROM unnest(proargtypes) AS taken
), ',')) FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
WHERE nspname = 'traffic_booking'
"""
"""Tables, valid indexes, and functions with the types of their parameters; reading them takes no right."""
_FIXED_INDEXES: Final = ["migrations_pkey", "created_pkey", "generations_pkey", "log_pkey", "log_of_stream"]


def pending(connection: Connection[Any], where: str, known: Sequence[Migration], declared: Sequence[Made]) -> Pending:
    """The steps that the database still needs, of which `declared` are made last.

    Raises `StoreUnreadable` if it is not ours, newer, or altered.
    While another opener brings it up to date, it has none of its steps yet, or all.
    """
    kept, created = _names(connection, _KEPT), set[str]()
    if "migrations" in kept:
        created = _names(connection, _CREATED)
        kept = _names(connection, _KEPT)  # read last: another opener may have created a table in between
    missing = [made for made in declared if made.name not in kept]
    definitions: dict[str, str] = {}
    for made in missing:
        definitions[made.of] = f"{definitions.get(made.of, '')}{made.sql}\n"
    if "migrations" not in kept:
        if kept:
            raise StoreUnreadable(
                f"{where}: got a schema traffic_booking of another application; expected ours, or none of that name"
            )
        return all_of(known, [*definitions.items()])
    steps = not_applied(where, known, connection.execute(_APPLIED).fetchall())
    check_created(where, [made.name for made in missing], created)
    return Pending(steps, [*definitions.items()])


def missing_indexes(connection: Connection[Any], schema: Schema) -> tuple[str, ...]:
    """The indexes of existing tables that were dropped, or the creation of which was interrupted."""
    kept = _names(connection, _KEPT)
    expected = {each.name: indexes_of(each) for each in schema.collections + schema.counters}
    expected |= {copy_of(each, column): [f"{copy_of(each, column)}_pkey"] for each, column in _copies(schema)}
    expected["migrations"] = _FIXED_INDEXES
    return tuple(index for table, listed in expected.items() if table in kept for index in listed if index not in kept)


def _copies(schema: Schema) -> Iterator[tuple[Collection, str]]:
    """The collections with a copy, and the column of each copy. Only a cluster has copies."""
    return ((each, column) for each in schema.collections for column in each.copies)


def migrate(connection: Connection[Any], where: str, known: Sequence[Migration], declared: Sequence[Made]) -> None:
    """Apply all steps that the database still needs, or none; other openers wait meanwhile."""
    with connection.transaction():
        connection.execute(_LOCK)
        needed = pending(connection, where, known, declared)
        if not _is_true(connection, _IS_THERE):  # for a role that may not create one, an administrator has
            connection.execute(_MAKE_SCHEMA)
        connection.execute(_sql_of(needed).encode(), prepare=False)


def continue_log(connection: Connection[Any]) -> None:
    """Begin a new generation of the log if it has transaction numbers that this server has not given yet."""
    if _is_true(connection, IS_AHEAD):
        with connection.transaction():
            connection.execute(_LOCK)
            if _is_true(connection, IS_AHEAD):
                connection.execute(BEGIN_GENERATION)


def script(needed: Pending) -> str:
    """The same as one SQL script for psql, for an administrator to read and run."""
    return f"\\set ON_ERROR_STOP on\nBEGIN;\n{_LOCK.decode()}{_MAKE_SCHEMA}{_sql_of(needed)}COMMIT;\n"


def _sql_of(needed: Pending) -> str:
    return needed.sql(prefix="traffic_booking.", begin=_BEGIN.strip(), end=_RECORD_CREATED.strip())


def _names(connection: Connection[Any], query: LiteralString) -> set[str]:
    return {name for (name,) in connection.execute(query).fetchall()}


def _is_true(connection: Connection[Any], statement: LiteralString) -> bool:
    return connection.execute(statement).fetchone() == (True,)
