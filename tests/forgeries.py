"""Forgeries of a store by a program without its schema: an SQLite file, or a PostgreSQL database.

A forgery changes, deletes, inserts or exchanges values, of one row or everywhere they occur. Each is a method that
returns its description, None if it changed nothing.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg

FORGED = "\u0634"
"""A letter that no value has."""


class Forger(ABC):
    """Forges rows of the tables that it finds, but those of `spared`. Statements have `?` for values."""

    same: str
    """The operator that compares a column with a value, or with none."""

    def __init__(self, columns: dict[str, list[str]], spared: Collection[str], seed: int) -> None:
        self.columns = {table: names for table, names in columns.items() if table not in spared}
        self.random = Random(seed)

    @abstractmethod
    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Execute a statement; return how many rows it changed, 0 if the store refuses it."""

    @abstractmethod
    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""

    @abstractmethod
    def close(self) -> None:
        """End the connection."""

    @abstractmethod
    def _has(self, column: str) -> str:
        """The condition that a column's text has a value in it."""

    @abstractmethod
    def _replaced(self, table: str, column: str) -> str:
        """The column with a text of it replaced."""

    def forge(self) -> str | None:
        """Do one forgery of any kind."""
        kinds = (self.change, self.change, self.delete, self.insert, self.exchange, self.everywhere, self.remove_all)
        return self.random.choice(kinds)()

    def change(self) -> str | None:
        """Another value in one column of one row."""
        table, row = self._row()
        column = self.random.choice(self.columns[table])
        return f"change {table}.{column}" if self._set(table, row, column, self._other(row[column])) else None

    def delete(self) -> str | None:
        """One row less."""
        table, row = self._row()
        return f"delete {table}" if self.run(f'DELETE FROM "{table}" WHERE {self._is(row)}', [*row.values()]) else None

    def insert(self) -> str | None:
        """A copy of a row with another key."""
        table, row = self._row()
        first = self.columns[table][0]
        copy = row | {first: self._other(row[first])}
        columns, marks = ", ".join(f'"{each}"' for each in copy), ", ".join("?" * len(copy))
        done = self.run(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', [*copy.values()])
        return f"insert {table}" if done else None

    def exchange(self) -> str | None:
        """The values of one column of two rows, exchanged."""
        table, row = self._row()
        rows = [each for each in self._rows(table) if each != row]
        if not rows:
            return None
        other, column = self.random.choice(rows), self.random.choice(self.columns[table][1:] or [""])
        if not column or other[column] == row[column] or not self._set(table, row, column, other[column]):
            return None
        return f"exchange {table}.{column}" if self._set(table, other, column, row[column]) else None

    def everywhere(self) -> str | None:
        """A value, and all texts with it, replaced in every table: as an applicant's subject."""
        table, row = self._row()
        texts = [each for each in row.values() if isinstance(each, str) and 4 < len(each) < 60]
        if not texts:
            return None
        before = self.random.choice(texts)
        after = before[:-1] + ("X" if before[-1] != "X" else "Y")
        return f"everywhere {table} {before}" if self.replace(before, after) else None

    def remove_all(self) -> str | None:
        """Every row of every table that has a text in it, such as an appointment with all that belongs to it."""
        table, row = self._row()
        texts = [each for each in row.values() if isinstance(each, str) and 9 < len(each) < 60]
        if not texts:
            return None
        of = self.random.choice(texts)
        return f"remove all of {table} {of}" if self.remove(of) else None

    def replace(self, before: str, after: str) -> int:
        """Replace a text everywhere; return in how many values."""
        return sum(
            self.run(
                f'UPDATE "{table}" SET "{column}" = {self._replaced(table, column)} WHERE {self._has(column)}',
                [before, after, before],
            )
            for table, columns in self.columns.items()
            for column in columns
        )

    def remove(self, text: str) -> int:
        """Remove every row that has a text in it; return how many."""
        return sum(
            self.run(f'DELETE FROM "{table}" WHERE {" OR ".join(map(self._has, columns))}', [text] * len(columns))
            for table, columns in self.columns.items()
        )

    def _row(self) -> tuple[str, dict[str, Any]]:
        tables = [name for name in self.columns if self._rows(name)]
        table = self.random.choice(tables)
        return table, self.random.choice(self._rows(table))

    def _rows(self, table: str) -> list[dict[str, Any]]:
        found = self.rows(f'SELECT * FROM "{table}"')
        return [dict(zip(self.columns[table], row, strict=True)) for row in found]

    def _other(self, value: Any) -> Any:
        more = self.random.choice((1, 7, 10_000))
        if isinstance(value, int):
            return value + more
        if isinstance(value, datetime):
            return value + timedelta(seconds=more)
        if not value:
            return FORGED
        if value.isdecimal() and self.random.random() < 0.5:
            return str(int(value) + more)
        place = self.random.randrange(len(value))
        return value[:place] + FORGED + value[place + 1 :]

    def _set(self, table: str, row: dict[str, Any], column: str, value: Any) -> bool:
        return self.run(f'UPDATE "{table}" SET "{column}" = ? WHERE {self._is(row)}', [value, *row.values()]) > 0

    def _is(self, row: dict[str, Any]) -> str:
        return " AND ".join(f'"{column}" {self.same} ?' for column in row)


class SqliteForger(Forger):
    """Forges an SQLite file."""

    same = "IS"

    def __init__(self, file: Path, spared: Collection[str], seed: int) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        tables = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        super().__init__(
            {name: [column[1] for column in self.rows(f'PRAGMA table_info("{name}")')] for name in tables}, spared, seed
        )

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        with suppress(sqlite3.IntegrityError, sqlite3.OperationalError):
            return self.connection.execute(statement, values).rowcount
        return 0

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement, values).fetchall()

    def close(self) -> None:
        self.connection.close()

    def _has(self, column: str) -> str:
        return f'instr("{column}", ?)'

    def _replaced(self, table: str, column: str) -> str:
        return f'replace("{column}", ?, ?)'


class PostgresForger(Forger):
    """Forges the schema of a PostgreSQL database."""

    same = "IS NOT DISTINCT FROM"
    _COLUMNS = (
        "SELECT table_name, column_name, udt_name FROM information_schema.columns"
        " WHERE table_schema = 'traffic_booking' ORDER BY table_name, ordinal_position"
    )

    def __init__(self, url: str, spared: Collection[str], seed: int) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("SET search_path = traffic_booking, pg_catalog")
        self.types = {(table, column): kind for table, column, kind in self.rows(self._COLUMNS)}
        tables = dict.fromkeys(table for table, _ in self.types)
        super().__init__(
            {name: [column for table, column in self.types if table == name] for name in tables}, spared, seed
        )

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        with suppress(psycopg.Error):
            return self.connection.execute(_for_the_driver(statement), values).rowcount
        return 0

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(_for_the_driver(statement), values).fetchall()

    def close(self) -> None:
        self.connection.close()

    def _has(self, column: str) -> str:
        return f'strpos("{column}"::text, ?) > 0'

    def _replaced(self, table: str, column: str) -> str:
        return f'replace("{column}"::text, ?, ?)::{self.types[table, column]}'


def _for_the_driver(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()
