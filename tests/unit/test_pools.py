"""The services of a pool share seats: never more appointments at once than the capacity, whatever their durations.

Over 400 lines: every verb and every audit, for services of different durations, before and after edits of pools.
"""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from tests import desks
from tests.bookings import slot
from tests.calendars import PLAIN, exception
from tests.cases import CLERK, TICK
from tests.maintained import PERIODS
from tests.one_slot import without_seat_guard
from tests.pools import MINUTE, booked, counts, held, pooled, refused
from tests.small_town import START, WORKING_DAYS, small_rulebook, small_service
from tests.waiting_line import WatchedStore, held_up
from traffic_booking import (
    AppointmentHeld,
    Booked,
    Cancelled,
    DayState,
    Effect,
    HoldExpired,
    Hours,
    InvalidCatalogue,
    InvalidInput,
    Moved,
    Offer,
    Pool,
    Refused,
    SeatRecounted,
    Shift,
    System,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.slots import MOST_STEPS
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import Count, CountersByKey, StoreChange
from traffic_booking.testing import MovableClock, made_up_person

FULL = [("BK-05", 2, 2)]
LATER = slot(25), slot(25.25), slot(25.5)
"""Three slots for `renewal` on the next day, one after the other."""


def open_desk(*parts: Any, **named: Any) -> Any:
    """A desk whose parts a test may read."""
    return desks.open_desk(*parts, **named)


def shift(opens, closes, *, capacity=2, **others):
    return Shift(weekdays=WORKING_DAYS, opens_minute=opens, closes_minute=closes, capacity=capacity, **others)


def with_offers(*offers):
    """The small town, whose northern branch has these offers."""
    plain = pooled()
    timetable = evolve(plain.timetables[0], offers=offers)
    return evolve(plain, timetables=(timetable, *plain.timetables[1:]))


def free(desk, service, at):
    """The free seats that a search shows for a slot; 0 if it shows none."""
    found = desk.find_slots(service=service, branch="north", from_=at.starts_at, until=at.starts_at + TICK, limit=1)
    return found[0].free if found else 0


def fault(desk):
    """The invariants that an audit finds broken, with the places."""
    return [(each.invariant, each.where) for each in desk.audit.verify().broken]


@pytest.fixture
def desk():
    return open_desk(pooled())


class Generous:
    """A store that reads every count as 0, and lets every ceiling be passed."""

    def __init__(self, store):
        self._store = store

    def commit(self, changes):
        return self._store.commit([without_seat_guard(change) for change in changes])

    def read(self, queries):
        results = zip(queries, self._store.read(queries), strict=True)
        return [[0] * len(found) if isinstance(query, CountersByKey) else found for query, found in results]

    def __getattr__(self, name):
        return getattr(self._store, name)


class TestStep:
    @pytest.mark.parametrize(
        ("durations", "step"), [((15, 15, 15), 15), ((15, 30, 45), 15), ((15, 20, 30), 5), ((7, 14, 21), 7)]
    )
    def test_is_the_greatest_that_divides_the_durations(self, durations, step):
        catalogue = pooled(durations=durations)
        assert catalogue.pool_of("north", "renewal") == Pool("counters", step)

    @pytest.mark.parametrize("breaks", [(), ((605, 607),)])
    def test_of_one_offer_does_not_depend_on_its_hours(self, breaks):
        offer = Offer({"renewal", "foreign"}, (shift(481, 840, breaks=[Hours(*each) for each in breaks]),), "counters")
        assert with_offers(offer).pool_of("north", "foreign") == Pool("counters", 15)

    @pytest.mark.parametrize(("opens", "step"), [(480, 15), (490, 5), (481, 1)])
    def test_of_several_offers_divides_the_time_between_their_openings_too(self, opens, step):
        first, second = Offer({"renewal"}, (shift(480, 840),), "desk"), Offer({"foreign"}, (shift(opens, 840),), "desk")
        catalogue = with_offers(first, second)
        assert catalogue.pool_of("north", "renewal") == catalogue.pool_of("north", "foreign") == Pool("desk", step)

    def test_of_several_offers_divides_a_day_for_a_night_that_runs_into_the_next(self):
        night = Offer({"renewal"}, (shift(22 * 60 + 45, 26 * 60, capacity=1),), "desk")
        day = Offer({"transfer"}, (shift(0, 14 * 60, capacity=1),), "desk")
        catalogue = with_offers(night, day)
        services = tuple(small_service(each.id, 35) for each in catalogue.services)
        catalogue = evolve(catalogue, services=services)
        assert catalogue.pool_of("north", "renewal") == Pool("desk", 5)
        desk = open_desk(catalogue)
        booked(desk, slot(17.5), 1)  # Monday, 00:30 to 01:05, of the night of Sunday
        assert refused(desk, slot(17 + 35 / 60, "transfer"), 2) == [("BK-05", 1, 1)]  # 00:35 to 01:10

    def test_leaves_a_service_without_a_pool_alone(self):
        catalogue = with_offers(Offer({"renewal"}, (shift(480, 840),), "desk"), Offer({"foreign"}, (shift(480, 840),)))
        assert catalogue.pool_of("north", "foreign") is None
        assert catalogue.pool_of("nowhere", "renewal") is catalogue.pool_of("north", "nothing") is None

    @pytest.mark.parametrize(("durations", "steps"), [((8, 188, 8), 47), ((5, 240, 5), 48), ((8, 196, 8), 49)])
    def test_cuts_an_appointment_into_48_parts_at_most(self, durations, steps):
        if steps <= MOST_STEPS:
            found = Configuration(pooled(durations=durations), small_rulebook(), BranchCalendars(PLAIN)).slot(
                slot(1, "transfer")
            )
            assert found is not None
            assert len(found.seats) == steps
            return
        with pytest.raises(InvalidCatalogue) as raised:
            pooled(durations=durations)
        first = raised.value.faults[0]
        assert (first.file, first.entry, first.field) == ("timetables", "full", "pool")
        assert first.got == "counters: transfer takes 196 minutes, in steps of 4 minutes"
        assert first.expected == "durations with a greater common step: at most 48 steps a service"
        assert all(number in first.message("ar") for number in ("196", "48"))

    @pytest.mark.parametrize("name", ["", "Counters", "a b", "x" * 65, 5])
    def test_needs_a_pool_whose_name_is_an_id(self, name):
        with pytest.raises(InvalidInput, match=r"^pool: "):
            Offer({"renewal"}, (shift(480, 840),), name)


@pytest.mark.rule("BK-05")
class TestSeats:
    def test_of_one_moment_are_shared_by_all_services(self):
        desk = open_desk(pooled(capacity=6, durations=(15, 15, 15)))
        names = ("renewal", "transfer", "foreign")
        for serial in range(6):
            booked(desk, slot(1, names[serial % 3]), serial)
        assert [refused(desk, slot(1, name), 7) for name in names] == [[("BK-05", 6, 6)]] * 3
        assert counts(desk.store) == {"north/+counters/2026-11-22T05:00:00": 6}
        assert desk.audit.verify()

    def test_of_each_service_are_its_own_without_a_pool(self):
        desk = open_desk(pooled(capacity=1, pool=None))
        for serial, name in enumerate(("renewal", "transfer", "foreign")):
            booked(desk, slot(1, name), serial)
        assert set(counts(desk.store).values()) == {1}
        assert desk.audit.verify()

    def test_are_taken_for_as_long_as_the_service_takes(self, desk):
        booked(desk, slot(1, "foreign"), 1)
        booked(desk, slot(1, "foreign"), 2)
        assert refused(desk, slot(1.25), 3) == FULL
        assert refused(desk, slot(1 + 1 / 3, "transfer"), 3) == FULL
        booked(desk, slot(1.5), 3)

    def test_are_needed_from_the_first_moment_to_the_last(self, desk):
        for serial in (1, 2):
            booked(desk, slot(1.25), serial)
        assert refused(desk, slot(1, "foreign"), 3) == FULL
        assert refused(desk, slot(1, "transfer"), 3) == FULL
        booked(desk, slot(1), 3)

    def test_of_one_branch_are_not_those_of_another(self, desk):
        for serial in (1, 2):
            booked(desk, slot(1), serial)
        booked(desk, slot(1, branch="south"), 3)
        assert refused(desk, slot(1), 4) == FULL

    def test_of_two_pools_of_a_branch_are_apart(self):
        shifts = (shift(480, 840, capacity=1),)
        desk = open_desk(with_offers(Offer({"renewal"}, shifts, "left"), Offer({"foreign"}, shifts, "right")))
        booked(desk, slot(1), 1)
        booked(desk, slot(1, "foreign"), 2)
        assert refused(desk, slot(1), 3) == refused(desk, slot(1, "foreign"), 3) == [("BK-05", 1, 1)]

    def test_of_a_pool_named_like_a_service_are_not_those_of_the_service(self):
        shifts = (shift(480, 840, capacity=1),)
        desk = open_desk(with_offers(Offer({"renewal"}, shifts, "foreign"), Offer({"foreign"}, shifts)))
        booked(desk, slot(1), 1)
        booked(desk, slot(1, "foreign"), 2)
        assert desk.audit.verify()

    def test_are_bounded_by_the_capacity_of_the_service_that_is_booked(self):
        few, many = (shift(480, 840, capacity=seats) for seats in (1, 3))
        desk = open_desk(with_offers(Offer({"renewal"}, (few,), "desk"), Offer({"foreign"}, (many,), "desk")))
        booked(desk, slot(1), 1)
        assert refused(desk, slot(1), 2) == [("BK-05", 1, 1)]
        booked(desk, slot(1, "foreign"), 2)
        booked(desk, slot(1, "foreign"), 3)
        assert refused(desk, slot(1, "foreign"), 4) == [("BK-05", 3, 3)]
        assert desk.audit.verify()

    def test_are_fewer_if_an_exception_lowers_the_capacity(self, desk):
        booked(desk, slot(25), 1)
        few = exception(Effect.OTHER_CAPACITY, LATER[0].starts_at.date(), capacity=1)
        desk.calendar.declare(few, reason="ill", by=CLERK, request_id="fewer")
        assert refused(desk, slot(25, "transfer"), 2) == [("BK-05", 1, 1)]
        assert (free(desk, "renewal", LATER[0]), free(desk, "renewal", LATER[2])) == (0, 1)


class TestExceptions:
    def test_affect_the_latest_appointments_of_a_pool_that_no_longer_fit(self):
        desk = open_desk(pooled(capacity=2))
        first = booked(desk, slot(25, "foreign"), 1)
        desk.clock.advance(MINUTE)
        second = booked(desk, slot(25.25), 2)
        desk.clock.advance(MINUTE)
        third = booked(desk, slot(25.5), 3)
        few = exception(Effect.OTHER_CAPACITY, LATER[0].starts_at.date(), capacity=1)
        assert [each.number for each in desk.calendar.affected_by(few)] == [second.number]
        desk.calendar.declare(few, reason="ill", by=CLERK, request_id="fewer")
        assert [each.number for each in desk.calendar.affected_by(few)] == [second.number]
        closed = exception(Effect.CLOSED, LATER[0].starts_at.date(), name="shut")
        assert [each.number for each in desk.calendar.affected_by(closed)] == [first.number, third.number]


class TestSearches:
    def test_show_the_seats_that_are_free_all_through_a_slot(self, desk):
        booked(desk, slot(1.25), 1)
        booked(desk, slot(1 + 1 / 3, "transfer"), 2)
        assert free(desk, "foreign", slot(1)) == 0  # two of them from 08:20 to 08:30
        assert (free(desk, "renewal", slot(1)), free(desk, "renewal", slot(1.25))) == (2, 0)
        assert (free(desk, "renewal", slot(1.5)), free(desk, "foreign", slot(1.5))) == (1, 1)

    @pytest.mark.parametrize("service", ["renewal", "transfer", "foreign"])
    def test_and_the_month_count_alike(self, desk, service):
        for serial, (hours, name) in enumerate(
            [(25, "foreign"), (25.25, "renewal"), (26, "transfer"), (27, "foreign")]
        ):
            booked(desk, slot(hours, name), serial)
        day = LATER[0].starts_at.date()
        found = desk.find_slots(service=service, branch="north", from_=day, until=day + timedelta(days=1), limit=200)
        (shown,) = (
            each
            for each in desk.month_view(service=service, branch="north", year=day.year, month_of_year=day.month)
            if each.day.gregorian == day
        )
        assert (shown.state, shown.free, shown.first_free) == (
            DayState.FREE,
            sum(each.free for each in found),
            found[0].starts_at,
        )

    def test_show_a_day_without_a_seat_as_full(self):
        desk = open_desk(with_offers(Offer({"renewal", "foreign"}, (shift(480, 510, capacity=1),), "counters")))
        booked(desk, slot(25, "foreign"), 1)
        month = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
        assert month[LATER[0].starts_at.day - 1].state is DayState.FULL

    def test_offer_other_times_with_a_free_seat_to_one_who_is_refused(self, desk):
        for serial in (1, 2):
            booked(desk, slot(25, "foreign"), serial)
        outcome = desk.book(slot(25), applicant=made_up_person(3), agreed=True, request_id="late", alternatives=3)
        assert isinstance(outcome, Refused)
        starts = [each.key for each in outcome.alternatives if each.branch == "north"]
        assert slot(25.5) in starts
        assert slot(25.25) not in starts

    def test_count_a_hold_until_it_has_run_out(self, desk):
        held(desk, slot(25, "foreign"), 1)
        assert [free(desk, "renewal", each) for each in LATER] == [1, 1, 2]
        desk.clock.advance(10 * MINUTE)
        assert [free(desk, "renewal", each) for each in LATER] == [2, 2, 2]

    def test_count_a_hold_that_has_run_out_behind_their_end_as_free(self):
        desk = open_desk(pooled(capacity=1))
        held(desk, slot(25.25), 1)
        desk.clock.advance(10 * MINUTE)
        wanted = slot(25, "foreign")
        found = desk.find_slots(
            service="foreign", branch="north", from_=wanted.starts_at, until=wanted.starts_at + MINUTE, limit=1
        )
        assert [each.key for each in found] == [wanted]

    def test_reach_over_the_end_of_what_they_read_together(self):
        """A search reads seven days at once; the last slot of these days ends after them."""
        desk, last = open_desk(pooled(capacity=1), start=START + 70 * MINUTE), slot(24 * 7 + 1, "foreign")
        booked(desk, slot(24 * 7 + 1.25), 1)
        found = desk.find_slots(service="foreign", branch="north", limit=500)
        assert last not in [each.key for each in found]


class TestEnds:
    def test_of_an_appointment_give_every_step_back(self, desk):
        one = booked(desk, slot(25, "foreign"), 1)
        assert set(counts(desk.store).values()) == {1}
        assert len(counts(desk.store)) == 6
        assert isinstance(desk.cancel(one.number, by=CLERK, request_id="cancel"), Cancelled)
        assert counts(desk.store) == {}

    def test_of_a_hold_make_room_for_every_service(self):
        desk = open_desk(pooled(capacity=1))
        held(desk, slot(25, "foreign"), 1)
        assert refused(desk, slot(25.25), 2) == [("BK-05", 1, 1)]
        desk.clock.advance(10 * MINUTE)
        booked(desk, slot(25.25), 2, request_id="again")
        booked(desk, slot(25), 3)
        assert refused(desk, slot(25, "transfer"), 4) == [("BK-05", 1, 1)]
        assert sum(counts(desk.store).values()) == 6
        assert desk.audit.verify()

    def test_of_several_holds_in_the_way_are_ended_with_one_booking(self):
        desk = open_desk(pooled(capacity=1))
        for serial, hours in enumerate((25, 25.25)):
            held(desk, slot(hours), serial)
        desk.clock.advance(10 * MINUTE)
        booked(desk, slot(25, "foreign"), 3)
        assert set(counts(desk.store).values()) == {1}
        assert desk.audit.verify()

    def test_of_holds_are_foreseen_by_what_if(self):
        desk = open_desk(pooled(capacity=1))
        held(desk, slot(25, "foreign"), 1)
        asked: dict[str, Any] = {"applicant": made_up_person(2), "agreed": True}
        assert [each.rule_id for each in desk.what_if().book(slot(25.25), **asked).refused] == ["BK-05"]
        assert desk.what_if(at=START + 10 * MINUTE).book(slot(25.25), **asked)

    def test_of_the_period_of_retention_remove_the_counts(self, desk):
        booked(desk, slot(1, "foreign"), 1)
        desk.clock.advance(timedelta(days=401))
        assert desk.maintenance.prune(retention=PERIODS, by=System())["appointments"] == 1
        assert counts(desk.store) == {}


class TestBatches:
    """Requests that wait together are decided one after another on the same reading."""

    @pytest.fixture
    def store(self):
        return WatchedStore(MemoryStore())

    @staticmethod
    def together(desk, store, *wanted):
        """The outcomes of one person for each slot, all in one batch."""
        calls = [
            partial(desk.book, at, applicant=made_up_person(serial), agreed=True, request_id=f"together-{serial}")
            for serial, at in enumerate(wanted, start=10)
        ]
        ahead = partial(desk.book, slot(73), applicant=made_up_person(1), agreed=True, request_id="ahead")
        return [type(each) for each in held_up(desk, store, ahead, *calls)[1:]]

    @pytest.mark.rule("BK-05")
    def test_see_the_seats_that_earlier_requests_have_taken_in_any_step(self, store):
        desk = open_desk(pooled(capacity=1), store=store)
        wanted = slot(25.25), slot(25, "foreign"), slot(25), slot(25 + 1 / 3, "transfer"), slot(25.5, "foreign")
        assert self.together(desk, store, *wanted) == [Booked, Refused, Booked, Refused, Booked]
        assert desk.audit.verify()

    def test_end_a_hold_once_that_is_in_the_way_of_several(self, store):
        desk = open_desk(pooled(capacity=1), store=store)
        hold = held(desk, slot(25, "foreign"), 2)
        desk.clock.advance(10 * MINUTE)
        assert self.together(desk, store, slot(25), slot(25.25), slot(25, "transfer")) == [Booked, Booked, Refused]
        assert [type(event) for event in desk.audit.history(hold.number, by=CLERK)] == [AppointmentHeld, HoldExpired]
        assert set(counts(desk.store).values()) == {1}
        assert store.commits[1:] == [1, 3, 1]  # the one ahead; the end of the hold and two bookings; the refusal
        assert desk.audit.verify()

    def test_take_one_read_and_one_commit_as_without_a_pool(self, store):
        desk = open_desk(pooled(capacity=3), store=store)
        assert self.together(desk, store, slot(25, "foreign"), slot(25), slot(25, "transfer")) == [Booked] * 3
        assert (store.reads, store.commits) == ([1, 3], [1, 3])


class TestHolds:
    def test_become_bookings_with_the_seats_that_they_have(self):
        desk = open_desk(pooled(capacity=1))
        hold = held(desk, slot(25, "foreign"), 1)
        before = counts(desk.store)
        outcome = desk.book(hold, applicant=made_up_person(1), agreed=True, request_id="confirm")
        assert isinstance(outcome, Booked)
        assert (outcome.appointment.number, counts(desk.store)) == (hold.number, before)

    def test_of_another_time_are_given_back_with_all_their_steps(self):
        desk = open_desk(pooled(capacity=1))
        held(desk, slot(25, "foreign"), 1)
        booked(desk, slot(25.5, "foreign"), 1)
        booked(desk, slot(25.25), 2)
        assert desk.audit.verify()


class TestMoves:
    @pytest.mark.parametrize("capacity", [1, 2])
    def test_within_the_pool_need_a_seat_only_where_they_had_none(self, capacity):
        """Two offers of one pool, so that slots of a service can overlap after an edit of its hours."""
        rulebook = small_rulebook(MV_05={"minutes": 0})
        store, clock = MemoryStore(), MovableClock(START)
        earlier = with_offers(Offer({"foreign"}, (shift(480, 840, capacity=capacity),), "counters"))
        ours = open_desk(earlier, store=store, clock=clock, rulebook=rulebook)
        mine = [booked(ours, slot(25, "foreign"), serial) for serial in range(capacity)]
        halved = Offer({"foreign"}, (shift(480 + 15, 840, capacity=capacity),), "counters")
        desk = open_desk(
            with_offers(halved, Offer({"renewal"}, (shift(480, 840),), "counters")),
            store=store,
            clock=clock,
            rulebook=rulebook,
        )
        assert desk.maintenance.recount_seats(by=System()) == capacity  # steps of 15 minutes instead of 30
        to = slot(25.25, "foreign")
        outcome = desk.move(mine[0].number, to, by=made_up_person(0), request_id="move")
        assert isinstance(outcome, Moved)
        assert counts(store) == {
            f"north/+counters/2026-11-23T05:{minute}:00": seats
            for minute, seats in (("00", capacity - 1), ("15", capacity), ("30", 1))
            if seats
        }
        assert desk.audit.verify()

    def test_to_a_full_moment_are_refused(self):
        desk = open_desk(pooled(capacity=1))
        one = booked(desk, slot(49), 1)
        booked(desk, slot(25, "foreign"), 2)
        outcome = desk.move(one.number, slot(25.25), by=made_up_person(1), request_id="move")
        assert isinstance(outcome, Refused)
        assert [each.rule_id for each in outcome.verdicts] == ["BK-05"]

    def test_to_the_slot_of_the_own_hold_take_its_seats(self):
        rulebook = small_rulebook(BK_07={"appointments": 2})
        desk = open_desk(pooled(capacity=1), rulebook=rulebook)
        one = booked(desk, slot(49, "foreign"), 1)
        held(desk, slot(25, "foreign"), 1)
        outcome = desk.move(one.number, slot(25, "foreign"), by=made_up_person(1), request_id="move")
        assert isinstance(outcome, Moved)
        assert len(counts(desk.store)) == 6
        assert desk.audit.verify()

    def test_out_of_a_pool_to_a_branch_without_one_and_back_leave_every_count_right(self):
        catalogue = pooled()
        alone = evolve(pooled(pool=None).timetables[1])
        desk = open_desk(evolve(catalogue, timetables=(catalogue.timetables[0], alone)))
        one = booked(desk, slot(25), 1)
        desk.move(one.number, slot(25, branch="south"), by=made_up_person(1), request_id="there")
        assert counts(desk.store) == {"south/renewal/2026-11-23T05:00:00": 1}
        desk.move(one.number, slot(25), by=made_up_person(1), request_id="back")
        assert len(counts(desk.store)) == 3
        assert desk.audit.verify()


class TestAudits:
    @pytest.mark.parametrize(("delta", "found"), [(1, 2), (-1, 0)])
    def test_find_a_wrong_count_of_a_step(self, desk, delta, found):
        booked(desk, slot(25), 1)
        key = "north/+counters/2026-11-23T05:05:00"
        assert desk.store.commit([StoreChange(counts=(Count(SEATS.name, key, delta, 9),))]) == [None]
        where = "north pool counters 2026-11-23T05:05:00Z"
        (broken,) = desk.audit.verify().broken
        assert (broken.invariant, broken.where) == (Invariant.SEATS, where)
        assert broken.found == f"{found} seats taken"

    def test_find_a_pool_with_more_appointments_than_seats(self):
        store = MemoryStore()
        for serial, (hours, name) in enumerate([(25, "foreign"), (25.25, "renewal")]):
            booked(open_desk(pooled(capacity=1), store=Generous(store)), slot(hours, name), serial)
        desk = open_desk(pooled(capacity=1), store=store)
        minutes = ("15", "20", "25")
        assert fault(desk) == [
            (Invariant.CAPACITY, f"north pool counters 2026-11-23T05:{minute}:00Z") for minute in minutes
        ]

    def test_find_a_key_that_names_no_count(self, desk):
        keys = ["north/+counters", "north/+counters/2026-11-23T05:05:00+00:00"]
        for key in keys:
            assert desk.store.commit([StoreChange(counts=(Count(SEATS.name, key, 1, 9),))]) == [None]
        assert fault(desk) == [(Invariant.READABLE, f"seats {key}") for key in keys]


class TestRecounts:
    """After an edit of pools earlier appointments keep their counts until they are recounted."""

    def test_bring_earlier_appointments_into_the_pool(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(capacity=1, pool=None), store=store, clock=clock)
        one = booked(before, slot(25), 1)
        desk = open_desk(pooled(capacity=1), store=store, clock=clock)
        elsewhere = BrokenParts(
            one.number, "a seat of its own service", "a seat of the pool counters in steps of 5 minutes: recount"
        )
        assert elsewhere.among(desk.audit.verify())
        booked(desk, slot(25, "transfer"), 2)  # the pool does not know the first one yet
        assert desk.maintenance.recount_seats(by=System()) == 1
        assert desk.maintenance.recount_seats(by=System()) == 0
        assert set(counts(store)) == {
            f"north/+counters/2026-11-23T05:{minute}:00" for minute in ("00", "05", "10", "15")
        }
        event = desk.audit.history(one.number, by=CLERK)[-1]
        assert event == SeatRecounted(
            number=one.number, version=2, at=START, actor=System(), rulebook="test-1", pool=Pool("counters", 5)
        )
        again = desk.appointment(one.number, by=CLERK)
        assert evolve(again, version=1, pool=None) == one
        assert [each.number for each in desk.appointments(made_up_person(1)).upcoming] == [one.number]

    def test_leave_a_pool_with_too_many_closed_until_it_has_fewer_and_audits_report_it(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(capacity=1, durations=(15, 15, 15), pool=None), store=store, clock=clock)
        three = [booked(before, slot(25, name), n) for n, name in enumerate(("renewal", "transfer", "foreign"))]
        desk = open_desk(pooled(capacity=1, durations=(15, 15, 15)), store=store, clock=clock)
        assert desk.maintenance.recount_seats(by=CLERK) == 3
        oversold = (Invariant.CAPACITY, "north pool counters 2026-11-23T05:00:00Z")
        for left in (2, 1):
            assert fault(desk) == [oversold]
            assert refused(desk, slot(25), 9, request_id=f"with {left + 1}".replace(" ", "-")) == [
                ("BK-05", left + 1, 1)
            ]
            assert isinstance(desk.cancel(three[left].number, by=CLERK, request_id=f"cancel-{left}"), Cancelled)
        assert desk.audit.verify()
        assert refused(desk, slot(25), 9, request_id="with-1") == [("BK-05", 1, 1)]
        assert isinstance(desk.cancel(three[0].number, by=CLERK, request_id="cancel-0"), Cancelled)
        booked(desk, slot(25, "transfer"), 9)
        clock.move_to(LATER[2].starts_at)
        assert desk.audit.verify()

    def test_take_services_out_of_a_pool_and_follow_its_step(self):
        store, clock = MemoryStore(), MovableClock(START)
        desk = open_desk(pooled(), store=store, clock=clock)
        booked(desk, slot(25, "foreign"), 1)
        for durations, steps in (((15, 15, 30), 2), ((30, 30, 30), 1), ((15, 20, 30), 6)):
            changed = open_desk(pooled(durations=durations), store=store, clock=clock)
            assert changed.maintenance.recount_seats(by=System()) == 1
            assert len(counts(store)) == steps
            assert changed.audit.verify()
        alone = open_desk(pooled(pool=None), store=store, clock=clock)
        assert alone.maintenance.recount_seats(by=System()) == 1
        assert counts(store) == {"north/foreign/2026-11-23T05:00:00": 1}
        assert alone.audit.verify()

    def test_reach_holds_and_several_appointments_of_one_person(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(pool=None), store=store, clock=clock)
        booked(before, slot(25), 1)
        booked(before, slot(26, "transfer"), 1)
        hold = held(before, slot(27, "foreign"), 1)
        desk = open_desk(pooled(), store=store, clock=clock)
        assert desk.maintenance.recount_seats(by=System()) == 3
        assert len(counts(store)) == 3 + 4 + 6
        assert desk.audit.verify()
        outcome = desk.book(hold, applicant=made_up_person(1), agreed=True, request_id="confirm")
        assert isinstance(outcome, Booked)
        assert outcome.appointment.number == hold.number
        assert desk.audit.verify()

    def test_are_not_needed_for_an_appointment_to_end_with_the_counts_that_it_took(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(pool=None), store=store, clock=clock)
        booking, hold = booked(before, slot(25), 1), held(before, slot(25, "foreign"), 2)
        moved = booked(before, slot(49), 3)
        desk = open_desk(pooled(), store=store, clock=clock)
        assert isinstance(desk.cancel(booking.number, by=CLERK, request_id="cancel"), Cancelled)
        assert isinstance(desk.move(moved.number, slot(50), by=CLERK, request_id="move"), Moved)
        clock.advance(10 * MINUTE)
        assert desk.maintenance.expire_holds() == 1
        assert desk.appointment(hold.number, by=CLERK).state.value == "expired"
        assert len(counts(store)) == 3
        assert desk.audit.verify()

    def test_leave_a_hold_its_seat_that_is_booked_before(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(capacity=1, pool=None), store=store, clock=clock)
        hold = held(before, slot(25), 1)
        desk = open_desk(pooled(capacity=1), store=store, clock=clock)
        booked(desk, slot(25, "transfer"), 2)
        outcome = desk.book(hold, applicant=made_up_person(1), agreed=True, request_id="confirm")
        assert isinstance(outcome, Booked)
        assert (outcome.appointment.pool, outcome.appointment.seats) == (None, (slot(25),))

    def test_leave_the_past_and_what_is_not_offered_any_more_where_it_is(self):
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(pool=None), store=store, clock=clock)
        booked(before, slot(1), 1)
        booked(before, slot(25, "foreign"), 2)
        clock.move_to(slot(1.25).starts_at)
        offered = with_offers(Offer({"renewal"}, (shift(480, 840),), "counters"))
        desk = open_desk(offered, store=store, clock=clock)
        assert desk.audit.verify()
        assert desk.maintenance.recount_seats(by=System()) == 0

    def test_and_requests_at_the_same_time_lose_no_seat(self):
        """A cancellation comes between the reading and the writing of a recount."""
        store, clock = MemoryStore(), MovableClock(START)
        before = open_desk(pooled(pool=None), store=store, clock=clock)
        one, two = booked(before, slot(25), 1), booked(before, slot(25), 2)

        class Between:
            """Cancels an appointment before the first change that is written through it."""

            def commit(self, changes):
                if not self.done:
                    self.done = True
                    assert isinstance(before.cancel(one.number, by=CLERK, request_id="cancel"), Cancelled)
                return store.commit(changes)

            done = False

            def __getattr__(self, name):
                return getattr(store, name)

        desk = open_desk(pooled(), store=Between(), clock=clock)
        assert desk.maintenance.recount_seats(by=System()) == 1
        assert desk.appointment(two.number, by=CLERK).pool == Pool("counters", 5)
        assert set(counts(store).values()) == {1}
        assert desk.audit.verify()

    @pytest.mark.parametrize("by", [made_up_person(1), None, "system"])
    def test_are_for_staff(self, desk, by):
        with pytest.raises(InvalidInput, match=r"^actor: "):
            desk.maintenance.recount_seats(by=by)


