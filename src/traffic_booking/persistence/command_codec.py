"""The codec of requests within answers: the request's id is the answer's key, and assertions have their own record."""

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
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import exactly, rebuilt
from traffic_booking.persistence.codecs import COMMAND_TAGS, RECORD
from traffic_booking.persistence.value_codecs import (
    decode_actor,
    decode_applicant,
    decode_slot,
    encode_actor,
    encode_slot,
)

_KINDS: Final[Mapping[str, type[Command]]] = {tag: kind for kind, tag in COMMAND_TAGS.items()}
_USUALLY_AGREED: Final[Mapping[type, bool]] = {BookSlot: True, MoveAppointment: False}
"""True if the applicant agrees to the instructions in most requests of a kind; this value is left out."""


def encode_command(command: Command) -> dict[str, object]:
    """A request without its id and its assertions; the actor is left out if it is the applicant."""
    data: dict[str, object] = {"do": COMMAND_TAGS[type(command)]}
    if isinstance(command, HoldSlot | BookSlot):
        data["for"] = str(command.applicant)
        if command.actor != command.applicant:
            data["by"] = encode_actor(command.actor)
    else:
        data["by"] = encode_actor(command.actor)
    if isinstance(command, DeclareRecord):
        data |= {"reason": command.reason, "record": RECORD.data(command.record)}
    if isinstance(command, CancelAppointment | CheckInApplicant | MoveAppointment):
        data["number"] = command.number
    if isinstance(command, HoldSlot | BookSlot | MoveAppointment):
        data["slot"] = encode_slot(command.slot)
    if isinstance(command, HoldSlot) and command.moving is not None:
        data["moving"] = command.moving
    if isinstance(command, BookSlot | MoveAppointment) and command.agreed is not _USUALLY_AGREED[type(command)]:
        data["agreed"] = command.agreed
    return data


def decode_command(request_id: RequestId, data: dict[str, Any], assertions: Assertions | None) -> Command:
    """The request of `data`, whose keys are removed from it."""
    kind = _KINDS[data.pop("do")]
    parts: dict[str, Any] = {"request_id": request_id}
    if kind in {HoldSlot, BookSlot}:
        parts["applicant"] = decode_applicant(data.pop("for"))
    parts["actor"] = decode_actor(data.pop("by")) if "by" in data else parts["applicant"]
    if kind is DeclareRecord:
        parts |= {"reason": exactly(data.pop("reason"), str), "record": RECORD.from_data(data.pop("record"))}
    if kind in {CancelAppointment, CheckInApplicant, MoveAppointment}:
        parts["number"] = exactly(data.pop("number"), str)
    if kind in {HoldSlot, BookSlot, MoveAppointment}:
        parts |= {"slot": decode_slot(data.pop("slot")), "assertions": assertions}
    if kind is HoldSlot and "moving" in data:
        parts["moving"] = exactly(data.pop("moving"), str)
    if kind in _USUALLY_AGREED:
        agreed: InstructionsVersion | bool = data.pop("agreed", _USUALLY_AGREED[kind])
        parts["agreed"] = agreed if isinstance(agreed, bool) else exactly(agreed, str)
    return rebuilt(kind, **parts)
