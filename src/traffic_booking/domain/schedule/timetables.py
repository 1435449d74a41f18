"""When a branch offers a service, by rule: shifts of the week, with breaks and dates, their own for Ramadan.

Which days are worked, and between which hours, is the working calendar's word: a timetable's shifts hold inside it.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from datetime import date, timedelta
from enum import IntEnum
from functools import cache
from itertools import combinations
from typing import Final

from attrs import field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.hours import Hours, capacity, windows
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places.geography import TimetableId, timetable_id
from traffic_booking.domain.places.services import ServiceId, service_id
from traffic_booking.domain.schedule.working_day import WorkingDay

REMEMBERED: Final = 1_024
"""How many patterns of a day a timetable remembers: some 2 MB."""


@frozen
class Pattern:
    """The starts of a day: how long after local midnight, in order, and side by side the seats of each."""

    offsets: tuple[timedelta, ...]
    capacities: tuple[int, ...]


class Weekday(IntEnum):
    """A day of the week, numbered as `datetime.date.weekday` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


def _weekdays(days: frozenset[Weekday]) -> frozenset[Weekday]:
    if not days:
        raise InvalidInput("days", got="none", expected="at least one weekday")
    return days


def _breaks(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    return windows(hours, "breaks")


@frozen(kw_only=True)
class Shift:
    """Open hours on some weekdays, [opens, closes) in minutes from local midnight, with `capacity` seats a slot.

    Nothing is offered in the `breaks`, which lie inside the hours, one after another. The shift is worked from
    `in_force_from` until before `in_force_until`, where they are given; in Ramadan where `for_ramadan`, else outside
    of it, or in Ramadan too where its offer has no shift of its own for the month. `on_weekends`: worked on days that
    nothing but the weekend closes, too.
    """

    weekdays: frozenset[Weekday] = field(converter=_weekdays)
    opens_minute: int
    closes_minute: int
    capacity: int = field(converter=capacity)
    breaks: tuple[Hours, ...] = field(default=(), converter=_breaks)
    in_force_from: date | None = None
    in_force_until: date | None = None
    for_ramadan: bool = False
    on_weekends: bool = False
    _parts: tuple[Hours, ...] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        hours = Hours(self.opens_minute, self.closes_minute)
        for pause in self.breaks:
            if pause.within(hours) != pause:
                raise InvalidInput("breaks", got=str(pause), expected=f"a break inside {hours}")
        first, until = self.in_force_from, self.in_force_until
        if first is not None and until is not None and until <= first:
            raise InvalidInput("in_force_until", got=until.isoformat(), expected=f"after {first}")
        parts = hours.without(self.breaks)
        if not parts:
            raise InvalidInput("breaks", got=f"breaks all through {hours}", expected="some time to work")
        object.__setattr__(self, "_parts", parts)

    def in_force(self, day: date) -> bool:
        """Whether the shift is in the timetable on `day`, whatever its weekday."""
        first, until = self.in_force_from, self.in_force_until
        return (first is None or first <= day) and (until is None or day < until)

    def worked(self, day: WorkingDay) -> list[tuple[Hours, tuple[Hours, ...]]]:
        """The parts of the shift between its breaks, each with what `day` leaves of it."""
        if day.day.weekday() not in self.weekdays or not self.in_force(day.day):
            return []
        seen = self._seen(day)
        return [(part, seen.open_parts(part, for_ramadan=self.for_ramadan)) for part in self._parts]

    def seats(self, day: WorkingDay) -> int:
        """The seats of each of the shift's start times on `day`."""
        other = self._seen(day).capacity
        return self.capacity if other is None else other

    def _seen(self, day: WorkingDay) -> WorkingDay:
        """`day` as this shift sees it."""
        opened = day.for_weekend_shifts if self.on_weekends else None
        return day if opened is None else opened


def _service_ids(ids: Iterable[str]) -> frozenset[ServiceId]:
    return frozenset(service_id(text) for text in ids)


@frozen
class Offer:
    """Some services and the shifts in which they are offered; shifts that hold at once don't overlap."""

    services: frozenset[ServiceId] = field(converter=_service_ids)
    shifts: tuple[Shift, ...]

    def __attrs_post_init__(self) -> None:
        if not self.services or not self.shifts:
            raise InvalidInput("offers", got="an empty list", expected="at least one service and one shift")
        for one, other in combinations(self.shifts, 2):
            shared = sorted(one.weekdays & other.weekdays)
            if shared and one.for_ramadan is other.for_ramadan and _meet(one, other) and _overlap(one, other):
                raise InvalidInput(
                    "shifts",
                    got=f"shifts that overlap on {shared[0].name.lower()}: {_hours(one)} and {_hours(other)}",
                    expected="shifts of a day one after another",
                )

    def shifts_on(self, day: WorkingDay) -> tuple[Shift, ...]:
        """The shifts of the season, of any weekday: in Ramadan those made for it, where there are any."""
        if day.ramadan:
            own = tuple(shift for shift in self.shifts if shift.for_ramadan and shift.in_force(day.day))
            if own:
                return own
        return tuple(shift for shift in self.shifts if not shift.for_ramadan)


def _hours(shift: Shift) -> Hours:
    return Hours(shift.opens_minute, shift.closes_minute)


def _overlap(one: Shift, other: Shift) -> bool:
    return one.opens_minute < other.closes_minute and other.opens_minute < one.closes_minute


def _meet(one: Shift, other: Shift) -> bool:
    """Whether there are days on which both are in force."""
    first = max(one.in_force_from or date.min, other.in_force_from or date.min)
    until = min(one.in_force_until or date.max, other.in_force_until or date.max)
    return first < until


@frozen
class Timetable:
    """A weekly timetable; a service stands in at most one of its offers."""

    id: TimetableId = field(converter=timetable_id)
    name: Bilingual
    offers: tuple[Offer, ...]
    _offers: dict[ServiceId, Offer] = field(init=False, eq=False, repr=False, factory=dict)
    _changes: tuple[date, ...] = field(init=False, eq=False, repr=False)
    _patterns: dict[Hashable, Pattern] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for offer in self.offers:
            for service in sorted(offer.services):
                if service in self._offers:
                    raise InvalidInput("offers", got=f"{service} twice", expected="each service in one offer")
                self._offers[service] = offer
        shifts = [shift for offer in self.offers for shift in offer.shifts]
        dates = {day for shift in shifts for day in (shift.in_force_from, shift.in_force_until) if day is not None}
        object.__setattr__(self, "_changes", tuple(sorted(dates)))

    @property
    def services(self) -> frozenset[ServiceId]:
        """The services that the timetable offers."""
        return frozenset(self._offers)

    def shifts(self, service: ServiceId) -> tuple[Shift, ...]:
        """The shifts of `service`, of every season and date; empty where it is not offered."""
        offer = self._offers.get(service)
        return offer.shifts if offer is not None else ()

    def pattern(self, service: ServiceId, duration_minutes: int, day: WorkingDay) -> Pattern:
        """The starts of `service` on `day`: at every multiple of the duration from where a shift opens or a break ends.

        None of them runs into a break, past a closing, or out of the hours that the day leaves; those that stay start
        when they would have without its bounds. Patterns are remembered, up to 1,024 of them.
        """
        period = bisect_right(self._changes, day.day)
        key = (service, duration_minutes, day.day.weekday(), period, day.shape)
        known = self._patterns.get(key)
        if known is None:
            if len(self._patterns) >= REMEMBERED:
                self._patterns.clear()
            known = self._patterns[key] = self._reckoned(service, duration_minutes, day)
        return known

    def _reckoned(self, service: ServiceId, duration: int, day: WorkingDay) -> Pattern:
        offer = self._offers.get(service)
        runs: list[tuple[range, int]] = []
        for shift in offer.shifts_on(day) if offer is not None else ():
            seats = shift.seats(day)
            for part, left in shift.worked(day):
                runs += [(_starts(part, bounds, duration), seats) for bounds in left]
        runs.sort(key=lambda run: run[0].start)
        return Pattern(
            offsets=tuple(_offset(minute) for starts, _ in runs for minute in starts),
            capacities=tuple(seats for starts, seats in runs for _ in starts),
        )


def _starts(part: Hours, bounds: Hours, duration: int) -> range:
    """The minutes of the grid that begins with `part` at which a slot fits into `bounds`."""
    passed = -(-(bounds.opens_minute - part.opens_minute) // duration)
    return range(part.opens_minute + passed * duration, bounds.closes_minute - duration + 1, duration)


@cache
def _offset(minute: int) -> timedelta:
    return timedelta(minutes=minute)
