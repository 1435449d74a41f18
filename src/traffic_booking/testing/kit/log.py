"""The log: entries of a stream in their order, and the feed of all of them, position by position."""

from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import pytest

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import Means, OpenAgain, PruneLog, StoreCases, StoreOpener
from traffic_booking.testing.kit.reading import PATIENCE_SECONDS, bodies, entries_behind, page
from traffic_booking.testing.kit.rounds import Race, Turn
from traffic_booking.testing.kit.sample_schema import (
    MANY,
    ChangePart,
    Trim,
    change,
    commit,
    count,
    entry,
    stream,
    thing,
    written,
)
from traffic_booking.testing.kit.suite import case

FAR = 2**40
MANY_ENTRIES = 1_300


class LogCases(StoreCases):
    """Streams and the feed."""

    def test_a_stream_and_the_feed_have_the_same_entries_in_the_order_of_their_commits(self, store: Store) -> None:
        for place in range(6):
            names = [f"stream {place % 2}", "other"]
            commit(store, *(entry(name, f"{place}", kind=f"{place % 3}") for name in names), thing(f"{place}"))
        of_feed = entries_behind(store, BEGINNING, 12)
        expected = [(name, f"{n % 3}", f"{n}") for n in range(6) for name in (f"stream {n % 2}", "other")]
        assert [tuple(each[1:]) for each in of_feed] == expected
        names = ["stream 0", "stream 1", "other", "absent"]
        for name, entries in zip(names, store.read([EntriesOfStreams(names)])[0], strict=True):
            assert [LogEntry(*each) for each in entries] == [each for each in of_feed if each.stream == name]
            assert all(isinstance(each.position, FeedPosition) for each in entries)

    def test_the_same_entry_twice_is_two(self, store: Store) -> None:
        commit(store, entry("log", "same"), entry("log", "same"))
        commit(store, entry("log", "same"))
        written(store, [change(entry("log", "same")), change(entry("log", "same"))])
        assert stream(store, "log") == [("noted", "same")] * 5
        assert len({each.position for each in entries_behind(store, BEGINNING, 5)}) == 5

    def test_an_empty_store_has_an_empty_feed(self, store: Store) -> None:
        found = page(store, BEGINNING, 10)
        assert list(found.entries) == [], f"feed of an empty store: got {len(found.entries)} entries; expected none"
        try:
            again = list(page(store, found.complete_until, 10).entries)
        except StoreUnreadable as error:
            raise AssertionError(
                f"feed of an empty store: complete_until is {tuple(found.complete_until)}, and feed after it raised"
                f" StoreUnreadable ({error}); expected a position that the store has reached"
            ) from None
        assert again == [], f"feed after complete_until of an empty store: got {len(again)} entries; expected none"

    @pytest.mark.parametrize(("limit", "expected"), [(-5, 0), (-1, 0), (0, 0), (1, 1), (6, 6), (7, 7), (MANY, 7)])
    def test_a_limit_takes_the_first_entries(self, store: Store, limit: int, expected: int) -> None:
        written(store, [change(entry("log", f"{place}")) for place in range(7)])
        entries_behind(store, BEGINNING, 7)
        assert bodies(page(store, BEGINNING, limit).entries) == [f"{place}" for place in range(expected)]

    def test_the_feed_goes_on_behind_any_position(self, store: Store) -> None:
        for place in range(4):
            before = page(store, BEGINNING, 100).complete_until
            written(store, [change(entry("log", f"{place}")), change(entry("log", f"{place}"), entry("log", "x"))])
            assert bodies(entries_behind(store, before, 3)) == [f"{place}", f"{place}", "x"]
        found = entries_behind(store, BEGINNING, 12)
        for place, each in enumerate(found):
            assert list(page(store, each.position, 100).entries) == found[place + 1 :]
            assert list(page(store, each.position, 2).entries) == found[place + 1 : place + 3]
        assert list(page(store, page(store, BEGINNING, 0).complete_until, 9).entries) == []

    def test_a_long_feed_comes_whole_and_page_by_page(self, store: Store) -> None:
        expected = [f"{place}" for place in range(MANY_ENTRIES)]
        for first in range(0, MANY_ENTRIES, 130):
            written(store, [change(entry("log", body)) for body in expected[first : first + 130]])
        whole = entries_behind(store, BEGINNING, MANY_ENTRIES)
        assert bodies(whole) == [body for _, body in stream(store, "log")] == expected
        found: list[LogEntry] = []
        while len(found) < MANY_ENTRIES:
            entries = page(store, found[-1].position if found else BEGINNING, 170).entries
            assert len(entries) == min(170, MANY_ENTRIES - len(found))
            found += entries
        assert found == whole

    def test_a_position_that_was_not_reached_is_refused(self, store: Store) -> None:
        for place in range(3):
            reached = page(store, BEGINNING, 9).complete_until
            for after in (FeedPosition(reached.generation, reached.place + FAR), FeedPosition(10**6, 0)):
                for limit in (10, 0):
                    with pytest.raises(StoreUnreadable):
                        store.feed(after, limit=limit)
            commit(store, entry("log", f"{place}"))
            entries_behind(store, BEGINNING, place + 1)

    @case(means="prune_log")
    def test_removed_entries_have_left_the_feed_and_their_streams(self, store: Store, prune_log: PruneLog) -> None:
        written(store, [change(entry(f"{place % 3}", f"{place}")) for place in range(9)])
        found = entries_behind(store, BEGINNING, 9)
        for left in (9, 7, 2, 0):
            (before,) = store.read([EntriesOfStreams(["0", "1", "2"])])
            prune_log(store, sum(map(len, before)) - left)
            for place, each in enumerate(found):
                assert list(page(store, each.position, 10).entries) == found[max(place + 1, 9 - left) :]
            for name in ("0", "1", "2"):
                expected = [each.body for each in found[9 - left :] if each.stream == name]
                got = [body for _, body in stream(store, name)]
                assert got == expected, f"stream {name}: got the entries {got}; expected {expected}, as in the feed"
        commit(store, entry("0", "new"))
        assert stream(store, "0") == [("noted", "new")]

    @case(means="prune_log")
    def test_entries_after_a_log_that_was_emptied_have_later_positions(self, store: Store, prune_log: PruneLog) -> None:
        for time in range(3):
            written(store, [change(entry("log", f"{time}"), entry("log", f"{time}")) for _ in range(4)])
            last = entries_behind(store, BEGINNING, 8)[-1].position
            prune_log(store, 8)
            assert page(store, last, 9).complete_until >= last
            assert list(page(store, BEGINNING, 9).entries) == list(page(store, last, 9).entries) == []
            commit(store, entry("log", "new"))
            assert bodies(entries_behind(store, last, 1)) == bodies(page(store, BEGINNING, 9).entries) == ["new"]
            prune_log(store, 1)

    @case(means="slow_writer")
    def test_nothing_is_skipped_of_a_writer_that_commits_late(self, store: Store, slow_writer: Means) -> None:
        commit(store, entry("log", "before"))
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["before"]
        with slow_writer(store):
            written(store, [change(entry("log", f"{place}")) for place in range(3)])
            found, complete = _read_to_end(store)
        found += entries_behind(store, complete, 5 - len(found))
        assert sorted(bodies(found)) == ["0", "1", "2", "before", "late"]

    @case(means="other_database")
    def test_a_transaction_in_another_database_holds_entries_back_and_skips_none(
        self, store: Store, other_database: Means
    ) -> None:
        commit(store, entry("log", "before"))
        entries_behind(store, BEGINNING, 1)
        with other_database(store):
            for place in range(3):
                commit(store, entry("log", f"{place}"))
            found, complete = _read_to_end(store)
            assert stream(store, "log")[1:] == [("noted", f"{place}") for place in range(3)]
        found += entries_behind(store, complete, 4 - len(found))
        assert bodies(found) == ["before", "0", "1", "2"]

    @case(means="restored")
    def test_a_reader_goes_on_in_a_store_that_was_restored_from_a_dump(
        self, store: Store, open_again: OpenAgain, restored: Callable[[], StoreOpener]
    ) -> None:
        for place in range(5):
            commit(store, entry("log", f"{place}"), thing(f"{place}"))
        read = entries_behind(store, BEGINNING, 5)
        younger = open_again(by=restored())
        assert list(page(younger, read[-1].position, 9).entries) == []
        assert bodies(entries_behind(younger, read[1].position, 3)) == ["2", "3", "4"]
        for place in range(5, 9):
            commit(younger, entry("log", f"{place}"), thing(f"{place}"))
        assert bodies(entries_behind(younger, read[-1].position, 4)) == ["5", "6", "7", "8"]
        expected = [f"{place}" for place in range(9)]
        assert bodies(entries_behind(younger, BEGINNING, 9)) == [body for _, body in stream(younger, "log")] == expected


