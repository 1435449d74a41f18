"""A restore: the part of the sealed log that a restored store lacks, and what was repeated of it."""

from collections.abc import Iterable
from datetime import datetime

from attrs import field

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.audit.revoked_ticket import RevokedTicket
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.people.applicants import Subject
from traffic_booking.domain.text_input import RequestId
from traffic_booking.domain.values import frozen


@frozen(kw_only=True)
class StoreRestored:
    """The store was restored to the state of the position `after`; the log had `leaves` entries behind it.

    They are lost: those behind `after` up to `until` (inclusive). `revoked` are tickets of appointments that were
    booked, moved or cancelled in this gap. Many tickets are in several entries about one gap.
    """

    at: datetime = field(converter=instant)
    actor: Actor
    request_id: RequestId
    after: FeedPosition
    until: FeedPosition
    leaves: int
    revoked: tuple[RevokedTicket, ...] = ()


@frozen(kw_only=True)
class Restoration:
    """The result of `maintenance.after_restore`. Truthy if the erasures of the log are complete.

    - `restored`: the gap, with all tickets that were revoked; None if the store has every sealed entry;
    - `erased`: the subjects whose erasures were repeated;
    - `active`: appointments of persons to be erased that can't be cancelled now. Send the request again once they are
      over.
    """

    restored: StoreRestored | None = None
    erased: tuple[Subject, ...] = ()
    active: tuple[AppointmentNumber, ...] = ()

    def __bool__(self) -> bool:
        return not self.active


def is_lost(position: FeedPosition, gaps: Iterable[StoreRestored]) -> bool:
    """True if the entry of that position is in one of the gaps."""
    return any(gap.after < position <= gap.until for gap in gaps)
