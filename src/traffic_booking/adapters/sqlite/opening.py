"""Creates, checks and updates the database file, and sets up the connections to it."""

import os
import sqlite3
import stat
import warnings
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from traffic_booking.adapters.sqlite.driver_errors import Translated
from traffic_booking.adapters.sqlite.migrations import migrate, pending, script
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.errors import (
    InvalidInput,
    StoreMisconfigured,
    StoreUnavailable,
    StoreUnreadable,
    UnsafeFile,
)
from traffic_booking.domain.text_input import openable_path
from traffic_booking.persistence.lifetime import closed_on_failure
from traffic_booking.persistence.migrations import all_of, shipped_migrations
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.schema import SchemaSteps

PACKAGE: Final = "traffic_booking.adapters.sqlite"
SHARED: Final = stat.S_IRWXG | stat.S_IRWXO
OLDEST_SQLITE: Final = (3, 37, 0)
"""The first with STRICT tables, which refuse a value of another type than their column's."""
_PAUSE_SECONDS: Final = 0.005

_EVERY_CONNECTION: Final = """
-- Each commit waits until the disk has it: with NORMAL, a power cut loses bookings that were confirmed.
PRAGMA synchronous = FULL;
-- On macOS only this makes the drive empty its own cache; elsewhere it does nothing.
PRAGMA fullfsync = ON;
-- A damaged page is found when it is read, before its cells are used.
PRAGMA cell_size_check = ON;
-- A manipulated file can't make SQLite run functions from its schema.
PRAGMA trusted_schema = OFF;
"""
_WRITER: Final = """
-- We choose when to checkpoint (see `Connections`).
PRAGMA wal_autocheckpoint = 0;
-- Removed data are overwritten with zeros, so that an erased person's data leave the file.
PRAGMA secure_delete = ON;
-- After a burst the write-ahead log shrinks again to 64 MiB.
PRAGMA journal_size_limit = 67108864;
"""
_READER: Final = """
-- A write on any other connection than the writer is a bug, and fails.
PRAGMA query_only = ON;
"""


def path_of(url: str) -> str:
    """The path in `sqlite:///PATH`. Raises `InvalidInput` if it has none."""
    rest = url.partition("://")[2]
    if not rest.startswith("/") or len(rest) == 1:
        expected = "sqlite:///PATH, such as sqlite:///bookings.db; memory:// needs no path"
        raise InvalidInput("store URL", got="sqlite:// without the path of a file", expected=expected)
    return rest[1:]


def located(path: str | Path) -> Path:
    """`path` as an absolute path, as the process may change its folder. Raises `InvalidInput` if it names no file."""
    plain = openable_path(path, "database path")
    if plain in {"", ":memory:"}:
        expected = "the path of a file; memory:// keeps one in memory"
        raise InvalidInput("database path", got=repr(plain), expected=expected)
    found = Path(plain).absolute()
    try:
        found.is_dir()
    except OSError as error:  # such as a name that is too long
        raise StoreUnavailable(f"{found}: got {error.strerror}; expected a path that can be opened") from error
    return found


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raise `StoreMisconfigured` if the interpreter's SQLite is too old."""
    if version < OLDEST_SQLITE:
        got, expected = (".".join(map(str, numbers)) for numbers in (version, OLDEST_SQLITE))
        raise StoreMisconfigured(f"SQLite library: got release {got}; expected {expected} or newer")


def open_writer(path: Path, busy_seconds: float, tables: Tables) -> sqlite3.Connection:
    """A connection for writing. The file is created if it is absent, and brought to this release's schema."""
    _make(path)
    known = shipped_migrations(PACKAGE)
    with Translated(str(path)), closed_on_failure(_connect(path, busy_seconds)) as connection:
        needed = pending(connection, path, known, tables)  # before anything is written: it may not be ours
        _keep_log(connection, path, busy_seconds)
        connection.executescript(_EVERY_CONNECTION + _WRITER)
        if needed:
            migrate(connection, path, known, tables)
        _warn_if_shared(path)
        return connection


