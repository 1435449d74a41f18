"""The log: entries of a stream in their order, and the feed of all of them, position by position."""

from collections.abc import Callable

import pytest

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.ports.primitives import EntriesOfStreams, LogEntry
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.base import Means, OpenAgain, PruneLog, StoreCases, StoreOpener
from traffic_booking.testing.store.reading_feed import bodies, entries_behind, page
from traffic_booking.testing.store.sample_schema import MANY, change, commit, count, entry, stream, thing, written
from traffic_booking.testing.suite import case

FAR = 2**40
MANY_ENTRIES = 1_300


class LogCases(StoreCases):
    """Streams and the feed."""

    def test_entries_of_a_stream_come_in_their_order_with_kind_and_body(self, store: Store) -> None:
        written(store, [change(entry("log", f"{n}", kind=f"kind-{n % 3}"), entry("beside", "x")) for n in range(9)])
        assert stream(store, "log") == [(f"kind-{n % 3}", f"{n}") for n in range(9)]
        assert stream(store, "beside") == [("noted", "x")] * 9
        assert stream(store, "absent") == []

    def test_the_same_entry_twice_is_two(self, store: Store) -> None:
        commit(store, entry("log", "same"), entry("log", "same"))
        commit(store, entry("log", "same"))
        written(store, [change(entry("log", "same")), change(entry("log", "same"))])
        assert stream(store, "log") == [("noted", "same")] * 5
        assert len({each.position for each in entries_behind(store, BEGINNING, 5)}) == 5

    def test_entries_of_a_change_in_conflict_are_not_in_the_log(self, store: Store) -> None:
        assert commit(store, entry("log", "lost"), count("hall", -1)) is not None
        commit(store, entry("log", "kept"))
        assert stream(store, "log") == [("noted", "kept")]
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["kept"]

    def test_the_feed_has_the_entries_of_all_streams_in_the_order_of_their_commits(self, store: Store) -> None:
        for place in range(12):
            commit(store, entry(f"stream {place % 3}", f"{place}", kind=f"{place % 2}"), thing(f"{place}"))
        found = entries_behind(store, BEGINNING, 12)
        assert [(each.stream, each.kind, each.body) for each in found] == [
            (f"stream {place % 3}", f"{place % 2}", f"{place}") for place in range(12)
        ]

    def test_a_stream_and_the_feed_have_the_same_entries_with_the_same_positions(self, store: Store) -> None:
        for place in range(8):
            commit(store, entry(f"stream {place % 2}", f"{place}"))
        of_feed = entries_behind(store, BEGINNING, 8)
        (streams,) = store.read([EntriesOfStreams(["stream 0", "stream 1"])])
        for place, entries in enumerate(streams):
            assert [LogEntry(*each) for each in entries] == [e for e in of_feed if e.stream == f"stream {place}"]
            assert all(isinstance(each.position, FeedPosition) for each in entries)

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

    @pytest.mark.parametrize(("limit", "wanted"), [(-5, 0), (-1, 0), (0, 0), (1, 1), (4, 4), (7, 7), (8, 7), (MANY, 7)])
    def test_a_limit_takes_the_first_entries(self, store: Store, limit: int, wanted: int) -> None:
        written(store, [change(entry("log", f"{place}")) for place in range(7)])
        entries_behind(store, BEGINNING, 7)
        assert bodies(page(store, BEGINNING, limit).entries) == [f"{place}" for place in range(wanted)]

    def test_the_feed_goes_on_behind_any_position(self, store: Store) -> None:
        for place in range(7):
            commit(store, entry("log", f"{place}"))
        found = entries_behind(store, BEGINNING, 7)
        for place, each in enumerate(found):
            assert list(page(store, each.position, 100).entries) == found[place + 1 :]
            assert list(page(store, each.position, 2).entries) == found[place + 1 : place + 3]
        assert list(page(store, page(store, BEGINNING, 0).complete_until, 9).entries) == []

    def test_entries_of_one_batch_have_positions_of_their_own(self, store: Store) -> None:
        written(store, [change(*(entry("log", f"{10 * n + place}") for place in range(3))) for n in range(4)])
        found = entries_behind(store, BEGINNING, 12)
        assert bodies(found) == [body for _, body in stream(store, "log")]
        for place, each in enumerate(found):
            assert list(page(store, each.position, 1).entries) == found[place + 1 : place + 2]

    def test_a_long_feed_comes_whole_and_page_by_page(self, store: Store) -> None:
        wanted = [f"{place}" for place in range(MANY_ENTRIES)]
        for first in range(0, MANY_ENTRIES, 130):
            written(store, [change(entry(f"s{body}", body)) for body in wanted[first : first + 130]])
        whole = entries_behind(store, BEGINNING, MANY_ENTRIES)
        assert bodies(whole) == wanted
        found: list[LogEntry] = []
        while len(found) < MANY_ENTRIES:
            entries = page(store, found[-1].position if found else BEGINNING, 170).entries
            assert len(entries) == min(170, MANY_ENTRIES - len(found))
            found += entries
        assert found == whole

    def test_entries_that_come_later_stand_behind_what_was_complete(self, store: Store) -> None:
        for place in range(6):
            before = page(store, BEGINNING, 100).complete_until
            commit(store, entry("log", f"{place}"))
            assert bodies(entries_behind(store, before, 1)) == [f"{place}"]

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
    def test_entries_that_were_removed_are_passed_over(self, store: Store, prune_log: PruneLog) -> None:
        written(store, [change(entry("log", f"{place}")) for place in range(6)])
        found = entries_behind(store, BEGINNING, 6)
        prune_log(store, 2)
        assert list(page(store, BEGINNING, 9).entries) == found[2:]
        assert list(page(store, found[0].position, 9).entries) == found[2:]
        assert list(page(store, found[3].position, 9).entries) == found[4:]

    @case(means="prune_log")
    def test_entries_that_were_removed_have_left_their_streams_as_well(self, store: Store, prune_log: PruneLog) -> None:
        written(store, [change(entry(f"{place % 3}", f"{place}")) for place in range(9)])
        for left in (9, 7, 2, 0):
            (before,) = store.read([EntriesOfStreams(["0", "1", "2"])])
            prune_log(store, sum(map(len, before)) - left)
            bodies_left = [f"{place}" for place in range(9 - left, 9)]
            assert bodies(page(store, BEGINNING, 10).entries) == bodies_left
            for name in ("0", "1", "2"):
                wanted = [body for body in bodies_left if f"{int(body) % 3}" == name]
                found = [body for _, body in stream(store, name)]
                assert found == wanted, f"stream {name}: got the entries {found}; expected {wanted}, as in the feed"
        commit(store, entry("0", "new"))
        assert stream(store, "0") == [("noted", "new")]

    @case(means="prune_log")
    def test_entries_after_a_log_that_was_emptied_have_later_positions(self, store: Store, prune_log: PruneLog) -> None:
        for round_ in range(3):
            written(store, [change(entry("log", f"{round_}"), entry("log", f"{round_}")) for _ in range(4)])
            found = entries_behind(store, BEGINNING, 8)
            last = found[-1].position
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
            found, complete = _reader_went_on(store)
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
            found, complete = _reader_went_on(store)
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
        assert bodies(entries_behind(younger, BEGINNING, 9)) == [f"{place}" for place in range(9)]
        assert [body for _, body in stream(younger, "log")] == [f"{place}" for place in range(9)]


def _reader_went_on(store: Store) -> tuple[list[LogEntry], FeedPosition]:
    """What a reader gets from the beginning, and where it will go on."""
    found: list[LogEntry] = []
    after = BEGINNING
    for _ in range(10):
        read = page(store, after, 2)
        found += read.entries
        after = read.entries[-1].position if read.entries else read.complete_until
    return found, after
