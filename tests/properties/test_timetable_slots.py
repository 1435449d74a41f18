"""Slots, compared with a second, slower computation from the timetable: minute by minute, in whole numbers."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.calendars import slot_at, slots_of_day
from tests.small_town import named, small_catalogue, small_service
from traffic_booking import Branch, Service, Shift, Timetable, Weekday
from traffic_booking.domain.schedule.timetables import Offer

RIYADH_AHEAD = timedelta(hours=3)
days = st.dates(date(2020, 1, 1), date(2070, 1, 1))


@st.composite
def shift_lists(draw):
    """One to three shifts, one after another on every day that they share."""
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return tuple(
        draw(
            st.builds(
                Shift,
                weekdays=st.frozensets(st.sampled_from(Weekday), min_size=1),
                opens_minute=st.just(opens),
                closes_minute=st.just(closes),
                capacity=st.integers(1, 9),
            )
        )
        for opens, closes in draw(st.permutations(pairs))
    )


durations = st.integers(5, 240)


def parts(shifts: tuple[Shift, ...], minutes: int, zone: str = "Asia/Riyadh") -> tuple[Timetable, Branch, Service]:
    timetable = Timetable("full", named("full"), (Offer(frozenset({"renewal"}), shifts),))
    return timetable, evolve(small_catalogue().branch("north"), time_zone=zone), small_service("renewal", minutes)


def counted_by_hand(shifts: tuple[Shift, ...], minutes: int, day: date) -> list[tuple[datetime, int]]:
    """Start (UTC) and capacity of each slot in Riyadh, by trying every minute of the day."""
    midnight = datetime.combine(day, time(), UTC) - RIYADH_AHEAD
    found = []
    for minute in range(1440):
        for shift in shifts:
            inside = shift.opens_minute <= minute and minute + minutes <= shift.closes_minute
            if inside and day.weekday() in shift.weekdays and (minute - shift.opens_minute) % minutes == 0:
                found.append((midnight + timedelta(minutes=minute), shift.capacity))
    return found


@settings(deadline=None)
@given(shift_lists(), durations, days)
def test_the_slots_of_a_day_are_those_counted_by_hand(shifts, minutes, day):
    timetable, branch, service = parts(shifts, minutes)
    found = list(slots_of_day(timetable, branch, service, day))
    assert [(slot.key.starts_at, slot.capacity) for slot in found] == counted_by_hand(shifts, minutes, day)
    assert all(slot.ends_at - slot.key.starts_at == timedelta(minutes=minutes) for slot in found)
    assert all(first.ends_at <= second.key.starts_at for first, second in pairwise(found))
    assert all(slot.day.gregorian == day for slot in found)


@settings(deadline=None)
@given(shift_lists(), durations, days, st.integers(0, 24 * 60 * 60 - 1))
def test_an_instant_is_a_slot_exactly_where_the_day_lists_it(shifts, minutes, day, second):
    timetable, branch, service = parts(shifts, minutes)
    listed = {slot.key.starts_at: slot for slot in slots_of_day(timetable, branch, service, day)}
    at_random = datetime.combine(day, time(), UTC) - RIYADH_AHEAD + timedelta(seconds=second)
    for at in (at_random, at_random.replace(second=0), *listed):
        assert slot_at(timetable, branch, service, at) == listed.get(at)


@settings(deadline=None)
@given(
    shift_lists(),
    st.integers(5, 60),
    st.sampled_from(["Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "America/New_York", "Asia/Riyadh"]),
    days,
)
def test_under_changing_clocks_every_listed_slot_is_found_by_its_instant_and_starts_on_its_day(
    shifts, minutes, zone, day
):
    timetable, branch, service = parts(shifts, minutes, zone)
    found = list(slots_of_day(timetable, branch, service, day))
    walls = [slot.starts_at.replace(tzinfo=None) for slot in found]
    assert walls == sorted(set(walls))
    assert len({slot.key for slot in found}) == len(found)
    for slot in found:
        assert slot.starts_at.date() == day
        assert slot_at(timetable, branch, service, slot.key.starts_at) == slot


@settings(deadline=None)
@given(shift_lists(), durations, days)
def test_two_days_share_no_slot(shifts, minutes, day):
    timetable, branch, service = parts(shifts, minutes)
    today = {slot.key for slot in slots_of_day(timetable, branch, service, day)}
    assume(today)
    tomorrow = slots_of_day(timetable, branch, service, day + timedelta(days=1))
    assert today.isdisjoint(slot.key for slot in tomorrow)
