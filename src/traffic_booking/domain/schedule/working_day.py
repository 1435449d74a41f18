"""One day of the working calendar: worked or not, its hours and seats, and the rules that decided."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Final

from attrs import evolve, field

from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.schedule.exceptions import BranchException, Effect
from traffic_booking.domain.values import frozen


@frozen(cache_hash=True)
class DayLimits:
    """The hours and seats that a day has, or would have if it were opened, and the rules that set them.

    `seasonal` hours are those of Ramadan, which a timetable's own shifts for Ramadan replace.
    """

    hours: tuple[Hours, ...] | None
    rules: tuple[AuthorityId, ...]
    seasonal: bool = False
    capacity: int | None = None


@frozen(kw_only=True)
class WorkingDay:
    """One day of the working calendar.

    `hours` bound those of a timetable, and `capacity` (seats for each start time) replaces its own. None changes
    nothing; both are None on a closed day. `rules` contains the ids of the rules behind the day, the
    deciding one first, and is never empty. `weekend`: only the weekend closes the day. `ramadan`: the day has the hours
    of Ramadan. `in_doubt`: an announcement moved a Hijri month, and the announcement of a later month may still change
    the day's Hijri date by sighting, or whether and when it is worked.
    """

    day: date
    open: bool
    hours: tuple[Hours, ...] | None
    capacity: int | None
    rules: tuple[AuthorityId, ...]
    weekend: bool = False
    ramadan: bool = False
    in_doubt: bool = False
    _limits: DayLimits = field(eq=False, repr=False)

    @property
    def shape(self) -> Hashable:
        """All that affects a timetable besides the date: two days of one shape have the same starts."""
        if self.open and self.hours is None and self.capacity is None and not self.ramadan:
            return None
        seasonal = self.has_seasonal_hours  # other hours may be equal to those of Ramadan
        return (self.open, self.weekend, self.ramadan, self.hours, seasonal, self.capacity, self._limits)

    @property
    def for_weekend_shifts(self) -> "WorkingDay | None":
        """The day for shifts on weekends: open if only the weekend closes it; None on any other day."""
        if not self.weekend:
            return None
        limits = self._limits
        return evolve(self, open=True, hours=limits.hours, capacity=limits.capacity, rules=limits.rules, weekend=False)

    @property
    def hours_set_by(self) -> tuple[AuthorityId, ...]:
        """The ids of the rules that set `hours`, none if they are None."""
        return () if self.hours is None else self._limits.rules

    @property
    def has_seasonal_hours(self) -> bool:
        """True if the day has the general hours of Ramadan, not replaced by others."""
        return self.open and self._limits.seasonal and self.hours is self._limits.hours

    def open_parts(self, hours: Hours, *, for_ramadan: bool = False) -> tuple[Hours, ...]:
        """The parts of a timetable's hours that are open on this day, in order.

        `for_ramadan`: the hours are those of a shift for Ramadan, which the general hours of the month don't bound.
        """
        if not self.open:
            return ()
        if self.hours is None or (for_ramadan and self.has_seasonal_hours):
            return (hours,)
        parts = (hours.within(window) for window in self.hours)
        return tuple(part for part in parts if part is not None)


_DECIDING: Final = (Effect.CLOSED, Effect.OPEN)


def with_exceptions(usual: WorkingDay, exceptions: Sequence[BranchException]) -> WorkingDay:
    """The day at a branch with `exceptions`; the last of each kind decides."""
    kept = {
        Effect.OPEN if exception.effect in _DECIDING else exception.effect: exception
        for exception in exceptions
        if exception.covers(usual.day)
    }
    if not kept:
        return usual
    decided, hours, capacity = (kept.get(effect) for effect in (Effect.OPEN, Effect.OTHER_HOURS, Effect.OTHER_CAPACITY))
    limits = usual._limits  # noqa: SLF001 - the same module's
    if decided is None and not usual.open:
        return _closed_with(usual, hours, capacity)
    if decided is not None and decided.effect is Effect.CLOSED:
        return evolve(usual, open=False, hours=None, capacity=None, rules=(decided.id,), weekend=False)
    rules = [exception.id for exception in (decided, hours, capacity) if exception is not None]
    if decided is None:
        rules += [rule for rule in usual.rules if rule == usual.rules[0] or rule not in limits.rules]
    if hours is None:
        rules += limits.rules
    return evolve(
        usual,
        limits=limits if hours is None else DayLimits(hours.hours, (hours.id,)),
        open=True,
        hours=limits.hours if hours is None else hours.hours,
        capacity=None if capacity is None else capacity.capacity,
        rules=tuple(dict.fromkeys(rules)),  # two exceptions of one decision may share an id
        weekend=False,
    )


def _closed_with(usual: WorkingDay, hours: BranchException | None, capacity: BranchException | None) -> WorkingDay:
    """`usual`, a closed day, with hours and capacity of exceptions for shifts on weekends."""
    if not usual.weekend:
        return usual
    before = usual._limits  # noqa: SLF001 - the same module's
    exceptions = (exception.id for exception in (hours, capacity) if exception is not None)
    limits = DayLimits(
        hours=before.hours if hours is None else hours.hours,
        rules=(*exceptions, *(before.rules if hours is None else ())),
        seasonal=before.seasonal and hours is None,
        capacity=None if capacity is None else capacity.capacity,
    )
    return evolve(usual, limits=limits)
