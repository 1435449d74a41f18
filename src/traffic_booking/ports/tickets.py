"""Printed tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from traffic_booking.domain.bilingual import Language

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.appointments.tickets import Ticket


class TicketRenderer(Protocol):
    """Renders tickets in one form, such as text or HTML."""

    def render(self, ticket: Ticket, language: Language) -> Document:
        """Render the ticket in that language; escape values for the form, and isolate text of the other direction.

        The file name contains the appointment's number.
        """
        ...
