"""A month view over several branches and services adds up what the views of each show."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from tests.async_desk import SteppedStore, small_async_desk
from tests.calendars import exception
from tests.cases import DAY
from tests.desks import open_desk
from tests.people import ME
from tests.small_town import START, WORKING_DAYS, named, small_catalogue, small_rulebook
from traffic_booking import (
    Bilingual,
    Booked,
    Clerk,
    Coordinates,
    DayAvailability,
    DayState,
    InvalidInput,
    NotFound,
    Shift,
    Suspension,
    Timetable,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.application import month_views, selecting
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.domain.searching.day_sums import DaySum
from traffic_booking.ports.primitives import CountersByRange, Query
from traffic_booking.testing import made_up_person

TODAY = START.date()
FRIDAY = date(2026, 11, 27)
TWO_SEATS = small_catalogue(opens_minute=480, closes_minute=510)
"""Two starts a day for renewals, 08:00 and 08:15, with one seat each, at both branches."""


def of_day(desk: Desk, day: date = TODAY, **question) -> DayAvailability:
    """One day of a view of renewals at every branch, unless given."""
    view = desk.month_view(**{"service": "renewal", "year": day.year, "month_of_year": day.month, **question})
    return view[day.day - 1]


def book(desk: Desk, branch: str, day: date = TODAY, *, times: int = 1) -> None:
    for slot in desk.find_slots(service="renewal", branch=branch, day=day, limit=times):
        serial = int(slot.starts_at.timestamp()) // 60 + sum(branch.encode())
        assert isinstance(
            desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"{serial}"), Booked
        )


def close(desk: Desk, branch: str, day: date, reason: str) -> None:
    record = evolve(exception(Effect.CLOSED, day, name=f"closed.{branch}.{day}"), branch=branch)
    record = evolve(record, reason=Bilingual(reason, reason))
    desk.calendar.declare(record, reason="flood", by=Clerk("desk-1"), request_id=record.id)


class TestPlaces:
    def test_seats_are_added_up_and_the_first_free_slot_names_its_branch(self):
        desk = open_desk(TWO_SEATS)
        book(desk, "north")
        day = of_day(desk)
        assert (day.state, day.seats, day.free) == (DayState.FREE, 4, 3)
        assert day.first_free == START + timedelta(hours=1)
        assert day.first_free_slot is not None
        assert (day.first_free_slot.branch, day.first_free_slot.service) == ("south", "renewal")
        assert isinstance(desk.book(day.first_free_slot, applicant=ME, agreed=True, request_id="1"), Booked)

    def test_the_nearest_branch_has_the_first_free_slot_at_the_same_instant(self):
        desk = open_desk(TWO_SEATS)
        for near, branch in ((Coordinates(24.70, 46.70), "north"), (Coordinates(24.61, 46.70), "south")):
            slot = of_day(desk, near=near).first_free_slot
            assert slot is not None
            assert slot.branch == branch

    @pytest.mark.parametrize(
        ("question", "seats"),
        [
            ({"branch": "north"}, 2),
            ({"branch": ["north", "south", "north"]}, 4),
            ({"governorate": "village"}, 2),
            ({"governorate": ["town", "village"]}, 4),
            ({"region": "SA-01"}, 4),
            ({"near": Coordinates(24.70, 46.70), "within_km": 5}, 2),
            ({"near": Coordinates(24.70, 46.70), "within_km": 50}, 4),
            ({"branch": "north", "governorate": "village"}, 0),
            ({"service": ["renewal", "transfer"]}, 6),
            ({"service": ["renewal", "transfer", "foreign"], "branch": "north"}, 4),
        ],
        ids=str,
    )
    def test_are_named_as_in_a_search(self, question, seats):
        assert of_day(open_desk(TWO_SEATS), **question).seats == seats

    def test_without_a_branch_are_without_the_service(self):
        view = open_desk().month_view(
            service="renewal", near=Coordinates(20.0, 40.0), within_km=1, year=2026, month_of_year=11
        )
        assert {day.state for day in view} == {DayState.NO_SERVICE}

    def test_that_are_unknown_are_not_found(self):
        for question in ({"branch": ["north", "east"]}, {"governorate": "city"}, {"service": ["renewal", "wash"]}):
            with pytest.raises(NotFound):
                of_day(open_desk(), **question)
        misuse: dict[str, Any]
        for misuse in ({"branch": []}, {"service": []}, {"within_km": 5}):
            with pytest.raises(InvalidInput):
                of_day(open_desk(), **misuse)

    def test_that_are_too_many_for_one_view_are_refused(self, monkeypatch):
        monkeypatch.setattr(selecting, "MOST_BRANCH_DAYS", 60)
        assert of_day(open_desk()).seats
        with pytest.raises(
            InvalidInput, match="got 4 branches, each counted once for each service; expected at most 2 branches"
        ):
            of_day(open_desk(), service=["renewal", "transfer"])


class TestState:
    """The first that applies to any branch: free, full, not yet open, suspended, not bookable, past, none, closed."""

    def test_is_full_if_all_slots_that_can_be_booked_are(self):
        desk = open_desk(TWO_SEATS)
        book(desk, "north", times=2)
        assert of_day(desk).state is DayState.FREE
        close(desk, "south", TODAY, "flood")
        day = of_day(desk)
        assert (day.state, day.seats, day.free, day.first_free_slot) == (DayState.FULL, 2, 0, None)

    def test_is_not_yet_open_until_the_earliest_instant(self):
        shift = Shift(weekdays=WORKING_DAYS, opens_minute=600, closes_minute=630, capacity=1)
        late = Timetable("short", named("short"), (Offer(frozenset({"renewal"}), (shift,)),))
        catalogue = evolve(TWO_SEATS, timetables=(TWO_SEATS.timetables[0], late))
        day = of_day(open_desk(catalogue, horizon_days=2), TODAY + 3 * DAY, branch=["south", "north"])
        assert (day.state, day.opens_at) == (DayState.NOT_YET_OPEN, START + timedelta(days=1, hours=1))

    def test_is_suspended_only_where_no_branch_opens_later(self):
        flood = Bilingual("سيول", "flood")
        at_north = Suspension(
            service="renewal", branch="north", from_day=TODAY, until_day=TODAY + 9 * DAY, reason=flood
        )
        rules = evolve(small_rulebook(BK_04={"days": 3}), suspensions=(at_north,))
        desk = open_desk(TWO_SEATS, rulebook=rules)
        assert (of_day(desk).state, of_day(desk).seats) == (DayState.FREE, 2)
        assert of_day(desk, TODAY + 4 * DAY).state is DayState.NOT_YET_OPEN
        close(desk, "south", TODAY, "storm")
        day = of_day(desk)
        assert (day.state, day.reason, day.until) == (
            DayState.SUSPENDED,
            flood,
            datetime(2026, 12, 1, tzinfo=ZoneInfo("Asia/Riyadh")),
        )

    def test_is_past_if_one_branch_was_open_and_another_closed(self):
        desk = open_desk(TWO_SEATS, start=START + timedelta(hours=10))
        close(desk, "south", TODAY, "storm")
        assert of_day(desk).state is DayState.PAST

    def test_is_closed_for_the_reason_of_all_or_for_reasons_that_differ(self):
        desk, monday = open_desk(TWO_SEATS), TODAY + DAY
        assert of_day(desk, FRIDAY).rules == ("weekend",)
        assert of_day(desk, FRIDAY).text("en") == "Closed: words"
        for branch, reason in (("north", "flood"), ("south", "storm")):
            close(desk, branch, monday, reason)
            close(desk, branch, monday + DAY, "flood")
        assert of_day(desk, monday + DAY).text("en") == "Closed: flood"
        day = of_day(desk, monday)
        assert (day.state, day.rules) == (DayState.CLOSED, ())
        assert day.text("en") == "Closed: for reasons that differ between branches"
        assert day.text("ar") == "مغلق: لأسباب تختلف من فرع إلى آخر"

    def test_is_without_the_service_if_no_branch_offers_it_and_one_is_open(self):
        desk = open_desk()
        close(desk, "south", TODAY, "storm")
        assert of_day(desk, service="foreign", branch="south").state is DayState.CLOSED
        assert of_day(desk, TODAY + DAY, service="foreign", branch="south").state is DayState.NO_SERVICE


class CountsReads(MemoryStore):
    """A store that notes the reads of counters."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    def read(self, queries: Sequence[Query]) -> Sequence[Any]:
        self.reads += any(isinstance(query, CountersByRange) for query in queries)
        return super().read(queries)


