"""Slots from a timetable and the working calendar, compared with a slower computation, minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import PLAIN, RAMADAN, calendar_of, exception, order, slots_of_day, worked
from tests.small_town import named, small_catalogue, small_rulebook, small_service
from traffic_booking import HijriDate, Shift, Timetable, Weekday
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.domain.schedule.working_day import WorkingDay

EVERY_DAY = frozenset(Weekday)
days = st.dates(date(2020, 1, 1), date(2070, 1, 1))
durations = st.integers(5, 240)
CHANGING = ["Europe/Berlin", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe", "America/Santiago"]
"""Zones whose clocks change: by an hour, by half an hour, at midnight, for Ramadan."""


def days_of_change(zone):
    """The days of ten years on which the clocks of a zone change."""
    offset_at = [
        datetime.combine(date(2022, 1, 1) + timedelta(days=after), datetime.min.time(), ZoneInfo(zone)).utcoffset()
        for after in range(3_653)
    ]
    return [
        date(2022, 1, 1) + timedelta(days=after)
        for after, (one, other) in enumerate(pairwise(offset_at))
        if one != other
    ]


changes = st.sampled_from([(zone, day) for zone in CHANGING for day in days_of_change(zone)])


@st.composite
def hours_lists(draw, least=1):
    """Some hours of a day, one after another."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2 * least, max_size=6)))
    return [Hours(opens, closes) for opens, closes in zip(edges[::2], edges[1::2], strict=False)]


@st.composite
def shifts_with_breaks(draw):
    """A shift on every day, with breaks inside it that leave some of it."""
    first, *others = draw(hours_lists(least=2))
    last = others[-1]
    pauses = [Hours(one.closes_minute, other.opens_minute) for one, other in pairwise([first, *others])]
    shift = Shift(
        weekdays=EVERY_DAY,
        opens_minute=first.opens_minute,
        closes_minute=last.closes_minute,
        capacity=draw(st.integers(1, 9)),
        breaks=pauses,
    )
    return shift, [first, *others]


