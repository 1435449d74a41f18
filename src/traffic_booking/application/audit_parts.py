"""The result of an audit, its queries, and its comparisons; nothing here reads the store."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from traffic_booking.domain.appointments.events import AppointmentEvent
from traffic_booking.domain.audit.explanations import Difference
from traffic_booking.domain.audit.invariants import BrokenInvariant, Invariant
from traffic_booking.domain.audit.stored import StoredAppointment
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.facts import Facts, FactsQuery
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.errors import NotFound, StoreUnreadable
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId

NOBODY: Final = RequestId("-")
"""A request id for facts that are not about a request; who uses it does no harm."""

LONGEST_SLOT: Final = timedelta(days=1)
"""Longer than any slot: what ends after an instant starts at most so long before it."""


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


@frozen(kw_only=True)
class Replay:
    """The result of a replay: how many `decisions` there are, and how many of them have no facts (`without_case`).

    A decision `without_case` can't be evaluated again: a guard in the store refused it, or the assertions that it was
    based on were removed. `differences` are the rules with another result now; `unknown_versions` are the rulebooks
    that decided and are not at hand.
    `unreadable` has `COLLECTION KEY` for each further decision that can't be read: the record that can't be decoded.
    """

    decisions: int
    without_case: int
    differences: tuple[Difference, ...]
    unknown_versions: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


def query_of(stored: StoredAppointment) -> FactsQuery:
    """An appointment as it stands by now, its slot's seats, and its person's standing."""
    appointment = stored.appointment
    assert appointment is not None
    return FactsQuery(request_id=NOBODY, number=stored.number, slots=(appointment.slot,))


def owner_since(stored: StoredAppointment) -> tuple[Applicant, datetime]:
    """The applicant of an appointment, and since when."""
    appointment = stored.appointment
    assert appointment is not None
    made = min((event.at for event in stored.events), default=appointment.changed_at)
    return appointment.applicant, made - LONGEST_SLOT


def about(request: RequestId) -> FactsQuery:
    """The answer to a request."""
    return FactsQuery(request_id=request)


def answers_in(found: Iterable[Facts]) -> dict[RequestId, Answer]:
    """The answers among facts, by their requests."""
    return {facts.answer.command.request_id: facts.answer for facts in found if facts.answer is not None}


def requests_of(events: Iterable[AppointmentEvent]) -> list[RequestId]:
    """The requests that brought the events about, each once."""
    return list(dict.fromkeys(event.request_id for event in events if event.request_id is not None))


def capacity_now(configuration: Configuration, key: SlotKey) -> int:
    """The slot's seats by the timetable; 0 if there is no such slot any more."""
    try:
        slot = configuration.slot(key)
    except NotFound:
        return 0
    return 0 if slot is None else slot.capacity


def unknown_appointment(stored: StoredAppointment) -> BrokenInvariant:
    """An appointment that is listed and was not found by its number."""
    return BrokenInvariant(
        invariant=Invariant.VERSIONS,
        where=stored.number,
        found="no appointment by its number",
        expected="the one that is listed",
    )


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


def unreadable(error: StoreUnreadable) -> BrokenInvariant:
    """The record, counter or log entry that can't be decoded."""
    return BrokenInvariant(
        invariant=Invariant.READABLE,
        where=f"{error.collection} {error.key}",
        found="what can't be decoded" + (f", at {tuple(error.position)}" if error.position else ""),
        expected="what was written",
    )
