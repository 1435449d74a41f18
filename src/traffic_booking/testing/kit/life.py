"""A store ends with close(); a forked child gets an error at once, and its parent goes on."""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from select import select
from threading import Event
from time import monotonic
from typing import Any, Final

import pytest

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreClosed, StoreError
from traffic_booking.ports.primitives import CountersByKey, EntriesOfStreams, RecordsByIndex, RecordsByKey, Span
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import SHARED, Failing, OpenAgain, StoreCases
from traffic_booking.testing.kit.sample_schema import (
    change,
    commit,
    count,
    entry,
    keys_listed,
    record,
    row_of,
    stream,
    thing,
    value,
    written,
)
from traffic_booking.testing.kit.suite import case
from traffic_booking.testing.racing import at_once

CAN_FORK: Final = hasattr(os, "fork")
DEADLINE_SECONDS: Final = 10.0
LONGEST_REPORT: Final = 4_096


def forked(task: Callable[[], Iterable[str]]) -> str:
    """The report of `task` from a forked child, which is then ended.

    The report ends in `hangs` if the task has not ended in time, and is `nothing` if it is empty.
    """
    receiving, sending = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, which is the point here
        child = os.fork()
    if child == 0:
        _report(task, sending)
    os.close(sending)
    report, until = b"", monotonic() + DEADLINE_SECONDS
    try:
        while True:
            ready, _, _ = select([receiving], [], [], max(0.0, until - monotonic()))
            piece = os.read(receiving, LONGEST_REPORT) if ready else b"hangs"
            report += piece
            if not (ready and piece):
                break
    finally:
        os.close(receiving)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return report.decode() or "nothing"


def _report(task: Callable[[], Iterable[str]], sending: int) -> None:
    """The whole life of a child, without the parent's clean-up."""
    sys.setswitchinterval(0.005)
    try:
        for piece in task():
            os.write(sending, piece.encode())
    except BaseException as error:  # noqa: BLE001 - the case shows it, whatever it is
        os.write(sending, f"{type(error).__name__}: {error}".encode()[:LONGEST_REPORT])
    os._exit(0)


USES: dict[str, Callable[[Store], Any]] = {
    "commit": lambda store: store.commit([change(thing("late"), count("hall", 1), entry("log", "late"))]),
    "commit of nothing": lambda store: store.commit([]),
    "read by key": lambda store: store.read([RecordsByKey("things", ["a"])]),
    "read by index": lambda store: store.read([RecordsByIndex("things", "by_size", [Span()])]),
    "read of counters": lambda store: store.read([CountersByKey("places", ["hall"])]),
    "read of streams": lambda store: store.read([EntriesOfStreams(["log"])]),
    "read of nothing": lambda store: store.read([]),
    "feed": lambda store: store.feed(BEGINNING, limit=10),
    "feed of nothing": lambda store: store.feed(BEGINNING, limit=0),
}
FORKS, CLOSING_FORKS = 6, 30
"""Repeated, because only by chance does another thread have a lock as the child is made."""
WRITES = 40


def error_of(store: Store, use: str) -> str:
    """The kind of the library's error with which a use ends, empty if it ends with none."""
    try:
        USES[use](store)
    except StoreError as error:
        return "closed" if isinstance(error, StoreClosed) else "error"
    return ""


