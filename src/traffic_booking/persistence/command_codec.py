"""The codec of requests within answers: the request's id is the answer's key; assertions and evidence have a record."""

from collections.abc import Mapping
from typing import Any, Final

from traffic_booking.domain.appointments.commands import (
    AtTheGate,
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    Command,
    DeclareRecord,
    ExcuseNoShow,
    HoldSlot,
    MoveAppointment,
    WalkIn,
)
from traffic_booking.domain.people.assertions import Assertions
from traffic_booking.domain.places.services import InstructionsVersion
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import exactly, rebuilt
from traffic_booking.persistence.codecs import COMMAND_TAGS, RECORD
from traffic_booking.persistence.value_codecs import (
    decode_actor,
    decode_applicant,
    decode_report,
    decode_slot,
    encode_actor,
    encode_report,
    encode_slot,
)

_KINDS: Final[Mapping[str, type[Command]]] = {tag: kind for kind, tag in COMMAND_TAGS.items()}
_USUALLY_AGREED: Final[Mapping[type, bool]] = {BookSlot: True, WalkIn: True, MoveAppointment: False}
"""True if the applicant agrees to the instructions in most requests of a kind; this value is left out."""


def encode_command(command: Command) -> dict[str, object]:
    """A request without its id, its assertions and its evidence; the actor is left out if it is the applicant."""
    data: dict[str, object] = {"do": COMMAND_TAGS[type(command)]}
    if isinstance(command, HoldSlot | BookSlot | WalkIn):
        data["for"] = str(command.applicant)
        if command.actor != command.applicant:
            data["by"] = encode_actor(command.actor)
    else:
        data["by"] = encode_actor(command.actor)
    if isinstance(command, DeclareRecord):
        data |= {"reason": command.reason, "record": RECORD.data(command.record)}
    if isinstance(command, CancelAppointment | AtTheGate | MoveAppointment):
        data["number"] = command.number
    if isinstance(command, CheckInApplicant):
        data |= encode_report(command.happened_at, command.gate)
    if isinstance(command, HoldSlot | BookSlot | MoveAppointment):
        data["slot"] = encode_slot(command.slot)
    if isinstance(command, WalkIn):
        data["place"] = [command.branch, command.service]
    if isinstance(command, HoldSlot) and command.moving is not None:
        data["moving"] = command.moving
    if (
        isinstance(command, BookSlot | WalkIn | MoveAppointment)
        and command.agreed is not _USUALLY_AGREED[type(command)]
    ):
        data["agreed"] = command.agreed
    return data


def decode_command(
    request_id: RequestId, data: dict[str, Any], assertions: Assertions | None, evidence: str | None
) -> Command:
    """The request of `data`, whose keys are removed from it."""
    kind = _KINDS[data.pop("do")]
    parts: dict[str, Any] = {"request_id": request_id}
    if kind in {HoldSlot, BookSlot, WalkIn}:
        parts["applicant"] = decode_applicant(data.pop("for"))
    parts["actor"] = decode_actor(data.pop("by")) if "by" in data else parts["applicant"]
    if kind is DeclareRecord:
        parts |= {"reason": exactly(data.pop("reason"), str), "record": RECORD.from_data(data.pop("record"))}
    if issubclass(kind, CancelAppointment | AtTheGate | MoveAppointment):
        parts["number"] = exactly(data.pop("number"), str)
    if kind is CheckInApplicant:
        parts |= decode_report(data)
    if kind in {HoldSlot, BookSlot, MoveAppointment}:
        parts |= {"slot": decode_slot(data.pop("slot")), "assertions": assertions}
    if kind is WalkIn:
        branch, service = data.pop("place")
        parts |= {"branch": exactly(branch, str), "service": exactly(service, str), "assertions": assertions}
    if kind is ExcuseNoShow:
        parts["evidence"] = evidence
    if kind is HoldSlot and "moving" in data:
        parts["moving"] = exactly(data.pop("moving"), str)
    if kind in _USUALLY_AGREED:
        agreed: InstructionsVersion | bool = data.pop("agreed", _USUALLY_AGREED[kind])
        parts["agreed"] = agreed if isinstance(agreed, bool) else exactly(agreed, str)
    return rebuilt(kind, **parts)
