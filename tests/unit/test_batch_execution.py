"""A request is executed while another caller commits in between: it is decided anew, a bounded number of times."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.bookings import number, seats_taken, slot
from tests.calendars import PLAIN
from tests.one_slot import requests_read
from tests.people import ME, YOU
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from tests.waiting_line import prepares
from traffic_booking import (
    AppointmentState,
    Booked,
    Cancelled,
    Desk,
    DeskParts,
    Held,
    Refused,
    RequestMismatch,
    StoreContended,
    System,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.application.pending_requests import ATTEMPTS
from traffic_booking.domain.decisions.changes import Guard
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.schema import APPOINTMENTS, PEOPLE, SEATS
from traffic_booking.ports.primitives import FailedGuard, StoreConflict
from traffic_booking.testing import MovableClock, made_up_person


class Between(MemoryStore):
    """A store that runs a function just after some facts were read, or instead of some commits."""

    def __init__(self):
        super().__init__()
        self.commits = self.reads = 0
        self.after_facts: Callable[[int], object] = lambda _count: None
        self.conflict: Callable[[int], StoreConflict | None] = lambda _count: None

    def read(self, queries):
        found = super().read(queries)
        if requests_read(queries):
            self.reads += 1
            self.after_facts(self.reads)
        return found

    def commit(self, changes):
        if prepares(changes):
            return super().commit(changes)
        self.commits += 1
        conflict = self.conflict(self.commits)
        return super().commit(changes) if conflict is None else [conflict for _ in changes]


class InTurn:
    """Numbers drawn from a list, so that some are drawn twice; then at random."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)
        self.drawn = []

    def draw(self, code):
        self.drawn.append(self.numbers.pop(0) if self.numbers else RandomNumbering().draw(code))
        return self.drawn[-1]


@pytest.fixture
def store():
    made = Between()
    book = AppointmentBook(made)
    book.open_calendars([branch.id for branch in small_catalogue().branches])
    book.open_persons()
    made.commits = 0
    return made


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(store, clock):
    return desk_over(store, clock)


def desk_over(store, clock, *, capacity=1, numbering=None):
    return Desk(
        DeskParts(
            store=store,
            clock=clock,
            catalogue=small_catalogue(capacity=capacity),
            rulebook=small_rulebook(),
            calendar=PLAIN,
            numbering=numbering or RandomNumbering(),
            tickets={},
            retention=RETENTION,
        )
    )


def conflicts(guard, times, *, at=None):
    """Conflicts of that guard, so many times."""
    name, key = {
        Guard.PERSON_STATE: (PEOPLE.name, "somebody"),
        Guard.APPOINTMENT: (APPOINTMENTS.name, number(1)),
        Guard.SEATS: (SEATS.name, seat_key(at or slot())),
    }[guard]
    return lambda count: StoreConflict((FailedGuard(name, key, 1),)) if count <= times else None


def state_of(store, appointment):
    found = AppointmentBook(store).appointment(appointment.number)
    return found and found.state


def book(desk, person=ME, at=None, request_id="mine"):
    return desk.book(at or slot(), applicant=person, agreed=True, request_id=request_id)


@pytest.mark.parametrize("guard", [Guard.PERSON_STATE, Guard.APPOINTMENT, Guard.SEATS])
@pytest.mark.parametrize("times", [1, 2, ATTEMPTS - 1])
def test_a_request_that_meets_newer_changes_is_decided_again(store, desk, guard, times):
    store.conflict = conflicts(guard, times, at=slot())

    assert isinstance(book(desk), Booked)
    assert (store.commits, store.reads) == (times + 1, times + 1)
    assert seats_taken(store) == 1


@pytest.mark.parametrize("guard", [Guard.PERSON_STATE, Guard.APPOINTMENT])
def test_after_the_last_attempt_the_caller_gets_an_error_to_try_again_and_nothing_is_written(store, desk, guard):
    store.conflict = conflicts(guard, ATTEMPTS)

    with pytest.raises(StoreContended, match=rf"^request: got a conflict .* in each of {ATTEMPTS} attempts; expected"):
        book(desk)
    assert (store.commits, seats_taken(store)) == (ATTEMPTS, 0)
    assert isinstance(book(desk), Booked)


@pytest.mark.rule("BK-05")
def test_a_seat_that_is_gone_every_time_is_refused_by_the_rule_about_seats(store, desk):
    store.conflict = conflicts(Guard.SEATS, ATTEMPTS, at=slot())

    outcome = book(desk)

    assert isinstance(outcome, Refused)
    assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-05"]
    assert outcome.verdicts[0].statement("en") == "The slot has a free seat."
    assert store.commits == ATTEMPTS + 1
    assert book(desk) == outcome


