"""The keys of records, counters and streams: text whose order by code point is the order that is wanted."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from traffic_booking.domain.appointment_numbers import AppointmentNumber
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import ServiceId
from traffic_booking.domain.slots import SlotKey, SlotRange
from traffic_booking.ports.primitives import KeySpan

CACHED_KEYS: Final = 4_096
"""A storm reads the same slots again and again."""

CALENDAR_STREAM: Final = "calendar"

_OFFSET: Final = len("+00:00")


@lru_cache(maxsize=CACHED_KEYS)
def seat_key(slot: SlotKey) -> str:
    """`BRANCH/SERVICE/START`; the start in UTC without an offset, so that a fraction of a second sorts behind none."""
    return f"{slot.branch}/{slot.service}/{slot.starts_at.isoformat()[:-_OFFSET]}"


def seat_span(slots: SlotRange) -> KeySpan:
    """The keys of the slots in a range."""
    prefix = f"{slots.branch}/{slots.service}/"
    return KeySpan(
        prefix + slots.from_.isoformat()[:-_OFFSET],
        prefix + slots.until.isoformat()[:-_OFFSET],
    )


@lru_cache(maxsize=CACHED_KEYS)
def slot_of(key: str) -> SlotKey:
    """The slot whose seats a counter counts. Raises `ValueError` for a key that `seat_key` did not write."""
    branch, service, start = key.split("/")
    return SlotKey(BranchId(branch), ServiceId(service), datetime.fromisoformat(start).replace(tzinfo=UTC))


def entry_key(number: int) -> str:
    """The key of a calendar entry."""
    return f"{number:010d}"


def stream_of_appointment(number: AppointmentNumber) -> str:
    """The stream of an appointment's events."""
    return f"appointment/{number}"


def stream_of_request(request_id: RequestId) -> str:
    """The stream of a request that was refused."""
    return f"request/{request_id}"
