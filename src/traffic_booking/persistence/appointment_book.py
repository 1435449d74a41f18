"""The appointment book: what the desk reads and writes, in the domain's words, over any store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import SEATED, Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import COUNTRY, Facts, FactsQuery
from traffic_booking.domain.feed import FeedPage, FeedPosition
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.persistence.changes import conflict_of, event_of, feed_entry, store_change
from traffic_booking.persistence.facts import TICK, facts_of, facts_reading
from traffic_booking.persistence.keys import entry_key, seat_key, seat_span, slot_of, stream_of_appointment
from traffic_booking.persistence.records import answer_of, appointment_of, decoded, entry_of
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, CALENDAR_ENTRIES, CALENDARS, SEATS
from traffic_booking.ports.primitives import (
    CountersByKey,
    CountersByRange,
    EntriesOfStreams,
    KeySpan,
    Put,
    RecordsByIndex,
    RecordsByKey,
    Row,
    Span,
    StoreChange,
)
from traffic_booking.ports.store import Store

COMMITTED: Final = Committed()

_STATE: Final = APPOINTMENTS.place("state")
_SERVICE: Final = APPOINTMENTS.place("service")


class AppointmentBook:
    """Appointments, seats, answers and calendar entries in a store.

    Every method is one round trip to the store, unless its docstring states more. It raises `StoreError` if the store
    fails.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def facts(self, queries: Sequence[FactsQuery]) -> list[Facts]:
        """The facts of each query, in their order, all from one snapshot that holds everything committed before.

        `taken` has an entry for every slot of the query, 0 if no seat is taken. `standing` is that of a new person, of
        version 0, if nothing is stored; None if the query names an appointment that does not exist, or nobody.
        """
        reading = facts_reading(queries)
        found = self._store.read(reading.queries())
        return facts_of(queries, reading, found)

    def commit(self, changes: Sequence[Change]) -> list[Committed | Conflict]:
        """Write each change whole or not at all, in their order; a later change sees the earlier ones."""
        results = self._store.commit(list(map(store_change, changes)))
        if not any(results):
            return [COMMITTED] * len(changes)
        return [
            COMMITTED if result is None else conflict_of(change, result)
            for change, result in zip(changes, results, strict=True)
        ]

    def open_calendars(self, branches: Sequence[BranchId]) -> None:
        """Begin a calendar for each of `branches` that has none yet; declarations raise every calendar that is open.

        Takes a few round trips. The country's calendar is raised too, so that no declaration misses a new branch.
        """
        results: Sequence[object] = (True,)
        while any(results):
            rows: list[Row] = self._store.read([RecordsByIndex(CALENDARS.name, None, [Span()])])[0][0]
            stored = {row[0]: row for row in rows}
            _, version, last, _ = stored.get(COUNTRY, (COUNTRY, 0, 0, ""))
            new = [Put(CALENDARS.name, branch, 0, (last,), "") for branch in branches if branch not in stored]
            country = Put(CALENDARS.name, COUNTRY, version, (last,), "")
            results = self._store.commit([StoreChange(puts=(country, *new))]) if new else ()

    def seats_taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        """The seats taken of the slots in `ranges`, from one snapshot; slots without a seat taken are left out.

        `Taken.lapsed` counts the holds of the slot that end at or before `lapsed_by`.
        """
        counted, held = self._store.read(
            [
                CountersByRange(SEATS.name, [seat_span(each) for each in ranges]),
                RecordsByIndex(
                    APPOINTMENTS.name,
                    "holds_at_branch",
                    [Span((each.branch,), each.from_, each.until) for each in ranges],
                ),
            ]
        )
        lapsed = Counter(
            appointment.slot
            for appointment in {row[0]: appointment_of(row) for rows in held for row in rows}.values()
            if _has_lapsed(appointment, lapsed_by)
        )
        taken = decoded(SEATS.name, _slots, counted)
        return {slot: Taken(seats, lapsed[slot]) for slot, seats in taken.items()}

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> list[Appointment]:
        """At most `limit` holds (of `slot`, or of all) that end at or before `by`.

        The soonest first; those that end together, in the order of their numbers.
        """
        if slot is not None:
            return self.lapsed_at([slot], by=by)[0][: max(0, limit)]
        query = RecordsByIndex(APPOINTMENTS.name, "holds_by_end", [Span((), None, by + TICK)], limit=limit)
        return [appointment_of(row) for row in self._store.read([query])[0][0]]

    def lapsed_at(self, slots: Sequence[SlotKey], *, by: datetime) -> list[list[Appointment]]:
        """The holds of each slot that end at or before `by`, each list in the order of `lapsed`."""
        spans = [Span((slot.branch,), slot.starts_at, slot.starts_at + TICK) for slot in slots]
        found = self._store.read([RecordsByIndex(APPOINTMENTS.name, "holds_at_branch", spans)])[0]
        lapsed = []
        for slot, rows in zip(slots, found, strict=True):
            holds = [each for each in map(appointment_of, rows) if each.slot == slot and _has_lapsed(each, by)]
            lapsed.append(sorted(holds, key=attrgetter("hold_ends_at", "number")))
        return lapsed

    def answer(self, request_id: RequestId) -> Answer | None:
        """The answer to the request of that id, None if it has not been answered."""
        row = self._store.read([RecordsByKey(ANSWERS.name, [request_id])])[0][0]
        return None if row is None else answer_of(row)

    def answers(self, *, after: RequestId | None, limit: int) -> list[Answer]:
        """At most `limit` answers with a request id greater than `after` (None: from the first), by request id."""
        cursor = None if after is None else (after,)
        query = RecordsByIndex(ANSWERS.name, None, [Span(after=cursor)], limit=limit)
        return [answer_of(row) for row in self._store.read([query])[0][0]]

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        """The appointment of that number, None if there is none."""
        row = self._store.read([RecordsByKey(APPOINTMENTS.name, [number])])[0][0]
        return None if row is None else appointment_of(row)

    def appointments_of(self, applicant: PersonId, *, limit: int) -> list[Appointment]:
        """At most `limit` appointments of a person, of any state, the latest start (then the greatest number) first."""
        span = Span((applicant.reveal(),))
        query = RecordsByIndex(APPOINTMENTS.name, "of_person", [span], descending=True, limit=limit)
        return [appointment_of(row) for row in self._store.read([query])[0][0]]

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> list[Appointment]:
        """The appointments at a branch that have a seat and start in `from_` (inclusive) to `until` (exclusive).

        In the order of their start, then of their number.
        """
        query = RecordsByIndex(APPOINTMENTS.name, "at_branch", [Span((branch,), from_, until)])
        found = [appointment_of(row) for row in self._store.read([query])[0][0]]
        return [appointment for appointment in found if appointment.has_seat]

    def calendar_entries(self, *, after: int) -> list[CalendarEntry]:
        """The entries of the working calendar whose number is greater than `after` (0 for all), in their order."""
        query = RecordsByIndex(CALENDAR_ENTRIES.name, None, [Span(after=(entry_key(max(0, after)),))])
        return [entry_of(row) for row in self._store.read([query])[0][0]]

    def history(self, number: AppointmentNumber) -> list[AppointmentEvent]:
        """The events of an appointment in the order of their versions; empty if there is none of that number."""
        return self.histories([number])[0]

    def histories(self, numbers: Sequence[AppointmentNumber]) -> list[list[AppointmentEvent]]:
        """The history of each number, in their order, all from one snapshot."""
        query = EntriesOfStreams([stream_of_appointment(number) for number in numbers])
        return [[event_of(entry) for entry in entries] for entries in self._store.read([query])[0]]

    def feed(self, after: FeedPosition, *, limit: int) -> FeedPage:
        """At most `limit` entries behind `after`; see `Store.feed`."""
        page = self._store.feed(after, limit=limit)
        return FeedPage(entries=tuple(map(feed_entry, page.entries)), complete_until=page.complete_until)

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> list[StoredAppointment]:
        """At most `limit` appointments whose number is greater than `after`, in the order of their numbers.

        Each with its events, read again in one snapshot with it. Two round trips.
        """
        span = Span(after=None if after is None else (after,))
        listed = self._store.read([RecordsByIndex(APPOINTMENTS.name, None, [span], limit=limit)])[0][0]
        return self.stored_under([row[0] for row in listed]) if listed else []

    def stored_under(self, numbers: Sequence[AppointmentNumber]) -> list[StoredAppointment]:
        """All that is stored under each number, in their order, from one snapshot."""
        streams = [stream_of_appointment(number) for number in numbers]
        rows, entries = self._store.read([RecordsByKey(APPOINTMENTS.name, numbers), EntriesOfStreams(streams)])
        return [
            StoredAppointment(
                number=number,
                appointment=None if row is None else appointment_of(row),
                events=tuple(map(event_of, events)),
            )
            for number, row, events in zip(numbers, rows, entries, strict=True)
        ]

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> list[StoredSlot]:
        """At most `limit` slots with a seat taken whose key follows that of `after`, in the order of the keys.

        Each with how many appointments have a seat there, counted in one snapshot with it. Two round trips.
        """
        span = KeySpan(after=None if after is None else seat_key(after))
        listed = self._store.read([CountersByRange(SEATS.name, [span], limit)])[0][0]
        if not listed:
            return []
        slots = [decoded(SEATS.name, lambda row: slot_of(row[0]), (key,)) for key, _ in listed]
        starts = [Span((slot.branch,), slot.starts_at, slot.starts_at + TICK) for slot in slots]
        taken, rows = self._store.read(
            [
                CountersByKey(SEATS.name, [key for key, _ in listed]),
                RecordsByIndex(APPOINTMENTS.name, "at_branch", starts),
            ]
        )
        seated = [Counter(row[_SERVICE] for row in there if row[_STATE] in SEATED) for there in rows]
        return [
            StoredSlot(slot, seats, counted[slot.service])
            for slot, seats, counted in zip(slots, taken, seated, strict=True)
        ]


def _slots(counted: Sequence[Sequence[tuple[str, int]]]) -> dict[SlotKey, int]:
    return {slot_of(key): seats for values in counted for key, seats in values}


def _has_lapsed(hold: Appointment, by: datetime) -> bool:
    return hold.hold_ends_at is not None and hold.hold_ends_at <= by
