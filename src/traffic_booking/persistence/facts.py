"""The facts of decisions: the records and counters that they are read from, and how they are made of these."""

from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple

from traffic_booking.domain.facts import COUNTRY, CalendarVersion, Facts, FactsQuery, Standing
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.slots import SlotKey
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.records import answer_of, appointment_of
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, CALENDARS, PEOPLE, SEATS
from traffic_booking.ports.primitives import CountersByKey, Query, RecordsByIndex, RecordsByKey, Row, Span, Via

TICK: Final = timedelta(microseconds=1)

LONGEST_SLOT: Final = timedelta(days=1)
"""Longer than any slot: what ends after an instant starts at most so long before it."""

_ENDS_AT: Final = APPOINTMENTS.place("ends_at")
_UNOPENED: Final = CalendarVersion()


class FactsReading(NamedTuple):
    """What to read for the facts of several queries, each part once for all of them."""

    requests: list[str | Via]
    people: list[str | Via]
    """The person of each query that has one, in the order of the queries; so are `spans` and `numbers`."""
    spans: list[Span]
    numbers: list[str | Via]
    seats: dict[str, int]
    """The counters to read, each with its place in the answer; so are the keys of `calendars`."""
    calendars: dict[str | Via, int]
    every_calendar: bool

    def queries(self) -> list[Query]:
        """For the store, in an order that `facts_of` relies on; parts that would read nothing are left out."""
        requests, people, spans, numbers, seats, calendars, every_calendar = self
        asked: list[Query] = [RecordsByKey(ANSWERS.name, requests)]
        if people:
            asked.append(RecordsByKey(PEOPLE.name, people))
            asked.append(RecordsByIndex(APPOINTMENTS.name, "of_person", spans))
        if numbers:
            asked.append(RecordsByKey(APPOINTMENTS.name, numbers))
        if seats:
            asked.append(CountersByKey(SEATS.name, list(seats)))
        if every_calendar:
            asked.append(RecordsByIndex(CALENDARS.name, None, [Span()]))
        elif calendars:
            asked.append(RecordsByKey(CALENDARS.name, list(calendars)))
        return asked


def facts_reading(asked: Sequence[FactsQuery]) -> FactsReading:
    """What the facts of `asked` are read from."""
    reading = FactsReading([], [], [], [], {}, {}, any(map(attrgetter("every_calendar"), asked)))
    requests, people, spans, numbers, seats, calendars, _ = reading
    for query in asked:
        requests.append(query.request_id)
        person: str | Via | None = None
        if query.number is not None:
            person = Via(APPOINTMENTS.name, query.number, "person")
            numbers.append(query.number)
            calendars.setdefault(Via(APPOINTMENTS.name, query.number, "branch"), len(calendars))
        elif query.applicant is not None:
            person = query.applicant.reveal()
        if person is not None:
            people.append(person)
            spans.append(Span((person,), query.ending_after - LONGEST_SLOT))
        for slot in query.slots:
            seats.setdefault(seat_key(slot), len(seats))
            calendars.setdefault(slot.branch, len(calendars))
    return reading


def facts_of(asked: Sequence[FactsQuery], reading: FactsReading, found: Sequence[Any]) -> list[Facts]:
    """The facts of each query, from the store's answers to `reading`."""
    parts = iter(found)
    answers = next(parts)
    people, theirs = (iter(next(parts)), iter(next(parts))) if reading.people else (iter(()), iter(()))
    appointments = iter(next(parts) if reading.numbers else ())
    taken = next(parts) if reading.seats else ()
    calendars: Sequence[Any] = next(parts, ())
    every = None
    if reading.every_calendar:  # the country's guards a declaration even if no calendar is open yet
        every = {COUNTRY: _UNOPENED, **{row[0]: _version(row) for row in calendars[0]}}
    result = []
    for query, answered in zip(asked, answers, strict=True):
        appointment = standing = None
        seats: dict[SlotKey, int] = {}
        versions: dict[BranchId, CalendarVersion] = {}
        applicant = query.applicant
        if query.number is not None or applicant is not None:
            person, listed = next(people), next(theirs)
            if query.number is not None:
                stored = next(appointments)
                if stored is not None:
                    appointment = appointment_of(stored)
                    applicant = appointment.applicant
                    at, via = appointment.slot.branch, Via(APPOINTMENTS.name, query.number, "branch")
                    versions[at] = every.get(at, _UNOPENED) if every else _version(calendars[reading.calendars[via]])
            if applicant is not None:
                mine = (
                    tuple([appointment_of(row) for row in listed if row[_ENDS_AT] > query.ending_after])
                    if listed
                    else ()
                )
                standing = Standing(applicant, 0 if person is None else person[1], mine)
        for slot in query.slots:
            seats[slot] = taken[reading.seats[seat_key(slot)]]
            at = slot.branch
            versions[at] = every.get(at, _UNOPENED) if every else _version(calendars[reading.calendars[at]])
        result.append(
            Facts(
                answer=None if answered is None else answer_of(answered),
                appointment=appointment,
                standing=standing,
                taken=seats,
                calendars=every if query.every_calendar and every else versions,
            )
        )
    return result


def _version(row: Row | None) -> CalendarVersion:
    return _UNOPENED if row is None else CalendarVersion(row[1], row[2])
