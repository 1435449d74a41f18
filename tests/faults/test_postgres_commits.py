"""Batches on PostgreSQL: guards that fail together, chains on one key, locks in one order, declared collections."""

import random
from collections import Counter as Tally
from collections import defaultdict
from functools import partial
from threading import Thread

import psycopg
import pytest

from tests.postgres_server import ask, open_store
from traffic_booking.adapters.postgres import PostgresStore, pending_steps
from traffic_booking.adapters.postgres.driver_errors import ReplyLost
from traffic_booking.adapters.postgres.tables import Tables
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import StoreContended
from traffic_booking.ports.collections import Collection, Column, Counter, Index, Kind, Schema
from traffic_booking.ports.primitives import (
    Append,
    Check,
    Count,
    CountersByKey,
    Delete,
    EntriesOfStreams,
    FailedGuard,
    Put,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreChange,
    StoreConflict,
)
from traffic_booking.testing.racing import at_once

DECLARED = Schema(
    collections=(
        Collection(
            name="select",
            key="table",
            columns=(Column("expected", Kind.NUMBER), Column("group", optional=True)),
            indexes=(Index(name="order", columns=("group", "expected"), where_set="group"),),
        ),
        Collection(name="receipts", key="key", altered=False),
        Collection(name="people", key="person"),
        Collection(name="terms", key="name", checked=True),
    ),
    counters=(Counter(name="seats"), Counter(name="user")),
)
ODD = DECLARED.collections[0].name
THREADS = 8
ROUNDS = 60
PERSONS, SLOTS, CEILING = 40, 12, 7


@pytest.fixture
def store(bare_url):
    with open_store(bare_url, schema=DECLARED) as opened:
        yield opened


def put(name: str, key: str, expected: int, body: str = "") -> Put:
    return Put(name, key, expected, (), body)


def person(key: str, expected: int) -> StoreChange:
    return StoreChange(puts=(put("people", key, expected),))


def versions(store, *keys: str) -> list[int]:
    return [0 if row is None else row[1] for row in store.read([RecordsByKey("people", keys)])[0]]


def test_a_conflict_names_every_guard_that_failed(store):
    store.commit([StoreChange(puts=(put("people", "p", 0), put("receipts", "r", 0, "first"), put("terms", "t", 0)))])
    change = StoreChange(
        counts=(
            Count("seats", "free", 1, 1),
            Count("seats", "full", 1, 0),
            Count(DECLARED.counters[1].name, "x", -1, 0),
        ),
        puts=(put("people", "p", 5), put("receipts", "r", 0, "second"), put("people", "new", 0)),
        deletes=(Delete(ODD, "o", 3),),
        checks=(Check("terms", "t", 0),),
        entries=(Append("s", "k", "never"),),
    )
    [conflict] = store.commit([change])
    assert isinstance(conflict, StoreConflict)
    assert set(conflict.failed) == {
        FailedGuard("people", "p", 1),
        FailedGuard("receipts", "r", 1, ("r", 1, "first")),
        FailedGuard(ODD, "o", 0),
        FailedGuard("terms", "t", 1, ("t", 1, "")),
        FailedGuard("seats", "full", 0),
        FailedGuard(DECLARED.counters[1].name, "x", 0),
    }
    assert versions(store, "new") == [0]
    assert store.feed(BEGINNING, limit=10).entries == []


def test_changes_of_a_batch_follow_one_another_on_one_key(store):
    batch = [
        *[person("p", expected) for expected in range(3)],
        StoreChange(deletes=(Delete("people", "p", 3),)),
        *[person("p", expected) for expected in range(2)],
        person("p", 1),
        person("q", 0),
        StoreChange(deletes=(Delete("people", "q", 1),)),
    ]
    assert [result is None for result in store.commit(batch)] == [True] * 6 + [False] + [True] * 2
    assert versions(store, "p", "q") == [2, 0]
    assert store.commit([StoreChange(deletes=(Delete("people", "p", 2),)), person("p", 0)]) == [None, None]
    assert versions(store, "p") == [1]


def test_a_version_is_checked_and_raised_in_one_batch(store):
    checked = StoreChange(checks=(Check("terms", "t", 0),), entries=(Append("s", "k", "on 0"),))
    on_one = StoreChange(checks=(Check("terms", "t", 1),), entries=(Append("s", "k", "on 1"),))
    raised = StoreChange(puts=(put("terms", "t", 0),))
    results = store.commit([checked, on_one, raised, on_one, checked])
    assert [result is None for result in results] == [True, False, True, True, False]
    assert [entry.body for entry in store.feed(BEGINNING, limit=10).entries] == ["on 0", "on 1"]


