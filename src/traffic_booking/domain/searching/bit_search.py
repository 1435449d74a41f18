"""A search in the availability index: columns, or the streams of branches, in the order of the question."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.domain.schedule.timetables import ONE_DAY
from traffic_booking.domain.searching.bit_days import BitDay, Tables, midnight
from traffic_booking.domain.searching.bit_places import BitPlaces
from traffic_booking.domain.searching.question import Candidate, OrderKey, Question, SearchedBranch, SlotOrder


class Hits(NamedTuple):
    """The branches, as bits, with a slot or a row of slots of one service of the question, at one start of a day."""

    service: int
    branches: int
    day: BitDay
    place: int


Column = tuple[datetime, list[Hits]]
"""A start, with the services that have slots then, in the order of the question."""

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
        self._wanted: dict[tuple[int, int], dict[datetime, Hits]] = {}
        self._columns: dict[int, list[Column]] = {}
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
            for starts_at, column in self._columns_of(ordinal):
                if isinstance(since, datetime) and starts_at < since:
                    continue
                from_rank = behind[1] if behind is not None and starts_at == since else 0
                assert isinstance(from_rank, int), "the second part of such a key is a rank"
                yield from self._of_column(starts_at, column, from_rank)
            self._wanted.clear()

    def _of_column(self, starts_at: datetime, column: list[Hits], from_rank: int) -> Iterator[Candidate]:
        if len(self._skip) != self._skipped:
            self._drop_skipped()
        union = 0
        for hits in column:
            union |= hits.branches
        for at, bit in self._places.ordered(union & self._left, from_rank):
            rank = at.rank
            for hits in column:
                if rank in self._skip:
                    break
                if hits.branches >> bit & 1:
                    key = starts_at, rank, hits.service
                    if self._behind is None or key > self._behind:
                        yield self._candidate(key, at, bit, hits)
            if rank in self._skip:
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
            for starts_at, column in self._kept_columns(ordinal):
                if since is not None and starts_at < since:
                    continue
                for hits in column:
                    if hits.branches >> bit & 1:
                        key = self._question.key(at, hits.service, starts_at)
                        if self._behind is None or key > self._behind:
                            yield self._candidate(key, at, bit, hits)

    def _candidate(self, key: OrderKey, at: SearchedBranch, bit: int, hits: Hits) -> Candidate:
        place, _, day, index = hits
        service = self._question.services[place]
        starts_at = day.starts[index]
        slot, free = self._slot(at.branch, bit, service, starts_at), day.free(index, bit)
        if self._question.adjacent == 1:
            return Candidate(key, at, slot, free)
        following = []
        for step in range(1, self._question.adjacent):
            start = starts_at + step * self._durations[place]
            further = self._slots(place, start.toordinal())[start]
            following.append(self._slot(at.branch, bit, service, start))
            free = min(free, further.day.free(further.place, bit))
        return Candidate(key, at, slot, free, tuple(following))

    def _columns_of(self, ordinal: int) -> Iterable[Column]:
        """The starts of a day with their rows, in order."""
        if len(self._tables) == 1:
            return ((hits.day.starts[hits.place], [hits]) for hits in self._rows(0, ordinal))
        by_start: dict[datetime, list[Hits]] = {}
        for service in range(len(self._tables)):
            for hits in self._rows(service, ordinal):
                by_start.setdefault(hits.day.starts[hits.place], []).append(hits)
        return sorted(by_start.items())

    def _kept_columns(self, ordinal: int) -> list[Column]:
        """As `_columns_of`, kept for the streams of other branches."""
        columns = self._columns.get(ordinal)
        if columns is None:
            columns = self._columns[ordinal] = list(self._columns_of(ordinal))
        return columns

    def _rows(self, service: int, ordinal: int) -> Iterator[Hits]:
        """The starts of a day with the branches at which a row of slots begins, by start."""
        duration, adjacent = self._durations[service], self._question.adjacent
        if adjacent == 1:
            yield from self._hits(service, ordinal)
            return
        for starts_at, hits in self._slots(service, ordinal).items():
            left = hits.branches
            for place in range(1, adjacent):
                following = starts_at + place * duration
                further = self._slots(service, following.toordinal()).get(following)
                left &= 0 if further is None else further.branches
                if not left:
                    break
            if left:
                yield hits._replace(branches=left)

    def _slots(self, service: int, ordinal: int) -> dict[datetime, Hits]:
        """The starts of a day with the branches that have a slot of the search then, by start."""
        found = self._wanted.get((service, ordinal))
        if found is None:
            hits = self._hits(service, ordinal)
            found = self._wanted[service, ordinal] = {each.day.starts[each.place]: each for each in hits}
        return found

    def _hits(self, service: int, ordinal: int) -> Iterator[Hits]:
        """The starts of a day with the branches that have a slot of the search then, by start; each on demand."""
        day = self._tables[service].get(ordinal)
        if day is None or not day.any_time & self._places.mask:
            return
        seats, starts = self._question.seats, day.starts
        spans = [
            (mask, bisect_left(starts, opens), bisect_left(starts, closes))
            for mask, opens, closes in self._times(ordinal)
        ]
        if len(spans) == 1:
            mask, first, until = spans[0]
            masks: Iterable[tuple[int, int]] = ((index, mask) for index in range(first, until))
        else:
            joined: dict[int, int] = {}
            for mask, first, until in spans:
                for index in range(first, until):
                    joined[index] = joined.get(index, 0) | mask
            masks = sorted(joined.items())
        for index, mask in masks:
            branches = day.at_least(index, seats) & mask
            if branches:
                yield Hits(service, branches, day, index)

    def _times(self, ordinal: int) -> Iterator[tuple[int, datetime, datetime]]:
        """The times of a day (UTC) in which the searched slots start, each with the branches of one time zone."""
        begins = midnight(ordinal)
        for branch, mask, start, until in self._windows:
            opens, closes = max(start, begins), min(until, begins + ONE_DAY)
            if opens >= closes:
                continue
            if self._any_time:
                yield mask, opens, closes
                continue
            zone = ZoneInfo(branch.time_zone)
            day, last = opens.astimezone(zone).date(), closes.astimezone(zone).date()
            while day <= last:
                for first, end in self._question.times_on(branch, day):
                    if max(opens, first) < min(closes, end):
                        yield mask, max(opens, first), min(closes, end)
                day += ONE_DAY

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
