"""The facts of decisions: the records and counters that they are read from, and how they are made of these."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.decisions.facts import COUNTRY, CalendarVersion, Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.people.applicants import Applicant, Known, Subject
from traffic_booking.domain.people.identity import PersonId
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.persons import PersonKeys
from traffic_booking.persistence.records import appointment_of, person_state_of
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, CALENDARS, PEOPLE, PERSONS, SEATS
from traffic_booking.ports.primitives import CountersByKey, Query, RecordsByIndex, RecordsByKey, Row, Span, Via

_UNOPENED: Final = CalendarVersion()


class FactsReading(NamedTuple):
    """The reading for several queries: the keys of each part, each once, with their places.

    People are found by way of a person's record or of an appointment, so they are two parts.
    """

    keys: dict[PersonId, list[str]]
    """Of each person the keys under which their record may stand, as they were when the reading was made."""
    requests: dict[str | Via, int]
    persons: dict[str | Via, int]
    people: dict[str | Via, int]
    owners: dict[str | Via, int]
    numbers: dict[str | Via, int]
    seats: dict[str, int]
    calendars: dict[str | Via, int]
    every_calendar: bool

    def queries(self) -> list[Query]:
        """For the store, in the order of the fields; parts that would read nothing are left out."""
        _, requests, persons, people, owners, numbers, seats, calendars, every_calendar = self
        asked: list[Query] = [RecordsByKey(ANSWERS.name, list(requests))]
        if persons:
            asked.append(RecordsByKey(PERSONS.name, list(persons)))
        if people:
            asked.append(RecordsByKey(PEOPLE.name, list(people)))
        if owners:
            asked.append(RecordsByKey(PEOPLE.name, list(owners)))
        if numbers:
            asked.append(RecordsByKey(APPOINTMENTS.name, list(numbers)))
        if seats:
            asked.append(CountersByKey(SEATS.name, list(seats)))
        if every_calendar:
            asked.append(RecordsByIndex(CALENDARS.name, None, [Span()]))
        elif calendars:
            asked.append(RecordsByKey(CALENDARS.name, list(calendars)))
        return asked

    def found(self, answers: Sequence[Any]) -> "FactsFound":
        """The store's answers to `queries`, each by its part."""
        parts = iter(answers)
        requests = next(parts)
        persons = next(parts) if self.persons else ()
        people = next(parts) if self.people else ()
        owners = next(parts) if self.owners else ()
        numbers = next(parts) if self.numbers else ()
        seats = next(parts) if self.seats else ()
        calendars: Sequence[Any] = next(parts, ())
        every = None
        if self.every_calendar:  # the country's guards a declaration even if no calendar is open yet
            every = {COUNTRY: _UNOPENED, **{row[0]: _version(row) for row in calendars[0]}}
        return FactsFound(requests, persons, people, owners, numbers, seats, calendars, every)


class FactsFound(NamedTuple):
    """The stored records of each part of a `FactsReading`, in the order of its keys."""

    requests: Sequence[Row | None]
    persons: Sequence[Row | None]
    people: Sequence[Row | None]
    owners: Sequence[Row | None]
    numbers: Sequence[Row | None]
    seats: Sequence[int]
    calendars: Sequence[Any]
    every: Mapping[BranchId, CalendarVersion] | None


