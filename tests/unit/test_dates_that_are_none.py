"""A value that is no date is refused at once, with a message that contains it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from traffic_booking import Day, HijriDate, InvalidInput
from traffic_booking.domain.calendars.hijri import days_in_month

A_MOMENT = datetime(2024, 3, 11, 9, 0, tzinfo=UTC)
FIRST = HijriDate(1445, 9, 1)


@pytest.mark.parametrize("given", [A_MOMENT, "2024-03-11", None])
def test_a_day_is_a_date_without_a_time(given):
    with pytest.raises(InvalidInput, match=r"day: got a .*; expected a date without a time of day"):
        Day(given)


@pytest.mark.parametrize("parts", [(1445, 9, 1.5), (1445.0, 9, 1), ("1445", 9, 1), (1445, True, 1), (None, 9, 1)])
def test_a_hijri_date_is_made_of_whole_numbers(parts):
    with pytest.raises(InvalidInput, match=r"Hijri date: got .*; expected year, month and day, each an int"):
        HijriDate(*parts)


def test_the_choice_for_a_missing_day_is_one_of_three_texts():
    with pytest.raises(InvalidInput, match="missing: got 'skip'; expected omit, backward, forward"):
        FIRST.plus_months(1, missing="skip")  # type: ignore[call-overload]


@pytest.mark.parametrize("given", ["1", 1.0, None, "2024-03-11"])
@pytest.mark.parametrize(
    ("field", "ask"),
    [
        ("days", FIRST.plus_days),
        ("months", lambda given: FIRST.plus_months(given, missing="omit")),
        ("years", lambda given: FIRST.plus_years(given, missing="omit")),
        ("Hijri year", lambda given: days_in_month(given, 9)),
        ("Hijri month", lambda given: days_in_month(1445, given)),
        ("day", HijriDate.from_gregorian),
    ],
)
def test_arithmetic_takes_whole_numbers_and_dates(field: str, ask: Any, given: Any) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: got a .*; expected (an int|a date without a time of day)$"):
        ask(given)
