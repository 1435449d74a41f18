"""The list of revoked tickets, made of the feed.

Made from `traffic_booking.application.revoking` by `python -m tools.check_sync --write`: change that.
"""

from typing import Final

from attrs import evolve as copy_with

from traffic_booking.application.arguments import feed_position
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.signing.revocations import RevokedTickets, cancelled_numbers, revoke, revoked_tickets
from traffic_booking.domain.value_input import remade
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.clock import Clock

PAGE: Final = 1_000
"""The entries of the feed that are read at a time."""


def revoked_since(
    book: AppointmentBook, clock: Clock, since: RevokedTickets | None, field: str = "since"
) -> RevokedTickets:
    """The revoked tickets now. Raises `InvalidInput` naming `field` if `since` is anything else than such a list."""
    if since is not None and type(since) is not RevokedTickets:
        raise InvalidInput(field, got=type(since).__name__, expected="RevokedTickets, or None")
    before = None if since is None else remade(field, lambda: copy_with(since))
    revoked = {} if before is None else {each.ticket_id: each for each in before.tickets}
    position = BEGINNING if before is None else feed_position(before.position)
    now = instant(clock.now())
    while (page := book.feed(position, limit=PAGE)).entries:
        revoke(revoked, page.entries, book.appointments_by_number(cancelled_numbers(page.entries)))
        position = page.entries[-1].position
    return revoked_tickets(revoked.values(), now, position)
