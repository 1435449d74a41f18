"""Reads a whole store page by page, and compares every part with the others, while requests go on.

Each page comes from one snapshot. A later page is compared with it only in ways that requests can't change: they add
events, leave answers as they are, and raise versions. A pruning removes an appointment in one change with all of its
events and answers. So if a later page lacks one of them, it is read again. If nothing of the appointment is left, it is
passed over; a half that is left is reported. So every reported part was broken.

Made from `traffic_booking.application.verifying` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from traffic_booking.application._sync.explaining import answer_pages
from traffic_booking.application.verification import (
    AuditProgress,
    Verification,
    active_beside,
    answers_in,
    broken_beside,
    broken_counts,
    broken_declaration,
    owner_since,
    query_of,
    requests_of,
)
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MARGIN
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
)
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer, Declared
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.instants import instant
from traffic_booking.domain.schedule.slots import SeatKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence._sync.audit_reading import DECODERS
from traffic_booking.persistence.keys import seat_of
from traffic_booking.persistence.schema import APPOINTMENTS
from traffic_booking.ports.clock import Clock

PAGE: Final = 200
"""How many appointments, slots or answers are read at a time."""


def verify(book: AppointmentBook, configuration: Configuration, clock: Clock, progress: AuditProgress) -> Verification:
    """Audit the store of `book`, and return the result of `progress`, which gets every fault and every page."""
    book.open_persons()
    audit = _Audit(book, configuration, clock, progress)
    audit.records()
    audit.persons()
    audit.appointments()
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
        self._clock = clock
        self._progress = progress
        self._reading = book.audit_reading()

    def records(self) -> None:
        """Read every record of the collections whose records are all decoded."""
        for collection in DECODERS:
            last, errors = self._reading.unreadable(collection, after=None, limit=PAGE)
            while last is not None:
                for error in errors:
                    self._progress.note_unreadable(error)
                last, errors = self._reading.unreadable(collection, after=last, limit=PAGE)

    def persons(self) -> None:
        """Compare every person's record with the commitment to the id in the log."""
        after, found = self._reading.persons(after=None, limit=PAGE)
        while after is not None:
            self._progress.note(broken_person(subject, fault) for subject, fault in found)
            after, found = self._reading.persons(after=after, limit=PAGE)

    def appointments(self) -> None:
        """Compare every appointment with its events, the answers to its requests, its seat and its person's state."""
        after: str | None = None
        while numbers := self._reading.keys(APPOINTMENTS.name, after=after, limit=PAGE):
            after = numbers[-1]
            page = self._stored_under(list(map(AppointmentNumber, numbers)))
            self._compare_appointments(page)
            kept = sum(each.appointment is not None for each in page)
            self._progress.count(appointments=kept, events=sum(len(each.events) for each in page))

    def log(self) -> None:
        """Check that every event in the log belongs to an appointment."""
        numbers = set[AppointmentNumber]()
        after, found = self._reading.logged_numbers(BEGINNING, limit=PAGE)
        while after is not None:
            new = sorted(found - numbers)
            for stored in self._stored_under(new) if new else ():
                if stored.appointment is None:
                    self._progress.note(broken_in_appointment(stored))
            numbers.update(new)
            after, found = self._reading.logged_numbers(after, limit=PAGE)

    def slots(self) -> None:
        """Compare every count that has a seat taken with its appointments and with the timetable."""
        after: str | None = None
        while keys := self._reading.seat_keys(after=after, limit=PAGE):
            after, seats = keys[-1], list[SeatKey]()
            for key in keys:
                with self._progress.noting_unreadable():
                    seats.append(seat_of(key))
            for stored in self._book.counted(seats):
                self._progress.note(broken_in_slot(stored))
                with self._progress.noting_unreadable():
                    self._compare_capacity(stored)
            self._progress.count(slots=len(seats))

    def answers(self) -> None:
        """Compare every answer with the events of its appointment, or with its calendar entry."""
        for answers, unreadable in answer_pages(self._book, PAGE):
            for error in unreadable:
                self._progress.note_unreadable(error)
            for answer in answers:
                with self._progress.noting_unreadable():
                    self._compare_answer(answer)
            self._progress.count(answers=len(answers))

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

    def _gone(self, numbers: Sequence[AppointmentNumber]) -> set[AppointmentNumber]:
        """The numbers under which nothing is stored any more. No round trip if there are no `numbers`."""
        return set(numbers) - self._reading.still_there(numbers) if numbers else set()

    def _answers_to(self, requests: Iterable[RequestId]) -> dict[RequestId, Answer]:
        return answers_in(self._book.facts([FactsQuery(request_id=request) for request in requests]))

    def _compare_appointments(self, page: Sequence[StoredAppointment]) -> None:
        """Compare the page together or, if something about one can't be decoded, each appointment by itself."""
        kept = [each for each in page if each.appointment is not None]
        requests = requests_of(event for each in page for event in each.events)
        about_requests = [FactsQuery(request_id=request) for request in requests]
        try:
            found = self._book.facts([*map(query_of, kept), *about_requests])
            theirs = self._book.appointments_since(list(map(owner_since, kept)))
        except StoreUnreadable as error:
            self._progress.note_unreadable(error)
            for stored in page:
                if len(page) > 1:
                    self._compare_appointments([stored])
                else:
                    self._progress.note(broken_in_appointment(stored))
            return
        answers = answers_in(found)
        about_kept = list(zip(kept, found, theirs, strict=False))  # the rest of `found` are answers
        gone = self._gone([stored.number for stored, facts, _ in about_kept if facts.appointment is None])
        now = instant(self._clock.now())
        for stored in page:
            broken = list(broken_in_appointment(stored))
            self._progress.note(broken)
            if not broken and stored.number not in gone:
                self._progress.note(broken_in_requests(stored, answers))
                self._progress.note(broken_counts(self._configuration, stored, now))
        by = now + MARGIN  # no state that was read was written later, by any host's clock
        for stored, facts, listed in about_kept:
            if stored.number not in gone:
                with self._progress.noting_unreadable():
                    self._compare_beside(stored, facts, listed, by)
                others = active_beside(stored, facts, listed)
                if others:
                    with self._progress.noting_unreadable():
                        self._check_limits([stored.number, *others])

    def _compare_beside(
        self, stored: StoredAppointment, facts: Facts, listed: Sequence[Appointment], by: datetime
    ) -> None:
        """Compare an appointment with its person's state, as of the latest instant at which that can be written."""
        broken = list(broken_beside(stored, facts, listed, by))
        if broken:  # a host whose clock was ahead may have written the state
            histories = self._reading.histories([each.number for each in listed])
            latest = max((event.at + MARGIN for history in histories for _, event in history), default=by)
            broken = list(broken_beside(stored, facts, listed, max(by, latest)))
        self._progress.note(broken)

    def _check_limits(self, numbers: Sequence[AppointmentNumber]) -> None:
        """Check the limits of the first of one person's appointments, as all of them were at one moment."""
        read = self._reading.histories(numbers)
        while True:
            answers = self._answers_to(requests_of(event for history in read for _, event in history))
            broken = self._progress.broken_limits(read, answers, self._configuration.rulebooks)
            if not broken:
                return
            again = self._reading.histories(numbers)
            if again == read:  # events are only added: between the two readings all of them were like this at once
                self._progress.note(broken)
                return
            read = again

    def _compare_capacity(self, stored: StoredSlot) -> None:
        """Compare the seats taken with the timetable's; more may have been granted when the timetable had more."""
        seat, now = stored.seat, self._configuration.capacity_of(stored.seat)
        if stored.seats_taken <= max(1, now):
            return
        seated = self._reading.numbers_at(seat)
        histories = self._book.histories(seated) if seated else []
        answers = self._answers_to(request for history in histories for request in requests_of(history))
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
                self._progress.note(broken_in_answer(answer, answered, events))

    def _is_pruned(self, answer: Answer, number: AppointmentNumber) -> bool:
        """True if the answer was removed since it was read, with all records of its appointment."""
        again = self._book.answer(answer.command.request_id)
        if again is not None and again.outcome == answer.outcome:  # another answer is that of a later request
            return False
        return number in self._gone([number])
