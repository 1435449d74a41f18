"""The availability index of a desk: built from the store's counts of seats, and kept current by the store's feed.

It has no thread of its own: a search that finds it older than a bound refreshes it first. A refresh reads the entries
of the feed behind the last position, and reads the counts of the slots that they name anew. So the index equals the
store, and no sum of changes can drift. Only one caller refreshes at a time, and publishes the next index as a whole:
the others go on with the one before, which never changes.

Made from `traffic_booking.application.availability_index` by `python -m tools.check_sync --write`: change that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any, Final, NamedTuple

from traffic_booking.application.slot_search import checkpoint
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import horizon
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.schedule.slots import SlotRange
from traffic_booking.domain.searching.bit_days import midnight
from traffic_booking.domain.searching.bit_draft import LONGEST_DURATION, BitDraft, ChangedSlot
from traffic_booking.domain.searching.bit_index import BitIndex
from traffic_booking.persistence._sync.seat_book import SeatBook
from traffic_booking.persistence._sync.seat_changes import HoldEnd, SeatChanges, key_spans
from traffic_booking.persistence.lifetime import Lifetime

INDEX_STALENESS: Final = timedelta(milliseconds=250)
"""A search refreshes the index if it is as old as this."""
OLDEST_INDEX: Final = timedelta(seconds=5)
"""While another caller refreshes it, a search uses an index that is younger than this; else it reads the store."""
INDEX_DAYS: Final = 100
"""The most days of an index; a search of later days reads the store."""
INDEX_BYTES: Final = 256 * 1024 * 1024
"""The most memory of an index; it has fewer days if the catalogue is too large."""
MOST_CHANGES: Final = 20_000
"""If the feed has more changed slots than this, the index is built anew: that is quicker."""
BRANCHES_AT_ONCE: Final = 8
"""How many branches' counts are read together."""
SLOTS_AT_ONCE: Final = 64
"""How many changed slots are read at once. Of slots beside a pool, one."""


class _State(NamedTuple):
    """An index, and the position in the feed of all that it contains."""

    known: BitIndex
    position: FeedPosition


