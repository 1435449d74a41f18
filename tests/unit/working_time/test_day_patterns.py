from datetime import date, timedelta

import pytest

from traffic_booking import InvalidInput
from traffic_booking.domain.calendars import pattern
from traffic_booking.domain.calendars.pattern import DayPattern

MONDAY = date(2024, 1, 1)


def days(text: str, starts: date | None, first: date, last: date) -> list[date]:
    given = DayPattern(text, starts)
    return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1) if given.falls_on(day)]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;BYDAY=FR,SA",
        "FREQ=WEEKLY;BYDAY=SA,FR,SA;WKST=SU",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=FR,SA",
        "FREQ=DAILY;BYDAY=FR,SA",
        "BYDAY=FR,SA;FREQ=DAILY",
    ],
)
def test_a_pattern_of_every_week_needs_no_first_day(text):
    found = days(text, None, date(2013, 6, 24), date(2013, 7, 7))
    assert [day.isoformat() for day in found] == ["2013-06-28", "2013-06-29", "2013-07-05", "2013-07-06"]


def test_every_day_is_every_day_from_the_first_on():
    assert days("FREQ=DAILY", MONDAY, MONDAY - timedelta(days=2), MONDAY + timedelta(days=1)) == [
        MONDAY,
        MONDAY + timedelta(days=1),
    ]


def test_a_pattern_of_every_week_reaches_the_first_and_the_last_day_there_is():
    assert DayPattern("FREQ=WEEKLY;BYDAY=MO").falls_on(date.min.toordinal())
    assert DayPattern("FREQ=WEEKLY;BYDAY=FR").falls_on(date.max.toordinal())
    assert not DayPattern("FREQ=DAILY").falls_on(0)
    assert not DayPattern("FREQ=DAILY").falls_on(date.max.toordinal() + 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=1SU", ["2024-01-07", "2024-02-04", "2024-03-03"]),
        ("FREQ=MONTHLY;BYDAY=-1TH", ["2024-01-25", "2024-02-29", "2024-03-28"]),
        ("FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH;BYSETPOS=-1", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=MO", ["2024-01-01", "2024-01-29", "2024-02-26", "2024-03-25"]),
        ("FREQ=WEEKLY;COUNT=2", ["2024-01-01", "2024-01-08"]),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20240109", ["2024-01-02", "2024-01-09"]),
        ("FREQ=DAILY;INTERVAL=40", ["2024-01-01", "2024-02-10", "2024-03-21"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=22", ["2024-02-22"]),
    ],
)
def test_other_patterns_are_counted_from_their_first_day(text, expected):
    assert [day.isoformat() for day in days(text, MONDAY, date(2023, 12, 1), date(2024, 3, 31))] == expected


def test_weeks_begin_on_monday_whatever_the_process_prefers(monkeypatch):
    pattern._recurrence.cache_clear()
    monkeypatch.setattr("calendar.firstweekday", lambda: 6)
    pattern._expansion.cache_clear()
    text = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU"
    found = days(text, date(1997, 8, 5), date(1997, 8, 1), date(1997, 8, 31))
    assert [day.day for day in found] == [5, 10, 19, 24]
    found = days(f"{text};WKST=SU", date(1997, 8, 5), date(1997, 8, 1), date(1997, 8, 31))
    assert [day.day for day in found] == [5, 17, 19, 31]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "0 characters"),
        ("x" * 129, "129 characters"),
        ("BYDAY=FR", "no FREQ"),
        ("FREQ=HOURLY", "'FREQ=HOURLY'"),
        ("freq=weekly;byday=fr", "'freq=weekly'"),
        ("RRULE:FREQ=WEEKLY;BYDAY=FR", "'RRULE:FREQ=WEEKLY'"),
        ("FREQ=WEEKLY;BYDAY=", "'BYDAY='"),
        ("FREQ=WEEKLY;BYDAY=XX", "'BYDAY=XX'"),
        ("FREQ=WEEKLY;BYDAY=FR;", "''"),
        ("FREQ=WEEKLY;BYHOUR=9", "'BYHOUR=9'"),
        ("FREQ=WEEKLY;BYEASTER=0", "'BYEASTER=0'"),
        ("FREQ=WEEKLY;UNTIL=FRI", "'UNTIL=FRI'"),
        ("FREQ=WEEKLY;UNTIL=20240230", "UNTIL=20240230"),
        ("FREQ=WEEKLY;INTERVAL=0", "'INTERVAL=0'"),
        ("FREQ=WEEKLY;BYDAY=FR;BYDAY=SA", "BYDAY twice"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20240101", "COUNT and UNTIL"),
        ("FREQ=WEEKLY;BYDAY=1FR", "a numbered day with FREQ=WEEKLY"),
        ("FREQ=DAILY;BYSETPOS=1", "a numbered day with FREQ=DAILY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "'BYMONTHDAY=32'"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no day from 2024-01-01 on"),
        ("FREQ=WEEKLY;BYDAY=FR;UNTIL=20231231", "no day from 2024-01-01 on"),
        ("FREQ=MONTHLY;BYSETPOS=3", "no day from 2024-01-01 on"),
    ],
)
def test_text_that_names_no_days_is_refused_with_what_it_was(text, got):
    with pytest.raises(InvalidInput) as caught:
        DayPattern(text, MONDAY)
    assert caught.value.field == "pattern"
    assert caught.value.got.startswith(got)


def test_a_pattern_that_dateutil_refuses_is_refused_too(monkeypatch):
    def refuse(*_, **__):
        raise ValueError("no")

    monkeypatch.setattr("dateutil.rrule.rrulestr", refuse)
    with pytest.raises(InvalidInput, match="got no in 'FREQ=MONTHLY;BYDAY=2SU'"):
        DayPattern("FREQ=MONTHLY;BYDAY=2SU", date(1999, 1, 1))


@pytest.mark.parametrize("text", ["FREQ=MONTHLY;BYDAY=1SU", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"])
def test_a_pattern_that_must_be_counted_needs_a_first_day(text):
    with pytest.raises(InvalidInput, match="no first day"):
        DayPattern(text)


def test_a_counted_pattern_answers_for_two_hundred_years():
    given = DayPattern("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1", MONDAY)
    assert given.falls_on(date(2224, 1, 1).toordinal())
    with pytest.raises(InvalidInput, match="at most 200 years after 2024-01-01"):
        given.falls_on(date(2225, 1, 1).toordinal())


def test_the_last_possible_years_can_be_computed():
    given = DayPattern("FREQ=MONTHLY;BYDAY=-1FR", date(9998, 12, 1))
    assert given.falls_on(date(9999, 12, 31).toordinal())
