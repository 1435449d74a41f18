"""Holds for moves never give anybody two booked appointments for a service, and they leave a sound store."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Clerk, Held, Moved
from traffic_booking.testing import MovableClock, made_up_person

PEOPLE = made_up_person(1), made_up_person(2)
SLOTS = slot(25), slot(25.25), slot(49), slot(49, "transfer"), slot(25, branch="south")
STAFF = Clerk("gate-1")
MINUTE = timedelta(minutes=1)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold to move", "hold to move", "book", "move", "move", "cancel", "wait", "sweep"]),
        st.integers(0, len(PEOPLE) - 1),
        st.integers(0, len(SLOTS) - 1),
        st.integers(0, 3),
        st.sampled_from([1, 9, 10, 60]),
    ),
    min_size=1,
    max_size=25,
)


class Portal:
    """A desk, and the holds that it granted for the move of an appointment."""

    def __init__(self, seats):
        rulebook = small_rulebook(BK_07={"appointments": 1}, MV_04={"moves": 5}, HD_01={"holds": 2, "minutes": 10})
        self.clock = MovableClock(START)
        self.desk = open_desk(small_catalogue(capacity=seats), clock=self.clock, rulebook=rulebook)
        self.held = {}

    def take(self, verb, person, to, number, request_id):
        mine = self.desk.appointments(person)
        match verb:
            case "hold":
                self.desk.hold(to, applicant=person, request_id=request_id)
            case "hold to move":
                self.hold_to_move(mine, person, to, number, request_id)
            case "book":
                self.desk.book(to, applicant=person, agreed=True, request_id=request_id)
            case "move":
                hold = self.held.get(number)
                usable = hold in mine.held and number in {each.number for each in mine.upcoming}
                moved = self.desk.move(number, hold or to, by=person, request_id=request_id)
                assert isinstance(moved, Moved) or not usable
            case "cancel":
                self.desk.cancel(number, by=STAFF, request_id=request_id)
            case "sweep":
                self.desk.maintenance.expire_holds()
            case _:  # only the clock goes on
                pass

    def hold_to_move(self, mine, person, to, number, request_id):
        """It is granted if the move would be, and the person has few holds; never for the appointment's own slot."""
        would = bool(self.desk.what_if().move(number, to, by=person))
        other_holds = [each for each in mine.held if each.slot.service != to.service]
        is_there = number in {each.number for each in mine.upcoming if each.slot == to}
        outcome = self.desk.hold(to, applicant=person, moving=number, request_id=request_id)
        assert isinstance(outcome, Held) is (would and len(other_holds) < 2 and not is_there)
        if isinstance(outcome, Held):
            self.held[number] = outcome.appointment


@pytest.mark.rule("BK-07")
@settings(max_examples=150)
@given(steps=STEPS, seats=st.integers(1, 2))
def test_a_hold_for_a_move_never_makes_a_second_appointment(steps, seats):
    portal = Portal(seats)
    for serial, (verb, place, at, pick, minutes) in enumerate(steps):
        mine = portal.desk.appointments(PEOPLE[place])
        numbers = [str(each.number) for each in (*mine.upcoming, *mine.held, *mine.cancelled)] or ["0010-0000-0Z8H"]
        if verb == "wait":
            portal.clock.advance(minutes * MINUTE)
        portal.take(verb, PEOPLE[place], SLOTS[at], numbers[pick % len(numbers)], f"request-{serial}")
        for person in PEOPLE:
            services = Counter(each.slot.service for each in portal.desk.appointments(person).upcoming)
            assert max(services.values(), default=0) <= 1

    assert portal.desk.audit.verify()
