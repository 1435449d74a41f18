"""Several processes that open one file at once: a new one, and one that a newer release brings to its schema."""

import multiprocessing
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.bookings import booking, facts_of, number
from tests.campaigns.whole_file import faults_of
from tests.one_slot import PATIENCE_SECONDS
from traffic_booking.adapters.sqlite import SqliteStore, migrations, opening
from traffic_booking.adapters.sqlite.migrations import migrate, pending, statements
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.decisions.changes import Committed
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.migrations import Migration, Pending, shipped_migrations

CONTEXT = multiprocessing.get_context("spawn")
OPENERS = 2
SHIPPED = shipped_migrations(opening.PACKAGE)
LATER = Migration(
    number=len(SHIPPED) + 1,
    name="later.sql",
    sql="ALTER TABLE seats ADD COLUMN note TEXT;\nCREATE TABLE later (a TEXT) STRICT;\n",
)


def half_of_the_statements(sql: str) -> Iterator[str]:
    """The first statement of a step; then the process is killed."""
    yield next(statements(sql))
    os.kill(os.getpid(), signal.SIGKILL)


def open_at_once(path: Path, everyone: Any, reports: Any) -> None:
    everyone.wait(PATIENCE_SECONDS)
    try:
        store = SqliteStore(path)
        facts_of(store)
        store.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
        reports.put(repr(error))
    else:
        reports.put("opened")


def upgrade_at_once(migrating: Callable[..., None], path: Path, everyone: Any, reports: Any) -> None:
    """Open with a newer release; all processes have read the old schema before one migrates the file."""

    def all_look_first(*arguments: Any) -> Pending:
        found = pending(*arguments)
        everyone.wait(PATIENCE_SECONDS)
        return found

    with newer_release(LATER), patch.multiple(opening, pending=all_look_first, migrate=migrating):
        try:
            SqliteStore(path).close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            reports.put(repr(error))
        else:
            reports.put("opened")


def upgrade_and_be_killed(path: Path) -> None:
    with newer_release(LATER), patch.object(migrations, "statements", half_of_the_statements):
        SqliteStore(path)


def migrate_without_looking(
    connection: sqlite3.Connection, path: Path, known: Sequence[Migration], tables: Tables
) -> None:
    """Broken on purpose: it trusts a version that it read before it locked the file."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in statements(known[-1].sql):
        connection.execute(statement)
    connection.execute("COMMIT")


def newer_release(later: Migration) -> Any:
    return patch.object(opening, "shipped_migrations", lambda _: (*SHIPPED, later))


def together(task: Callable[..., None], *arguments: Any) -> list[str]:
    """The reports of several processes that did the task at once."""
    everyone, reports = CONTEXT.Barrier(OPENERS), CONTEXT.Queue()
    openers = [CONTEXT.Process(target=task, args=(*arguments, everyone, reports), daemon=True) for _ in range(OPENERS)]
    for opener in openers:
        opener.start()
    collected = [reports.get(timeout=PATIENCE_SECONDS) for _ in openers]
    for opener in openers:
        opener.join(PATIENCE_SECONDS)
        opener.close()
    return collected


def schema_of(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT number, name FROM migrations ORDER BY number").fetchall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of this release, with a booking."""
    store = SqliteStore(tmp_path / "bookings.db")
    AppointmentBook(store).commit([booking(1)])
    store.close()
    return tmp_path / "bookings.db"


@pytest.mark.race
def test_processes_that_open_a_new_file_at_once_make_one_schema(tmp_path):
    path = tmp_path / "bookings.db"
    assert together(open_at_once, path) == ["opened"] * OPENERS
    assert schema_of(path) == [(step.number, step.name) for step in SHIPPED]


@pytest.mark.race
def test_processes_that_upgrade_a_file_at_once_do_it_once_and_keep_its_bookings(path):
    assert together(upgrade_at_once, migrate, path) == ["opened"] * OPENERS
    assert schema_of(path)[-1] == (LATER.number, LATER.name)
    assert len(schema_of(path)) == LATER.number
    assert faults_of(path) == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT number FROM appointments").fetchall() == [(number(1),)]
        assert connection.execute("SELECT value, note FROM seats").fetchall() == [(1, None)]


@pytest.mark.race
def test_processes_that_upgrade_without_looking_again_are_found_out(path):
    assert set(together(upgrade_at_once, migrate_without_looking, path)) > {"opened"}


def test_an_upgrade_that_is_killed_midway_leaves_the_file_to_this_release_and_to_the_next(path):
    upgrading = CONTEXT.Process(target=upgrade_and_be_killed, args=(path,), daemon=True)
    upgrading.start()
    upgrading.join(PATIENCE_SECONDS)
    assert upgrading.exitcode == -signal.SIGKILL
    upgrading.close()
    store = SqliteStore(path)
    assert AppointmentBook(store).commit([booking(2, person_state=booking(1).person_state, capacity=2)]) == [
        Committed()
    ]
    store.close()
    assert schema_of(path) == [(step.number, step.name) for step in SHIPPED]
    with newer_release(LATER):
        SqliteStore(path).close()
    assert len(schema_of(path)) == LATER.number
    assert faults_of(path) == []
