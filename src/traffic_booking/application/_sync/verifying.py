"""Reading a whole store, page by page, and comparing every part with the others, while requests go on.

Each page comes from one snapshot. A later page is compared with it only in ways that requests can't change: they add
events, leave answers as they are, and raise versions. A pruning removes an appointment in one change with all of its
events and answers. So if a later page lacks one, it is read again: what has gone altogether is left out, and a half
that is left is reported. So everything that is reported was broken.

Made from `traffic_booking.application.verifying` by `python -m tools.check_sync --write`: change that.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.application._sync.answer_pages import answers_behind
from traffic_booking.application.audit_parts import (
    Verification,
    about,
    answers_in,
    broken_declaration,
    capacity_now,
    owner_since,
    query_of,
    requests_of,
    unknown_appointment,
    unreadable,
)
from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import MARGIN, matters
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.audit.invariants import (
    BrokenInvariant,
    answered_appointment,
    appointment_of,
    broken_capacity,
    broken_in_answer,
    broken_in_appointment,
    broken_in_requests,
    broken_in_slot,
    broken_person,
    broken_person_state,
    seats_differ,
    unknown_in_person_state,
)
from traffic_booking.domain.audit.limit_audit import AppointmentHistory, broken_limits
from traffic_booking.domain.audit.stored import StoredAppointment, StoredSlot
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.decisions.outcomes import Answer, Declared
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.instants import instant
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence._sync.audit_reading import DECODERS
from traffic_booking.persistence.records import seat_slot
from traffic_booking.persistence.schema import APPOINTMENTS
from traffic_booking.ports.clock import Clock

PAGE: Final = 200
"""How many appointments, slots or answers are read at a time."""


def verify(
    book: AppointmentBook,
    configuration: Configuration,
    clock: Clock,
    *,
    progress: Callable[[Verification], None],
    found: Callable[[BrokenInvariant], None],
    limit: int,
) -> Verification:
    """The first `limit` faults in the store of `book`.

    `found` is called with each broken part, and `progress` after each page.
    """
    book.open_persons()
    audit = _Audit(book, configuration, clock, progress, found, limit)
    audit.records()
    audit.persons()
    audit.appointments()
    audit.log()
    audit.slots()
    audit.answers()
    return audit.result


class _Audit:
    """One pass through the store; `progress` is called after each page."""

    def __init__(
        self,
        book: AppointmentBook,
        configuration: Configuration,
        clock: Clock,
        progress: Callable[[Verification], None],
        found: Callable[[BrokenInvariant], None],
        limit: int,
    ) -> None:
        self.result = Verification()
        self._book = book
        self._configuration = configuration
        self._clock = clock
        self._progress = progress
        self._found = found
        self._limit = limit
        self._reading = book.audit_reading()
        self._unreadable: set[str] = set()

    def records(self) -> None:
        """Every record of the collections whose records are all decoded."""
        for collection in DECODERS:
            last, errors = self._reading.unreadable(collection, after=None, limit=PAGE)
            while last is not None:
                for error in errors:
                    self._note_unreadable(error)
                last, errors = self._reading.unreadable(collection, after=last, limit=PAGE)

    def persons(self) -> None:
        """Every person's record against the commitment to the id in the log."""
        after: str | None = None
        while True:
            after, found = self._reading.persons(after=after, limit=PAGE)
            if after is None:
                return
            self._note(broken_person(subject, fault) for subject, fault in found)

    def appointments(self) -> None:
        """Every appointment with its events, the answers to its requests, its seat and its person's standing."""
        after: str | None = None
        while numbers := self._reading.keys(APPOINTMENTS.name, after=after, limit=PAGE):
            after = numbers[-1]
            page = self._stored_under(list(map(AppointmentNumber, numbers)))
            self._look_at_appointments(page)
            self.result = copy_with(
                self.result,
                appointments=self.result.appointments + sum(each.appointment is not None for each in page),
                events=self.result.events + sum(len(each.events) for each in page),
            )
            self._progress(self.result)

    def log(self) -> None:
        """Every event in the log belongs to an appointment."""
        after, numbers = BEGINNING, set[AppointmentNumber]()
        while True:
            last, found = self._reading.logged_numbers(after, limit=PAGE)
            if last is None:
                return
            after, new = last, sorted(found - numbers)
            if new:
                orphans = [each for each in self._stored_under(new) if each.appointment is None]
                for orphan in orphans:
                    self._note(broken_in_appointment(orphan))
            numbers.update(new)

    def slots(self) -> None:
        """Every slot that has a seat taken."""
        after: str | None = None
        while keys := self._reading.seat_keys(after=after, limit=PAGE):
            after, slots = keys[-1], list[SlotKey]()
            for key in keys:
                try:
                    slots.append(seat_slot(key))
                except StoreUnreadable as error:
                    self._note_unreadable(error)
            for stored in self._book.counted(slots):
                self._note(broken_in_slot(stored))
                try:
                    self._look_at_capacity(stored)
                except StoreUnreadable as error:
                    self._note_unreadable(error)
            self.result = copy_with(self.result, slots=self.result.slots + len(slots))
            self._progress(self.result)

    def answers(self) -> None:
        """Every answer, against the events of the appointment that it is about."""
        page = answers_behind(self._book, None, PAGE)
        while page.last is not None:
            for error in page.unreadable:
                self._note_unreadable(error)
            for answer in page.answers:
                try:
                    self._look_at_answer(answer)
                except StoreUnreadable as error:
                    self._note_unreadable(error)
            self.result = copy_with(self.result, answers=self.result.answers + len(page.answers))
            self._progress(self.result)
            page = answers_behind(self._book, page.last, PAGE)

    def _stored_under(self, numbers: Sequence[AppointmentNumber]) -> list[StoredAppointment]:
        """The stored appointment of each number.

        Those of which nothing is left, since they have just been pruned, are left out. So are those of which something
        can't be decoded, and these are noted.
        """
        try:
            found = self._book.stored_under(numbers)
        except StoreUnreadable as error:
            if len(numbers) == 1:
                self._note_unreadable(error)
                return []
            return [each for number in numbers for each in self._stored_under([number])]
        return [each for each in found if each.appointment is not None or each.events]

    def _gone(self, numbers: Sequence[AppointmentNumber]) -> set[AppointmentNumber]:
        """The numbers under which nothing is stored any more. No round trip if there are no `numbers`."""
        return set(numbers) - self._reading.still_there(numbers) if numbers else set()

    def _look_at_appointments(self, page: Sequence[StoredAppointment]) -> None:
        """The page together or, if something about one can't be decoded, each by itself."""
        kept = [each for each in page if each.appointment is not None]
        requests = requests_of(event for each in page for event in each.events)
        try:
            found = self._book.facts([*map(query_of, kept), *map(about, requests)])
            theirs = self._book.appointments_since(list(map(owner_since, kept)))
        except StoreUnreadable as error:
            self._note_unreadable(error)
            for stored in page:
                if len(page) > 1:
                    self._look_at_appointments([stored])
                else:
                    self._note(broken_in_appointment(stored))
            return
        answers = answers_in(found)
        about_kept = list(zip(kept, found, theirs, strict=False))  # the rest of `found` are answers
        gone = self._gone([stored.number for stored, facts, _ in about_kept if facts.appointment is None])
        for stored in page:
            broken = list(broken_in_appointment(stored))
            self._note(broken)
            if not broken and stored.number not in gone:
                self._note(broken_in_requests(stored, answers))
        by = instant(self._clock.now()) + MARGIN  # no standing that was read was written later, by any host's clock
        for stored, facts, listed in about_kept:
            if stored.number not in gone:
                self._look_at_person(stored, facts, listed, by)

    def _look_at_person(
        self, stored: StoredAppointment, facts: Facts, listed: Sequence[Appointment], by: datetime
    ) -> None:
        appointment = facts.appointment
        if appointment is None or facts.person_state is None:
            self._note([unknown_appointment(stored)])
            return
        if appointment.has_seat and facts.seats_taken.get(appointment.slot) == 0:
            self._note([seats_differ(appointment.slot, seats_taken=0, seated=1)])
        since, person_state = owner_since(stored)[1], facts.person_state
        self._note(broken_person_state(appointment, stored, person_state, by))
        theirs = {each.number for each in listed}
        # One that no rule looks at any more may have been pruned.
        lasting = [each for each in person_state.appointments if matters(each, by)]
        unknown = [each.number for each in lasting if each.slot.starts_at >= since]
        self._note(unknown_in_person_state(stored, [number for number in unknown if number not in theirs]))
        others = [each.number for each in listed if each.number != stored.number and each.slot_ends_at > since]
        if others and appointment_of(stored.events) is not None:
            try:
                self._look_at_limits([stored.number, *others])
            except StoreUnreadable as error:
                self._note_unreadable(error)

    def _look_at_limits(self, numbers: Sequence[AppointmentNumber]) -> None:
        """The limits of the first of one person's appointments; what seems broken has to be so in one moment of all."""
        read = self._histories(numbers)
        while broken := self._broken_limits(read):
            again = self._histories(numbers)
            if again == read:  # events are only added to: between the two readings all stood like this at once
                self._note(broken)
                return
            read = again

    def _histories(self, numbers: Sequence[AppointmentNumber]) -> list[tuple[AppointmentEvent, ...]]:
        return [tuple(history) for history in self._book.histories(numbers)]

    def _broken_limits(self, histories: Sequence[tuple[AppointmentEvent, ...]]) -> list[BrokenInvariant]:
        events = [event for history in histories for event in history]
        answers = answers_in(self._book.facts([about(request) for request in requests_of(events)]))
        one, *beside = (AppointmentHistory(history, answers) for history in histories)
        beside = [other for other in beside if appointment_of(other.events) is not None]
        try:
            return list(broken_limits(one, beside, self._configuration.rulebooks))
        except NotFound:
            decided = {answer.rulebook for answer in answers.values()}
            known = {version.version for version in self._configuration.rulebooks.versions}
            unknown = sorted({*self.result.unknown_versions} | (decided - known))
            self.result = copy_with(self.result, unknown_versions=tuple(unknown))
            return []

    def _look_at_capacity(self, stored: StoredSlot) -> None:
        """More seats than the timetable has now may have been granted when it had more."""
        key = stored.slot
        if stored.seats_taken <= max(1, capacity_now(self._configuration, key)):
            return
        seated = self._reading.numbers_at(key)
        requests = [requests_of(history) for history in self._book.histories(seated)] if seated else []
        answers = answers_in(self._book.facts([about(request) for asked in requests for request in asked]))
        granted = [[answers[request] for request in asked if request in answers] for asked in requests]
        self._note(broken_capacity(key, granted))

    def _look_at_answer(self, answer: Answer) -> None:
        outcome = answer.outcome
        if isinstance(outcome, Declared):
            stored = self._reading.calendar_entry(outcome.entry.number)
            self._note(broken_declaration(answer.command.request_id, outcome.entry, stored))
            return
        answered = answered_appointment(outcome)
        if answered is not None:
            events = tuple(self._book.history(answered.number))
            if events or not self._is_pruned(answer, answered.number):
                self._note(broken_in_answer(answer, answered, events))

    def _is_pruned(self, answer: Answer, number: AppointmentNumber) -> bool:
        """True if the answer was removed since it was read, with all records of its appointment."""
        again = self._book.answer(answer.command.request_id)
        if again is not None and again.outcome == answer.outcome:  # another would be that of a later request
            return False
        return number in self._gone([number])

    def _note_unreadable(self, error: StoreUnreadable) -> None:
        """Note a record, counter or log entry that can't be decoded, once. Raises the error if it names none."""
        if error.key is None:
            raise error
        broken = unreadable(error)
        if broken.where not in self._unreadable:
            self._unreadable.add(broken.where)
            self._note([broken])

    def _note(self, broken: Iterable[BrokenInvariant]) -> None:
        for each in broken:
            self._found(each)
            more = (each,) if self.result.broken_count < self._limit else ()
            self.result = copy_with(
                self.result, broken_count=self.result.broken_count + 1, broken=(*self.result.broken, *more)
            )
