"""Any sequence of requests has the same outcomes on the memory store and on the SQLite store, as specified.

A sequence has one order only, so `BookingSpecification` accepts or rejects each outcome at once. It has the rules that
depend on other requests. The rules about times and places are evaluated here, from their sentences.

Over 400 lines: one state machine, with a rule for each verb and its checks.
"""

from collections import Counter
from datetime import timedelta
from functools import cache, reduce
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve as copy_with
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.bookings import FAR_AHEAD, LONG_AGO, number
from tests.cases import CLERK, MINUTE, slot_key
from tests.counted import CountedNumbering
from tests.desks import open_desk
from tests.folded import KeptLog
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Booked, Cancelled, Clerk, Held, Moved, Pool, Refused, RequestMismatch
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.schedule.slots import Slot, SlotRange
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock, made_up_applicant, made_up_person
from traffic_booking.testing.histories.booking_specification import BookingSpecification
from traffic_booking.testing.histories.booking_state import runs
from traffic_booking.testing.histories.recorder import Recorder

PEOPLE = 3
IN_MEMORY = Path("/dev/shm")
"""On a folder in memory, commits do not wait for a drive."""
DAY = 24 * 60
DAILY = [
    ("north", "renewal", 60),
    ("north", "renewal", 75),
    ("north", "transfer", 60),
    ("south", "transfer", 80),
    ("south", "renewal", 75),
    ("south", "renewal", 105),
    ("south", "transfer", 100),
    ("north", "transfer", 120),
    ("north", "transfer", DAY + 60),
]
COLD = [
    ("north", "renewal", 67),  # no slot
    ("north", "transfer", 75),  # no slot either
    ("south", "foreign", 60),  # not offered there
    ("north", "foreign", 60),  # for residents
    ("north", "renewal", 5 * DAY + 60),  # a Friday
    ("north", "renewal", 77 * DAY + 60),  # beyond the horizon, on a Sunday
    ("north", "renewal", -3 * DAY + 60),  # gone, on a Thursday
]
"""Branch, service, and minutes from START, a Sunday at 07:00 in Riyadh."""
HOT = list(dict.fromkeys((branch, service, start + day * DAY) for day in range(14) for branch, service, start in DAILY))
DURATIONS = {"renewal": 15, "transfer": 20, "foreign": 30}
OFFERED = {"north": {"renewal", "transfer", "foreign"}, "south": {"renewal", "transfer"}}
HORIZON, MOVES, CUT_OFF, EARLY, LATE = timedelta(days=60), 1, 30 * MINUTE, 60 * MINUTE, 15 * MINUTE
GRACE = 7 * MINUTE
RULEBOOK = small_rulebook(
    BK_04={"days": 60},
    BK_07={"appointments": 1},
    BK_08={"appointments": 2},
    HD_01={"holds": 1, "minutes": 10},
    CN_03={"minutes": 30},
    CN_05={"minutes": 7},
    MV_04={"moves": MOVES},
    MV_05={"minutes": 30},
    AT_03={"minutes": 60, "early_minutes": 15},
    AT_04={"minutes": 15},
)
OF_TIMES_AND_PLACES = {f"BK-{number}" for number in ("01", "02", "03", "04", "06", "10", "11")} | {
    "CN-03",
    "CN-05",
    "MV-05",
    "AT-03",
    "AT-04",
}
"""The rules that the specification does not have; `broken_of_slot` and the requests evaluate them."""
NOBODY = made_up_applicant(9)
"""A person without appointments."""
people = st.integers(0, PEOPLE - 1)
slots = st.sampled_from(DAILY * 8 + COLD)
# Mostly the person, sometimes a clerk or another person.
actors = st.sampled_from(["self"] * 6 + ["clerk", "clerk", "other"])
early = st.sampled_from([timedelta()] * 4 + [MINUTE, -MINUTE])
picks = st.sampled_from([1] * 8 + [2] * 6 + [3] * 4 + [*range(30)])
"""How many places from the last one; 0 is none."""


