"""Reads for audits only: keys, of which nothing is decoded, and the records of a collection that can't be decoded.

Made from `traffic_booking.persistence.audit_reading` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Sequence
from typing import Any, Final

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.limit_audit import PlacedEvent
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.persistence.basic_codecs import optional
from traffic_booking.persistence.keys import entry_key, start_span, stream_of_appointment, stream_of_person
from traffic_booking.persistence.log import event_of, number_of, person_fault
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import entry_of, person_state_of, seats_of
from traffic_booking.persistence.schema import APPOINTMENTS, CALENDAR_ENTRIES, PEOPLE, PERSONS, SEATS, WORDINGS
from traffic_booking.persistence.wording_codec import checked_text
from traffic_booking.ports.primitives import (
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
)
from traffic_booking.ports.store import Store

DECODERS: Final = {CALENDAR_ENTRIES.name: entry_of, PEOPLE.name: person_state_of, WORDINGS.name: checked_text}
"""Collections whose records are all decoded; an audit decodes those of the others when it compares them."""


class AuditReading:
    """The reads of audits in a store. Every method is one round trip, unless its docstring states more."""

    def __init__(self, store: Store, keys: PersonKeys) -> None:
        self._store = store
        self._keys = keys

    def keys(self, collection: str, *, after: str | None, limit: int) -> list[str]:
        """Return at most `limit` keys of a collection that are greater than `after` (None: from the first)."""
        return [row[0] for row in self._page(collection, after, limit)]

    def unreadable(self, collection: str, *, after: str | None, limit: int) -> tuple[str | None, list[StoreUnreadable]]:
        """Return an error for each record of a page that can't be decoded, and the last key (None: no page is left).

        The page has the records under the keys that `keys` returns; `collection` is one of `DECODERS`.
        """
        rows, errors = self._page(collection, after, limit), list[StoreUnreadable]()
        for row in rows:
            try:
                DECODERS[collection](row)
            except StoreUnreadable as error:
                errors.append(error)
        return rows[-1][0] if rows else None, errors

    def persons(self, *, after: str | None, limit: int) -> tuple[str | None, list[tuple[str, str]]]:
        """Return the subjects of a page of persons that do not agree with the log, each with the fault; the last key.

        The last key is None if no page is left. Two round trips.
        """
        rows = self._page(PERSONS.name, after, limit)
        subjects = [row[2] for row in rows]
        again, people, entries = self._store.read(
            [
                RecordsByKey(PERSONS.name, [row[0] for row in rows]),
                RecordsByKey(PEOPLE.name, subjects),
                EntriesOfStreams([stream_of_person(Subject(subject)) for subject in subjects]),
            ]
        )
        faults = []
        for subject, row, person_state, logged in zip(subjects, again, people, entries, strict=True):
            if row is not None and row[2] == subject:  # else the person was erased, and perhaps registered again
                fault = person_fault(self._keys, row, person_state, logged)
                faults += [(subject, fault)] if fault else []
        return rows[-1][0] if rows else None, faults

    def seat_keys(self, *, after: str | None, limit: int) -> list[str]:
        """Return at most `limit` keys of slots with a seat taken that are greater than `after`, in their order."""
        return [key for key, _ in self._result(CountersByRange(SEATS.name, [KeySpan(after=after)], limit))[0]]

    def numbers_at(self, seat: SeatKey) -> list[AppointmentNumber]:
        """Return the appointments that have a seat of that count."""
        rows = self._result(RecordsByIndex(APPOINTMENTS.name, "at_branch", [start_span(seat)]))[0]
        return [row[0] for row in rows if seat in seats_of(row)]

    def calendar_entry(self, number: int) -> CalendarEntry | None:
        """Return the calendar entry of that number, None if there is none."""
        return optional(entry_of, self._result(RecordsByKey(CALENDAR_ENTRIES.name, [entry_key(number)]))[0])

    def still_there(self, numbers: Sequence[AppointmentNumber]) -> set[AppointmentNumber]:
        """Return the numbers under which anything is stored: an appointment, or an entry of the log."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return {number for number, row, logged in zip(numbers, rows, entries, strict=True) if row is not None or logged}

    def histories(self, numbers: Sequence[AppointmentNumber]) -> list[tuple[PlacedEvent, ...]]:
        """Return the events of each number with their positions, all from one snapshot."""
        found = self._result(EntriesOfStreams([stream_of_appointment(number) for number in numbers]))
        return [tuple((entry.position, event_of(entry)) for entry in entries) for entries in found]

    def logged_numbers(self, after: FeedPosition, *, limit: int) -> tuple[FeedPosition | None, set[AppointmentNumber]]:
        """Return the appointments of at most `limit` entries behind `after`, and the last entry's position."""
        entries = self._store.feed(after, limit=limit).entries
        numbers = {number for each in entries if (number := number_of(each)) is not None}
        return entries[-1].position if entries else None, numbers

    def _page(self, collection: str, after: str | None, limit: int) -> list[Row]:
        span = Span(after=None if after is None else (after,))
        rows: list[Row] = self._result(RecordsByIndex(collection, None, [span], limit=limit))[0]
        return rows

    def _result(self, query: Query) -> Any:
        return self._store.read([query])[0]
