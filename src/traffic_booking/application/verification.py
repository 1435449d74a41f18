"""The pure part of an audit: its counts and faults so far, and comparisons of parts that were read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.person_state import matters
from traffic_booking.domain.audit.invariants import (
    BrokenInvariant,
    Invariant,
    appointment_of,
    broken_person_state,
    seat_elsewhere,
    seats_differ,
    unknown_in_person_state,
)
from traffic_booking.domain.audit.limit_audit import AppointmentHistory, PlacedEvent, broken_limits
from traffic_booking.domain.audit.stored import StoredAppointment
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.rules.rulebook import Rulebooks
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import PoolStep
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen

NO_REQUEST: Final = RequestId("-")
"""A request id for facts that are not about a request; a request that has it does no harm."""

LONGEST_SLOT: Final = timedelta(days=1)
"""Longer than any slot: a slot that ends after an instant starts at most so long before it."""


@frozen(kw_only=True)
class Verification:
    """Audit progress, or its result. Truthy if nothing is broken.

    `broken_count` counts everything that is broken, and `broken` has the first of it. `unknown_versions` are rulebooks
    that decided and are not at hand: for grants under them, the limits were not checked.
    """

    appointments: int = 0
    events: int = 0
    slots: int = 0
    answers: int = 0
    unknown_versions: tuple[str, ...] = ()
    broken_count: int = 0
    broken: tuple[BrokenInvariant, ...] = ()

    def __bool__(self) -> bool:
        return not self.broken_count


class AuditProgress:
    """Counts and notes for one audit; keeps the first `limit` broken parts."""

    def __init__(
        self, progress: Callable[[Verification], None], found: Callable[[BrokenInvariant], None], limit: int
    ) -> None:
        self.result = Verification()
        self._progress = progress
        self._found = found
        self._limit = limit
        self._unreadable: set[str] = set()

    def count(self, *, appointments: int = 0, events: int = 0, slots: int = 0, answers: int = 0) -> None:
        """Count a page that was read, and report the progress."""
        self.result = copy_with(
            self.result,
            appointments=self.result.appointments + appointments,
            events=self.result.events + events,
            slots=self.result.slots + slots,
            answers=self.result.answers + answers,
        )
        self._progress(self.result)

    def note(self, broken: Iterable[BrokenInvariant]) -> None:
        """Report broken parts, and count them."""
        for each in broken:
            self._found(each)
            more = (each,) if self.result.broken_count < self._limit else ()
            self.result = copy_with(
                self.result, broken_count=self.result.broken_count + 1, broken=(*self.result.broken, *more)
            )

    def note_unreadable(self, error: StoreUnreadable) -> None:
        """Note a record, counter or log entry that can't be decoded, once. Raises the error if it names none."""
        if error.key is None:
            raise error
        broken = BrokenInvariant(
            invariant=Invariant.READABLE,
            where=f"{error.collection} {error.key}",
            found="what can't be decoded" + (f", at {tuple(error.position)}" if error.position else ""),
            expected="what was written",
        )
        if broken.where not in self._unreadable:
            self._unreadable.add(broken.where)
            self.note([broken])

    @contextmanager
    def noting_unreadable(self) -> Iterator[None]:
        """End the block at a part that can't be decoded, and note it."""
        try:
            yield
        except StoreUnreadable as error:
            self.note_unreadable(error)

    def broken_limits(
        self,
        histories: Sequence[tuple[PlacedEvent, ...]],
        answers: Mapping[RequestId, Answer],
        rulebooks: Rulebooks,
    ) -> list[BrokenInvariant]:
        """The limits that the first of one person's appointments breaks; none if a rulebook is not at hand."""
        one, *others = (AppointmentHistory(history, answers) for history in histories)
        beside = [other for other in others if appointment_of(event for _, event in other.events) is not None]
        try:
            return list(broken_limits(one, beside, rulebooks))
        except NotFound:
            decided = {answer.rulebook for answer in answers.values()}
            unknown = decided - {version.version for version in rulebooks.versions}
            self.result = copy_with(
                self.result, unknown_versions=tuple(sorted({*self.result.unknown_versions} | unknown))
            )
            return []


