"""The codec of appointments within other records: lists of values in a fixed order.

A person's record has a list for each active appointment, and an answer one for each that its rules looked at. The last
values of a list are left out if they are the usual ones.
"""

from collections.abc import Mapping
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment, ListedAppointment
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.people.applicants import Applicant
from traffic_booking.domain.schedule.slots import Pool
from traffic_booking.persistence.basic_codecs import decode_instant, encode_instant, exactly, optional
from traffic_booking.persistence.value_codecs import decode_end, decode_pool, decode_slot, encode_pool, encode_slot

TIME_ZONE: Final = "Asia/Riyadh"
"""The usual one, which is left out."""

STATES: Final = {state.value: state for state in AppointmentState}

_OTHERS: Final[tuple[Any, ...]] = (None, 0, None, None, None)
"""Instructions, moves, time zone, own cancellation and pool, if they are left out."""
_POOL: Final = 2 + len(_OTHERS) - 1


def encode_listed(listed: ListedAppointment) -> list[object]:
    """The part of an appointment that the rules about another one look at."""
    hold, cancelled = listed.hold_ends_at, listed.cancelled_by_applicant_at
    data: list[object] = [listed.number, listed.state, *encode_slot(listed.slot, ends_at=listed.slot_ends_at)]
    if hold is not None or cancelled is not None:
        data.append(None if hold is None else encode_instant(hold))
    if cancelled is not None:
        data.append(encode_instant(cancelled))
    return data


def decode_listed(data: list[Any]) -> ListedAppointment:
    """That part of an appointment."""
    return ListedAppointment(**_listed(data))


def _listed(data: list[Any]) -> dict[str, Any]:
    number, state, branch, service, start, end, *instants = data
    hold_ends_at, cancelled_by_applicant_at = (*instants, None, None)[:2]
    slot = decode_slot([branch, service, start])
    return {
        "number": exactly(number, str),
        "state": STATES[state],
        "slot": slot,
        "slot_ends_at": decode_end(slot.starts_at, end),
        "hold_ends_at": optional(decode_instant, hold_ends_at),
        "cancelled_by_applicant_at": optional(decode_instant, cancelled_by_applicant_at),
    }


def encode_rest(appointment: Appointment) -> list[object]:
    """The other values of an appointment, without its applicant and its version."""
    zone, cancelled = appointment.time_zone, appointment.cancelled_by_applicant_at
    others: list[object] = [appointment.instructions, appointment.moves, None if zone == TIME_ZONE else zone]
    if cancelled is not None or appointment.pool is not None:
        others.append(None if cancelled is None else encode_instant(cancelled))
        others.append(encode_pool(appointment.pool))
    while others and others[-1] in (None, 0):
        others.pop()
    return [appointment.rulebook, encode_instant(appointment.changed_at), *others]


def decode_rest(listed: Mapping[str, Any], applicant: Applicant, version: Any, data: list[Any]) -> Appointment:
    """The appointment whose listed part has the fields `listed`, and the rest of which is `data`."""
    (rulebook, changed_at), others = data[:2], data[2:]
    instructions, moves, zone, cancelled_by_applicant_at, pool = (*others, *_OTHERS[len(others) :])
    fields = {**listed, "cancelled_by_applicant_at": optional(decode_instant, cancelled_by_applicant_at)}
    return Appointment(
        **fields,
        version=exactly(version, int),
        time_zone=TIME_ZONE if zone is None else exactly(zone, str),
        applicant=applicant,
        rulebook=exactly(rulebook, str),
        changed_at=decode_instant(changed_at),
        instructions=None if instructions is None else exactly(instructions, str),
        moves=exactly(moves, int),
        pool=decode_pool(pool),
    )


def pool_of_rest(data: list[Any]) -> Pool | None:
    """The pool in these other values."""
    return decode_pool(data[_POOL]) if len(data) > _POOL else None


def encode_appointment(appointment: Appointment) -> list[object]:
    """An appointment without its applicant: its version, the listed part and the rest."""
    return [appointment.version, encode_listed(appointment), encode_rest(appointment)]


def decode_appointment(applicant: Applicant, data: list[Any]) -> Appointment:
    """The appointment of an applicant."""
    version, listed, rest = data
    return decode_rest(_listed(listed), applicant, version, rest)
