"""A store in the process's memory: for tests, demonstrations and one process that may forget.

Real semantics: one lock, all guards of a change checked, then all of it written. The values are immutable, so nothing
live is ever handed out. It promises no durability.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import chain
from threading import Lock

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.domain.errors import StoreClosed
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.facts import Facts, FactsQuery, Standing
from traffic_booking.domain.identity import PersonId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey, SlotRange, Taken
from traffic_booking.domain.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.working_time import CalendarEntry


class MemoryStore:
    """A `Store` that lives as long as the process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._answers: dict[str, Answer] = {}
        self._once: set[str] = set()
        self._seats: dict[SlotKey, int] = {}
        self._standings: dict[PersonId, int] = {}
        self._appointments: dict[AppointmentNumber, Appointment] = {}
        self._of_person: defaultdict[PersonId, set[AppointmentNumber]] = defaultdict(set)
        self._holds: dict[AppointmentNumber, Appointment] = {}
        self._events: defaultdict[AppointmentNumber, list[AppointmentEvent]] = defaultdict(list)
        self._attempts: dict[PersonId, SignInAttempts] = {}
        self._hashes: dict[PersonId, str] = {}
        self._entries: list[CalendarEntry] = []

    def facts(self, queries: Sequence[FactsQuery]) -> Sequence[Facts]:
        with self._lock:
            self._check_open()
            return [self._facts(query) for query in queries]

    def taken(self, ranges: Sequence[SlotRange], *, lapsed_by: datetime) -> Mapping[SlotKey, Taken]:
        with self._lock:
            self._check_open()
            wanted = {
                key: seats
                for key, seats in self._seats.items()
                if seats and any(_is_in(key, slots) for slots in ranges)
            }
            lapsed = defaultdict[SlotKey, int](int)
            for hold in self._holds.values():
                lapsed[hold.slot] += _has_lapsed(hold, lapsed_by)
            return {key: Taken(seats, lapsed[key]) for key, seats in wanted.items()}

    def lapsed(self, *, by: datetime, slot: SlotKey | None = None, limit: int = 100) -> Sequence[Appointment]:
        with self._lock:
            self._check_open()
            found = [
                hold for hold in self._holds.values() if _has_lapsed(hold, by) and (slot is None or hold.slot == slot)
            ]
        return sorted(found, key=lambda hold: (hold.hold_ends_at, hold.number))[:limit]

    def commit(self, changes: Sequence[Change]) -> Sequence[Committed | Conflict]:
        with self._lock:
            self._check_open()
            results: list[Committed | Conflict] = []
            for change in changes:
                conflict = self._conflict(change)
                if conflict is None:
                    self._write(change)
                results.append(conflict or Committed())
            return results

    def answer(self, request_id: RequestId) -> Answer | None:
        with self._lock:
            self._check_open()
            return self._answers.get(request_id)

    def answers(self, *, after: RequestId | None, limit: int) -> Sequence[Answer]:
        with self._lock:
            self._check_open()
            wanted = sorted(request_id for request_id in self._answers if after is None or request_id > after)
            return [self._answers[request_id] for request_id in wanted[: max(0, limit)]]

    def appointment(self, number: AppointmentNumber) -> Appointment | None:
        with self._lock:
            self._check_open()
            return self._appointments.get(number)

    def appointments_of(self, applicant: PersonId, *, limit: int) -> Sequence[Appointment]:
        with self._lock:
            self._check_open()
            found = [self._appointments[number] for number in self._of_person.get(applicant, ())]
        return sorted(found, key=lambda a: (a.slot.starts_at, a.number), reverse=True)[:limit]

    def appointments_at(self, branch: BranchId, *, from_: datetime, until: datetime) -> Sequence[Appointment]:
        with self._lock:
            self._check_open()
            found = [
                a
                for a in self._appointments.values()
                if a.has_seat and a.slot.branch == branch and from_ <= a.slot.starts_at < until
            ]
        return sorted(found, key=lambda a: (a.slot.starts_at, a.number))

    def calendar_entries(self, *, after: int) -> Sequence[CalendarEntry]:
        with self._lock:
            self._check_open()
            return tuple(self._entries[max(0, after) :])

    def history(self, number: AppointmentNumber) -> Sequence[AppointmentEvent]:
        with self._lock:
            self._check_open()
            return tuple(self._events.get(number, ()))

    def stored_appointments(self, *, after: AppointmentNumber | None, limit: int) -> Sequence[StoredAppointment]:
        with self._lock:
            self._check_open()
            wanted = {number for number in chain(self._appointments, self._events) if after is None or number > after}
            return [
                StoredAppointment(
                    number=number,
                    appointment=self._appointments.get(number),
                    events=tuple(self._events.get(number, ())),
                )
                for number in nsmallest(limit, wanted)
            ]

    def stored_slots(self, *, after: SlotKey | None, limit: int) -> Sequence[StoredSlot]:
        with self._lock:
            self._check_open()
            wanted = [key for key, seats in self._seats.items() if seats and (after is None or key > after)]
            seated = Counter(each.slot for each in self._appointments.values() if each.has_seat)
            return [StoredSlot(key, self._seats[key], seated[key]) for key in nsmallest(limit, wanted)]

    def password_hash(self, applicant: PersonId) -> str | None:
        with self._lock:
            self._check_open()
            return self._hashes.get(applicant)

    def set_password_hash(self, applicant: PersonId, encoded: str) -> None:
        with self._lock:
            self._check_open()
            self._hashes[applicant] = encoded

    def replace_password_hash(self, applicant: PersonId, *, seen: str | None, encoded: str) -> bool:
        with self._lock:
            self._check_open()
            if self._hashes.get(applicant) != seen:
                return False
            self._hashes[applicant] = encoded
            return True

    def is_spent(self, key: str) -> bool:
        with self._lock:
            self._check_open()
            return key in self._once

    def sign_in_attempts(self, applicant: PersonId) -> SignInAttempts:
        with self._lock:
            self._check_open()
            return self._attempts.get(applicant) or SignInAttempts(applicant=applicant)

    def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("the memory store is closed; expected to be used before close()")

    def _facts(self, query: FactsQuery) -> Facts:
        appointment = self._appointments.get(query.number) if query.number is not None else None
        applicant = appointment.applicant if appointment is not None else query.applicant
        return Facts(
            answer=self._answers.get(query.request_id),
            appointment=appointment,
            standing=self._standing(applicant, query.ending_after) if applicant is not None else None,
            taken={key: self._seats.get(key, 0) for key in query.slots},
            calendar_revision=len(self._entries),
        )

    def _standing(self, applicant: PersonId, ending_after: datetime) -> Standing:
        theirs = (self._appointments[number] for number in self._of_person.get(applicant, ()))
        found = [appointment for appointment in theirs if appointment.slot_ends_at > ending_after]
        found.sort(key=lambda a: (a.slot.starts_at, a.number))
        return Standing(applicant, self._standings.get(applicant, 0), tuple(found))

    def _conflict(self, change: Change) -> Conflict | None:  # noqa: C901, PLR0911 - one branch and one return a guard
        if change.answer is not None:
            answer = self._answers.get(change.answer.command.request_id)
            if answer is not None:
                return Conflict(guard=Guard.REQUEST, answer=answer)
        if len(set(change.once)) < len(change.once) or not self._once.isdisjoint(change.once):
            return Conflict(guard=Guard.ONCE)
        if change.calendar_revision not in (None, len(self._entries)):
            return Conflict(guard=Guard.CALENDAR)
        if change.entry is not None and change.entry.number != len(self._entries) + 1:
            return Conflict(guard=Guard.CALENDAR)
        guard = change.standing
        if guard is not None and self._standings.get(guard.applicant, 0) != guard.expected_version:
            return Conflict(guard=Guard.STANDING)
        for appointment in change.appointments:
            stored = self._appointments.get(appointment.number)
            if (stored.version if stored else 0) != appointment.version - 1:
                return Conflict(guard=Guard.APPOINTMENT)
        if change.attempts is not None:
            before = self._attempts.get(change.attempts.applicant)
            if (before.version if before else 0) != change.attempts.version - 1:
                return Conflict(guard=Guard.ATTEMPTS)
        for seat in change.seats:
            after = self._seats.get(seat.slot, 0) + seat.delta
            if after < 0 or (seat.delta > 0 and after > seat.capacity):
                return Conflict(guard=Guard.SEATS, slot=seat.slot)
        return None

    def _write(self, change: Change) -> None:
        if change.answer is not None:
            self._answers[change.answer.command.request_id] = change.answer
        self._once.update(change.once)
        if change.standing is not None:
            self._standings[change.standing.applicant] = change.standing.expected_version + 1
        for appointment in change.appointments:
            self._appointments[appointment.number] = appointment
            self._of_person[appointment.applicant].add(appointment.number)
            self._holds.pop(appointment.number, None)
            if appointment.hold_ends_at is not None:
                self._holds[appointment.number] = appointment
        for event in change.events:
            self._events[event.number].append(event)
        if change.attempts is not None:
            self._attempts[change.attempts.applicant] = change.attempts
        if change.entry is not None:
            self._entries.append(change.entry)
        for seat in change.seats:
            self._seats[seat.slot] = self._seats.get(seat.slot, 0) + seat.delta


def _has_lapsed(hold: Appointment, by: datetime) -> bool:
    return hold.hold_ends_at is not None and hold.hold_ends_at <= by


def _is_in(key: SlotKey, slots: SlotRange) -> bool:
    return key.branch == slots.branch and key.service == slots.service and slots.from_ <= key.starts_at < slots.until
