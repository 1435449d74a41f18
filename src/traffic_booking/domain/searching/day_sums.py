"""A day of a month view over several branches and services: the sum of their seats, or one reason for all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from attrs import define, field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.day import Day
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.schedule.day_availability import DayAvailability, DayState
from traffic_booking.domain.schedule.day_slots import DaySlots
from traffic_booking.domain.schedule.slots import Pool, SlotKey, pool_steps
from traffic_booking.domain.schedule.working_day import WorkingDay
from traffic_booking.domain.searching.day_rules import DayResult, day_without_slots

_REFUSED: Final = (DayState.NOT_YET_OPEN, DayState.SUSPENDED, DayState.NOT_BOOKABLE, DayState.PAST)
"""The states of days whose slots are all refused: those with an instant to wait for come first."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_REASONS_DIFFER: Final = Bilingual("لأسباب تختلف من فرع إلى آخر", "for reasons that differ between branches")


@define(eq=False)
class DaySum:
    """The slots of one civil day, added up over branches and services."""

    day: Day
    _seats: int = field(init=False, default=0)
    _free: int = field(init=False, default=0)
    _first: tuple[datetime, str, SlotKey] | None = field(init=False, default=None)
    _refused: tuple[int, datetime, DayAvailability] | None = field(init=False, default=None)
    _without_slots: dict[tuple[str, WorkingDay], Branch] = field(init=False, factory=dict)
    """A branch for each timetable and working day: all others with these have the same state."""

    def add(self, slots: DaySlots, result: DayResult, seats_taken: Mapping[datetime, int]) -> None:
        """Add the slots of a service at a branch. `seats_taken` has the seats of their counts, by start."""
        if result.refused is not None:
            self._add_refused(result.refused)
            return
        starts = slots.starts
        free = [slots.capacities[index] for index in result.granted]
        self._seats += sum(free)
        if seats_taken:
            if slots.pool is None:  # the usual case, in which a call for each slot would take most of the time
                taken = [seats_taken.get(starts[index], 0) for index in result.granted]
            else:
                taken = [_taken_of_pool(slots, starts[index], slots.pool, seats_taken) for index in result.granted]
            free = [max(0, seats - fewer) for seats, fewer in zip(free, taken, strict=True)]
        self._free += sum(free)
        first = next((starts[index] for index, seats in zip(result.granted, free, strict=True) if seats), None)
        if first is not None and (self._first is None or first < self._first[0]):
            self._first = (first, slots.time_zone, SlotKey(slots.branch, slots.service, first))

    def add_without_slots(self, configuration: Configuration, branch: Branch) -> None:
        """Add a branch that has no slot for a service on the day."""
        working_day = configuration.calendars.working_day(branch.id, self.day.gregorian)
        self._without_slots.setdefault((branch.timetable, working_day), branch)

    def _add_refused(self, day: DayAvailability) -> None:
        place = _REFUSED.index(day.state)
        instant = day.opens_at or day.until or _NEVER
        if self._refused is None or (place, instant) < self._refused[:2]:
            self._refused = (place, instant, day)

    def availability(self, configuration: Configuration) -> DayAvailability:
        """The day with the sum of the seats, or with the first state of the order in `DayState` that applies.

        If no branch has slots, the day is without the service if any branch is open; else it is closed, for the reason
        that all have, or for reasons that differ.
        """
        if not self._seats:
            return self._without_any(configuration) if self._refused is None else self._refused[2]
        if self._first is None:
            return DayAvailability(day=self.day, state=DayState.FULL, seats=self._seats)
        first, zone, slot = self._first
        return DayAvailability(
            day=self.day,
            state=DayState.FREE,
            seats=self._seats,
            free=self._free,
            first_free=first.astimezone(ZoneInfo(zone)),
            first_free_slot=slot,
        )

    def _without_any(self, configuration: Configuration) -> DayAvailability:
        branches = self._without_slots.values()
        parts = [day_without_slots(configuration, branch, self.day.gregorian) for branch in branches]
        if not parts or any(part.state is DayState.NO_SERVICE for part in parts):
            return DayAvailability(day=self.day, state=DayState.NO_SERVICE)
        if any(part.reason != parts[0].reason for part in parts):
            return DayAvailability(day=self.day, state=DayState.CLOSED, reason=_REASONS_DIFFER)
        return parts[0]


def _taken_of_pool(slots: DaySlots, starts_at: datetime, pool: Pool, seats_taken: Mapping[datetime, int]) -> int:
    """The seats taken of the pool in the fullest step that the slot covers."""
    key = SlotKey(slots.branch, slots.service, starts_at)
    steps = pool_steps(key, starts_at + slots.duration, pool)
    return max([seats_taken.get(step.starts_at, 0) for step in steps])
