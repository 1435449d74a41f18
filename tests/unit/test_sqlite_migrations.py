"""A file is brought from any earlier schema to this release's, step by step, or not at all."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import evolve

from traffic_booking.adapters.sqlite.migrations import APPLICATION_ID, migrate, pending, script, statements
from traffic_booking.adapters.sqlite.opening import PACKAGE
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.persistence.migrations import ALTERS_DECLARED, Migration, shipped_migrations
from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema

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
NOTES = Collection(
    name="notes",
    key="note",
    columns=(Column("branch"), Column("written_at", Kind.INSTANT)),
    indexes=(Index(name="at_branch", columns=("branch", "written_at")),),
)
NONE = Tables(Schema(collections=(), counters=()))
DECLARED = Tables(Schema(collections=(NOTES,), counters=(Counter(name="stamps"),)))


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        yield made


def tables(connection):
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows]


def test_a_new_file_gets_every_step(connection):
    migrate(connection, HERE, [FIRST, SECOND], NONE)
    assert tables(connection) == ["created", "migrations", "one", "two"]
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT number, name, sha256 FROM migrations").fetchall() == [
        (step.number, step.name, sha256(step.sql.encode()).hexdigest()) for step in (FIRST, SECOND)
    ]


def test_an_older_file_gets_the_steps_that_it_lacks(connection):
    migrate(connection, HERE, [FIRST], NONE)
    connection.execute("INSERT INTO one VALUES ('kept')")
    assert pending(connection, HERE, [FIRST, SECOND], NONE).names() == (SECOND.name,)
    migrate(connection, HERE, [FIRST, SECOND], NONE)
    assert tables(connection) == ["created", "migrations", "one", "two"]
    assert connection.execute("SELECT count(*) FROM one").fetchone() == (1,)


def test_a_second_run_does_nothing(connection):
    migrate(connection, HERE, [FIRST], NONE)
    assert not pending(connection, HERE, [FIRST], NONE)
    migrate(connection, HERE, [FIRST], NONE)
    assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (1,)


def test_a_step_that_fails_leaves_the_file_as_it_was(connection):
    migrate(connection, HERE, [FIRST], NONE)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, HERE, [FIRST, BROKEN], NONE)
    assert tables(connection) == ["created", "migrations", "one"]
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert not connection.in_transaction


def test_a_newer_file_is_refused(connection):
    migrate(connection, HERE, [FIRST, SECOND], NONE)
    with pytest.raises(StoreUnreadable, match=r"bookings\.db: got schema 2, of a newer release; expected at most 1"):
        pending(connection, HERE, [FIRST], NONE)


def test_a_step_that_was_altered_since_is_refused(connection):
    migrate(connection, HERE, [FIRST], NONE)
    with pytest.raises(StoreUnreadable, match="migration 1 with another content"):
        pending(connection, HERE, [Migration(number=1, name=FIRST.name, sql=FIRST.sql + "\n")], NONE)


def test_a_step_without_its_last_semicolon_is_a_bug():
    with pytest.raises(AssertionError, match="without a semicolon"):
        list(statements("CREATE TABLE one (a)"))


def test_the_shipped_steps_are_numbered_without_gaps():
    shipped = shipped_migrations(PACKAGE)
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
                    migrate(theirs, path, [FIRST], NONE)

        ours.set_trace_callback(another_opener)
        assert pending(ours, path, [FIRST], NONE).names() == (FIRST.name,), "as the file was when the look began"
        ours.set_trace_callback(None)
        assert looked
        assert not pending(ours, path, [FIRST], NONE)


def test_declared_collections_are_made_beside_the_steps_and_once(connection):
    migrate(connection, HERE, [FIRST], DECLARED)
    assert tables(connection) == ["created", "migrations", "notes", "one", "stamps"]
    assert connection.execute("SELECT name FROM sqlite_schema WHERE name = 'notes_at_branch'").fetchone()
    assert not pending(connection, HERE, [FIRST], DECLARED)


def test_later_declarations_are_made_in_an_older_file_and_keep_its_contents(connection):
    migrate(connection, HERE, [FIRST], NONE)
    connection.execute("INSERT INTO one VALUES ('kept')")
    assert pending(connection, HERE, [FIRST], DECLARED).names() == ("notes", "notes_at_branch", "stamps")
    migrate(connection, HERE, [FIRST], DECLARED)
    assert tables(connection) == ["created", "migrations", "notes", "one", "stamps"]
    assert connection.execute("SELECT count(*) FROM one").fetchone() == (1,)


def test_an_index_that_somebody_dropped_is_made_again(connection):
    migrate(connection, HERE, [FIRST], DECLARED)
    connection.execute("DROP INDEX notes_at_branch")
    assert pending(connection, HERE, [FIRST], DECLARED).names() == ("notes_at_branch",)
    migrate(connection, HERE, [FIRST], DECLARED)
    assert not pending(connection, HERE, [FIRST], DECLARED)


@pytest.mark.parametrize("table", ["notes", "stamps"])
def test_a_table_that_somebody_dropped_is_not_made_again_empty(connection, table):
    migrate(connection, HERE, [FIRST], DECLARED)
    connection.execute(f"DROP TABLE {table}")
    for opened in (pending, migrate):
        with pytest.raises(
            StoreUnreadable,
            match=rf"bookings\.db: got no table {table}, which was created earlier; .*: restore it from a backup",
        ):
            opened(connection, HERE, [FIRST], DECLARED)
        assert not connection.in_transaction
    assert table not in tables(connection)


def test_a_table_that_was_declared_later_is_recorded_too(connection):
    migrate(connection, HERE, [FIRST], NONE)
    migrate(connection, HERE, [FIRST], DECLARED)
    connection.execute("DROP TABLE notes")
    with pytest.raises(StoreUnreadable, match="got no table notes, which was created earlier"):
        pending(connection, HERE, [FIRST], DECLARED)
    assert not pending(connection, HERE, [FIRST], NONE), "a release that does not declare it has no use of it"


@pytest.mark.parametrize(
    "statement", ["ALTER TABLE notes DROP COLUMN body", "ALTER TABLE notes ADD COLUMN more TEXT"], ids=["less", "more"]
)
def test_a_table_with_other_columns_than_declared_is_refused(connection, statement):
    migrate(connection, HERE, [FIRST], DECLARED)
    connection.execute(statement)
    with pytest.raises(
        StoreUnreadable, match=r"bookings\.db: got a table notes with columns .*; expected note, version,"
    ):
        pending(connection, HERE, [FIRST], DECLARED)


def test_a_new_column_is_one_declaration_and_one_step(connection):
    migrate(connection, HERE, [FIRST], DECLARED)
    connection.execute("INSERT INTO notes VALUES ('1', 1, 'north', '2026-11-22T04:00:00', '')")
    evolved = evolve(NOTES, columns=(*NOTES.columns, Column("pages", Kind.NUMBER)))
    step = Migration(
        number=2, name="0002_pages.sql", sql="ALTER TABLE notes ADD COLUMN pages INTEGER NOT NULL DEFAULT 1;\n"
    )
    with_pages = Tables(Schema(collections=(evolved,), counters=(Counter(name="stamps"),)))
    assert pending(connection, HERE, [FIRST, step], with_pages).names() == (step.name,)
    migrate(connection, HERE, [FIRST, step], with_pages)
    assert connection.execute(f"SELECT {with_pages.records['notes'].columns} FROM notes").fetchall() == [
        ("1", 1, "north", "2026-11-22T04:00:00", 1, "")
    ]
    with pytest.raises(StoreUnreadable, match="columns"):
        pending(connection, HERE, [FIRST, step], DECLARED)


def test_the_printed_script_does_what_opening_does(connection):
    printed = script(pending(connection, HERE, [FIRST, SECOND], DECLARED)).replace(".bail on\n", "")
    connection.executescript(printed)
    assert not pending(connection, HERE, [FIRST, SECOND], DECLARED)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as other:
        migrate(other, HERE, [FIRST, SECOND], DECLARED)
        assert schema(other) == schema(connection)
        assert created(other) == created(connection) == ["created", "migrations", "notes", "one", "stamps", "two"]


def created(connection):
    return [name for (name,) in connection.execute("SELECT name FROM created ORDER BY name")]


def schema(connection):
    return connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def test_a_step_that_alters_declared_tables_runs_on_an_older_file_and_is_recorded_on_a_new_one(connection, tmp_path):
    """A new column: an older file is altered, a new one is created with it; then both are the same."""
    notes = DECLARED.records["notes"].declared
    wider = Tables(
        Schema(collections=(evolve(notes, columns=(*notes.columns, Column("added", optional=True))),), counters=())
    )
    third = Migration(
        number=2, name="0002_added.sql", sql=f"{ALTERS_DECLARED}ALTER TABLE notes ADD COLUMN added TEXT;\n"
    )
    migrate(connection, HERE, [FIRST], DECLARED)
    migrate(connection, HERE, [FIRST, third], wider)
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as new:
        assert "ALTER TABLE" not in script(pending(new, HERE, [FIRST, third], wider))
        migrate(new, HERE, [FIRST, third], wider)
        for each in (connection, new):
            assert not pending(each, HERE, [FIRST, third], wider)
            assert {row[1] for row in each.execute("PRAGMA table_info(notes)")} == set(wider.records["notes"].names)
            assert each.execute("SELECT count(*) FROM migrations").fetchone() == (2,)