class TestCost:
    @pytest.mark.parametrize("month_of_year", [10, 11, 12])
    def test_is_one_read_of_the_seats(self, month_of_year):
        store = CountsReads()
        open_desk(store=store).month_view(
            service=["renewal", "transfer", "foreign"], year=2026, month_of_year=month_of_year
        )
        assert store.reads == 1

    def test_between_two_turns_of_other_tasks_are_few_days_of_a_service_at_a_branch(self, monkeypatch):
        evaluated: list[int] = []
        add = DaySum.add

        async def checkpoint() -> None:
            evaluated.append(0)

        def counted(*arguments: Any) -> None:
            evaluated[-1] += 1
            add(*arguments)

        monkeypatch.setattr(month_views, "async_checkpoint", checkpoint)
        monkeypatch.setattr(DaySum, "add", counted)
        month: dict[str, Any] = {"service": ["renewal", "transfer"], "year": 2026, "month_of_year": 12}

        async def view() -> tuple[DayAvailability, ...]:
            async with small_async_desk(SteppedStore()) as desk:
                return await desk.month_view(**month)

        found = asyncio.run(view())
        assert max(evaluated) <= month_views.DAYS_BETWEEN_CHECKPOINTS < sum(evaluated)
        assert found == open_desk().month_view(**month)
