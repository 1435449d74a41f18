"""The question of a search: which slots are searched, and in which order they are found."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from traffic_booking.domain.calendars.hours import DAY_MINUTES
from traffic_booking.domain.places.geography import Branch
from traffic_booking.domain.places.services import Service
from traffic_booking.domain.schedule.slots import Slot
from traffic_booking.domain.schedule.timetables import Weekday
from traffic_booking.domain.values import frozen

KM_PER_DAY: Final = 100
"""In the balanced order, so many kilometres weigh as much as one day of waiting."""

_ANY_TIME: Final = datetime.min.replace(tzinfo=UTC)
_NO_TIME: Final = datetime.max.replace(tzinfo=UTC)

OrderKey = tuple[datetime | int, datetime | int, int]
"""The place of a slot in the order of a search."""


class SlotOrder(StrEnum):
    """The order of the slots that a search finds.

    `EARLIEST`: by start, then the nearer branch. `NEAREST`: the nearest branch first, by start. `BALANCED`: by start,
    as if a branch were a day later for each 100 kilometres of its distance. Branches of one distance, or without one,
    are in the order of the catalogue, and services in the order of the question.
    """

    EARLIEST = "earliest"
    NEAREST = "nearest"
    BALANCED = "balanced"


@frozen(kw_only=True)
class SearchedBranch:
    """A branch of a search, with its distance from the point of the search, if there is one.

    `rank` is its place among the branches of the search: the nearer first, then as in the catalogue.
    """

    branch: Branch
    rank: int
    distance_km: float | None = None


class Candidate(NamedTuple):
    """A slot with `free` seats that a search may return, and its place in the order.

    `following` are the further slots of its row, if the search is for several in a row.
    """

    key: OrderKey
    at: SearchedBranch
    slot: Slot
    free: int
    following: tuple[Slot, ...] = ()


@frozen(kw_only=True)
class Question:
    """The slots that are searched: for one of `services`, at one of `branches` (in the order of their ranks).

    They start in `from_` (inclusive) to `until` (exclusive): instants, or dates, which stand for their midnight at each
    branch; None is open. `weekdays` are those of the civil day at the branch, None for all. `between` bounds the start
    on the clock of the branch, in minutes from midnight, [first, until); past midnight if `until` is the smaller.
    A slot has at least `seats` free seats. If `adjacent` is more than 1, as many slots follow one another without a
    gap, and each of them is one that is searched. `each_branch`: the first slot at each branch alone. `earlier_than` is
    the start of an appointment that is to be brought forward. `places` are the names and the point that selected the
    services and branches.
    """

    services: tuple[Service, ...]
    branches: tuple[SearchedBranch, ...]
    from_: date | None = None
    until: date | None = None
    earlier_than: datetime | None = None
    weekdays: frozenset[Weekday] | None = None
    between: tuple[int, int] | None = None
    seats: int = 1
    adjacent: int = 1
    each_branch: bool = False
    order: SlotOrder = SlotOrder.EARLIEST
    places: tuple[object, ...] = ()

    def window(self, branch: Branch, first: datetime, last: datetime) -> tuple[datetime, datetime]:
        """The instants between which slots at a branch are searched, both within `first` to `last`."""
        start = first if self.from_ is None else max(first, instant_at(branch, self.from_))
        end = last if self.until is None else min(last, instant_at(branch, self.until))
        return start, end if self.earlier_than is None else min(end, self.earlier_than)

    def end(self, last: datetime) -> datetime:
        """The end of the search at all branches, at most `last`."""
        until = self.until
        if until is None or isinstance(until, datetime):
            ends = [last if until is None else min(last, until)]
        else:
            ends = [min(last, instant_at(at.branch, until)) for at in self.branches]
        end = max(ends, default=last)
        return end if self.earlier_than is None else min(end, self.earlier_than)

    def times_on(self, branch: Branch, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans [first, until) of a civil day at a branch in which the searched slots start, in order."""
        if self.weekdays is not None and day.weekday() not in self.weekdays:
            return
        first, until = self.between or (0, DAY_MINUTES)
        for opens, closes in [(first, until)] if first < until else [(0, until), (first, DAY_MINUTES)]:
            yield _minute_at(branch, day, opens), _minute_at(branch, day, closes)

    def key(self, at: SearchedBranch, service: int, starts_at: datetime) -> OrderKey:
        """The place of a slot in the order; `service` is the place of its service in the question.

        At one branch and for one service, a later slot has a greater key.
        """
        match self.order:
            case SlotOrder.EARLIEST:
                return starts_at, at.rank, service
            case SlotOrder.NEAREST:
                return at.rank, starts_at, service
            case SlotOrder.BALANCED:
                return starts_at + self.lateness(at), at.rank, service

    def lateness(self, at: SearchedBranch) -> timedelta:
        """The time that the order adds to the starts at a branch for its distance: none, unless it is balanced."""
        if self.order is not SlotOrder.BALANCED or at.distance_km is None:
            return timedelta()
        return timedelta(days=at.distance_km / KM_PER_DAY)

    def complete_until(self, last: Candidate) -> datetime:
        """The instant before which no slot starts that is behind `last` in the order."""
        first, _, _ = last.key
        if not isinstance(first, datetime):
            return _ANY_TIME
        if self.order is SlotOrder.EARLIEST:
            return first
        return first - max(self.lateness(at) for at in self.branches)

    def first_behind(self, at: SearchedBranch, behind: OrderKey) -> datetime:
        """The instant before which no slot at a branch has a greater key than `behind`."""
        first, second, _ = behind
        if isinstance(first, datetime):
            return first - self.lateness(at)
        assert isinstance(second, datetime), "one of the two is the time"
        return second if at.rank == first else _ANY_TIME if first < at.rank else _NO_TIME


def instant_at(branch: Branch, bound: date) -> datetime:
    """The bound itself if it is an instant, else the midnight of the day at a branch, in UTC."""
    if isinstance(bound, datetime):
        return bound
    return datetime.combine(bound, time(), ZoneInfo(branch.time_zone)).astimezone(UTC)


def bounds_of(branch: Branch, first: date, last: date) -> tuple[datetime, datetime]:
    """The first instant of the day `first` at a branch, and the first one after the day `last`, in UTC."""
    return instant_at(branch, first), instant_at(branch, last + timedelta(days=1))


def _minute_at(branch: Branch, day: date, minute: int) -> datetime:
    """The instant of a minute of the clock on a civil day at a branch, 1440 for the next midnight, in UTC."""
    if minute == DAY_MINUTES:
        return instant_at(branch, day + timedelta(days=1))
    wall = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(branch.time_zone))
    return wall.astimezone(UTC)
