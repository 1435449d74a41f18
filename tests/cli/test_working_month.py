"""A month drawn in the terminal, with both calendars and the words of those who close it."""

import os
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from rich.cells import cell_len

from tests.calendars import exception, order
from traffic_booking import BookingDesk, Clerk, Day, Effect, Hours

BRANCH = ("--branch", "riyadh-traffic")
RAMADAN = ("calendar", "1445-09", *BRANCH)
SEPTEMBER = ("calendar", "2026-09", *BRANCH)
"""Its 23rd, a Wednesday, is National Day; the Thursday after it is a bridge."""

ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def grid(out):
    """The lines of the grid, from the names of the weekdays to the last week, without direction marks."""
    return [line.ljust(68) for line in drawn(out.translate(ISOLATES))]


def drawn(out):
    lines = out.splitlines()
    first = next(n for n, line in enumerate(lines) if re.match(r"[\s\u2067\u2068]*(Sun|السبت)[\s\u2069]", line))
    last = next(n for n, line in enumerate(lines) if re.match(r"~|[\u2067\u2068]?days|.*الأيام\u2069?$", line))
    return lines[first:last]


def columns(line):
    return [line[place * 10 : place * 10 + 8].strip() for place in range(7)]


@pytest.mark.parametrize(
    ("month", "length", "calendar"),
    [("1445-09", 30, "hijri"), ("1445-08", 29, "hijri"), ("2024-02", 29, "gregorian"), ("2026-12", 31, "gregorian")],
)
def test_a_month_of_either_calendar_has_all_its_days_in_both(shell, month, length, calendar):
    days = shell("calendar", month, *BRANCH, "--json").form["days"]
    assert len(days) == length
    assert {entry["day"][calendar][:7] for entry in days} == {month}
    dates = [date.fromisoformat(entry["day"]["gregorian"]) for entry in days]
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))
    assert all(entry["day"]["hijri"] for entry in days)


def test_the_machine_form_has_hours_shifts_and_rules_of_each_day_with_every_rule_in_words(shell):
    form = shell(*RAMADAN, "--json").form
    first, feast = form["days"][0], form["days"][24]
    assert (first["open"], first["usual"], first["rules"]) == (
        True,
        False,
        ["timetable.large", "weekend", "ramadan.gov"],
    )
    assert first["hours"] == [{"opens": "10:00", "closes": "15:00"}, {"opens": "21:00", "closes": "24:00"}]
    evening = {"opens": "21:00", "closes": "24:00", "capacity": 3}
    renewals = ["licence-renewal", "licence-replacement", "registration-renewal", "registration-replacement"]
    assert evening | {"services": renewals, "pool": None} in first["shifts"]
    assert (feast["open"], feast["usual"], feast["rules"]) == (False, False, ["fitr.civil"])
    assert feast["hours"] == feast["shifts"] == []
    assert set(form["statements"]) == {rule for day in form["days"] for rule in day["rules"]}
    assert set(form["statements"]["fitr.civil"]) == {"ar", "en"}
    usual = shell(*SEPTEMBER, "--json").form["days"]
    assert [(usual[day]["open"], usual[day]["usual"]) for day in (0, 3)] == [(True, True), (False, True)]


def test_weeks_begin_on_sunday_and_each_day_stands_under_its_weekday(shell):
    header, *weeks = grid(shell(*SEPTEMBER).out)
    assert columns(header) == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert columns(weeks[0]) == ["", "", "1", "2", "3", "4", "5"]
    assert columns(weeks[1]) == ["", "", "03-19", "03-20", "03-21", "03-22", "03-23"]
    assert columns(weeks[2]) == ["", "", "", "", "", "closed", "closed"]
    numbers = [number for week in weeks[::4] for number in columns(week) if number]
    assert numbers == [str(day) for day in range(1, 31)]
    for week in weeks[::4]:
        for place, number in enumerate(columns(week)):
            assert not number or date(2026, 9, int(number)).isoweekday() % 7 == place


def test_in_arabic_the_week_runs_from_right_to_left(shell):
    english, arabic = grid(shell(*RAMADAN).out), grid(shell(*RAMADAN, "--language", "ar").out)
    assert len(english) == len(arabic)
    sunday = Day(date(2026, 11, 22))
    assert arabic[0].rstrip().endswith(sunday.weekday.ar)
    note = {"closed": "مغلق", "special": "دوام خاص"}
    for left, right in zip(english[1:], arabic[1:], strict=True):
        shown = re.split(r"\s{2,}", right.strip()) if right.strip() else []
        assert shown[::-1] == [note.get(text, text) for text in columns(left) if text]


