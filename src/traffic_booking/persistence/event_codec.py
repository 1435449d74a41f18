"""Events of appointments as JSON; the log entry's stream has the number, and its kind says which event."""

from collections.abc import Mapping
from typing import Any, Final

from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentEvent,
    AppointmentHeld,
    AppointmentMoved,
)
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.persistence.appointment_codec import (
    TIME_ZONE,
    applicant_of,
    end_of_data,
    slot_of_data,
    slot_text,
    timed_text,
)
from traffic_booking.persistence.converter import EVENT_TAGS, actor_of_text, actor_text
from traffic_booking.persistence.exact import exactly, instant_of, instant_text
from traffic_booking.persistence.rebuilding import rebuilt
from traffic_booking.persistence.records import no_more
from traffic_booking.persistence.writing import string

_KINDS: Final[Mapping[str, type[AppointmentEvent]]] = {tag: kind for kind, tag in EVENT_TAGS.items()}


def event_text(event: AppointmentEvent) -> str:
    """An event, without its number; the actor is left out if it is the applicant."""
    text = f'{{"version":{event.version},"at":"{instant_text(event.at)}","rulebook":{string(event.rulebook)}'
    if event.request_id is not None:
        text += f',"request":{string(event.request_id)}'
    applicant = event.applicant if isinstance(event, AppointmentHeld | AppointmentBooked) else None
    if applicant is not None:
        text += f',"for":{string(str(applicant))}'
    if event.actor != applicant:
        text += f',"by":{string(actor_text(event.actor))}'
    if isinstance(event, AppointmentHeld | AppointmentBooked | AppointmentMoved):
        zone = event.time_zone
        elsewhere = "" if zone == TIME_ZONE else f",{string(zone)}"
        text += f',"slot":[{timed_text(event.slot, event.slot_ends_at)}{elsewhere}]'
    match event:
        case AppointmentBooked():
            text += f',"agreed":{string(event.instructions)}'
        case AppointmentHeld():
            text += f',"until":"{instant_text(event.hold_ends_at)}"'
        case AppointmentMoved():
            closed = ',"closed":true' if event.slot_was_closed else ""
            text += f',"agreed":{string(event.instructions)},"from":[{slot_text(event.from_slot)}]{closed}'
        case _:  # the others have nothing of their own
            pass
    return text + "}"


def event_of_data(kind: str, number: str, data: dict[str, Any]) -> AppointmentEvent:
    """The event of that kind that `data` stands for."""
    happened = _KINDS[kind]
    request = data.pop("request", None)
    parts: dict[str, Any] = {
        "number": number,
        "version": exactly(data.pop("version"), int),
        "at": instant_of(data.pop("at")),
        "rulebook": exactly(data.pop("rulebook"), str),
        "request_id": None if request is None else exactly(request, str),
    }
    if happened in {AppointmentHeld, AppointmentBooked}:
        parts["applicant"] = applicant_of(data.pop("for"))
        by = data.pop("by", None)
        parts["actor"] = parts["applicant"] if by is None else actor_of_text(by)
    else:
        parts["actor"] = actor_of_text(data.pop("by"))
    if happened in {AppointmentHeld, AppointmentBooked, AppointmentMoved}:
        parts |= _slot(data.pop("slot"))
    if happened is AppointmentHeld:
        parts["hold_ends_at"] = instant_of(data.pop("until"))
    elif happened is AppointmentBooked or happened is AppointmentMoved:
        parts["instructions"] = exactly(data.pop("agreed"), str)
    if happened is AppointmentMoved:
        parts["from_slot"] = slot_of_data(data.pop("from"))
        parts["slot_was_closed"] = exactly(data.pop("closed", False), bool)
    no_more(data)
    return rebuilt(happened, **parts)


def _slot(data: list[Any]) -> dict[str, Any]:
    branch, service, start, end, *zone = data
    key: SlotKey = slot_of_data([branch, service, start])
    return {
        "slot": key,
        "slot_ends_at": end_of_data(key.starts_at, end),
        "time_zone": exactly(zone[0], str) if zone else TIME_ZONE,
    }
