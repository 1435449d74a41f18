"""The one place where errors of SQLite become errors of the library."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Final

from traffic_booking.adapters.sqlite.rows import RowError
from traffic_booking.domain.errors import StoreError, StoreUnavailable, StoreUnreadable

_PRIMARY: Final = 0xFF
"""The low byte of an extended result code is the primary one."""

_MAY_PASS: Final = {
    sqlite3.SQLITE_BUSY: "no other connection that keeps the file locked",
    sqlite3.SQLITE_LOCKED: "no other connection that keeps the file locked",
    sqlite3.SQLITE_PROTOCOL: "no other connection that keeps the file locked",
    sqlite3.SQLITE_READONLY: "a file, and a folder around it, that may be written",
    sqlite3.SQLITE_PERM: "a file, and a folder around it, that may be written",
    sqlite3.SQLITE_AUTH: "a file, and a folder around it, that may be written",
    sqlite3.SQLITE_CANTOPEN: "a file that can be opened",
    sqlite3.SQLITE_FULL: "room on the disk",
    sqlite3.SQLITE_IOERR: "a disk that reads and writes",
    sqlite3.SQLITE_NOMEM: "enough memory",
    sqlite3.SQLITE_INTERRUPT: "to be left to finish",
}
_NOT_OURS: Final = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_ERROR,  # a table or column that isn't there: all else was tried before release
    }
)


class Translated:
    """Within it, an error of SQLite about the file at `path` leaves as a `StoreError` that says what was expected.

    SQLite's messages name tables and columns, never values, so they may be shown.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        match error:
            case RowError():
                raise StoreUnreadable(f"{self._path}: got {error}; expected rows as written") from error
            case sqlite3.OperationalError() if _code(error) is None:
                # Text that isn't UTF-8. The driver quotes it, and it may be personal: so no cause either.
                raise StoreUnreadable(f"{self._path}: got text that isn't UTF-8; expected rows as written") from None
            case sqlite3.Error():
                raise _translated(self._path, error) from error
            case _:
                return


def _code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)  # only errors of SQLite itself have one
    return code


def _translated(path: Path, error: sqlite3.Error) -> StoreError:
    code = _code(error)
    if code is None:
        return StoreError(f"{path}: got {error}; expected a connection in working order")
    primary = code & _PRIMARY
    if primary in _MAY_PASS:
        return StoreUnavailable(f"{path}: got {error}; expected {_MAY_PASS[primary]}")
    if primary in _NOT_OURS:
        return StoreUnreadable(f"{path}: got {error}; expected an intact database of this library")
    return StoreError(f"{path}: got {error}; expected a change that the schema allows")
