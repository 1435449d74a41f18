"""A slot: a start time at a branch for a service, with a capacity; it follows from a timetable and is never stored."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import field, frozen

from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.instants import instant
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId


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
class SeatCount:
    """Seats taken of a slot, and how many of them belong to holds that have run out and were not yet swept."""

    seats: int
    lapsed: int = 0


@frozen
class OpenHours:
    """From `opens_at` until before `closes_at`, both in UTC."""

    opens_at: datetime = field(converter=instant)
    closes_at: datetime = field(converter=instant)

    @property
    def lasting(self) -> timedelta:
        """How long the branch is open."""
        return self.closes_at - self.opens_at