@cache
def key_of(slot):
    branch, service, start = slot
    return slot_key(branch, service, START + start * MINUTE)


def is_in_timetable(branch, service, start):
    """Sunday to Thursday, 08:00 to 14:00, one start after another."""
    day, minute = divmod(7 * 60 + start, DAY)
    length = DURATIONS[service]
    is_open = day % 7 < 5 and minute >= 8 * 60 and minute + length <= 14 * 60
    return service in OFFERED[branch] and is_open and (minute - 8 * 60) % length == 0


def broken(**rules):
    """The ids of the broken rules: `broken(BK_03=True)`."""
    return {rule_id.replace("_", "-") for rule_id, is_broken in rules.items() if is_broken}


def rules_of(outcome):
    return [verdict.rule_id for verdict in outcome.verdicts] if isinstance(outcome, Refused) else []


class DeskAgainstSpecification(RuleBasedStateMachine):
    """Two desks under one clock, and the specification of their outcomes."""

    @initialize(capacity=st.sampled_from([1, 1, 2]), pool=st.sampled_from([None, Pool("counters", 5)]))
    def open(self, capacity, pool):
        self.folder = TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.exists() else None)
        self.clock = MovableClock(START)
        self.capacity, self.pool = capacity, pool
        self.kept = KeptLog(MemoryStore())
        stores: list[Any] = [self.kept, SqliteStore(Path(self.folder.name) / "bookings.db")]
        self.desks = [
            open_desk(
                small_catalogue(capacity=capacity, pool=pool and pool.id),
                store=store,
                clock=self.clock,
                rulebook=RULEBOOK,
                numbering=CountedNumbering(),
            )
            for store in stores
        ]
        self.recorder = Recorder(self.desks[0], clock=self.clock)
        self.slots = [
            Slot(
                key=key_of(slot),
                ends_at=START + (slot[2] + DURATIONS[slot[1]]) * MINUTE,
                capacity=capacity,
                time_zone="Asia/Riyadh",
                pool=pool if is_in_timetable(*slot) else None,
            )
            for slot in HOT + COLD
        ]
        self.accepted = []
        self.states = self.states_after()
        self.sent = []
        self.appointments = {}  # number → the appointment of its last result, the latest last
        self.owners = {}  # number → the person's serial
        self.agreed = set()  # the numbers that were booked
        self.requests, self.fresh_people = count(), count(PEOPLE)

    def teardown(self):
        if hasattr(self, "folder"):
            self.kept.assert_marks_give_all_records()
            for desk in self.desks:
                desk.close()
            self.folder.cleanup()

    @rule(person=people, slot=slots, by=actors)
    def hold(self, person, slot, by):
        self.hold_as(person, self.soonest(slot), self.actor(by, person))

    @rule(person=people, slot=slots, by=actors, agreed=st.sampled_from([True, True, True, False]))
    def book(self, person, slot, by, agreed):
        self.book_as(person, self.soonest(slot), self.actor(by, person), agreed=agreed)

    @rule(pick=picks, cancels=st.booleans())
    @precondition(lambda self: self.held())
    def book_or_cancel_what_is_or_was_held(self, pick, cancels):
        one = self.picked_of(self.held(), pick)
        person = self.owners[one.number]
        if cancels:
            self.cancel_as(one, made_up_person(person))
        else:
            [slot] = [slot for slot in HOT if key_of(slot) == one.slot]
            self.book_as(person, slot, made_up_person(person), agreed=True)

    @rule(pick=picks, by=actors)
    @precondition(lambda self: self.appointments)
    def cancel(self, pick, by):
        one, actor = self.picked(pick, by)
        if isinstance(self.cancel_as(one, actor), Cancelled):
            self.seat_is_had_at_once(one.slot)
            self.cancel_as(self.appointments[one.number], actor)

    @rule(pick=picks, slot=slots, by=actors, agreed=st.booleans())
    @precondition(lambda self: self.appointments)
    def move(self, pick, slot, by, agreed):
        one, actor = self.picked(pick, by)
        self.move_as(one, self.soonest(slot), actor, agreed=agreed)

    @rule(pick=picks, to=st.integers(0, 3))
    @precondition(lambda self: self.booked())
    def move_within_the_service(self, pick, to):
        one = self.picked_of(self.booked(), pick)
        slots = [slot for slot in DAILY if slot[1] == one.slot.service]
        self.move_as(one, self.soonest(slots[to % len(slots)]), CLERK, agreed=True)

    @rule(pick=picks, by=st.sampled_from(["clerk"] * 4 + ["self"]))
    @precondition(lambda self: self.appointments)
    def check_in(self, pick, by):
        self.check_in_as(*self.picked(pick, by))

    @rule(pick=picks, other=st.integers(0, 3))
    @precondition(lambda self: self.booked())
    def hold_for_another_service_beside_it(self, pick, other):
        one = self.picked_of(self.booked(), pick)
        person = self.owners[one.number]
        others = [self.soonest(slot) for slot in DAILY if slot[1] != one.slot.service]
        beside = [slot for slot in others if abs(key_of(slot).starts_at - one.slot.starts_at) <= 20 * MINUTE] or others
        self.hold_as(person, beside[other % len(beside)], made_up_person(person))

    @rule(pick=picks, early=early)
    @precondition(lambda self: self.booked())
    def cancel_at_the_cut_off(self, pick, early):
        one = self.wait_until(CUT_OFF + early, pick)
        self.cancel_as(one, CLERK)

    @rule(pick=picks, early=early, slot=slots)
    @precondition(lambda self: self.booked())
    def move_at_the_cut_off(self, pick, early, slot):
        one = self.wait_until(CUT_OFF + early, pick)
        self.move_as(one, self.soonest(slot), CLERK, agreed=True)

    @rule(pick=picks, early=early, before=st.sampled_from([EARLY, -LATE]))
    @precondition(lambda self: self.booked())
    def check_in_at_a_limit(self, pick, early, before):
        one = self.wait_until(before + early, pick)
        self.check_in_as(one, CLERK)

    @rule(minutes=st.sampled_from([1, 5, 9, 10] * 3 + [11, 20, 45, 300]))
    def wait(self, minutes):
        self.clock.advance(minutes * MINUTE)

    @rule(pick=st.integers(0, 3))
    @precondition(lambda self: self.limits_to_come())
    def wait_for_a_limit(self, pick):
        """The result of a rule changes at this very minute."""
        limits = self.limits_to_come()
        self.clock.move_to(limits[min(pick, len(limits) - 1)])

    @rule(limit=st.sampled_from([1, 2, 100]))
    def sweep(self, limit):
        ended = [desk.maintenance.expire_holds(limit=limit) for desk in self.desks]
        assert ended[0] == ended[1]

    @rule(pick=picks)
    @precondition(lambda self: self.sent)
    def ask_again(self, pick):
        send, request_id, answers = self.sent[-pick % len(self.sent)]
        before = self.everything()
        assert [send(desk, request_id) for desk in self.desks] == answers
        assert self.everything() == before

    @rule(person=people, slot=slots, pick=picks)
    @precondition(lambda self: self.sent)
    def ask_something_else_under_a_used_request_id(self, person, slot, pick):
        _, request_id, _ = self.sent[-pick % len(self.sent)]
        before = self.everything()
        for desk in self.desks:
            with pytest.raises(RequestMismatch):
                desk.hold(key_of(slot), applicant=made_up_person(99), by=Clerk("nobody"), request_id=request_id)
        assert self.everything() == before

    @invariant()
    def seats_are_within_bounds_and_those_of_the_specification(self):
        expected = Counter(seat for one in self.running() for seat in one.seats)
        for desk in getattr(self, "desks", ()):
            ranges = {(branch, service) for branch, service, _ in HOT + COLD}
            seats_taken = AppointmentBook(desk.store).seats_taken(
                [
                    SlotRange(
                        branch=key.branch,
                        service=key.service,
                        from_=LONG_AGO,
                        until=FAR_AHEAD - DAY * MINUTE,
                        pool=pool,
                    )
                    for pool in {None, self.pool}
                    for key in (slot_key(*where) for where in ranges)
                ],
                lapsed_by=self.clock.now(),
            )
            assert all(0 <= each.lapsed <= each.seats <= self.capacity for each in seats_taken.values())
            live = {key: each.seats - each.lapsed for key, each in seats_taken.items()}
            assert {key: seats for key, seats in live.items() if seats} == expected

    @invariant()
    def nobody_has_two_active_appointments_for_a_service(self):
        running = self.running()
        for desk in getattr(self, "desks", ()):
            for person in range(PEOPLE):
                mine = desk.appointments(made_up_person(person))
                active = [one.slot.service for one in (*mine.upcoming, *mine.held)]
                assert len(set(active)) == len(active)
                expected = [one for one in running if self.owners[one.number] == person]
                assert {one.number: one.slot for one in (*mine.upcoming, *mine.held)} == {
                    one.number: one.slot for one in expected if self.clock.now() < one.slot_ends_at
                }

    @invariant()
    def events_tell_every_appointment(self):
        for desk in getattr(self, "desks", ()):
            for sent in self.appointments:
                book = AppointmentBook(desk.store)
                stored, events = book.appointment(sent), book.history(sent)
                assert [event.version for event in events] == list(range(1, len(events) + 1))
                assert reduce(evolve, events, None) == stored

    def hold_as(self, person, slot, actor):
        key = key_of(slot)
        outcome = self.send(
            lambda desk, request_id: desk.hold(key, applicant=made_up_person(person), by=actor, request_id=request_id),
            self.broken_of_slot(slot) | self.broken_of_actor(actor, person),
        )
        if isinstance(outcome, Held):
            self.owners[outcome.appointment.number] = person
        return outcome

    def book_as(self, person, slot, actor, *, agreed):
        key = key_of(slot)
        outcome = self.send(
            lambda desk, request_id: desk.book(
                key, applicant=made_up_person(person), agreed=agreed, by=actor, request_id=request_id
            ),
            self.broken_of_slot(slot, agreed=agreed) | self.broken_of_actor(actor, person),
        )
        if isinstance(outcome, Booked):
            self.owners[outcome.appointment.number] = person
            self.agreed.add(outcome.appointment.number)

    def cancel_as(self, one, actor):
        sent = one.number if one else number(9_999)
        is_booked = one and self.may_act(actor, one) and one.state is AppointmentState.BOOKED
        return self.send(
            lambda desk, request_id: desk.cancel(sent, by=actor, request_id=request_id),
            is_booked and self.broken_of_cut_off(one, "CN-03"),
        )

    def broken_of_cut_off(self, one, cut_off_rule):
        """The rule whose time is over, if any: a cut-off, or CN-05 if the grace ends at the cut-off or later."""
        ends_at, starts_at = min(one.changed_at + GRACE, one.slot.starts_at), one.slot.starts_at
        if one.state is AppointmentState.BOOKED and ends_at >= starts_at - CUT_OFF:
            return {"CN-05"} if self.clock.now() >= ends_at else set()
        return {cut_off_rule} if self.clock.now() >= starts_at - CUT_OFF else set()

    def move_as(self, one, slot, actor, *, agreed):
        sent, key = one.number if one else number(9_999), key_of(slot)
        is_seen = one and self.may_act(actor, one)
        stays = is_seen and one.state is AppointmentState.BOOKED and one.slot == key
        outcome = self.send(
            lambda desk, request_id: desk.move(sent, key, by=actor, agreed=agreed, request_id=request_id),
            is_seen
            and not stays
            and self.broken_of_slot(slot, agreed=agreed or sent in self.agreed) | self.broken_of_cut_off(one, "MV-05"),
        )
        if is_seen:  # the specification does not know the moves of an appointment that is gone
            assert ("MV-04" in rules_of(outcome)) == (one.moves >= MOVES and not stays)
            assert isinstance(outcome, Moved) or not stays, "a move to its own slot is granted whatever the rules"
        if isinstance(outcome, Moved) and key != one.slot:
            self.seat_is_had_at_once(one.slot)

    def check_in_as(self, one, actor):
        sent, now = one.number if one else number(9_999), self.clock.now()
        for _ in range(2):  # nobody is checked in twice
            self.send(
                lambda desk, request_id: desk.gate.check_in(sent, by=actor, request_id=request_id),
                one
                and actor == CLERK
                and broken(AT_03=now < one.slot.starts_at - EARLY, AT_04=now > one.slot.starts_at + LATE),
            )

    def seat_is_had_at_once(self, key):
        """A new person holds the slot, and gives it back."""
        if key.starts_at > self.clock.now():
            [slot] = [slot for slot in HOT if key_of(slot) == key]
            somebody = next(self.fresh_people)
            held = self.hold_as(somebody, slot, made_up_person(somebody))
            assert isinstance(held, Held)
            one = self.appointments[held.appointment.number]
            assert isinstance(self.cancel_as(one, made_up_person(somebody)), Cancelled)

    def send(self, send, expected):
        """Send a request to both desks: the outcome is as specified, and a granted request has its event.

        `expected` are the rules about times and places that it breaks.
        """
        request_id = f"request-{next(self.requests)}"
        before = [self.event_counts(desk) for desk in self.desks]
        answers = [send(desk, request_id) for desk in (self.recorder, self.desks[1])]
        of_persons = [self.of_person(desk, answer) for desk, answer in zip(self.desks, answers, strict=True)]
        assert of_persons[0] == of_persons[1]
        operation = self.recorder.history().operations[-1]
        self.accept(operation, expected or set())
        if operation.granted is not None:
            one = operation.granted
            was = self.appointments.get(one.number)
            is_move = isinstance(answers[0], Moved)
            is_again = was is not None and (was.slot == one.slot if is_move else isinstance(answers[0], Held))
            for desk, counts, answer in zip(self.desks, before, answers, strict=True):
                assert AppointmentBook(desk.store).appointment(one.number) == answer.appointment
                events = len(AppointmentBook(desk.store).history(one.number))
                assert events == counts.get(one.number, 0) + (not is_again)
            self.appointments.pop(one.number, None)
            self.appointments[one.number] = one
        self.sent.append((send, request_id, answers))
        return answers[0]

    def accept(self, operation, expected):
        """The result is as specified, and its rules are in the documented order."""
        rules = rules_of(operation.result)
        assert rules == sorted(set(rules))
        assert set(rules) & OF_TIMES_AND_PLACES == expected
        if "BK-11" in expected:  # the person's own appointments are not read
            operation = copy_with(operation, requested=copy_with(operation.requested, applicant=NOBODY))
        if not rules:
            self.accepted.append(operation)
        elif set(rules) <= OF_TIMES_AND_PLACES:
            self.would_grant(operation)
            return
        else:
            verdicts = tuple(one for one in operation.result.verdicts if one.rule_id not in OF_TIMES_AND_PLACES)
            self.accepted.append(copy_with(operation, result=Refused(verdicts)))
        self.states = self.states_after()
        assert self.states, f"no place for {operation}"

    def would_grant(self, operation):
        """The specification has no rule against the request. As it may come again, the states have its answer."""
        unknown = copy_with(operation, result=None)
        states = self.states_after(unknown, again=unknown)
        answers = {answer for state in states for _, answer in state.answers}
        assert answers
        assert not any(isinstance(answer, frozenset) for answer in answers), f"refused by {answers}"

    def states_after(self, *operations, again=None):
        """The states that are possible after the accepted operations and these; `again` may come later."""
        line = [*self.accepted, *operations]
        specification = BookingSpecification(self.slots, RULEBOOK, [*line, again] if again else line)
        states = {specification.start()}
        for place, each in enumerate(line):
            states = {after for state in states for after in specification.after(state, place, each.latest)}
        return states

    def running(self):
        """The appointments that have a seat now."""
        if not hasattr(self, "states"):
            return []
        now = self.clock.now()
        [names] = {frozenset(seat.name for seat in state.seats if runs(seat, now)) for state in self.states}
        return [one for one in self.appointments.values() if one.number in names]

    def booked(self):
        return [one for one in self.running() if one.state is AppointmentState.BOOKED]

    def wait_until(self, before, pick):
        """Wait until that long before the start of a booked appointment, unless that has passed; return it."""
        booked = self.booked()
        in_time = [one for one in booked if one.slot.starts_at - before >= self.clock.now()]
        one = self.picked_of(in_time or booked, pick)
        self.clock.move_to(max(self.clock.now(), one.slot.starts_at - before))
        return one

    def held(self):
        """The appointments whose last result is a hold that was not given back, run out or not."""
        names = {seat.name for state in self.states for seat in state.seats}
        return [one for one in self.appointments.values() if one.number in names and one.hold_ends_at is not None]

    def limits_to_come(self):
        """The times, soonest first, at which a rule's result for an appointment or for a slot changes."""
        limits = {one.hold_ends_at for one in self.held()} | {key_of(self.soonest(slot)).starts_at for slot in DAILY}
        for one in self.running():
            start = one.slot.starts_at
            limits |= {start - EARLY, start - CUT_OFF, start + LATE, one.slot_ends_at, one.changed_at + GRACE}
        return sorted(limit for limit in limits if limit > self.clock.now())

    def soonest(self, slot):
        """A daily slot on the first day on which it has not started, or starts just now."""
        if slot in DAILY:
            branch, service, start = slot
            while START + start * MINUTE < self.clock.now():
                start += DAY
            return branch, service, start
        return slot

    def broken_of_slot(self, slot, *, agreed=True):
        branch, service, _ = slot
        starts_at, now = key_of(slot).starts_at, self.clock.now()
        return broken(
            BK_01=service not in OFFERED[branch],
            BK_02=not is_in_timetable(*slot),
            BK_03=starts_at <= now,
            BK_04=starts_at > now + HORIZON,
            BK_06=not agreed,
            BK_10=service == "foreign",  # for residents; the people here are citizens
        )

    @staticmethod
    def broken_of_actor(actor, person):
        return broken(BK_11=actor not in {CLERK, made_up_person(person)})

    @staticmethod
    def of_person(desk, answer):
        """The answer with the person instead of the subject, which each desk draws at random."""
        if isinstance(answer, Refused):
            return answer
        person = AppointmentBook(desk.store).person_of(answer.appointment.applicant.subject)
        return type(answer)(copy_with(answer.appointment, applicant=person))

    def event_counts(self, desk):
        return {sent: len(AppointmentBook(desk.store).history(sent)) for sent in self.appointments}

    def everything(self):
        """All that the desks show of all people."""
        return [
            (desk.appointments(made_up_person(person)), self.event_counts(desk))
            for desk in self.desks
            for person in range(PEOPLE)
        ]

    @staticmethod
    def actor(by, person):
        return CLERK if by == "clerk" else made_up_person(person if by == "self" else (person + 1) % PEOPLE)

    def may_act(self, actor, one):
        return actor in {CLERK, made_up_person(self.owners[one.number])}

    @staticmethod
    def picked_of(appointments, pick):
        return appointments[-1 - (pick - 1) % len(appointments)]

    def picked(self, pick, by):
        """An appointment and the actor; None stands for a number that was never given."""
        running = self.running()
        every = sorted(self.appointments.values(), key=running.__contains__)  # the last ones have a seat
        one = self.picked_of(every, pick) if pick else None
        return one, self.actor(by, self.owners[one.number] if one else 0)


DeskAgainstSpecification.TestCase.settings = settings(
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestDeskAgainstSpecification = DeskAgainstSpecification.TestCase
