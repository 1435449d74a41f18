"""Reads for audits only: keys, of which nothing is decoded, and the records of a collection that can't be decoded.

Made from `traffic_booking.persistence.audit_reading` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import SEATED
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.keys import entry_key, stream_of_appointment, stream_of_person
from traffic_booking.persistence.log import number_of, registrations_of
from traffic_booking.persistence.persons import PersonKeys, commitment_of
from traffic_booking.persistence.records import entry_of, person_state_of
from traffic_booking.persistence.schema import APPOINTMENTS, CALENDAR_ENTRIES, PEOPLE, PERSONS, SEATS, WORDINGS
from traffic_booking.persistence.wordings import checked_text
from traffic_booking.ports.primitives import (
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
)
from traffic_booking.ports.store import Store

DECODERS: Final[Mapping[str, Callable[[Row], Any]]] = {
    CALENDAR_ENTRIES.name: entry_of,
    PEOPLE.name: person_state_of,
    WORDINGS.name: checked_text,
}
"""Collections whose records are all decoded; an audit decodes those of the others when it compares them."""

_TICK: Final = timedelta(microseconds=1)
_STATE: Final = APPOINTMENTS.place("state")
_SERVICE: Final = APPOINTMENTS.place("service")


class AuditReading:
    """A store, as audits read it. Every method is one round trip, unless its docstring states more."""

    def __init__(self, store: Store, keys: PersonKeys) -> None:
        self._store = store
        self._keys = keys

    def keys(self, collection: str, *, after: str | None, limit: int) -> list[str]:
        """At most `limit` keys of a collection that are greater than `after` (None: from the first), in their order."""
        return [row[0] for row in self._rows(collection, after, limit)]

    def unreadable(self, collection: str, *, after: str | None, limit: int) -> tuple[str | None, list[StoreUnreadable]]:
        """An error for each of the records of a page that can't be decoded, and the last key (None: no page is left).

        The page has the records under the keys that `keys` returns; `collection` is one of `DECODERS`.
        """
        rows = self._rows(collection, after, limit)
        decode, errors = DECODERS[collection], list[StoreUnreadable]()
        for row in rows:
            try:
                decode(row)
            except StoreUnreadable as error:
                errors.append(error)
        return rows[-1][0] if rows else None, errors

    def persons(self, *, after: str | None, limit: int) -> tuple[str | None, list[tuple[str, str]]]:
        """The subjects of a page of persons that do not agree with the log, each with what was found; the last key.

        The last key is None if no page is left. Two round trips.
        """
        rows = self._rows(PERSONS.name, after, limit)
        subjects = [row[2] for row in rows]
        again, people, entries = self._store.read(
            [
                RecordsByKey(PERSONS.name, [row[0] for row in rows]),
                RecordsByKey(PEOPLE.name, subjects),
                EntriesOfStreams([stream_of_person(Subject(subject)) for subject in subjects]),
            ]
        )
        found = []
        for subject, row, person_state, logged in zip(subjects, again, people, entries, strict=True):
            if row is not None and row[2] == subject:  # else the person has been erased since, and may have come back
                fault = self._fault(row, person_state, logged)
                found += [(subject, fault)] if fault else []
        return rows[-1][0] if rows else None, found

    def _fault(self, row: Row, person_state: Row | None, logged: Sequence[LogEntry]) -> str:
        try:
            (person, salt), registered = self._keys.person_of(row), registrations_of(logged)
        except StoreUnreadable:
            return "an id or a registration that can't be read"
        if [each.commitment for each in registered] != [commitment_of(salt, person.reveal())]:
            return "another id" if registered else "no registration"
        if person_state is None or {person_state[2], registered[0].applicant.holder.value} != {person.holder.value}:
            return "no standing of a person with this kind of document"
        return ""

    def seat_keys(self, *, after: str | None, limit: int) -> list[str]:
        """At most `limit` keys of slots with a seat taken that are greater than `after`, in their order."""
        found = self._store.read([CountersByRange(SEATS.name, [KeySpan(after=after)], limit)])[0][0]
        return [key for key, _ in found]

    def numbers_at(self, slot: SlotKey) -> list[AppointmentNumber]:
        """The appointments that have a seat of `slot`."""
        span = Span((slot.branch,), slot.starts_at, slot.starts_at + _TICK)
        rows = self._store.read([RecordsByIndex(APPOINTMENTS.name, "at_branch", [span])])[0][0]
        return [row[0] for row in rows if row[_SERVICE] == slot.service and row[_STATE] in SEATED]

    def calendar_entry(self, number: int) -> CalendarEntry | None:
        """The calendar entry of that number, None if there is none."""
        row = self._store.read([RecordsByKey(CALENDAR_ENTRIES.name, [entry_key(number)])])[0][0]
        return None if row is None else entry_of(row)

    def still_there(self, numbers: Sequence[AppointmentNumber]) -> set[AppointmentNumber]:
        """The numbers under which anything is stored: an appointment, or an entry of the log."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return {number for number, row, logged in zip(numbers, rows, entries, strict=True) if row is not None or logged}

    def logged_numbers(self, after: FeedPosition, *, limit: int) -> tuple[FeedPosition | None, set[AppointmentNumber]]:
        """The appointments that at most `limit` entries behind `after` are about, and the last entry's position."""
        entries = self._store.feed(after, limit=limit).entries
        numbers = {number for each in entries if (number := number_of(each)) is not None}
        return entries[-1].position if entries else None, numbers

    def _rows(self, collection: str, after: str | None, limit: int) -> list[Row]:
        span = Span(after=None if after is None else (after,))
        rows: list[Row] = self._store.read([RecordsByIndex(collection, None, [span], limit=limit)])[0][0]
        return rows
