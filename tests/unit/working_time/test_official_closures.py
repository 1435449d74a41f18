"""Past closures, computed from the shipped rules, announcements and orders.

Days marked "as published" were found in the press of the time, those of `PUBLISHED` with the page beside them. The
other dates of the Eids of 1435, 1439, 1444 and 1447 were not found. Their expected days were computed by hand from the
sentence of the rule and the Umm al-Qura table. They prove only the computation.
"""

from datetime import date, timedelta

import hijridate
import pytest
from attrs import evolve

from traffic_booking.adapters.data_files import load_working_calendar
from traffic_booking.domain.schedule.working_day import WorkingDay

ONE = timedelta(days=1)

ANNOUNCED = {
    (1434, 9): date(2013, 7, 10),
    (1435, 9): date(2014, 6, 29),
    (1436, 12): date(2015, 9, 15),
    (1437, 12): date(2016, 9, 3),
    (1439, 9): date(2018, 5, 17),
    (1443, 1): date(2021, 8, 10),
}


def answer(day: date, profile: str | None = None) -> WorkingDay:
    return load_working_calendar(profile=profile).working_day(day)


def is_open(day: date, profile: str | None = None) -> bool:
    return answer(day, profile).open


PUBLISHED = [
    (date(2013, 8, 1), date(2013, 8, 13)),  # wtniaat.com/new/s/94
    (date(2013, 10, 9), date(2013, 10, 21)),  # arabiaweather.com, 6 October 2013
    (date(2014, 9, 25), date(2014, 10, 12)),  # life-in-saudiarabia.blogspot.com, 4 September 2014: from the 26th
    (date(2015, 1, 22), date(2015, 1, 26)),  # news.yahoo.com/saudi-capital-turns-quiet-day-mourning-084015879.html
    (date(2015, 9, 17), date(2015, 10, 4)),  # arabiaweather.com, 17 September 2015; SPA, 23 September 2015
    (date(2016, 6, 29), date(2016, 7, 11)),  # sauress.com/alazd/169473
    (date(2018, 6, 7), date(2018, 6, 24)),  # arablocal.com, 7 June 2018
    (date(2018, 8, 13), date(2018, 8, 27)),  # mot-backup.gulfbusiness.com; elwatannews.com/news/details/3589919
    (date(2018, 9, 20), date(2018, 9, 25)),  # gulfbusiness.com/saudi-king-extends-national-day-holiday
    (date(2019, 5, 29), date(2019, 6, 16)),  # a.mslslat.info/news/8157
    (date(2019, 8, 5), date(2019, 8, 18)),  # slaati.com/2019/07/23/p1449651.html
    (date(2019, 9, 19), date(2019, 9, 24)),  # ksaexpats.com/4-day-holiday-for-saudi-national-day
    (date(2020, 5, 14), date(2020, 5, 31)),  # eastcoastdaily.in/2020/05/13
    (date(2020, 7, 23), date(2020, 8, 9)),  # english.alarabiya.net, 20 July 2020
    (date(2020, 9, 22), date(2020, 9, 27)),  # publicholidaynews.com/20200908
    (date(2021, 5, 6), date(2021, 5, 18)),  # publicholidaynews.com/20210506
    (date(2021, 7, 14), date(2021, 7, 26)),  # saudi24news.com, July 2021
    (date(2022, 11, 22), date(2022, 11, 24)),  # zawya.com, 22 November 2022
    (date(2023, 2, 21), date(2023, 2, 26)),  # eastcoastdaily.in/2023/02/05
    (date(2024, 9, 19), date(2024, 9, 24)),  # zawya.com, 18 September 2024
]
"""The last day of work before some days off, and the day on which it was resumed."""


def leave(first_working: date, resumed: date) -> None:
    """No day is open between the two given working days, and both of these are open."""
    assert is_open(first_working)
    assert is_open(resumed)
    day = first_working + ONE
    while day < resumed:
        assert not is_open(day), day
        day += ONE


