"""Readers beside writers see one moment, whole batches, and everything that was committed before."""

from collections.abc import Callable, Sequence
from itertools import cycle
from threading import Event, Lock
from time import monotonic
from typing import Any, Final

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Span,
    Via,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import SHARED, OpenAgain, StoreCases
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.rounds import PROCESSES, Race, Turn
from traffic_booking.testing.kit.sample_schema import (
    change,
    commit,
    count,
    entry,
    guard,
    keys_listed,
    once,
    record,
    stream,
    thing,
    value,
    written,
)
from traffic_booking.testing.kit.suite import case
from traffic_booking.testing.racing import PATIENCE_SECONDS, RACERS, at_once, race

LARGE: Final = 1_000
BATCHES: Final = 4
WRITES: Final = 60
LEAST_READS: Final = 20
"""So that a reader has read a few times, however fast the writer is."""
SEEN: Final = (0, 1, LARGE // 2, LARGE - 2, LARGE - 1)
"""The changes that a racing reader looks at: a few, so that it reads often while the batch is written."""
OF_ONE_MOMENT = (
    RecordsByKey("things", ["a"]),
    CountersByKey("places", ["hall"]),
    RecordsByKey("things", [Via("things", "a", "owner")]),
    RecordsByIndex("things", "by_kind_and_size", [Span(("kind",))]),
    CountersByRange("places", [KeySpan("hall", "hall~")]),
    EntriesOfStreams(["log"]),
    RecordsByKey("guards", ["north"]),
    CountersByKey("other", ["hall"]),
    RecordsByKey("things", ["z"]),
)


def while_writing(write: Callable[[], None], read: Callable[[], Any], readers: int = 2) -> list[Any]:
    """All that the readers read while one writes, and a little longer."""
    done = Event()

    found: list[Any] = []

    def writing() -> None:
        try:
            write()
        finally:
            done.set()

    def reading() -> None:
        times = 0
        while not done.is_set() or times < LEAST_READS:
            found.append(read())
            times += 1

    at_once([writing, *[reading] * readers])
    return found


class SnapshotCases(StoreCases):
    """Readers beside writers."""

    def test_all_answers_of_one_read_are_of_one_moment(self, store: Store) -> None:
        """A writer raises everything by one, change by change; a reader never sees two numbers."""
        _check_moments([store])

    @case(needs=SHARED)
    def test_a_reader_of_another_handle_sees_one_moment_too(self, open_again: OpenAgain) -> None:
        _check_moments([open_again() for _ in range(PROCESSES)])

    @case(needs=[Capability.BATCH])
    def test_a_batch_is_seen_whole_or_not_at_all(self, store: Store) -> None:
        """A thousand changes raise a counter each; the first, the last and those between are always alike."""
        keys = [f"{place:04d}" for place in range(LARGE)]
        queries: list[Query] = [
            CountersByKey("places", keys),
            RecordsByKey("things", [keys[-1], keys[LARGE // 2], keys[0]]),
            CountersByRange("places", [KeySpan()]),
            RecordsByIndex("things", "by_size", [Span()]),
            EntriesOfStreams(["log"]),
        ]

        def write() -> None:
            for version in range(BATCHES):
                changes = (change(count(key, 1), thing(key, version, size=1), entry("log", key)) for key in keys)
                written(store, changes)

        def read() -> set[int]:
            counted, rows, ranged, listed, streams = store.read(queries)
            versions = {row[1] if row else 0 for row in (*rows, *(listed[0] or rows))}
            in_range = [number for _, number in ranged[0]] or [0]
            assert {len(ranged[0]), len(listed[0])} <= {0, LARGE}, "a list has a part of a batch"
            sizes = len(streams[0]), len(store.feed(BEGINNING, limit=LARGE * BATCHES).entries)
            assert [size % LARGE for size in sizes] == [0, 0], f"{sizes} entries; expected batches of {LARGE}"
            return {*counted, *versions, *in_range, len(streams[0]) // LARGE}

        apart = [sorted(seen) for seen in while_writing(write, read) if len(seen) > 1]
        assert not apart, f"a reader saw {apart[0]} at one moment; expected a batch of {LARGE} whole or not at all"
        assert value(store, keys[-1]) == BATCHES

    def test_a_commit_that_returned_is_seen_by_its_own_and_every_other_thread(self, store: Store) -> None:
        acknowledged = [0] * RACERS

        def write_and_read(place: int) -> None:
            key, neighbour = f"{place}", (place + 1) % RACERS
            for version in range(WRITES // 3):
                commit(store, thing(key, version, kind=key, size=version), count(key, 1), entry(key, f"{version}"))
                acknowledged[place] = version + 1
                row, least = record(store, key), acknowledged[neighbour]
                seen = row and row[1], value(store, key), len(stream(store, key))
                assert seen == (version + 1,) * 3, f"read {seen}; expected {version + 1} writes of the same thread"
                assert keys_listed(store, "by_kind_and_size", Span((key,), version)) == [key]
                assert value(store, f"{neighbour}") >= least, f"read less than the {least} writes of another thread"

        race(write_and_read)


def _check_moments(handles: Sequence[Store]) -> None:
    """One handle writes, and the last ones read; each read has the answers of one moment."""
    writer, readers, turn = handles[0], cycle(handles[1:] or handles), Lock()

    def raise_all(number: int) -> None:
        result = commit(
            writer,
            *(thing("a", number, size=number + 1, owner="z"), thing("z", number, kind="last"), once(f"{number}")),
            *(guard("north", number, level=number + 1), count("hall", 1), count("hall", 1, counter="other")),
            entry("log", f"{number}"),
        )
        assert result is None

    def seen() -> set[int]:
        with turn:
            reader = next(readers)
        keyed, counted, via, listed, ranged, streams, guards, other, last = reader.read(OF_ONE_MOMENT)
        ((row,),) = listed
        (((_, in_range),),) = ranged
        by_key = [keyed[0][1], counted[0], via[0][1], guards[0][2], other[0], last[0][1]]
        return {*by_key, row[3], in_range, len(streams[0])}

    def raise_often() -> None:
        for number in range(1, WRITES):
            raise_all(number)

    raise_all(0)
    apart = [each for each in while_writing(raise_often, seen) if len(each) > 1]
    assert not apart, f"one read gave {apart[0]}; expected one number: the answers of one moment"


def _key(number: int, place: int) -> str:
    return f"{number}/{place:04d}"


def _flags(store: Store, number: int) -> list[bool]:
    """True if each part of the changes in `SEEN` is there, all of one moment."""
    keys = [_key(number, place) for place in SEEN]
    queries: list[Query] = [RecordsByKey("things", keys), RecordsByKey("onces", keys), EntriesOfStreams(keys)]
    queries.append(CountersByKey("places", keys))
    return [bool(part) for answer in store.read(queries) for part in answer]


class BatchBesideReaders(Race):
    """The first writes a batch; each of the others reads until a part of it is there."""

    name = "a batch beside readers"
    rounds = 6

    def warm(self, store: Store, number: int) -> list[bool]:
        return _flags(store, number)

    def attempt(self, store: Store, turn: Turn) -> list[bool]:
        if turn.place == 0:
            keys = [_key(turn.round, place) for place in range(LARGE)]
            written(store, [change(thing(key), once(key), count(key, 1), entry(key, "x")) for key in keys])
        until = monotonic() + PATIENCE_SECONDS
        while True:
            flags = _flags(store, turn.round)
            if any(flags) or monotonic() > until:
                return flags

    def check(self, store: Store, number: int, results: list[list[bool]]) -> None:
        for flags in (*results, _flags(store, number)):
            assert all(flags), (
                f"a reader saw {sum(flags)} of {len(flags)} parts of a batch of {LARGE} changes at one moment;"
                " expected all or none"
            )


BATCH_RACE: Final = BatchBesideReaders()
