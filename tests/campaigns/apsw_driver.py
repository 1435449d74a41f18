"""The parts of the module `sqlite3` that the store uses, on `apsw`: its own statements go through a VFS of ours.

The interpreter's driver can't use a VFS in Python, and its SQLite is another copy of the library than that of `apsw`.
So `apsw` replaces it when the store connects to files in one folder. All above it is the store's own code.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

import apsw

from traffic_booking.adapters.sqlite import opening


def as_written(statement: str) -> str:
    """The statement, unchanged."""
    return statement


@contextmanager
def through_drive(drive: Any, rewrite: Callable[[str], str] = as_written) -> Iterator[None]:
    """Within it, stores that connect to files in the drive's folder go through the drive.

    `rewrite` may replace the store's statements by others: a store that is broken on purpose.
    """
    with patch.object(opening, "sqlite3", _Driver(drive, rewrite)):
        yield


class _Driver:
    """Replaces the module."""

    def __init__(self, drive: Any, rewrite: Callable[[str], str]) -> None:
        self._drive = drive
        self._rewrite = rewrite

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, database: str, *, timeout: float, **others: Any) -> Any:
        if Path(unquote(urlsplit(database).path)).parent != self._drive.folder:
            return sqlite3.connect(database, timeout=timeout, **others)
        assert others == {"uri": True, "isolation_level": None, "check_same_thread": False}, others
        with _errors_of_sqlite3():
            flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
            connection = apsw.Connection(database, flags=flags, vfs=self._drive.name)
            connection.set_busy_timeout(round(timeout * 1000))
            return _Connection(connection, self._rewrite)


class _Connection:
    def __init__(self, connection: apsw.Connection, rewrite: Callable[[str], str]) -> None:
        self._connection = connection
        self._rewrite = rewrite

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, statement: str, values: Sequence[Any] = ()) -> "_Cursor":
        with _errors_of_sqlite3():
            before = self._connection.total_changes()
            cursor = self._connection.execute(self._rewrite(statement), values)
            return _Cursor(cursor, self._connection.total_changes() - before)

    def executescript(self, script: str) -> "_Cursor":
        with _errors_of_sqlite3():
            cursor = self._connection.execute(self._rewrite(script))
            list(cursor)
            return _Cursor(cursor, 0)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> "_Cursor":
        with _errors_of_sqlite3():
            before = self._connection.total_changes()
            cursor = self._connection.executemany(self._rewrite(statement), rows)
            return _Cursor(cursor, self._connection.total_changes() - before)

    def close(self) -> None:
        with _errors_of_sqlite3():
            self._connection.close()


class _Cursor:
    def __init__(self, cursor: apsw.Cursor, rowcount: int) -> None:
        self._cursor = cursor
        self.rowcount = rowcount

    def fetchone(self) -> Any:
        with _errors_of_sqlite3():
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        with _errors_of_sqlite3():
            return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        with _errors_of_sqlite3():
            yield from self._cursor

    def close(self) -> None:
        self._cursor.close()


@contextmanager
def _errors_of_sqlite3() -> Iterator[None]:
    """Within it, errors of `apsw` are raised as the interpreter's driver would raise them."""
    try:
        yield
    except apsw.Error as error:
        code: int = getattr(error, "extendedresult", sqlite3.SQLITE_MISUSE)  # errors of apsw's own have none
        kind = sqlite3.IntegrityError if code & 0xFF == sqlite3.SQLITE_CONSTRAINT else sqlite3.OperationalError
        made = kind(str(error))
        made.sqlite_errorcode = code
        raise made from error
