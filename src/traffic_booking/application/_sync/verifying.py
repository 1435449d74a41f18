"""Reads a whole store page by page, and compares every part with the others, while requests go on.

First the persons and appointments are listed; later ones are left to the next audit. A page has some of these persons,
and everything that is stored about them is read in one snapshot: their states, appointments and events. The answers are
read later, and requests leave answers as they are. A pruning removes an appointment in one change with all of its
events and answers; so if an answer is absent, the appointment is read again, and passed over if nothing of it is left.
Counts that differ from the appointments that were read are compared again in one snapshot. So every reported part was
broken.

Made from `traffic_booking.application.verifying` by `python -m tools.check_sync --write`: change that.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from traffic_booking.application._sync.log_auditing import LogAudit
from traffic_booking.application.sealed_log import LogToAudit
from traffic_booking.application.verification import (
    AuditProgress,
    ReadPerson,
    Verification,
    broken_counts,
    broken_declaration,
    broken_rules,
    requests_of,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MARGIN
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.invariants import (
    answered_appointment,
    broken_capacity,
    broken_in_answer,
    broken_in_appointment,
    broken_in_requests,
    broken_in_slot,
    broken_person,
    granted_capacities,
    not_by_number,
    unknown_in_person_state,
)
from traffic_booking.domain.audit.limit_audit import AppointmentHistory, PlacedEvent, broken_limits
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.outcomes import Answer, Declared
from traffic_booking.domain.errors import InvalidInput, StoreUnreadable
from traffic_booking.domain.instants import instant
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence._sync.audit_reading import DECODERS, StoredPerson, placed_events
from traffic_booking.persistence._sync.installations import Installations
from traffic_booking.persistence.basic_codecs import optional
from traffic_booking.persistence.keys import seat_key, seat_of
from traffic_booking.persistence.log import person_fault
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import appointment_of, person_state_of, seats_of
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, PEOPLE, PERSONS
from traffic_booking.ports.clock import Clock

PAGE: Final = 200
"""How many persons, slots or answers are read at a time."""

_STARTS_AT: Final = APPOINTMENTS.place("starts_at")
_SUBJECTS: Final = {
    PEOPLE.name: 0,
    PERSONS.name: PERSONS.place("subject"),
    APPOINTMENTS.name: APPOINTMENTS.place("subject"),
}
"""The collections that name persons, and the place of the subject in their records."""


def verify(
    book: AppointmentBook,
    installations: Installations,
    configuration: Configuration,
    clock: Clock,
    progress: AuditProgress,
    log: LogToAudit | None = None,
) -> Verification:
    """Audit the store of `book`, and return the result of `progress`, which gets every fault and every page."""
    reading = book.audit_reading()
    progress.has_log = log is not None
    inspection = reading.inspection()
    if inspection is not None:
        progress.inspected(inspection)
    if log is not None:
        LogAudit(reading, log, progress).compare()
    audit = _Audit(book, configuration, clock, progress)
    audit.rulebooks(installations)
    audit.records()
    audit.persons()
    audit.log()
    audit.slots()
    audit.answers()
    return progress.result


class _Audit:
    """One pass through the store."""

    def __init__(
        self, book: AppointmentBook, configuration: Configuration, clock: Clock, progress: AuditProgress
    ) -> None:
        self._book = book
        self._configuration = configuration
        self._versions = {each.version: each for each in configuration.rulebooks.versions}
        self._clock = clock
        self._progress = progress
        self._reading = book.audit_reading()
        self._numbers: set[AppointmentNumber] = set()
        self._requests: set[RequestId] = set()
        """The appointments and answers that were compared."""
        self._seated = Counter[str]()
        """The seats of the appointments that were read, by the keys of their counts."""

    def rulebooks(self, installations: Installations) -> None:
        """Read the versions that were installed before."""
        with self._progress.noting_unreadable():
            self._versions = installations.versions(self._configuration.rulebooks)

    def records(self) -> None:
        """Read every record of the collections whose records are all decoded."""
        for collection, decode in DECODERS.items():
            after: str | None = None
            while rows := self._reading.rows(collection, after=after, limit=PAGE):
                after = rows[-1][0]
                for row in rows:
                    with self._progress.noting_unreadable():
                        decode(row)

    def persons(self) -> None:
        """Compare all that is stored about each person: their state, registration, appointments, events and answers."""
        row = self._reading.store.read([PersonKeys.query])[0][0]
        with self._progress.noting_unreadable():
            try:
                if row is not None:
                    self._book.keys.take(row)
            except InvalidInput:  # without the store's key, ids are not compared with their commitments
                self._progress.without_key = True
        known: dict[str, list[AppointmentNumber]] = {}
        for collection, place in _SUBJECTS.items():
            after: str | None = None
            while rows := self._reading.rows(collection, after=after, limit=PAGE):
                after = rows[-1][0]
                for row in rows:
                    numbers = known.setdefault(row[place], [])
                    if collection == APPOINTMENTS.name:
                        numbers.append(row[0])
        subjects = list(known)
        for first in range(0, len(subjects), PAGE):
            self._compare_persons({each: known[each] for each in subjects[first : first + PAGE]})

    def log(self) -> None:
        """Check that every event in the log belongs to an appointment."""
        after, found = self._reading.logged_numbers(BEGINNING, limit=PAGE)
        while after is not None:
            new = sorted(found - self._numbers)
            for stored in self._stored_under(new) if new else ():
                if stored.appointment is None:
                    self._progress.note(broken_in_appointment(stored))
            self._numbers.update(new)
            after, found = self._reading.logged_numbers(after, limit=PAGE)

    def slots(self) -> None:
        """Compare every count that has a seat taken with its appointments and with the timetable."""
        after: str | None = None
        while page := self._reading.seats_taken(after=after, limit=PAGE):
            after = page[-1][0]
            self._compare_counts([key for key, seats in page if self._seated.pop(key, 0) != seats])
            for key, seats in page:
                if seats > 1:
                    with self._progress.noting_unreadable():
                        seat = seat_of(key)
                        self._compare_capacity(StoredSlot(seat, seats, seats))
            self._progress.add(slots=len(page))
            self._progress.report()
        self._compare_counts(sorted(self._seated))

    def answers(self) -> None:
        """Compare every other answer with the events of its appointment, or with its calendar entry."""
        after: str | None = None
        while rows := self._reading.rows(ANSWERS.name, after=after, limit=PAGE):
            after = rows[-1][0]
            read = self._reading.answers_of([row for row in rows if row[0] not in self._requests])
            for error in read.unreadable.values():
                self._progress.note_unreadable(error)
            for answer in read.answers.values():
                self._evaluate_again(answer)
                with self._progress.noting_unreadable():
                    self._compare_answer(answer)
            self._progress.report()

    def _compare_counts(self, keys: Sequence[str]) -> None:
        """Compare counts that may differ from the appointments, in one snapshot."""
        seats = []
        for key in keys:
            with self._progress.noting_unreadable():
                seats.append(seat_of(key))
        for stored in self._book.counted(seats) if seats else ():
            self._progress.note(broken_in_slot(stored))

    def _compare_persons(self, known: Mapping[str, Sequence[AppointmentNumber]]) -> None:
        """Compare persons, and the appointments that are known to be theirs."""
        found = self._reading.persons(known)
        by = instant(self._clock.now()) + MARGIN  # no state that was read was written later, by any host's clock
        persons = [self._decoded(each) for each in found]
        read = self._reading.answers_to([*dict.fromkeys(each for one in persons for each in one.requests())])
        for error in read.unreadable.values():
            self._progress.note_unreadable(error)
        gone = self._gone(persons, {*read.answers, *read.unreadable})
        for raw, person in zip(found, persons, strict=True):
            self._compare_registration(raw)
            misplaced = self._compare_listed(raw, person, by)
            for stored in person.appointments.values():
                if stored.number in misplaced:
                    continue
                whole = person.readable and read.unreadable.keys().isdisjoint(each.request_id for each in stored.events)
                self._compare_appointment(person, stored, read.answers if whole else None, by, gone)
            self._compare_answers(person, read.answers)
        self._progress.report()

    def _gone(self, persons: Sequence[ReadPerson], answered: set[RequestId]) -> set[AppointmentNumber]:
        """The appointments that were pruned since they were read, with answers to their requests."""
        without = [
            number
            for person in persons
            for number, stored in person.appointments.items()
            if not answered.issuperset(requests_of(stored.events))
        ]
        return set(without) - self._reading.still_there(without) if without else set()

    def _compare_listed(self, stored: StoredPerson, person: ReadPerson, by: datetime) -> Collection[AppointmentNumber]:
        """Note and return appointments that are not found by their numbers; note those in the state that are another's.

        Of one that was pruned or archived nothing is stored.
        """
        absent = [number for number, row, _ in stored.appointments if row is None]
        unknown = person.unknown(by)
        if not (absent or unknown):
            return ()
        theirs, found = self._reading.listed(person.subject, absent)
        left = self._reading.still_there(unknown)
        misplaced = [each for each in absent if each in theirs - found]
        self._progress.note(map(not_by_number, misplaced))
        self._progress.note(
            unknown_in_person_state(person.subject, [each for each in unknown if each in left - theirs])
        )
        return misplaced

    def _decoded(self, stored: StoredPerson) -> ReadPerson:
        """The parts of a person that can be decoded; the others are noted."""
        person_state, readable = None, False
        with self._progress.noting_unreadable():
            person_state = optional(person_state_of, stored.person_state)
            readable = True
        appointments: dict[AppointmentNumber, StoredAppointment] = {}
        histories: dict[AppointmentNumber, tuple[PlacedEvent, ...]] = {}
        for number, row, entries in stored.appointments:
            self._numbers.add(number)
            try:
                appointment, history = optional(appointment_of, row), placed_events(entries)
            except StoreUnreadable as error:
                self._progress.note_unreadable(error)
                readable = False
                if row is not None and isinstance(row[_STARTS_AT], datetime):  # else it has no slot
                    self._seated.update(map(seat_key, seats_of(row)))
            else:
                if appointment is not None and appointment.has_seat:
                    self._seated.update(map(seat_key, appointment.seats))
                if row is not None or entries:  # else it was pruned a moment ago
                    histories[number] = history
                    events = tuple([event for _, event in history])
                    appointments[number] = StoredAppointment(number=number, appointment=appointment, events=events)
        return ReadPerson(
            subject=stored.subject,
            person_state=person_state,
            numbers=frozenset(number for number, _, _ in stored.appointments),
            appointments=appointments,
            histories=histories,
            readable=readable,
        )

    def _compare_registration(self, stored: StoredPerson) -> None:
        """Compare a person's record with the commitment to the id in the log."""
        keys = self._book.keys if self._book.keys.known else None
        for row in stored.persons:
            fault = person_fault(keys, row, stored.person_state, stored.registrations)
            self._progress.note([broken_person(stored.subject, fault)] if fault else [])

    def _compare_appointment(
        self,
        person: ReadPerson,
        stored: StoredAppointment,
        answers: Mapping[RequestId, Answer] | None,
        by: datetime,
        gone: set[AppointmentNumber],
    ) -> None:
        """Compare an appointment with its events, the answers to its requests, its seat and its person's state.

        `answers` is None if one of these parts can't be decoded.
        """
        self._progress.add(appointments=stored.appointment is not None, events=len(stored.events))
        broken = list(broken_in_appointment(stored))
        self._progress.note(broken)
        if answers is None:
            return
        if not broken and stored.number not in gone:
            self._progress.note(broken_in_requests(stored, answers))
            self._progress.note(broken_counts(self._configuration, stored, by - MARGIN))
        if list(person.broken_state(stored, by)):  # a host whose clock was ahead may have written the state
            self._progress.note(person.broken_state(stored, person.latest(by)))
        others = person.active_beside(stored)
        if others:
            one, *beside = (AppointmentHistory(person.histories[each], answers) for each in (stored.number, *others))
            unknown = {each.rulebook for each in answers.values()} - self._versions.keys()
            self._progress.note_unknown(unknown)
            self._progress.note(() if unknown else [*broken_limits(one, beside, self._versions)])

    def _compare_answers(self, person: ReadPerson, answers: Mapping[RequestId, Answer]) -> None:
        """Compare the answers to a person's requests with the events of the appointments that they are about."""
        for request in person.requests():
            answer = answers.get(request)
            answered = None if answer is None else answered_appointment(answer.outcome)
            if answer is None or answered is None or request in self._requests:
                continue
            stored = person.appointments.get(answered.number)
            if stored is not None:  # else it is compared with all other answers
                self._requests.add(request)
                self._evaluate_again(answer)
                self._progress.note(broken_in_answer(answer, answered, stored))

    def _evaluate_again(self, answer: Answer) -> None:
        """Evaluate the rules again on a recorded decision, at its instant and under its version."""
        rulebook = self._versions.get(answer.rulebook)
        if rulebook is None:
            self._progress.note_unknown([answer.rulebook])
        elif (again := replayed(answer, rulebook)) is not None:
            self._progress.note(broken_rules(answer, again))
        self._progress.add(answers=1, without_case=answer.case is None)

    def _stored_under(self, numbers: Sequence[AppointmentNumber]) -> list[StoredAppointment]:
        """The stored appointment of each number.

        Leaves out those of which nothing is left, as they have just been pruned. Leaves out, and notes, those of which
        something can't be decoded.
        """
        try:
            found = self._book.stored_under(numbers)
        except StoreUnreadable as error:
            if len(numbers) == 1:
                self._progress.note_unreadable(error)
                return []
            return [each for number in numbers for each in self._stored_under([number])]
        return [each for each in found if each.appointment is not None or each.events]

    def _compare_capacity(self, stored: StoredSlot) -> None:
        """Compare the seats taken with the timetable's; more may have been granted when the timetable had more."""
        seat, now = stored.seat, self._configuration.capacity_of(stored.seat)
        if stored.seats_taken <= max(1, now):
            return
        seated = self._reading.numbers_at(seat)
        histories = [[event for _, event in each] for each in self._reading.histories(seated)] if seated else []
        requests = [request for history in histories for request in requests_of(history)]
        answers = self._reading.answers_to(requests).answers
        capacities = [granted_capacities(history, answers, seat, now) for history in histories]
        self._progress.note(broken_capacity(seat, capacities))

    def _compare_answer(self, answer: Answer) -> None:
        outcome = answer.outcome
        if isinstance(outcome, Declared):
            stored = self._reading.calendar_entry(outcome.entry.number)
            self._progress.note(broken_declaration(answer.command.request_id, outcome.entry, stored))
            return
        answered = answered_appointment(outcome)
        if answered is not None:
            events = tuple(self._book.history(answered.number))
            if events or not self._is_pruned(answer, answered.number):
                about = StoredAppointment(number=answered.number, appointment=None, events=events)
                self._progress.note(broken_in_answer(answer, answered, about))

    def _is_pruned(self, answer: Answer, number: AppointmentNumber) -> bool:
        """True if the answer was removed since it was read, with all records of its appointment."""
        again = self._book.answer(answer.command.request_id)
        if again is not None and again.outcome == answer.outcome:  # another answer is that of a later request
            return False
        return not self._reading.still_there([number])
