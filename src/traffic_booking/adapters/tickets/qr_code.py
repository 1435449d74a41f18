"""The code of a ticket as a QR code, by the `segno` package: as a PNG, and as an SVG with a title."""

from io import BytesIO
from typing import TYPE_CHECKING, Final

from traffic_booking.adapters.tickets.code_drawing import QUIET_MODULES, encoded
from traffic_booking.adapters.tickets.wording import CODE_OF
from traffic_booking.domain.appointments.tickets import Ticket, TicketLanguage, ticket_languages
from traffic_booking.domain.errors import InvalidInput

if TYPE_CHECKING:
    import segno

PIXELS: Final = 8  # a module of the picture


def _code(ticket: Ticket) -> "segno.QRCode":
    """The code of a ticket. Raises `InvalidInput` if it admits nobody."""
    if not ticket.is_valid:
        raise InvalidInput("appointment", got="one whose ticket has no code", expected="one that is booked")
    return encoded(ticket.code.text)


def png_of(ticket: Ticket, language: TicketLanguage) -> bytes:
    """The code as a picture in black and white. The language changes nothing; an unknown one is an error."""
    ticket_languages(language)
    written = BytesIO()
    _code(ticket).save(written, kind="png", scale=PIXELS, border=QUIET_MODULES, light="white")
    return written.getvalue()


def svg_of(ticket: Ticket, language: TicketLanguage) -> bytes:
    """The code as a drawing that grows to the width of its place; its title is read to those who don't see it."""
    languages, written = ticket_languages(language), BytesIO()
    title = " / ".join(CODE_OF(each).format(number=ticket.appointment.number) for each in languages)
    _code(ticket).save(
        written, kind="svg", border=QUIET_MODULES, light="white", omitsize=True, xmldecl=False, title=title
    )
    opening = b'<svg role="img" lang="' + languages[0].encode() + b'" '
    return written.getvalue().replace(b"<svg ", opening, 1)  # segno writes neither: screen readers need both
