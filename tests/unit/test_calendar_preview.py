"""The consequence of a calendar record before it is declared: the days and Hijri months that it changes."""

from datetime import date, timedelta

import pytest

from tests.calendars import HEAD, RAMADAN, calendar_of, exception, month_start, order
from tests.desks import open_desk
from traffic_booking import (
    Clerk,
    DayChange,
    Declared,
    Effect,
    HijriDate,
    Hours,
    InvalidInput,
    MovedMonth,
    NotFound,
    Refused,
    Withdrawal,
)
from traffic_booking.domain.calendars.holiday_rules import HijriSpan

ONE = timedelta(days=1)
FITR = HijriSpan(id="fitr", from_month=9, from_day=25, to_month=10, to_day=5, **HEAD)
SUNDAY = date(2026, 11, 22)
STAFF = Clerk("desk-1")
LEAVE = date(2027, 3, 4)
"""25 Ramadan 1448, a Thursday."""
RAMADAN_1450 = date(2029, 1, 16)
"""1 Ramadan 1450 by the table: the month has 29 days, Shaban 30."""


@pytest.fixture
def desk():
    with open_desk(calendar=calendar_of(FITR, RAMADAN)) as opened:
        yield opened


def declare(desk, record, serial=1, by=STAFF):
    return desk.calendar.declare(record, reason="test", by=by, request_id=f"declare-{serial}")


def ramadan_1450(days_late):
    return month_start(1450, 9, RAMADAN_1450 + days_late * ONE)


def months(preview):
    return {(each.year, each.month): each for each in preview.months}


def changed(preview):
    return {each.day.gregorian: (each.open_before, each.open) for each in preview.days}


def test_a_month_announced_late_would_have_28_days_and_the_one_before_it_31(desk):
    preview = desk.calendar.preview(ramadan_1450(1))
    assert HijriDate(1450, 9, 1).to_gregorian() == RAMADAN_1450
    assert months(preview)[1450, 9] == MovedMonth(
        year=1450,
        month=9,
        first_day_before=RAMADAN_1450,
        first_day=RAMADAN_1450 + ONE,
        days=29,
        days_alone=28,
        announced=True,
    )
    before, after = months(preview)[1450, 8], months(preview)[1450, 10]
    assert (before.days_alone, before.days, before.announced) == (31, 30, False)
    assert (before.first_day - before.first_day_before, after.first_day - after.first_day_before) == (ONE, ONE)
    assert all(each.days in {29, 30} for each in preview.months)


def test_a_month_announced_late_that_has_30_days_in_the_table_would_have_29_alone(desk):
    shawwal = HijriDate(1450, 10, 1).to_gregorian()
    preview = desk.calendar.preview(month_start(1450, 10, shawwal + ONE))
    assert (months(preview)[1450, 10].days_alone, months(preview)[1450, 9].days_alone) == (29, 30)
    assert (1450, 8) not in months(preview), "Ramadan has 30 days then, and Shaban stays"


def test_an_announcement_of_the_tables_day_moves_nothing(desk):
    preview = desk.calendar.preview(ramadan_1450(0))
    assert (preview.months, preview.days, preview.in_doubt) == ((), (), ())


def test_the_days_of_a_leave_and_of_ramadan_that_move_are_listed_before_and_after(desk):
    preview = desk.calendar.preview(ramadan_1450(1))
    days = {each.day.gregorian: each for each in preview.days}
    assert set(days) == {RAMADAN_1450, date(2029, 2, 19)}, "9 February is a Friday"
    first = days[RAMADAN_1450]
    assert (first.hours_before, first.hours, first.open_before, first.open) == ((Hours(600, 900),), None, True, True)
    last = days[date(2029, 2, 19)]
    assert (last.open_before, last.open, last.rules) == (True, False, ("start.1450-09", "fitr"))
    assert date(2029, 2, 20) in [day.gregorian for day in preview.in_doubt]
    assert date(2029, 2, 15) in [day.gregorian for day in preview.in_doubt], "1 Shawwal or 30 Ramadan"
    assert not last.in_doubt


def test_a_preview_declares_nothing_and_is_the_same_after_the_declaration(desk):
    start = ramadan_1450(1)
    preview = desk.calendar.preview(start)
    assert desk.calendar.entries() == ()
    assert desk.calendar.working_day("north", date(2029, 2, 19)).open
    assert isinstance(declare(desk, start), Declared)
    assert desk.calendar.preview(start) == preview
    for each in preview.days:
        day = desk.calendar.working_day("north", each.day)
        assert (day.open, day.in_doubt) == (each.open, each.in_doubt)
    for day in preview.in_doubt:
        assert desk.calendar.working_day("north", day).in_doubt


def test_the_announcement_of_the_next_month_moves_the_later_ones_back_and_ends_the_doubt(desk):
    declare(desk, ramadan_1450(1))
    shawwal = month_start(1450, 10, HijriDate(1450, 10, 1).to_gregorian() + ONE)
    kept = desk.calendar.preview(shawwal)
    assert (kept.months, kept.days) == ((), ())
    assert date(2029, 2, 15) not in [day.gregorian for day in kept.in_doubt]
    later = month_start(1450, 11, HijriDate(1450, 11, 1).to_gregorian())
    assert months(desk.calendar.preview(later))[1450, 12].first_day == HijriDate(1450, 12, 1).to_gregorian()


