"""The facts of decisions: the queries for their records and counters, and the facts that are made of these."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion, Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Applicant, Known, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.persistence.basic_codecs import optional
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import appointment_of, person_state_of
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, CALENDARS, PEOPLE, PERSONS, SEATS
from traffic_booking.ports.primitives import CountersByKey, Query, RecordsByIndex, RecordsByKey, Row, Span, Via

_UNOPENED: Final = CalendarVersion()


class FactsReading:
    """The reading of the records and counters for the facts of several queries: each key once, with its record.

    A person's state is found by way of the person's record or of an appointment, so there are two parts of states.
    """

    def __init__(self, wanted: Sequence[FactsQuery], keys: PersonKeys) -> None:
        self.requests: dict[str | Via, Row | None] = {}
        self._persons: dict[str | Via, Row | None] = {}
        self._states: dict[str | Via, Row | None] = {}
        self._owners_states: dict[str | Via, Row | None] = {}
        self._appointments: dict[str | Via, Row | None] = {}
        self._seats: dict[str, int] = {}
        self._calendars: dict[str | Via, Row | None] = {}
        self._every_calendar = False
        self._keys_of: dict[PersonId, list[str]] = {}
        """The keys under which a person's record may be stored, as they were when the reading was made."""
        for query in wanted:
            self._every_calendar |= query.every_calendar
            self.requests[query.request_id] = None
            for person in query.persons:
                if person not in self._keys_of:
                    self._keys_of[person] = keys.keys_of(person)
                self._persons |= dict.fromkeys(self._keys_of[person])
            if query.number is not None:
                self._appointments[query.number] = None
                self._owners_states[Via(APPOINTMENTS.name, query.number, "subject")] = None
                self._calendars[Via(APPOINTMENTS.name, query.number, "branch")] = None
            elif query.persons:
                for key in self._keys_of[query.persons[0]]:
                    self._states[Via(PERSONS.name, key, "subject")] = None
            for number in query.anew:
                self._appointments[number] = None
            for slot in query.slots:
                self._calendars[slot.branch] = None
            for seat in query.seats:
                self._seats[seat_key(seat)] = 0
        self._records = (
            (ANSWERS.name, self.requests),
            (PERSONS.name, self._persons),
            (PEOPLE.name, self._states),
            (PEOPLE.name, self._owners_states),
            (APPOINTMENTS.name, self._appointments),
        )

    def queries(self) -> list[Query]:
        """The queries to the store; parts without keys are left out."""
        queries: list[Query] = []
        for name, part in self._records:
            if part:
                queries.append(RecordsByKey(name, list(part)))
        if self._seats:
            queries.append(CountersByKey(SEATS.name, list(self._seats)))
        if self._every_calendar:
            queries.append(RecordsByIndex(CALENDARS.name, None, [Span()]))
        elif self._calendars:
            queries.append(RecordsByKey(CALENDARS.name, list(self._calendars)))
        return queries

    def take(self, results: Sequence[Any]) -> None:
        """Keep the results of `queries`."""
        left = iter(results)
        for _, part in self._records:
            if part:
                part.update(zip(part, next(left), strict=True))
        if self._seats:
            self._seats.update(zip(self._seats, next(left), strict=True))
        if self._every_calendar:
            self._calendars = {row[0]: row for row in next(left)[0]}
        elif self._calendars:
            self._calendars.update(zip(self._calendars, next(left), strict=True))

    def facts(self, query: FactsQuery, answers: Mapping[str, Answer]) -> Facts:
        """The facts of one query, after `take`; `answers` are those of the requests that have been answered."""
        appointment = None if query.number is None else self._appointment(query.number)
        seats_taken = {seat: self._seats[seat_key(seat)] for seat in query.seats}
        calendars = {slot.branch: self._calendar(slot.branch, slot.branch) for slot in query.slots}
        if appointment is not None:
            branch = appointment.slot.branch
            calendars[branch] = self._calendar(branch, Via(APPOINTMENTS.name, appointment.number, "branch"))
        if query.every_calendar:  # the country's calendar guards a declaration even if no calendar is open yet
            every = [row for row in self._calendars.values() if row is not None]
            calendars = {COUNTRY: _UNOPENED} | {row[0]: CalendarVersion(row[1], row[2]) for row in every}
        known = self._known(query.persons)
        return Facts(
            answer=answers.get(query.request_id),
            known=known,
            appointment=appointment,
            person_state=self._person_state(query, known, appointment),
            seats_taken=seats_taken,
            calendars=calendars,
        )

    def _known(self, persons: Sequence[PersonId]) -> Known:
        known: dict[PersonId, Applicant] = {}
        for person in persons:
            for key in self._keys_of[person]:
                row = self._persons[key]
                if row is not None:
                    known[person] = Applicant(Subject(row[2]), person.holder)
                    break
        return known

    def _person_state(self, query: FactsQuery, known: Known, appointment: Appointment | None) -> PersonState | None:
        applicant: Applicant | None = None
        row: Row | None = None
        if query.number is not None:
            applicant = None if appointment is None else appointment.applicant
            row = self._owners_states[Via(APPOINTMENTS.name, query.number, "subject")]
        elif query.persons:
            applicant = known.get(query.persons[0])
            for key in self._keys_of[query.persons[0]]:
                row = row or self._states[Via(PERSONS.name, key, "subject")]
        if applicant is None:
            return None
        person_state = PersonState(applicant) if row is None else person_state_of(row)
        if not query.anew:
            return person_state
        anew = {number: found for number in query.anew if (found := self._appointment(number)) is not None}
        return person_state.corrected(anew)

    def _appointment(self, number: AppointmentNumber) -> Appointment | None:
        return optional(appointment_of, self._appointments[number])

    def _calendar(self, branch: BranchId, key: str | Via) -> CalendarVersion:
        row = self._calendars.get(branch if self._every_calendar else key)
        return _UNOPENED if row is None else CalendarVersion(row[1], row[2])