@pytest.mark.parametrize("registered", [True, False])
def test_a_refusal_for_want_of_a_seat_gives_way_to_an_answer_that_came_first(store, desk, clock, registered):
    if registered:
        desk.cancel(number(9), by=ME, request_id="registers")
        store.commits = 0
    other_desk, no_seat, first = desk_over(store, clock), conflicts(Guard.SEATS, ATTEMPTS), []

    def meanwhile(count):
        if count == ATTEMPTS + 1:
            first.append(book(other_desk))
        return no_seat(count)

    store.conflict = meanwhile
    assert [book(desk)] == first
    assert isinstance(first[0], Booked)


def test_a_refusal_for_want_of_a_seat_is_written_though_somebody_else_registers_the_person_first(store, desk, clock):
    other_desk, no_seat = desk_over(store, clock), conflicts(Guard.SEATS, 1)(1)
    refusals = [ATTEMPTS + 1, ATTEMPTS + 4]  # the commit between them registers the person, the next one finds no seat

    def meanwhile(count):
        if count == refusals[0]:
            other_desk.cancel(number(9), by=ME, request_id="registers")
        return None if count in {*refusals, ATTEMPTS + 2} else no_seat

    store.conflict = meanwhile
    refused = book(desk)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-05"]
    answer = AppointmentBook(store).answer(RequestId("mine"))
    assert answer is not None
    assert answer.outcome == refused


def test_seats_that_cannot_be_given_back_are_no_refusal_of_a_cancellation(store, desk):
    """A store with a wrong count is no reason to refuse a request because of missing seats."""
    booked = book(desk)
    store.conflict = conflicts(Guard.SEATS, 1 + ATTEMPTS, at=slot())

    with pytest.raises(StoreContended):
        desk.cancel(booked.appointment.number, by=ME, request_id="cancel")


def test_a_request_that_loses_the_last_seat_in_between_is_refused(store, desk, clock):
    theirs = desk_over(store, clock)
    store.after_facts = lambda count: book(theirs, YOU, request_id="theirs") if count == 1 else None

    outcome = book(desk)

    assert isinstance(outcome, Refused)
    assert [(v.rule_id, v.observed, v.limit) for v in outcome.verdicts] == [("BK-05", 1, 1)]
    assert seats_taken(store) == 1


@pytest.mark.rule("BK-07")
def test_one_person_asking_twice_at_once_for_two_slots_gets_one(store, desk, clock):
    again = desk_over(store, clock)
    store.after_facts = lambda count: book(again, ME, slot(2), request_id="other") if count == 1 else None

    outcome = book(desk)

    assert isinstance(outcome, Refused)
    assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-07"]
    assert len(desk.appointments(ME).upcoming) == 1


def test_the_same_request_sent_twice_at_once_is_done_once_and_answered_alike(store, desk, clock):
    again = desk_over(store, clock)
    answers = []
    store.after_facts = lambda count: answers.append(book(again)) if count == 1 else None

    assert book(desk) == answers[0]
    assert len(desk.appointments(ME)) == 1
    assert seats_taken(store) == 1


def test_two_different_requests_at_once_under_one_id_are_distinguished(store, desk, clock):
    theirs = desk_over(store, clock)
    store.after_facts = lambda count: book(theirs, YOU, slot(2)) if count == 1 else None

    with pytest.raises(RequestMismatch):
        book(desk)
    assert len(desk.appointments(ME)) == 0


def test_a_number_that_is_in_use_is_drawn_again(store, clock):
    numbering = InTurn(number(1), number(1), number(1), number(2))
    desk = desk_over(store, clock, capacity=2, numbering=numbering)

    first, second = book(desk), book(desk, YOU, request_id="theirs")

    assert (first.appointment.number, second.appointment.number) == (number(1), number(2))
    assert store.commits == 4
    assert desk.person_of(desk.appointment(number(1), by=ME).applicant.subject, by=System()) == ME


def test_a_person_whose_number_was_drawn_again_passes_the_audit(store, clock):
    desk = desk_over(store, clock, capacity=2, numbering=InTurn(number(1), number(1), number(2)))

    booked = [book(desk), book(desk, at=slot(3, "transfer"), request_id="second")]

    assert [outcome.appointment.number for outcome in booked] == [number(1), number(2)]
    assert desk.audit.verify().broken == ()


def test_numbers_that_are_all_in_use_end_in_an_error(store, clock):
    desk = desk_over(store, clock, capacity=2, numbering=InTurn(*[number(1)] * (ATTEMPTS + 1)))
    book(desk)

    with pytest.raises(StoreContended):
        book(desk, YOU, request_id="theirs")


def test_an_expired_hold_makes_room_for_the_next_request(store, desk, clock):
    held = desk.hold(slot(), applicant=YOU, request_id="hold")
    clock.advance(timedelta(minutes=10))

    assert isinstance(book(desk), Booked)
    assert desk.appointment(held.appointment.number, by=YOU).state is AppointmentState.EXPIRED
    assert seats_taken(store) == 1


