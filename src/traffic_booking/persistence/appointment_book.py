"""The appointment book: all that a desk reads and writes, as values of the domain, over any store."""

from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from operator import attrgetter
from typing import Final

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.states import SEATED, AppointmentState
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.feed_page import FeedEntry, FeedPage
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import COUNTRY, Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant, Known, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.answer_codec import answer_of, parts_of
from traffic_booking.persistence.audit_reading import AsyncAuditReading
from traffic_booking.persistence.basic_codecs import optional
from traffic_booking.persistence.changes import COMMITTED, conflict_of, store_change
from traffic_booking.persistence.facts import FactsReading
from traffic_booking.persistence.keys import TICK, seat_key, seat_of, start_span, start_spans, stream_of_appointment
from traffic_booking.persistence.log import INTERNAL_KINDS, event_of, feed_entry, refused_request_of, reveal_append
from traffic_booking.persistence.marks import marked
from traffic_booking.persistence.persons import PersonKeys, PseudonymKeys, of_subject
from traffic_booking.persistence.pruning import AsyncPruning
from traffic_booking.persistence.records import appointment_of, entry_of, readable_holds, seats_of
from traffic_booking.persistence.schema import (
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    CALENDARS,
    PERSONS,
    SEATS,
    WORDINGS,
)
from traffic_booking.persistence.seat_book import AsyncSeatBook
from traffic_booking.persistence.upkeep import AsyncUpkeep
from traffic_booking.persistence.wording_codec import Wording, checked_text
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    LogEntry,
    Put,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
)

SKIPPED_TOGETHER: Final = 500
"""How many log entries are read together behind a page that has no entry for the feed."""

_HOLD_ENDS_AT: Final = APPOINTMENTS.place("hold_ends_at")
_STATE: Final = APPOINTMENTS.place("state")