class BrokenParts:
    """One expected fault: its place, and how its texts begin."""

    def __init__(self, where, found, expected):
        self._parts = (where, found, expected)

    def among(self, report):
        return any(
            each.where == self._parts[0]
            and each.found.startswith(self._parts[1])
            and each.expected.startswith(self._parts[2])
            for each in report.broken
        )


def test_a_day_of_a_branch_shows_which_services_share_seats(desk):
    (north,) = desk.calendar.working_day("north", LATER[0].starts_at.date()).shifts
    assert (north.pool, north.capacity, len(north.services)) == ("counters", 2, 3)
    (alone,) = open_desk(pooled(pool=None)).calendar.working_day("north", LATER[0].starts_at.date()).shifts
    assert alone.pool is None


def test_a_slot_shows_its_pool_and_the_steps_that_it_covers():
    configuration = Configuration(pooled(), small_rulebook(), BranchCalendars(PLAIN))
    found = configuration.slot(slot(25, "transfer"))
    assert found is not None
    assert found.pool == Pool("counters", 5)
    assert [each.starts_at for each in found.seats] == [slot(25).starts_at + 5 * n * MINUTE for n in range(4)]
    alone = Configuration(pooled(pool=None), small_rulebook(), BranchCalendars(PLAIN)).slot(slot(25, "transfer"))
    assert alone is not None
    assert (alone.pool, alone.seats) == (None, (slot(25, "transfer"),))
