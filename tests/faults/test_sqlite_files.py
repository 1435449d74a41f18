"""Files that the SQLite store can't use, or must not: a clear error that names the file, and nothing written.

Over 400 lines: each kind of file, one after another.
"""

import os
import shutil
import sqlite3
import stat
import traceback
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.bookings import booking, facts_of, number, slot
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.privileges import reachable_folder, without_privileges
from tests.small_town import START
from tests.store_changes import plain
from traffic_booking import Booked
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.sqlite.connections import COMMITS_BETWEEN_CHECKPOINTS
from traffic_booking.adapters.sqlite.opening import PACKAGE, check_sqlite, pending_steps
from traffic_booking.domain.decisions.changes import Change, Committed, SeatChange
from traffic_booking.domain.errors import (
    InvalidInput,
    StoreError,
    StoreMisconfigured,
    StoreUnavailable,
    StoreUnreadable,
    UnsafeFile,
)
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.migrations import shipped_migrations
from traffic_booking.persistence.schema import APPOINTMENTS
from traffic_booking.ports.primitives import Append, Put, StoreChange
from traffic_booking.testing import made_up_applicant

pytestmark = pytest.mark.filterwarnings("ignore::traffic_booking.UnsafeFile")  # most files here are made by sqlite3

NEWEST = len(shipped_migrations(PACKAGE))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can open."""
    with reachable_folder() as path:
        yield path


@pytest.fixture
def path(folder: Path) -> Path:
    """A database with one booking, closed."""
    store = SqliteStore(folder / "bookings.db")
    AppointmentBook(store).commit([booking(1)])
    store.close()
    return folder / "bookings.db"


def altered(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def first_page_of(path: Path, table: str) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return (page - 1) * size, size


def overwrite(path: Path, start: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def test_the_file_is_for_its_owner_alone(folder):
    store = SqliteStore(folder / "bookings.db")
    AppointmentBook(store).commit([booking(1)])
    made = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()}
    assert made == {"bookings.db": 0o600, "bookings.db-wal": 0o600, "bookings.db-shm": 0o600}
    store.close()
    assert [entry.name for entry in folder.iterdir()] == ["bookings.db"]


@pytest.mark.parametrize("name", ["", ":memory:", "a\0b"])
def test_a_name_that_is_no_path_is_refused(name):
    with pytest.raises(InvalidInput, match="database path"):
        SqliteStore(name)


def test_names_that_mean_something_to_sqlite_are_only_names(folder):
    store = SqliteStore(folder / "file:odd?mode=memory#1 %20.db")
    AppointmentBook(store).commit([booking(1)])
    store.close()
    assert [entry.name for entry in folder.iterdir()] == ["file:odd?mode=memory#1 %20.db"]


def test_a_path_stays_the_same_file_when_the_process_moves(folder, monkeypatch):
    monkeypatch.chdir(folder)
    store = SqliteStore("bookings.db")
    monkeypatch.chdir("/")
    AppointmentBook(store).commit([booking(1)])
    assert AppointmentBook(store).appointment(number(1)) is not None
    store.close()
    assert (folder / "bookings.db").exists()


@pytest.mark.parametrize("seconds", [-1, 601, float("nan")])
def test_a_waiting_time_out_of_bounds_is_refused(folder, seconds):
    with pytest.raises(InvalidInput, match="busy_seconds"):
        SqliteStore(folder / "bookings.db", busy_seconds=seconds)
    assert list(folder.iterdir()) == []


def test_an_old_sqlite_is_refused():
    with pytest.raises(StoreMisconfigured, match=r"got release 3\.36\.9; expected 3\.37\.0"):
        check_sqlite((3, 36, 9))


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_file_that_others_may_use_is_warned_about(path, mode, read_only):
    path.chmod(mode)
    with pytest.warns(UnsafeFile, match=rf"got mode {mode:04o}; expected 0600") as warned:
        SqliteStore(path, read_only=read_only).close()
    [warning] = [each.message for each in warned]
    assert isinstance(warning, UnsafeFile)
    assert (warning.path, warning.mode) == (str(path), mode)
    assert f"chmod 600 {path}" in warning.message("ar")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_for_its_owner_alone_is_read_without_a_warning(path, mode):
    path.chmod(mode)
    SqliteStore(path, read_only=True).close()


def test_a_store_to_read_is_never_made(folder):
    with pytest.raises(StoreUnavailable, match=r"got no file; expected a database to read, as none is made"):
        SqliteStore(folder / "bookings.db", read_only=True)
    with pytest.raises(StoreUnavailable, match="got no file"):
        SqliteStore(folder / "missing" / "bookings.db", read_only=True)
    assert list(folder.iterdir()) == []


def test_a_store_to_read_is_read_and_takes_no_change(path):
    before = path.read_bytes()
    store = SqliteStore(path, read_only=True)
    assert AppointmentBook(store).appointment(number(1)) is not None
    with pytest.raises(StoreError, match="got a change; expected none, as the store was opened for reading alone"):
        AppointmentBook(store).commit([booking(2)])
    store.close()
    assert path.read_bytes() == before


def test_a_store_to_read_shows_what_another_process_writes_meanwhile(path):
    reader, writer = SqliteStore(path, read_only=True), SqliteStore(path)
    AppointmentBook(writer).commit([booking(2, made_up_applicant(2), slot(2))])
    assert AppointmentBook(reader).appointment(number(2)) is not None
    reader.close()
    writer.close()


def test_a_copy_in_a_folder_without_write_permission_is_read(path, folder):
    folder.chmod(0o555)
    path.chmod(0o444)
    try:
        with without_privileges():
            with pytest.warns(UnsafeFile):
                store = SqliteStore(path, read_only=True)
            assert AppointmentBook(store).appointment(number(1)) is not None
            store.close()
    finally:
        folder.chmod(0o755)


def test_a_link_in_a_folder_without_write_permission_shows_what_a_writer_has_not_moved_to_the_file_yet(path, folder):
    locked = folder / "links"
    locked.mkdir()
    (locked / "bookings.db").symlink_to(path)
    with closing(SqliteStore(path)) as writer:
        AppointmentBook(writer).commit([booking(2, made_up_applicant(2), slot(2))])
        for file in [folder, *folder.glob("bookings.db*")]:
            file.chmod(0o777 if file.is_dir() else 0o666)
        locked.chmod(0o555)
        try:
            with without_privileges(), closing(SqliteStore(locked / "bookings.db", read_only=True)) as store:
                assert AppointmentBook(store).appointment(number(2)) is not None
        finally:
            locked.chmod(0o755)


@pytest.mark.parametrize("opened", [SqliteStore, partial(SqliteStore, read_only=True), pending_steps])
def test_a_pipe_or_a_device_is_refused_without_waiting_at_it(opened, folder):
    os.mkfifo(folder / "pipe")
    for path in (folder / "pipe", Path(os.devnull)):
        with pytest.raises(StoreUnreadable, match="got a device or a pipe; expected a database file"):
            opened(path)


@pytest.mark.parametrize("opened", [SqliteStore, partial(SqliteStore, read_only=True)])
def test_a_name_that_is_too_long_is_an_error_of_the_library(opened, folder):
    with pytest.raises(StoreUnavailable):
        opened(folder / ("a" * 300))


def test_a_store_to_read_is_not_brought_to_this_release(folder):
    (folder / "bookings.db").touch(mode=0o600)
    with pytest.raises(StoreUnavailable, match=r"got a schema that lacks .*; expected it whole"):
        SqliteStore(folder / "bookings.db", read_only=True)
    assert (folder / "bookings.db").stat().st_size == 0


def test_a_missing_folder_is_named(folder):
    with pytest.raises(StoreUnavailable, match=r"no folder .*missing; expected one"):
        SqliteStore(folder / "missing" / "bookings.db")


def test_a_file_in_the_place_of_the_folder_is_named(path):
    with pytest.raises(StoreUnavailable, match="no folder"):
        SqliteStore(path / "bookings.db")


def test_a_folder_in_the_place_of_the_file_is_refused(folder):
    with pytest.raises(StoreUnreadable, match="got a folder; expected a database file"):
        SqliteStore(folder)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a file system that makes no files")
def test_a_file_system_that_makes_no_files_is_unavailable():
    with pytest.raises(StoreUnavailable, match=r"/proc/bookings\.db: got .*; expected a folder that may be written"):
        SqliteStore("/proc/bookings.db")


def test_a_read_only_folder_is_unavailable(folder):
    folder.chmod(0o555)
    with without_privileges(), pytest.raises(StoreUnavailable, match="expected a folder that may be written"):
        SqliteStore(folder / "bookings.db")
    assert list(folder.iterdir()) == []


def test_a_file_in_a_folder_that_became_read_only_is_unavailable(folder, path):
    path.chmod(0o666)
    folder.chmod(0o555)
    with without_privileges(), pytest.raises(StoreUnavailable, match=r"bookings\.db: got .*; expected"):
        SqliteStore(path)
    folder.chmod(0o755)
    assert [entry.name for entry in folder.iterdir()] == ["bookings.db"]


def test_a_read_only_file_takes_no_bookings_and_loses_none(folder, path):
    folder.chmod(0o777)
    path.chmod(0o444)
    with without_privileges():
        store = SqliteStore(path)
        with pytest.raises(StoreUnavailable, match=r"readonly database; expected a file, .*, that may be written"):
            AppointmentBook(store).commit([booking(2, person_state=booking(1).person_state, capacity=2)])
        assert AppointmentBook(store).appointment(number(1)) is not None
        store.close()


def test_a_file_that_may_not_be_read_is_unavailable(path):
    path.chmod(0o000)
    with without_privileges(), pytest.raises(StoreUnavailable, match="expected a file that can be opened"):
        SqliteStore(path)


def test_a_file_deleted_under_the_store_is_not_made_anew(path):
    store = SqliteStore(path)
    path.unlink()
    with pytest.raises(StoreUnavailable, match="expected a file that can be opened"):
        AppointmentBook(store).appointment(number(1))
    store.close()
    assert not path.exists()


def unlinked(path: Path) -> None:
    path.with_name("kept").hardlink_to(path)
    path.unlink()


def renamed(path: Path) -> None:
    path.rename(path.with_name("kept"))


def replaced(path: Path) -> None:
    path.rename(path.with_name("kept"))
    shutil.copy(path.with_name("kept"), path)


@pytest.mark.parametrize("gone", [unlinked, renamed, replaced])
def test_a_file_that_went_from_under_an_open_desk_is_noticed_before_the_next_answer(folder, gone):
    path = folder / "bookings.db"
    with open_desk(store=SqliteStore(path)) as desk:
        first, second, *_ = desk.find_slots(service="renewal", branch="north")
        assert isinstance(desk.book(first, applicant=ME, agreed=True, request_id="first"), Booked)
        gone(path)
        with pytest.raises(StoreUnavailable, match=r"bookings\.db: got .*; expected"):
            desk.book(second, applicant=YOU, agreed=True, request_id="second")
        for read in (
            lambda: desk.appointments(ME),
            lambda: desk.find_slots(service="renewal"),
            lambda: desk.calendar.working_day("north", START.date()),
            desk.feed,
            desk.calendar.entries,
            desk.audit.verify,
        ):
            with pytest.raises(StoreUnavailable, match=r"bookings\.db: got .*; expected"):
                read()
        path.with_name("kept").replace(path)
        assert [one.slot.starts_at for one in desk.appointments(ME).upcoming] == [first.starts_at]
        assert isinstance(desk.book(second, applicant=YOU, agreed=True, request_id="second"), Booked)
        assert desk.audit.verify()


def test_a_file_that_is_no_database_is_refused_and_left_alone(folder):
    path = folder / "notes.txt"
    path.write_bytes(b"These are my notes, and no database at all.\n" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match="file is not a database; expected an intact database"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_database(folder):
    (folder / "bookings.db").touch()
    store = SqliteStore(folder / "bookings.db")
    assert AppointmentBook(store).commit([booking(1)]) == [Committed()]
    store.close()


@pytest.mark.parametrize("marked", [0, 1234])
def test_another_applications_database_is_refused_and_left_alone(folder, marked):
    path = folder / "theirs.db"
    altered(path, "CREATE TABLE t (a)", f"PRAGMA application_id = {marked}")
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match=f"another application \\(id {marked}\\); expected id"):
        SqliteStore(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["theirs.db"]


def test_a_newer_database_is_refused_and_left_alone(path):
    altered(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreUnreadable, match=f"got schema 99, of a newer release; expected at most {NEWEST}"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_an_unknown_migration_is_refused(path):
    newer = NEWEST + 1
    altered(path, f"INSERT INTO migrations VALUES ({newer}, 'unknown.sql', 'x')", f"PRAGMA user_version = {newer}")
    with pytest.raises(StoreUnreadable, match=f"got schema {newer}, of a newer release"):
        SqliteStore(path)


def test_a_changed_migration_is_refused(path):
    altered(path, "UPDATE migrations SET sha256 = 'another' WHERE number = 1")
    with pytest.raises(StoreUnreadable, match=r"migration 1 with another content .* expected 0001_.*checksum"):
        SqliteStore(path)


def test_a_version_without_its_migrations_is_refused(path):
    altered(path, "DELETE FROM migrations")
    with pytest.raises(StoreUnreadable, match=f"got schema {NEWEST} with 0 migrations"):
        SqliteStore(path)


@pytest.mark.parametrize(
    ("table", "read"),
    [
        ("persons", facts_of),
        ("people", facts_of),
        ("seats", facts_of),
        ("appointments", lambda store: AppointmentBook(store).appointment(number(1))),
    ],
)
def test_a_damaged_page_is_reported_when_it_is_read(path, table, read):
    start, size = first_page_of(path, table)
    overwrite(path, start, b"\xa5" * size)
    store = SqliteStore(path)
    with pytest.raises(StoreUnreadable, match="malformed; expected an intact database"):
        read(store)
    with pytest.raises(StoreUnreadable, match="malformed; expected an intact database"):
        AppointmentBook(store).commit([booking(2, made_up_applicant(2), capacity=2)])
    store.close()


def test_a_truncated_file_is_reported(path):
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StoreUnreadable, match=r"bookings\.db"), closing(SqliteStore(path)) as store:
        facts_of(store, request_id="request-1")


def test_a_table_that_goes_missing_is_reported_and_not_made_again(path):
    store = SqliteStore(path)
    altered(path, "DROP TABLE seats")
    with pytest.raises(StoreUnreadable, match="no such table: seats"):
        facts_of(store)
    store.close()
    with pytest.raises(StoreUnreadable, match=r"bookings\.db: got no table seats, which was created earlier; expected"):
        SqliteStore(path)


def test_the_log_that_is_missing_is_reported(path):
    altered(path, "DROP TABLE log")
    with closing(SqliteStore(path)) as store, pytest.raises(StoreUnreadable, match="no such table: log"):
        AppointmentBook(store).history(number(1))


def test_a_missing_column_is_reported(path):
    altered(path, "ALTER TABLE appointments DROP COLUMN service")
    with pytest.raises(StoreUnreadable, match=r"got a table appointments with columns .*; expected number, version"):
        SqliteStore(path)


SPOILT = {
    "an unknown kind of document": "UPDATE appointments SET holder = 'nobody'",
    "an unknown state": "UPDATE appointments SET state = subject",
    "an instant beyond time": "UPDATE appointments SET ends_at = '99999-01-01T00:00:00'",
    "an answer cut short": "UPDATE answers SET body = substr(body, 1, 90)",
    "text that isn't UTF-8": "UPDATE appointments SET body = CAST(x'ff' || subject AS TEXT)",
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_spoilt_row_is_reported_without_being_quoted(path, spoil):
    altered(path, spoil)
    store = SqliteStore(path)
    with pytest.raises(StoreUnreadable, match=r"(bookings\.db|a record of \w+(, \S+)?): got .*; expected") as caught:  # noqa: PT012 - either read
        AppointmentBook(store).appointment(number(1))
        facts_of(store, request_id="request-1")
    assert ME.reveal()[:-1] not in "".join(traceback.format_exception(caught.value))
    store.close()


def test_a_spoilt_event_is_reported(path):
    altered(path, "UPDATE log SET body = '{}'")
    store = SqliteStore(path)
    with pytest.raises(StoreUnreadable, match="a record of log"):
        AppointmentBook(store).history(number(1))
    store.close()


def test_a_write_that_the_schema_forbids_is_undone_and_reported(path):
    """Guards make it impossible; the schema is the last protection. Here the store gets half an appointment."""
    store = SqliteStore(path)
    change = booking(2, person_state=booking(1).person_state, capacity=9)
    half = StoreChange(puts=(Put(APPOINTMENTS.name, number(3), 0, (None,) * len(APPOINTMENTS.columns), ""),))
    with pytest.raises(StoreError, match="expected a change that the schema allows"):
        store.commit([plain(change), half])
    assert AppointmentBook(store).appointment(number(2)) is None
    assert AppointmentBook(store).commit([change]) == [Committed()]
    store.close()


def test_a_file_locked_for_too_long_is_unavailable_and_usable_afterwards(path):
    store = SqliteStore(path, busy_seconds=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="database is locked; expected no other connection"):
            AppointmentBook(store).commit([booking(2, person_state=booking(1).person_state, capacity=2)])
        assert AppointmentBook(store).appointment(number(1)) is not None
        other.execute("ROLLBACK")
    assert AppointmentBook(store).commit([booking(2, person_state=booking(1).person_state, capacity=2)]) == [
        Committed()
    ]
    store.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_may_not_use_its_parents_store(path):
    store = SqliteStore(path)
    child = os.fork()
    if child == 0:
        try:
            store.commit([StoreChange()])
        except StoreError as error:
            os._exit(0 if "every process to open its own" in str(error) else 2)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert AppointmentBook(store).commit([Change(seats=(SeatChange(booking(1).seats[0].seat, -1, 0),))]) == [
        Committed()
    ]
    store.close()


def test_the_log_is_emptied_now_and_then(folder):
    store = SqliteStore(folder / "bookings.db")
    sizes = []
    for serial in range(3 * COMMITS_BETWEEN_CHECKPOINTS):
        store.commit([StoreChange(entries=(Append(f"stream-{serial}", "note", "x" * 700),))])
        sizes.append((folder / "bookings.db-wal").stat().st_size)
    assert max(sizes) < 1.5 * sizes[COMMITS_BETWEEN_CHECKPOINTS - 1]
    store.close()
