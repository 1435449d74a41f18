"""Pruning: removing the records of a store whose period of retention is over, in small batches beside any traffic.

Each batch is one change, with a log entry, and takes the same few round trips whatever the store holds. A batch is left
for the next run if another request has just written one of its records.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from traffic_booking.domain.appointments.events import HoldReleased, UpkeepDone
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.persistence.converter import EVENT_TAGS
from traffic_booking.persistence.keys import (
    seat_key,
    stream_of_appointment,
    stream_of_person,
    stream_of_refusals,
    stream_of_repeats,
    stream_of_reveals,
)
from traffic_booking.persistence.log import AGAIN_KIND, day_of, registered_at, request_of
from traffic_booking.persistence.persons import of_subject
from traffic_booking.persistence.records import appointment_of
from traffic_booking.persistence.schema import (
    ACCOUNTS,
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    ATTEMPTS,
    CALENDARS,
    CODES,
    PEOPLE,
    PERSONS,
    SEATS,
)
from traffic_booking.persistence.upkeep import BATCH, committed, deletes_of, page_of
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.collections import Collection
from traffic_booking.ports.primitives import (
    Count,
    Delete,
    EntriesOfStreams,
    LogEntry,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
)

_BY_INSTANT: Final[Mapping[str, tuple[Collection, str]]] = {
    "assertions": (ASSERTIONS, "by_instant"),
    "attempts": (ATTEMPTS, "by_failure"),
    "codes": (CODES, "by_use"),
}
_STARTS_AT: Final = APPOINTMENTS.place("starts_at")
_ENDS_AT: Final = APPOINTMENTS.place("ends_at")
MOST_DAYS: Final = 32
"""How many days are read together if the days before them were empty, as they are if a store is pruned often."""

CLOCKS_APART: Final = timedelta(days=800)
"""So far at most the clock that dated the first log entry was ahead of that of any other entry."""

_RELEASED: Final = EVENT_TAGS[HoldReleased]
_DAY: Final = timedelta(days=1)


class AsyncPruning:
    """Removes records of a store."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store

    async def prune(self, period: str, before: datetime, done: UpkeepDone) -> int:
        """Remove what a period of `Retention` is about and is older than `before`; return how many."""
        match period:
            case "appointments":
                return await self.prune_appointments(before, done)
            case "refusals":
                return await self.prune_refusals(before, done)
            case "reveals":
                return await self.prune_reveals(before, done)
            case "persons":
                return await self.prune_persons(before, done)
            case _:
                collection, index = _BY_INSTANT[period]
                return await self.prune_collection(collection, index, before, done)

    async def prune_collection(self, collection: Collection, index: str, before: datetime, done: UpkeepDone) -> int:
        """Remove the records whose instant in `index` is before `before`; return how many."""
        removed, cursor = 0, None
        place = collection.place(collection.index(index).columns[-1])
        while True:
            span = Span((), None, before, cursor)
            rows: list[Row] = (await self._store.read([RecordsByIndex(collection.name, index, [span], limit=BATCH)]))[
                0
            ][0]
            if rows and await committed(
                self._store, StoreChange(deletes=deletes_of(collection, rows)), len(rows), done
            ):
                removed += len(rows)
            if len(rows) < BATCH:
                return removed
            cursor = (rows[-1][place], rows[-1][0])

    async def prune_appointments(self, before: datetime, done: UpkeepDone) -> int:
        """Remove the appointments whose slots end before `before`, with all that belongs to them; return how many."""
        branches: list[Row] = (await self._store.read([RecordsByIndex(CALENDARS.name, None, [Span()])]))[0][0]
        removed = 0
        for branch in branches:
            removed += await self._prune_branch(branch[0], before, done)
        return removed

    async def _prune_branch(self, branch: str, before: datetime, done: UpkeepDone) -> int:
        removed, cursor = 0, None
        while True:
            span = Span((branch,), None, before, cursor)
            query = RecordsByIndex(APPOINTMENTS.name, "at_branch", [span], limit=BATCH)
            rows: list[Row] = (await self._store.read([query]))[0][0]
            over = [row for row in rows if row[_ENDS_AT] < before]
            if over and await committed(self._store, await self._without(over), len(over), done):
                removed += len(over)
            if len(rows) < BATCH:
                return removed
            cursor = (rows[-1][_STARTS_AT], rows[-1][0])

    async def prune_refusals(self, before: datetime, done: UpkeepDone) -> int:
        """Remove the answers and log entries of requests that were refused on days before that of `before`."""
        removed, days, together = 0, await self._days(before), 1
        while days:
            streams = list(map(stream_of_refusals, days[:together]))
            found = (await self._store.read([EntriesOfStreams(streams)]))[0]
            for stream, entries in zip(streams, found, strict=True):
                removed += await self._prune_day(stream, entries, done)
            del days[:together]
            together = 1 if any(found) else min(2 * together, MOST_DAYS)
        return removed

    async def _prune_day(self, stream: str, entries: Sequence[LogEntry], done: UpkeepDone) -> int:
        removed = 0
        requests = [request for request in map(request_of, entries) if request is not None]
        for first in range(0, len(requests), BATCH):
            is_last = first + BATCH >= len(requests)
            deletes = await self._answers(requests[first : first + BATCH])
            count = sum(each.collection == ANSWERS.name for each in deletes)
            change = StoreChange(deletes=deletes, trims=(stream,) if is_last else ())
            if change != StoreChange():  # another run that was stopped here has removed these
                if not await committed(self._store, change, count, done):
                    break  # so the entries stay, by which the next run finds the answers
                removed += count
        return removed

    async def prune_reveals(self, before: datetime, done: UpkeepDone) -> int:
        """Remove the log entries of persons who were looked up on days before that of `before`."""
        removed, days, together = 0, await self._days(before), 1
        while days:
            streams = list(map(stream_of_reveals, days[:together]))
            found = (await self._store.read([EntriesOfStreams(streams)]))[0]
            count = sum(map(len, found))
            if count and await committed(self._store, StoreChange(trims=tuple(streams)), count, done):
                removed += count
            del days[:together]
            together = 1 if count else min(2 * together, MOST_DAYS)
        return removed

    async def prune_persons(self, before: datetime, done: UpkeepDone) -> int:
        """Remove those who were registered before `before` and who have nothing but an account; return how many."""
        removed, cursor = 0, None
        while people := await page_of(self._store, PEOPLE, cursor):
            cursor = (people[-1][0],)
            subjects = [row[0] for row in people]
            streams = [stream_of_person(Subject(subject)) for subject in subjects]
            spans = [Span((subject,)) for subject in subjects]
            persons, attempts, accounts, appointments, assertions, entries = await self._store.read(
                [
                    RecordsByIndex(PERSONS.name, "by_subject", list(map(of_subject, subjects))),
                    RecordsByKey(ATTEMPTS.name, subjects),
                    RecordsByKey(ACCOUNTS.name, subjects),
                    RecordsByIndex(APPOINTMENTS.name, "of_subject", spans, limit=1),
                    RecordsByIndex(ASSERTIONS.name, "of_subject", spans, limit=1),
                    EntriesOfStreams(streams),
                ]
            )
            gone = [
                place
                for place, of_person in enumerate(entries)
                if not (appointments[place] or assertions[place]) and registered_at(of_person) < before
            ]
            deletes = deletes_of(PEOPLE, [people[place] for place in gone])
            deletes += deletes_of(PERSONS, [row for place in gone for row in persons[place]])
            for collection, found in ((ATTEMPTS, attempts), (ACCOUNTS, accounts)):
                deletes += deletes_of(collection, [row for place in gone if (row := found[place]) is not None])
            change = StoreChange(deletes=deletes, trims=tuple(streams[place] for place in gone))
            if gone and await committed(self._store, change, len(gone), done):
                removed += len(gone)
        return removed

    async def _without(self, rows: Sequence[Row]) -> StoreChange:
        """The change that removes appointments, their events, the answers to their requests, and their seats."""
        appointments = [appointment_of(row) for row in rows]
        of_events, of_repeats = stream_of_appointment, stream_of_repeats
        streams = [stream(each.number) for each in appointments for stream in (of_events, of_repeats)]
        entries = (await self._store.read([EntriesOfStreams(streams)]))[0] if streams else []
        # The answer to a request that released a hold is about the appointment that took its place, and goes with that.
        own = [each for of_one in entries for each in of_one if each.kind != _RELEASED]
        requests = {request for request in map(request_of, own) if request is not None}
        seats: dict[str, int] = {}
        for each in appointments:
            if each.has_seat:
                seats[seat_key(each.slot)] = seats.get(seat_key(each.slot), 0) - 1
        return StoreChange(
            counts=tuple(Count(SEATS.name, key, delta, 0) for key, delta in seats.items()),
            deletes=deletes_of(APPOINTMENTS, rows) + await self._answers(sorted(requests)),
            trims=tuple(streams),
        )

    async def _answers(self, requests: Sequence[str]) -> tuple[Delete, ...]:
        found = await self._store.read([RecordsByKey(name, requests) for name in (ANSWERS.name, ASSERTIONS.name)])
        answers, assertions = ([row for row in rows if row is not None] for rows in found)
        return deletes_of(ANSWERS, answers) + deletes_of(ASSERTIONS, assertions)

    async def _days(self, before: datetime) -> list[date]:
        """The days from that of the first log entry, but `CLOCKS_APART` at least, until before that of `before`."""
        entries = (await self._store.feed(BEGINNING, limit=BATCH)).entries
        first = next((day_of(each) for each in entries if each.kind != AGAIN_KIND), before.date())
        days = max((before.date() - first).days, CLOCKS_APART.days)
        return [before.date() - _DAY * back for back in range(days, 0, -1)]
