"""Printed tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage


class TicketRenderer(Protocol):
    """Renders tickets in one form, such as text or HTML."""

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        """Render the ticket in that language, or in both; the same ticket gives the same bytes.

        Values are escaped for the form, and text of the other direction is isolated. The file name contains the
        appointment's number. Raises `InvalidInput` for any other language, and `MissingExtra` if the form needs a
        package that is not installed.
        """
        ...
