from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from tests.desks import open_desk
from tests.small_town import START, small_catalogue
from traffic_booking import (
    AvailableSlot,
    Booked,
    Coordinates,
    Day,
    Held,
    HijriDate,
    InvalidInput,
    NotFound,
    Refused,
    SlotKey,
)
from traffic_booking.application._sync.desk import Desk
from traffic_booking.testing import MovableClock, made_up_person

ME, YOU = made_up_person(1), made_up_person(2)
AT_NORTH = Coordinates(24.70, 46.70)
AT_SOUTH = Coordinates(24.61, 46.70)
SUNDAY = date(2026, 11, 22)


def found(desk: Desk, **wanted) -> list[tuple[str, str]]:
    """Branch and local start of the found slots."""
    slots = desk.find_slots(**({"service": "renewal"} | wanted))
    return [(slot.branch, slot.starts_at.strftime("%d %H:%M")) for slot in slots]


@pytest.mark.journey("J-11")
class TestAcrossBranches:
    def test_the_earliest_come_first_and_at_the_same_time_the_branch_that_the_catalogue_lists_first(self):
        assert found(open_desk(), limit=4) == [
            ("north", "22 08:00"),
            ("south", "22 08:00"),
            ("north", "22 08:15"),
            ("south", "22 08:15"),
        ]

    def test_at_the_same_time_the_nearer_branch_comes_first_and_has_its_distance(self):
        desk = open_desk()
        assert found(desk, near=AT_SOUTH, limit=3) == [
            ("south", "22 08:00"),
            ("north", "22 08:00"),
            ("south", "22 08:15"),
        ]
        first, second = desk.find_slots(service="renewal", near=AT_SOUTH, limit=2)
        assert first.distance_km == 0
        assert second.distance_km == pytest.approx(10.0, abs=0.1)
        assert desk.find_slots(service="renewal", limit=1)[0].distance_km is None

    def test_at_the_same_time_and_distance_the_id_decides(self):
        catalogue = small_catalogue()
        branches = tuple(evolve(branch, location=AT_NORTH) for branch in reversed(catalogue.branches))
        desk = open_desk(evolve(catalogue, branches=branches))
        assert [branch for branch, _ in found(desk, near=AT_SOUTH, limit=4)] == ["north", "south", "north", "south"]

    def test_only_those_within_so_many_kilometres_are_looked_at(self):
        desk = open_desk()
        km = AT_SOUTH.distance_km(AT_NORTH)
        assert {branch for branch, _ in found(desk, near=AT_SOUTH, within_km=km)} == {"north", "south"}
        assert {branch for branch, _ in found(desk, near=AT_SOUTH, within_km=km - 0.001)} == {"south"}
        assert {branch for branch, _ in found(desk, near=AT_SOUTH, within_km=0)} == {"south"}
        assert {branch for branch, _ in found(desk, near=AT_SOUTH, within_km=inf)} == {"north", "south"}
        assert found(desk, near=Coordinates(0, 0), within_km=100) == []

    def test_only_slots_of_the_requested_governorate_or_branch_are_found(self):
        desk = open_desk()
        assert {branch for branch, _ in found(desk, governorate="village")} == {"south"}
        assert {branch for branch, _ in found(desk, branch="north")} == {"north"}
        assert found(desk, branch="north", governorate="village") == []

    def test_only_those_that_offer_the_service_are_looked_at(self):
        desk = open_desk()
        assert {branch for branch, _ in found(desk, service="foreign")} == {"north"}
        assert found(desk, service="foreign", branch="south") == []


