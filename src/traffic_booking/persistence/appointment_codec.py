"""Appointments as JSON within other records: a list of values in a fixed order, of which the last ones may be left out.

A person's record has one for each active appointment, and a decision one for each that it looked at.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import Appointment, AppointmentState, ListedAppointment
from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.exact import exactly, instant_of, instant_text
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.writing import listed, string

TIME_ZONE: Final = "Asia/Riyadh"
"""The usual one, which is left out."""

CACHED_SLOTS: Final = 4_096

STATES: Final = {state.value: state for state in AppointmentState}
HOLDERS: Final = {holder.value: holder for holder in Holder}

_MINUTE: Final = timedelta(minutes=1)
_REST: Final[tuple[Any, ...]] = (None, 0, None, None)
"""The last values, if they are left out."""


@lru_cache(maxsize=CACHED_SLOTS)
def slot_text(slot: SlotKey) -> str:
    """A slot as `"branch","service","start"`, for a list."""
    return f'{string(slot.branch)},{string(slot.service)},"{instant_text(slot.starts_at)}"'


@lru_cache(maxsize=CACHED_SLOTS)
def timed_text(slot: SlotKey, end: datetime) -> str:
    """A slot and its end, for a list."""
    return f"{slot_text(slot)},{end_text(slot.starts_at, end)}"


def slot_of_data(data: Any) -> SlotKey:
    """The slot that `data` stands for."""
    branch, service, starts_at = exactly(data, list)
    return slot_of(branch, service, starts_at)


@lru_cache(maxsize=CACHED_SLOTS)
def slot_of(branch: Any, service: Any, starts_at: Any) -> SlotKey:
    """The slot of its three values as text."""
    return rebuilt(SlotKey, branch=exactly(branch, str), service=exactly(service, str), starts_at=instant_of(starts_at))


@lru_cache(maxsize=CACHED_SLOTS)
def slot_at(branch: Any, service: Any, starts_at: Any) -> SlotKey:
    """The slot of the values of its columns."""
    return rebuilt(SlotKey, branch=branch, service=service, starts_at=exactly(starts_at, datetime))


def end_text(start: datetime, end: datetime) -> str:
    """The end of a slot: its whole minutes, or the instant if it has no whole minutes."""
    minutes, rest = divmod(end - start, _MINUTE)
    return f'"{instant_text(end)}"' if rest or minutes < 0 else str(minutes)


def end_of_data(start: datetime, data: Any) -> datetime:
    """The end of a slot that begins at `start`."""
    return start + exactly(data, int) * _MINUTE if type(data) is not str else instant_of(data)


def applicant_of(text: Any) -> Applicant:
    """The applicant that `HOLDER:SUBJECT` stands for."""
    holder, _, subject = exactly(text, str).partition(":")
    return Applicant(Subject(subject), HOLDERS[holder])


def listed_text(listed: ListedAppointment) -> str:
    """The part of an appointment that rules about another one look at."""
    slot, hold, cancelled_by_applicant = listed.slot, listed.hold_ends_at, listed.cancelled_by_applicant_at
    end = timed_text(slot, listed.slot_ends_at)
    if cancelled_by_applicant is not None:
        end += f",{instant_or_null(hold)},{instant_or_null(cancelled_by_applicant)}"
    elif hold is not None:
        end += f",{instant_or_null(hold)}"
    return f'[{string(listed.number)},"{listed.state}",{end}]'


def listed_of_data(data: list[Any]) -> ListedAppointment:
    """The part that `data` stands for."""
    number, state, branch, service, start, end, *rest = data
    hold_ends_at, cancelled_by_applicant_at = (*rest, None, None)[:2]
    slot = slot_of(branch, service, start)
    return ListedAppointment(
        number=exactly(number, str),
        state=STATES[state],
        slot=slot,
        slot_ends_at=end_of_data(slot.starts_at, end),
        hold_ends_at=None if hold_ends_at is None else instant_of(hold_ends_at),
        cancelled_by_applicant_at=None if cancelled_by_applicant_at is None else instant_of(cancelled_by_applicant_at),
    )


def instant_or_null(moment: datetime | None) -> str:
    """An instant in quotes, or null."""
    return "null" if moment is None else f'"{instant_text(moment)}"'


def rest_text(appointment: Appointment) -> str:
    """The other values of an appointment, without its applicant and its version."""
    zone, cancelled_by_applicant, instructions = (
        appointment.time_zone,
        appointment.cancelled_by_applicant_at,
        appointment.instructions,
    )
    text = f'{string(appointment.rulebook)},"{instant_text(appointment.changed_at)}"'
    if cancelled_by_applicant is not None or appointment.moves or zone != TIME_ZONE:
        rest = [instructions, appointment.moves, None if zone == TIME_ZONE else zone]
        rest.append(None if cancelled_by_applicant is None else instant_text(cancelled_by_applicant))
        return f"[{text},{listed(rest)[1:-1]}]"
    return f"[{text}]" if instructions is None else f"[{text},{string(instructions)}]"


def with_rest(listed: ListedAppointment, applicant: Applicant, version: Any, data: list[Any]) -> Appointment:
    """The appointment whose listed part is `listed`, and the rest of which `rest_text` wrote."""
    (rulebook, changed_at), rest = data[:2], data[2:]
    instructions, moves, zone, cancelled_by_applicant_at = (*rest, *_REST[len(rest) :])
    return Appointment(
        number=listed.number,
        version=exactly(version, int),
        state=listed.state,
        slot=listed.slot,
        slot_ends_at=listed.slot_ends_at,
        time_zone=TIME_ZONE if zone is None else exactly(zone, str),
        applicant=applicant,
        rulebook=exactly(rulebook, str),
        changed_at=instant_of(changed_at),
        hold_ends_at=listed.hold_ends_at,
        instructions=None if instructions is None else exactly(instructions, str),
        cancelled_by_applicant_at=None if cancelled_by_applicant_at is None else instant_of(cancelled_by_applicant_at),
        moves=exactly(moves, int),
    )


def appointment_text(appointment: Appointment) -> str:
    """An appointment, without its applicant: its version, the listed part and the rest, as lists."""
    return f"[{appointment.version},{listed_text(appointment)},{rest_text(appointment)}]"


def appointment_of_data(applicant: Applicant, data: list[Any]) -> Appointment:
    """The appointment that `data` stands for."""
    version, listed, rest = data
    return with_rest(listed_of_data(listed), applicant, version, rest)
