"""The computation of holidays: lieu days, bridges, ends of years and of the table, cached and refused values."""

from datetime import MAXYEAR, UTC, date, datetime, timedelta

import pytest

from tests.calendars import HEAD, RAMADAN, WEEKEND, WORDS, calendar_of, exception, month_start, order, profile_of
from traffic_booking import InvalidInput, NotFound
from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.holiday_rules import (
    AnnouncedDays,
    Bridge,
    FixedDay,
    HijriSpan,
    LabourDays,
    Weekend,
)
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar

BRIDGE = Bridge(id="bridge", **HEAD)


def fixed(day: date, name: str = "day") -> FixedDay:
    return FixedDay(id=name, month=day.month, day=day.day, **HEAD)


def off(of: WorkingCalendar, first: date, last: date) -> dict[str, tuple[str, ...]]:
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    answers = [of.working_day(day) for day in days]
    return {f"{found.day:%d %b}": found.rules for found in answers if not found.open and found.rules != ("weekend",)}


class TestFixedDays:
    def test_two_on_one_day_are_one(self):
        day = date(2024, 5, 6)
        assert calendar_of(fixed(day, "a"), fixed(day, "b")).working_day(day).rules == ("a",)

    def test_one_that_is_moved_onto_another_adds_nothing(self):
        saturday, sunday = date(2024, 5, 4), date(2024, 5, 5)
        found = calendar_of(fixed(saturday, "a"), fixed(sunday, "b"))
        assert off(found, saturday, date(2024, 5, 8)) == {"05 May": ("b",)}

    def test_one_in_the_weekend_that_touches_a_leave_adds_nothing(self):
        leave = HijriSpan(id="leave", from_month=10, from_day=20, to_month=10, to_day=23, **HEAD)
        found = calendar_of(leave, fixed(date(2024, 5, 4)))
        assert found.working_day(date(2024, 5, 4)).rules == ("leave",)
        assert found.working_day(date(2024, 5, 5)).open

    def test_one_on_29_february_comes_in_leap_years_alone(self):
        found = calendar_of(fixed(date(2024, 2, 29)))
        assert off(found, date(2024, 2, 1), date(2024, 3, 31)) == {"29 Feb": ("day",)}
        assert off(found, date(2023, 2, 1), date(2023, 3, 31)) == {}

    def test_one_is_kept_in_the_old_year_where_new_years_day_is_a_friday(self):
        found = calendar_of(fixed(date(2021, 1, 1)))
        assert found.working_day(date(2020, 12, 31)).rules == ("day",)

    def test_one_is_kept_in_the_new_year_where_the_last_day_is_a_saturday(self):
        found = calendar_of(fixed(date(2022, 12, 31)))
        assert found.working_day(date(2023, 1, 1)).rules == ("day",)

    def test_one_among_weekends_without_end_is_kept_nowhere(self):
        always = Weekend(id="always", pattern="FREQ=DAILY", in_force_from=date(2024, 5, 6), **HEAD)
        found = calendar_of(WEEKEND, always, fixed(date(2024, 6, 5)))
        assert off(found, date(2024, 6, 1), date(2024, 6, 30)).get("05 Jun") == ("always",)

    def test_a_weekend_of_one_day_sends_it_to_the_day_before(self):
        sundays = Weekend(id="sunday", pattern="FREQ=WEEKLY;BYDAY=SU", **HEAD)
        assert calendar_of(sundays, fixed(date(2024, 5, 5))).working_day(date(2024, 5, 4)).rules == ("day",)


