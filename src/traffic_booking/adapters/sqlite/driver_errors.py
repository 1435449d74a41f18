"""The one place where errors of SQLite become errors of the library."""

import sqlite3
from typing import Final

from traffic_booking.domain.errors import StoreError, StoreUnavailable, StoreUnreadable
from traffic_booking.persistence.sql import Translating

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


class Translated(Translating):
    """For errors of SQLite; its messages name tables and columns, never values, so they may be shown."""

    def translate(self, error: BaseException) -> None:
        """Raise the error of the library for one of SQLite."""
        if not isinstance(error, sqlite3.Error):
            return
        code: int | None = getattr(error, "sqlite_errorcode", None)  # only errors of SQLite itself have one
        if code is None and isinstance(error, sqlite3.OperationalError):
            # Text that isn't UTF-8. The driver quotes it, and it may be personal: so no cause either.
            raise StoreUnreadable(f"{self.where}: got text that isn't UTF-8; expected rows as written") from None
        got = f"{self.where}: got {error}"
        if code is None:
            raise StoreError(f"{got}; expected a connection in working order") from error
        if code & _PRIMARY in _MAY_PASS:
            raise StoreUnavailable(f"{got}; expected {_MAY_PASS[code & _PRIMARY]}") from error
        if code & _PRIMARY in _NOT_OURS:
            raise StoreUnreadable(f"{got}; expected an intact database of this library") from error
        raise StoreError(f"{got}; expected a change that the schema allows") from error
