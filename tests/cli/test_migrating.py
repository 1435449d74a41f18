"""`migrate`: a store is brought to this release's schema, or the SQL is printed for its administrator."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from tests.postgres_server import ask
from traffic_booking import pending_migrations


def test_a_new_file_gets_every_step_and_then_needs_none(shell, tmp_path):
    made = shell("migrate", "--json")
    assert made.code == 0
    assert made.form["applied"]
    assert made.form["steps"][0] == "0001_log.sql"
    assert made.form["script"] is None
    assert (tmp_path / "bookings.db").exists()
    assert shell("migrate", "--json").form["steps"] == []
    assert "The store has this release's schema." in shell("migrate").out


def test_printing_changes_nothing_and_the_printed_script_does_the_same(shell, tmp_path):
    file = tmp_path / "bookings.db"
    printed = shell("migrate", "--print", "--json").form
    assert not printed["applied"]
    assert not file.exists()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(printed["script"].replace(".bail on\n", ""))
    assert pending_migrations(f"sqlite:///{file}").names == ()
    assert shell("migrate", "--print").out.startswith("-- The store has this release's schema.")


def test_a_database_gets_every_step_by_its_printed_script(shell, bare_url):
    printed = shell("migrate", "--print", "--db", bare_url).out
    assert "\\set ON_ERROR_STOP on" in printed
    with psycopg.connect(bare_url, autocommit=True) as connection:
        connection.execute(printed.replace("\\set ON_ERROR_STOP on\n", "").encode())
    assert pending_migrations(bare_url).names == ()
    assert shell("migrate", "--json", "--db", bare_url).form["steps"] == []


def test_a_database_is_brought_to_the_schema(shell, bare_url):
    assert len(shell("migrate", "--json", "--db", bare_url).form["steps"]) > 1
    assert shell("slots", "--service", "licence-renewal", "--db", bare_url).code == 0


@pytest.mark.parametrize("flags", [(), ("--print",)], ids=["migrate", "print"])
def test_an_index_that_somebody_dropped_is_named(shell, bare_url, flags):
    shell("migrate", "--db", bare_url)
    ask(bare_url, "DROP INDEX traffic_booking.appointments_holds_by_end")
    first = shell("migrate", *flags, "--json", "--db", bare_url)
    assert (first.code, first.form["steps"], first.form["missing_indexes"]) == (1, [], ["appointments_holds_by_end"])
    second = shell("migrate", *flags, "--db", bare_url)
    assert second.code == 1
    assert "indexes that the store lacks" in second.out
    assert "appointments_holds_by_end" in second.out
    assert "this release's schema" not in second.out


def test_the_output_about_a_missing_index_is_no_statement(shell, bare_url):
    shell("migrate", "--db", bare_url)
    ask(bare_url, "DROP INDEX traffic_booking.appointments_holds_by_end")
    printed = shell("migrate", "--print", "--db", bare_url).out
    assert all(line.startswith("--") for line in printed.splitlines() if line)


@pytest.mark.parametrize("url", ["memory://", "http://example.org/"])
def test_a_store_without_a_schema_is_misuse(shell, url):
    first = shell("migrate", "--db", url)
    assert first.code == 2
    assert "Expected: a store with a schema" in first.err
