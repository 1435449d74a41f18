"""A ticket that is revoked, and why."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import field

from traffic_booking.domain.appointments.ticket_codes import ticket_id
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.instants import instant
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen


class Revocation(StrEnum):
    """Why a ticket is revoked."""

    MOVED = "moved"
    CANCELLED = "cancelled"


_STATEMENTS: Final[Mapping[Revocation, Bilingual]] = {
    Revocation.MOVED: Bilingual(
        "التذكرة ملغاة: نُقل الموعد إلى وقت آخر، وله تذكرة جديدة.",
        "The ticket is revoked: the appointment was moved to another time, and has a new ticket.",
    ),
    Revocation.CANCELLED: Bilingual(
        "التذكرة ملغاة: أُلغي الموعد.", "The ticket is revoked: the appointment was cancelled."
    ),
}


@frozen(kw_only=True)
class RevokedTicket:
    """A ticket that is not to be accepted, for a start at `starts_at` (UTC). It names no appointment."""

    ticket_id: str = field(converter=ticket_id)
    starts_at: datetime = field(converter=instant)
    reason: Revocation = field(validator=of_type(Revocation))

    def message(self, language: Language) -> str:
        """Why the ticket is revoked. Raises `InvalidInput` for an unknown language."""
        return _STATEMENTS[self.reason](language)
