"""What readers see while others write: one moment, whole batches, and everything that was committed before."""

from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

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
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import RACERS, at_once, race
from traffic_booking.testing.store.base import OpenAgain, StoreCases
from traffic_booking.testing.store.process_race import PROCESSES
from traffic_booking.testing.store.sample_schema import (
    Part,
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
from traffic_booking.testing.suite import case

LARGE = 1_000
BATCHES = 8
ROUNDS = 60
LEAST_READS = 20
"""So that a reader has read a few times, however fast the writer is."""

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

    def writing() -> list[Any]:
        try:
            write()
        finally:
            done.set()
        return []

    def reading() -> list[Any]:
        found: list[Any] = []
        while not done.is_set() or len(found) < LEAST_READS:
            found.append(read())
        return found

    return [each for found in at_once([writing, *[reading] * readers]) for each in found]


class SnapshotCases(StoreCases):
    """Readers beside writers."""

    def test_all_answers_of_one_read_are_of_one_moment(self, store: Store) -> None:
        """A writer raises everything by one, change by change; a reader never sees two numbers."""
        _raise(store, 0)
        _check_moments(while_writing(lambda: _raise_often(store), lambda: _seen(store)))

    @case(needs=[Capability.BATCH])
    def test_a_batch_is_seen_whole_or_not_at_all(self, store: Store) -> None:
        """A thousand changes raise a counter each; the first, the last and those between are always alike."""
        keys = [f"{place:04d}" for place in range(LARGE)]
        queries: list[Query] = [
            CountersByKey("places", keys),
            RecordsByKey("things", [keys[-1], keys[LARGE // 2], keys[0]]),
            CountersByRange("places", [KeySpan()]),
        ]

        def write() -> None:
            for round_ in range(BATCHES):
                written(store, [change(count(key, 1), thing(key, round_), entry("log", key)) for key in keys])

        def read() -> set[int]:
            counted, rows, ranged = store.read(queries)
            versions = {row[1] if row else 0 for row in rows}
            in_range = [number for _, number in ranged[0]]
            return {*counted, *versions, *in_range, *[0] * (LARGE - len(in_range))}

        apart = [sorted(seen) for seen in while_writing(write, read) if len(seen) > 1]
        assert not apart, f"a reader saw {apart[0]} at one moment; expected a batch of {LARGE} whole or not at all"
        assert value(store, keys[-1]) == BATCHES

    @case(needs=[Capability.BATCH])
    def test_a_stream_and_a_list_have_a_batch_whole_or_not_at_all(self, store: Store) -> None:
        sizes: set[int] = set()

        def write() -> None:
            for round_ in range(BATCHES):
                written(store, [change(thing(f"{round_}/{n}"), entry("log", "x")) for n in range(LARGE // 4)])

        def read() -> list[int]:
            streams, rows = store.read([EntriesOfStreams(["log"]), RecordsByIndex("things", "by_size", [Span()])])
            return [len(streams[0]), len(rows[0]), len(store.feed(BEGINNING, limit=LARGE * BATCHES).entries)]

        for seen in while_writing(write, read):
            sizes.update(seen)
        assert {size % (LARGE // 4) for size in sizes} == {0}, f"readers saw {sorted(sizes)} of batches of {LARGE // 4}"

    def test_each_thread_reads_what_it_has_just_written(self, store: Store) -> None:
        def write_and_read(place: int) -> bool:
            for version in range(ROUNDS // 4):
                key = f"{place}"
                commit(store, thing(key, version, kind=key, size=version), count(key, 1), entry(key, f"{version}"))
                row = record(store, key)
                seen = row and row[1], value(store, key), len(stream(store, key))
                if seen != (version + 1,) * 3 or keys_listed(store, "by_kind_and_size", Span((key,), version)) != [key]:
                    return False
            return True

        assert race(write_and_read) == [True] * RACERS

    def test_a_commit_that_returned_is_seen_by_every_thread(self, store: Store) -> None:
        """Each counts up what it reads of its neighbour; nobody ever reads less than was acknowledged."""
        acknowledged = [0] * RACERS

        def count_up(place: int) -> list[str]:
            for number in range(1, ROUNDS // 3):
                commit(store, count(f"{place}", 1))
                acknowledged[place] = number
                neighbour = (place + 1) % RACERS
                least = acknowledged[neighbour]
                found = value(store, f"{neighbour}")
                if found < least:
                    return [f"read {found}; expected at least {least}"]
            return []

        assert race(count_up) == [[]] * RACERS

    def test_counters_moved_up_and_down_by_many_add_up(self, store: Store) -> None:
        def move(_: int) -> int:
            ceiling = RACERS * ROUNDS
            return sum(commit(store, count("hall", delta, ceiling)) is None for _ in range(10) for delta in (1, 2, -1))

        assert race(move) == [30] * RACERS
        assert value(store, "hall") == RACERS * 20

    @case(needs=[Capability.CROSS_PROCESS, Capability.DURABLE])
    def test_a_reader_of_another_handle_sees_one_moment_too(self, open_again: OpenAgain) -> None:
        writer, *readers = [open_again() for _ in range(PROCESSES)]
        _raise(writer, 0)
        turns = iter(range(10**9))
        _check_moments(while_writing(lambda: _raise_often(writer), lambda: _seen(readers[next(turns) % len(readers)])))


def _check_moments(found: Sequence[Sequence[int]]) -> None:
    apart = [seen for seen in found if len(set(seen)) > 1]
    assert not apart, f"one read gave {apart[0]}; expected one number: the answers of one moment"


def _raise_often(store: Store) -> None:
    for number in range(1, ROUNDS):
        _raise(store, number)


def _raise(store: Store, number: int) -> None:
    """Raise everything from `number` to the next in one change."""
    parts: list[Part] = [
        thing("a", number, size=number + 1, owner="z"),
        thing("z", number, kind="last"),
        guard("north", number, level=number + 1),
        once(f"{number}"),
        count("hall", 1),
        count("hall", 1, counter="other"),
        entry("log", f"{number}"),
    ]
    assert commit(store, *parts) is None


def _seen(store: Store) -> Sequence[int]:
    """The number that each answer of one read shows."""
    keyed, counted, via, listed, ranged, streams, guards, other, last = store.read(OF_ONE_MOMENT)
    ((row,),) = listed
    (((_, in_range),),) = ranged
    by_key = [keyed[0][1], counted[0], via[0][1], guards[0][2], other[0], last[0][1]]
    return [*by_key, row[3], in_range, len(streams[0])]
