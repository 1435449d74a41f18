"""Records made of values, and values made of records: the one place that defines how each collection is filled."""

from collections.abc import Callable
from datetime import datetime
from json import loads
from json.encoder import encode_basestring
from typing import Any, Final, TypeVar

from traffic_booking.domain.appointments import Appointment, AppointmentState
from traffic_booking.domain.commands import BookSlot, HoldSlot
from traffic_booking.domain.errors import StoreUnreadable
from traffic_booking.domain.identity import NationalId, PersonId, ResidentId
from traffic_booking.domain.outcomes import Answer
from traffic_booking.domain.rules.cases import BookingCase
from traffic_booking.domain.services import instructions_version
from traffic_booking.domain.sign_in import SignInAttempts
from traffic_booking.domain.slots import SlotKey
from traffic_booking.domain.working_time import CalendarEntry
from traffic_booking.persistence.codecs import CASE, COMMAND, ENTRY, FINDINGS, OUTCOME, WRITERS
from traffic_booking.persistence.converter import CASE_TAGS
from traffic_booking.persistence.exact import exactly, instant_of
from traffic_booking.persistence.keys import entry_key
from traffic_booking.persistence.schema import ANSWERS, APPOINTMENTS, ATTEMPTS, CALENDAR_ENTRIES
from traffic_booking.ports.primitives import LogEntry, Put, Row

R = TypeVar("R")
T = TypeVar("T")

STATES: Final = {state.value: state for state in AppointmentState}

_PERSONS: Final = {"1": NationalId, "2": ResidentId}
"""By the first digit, as `person_id` has it; which checks the digits twice."""

_rest_of_case: Final = WRITERS.record(BookingCase, tag=CASE_TAGS[BookingCase], without=("actor", "applicant", "key"))
_rest_of_appointment: Final = WRITERS.record(
    Appointment, without=("number", "version", "state", "slot", "slot_ends_at", "applicant", "hold_ends_at")
)


def appointment_put(appointment: Appointment) -> Put:
    """The record of an appointment, which replaces that of the version before."""
    slot = appointment.slot
    return Put(
        APPOINTMENTS.name,
        appointment.number,
        appointment.version - 1,
        (
            appointment.state.value,
            slot.branch,
            slot.service,
            slot.starts_at,
            appointment.slot_ends_at,
            appointment.applicant.reveal(),
            appointment.hold_ends_at,
        ),
        _rest_of_appointment(appointment),
    )


def appointment_of(row: Row) -> Appointment:
    """The appointment of a record."""
    return decoded(APPOINTMENTS.name, _appointment, row)


def answer_put(answer: Answer) -> Put:
    """The record of an answer under its request id, which must not be answered yet.

    A booking's case repeats three fields of its command. They are left out: so two answers fit on a page of SQLite.
    """
    command, found, case = answer.command, answer.case, ""
    if found is not None:
        repeats = (
            type(found) is BookingCase
            and isinstance(command, HoldSlot | BookSlot)
            and (found.actor, found.applicant, found.key) == (command.actor, command.applicant, command.slot)
        )
        case = f',"case":{_rest_of_case(found) if repeats else CASE.text(found)}'
    body = (
        f'{{"command":{COMMAND.text(answer.command)},"outcome":{OUTCOME.text(answer.outcome)},'
        f'"rulebook":{encode_basestring(answer.rulebook)},"findings":{FINDINGS.text(answer.findings)}{case}}}'
    )
    return Put(ANSWERS.name, answer.command.request_id, 0, (answer.decided_at,), body)


def answer_of(row: Row) -> Answer:
    """The answer of a record."""
    return decoded(ANSWERS.name, _answer, row)


def attempts_put(attempts: SignInAttempts) -> Put:
    """The record of a count of failed sign-ins, which replaces that of the version before."""
    columns = (attempts.failures, attempts.locked_until)
    return Put(ATTEMPTS.name, attempts.applicant.reveal(), attempts.version - 1, columns, "")


def attempts_of(applicant: PersonId, row: Row | None) -> SignInAttempts:
    """A person's count of failed sign-ins; that of a new person if there is no record."""
    if row is None:
        return SignInAttempts(applicant=applicant)
    _, version, failures, locked_until, _ = row
    return SignInAttempts(applicant=applicant, version=version, failures=failures, locked_until=locked_until)


def entry_put(entry: CalendarEntry) -> Put:
    """The record of a calendar entry under its number, which must be new."""
    return Put(CALENDAR_ENTRIES.name, entry_key(entry.number), 0, (), ENTRY.text(entry))


def entry_of(row: Row) -> CalendarEntry:
    """The calendar entry of a record."""
    return decoded(CALENDAR_ENTRIES.name, _entry, row)


def decoded(collection: str, decode: Callable[[R], T], row: R) -> T:
    """The value of a record, whose key comes first, or of a log entry.

    Raises `StoreUnreadable`, which names the collection and the key, and quotes nothing else. Only records whose keys
    name no person are decoded here.
    """
    try:
        return decode(row)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        fault = type(error).__name__
    # Outside of the handler, so that no error that quotes a person's data is chained to this one.
    first = row[0] if isinstance(row, tuple) and row else ""
    key = first.stream if isinstance(first, LogEntry) else first
    raise StoreUnreadable(
        f"a record of {collection}, {key}: got one that can't be decoded ({fault}); expected it as written"
    )


def _appointment(row: Row) -> Appointment:
    number, version, state, branch, service, starts_at, ends_at, person, hold_ends_at, body = row
    rest: dict[str, Any] = loads(body)
    instructions, cancelled = rest.pop("instructions", None), rest.pop("withdrawn_at", None)
    appointment = Appointment(
        number=number,
        version=version,
        state=STATES[state],
        slot=SlotKey(branch, service, starts_at),
        slot_ends_at=ends_at,
        time_zone=exactly(rest.pop("time_zone"), str),
        applicant=_PERSONS[person[0]](person),
        rulebook=exactly(rest.pop("rulebook"), str),
        changed_at=instant_of(rest.pop("changed_at")),
        hold_ends_at=hold_ends_at,
        instructions=None if instructions is None else instructions_version(instructions),
        withdrawn_at=None if cancelled is None else instant_of(cancelled),
        moves=exactly(rest.pop("moves", 0), int),
    )
    _nothing_else(rest)
    return appointment


def _answer(row: Row) -> Answer:
    _, _, decided_at, body = row
    parts: dict[str, Any] = loads(body)
    case = parts.pop("case", None)
    if case is not None and case["kind"] == CASE_TAGS[BookingCase]:
        command = parts["command"]
        case = {"actor": command["actor"], "applicant": command["applicant"], "key": command["slot"], **case}
    answer = Answer(
        command=COMMAND.from_data(parts.pop("command")),
        outcome=OUTCOME.from_data(parts.pop("outcome")),
        decided_at=_instant(decided_at),
        rulebook=exactly(parts.pop("rulebook"), str),
        findings=FINDINGS.from_data(parts.pop("findings")),
        case=None if case is None else CASE.from_data(case),
    )
    _nothing_else(parts)
    return answer


def _entry(row: Row) -> CalendarEntry:
    key, _, body = row
    entry = ENTRY.from_text(body)
    if entry_key(entry.number) != key:
        raise ValueError("got a number that is not its entry's")
    return entry


def _instant(value: object) -> datetime:
    return exactly(value, datetime)  # type: ignore[no-any-return] # it is what was asked for


def _nothing_else(rest: dict[str, Any]) -> None:
    if rest:
        raise ValueError(f"got {len(rest)} keys more than expected")
