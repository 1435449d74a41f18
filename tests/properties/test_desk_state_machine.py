"""Any sequence of requests has the same outcomes on the memory store, the SQLite store and a model in plain lists."""

from datetime import timedelta
from functools import reduce
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve as copy_with
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests import booking_model
from tests.bookings import FAR_AHEAD, LONG_AGO, number
from tests.calendars import PLAIN
from tests.cases import slot_key
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import Booked, Cancelled, CheckedIn, Clerk, Desk, Held, Moved, Refused, RequestMismatch
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.appointments.appointment import evolve
from traffic_booking.domain.schedule.slots import SlotRange
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock, made_up_person

PEOPLE = 3
DAY = 24 * 60
HOT = [
    ("north", "renewal", 60),
    ("north", "renewal", 75),
    ("north", "transfer", 60),
    ("south", "transfer", 80),
    ("south", "renewal", 60),
    ("south", "renewal", 360),
    ("north", "transfer", DAY + 60),
]
COLD = [
    ("north", "renewal", 67),  # no slot
    ("north", "transfer", 75),  # no slot either
    ("south", "foreign", 60),  # not offered there
    ("north", "foreign", 60),  # for residents
    ("north", "renewal", 5 * DAY + 60),  # a Friday
    ("north", "renewal", 63 * DAY + 60),  # beyond the horizon, on a Sunday
]
NAMES = {
    Held: "held",
    Booked: "booked",
    Cancelled: "cancelled",
    Moved: "moved",
    CheckedIn: "checked in",
}
people = st.integers(0, PEOPLE - 1)
slots = st.sampled_from(HOT * 6 + COLD)
# Mostly the person, sometimes a clerk or another person.
actors = st.sampled_from(["self"] * 6 + ["clerk", "clerk", "other"])
picks = st.integers(0, 30)


class InTurn:
    """The same numbers on each desk: one after another."""

    def __init__(self):
        self.serials = count(1)

    def draw(self, code):
        return number(next(self.serials))


def key_of(slot):
    branch, service, start = slot
    return slot_key(branch, service, START + timedelta(minutes=start))


