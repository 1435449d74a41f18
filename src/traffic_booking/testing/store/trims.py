"""Trims: a stream loses all entries that are in the log, with the rest of its change, and the feed goes on."""

from collections.abc import Callable, Sequence

import pytest

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.ports.primitives import LONGEST_KEY, Delete, EntriesOfStreams, FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.store.base import OpenAgain, StoreCases, StoreOpener
from traffic_booking.testing.store.reading_feed import bodies, entries_behind, page
from traffic_booking.testing.store.sample_schema import (
    Part,
    Trim,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    once,
    record,
    stream,
    thing,
    unchanged,
    value,
    written,
)
from traffic_booking.testing.suite import case

ALIKE = ("a", "A", "a ", "ab", "a%", "a_", "a*", "%", "_", "*", "á", "a\u0301", "\U0001d51e", "a" * LONGEST_KEY)
"""Names of streams that a careless comparison takes for each other."""
MANY_STREAMS = 1_100
FULL = FailedGuard("places", "hall", 0)


def streams(store: Store, names: Sequence[str]) -> list[list[str]]:
    """The bodies of the entries of streams."""
    (found,) = store.read([EntriesOfStreams(names)])
    return [bodies(entries) for entries in found]


class TrimCases(StoreCases):
    """Trims alone, in changes, in batches, and beside the feed."""

    def test_a_trimmed_stream_is_empty_and_has_left_the_feed(self, store: Store) -> None:
        written(store, [change(entry("log", f"{n}"), entry("kept", f"kept {n}")) for n in range(4)])
        kept = [each for each in entries_behind(store, BEGINNING, 8) if each.stream == "kept"]
        assert commit(store, Trim("log")) is None
        assert streams(store, ["log", "kept"]) == [[], bodies(kept)]
        assert entries_behind(store, BEGINNING, 4) == kept
        for place, each in enumerate(kept):
            assert list(page(store, each.position, 9).entries) == kept[place + 1 :]

    @pytest.mark.parametrize("name", ALIKE, ids=ascii)
    def test_streams_with_names_that_look_alike_stay(self, store: Store, name: str) -> None:
        written(store, [change(*(entry(each, each) for each in ALIKE))])
        assert commit(store, Trim(name)) is None
        assert streams(store, ALIKE) == [[] if each == name else [each] for each in ALIKE]
        assert bodies(entries_behind(store, BEGINNING, len(ALIKE) - 1)) == [each for each in ALIKE if each != name]

    def test_a_stream_without_entries_can_be_trimmed(self, store: Store) -> None:
        commit(store, entry("log", "x"))
        assert commit(store, Trim("absent")) is None
        for _ in range(2):
            assert commit(store, Trim("log"), thing("a", value(store, "hall")), count("hall", 1)) is None
        assert (stream(store, "log"), record(store, "a") is not None) == ([], True)

    def test_a_trimmed_stream_can_be_appended_to_again(self, store: Store) -> None:
        for place in range(4):
            commit(store, entry("log", f"{place}"), entry("beside", f"{place}"))
            assert stream(store, "log") == [("noted", f"{place}")]
            commit(store, Trim("log"))
            assert stream(store, "log") == []
        commit(store, entry("log", "last"))
        assert (stream(store, "log"), len(stream(store, "beside"))) == ([("noted", "last")], 4)
        assert bodies(entries_behind(store, BEGINNING, 5)) == ["0", "1", "2", "3", "last"]

    def test_the_entries_of_a_change_stand_behind_its_trims(self, store: Store) -> None:
        commit(store, entry("log", "old"), entry("beside", "old"))
        assert commit(store, Trim("log"), entry("log", "new"), entry("beside", "new")) is None
        assert streams(store, ["log", "beside"]) == [["new"], ["old", "new"]]
        assert bodies(entries_behind(store, BEGINNING, 3)) == ["old", "new", "new"]

    def test_a_long_stream_and_many_streams_are_trimmed_whole(self, store: Store) -> None:
        names = [f"stream {place}" for place in range(MANY_STREAMS)]
        written(store, [change(entry("log", name), entry(name, name)) for name in names])
        commit(store, entry("kept", "kept"))
        assert commit(store, *map(Trim, (*names, "log"))) is None
        assert streams(store, [*names, "log"]) == [[]] * (MANY_STREAMS + 1)
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["kept"]

    @pytest.mark.parametrize("place", [0, 1], ids=["alone", "behind another change"])
    def test_a_change_in_conflict_trims_nothing(self, store: Store, place: int) -> None:
        written(store, [change(entry("log", "kept"), thing("a"), once("code"), guard("north"))])
        broken: dict[Part, FailedGuard] = {
            count("hall", -1): FULL,
            thing("a", 7): FailedGuard("things", "a", 1),
            Delete("onces", "absent", 1): FailedGuard("onces", "absent", 0),
            unchanged("north", 2): FailedGuard("guards", "north", 1),
        }
        before = [change(count("yard", 1)), change()][: 2 * place]
        for part, failed in broken.items():
            failing = change(Trim("log"), part, entry("log", "lost"))
            assert list(store.commit([*before, failing])) == [None] * len(before) + [conflict(failed)]
            assert stream(store, "log") == [("noted", "kept")]
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["kept"]

    @pytest.mark.parametrize("conflicts", [False, True], ids=["all written", "with a conflict"])
    def test_a_trim_in_a_batch_removes_what_earlier_changes_appended(self, store: Store, conflicts: bool) -> None:  # noqa: FBT001 - a case
        commit(store, entry("log", "stored"), entry("beside", "stored"))
        batch = [
            change(entry("log", "a"), entry("beside", "a"), count("yard", 1)),
            change(entry("beside", "b")),
            change(Trim("log"), entry("beside", "c"), thing("a")),
            *[change(Trim("beside"), count("hall", -1))] * conflicts,
        ]
        assert list(store.commit(batch)) == [None] * 3 + [conflict(FULL)] * conflicts
        assert streams(store, ["log", "beside"]) == [[], ["stored", "a", "b", "c"]]
        assert bodies(entries_behind(store, BEGINNING, 4)) == ["stored", "a", "b", "c"]

    @pytest.mark.parametrize("conflicts", [False, True], ids=["all written", "with a conflict"])
    def test_changes_behind_a_trim_append_to_the_stream_again(self, store: Store, conflicts: bool) -> None:  # noqa: FBT001 - a case
        commit(store, entry("log", "stored"))
        batch = [
            *[change(Trim("log"), count("hall", -1), entry("log", "lost"))] * conflicts,
            change(entry("log", "a")),
            change(Trim("log"), entry("log", "b")),
            change(entry("log", "c"), entry("beside", "c")),
            change(Trim("absent"), entry("log", "d")),
        ]
        assert list(store.commit(batch)) == [conflict(FULL)] * conflicts + [None] * 4
        assert streams(store, ["log", "beside"]) == [["b", "c", "d"], ["c"]]
        assert bodies(entries_behind(store, BEGINNING, 4)) == ["b", "c", "c", "d"]

    def test_a_batch_of_appends_and_trims_in_turn_leaves_what_the_last_appended(self, store: Store) -> None:
        batch = [part for place in range(300) for part in (change(entry("log", f"{place}")), change(Trim("log")))]
        written(store, [*batch, change(entry("log", "last"))])
        assert stream(store, "log") == [("noted", "last")]
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["last"]

    def test_positions_of_trimmed_entries_are_not_given_again(self, store: Store) -> None:
        last = BEGINNING
        for round_ in range(4):
            last = _emptied(store, last, f"{round_}")

    @case(needs=[Capability.DURABLE])
    def test_positions_of_trimmed_entries_are_not_given_again_by_a_store_that_is_opened_again(
        self, open_again: OpenAgain
    ) -> None:
        last = BEGINNING
        for round_ in range(4):
            store = open_again()
            last = _emptied(store, last, f"{round_}")
            store.close()

    @case(means="restored")
    def test_a_reader_of_trimmed_entries_goes_on_in_a_store_that_was_restored_from_a_dump(
        self, store: Store, open_again: OpenAgain, restored: Callable[[], StoreOpener]
    ) -> None:
        commit(store, entry("kept", "kept"))
        commit(store, entry("log", "passing"))
        last = entries_behind(store, BEGINNING, 2)[-1].position
        commit(store, Trim("log"), Trim("kept"))
        younger = open_again(by=restored())
        assert list(page(younger, last, 9).entries) == []
        for place in range(3):
            commit(younger, entry("log", f"{place}"))
        assert bodies(entries_behind(younger, last, 3)) == ["0", "1", "2"]

    def test_a_reader_goes_on_from_the_position_of_a_trimmed_entry(self, store: Store) -> None:
        for place in range(3):
            commit(store, entry("log", f"{place}"))
            commit(store, entry("kept", f"{place}"))
        found = entries_behind(store, BEGINNING, 6)
        commit(store, Trim("log"))
        commit(store, entry("kept", "new"))
        for place, each in enumerate(found):
            wanted = [*bodies(later for later in found[place + 1 :] if later.stream == "kept"), "new"]
            assert bodies(entries_behind(store, each.position, len(wanted))) == wanted

    def test_a_page_that_a_limit_cuts_is_filled_with_what_is_left(self, store: Store) -> None:
        written(store, [change(entry("log" if place % 3 else "kept", f"{place}")) for place in range(30)])
        entries_behind(store, BEGINNING, 30)
        commit(store, Trim("log"))
        wanted = [f"{place}" for place in range(0, 30, 3)]
        assert bodies(page(store, BEGINNING, 4).entries) == wanted[:4]
        assert bodies(page(store, page(store, BEGINNING, 4).entries[-1].position, 99).entries) == wanted[4:]


def _emptied(store: Store, last: FeedPosition, body: str) -> FeedPosition:
    """The last position of entries that were appended behind `last`, and removed so that the log is empty."""
    commit(store, entry("log", body), entry("beside", body))
    commit(store, entry("log", body))
    found = entries_behind(store, last, 3)
    assert entries_behind(store, BEGINNING, 3) == found
    assert commit(store, Trim("log"), Trim("beside")) is None
    complete = page(store, found[-1].position, 9).complete_until
    assert complete >= found[-1].position, f"complete_until went back to {complete} from {found[-1].position}"
    assert list(page(store, BEGINNING, 9).entries) == []
    return found[-1].position
