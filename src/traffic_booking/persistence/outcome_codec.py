"""The codec of granted outcomes within answers: only the values that differ from an expected appointment.

The expected appointment follows from the command and the case (`_expected`). Stored answers are decoded by comparing
with it, so it must never change for requests that can already be stored: their answers would get another meaning.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    RecordNoShow,
    ServeApplicant,
    WalkIn,
)
from traffic_booking.domain.appointments.states import AppointmentState, Arrival
from traffic_booking.domain.audit.invariants import answered_appointment
from traffic_booking.domain.decisions.outcomes import (
    Booked,
    Cancelled,
    CheckedIn,
    Declared,
    Excused,
    Held,
    Moved,
    NoShowRecorded,
    Outcome,
    Served,
    WalkedIn,
)
from traffic_booking.domain.people.actors import STAFF
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.rules.cases import AppointmentCase, BookingCase, Case, MoveCase, StayCase
from traffic_booking.domain.schedule.entries import CalendarEntry
from traffic_booking.persistence.appointment_codec import TIME_ZONE, decode_appointment, encode_listed, encode_rest
from traffic_booking.persistence.basic_codecs import encode_instant, exactly, rebuilt
from traffic_booking.persistence.value_codecs import decode_applicant, encode_pool, encode_slot

# The values of an appointment have places: the version, the listed part, the rest.
_VERSION, _STATE, _SLOT, _HOLD_ENDS_AT = 0, 2, slice(3, 7), 7
_RULEBOOK, _CHANGED_AT, _INSTRUCTIONS, _MOVES, _TIME_ZONE = 9, 10, 11, 12, 13
_CANCELLED_BY_APPLICANT_AT: Final = (8, 14)
"""In the listed part, and in the rest."""
_POOL: Final = 15
_PLACES: Final = 16

_DONE: Final[Mapping[type, tuple[Any, AppointmentState]]] = {
    HoldSlot: (Held, AppointmentState.HELD),
    BookSlot: (Booked, AppointmentState.BOOKED),
    CancelAppointment: (Cancelled, AppointmentState.CANCELLED),
    MoveAppointment: (Moved, AppointmentState.BOOKED),
    CheckInApplicant: (CheckedIn, AppointmentState.CHECKED_IN),
    WalkIn: (WalkedIn, AppointmentState.CHECKED_IN),
    ServeApplicant: (Served, AppointmentState.SERVED),
    RecordNoShow: (NoShowRecorded, AppointmentState.NO_SHOW),
    ExcuseNoShow: (Excused, AppointmentState.EXCUSED),
}
"""Of each kind of request the outcome, and the state of the appointment, if it is granted."""


def encode_outcome(
    command: Command, case: Case | None, rulebook: str, at: datetime, outcome: Outcome
) -> dict[str, object]:
    """An outcome that is no refusal: the places and values that differ from the expected appointment."""
    if isinstance(outcome, Declared):
        return {"entry": outcome.entry.number}
    appointment = answered_appointment(outcome)
    assert appointment is not None, "a refusal has another codec"
    applicant, expected = _expected(command, case, rulebook, at)
    pairs = enumerate(zip_longest(_values(appointment), expected))
    data: dict[str, object] = {"done": [[place, value] for place, (value, usual) in pairs if value != usual]}
    if appointment.applicant != applicant:
        data["of"] = str(appointment.applicant)
    if isinstance(outcome, Held | Booked) and outcome.expired_hold is not None:
        data["expired"] = outcome.expired_hold
    if isinstance(outcome, CheckedIn) and outcome.arrival is not Arrival.ON_TIME:
        data["arrival"] = outcome.arrival
    return data


def decode_outcome(command: Command, case: Case | None, rulebook: str, at: datetime, data: dict[str, Any]) -> Outcome:
    """The outcome of a granted request; its keys are removed from `data`."""
    if isinstance(command, DeclareRecord):
        return Declared(_entry(command, exactly(data.pop("entry"), int), at))
    applicant, expected = _expected(command, case, rulebook, at)
    values = expected + [None] * (_PLACES - len(expected))
    for place, value in data.pop("done"):
        if not 0 <= exactly(place, int) < _PLACES:
            raise LookupError("got a place that no value has")
        values[place] = value
    if "of" in data:
        applicant = decode_applicant(data.pop("of"))
    values[_MOVES] = values[_MOVES] or 0
    listed, rest = values[_VERSION + 1 : _RULEBOOK], values[_RULEBOOK:]
    done: list[Any] = [decode_appointment(applicant, [values[_VERSION], listed, rest])]
    if "expired" in data and isinstance(command, HoldSlot | BookSlot):
        done.append(exactly(data.pop("expired"), str))
    if "arrival" in data and isinstance(command, CheckInApplicant):
        done.append(Arrival(data.pop("arrival")))
    if isinstance(command, ExcuseNoShow):
        done.append(command.evidence)
    outcome: Outcome = _DONE[type(command)][0](*done)
    return outcome


def _values(appointment: Appointment) -> list[Any]:
    """The values of an appointment, each in its place, without the last ones if they are the usual ones."""
    listed, rest = encode_listed(appointment), encode_rest(appointment)
    return [appointment.version, *listed, *[None] * (_RULEBOOK - 1 - len(listed)), *rest]


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


def _expected(command: Command, case: Case | None, rulebook: str, at: datetime) -> tuple[Applicant, list[Any]]:
    """The applicant and the values of the appointment that a granted request most likely leaves behind.

    They must not follow changes of the rules.
    """
    moment, before = encode_instant(at), _before(command, case)
    move = case if isinstance(case, MoveCase) and isinstance(command, MoveAppointment) else None
    if before is not None:
        applicant, values = before.applicant, _values(before)
        if isinstance(command, HoldSlot) or isinstance(case, StayCase):
            return applicant, values  # the same hold again, or a move to the same slot
    elif isinstance(command, HoldSlot | BookSlot):
        applicant = command.applicant
        values = [0, "", "", *encode_slot(command.slot), 0]
    elif isinstance(command, WalkIn):
        assert isinstance(case, BookingCase), "a walk-in has the case of its slot"
        applicant = command.applicant
        values = [0, "", "", *encode_slot(case.key), 0]
    else:
        applicant, values = Applicant(Subject(""), Holder.CITIZEN), [0, "", "", "", "", moment, 0]
    values += [None] * (_PLACES - len(values))
    values[_VERSION] += 1
    values[_STATE] = _DONE[type(command)][1]
    values[_HOLD_ENDS_AT] = None
    values[_RULEBOOK], values[_CHANGED_AT] = rulebook, moment
    if isinstance(case, BookingCase) and case.slot is not None:
        values[_SLOT] = encode_slot(case.key, ends_at=case.slot.ends_at)
        values[_TIME_ZONE] = None if case.slot.time_zone == TIME_ZONE else case.slot.time_zone
        values[_INSTRUCTIONS] = case.agreed
        values[_POOL] = encode_pool(case.pool)
    was_booked = before is not None and before.state is AppointmentState.BOOKED
    if isinstance(command, CancelAppointment) and was_booked and not isinstance(command.actor, STAFF):
        for place in _CANCELLED_BY_APPLICANT_AT:
            values[place] = moment
    values[_MOVES] = (values[_MOVES] or 0) + (move is not None and not move.slot_was_closed)
    while values[-1] in (None, 0):
        values.pop()
    return applicant, values


def _before(command: Command, case: Case | None) -> Appointment | None:
    """The appointment that the request is about, or the hold that becomes one, as it was found."""
    match command, case:
        case (MoveAppointment(), MoveCase(appointment=found)) | (_, AppointmentCase(appointment=found)):
            return found
        case _, BookingCase(held=found):
            return found
        case _:
            return None