class TestFixedDays:
    def test_national_day_2023_on_a_saturday_is_kept_on_sunday(self):
        assert answer(date(2023, 9, 23)).rules == ("weekend",)
        assert answer(date(2023, 9, 24)).rules == ("national-day",)
        assert not is_open(date(2023, 9, 24))
        assert is_open(date(2023, 9, 25))

    def test_founding_day_2025_on_a_saturday_is_kept_on_sunday(self):
        assert not is_open(date(2025, 2, 23))
        assert answer(date(2025, 2, 23)).rules == ("founding-day",)
        assert is_open(date(2025, 2, 24))

    def test_national_day_2022_on_a_friday_is_kept_on_thursday(self):
        assert answer(date(2022, 9, 22)).rules == ("national-day",)
        assert is_open(date(2022, 9, 21))
        assert is_open(date(2022, 9, 25))

    @pytest.mark.parametrize("day", [date(2017, 9, 24), date(2012, 9, 23), date(2020, 9, 23)])
    def test_national_day_is_kept_as_published(self, day):
        assert not is_open(day)
        assert answer(day).rules == ("national-day",)

    def test_before_2013_a_thursday_went_to_wednesday_and_a_friday_to_saturday_as_the_regulation_had_it(self):
        assert answer(date(2010, 9, 22)).rules == ("national-day",)
        assert answer(date(2011, 9, 24)).rules == ("national-day",)
        assert is_open(date(2010, 9, 25))
        assert is_open(date(2011, 9, 21))

    def test_national_day_2015_in_the_adha_leave_added_nothing_as_published(self):
        day = date(2015, 9, 23)
        assert answer(day).rules == ("adha.civil",)
        for near in range(-15, 16):
            assert "national-day" not in answer(day + timedelta(days=near)).rules

    def test_national_day_was_no_holiday_before_2005(self):
        assert is_open(date(2003, 9, 23))
        assert not is_open(date(2006, 9, 23))

    def test_founding_day_was_no_holiday_before_2022(self):
        assert is_open(date(2021, 2, 22))
        assert not is_open(date(2022, 2, 22))


@pytest.mark.parametrize(("last_worked", "resumed"), PUBLISHED)
def test_days_off_of_government_offices_were_as_published(last_worked, resumed):
    leave(last_worked, resumed)


class TestOrders:
    @pytest.mark.parametrize(
        ("day", "order"),
        [
            (date(2015, 1, 25), "order.1436-condolences"),
            (date(2015, 10, 1), "order.1436-adha-extended"),
            (date(2018, 6, 21), "order.1439-fitr-extended"),
            (date(2018, 8, 14), "order.1439-adha"),
            (date(2018, 9, 24), "order.1440-national-day"),
            (date(2019, 6, 11), "order.1440-fitr-extended"),
            (date(2022, 11, 23), "order.1444-victory"),
        ],
    )
    def test_a_day_off_by_order_cites_the_order_and_would_be_worked_without_it(self, day, order):
        assert answer(day).rules == (order,)
        assert evolve(load_working_calendar(), orders=()).working_day(day).open

    @pytest.mark.parametrize(
        ("day", "worked"), [(date(2018, 9, 24), False), (date(2022, 11, 23), False), (date(2019, 6, 11), True)]
    )
    def test_an_order_for_government_alone_closes_no_private_employer(self, day, worked):
        assert is_open(day, "labour") is worked

    def test_wednesday_between_national_day_and_the_adha_leave_of_1435_was_worked_as_published(self):
        assert not is_open(date(2014, 9, 23))
        assert is_open(date(2014, 9, 24))


class TestEids:
    def test_the_fitr_leave_of_1438_began_after_work_on_20_ramadan_and_was_extended_as_published(self):
        leave(date(2017, 6, 15), date(2017, 7, 9))
        assert answer(date(2017, 6, 18)).rules == ("order.1438-fitr",)
        assert answer(date(2017, 6, 25)).rules == ("fitr.civil",)
        assert answer(date(2017, 7, 3)).rules == ("order.1438-fitr-extended",)

    def test_the_rules_alone_end_the_fitr_leave_of_1438_on_the_day_first_published(self):
        assert answer(date(2017, 6, 29)).rules == ("fitr.civil",)
        assert not is_open(date(2017, 7, 1))

    def test_the_adha_leave_of_1438_ran_as_published_with_a_bridge_at_its_end(self):
        leave(date(2017, 8, 24), date(2017, 9, 10))
        assert answer(date(2017, 8, 25)).rules == ("adha.civil",)
        assert answer(date(2017, 9, 6)).rules == ("adha.civil",)
        assert answer(date(2017, 9, 7)).rules == ("bridge.civil",)

    @pytest.mark.parametrize("year", [1435, 1437, 1439, 1444, 1447])
    @pytest.mark.parametrize(
        ("rule", "begins", "ends"), [("fitr.civil", (9, 25), (10, 5)), ("adha.civil", (12, 5), (12, 15))]
    )
    def test_civil_leaves_without_orders_are_those_of_the_regulation(self, year, rule, begins, ends):
        calendar = evolve(load_working_calendar(), orders=())
        first, last = (self._kept(year, *day) for day in (begins, ends))
        day = first
        while day <= last:
            assert not calendar.working_day(day).open
            assert calendar.working_day(day).rules[-1] == rule
            day += ONE
        off_before, off_after = self._off_beside(first, -ONE), self._off_beside(last, ONE)
        assert calendar.working_day(off_before - ONE).open, year
        assert calendar.working_day(off_after + ONE).open, year

    def test_the_adha_leave_of_1437_ended_a_day_later_than_by_the_table(self):
        assert hijridate.Hijri(1437, 12, 15).to_gregorian() == date(2016, 9, 16)
        assert answer(date(2016, 9, 16)).rules == ("adha.civil",)
        assert answer(date(2016, 9, 17)).rules == ("month-start.1437-12", "adha.civil")

    def test_the_fitr_leave_of_1439_ended_with_shawwal_which_was_not_announced_late(self):
        assert answer(date(2018, 6, 19)).rules == ("fitr.civil",)
        assert answer(date(2018, 6, 20)).rules == ("order.1439-fitr-extended",)

    @staticmethod
    def _kept(year: int, month: int, day: int) -> date:
        tabled = hijridate.Hijri(year, month, 1).to_gregorian()
        start = ANNOUNCED.get((year, month), date(tabled.year, tabled.month, tabled.day))
        return start + (day - 1) * ONE

    @staticmethod
    def _off_beside(edge: date, step: timedelta) -> date:
        """The last day off on that side, with a weekend, even if one working day is before the weekend."""
        day = edge
        while True:
            following = day + step
            weekend = following.weekday() in (4, 5)
            lone = day == edge and not weekend and (following + step).weekday() in (4, 5)
            if not weekend and not lone:
                return day
            day = following


