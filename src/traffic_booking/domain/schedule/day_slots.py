"""The slots of one service at one branch, from the midnight that begins a civil day.

A change of the clocks removes the slots of skipped local times, and those that it would make longer or shorter. Of a
repeated local time the first counts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, overload
from zoneinfo import ZoneInfo

from attrs import field

from traffic_booking.domain.places.geography import Branch, BranchId
from traffic_booking.domain.places.services import Service, ServiceId
from traffic_booking.domain.schedule.slots import Pool, SeatKey, Slot, SlotKey, pool_steps
from traffic_booking.domain.schedule.timetables import ONE_DAY, Pattern
from traffic_booking.domain.values import frozen

CACHED_MIDNIGHTS: Final = 4_096
_INSTANT: Final = timedelta(microseconds=1)


@frozen(kw_only=True)
class DaySlots(Sequence[Slot]):
    """The slots of a day in the order of their start, each made on access.

    `starts` (UTC) and `capacities` (seats) have one entry for each slot.
    """

    branch: BranchId
    service: ServiceId
    time_zone: str
    duration: timedelta
    starts: tuple[datetime, ...]
    capacities: tuple[int, ...] = field(repr=False)
    pool: Pool | None = None

    def seats_of(self, key: SlotKey) -> tuple[SeatKey, ...]:
        """The counts in which an appointment at the slot of that key takes a seat, without making the slot."""
        return (key,) if self.pool is None else pool_steps(key, key.starts_at + self.duration, self.pool)

    def at(self, starts_at: datetime) -> Slot | None:
        """The slot that starts at that instant, or None."""
        index = bisect_left(self.starts, starts_at)
        return self[index] if index < len(self.starts) and self.starts[index] == starts_at else None

    def capacity_at(self, moment: datetime) -> int:
        """The seats of the slot that is under way at that instant, 0 if there is none."""
        index = bisect_right(self.starts, moment) - 1
        return self.capacities[index] if index >= 0 and moment < self.starts[index] + self.duration else 0

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Slot]:
        return map(self._at, range(len(self.starts)))

    @overload
    def __getitem__(self, index: int) -> Slot: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Slot]: ...
    def __getitem__(self, index: int | slice) -> Slot | Sequence[Slot]:
        if isinstance(index, slice):
            return tuple(map(self._at, range(len(self.starts))[index]))
        return self._at(index)

    def _at(self, index: int) -> Slot:
        return self.slot(SlotKey(self.branch, self.service, self.starts[index]), index)

    def slot(self, key: SlotKey, index: int) -> Slot:
        """The slot of that index, whose key is `key`."""
        return Slot(
            key=key,
            ends_at=key.starts_at + self.duration,
            capacity=self.capacities[index],
            time_zone=self.time_zone,
            pool=self.pool,
        )


def day_slots(branch: Branch, service: Service, day: date, pattern: Pattern, pool: Pool | None = None) -> DaySlots:
    """The slots of `pattern`, from the midnight that begins `day` at `branch`; the service is in `pool`, if given."""
    duration = timedelta(minutes=service.duration_minutes)
    midnight, even = _day_in_zone(branch.time_zone, day.toordinal())
    if even and pattern.offsets and pattern.offsets[-1] + duration > ONE_DAY:
        _, even = _day_in_zone(branch.time_zone, day.toordinal() + 1)
    if even:
        starts = _even_starts(midnight, pattern.offsets)
        capacities = pattern.capacities
    else:
        zone = ZoneInfo(branch.time_zone)
        begun = [_start(day, offset, duration, zone) for offset in pattern.offsets]
        starts = tuple(start for start in begun if start is not None)
        capacities = tuple(seats for start, seats in zip(begun, pattern.capacities, strict=True) if start is not None)
    return DaySlots(
        branch=branch.id,
        service=service.id,
        time_zone=branch.time_zone,
        duration=duration,
        starts=starts,
        capacities=capacities,
        pool=pool,
    )


@lru_cache(maxsize=CACHED_MIDNIGHTS)
def _even_starts(midnight: datetime, offsets: tuple[timedelta, ...]) -> tuple[datetime, ...]:
    """The starts of a day without a change of the clocks, one tuple for all branches with the same hours."""
    return tuple([midnight + offset for offset in offsets])


@lru_cache(maxsize=CACHED_MIDNIGHTS)
def _day_in_zone(time_zone: str, ordinal: int) -> tuple[datetime, bool]:
    """The beginning of the civil day (UTC), and whether the day has 24 hours without a change of the clocks."""
    zone = ZoneInfo(time_zone)
    midnight = datetime.fromordinal(ordinal).replace(tzinfo=zone)
    following = midnight + ONE_DAY
    begins, ends = midnight.astimezone(UTC), following.astimezone(UTC)
    exists = begins.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None)
    return begins, exists and ends - begins == ONE_DAY


def _start(day: date, offset: timedelta, duration: timedelta, zone: ZoneInfo) -> datetime | None:
    """The instant of a local start on a day with a change of the clocks; None if no whole slot begins then."""
    wall = datetime.fromordinal(day.toordinal()) + offset
    starts_at, last = _instant(wall, zone), _instant(wall + duration - _INSTANT, zone)
    if starts_at is None or last is None or last - starts_at < duration - _INSTANT:
        return None
    return starts_at


def _instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant with the local time `wall`; None if the clocks skip it."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == wall else None
