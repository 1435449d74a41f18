"""Desks whose clocks differ or are set back leave a store in which an audit finds no fault."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Booked, Clerk, Held, Moved
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.testing import MovableClock

SLOTS = slot(1), slot(1.25), slot(25), slot(25, "transfer"), slot(49), slot(49, "renewal", "south")
CLOCKS = st.lists(
    st.timedeltas(timedelta(minutes=-90), timedelta(minutes=90)) | st.just(timedelta(seconds=-61)),
    min_size=1,
    max_size=3,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold to move", "book", "move", "cancel", "check in", "clock"]),
        st.integers(0, 2),
        st.sampled_from([ME, YOU]),
        st.integers(0, len(SLOTS) - 1),
        st.timedeltas(timedelta(minutes=-90), timedelta(minutes=120)),
    ),
    max_size=25,
)


@pytest.mark.rule("BK-07")
@pytest.mark.rule("BK-09")
@settings(max_examples=150)
@given(clocks=CLOCKS, steps=STEPS)
@example(
    clocks=[timedelta(), timedelta(minutes=-3)],
    steps=[
        ("book", 0, ME, 2, timedelta()),
        ("cancel", 0, ME, 0, timedelta()),
        ("book", 1, ME, 4, timedelta()),
        ("book", 0, ME, 3, timedelta()),
    ],
)
def test_clocks_that_differ_or_go_back_are_no_fault(clocks, steps):
    store = MemoryStore()
    rulebook = small_rulebook(CN_03={"minutes": 0}, MV_05={"minutes": 0}, AT_03={"minutes": 1_440, "early_minutes": 15})
    desks = [
        open_desk(small_catalogue(capacity=2), store=store, clock=MovableClock(START + apart), rulebook=rulebook)
        for apart in clocks
    ]
    for serial, (verb, host, person, place, moment) in enumerate(steps):
        desk = desks[host % len(desks)]
        mine, request_id = desk.appointments(person), f"request-{serial}"
        match verb, [*mine.upcoming, *mine.held, *mine.past]:
            case "clock", _:
                assert isinstance(desk.clock, MovableClock)
                desk.clock.advance(moment)
            case "hold", _:
                desk.hold(SLOTS[place], applicant=person, request_id=request_id)
            case "hold to move", [first, *_]:
                desk.hold(SLOTS[place], applicant=person, moving=first.number, request_id=request_id)
            case "book", _:
                desk.book(SLOTS[place], applicant=person, agreed=True, request_id=request_id)
            case "cancel", [first, *_]:
                desk.cancel(first.number, by=person, request_id=request_id)
            case "move", [first, *_]:
                desk.move(first.number, SLOTS[place], by=person, request_id=request_id)
            case "check in", [first, *_]:
                desk.gate.check_in(first.number, by=Clerk("gate-1"), request_id=request_id)
            case _:
                pass

    assert desks[0].audit.verify().broken == ()


@pytest.mark.rule("BK-14")
def test_a_hold_that_a_move_ends_was_not_granted_by_it():
    with open_desk(rulebook=small_rulebook(BK_14={"minutes": 60}, BK_07={"appointments": 2})) as desk:
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="booked")
        assert isinstance(booked, Booked)
        assert isinstance(desk.hold(slot(49), applicant=ME, request_id="held"), Held)
        assert isinstance(desk.move(booked.appointment.number, slot(25.5), by=ME, request_id="moved"), Moved)

        assert desk.audit.verify().broken == ()
