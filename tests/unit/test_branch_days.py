"""A branch's day: whether it is an ordinary one of the week, and when services are offered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import HEAD, RAMADAN, calendar_of, exception, month_start, order
from tests.desks import open_desk
from tests.small_town import named, small_catalogue
from traffic_booking import (
    BookingDesk,
    Clerk,
    DayState,
    Effect,
    HijriDate,
    Hours,
    InvalidInput,
    NotFound,
    Shift,
    Timetable,
    Weekday,
)
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.holiday_rules import FixedDay, HijriSpan
from traffic_booking.domain.schedule.branch_days import BranchDay, branch_day
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar
from traffic_booking.domain.schedule.working_day import WorkingDay

SUNDAY = date(2026, 11, 22)
FRIDAY = date(2026, 11, 27)
SPAN = HijriSpan(
    id="leave", statement=RAMADAN.statement, source="this test", from_month=7, from_day=5, to_month=7, to_day=6
)


def usual(day: date, *records: object, calendar: WorkingCalendar | None = None) -> bool:
    """True if the day is usual at the north branch once `records` are declared."""
    with open_desk(small_catalogue(), calendar=calendar or calendar_of(RAMADAN, SPAN)) as desk:
        for place, record in enumerate(records):
            desk.calendar.declare(record, reason="test", by=Clerk("desk-1"), request_id=f"r-{place}")  # type: ignore[arg-type]
        return desk.calendar.working_day("north", day).usual


def test_a_working_day_and_a_weekend_are_usual():
    assert usual(SUNDAY)
    assert usual(FRIDAY)


@pytest.mark.parametrize("effect", [Effect.CLOSED, Effect.OPEN])
def test_a_day_that_staff_have_closed_or_opened_is_not(effect):
    assert not usual(SUNDAY, exception(effect, SUNDAY))
    assert not usual(FRIDAY, exception(effect, FRIDAY))
    assert not usual(FRIDAY, order(FRIDAY, opens=effect is Effect.OPEN))


def test_a_day_with_other_hours_or_another_capacity_is_not_but_the_weekend_among_them_is():
    hours = exception(Effect.OTHER_HOURS, SUNDAY, FRIDAY, hours=(Hours(480, 500),))
    seats = exception(Effect.OTHER_CAPACITY, SUNDAY, FRIDAY, capacity=1)
    for record in (hours, seats):
        assert not usual(SUNDAY, record)
        assert usual(FRIDAY, record)


def test_holidays_days_of_ramadan_and_days_that_an_announcement_opened_are_not():
    first = HijriDate(1448, 7, 5).to_gregorian()
    assert not usual(first)
    assert not usual(HijriDate(1448, 9, 8).to_gregorian())
    assert not usual(first, month_start(1448, 7, HijriDate(1448, 7, 1).to_gregorian() + timedelta(days=2)))


def shift(opens: int, closes: int, *, on_weekends: bool = False) -> Shift:
    return Shift(
        weekdays=frozenset(Weekday), opens_minute=opens, closes_minute=closes, capacity=1, on_weekends=on_weekends
    )


def answer_of(day: WorkingDay, *shifts: Shift) -> BranchDay:
    """The day that a timetable of these shifts gives."""
    timetable = Timetable("all", named("all"), (Offer(frozenset({"renewal"}), shifts),))
    return branch_day(small_catalogue().branch("north"), timetable, day, frozenset({authority_id("weekend")}))


def test_a_weekend_that_is_worked_every_week_is_usual_and_in_ramadan_is_not():
    calendar = calendar_of(RAMADAN)
    friday_in_ramadan = date(2027, 2, 12)
    found = [
        answer_of(calendar.working_day(day), shift(600, 660, on_weekends=True)) for day in (FRIDAY, friday_in_ramadan)
    ]
    answers = [(each.open, each.usual, each.rules) for each in found]
    assert answers == [(True, True, ("timetable.all",)), (True, False, ("timetable.all", "ramadan"))]


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([], []),
        ([(480, 720)], [(480, 720)]),
        ([(480, 720), (720, 780)], [(480, 780)]),
        ([(480, 720), (721, 780)], [(480, 720), (721, 780)]),
        ([(480, 900), (500, 600), (600, 700)], [(480, 900)]),
        ([(960, 1440), (480, 600), (480, 900)], [(480, 900), (960, 1440)]),
        ([(1320, 1560), (1410, 1500), (1410, 1620)], [(1320, 1620)]),
        ([(0, 1440), (1320, 1560), (1430, 1600)], [(0, 1440), (1440, 1600)]),
    ],
)
def test_hours_in_which_anything_is_offered_are_one_where_they_meet_or_touch(shifts, expected):
    offers = tuple(Offer(frozenset({f"service-{n}"}), (shift(*hours),)) for n, hours in enumerate(shifts))
    found = branch_day(
        small_catalogue().branch("north"),
        Timetable("all", named("all"), offers),
        calendar_of().working_day(SUNDAY),
        frozenset(),
    )
    assert [(hours.opens_minute, hours.closes_minute) for hours in found.hours] == expected


def test_hours_say_when_they_open_and_close():
    assert (Hours(485, 1440).opens, Hours(485, 1440).closes) == ("08:05", "24:00")
    assert (Hours(1440, 1560).opens, Hours(1440, 1560).closes) == ("00:00", "02:00")
    assert [Hours(*minutes).on_next_day for minutes in ((1439, 1560), (1440, 1560))] == [False, True]


@pytest.mark.parametrize(("month", "calendar", "length"), [((1445, 9), "hijri", 30), ((2024, 2), "gregorian", 29)])
def test_a_month_has_the_answer_about_each_of_its_days(month, calendar, length):
    year, month_of_year = month
    with BookingDesk.open("memory://") as desk:
        days = desk.calendar.working_month("riyadh-traffic", year=year, month_of_year=month_of_year, calendar=calendar)
        assert len(days) == length
        assert days == tuple(desk.calendar.working_day("riyadh-traffic", day.day) for day in days)


def test_a_month_that_is_none_and_a_branch_that_is_none_are_misuse():
    with open_desk() as desk:
        with pytest.raises(InvalidInput, match="month: got 13; expected 1 to 12"):
            desk.calendar.working_month("north", year=2026, month_of_year=13)
        with pytest.raises(NotFound, match="no branch 'east'"):
            desk.calendar.working_month("east", year=2026, month_of_year=12)


def test_in_ramadan_a_timetable_with_shifts_of_its_own_is_the_authority_unless_others_set_the_hours():
    in_ramadan = date(2027, 2, 15)
    general = Shift(weekdays=frozenset(Weekday), opens_minute=480, closes_minute=1200, capacity=1)
    evening = Shift(weekdays=frozenset(Weekday), opens_minute=1260, closes_minute=1440, capacity=1, for_ramadan=True)
    day = calendar_of(RAMADAN).working_day(in_ramadan)
    set_by_order = calendar_of(RAMADAN, orders=[order(in_ramadan, opens=True, hours=(Hours(1300, 1400),))]).working_day(
        in_ramadan
    )
    assert answer_of(day, general).rules == ("weekend", "ramadan")
    assert answer_of(day, general, evening).rules == ("timetable.all", "weekend", "ramadan")
    assert answer_of(day, general, evening).hours == (Hours(1260, 1440),)
    assert answer_of(set_by_order, general, evening).rules == ("order",)
    assert answer_of(set_by_order, general, evening).hours == (Hours(1300, 1400),)


HOLIDAY = date(2026, 11, 30)
IN_RAMADAN = date(2027, 2, 15)
DAYS = calendar_of(RAMADAN, FixedDay(id="holiday", month=11, day=30, **HEAD))
HOURS = [Hours(0, 60), Hours(480, 490), Hours(500, 600), Hours(700, 900), Hours(1200, 1300)]
changes = st.sampled_from([(Effect.CLOSED, ()), (Effect.OPEN, ())]) | st.tuples(
    st.just(Effect.OTHER_HOURS), st.lists(st.sampled_from(HOURS), min_size=1, unique=True).map(tuple)
)
shifts_of_a_week = st.builds(
    Shift,
    weekdays=st.sampled_from([frozenset(Weekday), frozenset({Weekday.FRIDAY}), frozenset({Weekday.SUNDAY})]),
    opens_minute=st.sampled_from([480, 590]),
    closes_minute=st.sampled_from([600, 900]),
    capacity=st.just(1),
    for_ramadan=st.booleans(),
    on_weekends=st.booleans(),
)


def open_minutes(day: date, one: Shift, made: list[tuple[Effect, tuple[Hours, ...]]]) -> set[int]:
    """The open minutes of a shift on a day with these exceptions, found one at a time."""
    decided = next((effect for effect, _ in reversed(made) if effect is not Effect.OTHER_HOURS), None)
    bounds = next((hours for effect, hours in reversed(made) if effect is Effect.OTHER_HOURS), (Hours(0, 1440),))
    if day == IN_RAMADAN and not one.for_ramadan and all(effect is not Effect.OTHER_HOURS for effect, _ in made):
        bounds = (Hours(600, 900),)
    usually = day not in {FRIDAY, HOLIDAY} or (day == FRIDAY and one.on_weekends)
    worked = usually if decided is None else decided is Effect.OPEN
    if not worked or Weekday(day.weekday()) not in one.weekdays or (one.for_ramadan and day != IN_RAMADAN):
        return set()
    return {
        minute
        for minute in range(one.opens_minute, one.closes_minute)
        if any(hours.opens_minute <= minute < hours.closes_minute for hours in bounds)
    }


@given(
    day=st.sampled_from([SUNDAY, FRIDAY, HOLIDAY, IN_RAMADAN]),
    shifts=st.lists(shifts_of_a_week, min_size=1, max_size=3),
    made=st.lists(changes, max_size=3),
)
def test_a_day_is_open_exactly_if_a_minute_of_a_shift_is_and_a_closed_day_names_what_closes_it(day, shifts, made):
    exceptions = [
        exception(effect, day, name=f"made.{place}", **({"hours": hours} if hours else {}))
        for place, (effect, hours) in enumerate(made)
    ]
    offers = tuple(Offer(frozenset({f"service-{place}"}), (one,)) for place, one in enumerate(shifts))
    found = branch_day(
        small_catalogue().branch("north"),
        Timetable("all", named("all"), offers),
        DAYS.working_day(day, exceptions),
        frozenset({authority_id("weekend")}),
    )
    expected = set[int]().union(*(open_minutes(day, one, made) for one in shifts))
    assert {minute for hours in found.hours for minute in range(hours.opens_minute, hours.closes_minute)} == expected
    assert found.open is bool(expected)
    without_hours = [change for change in made if change[0] is not Effect.OTHER_HOURS]
    if not found.open and any(open_minutes(day, one, without_hours) for one in shifts):
        last = max(place for place, (effect, _) in enumerate(made) if effect is Effect.OTHER_HOURS)
        assert (found.rules[0], found.usual) == (f"made.{last}", False)


@pytest.mark.parametrize(
    ("day", "record", "first"),
    [
        (SUNDAY, exception(Effect.OTHER_HOURS, SUNDAY, hours=[Hours(1200, 1260)]), "branch.other-hours"),
        (SUNDAY, order(SUNDAY, opens=True, hours=[Hours(1200, 1260)]), "order"),
        (FRIDAY, exception(Effect.OPEN, FRIDAY), "timetable.full"),
        (FRIDAY, exception(Effect.OTHER_HOURS, FRIDAY, hours=[Hours(480, 540)]), "weekend"),
        (SUNDAY, exception(Effect.OTHER_HOURS, SUNDAY, hours=[Hours(480, 485)]), "branch.other-hours"),
    ],
    ids=["hours that leave nothing", "an order's too", "no shift that day", "a closed day", "five minutes are open"],
)
def test_a_day_under_other_hours_names_them_if_they_decide(day, record, first):
    with open_desk(small_catalogue()) as desk:
        desk.calendar.declare(record, reason="test", by=Clerk("desk-1"), request_id="r")
        found = desk.calendar.working_day("north", day)
        (shown,) = (
            each
            for each in desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
            if each.day.gregorian == day
        )
    assert found.rules[0] == first
    assert (shown.state is DayState.CLOSED) is not found.open


def test_a_day_in_doubt_says_so_in_its_text():
    day = HijriDate(1450, 9, 30 - 1).to_gregorian() + timedelta(days=2)
    with open_desk(small_catalogue(), calendar=calendar_of(RAMADAN)) as desk:
        start = month_start(1450, 9, HijriDate(1450, 9, 1).to_gregorian() + timedelta(days=1))
        desk.calendar.declare(start, reason="test", by=Clerk("desk-1"), request_id="r")
        found, beside = (desk.calendar.working_day("north", each) for each in (day, day - timedelta(days=1)))
    assert (found.in_doubt, beside.in_doubt) == (True, False)
    assert found.text("en").endswith("(may change when a later Hijri month is announced)")
    assert "2 Shawwal 1450 AH" in found.text("en"), "dates are converted by the table"
    assert found.text("ar").endswith("(قد يتغيّر هذا اليوم إذا أُعلنت بداية شهر هجري لاحق)")
