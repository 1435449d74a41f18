"""Reads for audits only: pages of records as they are stored, and everything that is stored about some persons."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import BEGINNING, FeedPosition
from traffic_booking.domain.audit.limit_audit import PlacedEvent
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.answer_codec import AnswerParts, answer_of, parts_of
from traffic_booking.persistence.basic_codecs import optional
from traffic_booking.persistence.keys import entry_key, start_span, stream_of_appointment, stream_of_person
from traffic_booking.persistence.log import event_of, number_of
from traffic_booking.persistence.persons import of_subject
from traffic_booking.persistence.records import entry_of, seats_of
from traffic_booking.persistence.schema import (
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    CALENDAR_ENTRIES,
    PEOPLE,
    PERSONS,
    SEATS,
    WORDINGS,
)
from traffic_booking.persistence.wording_codec import checked_text
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.inspection import Inspection
from traffic_booking.ports.primitives import (
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    Query,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
)

T = TypeVar("T")

DECODERS: Final = {CALENDAR_ENTRIES.name: entry_of, WORDINGS.name: checked_text}
"""Collections whose records are all decoded; an audit decodes those of the others when it compares them."""

_FIRST_INSTANT: Final = datetime.min.replace(tzinfo=UTC)


class StoredPerson(NamedTuple):
    """All that is stored about a person, from one snapshot; undecoded.

    `appointments` has, for each that was known before, the record under its number, and the entries of its stream.
    """

    subject: str
    person_state: Row | None
    persons: Sequence[Row]
    registrations: Sequence[LogEntry]
    appointments: Sequence[tuple[AppointmentNumber, Row | None, Sequence[LogEntry]]]


class ReadAnswers(NamedTuple):
    """Answers by their requests, and an error for each that can't be decoded."""

    answers: dict[RequestId, Answer]
    unreadable: dict[RequestId, StoreUnreadable]


