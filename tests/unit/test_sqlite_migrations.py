"""A file is brought from any earlier schema to this release's, step by step, or not at all."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from traffic_booking.adapters.sqlite.migrations import APPLICATION_ID, Migration, migrate, pending, shipped_migrations
from traffic_booking.domain.errors import StoreUnreadable

FIRST = Migration(
    number=1,
    name="0001_first.sql",
    sql="""-- a table; with a semicolon in its comment
CREATE TABLE one (a TEXT DEFAULT ';') STRICT;
CREATE TRIGGER t AFTER INSERT ON one BEGIN
    UPDATE one SET a = 'x';
    DELETE FROM one WHERE a = 'y';
END;
""",
)
SECOND = Migration(number=2, name="0002_second.sql", sql="CREATE TABLE two (b TEXT) STRICT;\n")
BROKEN = Migration(number=2, name="0002_broken.sql", sql="CREATE TABLE two (b TEXT) STRICT;\nNONSENSE;\n")
HERE = Path("bookings.db")


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        yield made


def tables(connection):
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows]


def test_a_new_file_gets_every_step(connection):
    migrate(connection, HERE, [FIRST, SECOND])
    assert tables(connection) == ["migrations", "one", "two"]
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT number, name, sha256 FROM migrations").fetchall() == [
        (step.number, step.name, sha256(step.sql.encode()).hexdigest()) for step in (FIRST, SECOND)
    ]


def test_an_older_file_gets_the_steps_that_it_lacks(connection):
    migrate(connection, HERE, [FIRST])
    connection.execute("INSERT INTO one VALUES ('kept')")
    assert list(pending(connection, HERE, [FIRST, SECOND])) == [SECOND]
    migrate(connection, HERE, [FIRST, SECOND])
    assert tables(connection) == ["migrations", "one", "two"]
    assert connection.execute("SELECT count(*) FROM one").fetchone() == (1,)


def test_a_second_run_does_nothing(connection):
    migrate(connection, HERE, [FIRST])
    assert list(pending(connection, HERE, [FIRST])) == []
    migrate(connection, HERE, [FIRST])
    assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_file_as_it_was(connection):
    migrate(connection, HERE, [FIRST])
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, HERE, [FIRST, BROKEN])
    assert tables(connection) == ["migrations", "one"]
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert not connection.in_transaction


def test_a_newer_file_is_refused(connection):
    migrate(connection, HERE, [FIRST, SECOND])
    with pytest.raises(StoreUnreadable, match=r"bookings\.db: got schema 2, of a newer release; expected at most 1"):
        pending(connection, HERE, [FIRST])


def test_a_step_that_was_altered_since_is_refused(connection):
    migrate(connection, HERE, [FIRST])
    with pytest.raises(StoreUnreadable, match="migration 1 with another content"):
        pending(connection, HERE, [Migration(number=1, name=FIRST.name, sql=FIRST.sql + "\n")])


def test_a_step_without_its_last_semicolon_is_a_bug():
    with pytest.raises(AssertionError, match="without a semicolon"):
        list(Migration(number=1, name="x", sql="CREATE TABLE one (a)").statements())


def test_the_shipped_steps_are_numbered_without_gaps():
    shipped = shipped_migrations()
    assert [step.number for step in shipped] == list(range(1, len(shipped) + 1))
    assert all(step.name.startswith(f"{step.number:04d}_") for step in shipped)


def test_a_file_that_another_opener_brings_up_to_date_meanwhile_is_not_a_stranger(tmp_path):
    path = tmp_path / "bookings.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as ours:
        ours.execute("PRAGMA journal_mode = WAL").close()
        looked: list[str] = []

        def another_opener(statement):
            if "sqlite_schema" in statement and not looked:
                looked.append(statement)
                with closing(sqlite3.connect(path, isolation_level=None)) as theirs:
                    migrate(theirs, path, [FIRST])

        ours.set_trace_callback(another_opener)
        assert list(pending(ours, path, [FIRST])) == [FIRST], "as the file was when the look began"
        ours.set_trace_callback(None)
        assert looked
        assert list(pending(ours, path, [FIRST])) == []
