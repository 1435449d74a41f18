"""Pruning: removing the records of a store whose period of retention is over, in small batches while requests go on.

Each batch is one change with a log entry, and takes the same few round trips whatever the store contains. A batch is
left for the next run if another request has just written one of its records.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.events import UpkeepDone
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.persistence.keys import (
    stream_of_appointment,
    stream_of_person,
    stream_of_refusals,
    stream_of_repeats,
    stream_of_reveals,
)
from traffic_booking.persistence.log import INTERNAL_KINDS, day_of, own_requests, registered_at, request_of
from traffic_booking.persistence.marks import subjects_in
from traffic_booking.persistence.persons import of_subject
from traffic_booking.persistence.records import appointment_of, deletes_of, seats_given_back
from traffic_booking.persistence.schema import (
    ACCOUNTS,
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    ATTEMPTS,
    CALENDARS,
    CODES,
    NAMES,
    PEOPLE,
    PERSONS,
    SESSIONS,
)
from traffic_booking.persistence.upkeep import BATCH, committed, page_of
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import (
    Delete,
    EntriesOfStreams,
    LogEntry,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
)

_BY_INSTANT: Final = {
    "assertions": (ASSERTIONS, "by_instant"),
    "attempts": (ATTEMPTS, "by_failure"),
    "codes": (CODES, "by_use"),
    "sessions": (SESSIONS, "by_end"),
}
_ENDS_AT: Final = APPOINTMENTS.place("ends_at")

MOST_DAYS: Final = 32
"""How many days are read together if the days before them were empty, as they are if a store is pruned often."""
CLOCKS_APART: Final = timedelta(days=800)
"""The most by which the clock that dated the first log entry may have been ahead of those of other entries."""

_DAY: Final = timedelta(days=1)


class AsyncPruning:
    """Removes records of a store."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store

    async def prune(self, period: str, before: datetime, done: UpkeepDone) -> int:
        """Remove the records of one period of `Retention` that are older than `before`; return how many."""
        match period:
            case "appointments":
                branches: list[Row] = (await self._store.read([RecordsByIndex(CALENDARS.name, None, [Span()])]))[0][0]
                return sum(
                    [await self._prune_index(APPOINTMENTS, "at_branch", before, done, row[0]) for row in branches]
                )
            case "refusals":
                return await self._prune_days(stream_of_refusals, before, done)
            case "reveals":
                return await self._prune_days(stream_of_reveals, before, done)
            case "persons":
                return await self._prune_persons(before, done)
            case _:
                return await self._prune_index(*_BY_INSTANT[period], before, done)

    async def _prune_index(
        self, collection: Collection, index: str, before: datetime, done: UpkeepDone, *equal: str
    ) -> int:
        """Remove the records whose instant in an index is before `before`, and the slot's end if they have one."""
        place = collection.place(collection.index(index).columns[-1])
        removed, cursor = 0, None
        while True:
            query = RecordsByIndex(collection.name, index, [Span(equal, None, before, cursor)], limit=BATCH)
            rows: list[Row] = (await self._store.read([query]))[0][0]
            if collection is APPOINTMENTS:
                over = [row for row in rows if row[_ENDS_AT] < before]
                change = await self._without(over)
            else:
                over, change = rows, StoreChange(deletes=deletes_of(collection, rows))
            if over and await committed(self._store, change, len(over), done):
                removed += len(over)
            if len(rows) < BATCH:
                return removed
            cursor = (rows[-1][place], rows[-1][0])

    async def _prune_days(self, stream_of: Callable[[date], str], before: datetime, done: UpkeepDone) -> int:
        """Remove the log entries, and answers if they are refusals, of days before that of `before`."""
        removed, days, together = 0, await self._days(before), 1
        while days:
            streams = [stream_of(day) for day in days[:together]]
            found = (await self._store.read([EntriesOfStreams(streams)]))[0]
            count = sum(map(len, found))
            if stream_of is stream_of_refusals:
                for stream, entries in zip(streams, found, strict=True):
                    removed += await self._prune_day(stream, entries, done)
            elif count and await committed(self._store, StoreChange(trims=tuple(streams)), count, done):
                removed += count
            del days[:together]
            together = 1 if count else min(2 * together, MOST_DAYS)
        return removed

    async def _prune_day(self, stream: str, entries: Sequence[LogEntry], done: UpkeepDone) -> int:
        removed = 0
        requests = [request for request in map(request_of, entries) if request is not None]
        for first in range(0, len(requests), BATCH):
            is_last = first + BATCH >= len(requests)
            deletes = await self._answers(requests[first : first + BATCH])
            count = sum(each.collection == ANSWERS.name for each in deletes)
            change = StoreChange(deletes=deletes, trims=(stream,) if is_last else ())
            if change != StoreChange():  # else a run that was stopped here has removed these
                if not await committed(self._store, change, count, done):
                    break  # the entries stay, so that the next run finds the answers
                removed += count
        return removed

    async def _prune_persons(self, before: datetime, done: UpkeepDone) -> int:
        """Remove the persons who were registered before `before` and who have nothing but an account."""
        removed, cursor = 0, None
        while people := await page_of(self._store, PEOPLE, cursor):
            cursor = (people[-1][0],)
            subjects = [row[0] for row in people]
            streams = [stream_of_person(Subject(subject)) for subject in subjects]
            spans = [Span((subject,)) for subject in subjects]
            persons, names, attempts, accounts, *kept, entries = await self._store.read(
                [
                    RecordsByIndex(PERSONS.name, "by_subject", list(map(of_subject, subjects))),
                    RecordsByIndex(NAMES.name, "of_subject", spans),
                    RecordsByKey(ATTEMPTS.name, subjects),
                    RecordsByKey(ACCOUNTS.name, subjects),
                    RecordsByIndex(APPOINTMENTS.name, "of_subject", spans, limit=1),
                    RecordsByIndex(ASSERTIONS.name, "of_subject", spans, limit=1),
                    RecordsByIndex(SESSIONS.name, "of_subject", spans, limit=1),
                    EntriesOfStreams(streams),
                ]
            )
            over = [
                place
                for place, of_person in enumerate(entries)
                if not any(rows[place] for rows in kept) and registered_at(of_person) < before
            ]
            deletes = deletes_of(PERSONS, [row for place in over for row in persons[place]])
            deletes += deletes_of(NAMES, [row for place in over for row in names[place]])
            for collection, found in ((PEOPLE, people), (ATTEMPTS, attempts), (ACCOUNTS, accounts)):
                deletes += deletes_of(collection, [found[place] for place in over])
            change = StoreChange(deletes=deletes, trims=tuple(streams[place] for place in over))
            named = subjects_in(*(found[place] for place in over for found in (persons, names)))
            if over and await committed(self._store, change, len(over), done, named):
                removed += len(over)
        return removed

    async def _without(self, rows: Sequence[Row]) -> StoreChange:
        """The change that removes appointments, their events, the answers to their requests, and their seats."""
        appointments = [appointment_of(row) for row in rows]
        of_events, of_repeats = stream_of_appointment, stream_of_repeats
        streams = [stream(each.number) for each in appointments for stream in (of_events, of_repeats)]
        entries = (await self._store.read([EntriesOfStreams(streams)]))[0] if streams else []
        requests = own_requests(each for of_one in entries for each in of_one)
        return StoreChange(
            counts=seats_given_back(appointments),
            deletes=deletes_of(APPOINTMENTS, rows) + await self._answers(requests),
            trims=tuple(streams),
        )

    async def _answers(self, requests: Sequence[str]) -> tuple[Delete, ...]:
        both = (ANSWERS, ASSERTIONS)
        found = await self._store.read([RecordsByKey(each.name, requests) for each in both])
        return tuple(part for each, rows in zip(both, found, strict=True) for part in deletes_of(each, rows))

    async def _days(self, before: datetime) -> list[date]:
        """The days from that of the first log entry, or `CLOCKS_APART` if that is longer, until the day of `before`."""
        entries = (await self._store.feed(BEGINNING, limit=BATCH)).entries
        first = next((day_of(each) for each in entries if each.kind not in INTERNAL_KINDS), before.date())
        days = max((before.date() - first).days, CLOCKS_APART.days)
        return [before.date() - _DAY * back for back in range(days, 0, -1)]
