"""Printed tickets as text and as HTML, in Arabic and English, with the same content in each."""

from traffic_booking.adapters.tickets.html import HtmlTicket
from traffic_booking.adapters.tickets.text import TextTicket

__all__ = ["HtmlTicket", "TextTicket"]
