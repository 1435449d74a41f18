"""Any store under an event loop: the loop goes on while the store works."""

import asyncio
from threading import Event

import pytest

from tests.async_desk import booking, small_async_desk
from tests.bookings import slot
from tests.people import ME
from tests.small_town import small_catalogue
from tests.waiting_line import prepares
from traffic_booking import Booked, InvalidInput, StoreClosed
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook

PATIENCE_SECONDS = 60.0


class HeldUp:
    """A store whose commits for requests last until the test lets them go on."""

    def __init__(self, store, patience_seconds=PATIENCE_SECONDS):
        book = AppointmentBook(store)
        book.open_calendars([branch.id for branch in small_catalogue().branches])
        book.open_persons()
        self._store = store
        self._patience_seconds = patience_seconds
        self._loop = asyncio.get_running_loop()
        self.in_commit, self.go_on, self.waited_in_vain = asyncio.Event(), Event(), False

    def commit(self, changes):
        if prepares(changes):
            return self._store.commit(changes)
        self._loop.call_soon_threadsafe(self.in_commit.set)
        self.waited_in_vain = not self.go_on.wait(self._patience_seconds)
        return self._store.commit(changes)

    def __getattr__(self, name):
        return getattr(self._store, name)


class Inline(ThreadedStore):
    """Broken on purpose: it makes every call in the thread of the event loop."""

    def _in_a_thread(self, method):
        async def call(*arguments, **named):
            return method(*arguments, **named)

        return call


@pytest.fixture(params=["memory", "sqlite"])
def kept(request, tmp_path):
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")


async def booked_while_the_loop_turns(kept, kind, patience_seconds=PATIENCE_SECONDS):
    """True if a booking is made if the event loop, during its commit, lets the commit go on."""
    store = HeldUp(kept, patience_seconds)
    async with small_async_desk(kind(store)) as desk:
        task = asyncio.create_task(booking(desk, ME, slot(1), "mine"))
        await store.in_commit.wait()
        assert len(await desk.appointments(ME)) == 0  # others are served meanwhile
        store.go_on.set()
        assert isinstance(await task, Booked)
    return not store.waited_in_vain


def test_the_event_loop_goes_on_while_a_call_of_the_store_is_in_hand(kept):
    assert asyncio.run(booked_while_the_loop_turns(kept, ThreadedStore))


def test_a_store_that_blocks_the_event_loop_is_caught_by_that(kept):
    with pytest.raises(AssertionError):
        asyncio.run(booked_while_the_loop_turns(kept, Inline, patience_seconds=0.01))


def test_a_call_whose_task_is_cancelled_goes_on_to_its_end_before_the_store_is_closed(kept):
    async def work():
        store = HeldUp(kept)
        threaded = ThreadedStore(store, threads=1)
        desk = small_async_desk(threaded)
        task = asyncio.create_task(booking(desk, ME, slot(1), "mine"))
        await store.in_commit.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        closing = asyncio.create_task(desk.close())
        store.go_on.set()
        await closing
        return store.waited_in_vain

    assert asyncio.run(work()) is False


def test_a_closed_store_raises_and_closes_twice():
    async def work():
        store = ThreadedStore(MemoryStore())
        await store.close()
        await store.close()
        with pytest.raises(StoreClosed):
            await store.read([])

    asyncio.run(work())


@pytest.mark.parametrize("threads", [0, 65])
def test_the_number_of_threads_has_its_bounds(threads):
    with pytest.raises(InvalidInput, match="expected 1 to 64"):
        ThreadedStore(MemoryStore(), threads=threads)
