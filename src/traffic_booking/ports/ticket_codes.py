"""The codes of tickets: how signed claims are written as text, and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from traffic_booking.ports.signer import Signer

if TYPE_CHECKING:
    from traffic_booking.domain.appointments.ticket_codes import TicketClaims, TicketCode
    from traffic_booking.domain.signing.code_reading import ReadCode


class TicketCodes(Protocol):
    """Writes and reads the codes of tickets. Called from several threads at once."""

    def write(self, claims: TicketClaims, signer: Signer) -> TicketCode:
        """Return the signed code of these claims, the same text each time."""
        ...

    def read(self, text: str, public_keys: Sequence[bytes]) -> ReadCode:
        """Return the verified claims of a scanned or typed text, its bare number, or a refusal.

        No `str` raises anything. Raises `InvalidInput` if `text` is no `str`, and for malformed keys.
        """
        ...