class TestWindow:
    def test_slots_that_have_started_are_not_found(self):
        desk = open_desk(start=START + timedelta(hours=1))
        assert found(desk, limit=1) == [("north", "22 08:15")]

    def test_from_is_inclusive_and_until_exclusive(self):
        desk = open_desk()
        eight = START + timedelta(hours=1)
        quarter = timedelta(minutes=15)
        window = found(desk, branch="north", from_=eight + quarter, until=eight + 3 * quarter)
        assert window == [("north", "22 08:15"), ("north", "22 08:30")]

    @pytest.mark.parametrize("zones", [("Asia/Riyadh", "UTC"), ("Pacific/Auckland", "America/Los_Angeles")])
    def test_a_date_stands_for_its_midnight_at_each_branch(self, zones):
        """The branches are open all day; in Riyadh, the first or the last hours of their Monday are another day."""
        town = small_catalogue(opens_minute=0, closes_minute=1440)
        branches = [evolve(branch, time_zone=zone) for branch, zone in zip(town.branches, zones, strict=True)]
        desk = open_desk(evolve(town, branches=tuple(branches)), horizon_days=30)
        days: dict[str, Any] = {"from_": date(2026, 11, 23), "until": date(2026, 11, 24)}
        for branch in ("north", "south"):
            monday = found(desk, branch=branch, **days, limit=500)
            assert (monday[0], monday[-1], len(monday)) == ((branch, "23 00:00"), (branch, "23 23:45"), 96)
        both = desk.find_slots(service="renewal", **days, limit=500)
        assert {(slot.branch, f"{slot.starts_at:%d}") for slot in both} == {("north", "23"), ("south", "23")}
        assert len(both) == 192
        assert [slot.key.starts_at for slot in both] == sorted(slot.key.starts_at for slot in both)
        midnight = datetime(2026, 11, 24, tzinfo=ZoneInfo(zones[1]))
        assert both.searched_until == midnight
        paged, after = list[AvailableSlot](), None
        while after is not None or not paged:
            page = desk.find_slots(service="renewal", **days, limit=50, after=after)
            paged, after = [*paged, *page], page.next
        assert paged == [*both]

    def test_a_day_of_a_month_view_has_the_slots_of_a_search_from_that_day_to_the_next(self):
        town = small_catalogue(opens_minute=0, closes_minute=1440)
        north = evolve(town.branch("north"), time_zone="America/Los_Angeles")
        desk = open_desk(evolve(town, branches=(north, *town.branches[1:])), horizon_days=30)
        at: dict[str, Any] = {"service": "renewal", "branch": "north"}
        for day in desk.month_view(**at, year=2026, month_of_year=11):
            following = day.day.gregorian + timedelta(days=1)
            assert len(desk.find_slots(**at, from_=day.day, until=following, limit=500)) == day.free

    def test_a_bound_may_be_a_day_of_either_calendar(self):
        desk = open_desk()
        monday = date(2026, 11, 23)
        cursor = desk.find_slots(service="renewal", from_=monday, limit=1).next
        same: Any
        for same in (Day(monday), HijriDate.from_gregorian(monday)):
            assert desk.find_slots(service="renewal", from_=same, limit=1, after=cursor)
            assert found(desk, from_=same, until=same) == []
            assert found(desk, from_=same, limit=9) == found(desk, from_=monday, limit=9)

    def test_a_window_from_a_later_day_to_an_earlier_one_is_empty_in_any_time_zone(self):
        town = small_catalogue(opens_minute=0, closes_minute=1440)
        zones = ("Pacific/Kiritimati", "Etc/GMT+12")
        branches = [evolve(branch, time_zone=zone) for branch, zone in zip(town.branches, zones, strict=True)]
        desk = open_desk(evolve(town, branches=tuple(branches)))
        assert found(desk, from_=date(2026, 11, 24), until=date(2026, 11, 23)) == []

    def test_a_window_that_is_empty_or_past_has_nothing(self):
        desk = open_desk()
        assert found(desk, from_=SUNDAY, until=SUNDAY) == []
        assert found(desk, from_=date(2026, 11, 24), until=date(2026, 11, 23)) == []
        assert found(desk, until=START) == []

    def test_a_closed_weekend_is_stepped_over(self):
        assert found(open_desk(start=datetime(2026, 11, 26, 20, 0, tzinfo=UTC)), limit=1) == [("north", "29 08:00")]

    def test_a_free_slot_weeks_away_is_found(self):
        desk = open_desk()
        assert found(desk, from_=date(2027, 1, 10), branch="north", limit=1) == [("north", "10 08:00")]

    @pytest.mark.rule("BK-04")
    @pytest.mark.parametrize(("earlier", "in_reach"), [(0, True), (1, False), (-1, True)])
    def test_a_slot_at_the_horizon_is_found_exactly_if_it_can_be_booked(self, earlier, in_reach):
        starts_at = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
        desk = open_desk(start=starts_at - timedelta(days=7, microseconds=earlier), horizon_days=7)
        slots = desk.find_slots(service="renewal", branch="north", limit=500)
        north = desk.catalogue.branch("north")
        assert (starts_at in {slot.key.starts_at for slot in slots}) is in_reach
        (day,) = (
            day
            for day in desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
            if day.day.gregorian == date(2026, 11, 29)
        )
        assert (day.seats > 0) is in_reach
        key = SlotKey(north.id, desk.catalogue.service("renewal").id, starts_at)
        outcome = desk.book(key, applicant=ME, agreed=True, request_id="1")
        assert isinstance(outcome, Booked if in_reach else Refused)