def pending_steps(path: str | Path, *, busy_seconds: float = 10.0) -> SchemaSteps:
    """The steps that bring the file to this release's schema, all of them if it is absent. Raises as `SqliteStore`."""
    place, known, tables = located(path), shipped_migrations(PACKAGE), Tables(SCHEMA)
    needed = all_of(known, tables.definitions())
    _refuse_other_kinds(place)
    if _mode_of(place) is not None:
        with Translated(str(place)), closing(_connect(place, busy_seconds)) as connection:
            needed = pending(connection, place, known, tables)
    return SchemaSteps(names=needed.names(), script=script(needed) if needed else "")


def open_reader(path: Path, busy_seconds: float, *, read_only: bool) -> sqlite3.Connection:
    """A connection for reading from a file that `open_writer` or `check_readable` has seen."""
    with closed_on_failure(_connect(path, busy_seconds, read_only=read_only)) as connection:
        connection.executescript(_EVERY_CONNECTION + _READER)
        return connection


def check_readable(path: Path, busy_seconds: float, tables: Tables) -> None:
    """Raise `StoreUnavailable` if the file is absent or lacks a step of this release's schema; write nothing."""
    _refuse_other_kinds(path)
    if _mode_of(path) is None:
        raise StoreUnavailable(f"{path}: got no file; expected a database to read, as none is made")
    with Translated(str(path)), closing(_connect(path, busy_seconds, read_only=True)) as connection:
        needed = pending(connection, path, shipped_migrations(PACKAGE), tables)
    if needed:
        raise StoreUnavailable(
            f"{path}: got a schema that lacks {needed.names()[0]}; expected it whole, as the command"
            " traffic-booking migrate makes it"
        )
    _warn_if_shared(path)


def _refuse_other_kinds(path: Path) -> None:
    """Refuse a folder, a device and a pipe: SQLite would wait at a pipe for ever."""
    mode = _mode_of(path)
    if mode is not None and not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise StoreUnreadable(f"{path}: got {kind}; expected a database file")


def _mode_of(path: Path) -> int | None:
    """The mode of a file; None if there is none, or none that may be seen, or the name is too long for one."""
    try:
        return path.stat().st_mode
    except OSError:
        return None


def _warn_if_shared(path: Path) -> None:
    """Warn if others than its owner may use the file, on systems with POSIX modes."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & SHARED:
        warnings.warn(UnsafeFile(str(path), mode), stacklevel=2)


def _make(path: Path) -> None:
    _refuse_other_kinds(path)
    if not stat.S_ISDIR(_mode_of(path.parent) or 0):
        raise StoreUnavailable(f"{path}: got no folder {path.parent}; expected one to keep the file in")
    try:
        # For the owner alone, as it has personal ids; SQLite gives its side files the same mode. An existing file must
        # not be opened here: closing it would drop the locks of another store of this process.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{path}: got {error.strerror}; expected a folder that may be written") from error


def _connect(path: Path, busy_seconds: float, *, read_only: bool = False) -> sqlite3.Connection:
    mode = "ro" if read_only else "rw"  # neither creates a file: others could read it
    real = Path(os.path.realpath(path))  # SQLite keeps its files beside that one, and not beside a link to it
    if read_only and not _may_write_in(real.parent) and _mode_of(Path(f"{real}-wal")) is None:
        mode = "ro&immutable=1"  # otherwise SQLite makes files beside it, which this folder does not let it
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,  # we begin and end transactions ourselves
        check_same_thread=False,  # a connection is used by one thread at a time, see `Connections`
    )


def _may_write_in(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _keep_log(connection: sqlite3.Connection, path: Path, busy_seconds: float) -> None:
    """Switch to write-ahead logging: readers and the writer don't wait for each other, and a commit costs one sync.

    The switch needs exclusive access and does not wait for it, so it is repeated while other connections open.
    """
    give_up, mode = monotonic() + busy_seconds, None
    while mode is None:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > give_up:
                raise
            sleep(_PAUSE_SECONDS)
    if mode != "wal":
        raise StoreUnavailable(f"{path}: got journal mode {mode}; expected wal, on a local disk")
