"""A race of the feed: some follow it while the others append and trim, and nothing else is skipped."""

from collections import Counter
from time import monotonic
from typing import Any, Final

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.reading_feed import PATIENCE_SECONDS, page
from traffic_booking.testing.store.rounds import Race, Turn
from traffic_booking.testing.store.sample_schema import SAMPLE, Part, Trim, commit, count, entry, stream

APPENDED: Final = 30
"""Commits of each writer in a round, with two entries each."""
LIMIT: Final = 50
"""Of a page: readers are mostly at the end of the feed, where entries are not yet certain."""


def _readers(racers: int) -> int:
    return racers // 3


def _append_or_follow(store: Store, turn: Turn) -> list[str]:
    """The first follow the feed, from where it ended before the round, while the others append; some of them trim."""
    if turn.place < _readers(turn.racers):
        return _followed(store, turn)
    mine = [f"{turn.round}/{turn.place}/{place:03d}" for place in range(APPENDED)]
    for body in mine:
        whose = body[:-4]
        trimmed: list[Part] = [Trim(f"past {whose}"), entry(f"past {whose}", "past")] * (turn.place % 2)
        assert commit(store, count(whose, 1), entry(whose, body), entry("all", body), *trimmed) is None
    return mine


def _followed(store: Store, turn: Turn) -> list[str]:
    found: list[str] = []
    after = complete = turn.seen
    wanted = 2 * APPENDED * (turn.racers - _readers(turn.racers))
    until = monotonic() + PATIENCE_SECONDS
    while len(found) < wanted and monotonic() < until:
        read = page(store, after, LIMIT)
        assert read.complete_until >= complete, f"complete_until went back to {read.complete_until} from {complete}"
        complete = read.complete_until
        new = [each.body for each in read.entries if each.body.startswith(f"{turn.round}/")]
        if new:
            until = monotonic() + PATIENCE_SECONDS
        found += new
        after = read.entries[-1].position if len(read.entries) == LIMIT else read.complete_until
    return found


def _check_followed(store: Store, _round: int, results: list[Any]) -> None:
    readers = _readers(len(results))
    appended = results[readers:]
    for followed in results[:readers]:
        skipped = Counter(body for mine in appended for body in 2 * mine) - Counter(followed)
        assert not skipped, f"a reader skipped {sorted(skipped)}"
        for mine in appended:
            assert [body for body in followed if body[:-4] == mine[0][:-4]] == [body for body in mine for _ in "12"]
    for mine in appended:
        assert [body for _, body in stream(store, mine[0][:-4])] == mine
        assert len(stream(store, f"past {mine[0][:-4]}")) <= 1


FEED_RACES: Final[dict[str, Race]] = {
    "following the feed": Race(
        SAMPLE,
        lambda _store, _round: None,
        lambda store, _round: page(store, BEGINNING, 1).complete_until,
        _append_or_follow,
        _check_followed,
        rounds=2,
    ),
}
