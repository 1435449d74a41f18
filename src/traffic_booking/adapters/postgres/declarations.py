"""Tables and functions made from the declarations of collections and counters, if they are missing.

Each function takes columns side by side, and writes all rows or raises SQLSTATE TB001. Its parameters are numbered and
its identifiers quoted, so that no declared name has another meaning in it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from traffic_booking.adapters.postgres.tables import ours
from traffic_booking.persistence.sql import clauses_of, fields_of, quoted
from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema

TYPES: Final = {Kind.TEXT: "text", Kind.NUMBER: "bigint", Kind.INSTANT: "timestamp with time zone"}
COLUMN_TYPES: Final = TYPES | {Kind.TEXT: 'text COLLATE "C"'}
EXPECTED: Final = Column("expected", Kind.NUMBER)
_VARIABLES: Final = "written bigint;\n    added bigint;"
GUARD: Final = "RAISE SQLSTATE 'TB001';"


class Made(NamedTuple):
    """A table, or a function whose name is its signature, and the SQL that makes it; `of` is what was declared."""

    of: str
    name: str
    sql: str


def made_of(schema: Schema) -> Iterator[Made]:
    """The tables and functions for the declarations of `schema`."""
    for collection in schema.collections:
        yield from made_of_collection(collection)
    for counter in schema.counters:
        yield from _counter(counter)


def made_of_collection(collection: Collection) -> Iterator[Made]:
    """The table of one collection, and the functions that write it."""
    yield table_of(collection)
    yield from _functions(collection)


def indexes_of(declared: Collection | Counter) -> list[str]:
    """The names of a table's indexes, that of its key first."""
    others = declared.indexes if isinstance(declared, Collection) else ()
    return [f"{declared.name}_{name}" for name in ("pkey", *(index.name for index in others))]


def table_of(collection: Collection) -> Made:
    """The table of one collection, and its indexes."""
    table, (pkey, *names) = ours(collection.name), map(quoted, indexes_of(collection))
    columns = clauses_of(collection, COLUMN_TYPES, key=f"CONSTRAINT {pkey} PRIMARY KEY")
    # A row without indexed columns is altered within its page, if there is room. A body is not compressed: that would
    # take longer than all the rest of a booking.
    room = "fillfactor = 70, " if collection.altered and not names else ""
    made = [f"CREATE TABLE {table} ({columns}) WITH ({room}toast_tuple_target = 8160);"]
    made += [index_on(table, name, index) for name, index in zip(names, collection.indexes, strict=True)]
    return Made(collection.name, collection.name, "\n".join(made))


def index_on(table: str, name: str, index: Index) -> str:
    """The statement that makes an index; `table` and `name` are as SQL takes them."""
    where = f" WHERE {quoted(index.where_set)} IS NOT NULL" if index.where_set else ""
    return f"CREATE INDEX {name} ON {table} ({', '.join(map(quoted, index.columns))}){where};"


def _functions(collection: Collection) -> Iterator[Made]:
    """A lone row, as of one booking, takes no `unnest`. Several are written in the order of their keys."""
    table, key, fields = ours(collection.name), quoted(collection.key), fields_of(collection)
    into = f"INSERT INTO {table} ({', '.join(quoted(field.name) for field in fields)})"
    yield _function(
        "insert",
        collection.name,
        fields,
        f"{into} VALUES ({numbered(fields, '${}[1]')}) ON CONFLICT DO NOTHING;",
        f"{into} SELECT * FROM unnest({numbered(fields, '${}')}) ON CONFLICT DO NOTHING;",
    )
    lone = f"stored.{key} = $1[1] AND stored.version = $2[1]"
    many = f"stored.{key} = made.c1 AND stored.version = made.c2"
    taken = (fields[0], EXPECTED, *fields[1:])
    alone, among = (
        ", ".join(f"{quoted(field.name)} = {form.format(n)}" for n, field in enumerate(fields[1:], 3))
        for form in ("${}[1]", "made.c{}")
    )
    made = f"unnest({numbered(taken, '${}')}) AS made ({numbered(taken, 'c{}')})"
    # Also of records that are written once: one that a batch deletes and puts again is an update in the end.
    yield _function(
        "update",
        collection.name,
        taken,
        f"UPDATE {table} AS stored SET {alone} WHERE {lone};",
        f"UPDATE {table} AS stored SET {among} FROM {made} WHERE {many};",
    )
    yield _function(
        "delete",
        collection.name,
        taken[:2],
        f"DELETE FROM {table} AS stored WHERE {lone};",
        f"DELETE FROM {table} AS stored USING unnest($1, $2) AS made (c1, c2) WHERE {many};",
    )
    if collection.checked:
        stored = f"(SELECT stored.version FROM {table} AS stored WHERE stored.{key} = made.c1)"
        body = f"""PERFORM FROM unnest($1, $2) AS made (c1, c2) WHERE coalesce({stored}, 0) <> made.c2;
    IF FOUND THEN {GUARD} END IF;"""
        yield plpgsql("check", collection.name, ("text[]", "bigint[]"), body)