class DeskAgainstModel(RuleBasedStateMachine):
    """Two desks and the model, side by side, under one clock."""

    @initialize(capacity=st.sampled_from([1, 1, 2]))
    def open(self, capacity):
        self.folder = TemporaryDirectory()
        self.clock = MovableClock(START)
        self.model = booking_model.BookingModel(capacity)
        self.desks = [
            Desk(
                store=store,
                clock=self.clock,
                catalogue=small_catalogue(capacity=capacity),
                rulebook=small_rulebook("test-1", **booking_model.FIGURES),
                calendar=PLAIN,
                numbering=InTurn(),
                tickets={},
                retention=RETENTION,
            )
            for store in (MemoryStore(), SqliteStore(Path(self.folder.name) / "bookings.db"))
        ]
        self.sent = []
        self.numbers = {}  # the model's name of an entry → its appointment number
        self.requests, self.fresh_people = count(), count(PEOPLE)

    def teardown(self):
        if hasattr(self, "folder"):
            for desk in self.desks:
                desk.close()
            self.folder.cleanup()

    @rule(person=people, slot=slots, by=actors)
    def hold(self, person, slot, by):
        self.hold_as(person, slot, self.actor(by, person))

    @rule(person=people, slot=slots, by=actors, agreed=st.sampled_from([True, True, True, False]))
    def book(self, person, slot, by, agreed):
        actor = self.actor(by, person)
        expected = self.model.book(actor, person, slot, agreed)
        applicant, key = made_up_person(person), key_of(slot)
        self.ask(
            expected,
            lambda desk, request_id: desk.book(
                key, applicant=applicant, agreed=agreed, by=self.known(actor), request_id=request_id
            ),
        )

    @rule(pick=picks)
    @precondition(lambda self: self.model.held())
    def book_what_is_or_was_held(self, pick):
        held = self.model.held()
        entry = held[-1 - pick % len(held)]
        self.book(entry["person"], entry["slot"], "self", agreed=True)

    @rule(pick=picks, by=actors)
    @precondition(lambda self: self.model.entries)
    def cancel(self, pick, by):
        entry = self.entry(pick)
        actor = self.actor(by, entry["person"] if entry else 0)
        free_before = entry and self.model.capacity - self.model.seats(entry["slot"])
        kind, _ = self.cancel_as(entry, actor)
        if kind == "cancelled":
            assert self.model.capacity - self.model.seats(entry["slot"]) == free_before + 1
            self.seat_is_had_at_once(entry["slot"])

    @rule(pick=picks, slot=slots, by=actors, agreed=st.booleans())
    @precondition(lambda self: self.model.entries)
    def move(self, pick, slot, by, agreed):
        entry = self.entry(pick)
        actor = self.actor(by, entry["person"] if entry else 0)
        before = entry and entry["slot"]
        free_before = entry and self.model.capacity - self.model.seats(before)
        expected = self.model.move(actor, entry and entry["name"], slot, agreed)
        sent, key = self.number_of(entry), key_of(slot)
        self.ask(
            expected,
            lambda desk, request_id: desk.move(sent, key, by=self.known(actor), agreed=agreed, request_id=request_id),
        )
        if expected[0] == "moved" and slot != before:
            assert self.model.capacity - self.model.seats(before) == free_before + 1
            self.seat_is_had_at_once(before)

    @rule(pick=picks, by=st.sampled_from(["clerk"] * 4 + ["self"]))
    @precondition(lambda self: self.model.entries)
    def check_in(self, pick, by):
        entry = self.entry(pick)
        actor = self.actor(by, entry["person"] if entry else 0)
        expected = self.model.check_in(actor, entry and entry["name"])
        sent = self.number_of(entry)
        self.ask(expected, lambda desk, request_id: desk.check_in(sent, by=self.known(actor), request_id=request_id))

    @rule(minutes=st.sampled_from([1, 5, 9, 10, 10, 11, 20, 45, 300]))
    def wait(self, minutes):
        self.model.now += minutes
        self.clock.advance(timedelta(minutes=minutes))

    @rule(pick=st.integers(0, 3))
    @precondition(lambda self: self.model.limits_to_come(HOT))
    def wait_for_a_limit(self, pick):
        """The result of a rule changes at this very minute."""
        limits = self.model.limits_to_come(HOT)
        self.wait(limits[min(pick, len(limits) - 1)] - self.model.now)

    @rule(limit=st.sampled_from([1, 2, 100]))
    def sweep(self, limit):
        ended = [desk.expire_holds(limit=limit) for desk in self.desks]
        assert ended[0] == ended[1]

    @rule(pick=picks)
    @precondition(lambda self: self.sent)
    def ask_again(self, pick):
        send, request_id, answers = self.sent[pick % len(self.sent)]
        before = self.everything()
        assert [send(desk, request_id) for desk in self.desks] == answers
        assert self.everything() == before

    @rule(person=people, slot=slots, pick=picks)
    @precondition(lambda self: self.sent)
    def ask_something_else_under_a_used_request_id(self, person, slot, pick):
        _, request_id, _ = self.sent[pick % len(self.sent)]
        before = self.everything()
        for desk in self.desks:
            with pytest.raises(RequestMismatch):
                desk.hold(key_of(slot), applicant=made_up_person(99), by=Clerk("nobody"), request_id=request_id)
        assert self.everything() == before

    @invariant()
    def seats_are_within_bounds_and_those_of_the_model(self):
        for desk in getattr(self, "desks", ()):
            ranges = {(branch, service) for branch, service, _ in HOT + COLD}
            seats_taken = AppointmentBook(desk.store).seats_taken(
                [
                    SlotRange(branch=key.branch, service=key.service, from_=LONG_AGO, until=FAR_AHEAD)
                    for key in (slot_key(*where) for where in ranges)
                ],
                lapsed_by=self.clock.now(),
            )
            assert set(seats_taken) <= {key_of(slot) for slot in HOT}
            for slot in HOT:
                seats = seats_taken.get(key_of(slot))
                assert seats is None or 0 <= seats.lapsed <= seats.seats <= self.model.capacity
                assert (seats.seats - seats.lapsed if seats else 0) == self.model.seats(slot)

    @invariant()
    def nobody_has_two_active_appointments_for_a_service(self):
        for desk in getattr(self, "desks", ()):
            for person in range(PEOPLE):
                mine = desk.appointments(made_up_person(person))
                active = [one.slot.service for one in (*mine.upcoming, *mine.held)]
                assert len(set(active)) == len(active)
                assert sorted(active) == sorted(entry["slot"][1] for entry in self.model.active(person))

    @invariant()
    def events_tell_every_appointment(self):
        for desk in getattr(self, "desks", ()):
            for sent in self.numbers.values():
                book = AppointmentBook(desk.store)
                stored, events = book.appointment(sent), book.history(sent)
                assert [event.version for event in events] == list(range(1, len(events) + 1))
                assert reduce(evolve, events, None) == stored

    def hold_as(self, person, slot, actor):
        expected = self.model.hold(actor, person, slot)
        applicant, key = made_up_person(person), key_of(slot)
        return self.ask(
            expected,
            lambda desk, request_id: desk.hold(key, applicant=applicant, by=self.known(actor), request_id=request_id),
        )

    def cancel_as(self, entry, actor):
        expected = self.model.cancel(actor, entry and entry["name"])
        sent = self.number_of(entry)
        return self.ask(
            expected, lambda desk, request_id: desk.cancel(sent, by=self.known(actor), request_id=request_id)
        )

    def seat_is_had_at_once(self, slot):
        """A new person holds the slot, and gives it back."""
        if slot[2] > self.model.now:
            somebody = next(self.fresh_people)
            kind, name = self.hold_as(somebody, slot, somebody)
            assert kind == "held"
            assert self.cancel_as(self.model.entry(name), somebody)[0] == "cancelled"

    def ask(self, expected, send):
        """Send a request to both desks: they answer like the model, and a granted request has its event."""
        request_id = f"request-{next(self.requests)}"
        before = [self.event_counts(desk) for desk in self.desks]
        answers = [send(desk, request_id) for desk in self.desks]
        of_persons = [self.of_person(desk, answer) for desk, answer in zip(self.desks, answers, strict=True)]
        assert of_persons[0] == of_persons[1]
        kind, detail = expected
        match answers[0]:
            case Refused(verdicts):
                assert ("refused", [verdict.rule_id for verdict in verdicts]) == (kind, detail)
                assert not any(verdict.granted for verdict in verdicts)
            case done:
                assert NAMES[type(done)] == kind
                one = done.appointment
                assert self.numbers.setdefault(detail, one.number) == one.number
                assert of_persons[0].appointment.applicant == made_up_person(self.model.entry(detail)["person"])
                for desk, counts, answer in zip(self.desks, before, answers, strict=True):
                    assert AppointmentBook(desk.store).appointment(one.number) == answer.appointment
                    again = isinstance(done, Held) and one.number in counts
                    again |= isinstance(done, Moved) and not self.model.entry(detail)["moved"]
                    assert len(AppointmentBook(desk.store).history(one.number)) == counts.get(one.number, 0) + (
                        not again
                    )
        self.sent.append((send, request_id, answers))
        return expected

    @staticmethod
    def of_person(desk, answer):
        """The answer with the person instead of the subject, which each desk draws at random."""
        if isinstance(answer, Refused):
            return answer
        person = AppointmentBook(desk.store).person_of(answer.appointment.applicant.subject)
        return type(answer)(copy_with(answer.appointment, applicant=person))

    def event_counts(self, desk):
        return {sent: len(AppointmentBook(desk.store).history(sent)) for sent in self.numbers.values()}

    def everything(self):
        """All that the desks show of all people."""
        return [
            (desk.appointments(made_up_person(person)), self.event_counts(desk))
            for desk in self.desks
            for person in range(PEOPLE)
        ]

    def actor(self, by, person):
        return {"self": person, "clerk": booking_model.CLERK, "other": (person + 1) % PEOPLE}[by]

    @staticmethod
    def known(actor):
        return Clerk("counter-3") if actor == booking_model.CLERK else made_up_person(actor)

    def entry(self, pick):
        """One of the model's entries; None stands for a number that was never given."""
        entries = self.model.entries
        return entries[pick % len(entries)] if entries and pick else None

    def number_of(self, entry):
        return self.numbers[entry["name"]] if entry else number(9_999)


DeskAgainstModel.TestCase.settings = settings(
    max_examples=max(1, settings().max_examples // 3),  # an example is 40 requests at two desks
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestDeskAgainstModel = DeskAgainstModel.TestCase