@pytest.mark.journey("C-10")
class TestSeats:
    def test_a_full_slot_is_not_found_and_another_has_its_number_of_free_seats(self):
        desk = open_desk(small_catalogue(capacity=2))
        (slot,) = desk.find_slots(service="renewal", branch="north", limit=1)
        assert (slot.free, slot.as_of) == (2, START)
        desk.book(slot, applicant=ME, agreed=True, request_id="1")
        assert desk.find_slots(service="renewal", branch="north", limit=1)[0].free == 1
        desk.book(slot, applicant=YOU, agreed=True, request_id="2")
        assert found(desk, branch="north", limit=1) == [("north", "22 08:15")]

    def test_a_cancelled_seat_is_found_at_once(self):
        desk = open_desk()
        (slot,) = desk.find_slots(service="renewal", branch="north", from_=date(2026, 11, 23), limit=1)
        booked = desk.book(slot, applicant=ME, agreed=True, request_id="1")
        assert isinstance(booked, Booked)
        assert slot not in desk.find_slots(service="renewal", branch="north", from_=date(2026, 11, 23))
        desk.cancel(booked.appointment.number, by=ME, request_id="2")
        assert desk.find_slots(service="renewal", branch="north", from_=date(2026, 11, 23), limit=1) == (slot,)

    @pytest.mark.journey("J-13")
    def test_a_held_seat_is_gone_until_the_hold_has_run_out(self):
        desk = open_desk()
        assert isinstance(desk.clock, MovableClock)
        (slot,) = desk.find_slots(service="renewal", branch="north", limit=1)
        held = desk.hold(slot, applicant=ME, request_id="1")
        assert isinstance(held, Held)
        assert found(desk, branch="north", limit=1) == [("north", "22 08:15")]
        sunday = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)[21]
        assert (sunday.seats, sunday.free) == (24, 23)
        desk.clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
        assert found(desk, branch="north", limit=1) == [("north", "22 08:15")]
        desk.clock.advance(timedelta(microseconds=1))
        assert found(desk, branch="north", limit=1) == [("north", "22 08:00")]
        sunday = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)[21]
        assert (sunday.seats, sunday.free) == (24, 24)

    def test_a_slot_whose_capacity_was_lowered_below_what_is_booked_has_nothing_free(self):
        desk = open_desk(small_catalogue(capacity=2))
        (slot,) = desk.find_slots(service="renewal", branch="north", limit=1)
        for serial in range(2):
            desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=str(serial))
        lowered = open_desk(small_catalogue(capacity=1), store=desk.store)
        assert found(lowered, branch="north", limit=1) == [("north", "22 08:15")]
        sunday = lowered.month_view(service="renewal", branch="north", year=2026, month_of_year=11)[21]
        assert (sunday.seats, sunday.free) == (24, 23)


class TestMisuse:
    @pytest.mark.parametrize("limit", [0, -1, 501])
    def test_a_limit_is_1_to_500(self, limit):
        with pytest.raises(InvalidInput, match=f"limit: got {limit}; expected 1 to 500"):
            open_desk().find_slots(service="renewal", limit=limit)
        assert len(open_desk().find_slots(service="renewal", limit=500)) == 500

    @pytest.mark.parametrize(("near", "km"), [(None, 10), (AT_NORTH, -0.1), (AT_NORTH, nan)])
    def test_a_distance_is_not_negative_and_needs_a_point(self, near, km):
        with pytest.raises(InvalidInput, match="within_km"):
            open_desk().find_slots(service="renewal", near=near, within_km=km)

    @pytest.mark.parametrize(
        "unknown",
        [{"service": "wash"}, {"branch": "east"}, {"governorate": "city"}],
        ids=lambda given: next(iter(given)),
    )
    def test_an_unknown_name_is_not_found(self, unknown):
        with pytest.raises(NotFound, match="known:"):
            found(open_desk(), **unknown)

    @pytest.mark.parametrize(
        "moment",
        [datetime(2026, 11, 22, 8, 0), date.min, date.max, datetime.max.replace(tzinfo=UTC)],  # noqa: DTZ001
    )
    def test_a_moment_without_an_offset_or_out_of_all_bounds_is_refused(self, moment):
        with pytest.raises(InvalidInput, match=r"^(from_|until): "):
            found(open_desk(), from_=moment)
        with pytest.raises(InvalidInput, match=r"^(from_|until): "):
            found(open_desk(), until=moment)

    def test_a_slot_out_of_all_bounds_is_refused(self):
        with pytest.raises(InvalidInput, match="instant: got the year 9999; expected 1800 to 9998"):
            evolve(open_desk().find_slots(service="renewal")[0].key, starts_at=datetime.max.replace(tzinfo=UTC))


