"""A slot: a start time at a branch for a service, with a capacity. It follows from a timetable, unstored."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import field

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.values import frozen


@frozen(order=True, cache_hash=True)
class SlotKey:
    """The name of one slot: its branch, service and start (in UTC, to the microsecond)."""

    branch: BranchId
    service: ServiceId
    starts_at: datetime = field(converter=instant)


@frozen(kw_only=True)
class Slot:
    """A slot of the timetable: its end (UTC), its capacity in seats, and the time zone of its branch."""

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
    """A slot with `free` seats at the instant `as_of`; only `hold` and `book` keep one.

    `distance_km` is the distance of the branch from the given point, None if no point was given.
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


@frozen(kw_only=True)
class SlotRange:
    """All slots of a service at a branch that start in `from_` (inclusive) to `until` (exclusive), UTC."""

    branch: BranchId
    service: ServiceId
    from_: datetime = field(converter=instant)
    until: datetime = field(converter=instant)


@frozen
class SeatCount:
    """The seats taken of a slot, and the part of them that expired holds still have."""

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
