"""A commit that is cancelled while the server is in the middle of it is whole or not there."""

import asyncio

import psycopg
import pytest
from attrs import evolve
from psycopg import capabilities

from tests.bookings import ME, booking, facts_of
from tests.postgres_server import ask, open_store
from traffic_booking.adapters.postgres import AsyncPostgresStore

MIDDLE = ("answers", "standings", "appointments", "events", "seats")
"""The tables that a booking writes: each in turn is kept from it, so that it stands still there."""

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)
AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    " AND pid <> pg_backend_pid()"
)
WRITTEN = (
    "SELECT (SELECT coalesce(sum(taken), 0)::int FROM traffic_booking.seats),"
    " (SELECT count(*) FROM traffic_booking.appointments), (SELECT count(*) FROM traffic_booking.answers),"
    " (SELECT count(*) FROM traffic_booking.events), (SELECT count(*) FROM traffic_booking.standings)"
)
LOOKS = 5_000


class SeatsFirst(AsyncPostgresStore):
    """Takes the seat in one transaction, and writes whose it is in the next."""

    async def commit(self, changes):
        (change,) = changes
        await super().commit([evolve(change, answer=None, standing=None, appointments=(), events=())])
        return await super().commit([evolve(change, seats=())])


async def cancelled_at(store, url, table):
    """What stands in the database once a booking has been cancelled while it waited for `table`."""
    with psycopg.connect(url) as other:
        other.execute(f"LOCK TABLE traffic_booking.{table}".encode())
        task = asyncio.create_task(store.commit([booking(1)]))
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
        assert await store.password_hash(ME) is None  # its connections are in order
        await store.close()
        return written

    assert set(asyncio.run(work())) in ({0}, {1})
    with open_store(postgres_url) as store:
        store.commit([booking(1)])  # sent again: the guard of the request id lets one in
        assert facts_of(store).taken == {booking(1).seats[0].slot: 1}


@pytest.mark.skipif(not capabilities.has_cancel_safe(), reason="before libpq 17 the server isn't told, and goes on")
def test_cancelling_in_the_middle_catches_a_store_that_commits_in_two_transactions(postgres_url):
    async def work():
        store = SeatsFirst(postgres_url)
        written = await cancelled_at(store, postgres_url, "answers")
        await store.close()
        return written

    assert asyncio.run(work()) == (1, 0, 0, 0, 0)
