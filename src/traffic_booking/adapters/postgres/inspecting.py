"""The inspection for an audit as a statement: the objects of the schema, and rows that no read returns.

Everybody may read the server's catalogue, so a role that only reads may inspect a database.
"""

import re
from functools import partial
from typing import Any, Final

from traffic_booking.adapters.postgres.declarations import indexes_of, made_of
from traffic_booking.adapters.postgres.tables import Statement, Tables, ours
from traffic_booking.persistence.migrations import shipped_migrations
from traffic_booking.persistence.sql import fields_of
from traffic_booking.ports.collections import Collection, Column, Counter, Kind, Schema
from traffic_booking.ports.inspection import Inspection, TableFault, compared, compared_names, unevidenced

# Each row has a kind, a name and a definition. Columns are in the order of their names: a later release appends some.
_OBJECTS: Final = """
SELECT 'table', relname::text, concat_ws(' ', relkind, relpersistence, CASE WHEN relrowsecurity THEN 'policies' END, (
    SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), nullif(collname, 'default'),
        CASE WHEN attnotnull THEN 'NOT NULL' END, pg_get_expr(adbin, adrelid), nullif(attidentity, '')
    ), ', ' ORDER BY attname COLLATE "C")
    FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        LEFT JOIN pg_collation AS l ON l.oid = attcollation
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
))
FROM pg_class AS c WHERE relnamespace = n.oid AND relkind NOT IN ('i', 'I')
UNION ALL
SELECT 'index', relname, concat(pg_get_indexdef(indexrelid), CASE WHEN NOT indisvalid THEN ' INVALID' END)
FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid WHERE relnamespace = n.oid
UNION ALL
SELECT 'constraint', conname, concat(pg_get_constraintdef(c.oid), CASE WHEN NOT convalidated THEN ' NOT VALID' END)
FROM pg_constraint AS c WHERE connamespace = n.oid AND contype <> 'n'
UNION ALL
SELECT 'function', concat(proname, '(', array_to_string(ARRAY(
    SELECT format_type(taken, NULL) FROM unnest(proargtypes) AS taken
), ','), ')'), concat_ws(' ', prorettype::regtype, lanname, CASE WHEN prosecdef THEN 'definer' END, proconfig, prosrc)
FROM pg_proc AS f JOIN pg_language AS l ON l.oid = prolang WHERE pronamespace = n.oid
UNION ALL
SELECT 'trigger', concat(relname, '.', tgname), '' FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
WHERE relnamespace = n.oid AND NOT tgisinternal
UNION ALL
SELECT 'rule', concat(relname, '.', rulename), '' FROM pg_rewrite JOIN pg_class AS c ON c.oid = ev_class
WHERE relnamespace = n.oid
UNION ALL
SELECT 'policy', concat(relname, '.', polname), '' FROM pg_policy JOIN pg_class AS c ON c.oid = polrelid
WHERE relnamespace = n.oid
"""

# The feed ends before these. A desk that opens a restored dump begins a generation, and then the feed has its entries.
_HIDDEN: Final = """
SELECT (SELECT count(*) FROM traffic_booking.log WHERE generation < 1)
    + (SELECT count(*) FROM traffic_booking.log WHERE generation > newest.generation)
    + (SELECT count(*) FROM traffic_booking.log
        WHERE generation = newest.generation AND xid >= pg_snapshot_xmax(pg_current_snapshot()))
FROM (SELECT coalesce(max(generation), 0) AS generation FROM traffic_booking.generations) AS newest
"""

_TYPES: Final = {Kind.TEXT: "text C", Kind.NUMBER: "bigint", Kind.INSTANT: "timestamp with time zone"}
_FIXED: Final = {
    ("table", "created"): "r p name text NOT NULL",
    ("index", "created_pkey"): "CREATE UNIQUE INDEX created_pkey ON traffic_booking.created USING btree (name)",
    ("constraint", "created_pkey"): "PRIMARY KEY (name)",
    ("table", "migrations"): "r p applied_at timestamp with time zone NOT NULL now(), name text NOT NULL,"
    " number integer NOT NULL, sha256 text NOT NULL",
    ("index", "migrations_pkey"): "CREATE UNIQUE INDEX migrations_pkey ON traffic_booking.migrations"
    " USING btree (number)",
    ("constraint", "migrations_pkey"): "PRIMARY KEY (number)",
    ("table", "generations"): "r p begun_at timestamp with time zone NOT NULL now(), generation bigint NOT NULL,"
    " trimmed_by xid8",
    ("index", "generations_pkey"): "CREATE UNIQUE INDEX generations_pkey ON traffic_booking.generations"
    " USING btree (generation)",
    ("constraint", "generations_pkey"): "PRIMARY KEY (generation)",
    ("table", "log"): "r p body text NOT NULL, generation bigint NOT NULL, kind text C NOT NULL,"
    " place bigint NOT NULL, stream text C NOT NULL, xid xid8 NOT NULL",
    ("index", "log_pkey"): "CREATE UNIQUE INDEX log_pkey ON traffic_booking.log USING btree (generation, xid, place)",
    ("constraint", "log_pkey"): "PRIMARY KEY (generation, xid, place)",
    ("constraint", "log_place_check"): "CHECK (((place >= 1) AND (place <= 1048575)))",
    ("index", "log_of_stream"): "CREATE INDEX log_of_stream ON traffic_booking.log USING btree (stream)",
}
"""The objects of the migrations, except functions, as the catalogue describes them."""
_FUNCTION: Final = re.compile(r"CREATE FUNCTION traffic_booking\.(\w+)\((.*?)\).*?\$\$(.*?)\$\$", re.DOTALL)
"""The name, the parameters and the body of a function in a migration."""