def test_a_hold_with_a_moment_left_makes_no_room(store, desk, clock):
    desk.hold(slot(), applicant=YOU, request_id="hold")
    clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))

    assert isinstance(book(desk), Refused)
    assert desk.appointments(YOU).held


@pytest.mark.rule("BK-05")
def test_a_hold_that_a_sweep_ends_in_between_keeps_nobody_from_its_seat(store, desk, clock):
    """The facts show the seat as taken, then the hold is ended, so the list of expired holds is empty."""
    desk.hold(slot(), applicant=YOU, request_id="hold")
    clock.advance(timedelta(minutes=10))
    sweeper, reads = desk_over(store, clock), store.reads
    store.after_facts = lambda count: sweeper.maintenance.expire_holds() if count == reads + 1 else None

    assert isinstance(book(desk), Booked)
    assert seats_taken(store) == 1


@pytest.mark.rule("BK-05")
def test_a_seat_that_the_applicant_got_in_between_is_not_refused_to_them(store, desk, clock):
    """As many seats are taken as before: one expired hold was ended, and the applicant has its seat."""
    desk.hold(slot(), applicant=YOU, request_id="theirs")
    clock.advance(timedelta(minutes=10))
    other, reads = desk_over(store, clock), store.reads
    holds = {reads + 1: lambda: other.hold(slot(), applicant=ME, request_id="held")}
    store.after_facts = lambda count: holds.pop(count, lambda: None)()

    assert isinstance(book(desk), Booked)
    assert seats_taken(store) == 1


@pytest.mark.rule("BK-05")
@pytest.mark.rule("BK-09")
def test_a_refusal_has_the_facts_of_one_moment(store, desk, clock):
    """The other reason for the refusal is gone when another applicant has got the seat."""
    wanted = slot(hours=6)
    desk.hold(wanted, applicant=YOU, request_id="theirs")
    mine = book(desk, ME, slot(hours=6, service="transfer"), request_id="clash")
    assert isinstance(mine, Booked)
    clock.advance(timedelta(minutes=10))
    other, reads = desk_over(store, clock), store.reads

    def cancel_and_lose_the_seat():
        assert isinstance(other.cancel(mine.appointment.number, by=ME, request_id="cancel"), Cancelled)
        assert isinstance(book(other, made_up_person(9), wanted, request_id="quicker"), Booked)

    between = {reads + 1: cancel_and_lose_the_seat}
    store.after_facts = lambda count: between.pop(count, lambda: None)()
    refused = book(desk, ME, wanted)

    assert isinstance(refused, Refused)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-05"]


@pytest.mark.rule("BK-05")
def test_a_full_slot_is_refused_at_the_first_attempt(store, desk):
    book(desk, YOU, request_id="theirs")
    commits = store.commits

    assert isinstance(book(desk), Refused)
    assert store.commits == commits + 1


def test_of_a_booking_and_the_end_of_its_hold_exactly_one_wins(store, desk, clock):
    held = desk.hold(slot(), applicant=ME, request_id="hold")
    assert isinstance(held, Held)
    sweeper, reads = desk_over(store, clock), store.reads

    def run_out(count):
        if count == reads + 1:
            clock.advance(timedelta(minutes=10))
            assert sweeper.maintenance.expire_holds() == 1

    store.after_facts = run_out
    outcome = book(desk)

    assert isinstance(outcome, Booked)
    assert outcome.appointment.number != held.appointment.number
    assert desk.appointment(held.appointment.number, by=ME).state is AppointmentState.EXPIRED
    assert seats_taken(store) == 1


def test_of_two_cancellations_at_once_one_is_refused(store, desk, clock):
    later = slot(6)
    one = book(desk, at=later).appointment
    other, reads = desk_over(store, clock), store.reads
    first = []
    store.after_facts = lambda count: (
        first.append(other.cancel(one.number, by=ME, request_id="first")) if count == reads + 1 else None
    )

    second = desk.cancel(one.number, by=ME, request_id="second")

    assert isinstance(first[0], Cancelled)
    assert isinstance(second, Refused)
    assert [verdict.rule_id for verdict in second.verdicts] == ["CN-02"]
    assert seats_taken(store, later) == 0


def test_holds_are_ended_in_the_order_of_their_ends_and_no_more_than_requested(store, clock):
    desk = desk_over(store, clock, capacity=9)
    held = []
    for serial in range(3):
        held.append(desk.hold(slot(), applicant=made_up_person(serial), request_id=f"hold-{serial}").appointment)
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(minutes=8))  # the first two have run out

    assert desk.maintenance.expire_holds(limit=1) == 1
    assert state_of(store, held[0]) is AppointmentState.EXPIRED
    assert desk.maintenance.expire_holds() == 1
    assert desk.maintenance.expire_holds() == 0
    assert state_of(store, held[2]) is AppointmentState.HELD
    assert seats_taken(store) == 1
