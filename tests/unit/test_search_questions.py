"""The questions of a search, one by one: their refusals, their edges, and what a page states."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests import desks
from tests.async_desk import SteppedStore, small_async_desk
from tests.bookings import slot
from tests.pools import booked, held
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentNotFound,
    Booked,
    Clerk,
    Coordinates,
    Delegate,
    HijriDate,
    InvalidInput,
    Moved,
    NotFound,
    Weekday,
)
from traffic_booking.application import searching
from traffic_booking.application.slot_search import async_checkpoint
from traffic_booking.domain.decisions import availability
from traffic_booking.domain.searching import candidates as candidates_module
from traffic_booking.domain.searching import open_page as open_page_module
from traffic_booking.testing import MovableClock, made_up_person

open_desk: Any = desks.open_desk
ME, YOU = made_up_person(1), made_up_person(2)
NORTH, SOUTH = Coordinates(24.70, 46.70), Coordinates(24.61, 46.70)
MONDAY = START.date() + timedelta(days=1)


def found(desk: Any, **question: Any) -> list[str]:
    """Branch and local start of what a search finds."""
    page = desk.find_slots(**({"service": "renewal", "limit": 5} | question))
    return [f"{each.branch} {each.starts_at:%d %H:%M}" for each in page]


@pytest.mark.journey("J-11")
class TestPlaces:
    def test_one_id_or_several(self):
        desk = open_desk()
        assert found(desk, branch="south", limit=2) == ["south 22 08:00", "south 22 08:15"]
        assert found(desk, branch=["south", "north"], limit=2) == ["north 22 08:00", "south 22 08:00"]
        assert found(desk, branch=(each for each in ["south"]), limit=1) == ["south 22 08:00"]
        assert found(desk, governorate=("village",), limit=1) == ["south 22 08:00"]
        assert found(desk, region="SA-01", branch="south", limit=1) == ["south 22 08:00"]
        assert found(desk, governorate="town", branch="south") == []

    def test_several_services_share_one_page_in_the_order_of_the_question(self):
        page = open_desk().find_slots(service=["transfer", "renewal"], branch="north", limit=4)
        assert [(each.service, f"{each.starts_at:%H:%M}") for each in page] == [
            *(("transfer", "08:00"), ("renewal", "08:00"), ("renewal", "08:15"), ("transfer", "08:20")),
        ]

    @pytest.mark.parametrize(
        "unknown",
        [
            {"region": "SA-14"},
            {"service": ["renewal", "none"]},
            {"branch": ["north", "none"]},
            {"governorate": ["none"]},
        ],
    )
    def test_an_unknown_name_among_several_is_not_found(self, unknown):
        with pytest.raises(NotFound):
            open_desk().find_slots(**({"service": "renewal"} | unknown))

    def test_the_nearest_branch_comes_first_whatever_the_time_if_that_is_the_order(self):
        desk = open_desk()
        assert found(desk, near=SOUTH, order="nearest", each_branch=True) == ["south 22 08:00", "north 22 08:00"]
        assert found(desk, near=SOUTH, order="nearest", limit=3, until=MONDAY)[-1] == "south 22 08:30"

    def test_balanced_weighs_a_day_as_a_hundred_kilometres(self):
        catalogue = small_catalogue()
        desk = open_desk(catalogue)
        late = found(desk, near=SOUTH, order="balanced", limit=3)  # 10 km are 2 hours and 24 minutes
        assert late == ["south 22 08:00", "south 22 08:15", "south 22 08:30"]
        mixed = found(desk, near=SOUTH, order="balanced", limit=500, until=MONDAY)
        assert mixed.index("north 22 08:00") == mixed.index("south 22 10:15") + 1


class TestTimes:
    def test_a_day_of_either_calendar(self):
        desk = open_desk()
        expected = found(desk, from_=MONDAY, until=MONDAY + timedelta(days=1), limit=500)
        assert found(desk, day=MONDAY, limit=500) == expected
        assert found(desk, day=HijriDate.from_gregorian(MONDAY), limit=500) == expected

    def test_weekdays_and_times_of_the_day(self):
        desk = open_desk()
        tuesday_morning = {"weekdays": Weekday.TUESDAY, "between": (time(9), time(9, 30)), "branch": "north"}
        assert found(desk, **tuesday_morning, limit=3) == ["north 24 09:00", "north 24 09:15", "north 01 09:00"]
        assert found(desk, weekdays=[Weekday.SUNDAY], between=(time(13, 45), time(0)), branch="north", limit=2) == [
            *("north 22 13:45", "north 29 13:45"),
        ]

    def test_times_past_midnight(self):
        desk = open_desk(small_catalogue(opens_minute=1410, closes_minute=1500))
        assert found(desk, branch="north", between=(time(23, 45), time(0, 15)), limit=3) == [
            *("north 22 23:45", "north 23 00:00", "north 23 23:45"),
        ]


class TestSeatsAndRows:
    def test_so_many_seats(self):
        desk = open_desk(small_catalogue(capacity=2))
        booked(desk, slot(49), 1)
        assert found(desk, branch="north", seats=2, limit=1, from_=slot(49).starts_at) == ["north 24 08:15"]
        assert found(desk, branch="north", seats=3) == []

    def test_a_row_has_its_further_slots_and_the_fewest_seats(self):
        desk = open_desk(small_catalogue(capacity=2))
        first, second, *_ = desk.find_slots(service="renewal", branch="north")
        booked(desk, second, 1)
        row = desk.find_slots(service="renewal", branch="north", adjacent=3, limit=1)[0]
        assert (row.key, row.free) == (first.key, 1)
        assert [f"{each.starts_at:%H:%M}" for each in row.following] == ["08:15", "08:30"]
        booked(desk, second, 2)
        assert found(desk, branch="north", adjacent=3, limit=1) == ["north 22 08:30"]

    def test_a_row_ends_with_its_shift_and_its_window(self):
        desk = open_desk(small_catalogue(closes_minute=540))
        assert found(desk, branch="north", adjacent=4, day=MONDAY) == ["north 23 08:00"]
        assert found(desk, branch="north", adjacent=5) == []
        assert found(desk, branch="north", adjacent=3, between=(time(8), time(8, 30))) == []


class TestPersons:
    def test_reasons_of_an_empty_page_are_those_of_the_booking(self):
        desk = open_desk()
        booked(desk, slot(49), 1)
        page = desk.find_slots(service="renewal", applicant=ME)
        refused = desk.book(slot(25), applicant=ME, agreed=True, request_id="again")
        assert (list(page), page.next) == ([], None)
        assert [each.rule_id for each in page.refused] == [each.rule_id for each in refused.verdicts] == ["BK-07"]
        assert len(desk.find_slots(service=["renewal", "transfer"], applicant=ME)) == 20
        assert {each.service for each in desk.find_slots(service=["renewal", "transfer"], applicant=ME)} == {"transfer"}

    def test_a_slot_that_overlaps_an_appointment_is_left_out_and_the_next_is_shown(self):
        desk = open_desk()
        booked(desk, slot(49), 1)  # 08:00 to 08:15
        assert found(
            desk, service="transfer", applicant=ME, day=slot(49).starts_at.date(), branch="south", limit=1
        ) == ["south 24 08:20"]

    def test_ones_own_hold_is_shown_and_can_be_booked(self):
        desk = open_desk()
        held(desk, slot(49), 1)
        at = {"branch": "north", "from_": slot(49).starts_at, "limit": 1}
        assert found(desk, **at) == ["north 24 08:15"]
        assert found(desk, **at, applicant=ME) == ["north 24 08:00"]
        assert found(desk, **at, applicant=YOU) == ["north 24 08:15"]
        page = desk.find_slots(service="renewal", applicant=ME, **at)
        assert isinstance(desk.book(page[0], applicant=ME, agreed=True, request_id="1"), Booked)

    def test_by_acts_for_the_applicant(self):
        desk = open_desk()
        until = START + timedelta(days=30)
        of_transfer = Delegate(person=YOU, applicant=ME, services=frozenset({"transfer"}), until=until)
        page = desk.find_slots(service="renewal", applicant=ME, by=of_transfer)
        assert [each.rule_id for each in page.refused] == ["BK-16"]
        here = desk.find_slots(service="renewal", applicant=ME, by=Clerk("c-1", frozenset({"south"})), limit=3)
        assert {each.branch for each in here} == {"south"}

    def test_a_search_pauses_after_many_refusals_and_goes_on_behind_them(self, monkeypatch):
        monkeypatch.setattr(open_page_module, "MOST_REFUSED", 3)
        desk = open_desk(rulebook=small_rulebook(BK_14={"minutes": 120}))
        booked(desk, slot(49), 1)
        question = {"service": "transfer", "applicant": ME, "branch": "north", "day": slot(49).starts_at.date()}
        page, seen, paused = desk.find_slots(**question), list[Any](), 0
        while page.next:
            paused += not page
            seen += page
            assert page.searched_until <= slot(49).starts_at + timedelta(hours=3)
            page = desk.find_slots(**question, after=page.next)
        seen += page
        monkeypatch.undo()
        assert paused > 0
        assert seen == list(desk.find_slots(**question))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"by": ME},
            {"earlier_only": True},
            {"moving": "001G-EFNE-826R"},
            {"applicant": ME, "by": "somebody"},
            {"applicant": "1000000008"},
        ],
    )
    def test_an_actor_alone_and_an_appointment_without_one_are_refused(self, wrong):
        with pytest.raises(InvalidInput):
            open_desk().find_slots(service="renewal", **wrong)


class TestMoves:
    def test_its_own_slot_is_left_out_and_its_seat_counts_as_free(self):
        desk = open_desk(small_catalogue(pool="counters"))
        mine = booked(desk, slot(49), 1)
        to = {"moving": mine.number, "applicant": ME, "branch": "north", "day": slot(49).starts_at.date()}
        page = desk.find_slots(**to, limit=1)
        assert f"{page[0].starts_at:%H:%M}" == "08:15"
        assert isinstance(desk.move(mine.number, page[0], by=ME, request_id="move"), Moved)

    def test_earlier_only_brings_it_forward(self):
        desk = open_desk()
        mine = booked(desk, slot(49), 1)
        sooner = desk.find_slots(moving=mine.number, by=ME, earlier_only=True, limit=500)
        assert max(each.key.starts_at for each in sooner) < mine.slot.starts_at
        assert sooner.searched_until == mine.slot.starts_at

    def test_somebody_elses_number_is_not_found_and_another_service_is_refused(self):
        desk = open_desk()
        mine = booked(desk, slot(49), 1)
        with pytest.raises(AppointmentNotFound):
            desk.find_slots(moving=mine.number, applicant=YOU)
        with pytest.raises(InvalidInput):
            desk.find_slots(service="transfer", moving=mine.number, applicant=ME)

    def test_an_appointment_that_cannot_be_moved_has_the_reason(self):
        desk = open_desk(rulebook=small_rulebook(MV_04={"moves": 0}))
        mine = booked(desk, slot(49), 1)
        page = desk.find_slots(moving=mine.number, by=ME)
        assert (len(page), [each.rule_id for each in page.refused]) == (0, ["MV-04"])


class TestMisuse:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"service": None},
            {"service": []},
            {"branch": ()},
            {"seats": 0},
            {"seats": 501},
            {"adjacent": 21},
            {"adjacent": True},
            {"each_branch": 1},
            {"order": "nearest"},
            {"order": "soonest", "near": NORTH},
            {"weekdays": []},
            {"weekdays": [7]},
            {"weekdays": "sunday"},
            {"between": (time(8), time(8))},
            {"between": (time(8),)},
            {"between": (time(8, tzinfo=UTC), time(9))},
            {"between": ("8:00", "9:00")},
            {"day": MONDAY, "until": MONDAY},
            {"day": datetime(2026, 11, 23, tzinfo=UTC)},
            {"within_km": 5},
        ],
    )
    def test_a_malformed_question_is_refused_in_both_languages(self, wrong):
        with pytest.raises(InvalidInput) as refused:
            open_desk().find_slots(**({"service": "renewal"} | wrong))
        assert refused.value.message("ar") != refused.value.message("en")

    def test_a_cursor_is_of_one_question(self):
        desk = open_desk()
        page = desk.find_slots(service="renewal", each_branch=True, limit=1)
        assert page.next
        assert found(desk, each_branch=True, after=page.next) == ["south 22 08:00"]
        for other in ({}, {"each_branch": True, "seats": 2}, {"each_branch": True, "day": MONDAY}):
            with pytest.raises(InvalidInput):
                desk.find_slots(service="renewal", after=page.next, **other)


MOST_LOOKED_AT = searching.SLOTS_READ
"""The slots of one branch that are read at once: some milliseconds of work at most."""


@pytest.mark.parametrize("question", [{}, {"each_branch": True, "limit": 500}, {"adjacent": 4}, {"seats": 2}])
def test_an_asyncio_search_looks_at_few_slots_between_two_turns_of_the_loop(monkeypatch, question):
    looked_at, most = 0, 0
    real_checkpoint, real_free_seats = async_checkpoint, availability.free_seats

    async def checkpoint():
        nonlocal looked_at, most
        most, looked_at = max(most, looked_at), 0
        await real_checkpoint()

    def free_seats(*args):
        nonlocal looked_at
        looked_at += 1
        return real_free_seats(*args)

    monkeypatch.setattr(searching, "async_checkpoint", checkpoint)
    monkeypatch.setattr(candidates_module, "free_seats", free_seats)
    desk = small_async_desk(SteppedStore(), capacity=1)
    asyncio.run(desk.find_slots(service="renewal", from_=START + timedelta(days=20), **question))
    assert 0 < most <= MOST_LOOKED_AT
    looked_at = most = 0
    asyncio.run(desk.find_slots(service="renewal", seats=2))  # no slot has as many: every day is searched
    assert 0 < most <= MOST_LOOKED_AT


def test_a_page_of_a_desk_without_an_index_is_not_stale():
    page = open_desk(clock=MovableClock(START)).find_slots(service="renewal")
    assert (page.as_of, page.staleness) == (START, timedelta())
