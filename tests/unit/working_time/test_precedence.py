"""The precedence of the layers: branch exception, special order, announcement, rule, weekend."""

from datetime import date, timedelta

import pytest

from tests.calendars import HEAD, RAMADAN, calendar_of, exception, month_start, order
from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays, FixedDay, HijriSpan
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.working_calendar import WorkingCalendar

FRIDAY = date(2024, 5, 3)
SUNDAY = date(2024, 5, 5)
WINDOW = Hours(960, 1200)

HOLIDAY = FixedDay(id="holiday", month=5, day=5, **HEAD)
RULE = HijriSpan(id="rule", from_month=10, from_day=26, to_month=10, to_day=26, **HEAD)
"""26 Shawwal 1445: 5 May by the table."""
LATER = month_start(1445, 10, date(2024, 4, 11))
"""Shawwal a day later than the table: 26 Shawwal is 6 May."""
GIVEN = AnnouncedDays(id="given", **HEAD)
CLOSURE = AnnouncedClosure(id="announced", rule="given", first_day=SUNDAY, last_day=SUNDAY, **HEAD)


def opens(first: date, **fields):
    return order(first, opens=True, name="opens", **fields)


def closes(first: date):
    return order(first, name="closes")


OPEN, CLOSED = Effect.OPEN, Effect.CLOSED


@pytest.mark.parametrize(
    ("calendar", "exceptions", "day", "is_open", "first"),
    [
        # weekend against each layer above it
        (calendar_of(), [], FRIDAY, False, "weekend"),
        (calendar_of(FixedDay(id="on-friday", month=5, day=3, **HEAD)), [], FRIDAY, False, "weekend"),
        (calendar_of(HijriSpan(id="span", from_month=10, from_day=24, to_month=10, to_day=24, **HEAD)), [], FRIDAY,
         False, "span"),
        (calendar_of(GIVEN, announcements=[CLOSURE]), [], FRIDAY + timedelta(days=1), False, "announced"),
        (calendar_of(orders=[opens(FRIDAY)]), [], FRIDAY, True, "opens"),
        (calendar_of(), [exception(OPEN, FRIDAY)], FRIDAY, True, "branch.open"),
        # rule
        (calendar_of(HOLIDAY), [], SUNDAY, False, "holiday"),
        (calendar_of(RULE, announcements=[LATER]), [], SUNDAY, True, "start.1445-10"),
        (calendar_of(HOLIDAY, orders=[opens(SUNDAY)]), [], SUNDAY, True, "opens"),
        (calendar_of(HOLIDAY), [exception(OPEN, SUNDAY)], SUNDAY, True, "branch.open"),
        # announcement
        (calendar_of(RULE, GIVEN, announcements=[CLOSURE]), [], SUNDAY, False, "announced"),
        (calendar_of(GIVEN, announcements=[CLOSURE], orders=[opens(SUNDAY)]), [], SUNDAY, True, "opens"),
        (calendar_of(RULE, announcements=[LATER], orders=[closes(SUNDAY)]), [], SUNDAY, False, "closes"),
        (calendar_of(GIVEN, announcements=[CLOSURE]), [exception(OPEN, SUNDAY)], SUNDAY, True, "branch.open"),
        (calendar_of(RULE, announcements=[LATER]), [exception(CLOSED, SUNDAY)], SUNDAY, False, "branch.closed"),
        # special order
        (calendar_of(orders=[closes(SUNDAY)]), [exception(OPEN, SUNDAY)], SUNDAY, True, "branch.open"),
        (calendar_of(orders=[opens(FRIDAY)]), [exception(CLOSED, FRIDAY)], FRIDAY, False, "branch.closed"),
        # branch
        (calendar_of(), [exception(CLOSED, SUNDAY)], SUNDAY, False, "branch.closed"),
    ],
)  # fmt: skip
def test_the_higher_of_two_layers_decides_and_is_cited_first(
    calendar: WorkingCalendar, exceptions, day, is_open, first
):
    found = calendar.working_day(day, exceptions)
    assert found.open is is_open
    assert found.rules[0] == first


def test_an_ordinary_day_cites_the_weekend_that_it_is_not_part_of():
    found = calendar_of().working_day(SUNDAY)
    assert (found.open, found.hours, found.capacity, found.rules) == (True, None, None, ("weekend",))


def test_of_two_orders_the_later_in_the_list_holds():
    both = calendar_of(orders=[opens(FRIDAY), order(FRIDAY, SUNDAY, name="closes")])
    assert both.working_day(FRIDAY).rules == ("closes",)
    assert calendar_of(orders=[closes(FRIDAY), opens(FRIDAY)]).working_day(FRIDAY).rules == ("opens",)


