"""Timetables: the weekly shifts in which a branch offers a service, with breaks and dates, and others for Ramadan.

The working calendar decides which days are worked, and between which hours. It bounds the shifts of a timetable.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum
from itertools import combinations, permutations
from math import gcd
from typing import Final

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.hours import DAY_MINUTES, HOUR_MINUTES, Hours, capacity, windows
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.instants import keep_dates
from traffic_booking.domain.places.geography import TimetableId, timetable_id
from traffic_booking.domain.places.services import ServiceId, service_id
from traffic_booking.domain.schedule.slots import PoolId, pool_id
from traffic_booking.domain.schedule.working_day import WorkingDay
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import (
    MOST_MEMBERS,
    bounded_list,
    is_whole,
    keep_lists,
    of_type,
    reading_members,
)
from traffic_booking.domain.values import frozen

MOST_SHIFTS: Final = 500
"""The most shifts of one offer: each is compared with all others."""
CACHED_PATTERNS: Final = 1_024
"""The most patterns of a day in the cache of a timetable."""
ONE_DAY: Final = timedelta(days=1)
WEEK_DAYS: Final = 7


@frozen
class Pattern:
    """The starts of a working day, as times after its local midnight in order, and the seats of each."""

    offsets: tuple[timedelta, ...]
    capacities: tuple[int, ...]

    def on_civil_day(self, before: "Pattern") -> "Pattern":
        """The starts of the civil day: those past midnight of the day `before`, then these up to midnight."""
        tail, own = bisect_left(before.offsets, ONE_DAY), bisect_left(self.offsets, ONE_DAY)
        return Pattern(
            offsets=(*(offset - ONE_DAY for offset in before.offsets[tail:]), *self.offsets[:own]),
            capacities=before.capacities[tail:] + self.capacities[:own],
        )


class Weekday(IntEnum):
    """A day of the week, numbered as in `datetime.date.weekday`."""

    MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


def _weekdays(days: object) -> frozenset[Weekday]:
    given = bounded_list(days, "days", most=len(Weekday))
    if not given or not all(type(each) is Weekday for each in given):
        raise InvalidInput("days", got="none, or something else", expected="at least one weekday")
    return frozenset(given)


def _breaks(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    return windows(hours, "breaks")


@frozen(kw_only=True)
class Shift:
    """Open hours on some weekdays, [opens, closes) in minutes from local midnight, with `capacity` seats a slot.

    A shift opens on its working day, and lasts at most 24 hours. Past midnight the minutes count on: a closing at 02:00
    of the next day is 1560. All of the shift belongs to the day on which it opens.

    The `breaks` are inside the hours and disjoint; one that is given before the opening is past midnight. The shift is
    worked from `in_force_from` (inclusive) to `in_force_until` (exclusive). `for_ramadan` shifts are worked in Ramadan
    alone; any other is worked in Ramadan only if its offer has no shift for the month. `on_weekends` shifts are also
    worked on days that only the weekend closes. `parts` are the hours between the breaks.
    """

    weekdays: frozenset[Weekday] = field(converter=_weekdays)
    opens_minute: int
    closes_minute: int
    capacity: int = field(converter=capacity)
    breaks: tuple[Hours, ...] = field(default=(), converter=_breaks)
    in_force_from: date | None = None
    in_force_until: date | None = None
    for_ramadan: bool = field(default=False, validator=of_type(bool))
    on_weekends: bool = field(default=False, validator=of_type(bool))
    parts: tuple[Hours, ...] = field(init=False, repr=False, eq=False)

    @reading_members("shifts")
    def __attrs_post_init__(self) -> None:
        keep_dates(self, "in_force_from", "in_force_until", optional=True)
        hours = Hours(self.opens_minute, self.closes_minute)
        if hours.on_next_day:
            raise InvalidInput("opens, closes", got=str(hours), expected="an opening before 24:00")
        if self.past_midnight:
            breaks = (self._past_midnight(pause) for pause in self.breaks)
            object.__setattr__(self, "breaks", windows(tuple(breaks), "breaks"))
        for pause in self.breaks:
            if pause.within(hours) != pause:
                raise InvalidInput("breaks", got=str(pause), expected=f"a break inside {hours}")
        first, until = self.in_force_from, self.in_force_until
        if first is not None and until is not None and until <= first:
            raise InvalidInput("in_force_until", got=until.isoformat(), expected=f"after {first}")
        parts = hours.without(self.breaks)
        if not parts:
            raise InvalidInput("breaks", got=f"breaks all through {hours}", expected="some time to work")
        object.__setattr__(self, "parts", parts)

    @property
    def past_midnight(self) -> bool:
        """True if the shift closes after midnight, on the day after its working day."""
        return self.closes_minute > DAY_MINUTES

    def in_force(self, day: date) -> bool:
        """True if the shift is in force on `day`, on any weekday."""
        first, until = self.in_force_from, self.in_force_until
        return (first is None or first <= day) and (until is None or day < until)

    def is_for(self, day: date) -> bool:
        """True if the shift opens on `day`, if it is a working day of the shift's season."""
        return day.weekday() in self.weekdays and self.in_force(day)

    def worked(self, day: WorkingDay) -> list[tuple[Hours, tuple[Hours, ...]]]:
        """The parts of the shift between its breaks, each with its open hours on `day`."""
        if not self.is_for(day.day):
            return []
        seen = self._seen(day)
        return [(part, seen.open_parts(part, for_ramadan=self.for_ramadan)) for part in self.parts]

    def seats(self, day: WorkingDay) -> int:
        """The seats of each of the shift's start times on `day`."""
        other = self._seen(day).capacity
        return self.capacity if other is None else other

    def _past_midnight(self, pause: Hours) -> Hours:
        """A break that is given before the opening, a day later if it is inside the shift then."""
        if pause.closes_minute + DAY_MINUTES > self.closes_minute:
            return pause
        return Hours(pause.opens_minute + DAY_MINUTES, pause.closes_minute + DAY_MINUTES)

    def _seen(self, day: WorkingDay) -> WorkingDay:
        """`day`, open for this shift if the shift is worked on weekends."""
        return (day.for_weekend_shifts if self.on_weekends else None) or day