def query_of(stored: StoredAppointment) -> FactsQuery:
    """The query for an appointment as it is by now, the seats of its slot, and the state of its person."""
    assert stored.appointment is not None
    slot, seats = stored.appointment.slot, stored.appointment.seats
    steps = tuple(seat for seat in seats if isinstance(seat, PoolStep))
    return FactsQuery(request_id=NO_REQUEST, number=stored.number, slots=(slot,), steps=steps)


def owner_since(stored: StoredAppointment) -> tuple[Applicant, datetime]:
    """The applicant of an appointment, and the earliest start of a slot that may have been active beside it."""
    appointment = stored.appointment
    assert appointment is not None
    made = min((event.at for event in stored.events), default=appointment.changed_at)
    return appointment.applicant, made - LONGEST_SLOT


def answers_in(found: Iterable[Facts]) -> dict[RequestId, Answer]:
    """The answers among facts, by their requests."""
    return {facts.answer.command.request_id: facts.answer for facts in found if facts.answer is not None}


def requests_of(events: Iterable[AppointmentEvent]) -> list[RequestId]:
    """The requests that caused the events, each once."""
    return list(dict.fromkeys(event.request_id for event in events if event.request_id is not None))


def broken_counts(configuration: Configuration, stored: StoredAppointment, now: datetime) -> Iterator[BrokenInvariant]:
    """The fault of a live appointment whose seat is not in the counts of the catalogue."""
    appointment = stored.appointment
    if appointment is not None and configuration.counts_elsewhere(appointment, now):
        expected = configuration.catalogue.pool_of(appointment.slot.branch, appointment.slot.service)
        yield seat_elsewhere(appointment.number, appointment.pool, expected)


def broken_beside(
    stored: StoredAppointment, facts: Facts, listed: Sequence[Appointment], by: datetime
) -> Iterator[BrokenInvariant]:
    """Faults between an appointment and the `facts` about it; `listed` are its person's appointments."""
    appointment, person_state = facts.appointment, facts.person_state
    if appointment is None or person_state is None:
        yield BrokenInvariant(
            invariant=Invariant.VERSIONS,
            where=stored.number,
            found="no appointment by its number",
            expected="the one that is listed",
        )
        return
    for seat in appointment.seats if appointment.has_seat else ():
        if facts.seats_taken.get(seat) == 0:
            yield seats_differ(seat, seats_taken=0, seated=1)
    yield from broken_person_state(appointment, stored, person_state, by)
    theirs, since = {each.number for each in listed}, owner_since(stored)[1]
    # An appointment that no rule considers any more may have been pruned.
    lasting = [each for each in person_state.appointments if matters(each, by) and each.slot.starts_at >= since]
    yield from unknown_in_person_state(stored, [each.number for each in lasting if each.number not in theirs])


def active_beside(stored: StoredAppointment, facts: Facts, listed: Sequence[Appointment]) -> list[AppointmentNumber]:
    """The person's other appointments that may have been active when this one was granted; none if it is broken."""
    if facts.appointment is None or facts.person_state is None or appointment_of(stored.events) is None:
        return []
    since = owner_since(stored)[1]
    return [each.number for each in listed if each.number != stored.number and each.slot_ends_at > since]


def broken_declaration(
    request: RequestId, declared: CalendarEntry, stored: CalendarEntry | None
) -> list[BrokenInvariant]:
    """The fault if the entry that was `declared` differs from the entry stored under its number."""
    if stored == declared:
        return []
    return [
        BrokenInvariant(
            invariant=Invariant.REQUESTS,
            where=f"request {request}",
            found=f"another calendar entry {declared.number}, or none",
            expected="what was declared",
        )
    ]
