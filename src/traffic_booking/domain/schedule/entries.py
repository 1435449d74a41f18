"""The records that staff add to the working calendar, each with its actor, instant and reason; never altered."""

from datetime import datetime
from typing import Final

from attrs import field

from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.authority import AuthorityId, authority_id
from traffic_booking.domain.instants import instant
from traffic_booking.domain.people.actors import Actor
from traffic_booking.domain.schedule.exceptions import BranchException, SpecialOrder
from traffic_booking.domain.text_input import RequestId, bounded_text, request_id
from traffic_booking.domain.values import frozen

LONGEST_REASON: Final = 400


def reason_text(text: object) -> str:
    """`text` as the reason for a record, 1 to 400 characters."""
    return bounded_text(text, "reason", longest=LONGEST_REASON)


@frozen
class Withdrawal:
    """Takes the record `id` out of force. Its id is not used again."""

    id: AuthorityId = field(converter=authority_id)


@frozen
class UnreadableEntry(Withdrawal):
    """Replaces an entry, stored under `key`, that can't be decoded. It changes nothing: no record has its `id`."""

    key: str


CalendarRecord = MonthStart | AnnouncedClosure | SpecialOrder | BranchException | Withdrawal


@frozen(kw_only=True)
class CalendarEntry:
    """One record with its place among all: `number` counts from 1."""

    number: int
    at: datetime = field(converter=instant)
    actor: Actor
    reason: str = field(converter=reason_text)
    request_id: RequestId = field(converter=request_id)
    record: CalendarRecord
