"""Printed tickets."""

from typing import Protocol

from traffic_booking.domain.appointments.tickets import Ticket
from traffic_booking.domain.bilingual import Language


class TicketRenderer(Protocol):
    """Renders tickets in one form, such as text or HTML."""

    def render(self, ticket: Ticket, language: Language) -> str:
        """The ticket in that language; values are escaped for the form, and isolated where they run the other way."""
        ...
