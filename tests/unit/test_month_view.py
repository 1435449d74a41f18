from datetime import date, timedelta
from typing import Any

import pytest

from tests.desks import open_desk
from tests.people import ME
from tests.small_town import START
from traffic_booking import Booked, DayAvailability, HijriDate, InvalidInput, NotFound
from traffic_booking.application._sync.desk import Desk


def month(
    desk: Desk,
    year: int,
    month_of_year: int,
    calendar: Any = "gregorian",
    *,
    service: str = "renewal",
    branch: str = "north",
) -> tuple[DayAvailability, ...]:
    """The view of a month; the default is of renewals at the branch north."""
    return desk.month_view(service=service, branch=branch, year=year, month_of_year=month_of_year, calendar=calendar)


def of_day(view: tuple[DayAvailability, ...], day: date) -> tuple[int, int]:
    """Seats and free seats of one day of a view."""
    (found,) = (entry for entry in view if entry.day.gregorian == day)
    return found.seats, found.free


@pytest.mark.journey("J-14")
class TestDaysOfTheMonth:
    def test_are_all_there_in_order_in_the_gregorian_calendar(self):
        view = month(open_desk(), 2026, 12)
        assert [entry.day.gregorian for entry in view] == [date(2026, 12, day) for day in range(1, 32)]

    def test_are_all_there_in_order_in_the_hijri_calendar(self):
        view = month(open_desk(), 1448, 6, calendar="hijri")
        assert [entry.day.hijri for entry in view] == [HijriDate(1448, 6, day) for day in range(1, len(view) + 1)]
        assert view[-1].day.hijri.plus_days(1) == HijriDate(1448, 7, 1)

    def test_have_the_seats_of_their_slots(self):
        view = month(open_desk(), 2026, 12)
        assert of_day(view, date(2026, 12, 1)) == (24, 24)
        assert of_day(view, date(2026, 12, 4)) == (0, 0), "a Friday"

    def test_have_a_seat_less_for_each_appointment_and_one_more_when_it_is_cancelled(self):
        desk, day = open_desk(), date(2026, 12, 1)
        (slot,) = desk.find_slots(service="renewal", branch="north", from_=day, limit=1)
        booked = desk.book(slot, applicant=ME, agreed=True, request_id="1")
        assert isinstance(booked, Booked)
        assert of_day(month(desk, 2026, 12), day) == (24, 23)
        desk.cancel(booked.appointment.number, by=ME, request_id="2")
        assert of_day(month(desk, 2026, 12), day) == (24, 24)

    def test_have_nothing_for_slots_that_have_started_or_days_that_are_past(self):
        view = month(open_desk(start=START + timedelta(hours=3)), 2026, 11)
        assert of_day(view, date(2026, 11, 19)) == (0, 0)
        assert of_day(view, date(2026, 11, 22)) == (15, 15), "10:15 to 13:45"

    def test_have_nothing_beyond_the_booking_horizon(self):
        view = month(open_desk(horizon_days=3), 2026, 11)
        assert of_day(view, date(2026, 11, 24)) == (24, 24)
        assert of_day(view, date(2026, 11, 25)) == (0, 0), "opens an hour after the horizon"

    def test_have_nothing_of_a_service_that_the_branch_does_not_offer(self):
        view = month(open_desk(), 2026, 12, service="foreign", branch="south")
        assert {(entry.seats, entry.free) for entry in view} == {(0, 0)}


class TestMisuse:
    @pytest.mark.parametrize(("year", "month_of_year"), [(1800, 1), (9998, 1), (2026, 0), (2026, 13), (-1, 1)])
    def test_a_month_that_is_none_is_refused(self, year, month_of_year):
        with pytest.raises(InvalidInput, match=r"^(year|month): "):
            month(open_desk(), year, month_of_year)

    @pytest.mark.parametrize(("year", "month_of_year"), [(1342, 12), (1501, 1), (1448, 0), (1448, 13)])
    def test_a_hijri_month_that_is_none_is_refused(self, year, month_of_year):
        with pytest.raises(InvalidInput, match="Hijri month"):
            month(open_desk(), year, month_of_year, calendar="hijri")

    def test_a_month_at_either_end_of_the_calendars_is_empty(self):
        desk = open_desk()
        ends = ((1801, 1, "gregorian"), (9997, 12, "gregorian"), (1343, 1, "hijri"), (1500, 12, "hijri"))
        for year, month_of_year, calendar in ends:
            view = month(desk, year, month_of_year, calendar)
            assert {(entry.seats, entry.free) for entry in view} == {(0, 0)}

    def test_a_third_calendar_is_refused(self):
        with pytest.raises(InvalidInput, match="calendar: got 'julian'; expected gregorian or hijri"):
            month(open_desk(), 2026, 11, calendar="julian")

    def test_an_unknown_name_is_not_found(self):
        with pytest.raises(NotFound, match="no branch 'east'; known: north, south"):
            month(open_desk(), 2026, 11, branch="east")
        with pytest.raises(NotFound, match="no service 'wash'"):
            month(open_desk(), 2026, 11, service="wash")
