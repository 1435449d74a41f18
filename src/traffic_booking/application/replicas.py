"""Reads that may be old: of a replica while its age is known and small enough, else of the store.

The age of a replica is measured with marks of the store: "at this instant of our monotonic clock, all that was
committed is below this mark". A read of the replica is as old as the newest mark that it has reached. So no clock of
another machine counts, and a replica that has lost its store grows too old, though it looks complete to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from math import inf
from threading import Lock as ThreadLock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from traffic_booking.application.live_configuration import AsyncLiveConfiguration
from traffic_booking.application.search_reads import AsyncSearchReads
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.errors import InvalidInput, StoreError
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.persistence.schema import APPOINTMENTS
from traffic_booking.persistence.seat_book import AsyncSeatBook
from traffic_booking.ports.async_replicas import AsyncReplica, AsyncReplicated, StoreMark
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.primitives import LogPage, Query, StoreChange, StoreConflict

if TYPE_CHECKING:  # searches do without
    from traffic_booking.domain.appointments.appointment import Appointment
    from traffic_booking.domain.people.identity import PersonId

OLDEST_READ_SECONDS: Final = 5.0
"""The store answers if the replica is older."""
MARK_SECONDS: Final = 0.25
"""How old the newest mark is before a read takes another one. A replica that was too old is left alone as long."""
PAUSE_SECONDS: Final = 5.0
"""How long a replica that failed, or that is no replica, is left alone."""

_SUBJECT: Final = APPOINTMENTS.place("subject") - 2
"""Among the columns of a put, which has no key and version before them."""


class AsyncReplicatedStore:
    """A store, with a replica that answers `read_old`. All other calls go to the store.

    Args:
        store: the store.
        marked: what makes the store's marks.
        replica: the replica.
        lock: for one caller to take a mark while others go on.
        ticks: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        store: AsyncStore,
        marked: AsyncReplicated,
        replica: AsyncReplica,
        lock: AbstractAsyncContextManager[object],
        *,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._store = store
        self._marked = marked
        self._replica = replica
        self._lock = lock
        self.ticks = ticks
        self._marks: tuple[tuple[float, StoreMark], ...] = ()
        self._marking = False
        self._paused_until = -inf
        self._written: dict[str, float] = {}
        """When the appointments of each subject were written by this desk, oldest first."""
        self._written_lock = ThreadLock()

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """As the store's."""
        try:
            return await self._store.commit(changes)
        finally:
            self._note(changes)

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        """As the store's."""
        return await self._store.read(queries)

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        """As the store's."""
        return await self._store.feed(after, limit=limit)

    @property
    def inspect(self) -> Any:
        """The store's own; None if it has none."""
        return getattr(self._store, "inspect", None)

    async def check(self) -> None:
        """Raise `InvalidInput` if the replica follows another store; one that can't be reached may come back."""
        try:
            _, reached = await self._replica.read(())
        except StoreError:
            return
        mark = await self._marked.mark()
        if reached is not None and reached.history != mark.history:
            raise InvalidInput("read_url", got="a replica of another store", expected="one of the store of this desk")

    async def close(self) -> None:
        """Close the replica and the store."""
        try:
            await self._replica.close()
        finally:
            await self._store.close()

    async def read_old(self, queries: Sequence[Query]) -> tuple[Sequence[Any], float]:
        """The answers, and the tick as of which they are current: at most `OLDEST_READ_SECONDS` ago.

        Raises `StoreError` if the store had to answer and failed.
        """
        if self.ticks() >= self._paused_until:
            await self._take_mark()
            marks = self._marks
            try:
                answers, reached = await self._replica.read(queries)
            except StoreError:
                self._paused_until = self.ticks() + PAUSE_SECONDS
            else:
                known = [tick for tick, mark in marks if reached is not None and _is_reached(mark, reached)]
                if known and self.ticks() - known[-1] <= OLDEST_READ_SECONDS:
                    return answers, known[-1]
                self._paused_until = self.ticks() + (PAUSE_SECONDS if reached is None else MARK_SECONDS)
        begun = self.ticks()
        return await self._store.read(queries), begun

    def has_written(self, subject: str) -> bool:
        """True if this desk has written an appointment of the person so lately that the replica may not show it."""
        tick = self._written.get(subject)
        return tick is not None and self.ticks() - tick <= OLDEST_READ_SECONDS

    async def _take_mark(self) -> None:
        """Take a mark if the newest is too old. While another caller does, the marks before it count."""
        if self._marking or self._is_marked():
            return
        async with self._lock:
            if self._is_marked():  # another caller may just have taken one
                return
            self._marking = True
            try:
                begun = self.ticks()
                mark = await self._marked.mark()
                kept = [each for each in self._marks if begun - each[0] <= OLDEST_READ_SECONDS]
                self._marks = (*kept, (begun, mark))
            except StoreError:
                pass  # the replica answers until it is too old
            finally:
                self._marking = False

    def _is_marked(self) -> bool:
        return bool(self._marks) and self.ticks() - self._marks[-1][0] < MARK_SECONDS

    def _note(self, changes: Sequence[StoreChange]) -> None:
        subjects = {
            put.columns[_SUBJECT] for change in changes for put in change.puts if put.collection == APPOINTMENTS.name
        }
        with self._written_lock:
            now, written = self.ticks(), self._written
            for subject in subjects:
                written.pop(str(subject), None)
                written[str(subject)] = now
            while written and now - next(iter(written.values())) > OLDEST_READ_SECONDS:
                del written[next(iter(written))]


def _is_reached(mark: StoreMark, reached: StoreMark) -> bool:
    return mark.history == reached.history and mark.below <= reached.below


class AsyncOldReads(AsyncSearchReads):
    """The reads of a search that may be old. Its `live` configuration is used by such searches alone."""

    def __init__(
        self, store: AsyncReplicatedStore, seats: AsyncSeatBook, live: AsyncLiveConfiguration, now: datetime
    ) -> None:
        super().__init__(AsyncSeatBook(self, seats.keys), live, now)
        self._store = store
        self._begun = self._oldest = store.ticks()

    @property
    def as_of(self) -> datetime:
        """The oldest instant of the reads so far."""
        return self._now - timedelta(seconds=self._begun - self._oldest)

    async def configuration(self) -> Configuration:
        """The configuration, with the calendar entries that are read."""
        return await self.live.now(self.seats)

    async def appointments_of(self, person: PersonId, limit: int) -> list[Appointment]:
        """A person's latest appointments; none if this desk has just written one of them."""
        found = await AsyncAppointmentBook(self, self.seats.keys).listed(person, limit=limit)
        return [] if any(self._store.has_written(each.applicant.subject) for each in found) else found

    async def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        """Read, and note how old the answers are."""
        answers, tick = await self._store.read_old(queries)
        self._oldest = min(self._oldest, tick)
        return answers

    async def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        """As the store's."""
        return await self._store.commit(changes)

    async def feed(self, after: FeedPosition, *, limit: int) -> LogPage:
        """As the store's."""
        return await self._store.feed(after, limit=limit)

    async def close(self) -> None:
        """Nothing: the desk closes its store."""
