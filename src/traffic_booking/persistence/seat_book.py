"""The seat book: all that a search reads, the seats taken and the records of the working calendar.

It imports the codecs of records only if the store has some, so that a host's first search is quick.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from traffic_booking.domain.schedule.slots import SeatCount, SeatKey, SlotRange
from traffic_booking.domain.value_input import is_a
from traffic_booking.persistence.keys import (
    entry_key,
    lengths_of_keys,
    range_span,
    seat_key,
    seat_of,
    seat_span,
    start_of,
)
from traffic_booking.persistence.persons import PersonKeys, PseudonymKeys
from traffic_booking.persistence.schema import APPOINTMENTS, CALENDAR_ENTRIES, SEATS
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.primitives import CountersByRange, Query, RecordsByIndex, Row, Span, StoreChange

if TYPE_CHECKING:
    from traffic_booking.domain.schedule.entries import CalendarRecord
    from traffic_booking.persistence.installed_parts import InstalledParts


class AsyncSeatBook:
    """Seats and calendar records in a store.

    Every method is one round trip to the store, unless its docstring states more; the first call looks up the store's
    pseudonym key. A method raises `StoreError` if the store fails, and `InvalidInput` if the store's key is not among
    those given.

    Args:
        store: the store.
        pseudonym_key: the keys for the ids of persons (`PseudonymKeys`), None for ids in clear; or the keys of another
            book of the same store.
    """

    def __init__(self, store: AsyncStore, pseudonym_key: PersonKeys | PseudonymKeys = None) -> None:
        self._store = store
        given: Any = pseudonym_key
        self.keys: PersonKeys = given if is_a(given, PersonKeys) else PersonKeys(given)

    async def open_persons(self) -> None:
        """Look up the store's pseudonym key, once. Raises `InvalidInput` if it was not given."""
        while not self.keys.known:
            first = self.keys.take((await self._result(PersonKeys.query))[0])
            if first is not None:
                from traffic_booking.persistence.marks import marked

                await self._store.commit([marked(StoreChange(puts=(first,)))])

    async def open_installed(self, parts: InstalledParts) -> None:
        """Look up the store's pseudonym key and its installed parts; in an empty store, write them.

        One round trip, and one more in an empty store. Raises `InvalidInput` if the key was not given, and
        `NotInstalled` if the store has other parts.
        """
        while not parts.known:
            (current,), (installed,) = await self._store.read([PersonKeys.query, parts.query])
            key = self.keys.take(current)
            if installed:
                parts.take(installed[0])
            else:
                from traffic_booking.persistence.installation_records import first_installation

                await self._store.commit([first_installation(parts, *([] if key is None else [key]))])
                continue
            if not parts.known:
                from traffic_booking.persistence.installations import AsyncInstallations

                raise await AsyncInstallations(self._store).refusal(parts.given)
        await self.open_persons()

    async def seats_taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SeatKey, SeatCount]:
        """Return the seats taken of the slots in `ranges`, from one snapshot, without counts of which all are free.

        `SeatCount.lapsed` counts the holds that end at or before `lapsed_by`, without those that can't be decoded.
        Counts are decoded on access. Raises `StoreUnreadable` for a key that is too short or too long for a count.
        """
        counted, lapsed = await self._counted(ranges, lapsed_by)
        seats_taken: dict[str, int] = {}
        for values in counted:  # a third of the time of a comprehension: there may be 100,000
            seats_taken.update(values)
        if not lengths_of_keys(ranges).issuperset(map(len, seats_taken)):
            for key in seats_taken:
                seat_of(key)
        return SeatCounts(seats_taken, lapsed)

    async def seats_taken_by_start(
        self, ranges: Sequence[SlotRange], *, lapsed_by: datetime
    ) -> Iterator[Mapping[datetime, int]]:
        """Return the seats taken of the slots in each range, by the start of their counts, from one snapshot.

        Seats of holds that end at or before `lapsed_by` are free. Each range is decoded on demand, so that an event
        loop has other turns between two of them.
        """
        counted, lapsed = await self._counted(ranges, lapsed_by)
        return (_by_start(values, lapsed) for values in counted)

    async def _counted(
        self, ranges: Sequence[SlotRange], lapsed_by: datetime
    ) -> tuple[list[list[tuple[str, int]]], Counter[SeatKey]]:
        """The counters of each range, and the seats of expired holds, from one snapshot."""
        spans = list(map(range_span, ranges))
        counters = CountersByRange(SEATS.name, [seat_span(each) for each in ranges])
        counted, held = await self._store.read([counters, RecordsByIndex(APPOINTMENTS.name, "holds_at_branch", spans)])
        lapsed = Counter[SeatKey]()
        rows = {row[0]: row for rows in held for row in rows}.values()
        if rows:
            from traffic_booking.persistence.records import readable_holds

            lapsed.update(seat for hold in readable_holds(rows, by=lapsed_by) for seat in hold.seats)
        return counted, lapsed

    async def calendar_records(self, *, after: int) -> list[CalendarRecord]:
        """Return the records of the entries whose number is greater than `after` (0 for all), in their order.

        An `UnreadableEntry` replaces one that can't be decoded.
        """
        rows = await self._calendar_rows(after)
        if not rows:
            return []
        from traffic_booking.persistence.records import record_of

        return list(map(record_of, rows))

    async def _calendar_rows(self, after: int) -> list[Row]:
        span = Span(after=(entry_key(max(0, after)),))
        rows: list[Row] = (await self._result(RecordsByIndex(CALENDAR_ENTRIES.name, None, [span])))[0]
        return rows

    async def _result(self, query: Query) -> Any:
        """The result of one query."""
        return (await self._store.read([query]))[0]


class SeatCounts(Mapping[SeatKey, SeatCount]):
    """The counts of seats that were read, by their keys in the store: a search looks at few of them."""

    def __init__(self, seats_taken: Mapping[str, int], lapsed: Mapping[SeatKey, int]) -> None:
        self._seats_taken = seats_taken
        self._lapsed = lapsed

    def __getitem__(self, seat: SeatKey) -> SeatCount:
        return SeatCount(self._seats_taken[seat_key(seat)], self._lapsed.get(seat, 0) if self._lapsed else 0)

    def get(self, seat: SeatKey, default: Any = None) -> Any:
        """The count of `seat`, or `default`, without an exception for each free slot."""
        seats = self._seats_taken.get(seat_key(seat)) if self._seats_taken else None
        if seats is None:
            return default
        return SeatCount(seats, self._lapsed.get(seat, 0) if self._lapsed else 0)

    def __iter__(self) -> Iterator[SeatKey]:
        return map(seat_of, self._seats_taken)

    def __len__(self) -> int:
        return len(self._seats_taken)


def _by_start(values: Iterable[tuple[str, int]], lapsed: Mapping[SeatKey, int]) -> dict[datetime, int]:
    if lapsed:
        return {start_of(key): seats - lapsed.get(seat_of(key), 0) for key, seats in values}
    return {start_of(key): seats for key, seats in values}
