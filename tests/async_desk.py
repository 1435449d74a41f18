"""Desks for asyncio in tests: a desk that tests call without an event loop, and parts of other desks."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from inspect import iscoroutinefunction
from threading import Thread
from typing import Any, Self

from tests.calendars import PLAIN
from tests.one_slot import requests_read
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from tests.waiting_line import prepares
from traffic_booking import AsyncDesk, AsyncWhatIf, Booked, DeskParts, PersonId, Refused, SlotKey, Throttled
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.primitives import Query, StoreChange, StoreConflict
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock


def small_async_desk(store: Any, *, capacity: int = 1) -> AsyncDesk:
    """A desk of the small town over `store`, whose methods are awaited."""
    return AsyncDesk(
        DeskParts(
            store=store,
            clock=MovableClock(START),
            catalogue=small_catalogue(capacity=capacity),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )


ROOMS = {"audit", "calendar", "gate", "maintenance"}


class SteppedStore:
    """A store in memory whose methods are awaited: the loop turns once before each does its work and once after.

    So a task is cancelled at a known point, and every point can be tried. The calendars of the small town are open.
    Commits that prepare for requests are not noted.
    """

    def __init__(self, store: Store | None = None) -> None:
        self.kept = store or MemoryStore()
        book = AppointmentBook(self.kept)
        book.open_calendars([branch.id for branch in small_catalogue().branches])
        book.open_persons()
        self.reads: list[int] = []
        self.commits: list[int] = []
        self.before_commit: Callable[[], Awaitable[None]] | None = None

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        if count := requests_read(queries):
            self.reads.append(count)
        await asyncio.sleep(0)
        found = self.kept.read(queries)
        await asyncio.sleep(0)
        return found

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        if not prepares(changes):
            self.commits.append(len(changes))
            if self.before_commit is not None:
                await self.before_commit()
        await asyncio.sleep(0)
        results = self.kept.commit(changes)
        await asyncio.sleep(0)
        return results

    async def close(self) -> None:
        """The store stays open, so that a test can read it."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.kept, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            await asyncio.sleep(0)
            return method(*arguments, **named)

        return call


class DrivenDesk:
    """The verbs of a desk for asyncio as blocking methods: all of them run in one event loop, in a thread."""

    def __init__(self, opened: Callable[[], Awaitable[AsyncDesk]]) -> None:
        self._loop: AbstractEventLoop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._desk = self._finished(opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._finished(self._desk.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def store(self) -> Store:
        """The store that blocks, below the one whose methods are awaited."""
        threaded = self._desk.store
        assert isinstance(threaded, ThreadedStore)
        return threaded._store

    def what_if(self, **named: Any) -> Any:
        decided: AsyncWhatIf = self._finished(self._desk.what_if, **named)
        return _Driven(decided, self._finished)

    def __getattr__(self, name: str) -> Any:
        return getattr(_Driven(self._desk, self._finished), name)

    def _finished(self, verb: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
        async def work() -> Any:
            return await verb(*arguments, **named)

        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()


class _Driven:
    def __init__(self, awaited: Any, finished: Callable[..., Any]) -> None:
        self._awaited = awaited
        self._finished = finished

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._awaited, name)
        if iscoroutinefunction(found):
            return partial(self._finished, found)
        return _Driven(found, self._finished) if name in ROOMS else found


def booking(
    desk: AsyncDesk, person: PersonId, at: SlotKey, request_id: str
) -> Coroutine[Any, Any, Booked | Refused | Throttled]:
    """The booking of a slot, not started."""
    return desk.book(at, applicant=person, agreed=True, request_id=request_id)
