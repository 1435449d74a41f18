"""When a branch offers a service, by rule: weekly shifts with a capacity, and the slots that follow from them.

Times are minutes from local midnight, 0 to 1440, so that the end of a day is exact. A slot starts at every multiple
of the service's duration from the shift's opening and ends no later than its closing. A local time that a change of
the clocks skips has no slot; of one that it repeats, the first counts.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput
from traffic_booking.domain.places import Branch, TimetableId, timetable_id
from traffic_booking.domain.services import Service, ServiceId, service_id
from traffic_booking.domain.slots import Slot, SlotKey

DAY_MINUTES: Final = 24 * 60
LARGEST_CAPACITY: Final = 10_000


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


def _capacity(seats: int) -> int:
    if not 1 <= seats <= LARGEST_CAPACITY:
        raise InvalidInput("capacity", got=str(seats), expected=f"1 to {LARGEST_CAPACITY} seats")
    return seats


@frozen(kw_only=True)
class Shift:
    """Open hours on some weekdays, [opens, closes) in minutes from local midnight, with `capacity` seats a slot."""

    weekdays: frozenset[Weekday] = field(converter=_weekdays)
    opens_minute: int
    closes_minute: int
    capacity: int = field(converter=_capacity)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.opens_minute < self.closes_minute <= DAY_MINUTES:
            raise InvalidInput(
                "opens, closes",
                got=f"{clock_text(self.opens_minute)} to {clock_text(self.closes_minute)}",
                expected="an opening before the closing, 00:00 to 24:00",
            )

    def start_minutes(self, duration_minutes: int) -> range:
        """The starts of the slots of `duration_minutes` that fit, in minutes from local midnight."""
        return range(self.opens_minute, self.closes_minute - duration_minutes + 1, duration_minutes)


def _service_ids(ids: Iterable[str]) -> frozenset[ServiceId]:
    return frozenset(service_id(text) for text in ids)


@frozen
class Offer:
    """Some services and the shifts in which they are offered; shifts of one weekday don't overlap."""

    services: frozenset[ServiceId] = field(converter=_service_ids)
    shifts: tuple[Shift, ...]

    def __attrs_post_init__(self) -> None:
        if not self.services or not self.shifts:
            raise InvalidInput("offers", got="an empty list", expected="at least one service and one shift")
        for weekday in Weekday:
            hours = sorted((s.opens_minute, s.closes_minute) for s in self.shifts if weekday in s.weekdays)
            for (_, closes), (opens, _) in pairwise(hours):
                if opens < closes:
                    raise InvalidInput(
                        "shifts",
                        got=f"shifts that overlap on {weekday.name.lower()} at {clock_text(opens)}",
                        expected="shifts of a day one after another",
                    )


@frozen
class Timetable:
    """A weekly timetable; a service stands in at most one of its offers."""

    id: TimetableId = field(converter=timetable_id)
    name: Bilingual
    offers: tuple[Offer, ...]
    _shifts: dict[ServiceId, tuple[Shift, ...]] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for offer in self.offers:
            for service in sorted(offer.services):
                if service in self._shifts:
                    raise InvalidInput("offers", got=f"{service} twice", expected="each service in one offer")
                self._shifts[service] = offer.shifts

    @property
    def services(self) -> frozenset[ServiceId]:
        """The services that the timetable offers."""
        return frozenset(self._shifts)

    def shifts(self, service: ServiceId) -> tuple[Shift, ...]:
        """The shifts of `service`; empty where it is not offered."""
        return self._shifts.get(service, ())

    def slots_of_day(self, branch: Branch, service: Service, day: date) -> Iterator[Slot]:
        """The slots of `service` at `branch` that start on the civil day `day`, in order of their start."""
        duration = service.duration_minutes
        weekday = day.weekday()
        minutes = sorted(
            (minute, shift.capacity)
            for shift in self.shifts(service.id)
            if weekday in shift.weekdays
            for minute in shift.start_minutes(duration)
        )
        for minute, capacity in minutes:
            starts_at = _instant(day, minute, ZoneInfo(branch.time_zone))
            if starts_at is not None:
                yield _slot(branch, service, starts_at, capacity)

    def slot_at(self, branch: Branch, service: Service, starts_at: datetime) -> Slot | None:
        """The slot that starts at that instant; None where the timetable has none."""
        zone = ZoneInfo(branch.time_zone)
        local = starts_at.astimezone(zone)
        minute, rest = divmod(local.hour * 3600 + local.minute * 60 + local.second, 60)
        if rest or local.microsecond or _instant(local.date(), minute, zone) != starts_at:
            return None
        weekday = local.weekday()
        for shift in self.shifts(service.id):
            if weekday in shift.weekdays and minute in shift.start_minutes(service.duration_minutes):
                return _slot(branch, service, starts_at, shift.capacity)
        return None


def clock_text(minute: int) -> str:
    """Minutes from midnight as HH:MM; 1440 is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def clock_minute(text: str) -> int:
    """HH:MM as minutes from midnight, 00:00 to 24:00. Raises `InvalidInput`."""
    hours, colon, minutes = text.partition(":")
    if colon and len(hours) == len(minutes) == 2 and text.isascii() and (hours + minutes).isdigit():
        minute = int(hours) * 60 + int(minutes)
        if int(minutes) < 60 and minute <= DAY_MINUTES:
            return minute
    raise InvalidInput("time of day", got=repr(text[:20]), expected="HH:MM, 00:00 to 24:00")


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime | None:
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 - the zone is put on below
    starts_at = wall.replace(tzinfo=zone).astimezone(UTC)
    skipped = starts_at.astimezone(zone).replace(tzinfo=None) != wall
    return None if skipped else starts_at


def _slot(branch: Branch, service: Service, starts_at: datetime, capacity: int) -> Slot:
    return Slot(
        key=SlotKey(branch.id, service.id, starts_at),
        ends_at=starts_at + timedelta(minutes=service.duration_minutes),
        capacity=capacity,
        time_zone=branch.time_zone,
    )
