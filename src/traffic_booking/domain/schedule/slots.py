"""A slot: a start time at a branch for a service, with a capacity. It follows from a timetable, unstored.

The seats of a slot are counted by its key. The services of a pool share seats, whatever their durations. These are
counted for each step of the pool's time, and a slot needs a seat in every step that it covers.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, NewType
from zoneinfo import ZoneInfo

from attrs import field

from traffic_booking.domain.bilingual import Digits, Language
from traffic_booking.domain.calendars.day import Day, interval_text, times_text
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import instant
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.places.geography import BranchId, branch_id
from traffic_booking.domain.places.services import LONGEST_MINUTES, ServiceId, service_id
from traffic_booking.domain.text_input import bounded_text, hyphenated, slug
from traffic_booking.domain.values import frozen, with_masked_repr

PoolId = NewType("PoolId", str)

CACHED_STEPS: Final = 4_096
"""In a storm, all requests are about the same few slots."""
MOST_STEPS: Final = 48
"""The most steps of a pool that an appointment covers: as many counts of seats are written with it."""
LONGEST_TOKEN: Final = 160
"""Two ids of at most 64 characters, a start to the microsecond, and two dots are 152."""
_START: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:(\d\d)(\d{6})?)?Z", re.ASCII)


@frozen(order=True, cache_hash=True)
class SlotKey:
    """The name of one slot: its branch, service and start (in UTC, to the microsecond).

    Example::

        SlotKey.from_token("riyadh-traffic.licence-renewal.20261123T0600Z").branch  # "riyadh-traffic"
    """

    branch: BranchId
    service: ServiceId
    starts_at: datetime = field(converter=instant)

    @classmethod
    def from_token(cls, text: str) -> "SlotKey":
        """The slot that `text` names, as `token` wrote it, cleaned of marks and blanks. Raises `InvalidInput`."""
        expected = "a time from the list: choose it again"
        try:
            clean = hyphenated(bounded_text(text, "slot", longest=LONGEST_TOKEN))
        except InvalidInput as error:
            raise InvalidInput("slot", got=error.got, expected=expected) from None
        try:
            branch, service, start = clean.split(".")
            return cls(branch_id(branch), service_id(service), _token_start(start))
        except ValueError:
            raise InvalidInput("slot", got="a text that names no time", expected=expected) from None

    @property
    def token(self) -> str:
        """The key as one short text for a form field or a URL: letters, digits, `-` and `.`, which need no escaping.

        Raises `InvalidInput` if the branch or the service is no id.
        """
        start = self.starts_at
        digits = 6 if start.microsecond else 0
        clock = f"{start:%H%M}" if not (start.second or digits) else f"{start:%H%M%S}"
        moment = f"{start.year:04d}{start:%m%d}T{clock}{start.microsecond:06d}"
        return f"{branch_id(self.branch)}.{service_id(self.service)}.{moment if digits else moment[:-6]}Z"


def pool_id(text: str) -> PoolId:
    """`text` as a pool's id, a slug."""
    return PoolId(slug(text, "pool"))


def _step(minutes: int) -> int:
    return bounded_number(minutes, "step_minutes", least=1, greatest=LONGEST_MINUTES, unit="minutes")


@frozen
class Pool:
    """A pool of a branch, whose services share seats. They are counted in steps of `step_minutes` (1 to 240)."""

    id: PoolId = field(converter=pool_id)
    step_minutes: int = field(converter=_step)


@with_masked_repr
class PoolStep(NamedTuple):
    """The name of one count of seats: that of a pool at a branch, in the step that starts then (UTC)."""

    branch: BranchId
    pool: PoolId
    starts_at: datetime


SeatKey = SlotKey | PoolStep
"""The name of one count of seats. A slot has its own or, if its service is in a pool, one for each step."""


def seat_order(seat: SeatKey) -> tuple[str, str, datetime]:
    """The place of a count among others."""
    return seat if isinstance(seat, PoolStep) else (seat.branch, seat.service, seat.starts_at)


