"""An announced beginning of a month is carried on to later ones, leaves none too short or too long, and casts doubt."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from tests.calendars import HEAD, RAMADAN, WEEKEND, calendar_of, exception, month_start, order
from traffic_booking import HijriDate, InvalidInput
from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain.calendars.hijri import days_in_month
from traffic_booking.domain.calendars.holiday_rules import HijriSpan
from traffic_booking.domain.calendars.month_starts import MonthStarts, possible_days
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

ONE = timedelta(days=1)
FITR = HijriSpan(id="fitr", from_month=9, from_day=25, to_month=10, to_day=5, **HEAD)
FITR_BY_TABLE = HijriSpan(id="table", from_month=9, from_day=25, to_month=10, to_day=5, by_sighting=False, **HEAD)


def tabled(year: int, month: int) -> date:
    return HijriDate(year, month, 1).to_gregorian()


def first_days(months: MonthStarts, year: int, month: int, count: int) -> list[date]:
    """The first days of so many months from that one on, as people keep them."""
    found = []
    for index in range(year * 12 + month - 1, year * 12 + month - 1 + count):
        stretch = months.whole_month(index // 12, index % 12 + 1)
        assert stretch is not None
        found.append(date.fromordinal(stretch.first))
    return found


def lengths(days: list[date]) -> set[int]:
    return {(later - earlier).days for earlier, later in pairwise(days)}


def off(calendar: WorkingCalendar, first: date, last: date) -> list[date]:
    days = [first + each * ONE for each in range((last - first).days + 1)]
    return [day for day in days if "fitr" in calendar.working_day(day).rules and not calendar.working_day(day).open]


def in_doubt(calendar: WorkingCalendar, first: date, last: date) -> list[date]:
    days = [first + each * ONE for each in range((last - first).days + 1)]
    return [day for day in days if calendar.working_day(day).in_doubt]


def test_months_have_29_or_30_days_or_their_length_in_the_table():
    lengths_of_table = [days_in_month(year, month) for year in range(1343, 1501) for month in range(1, 13)]
    found = [possible_days(place, place + 1) for place in range(len(lengths_of_table))]
    assert found == [(min(29, days), max(30, days)) for days in lengths_of_table]
    for until in (200, 264, 265, 1896):
        sums = [sum(bound) for bound in zip(*found[:until], strict=True)]
        assert possible_days(0, until) == tuple(sums)


@pytest.mark.parametrize("late", [-2, -1, 1, 2])
@pytest.mark.parametrize("year", [1445, 1449, 1450, 1452, 1460])
def test_no_month_is_too_short_or_too_long_whatever_the_day_of_one_announcement(year, late):
    months = MonthStarts([month_start(year, 9, tabled(year, 9) + late * ONE)])
    assert lengths(first_days(months, year - 1, 1, 60)) == {29, 30}


@pytest.mark.parametrize("late", [-1, 1])
@pytest.mark.parametrize("year", [1449, 1450, 1452])
def test_a_moved_month_moves_all_later_ones_until_the_next_is_announced(year, late):
    ramadan = month_start(year, 9, tabled(year, 9) + late * ONE)
    alone = MonthStarts([ramadan])
    later = [(year, 10), (year, 12), (year + 1, 9), (year + 20, 1)]
    assert [first_days(alone, *month, 1)[0] - tabled(*month) for month in later] == [late * ONE] * 4
    corrected = MonthStarts([ramadan, month_start(year, 11, tabled(year, 11))])
    assert first_days(corrected, year, 9, 1) == [ramadan.first_day]
    assert [first_days(corrected, *month, 1)[0] - tabled(*month) for month in [(year, 12), (year + 1, 9)]] == [
        0 * ONE
    ] * 2
    assert lengths(first_days(corrected, year - 1, 1, 60)) == {29, 30}


@pytest.mark.parametrize(("year", "late"), [(1449, 1), (1449, -1), (1450, 1), (1452, 1), (1445, 1)])
def test_a_leave_over_the_end_of_the_moved_month_moves_with_both_ends(year, late):
    """All of its days are kept: none is lost between the announced month and the next one by the table."""
    sundays_off = calendar_of(FITR, FITR_BY_TABLE, announcements=[month_start(year, 9, tabled(year, 9) + late * ONE)])
    first, last = tabled(year, 9) + (24 + late) * ONE, tabled(year, 10) + (4 + late) * ONE
    inside = [first + each * ONE for each in range((last - first).days + 1)]
    assert {*inside} <= {*off(sundays_off, first - 10 * ONE, last + 10 * ONE)}
    assert HijriDate.from_gregorian(first) == HijriDate(year, 9, 25 + late), "dates are converted by the table"


def test_days_after_a_short_month_of_the_table_are_open_and_closed_by_the_announced_month():
    """Ramadan of 1450 has 29 days: a day late it would have 28, and its leave would end on 18 February 2029."""
    calendar = BranchCalendars(load_working_calendar()).after(month_start(1450, 9, date(2029, 1, 17)))
    closed = calendar.working_day("riyadh", date(2029, 2, 19))  # type: ignore[arg-type]
    assert (closed.open, closed.rules) == (False, ("start.1450-09", "fitr.civil"))
    assert calendar.working_day("riyadh", date(2029, 2, 20)).open  # type: ignore[arg-type]
    assert load_working_calendar().working_day(date(2029, 2, 19)).open


def test_ramadan_has_its_hours_to_the_day_before_the_carried_first_of_shawwal():
    calendar = calendar_of(RAMADAN, announcements=[month_start(1450, 9, date(2029, 1, 17))])
    days = [date(2029, 1, 1) + each * ONE for each in range(60)]
    kept = [day for day in days if calendar.working_day(day).ramadan]
    assert (kept[0], kept[-1], len(kept)) == (date(2029, 1, 17), date(2029, 2, 14), 29)


@pytest.mark.parametrize(
    ("month", "late", "refused"),
    [
        (11, 1, False),
        (11, 0, False),
        (11, -1, True),
        (12, -2, True),
        (12, -1, False),
        (10, -1, True),
        (10, 0, True),
        (10, 1, False),
    ],
)
def test_an_announcement_too_near_to_an_earlier_one_is_refused(month, late, refused):
    """1 Ramadan 1450 is a day late. Ramadan has 29 days in the table, Shawwal and Dhu al-Qadah 30 each."""
    starts = [month_start(1450, 9, tabled(1450, 9) + ONE), month_start(1450, month, tabled(1450, month) + late * ONE)]
    for declared in (starts, starts[::-1]):
        if refused:
            with pytest.raises(
                InvalidInput, match=rf"first_day: got \d+ days from 1450-09 to 1450-{month}; expected \d+ to"
            ):
                BranchCalendars(calendar_of()).after(*declared)
        else:
            BranchCalendars(calendar_of()).after(*declared)


def test_an_error_about_two_announcements_is_in_arabic_as_well():
    starts = [month_start(1450, 9, tabled(1450, 9) + ONE), month_start(1450, 10, tabled(1450, 10))]
    with pytest.raises(InvalidInput) as caught:
        calendar_of(announcements=starts)
    assert "28 days from 1450-09 to 1450-10; expected 29 to 30: months of 29 or 30 days" in str(caught.value)
    arabic = caught.value.message("ar").replace("\u2066", "").replace("\u2069", "")
    assert "28 يومًا من أول الشهر 1450-09 إلى أول الشهر 1450-10. المطلوب: من 29 إلى 30 يومًا" in arabic


class TestDoubt:
    def test_the_thirtieth_of_the_announced_month_may_be_the_first_of_the_next_one(self):
        """1 Ramadan 1449 is a day late: 27 February 2028 is 1 Shawwal, or 30 Ramadan."""
        calendar = calendar_of(announcements=[month_start(1449, 9, date(2028, 1, 29))])
        assert in_doubt(calendar, date(2028, 1, 30), date(2028, 3, 10)) == [date(2028, 2, 27)]

    def test_the_eve_of_the_announced_month_is_in_doubt_if_the_month_before_would_have_31_days(self):
        """Shaban 1449 has 30 days: 28 January 2028 would be the 31st. So Shaban and Rajab began a day later, too."""
        calendar = calendar_of(announcements=[month_start(1449, 9, date(2028, 1, 29))])
        assert in_doubt(calendar, date(2027, 11, 1), date(2028, 1, 29)) == [
            date(2027, 11, 29),  # 30 Jumada al-Akhirah or 1 Rajab
            date(2027, 12, 29),  # 30 Rajab or 1 Shaban
            date(2028, 1, 28),
        ]

    def test_days_of_a_holiday_that_the_next_announcement_may_move_are_in_doubt(self):
        """1 Ramadan 1450 is a day late. If it has 30 days, the leave goes on to 20 February 2029, a Tuesday."""
        calendar = calendar_of(FITR, announcements=[month_start(1450, 9, date(2029, 1, 17))])
        assert in_doubt(calendar, date(2029, 1, 17), date(2029, 3, 10)) == [date(2029, 2, 15), date(2029, 2, 20)]
        assert calendar.working_day(date(2029, 2, 20)).open

    @pytest.mark.parametrize("late", [0, 1])
    def test_nothing_is_in_doubt_once_the_next_month_is_announced(self, late):
        starts = [month_start(1448, 9, tabled(1448, 9)), month_start(1448, 10, tabled(1448, 10) + late * ONE)]
        assert days_in_month(1448, 9) == 29
        calendar = calendar_of(FITR, announcements=starts)
        assert in_doubt(calendar, tabled(1448, 7), tabled(1448, 10) + 10 * ONE) == []

    def test_nothing_is_in_doubt_after_an_announcement_of_the_tables_day(self):
        calendar = calendar_of(FITR, RAMADAN, announcements=[month_start(1449, 9, tabled(1449, 9))])
        assert in_doubt(calendar, date(2027, 1, 1), date(2029, 12, 31)) == []

    def test_an_order_settles_the_hours_of_a_day_and_not_its_date(self):
        starts = [month_start(1450, 9, date(2029, 1, 17))]
        calendar = calendar_of(FITR, announcements=starts, orders=[order(date(2029, 2, 15), date(2029, 2, 20))])
        assert in_doubt(calendar, date(2029, 1, 17), date(2029, 3, 10)) == [date(2029, 2, 15)]

    def test_an_exception_of_a_branch_keeps_the_mark(self):
        calendar = calendar_of(FITR, announcements=[month_start(1450, 9, date(2029, 1, 17))])
        day = date(2029, 2, 20)
        for effect in (Effect.CLOSED, Effect.OPEN):
            assert calendar.working_day(day, [exception(effect, day)]).in_doubt

    def test_the_shipped_announcements_leave_no_day_from_1444_on_in_doubt(self):
        calendar = load_working_calendar()
        assert in_doubt(calendar, tabled(1444, 1), date(2032, 12, 31)) == []


def test_the_rule_of_a_day_that_a_carried_month_moved_is_the_announcement():
    rules = (WEEKEND, HijriSpan(id="adha", from_month=12, from_day=5, to_month=12, to_day=15, **HEAD))
    calendar = calendar_of(*rules, announcements=[month_start(1449, 9, date(2028, 1, 29))])
    last = tabled(1449, 12) + 15 * ONE
    assert calendar.working_day(last).rules == ("start.1449-09", "adha")