def _counter(counter: Counter) -> Iterator[Made]:
    """Rows that are there are moved, then the others made; `$3` and `$4` bound what may be stored before."""
    name, table, (pkey,) = counter.name, ours(counter.name), map(quoted, indexes_of(counter))
    columns = f'key text COLLATE "C" CONSTRAINT {pkey} PRIMARY KEY, value bigint NOT NULL CHECK (value >= 0)'
    yield Made(name, name, f"CREATE TABLE {table} ({columns}) WITH (fillfactor = 70);")
    moved = "unnest($1, $2, $3, $4) AS moved (key, delta, least, most)"
    move = f"""UPDATE {table} AS stored SET value = stored.value + moved.delta FROM {moved}
        WHERE stored.key = moved.key AND stored.value BETWEEN moved.least AND moved.most;"""
    body = f"""IF cardinality($1) = 1 THEN
        UPDATE {table} AS stored SET value = stored.value + $2[1]
        WHERE stored.key = $1[1] AND stored.value BETWEEN $3[1] AND $4[1];
    ELSE
        {move}
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written = cardinality($1) THEN RETURN; END IF;
    -- Inserting a row that exists would wait for the transaction that moves it, out of the order of the keys.
    INSERT INTO {table} (key, value) SELECT moved.key, moved.delta FROM {moved}
    WHERE 0 BETWEEN moved.least AND moved.most
        AND (SELECT true FROM {table} AS stored WHERE stored.key = moved.key) IS NULL
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    written := written + added;
    IF written = 0 THEN -- another transaction has just made the rows; one that holds some already begins again
        {move}
        GET DIAGNOSTICS written = ROW_COUNT;
    END IF;
    IF written <> cardinality($1) THEN {GUARD} END IF;"""
    yield plpgsql("count", name, ("text[]", *["bigint[]"] * 3), body)


def _function(verb: str, of: str, taken: Sequence[Column], lone: str, many: str) -> Made:
    body = f"""IF cardinality($1) = 1 THEN
        {lone}
    ELSE
        {many}
    END IF;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> cardinality($1) THEN {GUARD} END IF;"""
    return plpgsql(verb, of, [f"{TYPES[column.kind]}[]" for column in taken], body)


def plpgsql(verb: str, of: str, types: Sequence[str], body: str, variables: str = _VARIABLES) -> Made:
    """The function `VERB_OF`, which returns nothing; `types` are those of its parameters."""
    name = f"{verb}_{of}"
    sql = f"""CREATE FUNCTION {ours(name)}({", ".join(types)}) RETURNS void LANGUAGE plpgsql AS $function$
#variable_conflict use_column
DECLARE
    {variables}
BEGIN
    {body}
END
$function$;"""
    return Made(of, f"{name}({','.join(types)})", sql)


def numbered(fields: Sequence[Column], form: str) -> str:
    """A list with `form` for each field, in which `{}` is the field's place from 1."""
    return ", ".join(form.format(place) for place in range(1, len(fields) + 1))
