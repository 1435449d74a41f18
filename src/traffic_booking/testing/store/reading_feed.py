"""How the cases read a feed: every page is checked, and entries that are held back for a moment are waited for."""

from collections.abc import Iterable
from itertools import pairwise
from time import monotonic
from typing import Final

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.ports.primitives import LogEntry, LogPage
from traffic_booking.ports.store import Store

PATIENCE_SECONDS: Final = 5.0
"""A server may hold entries back while it does something else, such as gathering statistics."""


def page(store: Store, after: FeedPosition, limit: int) -> LogPage:
    """A page of the feed, with its promises: positions rise from `after`, none lies behind `complete_until`."""
    found = store.feed(after, limit=limit)
    positions = [after, *(each.position for each in found.entries)]
    assert all(one < next_ for one, next_ in pairwise(positions)), f"got {positions}; expected rising positions"
    assert len(found.entries) <= max(0, limit), f"got {len(found.entries)} entries; expected {limit} at most"
    assert positions[-1] <= found.complete_until, f"got {positions[-1]} behind complete_until {found.complete_until}"
    return found


def entries_behind(store: Store, after: FeedPosition, wanted: int) -> list[LogEntry]:
    """Everything behind `after`, read to the end once `wanted` entries are there, which have to be all."""
    until = monotonic() + PATIENCE_SECONDS
    while True:
        found = list(page(store, after, wanted + 100).entries)
        if len(found) >= wanted or monotonic() > until:
            break
    assert len(found) == wanted, f"feed after {after}: got {len(found)} entries; expected {wanted}"
    return found


def bodies(entries: Iterable[LogEntry]) -> list[str]:
    """The bodies of entries."""
    return [each.body for each in entries]
