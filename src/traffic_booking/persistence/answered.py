"""Granted outcomes as JSON: only the values that differ from an expected appointment.

The expected appointment follows from the command and the case (`_expected`). Stored answers are read by comparing with
it, so it must never change for requests that can already be stored: their answers would be read as something else.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from json import loads
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.invariants import answered_appointment
from traffic_booking.domain.decisions.outcomes import Booked, Cancelled, CheckedIn, Declared, Held, Moved, Outcome
from traffic_booking.domain.people.actors import STAFF
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase, Case, MoveCase
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.appointment_codec import TIME_ZONE, applicant_of, appointment_of_data, appointment_text
from traffic_booking.persistence.exact import exactly, instant_text
from traffic_booking.persistence.rebuilding import altered, rebuilt
from traffic_booking.persistence.writing import encode, string

_NUMBER, _HOLD = 1, 7
"""The places of the number and of the hold's end among the values of an appointment."""
_LISTED: Final = 8
"""So many values the listed part of an appointment has at most."""
_PLACES: Final = 1 + _LISTED + 6
"""Of the version, the listed part and the rest."""
_MOVES: Final = 3
"""The place of the number of moves among the rest: 0 may have been left out."""

_DONE: Final[Mapping[type, Any]] = {
    HoldSlot: Held,
    BookSlot: Booked,
    CancelAppointment: Cancelled,
    MoveAppointment: Moved,
    CheckInApplicant: CheckedIn,
}
_STATES: Final[Mapping[type, AppointmentState]] = {
    HoldSlot: AppointmentState.HELD,
    BookSlot: AppointmentState.BOOKED,
    MoveAppointment: AppointmentState.BOOKED,
    CancelAppointment: AppointmentState.CANCELLED,
    CheckInApplicant: AppointmentState.CHECKED_IN,
}


def outcome_text(command: Command, case: Case | None, rulebook: str, at: datetime, outcome: Outcome) -> str:
    """An outcome that is no refusal, as members of an object behind others."""
    if isinstance(outcome, Declared):
        return f',"entry":{outcome.entry.number}'
    appointment = answered_appointment(outcome)
    assert appointment is not None, "a refusal is written otherwise"
    if _is_new(appointment, command, case, rulebook, at):
        ends_at = appointment.hold_ends_at
        hold = "" if ends_at is None else f',[{_HOLD},"{instant_text(ends_at)}"]'
        return f',"done":[[{_NUMBER},{string(appointment.number)}]{hold}]'
    expected = _expected(command, case, rulebook, at)
    pairs = zip_longest(_flat(appointment), _flat(expected))
    done = encode([[place, is_] for place, (is_, was) in enumerate(pairs) if is_ != was])
    of = "" if appointment.applicant == expected.applicant else f',"of":{string(str(appointment.applicant))}'
    return f',"done":{done}{of}'


def outcome_of(command: Command, case: Case | None, rulebook: str, at: datetime, data: dict[str, Any]) -> Outcome:
    """The outcome that `data` stands for; its keys are taken out of `data`."""
    if isinstance(command, DeclareRecord):
        return Declared(_entry(command, exactly(data.pop("entry"), int), at))
    expected = _expected(command, case, rulebook, at)
    values = dict(enumerate(_flat(expected)))
    for place, value in data.pop("done"):
        if not 0 <= exactly(place, int) < _PLACES:
            raise LookupError("got a place that no value has")
        values[place] = value
    applicant = applicant_of(data.pop("of")) if "of" in data else expected.applicant
    done: Outcome = rebuilt(_DONE[type(command)], appointment=_of_flat(applicant, values))
    return done


def _is_new(appointment: Appointment, command: Command, case: Case | None, rulebook: str, at: datetime) -> bool:
    """Whether only the number and the end of a hold differ from `_expected`, as of most bookings: a faster check."""
    if not isinstance(command, HoldSlot | BookSlot) or not isinstance(case, BookingCase):
        return False
    slot = case.slot
    return (
        case.held is None
        and slot is not None
        and appointment.version == 1
        and appointment.state is _STATES[type(command)]
        and appointment.slot == case.key
        and appointment.slot_ends_at == slot.ends_at
        and appointment.time_zone == slot.time_zone
        and appointment.applicant == command.applicant
        and appointment.rulebook == rulebook
        and appointment.changed_at == at
        and appointment.instructions == case.agreed
        and appointment.cancelled_by_applicant_at is None
        and not appointment.moves
    )


def _flat(appointment: Appointment) -> list[Any]:
    """The values of an appointment in one list, each always at the same place."""
    version, listed, rest = loads(appointment_text(appointment))
    return [version, *listed, *[None] * (_LISTED - len(listed)), *rest]


def _of_flat(applicant: Applicant, values: Mapping[int, Any]) -> Appointment:
    version, *others = [values.get(place) for place in range(max(values) + 1)]
    listed, rest = others[:_LISTED], others[_LISTED:]
    if len(rest) > _MOVES and rest[_MOVES] is None:
        rest[_MOVES] = 0
    return appointment_of_data(applicant, [version, listed, rest])


def _entry(command: DeclareRecord, number: int, at: datetime) -> CalendarEntry:
    return rebuilt(
        CalendarEntry,
        number=number,
        at=at,
        actor=command.actor,
        reason=command.reason,
        request_id=command.request_id,
        record=command.record,
    )


def _expected(command: Command, case: Case | None, rulebook: str, at: datetime) -> Appointment:
    """The appointment that a granted request most likely leaves behind. It must not follow changes of the rules."""
    before = _before(command, case, at)
    if isinstance(command, HoldSlot) and before.version:
        return before  # the same hold again
    after = altered(
        before,
        version=before.version + 1,
        state=_STATES[type(command)],
        rulebook=rulebook,
        changed_at=at,
        hold_ends_at=None,
    )
    if isinstance(command, CancelAppointment):
        cancelled_by_applicant = before.state is AppointmentState.BOOKED and not isinstance(command.actor, STAFF)
        return altered(after, cancelled_by_applicant_at=at) if cancelled_by_applicant else after
    if isinstance(case, BookingCase) and case.slot is not None:
        after = altered(
            after,
            slot=case.key,
            slot_ends_at=case.slot.ends_at,
            time_zone=case.slot.time_zone,
            instructions=case.agreed,
        )
    if isinstance(case, MoveCase):
        return before if case.key == before.slot else altered(after, moves=before.moves + (not case.slot_was_closed))
    return after


def _before(command: Command, case: Case | None, at: datetime) -> Appointment:
    """The appointment that the request was about, of version 0 if it was about a new one."""
    if isinstance(case, MoveCase | AppointmentCase) and case.appointment is not None:
        return case.appointment
    if isinstance(case, BookingCase) and case.held is not None:
        return case.held
    applicant = Applicant(Subject(""), Holder.CITIZEN)
    slot = rebuilt(SlotKey, branch="", service="", starts_at=at)
    if isinstance(command, HoldSlot | BookSlot):
        applicant, slot = command.applicant, command.slot
    return rebuilt(
        Appointment,
        number=AppointmentNumber(""),
        version=0,
        state=AppointmentState.HELD,
        slot=slot,
        slot_ends_at=slot.starts_at,
        time_zone=TIME_ZONE,
        applicant=applicant,
        rulebook="",
        changed_at=at,
    )
