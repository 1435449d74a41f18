"""Weeks of shifts past midnight, compared with a slow count over the working days on which they open."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import PLAIN, exception
from tests.desks import open_desk
from tests.properties.test_open_slots import changes
from tests.small_town import START, small_rulebook, town_of
from traffic_booking import Booked, Clerk, Holder, Hours, Refused, Shift, SlotKey, Weekday
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import branch_id
from traffic_booking.domain.places.services import service_id
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.exceptions import BranchException, Effect
from traffic_booking.testing import made_up_person

DAY, WEEK = 1440, 7 * 1440
ONE_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
FIRST = START.date()
SPAN = 9
"""The civil days that are compared, from a Sunday on."""
RIYADH_AHEAD = timedelta(hours=3)
NORTH, FOREIGN = branch_id("north"), service_id("foreign")
LENGTHS = {"renewal": 15, "transfer": 20, "foreign": 30}


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Shift, ...]:
    """Up to eight shifts of a week, disjoint on its circle, each of at most a day; most run past midnight."""
    edges = sorted(draw(st.sets(st.integers(0, WEEK // 5 - 1), min_size=2, max_size=16)))
    turned = draw(st.integers(0, WEEK // 5 - 1))
    shifts = []
    for opens, closes in zip(edges[::2], edges[1::2], strict=False):
        weekday, minute = divmod((opens + turned) * 5 % WEEK, DAY)
        shifts.append(
            Shift(
                weekdays=frozenset({Weekday(weekday)}),
                opens_minute=minute,
                closes_minute=minute + min((closes - opens) * 5, DAY),
                capacity=draw(st.integers(1, 3)),
                on_weekends=draw(st.booleans()),
            )
        )
    return tuple(draw(st.permutations(shifts)))


@st.composite
def records(draw: st.DrawFn) -> list[BranchException]:
    """Exceptions of the north branch, each on one or two days."""
    made = []
    for place in range(draw(st.integers(0, 3))):
        first = FIRST + draw(st.integers(-1, SPAN)) * ONE_DAY
        effect = draw(st.sampled_from(Effect))
        opens = draw(st.integers(0, DAY))
        hours = (Hours(opens, opens + draw(st.integers(1, DAY))),) if effect is Effect.OTHER_HOURS else None
        seats = draw(st.integers(1, 3)) if effect is Effect.OTHER_CAPACITY else None
        last = first + draw(st.integers(0, 1)) * ONE_DAY
        made.append(exception(effect, first, last, name=f"record-{place}", hours=hours, capacity=seats))
    return made


class Worked(NamedTuple):
    """A working day once the records are declared."""

    open: bool
    weekend: bool
    hours: tuple[Hours, ...] | None
    capacity: int | None


def worked(day: date, declared: list[BranchException]) -> Worked:
    weekend = day.weekday() in {Weekday.FRIDAY, Weekday.SATURDAY}
    is_open, hours, capacity, by_week = not weekend, None, None, True
    for record in declared:
        if record.covers(day):
            if record.effect in {Effect.OPEN, Effect.CLOSED}:
                is_open, by_week = record.effect is Effect.OPEN, False
            hours = record.hours or hours
            capacity = record.capacity or capacity
    return Worked(is_open, weekend and by_week, hours, capacity)


def starts(week: tuple[Shift, ...], declared: list[BranchException], minutes: int) -> Iterator[tuple[datetime, int]]:
    """The start and the seats of each slot, from the evening before the first day on, minute by minute."""
    for after in range(-1, SPAN + 1):
        day = FIRST + after * ONE_DAY
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - RIYADH_AHEAD
        state = worked(day, declared)
        for shift in week:
            if day.weekday() not in shift.weekdays or not (state.open or (state.weekend and shift.on_weekends)):
                continue
            for minute in range(shift.opens_minute, shift.closes_minute - minutes + 1, minutes):
                inside = state.hours is None or any(
                    each.opens_minute <= minute and minute + minutes <= each.closes_minute for each in state.hours
                )
                if inside:
                    yield midnight + minute * MINUTE, state.capacity or shift.capacity


def civil(starts_at: datetime) -> date:
    return (starts_at + RIYADH_AHEAD).date()


def expected(week: tuple[Shift, ...], declared: list[BranchException], service: str) -> Mapping[datetime, int]:
    """The seats of each start on the compared days."""
    counted = dict(starts(week, declared, LENGTHS[service]))
    return {at: counted[at] for at in sorted(counted) if FIRST <= civil(at) < FIRST + SPAN * ONE_DAY}


@settings(deadline=None)
@given(weeks(), records(), st.sampled_from(sorted(LENGTHS)))
def test_every_civil_day_has_the_slots_of_its_date_and_each_is_found_by_its_instant(week, declared, service):
    catalogue = town_of(*week)
    configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN, tuple(declared)))
    branch, wanted = catalogue.branch("north"), catalogue.service(service)
    found = {
        slot.key.starts_at: slot
        for after in range(SPAN)
        for slot in configuration.slots_of_day(branch, wanted, FIRST + after * ONE_DAY)
    }
    counted = expected(week, declared, service)
    assert {at: slot.capacity for at, slot in found.items()} == counted
    assert list(found) == sorted(found)
    assert all(one.ends_at <= other.key.starts_at for one, other in pairwise(found.values()))
    assert all(slot.day.gregorian == civil(at) for at, slot in found.items())
    usual = expected(week, [], service)
    for at in {*usual, *counted, *(at + 5 * MINUTE for at in usual)}:
        assert configuration.slot(SlotKey(NORTH, service_id(service), at)) == found.get(at)


@pytest.mark.rule("BK-02", "BK-03", "BK-04")
@settings(deadline=None, max_examples=30)
@given(weeks(), records(), st.integers(0, SPAN * DAY))
def test_a_search_offers_exactly_the_slots_that_can_be_booked(week, declared, minutes):
    now, seats = START + minutes * MINUTE, expected(week, declared, "foreign")
    with open_desk(town_of(*week), start=now, horizon_days=5) as desk:
        for record in declared:
            desk.calendar.declare(record, reason="why", by=Clerk("desk-1"), request_id=record.id)
        offered = {
            slot.key
            for after in range(-1, SPAN + 1)
            for slot in desk.find_slots(
                service="foreign",
                branch="north",
                from_=FIRST + after * ONE_DAY,
                until=FIRST + (after + 1) * ONE_DAY,
                limit=500,
            )
        }
        view = desk.month_view(service="foreign", branch="north", year=FIRST.year, month_of_year=FIRST.month)
        tried = [SlotKey(NORTH, FOREIGN, at) for at in {*expected(week, [], "foreign"), *seats}]
        granted = {key for key in tried if not refusing_times(desk, key)}
    compared = range(SPAN)
    assert {key for key in offered if (civil(key.starts_at) - FIRST).days in compared} == granted
    by_day = {each.day.gregorian: each.seats for each in view}
    for day in {FIRST + after * ONE_DAY for after in compared} & by_day.keys():
        assert by_day[day] == sum(seats[key.starts_at] for key in offered if civil(key.starts_at) == day)


def refusing_times(desk, key):
    tried = desk.what_if().book(key, applicant=made_up_person(1, Holder.RESIDENT), agreed=True)
    return {verdict.rule_id for verdict in tried.refused} & {"BK-02", "BK-03", "BK-04"}


@settings(deadline=None, max_examples=40)
@given(weeks(), st.integers(0, SPAN - 1), st.lists(st.integers(0, 199), min_size=1, max_size=6), records())
def test_a_record_affects_exactly_the_appointments_whose_slot_or_seat_it_takes(week, closed, places, declared):
    closure = exception(Effect.CLOSED, FIRST + closed * ONE_DAY, name="closure")
    with open_desk(town_of(*week)) as desk:
        slots = desk.find_slots(service="foreign", branch="north", until=FIRST + SPAN * ONE_DAY, limit=200)
        for serial, place in enumerate(places if slots else ()):
            person = made_up_person(serial, Holder.RESIDENT)
            booked = desk.book(slots[place % len(slots)], applicant=person, agreed=True, request_id=f"{serial}")
            assert isinstance(booked, Booked | Refused), "full, if another place names the same slot"
        listed = [
            each for after in range(SPAN) for each in desk.gate.appointments_of_day("north", FIRST + after * ONE_DAY)
        ]
        for record in (closure, *declared):
            lasting = expected(week, [record], "foreign")
            lost = {each.number for each in listed if each.slot.starts_at not in lasting}
            hit = desk.calendar.affected_by(record)
            assert len(hit) == len({each.number for each in hit})
            gone = {each.number for each in hit if each.slot.starts_at not in lasting}
            assert gone == lost
        if not slots:
            return
        desk.calendar.declare(closure, reason="why", by=Clerk("desk-1"), request_id="closure")
        left = desk.find_slots(service="foreign", branch="north", until=FIRST + SPAN * ONE_DAY, limit=200)
        opened_on_it = set(expected(week, [], "foreign")) - set(expected(week, [closure], "foreign"))
        assert {slot.key.starts_at for slot in left}.isdisjoint(opened_on_it)
        for at in opened_on_it:
            assert "BK-02" in refusing_times(desk, SlotKey(NORTH, FOREIGN, at))


@given(weeks(), records(), st.integers(0, SPAN * DAY), st.integers(1, 3 * DAY))
def test_the_open_hours_before_a_slot_are_each_open_minute_once(week, declared, ends, at_least):
    catalogue = town_of(*week)
    configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN, tuple(declared)))
    end = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) - RIYADH_AHEAD + ends * MINUTE
    found = configuration.open_hours_before(SlotKey(NORTH, service_id("renewal"), end), at_least * MINUTE)
    assert all(one.opens_at >= other.closes_at for one, other in pairwise(found))
    assert all(each.opens_at < each.closes_at <= end for each in found)
    for each in found:
        for minute in (each.opens_at, each.closes_at - MINUTE):
            assert is_open(week, declared, minute)
        if each.closes_at < end:
            assert not is_open(week, declared, each.closes_at) or civil(each.closes_at) > civil(each.closes_at - MINUTE)


def is_open(week, declared, at):
    """True if the minute is within a shift of its civil day or of the day before."""
    for later in (0, 1):
        day = civil(at) - later * ONE_DAY
        local = at + RIYADH_AHEAD
        minute = local.hour * 60 + local.minute + later * DAY
        state = worked(day, declared)
        for shift in week:
            if (
                day.weekday() in shift.weekdays
                and (state.open or (state.weekend and shift.on_weekends))
                and shift.opens_minute <= minute < shift.closes_minute
                and (state.hours is None or any(h.opens_minute <= minute < h.closes_minute for h in state.hours))
            ):
                return True
    return False


@settings(deadline=None)
@given(weeks(), changes, st.integers(-1, 1), st.sampled_from(sorted(LENGTHS)))
def test_whatever_the_clocks_do_slots_past_midnight_are_whole_disjoint_and_on_their_date(week, change, beside, service):
    zone, changed = change
    catalogue = town_of(*(evolve(each, on_weekends=True) for each in week), time_zone=zone)
    configuration = Configuration(catalogue, small_rulebook(), BranchCalendars(PLAIN))
    branch, wanted = catalogue.branch("north"), catalogue.service(service)
    day = changed + beside * ONE_DAY
    here, tomorrow = (list(configuration.slots_of_day(branch, wanted, day + n * ONE_DAY)) for n in (0, 1))
    found = [*here, *tomorrow]
    assert all(slot.ends_at - slot.key.starts_at == timedelta(minutes=LENGTHS[service]) for slot in found)
    assert all(one.ends_at <= other.key.starts_at for one, other in pairwise(found))
    assert {slot.day.gregorian for slot in here} <= {day}
    for slot in found:
        assert configuration.slot(slot.key) == slot
        opened = configuration.opening_day(slot.key)
        minute = (slot.starts_at.date() - opened).days * DAY + slot.starts_at.hour * 60 + slot.starts_at.minute
        assert any(
            opened.weekday() in each.weekdays
            and each.opens_minute <= minute
            and minute + LENGTHS[service] <= each.closes_minute
            for each in week
        )
