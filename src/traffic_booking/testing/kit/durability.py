"""Acknowledged changes are there when the store is opened again, and for every other handle at once."""

from threading import Event
from typing import Any

from attrs import evolve

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.collections import Collection, Column, Counter
from traffic_booking.ports.primitives import Delete, FailedGuard, LogEntry, Put, StoreChange
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.base import SHARED, OpenAgain, StoreCases, StoreOpener, check_pickles, opened
from traffic_booking.testing.kit.capabilities import Capability
from traffic_booking.testing.kit.model import Twins
from traffic_booking.testing.kit.reading import STATE, bodies, entries_behind, whole_state
from traffic_booking.testing.kit.rounds import CONTEXT
from traffic_booking.testing.kit.sample_schema import (
    SAMPLE,
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
    thing,
    unchanged,
    value,
    written,
)
from traffic_booking.testing.kit.suite import case
from traffic_booking.testing.racing import PATIENCE_SECONDS
from traffic_booking.testing.samples.appointments import START, TICK

BATCHES: tuple[tuple[StoreChange, ...], ...] = (
    (
        change(thing("a", due_at=START + TICK, owner="me"), guard("north"), count("hall", 3), entry("log", "first")),
        change(thing("b"), once("code", "answer", START + TICK), entry("refused", "second", kind="no")),
    ),
    (change(thing("b", 1, body="سطر 😀")), change(count("hall", -1), count("yard", 2, counter="other"))),
    (change(once("spent"), entry("passing", "x"), entry("kept", "last")), change(entry("passing", "y"))),
    (change(Delete("things", "a", 1), guard("north", 1, level=4), count("gone", 1)), change(entry("log", "first"))),
    (change(count("gone", -1), thing("c", kind="light", size=-(2**63), weight=2**63 - 1), unchanged("north", 2)),),
    (change(once("refused", "body")), change(entry("refused", "third", kind="no"))),
    (change(Delete("onces", "spent", 1), Trim("passing")), change(Trim("kept"))),
)
"""A bit of everything, batch by batch."""
WITH_MORE = evolve(
    SAMPLE,
    collections=(*SAMPLE.collections, Collection(name="novelties", key="title", columns=(Column("colour"),))),
    counters=(*SAMPLE.counters, Counter(name="novel")),
)
TIMES = 6


def sample_store(store: Store) -> None:
    """Write a bit of everything."""
    for batch in BATCHES:
        written(store, batch)


def check_sample(store: Store) -> None:
    """Everything that `sample_store` wrote is stored, its guards hold, and the store goes on from it."""
    twins = Twins(store)
    for batch in BATCHES:
        twins.model.commit(batch)
    twins.compare(list(STATE.values()))
    stale = once("code"), once("refused"), thing("b", 1), unchanged("north", 1), count("hall", 1, 2)
    assert None not in twins.commit([change(part) for part in stale])
    last = entries_behind(store, BEGINNING, 4)[-1].position
    twins.commit([change(thing("a"), thing("b", 2), count("hall", 1, 3), entry("log", "later"))])
    twins.compare(list(STATE.values()))
    assert bodies(entries_behind(store, last, 1)) == ["later"]


