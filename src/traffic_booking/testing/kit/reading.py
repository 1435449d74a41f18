"""How the cases read a store: pages of the feed with their promises checked, and all that a handle sees."""

from collections.abc import Iterable
from itertools import pairwise
from time import monotonic
from typing import Any, Final

from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.ports.primitives import (
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    LogPage,
    Query,
    RecordsByIndex,
)
from traffic_booking.ports.store import Store
from traffic_booking.testing.kit.sample_schema import EVERYTHING, SAMPLE

PATIENCE_SECONDS: Final = 5.0
"""A server may hold entries back while it does something else, such as gathering statistics."""
STREAMS: Final = ("log", "other log", "refused", "passing", "kept")
"""Cases that call `whole_state` write to these streams alone."""
STATE: Final[dict[str, Query]] = {
    **{each.name: RecordsByIndex(each.name, None, [EVERYTHING]) for each in SAMPLE.collections},
    "things by size": RecordsByIndex("things", "by_size", [EVERYTHING]),
    "things by due": RecordsByIndex("things", "by_due", [EVERYTHING]),
    **{each.name: CountersByRange(each.name, [KeySpan()]) for each in SAMPLE.counters},
    "streams": EntriesOfStreams(STREAMS),
}


def page(store: Store, after: FeedPosition, limit: int) -> LogPage:
    """A page of the feed, with its promises: positions rise from `after`, none lies behind `complete_until`."""
    found = store.feed(after, limit=limit)
    positions = [after, *(each.position for each in found.entries)]
    assert all(one < next_ for one, next_ in pairwise(positions)), f"got {positions}; expected rising positions"
    assert len(found.entries) <= max(0, limit), f"got {len(found.entries)} entries; expected {limit} at most"
    assert positions[-1] <= found.complete_until, f"got {positions[-1]} behind complete_until {found.complete_until}"
    return found


def entries_behind(store: Store, after: FeedPosition, expected: int) -> list[LogEntry]:
    """All entries behind `after`, once there are `expected` of them; fails if there are more, or fewer for long."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        found = list(page(store, after, expected + 100).entries)
        if len(found) >= expected or monotonic() > until:
            break
    assert len(found) == expected, f"feed after {after}: got {len(found)} entries; expected {expected}"
    return found


def bodies(entries: Iterable[LogEntry]) -> list[str]:
    """The bodies of entries."""
    return [each.body for each in entries]


def whole_state(store: Store) -> dict[str, Any]:
    """All that a handle sees: records, two indexes, counters, the streams and the feed."""
    found = {
        name: list(map(list, answer)) for name, answer in zip(STATE, store.read(list(STATE.values())), strict=True)
    }
    return found | {"feed": entries_behind(store, BEGINNING, sum(map(len, found["streams"])))}


def check_agreement(when: str, states: dict[str, dict[str, Any]]) -> None:
    """Every state is the same, part by part."""
    for (one_name, one), (name, other) in pairwise(states.items()):
        for part, found in one.items():
            assert found == other[part], f"{when}: {one_name} has {found} of {part}, {name} has {other[part]}"
