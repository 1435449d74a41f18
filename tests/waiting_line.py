"""A line of requests at a desk with every step under control: the requests, the store's calls, when each goes on."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore
from typing import Any

from tests.one_slot import PATIENCE_SECONDS, requests_read
from tests.small_town import small_catalogue
from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.group_commit import GroupCommit
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.schema import PERSON_KEYS, WORDINGS
from traffic_booking.ports.primitives import Query, StoreChange, StoreConflict
from traffic_booking.ports.store import Store

Call = Callable[[], Any]
PREPARED = {PERSON_KEYS.name, WORDINGS.name}


def prepares(changes: Sequence[StoreChange]) -> bool:
    """True if `changes` belong to no request: shared texts of answers, or the key of the persons."""
    return all(change.puts and all(put.collection in PREPARED for put in change.puts) for change in changes)


class WatchedStore:
    """A store that notes how many requests come at once, and calls a function before a commit of a given number.

    The calendars of `catalogue` are open. Commits that prepare for requests are not noted.
    """

    catalogue = small_catalogue()

    def __init__(self, store: Store) -> None:
        book = AppointmentBook(store)
        book.open_calendars([branch.id for branch in self.catalogue.branches])
        book.open_persons()
        self._store = store
        self.reads: list[int] = []
        self.commits: list[int] = []
        self.before_commit: dict[int, Call] = {}
        self.after_commit: dict[int, Call] = {}

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        if count := requests_read(queries):
            self.reads.append(count)
        return self._store.read(queries)

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        if prepares(changes):
            return self._store.commit(changes)
        self.commits.append(len(changes))
        count = len(self.commits)
        self.before_commit.get(count, lambda: None)()
        results = self._store.commit(changes)
        self.after_commit.get(count, lambda: None)()
        return results

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class SeenLine(deque[Any]):
    """A line that reports when a request has joined it."""

    def __init__(self) -> None:
        super().__init__()
        self.joined = Semaphore(0)

    def append(self, place: Any) -> None:
        super().append(place)
        self.joined.release()

    def wait_for_one_more(self) -> None:
        assert self.joined.acquire(timeout=PATIENCE_SECONDS), "got nobody in line; expected one more"


def seen_line(group_commit: GroupCommit[Any]) -> SeenLine:
    """The line of a desk without requests so far, watched by the test."""
    group_commit._line = line = SeenLine()
    return line


def reported_then_waiting(reached: Event, go_on: Event) -> Call:
    """Reports that it has been reached, then waits until the test releases it."""

    def wait() -> None:
        reached.set()
        assert go_on.wait(PATIENCE_SECONDS)

    return wait


def held_up(desk: Desk, store: WatchedStore, first: Call, *others: Call) -> list[Any]:
    """The outcomes and errors of the calls: the first stays in its commit until all others wait in line."""
    line = seen_line(desk._office.group_commit)
    in_commit, go_on = Event(), Event()
    store.before_commit[len(store.commits) + 1] = reported_then_waiting(in_commit, go_on)
    with ThreadPoolExecutor(max_workers=1 + len(others)) as pool:
        requests = [pool.submit(first)]
        try:
            assert in_commit.wait(PATIENCE_SECONDS)
            line.wait_for_one_more()
            for call in others:
                requests.append(pool.submit(call))
                line.wait_for_one_more()
        finally:
            go_on.set()
        return [_outcome(each) for each in requests]


def _outcome(request: "Future[Any]") -> Any:
    error = request.exception(PATIENCE_SECONDS)
    return request.result() if error is None else error