def _pool_id(text: str | None) -> PoolId | None:
    return None if text is None else pool_id(text)


def _service_ids(ids: object) -> frozenset[ServiceId]:
    return frozenset(service_id(text) for text in bounded_list(ids, "services", most=MOST_MEMBERS))


def _shifts(shifts: object) -> tuple[Shift, ...]:
    given = bounded_list(shifts, "shifts", most=MOST_SHIFTS)
    if not all(type(each) is Shift and is_whole(each) for each in given):
        raise InvalidInput("shifts", got="something else", expected="Shift values alone")
    return tuple(given)


@frozen
class Offer:
    """Some services and their shifts; shifts that are in force at once don't overlap, not even past midnight.

    The shifts of one day are of one season. Those of two days may be of different ones, as Ramadan begins or ends.

    Each service has the seats of the shifts for itself. If the offer names a `pool`, its services share them, also with
    those of other offers of the timetable that name it. The capacity of a shift then bounds the appointments of the
    whole pool, at every moment of a new one.
    """

    services: frozenset[ServiceId] = field(converter=_service_ids)
    shifts: tuple[Shift, ...] = field(converter=_shifts)
    pool: PoolId | None = field(default=None, converter=_pool_id)

    @reading_members("shifts")
    def __attrs_post_init__(self) -> None:
        if not self.services or not self.shifts:
            raise InvalidInput("offers", got="an empty list", expected="at least one service and one shift")
        for one, other in combinations(self.shifts, 2):
            hours, others = (Hours(each.opens_minute, each.closes_minute) for each in (one, other))
            day = _common_day(one, other) if hours.within(others) and one.for_ramadan is other.for_ramadan else None
            if day is not None:
                got = f"shifts that overlap on {day.name.title()}: {hours} and {others}"
                raise InvalidInput("shifts", got=got, expected="shifts of a day one after another")
        for one, next_day in permutations(self.shifts, 2):
            reaches = one.closes_minute - DAY_MINUTES > next_day.opens_minute
            day = _common_day(one, next_day, later=1) if reaches else None
            if day is not None:
                tomorrow = Weekday((day + 1) % WEEK_DAYS)
                hours, others = (Hours(each.opens_minute, each.closes_minute) for each in (one, next_day))
                got = f"a shift of {day.name.title()} past the opening on {tomorrow.name.title()}: {hours} and {others}"
                raise InvalidInput("shifts", got=got, expected="a closing by the next day's opening")

    def shifts_on(self, day: WorkingDay) -> tuple[Shift, ...]:
        """The shifts of the season, on any weekday: in Ramadan those for Ramadan, if there are any."""
        own = (shift for shift in self.shifts if shift.for_ramadan and shift.in_force(day.day))
        if day.ramadan and (for_ramadan := tuple(own)):
            return for_ramadan
        return tuple(shift for shift in self.shifts if not shift.for_ramadan)

    @property
    def first_starts(self) -> frozenset[int]:
        """The minutes from which slots follow one another: the openings and the ends of breaks."""
        return frozenset(part.opens_minute for shift in self.shifts for part in shift.parts)


def _common_day(one: Shift, other: Shift, *, later: int = 0) -> Weekday | None:
    """The first weekday on which `one` may open, and `other` so many days later; None if there is none."""
    latest = date.max.toordinal()
    begins = (each.in_force_from or date.min for each in (one, other))
    ends = (each.in_force_until.toordinal() if each.in_force_until else latest + 1 for each in (one, other))
    (first, first_other), (until, until_other) = (each.toordinal() for each in begins), ends
    days = range(max(first, first_other - later), min(until, until_other - later))
    weekdays = {date.fromordinal(day).weekday() for day in days[:WEEK_DAYS]}
    common = (day for day in sorted(one.weekdays) if day in weekdays and (day + later) % WEEK_DAYS in other.weekdays)
    return next(common, None)


