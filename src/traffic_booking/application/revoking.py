"""The list of revoked tickets, made of the feed."""

from typing import Final

from attrs import evolve as copy_with

from traffic_booking.application.arguments import feed_position
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.signing.revocations import RevokedTickets, cancelled_numbers, revoke, revoked_tickets
from traffic_booking.domain.value_input import remade
from traffic_booking.persistence.appointment_book import AsyncAppointmentBook
from traffic_booking.ports.clock import Clock

PAGE: Final = 1_000
"""The entries of the feed that are read at a time."""


async def revoked_since(
    book: AsyncAppointmentBook, clock: Clock, since: RevokedTickets | None, field: str = "since"
) -> RevokedTickets:
    """The revoked tickets now. Raises `InvalidInput` naming `field` if `since` is anything else than such a list."""
    if since is not None and type(since) is not RevokedTickets:
        raise InvalidInput(field, got=type(since).__name__, expected="RevokedTickets, or None")
    before = None if since is None else remade(field, lambda: copy_with(since))
    revoked = {} if before is None else {each.ticket_id: each for each in before.tickets}
    position = BEGINNING if before is None else feed_position(before.position)
    now = instant(clock.now())
    while (page := await book.feed(position, limit=PAGE)).entries:
        revoke(revoked, page.entries, await book.appointments_by_number(cancelled_numbers(page.entries)))
        position = page.entries[-1].position
    return revoked_tickets(revoked.values(), now, position)
