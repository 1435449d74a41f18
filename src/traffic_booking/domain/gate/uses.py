"""The uses of a ticket, in the history of its appointment."""

from collections.abc import Iterable

from traffic_booking.domain.appointments.events import AppointmentCheckedIn, AppointmentEvent, WalkInBooked
from traffic_booking.domain.gate.scans import TicketUse
from traffic_booking.domain.people.actors import Clerk


def uses_in(history: Iterable[AppointmentEvent]) -> list[TicketUse]:
    """The uses of the ticket, the one that counts first; the gate is the clerk if no other is recorded."""
    uses = [_use(each) for each in history if isinstance(each, AppointmentCheckedIn | WalkInBooked)]
    return sorted(uses, key=lambda each: each.order)


def _use(event: AppointmentCheckedIn | WalkInBooked) -> TicketUse:
    clerk = event.actor.id if isinstance(event.actor, Clerk) else None
    if isinstance(event, WalkInBooked):
        return TicketUse(scan_id=event.request_id, happened_at=event.at, gate=clerk)
    return TicketUse(scan_id=event.request_id, happened_at=event.happened_at or event.at, gate=event.gate or clerk)