@pytest.mark.parametrize("month", ["1445-09", "2026-09", "1451-04", "2100-01"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_line_is_wider_than_eighty_columns_and_the_grids_are_even(shell, monkeypatch, month, language):
    monkeypatch.setenv("COLUMNS", "80")
    out = shell("calendar", month, *BRANCH, "--language", language).out
    assert max(map(cell_len, out.splitlines())) <= 80
    assert len(set(map(cell_len, drawn(out)))) == 1


@pytest.mark.parametrize("width", ["20", "60", "80"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_isolate_is_closed_on_its_line_and_no_day_is_lost_in_a_narrow_terminal(
    shell, monkeypatch, width, language
):
    monkeypatch.setenv("COLUMNS", width)
    out = shell(*RAMADAN, "--language", language).out
    for line in out.splitlines():
        depth = 0
        for mark in line:
            depth += (mark in "\u2066\u2067\u2068") - (mark == "\u2069")
            assert depth >= 0
        assert depth == 0
    assert all(f"{day:%m-%d}" in out for day in (date(2024, 3, 11) + timedelta(days=n) for n in range(30)))


def test_below_the_grid_stands_each_period_with_its_rule_and_sentence_and_the_weekend_last(shell):
    out = shell(*SEPTEMBER).out
    below = [re.split(r"\s{2,}", line.strip()) for line in out[out.index("days ") :].splitlines()]
    assert [line[:3] for line in below] == [
        ["days", "hours", "rule"],
        ["2026-09-23", "closed", "national-day"],
        ["2026-09-24", "closed", "bridge.civil"],
        ["Friday, Saturday", "closed", "weekend"],
    ]
    assert below[3][3] == "Friday and Saturday are the weekend."


def test_a_period_is_not_parted_by_the_weekends_in_it(shell):
    out = shell(*RAMADAN).out
    assert re.search(r"1445-09-01 to 1445-09-24 +10:00–15:00, 21:00–24:00 +timetable\.large +Large branch", out)
    assert re.search(r"1445-09-25 to 1445-09-30 +closed +fitr\.civil ", out)
    assert out.count("ramadan.gov") == 1


def test_days_that_the_published_tables_dispute_are_marked_and_the_mark_is_explained(shell):
    disputed, agreed = shell("calendar", "1451-04", *BRANCH).out, shell(*RAMADAN).out
    assert "1~ " in disputed
    assert "~ The Hijri date is provisional" in disputed
    assert "~" not in agreed
    assert "04-01~" in shell("calendar", "2029-08", *BRANCH).out
    assert "مبدئي" in shell("calendar", "1451-04", *BRANCH, "--language", "ar").out


@pytest.mark.parametrize(("month", "reached"), [("2100-01", 0), ("2077-11", 16), ("1924-08", 31), ("1924-07", 0)])
def test_a_day_beyond_the_hijri_table_has_its_gregorian_date_alone(shell, month, reached):
    command = ("calendar", month, *BRANCH)
    days = [entry["day"] for entry in shell(*command, "--json").form["days"]]
    assert sum(day["hijri"] is not None for day in days) == reached
    cells = [text for line in grid(shell(*command).out)[2::4] for text in columns(line) if text]
    assert len(cells) == reached


def declare(record):
    with BookingDesk.open(os.environ["TRAFFIC_BOOKING_DB"]) as desk:
        desk.calendar.declare(record, reason="test", by=Clerk("desk-1"), request_id=record.id)


def test_declarations_of_a_branch_show_in_its_own_months_alone_at_once(shell):
    week = (date(2026, 9, 6), date(2026, 9, 10))
    mornings = (Hours(480, 600), Hours(660, 720))
    declare(exception(Effect.OTHER_HOURS, *week, branch="riyadh-traffic", hours=mornings))
    declare(exception(Effect.CLOSED, date(2026, 9, 8), branch="riyadh-traffic"))
    out = shell(*SEPTEMBER).out
    assert re.search(r"2026-09-06 to 2026-09-07 +08:00–10:00, 11:00–12:00 +branch\.other-hours +words", out)
    assert re.search(r"2026-09-08 +closed +branch\.closed +words", out)
    assert re.search(r"2026-09-09 to 2026-09-10 +08:00–10:00", out)
    assert columns(grid(out)[7])[:5] == ["special", "special", "closed", "special", "special"]
    arabic = shell(*SEPTEMBER, "--language", "ar").out.translate(ISOLATES)
    assert "08:00–10:00، 11:00–12:00" in arabic
    assert "2026-09-06 إلى 2026-09-07" in arabic
    assert "branch." not in shell("calendar", "2026-09", "--branch", "jeddah-traffic").out


def test_a_lower_capacity_is_a_period_of_its_own_with_the_usual_hours(shell):
    fewer = exception(Effect.OTHER_CAPACITY, date(2026, 9, 6), date(2026, 9, 15), branch="dawadmi-traffic", capacity=1)
    declare(fewer)
    out = shell("calendar", "2026-09", "--branch", "dawadmi-traffic").out
    assert re.search(r"2026-09-06 to 2026-09-15 +08:00–14:00 +branch\.other-capacity +words", out)


def test_a_day_opened_by_order_on_which_the_timetable_has_no_shift_shows_both(shell):
    saturday = date(2026, 9, 12)
    declare(order(saturday, opens=True))
    out = shell(*SEPTEMBER).out
    assert re.search(r"2026-09-12 +closed +timetable\.large +Large branch", out)
    assert re.search(r"\n {20,}order +words", out)
