"""A month view says of every day whether it can be booked, and why not."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import HEAD, WORDS, calendar_of, exception, month_start, order
from tests.cases import DAY, OPENING, TICK
from tests.desks import open_desk
from tests.small_town import START, WORKING_DAYS, named, small_catalogue, small_rulebook
from traffic_booking import (
    Bilingual,
    Booked,
    Clerk,
    DayAvailability,
    DayState,
    Declared,
    HijriDate,
    Hours,
    Shift,
    Suspension,
    Timetable,
    Weekday,
)
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.calendars.announcements import AnnouncedClosure
from traffic_booking.domain.calendars.holiday_rules import AnnouncedDays, FixedDay, HijriSpan
from traffic_booking.domain.schedule.entries import CalendarRecord
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import MovableClock, made_up_person

RIYADH = ZoneInfo("Asia/Riyadh")
TODAY = START.date()
FRIDAY = date(2026, 11, 27)
TWO_SEATS = small_catalogue(opens_minute=480, closes_minute=510)
"""Two starts a day for renewals, 08:00 and 08:15, with one seat each."""
FLOOD = Bilingual("سيول", "flood")
EID = Bilingual("العيد", "Eid")


def of_day(desk: Desk, day: date = TODAY, *, service: str = "renewal") -> DayAvailability:
    """The availability of one day at the branch north."""
    view = desk.month_view(service=service, branch="north", year=day.year, month_of_year=day.month)
    return view[day.day - 1]


def book(desk: Desk, *days: date) -> None:
    """Book every free slot of those days at the branch north, each for another person."""
    for day in days:
        for slot in desk.find_slots(service="renewal", branch="north", from_=day, until=day + DAY):
            serial = int(slot.key.starts_at.timestamp() // 60)
            booked = desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"{serial}")
            assert isinstance(booked, Booked)


def close(desk: Desk, *days: date) -> None:
    """Close the branch north on those days."""
    for day in days:
        record = evolve(exception(Effect.CLOSED, day, name=f"closed.{day}"), reason=FLOOD)
        declare(desk, record)


def declare(desk: Desk, record: CalendarRecord) -> None:
    done = desk.calendar.declare(record, reason="flood", by=Clerk("desk-1"), request_id=f"declare-{record.id}")
    assert isinstance(done, Declared)


def suspended(day: date) -> Suspension:
    return Suspension(service="renewal", branch="north", from_day=day, until_day=day + DAY, reason=FLOOD)


@pytest.mark.journey("J-14")
class TestStates:
    def test_a_free_day_has_its_first_free_time_in_the_time_zone_of_the_branch(self):
        desk = open_desk(TWO_SEATS)
        day = of_day(desk)
        assert (day.state, day.first_free) == (DayState.FREE, OPENING)
        assert day.first_free is not None
        assert day.first_free.tzinfo == RIYADH
        assert (day.text("en"), day.text("ar")) == ("Free from 08:00", "متاح من الساعة 08:00")
        assert day.text("ar", "arabic") == "متاح من الساعة ٠٨:٠٠"
        (slot,) = desk.find_slots(service="renewal", branch="north", limit=1)
        desk.book(slot, applicant=made_up_person(1), agreed=True, request_id="1")
        assert of_day(desk).text("en") == "Free from 08:15"

    def test_a_day_is_full_if_no_allowed_slot_has_a_seat(self):
        desk = open_desk(TWO_SEATS)
        book(desk, TODAY)
        day = of_day(desk)
        assert (day.state, day.seats, day.free, day.first_free) == (DayState.FULL, 2, 0, None)
        assert (day.text("en"), day.text("ar")) == ("Full", "مكتمل")

    def test_a_day_is_past_once_its_last_slot_has_started(self):
        desk = open_desk(TWO_SEATS, start=OPENING)
        assert of_day(desk).text("en") == "Free from 08:15"
        assert isinstance(desk.clock, MovableClock)
        desk.clock.advance(timedelta(minutes=15))
        assert (of_day(desk).state, of_day(desk).text("en"), of_day(desk).text("ar")) == (DayState.PAST, "Past", "مضى")
        assert of_day(desk, TODAY - 3 * DAY).state is DayState.PAST

    @pytest.mark.rule("BK-04")
    def test_a_day_opens_at_the_instant_that_it_names(self):
        desk = open_desk(TWO_SEATS, horizon_days=7)
        wednesday = TODAY + 10 * DAY
        day = of_day(desk, wednesday)
        opens_at = OPENING + 3 * DAY
        assert (day.state, day.opens_at, day.rules) == (DayState.NOT_YET_OPEN, opens_at, ("BK-04",))
        assert day.text("en") == (
            "Opens for booking on Wednesday, 25 November 2026 – 15 Jumada al-Akhirah 1448 AH, at 08:00"
        )
        assert day.text("ar") == "يُفتح الحجز يوم الأربعاء، 15 جمادى الآخرة 1448 هـ – 25 نوفمبر 2026 م، الساعة 08:00"
        assert isinstance(desk.clock, MovableClock)
        desk.clock.advance(opens_at - TICK - START)
        assert of_day(desk, wednesday).state is DayState.NOT_YET_OPEN
        desk.clock.advance(TICK)
        assert of_day(desk, wednesday).state is DayState.FREE

    @pytest.mark.parametrize("horizon_days", [1, 7, 60])
    def test_a_weekend_a_holiday_and_a_closed_day_are_closed_however_far_off(self, horizon_days):
        holiday, closed = TODAY + 71 * DAY, TODAY + 72 * DAY
        rule = FixedDay(id="eid", month=holiday.month, day=holiday.day, name=EID, **HEAD)
        desk = open_desk(horizon_days=horizon_days, calendar=calendar_of(rule))
        close(desk, closed)
        for day, reason in ((FRIDAY + 70 * DAY, "words"), (holiday, "Eid"), (closed, "flood")):
            found = of_day(desk, day)
            assert (found.state, found.opens_at, found.text("en")) == (DayState.CLOSED, None, f"Closed: {reason}")
        assert of_day(desk, TODAY + 73 * DAY).state is DayState.NOT_YET_OPEN
        assert of_day(desk, TODAY + 73 * DAY, service="foreign").state is DayState.NOT_YET_OPEN

    def test_a_day_beyond_the_horizon_without_the_service_does_not_open_for_it(self):
        view = open_desk(horizon_days=7).month_view(service="foreign", branch="south", year=2027, month_of_year=1)
        assert {day.state for day in view} == {DayState.NO_SERVICE, DayState.CLOSED}

    def test_a_day_whose_hours_leave_no_shift_is_closed_for_the_reason_of_these_hours(self):
        desk = open_desk(horizon_days=7)
        for day in (TODAY + DAY, TODAY + 50 * DAY):
            hours = exception(Effect.OTHER_HOURS, day, name=f"hours.{day}", hours=[Hours(1200, 1260)])
            declare(desk, evolve(hours, reason=FLOOD))
            found = of_day(desk, day)
            assert (found.state, found.rules[0], found.reason) == (DayState.CLOSED, f"hours.{day}", FLOOD)

    def test_a_day_that_never_opens_names_no_instant(self):
        """It opens two days ahead, and a booking needs three."""
        desk = open_desk(TWO_SEATS, rulebook=small_rulebook(BK_04={"days": 2}, BK_12={"minutes": 3 * 24 * 60}))
        day = of_day(desk, TODAY + 10 * DAY)
        assert (day.state, day.opens_at, day.rules) == (DayState.NOT_BOOKABLE, None, ("BK-04",))

    @pytest.mark.rule("BK-12")
    def test_a_day_within_the_notice_has_the_sentence_of_that_rule(self):
        desk = open_desk(TWO_SEATS, rulebook=small_rulebook(BK_12={"minutes": 24 * 60}))
        day = of_day(desk)
        assert (day.state, day.rules) == (DayState.NOT_BOOKABLE, ("BK-12",))
        assert day.text("en") + "." == desk.rulebook["BK-12"].statement.en

    @pytest.mark.rule("BK-15")
    def test_a_suspended_day_has_the_reason_and_the_end_of_the_suspension(self):
        book = evolve(small_rulebook(), suspensions=(suspended(TODAY),))
        day = of_day(open_desk(TWO_SEATS, rulebook=book))
        until = datetime(2026, 11, 23, tzinfo=RIYADH)
        assert (day.state, day.until, day.reason, day.rules) == (DayState.SUSPENDED, until, FLOOD, ("BK-15",))
        assert day.text("en") == (
            "The service is suspended and resumes on Monday, 23 November 2026 – 13 Jumada al-Akhirah 1448 AH: flood"
        )
        assert day.text("ar").endswith("13 جمادى الآخرة 1448 هـ – 23 نوفمبر 2026 م: سيول")

    def test_a_closed_day_has_the_rules_and_the_reason_even_if_it_is_past(self):
        desk = open_desk()
        close(desk, TODAY)
        for day, rule, reason in (
            (TODAY, f"closed.{TODAY}", "Closed: flood"),
            (FRIDAY, "weekend", "Closed: words"),
            (FRIDAY - 7 * DAY, "weekend", "Closed: words"),
        ):
            found = of_day(desk, day)
            assert (found.state, found.rules[0], found.text("en")) == (DayState.CLOSED, rule, reason)
        assert of_day(desk).text("ar") == "مغلق: سيول"

    @pytest.mark.parametrize("name", [EID, None])
    def test_a_holiday_has_the_short_name_of_its_rule_or_else_the_sentence(self, name):
        rule = FixedDay(id="eid", month=11, day=23, name=name, **HEAD)
        desk = open_desk(calendar=calendar_of(rule))
        assert of_day(desk, TODAY + DAY).reason == (name or WORDS)
        assert desk.calendar.statement("eid") == WORDS

    @pytest.mark.parametrize("name", [EID, None])
    def test_announced_days_have_the_name_of_their_rule_or_else_their_own_sentence(self, name):
        desk = open_desk(calendar=calendar_of(AnnouncedDays(id="eid", name=name, **HEAD)))
        day = TODAY + DAY
        head = HEAD | {"statement": FLOOD}
        declare(desk, AnnouncedClosure(id="days", rule="eid", first_day=day, last_day=day, **head))
        found = of_day(desk, day)
        assert (found.rules, found.reason) == (("days", "eid"), name or FLOOD)

    def test_a_holiday_that_an_announced_month_moved_has_the_name_of_the_holiday(self):
        first = HijriDate(1448, 7, 1).to_gregorian()
        span = HijriSpan(id="eid", from_month=7, from_day=1, to_month=7, to_day=1, name=EID, **HEAD)
        desk = open_desk(start=START, horizon_days=60, calendar=calendar_of(span))
        declare(desk, month_start(1448, 7, first - DAY))
        day = of_day(desk, first - DAY)
        assert (day.rules[0], day.reason) == ("start.1448-07", EID)

    def test_a_day_that_an_order_closes_has_the_sentence_of_the_order(self):
        desk = open_desk(calendar=calendar_of(FixedDay(id="eid", month=11, day=23, name=EID, **HEAD)))
        declare(desk, evolve(order(TODAY + DAY), statement=FLOOD))
        assert of_day(desk, TODAY + DAY).reason == FLOOD

    def test_a_day_is_closed_without_a_reason_of_the_calendar_if_the_timetable_has_no_hours(self):
        catalogue = small_catalogue()
        shift = Shift(weekdays=WORKING_DAYS - {Weekday.MONDAY}, opens_minute=480, closes_minute=840, capacity=1)
        short = Timetable("full", named("full"), (Offer(frozenset({"renewal"}), (shift,)),))
        desk = open_desk(evolve(catalogue, timetables=(short, *catalogue.timetables[1:])))
        monday = of_day(desk, TODAY + DAY)
        assert (monday.state, monday.rules[0]) == (DayState.CLOSED, "timetable.full")
        assert monday.text("en") == "Closed: the branch has no hours on this day"
        assert monday.text("ar") == "مغلق: لا دوام للفرع في هذا اليوم"

    def test_an_open_branch_has_no_slot_for_a_service_that_it_does_not_offer(self):
        desk = open_desk()
        view = desk.month_view(service="foreign", branch="south", year=2026, month_of_year=11)
        assert view[TODAY.day - 1].state is DayState.NO_SERVICE
        assert view[TODAY.day - 1].text("en") == "This service is not offered on this day"
        assert view[TODAY.day - 1].text("ar") == "لا تُقدَّم هذه الخدمة في هذا اليوم"
        assert view[FRIDAY.day - 1].state is DayState.CLOSED


@given(
    now=st.integers(-30 * 24, 20 * 24).map(lambda hours: datetime(2026, 11, 10, tzinfo=UTC) + timedelta(hours=hours)),
    days=st.integers(1, 20),
    notice=st.integers(0, 2 * 24 * 60),
    service=st.sampled_from(["renewal", "foreign", "transfer"]),
    closed=st.sets(st.integers(1, 30), max_size=3),
    full=st.sets(st.integers(1, 30), max_size=3),
    off=st.sets(st.integers(1, 29), max_size=2),
)
def test_every_day_has_one_state_that_its_seats_its_hours_and_a_search_agree_with(
    *, now, days, notice, service, closed, full, off
):
    november = [date(2026, 11, day) for day in range(1, 31)]
    book_of_rules = evolve(
        small_rulebook(BK_04={"days": days}, BK_12={"minutes": notice}),
        suspensions=tuple(suspended(date(2026, 11, day)) for day in sorted(off)),
    )
    desk = open_desk(small_catalogue(closes_minute=510), start=now, rulebook=book_of_rules)
    book(desk, *(date(2026, 11, day) for day in sorted(full)))
    close(desk, *(date(2026, 11, day) for day in sorted(closed)))
    view = desk.month_view(service=service, branch="north", year=2026, month_of_year=11)
    for day, entry in zip(november, view, strict=True):
        assert entry.day.gregorian == day
        assert (entry.state is DayState.FREE) is (entry.free > 0)
        assert (entry.state in {DayState.FREE, DayState.FULL}) is (entry.seats > 0)
        assert (entry.state is DayState.CLOSED) is (not desk.calendar.working_day("north", day).open)
        found = desk.find_slots(service=service, branch="north", from_=day, until=day + DAY, limit=1)
        assert entry.first_free == (found[0].starts_at if found else None)
        assert (entry.opens_at is not None) is (entry.state is DayState.NOT_YET_OPEN)
        assert (entry.until is not None) is (entry.state is DayState.SUSPENDED)
        assert all(entry.text(language) for language in ("ar", "en"))
        if entry.state is DayState.PAST:
            assert day <= now.astimezone(RIYADH).date()
        if entry.opens_at is not None:
            later = open_desk(small_catalogue(closes_minute=510), start=entry.opens_at, rulebook=book_of_rules)
            assert of_day(later, day, service=service).state is DayState.FREE