class TestLabourDays:
    ADHA = LabourDays(id="adha", month=12, day=9, days=4, **HEAD)

    def test_weekend_days_among_them_are_made_up_by_the_next_working_days(self):
        assert off(calendar_of(self.ADHA), date(2024, 6, 10), date(2024, 6, 25)) == {
            "15 Jun": ("adha",),
            "16 Jun": ("adha",),
            "17 Jun": ("adha",),
            "18 Jun": ("adha",),
            "19 Jun": ("adha",),
        }

    def test_days_in_lieu_avoid_weekends_and_other_holidays(self):
        longer = LabourDays(id="adha", month=12, day=9, days=5, **HEAD)
        found = calendar_of(longer, fixed(date(2024, 6, 20)))
        assert off(found, date(2024, 6, 19), date(2024, 6, 26)) == {
            "19 Jun": ("adha",),
            "20 Jun": ("day",),
            "23 Jun": ("adha",),
        }

    def test_a_fixed_day_among_them_adds_nothing(self):
        found = calendar_of(self.ADHA, fixed(date(2024, 6, 16)))
        assert "day" not in {
            rule for rules in off(found, date(2024, 6, 1), date(2024, 6, 30)).values() for rule in rules
        }

    def test_an_announcement_moves_all_four_and_names_itself_on_the_days_that_open(self):
        announced = month_start(1445, 12, date(2024, 6, 9))
        found = calendar_of(self.ADHA, announcements=[announced])
        assert found.working_day(date(2024, 6, 16)).rules == ("start.1445-12", "weekend")
        assert found.working_day(date(2024, 6, 17)).rules == ("adha",)
        assert found.working_day(date(2024, 6, 20)).rules == ("start.1445-12", "adha")
        by_the_table = LabourDays(id="adha", month=12, day=9, days=4, by_sighting=False, **HEAD)
        assert calendar_of(by_the_table, announcements=[announced]).working_day(date(2024, 6, 16)).rules == ("adha",)

    @pytest.mark.parametrize(
        ("announced", "in_force"),
        [
            (date(2024, 6, 6), {"in_force_from": date(2024, 6, 15)}),
            (date(2024, 6, 8), {"in_force_until": date(2024, 6, 16)}),
        ],
        ids=["a day early, the rule begins that day", "a day late, the rule ends with it"],
    )
    def test_a_rule_in_force_on_the_first_day_by_the_table_holds_wherever_an_announcement_moves_it(
        self, announced, in_force
    ):
        rule = LabourDays(id="adha", month=12, day=9, days=4, **in_force, **HEAD)
        found = calendar_of(rule, announcements=[month_start(1445, 12, announced)])
        first = announced + timedelta(days=8)
        assert [found.working_day(first + timedelta(days=after)).open for after in (2, 3)] == [False, False]

    @pytest.mark.parametrize(
        ("from_day", "eve", "day"),
        [
            (20, (False, ("span",)), (False, ("start.1445-06", "span"))),
            (30, (True, ("start.1445-06", "weekend")), (False, ("start.1445-06", "span"))),
        ],
        ids=["the last of many days", "the only day"],
    )
    def test_a_thirtieth_by_announcement_alone_is_off_and_names_it(self, from_day, eve, day):
        span = HijriSpan(id="span", from_month=5, from_day=from_day, to_month=5, to_day=30, **HEAD)
        tabled = date(2023, 12, 14)
        found = calendar_of(span, announcements=[month_start(1445, 6, tabled + timedelta(days=1))])
        answers = [found.working_day(each) for each in (tabled - timedelta(days=1), tabled)]
        assert [(each.open, each.rules) for each in answers] == [eve, day]

    def test_the_day_after_the_29th_counts_from_the_last_day_of_a_shorter_month(self):
        fitr = LabourDays(id="fitr", month=9, day=30, offset_days=1, days=1, **HEAD)
        assert calendar_of(fitr).working_day(date(2023, 4, 21)).rules == ("fitr",)


class TestBridges:
    def test_a_lone_working_day_between_a_weekend_and_a_holiday_is_off(self):
        monday, wednesday = date(2024, 5, 6), date(2024, 5, 8)
        assert calendar_of(BRIDGE, fixed(monday)).working_day(date(2024, 5, 5)).rules == ("bridge",)
        assert calendar_of(BRIDGE, fixed(wednesday)).working_day(date(2024, 5, 9)).rules == ("bridge",)

    def test_two_working_days_are_no_bridge(self):
        tuesday = date(2024, 5, 7)
        assert off(calendar_of(BRIDGE, fixed(tuesday)), date(2024, 5, 1), date(2024, 5, 12)) == {"07 May": ("day",)}

    def test_a_day_between_two_weekends_is_worked(self):
        split = Weekend(id="split", pattern="FREQ=WEEKLY;BYDAY=FR,SU", **HEAD)
        assert calendar_of(split, BRIDGE).working_day(date(2024, 5, 4)).open

    def test_a_day_between_two_holidays_is_off(self):
        found = calendar_of(BRIDGE, fixed(date(2024, 5, 6), "a"), fixed(date(2024, 5, 8), "b"))
        assert found.working_day(date(2024, 5, 7)).rules == ("bridge",)

    def test_there_are_none_before_the_rule_is_in_force(self):
        later = Bridge(id="bridge", in_force_from=date(2024, 5, 6), **HEAD)
        assert calendar_of(later, fixed(date(2024, 5, 6))).working_day(date(2024, 5, 5)).open

    def test_an_order_makes_none(self):
        found = calendar_of(BRIDGE, orders=[order(date(2024, 5, 6))])
        assert found.working_day(date(2024, 5, 5)).open

    def test_there_is_one_across_the_end_of_a_year(self):
        found = calendar_of(BRIDGE, fixed(date(2024, 1, 1)))
        assert found.working_day(date(2023, 12, 31)).rules == ("bridge",)


