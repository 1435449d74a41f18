"""Tickets as PDF, HTML, text and calendar files, in Arabic, English or both, with the same content; and their code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from traffic_booking.adapters.tickets.brand import TicketBrand
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.number_input import bounded_number

if TYPE_CHECKING:  # a desk has all renderers from the start; what they need is imported for the first ticket
    from traffic_booking.domain.appointments.documents import Document
    from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage

__all__ = ["HtmlTicket", "IcsTicket", "PdfTicket", "QrPngTicket", "QrSvgTicket", "TextTicket", "TicketBrand"]

ALARM_MINUTES: Final = 120
"""The minutes before the start at which a calendar gives the alarm: time to find the documents and to drive there."""
LONGEST_ALARM_MINUTES: Final = 7 * 24 * 60


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
    """Renders tickets as a whole HTML page, to be read on a phone or a desktop, or printed on one sheet of A5.

    Without the package `segno` (extra `tickets`) it has the number, and no code to scan.
    """

    def __init__(self, brand: TicketBrand | None = None) -> None:
        self._brand = _checked(brand)

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.html import html_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="text/html; charset=utf-8",
            file_name=f"ticket-{ticket.appointment.number}.html",
            content=html_of(ticket, language, self._brand).encode(),
        )


class PdfTicket:
    """Renders tickets as PDF/A-3a and PDF/UA-1, one sheet of A5. Any number of threads may use it.

    Type gets smaller, then texts are cut with a sign, until the content fits. A character that the font lacks is shown
    as a lozenge. `render` raises `MissingExtra` without the packages of the extra `tickets`.
    """

    def __init__(self, brand: TicketBrand | None = None) -> None:
        self._brand = _checked(brand)

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.pdf import pdf_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="application/pdf",
            file_name=f"ticket-{ticket.appointment.number}.pdf",
            content=pdf_of(ticket, language, self._brand),
        )


class IcsTicket:
    """Renders tickets as iCalendar files, which calendars open: they add, update or remove the appointment.

    The alarm is `alarm_minutes` before the start (0 to 10,080).
    """

    def __init__(self, *, alarm_minutes: int = ALARM_MINUTES) -> None:
        self._alarm_minutes = bounded_number(
            alarm_minutes, "alarm_minutes", least=0, greatest=LONGEST_ALARM_MINUTES, unit="minutes"
        )

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.calendar_file import ics_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="text/calendar; charset=utf-8",
            file_name=f"ticket-{ticket.appointment.number}.ics",
            content=ics_of(ticket, language, self._alarm_minutes),
        )


class QrPngTicket:
    """Renders the code of a ticket alone as a PNG, black on white; the same in every language.

    Raises `InvalidInput` if the ticket admits nobody, such as that of a cancelled appointment.
    """

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.qr_code import png_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="image/png",
            file_name=f"ticket-{ticket.appointment.number}.png",
            content=png_of(ticket, language),
        )


class QrSvgTicket:
    """Renders the code of a ticket alone as an SVG with a title, black on white in dark mode too.

    Raises `InvalidInput` if the ticket admits nobody, such as that of a cancelled appointment.
    """

    def render(self, ticket: Ticket, language: TicketLanguage) -> Document:
        from traffic_booking.adapters.tickets.qr_code import svg_of
        from traffic_booking.domain.appointments.documents import Document

        return Document(
            media_type="image/svg+xml; charset=utf-8",
            file_name=f"ticket-{ticket.appointment.number}.svg",
            content=svg_of(ticket, language),
        )


def _checked(brand: TicketBrand | None) -> TicketBrand:
    if brand is None:
        return TicketBrand()
    if type(brand) is not TicketBrand:
        raise InvalidInput("brand", got=type(brand).__name__, expected="a TicketBrand")
    return brand