class TestAnnouncements:
    def test_a_month_announced_late_moves_the_closures_and_no_conversion(self):
        from traffic_booking import HijriDate

        calendar = load_working_calendar()
        tabled, announced = date(2016, 9, 6), date(2016, 9, 7)
        assert HijriDate.from_gregorian(tabled) == HijriDate(1437, 12, 5)
        assert calendar.working_day(tabled).open
        assert calendar.working_day(tabled).rules == ("month-start.1437-12", "weekend")
        assert not calendar.working_day(announced).open
        assert HijriDate(1437, 12, 5).to_gregorian() == tabled

    def test_the_first_of_ramadan_by_the_table_has_ordinary_hours_where_the_month_was_announced_a_day_later(self):
        assert answer(date(2018, 5, 16)).hours is None
        assert answer(date(2018, 5, 16)).rules == ("month-start.1439-09", "weekend")
        assert answer(date(2018, 5, 17)).hours is not None
        assert answer(date(2018, 5, 17)).rules == ("weekend", "ramadan.gov")


class TestWeekendHistory:
    @pytest.mark.parametrize(
        ("day", "working"),
        [
            (date(2013, 6, 26), True),
            (date(2013, 6, 27), False),
            (date(2013, 6, 28), False),
            (date(2013, 6, 29), False),
            (date(2013, 6, 30), True),
            (date(2013, 7, 4), True),
            (date(2013, 7, 5), False),
            (date(2013, 6, 22), True),
            (date(1950, 1, 5), False),
            (date(1950, 1, 7), True),
        ],
    )
    def test_thursday_and_friday_until_29_june_2013_then_friday_and_saturday(self, day, working):
        assert is_open(day) is working
        assert answer(day).rules == ("weekend" if day >= date(2013, 6, 29) else "weekend.thu-fri",)


class TestProfiles:
    def test_the_shipped_choice_is_civil_and_marked_unofficial(self):
        profile = load_working_calendar().profile
        assert profile.id == "civil"
        assert profile.unofficial
        assert load_working_calendar(profile="civil") is load_working_calendar()

    def test_the_private_sector_had_1_to_4_may_2022_off_as_published(self):
        days = [day for day in range(1, 6) if not is_open(date(2022, 5, day), "labour")]
        assert days == [1, 2, 3, 4]
        assert answer(date(2022, 5, 1), "labour").rules == ("fitr.labor",)

    def test_weekend_days_in_the_labour_leave_are_made_up(self):
        off = [day for day in range(20, 28) if not is_open(date(2023, 4, day), "labour")]
        assert off == [21, 22, 23, 24, 25, 26]

    def test_the_labour_leave_of_adha_begins_on_the_day_of_arafah(self):
        arafah = date(2015, 9, 23)
        assert answer(arafah, "labour").rules == ("adha.labor",)
        assert is_open(arafah - ONE, "labour")

    def test_the_profile_of_announced_days_has_no_eid_until_one_is_announced(self):
        assert is_open(date(2024, 4, 10), "4to5")
        assert not is_open(date(2023, 9, 24), "4to5")

    def test_ramadan_hours_are_ten_to_three_and_for_government_alone(self):
        window = answer(date(2024, 3, 12)).hours
        assert window is not None
        assert [str(hours) for hours in window] == ["10:00 to 15:00"]
        assert answer(date(2024, 3, 12), "labour").hours is None
        assert answer(date(2024, 3, 10)).hours is None
        assert answer(date(2024, 4, 15)).hours is None
