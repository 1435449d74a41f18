"""Desks over stores that are pruned, erased and rekeyed, and functions that read all contents of a store."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.calendars import PLAIN
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import System
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.tickets import TextTicket
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.parts import DeskParts
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.retention import MOST_REFUSALS, Retention
from traffic_booking.persistence.persons import PlainIds
from traffic_booking.persistence.schema import SCHEMA, SEATS
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.primitives import (
    CountersByRange,
    KeySpan,
    Query,
    RecordsByIndex,
    Row,
    Span,
    StoreChange,
    StoreConflict,
)
from traffic_booking.ports.pseudonyms import Pseudonyms
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
STORES = ("memory", "sqlite", pytest.param("postgres", marks=pytest.mark.long))
PERIODS = Retention(
    appointments=400 * DAY,
    refusals=30 * DAY,
    assertions=10 * DAY,
    persons=500 * DAY,
    attempts=3 * DAY,
    codes=2 * DAY,
    sessions=21 * DAY,
    reveals=50 * DAY,
    refusals_per_minute=MOST_REFUSALS,
)
CLEAR = PlainIds()
SYSTEM = System()
_ERASURES = count()


@contextmanager
def opened(kind: str, folder: Path, postgres_url: Callable[[], str]) -> Iterator[Store]:
    """A new store of a kind of `STORES`; `url` is called only for PostgreSQL."""
    store: Store
    match kind:
        case "memory":
            store = MemoryStore()
        case "sqlite":
            store = SqliteStore(folder / "bookings.db")
        case _:
            from traffic_booking.adapters.postgres import PostgresStore

            store = PostgresStore(postgres_url())
    try:
        yield store
    finally:
        store.close()


def desk_over(
    store: Any,
    *,
    clock: Clock | None = None,
    keys: Sequence[Pseudonyms] = (),
    retention: Retention = PERIODS,
    capacity: int = 2,
) -> Desk:
    """A desk of the small town; a shared clock can be given."""
    return Desk(
        DeskParts(
            store=store,
            clock=clock or MovableClock(START),
            catalogue=small_catalogue(capacity=capacity),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=RandomNumbering(),
            tickets={"text": TextTicket()},
            retention=retention,
            pseudonym_key=keys or None,
        )
    )


def erase(desk: Any, person: Any, *, by: Any = SYSTEM, reason: str = "form 17", request_id: str | None = None) -> Any:
    """The erasure of a person, by a request of its own unless an id is given."""
    request = request_id or f"erase-{next(_ERASURES)}"
    return desk.maintenance.erase(person, reason=reason, by=by, request_id=request)


def rows_of(store: Store) -> dict[str, dict[str, Row]]:
    """All records, by collection and key."""
    found = store.read([RecordsByIndex(each.name, None, [Span()]) for each in SCHEMA.collections])
    return {each.name: {row[0]: row for row in rows} for each, (rows,) in zip(SCHEMA.collections, found, strict=True)}


def seats_of(store: Store) -> dict[str, int]:
    """All counters that are above 0."""
    return dict(store.read([CountersByRange(SEATS.name, [KeySpan()])])[0][0])


def log_of(store: Store) -> list[tuple[str, str, str]]:
    """Stream, kind and body of each log entry."""
    return [(each.stream, each.kind, each.body) for each in store.feed(BEGINNING, limit=100_000).entries]


def sizes_of(store: Store) -> dict[str, int]:
    """The number of entries of each kind."""
    sizes = {name: len(rows) for name, rows in rows_of(store).items()}
    others = [each for each in log_of(store) if each[0] not in {"upkeep", "records"}]
    return sizes | {"seats": sum(seats_of(store).values()), "log": len(others)}


class Interposed:
    """A store in front of another: `before_commit` is called, once, before the first commit that `meets`."""

    def __init__(
        self,
        store: Any,
        before_commit: Callable[[], object],
        *,
        meets: Callable[[StoreChange], bool],
        guards: Callable[[StoreChange], StoreChange] = lambda change: change,
    ) -> None:
        self._store = store
        self._before_commit: Callable[[], object] | None = before_commit
        self._meets = meets
        self._guards = guards

    @property
    def was_met(self) -> bool:
        """True if there has been such a commit."""
        return self._before_commit is None

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        if self._before_commit is not None and any(map(self._meets, changes)):
            first, self._before_commit = self._before_commit, None
            first()
        results: Sequence[StoreConflict | None] = self._store.commit([self._guards(each) for each in changes])
        return results

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        found: Sequence[Any] = self._store.read(queries)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def puts_in(collection: str) -> Callable[[StoreChange], bool]:
    """True if a change writes a record of that collection."""
    return lambda change: any(put.collection == collection for put in change.puts)


def deletes_in(collection: str) -> Callable[[StoreChange], bool]:
    """True if a change deletes a record of that collection."""
    return lambda change: any(delete.collection == collection for delete in change.deletes)