class TestBranchExceptions:
    def test_the_last_that_opens_or_closes_holds(self):
        calendar = calendar_of()
        closing, opening = exception(CLOSED, FRIDAY), exception(OPEN, FRIDAY)
        assert calendar.working_day(FRIDAY, [closing, opening]).open
        assert not calendar.working_day(FRIDAY, [opening, closing]).open

    def test_those_for_other_days_change_nothing(self):
        calendar = calendar_of()
        beside = [exception(CLOSED, SUNDAY + timedelta(days=days)) for days in (-1, 1)]
        assert calendar.working_day(SUNDAY, beside) is calendar.working_day(SUNDAY)

    def test_other_hours_stand_in_for_the_usual(self):
        found = calendar_of().working_day(SUNDAY, [exception(Effect.OTHER_HOURS, SUNDAY, hours=[WINDOW])])
        assert (found.open, found.hours, found.rules) == (True, (WINDOW,), ("branch.other-hours", "weekend"))

    def test_another_capacity_leaves_the_rest_as_it_was(self):
        found = calendar_of().working_day(SUNDAY, [exception(Effect.OTHER_CAPACITY, SUNDAY, capacity=2)])
        assert (found.open, found.hours, found.capacity) == (True, None, 2)
        assert found.rules == ("branch.other-capacity", "weekend")

    def test_hours_and_capacity_open_no_closed_day(self):
        calendar = calendar_of()
        changes = [
            exception(Effect.OTHER_HOURS, FRIDAY, hours=[WINDOW]),
            exception(Effect.OTHER_CAPACITY, FRIDAY, capacity=2),
        ]
        assert calendar.working_day(FRIDAY, changes) == calendar.working_day(FRIDAY)

    def test_hours_and_capacity_leave_a_holiday_as_it_is(self):
        calendar = calendar_of(HOLIDAY)
        changes = [
            exception(Effect.OTHER_HOURS, SUNDAY, hours=[WINDOW]),
            exception(Effect.OTHER_CAPACITY, SUNDAY, capacity=2),
        ]
        assert calendar.working_day(SUNDAY, changes) is calendar.working_day(SUNDAY)

    def test_all_three_kinds_together_are_cited_together(self):
        changes = [
            exception(Effect.OTHER_HOURS, FRIDAY, hours=[WINDOW]),
            exception(Effect.OTHER_CAPACITY, FRIDAY, capacity=2),
            exception(OPEN, FRIDAY),
        ]
        found = calendar_of().working_day(FRIDAY, changes)
        assert (found.open, found.hours, found.capacity) == (True, (WINDOW,), 2)
        assert found.rules == ("branch.open", "branch.other-hours", "branch.other-capacity")


class TestRamadan:
    FRIDAY, SUNDAY = date(2024, 3, 15), date(2024, 3, 17)
    PUBLISHED = (Hours(600, 900),)

    def test_a_day_that_an_order_opens_has_the_hours_of_ramadan(self):
        found = calendar_of(RAMADAN, orders=[opens(self.FRIDAY)]).working_day(self.FRIDAY)
        assert (found.hours, found.rules) == (self.PUBLISHED, ("opens", "ramadan"))

    def test_an_order_may_bring_its_own_hours(self):
        found = calendar_of(RAMADAN, orders=[opens(self.FRIDAY, hours=[WINDOW])]).working_day(self.FRIDAY)
        assert (found.hours, found.rules) == ((WINDOW,), ("opens",))

    def test_a_day_that_a_branch_opens_has_the_hours_of_ramadan(self):
        found = calendar_of(RAMADAN).working_day(self.FRIDAY, [exception(OPEN, self.FRIDAY)])
        assert (found.hours, found.rules) == (self.PUBLISHED, ("branch.open", "ramadan"))

    def test_a_branch_with_its_own_hours_does_not_cite_those_of_ramadan(self):
        change = exception(Effect.OTHER_HOURS, self.SUNDAY, hours=[WINDOW])
        found = calendar_of(RAMADAN).working_day(self.SUNDAY, [change])
        assert (found.hours, found.rules) == ((WINDOW,), ("branch.other-hours", "weekend"))

    def test_a_branch_opens_a_day_in_the_hours_of_an_order_which_is_cited_for_them(self):
        calendar = calendar_of(RAMADAN, orders=[opens(self.FRIDAY, hours=[WINDOW])])
        found = calendar.working_day(self.FRIDAY, [exception(OPEN, self.FRIDAY)])
        assert (found.hours, found.rules) == ((WINDOW,), ("branch.open", "opens"))

    def test_an_order_that_opened_the_day_is_still_cited_beside_a_branchs_own_hours(self):
        change = exception(Effect.OTHER_HOURS, self.FRIDAY, hours=[WINDOW])
        calendar = calendar_of(RAMADAN, orders=[opens(self.FRIDAY, hours=[Hours(0, 60)])])
        found = calendar.working_day(self.FRIDAY, [change])
        assert (found.hours, found.rules) == ((WINDOW,), ("branch.other-hours", "opens"))


class TestOpenParts:
    def test_nothing_is_left_of_a_closed_day(self):
        assert calendar_of().working_day(FRIDAY).open_parts(Hours(480, 840)) == ()

    def test_an_ordinary_day_leaves_hours_as_they_are(self):
        assert calendar_of().working_day(SUNDAY).open_parts(Hours(480, 840)) == (Hours(480, 840),)

    def test_windows_cut_hours_to_what_lies_inside(self):
        change = exception(Effect.OTHER_HOURS, SUNDAY, hours=[Hours(0, 500), Hours(600, 700), Hours(840, 900)])
        found = calendar_of().working_day(SUNDAY, [change])
        assert found.open_parts(Hours(480, 840)) == (Hours(480, 500), Hours(600, 700))
        assert found.open_parts(Hours(500, 600)) == ()
