"""Working calendars for tests: rules with few words, and calendars made of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from traffic_booking import Bilingual
from traffic_booking.domain.places import branch_id
from traffic_booking.domain.working_time import (
    Announcement,
    BranchException,
    CalendarRule,
    Effect,
    Hours,
    MonthStart,
    Profile,
    RamadanHours,
    SpecialOrder,
    Weekend,
    WorkingCalendar,
    authority_id,
)

WORDS = Bilingual("نص", "words")
HEAD: dict[str, Any] = {"statement": WORDS, "source": "this test"}

WEEKEND = Weekend(id="weekend", pattern="FREQ=WEEKLY;BYDAY=FR,SA", **HEAD)
RAMADAN = RamadanHours(id="ramadan", published=Hours(600, 900), **HEAD)


def profile_of(rules: Sequence[CalendarRule]) -> Profile:
    return Profile(id=authority_id("all"), name=WORDS, rules=tuple(rule.id for rule in rules))


def calendar_of(
    *rules: CalendarRule, announcements: Sequence[Announcement] = (), orders: Sequence[SpecialOrder] = ()
) -> WorkingCalendar:
    """A calendar that uses all `rules`, with a Friday-Saturday weekend where none of them is one."""
    if not any(isinstance(rule, Weekend) for rule in rules):
        rules = (WEEKEND, *rules)
    return WorkingCalendar(
        profile=profile_of(rules), rules=rules, announcements=tuple(announcements), orders=tuple(orders)
    )


def order(first: date, last: date | None = None, *, name: str = "order", **fields: Any) -> SpecialOrder:
    return SpecialOrder(id=authority_id(name), first_day=first, last_day=last or first, **HEAD, **fields)


def month_start(year: int, month: int, first_day: date) -> MonthStart:
    name = authority_id(f"start.{year}-{month:02d}")
    return MonthStart(id=name, year=year, month=month, first_day=first_day, **HEAD)


def exception(
    effect: Effect, first: date, last: date | None = None, *, name: str = "", **fields: Any
) -> BranchException:
    return BranchException(
        id=authority_id(name or f"branch.{effect.value}"),
        branch=branch_id("north"),
        first_day=first,
        last_day=last or first,
        effect=effect,
        reason=WORDS,
        **fields,
    )
