"""Spans counted in one calendar or the other."""

from datetime import date

import pytest

from traffic_booking import InvalidInput
from traffic_booking.domain.durations import Calendar, Duration


def test_a_month_is_another_day_in_each_calendar() -> None:
    start = date(2024, 3, 11)  # 1 Ramadan 1445
    assert Duration(calendar=Calendar.GREGORIAN, months=1).after(start) == date(2024, 4, 11)
    assert Duration(calendar=Calendar.HIJRI, months=1).after(start) == date(2024, 4, 10)


def test_a_month_without_the_day_gives_its_last_day() -> None:
    assert Duration(calendar=Calendar.GREGORIAN, months=1).after(date(2024, 1, 31)) == date(2024, 2, 29)
    thirtieth_of_ramadan, last_of_shawwal = date(2024, 4, 9), date(2024, 5, 8)
    assert Duration(calendar=Calendar.HIJRI, months=1).after(thirtieth_of_ramadan) == last_of_shawwal
    assert Duration(calendar=Calendar.HIJRI, months=1, days=1).after(date(2024, 5, 8)) == date(2024, 6, 7)


@pytest.mark.parametrize("parts", [{"years": -1}, {"months": -1}, {"days": -1}])
def test_a_duration_is_never_negative(parts: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        Duration(calendar=Calendar.HIJRI, **parts)


@pytest.mark.parametrize("calendar", list(Calendar))
def test_a_span_that_leaves_the_calendar_is_refused(calendar: Calendar) -> None:
    with pytest.raises(InvalidInput):
        Duration(calendar=calendar, years=9_000).after(date(2024, 3, 11))
