"""A slot: a start time at a branch for a service, with a capacity; it follows from a timetable and is never stored."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from traffic_booking.domain.day import Day
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.outside_values import remade
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.services import ServiceId

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 9998
"""Within these, adding or taking a booking horizon never leaves what a datetime can hold."""


def instant(moment: datetime) -> datetime:
    """`moment` in UTC.

    Raises `InvalidInput` for a datetime without an offset, or outside the years 1800 to 9998, and for what is none.
    """
    if type(moment) is not datetime:
        moment = _plain(moment)
    year, zone = moment.year, moment.tzinfo
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput("instant", got=f"the year {year}", expected=f"{FIRST_YEAR} to {LAST_YEAR}")
    if zone is UTC:
        return moment
    return remade("instant", lambda: _in_utc(moment))


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise InvalidInput("instant", got="a datetime without an offset", expected="an aware datetime")
    return moment.astimezone(UTC)


def _plain(moment: object) -> datetime:
    """A subclass may have more than microseconds, which nothing stores: pandas' has."""
    if not isinstance(moment, datetime):
        raise InvalidInput("instant", got=f"a {type(moment).__name__}", expected="an aware datetime")
    return remade("instant", lambda: datetime.combine(moment.date(), moment.timetz()))


def in_utc(moment: datetime) -> datetime:
    """An instant that was checked before, in UTC; nothing else is asked of it."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


@frozen(order=True, cache_hash=True)
class SlotKey:
    """Names one slot: where, for what, and when it starts (kept in UTC, to the microsecond)."""

    branch: BranchId
    service: ServiceId
    starts_at: datetime = field(converter=instant)


@frozen(kw_only=True)
class Slot:
    """A slot as the timetable has it: its end (UTC), its capacity in seats, and the time zone of its branch."""

    key: SlotKey
    ends_at: datetime = field(converter=instant)
    capacity: int
    time_zone: str

    @property
    def starts_at(self) -> datetime:
        """The start in the branch's time zone."""
        return self.key.starts_at.astimezone(ZoneInfo(self.time_zone))

    @property
    def day(self) -> Day:
        """The civil day at the branch, in both calendars."""
        return Day(self.starts_at.date())


@frozen(kw_only=True)
class AvailableSlot:
    """A slot with seats to be had: `free` of them when it was looked up, at `as_of`.

    `distance_km` is that from the point asked about to the branch, None where none was given. Availability is a
    snapshot: the seat is the applicant's once `hold` or `book` says so.
    """

    slot: Slot
    free: int
    as_of: datetime
    distance_km: float | None = None

    @property
    def key(self) -> SlotKey:
        """The slot's name."""
        return self.slot.key

    @property
    def branch(self) -> BranchId:
        """Where it is."""
        return self.slot.key.branch

    @property
    def service(self) -> ServiceId:
        """What it is for."""
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


@frozen
class DayAvailability:
    """One civil day of a month view: seats offered in slots still to come, and how many of them are free."""

    day: Day
    seats: int
    free: int


@frozen(kw_only=True)
class SlotRange:
    """All slots of a service at a branch that start in `from_` (inclusive) to `until` (exclusive), UTC."""

    branch: BranchId
    service: ServiceId
    from_: datetime = field(converter=instant)
    until: datetime = field(converter=instant)


@frozen
class Taken:
    """Seats taken of a slot, and how many of them belong to holds that have run out and were not yet swept."""

    seats: int
    lapsed: int = 0