class DurabilityCases(StoreCases):
    """Opened again, after close and after a kill."""

    @case(needs=[Capability.DURABLE])
    def test_everything_is_there_when_a_store_is_opened_again(self, open_again: OpenAgain) -> None:
        first = open_again()
        sample_store(first)
        before = whole_state(first)
        first.close()
        for _ in range(2):
            again = open_again()
            assert whole_state(again) == before
            again.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_each_commit_is_there_although_nothing_came_after_it(self, open_again: OpenAgain) -> None:
        entries = list[LogEntry]()
        for batch in BATCHES[:-1]:
            store = open_again()
            new = sum(len(each.entries) for each in batch)
            written(store, batch)
            entries += entries_behind(store, entries[-1].position if entries else BEGINNING, new)
            assert entries_behind(store, BEGINNING, len(entries)) == entries
            store.close()
        store = open_again()
        written(store, BATCHES[-1])
        store.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_a_store_is_opened_with_collections_that_are_new(self, open_again: OpenAgain) -> None:
        first = open_again()
        sample_store(first)
        before = whole_state(first)
        first.close()
        novelty = Put("novelties", "a", 0, ("red",), "new")
        for schema in (WITH_MORE, SCHEMA, WITH_MORE):
            store = open_again(schema)
            if schema is WITH_MORE:
                assert whole_state(store) == before
                commit(store, count("a", 1, counter="novel"))
                assert (commit(store, novelty) is None) == (value(store, "a", "novel") == 1)
                assert record(store, "a", "novelties") == row_of(novelty)
            store.close()
        check_sample(open_again())

    @case(needs=[Capability.DURABLE])
    def test_what_a_killed_process_acknowledged_is_there(self, open_store: StoreOpener, open_again: OpenAgain) -> None:
        check_pickles(open_store)
        receiving, sending = CONTEXT.Pipe(duplex=False)
        writer = CONTEXT.Process(target=_write_and_wait, args=(open_store, self.is_async, sending), daemon=True)
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


class HandleCases(StoreCases):
    """Two handles on one store, one after the other."""

    @case(needs=SHARED)
    def test_what_one_handle_commits_the_other_reads_at_once(self, open_again: OpenAgain) -> None:
        handles = [open_again(), open_again()]
        assert [whole_state(handle)["feed"] for handle in handles] == [[], []]
        for version in range(TIMES):
            writer, reader = handles[version % 2], handles[1 - version % 2]
            key = once(f"{version}")
            assert [record(handle, key.key, "onces") for handle in handles] == [None, None]
            put = thing("a", version, size=version)
            assert commit(writer, put, key, count("hall", 1), entry("log", "x")) is None
            found = [whole_state(handle) for handle in (reader, writer)]
            assert found[0] == found[1]
            assert (record(reader, "a"), value(reader, "hall")) == (row_of(put), version + 1)
            assert len(found[0]["feed"]) == version + 1
            assert commit(reader, once(key.key, "second")) == conflict(FailedGuard("onces", key.key, 1, row_of(key)))

    @case(needs=SHARED)
    def test_the_guards_of_one_handle_see_what_the_other_has_committed(self, open_again: OpenAgain) -> None:
        one, other = open_again(), open_again()
        commit(one, thing("a"), guard("north"), count("hall", 1, 2))
        assert [commit(handle, unchanged("north", 1)) for handle in (one, other)] == [None, None]
        for version in range(1, 2 * TIMES, 2):
            for first, second, expected in ((one, other, version), (other, one, version + 1)):
                assert commit(first, thing("a", expected), guard("north", expected), count("hall", 1, 2)) is None
                assert commit(second, thing("a", expected)) == conflict(FailedGuard("things", "a", expected + 1))
                stale = conflict(FailedGuard("guards", "north", expected + 1))
                assert commit(second, unchanged("north", expected)) == stale
                assert commit(second, count("hall", 1, 2)) == conflict(FailedGuard("places", "hall", 2))
                assert commit(second, count("hall", -1)) is None
                assert commit(second, once("passing"), thing("passing")) is None
                assert commit(first, Delete("onces", "passing", 1), Delete("things", "passing", 1)) is None
                assert commit(second, Delete("things", "passing", 1)) == conflict(FailedGuard("things", "passing", 0))

    @case(needs=SHARED)
    def test_a_handle_goes_on_after_the_other_was_closed(self, open_again: OpenAgain) -> None:
        one, other = open_again(), open_again()
        sample_store(one)
        one.close()
        check_sample(other)


def _write_and_wait(opener: StoreOpener, is_async: bool, sending: Any) -> None:  # noqa: FBT001 - passed on
    try:
        sample_store(opened(opener, SAMPLE, is_async=is_async))
    except Exception as error:  # noqa: BLE001 - the case shows it, whatever it is
        sending.send(f"{type(error).__name__}: {error}")
    else:
        sending.send("acknowledged")
    Event().wait()  # until it is killed
