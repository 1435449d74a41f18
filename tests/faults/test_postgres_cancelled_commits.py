"""A commit that is cancelled while the server executes it is whole or absent."""

import asyncio

import psycopg
import pytest
from psycopg import capabilities

from tests.bookings import booking, facts_of
from tests.postgres_server import ask, open_store
from tests.store_changes import plain
from traffic_booking.adapters.postgres import AsyncPostgresStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import ACCOUNTS
from traffic_booking.ports.primitives import RecordsByKey, StoreChange

MIDDLE = ("answers", "persons", "people", "appointments", "log", "seats")
"""The tables that a booking writes: each in turn is locked, so that the booking waits there."""

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)
AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    " AND pid <> pg_backend_pid()"
)
WRITTEN = (
    "SELECT (SELECT coalesce(sum(value), 0)::int FROM traffic_booking.seats),"
    " (SELECT count(*) FROM traffic_booking.appointments), (SELECT count(*) FROM traffic_booking.answers),"
    " (SELECT count(*) FROM traffic_booking.log WHERE kind NOT IN ('records', 'installed')),"
    " (SELECT count(*) FROM traffic_booking.people)"
)
LOOKS = 5_000
NO_ACCOUNT = RecordsByKey(ACCOUNTS.name, ["nobody"])


class SeatsFirst(AsyncPostgresStore):
    """Takes the seat in one transaction, and writes its appointment in the next."""

    async def commit(self, changes):
        (change,) = changes
        await super().commit([StoreChange(counts=change.counts)])
        return await super().commit([change._replace(counts=())])


async def cancelled_at(store, url, table):
    """The rows in the database after a booking was cancelled while it waited for `table`."""
    with open_store(url) as opened:
        AppointmentBook(opened).open_persons()
    with psycopg.connect(url) as other:
        other.execute(f"LOCK TABLE traffic_booking.{table}".encode())
        task = asyncio.create_task(store.commit([plain(booking(1))]))
        await until(url, WAITING, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        other.rollback()
    await until(url, AT_WORK, 0)
    return ask(url, WRITTEN)[0]


async def until(url, question, wanted):
    for _ in range(LOOKS):
        if ask(url, question) == [(wanted,)]:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"{question} never was {wanted}")


@pytest.mark.parametrize("table", MIDDLE)
def test_a_commit_that_is_cancelled_at_any_table_is_whole_or_not_there(postgres_url, table):
    async def work():
        store = AsyncPostgresStore(postgres_url)
        written = await cancelled_at(store, postgres_url, table)
        assert await store.read([NO_ACCOUNT]) == [[None]]  # its connections are in order
        await store.close()
        return written

    assert set(asyncio.run(work())) in ({0}, {1})
    with open_store(postgres_url) as store:
        AppointmentBook(store).commit([booking(1)])  # sent again: the guard of the request id accepts one
        assert facts_of(store).seats_taken == {booking(1).seats[0].seat: 1}


@pytest.mark.skipif(
    not capabilities.has_cancel_safe(), reason="before libpq 17 the server gets no cancellation, and goes on"
)
def test_cancelling_in_the_middle_catches_a_store_that_commits_in_two_transactions(postgres_url):
    async def work():
        store = SeatsFirst(postgres_url)
        written = await cancelled_at(store, postgres_url, "answers")
        await store.close()
        return written

    assert asyncio.run(work()) == (1, 0, 0, 0, 0)