_Objects = dict[tuple[str, str], str]


def inspecting(schema: Schema, tables: Tables, package: str) -> Statement[Inspection]:
    """The inspection, from one snapshot."""
    zeros = [
        f"(SELECT json_agg(key ORDER BY key) FROM {table.listing.table} WHERE value = 0)"
        for table in tables.counters.values()
    ]
    objects = (
        "SELECT json_agg(json_build_array(kind, name, definition)) FROM pg_namespace AS n"
        f" CROSS JOIN LATERAL ({_OBJECTS}) AS o (kind, name, definition) WHERE nspname = 'traffic_booking'"
    )
    created = "SELECT json_agg(name) FROM traffic_booking.created"
    columns = ", ".join([*(f"({each})" for each in (objects, created, _HIDDEN)), *zeros])
    return Statement(f"SELECT {columns}".encode(), (), partial(_inspection, schema, package))


def _inspection(schema: Schema, package: str, rows: list[tuple[Any, ...]]) -> Inspection:
    objects, created, hidden, *zeros = rows[0]
    found = {(kind, name): definition.replace('"', "") for kind, name, definition in objects or ()}
    faults = [
        *compared(found, _expected(schema, package)),
        *compared_names(created or (), {name for kind, name in found if kind == "table"}),
    ]
    if hidden:
        faults.append(
            TableFault("table log", f"{hidden} entries at places that no reader sees", "places that every reader sees")
        )
    keys = {each.name: of_one or () for each, of_one in zip(schema.counters, zeros, strict=True)}
    return Inspection([*unevidenced(schema), "migrations", "generations"], faults, keys)


def _expected(schema: Schema, package: str) -> _Objects:
    """The objects that this release makes, as the catalogue describes them, without quotation marks."""
    expected = dict(_FIXED)
    for collection in schema.collections:
        expected |= _collection(collection)
    for counter in schema.counters:
        expected |= _counter(counter)
    for script in (each.sql for each in shipped_migrations(package)):
        for name, taken, body in _FUNCTION.findall(script):
            types = ",".join(each.partition(" ")[2] for each in taken.split(", "))
            expected["function", f"{name}({types})"] = f"void plpgsql {body}"
    for made in made_of(schema):
        if made.name != made.of:
            expected["function", made.name] = f"void plpgsql {made.sql.split('$function$')[1]}"
    return {key: definition.replace('"', "") for key, definition in expected.items()}


def _collection(declared: Collection) -> _Objects:
    pkey, *names = indexes_of(declared)
    made = {
        ("table", declared.name): _columns(fields_of(declared)),
        ("constraint", f"{declared.name}_version_check"): "CHECK ((version >= 1))",
        **_key(declared.name, pkey, declared.key),
    }
    for name, index in zip(names, declared.indexes, strict=True):
        where = f" WHERE ({index.where_set} IS NOT NULL)" if index.where_set else ""
        made["index", name] = (
            f"CREATE INDEX {name} ON {ours(declared.name)} USING btree ({', '.join(index.columns)}){where}"
        )
    return made


def _counter(declared: Counter) -> _Objects:
    (pkey,) = indexes_of(declared)
    return {
        ("table", declared.name): _columns((Column("key"), Column("value", Kind.NUMBER))),
        ("constraint", f"{declared.name}_value_check"): "CHECK ((value >= 0))",
        **_key(declared.name, pkey, "key"),
    }


def _columns(columns: tuple[Column, ...]) -> str:
    in_order = sorted(columns, key=lambda each: each.name)
    listed = [f"{each.name} {_TYPES[each.kind]}{'' if each.optional else ' NOT NULL'}" for each in in_order]
    return f"r p {', '.join(listed)}"


def _key(table: str, pkey: str, key: str) -> _Objects:
    return {
        ("index", pkey): f"CREATE UNIQUE INDEX {pkey} ON {ours(table)} USING btree ({key})",
        ("constraint", pkey): f"PRIMARY KEY ({key})",
    }
