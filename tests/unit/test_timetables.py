from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from tests.calendars import slot_at, slots_of_day
from tests.small_town import named, small_catalogue, small_service
from traffic_booking import Branch, InvalidInput, Shift, Slot, Timetable, Weekday
from traffic_booking.domain.calendars.hours import clock_minute, clock_text
from traffic_booking.domain.schedule import timetables
from traffic_booking.domain.schedule.timetables import Offer

EVERY_DAY = frozenset(Weekday)
LASTING = "expected a closing up to 24 hours after the opening; past midnight the minutes count on from 1440"
SUNDAY = date(2026, 11, 22)
SPRING_IN_BERLIN = date(2027, 3, 28)
"""The hour from 02:00 to 03:00 is skipped."""
AUTUMN_IN_BERLIN = date(2027, 10, 31)
"""The hour from 02:00 to 03:00 comes twice."""


def shift(opens: str, closes: str, capacity: int = 1, days: frozenset[Weekday] = EVERY_DAY) -> Shift:
    return Shift(weekdays=days, opens_minute=clock_minute(opens), closes_minute=clock_minute(closes), capacity=capacity)


def timetable(*shifts: Shift) -> Timetable:
    return Timetable("full", named("full"), (Offer(frozenset({"renewal"}), shifts),))


def branch(time_zone: str = "Asia/Riyadh") -> Branch:
    return evolve(small_catalogue().branch("north"), time_zone=time_zone)


def slots(of: Timetable, minutes: int, day: date = SUNDAY, zone: str = "Asia/Riyadh") -> list[Slot]:
    return list(slots_of_day(of, branch(zone), small_service("renewal", minutes), day))


def starts(of: Timetable, minutes: int, day: date = SUNDAY, zone: str = "Asia/Riyadh") -> list[str]:
    return [slot.starts_at.strftime("%H:%M") for slot in slots(of, minutes, day, zone)]


class TestSlotsOfADay:
    def test_follow_one_another_from_the_opening_and_end_by_the_closing(self):
        assert starts(timetable(shift("08:00", "09:00")), 20) == ["08:00", "08:20", "08:40"]
        assert starts(timetable(shift("08:00", "08:59")), 20) == ["08:00", "08:20"]
        assert starts(timetable(shift("08:00", "09:01")), 20) == ["08:00", "08:20", "08:40"]

    def test_are_none_in_a_shift_that_is_shorter_than_the_service(self):
        assert starts(timetable(shift("08:00", "08:19")), 20) == []

    def test_are_in_order_of_their_start_whatever_the_order_of_the_shifts(self):
        of = timetable(shift("16:00", "16:40", capacity=3), shift("08:00", "08:40", capacity=6))
        assert starts(of, 20) == ["08:00", "08:20", "16:00", "16:20"]
        assert [slot.capacity for slot in slots(of, 20)] == [6, 6, 3, 3]

    def test_do_not_run_on_from_one_shift_into_the_next(self):
        assert starts(timetable(shift("08:00", "08:50"), shift("08:50", "09:30")), 20) == [
            "08:00",
            "08:20",
            "08:50",
            "09:10",
        ]

    def test_may_begin_at_midnight_and_end_at_24_00(self):
        of = timetable(shift("00:00", "00:30"), shift("23:30", "24:00"))
        found = slots(of, 30)
        assert [slot.starts_at.isoformat() for slot in found] == [
            "2026-11-22T00:00:00+03:00",
            "2026-11-22T23:30:00+03:00",
        ]
        assert found[-1].ends_at == datetime(2026, 11, 22, 21, 0, tzinfo=UTC)

    def test_are_there_on_the_days_of_the_shift_alone(self):
        of = timetable(shift("08:00", "08:20", days=frozenset({Weekday.SUNDAY, Weekday.THURSDAY})))
        week = [starts(of, 20, SUNDAY + timedelta(days=offset)) for offset in range(7)]
        assert week == [["08:00"], [], [], [], ["08:00"], [], []]

    def test_are_none_for_a_service_that_is_not_offered(self):
        of = timetable(shift("08:00", "09:00"))
        assert list(slots_of_day(of, branch(), small_service("transfer", 20), SUNDAY)) == []
        assert of.services == {"renewal"}


