"""A task that is cancelled at any point leaves no seat taken without an appointment: every point is tried."""

import asyncio
from contextlib import suppress
from itertools import count
from typing import Any

import pytest

from tests.async_desk import SteppedStore, booking, small_async_desk
from tests.bookings import seats_taken, slot
from tests.one_slot import small_desk
from tests.people import ME, YOU
from traffic_booking import Booked
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.application.async_group_commit import AsyncGroupCommit
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.ports.primitives import StoreChange
from traffic_booking.testing import made_up_person

MANY_TURNS = 100


async def turns(number):
    """Let the event loop turn so many times."""
    for _ in range(number):
        await asyncio.sleep(0)


async def outcome_of(task):
    """The outcome of a task; None if it was cancelled."""
    with suppress(asyncio.CancelledError):
        return await task
    return None


async def cancelled_after(desk, number):
    """The outcomes of the caller that is cancelled after so many turns, and of the other callers in its batch."""
    mine = asyncio.create_task(booking(desk, ME, slot(1), "mine"))
    others = [
        asyncio.create_task(booking(desk, made_up_person(400 + serial), slot(2 + serial), f"theirs-{serial}"))
        for serial in range(3)
    ]
    await turns(number)
    mine.cancel()
    return await outcome_of(mine), await asyncio.gather(*others, return_exceptions=True)


def points(work):
    """The results of `work`, cancelled at its first point, its second and so on, until it ends too early."""
    for number in count():
        assert number < MANY_TURNS, "it ends"
        store = SteppedStore()
        mine, others = asyncio.run(work(store, number))
        yield store, mine, others
        if mine is not None:
            return


async def on_a_desk(store, number):
    async with small_async_desk(store) as desk:
        return await cancelled_after(desk, number)


@pytest.mark.race
def test_a_booking_that_is_cancelled_at_any_point_is_whole_or_not_there_and_sent_again_gives_one_seat():
    committed = []
    for store, _, _ in points(on_a_desk):
        seats = seats_taken(store.kept, slot(1))
        again = small_desk(store.kept, capacity=1)
        assert again.audit.verify(), "what is stored fits together"
        assert len(again.appointments(ME)) == seats
        outcome = again.book(slot(1), applicant=ME, agreed=True, request_id="mine")
        assert isinstance(outcome, Booked)
        assert (seats_taken(store.kept, slot(1)), len(again.appointments(ME))) == (1, 1)
        if seats:
            assert [outcome.appointment] == [*again.appointments(ME).upcoming]
        committed.append(seats)
    assert committed == sorted(committed), "once it is done, it is never undone"
    assert set(committed) == {0, 1}, "points before the commit and after it"


@pytest.mark.race
def test_a_caller_that_is_cancelled_at_any_point_takes_none_along_of_those_served_with_it():
    for _, _, others in points(on_a_desk):
        assert [type(outcome) for outcome in others] == [Booked] * 3


class InTheCallersTask(AsyncGroupCommit[Any]):
    """Broken on purpose: a batch runs in the task of its first caller, and ends with it."""

    async def submit(self, request):
        turn = asyncio.get_running_loop().create_future()
        self._line.append((request, turn))
        if len(self._line) == 1:
            await asyncio.sleep(0)
            try:
                await self._execute([each for each, _ in self._line])
            finally:
                for _, waiting in self._line:
                    waiting.cancel()
        await turn


@pytest.mark.race
def test_trying_every_point_catches_batches_that_end_with_one_of_their_callers():
    async def broken(store, number):
        desk = small_async_desk(store)
        desk._office.group_commit = InTheCallersTask(desk._office.execute_batch)
        return await cancelled_after(desk, number)

    store = SteppedStore()
    _, others = asyncio.run(broken(store, 3))

    assert any(not isinstance(outcome, Booked) for outcome in others)


async def ended_after(store, number):
    """The event loop ends after so many turns, as if the host is stopped: every task is cancelled."""
    desk = small_async_desk(store)
    task = asyncio.create_task(booking(desk, ME, slot(1), "mine"))
    await turns(number)
    return task.result() if task.done() else None, ()


@pytest.mark.race
def test_an_event_loop_that_ends_at_any_point_leaves_bookings_whole_or_not_there():
    for store, _, _ in points(ended_after):
        again = small_desk(store.kept, capacity=1)
        assert again.audit.verify()
        assert isinstance(again.book(slot(1), applicant=ME, agreed=True, request_id="mine"), Booked)
        assert seats_taken(store.kept, slot(1)) == 1


class TornStore(SteppedStore):
    """Broken on purpose: it writes the seats of a change, and the rest after another turn of the loop."""

    async def commit(self, changes):
        for change in changes:
            self.kept.commit([StoreChange(counts=change.counts)])
            await asyncio.sleep(0)
            self.kept.commit([change._replace(counts=())])
        return [None for _ in changes]


@pytest.mark.race
def test_trying_every_point_catches_a_store_that_is_cancelled_in_the_middle_of_a_change():
    found = []
    for number in range(20):
        store = TornStore()
        asyncio.run(ended_after(store, number))
        found.append(bool(small_desk(store.kept, capacity=1).audit.verify()))
    assert not all(found)


@pytest.mark.race
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8, 13, 21])
def test_on_postgresql_a_booking_that_is_cancelled_is_whole_or_not_there(postgres_url, number):
    async def work():
        async with small_async_desk(await asyncio.to_thread(AsyncPostgresStore, postgres_url)) as desk:
            _, others = await cancelled_after(desk, number)
            assert [type(outcome) for outcome in others] == [Booked] * 3

    asyncio.run(work())
    with small_desk(PostgresStore(postgres_url), capacity=1) as again:
        assert again.audit.verify()
        assert isinstance(again.book(slot(1), applicant=ME, agreed=True, request_id="mine"), Booked)
        assert len(again.appointments(ME)) == 1
        assert again.audit.verify()


@pytest.mark.race
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8, 13])
def test_on_postgresql_an_event_loop_that_ends_leaves_bookings_whole_or_not_there(postgres_url, number):
    async def work():
        await ended_after(await asyncio.to_thread(AsyncPostgresStore, postgres_url), number)

    asyncio.run(work())
    with small_desk(PostgresStore(postgres_url), capacity=1) as again:
        assert again.audit.verify()
        assert isinstance(again.book(slot(1), applicant=ME, agreed=True, request_id="mine"), Booked)
        assert len(again.appointments(ME)) == 1


def test_a_reading_that_is_cancelled_leaves_the_connections_of_a_store_in_order(postgres_url):
    async def work():
        store = await asyncio.to_thread(AsyncPostgresStore, postgres_url, connections=1)
        book = AsyncAppointmentBook(store)
        for number in range(8):
            task = asyncio.create_task(book.appointments_of(YOU, limit=1))
            await turns(number)
            task.cancel()
            await outcome_of(task)
            assert await book.appointments_of(YOU, limit=1) == []
        await store.close()

    asyncio.run(work())
