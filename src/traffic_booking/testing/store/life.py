"""A store ends with close(); a forked child gets an error at once, and its parent goes on."""

from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from typing import Any

import pytest

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreClosed, StoreError
from traffic_booking.ports.primitives import CountersByKey, EntriesOfStreams, RecordsByIndex, RecordsByKey, Span
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import at_once
from traffic_booking.testing.store.base import Failing, OpenAgain, StoreCases
from traffic_booking.testing.store.forking import CAN_FORK, forked
from traffic_booking.testing.store.sample_schema import (
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
from traffic_booking.testing.suite import case

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
FORKS = 6
"""While others are inside a method; whether one of them has a lock as the child is made is a matter of luck."""
CLOSING_FORKS = 30
WRITES = 40
SHARED = (Capability.CROSS_PROCESS, Capability.DURABLE)


def error_of(store: Store, use: str) -> str:
    """The kind of the library's error with which a use ends, empty if it ends with none."""
    try:
        USES[use](store)
    except StoreError as error:
        return "closed" if isinstance(error, StoreClosed) else "error"
    return ""


class LifeCases(StoreCases):
    """After close(), and in a child."""

    @pytest.mark.parametrize("use", USES)
    def test_a_closed_store_raises_store_closed(self, store: Store, use: str) -> None:
        commit(store, thing("a"))
        store.close()
        for _ in range(2):
            with pytest.raises(StoreClosed, match="closed"):
                USES[use](store)

    @pytest.mark.parametrize("use", USES)
    def test_a_store_that_was_never_used_is_closed_as_well(self, store: Store, use: str) -> None:
        store.close()
        with pytest.raises(StoreClosed, match="closed"):
            USES[use](store)

    def test_closing_twice_is_fine(self, store: Store) -> None:
        commit(store, thing("a"))
        for _ in range(3):
            store.close()

    def test_closing_by_several_at_once_is_fine(self, store: Store) -> None:
        commit(store, thing("a"))
        assert at_once([store.close] * 4) == [None] * 4
        assert [error_of(store, use) for use in USES] == ["closed"] * len(USES)

    def test_a_store_that_is_closed_during_use_answers_or_is_closed(self, store: Store) -> None:
        """No error but `StoreClosed` is raised, whatever the driver does, and no change is written in part."""
        started = Event()
        commit(store, thing("a"))

        def use(place: int) -> list[str]:
            found = []
            for round_ in range(5 * WRITES):
                try:
                    commit(store, count("hall", 1), count(f"{place}", 1))
                    hall, mine = store.read([CountersByKey("places", ["hall"]), CountersByKey("places", [f"{place}"])])
                    assert mine[0] == round_ + 1 <= hall[0]
                    store.feed(BEGINNING, limit=1)
                except StoreClosed:
                    found.append("closed")
                    break
                started.set()
            return found

        def end() -> list[str]:
            started.wait()
            store.close()
            return []

        tasks: list[Callable[[], list[str]]] = [*(partial(use, place) for place in range(3)), end]
        results = at_once(tasks)
        assert {each for found in results for each in found} <= {"closed"}
        assert [error_of(store, use) for use in USES] == ["closed"] * len(USES)

    @case(means="failing")
    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_closing_lets_out_no_error_of_the_driver(self, store: Store, failing: Failing, steps: int) -> None:
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
        if CAN_FORK:
            assert forked(lambda: error_of(store, use)) == "error"
        assert [record(store, "a"), record(store, "late")] == [row_of(thing("a")), None]
        assert error_of(store, use) == ""

    def test_the_parent_goes_on_after_a_child_that_closed_the_store_and_ended(self, store: Store) -> None:
        commit(store, count("hall", 1))

        def child() -> str:
            first = error_of(store, "commit")
            store.close()
            return first + error_of(store, "read by key") + error_of(store, "commit")

        for place in range(3):
            if CAN_FORK:
                assert forked(child).startswith("error")
            assert commit(store, count("hall", 1)) is None
            assert value(store, "hall") == place + 2

    def test_a_child_forked_while_others_are_inside_a_method_gets_an_error_at_once(self, store: Store) -> None:
        """A lock that another thread holds as the child is made is held in the child for ever."""
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
            for use in USES:
                yield f"{use}: "
                yield f"{error_of(store, use) or 'nothing'}\n"

        def fork() -> list[str]:
            try:
                return [forked(child) for _ in range(FORKS)] if CAN_FORK else []
            finally:
                done.set()

        *_, found = at_once([write, read, fork])
        wanted = "".join(f"{use}: error\n" for use in USES)
        for report in found:
            assert report == wanted, f"the child got, method by method:\n{report}\nexpected an error from each at once"
        assert commit(store, count("hall", 1)) is None
        assert value(store, "hall") == 2

    @case(needs=SHARED)
    def test_a_child_that_closes_its_copy_lets_nobody_into_the_commits_of_its_parent(
        self, open_again: OpenAgain
    ) -> None:
        """A lock of a file that the parent has as the child is made may be the child's as well, and end with it."""
        handles, done = [open_again(), open_again()], Event()
        commit(handles[0], count("hall", 1))
        commit(handles[1], count("hall", 1))

        def write(handle: Store, name: str) -> list[str]:
            batches = 0
            while not done.is_set():
                keys = [f"{name} {batches} {place}" for place in range(WRITES)]
                written(handle, [change(thing(key), count("hall", 1), entry("log", key)) for key in keys])
                batches += 1
            return [name] * batches * WRITES

        def child() -> str:
            handles[0].close()
            return "closed"

        def fork() -> list[str]:
            try:
                return [forked(child) for _ in range(CLOSING_FORKS)] if CAN_FORK else []
            finally:
                done.set()

        tasks: list[Callable[[], list[str]]] = [
            partial(write, handles[0], "one"),
            partial(write, handles[1], "other"),
            fork,
        ]
        one, other, reports = at_once(tasks)
        assert set(reports) <= {"closed"}
        acknowledged = len(one) + len(other)
        new = open_again()
        for handle in (*handles, new):
            found = value(handle, "hall") - 2, len(stream(handle, "log")), len(keys_listed(handle, None))
            assert found == (acknowledged,) * 3, f"{acknowledged} changes were acknowledged, and {found} are there"
