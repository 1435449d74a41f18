"""Trims: a stream loses all entries that are in the log, with the rest of its change, and the feed goes on."""

from collections.abc import Callable, Sequence

import pytest

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.ports.primitives import LONGEST_KEY, Delete, EntriesOfStreams, FailedGuard
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import OpenAgain, StoreCases, StoreOpener
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.reading import bodies, entries_behind, page
from traffic_booking.testing.kit.sample_schema import (
    ChangePart,
    Trim,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    once,
    stream,
    thing,
    unchanged,
    written,
)
from traffic_booking.testing.kit.suite import case

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
        found = entries_behind(store, BEGINNING, 8)
        kept = [each for each in found if each.stream == "kept"]
        for _ in range(2):
            assert commit(store, Trim("log"), Trim("absent")) is None
            assert streams(store, ["log", "kept"]) == [[], bodies(kept)]
            assert entries_behind(store, BEGINNING, 4) == kept
        for place, each in enumerate(found):  # a reader goes on from the position of a removed entry, too
            assert list(page(store, each.position, 9).entries) == kept[(place + 1) // 2 :]
            assert list(page(store, each.position, 2).entries) == kept[(place + 1) // 2 :][:2]

    @pytest.mark.parametrize("name", ALIKE, ids=ascii)
    def test_streams_with_names_that_look_alike_stay(self, store: Store, name: str) -> None:
        written(store, [change(*(entry(each, each) for each in ALIKE))])
        assert commit(store, Trim(name)) is None
        assert streams(store, ALIKE) == [[] if each == name else [each] for each in ALIKE]
        assert bodies(entries_behind(store, BEGINNING, len(ALIKE) - 1)) == [each for each in ALIKE if each != name]

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

    @pytest.mark.parametrize("before", [0, 2], ids=["alone", "behind other changes"])
    def test_a_change_in_conflict_trims_nothing(self, store: Store, before: int) -> None:
        written(store, [change(entry("log", "kept"), thing("a"), once("code"), guard("north"))])
        broken: dict[ChangePart, FailedGuard] = {
            count("hall", -1): FULL,
            thing("a", 7): FailedGuard("things", "a", 1),
            Delete("onces", "absent", 1): FailedGuard("onces", "absent", 0),
            unchanged("north", 2): FailedGuard("guards", "north", 1),
        }
        for part, failed in broken.items():
            batch = [change(count("yard", 1))] * before + [change(Trim("log"), part, entry("log", "lost"))]
            assert list(store.commit(batch)) == [None] * before + [conflict(failed)]
            assert stream(store, "log") == [("noted", "kept")]
        assert bodies(entries_behind(store, BEGINNING, 1)) == ["kept"]

    @pytest.mark.parametrize("conflicts", [0, 1], ids=["all written", "with a conflict"])
    def test_a_trim_in_a_batch_removes_the_entries_of_earlier_changes_alone(self, store: Store, conflicts: int) -> None:
        commit(store, entry("log", "stored"), entry("beside", "stored"))
        batch = [
            *[change(Trim("beside"), count("hall", -1), entry("log", "lost"))] * conflicts,
            change(entry("log", "a"), entry("beside", "a"), count("yard", 1)),
            change(Trim("log"), entry("log", "b"), entry("beside", "b"), thing("a")),
            change(Trim("absent"), entry("log", "c"), entry("passing", "c")),
            change(Trim("passing"), entry("beside", "d")),
        ]
        assert list(store.commit(batch)) == [conflict(FULL)] * conflicts + [None] * 4
        left = streams(store, ["log", "beside", "passing"])
        assert left == [["b", "c"], ["stored", "a", "b", "d"], []]
        assert bodies(entries_behind(store, BEGINNING, 6)) == ["stored", "a", "b", "b", "c", "d"]

    def test_positions_of_trimmed_entries_are_not_given_again(self, store: Store) -> None:
        last = BEGINNING
        for time in range(4):
            last = _emptied(store, last, f"{time}")

    @case(needs=[Capability.DURABLE])
    def test_positions_of_trimmed_entries_are_not_given_again_by_a_store_that_is_opened_again(
        self, open_again: OpenAgain
    ) -> None:
        last = BEGINNING
        for time in range(4):
            store = open_again()
            last = _emptied(store, last, f"{time}")
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
