"""A race for each guard of the port: as many win as the guard allows, and the others get the conflict that it means."""

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
from traffic_booking.testing.racing import RACERS
from traffic_booking.testing.store.by_range import ranged
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.sample_schema import (
    SAMPLE,
    change,
    commit,
    conflict,
    count,
    entry,
    guard,
    keys_listed,
    once,
    record,
    row_of,
    stream,
    thing,
    unchanged,
    value,
    values,
    written,
)

SEATS: Final = 3
ATTEMPTS: Final = 25
"""Of each racer under a version that is about to be raised, at most."""


def _key(round_: int) -> str:
    return f"round-{round_}"


def _warm(store: Store, round_: int) -> object:
    """Read all that a race is about."""
    key = _key(round_)
    return store.read(
        [
            *(RecordsByKey(name, [key]) for name in ("things", "onces", "guards")),
            CountersByKey("places", [key, f"{key} there"]),
            RecordsByIndex("things", "by_kind_and_size", [Span((key,))]),
        ]
    )


def _nothing(_store: Store, _round: int) -> None:
    """Nothing has to be there before."""


def _won(results: list[StoreConflict | None], winners: int, lost: StoreConflict) -> None:
    wanted = Counter({None: winners, lost: len(results) - winners})
    assert Counter(results) == +wanted, f"got {Counter(results)}; expected {winners} winners"


def _check_ceiling(store: Store, round_: int, results: list[Any]) -> None:
    key = _key(round_)
    _won(results, SEATS, conflict(FailedGuard("places", key, SEATS)))
    assert value(store, key) == SEATS
    assert len(stream(store, key)) == SEATS


def _check_below_0(store: Store, round_: int, results: list[Any]) -> None:
    key = _key(round_)
    _won(results, SEATS, conflict(FailedGuard("places", key, 0)))
    assert value(store, key) == 0


def _check_new_key(store: Store, round_: int, results: list[Any]) -> None:
    stored = record(store, _key(round_), "onces")
    assert stored is not None
    _won(results, 1, conflict(FailedGuard("onces", _key(round_), 1, stored)))
    assert stored[-1] == f"{results.index(None)}"
    assert stream(store, _key(round_)) == [("noted", stored[-1])]


def _check_version(store: Store, round_: int, results: list[Any]) -> None:
    _won(results, 1, conflict(FailedGuard("things", _key(round_), 2)))
    winner = results.index(None)
    assert record(store, _key(round_)) == row_of(thing(_key(round_), 1, kind=_key(round_), size=winner))
    assert stream(store, _key(round_)) == [("noted", f"{winner}")]
    assert keys_listed(store, "by_kind_and_size", Span((_key(round_),))) == [_key(round_)]


def _check_delete(store: Store, round_: int, results: list[Any]) -> None:
    _won(results, 1, conflict(FailedGuard("things", _key(round_), 0)))
    assert record(store, _key(round_)) is None
    assert value(store, _key(round_)) == 1


def _put_or_delete(store: Store, turn: Turn) -> StoreConflict | None:
    key = _key(turn.round)
    first = Delete("things", key, 1) if turn.place % 2 else thing(key, 1, kind=key, size=turn.place)
    return commit(store, first, entry(key, f"{turn.place}"))


def _check_put_or_delete(store: Store, round_: int, results: list[Any]) -> None:
    key, winner = _key(round_), results.index(None)
    _won(results, 1, conflict(FailedGuard("things", key, 0 if winner % 2 else 2)))
    assert record(store, key) == (None if winner % 2 else row_of(thing(key, 1, kind=key, size=winner)))
    assert stream(store, key) == [("noted", f"{winner}")]


def _raise_or_rely(store: Store, turn: Turn) -> list[str]:
    """The first raises the version and lists what stands under the older one; the others write under it.

    They write until they meet the conflict, so that some are under way as the version is raised.
    """
    key = _key(turn.round)
    if turn.place == 0:
        for _ in range(3):
            _warm(store, turn.round)
        assert commit(store, guard(key, 1)) is None
        return keys_listed(store, "by_kind_and_size", Span((key,)))
    mine = []
    for attempt in range(ATTEMPTS):
        name = f"{key}/{turn.place}/{attempt}"
        result = commit(store, unchanged(key, 1), thing(name, kind=key))
        if result is not None:
            assert result == conflict(FailedGuard("guards", key, 2))
            break
        mine.append(name)
    return mine


def _check_relied(store: Store, round_: int, results: list[Any]) -> None:
    """Nothing under the older version became visible after the commit that raised it had returned."""
    listed, *written_ = results
    late = keys_listed(store, "by_kind_and_size", Span((_key(round_),)))
    assert late == listed, f"{len(late) - len(listed)} changes came after the version was raised"
    assert sorted(name for mine in written_ for name in mine) == late


