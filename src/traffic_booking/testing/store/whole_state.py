"""All that a handle sees, so that handles can be compared; cases that use it write to the stream `log` alone."""

from itertools import pairwise
from typing import Any, Final

from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import CountersByRange, EntriesOfStreams, KeySpan, RecordsByIndex
from traffic_booking.ports.store import Store
from traffic_booking.testing.store.reading_feed import entries_behind
from traffic_booking.testing.store.sample_schema import EVERYTHING

PARTS: Final = ("things", "onces", "guards", "things by size", "counters", "the stream", "the feed")


def whole_state(store: Store) -> dict[str, Any]:
    """Records, an index, counters, the stream and the feed."""
    *lists, streams = store.read(
        [
            *(RecordsByIndex(name, None, [EVERYTHING]) for name in PARTS[:3]),
            RecordsByIndex("things", "by_size", [EVERYTHING]),
            CountersByRange("places", [KeySpan()]),
            EntriesOfStreams(["log"]),
        ]
    )
    entries = list(streams[0])
    feed = entries_behind(store, BEGINNING, len(entries))
    return dict(zip(PARTS, [*(list(of_span) for (of_span,) in lists), entries, feed], strict=True))


def check_agreement(when: str, states: dict[str, dict[str, Any]]) -> None:
    """Every state is the same, part by part."""
    for (one_name, one), (name, other) in pairwise(states.items()):
        for part in PARTS:
            alone = [each for each in (*one[part], *other[part]) if (each in one[part]) != (each in other[part])]
            assert one[part] == other[part], (
                f"{when}: {name} has {len(other[part])} of {part}, {one_name} has {len(one[part])}; expected that they"
                f" agree. Only one of them has {alone[:2]}"
            )
