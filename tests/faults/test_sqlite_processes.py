"""Several processes on one file: opened at once, killed while they write."""

import multiprocessing
import sqlite3
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from tests.bookings import facts_of
from tests.one_slot import PATIENCE_SECONDS, SLOT, small_desk
from traffic_booking import Booked
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.sqlite.migrations import shipped_migrations
from traffic_booking.testing import made_up_person

CONTEXT = multiprocessing.get_context("spawn")
OPENERS = 4
ACKNOWLEDGED = 150


def open_at_once(path: Path, everyone: Any, told: Any) -> None:
    everyone.wait(PATIENCE_SECONDS)
    try:
        store = SqliteStore(path)
        facts_of(store)
        store.close()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
        told.put(repr(error))
    else:
        told.put("opened")


def book_on_and_on(path: Path, told: Connection) -> None:
    """Book for one person after another, and tell each number once it is acknowledged."""
    desk = small_desk(SqliteStore(path), capacity=500)
    for serial in range(500):
        outcome = desk.book(SLOT, applicant=made_up_person(serial), agreed=True, request_id=f"r-{serial}")
        assert isinstance(outcome, Booked)
        told.send(outcome.appointment.number)


@pytest.mark.race
def test_processes_that_open_a_new_file_at_once_make_one_schema(tmp_path):
    path, everyone, told = tmp_path / "bookings.db", CONTEXT.Barrier(OPENERS), CONTEXT.Queue()
    openers = [CONTEXT.Process(target=open_at_once, args=(path, everyone, told), daemon=True) for _ in range(OPENERS)]
    for opener in openers:
        opener.start()
    assert [told.get(timeout=PATIENCE_SECONDS) for _ in openers] == ["opened"] * OPENERS
    for opener in openers:
        opener.join(PATIENCE_SECONDS)
        opener.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (len(shipped_migrations()),)


def test_bookings_that_a_killed_process_acknowledged_are_kept_whole(tmp_path):
    path = tmp_path / "bookings.db"
    SqliteStore(path).close()
    heard, told = CONTEXT.Pipe(duplex=False)
    writer = CONTEXT.Process(target=book_on_and_on, args=(path, told), daemon=True)
    writer.start()
    told.close()
    acknowledged = [heard.recv() for _ in range(ACKNOWLEDGED)]
    writer.kill()
    try:
        while True:
            acknowledged.append(heard.recv())
    except (EOFError, OSError):  # the end, or half a message
        writer.join(PATIENCE_SECONDS)
        writer.close()
        heard.close()

    store = SqliteStore(path)
    seated = facts_of(store, at=SLOT).taken[SLOT]
    assert len(acknowledged) <= seated <= len(acknowledged) + 1
    for serial, number in enumerate(acknowledged):
        kept = store.appointment(number)
        assert kept is not None
        facts = facts_of(store, made_up_person(serial), SLOT, f"r-{serial}")
        assert facts.answer is not None
        assert facts.answer.outcome == Booked(kept)
        assert facts.standing is not None
        assert facts.standing.appointments == (kept,)
        assert [event.version for event in store.history(number)] == [1]
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("appointments", "answers", "events", "standings"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (seated,)
