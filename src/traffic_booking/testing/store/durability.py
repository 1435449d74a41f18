"""What was acknowledged is there when the store is opened again: after close() and after a kill."""

from collections.abc import Sequence
from datetime import timedelta
from threading import Event
from typing import Any

from attrs import evolve

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Collection, Column, Counter, Schema
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    Delete,
    EntriesOfStreams,
    FailedGuard,
    KeySpan,
    LogEntry,
    Put,
    Query,
    RecordsByIndex,
    RecordsByKey,
    StoreChange,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.capabilities import Capability
from traffic_booking.testing.racing import PATIENCE_SECONDS
from traffic_booking.testing.sample_changes import START, TICK
from traffic_booking.testing.store.base import OpenAgain, StoreCases, StoreOpener, check_pickles, opened
from traffic_booking.testing.store.process_race import CONTEXT
from traffic_booking.testing.store.reading_feed import bodies, entries_behind
from traffic_booking.testing.store.sample_schema import (
    EVERYTHING,
    GUARDS,
    ONCES,
    SAMPLE,
    THINGS,
    Trim,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    once,
    record,
    row_of,
    stream,
    thing,
    unchanged,
    value,
    written,
)
from traffic_booking.testing.suite import case

BATCHES: tuple[tuple[StoreChange, ...], ...] = (
    (
        change(thing("a", due_at=START + TICK, owner="me"), guard("north"), count("hall", 3), entry("log", "first")),
        change(thing("b"), once("code", "answer", START + timedelta(days=1)), entry("refused", "second", kind="no")),
    ),
    (change(thing("b", 1, body="سطر 😀")), change(count("hall", -1), count("yard", 2, counter="other"))),
    (change(once("spent"), entry("passing", "x"), entry("kept", "last")), change(entry("passing", "y"))),
    (change(Delete("things", "a", 1), guard("north", 1, level=4), count("gone", 1)), change(entry("log", "first"))),
    (change(count("gone", -1), thing("c", kind="light", size=-(2**63), weight=2**63 - 1), unchanged("north", 2)),),
    (change(once("refused", "body")), change(entry("refused", "third", kind="no"))),
    (change(Delete("onces", "spent", 1), Trim("passing")), change(Trim("kept"))),
)
"""A bit of everything, batch by batch."""


def sample_store(store: Store) -> None:
    """Write a bit of everything."""
    for batch in BATCHES:
        written(store, batch)


def everything(store: Store) -> list[Sequence[Any]]:
    """All that `sample_store` writes, positions in the feed included."""
    queries: list[Query] = [
        *(RecordsByIndex(each.name, None, [EVERYTHING]) for each in (THINGS, ONCES, GUARDS)),
        *(RecordsByIndex("things", name, [EVERYTHING]) for name in ("by_size", "by_due")),
        RecordsByKey("things", ["a", "b", "c"]),
        *(CountersByRange(name, [KeySpan()]) for name in ("places", "other")),
        CountersByKey("places", ["hall", "yard", "gone"]),
        EntriesOfStreams(["log", "refused", "passing", "kept"]),
    ]
    return [*store.read(queries), entries_behind(store, BEGINNING, 4)]


