"""Tables and functions made from the declarations of collections and counters, for a cluster of servers (Citus).

A table is placed by its key, a copy by one of its columns, a counter by the first part of its key. So each row has one
shard, and a function writes one row, in one table, with each statement. The functions run on the coordinator and are
called as those of `declarations`. Collections that are not spread are the same as on one server.

No statement takes an item of an array: `SET column = items[1]` ends the coordinator in some releases of Citus. So the
rows of a call are records of a loop.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve

from traffic_booking.adapters.postgres.declarations import (
    COLUMN_TYPES,
    EXPECTED,
    GUARD,
    TYPES,
    Made,
    index_on,
    indexes_of,
    made_of_collection,
    numbered,
    plpgsql,
    table_of,
)
from traffic_booking.adapters.postgres.tables import copy_of, ours
from traffic_booking.persistence.sql import clauses_of, fields_of, quoted
from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema

_ONE_BY_ONE: Final = "SET LOCAL citus.multi_shard_modify_mode = 'sequential';"
"""A transaction that changes shards side by side may not define a function any more."""
_IN_DOUBT: Final = "RAISE SQLSTATE '40001';"
"""A copy's row is part of a commit that has not ended on its server: the transaction begins again, a little later."""


def clustered(schema: Schema) -> Iterator[Made]:
    """The tables and functions for the declarations of `schema` on a cluster."""
    for collection in schema.collections:
        if not collection.spread:
            yield from made_of_collection(collection)
            continue
        yield _placed(table_of(evolve(collection, indexes=indexes_at(collection, None))), collection.key)
        for column in collection.copies:
            yield _copy(collection, column)
        yield from _functions(collection)
    for counter in schema.counters:
        yield from _counter(counter)


def indexes_at(collection: Collection, copy: str | None) -> tuple[Index, ...]:
    """The indexes of the copy by that column; for None those of the table by key, which no copy has."""
    return tuple(
        index
        for index in collection.indexes
        if (index.columns[0] if index.columns[0] in collection.copies else None) == copy
    )


def _placed(made: Made, column: str) -> Made:
    table = ours(made.name).replace("'", "''")
    column = column.replace("'", "''")
    sql = f"{_ONE_BY_ONE}\n{made.sql}\nSELECT pg_catalog.create_distributed_table('{table}', '{column}');"
    return made._replace(sql=sql)


def _copy(collection: Collection, column: str) -> Made:
    name, key = copy_of(collection, column), quoted(collection.key)
    table, indexes = ours(name), indexes_at(collection, column)
    columns = f"{clauses_of(collection, COLUMN_TYPES, key='NOT NULL')}, PRIMARY KEY ({quoted(column)}, {key})"
    made = [f"CREATE TABLE {table} ({columns}) WITH (toast_tuple_target = 8160);"]
    made += [index_on(table, quoted(f"{collection.name}_{index.name}"), index) for index in indexes]
    return _placed(Made(collection.name, name, "\n".join(made)), column)


def _functions(collection: Collection) -> Iterator[Made]:
    """A row by key is written first: its lock, which a commit in doubt keeps, guards its copies."""
    table, key, fields = ours(collection.name), quoted(collection.key), fields_of(collection)
    copies = {column: ours(copy_of(collection, column)) for column in collection.copies}
    taken = (fields[0], EXPECTED, *fields[1:])
    stored = f"stored.{key} = made.c1 AND stored.version = made.c2"

    values = {field.name: f"made.c{place}" for place, field in enumerate(fields, 1)}
    insert = f"{_insert(table, fields, values)} ON CONFLICT DO NOTHING; {_or(GUARD)}"
    more = [f"{_insert(copy, fields, values)};" for copy in copies.values()]
    yield _looped("insert", collection.name, fields, insert, *more)

    values = {field.name: f"made.c{place}" for place, field in enumerate(taken, 1)}
    find = _find(table, stored, collection.copies)
    update = f"UPDATE {table} AS stored SET {_set(fields, values)} WHERE {stored}; {_or(GUARD)}"
    moves = [
        f"""IF {values[column]} = old.{quoted(column)} THEN
            UPDATE {copy} AS stored SET {_set(fields, values, column)} WHERE {_at(column, key)}; {_or(_IN_DOUBT)}
        ELSE
            DELETE FROM {copy} AS stored WHERE {_at(column, key)}; {_or(_IN_DOUBT)}
            {_insert(copy, fields, values)};
        END IF;"""
        for column, copy in copies.items()
    ]
    yield _looped("update", collection.name, taken, *find, update, *moves)

    delete = f"DELETE FROM {table} AS stored WHERE {stored}; {_or(GUARD)}"
    gone = [
        f"DELETE FROM {copy} AS stored WHERE {_at(column, key)}; {_or(_IN_DOUBT)}" for column, copy in copies.items()
    ]
    yield _looped("delete", collection.name, taken[:2], *find, delete, *gone)

    if collection.checked:
        absent = f"PERFORM FROM {table} AS stored WHERE stored.{key} = made.c1; IF FOUND THEN {GUARD} END IF;"
        # A commit in doubt keeps this lock, so that no later one raises the version before it is seen.
        there = f"PERFORM FROM {table} AS stored WHERE {stored} FOR SHARE; {_or(GUARD)}"
        yield _looped("check", collection.name, taken[:2], f"IF made.c2 = 0 THEN {absent} ELSE {there} END IF;")