class AsyncAppointmentBook(AsyncSeatBook):
    """Appointments, seats, answers and calendar entries in a store. Its arguments are those of `AsyncSeatBook`."""

    def __init__(self, store: AsyncStore, pseudonym_key: PersonKeys | PseudonymKeys = None) -> None:
        super().__init__(store, pseudonym_key)
        self._texts: dict[str, str] = {}
        """The wordings that are certainly stored."""

    async def facts(self, queries: Sequence[FactsQuery]) -> list[Facts]:
        """Return the facts of each query, in their order, all from one snapshot with everything committed before.

        `person_state` is None if the query names an appointment that does not exist, a person who is not registered, or
        nobody. Two round trips if a request has been answered.
        """
        if not self.keys.known:
            await self.open_persons()
        reading = FactsReading(queries, self.keys)
        reading.take(await self._store.read(reading.queries()))
        rows = list(filter(None, reading.requests.values()))
        answers: dict[str, Answer] = {}
        if rows:
            answers = {row[0]: answer for row, answer in zip(rows, await self._answers(rows), strict=True)}
        facts = [reading.facts(query, answers) for query in queries]
        is_strange = answers and any(
            each.answer is not None and len(each.known) < len(set(query.persons))
            for query, each in zip(queries, facts, strict=True)
        )
        return await self.facts(queries) if is_strange and await self._key_has_changed() else facts

    async def commit(self, changes: Sequence[Change]) -> list[Committed | Conflict]:
        """Write each change whole or not at all, in their order. More round trips if a change has a new wording."""
        if not self.keys.known:
            await self.open_persons()
        written: list[StoreChange] = []
        new: dict[str, Wording] = {}
        for change in changes:
            made, wordings = store_change(change, self.keys)
            written.append(made)
            for wording in wordings:
                if wording.key not in self._texts:
                    new[wording.key] = wording
        if new:
            await self._write_wordings(list(new.values()))
        results = await self._store.commit(written)
        if not any(results):
            return [COMMITTED] * len(changes)
        conflicts = [
            COMMITTED if result is None else conflict_of(change, result, self._texts)
            for change, result in zip(changes, results, strict=True)
        ]
        if any(isinstance(each, Conflict) and each.guard is Guard.PERSON for each in conflicts):
            self.keys.forget()
        if any(isinstance(each, Conflict) and each.answer is not None for each in conflicts):
            await self.confirm()
        return conflicts

    async def confirm(self) -> None:
        """Return once everything that has been read is durable, so that a stored answer may be given again."""
        await self._store.commit([StoreChange()])

    async def applicants(self, persons: Sequence[PersonId]) -> Known:
        """Return the applicants of those `persons` who are registered. Two round trips if one of them is not."""
        if not persons:
            return {}
        await self.open_persons()
        keys = {key: person for person in persons for key in self.keys.keys_of(person)}
        rows = await self._result(RecordsByKey(PERSONS.name, list(keys)))
        known = {keys[row[0]]: Applicant(Subject(row[2]), keys[row[0]].holder) for row in rows if row is not None}
        if len(known) < len(set(persons)) and await self._key_has_changed():
            return await self.applicants(persons)
        return known

    async def person_of(self, subject: str) -> PersonId | None:
        """Return the id of a registered person, None once it is erased."""
        return (await self.persons_of([subject])).get(subject)

    async def persons_of(self, subjects: Collection[str]) -> dict[str, PersonId]:
        """Return the ids of registered persons, without those that are erased."""
        if not subjects:
            return {}
        await self.open_persons()
        queries = [RecordsByIndex(PERSONS.name, "by_subject", [of_subject(each)]) for each in subjects]
        (current,), *found = await self._store.read([PersonKeys.query, *queries])
        self.keys.take(current)
        return {
            subject: self.keys.person_of(rows[0])[0] for subject, (rows,) in zip(subjects, found, strict=True) if rows
        }

    def pruning(self) -> AsyncPruning:
        """Return the pruning of the store."""
        return AsyncPruning(self._store)

    def audit_reading(self) -> AsyncAuditReading:
        """Return the reads for audits."""
        return AsyncAuditReading(self._store)

    async def upkeep(self) -> AsyncUpkeep:
        """Return the upkeep of the records of persons, under the same keys."""
        await self.open_persons()
        return AsyncUpkeep(self._store, self.keys)

    async def log_reveal(self, revealed: PersonRevealed) -> None:
        """Append the log entry of a look-up of a person's id."""
        await self._store.commit([StoreChange(entries=(reveal_append(revealed),))])

    async def _key_has_changed(self) -> bool:
        """True if the store's key has changed since it was looked up: nobody is found under the one before."""
        before = self.keys.check()
        self.keys.take((await self._result(PersonKeys.query))[0])
        return self.keys.check() != before

    async def _write_wordings(self, wordings: Sequence[Wording]) -> None:
        """Write the wordings that are not stored yet, each by itself: another desk may write the same."""
        rows = await self._result(RecordsByKey(WORDINGS.name, [each.key for each in wordings]))
        new = [each for each, row in zip(wordings, rows, strict=True) if row is None]
        if new:
            await self._store.commit([marked(StoreChange(puts=(each.put(),))) for each in new])
        self._texts.update(wordings)

    async def _answers(self, rows: Sequence[Row]) -> list[Answer]:
        """The answers of these records. A round trip if wordings or assertions are to be read for them."""
        answers = list(map(parts_of, rows))
        wanted = {key for each in answers for key in each.wordings if key not in self._texts}
        asserted = [each.row[0] for each in answers if each.has_assertions]
        assertions: Sequence[Row | None] = ()
        if wanted or asserted:
            texts, assertions = await self._store.read(
                [RecordsByKey(WORDINGS.name, sorted(wanted)), RecordsByKey(ASSERTIONS.name, asserted)]
            )
            self._texts.update((row[0], checked_text(row)) for row in texts if row is not None)
        found = dict(zip(asserted, assertions, strict=True))
        return [answer_of(each, self._texts, found.get(each.row[0])) for each in answers]

    async def open_calendars(self, branches: Sequence[BranchId]) -> None:
        """Begin a calendar for each of `branches` that has none yet, in a few round trips.

        This raises the country's calendar too, so that no declaration, which raises all calendars, misses a new one.
        """
        results: Sequence[object] = (True,)
        while any(results):
            rows: list[Row] = (await self._result(RecordsByIndex(CALENDARS.name, None, [Span()])))[0]
            stored = {row[0]: row for row in rows}
            _, version, last, _ = stored.get(COUNTRY, (COUNTRY, 0, 0, ""))
            new = [Put(CALENDARS.name, branch, 0, (last,), "") for branch in branches if branch not in stored]
            country = Put(CALENDARS.name, COUNTRY, version, (last,), "")
            results = await self._store.commit([marked(StoreChange(puts=(country, *new)))]) if new else ()

    async def seats(self, seats: Sequence[SeatKey]) -> dict[SeatKey, int]:
        """Return the seats taken of each count."""
        return dict(zip(seats, await self._result(CountersByKey(SEATS.name, list(map(seat_key, seats)))), strict=True))

    async def lapsed(self, *, by: datetime, limit: int = 100) -> list[Appointment]:
        """Return at most `limit` holds that end at or before `by`, by end and number.

        Those that can't be decoded are left out, at the cost of a round trip for each `limit` of them.
        """
        found: list[Appointment] = []
        span = Span((), None, by + TICK)
        while len(found) < limit:
            query = RecordsByIndex(APPOINTMENTS.name, "holds_by_end", [span], limit=limit)
            rows = (await self._result(query))[0]
            found += readable_holds(rows, by=by)
            if len(rows) < limit:
                break
            span = Span((), None, by + TICK, after=(rows[-1][_HOLD_ENDS_AT], rows[-1][0]))
        return found[: max(0, limit)]

    async def lapsed_at(self, seats: Sequence[SeatKey], *, by: datetime) -> list[list[Appointment]]:
        """Return the holds in each count that end at or before `by`, each list as that of `lapsed`."""
        query = RecordsByIndex(APPOINTMENTS.name, "holds_at_branch", list(map(start_span, seats)))
        lapsed = []
        for seat, rows in zip(seats, await self._result(query), strict=True):
            holds = [hold for hold in readable_holds(rows, by=by) if seat in hold.seats]
            lapsed.append(sorted(holds, key=attrgetter("hold_ends_at", "number")))
        return lapsed

    async def answer(self, request_id: RequestId) -> Answer | None:
        """Return the answer to the request of that id, None if there is none. At most two round trips."""
        row = (await self._result(RecordsByKey(ANSWERS.name, [request_id])))[0]
        return None if row is None else (await self._answers([row]))[0]

    async def answers(self, *, after: RequestId | None, limit: int) -> list[Answer]:
        """Return at most `limit` answers with request ids greater than `after`, in order. At most two round trips."""
        span = Span(after=None if after is None else (after,))
        return await self._answers((await self._result(RecordsByIndex(ANSWERS.name, None, [span], limit=limit)))[0])

    async def appointment(self, number: AppointmentNumber) -> Appointment | None:
        """Return the appointment of that number, None if there is none."""
        return optional(appointment_of, (await self._result(RecordsByKey(APPOINTMENTS.name, [number])))[0])

    async def appointments_by_number(
        self, numbers: Sequence[AppointmentNumber]
    ) -> dict[AppointmentNumber, Appointment]:
        """Return the appointments of these numbers, without those that don't exist."""
        rows = await self._result(RecordsByKey(APPOINTMENTS.name, list(numbers)))
        found = [appointment_of(row) for row in rows if row is not None]
        return {each.number: each for each in found}

    async def appointments_of(self, person: PersonId, *, limit: int) -> list[Appointment]:
        """Return at most `limit` appointments of a person, of any state, the latest start and greatest number first.

        Two round trips if there is none.
        """
        await self.open_persons()
        found = await self.listed(person, limit=limit)
        if not found and await self._key_has_changed():
            return await self.appointments_of(person, limit=limit)
        return found

    async def listed(self, person: PersonId, *, limit: int) -> list[Appointment]:
        """As `appointments_of`, under the keys that were looked up before."""
        spans = [Span((subject,)) for subject in self.keys.subjects_of(person)]
        query = RecordsByIndex(APPOINTMENTS.name, "of_subject", spans, descending=True, limit=limit)
        return [appointment_of(row) for rows in await self._result(query) for row in rows]

    async def appointments_since(self, since: Sequence[tuple[Applicant, datetime]]) -> list[list[Appointment]]:
        """Return the appointments of each applicant, of any state, that start at or after the instant, by start."""
        spans = [Span((applicant.subject,), instant) for applicant, instant in since]
        found = await self._result(RecordsByIndex(APPOINTMENTS.name, "of_subject", spans))
        return [list(map(appointment_of, rows)) for rows in found]

    async def appointments_at(
        self, branch: BranchId, *, from_: datetime, until: datetime, states: AbstractSet[AppointmentState] = SEATED
    ) -> list[Appointment]:
        """Return the appointments at a branch in these states that start from `from_` until `until` (exclusive)."""
        query = RecordsByIndex(APPOINTMENTS.name, "at_branch", [Span((branch,), from_, until)])
        return [appointment_of(row) for row in (await self._result(query))[0] if row[_STATE] in states]

    async def calendar_entries(self, *, after: int) -> list[CalendarEntry]:
        """Return the entries of the working calendar whose number is greater than `after` (0 for all), in order."""
        return list(map(entry_of, await self._calendar_rows(after)))

    async def history(self, number: AppointmentNumber) -> list[AppointmentEvent]:
        """Return the events of an appointment in the order of their versions; empty if there is none."""
        return (await self.histories([number]))[0]

    async def histories(self, numbers: Sequence[AppointmentNumber]) -> list[list[AppointmentEvent]]:
        """Return the history of each number, in their order, all from one snapshot."""
        query = EntriesOfStreams([stream_of_appointment(number) for number in numbers])
        return [list(map(event_of, entries)) for entries in await self._result(query)]

    async def feed(self, after: FeedPosition, *, limit: int) -> FeedPage:
        """Return at most `limit` entries behind `after`, in a few round trips; see `Store.feed`.

        The page ends before an entry that can't be decoded; if that is the first, this raises `StoreUnreadable`.
        """
        page = await self._store.feed(after, limit=limit)
        entries = await self._readable_feed_entries(page.entries)
        while page.entries and not entries:  # a page without any entry would stop the reader
            page = await self._store.feed(page.entries[-1].position, limit=max(limit, SKIPPED_TOGETHER))
            entries = await self._readable_feed_entries(page.entries)
        return FeedPage(entries=tuple(entries[:limit]), complete_until=page.complete_until)

    async def _readable_feed_entries(self, found: Sequence[LogEntry]) -> list[FeedEntry]:
        """The feed entries of log entries, up to the first that can't be decoded."""
        try:
            return await self._feed_entries(found)
        except StoreUnreadable as error:
            if error.key is None:  # the store itself is damaged
                raise
            entries: list[FeedEntry] = []
        for each in found:
            try:
                entries += await self._feed_entries([each])
            except StoreUnreadable as error:
                if entries:
                    break
                message = f"feed position {tuple(each.position)}: {error}"
                raise StoreUnreadable(
                    message, collection=error.collection, key=error.key, position=each.position
                ) from None
        return entries

    async def _feed_entries(self, found: Sequence[LogEntry]) -> list[FeedEntry]:
        """The feed entries of log entries, without refusals whose answers have been pruned."""
        shown = [(each, refused_request_of(each)) for each in found if each.kind not in INTERNAL_KINDS]
        refused = [request for _, request in shown if request is not None]
        rows = await self._result(RecordsByKey(ANSWERS.name, refused)) if refused else ()
        answers = {each.command.request_id: each for each in await self._answers(list(filter(None, rows)))}
        return [
            feed_entry(entry, None if request is None else answers[request])
            for entry, request in shown
            if request is None or request in answers
        ]

    async def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> list[StoredAppointment]:
        """Return at most `limit` appointments with numbers greater than `after`, and their events. Two round trips."""
        span = Span(after=None if after is None else (after,))
        listed = (await self._result(RecordsByIndex(APPOINTMENTS.name, None, [span], limit=limit)))[0]
        return await self.stored_under([row[0] for row in listed]) if listed else []

    async def stored_under(self, numbers: Sequence[AppointmentNumber]) -> list[StoredAppointment]:
        """Return the appointment and the events under each number, in their order, from one snapshot."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = await self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return [
            StoredAppointment(
                number=number, appointment=optional(appointment_of, row), events=tuple(map(event_of, events))
            )
            for number, row, events in zip(numbers, rows, entries, strict=True)
        ]

    async def audit_slots(self, *, after: SeatKey | None, limit: int) -> list[StoredSlot]:
        """Return at most `limit` counts with a seat taken, as `counted`, by key behind `after`. Two round trips."""
        span = KeySpan(after=None if after is None else seat_key(after))
        listed = (await self._result(CountersByRange(SEATS.name, [span], limit)))[0]
        return await self.counted([seat_of(key) for key, _ in listed]) if listed else []

    async def counted(self, seats: Sequence[SeatKey]) -> list[StoredSlot]:
        """Return the seats taken of each count, in their order, and the appointments there: all from one snapshot."""
        counters = CountersByKey(SEATS.name, list(map(seat_key, seats)))
        there = RecordsByIndex(APPOINTMENTS.name, "at_branch", start_spans(seats))
        seats_taken, found = await self._store.read([counters, there])
        seated = Counter(seat for rows in found for row in rows for seat in seats_of(row))
        return [StoredSlot(seat, count, seated[seat]) for seat, count in zip(seats, seats_taken, strict=True)]