def check_sample(store: Store) -> None:
    """Everything that `sample_store` wrote is stored, its guards hold, and the store goes on from it."""
    assert record(store, "a") is None
    assert record(store, "b") == row_of(thing("b", 1, body="سطر 😀"))
    assert record(store, "c") == row_of(thing("c", kind="light", size=-(2**63), weight=2**63 - 1))
    assert record(store, "north", "guards") == row_of(guard("north", 1, level=4))
    assert [value(store, "hall"), value(store, "gone"), value(store, "yard", "other")] == [2, 0, 2]
    assert stream(store, "log") == [("noted", "first")] * 2
    assert stream(store, "refused") == [("no", "second"), ("no", "third")]
    assert (record(store, "spent", "onces"), stream(store, "passing"), stream(store, "kept")) == (None, [], [])
    first = row_of(once("code", "answer", START + timedelta(days=1)))
    assert commit(store, once("code")) == conflict(FailedGuard("onces", "code", 1, first))
    refused = row_of(once("refused", "body"))
    assert commit(store, once("refused")) == conflict(FailedGuard("onces", "refused", 1, refused))
    assert commit(store, thing("b", 1)) == conflict(FailedGuard("things", "b", 2))
    assert commit(store, unchanged("north", 1)) == conflict(FailedGuard("guards", "north", 2))
    assert commit(store, count("hall", 1, 2)) == conflict(FailedGuard("places", "hall", 2))
    last = entries_behind(store, BEGINNING, 4)[-1].position
    assert commit(store, thing("a"), thing("b", 2), count("hall", 1, 3), entry("log", "later")) is None
    assert bodies(entries_behind(store, last, 1)) == ["later"]


WITH_MORE = evolve(
    SAMPLE,
    collections=(*SAMPLE.collections, Collection(name="novelties", key="title", columns=(Column("colour"),))),
    counters=(*SAMPLE.counters, Counter(name="novel")),
)


class DurabilityCases(StoreCases):
    """Opened again."""

    @case(needs=[Capability.DURABLE])
    def test_everything_is_there_when_a_store_is_opened_again(self, open_again: OpenAgain) -> None:
        first = open_again()
        sample_store(first)
        before = everything(first)
        first.close()
        for _ in range(3):
            again = open_again()
            assert everything(again) == before
            again.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_each_commit_is_there_although_nothing_came_after_it(self, open_again: OpenAgain) -> None:
        for batches in range(len(BATCHES)):
            store = open_again()
            written(store, BATCHES[batches])
            store.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_entries_after_opening_again_have_later_positions(self, open_again: OpenAgain) -> None:
        after, wanted = BEGINNING, list[LogEntry]()
        for round_ in range(4):
            store = open_again()
            commit(store, entry("log", f"{round_}"))
            (new,) = entries_behind(store, after, 1)
            after, wanted = new.position, [*wanted, new]
            assert entries_behind(store, BEGINNING, round_ + 1) == wanted
            store.close()

    @case(needs=[Capability.DURABLE])
    def test_a_store_is_opened_with_collections_that_are_new(self, open_again: OpenAgain) -> None:
        first = open_again()
        sample_store(first)
        before = everything(first)
        first.close()
        novelty = Put("novelties", "a", 0, ("red",), "new")
        for schema in (WITH_MORE, SCHEMA, WITH_MORE):
            store = open_again(schema)
            if schema is WITH_MORE:
                assert everything(store) == before
                commit(store, count("a", 1, counter="novel"))
                assert (commit(store, novelty) is None) == (value(store, "a", "novel") == 1)
                assert record(store, "a", "novelties") == row_of(novelty)
            store.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_what_a_killed_process_acknowledged_is_there(self, open_store: StoreOpener, open_again: OpenAgain) -> None:
        check_pickles(open_store)
        receiving, sending = CONTEXT.Pipe(duplex=False)
        writer = CONTEXT.Process(target=_write_and_wait, args=(open_store, SAMPLE, self.is_async, sending), daemon=True)
        writer.start()
        sending.close()
        try:
            assert receiving.poll(PATIENCE_SECONDS), "the writing process reported nothing"
            assert receiving.recv() == "acknowledged"
        finally:
            writer.kill()
            writer.join(PATIENCE_SECONDS)
            writer.close()
            receiving.close()
        check_sample(open_again())


def _write_and_wait(opener: StoreOpener, schema: Schema, awaited: bool, sending: Any) -> None:  # noqa: FBT001 - passed on
    try:
        sample_store(opened(opener, schema, awaited=awaited))
    except Exception as error:  # noqa: BLE001 - whatever it is, the case shows it
        sending.send(f"{type(error).__name__}: {error}")
    else:
        sending.send("acknowledged")
    Event().wait()  # until it is killed
