"""The working calendar, compared with a slow one that computes each day alone and shares no code with it."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import hijridate
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.calendars import HEAD, WORDS, exception, month_start, order
from traffic_booking import InvalidInput
from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain.calendars.announcements import MonthStart
from traffic_booking.domain.calendars.holiday_rules import FixedDay, HijriSpan, LabourDays, RamadanHours, Weekend
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.calendars.month_starts import MonthStarts
from traffic_booking.domain.calendars.pattern import DayPattern
from traffic_booking.domain.schedule.exceptions import BranchException, Effect
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

ONE = timedelta(days=1)

profiles = st.sampled_from(["civil", "labour", "4to5"])
years = st.integers(1926, 2075)


@cache
def tabled(year: int, month: int) -> date:
    first = hijridate.Hijri(year, month, 1).to_gregorian()
    return date(first.year, first.month, first.day)


@st.composite
def announcements(draw: st.DrawFn) -> tuple[int, tuple[MonthStart, ...]]:
    """A Gregorian year, and months of about that year that are announced up to two days from the table."""
    year = draw(years)
    hijri = hijridate.Gregorian(year, 7, 1).to_hijri().year
    months = draw(
        st.lists(st.tuples(st.integers(hijri - 1, hijri + 1), st.sampled_from([1, 9, 10, 12])), max_size=6, unique=True)
    )
    late = draw(st.lists(st.integers(-2, 2), min_size=len(months), max_size=len(months)))
    starts: dict[tuple[int, int], date] = {}
    for month, days in sorted(zip(months, late, strict=True)):
        first = tabled(*month) + days * ONE
        before = max(starts, default=None)
        if before is None or possible(before, starts[before], month, first):
            starts[month] = first
    return year, tuple(month_start(*month, first) for month, first in starts.items())


def index_of(month: tuple[int, int]) -> int:
    return month[0] * 12 + month[1] - 1


def month_at(index: int) -> tuple[int, int]:
    return index // 12, index % 12 + 1


def length_in_table(index: int) -> int:
    return (tabled(*month_at(index + 1)) - tabled(*month_at(index))).days


def possible(month: tuple[int, int], first: date, other: tuple[int, int], later: date) -> bool:
    """True if months of 29 or 30 days, or of their length in the table, fit between both."""
    between = [length_in_table(index) for index in range(index_of(month), index_of(other))]
    return sum(min(29, days) for days in between) <= (later - first).days <= sum(max(30, days) for days in between)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + each * ONE for each in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def shipped(profile: str, announced: tuple[MonthStart, ...]) -> WorkingCalendar:
    ours = load_working_calendar(profile=profile)
    return WorkingCalendar(profile=ours.profile, rules=ours.rules, announcements=announced)


class SlowCalendar:
    """Checks, for one day at a time, if a sentence of the rules makes it a day off."""

    def __init__(self, profile: str, announced: tuple[MonthStart, ...]) -> None:
        self.profile = profile
        self.starts = {(record.year, record.month): record.first_day for record in announced}
        self.memory: dict[tuple[str, date], bool] = {}
        self.firsts: dict[int, date] = {}

    def is_off(self, day: date) -> bool:
        return self.is_weekend(day) or self.is_holiday(day) or self.is_bridge(day)

    def is_weekend(self, day: date) -> bool:
        return day.isoweekday() in ((5, 6) if day >= date(2013, 6, 29) else (4, 5))

    def is_holiday(self, day: date) -> bool:
        key = "holiday", day
        if key not in self.memory:
            self.memory[key] = self.is_eid(day) or self.is_kept_fixed_day(day) or self.is_in_lieu(day)
        return self.memory[key]

    def is_bridge(self, day: date) -> bool:
        if self.profile == "labour" or self.is_weekend(day) or self.is_holiday(day):
            return False
        beside = (day - ONE, day + ONE)
        return all(self.is_weekend(d) or self.is_holiday(d) for d in beside) and any(map(self.is_holiday, beside))

    def hijri(self, day: date) -> tuple[int, int, int]:
        """Month, day and length of the month, by announcement."""
        about = hijridate.Gregorian(day.year, day.month, day.day).to_hijri()
        index = about.year * 12 + about.month - 1
        starts = [(self.start(each), each) for each in range(index - 1, index + 3)]
        for (first, each), (following, _) in pairwise(starts):
            if first <= day < following:
                return month_at(each)[1], (day - first).days + 1, (following - first).days
        raise AssertionError(day)

    def start(self, index: int) -> date:
        if index not in self.firsts:
            self.firsts[index] = self.first_day(index)
        return self.firsts[index]

    def first_day(self, index: int) -> date:
        """The first day of a month: carried on from the announced one before it, then moved by those after it."""
        day = self.carried(index)
        for announced in sorted(self.starts):
            place, following = index_of(announced), self.starts[announced]
            for each in range(place - 1, index - 1, -1):
                if month_at(each) in self.starts:
                    break
                fewest, most = min(29, length_in_table(each)), max(30, length_in_table(each))
                following = min(max(self.carried(each), following - most * ONE), following - fewest * ONE)
                day = following if each == index else day
        return day

    def carried(self, index: int) -> date:
        before = [month for month in self.starts if index_of(month) <= index]
        if not before:
            return tabled(*month_at(index))
        return tabled(*month_at(index)) + (self.starts[max(before)] - tabled(*max(before)))

    def is_eid(self, day: date) -> bool:
        if self.profile == "4to5":
            return False
        month, number, _ = self.hijri(day)
        if self.profile == "civil":
            return (9, 25) <= (month, number) <= (10, 5) or (12, 5) <= (month, number) <= (12, 15)
        return any(self.begins_labour_leave(day - back * ONE) for back in range(4))

    def begins_labour_leave(self, day: date) -> bool:
        month, number, _ = self.hijri(day)
        eve_month, eve_number, eve_length = self.hijri(day - ONE)
        return (month, number) == (12, 9) or (eve_month, eve_number) == (9, min(29, eve_length))

    def is_in_or_beside_eid(self, day: date) -> bool:
        if self.is_eid(day):
            return True
        if self.profile != "civil" or not self.is_weekend(day):
            return False
        for step in (-ONE, ONE):
            other = day
            while self.is_weekend(other) and not self.is_eid(other):
                other += step
            if self.is_eid(other):
                return True
        return False

    def is_kept_fixed_day(self, day: date) -> bool:
        """True if a fixed holiday within a week of this day is kept on this day."""
        for back in range(-7, 8):
            nominal = day - back * ONE
            in_force = (nominal.month, nominal.day) == (9, 23) and nominal.year >= 2005
            in_force |= (nominal.month, nominal.day) == (2, 22) and nominal.year >= 2022
            if in_force and not self.is_in_or_beside_eid(nominal) and self.kept_on(nominal) == day:
                return True
        return False

    def kept_on(self, nominal: date) -> date:
        if not self.is_weekend(nominal):
            return nominal
        if not self.is_weekend(nominal - ONE):
            return nominal - ONE
        return nominal + ONE

    def is_in_lieu(self, day: date) -> bool:
        if self.profile != "labour":
            return False
        for back in range(4, 20):
            first = day - back * ONE
            if self.begins_labour_leave(first):
                owed = sum(self.is_weekend(first + each * ONE) for each in range(4))
                free = [
                    first + each * ONE
                    for each in range(4, 20)
                    if not self.is_weekend(first + each * ONE) and not self.is_kept_fixed_day(first + each * ONE)
                ]
                return day in free[:owed]
        return False


@given(announcements(), profiles)
def test_days_off_are_those_that_asking_every_day_finds(about, profile):
    year, announced = about
    quick, slow = shipped(profile, announced), SlowCalendar(profile, announced)
    for day in days_of(year):
        assert quick.working_day(day).open is not slow.is_off(day), day


@given(announcements())
def test_ramadan_hours_hold_on_the_open_days_of_the_month_as_announced(about):
    year, announced = about
    quick, slow = shipped("4to5", announced), SlowCalendar("4to5", announced)
    for day in days_of(year):
        found = quick.working_day(day)
        assert (found.hours is not None) is (found.open and slow.hijri(day)[0] == 9), day


@given(announcements(), profiles, st.data())
def test_without_an_announcement_only_days_before_the_next_one_are_another(about, profile, data):
    year, announced = about
    assume(announced)
    left_out = data.draw(st.sampled_from(announced))
    with_it = shipped(profile, announced)
    without = shipped(profile, tuple(record for record in announced if record is not left_out))
    later = [record.first_day for record in announced if record.begins > left_out.begins]
    ends = min(later) + 45 * ONE if later else date.max
    for around in (year - 1, year, year + 1):
        for day in days_of(around):
            if with_it.working_day(day) != without.working_day(day):
                assert left_out.first_day - 300 * ONE <= day <= ends, day


@given(announcements())
def test_every_month_has_29_or_30_days_or_its_length_in_the_table(about):
    year, announced = about
    months, hijri = MonthStarts(announced), hijridate.Gregorian(year, 7, 1).to_hijri().year
    for index in range(index_of((hijri - 2, 1)), min(index_of((hijri + 3, 1)), index_of((1500, 12)))):
        stretch = months.whole_month(*month_at(index))
        if stretch is not None:  # the years around may lie outside the table
            assert len(stretch.days) in {29, 30, length_in_table(index)}, month_at(index)


small_orders = st.builds(
    lambda first, length, opens, name: order(first, first + length * ONE, opens=opens, name=f"order{name}"),
    st.dates(date(2020, 1, 1), date(2024, 12, 31)),
    st.integers(0, 40),
    st.booleans(),
    st.integers(0, 10**9),
)


@st.composite
def exceptions(draw: st.DrawFn) -> BranchException:
    effect = draw(st.sampled_from(Effect))
    first = draw(st.dates(date(2020, 1, 1), date(2024, 12, 31)))
    by_effect: dict[Effect, dict[str, Any]] = {
        Effect.OTHER_HOURS: {"hours": [Hours(600, 900)]},
        Effect.OTHER_CAPACITY: {"capacity": draw(st.integers(1, 9))},
    }
    name = f"exception{draw(st.integers(0, 10**9))}"
    return exception(effect, first, first + draw(st.integers(0, 400)) * ONE, name=name, **by_effect.get(effect, {}))


@given(
    profiles,
    st.lists(small_orders, max_size=3, unique_by=lambda record: record.id),
    st.lists(exceptions(), max_size=5),
    st.dates(date(2019, 12, 1), date(2025, 12, 31)),
)
def test_every_answer_cites_a_known_authority_and_has_no_more_than_it_may(profile, orders, of_branch, day):
    ours = load_working_calendar(profile=profile)
    calendar = WorkingCalendar(
        profile=ours.profile, rules=ours.rules, announcements=ours.announcements, orders=tuple(orders)
    )
    found = calendar.working_day(day, of_branch)
    assert found.day == day
    assert found.rules
    assert len(set(found.rules)) == len(found.rules)
    branch_ids = {record.id for record in of_branch if record.covers(day)}
    for rule_id in found.rules:
        assert rule_id in branch_ids or calendar.authority(rule_id).id == rule_id
    if not found.open:
        assert (found.hours, found.capacity) == (None, None)


weekly = st.builds(
    lambda freq, named, interval: f"FREQ={freq};BYDAY={','.join(named)}{interval}",
    st.sampled_from(["WEEKLY", "DAILY"]),
    st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=7),
    st.sampled_from(["", ";INTERVAL=1", ";WKST=SU"]),
)
counted = st.sampled_from(
    [
        "FREQ=MONTHLY;BYDAY=1SU",
        "FREQ=MONTHLY;BYDAY=-1TH,2MO",
        "FREQ=MONTHLY;BYMONTHDAY=-1,15",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU",
        "FREQ=WEEKLY;COUNT=30",
        "FREQ=WEEKLY;BYDAY=FR;BYMONTH=2,7",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    ]
)


@given(weekly | counted, st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.integers(0, 20))
def test_a_pattern_names_the_days_that_dateutil_names(text, starts, years_later):
    calendar = DayPattern(text, starts)
    year = starts.year + years_later
    week = "" if "WKST" in text else ";WKST=MO"
    expanded = rrulestr(text + week, dtstart=datetime.combine(starts, time()))
    first, last = (datetime.combine(day, time()) for day in (date(year, 1, 1), date(year, 12, 31)))
    theirs = {moment.date() for moment in expanded.between(first, last, inc=True)}
    assert {day for day in days_of(year) if calendar.falls_on(day.toordinal())} == theirs


part = st.sampled_from(
    ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST", "BYHOUR", "X"]
)
value = st.sampled_from(
    ["WEEKLY", "YEARLY", "MONTHLY", "FR,SA", "-1TH", "1", "31", "20261231", "-1", "0", "MO", "٣", ""]
)
near_rrules = st.lists(st.tuples(part, value).map("=".join), max_size=4).map(";".join)


@given(near_rrules | st.text(max_size=40), st.none() | st.dates())
def test_any_text_is_a_pattern_or_refused_as_input(text, starts):
    with suppress(InvalidInput):
        assert DayPattern(text, starts).text == text


small = st.integers(-3, 40)
minutes = st.integers(-200, 1600)


@given(st.lists(small, min_size=4, max_size=4), st.lists(minutes, min_size=4, max_size=4), st.dates(), st.dates())
def test_rules_of_any_figures_are_made_or_refused_and_then_answer(numbers, of_day, first, last):
    made = []
    for make in (
        lambda: FixedDay(
            id="fixed", month=numbers[0], day=numbers[1], in_force_from=first, in_force_until=last, **HEAD
        ),
        lambda: HijriSpan(
            id="span", from_month=numbers[0], from_day=numbers[1], to_month=numbers[2], to_day=numbers[3], **HEAD
        ),
        lambda: LabourDays(
            id="labour", month=numbers[0], day=numbers[1], days=numbers[2], offset_days=numbers[3], **HEAD
        ),
        lambda: RamadanHours(
            id="ramadan",
            published=Hours(of_day[0], of_day[1]),
            opening_moved_minutes=of_day[2],
            closing_moved_minutes=of_day[3],
            **HEAD,
        ),
        lambda: Weekend(id="weekend", pattern="FREQ=WEEKLY;BYDAY=FR", **HEAD),
    ):
        try:
            made.append(make())
        except InvalidInput:
            continue
    ours = load_working_calendar().profile
    chosen = type(ours)(id=ours.id, name=WORDS, rules=tuple(rule.id for rule in made))
    calendar = WorkingCalendar(profile=chosen, rules=tuple(made))
    assert calendar.working_day(first).rules
    assert calendar.working_day(last).rules
