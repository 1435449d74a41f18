"""The log entries of restores, and the entries of a sealed log that a store lacks."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import evolve as copy_with

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentEvent,
    AppointmentMoved,
    WalkInBooked,
)
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.restores import StoreRestored
from traffic_booking.domain.audit.revoked_ticket import Revocation, RevokedTicket
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence.basic_codecs import (
    decode_instant,
    encode_instant,
    exactly,
    no_more,
    rebuilt,
    to_json,
)
from traffic_booking.persistence.decoding import LOG, decoded
from traffic_booking.persistence.keys import UPKEEP_STREAM
from traffic_booking.persistence.marks import unmarked
from traffic_booking.persistence.value_codecs import decode_actor, encode_actor
from traffic_booking.ports.primitives import Append, LogEntry

RESTORED_KIND: Final = "restored"
TICKETS_TOGETHER: Final = 500
"""How many tickets one entry has: a leaf of the sealed log has at most 65,535 bytes."""


def restored_appends(restored: StoreRestored) -> tuple[Append, ...]:
    """The entries of a restore, at least one."""
    tickets = restored.revoked
    parts = [tickets[first : first + TICKETS_TOGETHER] for first in range(0, len(tickets), TICKETS_TOGETHER)] or [()]
    return tuple(Append(UPKEEP_STREAM, RESTORED_KIND, to_json(_encoded(restored, part))) for part in parts)


def decode_restored(entry: LogEntry) -> StoreRestored:
    """The restore of a log entry, with the tickets that this entry has."""
    data = unmarked(entry.body)
    found = rebuilt(
        StoreRestored,
        at=decode_instant(data.pop("at")),
        actor=decode_actor(data.pop("by")),
        request_id=RequestId(exactly(data.pop("request"), str)),
        after=_position(data.pop("after")),
        until=_position(data.pop("until")),
        leaves=exactly(data.pop("leaves"), int),
        revoked=tuple(_ticket(*each) for each in data.pop("revoked", [])),
    )
    no_more(data)
    return found


def restores_in(entries: Iterable[LogEntry]) -> list[StoreRestored]:
    """The restores among log entries, each with all of its tickets. Raises `StoreUnreadable`."""
    found: dict[RequestId, StoreRestored] = {}
    for each in entries:
        if each.kind == RESTORED_KIND:
            part = decoded(LOG, lambda row: decode_restored(row[0]), (each,))
            before = found.get(part.request_id, copy_with(part, revoked=()))
            found[part.request_id] = copy_with(before, revoked=(*before.revoked, *part.revoked))
    return list(found.values())


def tickets_in(events: Iterable[AppointmentEvent], stored: Sequence[Appointment]) -> tuple[RevokedTicket, ...]:
    """The tickets that lost events have issued or revoked; `stored` are the appointments as they are restored."""
    slots: dict[AppointmentNumber, SlotKey] = {each.number: each.slot for each in stored if each.instructions}
    found: dict[str, RevokedTicket] = {}

    def add(number: AppointmentNumber, reason: Revocation) -> None:
        slot = slots.get(number)
        if slot is not None:
            ticket = ticket_id_of(number, slot)
            found[ticket] = RevokedTicket(ticket_id=ticket, starts_at=slot.starts_at, reason=reason)

    for event in events:
        match event:
            case AppointmentBooked() | WalkInBooked():
                slots[event.number] = event.slot
                add(event.number, Revocation.CANCELLED)
            case AppointmentMoved():
                slots[event.number] = event.from_slot
                add(event.number, Revocation.MOVED)
                slots[event.number] = event.slot
                add(event.number, Revocation.CANCELLED)
            case AppointmentCancelled():
                add(event.number, Revocation.CANCELLED)
            case _:
                pass
    return tuple(found.values())


def _encoded(restored: StoreRestored, tickets: Sequence[RevokedTicket]) -> dict[str, object]:
    data: dict[str, object] = {
        "at": encode_instant(restored.at),
        "by": encode_actor(restored.actor),
        "request": restored.request_id,
        "after": list(restored.after),
        "until": list(restored.until),
        "leaves": restored.leaves,
    }
    if tickets:
        data["revoked"] = [[each.ticket_id, encode_instant(each.starts_at), each.reason] for each in tickets]
    return data


def _position(data: Any) -> FeedPosition:
    generation, place = exactly(data, list)
    return FeedPosition(exactly(generation, int), exactly(place, int))


def _ticket(ticket: Any, starts_at: Any, reason: Any) -> RevokedTicket:
    starts = decode_instant(starts_at)
    return rebuilt(RevokedTicket, ticket_id=exactly(ticket, str), starts_at=starts, reason=Revocation(reason))