@st.composite
def shifts_one_after_another(draw):
    """One to seven shifts of one offer for every day, one after another or touching."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=3, max_size=8)))
    touching = draw(st.booleans())
    pairs = list(pairwise(edges)) if touching else list(zip(edges[::2], edges[1::2], strict=False))
    return [
        Shift(weekdays=EVERY_DAY, opens_minute=opens, closes_minute=closes, capacity=draw(st.integers(1, 9)))
        for opens, closes in draw(st.permutations(pairs))
    ]


def timetable_of(*shifts):
    return Timetable("full", named("full"), (Offer(frozenset({"renewal"}), shifts),))


def branch_in(zone="Asia/Riyadh"):
    return evolve(small_catalogue().branch("north"), time_zone=zone)


def windows(slots):
    """The minutes from local midnight that each slot covers."""
    begins = datetime.combine(slots[0].starts_at.date(), datetime.min.time(), UTC) if slots else None
    walls = [(slot.starts_at.replace(tzinfo=UTC), slot.ends_at - slot.key.starts_at) for slot in slots]
    return [(int((at - begins).total_seconds()) // 60, int(took.total_seconds()) // 60) for at, took in walls]


@given(shifts_with_breaks(), durations, days)
def test_a_shift_with_breaks_has_the_slots_of_its_parts_and_none_runs_into_a_break(made, minutes, day):
    shift, parts = made
    found = windows(list(slots_of_day(timetable_of(shift), branch_in(), small_service("renewal", minutes), day)))
    assert found == [
        (minute, minutes)
        for part in parts
        for minute in range(part.opens_minute, part.closes_minute - minutes + 1, minutes)
    ]


@given(shifts_one_after_another(), durations, days)
def test_slots_of_several_shifts_are_sorted_and_disjoint_with_the_seats_of_their_shift(shifts, minutes, day):
    found = list(slots_of_day(timetable_of(*shifts), branch_in(), small_service("renewal", minutes), day))
    assert [(*window, slot.capacity) for window, slot in zip(windows(found), found, strict=True)] == sorted(
        (minute, minutes, shift.capacity)
        for shift in shifts
        for minute in range(shift.opens_minute, shift.closes_minute - minutes + 1, minutes)
    )
    assert all(one.ends_at <= other.key.starts_at for one, other in pairwise(found))


@given(shifts_with_breaks(), durations, days, hours_lists())
def test_other_hours_take_away_exactly_the_slots_that_do_not_lie_inside_them(made, minutes, day, bounds):
    shift, _ = made
    usual = worked(day)
    narrowed = evolve(usual, hours=tuple(bounds), limits=usual._limits)
    service, timetable = small_service("renewal", minutes), timetable_of(shift)
    before = windows(list(slots_of_day(timetable, branch_in(), service, day)))
    after = windows(list(slots_of_day(timetable, branch_in(), service, day, narrowed)))
    assert after == [
        (minute, took)
        for minute, took in before
        if any(inside.opens_minute <= minute and minute + took <= inside.closes_minute for inside in bounds)
    ]


@given(days, st.integers(0, 20), st.integers(0, 5))
def test_closing_some_days_removes_exactly_their_slots(first, before, length):
    last = first + timedelta(days=length)
    records: list[CalendarRecord] = [order(first, last), exception(Effect.CLOSED, first, last)]
    catalogue = small_catalogue()
    open_configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN))
    branch, service = catalogue.branch("north"), catalogue.service("renewal")
    around = [first + timedelta(days=offset) for offset in range(-before, length + 5)]
    for record in records:
        closed_configuration = open_configuration.after(record)
        for day in around:
            usual = list(open_configuration.slots_of_day(branch, service, day))
            assert list(closed_configuration.slots_of_day(branch, service, day)) == (
                [] if first <= day <= last else usual
            )
            for slot in usual:
                assert closed_configuration.slot(slot.key) == (None if first <= day <= last else slot)


@settings(deadline=None)
@given(shifts_with_breaks(), durations, changes, st.integers(-1, 1))
def test_whatever_the_clocks_do_slots_are_whole_disjoint_sorted_and_inside_the_hours(made, minutes, change, beside):
    (shift, parts), (zone, day) = made, change
    day += timedelta(days=beside)
    found = list(slots_of_day(timetable_of(shift), branch_in(zone), small_service("renewal", minutes), day))
    assert all(slot.ends_at - slot.key.starts_at == timedelta(minutes=minutes) for slot in found)
    assert all(one.ends_at <= other.key.starts_at for one, other in pairwise(found))
    for slot in found:
        opens = slot.starts_at.hour * 60 + slot.starts_at.minute
        (part,) = (each for each in parts if each.opens_minute <= opens < each.closes_minute)
        closing = datetime.fromordinal(day.toordinal()) + timedelta(minutes=part.closes_minute)
        at_the_latest = max(closing.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
        assert slot.ends_at <= at_the_latest


@given(days, st.integers(0, 300), st.integers(1, 60))
def test_a_shift_is_worked_from_its_first_day_until_before_its_last(first, offset, length):
    until = first + timedelta(days=length)
    shift = Shift(
        weekdays=EVERY_DAY, opens_minute=0, closes_minute=60, capacity=1, in_force_from=first, in_force_until=until
    )
    day = first + timedelta(days=offset - 150)
    found = slots_of_day(timetable_of(shift), branch_in(), small_service("renewal", 60), day)
    assert bool(len(found)) is (first <= day < until)


@given(st.dates(date(2024, 1, 1), date(2029, 1, 1)), st.booleans())
def test_in_ramadan_the_shifts_made_for_it_take_the_place_of_the_others(day, has_own):
    usual = Shift(weekdays=EVERY_DAY, opens_minute=480, closes_minute=1200, capacity=1, on_weekends=True)
    own = Shift(
        weekdays=EVERY_DAY, opens_minute=1260, closes_minute=1440, capacity=2, for_ramadan=True, on_weekends=True
    )
    day_there: WorkingDay = calendar_of(RAMADAN).working_day(day)
    timetable = timetable_of(usual, own) if has_own else timetable_of(usual)
    found = slots_of_day(timetable, branch_in(), small_service("renewal", 60), day, day_there)
    hours = [(slot.starts_at.hour, slot.capacity) for slot in found]
    if HijriDate.from_gregorian(day).month != RAMADAN_MONTH:
        assert hours == [(hour, 1) for hour in range(8, 20)]
    elif has_own:
        assert hours == [(hour, 2) for hour in range(21, 24)]
    else:
        assert hours == [(hour, 1) for hour in range(10, 15)], "the general hours of the month bound the usual shift"


RAMADAN_MONTH = 9


@given(days)
def test_on_weekends_only_the_shifts_that_say_so_are_worked_and_on_holidays_none(day):
    usual = Shift(weekdays=EVERY_DAY, opens_minute=0, closes_minute=60, capacity=1)
    weekends = Shift(weekdays=EVERY_DAY, opens_minute=60, closes_minute=120, capacity=1, on_weekends=True)
    timetable, service = timetable_of(usual, weekends), small_service("renewal", 60)
    hours = [slot.starts_at.hour for slot in slots_of_day(timetable, branch_in(), service, day, PLAIN.working_day(day))]
    assert hours == ([1] if day.weekday() in {Weekday.FRIDAY, Weekday.SATURDAY} else [0, 1])
    closed = PLAIN.with_record(order(day)).working_day(day)
    assert list(slots_of_day(timetable, branch_in(), service, day, closed)) == []