class TestPage:
    def test_is_a_sequence_equal_to_the_tuple_of_its_slots(self):
        desk = open_desk()
        page = desk.find_slots(service="renewal", limit=3)
        first, second, third = page
        assert page == (first, second, third) == page.slots
        assert (first, second, third) == page
        assert page != (first, second)
        assert page != [first, second, third]
        assert hash(page) == hash(page.slots)
        assert (page[0], page[-1], page[1:], len(page)) == (first, third, (second, third), 3)
        assert second in page
        assert desk.find_slots(service="foreign")[0] not in page
        assert list(reversed(page)) == [third, second, first]
        assert page.index(second) == 1
        assert page

    def test_says_when_it_was_read_and_how_far_the_search_went(self):
        desk = open_desk(horizon_days=7)
        page = desk.find_slots(service="renewal", branch="north", limit=2)
        assert (page.as_of, page.searched_until) == (START, page[-1].key.starts_at)
        rest = desk.find_slots(service="renewal", branch="north", limit=500, after=page.next)
        assert rest.next is None
        assert rest.searched_until == START + timedelta(days=7, microseconds=1)
        none = desk.find_slots(service="renewal", until=START)
        assert not none
        assert (len(none), none.next, none.as_of, none.searched_until) == (0, None, START, START)

    def test_has_a_cursor_exactly_if_there_is_more(self):
        desk = open_desk()
        monday = partial(desk.find_slots, service="renewal", branch="north", from_=date(2026, 11, 23))
        assert monday(until=date(2026, 11, 24), limit=24).next is None
        cursor = monday(until=date(2026, 11, 24), limit=23).next
        assert cursor is not None
        (last,) = monday(until=date(2026, 11, 24), limit=24, after=cursor)
        assert f"{last.starts_at:%d %H:%M}" == "23 13:45"

    def test_goes_on_behind_a_slot_that_was_booked_or_has_begun_since(self):
        clock = MovableClock(START)
        desk = open_desk(clock=clock)
        page = desk.find_slots(service="renewal", limit=1)
        rest = desk.find_slots(service="renewal", limit=9, after=page.next)
        desk.book(page[0], applicant=ME, agreed=True, request_id="1")
        desk.book(page[0], applicant=YOU, agreed=True, request_id="2")
        assert [slot.key for slot in desk.find_slots(service="renewal", limit=9, after=page.next)] == [
            slot.key for slot in rest
        ]
        clock.advance(timedelta(hours=2))
        later = desk.find_slots(service="renewal", limit=9, after=page.next)
        assert later == desk.find_slots(service="renewal", limit=9)

    @pytest.mark.parametrize(
        "other",
        [
            {"service": "foreign"},
            {"governorate": "town"},
            {"branch": "north"},
            {"near": AT_NORTH},
            {"near": AT_SOUTH},
            {"near": AT_NORTH, "within_km": 5},
            {"from_": SUNDAY},
            {"until": date(2026, 11, 29)},
        ],
        ids=str,
    )
    def test_has_a_cursor_for_the_same_search_alone(self, other):
        desk = open_desk()
        cursor = desk.find_slots(service="renewal", limit=1).next
        search: dict[str, Any] = {"service": "renewal"} | other
        with pytest.raises(
            InvalidInput, match=r"^page: got a text that names none; expected a page of this search: search again$"
        ):
            desk.find_slots(**search, after=cursor)
        own = desk.find_slots(**search, limit=1).next
        assert desk.find_slots(**search, limit=1, after=f" {own} ")
        with pytest.raises(InvalidInput, match=r"^page: got .*; expected a page of this search"):
            desk.find_slots(service="renewal", after=own)

    @pytest.mark.parametrize("after", ["", "x", ".", "...", 7, b"x", "north.renewal.20261122T0500Z", "x" * 10_000])
    def test_is_not_found_behind_anything_else(self, after):
        desk = open_desk()
        with pytest.raises(InvalidInput, match=r"^page: got .*; expected a page of this search"):
            desk.find_slots(service="renewal", after=after)
        cursor = desk.find_slots(service="renewal", limit=1).next
        assert cursor is not None
        with pytest.raises(InvalidInput, match=r"^page: got .*; expected a page of this search"):
            desk.find_slots(service="renewal", after=cursor.replace("0500Z", "0515Z"))

    def test_of_a_branch_that_has_left_the_search_is_not_continued(self):
        desk, catalogue = open_desk(), small_catalogue()
        cursor = desk.find_slots(service="renewal", limit=1).next
        without = open_desk(evolve(catalogue, branches=catalogue.branches[1:]))
        with pytest.raises(InvalidInput, match=r"^page: got .*; expected a page of this search"):
            without.find_slots(service="renewal", after=cursor)
