"""The Umm al-Qura dates, compared day by day with their tables."""

from datetime import date, timedelta
from itertools import pairwise

import hijridate
import pytest
from hijridate import ummalqura
from hypothesis import given
from hypothesis import strategies as st

from traffic_booking import HijriDate, InvalidInput
from traffic_booking.domain.calendars.hijri import (
    FIRST_DAY,
    FIRST_YEAR,
    LAST_DAY,
    LAST_YEAR,
    LATER,
    days_in_month,
)

ALL_DAYS = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
days = st.sampled_from(ALL_DAYS)
hijri_dates = days.map(HijriDate.from_gregorian)


def test_every_day_of_1343_to_1500_equals_hijridate_and_comes_back() -> None:
    assert len(ALL_DAYS) == 55_991
    for day in ALL_DAYS:
        ours = HijriDate.from_gregorian(day)
        theirs = hijridate.Gregorian(day.year, day.month, day.day).to_hijri()
        assert (ours.year, ours.month, ours.day) == (theirs.year, theirs.month, theirs.day)
        assert ours.to_gregorian() == day


def test_dates_are_ordered_as_their_days_are() -> None:
    dates = [HijriDate.from_gregorian(day) for day in ALL_DAYS]
    assert all(earlier < later for earlier, later in pairwise(dates))


def test_months_of_1445_start_on_the_published_days() -> None:
    starts = [HijriDate(1445, month, 1).to_gregorian().isoformat() for month in range(1, 13)]
    assert starts == [
        *("2023-07-19", "2023-08-17", "2023-09-16", "2023-10-16", "2023-11-15", "2023-12-14"),
        *("2024-01-13", "2024-02-11", "2024-03-11", "2024-04-10", "2024-05-09", "2024-06-07"),
    ]
    assert HijriDate(1446, 1, 1).to_gregorian() == date(2024, 7, 7)


def test_disputed_months_are_as_many_as_were_measured() -> None:
    def disputed(first: int, last: int) -> int:
        return sum(sign != "0" for year in range(first, last + 1) for sign in LATER.get(year, ""))

    assert [disputed(*years) for years in ((1343, 1355), (1356, 1411), (1412, 1419), (1420, 1450), (1451, 1500))] == [
        45,
        401,
        83,
        0,
        211,
    ]


def test_a_day_is_agreed_exactly_where_the_other_table_names_it_alike() -> None:
    others = _other_month_starts()
    for day in ALL_DAYS:
        ours = HijriDate.from_gregorian(day)
        index = (ours.year - FIRST_YEAR) * 12 + ours.month - 1
        same_month = others[index] <= day.toordinal() < others[index + 1]
        same_day = same_month and day.toordinal() - others[index] + 1 == ours.day
        assert ours.agreed is same_day, ours


def test_the_first_dispute_to_come_is_on_11_august_2029() -> None:
    assert HijriDate.from_gregorian(date(2029, 8, 10)).agreed
    assert not HijriDate.from_gregorian(date(2029, 8, 11)).agreed
    assert HijriDate.from_gregorian(date(2029, 8, 11)) == HijriDate(1451, 4, 1)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1342, 12, 29), (1501, 1, 1), (1445, 0, 1), (1445, 13, 1), (1445, 9, 0), (1445, 9, 31), (1445, 5, 30)],
)
def test_a_date_that_is_none_is_refused(year: int, month: int, day: int) -> None:
    with pytest.raises(InvalidInput):
        HijriDate(year, month, day)


@pytest.mark.parametrize("day", [FIRST_DAY - timedelta(days=1), LAST_DAY + timedelta(days=1), date.min, date.max])
def test_a_day_outside_the_table_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match="1924-08-01 to 2077-11-16"):
        HijriDate.from_gregorian(day)


def test_adding_days_beyond_the_table_is_refused() -> None:
    with pytest.raises(InvalidInput, match="outside years"):
        HijriDate(1445, 1, 1).plus_days(10**9)


@given(hijri_dates, st.integers(-2000, 2000))
def test_adding_days_is_adding_days_to_the_gregorian_date(start: HijriDate, count: int) -> None:
    target = start.to_gregorian() + timedelta(days=count)
    if FIRST_DAY <= target <= LAST_DAY:
        assert start.plus_days(count).to_gregorian() == target
        assert start.plus_days(count).plus_days(-count) == start


@given(hijri_dates, st.integers(-300, 300))
def test_adding_months_and_coming_back_gives_the_date_or_one_that_the_month_had_to_cut(
    start: HijriDate, months: int
) -> None:
    if not FIRST_YEAR * 12 <= start.year * 12 + start.month - 1 + months < (LAST_YEAR + 1) * 12 - 1:
        return
    there = start.plus_months(months, missing="backward")
    back = there.plus_months(-months, missing="backward")
    omitted = start.plus_months(months, missing="omit")
    forward = start.plus_months(months, missing="forward")
    if omitted is None:
        assert there.day == days_in_month(there.year, there.month) < start.day
        assert forward == there.plus_days(1)
        assert back.day == there.day
    else:
        assert omitted == there == forward
        assert back == start


@given(st.integers(FIRST_YEAR, LAST_YEAR))
def test_a_year_has_353_to_355_days(year: int) -> None:
    assert 353 <= sum(days_in_month(year, month) for month in range(1, 13)) <= 355 or year < 1365


def test_30_ramadan_1445_a_month_later_is_none_29_shawwal_or_1_dhu_al_qadah() -> None:
    start = HijriDate(1445, 9, 30)
    assert start.plus_months(1, missing="omit") is None
    assert start.plus_months(1, missing="backward") == HijriDate(1445, 10, 29)
    assert start.plus_months(1, missing="forward") == HijriDate(1445, 11, 1)


def test_a_year_later_on_day_30_needs_a_choice() -> None:
    start = HijriDate(1445, 1, 30) if days_in_month(1445, 1) == 30 else HijriDate(1445, 3, 30)
    assert start.plus_years(0, missing="omit") == start
    choices = {start.plus_years(n, missing="omit") is None for n in range(1, 12)}
    assert choices == {True, False}


def _other_month_starts() -> list[int]:
    shift = FIRST_DAY.toordinal() - ummalqura.MONTH_STARTS[0]
    signs = {"-": -1, "0": 0, "1": 1, "2": 2}
    later = [signs[sign] for year in range(FIRST_YEAR, LAST_YEAR + 1) for sign in LATER.get(year, "0" * 12)]
    return [start + shift + days for start, days in zip(ummalqura.MONTH_STARTS, [*later, 0], strict=True)]