class AsyncAuditReading:
    """The reads of audits in a store. Every method is one round trip, unless its docstring states more."""

    def __init__(self, store: AsyncStore) -> None:
        self.store: Final = store
        self._store = store
        self._texts: dict[str, str] = {}
        self._damaged: dict[str, StoreUnreadable] = {}

    async def rows(self, collection: str, *, after: str | None, limit: int) -> list[Row]:
        """Return at most `limit` records of a collection with keys greater than `after` (None: from the first)."""
        span = Span(after=None if after is None else (after,))
        rows: list[Row] = (await self._result(RecordsByIndex(collection, None, [span], limit=limit)))[0]
        return rows

    async def persons(self, known: Mapping[str, Sequence[AppointmentNumber]]) -> list[StoredPerson]:
        """Return all that is stored about persons, by subject, and about those appointments of theirs that are known.

        One snapshot.
        """
        subjects, numbers = list(known), [number for each in known.values() for number in each]
        people, persons, registered, rows, entries = await self._store.read(
            [
                RecordsByKey(PEOPLE.name, subjects),
                RecordsByIndex(PERSONS.name, "by_subject", list(map(of_subject, subjects))),
                EntriesOfStreams([stream_of_person(Subject(subject)) for subject in subjects]),
                RecordsByKey(APPOINTMENTS.name, numbers),
                EntriesOfStreams(list(map(stream_of_appointment, numbers))),
            ]
        )
        found = iter(zip(numbers, rows, entries, strict=True))
        return [
            StoredPerson(subject, state, of_person, logged, [next(found) for _ in theirs])
            for (subject, theirs), state, of_person, logged in zip(
                known.items(), people, persons, registered, strict=True
            )
        ]

    async def listed(
        self, subject: str, numbers: Sequence[AppointmentNumber]
    ) -> tuple[set[AppointmentNumber], set[AppointmentNumber]]:
        """Return the numbers of all appointments of a person, and those of `numbers` that have a record."""
        theirs = RecordsByIndex(APPOINTMENTS.name, "of_subject", [Span((subject,), _FIRST_INSTANT)])
        (own,), found = await self._store.read([theirs, RecordsByKey(APPOINTMENTS.name, numbers)])
        return {row[0] for row in own}, {row[0] for row in found if row is not None}

    async def answers_to(self, requests: Sequence[RequestId]) -> ReadAnswers:
        """Return the answers to requests; those without one are left out. Two round trips, none without requests."""
        if not requests:
            return ReadAnswers({}, {})
        rows = await self._result(RecordsByKey(ANSWERS.name, requests))
        return await self.answers_of([row for row in rows if row is not None])

    async def answers_of(self, rows: Sequence[Row]) -> ReadAnswers:
        """Return the answers of records; a record that can't be decoded fails alone."""
        read = ReadAnswers({}, {})
        parts = [(row[0], each) for row in rows if (each := _readable(read, row[0], parts_of, row)) is not None]
        wanted = sorted({key for _, each in parts for key in each.wordings} - self._texts.keys() - self._damaged.keys())
        asserted = [request for request, each in parts if each.has_assertions]
        assertions: dict[str, Row | None] = {}
        if wanted or asserted:
            texts, found = await self._store.read(
                [RecordsByKey(WORDINGS.name, wanted), RecordsByKey(ASSERTIONS.name, asserted)]
            )
            for row in filter(None, texts):
                try:
                    self._texts[row[0]] = checked_text(row)
                except StoreUnreadable as error:
                    self._damaged[row[0]] = error
            assertions = dict(zip(asserted, found, strict=True))
        for request, each in parts:
            answer = _readable(read, request, self._answer, each, assertions.get(request))
            if answer is not None:
                read.answers[request] = answer
        return read

    def _answer(self, parts: AnswerParts, assertions: Row | None) -> Answer:
        for key in parts.wordings:
            if key in self._damaged:
                raise self._damaged[key]
        return answer_of(parts, self._texts, assertions)

    async def seats_taken(self, *, after: str | None, limit: int) -> list[tuple[str, int]]:
        """Return at most `limit` counts with a seat taken by their keys, those greater than `after`, in their order."""
        found: list[tuple[str, int]] = (await self._result(CountersByRange(SEATS.name, [KeySpan(after=after)], limit)))[
            0
        ]
        return found

    async def numbers_at(self, seat: SeatKey) -> list[AppointmentNumber]:
        """Return the appointments that have a seat of that count."""
        rows = (await self._result(RecordsByIndex(APPOINTMENTS.name, "at_branch", [start_span(seat)])))[0]
        return [row[0] for row in rows if seat in seats_of(row)]

    async def calendar_entry(self, number: int) -> CalendarEntry | None:
        """Return the calendar entry of that number, None if there is none."""
        return optional(entry_of, (await self._result(RecordsByKey(CALENDAR_ENTRIES.name, [entry_key(number)])))[0])

    async def still_there(self, numbers: Sequence[AppointmentNumber]) -> set[AppointmentNumber]:
        """Return the numbers under which anything is stored: an appointment, or an entry of the log."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = await self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return {number for number, row, logged in zip(numbers, rows, entries, strict=True) if row is not None or logged}

    async def histories(self, numbers: Sequence[AppointmentNumber]) -> list[tuple[PlacedEvent, ...]]:
        """Return the events of each number with their positions, all from one snapshot."""
        found = await self._result(EntriesOfStreams([stream_of_appointment(number) for number in numbers]))
        return [placed_events(entries) for entries in found]

    async def logged_numbers(
        self, after: FeedPosition, *, limit: int
    ) -> tuple[FeedPosition | None, set[AppointmentNumber]]:
        """Return the appointments of at most `limit` entries behind `after`, and the last entry's position."""
        end = (await self._store.feed(BEGINNING, limit=0)).complete_until
        entries = (await self._store.feed(after, limit=limit)).entries if after < end else ()
        numbers = {number for each in entries if (number := number_of(each)) is not None}
        return entries[-1].position if entries else None, numbers

    async def inspection(self) -> Inspection | None:
        """Return the inspection of the store, None if it has no such method."""
        inspect: Callable[[], Any] | None = getattr(self._store, "inspect", None)
        return None if inspect is None else await inspect()

    async def _result(self, query: Query) -> Any:
        return (await self._store.read([query]))[0]


def placed_events(entries: Iterable[LogEntry]) -> tuple[PlacedEvent, ...]:
    """The events of an appointment's stream, with their positions."""
    return tuple([(entry.position, event_of(entry)) for entry in entries])


def _readable(read: ReadAnswers, request: RequestId, decode: Callable[..., T], *parts: Any) -> T | None:
    try:
        return decode(*parts)
    except StoreUnreadable as error:
        read.unreadable[request] = error
        return None