def _crossed(store: Store, turn: Turn) -> StoreConflict | None:
    """Each relies on the record that the other raises."""
    here, there = _key(turn.round), f"{_key(turn.round)} there"
    mine, other = (here, there) if turn.place % 2 else (there, here)
    return commit(store, unchanged(other, 1), guard(mine, 1), count(here, 1))


def _check_crossed(store: Store, round_: int, results: list[Any]) -> None:
    assert results.count(None) == value(store, _key(round_)) == 1


def _moved(store: Store, turn: Turn) -> StoreConflict | None:
    """Half of them move one way, half the other, between the same two counters."""
    here, there = _key(turn.round), f"{_key(turn.round)} there"
    from_, to = (here, there) if turn.place % 2 else (there, here)
    return commit(store, count(from_, -1), count(to, 1, 2 * RACERS), thing(f"{here}/{turn.place}"))


def _check_moved(store: Store, round_: int, results: list[Any]) -> None:
    assert results == [None] * len(results)
    assert values(store, [_key(round_), f"{_key(round_)} there"]) == [RACERS, RACERS]


def _batches(store: Store, turn: Turn) -> list[StoreConflict | None]:
    """Batches with the same keys, in opposite orders."""
    keys = [f"{_key(turn.round)}/{place}" for place in range(10)]
    order = keys if turn.place % 2 else keys[::-1]
    return list(store.commit([change(count(key, 1, 1), once(key, f"{turn.place}")) for key in order]))


def _check_batches(store: Store, round_: int, results: list[Any]) -> None:
    assert [each for batch in results for each in batch].count(None) == 10
    counted = ranged(store, KeySpan(f"{_key(round_)}/", f"{_key(round_)}0"))
    assert counted == [[(f"{_key(round_)}/{place}", 1) for place in range(10)]]


def _raised(store: Store, turn: Turn) -> int:
    """Everybody reads, decides, and decides again after a conflict, until it is served."""
    key = _key(turn.round)
    for attempt in range(1, 1_000):
        row = record(store, key)
        assert row is not None
        if commit(store, thing(key, row[1], size=row[3] + 1)) is None:
            return attempt
    return 0


def _check_raised(store: Store, round_: int, results: list[Any]) -> None:
    assert all(results)
    assert record(store, _key(round_)) == row_of(thing(_key(round_), len(results), size=len(results)))


GUARD_RACES: Final[dict[str, Race]] = {
    "a counter at its ceiling": Race(
        SAMPLE,
        _nothing,
        _warm,
        lambda store, turn: commit(store, count(_key(turn.round), 1, SEATS), entry(_key(turn.round), "x")),
        _check_ceiling,
    ),
    "a counter at 0": Race(
        SAMPLE,
        lambda store, round_: commit(store, count(_key(round_), SEATS)),
        _warm,
        lambda store, turn: commit(store, count(_key(turn.round), -1), entry(_key(turn.round), "x")),
        _check_below_0,
    ),
    "a put of a new key": Race(
        SAMPLE,
        _nothing,
        _warm,
        lambda store, turn: commit(
            store, once(_key(turn.round), f"{turn.place}"), entry(_key(turn.round), f"{turn.place}")
        ),
        _check_new_key,
    ),
    "a put over a version": Race(
        SAMPLE,
        lambda store, round_: commit(store, thing(_key(round_), kind=_key(round_))),
        _warm,
        lambda store, turn: commit(
            store,
            thing(_key(turn.round), 1, kind=_key(turn.round), size=turn.place),
            entry(_key(turn.round), f"{turn.place}"),
        ),
        _check_version,
    ),
    "a delete": Race(
        SAMPLE,
        lambda store, round_: commit(store, thing(_key(round_))),
        _warm,
        lambda store, turn: commit(store, Delete("things", _key(turn.round), 1), count(_key(turn.round), 1)),
        _check_delete,
    ),
    "a put against a delete": Race(
        SAMPLE,
        lambda store, round_: commit(store, thing(_key(round_), kind=_key(round_))),
        _warm,
        _put_or_delete,
        _check_put_or_delete,
    ),
    "a check against a put": Race(
        SAMPLE, lambda store, round_: commit(store, guard(_key(round_))), _warm, _raise_or_rely, _check_relied
    ),
    "checks that cross each other": Race(
        SAMPLE,
        lambda store, round_: commit(store, guard(_key(round_)), guard(f"{_key(round_)} there")),
        _warm,
        _crossed,
        _check_crossed,
    ),
    "counters in opposite orders": Race(
        SAMPLE,
        lambda store, round_: commit(store, count(_key(round_), RACERS), count(f"{_key(round_)} there", RACERS)),
        _warm,
        _moved,
        _check_moved,
    ),
    "batches in opposite orders": Race(SAMPLE, _nothing, _warm, _batches, _check_batches),
    "reading and deciding again": Race(
        SAMPLE, lambda store, round_: written(store, [change(thing(_key(round_)))]), _warm, _raised, _check_raised, 4
    ),
}
