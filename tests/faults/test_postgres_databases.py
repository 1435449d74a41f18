"""Databases that the store accepts or refuses, and roles with only the rights that they need."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.bookings import booking, facts_of
from tests.campaigns.lost_replies import lose_replies
from tests.one_slot import race_threads
from tests.postgres_server import ask, emptied, open_store
from tests.recorded_histories import desk_over, desks_beside, workloads
from tests.small_town import START
from traffic_booking import Session, UserName
from traffic_booking.adapters.postgres import PostgresStore, migrations, opening, pending_steps
from traffic_booking.adapters.postgres.async_connections import AsyncConnections
from traffic_booking.adapters.postgres.opening import Address
from traffic_booking.adapters.postgres.pool import MOST_KEPT_BYTES
from traffic_booking.adapters.postgres.tables import Statement
from traffic_booking.domain.decisions.changes import Committed, SignInChange
from traffic_booking.domain.errors import (
    InvalidInput,
    StoreClosed,
    StoreMisconfigured,
    StoreUnavailable,
    StoreUnreadable,
)
from traffic_booking.domain.people.attempts import Failures, SignInAttempts
from traffic_booking.domain.people.sign_in import IssuedSession
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.migrations import ALTERS_DECLARED, Migration, shipped_migrations
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.persistence.sign_ins import SignIns
from traffic_booking.ports.collections import Collection, Column, Schema
from traffic_booking.ports.primitives import Put, RecordsByKey, StoreChange
from traffic_booking.testing import made_up_person
from traffic_booking.testing.histories.check import run_history_campaign
from traffic_booking.testing.racing import at_once

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "run-on-postgres.md"
HISTORIES = 12
LOST = 300


def test_of_many_who_open_a_new_database_one_makes_the_schema(bare_url):
    stores = at_once([lambda: PostgresStore(bare_url)] * 4)
    assert AppointmentBook(stores[0]).commit([booking(1)]) == [Committed()]
    assert all(facts_of(store).answer is None and facts_of(store).seats_taken for store in stores)
    for store in stores:
        store.close()


def test_a_schema_of_another_application_is_left_alone(bare_url):
    ask(bare_url, "CREATE SCHEMA traffic_booking")
    ask(bare_url, "CREATE TABLE traffic_booking.cars (plate text)")
    with pytest.raises(StoreUnreadable, match="of another application"):
        PostgresStore(bare_url)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE traffic_booking.migrations SET sha256 = 'another' WHERE number = 1", "another content"),
        ("INSERT INTO traffic_booking.migrations SELECT 1000, 'later.sql', ''", "a newer release"),
    ],
)
def test_a_schema_that_is_altered_or_newer_is_refused(bare_url, statement, message):
    PostgresStore(bare_url).close()
    ask(bare_url, statement)
    with pytest.raises(StoreUnreadable, match=message):
        PostgresStore(bare_url)


def test_a_store_that_may_not_migrate_names_the_command_that_does(bare_url):
    with pytest.raises(StoreUnavailable, match="traffic-booking migrate"):
        PostgresStore(bare_url, migrate=False)


@pytest.mark.parametrize("opener", [PostgresStore, pending_steps])
def test_a_server_that_is_too_old_is_reported_before_any_object_is_made(bare_url, monkeypatch, opener):
    monkeypatch.setattr(opening, "OLDEST_SERVER", 1_000)
    with pytest.raises(StoreMisconfigured, match=r"got PostgreSQL \d+; expected 1000 or newer"):
        opener(bare_url)
    assert ask(bare_url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'traffic_booking'") == [(0,)]


def test_a_database_that_does_not_take_arabic_is_refused(postgres_server):
    url = urlsplit(postgres_server)._replace(path="/traffic_booking_latin").geturl()
    ask(postgres_server, "CREATE DATABASE traffic_booking_latin TEMPLATE template0 LOCALE 'C' ENCODING 'LATIN1'")
    try:
        with pytest.raises(StoreMisconfigured, match="got a database in LATIN1; expected one made in UTF8"):
            PostgresStore(url)
    finally:
        ask(postgres_server, "DROP DATABASE traffic_booking_latin WITH (FORCE)")


def test_a_table_that_somebody_dropped_is_a_schema_that_is_not_ours(bare_url):
    with open_store(bare_url) as store:
        ask(bare_url, "DROP TABLE traffic_booking.answers")
        with pytest.raises(StoreUnreadable):
            facts_of(store)
    for opened in (PostgresStore, pending_steps):
        with pytest.raises(StoreUnreadable, match=r"got no table answers, which was created earlier; .* backup"):
            opened(bare_url)
    assert ask(bare_url, "SELECT to_regclass('traffic_booking.answers') IS NULL") == [(True,)]


def with_notes(columns):
    notes = Collection(name="notes", key="note", columns=tuple(Column(each, optional=True) for each in columns))
    return Schema(collections=(*SCHEMA.collections, notes), counters=SCHEMA.counters)


def test_a_step_that_alters_declared_tables_runs_on_an_older_database_and_is_recorded_on_a_new_one(
    bare_url, monkeypatch
):
    """A new column: an older database is altered, a new one is created with it; then both are the same."""
    known = shipped_migrations(opening.PACKAGE)
    altered = 'ALTER TABLE traffic_booking.notes ADD COLUMN added text COLLATE "C";\n'
    added = Migration(number=len(known) + 1, name="0002_added.sql", sql=ALTERS_DECLARED + altered)

    def columns_then():
        put = Put("notes", "1", 0, ("since",), "")
        with open_store(bare_url, schema=with_notes(["added"])) as store:
            assert store.commit([StoreChange(puts=(put,))]) == [None]
        assert ask(bare_url, "SELECT max(number) FROM traffic_booking.migrations") == [(added.number,)]
        listed = "SELECT attname FROM pg_attribute WHERE attrelid = 'traffic_booking.notes'::regclass AND attnum > 0"
        return {name for (name,) in ask(bare_url, listed)}

    PostgresStore(bare_url, schema=with_notes([])).close()
    monkeypatch.setattr(opening, "shipped_migrations", lambda _: (*known, added))
    before = columns_then()
    ask(bare_url, "DROP SCHEMA traffic_booking CASCADE")
    assert altered not in pending_steps(bare_url).script
    assert columns_then() == before == {"note", "version", "added", "body"}


def test_a_table_that_another_opener_creates_meanwhile_is_not_taken_for_one_that_is_gone(bare_url, monkeypatch):
    PostgresStore(bare_url).close()
    names = migrations._names
    looked: list[str] = []

    def another_opener(connection, query):
        found = names(connection, query)
        if not looked:
            looked.append(query)
            PostgresStore(bare_url, schema=with_notes([])).close()
        return found

    monkeypatch.setattr(migrations, "_names", another_opener)
    with open_store(bare_url, schema=with_notes([])) as store:
        assert store.read([RecordsByKey("notes", ["1"])]) == [[None]]


INDEXES = """
SELECT c.relname FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
WHERE c.relnamespace = 'traffic_booking'::regnamespace
"""


def test_every_index_of_the_schema_is_missed_where_it_is_gone(bare_url):
    """The objects that the migrations make are there at first; the store opens without them as well."""
    PostgresStore(bare_url).close()
    assert pending_steps(bare_url).missing_indexes == ()
    names = {name for (name,) in ask(bare_url, INDEXES)}
    assert {"seats_pkey", "appointments_of_subject", "migrations_pkey", "log_of_stream"} < names
    for name in names:
        ask(bare_url, f"ALTER INDEX traffic_booking.{name} RENAME TO {name}_before")
    assert sorted(pending_steps(bare_url).missing_indexes) == sorted(names)
    PostgresStore(bare_url).close()


def test_an_index_whose_making_was_broken_off_is_missing(bare_url):
    PostgresStore(bare_url).close()
    ask(
        bare_url,
        "UPDATE pg_index SET indisvalid = false"
        " WHERE indexrelid = 'traffic_booking.appointments_holds_by_end'::regclass",
    )
    assert pending_steps(bare_url).missing_indexes == ("appointments_holds_by_end",)


def test_a_new_database_misses_no_index(bare_url):
    assert pending_steps(bare_url).missing_indexes == ()


@pytest.mark.parametrize("wait_seconds", [0.0, -1.0, 601.0])
def test_a_wait_out_of_bounds_is_misuse(wait_seconds):
    with pytest.raises(InvalidInput, match="wait_seconds"):
        PostgresStore("postgresql://localhost/bookings", wait_seconds=wait_seconds)


@pytest.mark.parametrize("connections", [0, 65])
def test_a_number_of_connections_out_of_bounds_is_misuse(connections):
    with pytest.raises(InvalidInput, match="connections"):
        PostgresStore("postgresql://localhost/bookings", connections=connections)


def test_a_missing_server_is_reported_without_the_password():
    with pytest.raises(StoreUnavailable) as caught:
        PostgresStore("postgresql://clerk:hidden@127.0.0.1:1/bookings", wait_seconds=1)
    assert "hidden" not in f"{caught.value!r} {caught.value}"


def test_waiting_for_a_lock_ends(postgres_url):
    with open_store(postgres_url, wait_seconds=0.2) as store, psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE traffic_booking.answers")
        with pytest.raises(StoreUnavailable, match="within the time to wait"):
            AppointmentBook(store).commit([booking(1)])
        other.rollback()
        assert AppointmentBook(store).commit([booking(1)]) == [Committed()]


def test_connections_that_the_server_ended_while_they_were_idle_are_made_anew(postgres_url):
    with open_store(postgres_url) as store:
        AppointmentBook(store).commit([booking(1)])
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        ask(postgres_url, f"{ended} AND pid <> pg_backend_pid()")
        assert facts_of(store).seats_taken == {booking(1).seats[0].seat: 1}


MUCH = Statement("SELECT repeat('x', %s)", (MOST_KEPT_BYTES + 1,), len)
LITTLE = Statement("SELECT repeat('x', %s)", (MOST_KEPT_BYTES,), len)


def test_a_connection_that_is_idle_holds_no_large_result(postgres_url):
    with open_store(postgres_url, connections=1) as store:
        connections = store._connections
        assert connections.read(LITTLE) == 1
        (kept,) = connections._idle
        assert kept.pgresult is not None, "a cursor goes on as it is"
        assert connections.read(MUCH) == 1
        (idle,) = connections._idle
        assert idle.pgresult is None
        assert idle is not kept
        assert idle.connection is kept.connection


def test_a_connection_of_an_event_loop_that_is_idle_holds_no_large_result(postgres_url):
    async def read():
        connections = AsyncConnections(Address(postgres_url, 10), most=1)
        assert await connections.read(LITTLE) == 1
        (kept,) = connections._idle
        assert kept.pgresult is not None, "a cursor goes on as it is"
        assert await connections.read(MUCH) == 1
        (idle,) = connections._idle
        assert idle.pgresult is None
        assert idle is not kept
        assert idle.connection is kept.connection
        await connections.close()

    asyncio.run(read())


def test_a_closed_store_raises_store_closed_for_every_call(postgres_url):
    store = PostgresStore(postgres_url)
    store.close()
    with pytest.raises(StoreClosed):
        facts_of(store)


def with_an_account(accounts, person):
    """Everything that the sign-in writes: a password, two names, an attempt, and a session that is renewed."""
    accounts.set_password_hash(person, "a hash")
    for name in ("sara.q7", "hind"):
        assert accounts.set_user_name(person, UserName(name))
    session = Session(applicant=person, started_at=START, ends_at=START + timedelta(minutes=1), token="a token")
    for version in (1, 2):
        issued = IssuedSession(session=session, device="a device", generation=1, version=version)
        attempts = SignInAttempts(account=person, version=version, strangers=Failures(version, START))
        change = SignInChange(once=(f"code-{version}",), attempts=attempts, session=issued)
        assert accounts.commit([change]) == [Committed()]


def test_the_roles_of_the_guide_are_enough_and_no_more(bare_url, postgres_server):
    """The grants of `docs/how-to/run-on-postgres.md`, unchanged."""
    [grants] = re.findall(r"```sql\n(-- roles.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    PostgresStore(bare_url).close()
    with psycopg.connect(bare_url, autocommit=True) as connection:
        for role in ("booking_desk", "booking_reports"):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
        connection.execute(grants.encode())
        try:
            parts = urlsplit(bare_url)
            as_desk = parts._replace(query=f"{parts.query}&options=-c%20role%3Dbooking_desk").geturl()
            with open_store(as_desk) as store:
                assert AppointmentBook(store).commit([booking(1)]) == [Committed()]
                assert facts_of(store).seats_taken == {booking(1).seats[0].seat: 1}
                with_an_account(SignIns(store, lambda: START), made_up_person(2))
            for barred in ("DELETE FROM {}", "UPDATE {} SET {} = ''"):
                for table, column in (("answers", "request_id"), ("log", "stream")):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        ask(as_desk, barred.format(f"traffic_booking.{table}", column))
            as_reports = parts._replace(query=f"{parts.query}&options=-c%20role%3Dbooking_reports").geturl()
            assert ask(as_reports, "SELECT count(*) FROM traffic_booking.seats") == [(1,)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ask(as_reports, "SELECT * FROM traffic_booking.accounts")
        finally:
            for role in ("booking_desk", "booking_reports"):
                connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.mark.race
@pytest.mark.rule("BK-05")
def test_16_threads_want_a_slot_with_3_seats(postgres_url):
    with open_store(postgres_url) as store:
        assert race_threads(store, 16) == {"booked": 3, "refused BK-05": 13}


@pytest.mark.race
@pytest.mark.long
def test_histories_of_threads_are_linearizable(postgres_url):
    tally = run_history_campaign(
        lambda clock, seed: desk_over(PostgresStore(emptied(postgres_url)), clock, seed),
        workloads(range(HISTORIES), operations=60, clients=8),
        start=START,
        beside=desks_beside,
        progress=lambda _: None,
    )
    assert (tally.linearizable, tally.faults) == (HISTORIES, ())


@pytest.mark.long
def test_whatever_reply_is_lost_a_request_has_one_answer_and_is_done_once(postgres_url):
    found = lose_replies(lambda _: PostgresStore(emptied(postgres_url)), requests=LOST, seed=3)
    assert found["wrong"] == []
    assert found["replies lost"]["commit"] > 0.9 * LOST