def test_no_change_under_an_older_version_is_written_once_a_newer_one_is_committed(store, bare_url):
    """The check waits for the transaction that raises the version, and then fails."""
    store.commit([StoreChange(puts=(put("terms", "t", 0),))])
    table = Tables(DECLARED).collections["terms"]
    results = []
    with psycopg.connect(bare_url) as raising:
        raising.execute("SELECT pg_advisory_xact_lock(%s)", (table.lock("t"),))
        raising.execute("UPDATE traffic_booking.terms SET version = 2")
        change = StoreChange(checks=(Check("terms", "t", 1),), entries=(Append("s", "k", "late"),))
        checking = Thread(target=lambda: results.extend(store.commit([change])))
        checking.start()
        while not ask(bare_url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            assert checking.is_alive()
        assert results == []
        raising.commit()
        checking.join()
    assert results == [StoreConflict((FailedGuard("terms", "t", 2),))]


def test_a_batch_is_one_transaction_whatever_its_size(store, bare_url):
    many = [
        StoreChange(puts=(put("people", f"p{n:04}", 0),), counts=(Count("seats", f"s{n % 90}", 1, 2**40),))
        for n in range(1_000)
    ]
    conflicting = person("p0007", 0)
    results = store.commit([*many, conflicting])
    assert results[:-1] == [None] * len(many)
    assert results[-1] == StoreConflict((FailedGuard("people", "p0007", 1, ("p0007", 1, "")),))
    assert ask(bare_url, "SELECT count(DISTINCT xmin::text), count(*) FROM traffic_booking.people") == [(1, 1_000)]


def test_a_declared_collection_is_made_in_a_database_that_has_the_others(bare_url):
    """Also one whose names have another meaning in SQL."""
    declared = Put(ODD, "k", 0, (7, "x"), "")
    with open_store(bare_url), open_store(bare_url, schema=DECLARED) as store:
        assert store.commit([StoreChange(puts=(declared,))]) == [None]
        assert store.commit([StoreChange(puts=(declared._replace(expected=1),))]) == [None]
        by_index = RecordsByIndex(ODD, "order", [Span(("x",), 7, 8)])
        assert store.read([by_index, RecordsByKey(ODD, ["k"])]) == [[[("k", 2, 7, "x", "")]], [("k", 2, 7, "x", "")]]
        assert store.commit([StoreChange(deletes=(Delete(ODD, "k", 2),))]) == [None]
    assert pending_steps(bare_url).names == ()


class Losing:
    """Loses the reply to the first commit: the server has executed it."""

    def __init__(self, store: PostgresStore) -> None:
        self._write, self.sent = store._connections.write, 0
        vars(store._connections)["write"] = self

    def __call__(self, question, **options):
        self.sent += b"insert" in question.sql
        written = self._write(question, **options)
        if self.sent == 1 and b"insert" in question.sql:
            self.sent += 1
            raise ReplyLost("lost")
        return written


def test_after_a_lost_reply_what_was_written_is_recognised_and_the_rest_is_sent(store):
    receipt = StoreChange(puts=(put("receipts", "r", 0, "mine"),), counts=(Count("seats", "s", 1, 9),))
    other = StoreChange(puts=(put("receipts", "r", 0, "theirs"),))
    Losing(store)
    results = store.commit([receipt, other, receipt])
    assert results[0] is None
    assert results[1:] == [StoreConflict((FailedGuard("receipts", "r", 1, ("r", 1, "mine")),))] * 2
    assert store.read([CountersByKey("seats", ["s"])]) == [[1]]


def test_after_a_lost_reply_what_nobody_could_recognise_is_not_sent_again(store):
    losing = Losing(store)
    with pytest.raises(ReplyLost):
        store.commit([StoreChange(puts=(put("receipts", "r", 0),)), person("p", 0)])
    assert losing.sent == 2


def test_after_a_lost_reply_a_batch_that_deletes_what_it_is_recognised_by_is_not_sent_again(store):
    receipt = StoreChange(puts=(put("receipts", "r", 0),), counts=(Count("seats", "s", 1, 9),))
    deleted = StoreChange(puts=(put("receipts", "other", 0),), deletes=(Delete("receipts", "r", 1),))
    Losing(store)
    with pytest.raises(ReplyLost):
        store.commit([receipt, deleted])
    assert store.read([CountersByKey("seats", ["s"])]) == [[1]]


def test_trims_that_meet_wait_for_each_other_in_turn(store):
    streams = [f"{place}" for place in range(ROUNDS)]

    def trims(place: int) -> list[object]:
        results: list[object] = []
        for first in range(0, ROUNDS, 10):
            some = tuple(streams[first:] if place % 2 else streams[: first + 1])
            entries = tuple(Append(stream, "k", "x") for stream in streams)
            results += store.commit([StoreChange(entries=entries), StoreChange(trims=some)])
        return results

    results = at_once([partial(trims, place) for place in range(THREADS)])
    assert {result for each in results for result in each} == {None}
    assert store.commit([StoreChange(trims=tuple(streams))]) == [None]
    assert store.read([EntriesOfStreams(streams)]) == [[[]] * ROUNDS]


def test_a_batch_that_is_outrun_again_and_again_ends(store, bare_url):
    """After each decision for a free seat, another caller takes that seat, and gives it back too late."""
    read = store._connections.read
    seats_taken, free = (
        f"INSERT INTO traffic_booking.seats VALUES ('s', {n}) ON CONFLICT (key) DO UPDATE SET value = {n}"
        for n in (1, 0)
    )

    def outrun(question):
        ask(bare_url, free)
        found = read(question)
        ask(bare_url, seats_taken)
        return found

    ask(bare_url, seats_taken)
    vars(store._connections)["read"] = outrun
    with pytest.raises(StoreContended):
        store.commit([StoreChange(counts=(Count("seats", "s", 1, 1),))])
    ask(bare_url, free)
    vars(store._connections)["read"] = read
    assert store.commit([StoreChange(counts=(Count("seats", "s", 1, 1),))]) == [None]


def random_batch(draw: random.Random, seen: dict[str, int], place: str) -> list[StoreChange]:
    batch = []
    for n in range(draw.choice((1, 1, 3, 8, 20))):
        key, slot = f"{draw.randrange(PERSONS)}", f"{draw.randrange(SLOTS)}"
        version = seen[key]
        delta = -1 if version and draw.random() < 0.3 else 1
        batch.append(
            StoreChange(
                counts=(Count("seats", slot, delta, CEILING),),
                puts=(put("people", key, version), put("receipts", f"{place}.{n}", 0)),
                checks=(Check("terms", "t", 0),) if draw.random() < 0.9 else (),
                entries=(Append(key, "k", f"{slot} {delta} {version + 1}"),),
            )
        )
    return batch


@pytest.mark.race
def test_threads_with_random_batches_wait_in_no_circle_and_all_agrees(bare_url):
    """8 threads on few people and slots: no deadlock, no seat too many, each stream in the order of its versions."""

    def work(thread: int) -> Tally[str]:
        draw, seen, tally = random.Random(thread), defaultdict[str, int](int), Tally[str]()
        with open_store(bare_url, schema=DECLARED, connections=1) as store:
            for turn in range(ROUNDS):
                batch = random_batch(draw, seen, f"{thread}.{turn}")
                for change, result in zip(batch, store.commit(batch), strict=True):
                    key = change.puts[0].key
                    tally["conflicts" if result else "written"] += 1
                    [seen[key]] = [change.puts[0].expected + 1] if result is None else versions(store, key)
        return tally

    with open_store(bare_url, schema=DECLARED) as store:
        tally = sum(at_once([partial(work, thread) for thread in range(THREADS)]), Tally[str]())
        assert tally["written"] > THREADS * ROUNDS
        assert tally["conflicts"] > 0
        counted = store.read([CountersByKey("seats", [f"{n}" for n in range(SLOTS)])])[0]
        kept, streams = Tally[int](), defaultdict(list)
        for entry in store.feed(BEGINNING, limit=10**6).entries:
            slot, delta, version = map(int, entry.body.split())
            kept[slot] += delta
            streams[entry.stream].append(version)
        assert all(0 <= value <= CEILING for value in counted)
        assert counted == [kept[n] for n in range(SLOTS)]
        for key, raised in streams.items():
            assert raised == [*range(1, len(raised) + 1)]
            assert versions(store, key) == [len(raised)]
    assert ask(bare_url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == [(0,)]
