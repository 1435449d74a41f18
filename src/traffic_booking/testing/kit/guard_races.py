"""A race for each guard of the port: as many win as the guard allows, and the others get its conflict."""

from collections import Counter
from typing import Any, Final

from traffic_booking.ports.primitives import (
    CountersByKey,
    Delete,
    FailedGuard,
    KeySpan,
    RecordsByIndex,
    RecordsByKey,
    Span,
    StoreConflict,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.rounds import Race, Turn
from traffic_booking.testing.kit.sample_schema import (
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
    once,
    ranged,
    record,
    row_of,
    stream,
    thing,
    unchanged,
    value,
    values,
)
from traffic_booking.testing.racing import RACERS

SEATS: Final = 3
ATTEMPTS: Final = 25
"""How often a racer writes under a version that is about to be raised, at most."""


def key_of(number: int) -> str:
    """The key for which a round is run."""
    return f"round-{number}"


def listed(store: Store, key: str) -> list[str]:
    """The keys of the things of that kind."""
    return keys_listed(store, "by_kind_and_size", Span((key,)))


def won(results: list[Any], winners: int, lost: object, *, win: object = None) -> None:
    """Check that so many have the result `win`, and all the others that conflict."""
    expected = Counter({win: winners, lost: len(results) - winners})
    assert Counter(results) == +expected, f"got {Counter(results)}; expected {winners} winners"


class GuardRace(Race):
    """Each round is about one key."""

    def warm(self, store: Store, number: int) -> Any:
        """Read all that stands under the key."""
        key = key_of(number)
        return store.read(
            [
                *(RecordsByKey(name, [key]) for name in ("things", "onces", "guards")),
                CountersByKey("places", [key, f"{key} there"]),
                RecordsByIndex("things", "by_kind_and_size", [Span((key,))]),
            ]
        )


class AtTheCeiling(GuardRace):
    """Each raises one counter."""

    name = "a counter at its ceiling"

    def attempt(self, store: Store, turn: Turn) -> StoreConflict | None:
        return commit(store, count(key_of(turn.round), 1, SEATS), entry(key_of(turn.round), "x"))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        won(results, SEATS, conflict(FailedGuard("places", key_of(number), SEATS)))
        assert value(store, key_of(number)) == len(stream(store, key_of(number))) == SEATS


class AtZero(GuardRace):
    """Each lowers one counter."""

    name = "a counter at 0"

    def prepare(self, store: Store, number: int) -> None:
        commit(store, count(key_of(number), SEATS))

    def attempt(self, store: Store, turn: Turn) -> StoreConflict | None:
        return commit(store, count(key_of(turn.round), -1))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        won(results, SEATS, conflict(FailedGuard("places", key_of(number), 0)))
        assert value(store, key_of(number)) == 0


class NewKey(GuardRace):
    """Each writes a record under one new key."""

    name = "a put of a new key"

    def attempt(self, store: Store, turn: Turn) -> StoreConflict | None:
        body = f"{turn.place}"
        return commit(store, once(key_of(turn.round), body), entry(key_of(turn.round), body))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        stored = record(store, key_of(number), "onces")
        assert stored is not None
        won(results, 1, conflict(FailedGuard("onces", key_of(number), 1, stored)))
        assert stored[-1] == f"{results.index(None)}"
        assert stream(store, key_of(number)) == [("noted", stored[-1])]


class PutOrDelete(GuardRace):
    """Each puts or deletes one record under the version that all of them read."""

    name = "puts and deletes of one version"

    def prepare(self, store: Store, number: int) -> None:
        commit(store, thing(key_of(number), kind=key_of(number)))

    def attempt(self, store: Store, turn: Turn) -> StoreConflict | None:
        key = key_of(turn.round)
        part = Delete("things", key, 1) if turn.place % 2 else thing(key, 1, kind=key, size=turn.place)
        return commit(store, part, entry(key, f"{turn.place}"))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        key, winner = key_of(number), results.index(None)
        won(results, 1, conflict(FailedGuard("things", key, 0 if winner % 2 else 2)))
        assert record(store, key) == (None if winner % 2 else row_of(thing(key, 1, kind=key, size=winner)))
        assert listed(store, key) == ([] if winner % 2 else [key])
        assert stream(store, key) == [("noted", f"{winner}")]


class CheckAgainstPut(GuardRace):
    """The first raises a version and lists the changes under the older one; the others write under it until they fail.

    So some of them are under way as the version is raised.
    """

    name = "a check against a put"

    def prepare(self, store: Store, number: int) -> None:
        commit(store, guard(key_of(number)))

    def attempt(self, store: Store, turn: Turn) -> list[str]:
        key = key_of(turn.round)
        if turn.place == 0:
            for _ in range(3):
                self.warm(store, turn.round)
            assert commit(store, guard(key, 1)) is None
            return listed(store, key)
        mine: list[str] = []
        while len(mine) < ATTEMPTS:
            name = f"{key}/{turn.place}/{len(mine)}"
            result = commit(store, unchanged(key, 1), thing(name, kind=key))
            if result is not None:
                assert result == conflict(FailedGuard("guards", key, 2))
                break
            mine.append(name)
        return mine

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        before, *written = results
        late = listed(store, key_of(number))
        assert late == before, f"{len(late) - len(before)} changes came after the version was raised"
        assert sorted(name for mine in written for name in mine) == late


class CrossedChecks(GuardRace):
    """Each checks the record that the other half raises."""

    name = "checks that cross each other"

    def prepare(self, store: Store, number: int) -> None:
        commit(store, guard(key_of(number)), guard(f"{key_of(number)} there"))

    def attempt(self, store: Store, turn: Turn) -> StoreConflict | None:
        here, there = key_of(turn.round), f"{key_of(turn.round)} there"
        mine, other = (here, there) if turn.place % 2 else (there, here)
        return commit(store, unchanged(other, 1), guard(mine, 1), count(here, 1))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        assert results.count(None) == value(store, key_of(number)) == 1


class OppositeOrders(GuardRace):
    """Half of them move seats one way and half the other, in batches with the same keys in opposite orders."""

    name = "batches in opposite orders"

    def prepare(self, store: Store, number: int) -> None:
        commit(store, count(key_of(number), RACERS), count(f"{key_of(number)} there", RACERS))

    def attempt(self, store: Store, turn: Turn) -> list[StoreConflict | None]:
        key, step = key_of(turn.round), -1 if turn.place % 2 else 1
        here, there = (key, f"{key} there")[::step]
        move = change(count(here, -1), count(there, 1, 2 * RACERS), thing(f"{key}/{turn.place}"))
        keys = [f"{key}/{place}" for place in range(10)][::step]
        return list(store.commit([move, *(change(count(each, 1, 1), once(each)) for each in keys)]))

    def check(self, store: Store, number: int, results: list[Any]) -> None:
        key = key_of(number)
        assert [moved for moved, *_ in results] == [None] * len(results)
        assert values(store, [key, f"{key} there"]) == [RACERS, RACERS]
        assert sum(each is None for _, *batch in results for each in batch) == 10
        assert ranged(store, KeySpan(f"{key}/", f"{key}0")) == [[(f"{key}/{place}", 1) for place in range(10)]]


GUARD_RACES: Final[tuple[Race, ...]] = tuple(
    race() for race in (AtTheCeiling, AtZero, NewKey, PutOrDelete, CheckAgainstPut, CrossedChecks, OppositeOrders)
)
