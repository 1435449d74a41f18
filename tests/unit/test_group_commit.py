"""Requests to one desk share a batch: one read, decisions in turn, one commit; each caller gets its own result alone.

Over 400 lines: all guarantees to callers that share a batch, over one waiting line.
"""

import signal
from functools import partial
from threading import Event, Semaphore, Thread, get_ident

import pytest

from tests.bookings import person_state_of, seats_taken, slot
from tests.calendars import exception
from tests.one_slot import PATIENCE_SECONDS, small_desk, without_seat_guard
from tests.people import ME, YOU
from tests.small_town import START
from tests.waiting_line import WatchedStore, held_up, reported_then_waiting, seen_line
from traffic_booking import (
    Booked,
    Cancelled,
    Clerk,
    Declared,
    NotFound,
    Refused,
    RequestMismatch,
    StoreUnavailable,
    System,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application.group_commit import GroupCommit
from traffic_booking.domain.decisions.facts import FactsInTurn
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import made_up_person

FIRST = made_up_person(100)
WAITERS = 12


def stranger(serial):
    return made_up_person(200 + serial)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made = WatchedStore(MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db"))
    yield made
    made.close()


@pytest.fixture
def desk(store):
    return small_desk(store, capacity=1)


def first(desk):
    """The request that keeps the others waiting, for a slot that no other request wants."""
    return partial(desk.book, slot(5), applicant=FIRST, agreed=True, request_id="first")


def book(desk, person, at, request_id):
    return partial(desk.book, at, applicant=person, agreed=True, request_id=request_id)


def strangers(desk, count):
    """People with nothing in common, each for a slot of their own."""
    return [book(desk, stranger(serial), slot(1 + serial / 4), f"theirs-{serial}") for serial in range(count)]


def rules_of(refused):
    assert isinstance(refused, Refused)
    return [verdict.rule_id for verdict in refused.verdicts]


def test_a_caller_that_comes_alone_makes_one_read_and_one_commit_of_its_own(store, desk):
    assert isinstance(first(desk)(), Booked)

    assert (store.reads, store.commits) == ([1], [1])
    assert not desk._office.group_commit._line


def test_all_who_wait_are_served_by_one_read_and_one_commit(store, desk):
    outcomes = held_up(desk, store, first(desk), *strangers(desk, WAITERS))

    assert [type(outcome) for outcome in outcomes] == [Booked] * (1 + WAITERS)
    assert (store.reads, store.commits) == ([1, WAITERS], [1, WAITERS])
    booked = {desk.person_of(outcome.appointment.applicant.subject, by=System()) for outcome in outcomes[1:]}
    assert booked == set(map(stranger, range(WAITERS)))


def test_no_caller_gets_a_result_before_the_commit_of_all_has_returned(store, desk):
    outcomes: list[object] = []
    before: list[object] = []

    def noted(call):
        outcomes.append(call())

    calls = [partial(noted, call) for call in strangers(desk, WAITERS)]
    store.after_commit[2] = lambda: before.extend(outcomes)

    held_up(desk, store, first(desk), *calls)

    assert before == []
    assert len(outcomes) == WAITERS


def test_an_error_of_one_request_reaches_its_caller_alone(store, desk):
    before, after = strangers(desk, 2)
    nowhere = book(desk, YOU, slot(branch="nowhere"), "nowhere")

    outcomes = held_up(desk, store, first(desk), before, nowhere, after)

    assert [type(outcome) for outcome in outcomes] == [Booked, Booked, NotFound, Booked]
    assert (store.reads, store.commits) == ([1, 3], [1, 2])


def fail_with(error):
    def fail():
        raise error

    return fail


def test_when_the_store_fails_each_caller_of_the_batch_gets_an_error_of_their_own(store, desk):
    store.before_commit[2] = fail_with(StoreUnavailable("the disk is full"))
    calls = strangers(desk, 3)

    outcomes = held_up(desk, store, first(desk), *calls)

    assert [type(outcome) for outcome in outcomes] == [Booked] + [StoreUnavailable] * 3
    assert [str(error) for error in outcomes[1:]] == ["the disk is full"] * 3
    assert len(set(map(id, outcomes))) == 4
    assert outcomes[2].__cause__ is outcomes[3].__cause__ is outcomes[1]
    assert store.commits == [1, 3]
    assert [type(call()) for call in calls] == [Booked] * 3


def test_a_lost_reply_is_made_good_by_the_same_requests_again(store, desk):
    store.after_commit[2] = fail_with(StoreUnavailable("no reply"))
    calls = strangers(desk, 3)

    outcomes = held_up(desk, store, first(desk), *calls)

    assert [type(outcome) for outcome in outcomes[1:]] == [StoreUnavailable] * 3
    assert [type(call()) for call in calls] == [Booked] * 3
    assert [len(desk.appointments(stranger(serial))) for serial in range(3)] == [1] * 3


def test_after_any_other_error_each_request_is_executed_alone_and_only_the_faulty_one_gets_it(store, desk):
    defect = ZeroDivisionError("a defect")
    store.before_commit[2] = fail_with(ZeroDivisionError("of all together"))
    store.before_commit[4] = fail_with(defect)

    outcomes = held_up(desk, store, first(desk), *strangers(desk, 3))

    assert [type(outcome) for outcome in outcomes] == [Booked, Booked, ZeroDivisionError, Booked]
    assert outcomes[2] is defect
    assert defect.__context__ is None
    assert store.commits == [1, 3, 1, 1, 1]


@pytest.mark.rule("BK-07")
def test_of_two_requests_of_one_person_in_a_batch_the_first_is_granted(store, desk):
    outcomes = held_up(desk, store, first(desk), book(desk, ME, slot(1), "one"), book(desk, ME, slot(2), "two"))

    assert isinstance(outcomes[1], Booked)
    assert rules_of(outcomes[2]) == ["BK-07"]
    assert person_state_of(store).appointments == (outcomes[1].appointment.as_listed(),)


def test_two_requests_of_one_person_that_go_together_are_both_granted(store, desk):
    other = slot(2, "transfer")

    outcomes = held_up(desk, store, first(desk), book(desk, ME, slot(1), "one"), book(desk, ME, other, "two"))

    assert [type(outcome) for outcome in outcomes] == [Booked] * 3
    assert store.commits == [1, 1, 1], "a batch changes a person once"


@pytest.mark.rule("BK-07")
def test_a_person_booked_by_another_desk_is_not_booked_again_by_a_later_request_of_the_batch(store, desk):
    """The first request conflicts with the other desk's change; the next one then finds another version."""
    elsewhere = small_desk(store._store)
    store.before_commit[2] = book(elsewhere, ME, slot(3, "transfer"), "elsewhere")

    outcomes = held_up(
        desk, store, first(desk), book(desk, ME, slot(1), "one"), book(desk, ME, slot(2, "transfer"), "two")
    )

    assert [type(outcome) for outcome in outcomes[:2]] == [Booked, Booked]
    assert rules_of(outcomes[2]) == ["BK-07"]


def test_one_request_sent_twice_into_a_batch_is_executed_once_and_answered_alike(store, desk):
    again = book(desk, ME, slot(1), "one")

    outcomes = held_up(desk, store, first(desk), again, again, again)

    assert isinstance(outcomes[1], Booked)
    assert outcomes[1] == outcomes[2] == outcomes[3]
    assert (seats_taken(store, slot(1)), len(desk.appointments(ME))) == (1, 1)


def test_another_request_under_the_id_of_a_neighbour_is_refused(store, desk):
    outcomes = held_up(desk, store, first(desk), book(desk, ME, slot(1), "one"), book(desk, YOU, slot(2), "one"))

    assert isinstance(outcomes[1], Booked)
    assert isinstance(outcomes[2], RequestMismatch)
    assert len(desk.appointments(YOU)) == 0


@pytest.mark.rule("BK-05")
def test_the_last_seat_goes_to_the_first_request_and_the_rule_refuses_the_others(store, desk):
    calls = [book(desk, stranger(serial), slot(1), f"theirs-{serial}") for serial in range(WAITERS)]

    outcomes = held_up(desk, store, first(desk), *calls)

    assert isinstance(outcomes[1], Booked)
    assert [rules_of(outcome) for outcome in outcomes[2:]] == [["BK-05"]] * (WAITERS - 1)
    assert store.commits == [1, 1, WAITERS - 1]
    assert seats_taken(store, slot(1)) == 1


def test_a_seat_given_back_goes_to_the_next_in_the_same_batch(store, desk):
    theirs = book(desk, YOU, slot(6), "theirs")()
    store.commits.clear()
    cancel = partial(desk.cancel, theirs.appointment.number, by=YOU, request_id="cancel")

    outcomes = held_up(desk, store, first(desk), cancel, book(desk, ME, slot(6), "mine"))

    assert [type(outcome) for outcome in outcomes] == [Booked, Cancelled, Booked]
    assert seats_taken(store, slot(6)) == 1


@pytest.mark.rule("BK-05")
def test_nobody_is_refused_for_a_neighbour_who_did_not_get_the_seat_in_the_end(store, desk):
    """Another desk books for the neighbour in between: the seat of the neighbour's request stays free."""
    elsewhere = small_desk(store._store, capacity=1)
    store.before_commit[2] = book(elsewhere, ME, slot(3), "elsewhere")

    outcomes = held_up(desk, store, first(desk), book(desk, ME, slot(1), "mine"), book(desk, YOU, slot(1), "theirs"))

    assert rules_of(outcomes[1]) == ["BK-07"]
    assert isinstance(outcomes[2], Booked)


def test_a_request_with_a_conflict_is_repeated_and_keeps_nobody_waiting(store, desk):
    elsewhere = small_desk(store._store, capacity=1)
    seats_taken, *free = strangers(desk, 4)
    store.before_commit[2] = book(elsewhere, YOU, slot(1), "elsewhere")
    left, all_left = Semaphore(0), list[bool]()
    store.before_commit[3] = lambda: all_left.extend(left.acquire(timeout=PATIENCE_SECONDS) for _ in free)

    def leave(call):
        outcome = call()
        left.release()
        return outcome

    outcomes = held_up(desk, store, first(desk), seats_taken, *(partial(leave, call) for call in free))

    assert rules_of(outcomes[1]) == ["BK-05"]
    assert [type(outcome) for outcome in outcomes[2:]] == [Booked] * 3
    assert store.reads == [1, 4, 1]
    assert all_left == [True] * 3  # while the first of them is still at work


@pytest.mark.rule("BK-02")
def test_a_closure_binds_the_later_requests_in_the_line(store, desk):
    closed = exception(Effect.CLOSED, START.date())
    declare = partial(desk.calendar.declare, closed, reason="repairs", by=Clerk("counter-3"), request_id="closed")
    before, after = strangers(desk, 2)

    outcomes = held_up(desk, store, first(desk), before, declare, after)

    assert [type(outcome) for outcome in outcomes[:3]] == [Booked, Booked, Declared]
    assert rules_of(outcomes[3]) == ["BK-02"]
    assert store.commits == [1, 2, 1]


class WithoutSeatGuard(MemoryStore):
    """Broken on purpose: it never checks if there is a seat left."""

    def commit(self, changes):
        return super().commit([without_seat_guard(change) for change in changes])


def after_one_seat(store):
    """How many requests of one batch get a slot with one seat."""
    desk = small_desk(store, capacity=1)
    calls = [book(desk, stranger(serial), slot(1), f"theirs-{serial}") for serial in range(WAITERS)]
    return sum(isinstance(outcome, Booked) for outcome in held_up(desk, store, first(desk), *calls)[1:])


@pytest.mark.race
@pytest.mark.rule("BK-05")
def test_callers_of_one_desk_get_one_seat_once_even_where_the_store_would_give_it_to_all():
    assert after_one_seat(WatchedStore(WithoutSeatGuard())) == 1


@pytest.mark.race
def test_the_race_for_one_seat_catches_decisions_that_do_not_see_each_other(monkeypatch):
    monkeypatch.setattr(FactsInTurn, "applied_to", lambda _self, found, _persons: found)

    assert after_one_seat(WatchedStore(WithoutSeatGuard())) == WAITERS


def test_a_waiter_that_is_interrupted_leaves_the_line_and_nobody_else_does(store, desk):
    """The main thread waits in line, because only it can be interrupted."""
    line, in_commit, go_on = seen_line(desk._office.group_commit), Event(), Event()
    store.before_commit[1] = reported_then_waiting(in_commit, go_on)
    outcomes = {}
    callers = {"first": first(desk), "before": strangers(desk, 1)[0], "after": book(desk, YOU, slot(3), "after")}
    threads = {
        name: Thread(target=lambda name=name, call=call: outcomes.update({name: call()}))
        for name, call in callers.items()
    }

    main, interrupted = get_ident(), Event()

    def interrupt():
        line.wait_for_one_more()  # the main thread
        threads["after"].start()
        line.wait_for_one_more()
        while not interrupted.wait(0.1):  # a signal just before the main thread blocks wakes nobody
            signal.pthread_kill(main, signal.SIGINT)

    def interrupt_once(*_signal):
        if not interrupted.is_set():
            interrupted.set()
            raise KeyboardInterrupt

    threads["first"].start()
    assert in_commit.wait(PATIENCE_SECONDS)
    line.wait_for_one_more()
    threads["before"].start()
    line.wait_for_one_more()
    interrupter = Thread(target=interrupt)
    handler = signal.signal(signal.SIGINT, interrupt_once)
    try:
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            desk.book(slot(2), applicant=ME, agreed=True, request_id="mine")
    finally:
        signal.signal(signal.SIGINT, handler)
        go_on.set()
    for thread in (interrupter, *threads.values()):
        thread.join(PATIENCE_SECONDS)

    assert {name: type(outcome) for name, outcome in outcomes.items()} == dict.fromkeys(callers, Booked)
    assert store.commits == [1, 2]
    assert len(desk.appointments(ME)) == 0
    assert not desk._office.group_commit._line


@pytest.mark.parametrize("hook", ["before_commit", "after_commit"])
def test_when_the_serving_thread_is_interrupted_another_serves_the_rest(store, desk, hook):
    getattr(store, hook)[2] = fail_with(KeyboardInterrupt())
    calls = strangers(desk, 4)

    outcomes = held_up(desk, store, first(desk), *calls)

    assert [type(outcome) for outcome in outcomes] == [Booked, KeyboardInterrupt, Booked, Booked, Booked]
    assert [type(call()) for call in calls] == [Booked] * 4
    assert [len(desk.appointments(stranger(serial))) for serial in range(4)] == [1] * 4


def test_a_batch_has_its_bound_and_the_first_request_is_executed_first(store, desk):
    served = []

    def execute(requests):
        served.append([request.query.request_id for request in requests])
        desk._office.execute_batch(requests)

    desk._office.group_commit = GroupCommit(execute, largest=5)

    held_up(desk, store, first(desk), *strangers(desk, WAITERS))

    names = [f"theirs-{serial}" for serial in range(WAITERS)]
    assert served == [["first"], names[:5], names[5:10], names[10:]]
    assert store.commits == [1, 5, 5, 2]


class Errand:
    """A request that is executed in its `batches`-th batch."""

    def __init__(self, batches=1):
        self.batches = batches

    @property
    def done(self):
        return self.batches <= 0


def execute_all(errands):
    for errand in errands:
        errand.batches -= 1


def test_a_request_that_stays_undecided_is_in_every_batch_until_it_is_decided():
    batches = []

    def execute(errands):
        batches.append(len(errands))
        execute_all(errands)

    group_commit = GroupCommit[Errand](execute)
    group_commit.submit(Errand(3))
    group_commit.submit(Errand(1))

    assert batches == [1] * 4


def test_an_interrupt_in_the_middle_of_leaving_keeps_nobody_in_line(monkeypatch):
    group_commit = GroupCommit(execute_all)
    leave, interrupts = group_commit._leave, [KeyboardInterrupt()]

    def interrupted(place):
        if interrupts:
            raise interrupts.pop()
        leave(place)

    monkeypatch.setattr(group_commit, "_leave", interrupted)
    with pytest.raises(KeyboardInterrupt):
        group_commit.submit(Errand())
    group_commit.submit(Errand())
    assert not group_commit._line
