"""Working calendars for tests: short rules, calendars made of them, and the slots that remain."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from traffic_booking import Bilingual, Branch, Service, Slot, Timetable
from traffic_booking.domain.calendars.announcements import Announcement, MonthStart
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.holiday_rules import CalendarRule, RamadanHours, Weekend
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.configuration import civil_day
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.schedule.day_slots import DaySlots, day_slots
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar
from traffic_booking.domain.schedule.working_day import DayLimits, WorkingDay

WORDS = Bilingual("نص", "words")
HEAD: dict[str, Any] = {"statement": WORDS, "source": "this test"}

WEEKEND = Weekend(id="weekend", pattern="FREQ=WEEKLY;BYDAY=FR,SA", **HEAD)
RAMADAN = RamadanHours(id="ramadan", published=Hours(600, 900), **HEAD)


def profile_of(rules: Sequence[CalendarRule]) -> Profile:
    return Profile(id=authority_id("all"), name=WORDS, rules=tuple(rule.id for rule in rules))


def calendar_of(
    *rules: CalendarRule, announcements: Sequence[Announcement] = (), orders: Sequence[SpecialOrder] = ()
) -> WorkingCalendar:
    """A calendar that uses all `rules`, with a Friday-Saturday weekend if none of them is a weekend."""
    if not any(isinstance(rule, Weekend) for rule in rules):
        rules = (WEEKEND, *rules)
    return WorkingCalendar(
        profile=profile_of(rules), rules=rules, announcements=tuple(announcements), orders=tuple(orders)
    )


PLAIN = calendar_of()
"""Friday and Saturday are off, and nothing else."""


def order(first: date, last: date | None = None, *, name: str = "order", **fields: Any) -> SpecialOrder:
    return SpecialOrder(id=authority_id(name), first_day=first, last_day=last or first, **HEAD, **fields)


def month_start(year: int, month: int, first_day: date, *, name: str = "") -> MonthStart:
    given = authority_id(name or f"start.{year}-{month:02d}")
    return MonthStart(id=given, year=year, month=month, first_day=first_day, **HEAD)


def exception(
    effect: Effect, first: date, last: date | None = None, *, name: str = "", branch: str = "north", **fields: Any
) -> BranchException:
    return BranchException(
        id=authority_id(name or f"branch.{effect.value}"),
        branch=branch_id(branch),
        first_day=first,
        last_day=last or first,
        effect=effect,
        reason=WORDS,
        **fields,
    )


def worked(day: date) -> WorkingDay:
    """An ordinary working day, whatever its weekday."""
    return WorkingDay(
        day=day, open=True, hours=None, capacity=None, rules=(authority_id("test"),), limits=DayLimits(None, ())
    )


def slots_of_day(
    timetable: Timetable, branch: Branch, service: Service, day: date, working_day: WorkingDay | None = None
) -> DaySlots:
    """The slots of `day`, an ordinary working day unless one is given."""
    pattern = timetable.pattern(service.id, service.duration_minutes, working_day or worked(day))
    return day_slots(branch, service, day, pattern)


def slot_at(timetable: Timetable, branch: Branch, service: Service, starts_at: datetime) -> Slot | None:
    """The slot that starts at that instant of an ordinary working day."""
    return slots_of_day(timetable, branch, service, civil_day(branch, starts_at)).at(starts_at)