class TestChangeOfTheClocks:
    """Riyadh has none; a branch elsewhere may."""

    def test_a_time_that_is_skipped_has_no_slot(self):
        of = timetable(shift("01:00", "04:00"))
        assert starts(of, 30, SPRING_IN_BERLIN, "Europe/Berlin") == ["01:00", "01:30", "03:00", "03:30"]

    def test_a_time_that_comes_twice_has_one_slot_the_first(self):
        found = slots(timetable(shift("01:00", "04:00")), 30, AUTUMN_IN_BERLIN, "Europe/Berlin")
        assert [slot.starts_at.isoformat()[11:22] for slot in found] == [
            "01:00:00+02",
            "01:30:00+02",
            "02:00:00+02",
            "02:30:00+02",
            "03:00:00+01",
            "03:30:00+01",
        ]
        assert all(a.ends_at <= b.key.starts_at for a, b in pairwise(found))

    def test_neither_is_found_by_its_instant(self):
        of, service, there = timetable(shift("01:00", "04:00")), small_service("renewal", 30), branch("Europe/Berlin")
        second_half_past_two = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
        assert second_half_past_two.astimezone(ZoneInfo("Europe/Berlin")).time() == time(2, 30)
        assert slot_at(of, there, service, second_half_past_two) is None
        assert slot_at(of, there, service, second_half_past_two - timedelta(hours=1)) is not None

    def test_a_day_that_begins_at_one_has_slots_from_one(self):
        of = timetable(shift("00:00", "02:00"))
        assert starts(of, 30, date(2027, 4, 30), "Africa/Cairo") == ["01:00", "01:30"]


class TestSlotAt:
    @pytest.mark.parametrize(
        "off", [timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1), timedelta(days=7, minutes=10)]
    )
    def test_knows_a_slot_by_its_exact_start(self, off):
        of, service = timetable(shift("08:00", "09:00", capacity=4)), small_service("renewal", 20)
        (_, second, _) = slots_of_day(of, branch(), service, SUNDAY)
        assert slot_at(of, branch(), service, second.key.starts_at) == second
        assert slot_at(of, branch(), service, second.starts_at) == second
        assert slot_at(of, branch(), service, second.key.starts_at + off) is None
        assert slot_at(of, branch(), service, second.key.starts_at - off) is None

    def test_knows_the_shift_of_that_day_and_its_capacity(self):
        of = timetable(
            shift("08:00", "09:00", capacity=1, days=frozenset({Weekday.SUNDAY})),
            shift("08:00", "09:00", capacity=2, days=frozenset({Weekday.MONDAY})),
        )
        service = small_service("renewal", 20)
        for offset, capacity in ((0, 1), (1, 2)):
            at = datetime(2026, 11, 22 + offset, 5, 20, tzinfo=UTC)
            found = slot_at(of, branch(), service, at)
            assert found is not None
            assert found.capacity == capacity
        assert slot_at(of, branch(), service, datetime(2026, 11, 24, 5, 20, tzinfo=UTC)) is None

    def test_knows_none_of_a_service_that_is_not_offered(self):
        of = timetable(shift("08:00", "09:00"))
        assert slot_at(of, branch(), small_service("transfer", 20), datetime(2026, 11, 22, 5, 0, tzinfo=UTC)) is None


