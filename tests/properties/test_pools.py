"""A pool has a seat for one more exactly if the clock shows one, for any durations, requests and edits."""

from datetime import timedelta
from math import gcd

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import slot
from tests.cases import CLERK
from tests.desks import open_desk
from tests.pools import MINUTE, counts, free_at, most_at_once, pooled
from tests.small_town import START, small_rulebook
from traffic_booking import AppointmentState, Booked, Held, Moved, Refused, System
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.schedule.slots import MOST_STEPS
from traffic_booking.testing import MovableClock, made_up_person

SERVICES = ("renewal", "transfer", "foreign")
DAY = slot(25).starts_at.date()
FREE_OF_LIMITS = small_rulebook(
    BK_08={"appointments": 20}, CN_03={"minutes": 0}, MV_04={"moves": 100}, MV_05={"minutes": 0}
)
durations = st.lists(st.sampled_from([5, 7, 10, 12, 15, 20, 25, 30, 45, 60, 90]), min_size=3, max_size=3).filter(
    lambda minutes: max(minutes) <= MOST_STEPS * gcd(*minutes)
)
verbs = st.sampled_from(["book"] * 4 + ["hold"] * 3 + ["confirm", "cancel", "move", "move", "sweep", "wait"])
requests = st.lists(st.tuples(verbs, st.integers(0, 2), st.integers(0, 9), st.integers(0, 30)), max_size=24)


class Morning:
    """One morning at a branch, requests for it, and the appointments as the requests were answered."""

    def __init__(self, durations, capacity):
        self.capacity, self.durations = capacity, tuple(durations)
        self.store, self.clock = MemoryStore(), MovableClock(START)
        self.desk = self.opened(pool="counters")
        self.slots = {
            service: self.desk.find_slots(service=service, branch="north", from_=DAY, until=DAY + timedelta(days=1))
            for service in SERVICES
        }
        self.known = {}
        self.serials = {}

    def opened(self, *, pool, durations=None):
        catalogue = pooled(capacity=self.capacity, durations=durations or self.durations, pool=pool)
        return open_desk(catalogue, store=self.store, clock=self.clock, rulebook=FREE_OF_LIMITS)

    def seated(self, *, but=None):
        """The appointments that have a seat now, without those whose numbers are in `but`."""
        now = self.clock.now()
        return [
            each
            for each in self.known.values()
            if each.has_seat
            and each.number not in (but or ())
            and (each.hold_ends_at is None or now < each.hold_ends_at)
        ]

    def has_room(self, wanted, *, but=None):
        ends_at = wanted.ends_at
        return free_at(self.seated(but=but), wanted.starts_at, ends_at, self.capacity) > 0

    def request(self, serial, verb, service, place, pick):
        slots = self.slots[SERVICES[service]]
        wanted = slots[place % len(slots)]
        one = list(self.known.values())[-1 - pick % len(self.known)] if self.known else None
        match verb:
            case "sweep":
                self.desk.maintenance.expire_holds()
            case "wait":
                self.clock.advance((1 + place) * MINUTE)
            case "book" | "hold":
                self.new(serial, verb, wanted)
            case "confirm" if one is not None and one in self.seated() and one.state is AppointmentState.HELD:
                outcome = self.desk.book(
                    one, applicant=made_up_person(self.serials[one.number]), agreed=True, request_id=f"{serial}"
                )
                assert isinstance(outcome, Booked)
                assert outcome.appointment.number == one.number
                self.known[one.number] = outcome.appointment
            case "cancel" if one is not None and one in self.seated():
                self.known[one.number] = self.desk.cancel(one.number, by=CLERK, request_id=f"{serial}").appointment
            case "move" if one is not None and one in self.seated() and one.state is AppointmentState.BOOKED:
                self.move(serial, one, self.slots[one.slot.service], place)

    def new(self, serial, verb, wanted):
        asked = {"applicant": made_up_person(serial), "request_id": f"{serial}"} | (
            {"agreed": True} if verb == "book" else {}
        )
        expected = self.has_room(wanted)
        outcome = getattr(self.desk, verb)(wanted, **asked)
        assert isinstance(outcome, Booked | Held if expected else Refused), outcome
        if isinstance(outcome, Refused):
            assert [each.rule_id for each in outcome.verdicts] == ["BK-05"]
        else:
            self.known[outcome.appointment.number] = outcome.appointment
            self.serials[outcome.appointment.number] = serial

    def move(self, serial, one, slots, place):
        wanted = slots[place % len(slots)]
        expected = self.has_room(wanted, but={one.number})
        outcome = self.desk.move(one.number, wanted, by=CLERK, request_id=f"{serial}", agreed=True)
        assert isinstance(outcome, Moved if expected else Refused), outcome
        if isinstance(outcome, Moved):
            self.known[one.number] = outcome.appointment

    def check(self):
        """No moment has too many, and a search shows what is free."""
        assert most_at_once(self.seated()) <= self.capacity
        for service, slots in self.slots.items():
            end = DAY + timedelta(days=1)
            found = self.desk.find_slots(service=service, branch="north", from_=DAY, until=end, limit=200)
            shown = {each.key: each.free for each in found}
            for each in slots:
                expected = free_at(self.seated(), each.starts_at, each.ends_at, self.capacity)
                assert shown.get(each.key, 0) == expected
            month = self.desk.month_view(service=service, branch="north", year=DAY.year, month_of_year=DAY.month)
            assert month[DAY.day - 1].free == sum(shown.values())


@pytest.mark.rule("BK-05")
@given(durations=durations, capacity=st.integers(1, 3), requests=requests)
def test_a_pool_has_a_seat_exactly_if_fewer_than_its_capacity_are_there_all_through(durations, capacity, requests):
    morning = Morning(durations, capacity)
    for serial, request in enumerate(requests):
        morning.request(serial, *request)
    morning.check()
    assert morning.desk.audit.verify()
    for serial, one in enumerate(morning.seated()):
        morning.desk.cancel(one.number, by=CLERK, request_id=f"end-{serial}")
    morning.desk.maintenance.expire_holds(limit=100)
    assert counts(morning.store) == {}


@given(
    edits=st.lists(st.tuples(st.sampled_from([None, "counters", "others"]), durations), min_size=1, max_size=3),
    capacity=st.integers(1, 2),
    requests=requests,
)
def test_after_any_edit_of_pools_a_recount_makes_every_count_that_of_the_new_catalogue(edits, capacity, requests):
    morning = Morning((15, 20, 30), capacity)
    for serial, request in enumerate(requests):
        morning.request(serial, *request)
    before = {each.number: each for each in morning.seated()}
    for pool, minutes in edits:
        desk = morning.opened(pool=pool, durations=tuple(minutes))
        desk.maintenance.recount_seats(by=System())
        assert desk.maintenance.recount_seats(by=System()) == 0
        assert [each for each in desk.audit.verify().broken if each.invariant != "capacity"] == []
        expected = desk.catalogue.pool_of("north", "renewal")
        for number, one in before.items():
            after = desk.appointment(number, by=CLERK)
            assert after.pool == expected
            assert evolve(after, version=0, pool=None, changed_at=START) == evolve(
                one, version=0, pool=None, changed_at=START
            )
    for serial, number in enumerate(before):
        morning.desk.cancel(number, by=CLERK, request_id=f"end-{serial}")
    morning.desk.maintenance.expire_holds(limit=100)
    assert counts(morning.store) == {}