def facts_reading(asked: Sequence[FactsQuery], keys: PersonKeys) -> FactsReading:
    """What the facts of `asked` are read from."""
    reading = FactsReading({}, {}, {}, {}, {}, {}, {}, {}, any(map(attrgetter("every_calendar"), asked)))
    of_person, requests, persons, people, owners, numbers, seats, calendars, _ = reading
    for query in asked:
        requests.setdefault(query.request_id, len(requests))
        for place, person in enumerate(query.persons):
            if person not in of_person:
                of_person[person] = keys.keys_of(person)
            for key in of_person[person]:
                persons.setdefault(key, len(persons))
                if not place and query.number is None:
                    people.setdefault(Via(PERSONS.name, key, "subject"), len(people))
        for number in query.anew:
            numbers.setdefault(number, len(numbers))
        if query.number is not None:
            numbers.setdefault(query.number, len(numbers))
            owners.setdefault(Via(APPOINTMENTS.name, query.number, "subject"), len(owners))
            calendars.setdefault(Via(APPOINTMENTS.name, query.number, "branch"), len(calendars))
        for slot in query.slots:
            seats.setdefault(seat_key(slot), len(seats))
            calendars.setdefault(slot.branch, len(calendars))
    return reading


class FactsMaker:
    """Makes the facts of queries from what was found for a reading of them."""

    def __init__(self, reading: FactsReading, found: FactsFound, answers: Mapping[str, Answer]) -> None:
        self._reading = reading
        self._found = found
        self._answers = answers

    def facts(self, query: FactsQuery) -> Facts:
        """The facts of one query."""
        reading, found = self._reading, self._found
        appointment = None if query.number is None else self._appointment(query.number)
        seats_taken, calendars = {}, {}
        for slot in query.slots:
            seats_taken[slot] = found.seats[reading.seats[seat_key(slot)]]
            calendars[slot.branch] = self._calendar(slot.branch, slot.branch)
        if appointment is not None:
            at = appointment.slot.branch
            calendars[at] = self._calendar(at, Via(APPOINTMENTS.name, appointment.number, "branch"))
        known = self._known(query.persons) if query.persons else {}
        return Facts(
            answer=self._answers.get(query.request_id),
            known=known,
            appointment=appointment,
            person_state=self._person_state(query, known, appointment),
            seats_taken=seats_taken,
            calendars=found.every if query.every_calendar and found.every else calendars,
        )

    def _known(self, persons: Sequence[PersonId]) -> Known:
        known: dict[PersonId, Applicant] = {}
        for person in persons:
            for key in self._reading.keys[person]:
                row = self._found.persons[self._reading.persons[key]]
                if row is not None:
                    known[person] = Applicant(Subject(row[2]), person.holder)
                    break
        return known

    def _person_state(self, query: FactsQuery, known: Known, appointment: Appointment | None) -> PersonState | None:
        row, applicant = None, None
        if query.number is not None:
            if appointment is None:
                return None
            applicant = appointment.applicant
            row = self._found.owners[self._reading.owners[Via(APPOINTMENTS.name, query.number, "subject")]]
        elif query.persons:
            applicant = known.get(query.persons[0])
            if applicant is None:
                return None
            for key in self._reading.keys[query.persons[0]]:
                row = row or self._found.people[self._reading.people[Via(PERSONS.name, key, "subject")]]
        if applicant is None:
            return None
        person_state = PersonState(applicant) if row is None else person_state_of(row)
        return self._anew(person_state, query.anew) if query.anew else person_state

    def _anew(self, person_state: PersonState, numbers: Sequence[AppointmentNumber]) -> PersonState:
        """The standing with the appointments of these numbers as they are stored under their own."""
        stored = {number: self._appointment(number) for number in numbers}
        theirs: tuple[ListedAppointment, ...] = tuple(
            stored.get(each.number) or each for each in person_state.appointments
        )
        return PersonState(person_state.applicant, person_state.version, theirs)

    def _appointment(self, number: AppointmentNumber) -> Appointment | None:
        row = self._found.numbers[self._reading.numbers[number]]
        return None if row is None else appointment_of(row)

    def _calendar(self, branch: BranchId, key: str | Via) -> CalendarVersion:
        if self._found.every is not None:
            return self._found.every.get(branch, _UNOPENED)
        return _version(self._found.calendars[self._reading.calendars[key]])


def _version(row: Row | None) -> CalendarVersion:
    return _UNOPENED if row is None else CalendarVersion(row[1], row[2])
