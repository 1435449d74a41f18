"""The code of a ticket: what it states of an appointment, signed if the desk has a signer.

It has no name and no id of a person: anybody may read it, and the gate looks the rest up.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from attrs import field

from traffic_booking.domain.appointments.appointment import Appointment
from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.geography import BranchCode, branch_code
from traffic_booking.domain.places.services import LONGEST_MINUTES
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.text_input import typed_text
from traffic_booking.domain.values import frozen

TICKET_ID_BYTES: Final = 7
"""A longer id would not fit a QR code of version 7, beside the rest. The chance of two equal ids is negligible."""
GREATEST_VERSION: Final = 2**16 - 1
LONGEST: Final = timedelta(minutes=LONGEST_MINUTES)
"""The longest duration of a service."""

_TICKET_ID_DIGITS: Final = 2 * TICKET_ID_BYTES
_HEX: Final = frozenset("0123456789abcdef")


def _version(value: int) -> int:
    return bounded_number(value, "version", least=1, greatest=GREATEST_VERSION)


def _second(moment: datetime) -> datetime:
    return instant(moment).replace(microsecond=0)


def ticket_id(text: str) -> str:
    """`text` as the id of a ticket: 14 hexadecimal digits. Raises `InvalidInput`."""
    clean = typed_text(text, "ticket_id", longest=_TICKET_ID_DIGITS).lower()
    if len(clean) != _TICKET_ID_DIGITS or not _HEX.issuperset(clean):
        got = f"{len(clean)} characters" if len(clean) != _TICKET_ID_DIGITS else "another character"
        raise InvalidInput("ticket_id", got=got, expected=f"{_TICKET_ID_DIGITS} hexadecimal digits")
    return clean


def ticket_id_of(number: AppointmentNumber, slot: SlotKey) -> str:
    """Return the id of the ticket for an appointment at that slot.

    It follows from the number and the slot: every print of the ticket has the same id, a move gives another, and an
    earlier slot's id can be computed again to revoke it. It needs no secret: nobody accepts an id that is not signed.
    """
    text = f"traffic-booking ticket 1 {number} {slot.token}"
    return sha256(text.encode()).hexdigest()[:_TICKET_ID_DIGITS]


@frozen(kw_only=True)
class TicketClaims:
    """The statements of a signed code: an appointment, its version, the code of its branch, and its time (UTC).

    `starts_at` and `ends_at` are whole seconds. `version` is that of the appointment when the ticket was printed; later
    events that change nothing on the ticket, such as a check-in, raise it too. So compare `ticket_id`: it names the
    appointment at this slot, also among `RevokedTickets`.

    Raises:
        InvalidInput: A part is malformed, or the end is not within 4 hours after the start.
    """

    number: AppointmentNumber = field(converter=appointment_number)
    version: int = field(converter=_version)
    branch: BranchCode = field(converter=branch_code)
    starts_at: datetime = field(converter=_second)
    ends_at: datetime = field(converter=_second)
    ticket_id: str = field(converter=ticket_id)

    def __attrs_post_init__(self) -> None:
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST:
            got, expected = f"{self.ends_at:%Y-%m-%d %H:%M:%S}", f"within {LONGEST_MINUTES} minutes after the start"
            raise InvalidInput("ends_at", got=got, expected=expected)


def claims_of(appointment: Appointment, branch: BranchCode) -> TicketClaims:
    """The claims of an appointment's ticket; `branch` is the code of its branch."""
    return TicketClaims(
        number=appointment.number,
        version=appointment.version,
        branch=branch,
        starts_at=appointment.slot.starts_at,
        ends_at=appointment.slot_ends_at,
        ticket_id=ticket_id_of(appointment.number, appointment.slot),
    )


@frozen
class TicketCode:
    """The text that the code of a ticket carries: signed claims, or the bare number if it is not `signed`."""

    text: str
    signed: bool
