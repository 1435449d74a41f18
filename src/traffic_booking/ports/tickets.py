"""Printed tickets."""

from typing import Protocol

from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Language


class TicketRenderer(Protocol):
    """Renders tickets in one form, such as text or HTML."""

    def render(self, ticket: Ticket, language: Language) -> str:
        """Render the ticket in that language; escape values for the form, and isolate text of the other direction."""
        ...
