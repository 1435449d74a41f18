"""Revoked tickets: their signature still holds, but the appointment was moved or cancelled."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.events import AppointmentCancelled, AppointmentMoved
from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.feed_page import FeedEntry
from traffic_booking.domain.audit.restores import StoreRestored
from traffic_booking.domain.audit.revoked_ticket import Revocation, RevokedTicket
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import is_whole
from traffic_booking.domain.values import frozen

MOST_REVOKED: Final = 1_000_000
KEPT: Final = timedelta(days=1)
"""A ticket is listed until so long after its start: no gate accepts it later."""


@frozen(kw_only=True)
class RevokedTickets:
    """The tickets that are revoked as of an instant (UTC), and whose time is not over, by start and id.

    `position` is the place in the feed up to which events are included. Pass the list to
    `desk.gate.revoked_tickets(since=…)` to get the next one quickly.
    """

    as_of: datetime = field(converter=instant)
    position: FeedPosition
    tickets: tuple[RevokedTicket, ...] = ()

    def __attrs_post_init__(self) -> None:
        given: object = self.tickets
        if type(given) is not tuple and type(given) is not list:  # only these have an end that can be trusted
            raise InvalidInput("tickets", got=type(given).__name__, expected="a list")
        if len(given) > MOST_REVOKED:
            raise InvalidInput("tickets", got=f"more than {MOST_REVOKED}", expected=f"at most {MOST_REVOKED}")
        for each in given:
            if type(each) is not RevokedTicket or not is_whole(each):
                raise InvalidInput("tickets", got=type(each).__name__, expected="RevokedTicket values alone")
        object.__setattr__(self, "tickets", tuple(given))

    def find(self, ticket_id: str) -> RevokedTicket | None:
        """Return the revoked ticket with that id, None if the ticket is not revoked. Raises `InvalidInput`."""
        wanted = plain_text(ticket_id, "ticket_id")
        return next((each for each in self.tickets if each.ticket_id == wanted), None)


def cancelled_numbers(entries: Iterable[FeedEntry]) -> list[AppointmentNumber]:
    """The appointments, or holds, that were cancelled in these entries."""
    return [each.what.number for each in entries if isinstance(each.what, AppointmentCancelled)]


def revoke(
    revoked: dict[str, RevokedTicket],
    entries: Iterable[FeedEntry],
    cancelled: Mapping[AppointmentNumber, Appointment],
) -> None:
    """Add the tickets that these entries revoke. A ticket is valid again if its appointment moves back to its slot.

    `cancelled` has the present records of `cancelled_numbers`. A hold that is cancelled has no ticket.
    """
    for entry in entries:
        match entry.what:
            case AppointmentMoved(number=number, from_slot=before, slot=after):
                _add(revoked, number, before, Revocation.MOVED)
                revoked.pop(ticket_id_of(number, after), None)
            case AppointmentCancelled(number=number) if number in cancelled:
                if cancelled[number].instructions is not None:
                    _add(revoked, number, cancelled[number].slot, Revocation.CANCELLED)
            case StoreRestored(revoked=tickets):
                revoked |= {each.ticket_id: each for each in tickets}
            case _:
                pass


def _add(revoked: dict[str, RevokedTicket], number: AppointmentNumber, slot: SlotKey, reason: Revocation) -> None:
    found = ticket_id_of(number, slot)
    revoked[found] = RevokedTicket(ticket_id=found, starts_at=slot.starts_at, reason=reason)


def revoked_tickets(revoked: Iterable[RevokedTicket], now: datetime, position: FeedPosition) -> RevokedTickets:
    """The list as of `now`, without the tickets whose time is over."""
    live = (each for each in revoked if each.starts_at + KEPT > now)
    ordered = sorted(live, key=lambda each: (each.starts_at, each.ticket_id))
    return RevokedTickets(as_of=now, position=position, tickets=tuple(ordered))
