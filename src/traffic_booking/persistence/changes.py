"""A decided change as one of the store's, and a store's conflict as one that the desk decides about."""

from contextlib import suppress
from typing import Final

from traffic_booking.domain.changes import Change, Conflict, Guard, SeatChange
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.feed import FeedEntry
from traffic_booking.domain.outcomes import Answer, Refused, RequestRefused
from traffic_booking.domain.rules.verdict import Findings
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.persistence.codecs import ENTRY, EVENT, REFUSED
from traffic_booking.persistence.converter import EVENT_TAGS
from traffic_booking.persistence.keys import CALENDAR_STREAM, seat_key, stream_of_appointment, stream_of_request
from traffic_booking.persistence.records import answer_of, answer_put, appointment_put, attempts_put, decoded, entry_put
from traffic_booking.persistence.schema import (
    ANSWERS,
    APPOINTMENTS,
    ATTEMPTS,
    CALENDAR_ENTRIES,
    CALENDARS,
    CODES,
    PEOPLE,
    SEATS,
)
from traffic_booking.ports.primitives import Append, Check, Count, LogEntry, Put, StoreChange, StoreConflict

REFUSED_KIND: Final = "refused"
DECLARED_KIND: Final = "declared"

_GUARDS: Final = {
    ANSWERS.name: Guard.REQUEST,
    CODES.name: Guard.ONCE,
    CALENDARS.name: Guard.CALENDAR,
    CALENDAR_ENTRIES.name: Guard.CALENDAR,
    PEOPLE.name: Guard.STANDING,
    APPOINTMENTS.name: Guard.APPOINTMENT,
    ATTEMPTS.name: Guard.ATTEMPTS,
    SEATS.name: Guard.SEATS,
}
_PRECEDENCE: Final = {guard: place for place, guard in enumerate(Guard)}


def store_change(change: Change) -> StoreChange:
    """What `change` writes, in the store's terms."""
    answer, guard = change.answer, change.standing
    puts, checks = list(map(appointment_put, change.appointments)), []
    entries = list(map(_event_entry, change.events))
    if answer is not None:
        puts.append(answer_put(answer))
        if isinstance(answer.outcome, Refused):
            entries.append(_refusal_entry(answer))
    if guard is not None:
        puts.append(Put(PEOPLE.name, guard.applicant.reveal(), guard.expected_version, (), ""))
    for calendar in change.calendars:
        if calendar.entry is None:
            checks.append(Check(CALENDARS.name, calendar.branch, calendar.expected_version))
        else:
            puts.append(Put(CALENDARS.name, calendar.branch, calendar.expected_version, (calendar.entry,), ""))
    if change.entry is not None:
        puts.append(entry_put(change.entry))
        entries.append(Append(CALENDAR_STREAM, DECLARED_KIND, ENTRY.text(change.entry)))
    if change.attempts is not None:
        puts.append(attempts_put(change.attempts))
    if change.once:
        puts += [Put(CODES.name, code, 0, (), "") for code in change.once]
    return StoreChange(
        counts=tuple(map(_seat_count, change.seats)), puts=tuple(puts), checks=tuple(checks), entries=tuple(entries)
    )


def conflict_of(change: Change, conflict: StoreConflict) -> Conflict:
    """The guard of `change` that failed, the first of several in the documented order."""
    failed = min(conflict.failed, key=lambda each: _PRECEDENCE[_GUARDS[each.name]])
    guard, answer = _GUARDS[failed.name], None
    if guard is Guard.REQUEST and failed.record is not None:
        with suppress(StoreUnreadable):  # the request alone fails, once its facts are read again
            answer = answer_of(failed.record)
    return Conflict(
        guard=guard,
        answer=answer,
        slot=next((seat.slot for seat in change.seats if seat_key(seat.slot) == failed.key), None),
    )


def feed_entry(entry: LogEntry) -> FeedEntry:
    """The feed entry of a log entry."""
    return decoded("the log", _feed_entry, (entry,))


def event_of(entry: LogEntry) -> AppointmentEvent:
    """The event of a log entry."""
    return decoded("the log", lambda row: EVENT.from_text(row[0].body), (entry,))


def _feed_entry(row: tuple[LogEntry]) -> FeedEntry:
    (entry,) = row
    what: AppointmentEvent | RequestRefused | CalendarEntry
    match entry.kind:
        case "refused":
            what = REFUSED.from_text(entry.body)
        case "declared":
            what = ENTRY.from_text(entry.body)
        case _:
            what = EVENT.from_text(entry.body)
    return FeedEntry(position=entry.position, what=what)


def _seat_count(seat: SeatChange) -> Count:
    return Count(SEATS.name, seat_key(seat.slot), seat.delta, seat.capacity)


def _event_entry(event: AppointmentEvent) -> Append:
    return Append(stream_of_appointment(event.number), EVENT_TAGS[type(event)], EVENT.text(event))


def _refusal_entry(answer: Answer) -> Append:
    broken = answer.findings.broken
    refused = RequestRefused(
        request_id=answer.command.request_id,
        at=answer.decided_at,
        actor=answer.command.actor,
        rulebook=answer.rulebook,
        broken=Findings(broken, tuple(answer.findings[rule_id] for rule_id in broken)),
        number=getattr(answer.command, "number", None),
    )
    return Append(stream_of_request(answer.command.request_id), REFUSED_KIND, REFUSED.text(refused))
