"""A month as a grid with a mark for how free each day is, over one branch or several."""

import re
from datetime import datetime

import pytest
from rich.cells import cell_len

from traffic_booking import BookingDesk
from traffic_booking.testing import MovableClock, made_up_person

ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")
MONTH = ("month", "--service", "licence-renewal", "--month", "2026-12")
HEAT = (*MONTH, "--heat")


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    clock = MovableClock(datetime.fromisoformat("2026-11-22T07:00+03:00"))
    monkeypatch.setattr("traffic_booking.adapters.clock.SystemClock", lambda: clock)


def test_a_day_has_its_number_its_mark_the_other_date_and_its_free_seats(shell):
    lines = shell(*HEAT, "--branch", "riyadh-traffic").out.splitlines()
    week = next(place for place, line in enumerate(lines) if line.startswith("6 "))
    assert lines[week].split() == ["6", "●●●", "7", "●●●", "8", "●●●", "9", "●●●", "10", "●●●", "11", "12"]
    assert lines[week + 1].split()[:2] == ["06-26", "06-27"]
    assert lines[week + 2].split() == [*["192"] * 5, "closed", "closed"]
    assert "●●●  half of the seats or more are free" in lines
    assert lines[-1] == "Below the dates: the number of free seats."
    assert any(re.fullmatch(r"first free +2026-12-01T08:00, Riyadh traffic branch.*", line) for line in lines)


@pytest.mark.long
def test_the_marks_and_their_legend_follow_the_free_seats(shell, monkeypatch):
    opened = BookingDesk.open

    def with_bookings(url, **more):
        desk = opened(url, **more)
        for day, left in (("2026-12-01", 0), ("2026-12-02", 20)):
            at = datetime.fromisoformat(day).date()
            for place in range(192 - left):
                (slot,) = desk.find_slots(service="licence-renewal", branch="riyadh-traffic", day=at, limit=1)
                person = made_up_person(1_000 * at.day + place)
                desk.hold(slot, applicant=person, request_id=f"{day}-{place}")
        return desk

    monkeypatch.setattr(BookingDesk, "open", with_bookings)
    out = shell(*HEAT, "--branch", "riyadh-traffic").out
    assert re.search(r"1 ○○○ +2 ●○○ +3 ●●●", out)
    assert re.search(r"full +20 +192", out)
    assert [line[:3] for line in out.splitlines() if re.match(r"[●○]{3}  ", line)] == ["●●●", "●○○", "○○○"]


@pytest.mark.parametrize("month", ["2026-12", "1448-06"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_line_is_wider_than_eighty_columns_even_for_the_whole_country(shell, monkeypatch, month, language):
    monkeypatch.setenv("COLUMNS", "80")
    out = shell(*MONTH[:-1], month, "--heat", "--language", language).out
    assert max(cell_len(line) for line in out.splitlines() if ":" not in line) <= 80
    assert re.search(r"\d{5}", out), "more seats than four digits have"


def test_in_arabic_the_week_runs_from_right_to_left(shell):
    lines = shell(*HEAT, "--governorate", "riyadh", "--language", "ar").out.splitlines()
    assert any("\u20676 ●●●\u2069" in line for line in lines)
    week = next(line for line in lines if "6 ●●●" in line).translate(ISOLATES)
    assert week.split() == ["12", "11", "10", "●●●", "9", "●●●", "8", "●●●", "7", "●●●", "6", "●●●"]
    assert any(line.translate(ISOLATES) == "●●●  نصف المقاعد أو أكثر شاغر" for line in lines)


def test_the_marks_have_colours_on_a_terminal_and_none_without(shell, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;30;42m" in shell(*HEAT, "--branch", "riyadh-traffic").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "42m" not in shell(*HEAT, "--branch", "riyadh-traffic").out


def test_places_are_given_with_commas_or_again(shell):
    def seats(*place):
        return [day["seats"] for day in shell(*MONTH, *place, "--json").form["days"]]

    one, other = seats("--branch", "riyadh-traffic"), seats("--branch", "diriyah-traffic")
    both = [sum(pair) for pair in zip(one, other, strict=True)]
    assert seats("--branch", "riyadh-traffic,diriyah-traffic") == both
    assert seats("--branch", "riyadh-traffic", "--branch", "diriyah-traffic") == both
    assert seats("--region", "SA-01") < seats("--region", "SA-01,SA-02") < seats()
    assert seats("--near", "24.7,46.7", "--within-km", "1000") > both
    assert "riyadh-traffic" in shell(*MONTH, "--governorate", "riyadh,diriyah").out
    assert shell(*MONTH, "--branch", ",").code == 2