class TestAnnouncedDays:
    GIVEN = AnnouncedDays(id="given", in_force_from=date(2024, 1, 1), **HEAD)
    OTHER = AnnouncedDays(id="other", **HEAD)

    def closure(self, first: date, last: date, rule: str = "given") -> AnnouncedClosure:
        return AnnouncedClosure(id="closure", rule=rule, first_day=first, last_day=last, **HEAD)

    def test_are_off_with_the_weekends_that_touch_them(self):
        given = self.closure(date(2024, 4, 9), date(2024, 4, 11))
        found = off(calendar_of(self.GIVEN, self.OTHER, announcements=[given]), date(2024, 4, 7), date(2024, 4, 14))
        assert set(found) == {"09 Apr", "10 Apr", "11 Apr", "12 Apr", "13 Apr"}
        assert set(found.values()) == {("closure", "given")}

    def test_make_no_bridge_by_a_weekend_that_touches_them(self):
        split = Weekend(id="split", pattern="FREQ=WEEKLY;BYDAY=FR,SU", **HEAD)
        given = self.closure(date(2024, 4, 10), date(2024, 4, 11))
        found = calendar_of(split, BRIDGE, self.GIVEN, announcements=[given])
        assert found.working_day(date(2024, 4, 12)).rules == ("closure", "given")
        assert found.working_day(date(2024, 4, 13)).open

    def test_need_their_rule_in_force(self):
        given = self.closure(date(2023, 12, 31), date(2024, 1, 1))
        assert calendar_of(self.GIVEN, announcements=[given]).working_day(date(2023, 12, 31)).open

    def test_of_a_rule_that_the_profile_leaves_out_count_for_nothing(self):
        given = self.closure(date(2024, 4, 9), date(2024, 4, 11))
        one = WorkingCalendar(profile=profile_of([WEEKEND]), rules=(WEEKEND, self.GIVEN), announcements=(given,))
        assert one.working_day(date(2024, 4, 9)).open


class TestTheEndsOfTheTable:
    SPAN = HijriSpan(id="span", from_month=12, from_day=29, to_month=1, to_day=2, **HEAD)

    def test_a_span_may_cross_the_hijri_new_year(self):
        found = calendar_of(self.SPAN)
        expected = {f"{day:02d} Jul": ("span",) for day in (5, 6, 7, 8)}
        assert off(found, date(2024, 7, 1), date(2024, 7, 20)) == expected

    def test_hijri_rules_do_not_apply_before_1343_and_after_1500(self):
        whole = HijriSpan(id="span", from_month=1, from_day=1, to_month=12, to_day=30, **HEAD)
        anchored = LabourDays(id="labour", month=12, day=30, offset_days=1, days=2, **HEAD)
        found = calendar_of(whole, anchored, RAMADAN)
        assert found.working_day(date(1924, 7, 31)).open
        assert not found.working_day(date(1924, 8, 3)).open
        assert not found.working_day(date(2077, 11, 16)).open
        assert found.working_day(date(2077, 11, 17)).rules == ("labour",)
        assert found.working_day(date(2078, 5, 3)).hours is None

    def test_a_span_that_would_end_after_the_table_does_not_apply(self):
        assert calendar_of(self.SPAN).working_day(date(2077, 11, 16)).open

    @pytest.mark.parametrize("day", [date.min, date(1, 12, 31), date(MAXYEAR, 1, 1), date.max])
    def test_the_first_and_the_last_years_have_answers(self, day):
        found = calendar_of(self.SPAN, fixed(date(2024, 1, 1)), fixed(date(2024, 12, 31), "last"), BRIDGE, RAMADAN)
        assert found.working_day(day).rules


