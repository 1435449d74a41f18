"""The appointment book: what the desk reads and writes, in the domain's words, over any store.

Over 400 lines: all that a desk and its audits read has answers or appointments in it, decoded in one way.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from traffic_booking.domain.appointments.appointment import SEATED, Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent, PersonRevealed
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedEntry, FeedPage, FeedPosition
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.decisions.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.decisions.facts import COUNTRY, Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant, Known, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord
from traffic_booking.domain.schedule.slots import SeatCount, SlotKey, SlotRange
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.answers import answer_of, parts_of
from traffic_booking.persistence.audit_reading import AsyncAuditReading
from traffic_booking.persistence.changes import conflict_of, store_change
from traffic_booking.persistence.facts import FactsMaker, facts_reading
from traffic_booking.persistence.keys import entry_key, seat_key, seat_span, slot_of, stream_of_appointment
from traffic_booking.persistence.log import (
    AGAIN_KIND,
    event_of,
    feed_entry,
    refused_request_of,
    reveal_append,
)
from traffic_booking.persistence.persons import PersonKeys, PseudonymKeys, of_subject
from traffic_booking.persistence.pruning import AsyncPruning
from traffic_booking.persistence.records import appointment_of, entry_of, record_of, seat_slot
from traffic_booking.persistence.schema import (
    ANSWERS,
    APPOINTMENTS,
    ASSERTIONS,
    CALENDAR_ENTRIES,
    CALENDARS,
    PERSONS,
    SEATS,
    WORDINGS,
)
from traffic_booking.persistence.upkeep import AsyncUpkeep
from traffic_booking.persistence.wordings import Wording, checked_text
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

TICK: Final = timedelta(microseconds=1)

COMMITTED: Final = Committed()

SKIPPED_TOGETHER: Final = 500
"""How many log entries are read together behind a page that the feed passes over."""

_HOLD_ENDS_AT: Final = APPOINTMENTS.place("hold_ends_at")
_STATE: Final = APPOINTMENTS.place("state")
_SERVICE: Final = APPOINTMENTS.place("service")


class AsyncAppointmentBook:
    """Appointments, seats, answers and calendar entries in a store.

    `pseudonym_key` is what the ids of persons are written with (`PseudonymKeys`). Every method is one round trip to the
    store, unless its docstring states more; the first call looks the store's key up. A method raises `StoreError` if
    the store fails, and `InvalidInput` for another key than the store's.
    """

    def __init__(self, store: AsyncStore, pseudonym_key: PseudonymKeys = None) -> None:
        self._store = store
        self._keys = PersonKeys(pseudonym_key)
        self._texts: dict[str, str] = {}
        """Wordings that are stored for certain."""

    async def open_persons(self) -> None:
        """Look up with which key the ids of persons are written. Raises `InvalidInput` if it is not at hand."""
        while not self._keys.known:
            first = self._keys.take((await self._store.read([PersonKeys.query]))[0][0])
            if first is not None:
                await self._store.commit([StoreChange(puts=(first,))])

    async def facts(self, queries: Sequence[FactsQuery]) -> list[Facts]:
        """The facts of each query, in their order, all from one snapshot that holds everything committed before.

        `taken` has an entry for every slot of the query, 0 if no seat is taken. `standing` is None if the query names
        an appointment that does not exist, a person who is not registered, or nobody. Two round trips if a request has
        been answered.
        """
        if not self._keys.known:
            await self.open_persons()
        reading = facts_reading(queries, self._keys)
        found = reading.found(await self._store.read(reading.queries()))
        answers: dict[str, Answer] = {}
        if any(found.requests):
            rows = [row for row in found.requests if row is not None]
            answers = {row[0]: answer for row, answer in zip(rows, await self._answers(rows), strict=True)}
        facts = list(map(FactsMaker(reading, found, answers).facts, queries))
        strange = answers and any(
            each.answer is not None and len(each.known) < len(set(query.persons))
            for query, each in zip(queries, facts, strict=True)
        )
        return await self.facts(queries) if strange and await self._key_has_changed() else facts

    async def commit(self, changes: Sequence[Change]) -> list[Committed | Conflict]:
        """Write each change whole or not at all, in their order; a later change sees the earlier ones.

        A few round trips more if a change has a wording that was not written yet.
        """
        if not self._keys.known:
            await self.open_persons()
        written: list[StoreChange] = []
        new: dict[str, Wording] = {}
        for change in changes:
            made, wordings = store_change(change, self._keys)
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
            self._keys.forget()
        return conflicts

    async def applicants(self, persons: Sequence[PersonId]) -> Known:
        """The applicants of those `persons` who are registered. Two round trips if one of them is not."""
        if not persons:
            return {}
        if not self._keys.known:
            await self.open_persons()
        keys = {key: person for person in persons for key in self._keys.keys_of(person)}
        rows = (await self._store.read([RecordsByKey(PERSONS.name, list(keys))]))[0]
        known = {keys[row[0]]: Applicant(Subject(row[2]), keys[row[0]].holder) for row in rows if row is not None}
        if len(known) < len(set(persons)) and await self._key_has_changed():
            return await self.applicants(persons)
        return known

    async def person_of(self, subject: str) -> PersonId | None:
        """The id of a registered person, None once it is erased."""
        if not self._keys.known:
            await self.open_persons()
        query = RecordsByIndex(PERSONS.name, "by_subject", [of_subject(subject)])
        (current,), (rows,) = await self._store.read([PersonKeys.query, query])
        self._keys.take(current)
        return self._keys.person_of(rows[0])[0] if rows else None

    def pruning(self) -> AsyncPruning:
        """The pruning of the store."""
        return AsyncPruning(self._store)

    def audit_reading(self) -> AsyncAuditReading:
        """The reads of audits. Call `open_persons` before its method `persons`, which needs the store's key."""
        return AsyncAuditReading(self._store, self._keys)

    async def upkeep(self) -> AsyncUpkeep:
        """The upkeep of the records of persons, under the same keys."""
        if not self._keys.known:
            await self.open_persons()
        return AsyncUpkeep(self._store, self._keys)

    async def log_reveal(self, revealed: PersonRevealed) -> None:
        """Append the log entry of a look-up of a person."""
        await self._store.commit([StoreChange(entries=(reveal_append(revealed),))])

    async def _key_has_changed(self) -> bool:
        """Whether the store's key has changed since it was looked up: then nobody is found under the one before.

        Raises `InvalidInput` as at opening if the new one is not at hand.
        """
        before = self._keys.check()
        self._keys.take((await self._store.read([PersonKeys.query]))[0][0])
        return self._keys.check() != before

    async def _write_wordings(self, wordings: Sequence[Wording]) -> None:
        """Write those that are not stored yet, each by itself: another desk may write the same."""
        rows = (await self._store.read([RecordsByKey(WORDINGS.name, [each.key for each in wordings])]))[0]
        new = [each for each, row in zip(wordings, rows, strict=True) if row is None]
        if new:
            await self._store.commit([StoreChange(puts=(each.put(),)) for each in new])
        self._texts.update(wordings)

    async def _answers(self, rows: Sequence[Row]) -> list[Answer]:
        """The answers of these records. A round trip if wordings or assertions are to be read for them."""
        answers = list(map(parts_of, rows))
        wanted = {key for each in answers for key in each.wordings if key not in self._texts}
        asserted = [each.row[0] for each in answers if each.has_assertions]
        said: Sequence[Row | None] = ()
        if wanted or asserted:
            texts, said = await self._store.read(
                [RecordsByKey(WORDINGS.name, sorted(wanted)), RecordsByKey(ASSERTIONS.name, asserted)]
            )
            self._texts.update((row[0], checked_text(row)) for row in texts if row is not None)
        found = dict(zip(asserted, said, strict=True))
        return [answer_of(each, self._texts, found.get(each.row[0])) for each in answers]

    async def open_calendars(self, branches: Sequence[BranchId]) -> None:
        """Begin a calendar for each of `branches` that has none yet; declarations raise every calendar that is open.

        Takes a few round trips. The country's calendar is raised too, so that no declaration misses a new branch.
        """
        results: Sequence[object] = (True,)
        while any(results):
            rows: list[Row] = (await self._store.read([RecordsByIndex(CALENDARS.name, None, [Span()])]))[0][0]
            stored = {row[0]: row for row in rows}
            _, version, last, _ = stored.get(COUNTRY, (COUNTRY, 0, 0, ""))
            new = [Put(CALENDARS.name, branch, 0, (last,), "") for branch in branches if branch not in stored]
            country = Put(CALENDARS.name, COUNTRY, version, (last,), "")
            results = await self._store.commit([StoreChange(puts=(country, *new))]) if new else ()

    async def seats(self, slots: Sequence[SlotKey]) -> dict[SlotKey, int]:
        """The seats taken of each slot."""
        return dict(
            zip(
                slots, (await self._store.read([CountersByKey(SEATS.name, list(map(seat_key, slots)))]))[0], strict=True
            )
        )

    async def seats_taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, SeatCount]:
        """The seats taken of the slots in `ranges`, from one snapshot; slots without a seat taken are left out.

        `Taken.lapsed` counts the holds of the slot that end at or before `lapsed_by`. A hold that can't be decoded
        keeps its seat.
        """
        counted, held = await self._store.read(
            [
                CountersByRange(SEATS.name, [seat_span(each) for each in ranges]),
                RecordsByIndex(
                    APPOINTMENTS.name,
                    "holds_at_branch",
                    [Span((each.branch,), each.from_, each.until) for each in ranges],
                ),
            ]
        )
        holds = _holds({row[0]: row for rows in held for row in rows}.values(), lapsed_by)
        lapsed = Counter(hold.slot for hold in holds)
        seats_taken = _slots(counted)
        return {slot: SeatCount(seats, lapsed[slot]) for slot, seats in seats_taken.items()}

    async def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> list[Appointment]:
        """At most `limit` holds (of `slot`, or of all) that end at or before `by`.

        The soonest first; those that end together, in the order of their numbers. Those that can't be decoded are left
        out, at the cost of a round trip for each `limit` of them.
        """
        if slot is not None:
            return (await self.lapsed_at([slot], by=by))[0][: max(0, limit)]
        found: list[Appointment] = []
        span = Span((), None, by + TICK)
        while len(found) < limit:
            rows = (await self._store.read([RecordsByIndex(APPOINTMENTS.name, "holds_by_end", [span], limit=limit)]))[
                0
            ][0]
            found += _holds(rows, by)
            if len(rows) < limit:
                break
            span = Span((), None, by + TICK, after=(rows[-1][_HOLD_ENDS_AT], rows[-1][0]))
        return found[: max(0, limit)]

    async def lapsed_at(self, slots: Sequence[SlotKey], *, by: datetime) -> list[list[Appointment]]:
        """The holds of each slot that end at or before `by`, each list in the order of `lapsed`.

        Those that can't be decoded are left out.
        """
        spans = [Span((slot.branch,), slot.starts_at, slot.starts_at + TICK) for slot in slots]
        found = (await self._store.read([RecordsByIndex(APPOINTMENTS.name, "holds_at_branch", spans)]))[0]
        lapsed = []
        for slot, rows in zip(slots, found, strict=True):
            holds = _holds([row for row in rows if row[_SERVICE] == slot.service], by)
            lapsed.append(sorted(holds, key=attrgetter("hold_ends_at", "number")))
        return lapsed

    async def answer(self, request_id: RequestId) -> Answer | None:
        """The answer to the request of that id, None if it has not been answered. At most two round trips."""
        row = (await self._store.read([RecordsByKey(ANSWERS.name, [request_id])]))[0][0]
        return None if row is None else (await self._answers([row]))[0]

    async def answers(self, *, after: RequestId | None, limit: int) -> list[Answer]:
        """At most `limit` answers with a request id greater than `after` (None: from the first), by request id.

        At most two round trips.
        """
        cursor = None if after is None else (after,)
        query = RecordsByIndex(ANSWERS.name, None, [Span(after=cursor)], limit=limit)
        return await self._answers((await self._store.read([query]))[0][0])

    async def appointment(self, number: AppointmentNumber) -> Appointment | None:
        """The appointment of that number, None if there is none."""
        row = (await self._store.read([RecordsByKey(APPOINTMENTS.name, [number])]))[0][0]
        return None if row is None else appointment_of(row)

    async def appointments_of(self, person: PersonId, *, limit: int) -> list[Appointment]:
        """At most `limit` appointments of a person, of any state, the latest start (then the greatest number) first.

        Two round trips if there is none.
        """
        if not self._keys.known:
            await self.open_persons()
        spans = [Span((subject,)) for subject in self._keys.subjects_of(person)]
        query = RecordsByIndex(APPOINTMENTS.name, "of_subject", spans, descending=True, limit=limit)
        found = [appointment_of(row) for rows in (await self._store.read([query]))[0] for row in rows]
        if not found and await self._key_has_changed():
            return await self.appointments_of(person, limit=limit)
        return found

    async def appointments_since(self, asked: Sequence[tuple[Applicant, datetime]]) -> list[list[Appointment]]:
        """Of each applicant the appointments, of any state, whose slots start at or after the instant, by start."""
        spans = [Span((applicant.subject,), since) for applicant, since in asked]
        found = (await self._store.read([RecordsByIndex(APPOINTMENTS.name, "of_subject", spans)]))[0]
        return [list(map(appointment_of, rows)) for rows in found]

    async def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> list[Appointment]:
        """The appointments at a branch that have a seat and start in `from_` (inclusive) to `until` (exclusive).

        In the order of their start, then of their number.
        """
        query = RecordsByIndex(APPOINTMENTS.name, "at_branch", [Span((branch,), from_, until)])
        return [appointment_of(row) for row in (await self._store.read([query]))[0][0] if row[_STATE] in SEATED]

    async def calendar_entries(self, *, after: int) -> list[CalendarEntry]:
        """The entries of the working calendar whose number is greater than `after` (0 for all), in their order."""
        query = RecordsByIndex(CALENDAR_ENTRIES.name, None, [Span(after=(entry_key(max(0, after)),))])
        return [entry_of(row) for row in (await self._store.read([query]))[0][0]]

    async def calendar_records(self, *, after: int) -> list[CalendarRecord]:
        """Their records; an `UnreadableEntry` stands for one that can't be decoded."""
        query = RecordsByIndex(CALENDAR_ENTRIES.name, None, [Span(after=(entry_key(max(0, after)),))])
        return list(map(record_of, (await self._store.read([query]))[0][0]))

    async def history(self, number: AppointmentNumber) -> list[AppointmentEvent]:
        """The events of an appointment in the order of their versions; empty if there is none of that number."""
        return (await self.histories([number]))[0]

    async def histories(self, numbers: Sequence[AppointmentNumber]) -> list[list[AppointmentEvent]]:
        """The history of each number, in their order, all from one snapshot."""
        query = EntriesOfStreams([stream_of_appointment(number) for number in numbers])
        return [list(map(event_of, entries)) for entries in (await self._store.read([query]))[0]]

    async def feed(self, after: FeedPosition, *, limit: int) -> FeedPage:
        """At most `limit` entries behind `after`; see `Store.feed`. A few round trips.

        The page ends before an entry that can't be decoded. If that is the first, raises `StoreUnreadable` with its
        position.
        """
        page = await self._store.feed(after, limit=limit)
        entries = await self._readable_feed_entries(page.entries)
        while page.entries and not entries:  # nothing but what is passed over: a reader must get on
            page = await self._store.feed(page.entries[-1].position, limit=max(limit, SKIPPED_TOGETHER))
            entries = await self._readable_feed_entries(page.entries)
        if len(entries) > limit:
            return FeedPage(entries=tuple(entries[:limit]), complete_until=entries[limit - 1].position)
        return FeedPage(entries=tuple(entries), complete_until=page.complete_until)

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
                raise StoreUnreadable(
                    f"feed position {tuple(each.position)}: {error}",
                    collection=error.collection,
                    key=error.key,
                    position=each.position,
                ) from None
        return entries

    async def _feed_entries(self, found: Sequence[LogEntry]) -> list[FeedEntry]:
        """The feed entries of log entries; a refusal whose answer has been pruned is passed over."""
        shown = [(each, refused_request_of(each)) for each in found if each.kind != AGAIN_KIND]
        asked = [request for _, request in shown if request is not None]
        rows = (await self._store.read([RecordsByKey(ANSWERS.name, asked)]))[0] if asked else ()
        answers = {
            each.command.request_id: each for each in await self._answers([row for row in rows if row is not None])
        }
        return [
            feed_entry(entry, None if request is None else answers[request])
            for entry, request in shown
            if request is None or request in answers
        ]

    async def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> list[StoredAppointment]:
        """At most `limit` appointments whose number is greater than `after`, in the order of their numbers.

        Each with its events, read again in one snapshot with it. Two round trips.
        """
        span = Span(after=None if after is None else (after,))
        listed = (await self._store.read([RecordsByIndex(APPOINTMENTS.name, None, [span], limit=limit)]))[0][0]
        return await self.stored_under([row[0] for row in listed]) if listed else []

    async def stored_under(self, numbers: Sequence[AppointmentNumber]) -> list[StoredAppointment]:
        """All that is stored under each number, in their order, from one snapshot."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = await self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return [
            StoredAppointment(
                number=number,
                appointment=None if row is None else appointment_of(row),
                events=tuple(map(event_of, events)),
            )
            for number, row, events in zip(numbers, rows, entries, strict=True)
        ]

    async def audit_slots(self, *, after: SlotKey | None, limit: int) -> list[StoredSlot]:
        """At most `limit` slots with a seat taken whose key follows that of `after`, in the order of the keys.

        Each with how many appointments have a seat there, counted in one snapshot with it. Two round trips.
        """
        span = KeySpan(after=None if after is None else seat_key(after))
        listed = (await self._store.read([CountersByRange(SEATS.name, [span], limit)]))[0][0]
        return await self.counted([seat_slot(key) for key, _ in listed]) if listed else []

    async def counted(self, slots: Sequence[SlotKey]) -> list[StoredSlot]:
        """The seats taken of each slot, in their order, with what they count: all from one snapshot."""
        starts = [Span((slot.branch,), slot.starts_at, slot.starts_at + TICK) for slot in slots]
        seats_taken, rows = await self._store.read(
            [
                CountersByKey(SEATS.name, list(map(seat_key, slots))),
                RecordsByIndex(APPOINTMENTS.name, "at_branch", starts),
            ]
        )
        seated = [Counter(row[_SERVICE] for row in there if row[_STATE] in SEATED) for there in rows]
        return [
            StoredSlot(slot, seats, counted[slot.service])
            for slot, seats, counted in zip(slots, seats_taken, seated, strict=True)
        ]


def _slots(counted: Sequence[Sequence[tuple[str, int]]]) -> dict[SlotKey, int]:
    """The counts by slot. Raises `StoreUnreadable`, which names the key that names no slot."""
    try:
        return {slot_of(key): seats for values in counted for key, seats in values}
    except ValueError:
        return {seat_slot(key): seats for values in counted for key, seats in values}


def _holds(rows: Iterable[Row], by: datetime) -> list[Appointment]:
    """Those of the holds that end at or before `by` and can be decoded."""
    holds = []
    for row in rows:
        if row[_HOLD_ENDS_AT] <= by:
            with suppress(StoreUnreadable):  # nobody can end it: its seat stays taken
                holds.append(appointment_of(row))
    return holds