def _read_to_end(store: Store) -> tuple[list[LogEntry], FeedPosition]:
    """The entries that a reader gets from the beginning, and the position where it will go on."""
    found: list[LogEntry] = []
    after = BEGINNING
    for _ in range(10):
        read = page(store, after, 2)
        found += read.entries
        after = read.entries[-1].position if read.entries else read.complete_until
    return found, after


APPENDED: Final = 30
"""Commits of each writer in a round, with two entries each."""
LIMIT: Final = 50
"""Entries a page: readers are mostly at the end of the feed, and its last entries are not yet certain."""


class FollowingTheFeed(Race):
    """The first third follow the feed, from its end before the round; the others append, and some of them trim."""

    name = "following the feed"
    rounds = 2

    def warm(self, store: Store, number: int) -> FeedPosition:  # noqa: ARG002 - a race's signature
        return page(store, BEGINNING, 1).complete_until

    def attempt(self, store: Store, turn: Turn) -> list[str]:
        if turn.place < turn.racers // 3:
            return _followed(store, turn)
        name = f"{turn.round}/{turn.place}"
        mine = [f"{name}/{place:03d}" for place in range(APPENDED)]
        for body in mine:
            trimmed: list[ChangePart] = [Trim(f"past {name}"), entry(f"past {name}", "past")] * (turn.place % 2)
            assert commit(store, count(name, 1), entry(name, body), entry("all", body), *trimmed) is None
        return mine

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        readers = len(results) // 3
        appended = {f"{number}/{place}": results[place] for place in range(readers, len(results))}
        for followed in results[:readers]:
            skipped = Counter(body for mine in appended.values() for body in 2 * mine) - Counter(followed)
            assert not skipped, f"a reader skipped {sorted(skipped)}"
            for name, mine in appended.items():
                in_order = [body for body in followed if body.rpartition("/")[0] == name]
                assert in_order == [body for body in mine for _ in range(2)]
        for name, mine in appended.items():
            assert [body for _, body in stream(store, name)] == mine
            assert len(stream(store, f"past {name}")) <= 1


def _followed(store: Store, turn: Turn) -> list[str]:
    found: list[str] = []
    after = complete = turn.seen
    expected = 2 * APPENDED * (turn.racers - turn.racers // 3)
    until = monotonic() + PATIENCE_SECONDS
    while len(found) < expected and monotonic() < until:
        read = page(store, after, LIMIT)
        assert read.complete_until >= complete, f"complete_until went back to {read.complete_until} from {complete}"
        complete = read.complete_until
        new = [each.body for each in read.entries if each.body.startswith(f"{turn.round}/")]
        if new:
            until = monotonic() + PATIENCE_SECONDS
        found += new
        after = read.entries[-1].position if len(read.entries) == LIMIT else read.complete_until
    return found