def _counter(counter: Counter) -> Iterator[Made]:
    name, table, (pkey,) = counter.name, ours(counter.name), map(quoted, indexes_of(counter))
    text = COLUMN_TYPES[Kind.TEXT]
    columns = f"shard {text} NOT NULL, key {text} NOT NULL, value bigint NOT NULL CHECK (value >= 0)"
    sql = f"CREATE TABLE {table} ({columns}, CONSTRAINT {pkey} PRIMARY KEY (shard, key)) WITH (fillfactor = 70);"
    yield _placed(Made(name, name, sql), "shard")
    bounded = "stored.value BETWEEN made.c3 AND made.c4"
    add = "SET value = stored.value + made.c2"
    body = f"""place := pg_catalog.split_part(made.c1, '/', 1);
        IF 0 BETWEEN made.c3 AND made.c4 THEN
            INSERT INTO {table} AS stored (shard, key, value) VALUES (place, made.c1, made.c2)
            ON CONFLICT (shard, key) DO UPDATE {add} WHERE {bounded};
        ELSE
            UPDATE {table} AS stored {add} WHERE stored.shard = place AND stored.key = made.c1 AND {bounded};
        END IF;
        {_or(GUARD)}"""
    numbers = [Column(each, Kind.NUMBER) for each in ("delta", "least", "most")]
    yield _looped("count", name, (Column("key"), *numbers), body)


def _looped(verb: str, of: str, taken: Sequence[Column], *steps: str) -> Made:
    """A function that does `steps` for each record, in the order of the rows."""
    rows = f"SELECT * FROM unnest({numbered(taken, '${}')}) AS made ({numbered(taken, 'c{}')})"
    body = f"FOR made IN {rows} LOOP\n        " + "\n        ".join(steps) + "\n    END LOOP;"
    variables = "made record;\n    old record;\n    place text;"
    return plpgsql(verb, of, [f"{TYPES[column.kind]}[]" for column in taken], body, variables)


def _insert(table: str, fields: Sequence[Column], values: dict[str, str]) -> str:
    names = ", ".join(quoted(field.name) for field in fields)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(values[field.name] for field in fields)})"


def _find(table: str, stored: str, columns: Sequence[str]) -> list[str]:
    if not columns:
        return []
    listed = ", ".join(f"stored.{quoted(column)}" for column in columns)
    return [f"SELECT {listed} INTO old FROM {table} AS stored WHERE {stored} FOR UPDATE; {_or(GUARD)}"]


def _set(fields: Sequence[Column], values: dict[str, str], placed_by: str | None = None) -> str:
    """The assignments of all columns but the key and the one that places the row: no statement may alter that."""
    return ", ".join(f"{quoted(each.name)} = {values[each.name]}" for each in fields[1:] if each.name != placed_by)


def _at(column: str, key: str) -> str:
    return f"stored.{quoted(column)} = old.{quoted(column)} AND stored.{key} = made.c1"


def _or(error: str) -> str:
    return f"IF NOT FOUND THEN {error} END IF;"
