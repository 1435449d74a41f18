"""The codes of tickets: signed claims as COSE_Sign1 in Base45, which independent verifiers read too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what a code needs is imported for the first one
    from traffic_booking.domain.appointments.ticket_codes import TicketClaims, TicketCode
    from traffic_booking.domain.signing.code_reading import ReadCode
    from traffic_booking.ports.signer import Signer

__all__ = ["CoseCodes"]


class CoseCodes:
    """`TicketCodes` of at most 178 characters, which fit a QR code of version 7 at level M."""

    def write(self, claims: TicketClaims, signer: Signer) -> TicketCode:
        from traffic_booking.adapters.ticket_codes.codes import write_code

        return write_code(claims, signer)

    def read(self, text: str, public_keys: Sequence[bytes]) -> ReadCode:
        from traffic_booking.adapters.ticket_codes.codes import read_code

        return read_code(text, public_keys)
