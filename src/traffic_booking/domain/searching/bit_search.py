"""A search in the availability index: columns, or the streams of branches, in the order of the question."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.domain.schedule.timetables import ONE_DAY
from traffic_booking.domain.searching.bit_days import Tables, midnight
from traffic_booking.domain.searching.bit_places import BitPlaces
from traffic_booking.domain.searching.question import Candidate, OrderKey, Question, SearchedBranch, SlotOrder

Columns = list[tuple[datetime, list[tuple[int, int]]]]
"""The starts of a day, in order; at each, the services of the question with free slots and their branches, as bits."""

_NONE: Final[AbstractSet[int]] = frozenset()


class BitSearch:
    """One search; `candidates` is called once.

    `windows` has a branch of each time zone, the bits of the branches there, and the instants between which slots are
    searched there. `slot` makes the slot of a service at a branch.
    """

    def __init__(
        self,
        tables: Tables,
        days: range,
        places: BitPlaces,
        question: Question,
        windows: Sequence[tuple[Branch, int, datetime, datetime]],
        slot: Callable[[Branch, int, Service, datetime], Slot],
        *,
        behind: OrderKey | None,
        skip: AbstractSet[int] | None,
    ) -> None:
        self._question, self._places, self._slot, self._behind = question, places, slot, behind
        self._skip = _NONE if skip is None else skip
        self._windows = [
            (branch, mask, instant(start), instant(until)) for branch, mask, start, until in windows if start < until
        ]
        starts = [start.toordinal() for *_, start, _ in self._windows]
        ends = [until.toordinal() + 1 for *_, until in self._windows]
        self._days = range(max(days.start, min(starts, default=0)), min(days.stop, max(ends, default=0)))
        self._tables = [tables.get(service.id, {}) for service in question.services]
        self._durations = [timedelta(minutes=service.duration_minutes) for service in question.services]
        self._any_time = question.weekdays is None and question.between is None
        self._wanted: dict[tuple[int, int], dict[datetime, int]] = {}
        self._columns: dict[int, Columns] = {}
        self._left, self._skipped = 0, 0
        self._drop_skipped()

    def candidates(self) -> Iterator[Candidate]:
        """The candidates of the search."""
        order = self._question.order
        if order is SlotOrder.NEAREST:
            return self._by_branch()
        if order is SlotOrder.BALANCED and self._places.apart:
            return self._by_blend()
        return self._by_column()

    def _by_column(self) -> Iterator[Candidate]:
        """By start: column after column."""
        behind = self._behind
        since = None if behind is None else behind[0]
        first = self._days.start if not isinstance(since, datetime) else max(self._days.start, since.toordinal())
        for ordinal in range(first, self._days.stop):
            if not self._any_on(ordinal) & self._left:
                continue
            for starts_at, hits in self._columns_of(ordinal):
                if isinstance(since, datetime) and starts_at < since:
                    continue
                from_rank = behind[1] if behind is not None and starts_at == since else 0
                assert isinstance(from_rank, int), "the second part of such a key is a rank"
                yield from self._of_column(starts_at, hits, from_rank)
            self._wanted.clear()
            self._columns.clear()

    def _of_column(self, starts_at: datetime, hits: list[tuple[int, int]], from_rank: int) -> Iterator[Candidate]:
        if len(self._skip) != self._skipped:
            self._drop_skipped()
        union = 0
        for _, of_service in hits:
            union |= of_service
        for at, bit in self._places.ordered(union & self._left, from_rank):
            for service, of_service in hits:
                if at.rank in self._skip:
                    break
                if of_service >> bit & 1:
                    candidate = self._candidate(at, bit, service, starts_at)
                    if self._behind is None or candidate.key > self._behind:
                        yield candidate
            if at.rank in self._skip:
                self._left &= ~(1 << bit)
                self._skipped += 1

    def _by_branch(self) -> Iterator[Candidate]:
        """The nearest branch first: the stream of each branch, one after another."""
        behind = self._behind
        from_rank = 0 if behind is None else behind[0]
        assert isinstance(from_rank, int), "the first part of such a key is a rank"
        for at, bit in self._places.ordered(self._any_day() & self._left, from_rank):
            since = behind[1] if behind is not None and at.rank == from_rank else None
            for candidate in self._stream(at, bit, since if isinstance(since, datetime) else None):
                if at.rank in self._skip:
                    break
                yield candidate

    def _by_blend(self) -> Iterator[Candidate]:
        """The streams of branches, merged. A stream is opened once its first slot could be the next one."""
        question = self._question
        free = next((ordinal for ordinal in self._days if self._any_on(ordinal) & self._left), None)
        if free is None:
            return
        earliest = midnight(free)
        heap: list[tuple[OrderKey, Candidate, Iterator[Candidate]]] = []
        waiting = self._places.ordered(self._any_day() & self._left)
        nearest = next(waiting, None)
        while heap or nearest is not None:
            while nearest is not None and (not heap or question.key(nearest[0], 0, earliest) <= heap[0][0]):
                at, bit = nearest
                since = None
                if self._behind is not None:
                    first = self._behind[0]
                    assert isinstance(first, datetime), "the first part of such a key is a time"
                    since = _earlier(first, question.key(at, 0, earliest)[0], earliest)
                _push(heap, self._stream(at, bit, since))
                nearest = next(waiting, None)
            if not heap:
                return
            _, candidate, stream = heappop(heap)
            if candidate.at.rank in self._skip:
                continue
            yield candidate
            if candidate.at.rank not in self._skip:
                _push(heap, stream)

    def _stream(self, at: SearchedBranch, bit: int, since: datetime | None) -> Iterator[Candidate]:
        """The candidates at one branch behind the cursor, by start; none of them starts before `since`."""
        first = self._days.start if since is None else max(self._days.start, since.toordinal())
        for ordinal in range(first, self._days.stop):
            if not self._any_on(ordinal) >> bit & 1:
                continue
            for starts_at, hits in self._columns_of(ordinal):
                for service, of_service in hits:
                    if of_service >> bit & 1 and (since is None or starts_at >= since):
                        candidate = self._candidate(at, bit, service, starts_at)
                        if self._behind is None or candidate.key > self._behind:
                            yield candidate

    def _candidate(self, at: SearchedBranch, bit: int, service: int, starts_at: datetime) -> Candidate:
        question, table, duration = self._question, self._tables[service], self._durations[service]
        starts = [starts_at + place * duration for place in range(question.adjacent)]
        slots = [self._slot(at.branch, bit, question.services[service], start) for start in starts]
        free = min(table[start.toordinal()].free(start, bit) for start in starts)
        return Candidate(question.key(at, service, starts_at), at, slots[0], free, tuple(slots[1:]))

    def _columns_of(self, ordinal: int) -> Columns:
        """The starts of a day with their rows, by start and by the order of the services."""
        columns = self._columns.get(ordinal)
        if columns is None:
            by_start: dict[datetime, list[tuple[int, int]]] = {}
            for service in range(len(self._tables)):
                for starts_at, hits in self._rows(service, ordinal):
                    by_start.setdefault(starts_at, []).append((service, hits))
            columns = [*by_start.items()] if len(self._tables) == 1 else sorted(by_start.items())
            self._columns[ordinal] = columns
        return columns

    def _rows(self, service: int, ordinal: int) -> Iterator[tuple[datetime, int]]:
        """The starts of a day with the branches at which a row of slots begins."""
        duration, adjacent = self._durations[service], self._question.adjacent
        for starts_at, hits in self._slots(service, ordinal).items():
            left = hits
            for place in range(1, adjacent):
                following = starts_at + place * duration
                left &= self._slots(service, following.toordinal()).get(following, 0)
                if not left:
                    break
            if left:
                yield starts_at, left

    def _slots(self, service: int, ordinal: int) -> dict[datetime, int]:
        """The starts of a day with the branches that have a slot of the search there, by start."""
        found = self._wanted.get((service, ordinal))
        if found is not None:
            return found
        found = self._wanted[service, ordinal] = {}
        day = self._tables[service].get(ordinal)
        if day is None or not day.any_time & self._places.mask:
            return found
        times = [(mask, span) for mask, spans in self._times(ordinal) for span in spans]
        for mask, (opens, closes) in times:
            for index in range(bisect_left(day.starts, opens), bisect_left(day.starts, closes)):
                hits = day.at_least(index, self._question.seats) & mask
                if hits:
                    found[day.starts[index]] = found.get(day.starts[index], 0) | hits
        if len(times) > 1:
            found = self._wanted[service, ordinal] = dict(sorted(found.items()))
        return found

    def _times(self, ordinal: int) -> Iterator[tuple[int, list[tuple[datetime, datetime]]]]:
        """For each time zone, its branches and the times of a day (UTC) in which the searched slots start there."""
        begins = midnight(ordinal)
        for branch, mask, start, until in self._windows:
            opens, closes = max(start, begins), min(until, begins + ONE_DAY)
            if opens >= closes:
                continue
            if self._any_time:
                yield mask, [(opens, closes)]
                continue
            zone = ZoneInfo(branch.time_zone)
            day, last = opens.astimezone(zone).date(), closes.astimezone(zone).date()
            spans = []
            while day <= last:
                spans += [(max(opens, first), min(closes, end)) for first, end in self._question.times_on(branch, day)]
                day += ONE_DAY
            yield mask, spans

    def _any_on(self, ordinal: int) -> int:
        """The branches with a free seat on a day, for any service of the question."""
        union = 0
        for table in self._tables:
            day = table.get(ordinal)
            if day is not None:
                union |= day.any_time
        return union

    def _any_day(self) -> int:
        union = 0
        for ordinal in self._days:
            union |= self._any_on(ordinal)
        return union

    def _drop_skipped(self) -> None:
        """Leave out the branches that the caller has skipped since."""
        places, self._skipped = self._places, len(self._skip)
        self._left = places.mask
        if self._skip:
            for at, bit in zip(places.branches, places.bits, strict=True):
                if at.rank in self._skip:
                    self._left &= ~(1 << bit)


def _push(heap: list[tuple[OrderKey, Candidate, Iterator[Candidate]]], stream: Iterator[Candidate]) -> None:
    candidate = next(stream, None)
    if candidate is not None:
        heappush(heap, (candidate.key, candidate, stream))


def _earlier(bound: datetime, late: datetime | int, early: datetime) -> datetime:
    """`bound` without the time that the order adds at a branch, which is the difference of the other two."""
    assert isinstance(late, datetime), "the first part of such a key is a time"
    return bound - (late - early)
