"""Printed tickets as text and as HTML, in Arabic and English, with the same content in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a desk has both renderers from the start; what they need is imported for the first ticket
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage

__all__ = ["HtmlTicket", "TextTicket"]


class TextTicket:
    """Renders tickets as lines of at most 76 terminal columns; ends in a line feed.

    Text whose direction differs from the language's is isolated (U+2066, U+2067 or U+2068 … U+2069), line by line.
    """

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.text import text_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="text/plain; charset=utf-8",
            file_name=f"ticket-{ticket.appointment.number}.txt",
            content=text_of(ticket, language).encode(),
        )


class HtmlTicket:
    """Renders tickets as a whole HTML page."""

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.html import html_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="text/html; charset=utf-8",
            file_name=f"ticket-{ticket.appointment.number}.html",
            content=html_of(ticket, language).encode(),
        )
