"""The code of a ticket: what it states of an appointment, signed if the desk has a signer."""

from datetime import datetime
from typing import Final

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber, appointment_number
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.text_input import bounded_text
from traffic_booking.domain.values import frozen

LONGEST_TICKET_ID: Final = 32
GREATEST_VERSION: Final = 2**31 - 1


def _version(value: int) -> int:
    return bounded_number(value, "version", least=1, greatest=GREATEST_VERSION)


def _ticket_id(text: str) -> str:
    return bounded_text(text, "ticket_id", longest=LONGEST_TICKET_ID)


@frozen(kw_only=True)
class TicketClaims:
    """The statements of a signed code: an appointment, its version, its branch and its time (UTC).

    A move raises the version. `ticket_id` names this one ticket, also in the list of revoked tickets.
    """

    number: AppointmentNumber = field(converter=appointment_number)
    version: int = field(converter=_version)
    branch: BranchId = field(converter=branch_id)
    starts_at: datetime = field(converter=instant)
    ends_at: datetime = field(converter=instant)
    ticket_id: str = field(converter=_ticket_id)


@frozen
class TicketCode:
    """The text that the code of a ticket carries: signed claims, or the bare number if it is not `signed`."""

    text: str
    signed: bool
