"""SQLite leaves copies of rows in unused bytes of its pages; an erasure finds those of the person, and removes them."""

import random
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date

import pytest

from tests.bookings import slot
from tests.maintained import desk_over, erase
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Assertions
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.sqlite.unused_bytes import have_any

BIRTH = date(1990, 2, 3)


@pytest.fixture
def file(tmp_path):
    """A closed store with two persons."""
    path = tmp_path / "bookings.db"
    with closing(SqliteStore(path)) as store:
        for number, (person, birth) in enumerate([(ME, BIRTH), (YOU, date(1991, 4, 5))]):
            said = Assertions(checked_at=START, birth_date=birth)
            desk = desk_over(store)
            assert desk.book(slot(25 + number), applicant=person, agreed=True, assertions=said, request_id=f"r{number}")
    return path


def plant(path, text):
    """Write `text` into unused bytes of a page, as SQLite would leave it."""
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    for start in range(size, len(content), size):
        first = start + 12 + 2 * int.from_bytes(content[start + 3 : start + 5], "big")
        end = start + int.from_bytes(content[start + 5 : start + 7], "big")
        if content[start] in {2, 5, 10, 13} and end - first > 2 * len(text):
            content[first : first + len(text)] = text.encode()
            path.write_bytes(content)
            return
    raise AssertionError("no page has room")


@pytest.mark.parametrize("text", [ME.reveal(), BIRTH.isoformat()])
def test_a_copy_in_unused_bytes_is_removed_by_the_erasure(file, text):
    plant(file, text)
    assert have_any([text], file.read_bytes())
    with closing(SqliteStore(file)) as store:
        assert erase(desk_over(store), ME).overwritten
        assert text.encode() not in file.read_bytes()
        assert desk_over(store).audit.verify().broken == ()
        assert YOU.reveal().encode() in file.read_bytes()


def test_a_copy_is_searched_for_until_the_file_could_be_written(file):
    plant(file, ME.reveal())
    with closing(SqliteStore(file, busy_seconds=0)) as store, closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM log").fetchone()
        assert not erase(desk_over(store), ME, request_id="erase").overwritten
        reader.rollback()
        assert erase(desk_over(store), ME, request_id="erase").overwritten
        assert ME.reveal().encode() not in file.read_bytes()


def test_a_file_without_a_copy_is_not_written_anew(file):
    with closing(SqliteStore(file)) as store:
        desk = desk_over(store)
        before = pages(file)
        assert erase(desk, ME).overwritten
        assert pages(file) == before


def pages(path):
    """The pages of the file, and those that nothing uses: `VACUUM` drops them."""
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(f"PRAGMA {each}").fetchone() for each in ("page_count", "freelist_count")]


def test_every_copy_that_sqlite_leaves_is_in_unused_bytes(tmp_path):
    path, drawn = tmp_path / "rows.db", random.Random(1)
    alive, gone = {}, set()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE t (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")
        connection.execute("BEGIN")
        for serial in range(8_000):
            text = f"canary-{serial:06}"
            alive[text] = f"{drawn.getrandbits(80):020x}-{text}"
            connection.execute("INSERT INTO t VALUES (?, ?)", (alive[text], text * drawn.choice([1, 3, 8, 20])))
            while len(alive) > 3_000:
                one = drawn.choice([*alive])
                connection.execute("DELETE FROM t WHERE key = ?", (alive.pop(one),))
                gone.add(one)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        left = {each.decode() for each in re.findall(rb"canary-\d{6}", path.read_bytes())} & gone
        assert all(have_any([each], path.read_bytes()) for each in left)
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not have_any(gone, path.read_bytes())


def test_the_search_leaves_the_locks_of_the_process_alone(file):
    """Without them another process takes itself for the last one, and removes the write-ahead log."""
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM log'); c.close()"
    with closing(SqliteStore(file)) as store:
        assert erase(desk_over(store), ME).overwritten
        subprocess.run([sys.executable, "-c", look, str(file)], check=True)
        assert file.with_name(f"{file.name}-wal").exists()
