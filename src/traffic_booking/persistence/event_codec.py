"""The codec of events; the log entry's stream has the appointment's number, and its kind is the tag of the event."""

from collections.abc import Mapping
from typing import Any, Final

from traffic_booking.domain.appointments.appointment import FIRST
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentEvent,
    AppointmentExcused,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentServed,
    HoldExpired,
    HoldReleased,
    SeatRecounted,
    WalkInBooked,
)
from traffic_booking.domain.appointments.states import Arrival
from traffic_booking.persistence.appointment_codec import TIME_ZONE
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    no_more,
    optional,
    rebuilt,
)
from traffic_booking.persistence.value_codecs import (
    decode_actor,
    decode_applicant,
    decode_end,
    decode_pool,
    decode_report,
    decode_slot,
    encode_actor,
    encode_pool,
    encode_report,
    encode_slot,
)

EVENT_TAGS: Final[Mapping[type, str]] = {
    AppointmentHeld: "held",
    AppointmentBooked: "booked",
    HoldExpired: "hold-expired",
    HoldReleased: "hold-released",
    AppointmentCancelled: "cancelled",
    AppointmentMoved: "moved",
    AppointmentCheckedIn: "checked-in",
    WalkInBooked: "walked-in",
    AppointmentServed: "served",
    AppointmentMissed: "missed",
    AppointmentExcused: "excused",
    SeatRecounted: "recounted",
}
IN_A_POOL: Final = (AppointmentHeld, AppointmentBooked, WalkInBooked, AppointmentMoved, SeatRecounted)
_KINDS: Final[Mapping[str, type[AppointmentEvent]]] = {tag: kind for kind, tag in EVENT_TAGS.items()}


def encode_event(event: AppointmentEvent) -> dict[str, object]:
    """An event without its number; the actor is left out if it is the applicant."""
    data: dict[str, object] = {"version": event.version, "at": encode_instant(event.at), "rulebook": event.rulebook}
    if event.request_id is not None:
        data["request"] = event.request_id
    applicant = event.applicant if isinstance(event, FIRST) else None
    if applicant is not None:
        data["for"] = str(applicant)
    if event.actor != applicant:
        data["by"] = encode_actor(event.actor)
    if isinstance(event, (*FIRST, AppointmentMoved)):
        elsewhere = [] if event.time_zone == TIME_ZONE else [event.time_zone]
        data["slot"] = [*encode_slot(event.slot, ends_at=event.slot_ends_at), *elsewhere]
    return data | _encode_own(event)


def _encode_own(event: AppointmentEvent) -> dict[str, object]:
    """The values that events of its class alone have, and the pool."""
    pool = getattr(event, "pool", None)
    data: dict[str, object] = {} if pool is None else {"pool": encode_pool(pool)}
    match event:
        case AppointmentBooked() | WalkInBooked():
            data["agreed"] = event.instructions
        case AppointmentHeld():
            data |= {"until": encode_instant(event.hold_ends_at)} | ({"moving": event.moving} if event.moving else {})
        case AppointmentMoved():
            data |= {"agreed": event.instructions, "from": encode_slot(event.from_slot)}
            if event.slot_was_closed:
                data["closed"] = True
        case AppointmentCheckedIn():
            data |= {} if event.arrival is Arrival.ON_TIME else {"arrival": event.arrival}
            data |= encode_report(event.happened_at, event.gate)
        case AppointmentCancelled(in_grace=True):
            data["grace"] = True
        case _:  # the others have nothing of their own
            pass
    return data


def decode_event(tag: str, number: str, data: dict[str, Any]) -> AppointmentEvent:
    """The event of that tag about the appointment of that number."""
    kind = _KINDS[tag]
    parts: dict[str, Any] = {
        "number": number,
        "version": exactly(data.pop("version"), int),
        "at": decode_instant(data.pop("at")),
        "rulebook": exactly(data.pop("rulebook"), str),
        "request_id": optional(lambda text: exactly(text, str), data.pop("request", None)),
    }
    if kind in FIRST:
        parts["applicant"] = decode_applicant(data.pop("for"))
    parts["actor"] = decode_actor(data.pop("by")) if "by" in data else parts["applicant"]
    if kind in IN_A_POOL:
        parts["pool"] = decode_pool(data.pop("pool", None))
    if kind in {*FIRST, AppointmentMoved}:
        branch, service, start, end, *zone = data.pop("slot")
        slot = parts["slot"] = decode_slot([branch, service, start])
        parts["slot_ends_at"] = decode_end(slot.starts_at, end)
        parts["time_zone"] = exactly(zone[0], str) if zone else TIME_ZONE
    if kind is AppointmentHeld:
        parts["hold_ends_at"] = decode_instant(data.pop("until"))
        parts["moving"] = optional(lambda text: exactly(text, str), data.pop("moving", None))
    if kind in {AppointmentBooked, WalkInBooked, AppointmentMoved}:
        parts["instructions"] = exactly(data.pop("agreed"), str)
    if kind is AppointmentMoved:
        parts["from_slot"] = decode_slot(data.pop("from"))
        parts["slot_was_closed"] = exactly(data.pop("closed", False), bool)
    if kind is AppointmentCancelled:
        parts["in_grace"] = exactly(data.pop("grace", False), bool)
    if kind is AppointmentCheckedIn:
        parts["arrival"] = Arrival(data.pop("arrival", Arrival.ON_TIME))
        parts |= decode_report(data)
    no_more(data)
    return rebuilt(kind, **parts)