class AvailabilityIndex:
    """The index of one desk. Many threads, or tasks of one event loop, use it.

    Args:
        staleness: the age at which a search refreshes it, by the clock of the desk; 0 for before each search.
        days: the most days.
        most_bytes: the most memory.
    """

    def __init__(
        self,
        changes: SeatChanges,
        seats: SeatBook,
        lock: AbstractContextManager[object],
        *,
        staleness: timedelta = INDEX_STALENESS,
        days: int = INDEX_DAYS,
        most_bytes: int = INDEX_BYTES,
    ) -> None:
        self._changes = changes
        self._seats = seats
        self._lock = lock
        self.staleness = staleness
        self._days = days
        self._most_bytes = most_bytes
        self._state: _State | None = None
        self._ends: list[HoldEnd] = []
        """A heap of the ends of holds; only the caller that has the lock changes it."""
        self._wanted = range(0)
        """The days that the last refresh was to have."""
        self._refreshing = False
        self._lifetime = Lifetime("the desk")

    def latest(self, now: datetime) -> BitIndex | None:
        """The index if it needs no refresh, without a read; None if it does. Its calendar is as old as itself."""
        self._lifetime.check()
        state = self._state
        return None if state is None or not _is_younger(state.known, now, self.staleness) else state.known

    def close(self) -> None:
        """Forget the index: any further use raises `StoreClosed`."""
        self._lifetime.end()
        self._state = None

    def current(self, configuration: Configuration, now: datetime) -> BitIndex | None:
        """The index, refreshed if it is too old or if the calendar has changed.

        None if the search has to read the store: another caller is building the index, or has not finished for long.

        Raises:
            StoreError: the store failed. A search of the store would fail as well.
        """
        self._lifetime.check()
        if configuration.calendars.unreadable:
            return None
        found = self._known(configuration, now, self.staleness)
        if found is not None:
            return found
        if self._refreshing:
            return self._known(configuration, now, max(self.staleness, OLDEST_INDEX))
        with self._lock:
            found = self._known(configuration, now, self.staleness)  # another caller may just have refreshed it
            if found is None:
                self._refreshing = True
                try:
                    found = self._refreshed(configuration, now)
                finally:
                    self._refreshing = False
        return found

    def _known(self, configuration: Configuration, now: datetime, staleness: timedelta) -> BitIndex | None:
        state = self._state
        if state is None or state.known.configuration is not configuration:
            return None
        return state.known if _is_younger(state.known, now, staleness) else None

    def _refreshed(self, configuration: Configuration, now: datetime) -> BitIndex:
        state = self._state
        changed_at = None if state is None else _branches_changed(state.known.configuration, configuration)
        if state is None or changed_at is None or now < state.known.as_of - OLDEST_INDEX:
            return self._built(configuration, now)
        now = max(now, state.known.as_of)
        try:
            position, changed = self._read_feed(state.position)
        except StoreUnreadable:  # the store was restored, or an entry can't be decoded
            return self._built(configuration, now)
        if len(changed) > MOST_CHANGES:
            return self._built(configuration, now)
        lapsed = self._take_lapsed(now)
        try:
            index = self._next(state.known, configuration, now, changed_at, changed.union(lapsed))
        except BaseException:
            for each in lapsed:  # the next refresh needs them
                heappush(self._ends, HoldEnd(now, each))
            raise
        self._state = _State(index, position)
        return index

    def _built(self, configuration: Configuration, now: datetime) -> BitIndex:
        """An index from the counts of all slots. The feed is read from where it was before."""
        position = self._changes.position()
        self._wanted = days = self._wanted_days(configuration, now)
        draft = BitDraft(configuration, days)
        lapsed, live = self._fill(draft, configuration.catalogue.branches, days, now, self._most_bytes)
        index = self._finished(draft, lapsed, now)
        heapify(live)
        self._ends, self._state = live, _State(index, position)
        return index

    def _next(
        self,
        before: BitIndex,
        configuration: Configuration,
        now: datetime,
        changed_at: Sequence[Branch],
        changed: set[ChangedSlot],
    ) -> BitIndex:
        wanted = self._wanted_days(configuration, now)
        draft = BitDraft(configuration, range(wanted.start, before.days.stop), before)
        if changed_at:
            _steps(draft.remove(changed_at))
            lapsed, _ = self._fill(draft, changed_at, draft.days, now)
            changed |= lapsed
        if wanted.stop > before.days.stop and wanted != self._wanted:  # else the last refresh found no room for more
            further = range(max(wanted.start, before.days.stop), wanted.stop)
            draft.days = wanted
            lapsed, _ = self._fill(draft, configuration.catalogue.branches, further, now, self._most_bytes)
            changed |= lapsed
        index = self._finished(draft, changed, now)
        self._wanted = wanted
        return index

    def _fill(
        self, draft: BitDraft, branches: Sequence[Branch], days: range, now: datetime, most_bytes: int | None = None
    ) -> tuple[set[ChangedSlot], list[HoldEnd]]:
        """Add slots to the draft, with their counts; the slots of expired holds, which these counts have, and the rest.

        The draft ends before `days` do if it would take too much memory.
        """
        _steps(draft.add(branches, days, most_bytes))
        days = range(days.start, draft.days.stop)
        for first in range(0, len(branches), BRANCHES_AT_ONCE):
            some = branches[first : first + BRANCHES_AT_ONCE]
            spans = key_spans([each for branch in some for each in draft.ranges(branch, days)])
            while spans:
                counts, spans = self._changes.counts(spans)
                draft.take_counts(counts)
                checkpoint()
        lapsed, live, cursor = set[ChangedSlot](), list[HoldEnd](), None
        while True:
            holds, cursor = self._changes.holds(cursor)
            lapsed.update(each.changed for each in holds if each.ends_at <= now)
            live += [each for each in holds if each.ends_at > now]
            checkpoint()
            if cursor is None:
                return lapsed, live

    def _finished(self, draft: BitDraft, changed: Iterable[ChangedSlot], now: datetime) -> BitIndex:
        """The index of the draft, once the counts of some slots have been read anew."""
        for slots, ranges in _portions(draft, changed):
            try:
                counts = [*self._seats.seats_taken(ranges, lapsed_by=now).items()]
            except StoreUnreadable:  # a search of the store fails there
                for each in slots:
                    draft.hide(each)
                continue
            for each in slots:
                draft.free_again(each)
            for seat, count in counts:
                draft.take(seat, count)
            checkpoint()
        _steps(draft.freeze())
        return draft.index(now)

    def _read_feed(self, position: FeedPosition) -> tuple[FeedPosition, set[ChangedSlot]]:
        """The slots that the feed names behind a position, and the position of its last entry."""
        changed = set[ChangedSlot]()
        while True:
            page = self._changes.behind(position)
            position = page.position
            changed |= page.changed
            for each in page.holds:
                heappush(self._ends, each)
            checkpoint()
            if page.complete or len(changed) > MOST_CHANGES:
                return position, changed

    def _take_lapsed(self, now: datetime) -> set[ChangedSlot]:
        """The slots of the holds that have ended, which are no longer listed."""
        lapsed = set[ChangedSlot]()
        while self._ends and self._ends[0].ends_at <= now:
            lapsed.add(heappop(self._ends).changed)
        return lapsed

    def _wanted_days(self, configuration: Configuration, now: datetime) -> range:
        first = now.toordinal()
        return range(first, min(horizon(configuration, now).toordinal() + 1, first + self._days))


def _is_younger(index: BitIndex, now: datetime, than: timedelta) -> bool:
    """True also if another caller refreshed it a moment after `now`."""
    return -OLDEST_INDEX <= now - index.as_of < than


def _branches_changed(before: Configuration, after: Configuration) -> Sequence[Branch] | None:
    """The branches whose slots differ between two configurations; None if they may have nothing in common."""
    if before is after:
        return ()
    old, new = before.calendars, after.calendars
    if before.catalogue is not after.catalogue or old.shipped is not new.shipped:
        return None
    if new.records[: old.revision] != old.records or old.unreadable:
        return None
    branches = set[str]()
    for record in new.records[old.revision :]:
        branch = old.branch_of(record) or new.branch_of(record)
        if branch is None:  # the record concerns the whole country, or is gone again
            return None
        branches.add(branch)
    return [each for each in after.catalogue.branches if each.id in branches]


def _portions(draft: BitDraft, changed: Iterable[ChangedSlot]) -> Iterator[tuple[list[ChangedSlot], list[SlotRange]]]:
    """Changed slots of the draft's days that are read at once, with the ranges to read."""
    begins, ends = midnight(draft.days.start), midnight(draft.days.stop)
    slots, ranges, steps = list[ChangedSlot](), list[SlotRange](), 0
    for each in sorted(changed):
        if each.ends_at <= begins or each.starts_at - LONGEST_DURATION >= ends:
            continue
        own = draft.ranges_of(each)
        slots.append(each)
        ranges += own
        steps += len(own) if all(found.pool is None for found in own) else SLOTS_AT_ONCE
        if steps >= SLOTS_AT_ONCE:
            yield slots, ranges
            slots, ranges, steps = [], [], 0
    if ranges:
        yield slots, ranges


def _steps(work: Iterator[Any]) -> None:
    """Do the work, with other tasks of the event loop in between."""
    for _ in work:
        checkpoint()