def test_a_withdrawal_gives_the_months_and_days_back(desk):
    start = ramadan_1450(1)
    declare(desk, start)
    there, back = desk.calendar.preview(start), desk.calendar.preview(Withdrawal(start.id))
    assert changed(back) == {day: (then, before) for day, (before, then) in changed(there).items()}
    assert {month: (each.first_day, each.first_day_before) for month, each in months(back).items()} == {
        month: (each.first_day_before, each.first_day) for month, each in months(there).items()
    }
    assert back.in_doubt == ()
    assert isinstance(declare(desk, Withdrawal(start.id), 2), Declared)
    assert desk.calendar.preview(Withdrawal(start.id)) == back
    assert (desk.calendar.preview(start).days, desk.calendar.preview(start).months) == ((), ())


def test_an_order_changes_its_days_and_the_bridge_beside_them(desk):
    preview = desk.calendar.preview(order(SUNDAY, SUNDAY + ONE))
    assert changed(preview) == {SUNDAY: (True, False), SUNDAY + ONE: (True, False)}
    assert [each.rules for each in preview.days] == [("order",), ("order",)]
    assert preview.months == ()
    assert (preview.first_day, preview.last_day) == (SUNDAY - 10 * ONE, SUNDAY + 11 * ONE)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (exception(Effect.CLOSED, SUNDAY), {SUNDAY: (True, False)}),
        (exception(Effect.OPEN, SUNDAY - ONE), {}),  # the timetable has no shift on a Saturday
        (exception(Effect.OPEN, LEAVE, LEAVE + ONE), {LEAVE: (False, True)}),
        (exception(Effect.OPEN, SUNDAY), {}),
        (exception(Effect.OTHER_HOURS, SUNDAY, hours=(Hours(540, 600),)), {SUNDAY: (True, True)}),
        (exception(Effect.OTHER_HOURS, SUNDAY, hours=(Hours(0, 60),)), {SUNDAY: (True, False)}),
        (exception(Effect.OTHER_HOURS, SUNDAY - ONE, hours=(Hours(540, 600),)), {}),
        (exception(Effect.OTHER_CAPACITY, SUNDAY, capacity=9), {SUNDAY: (True, True)}),
    ],
    ids=lambda value: getattr(value, "effect", None),
)
def test_an_exception_changes_the_days_of_its_branch_with_their_hours(desk, record, expected):
    preview = desk.calendar.preview(record)
    assert changed(preview) == expected
    for each in preview.days:
        assert isinstance(each, DayChange)
        assert each.rules[0] == record.id
        assert each.hours is not None
    before = {day: desk.calendar.working_day("north", day).hours for day in expected}
    declare(desk, record)
    assert [(before[each.day.gregorian], each.hours) for each in preview.days] == [
        (each.hours_before, desk.calendar.working_day("north", each.day).hours) for each in preview.days
    ]


def test_at_most_366_days_of_a_record_are_compared(desk):
    last = SUNDAY + 3000 * ONE
    preview = desk.calendar.preview(order(SUNDAY, last))
    assert (preview.last_day - SUNDAY).days == 366 + 10
    assert preview.days[-1].day.gregorian <= preview.last_day
    assert preview.days[0].day.gregorian == SUNDAY


def test_a_record_that_can_not_be_declared_has_no_preview(desk):
    declare(desk, ramadan_1450(1))
    impossible = month_start(1450, 10, RAMADAN_1450 + 29 * ONE)
    with pytest.raises(InvalidInput, match="28 days from 1450-09 to 1450-10"):
        desk.calendar.preview(impossible)
    with pytest.raises(InvalidInput):
        desk.calendar.preview(Withdrawal("nothing"))
    with pytest.raises(NotFound, match="nowhere"):
        desk.calendar.preview(exception(Effect.CLOSED, SUNDAY, branch="nowhere"))


@pytest.mark.parametrize("first", [date.min, date.max - ONE, date.max])
def test_a_record_at_either_end_of_the_calendar_has_a_preview(desk, first):
    preview = desk.calendar.preview(order(first))
    assert preview.first_day <= first <= preview.last_day


@pytest.mark.parametrize("year", [1343, 1500])
@pytest.mark.parametrize("month", [1, 12])
def test_a_month_at_either_end_of_the_table_has_a_preview(desk, year, month):
    tabled = HijriDate(year, month, 1).to_gregorian()
    for late in (-1, 0, 1):
        preview = desk.calendar.preview(month_start(year, month, tabled + late * ONE))
        assert all(each.announced == ((each.year, each.month) == (year, month)) for each in preview.months)


def test_a_record_that_a_clerk_may_not_declare_has_its_preview(desk):
    record = order(SUNDAY)
    preview = desk.calendar.preview(record)
    assert isinstance(declare(desk, record, by=Clerk("desk-2", branches=frozenset({"north"}))), Refused)
    assert desk.calendar.preview(record) == preview
