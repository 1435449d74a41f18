"""A month view over several branches and services is the sum of the views of each alone."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, Final

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars import exception
from tests.desks import open_desk
from tests.small_town import WORKING_DAYS, named, small_catalogue, small_rulebook
from traffic_booking import (
    Bilingual,
    Catalogue,
    Clerk,
    DayAvailability,
    DayState,
    HijriDate,
    Rulebook,
    Shift,
    Suspension,
    Tightening,
    Timetable,
)
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import made_up_person

FIRST: Final = date(2026, 3, 1)
"""A month in which New York changes its clocks, on the 8th."""
Restricted = list[tuple[str, str | None, int]]

LAST: Final = datetime.max.replace(tzinfo=UTC)
ORDER: Final = (
    DayState.NOT_YET_OPEN,
    DayState.SUSPENDED,
    DayState.NOT_BOOKABLE,
    DayState.PAST,
    DayState.NO_SERVICE,
    DayState.CLOSED,
)
SERVICES: Final = ("renewal", "transfer", "foreign")
BRANCHES: Final = ("north", "south", "west")
HOURS: Final = ((480, 540), (480, 600), (1380, 1500), (60, 240))
"""Of shifts: two in the morning, a night past midnight, and one in the hour that the clocks skip."""


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """The small town with a third branch: their hours, time zones, seats and pools are drawn."""
    town = small_catalogue()
    places = [*town.branches, evolve(town.branches[0], id="west", code="003")]
    timetables, branches = [], []
    for place in places:
        opens, closes = draw(st.sampled_from(HOURS))
        shift = Shift(weekdays=WORKING_DAYS, opens_minute=opens, closes_minute=closes, capacity=draw(st.integers(1, 3)))
        services = draw(st.sets(st.sampled_from(SERVICES), min_size=1))
        offer = Offer(frozenset(services), (shift,), draw(st.sampled_from([None, None, "counters"])))
        timetables.append(Timetable(place.id, named(place.id), (offer,)))
        zone = draw(st.sampled_from(["Asia/Riyadh", "Asia/Riyadh", "America/New_York"]))
        branches.append(evolve(place, timetable=place.id, time_zone=zone))
    return evolve(town, branches=tuple(branches), timetables=tuple(timetables))


RESTRICTIONS: Final = st.lists(
    st.tuples(st.sampled_from(SERVICES), st.sampled_from([None, *BRANCHES]), st.integers(0, 27)), max_size=2
)
"""A service, a branch or all, and a day or a number of days."""


def rulebook_of(days: int, notice: int, suspended: Restricted, tighter: Restricted) -> Rulebook:
    """A rulebook with that horizon and notice, suspensions of three days, and shorter horizons."""
    return evolve(
        small_rulebook(BK_04={"days": days}, BK_12={"minutes": notice}),
        suspensions=tuple(
            Suspension(
                service=service,
                branch=branch,
                from_day=FIRST + timedelta(days=day),
                until_day=FIRST + timedelta(days=day + 3),
                reason=Bilingual("سيول", "flood"),
            )
            for service, branch, day in suspended
        ),
        tightenings=tuple(
            Tightening(rule="BK-04", figures={"days": min(days, 1 + figure)}, service=service, branch=branch)
            for service, branch, figure in tighter
        ),
    )


def book_some(desk: Desk, choices: list[int]) -> None:
    """Book or hold as many free slots, far into the list or near its head."""
    for serial, place in enumerate(choices):
        found = desk.find_slots(service=SERVICES[serial % len(SERVICES)], limit=60)
        if place < len(found):
            request: dict[str, Any] = {"applicant": made_up_person(serial), "request_id": f"{serial}"}
            if place % 3:
                desk.book(found[place], agreed=True, **request)
            else:
                desk.hold(found[place], **request)


def close_some(desk: Desk, closed: set[tuple[str, int]]) -> None:
    for branch, day in sorted(closed):
        record = evolve(
            exception(Effect.CLOSED, FIRST + timedelta(days=day), name=f"closed.{branch}.{day}"), branch=branch
        )
        desk.calendar.declare(record, reason="flood", by=Clerk("desk-1"), request_id=record.id)


def summed(parts: list[DayAvailability]) -> DayAvailability:
    """The plain sum of one day's parts, in the order of branches and services."""
    state = min((part.state for part in parts if part.state in ORDER), key=ORDER.index, default=DayState.FULL)
    if any(part.seats for part in parts):
        first = min(parts, key=lambda part: part.first_free or LAST)
        seats, free = sum(part.seats for part in parts), sum(part.free for part in parts)
        state = DayState.FREE if free else DayState.FULL
        return DayAvailability(
            day=parts[0].day,
            state=state,
            seats=seats,
            free=free,
            first_free=first.first_free,
            first_free_slot=first.first_free_slot,
        )
    alike = [part for part in parts if part.state is state]
    if state is DayState.CLOSED and len({part.reason for part in alike}) > 1:
        reason = Bilingual("لأسباب تختلف من فرع إلى آخر", "for reasons that differ between branches")
        return DayAvailability(day=parts[0].day, state=state, reason=reason)
    return min(alike, key=lambda part: part.opens_at or part.until or LAST)


@settings(deadline=None, max_examples=settings().max_examples // 2)
@given(
    catalogue=catalogues(),
    days=st.integers(1, 40),
    notice=st.sampled_from([0, 0, 2 * 24 * 60]),
    suspended=RESTRICTIONS,
    tighter=RESTRICTIONS,
    now=st.integers(-5 * 24, 25 * 24).map(
        lambda hours: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours, minutes=7)
    ),
    choices=st.lists(st.integers(0, 40), max_size=8),
    closed=st.sets(st.tuples(st.sampled_from(BRANCHES), st.integers(0, 30)), max_size=4),
    services=st.lists(st.sampled_from(SERVICES), min_size=1, unique=True),
    branches=st.lists(st.sampled_from(BRANCHES), min_size=1, unique=True),
    later=st.sampled_from([timedelta(), timedelta(minutes=11)]),
)
def test_a_day_of_several_is_the_sum_of_the_days_of_each(
    *, catalogue, days, notice, suspended, tighter, now, choices, closed, services, branches, later
):
    desk: Any = open_desk(catalogue, start=now, rulebook=rulebook_of(days, notice, suspended, tighter))
    book_some(desk, choices)
    close_some(desk, closed)
    desk.clock.advance(later)  # holds expire
    hijri = HijriDate.from_gregorian(FIRST + timedelta(days=15))
    ordered = [branch.id for branch in catalogue.branches if branch.id in branches]
    offered = [pair for pair in product(ordered, services) if catalogue.offers(*pair)]
    pairs = offered or [(branch, services[0]) for branch in ordered]
    for calendar, (year, month) in {"gregorian": (2026, 3), "hijri": (hijri.year, hijri.month)}.items():
        when: dict[str, Any] = {"year": year, "month_of_year": month, "calendar": calendar}
        each = [desk.month_view(service=service, branch=branch, **when) for branch, service in pairs]
        together = desk.month_view(service=services, branch=branches, **when)
        assert together == tuple(summed(list(parts)) for parts in zip(*each, strict=True))
        fewest = {day.day.gregorian: day for day in together if day.first_free_slot}
        for day in list(fewest.values())[:3]:
            slots = desk.find_slots(service=services, branch=branches, from_=day.first_free, limit=1)
            assert slots[0].key.starts_at == day.first_free
