"""A race of readers with a batch: whoever reads beside it, by the same handle or another, sees all of it or nothing."""

from time import monotonic
from typing import Any, Final

from traffic_booking.ports.primitives import CountersByKey, EntriesOfStreams, RecordsByKey
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.reading_feed import PATIENCE_SECONDS
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.sample_schema import SAMPLE, change, count, entry, once, thing, written

LARGE: Final = 1_000
SEEN: Final = (0, 1, LARGE // 2, LARGE - 2, LARGE - 1)
"""The changes that a reader looks at: a few, so that it reads often while the batch is written."""


def _key(round_: int, place: int) -> str:
    return f"{round_}/{place:04d}"


def _flags(store: Store, round_: int) -> list[bool]:
    """Whether each part of the changes in `SEEN` is there, all of one moment."""
    keys = [_key(round_, place) for place in SEEN]
    answers = store.read(
        [
            CountersByKey("places", keys),
            RecordsByKey("things", keys),
            RecordsByKey("onces", keys),
            EntriesOfStreams(keys),
        ]
    )
    return [bool(part) for answer in answers for part in answer]


def _write_or_read(store: Store, turn: Turn) -> list[list[bool]]:
    """The first writes a batch; each of the others reads until the batch is there, and keeps what was in parts."""
    if turn.place == 0:
        keys = [_key(turn.round, place) for place in range(LARGE)]
        written(store, [change(thing(key), once(key), count(key, 1), entry(key, "x")) for key in keys])
        return []
    until = monotonic() + PATIENCE_SECONDS
    while True:
        flags = _flags(store, turn.round)
        if any(flags) or monotonic() > until:
            return [flags]


def _check_whole(store: Store, round_: int, results: list[Any]) -> None:
    for flags in (flags for of_reader in results for flags in of_reader):
        assert len(set(flags)) == 1, (
            f"a reader saw {sum(flags)} of {len(flags)} parts of a batch of {LARGE} changes at one moment; expected all"
            " or none"
        )
    assert all(_flags(store, round_))


BATCH_RACES: Final[dict[str, Race]] = {
    "a batch beside readers": Race(SAMPLE, lambda _store, _round: None, _flags, _write_or_read, _check_whole, rounds=6)
}
