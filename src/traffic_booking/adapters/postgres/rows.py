"""Rows made of values, and values made of rows, which the statements give as JSON objects.

A new column is its name and one line in each direction here, and a migration.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
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
"""In the order of the columns below; what goes in."""
JsonRow = Mapping[str, Any]
"""By the names of the columns; what comes out."""
T = TypeVar("T")

SLOT: Final = ("branch", "service", "starts_at")
APPOINTMENT: Final = (
    *("number", "version", "state", *SLOT, "ends_at", "time_zone", "applicant", "rulebook", "changed_at"),
    *("hold_ends_at", "instructions", "withdrawn_at", "moves"),
)
ANSWER: Final = ("request_id", "command", "outcome", "decided_at", "rulebook", "findings", "decided_on")
EVENT: Final = ("number", "version", "kind", "at", "actor", "rulebook", "request_id", "details")
ATTEMPTS: Final = ("applicant", "version", "failures", "locked_until")
CALENDAR_ENTRY: Final = ("number", "entry")
"""The columns of the tables, in their order there."""

_STATES: Final = {state.value: state for state in AppointmentState}


class RowError(ValueError):
    """A row that this release could not have written; the message quotes nothing of it."""


def moment(text: str) -> datetime:
    """The instant, in UTC, that PostgreSQL writes as `text`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def slot_row(slot: SlotKey) -> Row:
    """The key of a slot's seats."""
    return (slot.branch, slot.service, slot.starts_at)


def appointment_row(appointment: Appointment) -> Row:
    """All columns of an appointment."""
    slot = appointment.slot
    return (
        appointment.number,
        appointment.version,
        appointment.state.value,
        slot.branch,
        slot.service,
        slot.starts_at,
        appointment.slot_ends_at,
        appointment.time_zone,
        appointment.applicant.reveal(),
        appointment.rulebook,
        appointment.changed_at,
        appointment.hold_ends_at,
        appointment.instructions,
        appointment.withdrawn_at,
        appointment.moves,
    )


def appointment_of(row: JsonRow) -> Appointment:
    """The appointment of a row."""
    return _rebuilt("appointments", _appointment, row)


def answer_row(answer: Answer) -> Row:
    """All columns of an answer."""
    return (
        answer.command.request_id,
        COMMAND.text(answer.command),
        OUTCOME.text(answer.outcome),
        answer.decided_at,
        answer.rulebook,
        FINDINGS.text(answer.findings),
        None if answer.case is None else CASE.text(answer.case),
    )


def answer_of(row: JsonRow) -> Answer:
    """The answer of a row."""
    return _rebuilt("answers", _answer, row)


def event_row(event: AppointmentEvent) -> Row:
    """All columns of an event: its record has them, in their order."""
    return event_record(event)


def event_of_row(row: JsonRow) -> AppointmentEvent:
    """The event of a row."""
    return _rebuilt("events", _event, row)


def attempts_row(attempts: SignInAttempts) -> Row:
    """All columns of a count of failed sign-ins."""
    return (attempts.applicant.reveal(), attempts.version, attempts.failures, attempts.locked_until)


def attempts_of(applicant: PersonId, row: JsonRow) -> SignInAttempts:
    """The count of failed sign-ins of a row."""
    until = row["locked_until"]
    return SignInAttempts(
        applicant=applicant,
        version=row["version"],
        failures=row["failures"],
        locked_until=None if until is None else _rebuilt("sign_in_attempts", moment, until),
    )


def entry_row(entry: CalendarEntry) -> Row:
    """All columns of an entry of the working calendar."""
    return (entry.number, ENTRY.text(entry))


def entry_of(row: JsonRow) -> CalendarEntry:
    """The entry of a row."""
    return _rebuilt("calendar_entries", _entry, row)


def _entry(row: JsonRow) -> CalendarEntry:
    entry = ENTRY.from_text(row["entry"])
    if entry.number != row["number"]:
        raise RowError("a number that is not its entry's")
    return entry


def _appointment(row: JsonRow) -> Appointment:
    ends, instructions, withdrawn = row["hold_ends_at"], row["instructions"], row["withdrawn_at"]
    return Appointment(
        number=AppointmentNumber(row["number"]),
        version=row["version"],
        state=_STATES[row["state"]],
        slot=SlotKey(BranchId(row["branch"]), ServiceId(row["service"]), moment(row["starts_at"])),
        slot_ends_at=moment(row["ends_at"]),
        time_zone=row["time_zone"],
        applicant=person_id(row["applicant"]),
        rulebook=row["rulebook"],
        changed_at=moment(row["changed_at"]),
        hold_ends_at=None if ends is None else moment(ends),
        instructions=None if instructions is None else InstructionsVersion(instructions),
        withdrawn_at=None if withdrawn is None else moment(withdrawn),
        moves=row["moves"],
    )


def _answer(row: JsonRow) -> Answer:
    decided_on = row["decided_on"]
    return Answer(
        command=COMMAND.from_text(row["command"]),
        outcome=OUTCOME.from_text(row["outcome"]),
        decided_at=moment(row["decided_at"]),
        rulebook=row["rulebook"],
        findings=FINDINGS.from_text(row["findings"]),
        case=None if decided_on is None else CASE.from_text(decided_on),
    )


def _event(row: JsonRow) -> AppointmentEvent:
    return event_of(
        EventRecord(
            number=row["number"],
            version=row["version"],
            kind=row["kind"],
            at=moment(row["at"]),
            actor=row["actor"],
            rulebook=row["rulebook"],
            request_id=row["request_id"],
            details=row["details"],
        )
    )


def _rebuilt(table: str, rebuild: Callable[[Any], T], row: object) -> T:
    try:
        return rebuild(row)
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        fault = type(error).__name__
    # Outside the handler, so that no error that quotes a person's data hangs on to this one.
    raise RowError(f"a row of {table} that can't be read ({fault})")
