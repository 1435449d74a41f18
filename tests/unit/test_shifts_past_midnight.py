"""Shifts past midnight belong to the working day on which they open; a slot has the date of its start.

Over 400 lines: each rule and verb that depends on the day of a slot.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from tests.calendars import PLAIN, RAMADAN, calendar_of, exception, order
from tests.desks import open_desk
from tests.small_town import START, WORKING_DAYS, named, small_rulebook, small_service, town_of
from traffic_booking import (
    Booked,
    Cancelled,
    CheckedIn,
    Clerk,
    DayState,
    HijriDate,
    Hours,
    InvalidInput,
    Moved,
    Refused,
    Shift,
    SlotLoss,
    Suspension,
    Timetable,
    Weekday,
    Withdrawal,
    from_json,
    to_json,
)
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.slots import SlotKey
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import MovableClock, made_up_person

ONE_DAY = timedelta(days=1)
SUNDAY, MONDAY, WEDNESDAY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 25)
THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
CLERK, ME = Clerk("desk-1"), made_up_person(1)
MORNING = Shift(weekdays=WORKING_DAYS, opens_minute=480, closes_minute=540, capacity=1)


def night(opens=1380, closes=1500, **others):
    """A shift from 23:00 to 01:00 on working days, unless other hours are given."""
    given: dict[str, Any] = {"weekdays": WORKING_DAYS, "capacity": 2} | others
    return Shift(opens_minute=opens, closes_minute=closes, **given)


@pytest.fixture
def desk():
    with open_desk(town_of(MORNING, night())) as opened:
        yield opened


def found_on(desk, day, **search):
    """The times of the slots that a search of one civil day finds at the north branch."""
    slots = desk.find_slots(service="foreign", branch="north", from_=day, until=day + ONE_DAY, limit=500, **search)
    return [f"{slot.starts_at:%H:%M}" for slot in slots]


def slot_of(day, time):
    hour, minute = map(int, time.split(":"))
    starts_at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=3)
    return SlotKey(branch_id("north"), service_id("renewal"), starts_at)


def book(desk, day, time, serial=1):
    outcome = desk.book(slot_of(day, time), applicant=made_up_person(serial), agreed=True, request_id=f"book-{serial}")
    assert isinstance(outcome, Booked)
    return outcome.appointment


def broken(desk, day, time):
    """The ids of the rules that a booking would break."""
    tried = desk.what_if().book(slot_of(day, time), applicant=ME, agreed=True)
    return [verdict.rule_id for verdict in tried.refused]


def declare(desk, record):
    desk.calendar.declare(record, reason="why", by=CLERK, request_id=f"{type(record).__name__}-{record.id}")


class TestSlotsPastMidnight:
    def test_are_found_on_the_civil_day_of_their_start(self, desk):
        morning = ["08:00", "08:30"]
        assert found_on(desk, SUNDAY) == [*morning, "23:00", "23:30"]
        assert found_on(desk, MONDAY) == ["00:00", "00:30", *morning, "23:00", "23:30"]
        assert found_on(desk, FRIDAY) == ["00:00", "00:30"], "the shift of Thursday"
        assert found_on(desk, SATURDAY) == []

    def test_are_shown_by_the_month_on_that_day_even_if_the_branch_is_closed_then(self, desk):
        view = desk.month_view(service="foreign", branch="north", year=2026, month_of_year=11)
        seats = {each.day.gregorian: (each.state, each.seats, each.free) for each in view}
        assert seats[MONDAY] == (DayState.FREE, 2 * 2 + 2 + 2 * 2, 10)
        assert seats[FRIDAY] == (DayState.FREE, 4, 4)
        assert seats[SATURDAY] == (DayState.CLOSED, 0, 0)
        friday = next(each for each in view if each.day.gregorian == FRIDAY)
        assert friday.text("en") == "Free from 00:00"

    def test_are_booked_moved_attended_and_cancelled_as_any_other(self, desk):
        booked = book(desk, FRIDAY, "00:30")
        assert (booked.day.gregorian, f"{booked.starts_at:%H:%M}") == (FRIDAY, "00:30")
        assert booked.text("en").startswith("Friday, 27 November 2026")
        moved = desk.move(booked.number, slot_of(MONDAY, "23:45"), by=ME, agreed=True, request_id="move")
        assert isinstance(moved, Moved)
        other = book(desk, THURSDAY, "00:15", serial=2)
        cancelled = desk.cancel(other.number, by=made_up_person(2), request_id="cancel")
        assert isinstance(cancelled, Cancelled)
        desk.clock.move_to(moved.appointment.starts_at)
        assert isinstance(desk.gate.check_in(booked.number, by=CLERK, request_id="gate"), CheckedIn)

    def test_one_may_run_over_midnight(self):
        with open_desk(town_of(night(opens=1375))) as opened:
            at = datetime(2026, 11, 22, 20, 40, tzinfo=UTC)
            first, second = opened.find_slots(service="transfer", branch="north", from_=at, limit=2)
        assert [each.time_text("en") for each in (first, second)] == ["23:55–00:15", "00:15–00:35"]
        assert [each.day.gregorian for each in (first, second)] == [SUNDAY, MONDAY]

    @pytest.mark.rule("BK-02")
    @pytest.mark.parametrize("time", ["00:05", "00:50", "01:00", "02:00"])
    def test_there_are_none_beyond_the_closing_or_beside_the_grid(self, desk, time):
        assert broken(desk, MONDAY, time) == ["BK-02"]

    def test_there_are_none_past_midnight_of_a_day_off(self, desk):
        assert broken(desk, SUNDAY, "00:30") == ["BK-02", "BK-03"], "Saturday is off"
        assert broken(desk, SATURDAY, "00:30") == ["BK-02"], "Friday is off"

    def test_are_searched_until_the_horizon_and_no_further(self):
        with open_desk(town_of(night()), horizon_days=1, start=START + timedelta(hours=17, minutes=15)) as opened:
            slots = opened.find_slots(service="renewal", branch="north", limit=500)
        assert f"{slots[0].starts_at:%d %H:%M}" == "23 00:30"
        assert f"{slots[-1].starts_at:%d %H:%M}" == "24 00:15"


class TestWhatClosesTheDayOfTheOpening:
    @pytest.mark.parametrize("record", [exception(Effect.CLOSED, THURSDAY), order(THURSDAY)])
    def test_closes_its_slots_past_midnight_with_it_and_opens_them_again(self, desk, record):
        declare(desk, record)
        assert found_on(desk, FRIDAY) == []
        assert broken(desk, FRIDAY, "00:00") == ["BK-02"]
        assert found_on(desk, THURSDAY)[:2] == ["00:00", "00:30"], "the shift of Wednesday"
        declare(desk, Withdrawal(record.id))
        assert found_on(desk, FRIDAY) == ["00:00", "00:30"]

    @pytest.mark.parametrize("record", [exception(Effect.CLOSED, FRIDAY), order(FRIDAY)])
    def test_alone_closes_them_and_no_closure_of_the_civil_day(self, desk, record):
        declare(desk, record)
        assert found_on(desk, FRIDAY) == ["00:00", "00:30"]
        assert broken(desk, FRIDAY, "00:30") == []

    def test_affects_the_appointments_past_midnight_and_their_lost_slots_name_it(self, desk):
        before, after = book(desk, THURSDAY, "23:45"), book(desk, FRIDAY, "00:15", serial=2)
        book(desk, THURSDAY, "00:15", serial=3)
        closure = exception(Effect.CLOSED, THURSDAY)
        hit = [before.number, after.number]
        assert [each.number for each in desk.calendar.affected_by(closure)] == hit
        assert desk.calendar.affected_by(exception(Effect.CLOSED, FRIDAY)) == ()
        declare(desk, closure)
        assert [each.number for each in desk.calendar.affected_by(closure)] == hit
        lost = desk.appointment(after.number, by=CLERK).lost_slot
        assert (lost.how, lost.rules) == (SlotLoss.DAY_CLOSED, (closure.id,))

    def test_affects_each_appointment_once_if_both_days_are_closed(self, desk):
        numbers = [book(desk, WEDNESDAY + n * ONE_DAY, "00:15", serial=n + 1).number for n in range(3)]
        assert [each.number for each in desk.calendar.affected_by(order(WEDNESDAY, THURSDAY))] == numbers[1:]

    def test_affects_what_is_left_of_the_night_if_it_is_declared_after_midnight(self, desk):
        late = book(desk, MONDAY, "00:45")
        desk.clock.move_to(late.starts_at - timedelta(minutes=30))
        closure = exception(Effect.CLOSED, SUNDAY)
        assert [each.number for each in desk.calendar.affected_by(closure)] == [late.number]
        declare(desk, closure)
        assert desk.appointment(late.number, by=ME).lost_slot.how is SlotLoss.DAY_CLOSED

    @pytest.mark.rule("CD-02")
    def test_keeps_those_who_stay_away_from_having_missed_their_appointment(self):
        rules = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7}, CN_03={"minutes": 0})
        for record, missed in ((exception(Effect.CLOSED, SUNDAY), False), (exception(Effect.CLOSED, MONDAY), True)):
            with open_desk(town_of(MORNING, night()), rulebook=rules) as opened:
                book(opened, MONDAY, "00:30")
                declare(opened, record)
                assert isinstance(opened.clock, MovableClock)
                opened.clock.move_to(START + 2 * ONE_DAY)
                assert broken(opened, THURSDAY, "08:00") == (["CD-02"] if missed else [])

    @pytest.mark.rule("MV-04", "MV-05")
    def test_lets_its_appointments_past_midnight_be_moved_late_and_without_counting(self):
        rules = small_rulebook(MV_04={"moves": 0}, MV_05={"minutes": 24 * 60})
        for record, refused in ((exception(Effect.CLOSED, SUNDAY), False), (exception(Effect.CLOSED, MONDAY), True)):
            with open_desk(town_of(MORNING, night()), rulebook=rules) as opened:
                booked = book(opened, MONDAY, "00:30")
                declare(opened, record)
                moved = opened.move(booked.number, slot_of(THURSDAY, "00:15"), by=ME, agreed=True, request_id="move")
                rules_broken = [v.rule_id for v in moved.verdicts] if isinstance(moved, Refused) else []
                assert rules_broken == (["MV-04", "MV-05"] if refused else [])
                assert isinstance(moved, Moved) is not refused


class TestExceptionsOfTheDayOfTheOpening:
    def test_other_hours_bound_the_shifts_that_open_on_it_past_midnight_as_well(self, desk):
        declare(desk, exception(Effect.OTHER_HOURS, SUNDAY, hours=(Hours(1410, 1470),)))
        assert found_on(desk, SUNDAY) == ["23:30"]
        assert found_on(desk, MONDAY)[:2] == ["00:00", "08:00"]

    def test_other_hours_of_the_civil_day_leave_the_night_before_it(self, desk):
        declare(desk, exception(Effect.OTHER_HOURS, MONDAY, hours=(Hours(0, 510),)))
        assert found_on(desk, MONDAY) == ["00:00", "00:30", "08:00"]
        assert found_on(desk, date(2026, 11, 24)) == ["08:00", "08:30", "23:00", "23:30"]

    def test_other_hours_may_leave_the_part_past_midnight_alone(self, desk):
        declare(desk, exception(Effect.OTHER_HOURS, SUNDAY, hours=(Hours(1440, 1560),)))
        assert found_on(desk, SUNDAY) == []
        assert found_on(desk, MONDAY)[:2] == ["00:00", "00:30"]
        day = desk.calendar.working_day("north", SUNDAY)
        assert day.text("en").endswith(": the next day from 00:00 to 01:00")

    def test_another_capacity_is_that_of_the_whole_shift(self, desk):
        declare(desk, exception(Effect.OTHER_CAPACITY, SUNDAY, capacity=5))
        slots = desk.find_slots(service="foreign", branch="north", limit=6)
        assert [slot.free for slot in slots] == [5, 5, 5, 5, 5, 5]
        assert [slot.day.gregorian for slot in slots[-2:]] == [MONDAY, MONDAY]

    def test_a_special_order_opens_a_day_off_with_hours_past_midnight(self):
        saturdays = evolve(night(), weekdays=frozenset({Weekday.SATURDAY}))
        opened_by = order(SATURDAY, opens=True, hours=(Hours(1400, 1470),))
        with open_desk(town_of(MORNING, saturdays), calendar=calendar_of(orders=[opened_by])) as opened:
            assert found_on(opened, SATURDAY) == ["23:30"]
            assert found_on(opened, SATURDAY + ONE_DAY)[0] == "00:00"
            assert found_on(opened, SATURDAY + 8 * ONE_DAY)[0] == "08:00"


class TestSeasonsAndDates:
    FIRST, LAST = HijriDate(1448, 9, 1).to_gregorian(), HijriDate(1448, 10, 1).to_gregorian() - ONE_DAY
    EVERY_DAY = frozenset(Weekday)

    def desk_in_ramadan(self, *shifts):
        return open_desk(town_of(*shifts), calendar=calendar_of(RAMADAN), horizon_days=200)

    def test_the_last_night_of_ramadan_runs_into_shawwal_and_the_first_begins_with_its_first_day(self):
        usual = night(480, 540, weekdays=self.EVERY_DAY, on_weekends=True)
        ramadan = night(1320, 1530, weekdays=self.EVERY_DAY, on_weekends=True, for_ramadan=True)
        with self.desk_in_ramadan(usual, ramadan) as opened:
            evening, small_hours = ["22:00", "22:30", "23:00", "23:30"], ["00:00", "00:30", "01:00"]
            assert found_on(opened, self.FIRST - ONE_DAY) == ["08:00", "08:30"]
            assert found_on(opened, self.FIRST) == evening
            assert found_on(opened, self.FIRST + ONE_DAY) == [*small_hours, *evening]
            assert found_on(opened, self.LAST) == [*small_hours, *evening]
            assert found_on(opened, self.LAST + ONE_DAY) == [*small_hours, "08:00", "08:30"]

    def test_a_usual_shift_past_midnight_runs_into_ramadan_and_is_bound_by_its_general_hours_then(self):
        with self.desk_in_ramadan(night(840, 1500, weekdays=self.EVERY_DAY, on_weekends=True)) as opened:
            assert found_on(opened, self.FIRST)[:3] == ["00:00", "00:30", "14:00"]
            assert found_on(opened, self.FIRST)[3:] == ["14:30"], "from 10:00 to 15:00"
            assert found_on(opened, self.FIRST + ONE_DAY) == ["14:00", "14:30"]
            assert found_on(opened, self.LAST + ONE_DAY)[0] == "14:00"

    @pytest.mark.parametrize(
        "closed",
        [
            exception(Effect.OTHER_HOURS, FIRST, hours=(RAMADAN.published,)),
            order(FIRST, opens=True, hours=(RAMADAN.published,)),
        ],
    )
    def test_other_hours_that_equal_those_of_ramadan_end_its_shifts_of_the_night(self, closed):
        with self.desk_in_ramadan(night(weekdays=self.EVERY_DAY, for_ramadan=True)) as opened:
            assert found_on(opened, self.FIRST) == ["23:00", "23:30"]
            booked = book(opened, self.FIRST + ONE_DAY, "00:30")
            assert [each.number for each in opened.calendar.affected_by(closed)] == [booked.number]
            declare(opened, closed)
            assert found_on(opened, self.FIRST) == []
            assert broken(opened, self.FIRST, "23:00") == ["BK-02", "BK-07"]
            lost = opened.appointment(booked.number, by=ME).lost_slot
            assert (lost.how, closed.id in lost.rules) == (SlotLoss.DAY_CLOSED, True)
            declare(opened, Withdrawal(closed.id))
            assert found_on(opened, self.FIRST) == ["23:00", "23:30"]

    def test_the_last_night_in_force_ends_on_the_day_after(self):
        with open_desk(town_of(night(in_force_from=MONDAY, in_force_until=THURSDAY))) as opened:
            slots = opened.find_slots(service="foreign", branch="north", limit=500)
        days = [f"{slot.starts_at:%d %H:%M}" for slot in slots]
        assert (days[0], days[-1], len(days)) == ("23 23:00", "26 00:30", 12)


class TestRegulations:
    def test_a_suspension_of_the_service_is_from_midnight_to_midnight(self):
        book_of_rules = evolve(
            small_rulebook(),
            suspensions=(
                Suspension(service="foreign", branch=None, from_day=MONDAY, until_day=WEDNESDAY, reason=named("x")),
            ),
        )
        with open_desk(town_of(night()), rulebook=book_of_rules) as opened:
            assert found_on(opened, SUNDAY) == ["23:00", "23:30"]
            assert found_on(opened, MONDAY) == []
            assert found_on(opened, WEDNESDAY) == ["00:00", "00:30", "23:00", "23:30"]

    @pytest.mark.rule("CN-04")
    @pytest.mark.parametrize(("time", "cut_off"), [("00:30", "22 23:30"), ("08:30", "23 00:30"), ("23:00", "23 01:00")])
    def test_working_time_goes_on_past_midnight(self, time, cut_off):
        rules = small_rulebook(CN_03={"minutes": 0}, CN_04={"minutes": 60})
        with open_desk(town_of(MORNING, night()), rulebook=rules) as opened:
            booked = book(opened, MONDAY, time)
            until = opened.may_cancel(booked.number, by=ME).until
        assert until is not None
        assert f"{until.astimezone(booked.starts_at.tzinfo):%d %H:%M}" == cut_off

    def test_working_time_counts_hours_that_the_evening_and_the_morning_share_once(self):
        early = Shift(weekdays=WORKING_DAYS, opens_minute=30, closes_minute=120, capacity=1)
        catalogue = town_of(night())
        offers = (Offer(frozenset({"renewal"}), (night(),)), Offer(frozenset({"foreign"}), (early,)))
        catalogue = evolve(
            catalogue, timetables=(evolve(catalogue.timetables[0], offers=offers), *catalogue.timetables[1:])
        )
        configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN))
        slot = slot_of(MONDAY, "03:00")
        found = configuration.open_hours_before(slot, timedelta(hours=2, minutes=59))
        spans = [f"{each.opens_at + timedelta(hours=3):%d %H:%M} {each.lasting}" for each in found]
        assert spans == ["23 00:00 2:00:00", "22 23:00 1:00:00", "22 00:30 1:30:00"][: len(spans)]
        assert sum((each.lasting for each in found), timedelta()) >= timedelta(hours=2, minutes=59)


class TestTheGate:
    def test_the_list_of_a_day_has_its_night_to_the_end_and_the_night_before_it(self, desk):
        evening, late = book(desk, SUNDAY, "23:30"), book(desk, MONDAY, "00:30", serial=2)
        morning, next_night = book(desk, MONDAY, "08:15", serial=3), book(desk, date(2026, 11, 24), "00:15", serial=4)
        lists = {
            day: [each.number for each in desk.gate.appointments_of_day("north", day, by=CLERK)]
            for day in (SUNDAY, MONDAY, date(2026, 11, 24))
        }
        assert lists == {
            SUNDAY: [evening.number, late.number],
            MONDAY: [late.number, morning.number, next_night.number],
            date(2026, 11, 24): [next_night.number],
        }

    def test_it_has_them_even_if_the_day_was_closed_since(self, desk):
        late = book(desk, FRIDAY, "00:30")
        declare(desk, exception(Effect.CLOSED, THURSDAY))
        for day in (THURSDAY, FRIDAY):
            (listed,) = desk.gate.appointments_of_day("north", day)
            assert (listed.number, listed.lost_slot.how) == (late.number, SlotLoss.DAY_CLOSED)


class TestABranchsDay:
    def test_has_the_hours_of_its_shifts_to_their_end(self, desk):
        day = desk.calendar.working_day("north", THURSDAY)
        assert day.hours == (Hours(480, 540), Hours(1380, 1500))
        assert day.text("en").endswith(": from 08:00 to 09:00, from 23:00 to 01:00 the next day")
        assert day.text("ar").endswith("من \u206623:00\u2069 إلى \u206601:00\u2069 من اليوم التالي")
        assert not desk.calendar.working_day("north", FRIDAY).open

    def test_is_read_back_from_json_with_times_that_count_on_past_midnight(self):
        with open_desk(town_of(night(breaks=(Hours(1410, 1470),)))) as opened:
            day = opened.calendar.working_day("north", SUNDAY)
        data = to_json(day)
        assert data["hours"] == [{"opens": "23:00", "closes": "23:30"}, {"opens": "24:30", "closes": "25:00"}]
        assert from_json(type(day), data) == day

    @pytest.mark.parametrize(
        ("opens", "closes", "minutes"),
        [("22:00", "02:00", (1320, 1560)), ("22:00", "26:00", (1320, 1560)), ("24:30", "01:00", (1470, 1500))],
    )
    def test_a_closing_before_the_opening_is_read_as_that_of_the_next_day(self, opens, closes, minutes):
        assert from_json(Hours, {"opens": opens, "closes": closes}) == Hours(*minutes)

    @pytest.mark.parametrize(("opens", "closes"), [("22:00", "22:00"), ("08:00", "33:00"), ("22:00", "48:01")])
    def test_other_times_are_refused(self, opens, closes):
        with pytest.raises(InvalidInput, match=r"^(opens|closes|value|hours|opens, closes): "):
            from_json(Hours, {"opens": opens, "closes": closes})


class TestBreaksPastMidnight:
    @pytest.mark.parametrize("pause", [Hours(0, 30), Hours(1440, 1470)])
    def test_may_be_given_as_minutes_of_the_next_day_or_as_times_of_day(self, pause):
        with open_desk(town_of(night(closes=1560, breaks=(pause,)))) as opened:
            assert found_on(opened, MONDAY) == ["00:30", "01:00", "01:30", "23:00", "23:30"]

    def test_may_begin_before_midnight_and_end_after_it(self):
        with open_desk(town_of(night(closes=1560, breaks=(Hours(1425, 1455),)))) as opened:
            assert found_on(opened, MONDAY) == ["00:15", "00:45", "01:15", "23:00"]

    @pytest.mark.parametrize(
        ("pauses", "got"),
        [
            ((Hours(1320, 1350),), "22:00 to 22:30; expected a break inside 23:00 to 25:00"),
            ((Hours(30, 90),), "00:30 to 01:30; expected a break inside 23:00 to 25:00"),
            ((Hours(1430, 1455), Hours(0, 30)), "23:50 to 24:15 and 24:00 to 24:30; expected hours one after another"),
            ((Hours(1380, 1440), Hours(0, 60)), "breaks all through 23:00 to 25:00; expected some time to work"),
        ],
    )
    def test_are_inside_the_shift_disjoint_and_leave_some_of_it(self, pauses, got):
        with pytest.raises(InvalidInput, match=f"^breaks: got {got}$"):
            night(breaks=pauses)


def offer(*shifts):
    return Timetable("full", named("full"), (Offer(frozenset({"renewal"}), shifts),))


def at(opens, closes, *days, **others):
    return Shift(weekdays=frozenset(days), opens_minute=opens, closes_minute=closes, capacity=1, **others)


class TestShiftsOfTwoDays:
    @pytest.mark.parametrize("weekday", Weekday)
    @pytest.mark.parametrize("in_order", [True, False])
    def test_do_not_overlap_past_midnight_on_any_pair_of_days(self, weekday, in_order):
        tomorrow = Weekday((weekday + 1) % 7)
        late, early = at(1320, 1560, weekday), at(60, 120, tomorrow)
        names = f"a shift of {weekday.name.title()} past the opening on {tomorrow.name.title()}"
        with pytest.raises(InvalidInput, match=f"^shifts: got {names}: 22:00 to 26:00 and 01:00 to 02:00") as caught:
            offer(*((late, early) if in_order else (early, late)))
        assert "فترة دوام" in caught.value.message("ar")

    def test_may_touch_and_may_be_two_days_apart(self):
        assert offer(at(1320, 1560, Weekday.SUNDAY), at(120, 240, Weekday.MONDAY))
        assert offer(at(1320, 1560, Weekday.SUNDAY), at(60, 120, Weekday.SUNDAY, Weekday.TUESDAY))
        assert offer(at(480, 1920, *Weekday)), "24 hours from each morning to the next"

    @pytest.mark.parametrize(("of_night", "of_morning"), [(True, False), (False, True), (True, True)])
    def test_do_not_overlap_as_ramadan_begins_or_ends(self, of_night, of_morning):
        with pytest.raises(InvalidInput, match="past the opening"):
            offer(
                at(1320, 1560, *Weekday, for_ramadan=of_night),
                at(90, 120, *Weekday, for_ramadan=of_morning),
            )

    @pytest.mark.parametrize(("until", "overlaps"), [(MONDAY, True), (SUNDAY, False)])
    def test_do_not_overlap_in_the_night_between_the_dates_in_which_they_are_in_force(self, until, overlaps):
        shifts = (
            at(1320, 1560, Weekday.SUNDAY, in_force_until=until),
            at(60, 120, Weekday.MONDAY, in_force_from=MONDAY),
        )
        if overlaps:
            with pytest.raises(InvalidInput, match="a shift of Sunday past the opening on Monday"):
                offer(*shifts)
        else:
            assert offer(*shifts)

    def test_of_one_weekday_may_overlap_if_no_such_day_is_in_the_dates_of_both(self):
        first = at(480, 600, Weekday.SUNDAY, in_force_until=SUNDAY)
        assert offer(first, at(540, 660, Weekday.SUNDAY, in_force_from=MONDAY - 7 * ONE_DAY))
        with pytest.raises(InvalidInput, match="shifts that overlap on Sunday"):
            offer(first, at(540, 660, Weekday.SUNDAY, in_force_from=SUNDAY - 7 * ONE_DAY))

    def test_may_overlap_if_the_one_night_in_force_is_of_another_weekday(self):
        tuesday = date(2026, 11, 24)
        night_of_sunday = at(1320, 1560, Weekday.SUNDAY, in_force_from=MONDAY)
        assert offer(night_of_sunday, at(60, 120, Weekday.MONDAY, in_force_until=tuesday))
        with pytest.raises(InvalidInput, match="past the opening"):
            offer(night_of_sunday, at(60, 120, Weekday.MONDAY, in_force_until=tuesday + 7 * ONE_DAY))


class TestChangesOfTheClocks:
    def days(self, zone, day, opens=1320, closes=1620):
        catalogue = town_of(night(opens, closes, weekdays=frozenset(Weekday), on_weekends=True), time_zone=zone)
        configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN))
        found = configuration.slots_of_day(catalogue.branch("north"), small_service("foreign", 30), day)
        return [f"{slot.starts_at:%H:%M%z}" for slot in found]

    def test_after_midnight_a_skipped_hour_has_no_slot_and_a_repeated_one_has_it_once(self):
        spring, autumn = date(2027, 3, 28), date(2027, 10, 31)  # Berlin, 02:00 and 03:00
        evening = ["22:00", "22:30", "23:00", "23:30"]
        night_of_spring = [f"{time}+0100" for time in ("00:00", "00:30", "01:00", "01:30")]
        assert self.days("Europe/Berlin", spring) == [*night_of_spring, *(f"{time}+0200" for time in evening)]
        night_of_autumn = [f"{time}+0200" for time in ("00:00", "00:30", "01:00", "01:30", "02:00", "02:30")]
        assert self.days("Europe/Berlin", autumn) == [*night_of_autumn, *(f"{time}+0100" for time in evening)]

    def test_a_slot_that_would_run_into_a_midnight_that_is_skipped_is_none(self):
        eve = date(2027, 4, 29)  # Cairo's 30 April begins at 01:00
        starts = self.days("Africa/Cairo", eve, opens=1335)
        assert [time[:5] for time in starts if time > "22"] == ["22:15", "22:45", "23:15"]
        assert self.days("Africa/Cairo", eve + ONE_DAY, opens=1335)[0] == "01:15+0300"
