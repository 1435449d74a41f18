"""The table of each declared collection and counter, and the statements on it; instants are text in UTC.

An instant is `2026-11-22T04:00:00`, with a fraction if it has one. The text sorts by time, people can read it, and
SQLite's date functions accept it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from traffic_booking.persistence.sql import clauses_of, fields_of, quoted
from traffic_booking.ports.collections import Collection, Counter, Kind, Schema
from traffic_booking.ports.primitives import Row, Value

OFFSET: Final = "+00:00"
WITHOUT_OFFSET: Final = slice(-len(OFFSET))

_TYPES: Final = {Kind.TEXT: "TEXT", Kind.NUMBER: "INTEGER", Kind.INSTANT: "TEXT"}


def stored(value: Value) -> str | int | None:
    """A value as it is in a column."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()[WITHOUT_OFFSET]
    return value


def _instant(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text + OFFSET)
    except ValueError:  # every codec refuses the text, so this record fails alone
        return text


class Table:
    """A collection's table, with its statements. Most take a key; rows are in the order of a `Row`.

    `insert` takes a row, and writes nothing if the key has a record; `replace` overwrites the record. `update` takes a
    row and the expected version, `delete` a key and the expected version. `columns` are all, for a SELECT; `instants`
    are the places of instants in a row.
    """

    def __init__(self, declared: Collection) -> None:
        names = [each.name for each in fields_of(declared)]
        key, *others = map(quoted, names)
        table, marks = quoted(declared.name), ", ".join(f"?{place + 1}" for place in range(len(names)))
        settings = ", ".join(f"{name} = ?{place + 2}" for place, name in enumerate(others))
        self.declared = declared
        self.names = names
        self.name = table
        self.key = key
        self.columns = ", ".join([key, *others])
        self.select = f"SELECT {self.columns} FROM {table} WHERE {key} = ?"
        self.instants = tuple(place for place, each in enumerate(declared.columns, 2) if each.kind is Kind.INSTANT)
        self.insert = f"INSERT INTO {table} ({self.columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"
        self.update = f"UPDATE {table} SET {settings} WHERE {key} = ?1 AND version = ?{len(names) + 1}"
        self.replace = f"INSERT OR REPLACE INTO {table} ({self.columns}) VALUES ({marks})"
        self.delete = f"DELETE FROM {table} WHERE {key} = ? AND version = ?"
        self.remove = f"DELETE FROM {table} WHERE {key} = ?"
        self.version = f"SELECT version FROM {table} WHERE {key} = ?"

    def to_sql(self, row: Row) -> Row:
        """A row with its instants as in columns."""
        if not self.instants:
            return row
        values = list(row)
        for place in self.instants:
            moment = values[place]
            if moment is not None:
                values[place] = moment.astimezone(UTC).isoformat()[WITHOUT_OFFSET]
        return tuple(values)

    def rows(self, found: list[Row]) -> list[Row]:
        """Rows as they were written, from the rows of a SELECT of `columns`."""
        if not self.instants:
            return found
        made = []
        for each in found:
            values = list(each)
            for place in self.instants:
                if values[place] is not None:
                    values[place] = _instant(values[place])
            made.append(tuple(values))
        return made

    def definition(self) -> Iterator[tuple[str, str]]:
        """The name of the table and of each of its indexes, with the statement that creates it."""
        declared = self.declared
        columns = clauses_of(declared, _TYPES, key="NOT NULL PRIMARY KEY")
        yield declared.name, f"CREATE TABLE {self.name} ({columns}) STRICT, WITHOUT ROWID;"
        for index in declared.indexes:
            where = "" if index.where_set is None else f" WHERE {quoted(index.where_set)} IS NOT NULL"
            columns = ", ".join(map(quoted, (*index.columns, declared.key)))
            name = f"{declared.name}_{index.name}"
            yield name, f"CREATE INDEX {quoted(name)} ON {self.name} ({columns}){where};"


class CounterTable:
    """A counter's table, with a row for each key that was changed once."""

    def __init__(self, declared: Counter) -> None:
        self.declared = declared
        self.name = quoted(declared.name)
        self.move = f"UPDATE {self.name} SET value = value + ?2 WHERE key = ?1 AND value BETWEEN ?3 AND ?4"
        """Takes the key, the delta, and the bounds of the value before."""
        self.open = (
            f"INSERT INTO {self.name} (key, value) VALUES (?1, ?2)"
            " ON CONFLICT (key) DO UPDATE SET value = value + ?2 WHERE value BETWEEN ?3 AND ?4"
        )
        """The same if the value before may be 0, so that there may be no row."""
        self.zeros = f"SELECT key FROM {self.name} WHERE value = 0 ORDER BY key"
        self.value = f"SELECT value FROM {self.name} WHERE key = ?"
        self.write = f"INSERT OR REPLACE INTO {self.name} (key, value) VALUES (?, ?)"

    def definition(self) -> Iterator[tuple[str, str]]:
        """The table's name with the statement that creates it."""
        columns = "key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL CHECK (value >= 0)"
        yield self.declared.name, f"CREATE TABLE {self.name} ({columns}) STRICT, WITHOUT ROWID;"


class Tables:
    """The tables of a schema, by the names of what they hold."""

    def __init__(self, schema: Schema) -> None:
        self.records = {each.name: Table(each) for each in schema.collections}
        self.counters = {each.name: CounterTable(each) for each in schema.counters}

    def definitions(self) -> Sequence[tuple[str, str]]:
        """All tables and indexes, each by its name with the statement that creates it."""
        tables: tuple[Table | CounterTable, ...] = (*self.records.values(), *self.counters.values())
        return [each for table in tables for each in table.definition()]