class TestACalendar:
    def test_has_no_day_for_an_instant(self):
        with pytest.raises(InvalidInput, match=r"^day: got a datetime; expected a date without a time of day$"):
            calendar_of().working_day(datetime(2024, 5, 3, 12, 0, tzinfo=UTC))

    def test_gives_the_same_answer_however_many_years_were_asked_for(self):
        found = calendar_of()
        for year in (*range(1990, 2060), 1990):
            assert found.working_day(date(year, 1, 1)) == calendar_of().working_day(date(year, 1, 1))

    def test_answers_about_days_in_a_row_as_about_each(self):
        found = calendar_of(fixed(date(2024, 1, 1)))
        first, change = date(2023, 12, 20), [exception(Effect.CLOSED, date(2023, 12, 25))]
        days = [first + timedelta(days=each) for each in range(30)]
        assert found.working_days(first, 30) == [found.working_day(day) for day in days]
        assert found.working_days(first, 30, change) == [found.working_day(day, change) for day in days]
        assert found.working_days(first, 0) == []

    def test_answers_about_days_in_a_row_up_to_the_last_there_is(self):
        assert len(calendar_of().working_days(date(9999, 12, 1), 31)) == 31
        with pytest.raises(InvalidInput, match="days up to 9999-12-31"):
            calendar_of().working_days(date(9999, 12, 1), 32)

    def test_shows_what_an_answer_cites(self):
        found = calendar_of(orders=[order(date(2024, 5, 5))])
        assert found.authority("weekend").statement == WORDS
        assert found.authority("order").source == "this test"
        with pytest.raises(NotFound, match="no calendar rule 'none'; known: order, weekend"):
            found.authority("none")

    def test_with_another_record_is_another_calendar(self):
        day = date(2024, 5, 5)
        before = calendar_of(RAMADAN)
        assert before.working_day(day).open
        assert not before.with_record(order(day)).working_day(day).open
        assert before.with_record(order(day)).with_record(order(day, name="again", opens=True)).working_day(day).open
        moved = before.with_record(month_start(1445, 9, date(2024, 3, 12)))
        assert moved.working_day(date(2024, 3, 11)).hours is None
        assert before.working_day(date(2024, 3, 11)).hours is not None
        assert before.working_day(day).open


class TestACalendarRefuses:
    @staticmethod
    def refused(field, make):
        with pytest.raises(InvalidInput) as caught:
            make()
        assert caught.value.field == field

    def test_an_id_given_twice(self):
        self.refused("id", lambda: calendar_of(WEEKEND, Bridge(id="weekend", **HEAD)))
        self.refused("id", lambda: calendar_of(orders=[order(date(2024, 5, 5), name="weekend")]))

    def test_a_month_announced_twice(self):
        first = month_start(1445, 9, date(2024, 3, 11))
        second = type(first)(id="b", year=1445, month=9, first_day=date(2024, 3, 12), **HEAD)
        self.refused("announcements", lambda: calendar_of(announcements=[first, second]))

    @pytest.mark.parametrize("name", ["none", "order"])
    def test_a_profile_of_rules_that_it_does_not_have(self, name):
        chosen = Profile(id="p", name=WORDS, rules=("weekend", name))
        orders = (order(date(2024, 5, 5)),)
        self.refused("profile.rules", lambda: WorkingCalendar(profile=chosen, rules=(WEEKEND,), orders=orders))

    @pytest.mark.parametrize("name", ["none", "weekend"])
    def test_announced_days_of_something_else(self, name):
        given = AnnouncedClosure(id="c", rule=name, first_day=date(2024, 5, 5), last_day=date(2024, 5, 5), **HEAD)
        self.refused("rule", lambda: calendar_of(announcements=[given]))

    @pytest.mark.parametrize(
        "times",
        [
            [],
            [(None, date(2013, 6, 29))],
            [(date(2013, 6, 29), None)],
            [(None, date(2013, 6, 29)), (date(2013, 6, 30), None)],
            [(None, date(2013, 6, 29)), (None, date(2010, 1, 1)), (date(2013, 6, 30), None)],
        ],
    )
    def test_a_day_without_a_weekend(self, times):
        rules = [
            Weekend(id=f"w{place}", pattern="FREQ=DAILY;BYDAY=FR", in_force_from=first, in_force_until=until, **HEAD)
            for place, (first, until) in enumerate(times)
        ]
        self.refused("rules", lambda: WorkingCalendar(profile=profile_of(rules), rules=tuple(rules)))

    def test_no_weekends_that_overlap(self):
        rules = [
            Weekend(id="old", pattern="FREQ=DAILY;BYDAY=TH", in_force_until=date(2014, 1, 1), **HEAD),
            Weekend(id="new", pattern="FREQ=DAILY;BYDAY=FR", in_force_from=date(2013, 1, 1), **HEAD),
        ]
        assert calendar_of(*rules).working_day(date(2013, 6, 3)).rules == ("old", "new")
