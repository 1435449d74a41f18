"""Requests within answers, as JSON."""

from collections.abc import Mapping
from typing import Any, Final

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
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.appointment_codec import applicant_of, slot_of_data, slot_text
from traffic_booking.persistence.codecs import RECORD
from traffic_booking.persistence.converter import actor_of_text, actor_text
from traffic_booking.persistence.exact import exactly
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.writing import encode, string

VERBS: Final[Mapping[type[Command], str]] = {
    HoldSlot: "hold",
    BookSlot: "book",
    CancelAppointment: "cancel",
    MoveAppointment: "move",
    CheckInApplicant: "check-in",
    DeclareRecord: "declare",
}


def command_text(command: Command) -> str:
    """A request, without its id and its assertions, as the first members of an object.

    The actor is left out if it is the applicant.
    """
    text = f'"do":"{VERBS[type(command)]}"'
    if isinstance(command, HoldSlot | BookSlot):
        text += f',"for":{string(str(command.applicant))}'
        if command.actor != command.applicant:
            text += f',"by":{string(actor_text(command.actor))}'
    else:
        text += f',"by":{string(actor_text(command.actor))}'
    match command:
        case HoldSlot():
            return f'{text},"slot":[{slot_text(command.slot)}]'
        case BookSlot():
            return f'{text},"slot":[{slot_text(command.slot)}]{_agreed_text(command.agreed, usual=True)}'
        case MoveAppointment():
            agreed = _agreed_text(command.agreed, usual=False)
            return f'{text},"number":{string(command.number)},"slot":[{slot_text(command.slot)}]{agreed}'
        case DeclareRecord():
            return f'{text},"reason":{string(command.reason)},"record":{RECORD.text(command.record)}'
        case CancelAppointment() | CheckInApplicant():
            return f'{text},"number":{string(command.number)}'


def _agreed_text(agreed: InstructionsVersion | bool, *, usual: bool) -> str:  # noqa: FBT001 - it is a value
    return "" if agreed is usual else f',"agreed":{encode(agreed)}'


def command_of(request_id: RequestId, data: dict[str, Any], assertions: Assertions | None) -> Command:
    """The request that `data` stands for; its keys are taken out of `data`."""
    verb = data.pop("do")
    if verb in {"hold", "book"}:
        applicant = applicant_of(data.pop("for"))
        by = data.pop("by", None)
        actor: Actor = applicant if by is None else actor_of_text(by)
        slot = slot_of_data(data.pop("slot"))
        if verb == "hold":
            return rebuilt(
                HoldSlot, request_id=request_id, actor=actor, applicant=applicant, slot=slot, assertions=assertions
            )
        return rebuilt(
            BookSlot,
            request_id=request_id,
            actor=actor,
            applicant=applicant,
            slot=slot,
            agreed=_agreed(data.pop("agreed", True)),
            assertions=assertions,
        )
    actor = actor_of_text(data.pop("by"))
    if verb == "declare":
        reason = exactly(data.pop("reason"), str)
        return rebuilt(
            DeclareRecord,
            request_id=request_id,
            actor=actor,
            reason=reason,
            record=RECORD.from_data(data.pop("record")),
        )
    number = AppointmentNumber(exactly(data.pop("number"), str))
    if verb == "move":
        return rebuilt(
            MoveAppointment,
            request_id=request_id,
            actor=actor,
            number=number,
            slot=slot_of_data(data.pop("slot")),
            agreed=_agreed(data.pop("agreed", False)),
            assertions=assertions,
        )
    return rebuilt(_OF_NUMBER[verb], request_id=request_id, actor=actor, number=number)


_OF_NUMBER: Final[Mapping[str, type[CancelAppointment] | type[CheckInApplicant]]] = {
    "cancel": CancelAppointment,
    "check-in": CheckInApplicant,
}


def _agreed(data: Any) -> InstructionsVersion | bool:
    return data if isinstance(data, bool) else InstructionsVersion(exactly(data, str))
