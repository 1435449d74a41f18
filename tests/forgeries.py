"""Forgeries of an SQLite file by a program without its schema, and of the files of a log.

A forgery changes, deletes, inserts or exchanges values, of one row or everywhere they occur. Each is a function of a
connection and a source of randomness, and returns its description, None if it changed nothing.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

FORGED = "\u0634"
"""A letter that no value has."""


class Forger:
    """Forges rows of all tables but those of `spared`."""

    def __init__(self, file: Path, spared: set[str], seed: int) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.random = Random(seed)
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        self.columns = {
            name: [column[1] for column in self.connection.execute(f'PRAGMA table_info("{name}")')]
            for (name,) in names
            if name not in spared
        }

    def forge(self) -> str | None:
        """Do one forgery of any kind."""
        kinds = (self.change, self.change, self.delete, self.insert, self.exchange, self.everywhere, self.remove_all)
        with suppress(sqlite3.IntegrityError, sqlite3.OperationalError):
            return self.random.choice(kinds)()
        return None

    def change(self) -> str | None:
        """Another value in one column of one row."""
        table, row = self._row()
        column = self.random.choice(self.columns[table])
        return f"change {table}.{column}" if self._set(table, row, column, self._other(row[column])) else None

    def delete(self) -> str | None:
        """One row less."""
        table, row = self._row()
        return f"delete {table}" if self._done(f'DELETE FROM "{table}" WHERE {_where(row)}', _values(row)) else None

    def insert(self) -> str | None:
        """A copy of a row with another key."""
        table, row = self._row()
        first = self.columns[table][0]
        copy = row | {first: self._other(row[first])}
        marks = ", ".join("?" * len(copy))
        return f"insert {table}" if self._done(f'INSERT INTO "{table}" VALUES ({marks})', [*copy.values()]) else None

    def exchange(self) -> str | None:
        """The values of one column of two rows, exchanged."""
        table, row = self._row()
        rows = [each for each in self._rows(table) if each != row]
        if not rows:
            return None
        other, column = self.random.choice(rows), self.random.choice(self.columns[table][1:] or [""])
        if not column or other[column] == row[column]:
            return None
        self._set(table, row, column, other[column])
        return f"exchange {table}.{column}" if self._set(table, other, column, row[column]) else None

    def everywhere(self) -> str | None:
        """A value, and all texts with it, replaced in every table: as an applicant's subject."""
        table, row = self._row()
        texts = [each for each in row.values() if isinstance(each, str) and 4 < len(each) < 60]
        if not texts:
            return None
        before = self.random.choice(texts)
        after = before[:-1] + ("X" if before[-1] != "X" else "Y")
        changed = 0
        for name, columns in self.columns.items():
            for column in columns:
                with suppress(sqlite3.IntegrityError):
                    changed += self.connection.execute(
                        f'UPDATE "{name}" SET "{column}" = replace("{column}", ?, ?) WHERE instr("{column}", ?)',
                        (before, after, before),
                    ).rowcount
        return f"everywhere {table} {before}" if changed else None

    def remove_all(self) -> str | None:
        """Every row of every table that has a text in it, such as an appointment with all that belongs to it."""
        table, row = self._row()
        texts = [each for each in row.values() if isinstance(each, str) and 9 < len(each) < 60]
        if not texts:
            return None
        of, removed = self.random.choice(texts), 0
        for name, columns in self.columns.items():
            has = " OR ".join(f'instr("{column}", ?)' for column in columns)
            removed += self.connection.execute(f'DELETE FROM "{name}" WHERE {has}', [of] * len(columns)).rowcount
        return f"remove all of {table} {of}" if removed else None

    def _row(self) -> tuple[str, dict[str, Any]]:
        tables = [name for name in self.columns if self._rows(name)]
        table = self.random.choice(tables)
        return table, self.random.choice(self._rows(table))

    def _rows(self, table: str) -> list[dict[str, Any]]:
        found = self.connection.execute(f'SELECT * FROM "{table}"').fetchall()
        return [dict(zip(self.columns[table], row, strict=True)) for row in found]

    def _other(self, value: Any) -> Any:
        if isinstance(value, int):
            return value + self.random.choice((1, 7, 10_000))
        if not value:
            return FORGED
        place = self.random.randrange(len(value))
        return value[:place] + FORGED + value[place + 1 :]

    def _set(self, table: str, row: dict[str, Any], column: str, value: Any) -> bool:
        return self._done(f'UPDATE "{table}" SET "{column}" = ? WHERE {_where(row)}', [value, *_values(row)])

    def _done(self, statement: str, values: list[Any]) -> bool:
        return self.connection.execute(statement, values).rowcount > 0


def _where(row: dict[str, Any]) -> str:
    return " AND ".join(f'"{column}" IS ?' for column in row)


def _values(row: dict[str, Any]) -> list[Any]:
    return [*row.values()]
