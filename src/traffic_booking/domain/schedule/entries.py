"""What staff have added to the working calendar: each record with who added it, when and why; never altered."""

from datetime import datetime
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.authority import AuthorityId, authority_id
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.text_input import RequestId, bounded_text, request_id

LONGEST_REASON: Final = 400


def reason_text(text: object) -> str:
    """`text` as the reason for a record, 1 to 400 characters."""
    return bounded_text(text, "reason", longest=LONGEST_REASON)


@frozen
class Withdrawal:
    """The record `id` holds no longer; its id is not used again."""

    id: AuthorityId = field(converter=authority_id)


@frozen
class UnreadableEntry(Withdrawal):
    """Stands for the record of an entry that can't be decoded, and changes nothing: its `id` is no record's.

    `key` is the key of the entry.
    """

    key: str


CalendarRecord = MonthStart | AnnouncedClosure | SpecialOrder | BranchException | Withdrawal


@frozen(kw_only=True)
class CalendarEntry:
    """One record in the order in which they were made: `number` is 1 for the first, and one more with each."""

    number: int
    at: datetime = field(converter=instant)
    actor: Actor
    reason: str = field(converter=reason_text)
    request_id: RequestId = field(converter=request_id)
    record: CalendarRecord