class TestShift:
    @pytest.mark.parametrize(("opens", "closes"), [(0, 1440), (0, 1), (1439, 1440), (1320, 1560), (480, 1920)])
    def test_takes_hours_of_at_most_a_day_that_begin_on_its_day(self, opens, closes):
        made = Shift(weekdays=EVERY_DAY, opens_minute=opens, closes_minute=closes, capacity=1)
        assert (made.opens_minute, made.closes_minute) == (opens, closes)

    @pytest.mark.parametrize(
        ("opens", "closes", "fault"),
        [
            (-1, 60, "got -1; expected 0 to 2880 minutes from midnight"),
            (1_439, 2_881, "got 2881; expected 0 to 2880 minutes from midnight"),
            (0, 1_441, f"got 00:00 to 24:01; {LASTING}"),
            (60, 60, f"got 01:00 to 01:00; {LASTING}"),
            (61, 60, f"got 01:01 to 01:00; {LASTING}"),
            (1_320, 120, f"got 22:00 to 02:00; {LASTING}"),
            (1_440, 1_560, "got 24:00 to 26:00; expected an opening before 24:00"),
        ],
    )
    def test_refuses_hours_that_are_none(self, opens, closes, fault):
        with pytest.raises(InvalidInput, match=f"^opens, closes: {fault}$"):
            Shift(weekdays=EVERY_DAY, opens_minute=opens, closes_minute=closes, capacity=1)

    @pytest.mark.parametrize("capacity", [1, 10_000])
    def test_takes_1_to_10_000_seats(self, capacity):
        assert shift("08:00", "09:00", capacity).capacity == capacity

    @pytest.mark.parametrize("capacity", [-1, 0, 10_001])
    def test_refuses_other_capacities(self, capacity):
        with pytest.raises(InvalidInput, match=f"capacity: got {capacity}; expected 1 to 10000 seats"):
            shift("08:00", "09:00", capacity)

    def test_is_on_some_day(self):
        with pytest.raises(InvalidInput, match="days: got none"):
            shift("08:00", "09:00", days=frozenset())


class TestTimetable:
    def test_refuses_shifts_that_overlap_on_a_day(self):
        with pytest.raises(InvalidInput, match="shifts that overlap on Sunday: 08:00 to 09:00 and 08:59 to 10:00"):
            timetable(
                shift("08:00", "09:00", days=frozenset({Weekday.SUNDAY})),
                shift("08:59", "10:00", days=frozenset({Weekday.SUNDAY, Weekday.MONDAY})),
            )

    def test_takes_shifts_that_touch_and_the_same_hours_on_other_days(self):
        monday, sunday = frozenset({Weekday.MONDAY}), frozenset({Weekday.SUNDAY})
        made = timetable(shift("08:00", "09:00"), shift("09:00", "10:00"))
        assert len(made.offers[0].shifts) == 2
        assert timetable(shift("08:00", "09:00", days=monday), shift("08:00", "09:00", days=sunday)).services

    def test_refuses_a_service_in_two_offers(self):
        offer = Offer(frozenset({"renewal"}), (shift("08:00", "09:00"),))
        with pytest.raises(InvalidInput, match="offers: got renewal twice; expected each service in one offer"):
            Timetable("full", named("full"), (offer, offer))

    @pytest.mark.parametrize(
        ("services", "shifts"), [(frozenset(), (shift("08:00", "09:00"),)), (frozenset({"renewal"}), ())]
    )
    def test_refuses_an_offer_of_nothing_or_at_no_time(self, services, shifts):
        with pytest.raises(InvalidInput, match="at least one service and one shift"):
            Offer(services, shifts)


class TestTimeOfDay:
    @pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("08:05", 485), ("23:59", 1439), ("24:00", 1440)])
    def test_is_hours_and_minutes(self, text, minute):
        assert clock_minute(text) == minute
        assert clock_text(minute) == text

    def test_counts_on_past_midnight_as_far_as_it_may(self):
        assert clock_text(1560) == "26:00"
        assert clock_minute("26:00", latest=1560) == 1560
        with pytest.raises(InvalidInput, match="time of day: got '26:01'; expected HH:MM, 00:00 to 26:00"):
            clock_minute("26:01", latest=1560)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "8:00",
            "08:0",
            "0800",
            "08:00:00",
            "24:01",
            "25:00",
            "08:60",
            "-8:00",
            "+8:00",
            "٠٨:٠٠",
            "08: 00",
            "\u202e08:00",
            "0" * 1_000_000,
            "²²:00",
        ],
    )
    def test_refuses_anything_else(self, text):
        with pytest.raises(InvalidInput, match=r"time of day: got .*; expected HH:MM, 00:00 to 24:00"):
            clock_minute(text)


def test_starts_are_the_same_however_many_durations_were_asked_for(monkeypatch):
    monkeypatch.setattr(timetables, "CACHED_PATTERNS", 2)
    of = timetable(shift("08:00", "10:00"))
    for minutes in (10, 15, 20, 30, 10):
        assert starts(of, minutes) == starts(timetable(shift("08:00", "10:00")), minutes)
