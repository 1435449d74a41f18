"""The keys of records, counters and streams: text whose order by code point is the order that is wanted."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.schedule.slots import SlotKey, SlotRange
from traffic_booking.persistence.basic_codecs import rebuilt
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import KeySpan, Span

CALENDAR_STREAM: Final = "calendar"
UPKEEP_STREAM: Final = "upkeep"

CACHED_KEYS: Final = 4_096
"""In a storm, all requests are about the same few slots."""
TICK: Final = timedelta(microseconds=1)
"""The smallest difference of two instants."""

_DAY: Final = len("2026-11-22")
_OFFSET: Final = len("+00:00")


@lru_cache(maxsize=CACHED_KEYS)
def seat_key(slot: SlotKey) -> str:
    """`BRANCH/SERVICE/START`; the start in UTC without an offset, so that a fraction of a second sorts behind none."""
    return f"{slot.branch}/{slot.service}/{slot.starts_at.isoformat()[:-_OFFSET]}"


def seat_span(slots: SlotRange) -> KeySpan:
    """The keys of the slots in a range."""
    prefix = f"{slots.branch}/{slots.service}/"
    return KeySpan(*(prefix + each.isoformat()[:-_OFFSET] for each in (slots.from_, slots.until)))


def start_span(slot: SlotKey) -> Span:
    """The appointments of all services at a slot's branch that start when it starts."""
    return Span((slot.branch,), slot.starts_at, slot.starts_at + TICK)


def slot_of(key: str) -> SlotKey:
    """The slot whose seats a counter counts. Raises `ValueError` for a key that `seat_key` did not write."""
    branch, service, start = key.split("/")
    starts_at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    slot = rebuilt(SlotKey, branch=branch, service=service, starts_at=starts_at)
    if seat_key(slot) != key:
        raise ValueError("got a slot in another notation")
    return slot


def seat_slot(key: str) -> SlotKey:
    """The slot whose seats the counter of that key counts. Raises `StoreUnreadable` for a key of no slot."""
    return decoded(SEATS.name, lambda row: slot_of(row[0]), (key,))


def entry_key(number: int) -> str:
    """The key of a calendar entry."""
    return f"{number:010d}"


def stream_of_appointment(number: AppointmentNumber) -> str:
    """The stream of an appointment's events: its number alone. The names of all other streams differ from numbers."""
    return number


def stream_of_repeats(number: AppointmentNumber) -> str:
    """The stream of requests about an appointment that were granted and changed nothing."""
    return f"{number}/again"


def stream_of_person(subject: str) -> str:
    """The stream of what was done with a person's record."""
    return f"person/{subject}"


def stream_of_reveals(at: date) -> str:
    """The stream of the persons whose ids were looked up on one day (UTC)."""
    return f"revealed/{at.isoformat()[:_DAY]}"


def stream_of_refusals(at: date) -> str:
    """The stream of the requests that were refused on one day (UTC)."""
    return f"refused/{at.isoformat()[:_DAY]}"
