"""Callers in turn: one at a time, in an order that the seed draws, stopped if anything goes wrong."""

from functools import partial
from threading import Event, Lock, active_count

import pytest

from traffic_booking.testing import Turns
from traffic_booking.testing.simulation import turns


def order_of(seed, callers=3, steps=4):
    order, taking = [], Turns(seed)

    def call(name):
        for step in range(steps):
            order.append((name, step))
            taking.hand_over()

    taking.run({str(place): partial(call, str(place)) for place in range(callers)}, after_each=lambda: None)
    return order


def test_callers_come_between_each_other_and_each_goes_on_where_it_was():
    order = order_of(1)
    assert order != sorted(order)
    for name in "012":
        assert [step for caller, step in order if caller == name] == [0, 1, 2, 3]


def test_the_same_seed_draws_the_same_order_and_another_seed_another():
    assert order_of(1) == order_of(1)
    assert len({tuple(order_of(seed)) for seed in range(10)}) > 5


def test_nobody_runs_at_the_same_time_as_anybody_else():
    taking, alone = Turns(1), Lock()

    def look():
        assert alone.acquire(blocking=False)
        alone.release()

    def call():
        for _ in range(50):
            look()
            taking.hand_over()

    taking.run({"a": call, "b": call}, after_each=look)


def test_it_reports_whose_turn_it_is_and_between_the_turns_it_is_nobodys():
    taking, seen = Turns(1), []
    names = ("a", "b")
    taking.run(
        {name: lambda: seen.append(taking.whose) for name in names}, after_each=lambda: seen.append(taking.whose)
    )
    assert sorted(seen) == ["", "", "a", "b"]


def test_a_caller_without_a_turn_hands_over_in_vain():
    Turns(1).hand_over()


def test_an_error_of_a_caller_ends_the_run_and_stops_the_others():
    taking, before, went_on = Turns(1), active_count(), []

    def fail():
        raise LookupError("gone")

    def wait():
        while True:
            taking.hand_over()
            went_on.append(1)

    with pytest.raises(LookupError, match="gone"):
        taking.run({"a": fail, "b": wait, "c": wait}, after_each=lambda: None)
    assert active_count() == before


def test_a_fault_that_is_found_after_a_turn_ends_the_run():
    taking, before = Turns(1), active_count()

    def find():
        raise LookupError("found")

    with pytest.raises(LookupError, match="found"):
        taking.run({"a": taking.hand_over, "b": taking.hand_over}, after_each=find)
    assert active_count() == before


def test_a_caller_that_waits_for_a_lock_hands_over_until_it_is_free():
    taking, order = Turns(1), []
    lock = taking.lock()

    def call(name):
        for _ in range(5):
            with lock:
                order.append(name)
                taking.hand_over()
                order.append(name)

    taking.run({name: partial(call, name) for name in "abc"}, after_each=lambda: None)
    assert order[::2] == order[1::2]
    assert len(set(zip(order, order[2:], strict=False))) > 3


def test_a_lock_of_theirs_is_taken_and_released_as_any_other():
    lock = Turns(1).lock()
    assert lock.acquire()
    with pytest.raises(RuntimeError, match="between the turns"):
        lock.acquire()
    lock.release()
    with pytest.raises(RuntimeError, match="nobody has"):
        lock.release()


def wait_for(event):
    event.wait()


def test_a_turn_that_waits_for_another_caller_is_an_error_that_names_it(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    never = Event()
    with pytest.raises(RuntimeError, match="the one that waits: got no end of its turn"):
        Turns(1).run({"the one that waits": lambda: wait_for(never)}, after_each=lambda: None)
    never.set()
