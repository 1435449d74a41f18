"""The keys of records, counters and streams: text whose order by code point is the order that is wanted."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import LONGEST_MINUTES
from traffic_booking.domain.schedule.slots import PoolId, PoolStep, SeatKey, SlotKey, SlotRange
from traffic_booking.persistence.basic_codecs import rebuilt
from traffic_booking.persistence.decoding import decoded
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import KeySpan, Span

CALENDAR_STREAM: Final = "calendar"
UPKEEP_STREAM: Final = "upkeep"
ASKED_STREAM: Final = "asked"
INSTALLATIONS_STREAM: Final = "installations"

CACHED_KEYS: Final = 4_096
"""In a storm, all requests are about the same few slots."""
TICK: Final = timedelta(microseconds=1)
"""The smallest difference of two instants."""

LONGEST_DURATION: Final = timedelta(minutes=LONGEST_MINUTES)
"""How long before a step of a pool an appointment that covers it starts at most."""

_POOL: Final = "+"
"""Begins the name of a pool in a key, as that of no service does."""
_DAY: Final = len("2026-11-22")
_OFFSET: Final = len("+00:00")


@lru_cache(maxsize=CACHED_KEYS)
def _start(moment: datetime) -> str:
    return moment.isoformat()[:-_OFFSET]


def seat_key(seat: SeatKey) -> str:
    """`BRANCH/SERVICE/START` or `BRANCH/+POOL/START`.

    The start is in UTC without an offset, so that a fraction of a second sorts behind none.
    """
    name = f"{_POOL}{seat.pool}" if isinstance(seat, PoolStep) else seat.service
    return f"{seat.branch}/{name}/{_start(seat.starts_at)}"


def seat_span(slots: SlotRange) -> KeySpan:
    """The keys of the counts of the slots in a range, and perhaps of a few more."""
    pool, until = slots.pool, slots.until
    if pool is not None:
        until += LONGEST_DURATION
    prefix = f"{slots.branch}/{slots.service if pool is None else _POOL + pool.id}/"
    return KeySpan(prefix + _start(slots.from_), prefix + _start(until))


def start_span(seat: SeatKey) -> Span:
    """The appointments of all services at the branch that may have a seat of that count."""
    branch, first, until = _starts(seat)
    return Span((branch,), first, until)


def start_spans(seats: Iterable[SeatKey]) -> list[Span]:
    """The appointments at the branches that may have a seat of one of these counts, each once."""
    joined: list[tuple[BranchId, datetime, datetime]] = []
    for branch, first, until in sorted({_starts(seat) for seat in seats}):
        if joined and joined[-1][0] == branch and first < joined[-1][2]:
            joined[-1] = (branch, joined[-1][1], max(until, joined[-1][2]))
        else:
            joined.append((branch, first, until))
    return [Span((branch,), first, until) for branch, first, until in joined]


def lengths_of_keys(ranges: Iterable[SlotRange]) -> set[int]:
    """How long the keys of the counts in these ranges may be: with a fraction of a second in the start, or without."""
    names = {len(each.branch) + len(each.service if each.pool is None else _POOL + each.pool.id) for each in ranges}
    starts = len("2026-11-22T07:00:00"), len("2026-11-22T07:00:00.000000")
    return {name + len("//") + start for name in names for start in starts}


def range_span(slots: SlotRange) -> Span:
    """The appointments of all services at the branch that may have a seat of a count of the slots in a range."""
    if slots.pool is None:  # the usual case: a search is about many branches
        return Span((slots.branch,), slots.from_, slots.until)
    return Span((slots.branch,), slots.from_ - LONGEST_DURATION, slots.until + LONGEST_DURATION)


def seat_of(key: str) -> SeatKey:
    """The slot, or the step of a pool, whose seats the counter of that key counts. Raises `StoreUnreadable`."""
    return decoded(SEATS.name, lambda row: _seat_of(row[0]), (key,))


def start_of(key: str) -> datetime:
    """The start in the key of a counter. Raises `StoreUnreadable`."""
    start = key[key.rfind("/") + 1 :]
    try:
        return _start_read(start)
    except ValueError:  # a view of a month reads a hundred thousand: only a damaged one takes the long way
        return decoded(SEATS.name, lambda _: _start_read(start), (key,))


def _starts(seat: SeatKey) -> tuple[BranchId, datetime, datetime]:
    first = seat.starts_at - LONGEST_DURATION if isinstance(seat, PoolStep) else seat.starts_at
    return seat.branch, first, seat.starts_at + TICK


def _seat_of(key: str) -> SeatKey:
    branch, name, start = key.split("/")
    starts_at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    if name.startswith(_POOL):
        seat: SeatKey = PoolStep(BranchId(branch), PoolId(name.removeprefix(_POOL)), starts_at)
    else:
        seat = rebuilt(SlotKey, branch=branch, service=name, starts_at=starts_at)
    if seat_key(seat) != key:
        raise ValueError("got a key in another notation")
    return seat


@lru_cache(maxsize=CACHED_KEYS)
def _start_read(text: str) -> datetime:
    starts_at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    if _start(starts_at) != text:
        raise ValueError("got a start in another notation")
    return starts_at


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
