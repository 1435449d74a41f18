"""Rows made of values, and values made of rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.events import AppointmentEvent
from traffic_booking.domain.identity import PersonId, person_id
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import InstructionsVersion, ServiceId
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.wire import CASE, COMMAND, ENTRY, FINDINGS, OUTCOME, EventRecord, event_of, event_record

Row = tuple[Any, ...]
T = TypeVar("T")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STATES: Final = {state.value: state for state in AppointmentState}


class RowError(ValueError):
    """A row that this release could not have written; the message quotes nothing of it."""


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC; exact, where `timestamp()` would round."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(since: int) -> datetime:
    """The instant, in UTC, that many microseconds after 1970 began."""
    return _EPOCH + timedelta(microseconds=since)


def slot_row(slot: SlotKey) -> Row:
    """The key of a slot's seats."""
    return (slot.branch, slot.service, microseconds(slot.starts_at))


def appointment_row(appointment: Appointment) -> Row:
    """All columns of an appointment."""
    ends, withdrawn = appointment.hold_ends_at, appointment.withdrawn_at
    return (
        appointment.number,
        appointment.version,
        appointment.state.value,
        *slot_row(appointment.slot),
        microseconds(appointment.slot_ends_at),
        appointment.time_zone,
        appointment.applicant.reveal(),
        appointment.rulebook,
        microseconds(appointment.changed_at),
        None if ends is None else microseconds(ends),
        appointment.instructions,
        None if withdrawn is None else microseconds(withdrawn),
        appointment.moves,
    )


def appointment_of(row: Row) -> Appointment:
    """The appointment of a row."""
    return _rebuilt("appointments", _appointment, row)


def answer_row(answer: Answer) -> Row:
    """All columns of an answer."""
    return (
        answer.command.request_id,
        COMMAND.text(answer.command),
        OUTCOME.text(answer.outcome),
        microseconds(answer.decided_at),
        answer.rulebook,
        FINDINGS.text(answer.findings),
        None if answer.case is None else CASE.text(answer.case),
    )


def answer_of(row: Row) -> Answer:
    """The answer of a row that leaves the request id out."""
    return _rebuilt("answers", _answer, row)


def event_row(event: AppointmentEvent) -> Row:
    """All columns of an event."""
    number, version, kind, at, *others = event_record(event)
    return (number, version, kind, microseconds(at), *others)


def event_of_row(row: Row) -> AppointmentEvent:
    """The event of a row."""
    return _rebuilt("events", _event, row)


def attempts_row(attempts: SignInAttempts) -> Row:
    """All columns of a count of failed sign-ins."""
    until = attempts.locked_until
    return (
        attempts.applicant.reveal(),
        attempts.version,
        attempts.failures,
        None if until is None else microseconds(until),
    )


def attempts_of(applicant: PersonId, row: Row) -> SignInAttempts:
    """The count of failed sign-ins of a row that leaves the person out."""
    version, failures, until = row
    return SignInAttempts(
        applicant=applicant,
        version=version,
        failures=failures,
        locked_until=None if until is None else _rebuilt("sign_in_attempts", instant, until),
    )


def entry_row(entry: CalendarEntry) -> Row:
    """All columns of an entry of the working calendar."""
    return (entry.number, ENTRY.text(entry))


def entry_of(row: Row) -> CalendarEntry:
    """The entry of a row."""
    return _rebuilt("calendar_entries", _entry, row)


def _entry(row: Row) -> CalendarEntry:
    number, text = row
    entry = ENTRY.from_text(text)
    if entry.number != number:
        raise RowError("a number that is not its entry's")
    return entry


def _appointment(row: Row) -> Appointment:
    number, version, state, branch, service, starts, ends, zone, applicant, *rest = row
    rulebook, changed, hold, instructions, withdrawn, moves = rest
    return Appointment(
        number=AppointmentNumber(number),
        version=version,
        state=_STATES[state],
        slot=SlotKey(BranchId(branch), ServiceId(service), instant(starts)),
        slot_ends_at=instant(ends),
        time_zone=zone,
        applicant=person_id(applicant),
        rulebook=rulebook,
        changed_at=instant(changed),
        hold_ends_at=None if hold is None else instant(hold),
        instructions=None if instructions is None else InstructionsVersion(instructions),
        withdrawn_at=None if withdrawn is None else instant(withdrawn),
        moves=moves,
    )


def _answer(row: Row) -> Answer:
    command, outcome, decided_at, rulebook, findings, decided_on = row
    return Answer(
        command=COMMAND.from_text(command),
        outcome=OUTCOME.from_text(outcome),
        decided_at=instant(decided_at),
        rulebook=rulebook,
        findings=FINDINGS.from_text(findings),
        case=None if decided_on is None else CASE.from_text(decided_on),
    )


def _event(row: Row) -> AppointmentEvent:
    number, version, kind, at, *others = row
    return event_of(EventRecord(number, version, kind, instant(at), *others))


def _rebuilt(table: str, rebuild: Callable[[Any], T], row: object) -> T:
    try:
        return rebuild(row)
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        fault = type(error).__name__
    # Outside the handler, so that no error that quotes a person's data hangs on to this one.
    raise RowError(f"a row of {table} that can't be read ({fault})")
