"""Many callers for one slot: the hardest race, over threads and over processes, and stores that lose it."""

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from pathlib import Path
from threading import Barrier, local
from typing import Any, Protocol

from tests.bookings import slot
from tests.calendars import PLAIN
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import Booked, DeskParts, Refused, Throttled, TrafficBookingError
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync.desk import Desk
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import ANSWERS
from traffic_booking.persistence.schema import SEATS as SEAT_COUNTERS
from traffic_booking.ports.primitives import CountersByKey, Query, RecordsByKey, StoreChange, StoreConflict
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person

SEATS = 3
SLOT = slot()
PATIENCE_SECONDS = 120.0

Everyone = Any
"""A barrier, of threads or of processes."""


class WithoutSeatGuard(SqliteStore):
    """Broken on purpose: it never checks if there is a seat left."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit([without_seat_guard(change) for change in changes])


class ChecksThenWrites(SqliteStore):
    """Broken on purpose: it checks for a seat in one transaction, and takes it in another."""

    def __init__(self, path: str | Path, everyone: Everyone) -> None:
        super().__init__(path)
        self._once = Together(everyone)

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        counts = changes[-1].counts
        if not counts:
            return super().commit(changes)
        (seats_taken,) = super().read([CountersByKey(SEAT_COUNTERS.name, [count.key for count in counts])])
        for seats, count in zip(seats_taken, counts, strict=True):
            if seats + count.delta > count.ceiling:
                return super().commit(changes)
        self._once.wait()
        return super().commit([without_seat_guard(change) for change in changes])


def without_seat_guard(change: StoreChange) -> StoreChange:
    """The same change, as if its slots had many more seats."""
    return change._replace(counts=tuple(count._replace(ceiling=10**9) for count in change.counts))


def requests_read(queries: Sequence[Query]) -> int:
    """The number of requests whose facts `queries` read; 0 if they read something else."""
    match queries[0]:
        case RecordsByKey(ANSWERS.name, request_ids):
            return len(request_ids)
        case _:
            return 0


class Together:
    """Makes each thread wait for all the others, the first time."""

    def __init__(self, everyone: Everyone) -> None:
        self._everyone = everyone
        self._mine = local()

    def wait(self) -> None:
        if not hasattr(self._mine, "met"):
            self._mine.met = True
            self._everyone.wait(PATIENCE_SECONDS)


class AllReadFirst:
    """A store on which all callers have read their facts before the first commit."""

    def __init__(self, store: Store, everyone: Everyone) -> None:
        self._store = store
        self._once = Together(everyone)

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        found = self._store.read(queries)
        if requests_read(queries):
            self._once.wait()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Opener(Protocol):
    """Opens the store under test."""

    def __call__(self, path: Path) -> Store: ...


def small_desk(store: Any, *, capacity: int = SEATS) -> Desk:
    """A desk of the small town over `store`."""
    return Desk(
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


def attempt(desk: Desk, serial: int) -> str:
    """The outcome of one person's request for the slot."""
    try:
        outcome = desk.book(SLOT, applicant=made_up_person(serial), agreed=True, request_id=f"wanted-{serial}")
    except TrafficBookingError as error:
        return f"error {type(error).__name__}: {error}"
    match outcome:
        case Booked():
            return "booked"
        case Refused(verdicts):
            return "refused " + " ".join(verdict.rule_id for verdict in verdicts)
        case Throttled():
            return "throttled"


def race_threads(store: Store, callers: int, *, everyone: Everyone | None = None) -> Counter[str]:
    """The outcomes of that many threads, each with a person of its own."""
    return Counter(_attempts(store, range(callers), everyone or Barrier(callers)))


def race_processes(path: Path, opener: Opener, *, processes: int, threads: int) -> Counter[str]:
    """The outcomes of several processes with several threads each, on one file."""
    context = multiprocessing.get_context("spawn")
    everyone = context.Barrier(processes * threads)
    results: Queue[list[str]] = context.Queue()
    racers = [
        context.Process(
            target=_race_in_process,
            args=(path, opener, range(place * threads, (place + 1) * threads), everyone, results),
            daemon=True,
        )
        for place in range(processes)
    ]
    for racer in racers:
        racer.start()
    outcomes = [outcome for _ in racers for outcome in results.get(timeout=PATIENCE_SECONDS)]
    for racer in racers:
        racer.join(PATIENCE_SECONDS)
        racer.close()
    return Counter(outcomes)


def _race_in_process(
    path: Path, opener: Opener, serials: range, everyone: Everyone, results: "Queue[list[str]]"
) -> None:
    store = opener(path)
    results.put(_attempts(store, serials, everyone))
    store.close()


def _attempts(store: Store, serials: range, everyone: Everyone) -> list[str]:
    """A desk for each caller: callers of one desk are executed in one batch and don't race."""
    book = AppointmentBook(store)  # opened before, so that a caller reads once and then books
    book.open_calendars([SLOT.branch])
    book.open_persons()
    shared = AllReadFirst(store, everyone)
    with ThreadPoolExecutor(max_workers=len(serials)) as pool:
        return list(pool.map(lambda serial: attempt(small_desk(shared), serial), serials))