class LifeCases(StoreCases):
    """After close(), and in a child."""

    @pytest.mark.parametrize("is_used", [True, False], ids=["used", "never used"])
    @pytest.mark.parametrize("use", USES)
    def test_a_closed_store_raises_store_closed(self, store: Store, use: str, *, is_used: bool) -> None:
        if is_used:
            commit(store, thing("a"))
        for _ in range(3):
            store.close()
            with pytest.raises(StoreClosed, match="closed"):
                USES[use](store)

    def test_a_store_that_is_closed_by_several_during_use_answers_or_is_closed(self, store: Store) -> None:
        """No error but `StoreClosed` is raised, whatever the driver does, and no change is written in part."""
        started = Event()
        commit(store, thing("a"))

        def use(place: int) -> None:
            for number in range(5 * WRITES):
                try:
                    commit(store, count("hall", 1), count(f"{place}", 1))
                    hall, mine = store.read([CountersByKey("places", ["hall"]), CountersByKey("places", [f"{place}"])])
                    assert mine[0] == number + 1 <= hall[0]
                    store.feed(BEGINNING, limit=1)
                except StoreClosed:
                    return
                started.set()

        def end() -> None:
            started.wait()
            store.close()

        tasks: list[Callable[[], None]] = [*(partial(use, place) for place in range(3)), end, end]
        at_once(tasks)
        assert [error_of(store, use) for use in USES] == ["closed"] * len(USES)

    @case(means="failing")
    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_closing_raises_no_error_of_the_driver(self, store: Store, failing: Failing, steps: int) -> None:
        commit(store, thing("a"))
        assert record(store, "a") == row_of(thing("a"))
        with failing(store, steps):
            store.close()
            assert error_of(store, "read by key") == "closed"
        store.close()
        assert [error_of(store, use) for use in USES] == ["closed"] * len(USES)

    @pytest.mark.parametrize("use", USES)
    def test_a_forked_child_gets_an_error_at_once(self, store: Store, use: str) -> None:
        commit(store, thing("a"), count("hall", 1))

        def child() -> str:
            first = error_of(store, use)
            store.close()
            return f"{first} {error_of(store, use) or 'nothing'}"

        if CAN_FORK:
            assert forked(child) in {"error error", "error closed"}
        assert [record(store, "a"), record(store, "late")] == [row_of(thing("a")), None]
        assert error_of(store, use) == ""
        assert commit(store, count("hall", 1)) is None

    def test_a_child_forked_while_others_are_inside_a_method_gets_an_error_at_once(self, store: Store) -> None:
        """If another thread holds a lock as the child is made, the child's copy of it stays locked for ever."""
        done = Event()
        commit(store, count("hall", 1))

        def write() -> list[str]:
            batch = [change(count(f"{place}", 1), entry("log", "x" * 100)) for place in range(WRITES)]
            while not done.is_set():
                store.commit(batch)
            return []

        def read() -> list[str]:
            while not done.is_set():
                store.read([CountersByKey("places", [f"{place}" for place in range(WRITES)])])
                store.feed(BEGINNING, limit=WRITES)
            return []

        def child() -> Iterator[str]:
            return (f"{use}: {error_of(store, use) or 'nothing'}\n" for use in USES)

        def fork() -> list[str]:
            try:
                return [forked(child) for _ in range(FORKS)] if CAN_FORK else []
            finally:
                done.set()

        *_, found = at_once([write, read, fork])
        expected = "".join(f"{use}: error\n" for use in USES)
        for report in found:
            assert report == expected, (
                f"the child got, method by method:\n{report}\nexpected an error from each at once"
            )
        assert commit(store, count("hall", 1)) is None
        assert value(store, "hall") == 2

    @case(needs=SHARED)
    def test_a_child_that_closes_its_copy_lets_nobody_into_the_commits_of_its_parent(
        self, open_again: OpenAgain
    ) -> None:
        """The child may share the parent's lock of a file; closing the copy must not release it."""
        handles, done = [open_again(), open_again()], Event()
        for handle in handles:
            commit(handle, count("hall", 1))

        def write(handle: Store, name: str) -> int:
            batches = 0
            while not done.is_set():
                keys = [f"{name} {batches} {place}" for place in range(WRITES)]
                written(handle, [change(thing(key), count("hall", 1), entry("log", key)) for key in keys])
                batches += 1
            return batches * WRITES

        def child() -> str:
            handles[0].close()
            return "closed"

        def fork() -> int:
            try:
                assert {forked(child) for _ in range(CLOSING_FORKS * CAN_FORK)} <= {"closed"}
            finally:
                done.set()
            return 0

        tasks: list[Callable[[], int]] = [partial(write, handles[0], "one"), partial(write, handles[1], "other"), fork]
        acknowledged = sum(at_once(tasks))
        for handle in (*handles, open_again()):
            found = value(handle, "hall") - 2, len(stream(handle, "log")), len(keys_listed(handle, None))
            assert found == (acknowledged,) * 3, f"{acknowledged} changes were acknowledged, and {found} are there"
