"""The reads of the availability index: counts of seats page by page, the ends of holds, and the slots of the feed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from traffic_booking.domain.appointments.events import AppointmentHeld
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import LONGEST_MINUTES, ServiceId
from traffic_booking.domain.schedule.slots import PoolId, PoolStep, SeatKey, SlotKey, SlotRange
from traffic_booking.domain.searching.bit_draft import ChangedSlot
from traffic_booking.persistence.keys import seat_span
from traffic_booking.persistence.log import event_of, number_of
from traffic_booking.persistence.schema import APPOINTMENTS, SEATS
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.primitives import CountersByRange, KeySpan, LogEntry, RecordsByIndex, RecordsByKey, Row, Span

COUNTS_AT_ONCE: Final = 128
"""How many counts one read returns at most."""
SPANS_AT_ONCE: Final = 32
ENTRIES_AT_ONCE: Final = 100
"""How many log entries, or holds, one read returns at most."""
CACHED_STARTS: Final = 16_384
LONGEST_DURATION: Final = timedelta(minutes=LONGEST_MINUTES)

_BRANCH: Final = APPOINTMENTS.place("branch")
_HOLD_ENDS_AT: Final = APPOINTMENTS.place("hold_ends_at")


class HoldEnd(NamedTuple):
    """The end of a hold, at which its seat is free without an entry of the log."""

    ends_at: datetime
    changed: ChangedSlot


class FeedSlots(NamedTuple):
    """The slots in a page of the feed, and the holds that began; `position` is that of its last entry."""

    position: FeedPosition
    changed: set[ChangedSlot]
    holds: list[HoldEnd]
    complete: bool
    """True if there is no further entry."""


class AsyncSeatChanges:
    """Reads counts and changes of seats in a store. Every method is one round trip, unless its docstring states more.

    Each returns little at a time, so that decoding it keeps no event loop long.
    """

    def __init__(self, store: AsyncStore) -> None:
        self._store = store

    async def position(self) -> FeedPosition:
        """Return the position behind all that has happened."""
        return (await self._store.feed(BEGINNING, limit=1)).complete_until

    async def behind(self, position: FeedPosition) -> FeedSlots:
        """Return the changes behind a position, of at most `ENTRIES_AT_ONCE` entries. Two round trips.

        Raises:
            StoreUnreadable: the store was restored, or an event can't be decoded: the counts have to be read anew.
        """
        page = await self._store.feed(position, limit=ENTRIES_AT_ONCE)
        generation = position.generation
        if page.complete_until.generation != generation:
            raise StoreUnreadable(
                f"feed position: got a feed position of generation {generation} that this store has not reached;"
                " expected one that it gave: begin again at BEGINNING"
            )
        changed, holds, numbers = set[ChangedSlot](), list[HoldEnd](), set[AppointmentNumber]()
        for entry in page.entries:
            number = number_of(entry)
            if number is None:
                continue
            slots, hold = _slots_of(entry)
            changed |= slots
            holds += hold
            if not slots:
                numbers.add(number)
        if numbers:
            query = RecordsByKey(APPOINTMENTS.name, sorted(numbers))
            changed |= {_changed(row) for row in (await self._store.read([query]))[0] if row is not None}
        last = page.entries[-1].position if page.entries else position
        return FeedSlots(last, changed, holds, complete=len(page.entries) < ENTRIES_AT_ONCE)

    async def counts(self, spans: Sequence[KeySpan]) -> tuple[list[tuple[SeatKey, int]], list[KeySpan]]:
        """Return seats taken in some spans, at most `COUNTS_AT_ONCE`, and the spans that are left.

        At most `SPANS_AT_ONCE` spans are read; those behind them are left as they are. A count whose key can't be
        decoded is left out: it belongs to no slot that can be named.
        """
        now, later = spans[:SPANS_AT_ONCE], list(spans[SPANS_AT_ONCE:])
        limit = COUNTS_AT_ONCE // len(now)
        pages = (await self._store.read([CountersByRange(SEATS.name, now, limit)]))[0]
        left = [span._replace(after=page[-1][0]) for span, page in zip(now, pages, strict=True) if len(page) == limit]
        found = [(_seat(key), seats) for page in pages for key, seats in page]
        return [(seat, seats) for seat, seats in found if seat is not None], [*left, *later]

    async def holds(self, after: tuple[Any, ...] | None) -> tuple[list[HoldEnd], tuple[Any, ...] | None]:
        """Return a page of the holds that the store has, by their end, and the cursor behind it; None for the last."""
        query = RecordsByIndex(APPOINTMENTS.name, "holds_by_end", [Span(after=after)], limit=ENTRIES_AT_ONCE)
        rows: list[Row] = (await self._store.read([query]))[0][0]
        cursor = (rows[-1][_HOLD_ENDS_AT], rows[-1][0]) if len(rows) == ENTRIES_AT_ONCE else None
        return [HoldEnd(row[_HOLD_ENDS_AT], _changed(row)) for row in rows], cursor


def key_spans(ranges: Sequence[SlotRange]) -> list[KeySpan]:
    """The spans of the counts of these ranges, for `AsyncSeatChanges.counts`."""
    return list(map(seat_span, ranges))


def _seat(key: str) -> SeatKey | None:
    """As `keys.seat_of`, and quicker: an index is built of very many counts. None for a key that can't be decoded."""
    branch, _, rest = key.partition("/")
    name, _, text = rest.partition("/")
    start = _start(text)
    if start is None:
        return None
    if name.startswith("+"):
        return PoolStep(BranchId(branch), PoolId(name[1:]), start)
    return SlotKey(BranchId(branch), ServiceId(name), start)


@lru_cache(maxsize=CACHED_STARTS)
def _start(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
    return start if start.replace(tzinfo=None).isoformat() == text else None


def _changed(row: Row) -> ChangedSlot:
    """The slot of an appointment's record."""
    branch, service, starts_at, ends_at = row[_BRANCH : _BRANCH + 4]
    return ChangedSlot(branch, service, starts_at, ends_at)


def _slots_of(entry: LogEntry) -> tuple[set[ChangedSlot], list[HoldEnd]]:
    """The slots that an event names, and the hold that it begins."""
    event: Any = event_of(entry)
    slots = set[ChangedSlot]()
    if (slot := getattr(event, "slot", None)) is not None:
        slots.add(ChangedSlot(slot.branch, slot.service, slot.starts_at, event.slot_ends_at))
    if (left := getattr(event, "from_slot", None)) is not None:  # its end, and its pool, are in an earlier event
        slots.add(ChangedSlot(left.branch, left.service, left.starts_at, left.starts_at + LONGEST_DURATION))
    holds = [HoldEnd(event.hold_ends_at, each) for each in slots] if isinstance(event, AppointmentHeld) else []
    return slots, holds
