"""One day's answer: worked or not, in which hours, with how many seats, and by whose word."""

from collections.abc import Hashable, Sequence
from datetime import date
from typing import Final

from attrs import evolve, field, frozen

from traffic_booking.domain.calendars.authority import AuthorityId
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.schedule.exceptions import BranchException, Effect


@frozen(cache_hash=True)
class Limits:
    """The hours and seats that a day has, or would have if it were opened, and the rules that set them.

    `seasonal` where the hours are those of Ramadan, which a timetable's own shifts for Ramadan take the place of.
    """

    hours: tuple[Hours, ...] | None
    rules: tuple[AuthorityId, ...]
    seasonal: bool = False
    capacity: int | None = None


@frozen(kw_only=True)
class WorkingDay:
    """The answer about a day.

    `hours`: None, the timetable's own hours hold; else they hold only inside these windows. `capacity`: None, the
    timetable's own; else this many seats for each start time. Both are None on a closed day. `rules`: the ids of
    those that said so, the deciding one first; never empty. `weekend`: nothing but the weekend closes the day.
    `ramadan`: a rule about the hours of Ramadan counts the day as one of the month.
    """

    day: date
    open: bool
    hours: tuple[Hours, ...] | None
    capacity: int | None
    rules: tuple[AuthorityId, ...]
    weekend: bool = False
    ramadan: bool = False
    _limits: Limits = field(eq=False, repr=False)

    @property
    def shape(self) -> Hashable:
        """What bears on a timetable besides the date: days of one shape leave the same of the same shifts."""
        if self.open and self.hours is None and self.capacity is None and not self.ramadan:
            return None
        return (self.open, self.weekend, self.ramadan, self.hours, self.capacity, self._limits)

    @property
    def for_weekend_shifts(self) -> "WorkingDay | None":
        """The day as shifts on weekends see it: open where nothing but the weekend closes it; None on any other day."""
        if not self.weekend:
            return None
        limits = self._limits
        return WorkingDay(
            day=self.day,
            open=True,
            hours=limits.hours,
            capacity=limits.capacity,
            rules=limits.rules,
            ramadan=self.ramadan,
            limits=limits,
        )

    @property
    def has_seasonal_hours(self) -> bool:
        """Whether the day's hours are the general ones of Ramadan, and nobody has set others."""
        return self.open and self._limits.seasonal and self.hours is self._limits.hours

    def open_parts(self, hours: Hours, *, for_ramadan: bool = False) -> tuple[Hours, ...]:
        """What this day leaves of a timetable's hours, in order; nothing on a closed day.

        `for_ramadan`: they were made for that month, so that its general hours don't bound them.
        """
        if not self.open:
            return ()
        if self.hours is None or (for_ramadan and self.has_seasonal_hours):
            return (hours,)
        parts = (hours.within(window) for window in self.hours)
        return tuple(part for part in parts if part is not None)


_DECIDING: Final = (Effect.CLOSED, Effect.OPEN)


def with_exceptions(usual: WorkingDay, exceptions: Sequence[BranchException]) -> WorkingDay:
    """The answer for a branch with `exceptions`; the last of each kind holds."""
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
        closed = (decided.id,)
        return WorkingDay(
            day=usual.day,
            open=False,
            hours=None,
            capacity=None,
            rules=closed,
            ramadan=usual.ramadan,
            limits=limits,
        )
    said = [exception.id for exception in (decided, hours, capacity) if exception is not None]
    if decided is None:
        said += [rule for rule in usual.rules if rule == usual.rules[0] or rule not in limits.rules]
    if hours is None:
        said += limits.rules
    return WorkingDay(
        day=usual.day,
        open=True,
        hours=limits.hours if hours is None else hours.hours,
        capacity=None if capacity is None else capacity.capacity,
        rules=tuple(dict.fromkeys(said)),  # one decision may come as two exceptions under one id
        ramadan=usual.ramadan,
        limits=limits,
    )


def _closed_with(usual: WorkingDay, hours: BranchException | None, capacity: BranchException | None) -> WorkingDay:
    """`usual`, a closed day, with what the exceptions set for shifts that work on weekends."""
    if not usual.weekend:
        return usual
    before = usual._limits  # noqa: SLF001 - the same module's
    limits = Limits(
        hours=before.hours if hours is None else hours.hours,
        rules=(
            *(exception.id for exception in (hours, capacity) if exception is not None),
            *(before.rules if hours is None else ()),
        ),
        seasonal=before.seasonal and hours is None,
        capacity=None if capacity is None else capacity.capacity,
    )
    return evolve(usual, limits=limits)
