"""Searching, compared with a reference that lists every slot of every branch and day in whole numbers, then sorts."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from typing import Any

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desks import open_desk
from tests.small_town import START, named, small_catalogue
from traffic_booking import AvailableSlot, Booked, Branch, Catalogue, Coordinates, HijriDate, Shift, Timetable, Weekday
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.calendars.hijri import days_in_month
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import made_up_person

RIYADH_AHEAD = timedelta(hours=3)
STARTS = st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda after: START - timedelta(days=7) + after)
POINTS = st.sampled_from([Coordinates(24.70, 46.70), Coordinates(24.61, 46.70), Coordinates(21.49, 39.19)])
DURATION = 15
"""Minutes of the service `renewal` of the small town."""


@st.composite
def catalogues(draw) -> Catalogue:
    """The small town with one to four branches at a few points, each with hours of its own."""
    town = small_catalogue()
    branches, timetables = [], []
    for serial in range(draw(st.integers(1, 4))):
        opens = draw(st.integers(0, 1400))
        shift = Shift(
            weekdays=draw(st.frozensets(st.sampled_from(Weekday), min_size=1)),
            opens_minute=opens,
            closes_minute=min(1440, opens + draw(st.integers(10, 100))),
            capacity=draw(st.integers(1, 2)),
            on_weekends=True,
        )
        name = draw(st.sampled_from("abc")) + str(serial)
        timetables.append(Timetable(name, named(name), (Offer(frozenset({"renewal"}), (shift,)),)))
        branches.append(
            Branch(
                id=name,
                code=f"00{serial}",
                governorate=draw(st.sampled_from(["town", "village"])),
                name=named(name),
                location=draw(POINTS),
                timetable=name,
            )
        )
    return evolve(town, branches=tuple(branches), timetables=tuple(timetables))


@frozen
class Listed:
    """A slot as the reference lists it."""

    starts_at: datetime
    branch: Branch
    capacity: int


def all_slots(catalogue: Catalogue, now: datetime, horizon_days: int) -> list[Listed]:
    """Every slot that can be booked, branch by branch."""
    listed = []
    for branch in catalogue.branches:
        (shift,) = catalogue.timetable(branch).shifts(catalogue.service("renewal").id)
        for offset in range(-1, horizon_days + 2):
            day = (now + RIYADH_AHEAD).date() + timedelta(days=offset)
            if day.weekday() not in shift.weekdays:
                continue
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - RIYADH_AHEAD
            minute = shift.opens_minute
            while minute + DURATION <= shift.closes_minute:
                starts_at = midnight + timedelta(minutes=minute)
                if now < starts_at <= now + timedelta(days=horizon_days):
                    listed.append(Listed(starts_at, branch, shift.capacity))
                minute += DURATION
    return listed


def book_some(desk: Desk, places: list[int]) -> Counter[tuple[str, datetime]]:
    """Book some of the found slots by their places, each for another person; returns the seats taken of each slot."""
    seats_taken: Counter[tuple[str, datetime]] = Counter()
    for serial, place in enumerate(places):
        slots = desk.find_slots(service="renewal", limit=30)
        if slots:
            slot = slots[place % len(slots)]
            outcome = desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"{serial}")
            assert isinstance(outcome, Booked)
            seats_taken[slot.branch, slot.key.starts_at] += 1
    return seats_taken


@settings(deadline=None)
@given(
    catalogue=catalogues(),
    now=STARTS,
    horizon_days=st.integers(1, 25),
    places=st.lists(st.integers(0, 29), max_size=12),
    near=st.none() | POINTS,
    within_km=st.none() | st.sampled_from([0.0, 11.0, 2000.0]),
    governorate=st.none() | st.sampled_from(["town", "village"]),
    window=st.none() | st.tuples(st.integers(-10, 30), st.integers(-10, 400)),
    limit=st.integers(1, 60),
)
def test_the_found_slots_are_those_of_the_reference(
    *, catalogue, now, horizon_days, places, near, within_km, governorate, window, limit
):
    desk = open_desk(catalogue, start=now, horizon_days=horizon_days)
    seats_taken = book_some(desk, places)
    from_ = None if window is None else now + timedelta(days=window[0])
    until = None if window is None else now + timedelta(days=window[0], hours=window[1])
    expected = [
        (slot.starts_at, slot.branch.id, slot.capacity - seats_taken[slot.branch.id, slot.starts_at])
        for slot in sorted(all_slots(catalogue, now, horizon_days), key=lambda slot: rank(catalogue, slot, near))
        if seats_taken[slot.branch.id, slot.starts_at] < slot.capacity
        and (governorate is None or slot.branch.governorate == governorate)
        and (near is None or within_km is None or near.distance_km(slot.branch.location) <= within_km)
        and (from_ is None or from_ <= slot.starts_at)
        and (until is None or slot.starts_at < until)
    ]
    found = desk.find_slots(
        service="renewal",
        governorate=governorate,
        near=near,
        within_km=None if near is None else within_km,
        from_=from_,
        until=until,
        limit=limit,
    )
    assert [(slot.key.starts_at, slot.branch, slot.free) for slot in found] == expected[:limit]


@settings(deadline=None)
@given(
    catalogue=catalogues(),
    now=STARTS,
    near=st.none() | POINTS,
    until=st.none() | st.integers(0, 200),
    limits=st.lists(st.integers(1, 9), min_size=1, max_size=4),
)
def test_pages_joined_are_the_one_long_page_whatever_their_lengths(*, catalogue, now, near, until, limits):
    desk = open_desk(catalogue, start=now, horizon_days=20)
    search: dict[str, Any] = {
        "service": "renewal",
        "near": near,
        "until": None if until is None else now + timedelta(hours=until),
    }
    whole = desk.find_slots(**search, limit=60)
    joined, after = list[AvailableSlot](), None
    for limit in cycle(limits):
        page = desk.find_slots(**search, limit=limit, after=after)
        joined += page
        assert len(page) == limit or page.next is None
        if page.next is None or len(joined) >= len(whole):
            break
        assert page.searched_until == page[-1].key.starts_at
        assert page.next.replace(".", "").replace("-", "").isalnum()
        after = page.next
    assert tuple(joined[:60]) == whole
    assert whole.next is not None or len(joined) == len(whole)


def rank(catalogue: Catalogue, slot: Listed, near: Coordinates | None) -> tuple[datetime, float, object]:
    """Soonest first, then nearest, then by id; without a point, in the order of the catalogue."""
    if near is None:
        return slot.starts_at, 0.0, catalogue.branches.index(slot.branch)
    return slot.starts_at, near.distance_km(slot.branch.location), slot.branch.id


def seats_by_day(slots: list[Listed], seats_taken: Counter[tuple[str, datetime]]) -> Counter[tuple[date, str]]:
    """Seats and free seats of each day in Riyadh."""
    counted: Counter[tuple[date, str]] = Counter()
    for slot in slots:
        day = (slot.starts_at + RIYADH_AHEAD).date()
        counted[day, "seats"] += slot.capacity
        counted[day, "free"] += slot.capacity - seats_taken[slot.branch.id, slot.starts_at]
    return counted


@settings(deadline=None)
@given(catalogues(), STARTS, st.integers(1, 60), st.lists(st.integers(0, 29), max_size=8))
def test_a_month_in_either_calendar_is_the_sum_of_its_days(catalogue, now, horizon_days, places):
    desk = open_desk(catalogue, start=now, horizon_days=horizon_days)
    seats_taken = book_some(desk, places)
    branch = catalogue.branches[0]
    theirs = [slot for slot in all_slots(catalogue, now, horizon_days) if slot.branch is branch]
    expected = seats_by_day(theirs, seats_taken)
    today = (now + RIYADH_AHEAD).date()
    hijri = HijriDate.from_gregorian(today)
    months: dict[Any, tuple[int, int]] = {"gregorian": (today.year, today.month), "hijri": (hijri.year, hijri.month)}
    views = [
        desk.month_view(service="renewal", branch=branch.id, year=year, month_of_year=month, calendar=calendar)
        for calendar, (year, month) in months.items()
    ]
    assert len(views[1]) == days_in_month(hijri.year, hijri.month)
    for view in views:
        for entry in view:
            day = entry.day.gregorian
            assert (entry.seats, entry.free) == (expected[day, "seats"], expected[day, "free"])
