"""The uses of a ticket, in the history of its appointment."""

from collections.abc import Iterable

from traffic_booking.domain.appointments.events import AppointmentCheckedIn, AppointmentEvent
from traffic_booking.domain.gate.scans import TicketUse
from traffic_booking.domain.people.actors import Clerk


def uses_in(history: Iterable[AppointmentEvent]) -> list[TicketUse]:
    """The uses of the ticket, the one that counts first; the gate is the clerk if no other is recorded."""
    uses = [_use(each) for each in history if isinstance(each, AppointmentCheckedIn)]
    return sorted(uses, key=lambda each: each.order)


def _use(event: AppointmentCheckedIn) -> TicketUse:
    gate = event.gate or (event.actor.id if isinstance(event.actor, Clerk) else None)
    return TicketUse(scan_id=event.request_id, happened_at=event.happened_at or event.at, gate=gate)
