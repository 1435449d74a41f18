"""One day's answer: worked or not, in which hours, with how many seats, and by whose word."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.working_time.authority import AuthorityId
from traffic_booking.domain.working_time.hours import Hours
from traffic_booking.domain.working_time.records import BranchException, Effect


@frozen
class Limits:
    """The hours that a day has, or would have if it were opened, and the rules that set them."""

    hours: tuple[Hours, ...] | None
    rules: tuple[AuthorityId, ...]


@frozen(kw_only=True)
class WorkingDay:
    """The answer about a day.

    `hours`: None, the timetable's own hours hold; else they hold only inside these windows. `capacity`: None, the
    timetable's own; else this many seats for each start time. Both are None on a closed day. `rules`: the ids of
    those that said so, the deciding one first; never empty.
    """

    day: date
    open: bool
    hours: tuple[Hours, ...] | None
    capacity: int | None
    rules: tuple[AuthorityId, ...]
    _limits: Limits = field(eq=False, repr=False)

    def open_parts(self, hours: Hours) -> tuple[Hours, ...]:
        """What this day leaves of a timetable's hours, in order; nothing on a closed day."""
        if not self.open:
            return ()
        if self.hours is None:
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
        return usual
    if decided is not None and decided.effect is Effect.CLOSED:
        return WorkingDay(day=usual.day, open=False, hours=None, capacity=None, rules=(decided.id,), limits=limits)
    said = [exception.id for exception in (decided, hours, capacity) if exception is not None]
    if decided is None:
        said += [rule for rule in usual.rules if rule not in limits.rules]
    if hours is None:
        said += limits.rules
    return WorkingDay(
        day=usual.day,
        open=True,
        hours=limits.hours if hours is None else hours.hours,
        capacity=None if capacity is None else capacity.capacity,
        rules=tuple(dict.fromkeys(said)),  # one decision may come as two exceptions under one id
        limits=limits,
    )
