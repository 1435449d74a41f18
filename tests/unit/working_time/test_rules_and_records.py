"""The values that rules and records accept: the value at each bound, and the one beyond it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import evolve

from tests.calendars import HEAD, PLAIN, calendar_of, exception, month_start, order
from traffic_booking import InvalidInput
from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.holiday_rules import (
    AnnouncedDays,
    Bridge,
    FixedDay,
    HijriSpan,
    LabourDays,
    RamadanHours,
    Weekend,
)
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.entries import Withdrawal
from traffic_booking.domain.schedule.exceptions import Effect

DAY = date(2024, 3, 11)
NEXT = date(2024, 3, 12)


def refused(field, make):
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.field == field


class TestIds:
    @pytest.mark.parametrize("text", ["weekend", "fitr.civil", "order.1438-fitr", "4to5", "a" * 64])
    def test_are_lower_case_with_dots_and_hyphens(self, text):
        assert authority_id(text) == text

    @pytest.mark.parametrize("text", ["", "Weekend", "a..b", ".a", "a-", "a b", "عيد", "a" * 65, 7])
    def test_of_any_other_form_are_refused(self, text):
        refused("id", lambda: authority_id(text))

    @pytest.mark.parametrize("text", ["", "x" * 401])
    def test_come_with_a_source_of_bounded_length(self, text):
        refused("source", lambda: Bridge(id="b", statement=HEAD["statement"], source=text))


class TestHours:
    def test_reach_to_the_midnight_after_the_next_day(self):
        assert str(Hours(0, 1440)) == "00:00 to 24:00"
        assert str(Hours(1320, 1560)) == "22:00 to 26:00"
        assert str(Hours(1440, 2880)) == "24:00 to 48:00"

    @pytest.mark.parametrize("minutes", [(-1, 5), (5, 5), (6, 5), (0, 1441), (1320, 120), (2000, 2881)])
    def test_open_before_they_close_at_most_24_hours_later(self, minutes):
        refused("opens, closes", lambda: Hours(*minutes))

    @pytest.mark.parametrize(
        ("window", "left"),
        [
            ((600, 900), (600, 840)),
            ((0, 1440), (480, 840)),
            ((500, 501), (500, 501)),
            ((0, 480), None),
            ((840, 900), None),
            ((0, 481), (480, 481)),
        ],
    )
    def test_within_others_are_what_both_share(self, window, left):
        assert Hours(480, 840).within(Hours(*window)) == (left and Hours(*left))


class TestTimeInForce:
    def test_starts_with_the_first_day_and_ends_before_the_last(self):
        rule = Bridge(id="b", in_force_from=DAY, in_force_until=NEXT, **HEAD)
        assert [rule.in_force(DAY.toordinal() + days) for days in (-1, 0, 1)] == [False, True, False]

    def test_is_open_if_no_rule_closes_it(self):
        rule = Bridge(id="b", **HEAD)
        assert rule.in_force(date.min.toordinal())
        assert rule.in_force(date.max.toordinal())

    def test_holds_a_day_at_least(self):
        refused("in_force_until", lambda: Bridge(id="b", in_force_from=DAY, in_force_until=DAY, **HEAD))


class TestRules:
    @pytest.mark.parametrize(("month", "day"), [(0, 1), (13, 1), (2, 30), (4, 31), (1, 0), (2**31, 1)])
    def test_a_fixed_day_is_a_day_of_the_year(self, month, day):
        refused("month, day", lambda: FixedDay(id="f", month=month, day=day, **HEAD))

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"from_month": 0}, "month"), ({"to_month": 13}, "month"), ({"from_day": 0}, "day"), ({"to_day": 31}, "day")],
    )
    def test_a_hijri_span_lies_between_days_of_the_hijri_year(self, change, field):
        bounds: dict[str, Any] = {"from_month": 9, "from_day": 25, "to_month": 10, "to_day": 5}
        assert HijriSpan(id="h", **bounds, **HEAD).by_sighting
        refused(field, lambda: HijriSpan(id="h", **(bounds | change), **HEAD))

    @pytest.mark.parametrize(
        ("change", "field"), [({"days": 0}, "days"), ({"days": 11}, "days"), ({"offset_days": 2}, "offset_days")]
    )
    def test_labour_days_are_few(self, change, field):
        refused(field, lambda: LabourDays(**({"id": "l", "month": 12, "day": 9, "days": 4} | HEAD | change)))

    @pytest.mark.parametrize(("opening", "closing"), [(-120, 120), (120, -120), (0, 0)])
    def test_ramadan_hours_move_by_two_hours_at_most(self, opening, closing):
        rule = RamadanHours(
            id="r",
            published=Hours(600, 900),
            opening_moved_minutes=opening,
            closing_moved_minutes=closing,
            **HEAD,
        )
        assert rule.hours == Hours(600 + opening, 900 + closing)

    @pytest.mark.parametrize("minutes", [-121, 121])
    @pytest.mark.parametrize("name", ["opening_moved_minutes", "closing_moved_minutes"])
    def test_ramadan_hours_move_no_further(self, name, minutes):
        refused("minutes moved", lambda: RamadanHours(id="r", published=Hours(600, 900), **{name: minutes}, **HEAD))

    def test_ramadan_hours_stay_within_the_day(self):
        refused(
            "minutes moved", lambda: RamadanHours(id="r", published=Hours(60, 90), opening_moved_minutes=-61, **HEAD)
        )
        evening = Hours(1380, 1500)
        refused("minutes moved", lambda: RamadanHours(id="r", published=evening, opening_moved_minutes=60, **HEAD))
        moved = RamadanHours(id="r", published=evening, opening_moved_minutes=59, closing_moved_minutes=120, **HEAD)
        assert moved.hours == Hours(1439, 1620)
        refused(
            "minutes moved", lambda: RamadanHours(id="r", published=Hours(0, 1440), closing_moved_minutes=1, **HEAD)
        )

    def test_a_weekend_is_a_pattern_of_days(self):
        refused("pattern", lambda: Weekend(id="w", pattern="Friday", **HEAD))


class TestRecords:
    @pytest.mark.parametrize("day", [9, 10, 11, 12, 13])
    def test_a_month_is_announced_within_two_days_of_the_table(self, day):
        assert month_start(1445, 9, date(2024, 3, day)).first_day.day == day

    @pytest.mark.parametrize("day", [8, 14])
    def test_a_month_announced_further_away_is_a_slip(self, day):
        refused("first_day", lambda: month_start(1445, 9, date(2024, 3, day)))

    @pytest.mark.parametrize(("ramadan", "shawwal", "days"), [(0, 0, 30), (1, 0, 29), (0, -1, 29), (1, 1, 30)])
    def test_a_month_announced_at_both_ends_has_29_or_30_days(self, ramadan, shawwal, days):
        starts = [month_start(1445, 9, date(2024, 3, 11 + ramadan)), month_start(1445, 10, date(2024, 4, 10 + shawwal))]
        assert (starts[1].first_day - starts[0].first_day).days == days
        calendar_of(announcements=starts)
        BranchCalendars(PLAIN).after(*starts)

    @pytest.mark.parametrize(("ramadan", "shawwal"), [(1, -1), (0, 1), (2, -2)])
    def test_a_month_of_another_length_is_a_slip_of_either_end(self, ramadan, shawwal):
        starts = [month_start(1445, 9, date(2024, 3, 11 + ramadan)), month_start(1445, 10, date(2024, 4, 10 + shawwal))]
        refused("first_day", lambda: calendar_of(announcements=starts))
        for declared in (starts, starts[::-1]):
            refused("first_day", lambda declared=declared: BranchCalendars(PLAIN).after(*declared))
        last, first = month_start(1444, 12, date(2023, 6, 19)), month_start(1445, 1, date(2023, 7, 17))
        refused("first_day", lambda: BranchCalendars(PLAIN).after(last, first))

    def test_staff_announce_a_month_once(self):
        start = month_start(1445, 9, date(2024, 3, 12))
        again = month_start(1445, 9, date(2024, 3, 11), name="start.again")
        refused("announcements", lambda: BranchCalendars(PLAIN).after(start, again))
        BranchCalendars(PLAIN).after(start, Withdrawal(start.id), again)

    @pytest.mark.parametrize("in_profile", [True, False])
    def test_days_are_announced_for_a_rule_of_the_profile(self, in_profile):
        calendar = calendar_of(AnnouncedDays(id="eid", **HEAD))
        if not in_profile:
            calendar = evolve(calendar, profile=evolve(calendar.profile, rules=(authority_id("weekend"),)))
        days = AnnouncedClosure(id="eid.days", rule="eid", first_day=DAY, last_day=DAY, **HEAD)
        if in_profile:
            assert not BranchCalendars(calendar).after(days).working_day(branch_id("north"), DAY).open
        else:
            refused("rule", lambda: BranchCalendars(calendar).after(days))

    @pytest.mark.parametrize("day", [datetime(2024, 3, 11, 9, 0, tzinfo=UTC), "2024-03-11", None])
    def test_the_days_of_a_record_are_dates_without_a_time(self, day):
        refused("first_day", lambda: exception(Effect.CLOSED, day, DAY))
        refused("last_day", lambda: evolve(order(DAY), last_day=day))
        refused("first_day", lambda: month_start(1445, 9, day))

    @pytest.mark.parametrize(("year", "month"), [(1342, 12), (1501, 1), (1445, 13)])
    def test_a_month_that_the_table_lacks_cannot_be_announced(self, year, month):
        refused("Hijri month", lambda: month_start(year, month, DAY))

    def test_an_announced_closure_has_at_most_sixty_days(self):
        def closure(last):
            return AnnouncedClosure(id="c", rule="gov.4to5", first_day=date(2024, 1, 1), last_day=last, **HEAD)

        assert closure(date(2024, 2, 29)).rule == "gov.4to5"
        refused("last_day", lambda: closure(date(2024, 3, 1)))
        refused("last_day", lambda: closure(date(2023, 12, 31)))

    def test_an_order_ends_on_its_first_day_or_later(self):
        assert order(DAY, DAY).last_day == DAY
        refused("last_day", lambda: order(NEXT, DAY))

    def test_only_an_order_that_opens_has_hours(self):
        later, earlier = Hours(900, 960), Hours(600, 700)
        assert order(DAY, opens=True, hours=[later, earlier]).hours == (earlier, later)
        refused("hours", lambda: order(DAY, hours=[earlier]))
        refused("hours", lambda: order(DAY, opens=True, hours=[]))

    def test_windows_come_one_after_another(self):
        order(DAY, opens=True, hours=[Hours(600, 700), Hours(700, 800)])
        refused("hours", lambda: order(DAY, opens=True, hours=[Hours(600, 700), Hours(699, 800)]))

    @pytest.mark.parametrize("effect", [Effect.CLOSED, Effect.OPEN])
    def test_an_exception_that_opens_or_closes_has_no_other_effect(self, effect):
        assert exception(effect, DAY).hours is None
        refused("hours", lambda: exception(effect, DAY, hours=[Hours(0, 1)]))
        refused("capacity", lambda: exception(effect, DAY, capacity=1))

    def test_an_exception_of_hours_or_capacity_names_the_new_ones(self):
        refused("hours", lambda: exception(Effect.OTHER_HOURS, DAY))
        refused("capacity", lambda: exception(Effect.OTHER_CAPACITY, DAY))
        refused("capacity", lambda: exception(Effect.OTHER_HOURS, DAY, hours=[Hours(0, 1)], capacity=2))

    @pytest.mark.parametrize(("seats", "accepted"), [(0, False), (1, True), (10_000, True), (10_001, False)])
    def test_a_capacity_is_one_to_ten_thousand_seats(self, seats, accepted):
        if accepted:
            assert exception(Effect.OTHER_CAPACITY, DAY, capacity=seats).capacity == seats
        else:
            refused("capacity", lambda: exception(Effect.OTHER_CAPACITY, DAY, capacity=seats))

    def test_an_exception_covers_its_first_and_last_day(self):
        covering = exception(Effect.CLOSED, DAY, NEXT)
        assert [covering.covers(date(2024, 3, day)) for day in (10, 11, 12, 13)] == [False, True, True, False]
        refused("last_day", lambda: exception(Effect.CLOSED, NEXT, DAY))