@frozen
class Timetable:
    """A weekly timetable; each service is in at most one of its offers."""

    id: TimetableId = field(converter=timetable_id)
    name: Bilingual = field(validator=of_type(Bilingual))
    offers: tuple[Offer, ...]
    _offers: dict[ServiceId, Offer] = field(init=False, eq=False, repr=False, factory=dict)
    _changes: tuple[date, ...] = field(init=False, eq=False, repr=False)
    services: frozenset[ServiceId] = field(init=False, eq=False, repr=False)
    """The services that the timetable offers."""
    services_past_midnight: frozenset[ServiceId] = field(init=False, eq=False, repr=False)
    """The services with a shift that closes after midnight."""
    _patterns: dict[Hashable, Pattern] = field(init=False, eq=False, repr=False, factory=dict)

    @reading_members("timetable")
    def __attrs_post_init__(self) -> None:
        keep_lists(self, offers=Offer)
        for offer in self.offers:
            for service in sorted(offer.services):
                if service in self._offers:
                    raise InvalidInput("offers", got=f"{service} twice", expected="each service in one offer")
                self._offers[service] = offer
        object.__setattr__(self, "services", frozenset(self._offers))
        shifts = [shift for offer in self.offers for shift in offer.shifts]
        dates = {day for shift in shifts for day in (shift.in_force_from, shift.in_force_until) if day is not None}
        object.__setattr__(self, "_changes", tuple(sorted(dates)))
        late = (offer.services for offer in self.offers if any(shift.past_midnight for shift in offer.shifts))
        object.__setattr__(self, "services_past_midnight", frozenset[ServiceId]().union(*late))

    @property
    def pools(self) -> dict[PoolId, tuple[Offer, ...]]:
        """The offers of each pool."""
        names = dict.fromkeys(offer.pool for offer in self.offers if offer.pool is not None)
        return {name: tuple(offer for offer in self.offers if offer.pool == name) for name in names}

    def shifts(self, service: ServiceId) -> tuple[Shift, ...]:
        """The shifts of `service`, of every season and date; none if it is not offered."""
        offer = self._offers.get(ServiceId(plain_text(service, "service")))
        return offer.shifts if offer is not None else ()

    def opening_day(self, service: ServiceId, at: datetime) -> date:
        """The day on which the shift at that local time opens: the day before for a shift past midnight.

        The shift need not be worked on that day. The civil day itself if there is no shift at that time.
        """
        before = at.date() - ONE_DAY
        minute = DAY_MINUTES + at.hour * HOUR_MINUTES + at.minute
        late = (minute < shift.closes_minute and shift.is_for(before) for shift in self.shifts(service))
        return before if any(late) else at.date()

    def pattern(self, service: ServiceId, duration_minutes: int, day: WorkingDay) -> Pattern:
        """The starts of `service` on the working day `day`, those past its midnight among them.

        They are every `duration_minutes` from the opening of a shift or the end of a break. Every slot ends before the
        next break, the closing, and the end of the day's hours. The hours of the day drop slots; they never move one.
        """
        period = bisect_right(self._changes, day.day)
        key = (service, duration_minutes, day.day.weekday(), period, day.shape)
        known = self._patterns.get(key)
        if known is None:
            if len(self._patterns) >= CACHED_PATTERNS:
                self._patterns.clear()
            known = self._patterns[key] = self._pattern(service, duration_minutes, day)
        return known

    def _pattern(self, service: ServiceId, duration: int, day: WorkingDay) -> Pattern:
        offer = self._offers.get(service)
        runs: list[tuple[range, int]] = []
        for shift in offer.shifts_on(day) if offer is not None else ():
            seats = shift.seats(day)
            for part, left in shift.worked(day):
                runs += [(_starts(part, bounds, duration), seats) for bounds in left]
        runs.sort(key=lambda run: run[0].start)
        return Pattern(
            offsets=tuple(timedelta(minutes=minute) for starts, _ in runs for minute in starts),
            capacities=tuple(seats for starts, seats in runs for _ in starts),
        )


def pool_step_minutes(offers: Sequence[Offer], durations: Iterable[int]) -> int:
    """The longest step that divides all slots of the `offers` of a pool, whose services take these minutes.

    Slots of one offer begin together, in each shift. Those of several offers may begin at any of their openings.
    """
    firsts = {DAY_MINUTES, *(minute for offer in offers for minute in offer.first_starts)} if len(offers) > 1 else ()
    return gcd(*durations, *firsts)


def _starts(part: Hours, bounds: Hours, duration: int) -> range:
    """The starts of slots inside `bounds`, on a grid that begins with `part`."""
    passed = -(-(bounds.opens_minute - part.opens_minute) // duration)
    return range(part.opens_minute + passed * duration, bounds.closes_minute - duration + 1, duration)