@lru_cache(maxsize=CACHED_STEPS)
def pool_steps(slot: SlotKey, ends_at: datetime, pool: Pool) -> tuple[PoolStep, ...]:
    """The steps of `pool` that a slot covers, in order: at most `MOST_STEPS`, however damaged its end is."""
    step = timedelta(minutes=pool.step_minutes)
    steps = -((slot.starts_at - ends_at) // step)
    places = range(min(steps, MOST_STEPS))
    return tuple([PoolStep(slot.branch, pool.id, slot.starts_at + place * step) for place in places])


@frozen(kw_only=True)
class Slot:
    """A slot of the timetable: its end (UTC), its capacity in seats, and the time zone of its branch.

    `pool` is set if the service shares these seats with others.
    """

    key: SlotKey
    ends_at: datetime = field(converter=instant)
    capacity: int
    time_zone: str
    pool: Pool | None = None

    @property
    def token(self) -> str:
        """The slot's name as one short text: see `SlotKey.token`."""
        return self.key.token

    @property
    def seats(self) -> tuple[SeatKey, ...]:
        """The counts in which an appointment takes a seat."""
        return (self.key,) if self.pool is None else pool_steps(self.key, self.ends_at, self.pool)

    @property
    def starts_at(self) -> datetime:
        """The start in the branch's time zone."""
        return self.key.starts_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def day(self) -> Day:
        """The civil day at the branch, in both calendars."""
        return Day(self.starts_at.date())

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """The day in both calendars and the hours, such as `Monday, 11 March 2024 – …, from 09:00 to 09:15 (…)`.

        Raises `InvalidInput` for an unknown language, or unknown digits.
        """
        return interval_text(self.key.starts_at, self.ends_at, language, digits, time_zone=self.time_zone)

    def time_text(self, language: Language, digits: Digits = "ascii") -> str:
        """The hours alone, such as `09:00–09:15`, for a list of one day. Raises as `text` does."""
        return times_text(self.key.starts_at, self.ends_at, language, digits, time_zone=self.time_zone)


@frozen(kw_only=True)
class AvailableSlot:
    """A slot with `free` seats at the instant `as_of`; only `hold` and `book` keep one.

    `distance_km` is the distance of the branch from the given point, None if no point was given. `following` are the
    further slots of the row, if a search was for several in a row; `free` is then the fewest seats of any of them.
    """

    slot: Slot
    free: int
    as_of: datetime
    distance_km: float | None = None
    following: tuple[Slot, ...] = ()

    @property
    def key(self) -> SlotKey:
        """The slot's name."""
        return self.slot.key

    @property
    def token(self) -> str:
        """The slot's name as one short text, for a form field or a URL. Every verb that takes a slot takes it."""
        return self.slot.key.token

    @property
    def branch(self) -> BranchId:
        """The branch of the slot."""
        return self.slot.key.branch

    @property
    def service(self) -> ServiceId:
        """The service of the slot."""
        return self.slot.key.service

    @property
    def starts_at(self) -> datetime:
        """The start in the branch's time zone."""
        return self.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        """The end in the branch's time zone."""
        return self.slot.ends_at.astimezone(ZoneInfo(self.slot.time_zone))

    @property
    def day(self) -> Day:
        """The civil day at the branch, in both calendars."""
        return self.slot.day

    def text(self, language: Language, digits: Digits = "ascii") -> str:
        """The day in both calendars and the hours, as `Slot.text`."""
        return self.slot.text(language, digits)

    def time_text(self, language: Language, digits: Digits = "ascii") -> str:
        """The hours alone, as `Slot.time_text`."""
        return self.slot.time_text(language, digits)


@frozen(kw_only=True)
class SlotRange:
    """All slots of a service at a branch that start in `from_` (inclusive) to `until` (exclusive), UTC.

    `pool` is that of the service there, if it is in one.
    """

    branch: BranchId
    service: ServiceId
    from_: datetime = field(converter=instant)
    until: datetime = field(converter=instant)
    pool: Pool | None = None


@frozen
class SeatCount:
    """The seats taken of one count, and the part of them that expired holds still have."""

    seats: int
    lapsed: int = 0


@frozen
class OpenHours:
    """Open hours of a branch, from `opens_at` (inclusive) to `closes_at` (exclusive), UTC."""

    opens_at: datetime = field(converter=instant)
    closes_at: datetime = field(converter=instant)

    @property
    def lasting(self) -> timedelta:
        """The length of these hours."""
        return self.closes_at - self.opens_at


def _token_start(text: str) -> datetime:
    """The start that `SlotKey.token` wrote. Raises `ValueError`."""
    parts = _START.fullmatch(text)
    if parts is None:
        raise ValueError
    return datetime(*(int(part or 0) for part in parts.groups()), tzinfo=UTC)  # type: ignore[misc, arg-type]
