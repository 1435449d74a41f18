"""Printed tickets as text and as HTML, in Arabic and English, with the same content in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a desk has both renderers from the start; what they need is imported for the first ticket
    from traffic_booking.domain.appointments.tickets import Ticket
    from traffic_booking.domain.bilingual import Language

__all__ = ["HtmlTicket", "TextTicket"]


class TextTicket:
    """Renders tickets as lines of at most 76 terminal columns; ends in a line feed.

    Text whose direction differs from the language's is isolated (U+2066, U+2067 or U+2068 … U+2069), line by line.
    """

    def render(self, ticket: Ticket, language: Language) -> str:
        from traffic_booking.adapters.tickets.text import text_of

        return text_of(ticket, language)


class HtmlTicket:
    """Renders tickets as a whole HTML document (to be sent as UTF-8)."""

    def render(self, ticket: Ticket, language: Language) -> str:
        from traffic_booking.adapters.tickets.html import html_of

        return html_of(ticket, language)
