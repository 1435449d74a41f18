"""The connections of one process: one that writes, behind a lock, and a few that read."""

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final, TypeVar

from traffic_booking.adapters.sqlite.driver_errors import Translated
from traffic_booking.adapters.sqlite.opening import check_readable, check_sqlite, located, open_reader, open_writer
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.adapters.sqlite.unused_bytes import have_any
from traffic_booking.domain.errors import StoreError, StoreUnavailable
from traffic_booking.domain.number_input import bounded_amount
from traffic_booking.domain.value_input import truth
from traffic_booking.persistence.lifetime import Lifetime

T = TypeVar("T")

READERS: Final = 8
"""At most so many read at once."""

COMMITS_BETWEEN_CHECKPOINTS: Final = 200
"""A commit adds some ten pages to the write-ahead log."""

LONGEST_BUSY_SECONDS: Final = 600.0


class Connections:
    """The connections of one store in one process, for any of its threads.

    A wait for the file or for another thread ends after `busy_seconds`, with `StoreUnavailable`. With `read_only`
    the file is never written.
    """

    def __init__(self, path: str | Path, busy_seconds: float, tables: Tables, *, read_only: bool) -> None:
        self._busy_seconds = bounded_amount(busy_seconds, "busy_seconds", least=0, greatest=LONGEST_BUSY_SECONDS)
        check_sqlite()
        self.path = located(path)
        self._tables = tables
        self._path = str(self.path)
        self._lifetime = Lifetime(self._path)
        self._translated = Translated(self._path)
        self._turn_to_write = Lock()
        self._turns_to_read: SimpleQueue[None] = SimpleQueue()
        for _ in range(READERS):
            self._turns_to_read.put(None)
        self._idle: deque[sqlite3.Connection] = deque()
        self._commits = 0
        self._to_overwrite: set[str] = set()
        self._read_only = truth(read_only, "read_only")
        self._writer: sqlite3.Connection | None = None
        if self._read_only:
            check_readable(self.path, self._busy_seconds, tables)
        else:
            self._writer = open_writer(self.path, self._busy_seconds, tables)
        opened = self.path.stat()
        self._file = (opened.st_dev, opened.st_ino)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work` on a connection whose snapshot has everything that was committed before."""
        self._lifetime.check()
        try:
            self._turns_to_read.get(timeout=self._busy_seconds)
        except Empty:
            raise StoreUnavailable(f"{self.path}: got no turn to read in {self._busy_seconds:g} s") from None
        try:
            with self._translated:
                connection = self._reader()
                try:
                    connection.execute("BEGIN")
                    found = work(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    connection.close()  # its state is unknown, so it is not used again
                    raise
                self._idle.append(connection)
            self._check_file()
            return found
        finally:
            self._turns_to_read.put(None)
            if self._lifetime.is_over:
                self._close_idle()

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return the result of `work`. Its writes are durable if this returns, and undone if this raises."""
        self._lifetime.check()
        if self._read_only:
            raise StoreError(f"{self.path}: got a change; expected none, as the store was opened for reading alone")
        if not self._turn_to_write.acquire(timeout=self._busy_seconds):
            raise StoreUnavailable(f"{self.path}: got no turn to write in {self._busy_seconds:g} s")
        try:
            self._lifetime.check()
            with self._translated:
                if self._writer is None:
                    self._writer = open_writer(self.path, self._busy_seconds, self._tables)
                connection = self._writer
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    done = work(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    self._undo(connection)
                    raise
            self._check_file()
            self._commits += 1
            if self._commits % COMMITS_BETWEEN_CHECKPOINTS == 0:
                self._checkpoint(connection)
            return done
        finally:
            self._turn_to_write.release()

    def overwrite(self, texts: Collection[str]) -> bool:
        """Leave no byte of removed records, and none of `texts` in unused bytes; False if others kept the file busy.

        Removed records are zeros in the write-ahead log already (`secure_delete`), and then in the file. The texts are
        kept until the file was searched for them. Commits go on during the search.
        """
        self._lifetime.check()
        self._to_overwrite.update(texts)
        sought = frozenset(self._to_overwrite)
        done = self._done_by_writer(_empty_log)
        # By SQLite: a process that opens and closes the file itself loses the locks of its connections.
        if done and sought and have_any(sought, self.read(lambda connection: connection.serialize())):
            done = self._done_by_writer(_written_anew)
        if done:
            self._to_overwrite.difference_update(sought)
        return done

    def _done_by_writer(self, work: Callable[[sqlite3.Connection], bool]) -> bool:
        """The result of `work` with the connection that writes; False if its turn does not come."""
        if self._read_only or not self._turn_to_write.acquire(timeout=self._busy_seconds):
            return False
        try:
            self._lifetime.check()
            with self._translated:
                if self._writer is None:
                    self._writer = open_writer(self.path, self._busy_seconds, self._tables)
                return work(self._writer)
        finally:
            self._turn_to_write.release()

    def close(self) -> None:
        """Close all connections once they are free. The last process to close empties the write-ahead log."""
        if not self._lifetime.end():
            return  # SQLite forbids closing a connection of another process
        with self._turn_to_write, self._translated:
            self._close_idle()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _check_file(self) -> None:
        """Raise `StoreUnavailable` if the path no longer leads to the file that was opened."""
        try:
            found: os.stat_result | None = os.stat(self._path)  # noqa: PTH116 - a quarter of the time of Path.stat
        except OSError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self._file:
            raise StoreUnavailable(
                f"{self.path}: got another file, or none; expected the one that was opened. Put it back, or open the"
                " store again"
            )

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return open_reader(self.path, self._busy_seconds, read_only=self._read_only)

    def _undo(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:  # a full disk may have undone it already
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()  # which undoes it; the next write opens another
            self._writer = None

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        """Move the log's pages to the file while no process can commit.

        SQLite before 3.51.3 can damage the file if a commit restarts the log during the second of two checkpoints in a
        row. The write lock prevents that. The commits are durable already, so a failure here is harmless.
        """
        with suppress(sqlite3.Error):
            reader = self._reader()
            try:
                connection.execute("BEGIN IMMEDIATE")
                reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                self._idle.append(reader)
                self._undo(connection)

    def _close_idle(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def _empty_log(connection: sqlite3.Connection) -> bool:
    """Move the write-ahead log to the file and empty it; return False if others kept the file busy.

    SQLite holds the write lock meanwhile, so no commit restarts the log (see `_checkpoint`).
    """
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _written_anew(connection: sqlite3.Connection) -> bool:
    """Write the whole file anew, and empty the write-ahead log; return False if others kept the file busy."""
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        return False
    return _empty_log(connection)
