"""A store with planted faults fails as each fault means, at the calls of its plan."""

import pytest

from traffic_booking import StoreUnavailable
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.ports.primitives import CountersByKey
from traffic_booking.testing import FaultyStore, StoreCall, StoreFault, faults_at, seeded_faults
from traffic_booking.testing.kit.sample_schema import SAMPLE, change, count, entry, value, values

KEYS = ["a", "b", "c"]
BATCH = [change(count(key, 1)) for key in KEYS]
READINGS = {
    "read": lambda store: store.read([CountersByKey("places", KEYS)]),
    "feed": lambda store: store.feed(BEGINNING, limit=1),
}
WRITINGS = {"commit": lambda store: store.commit([change(count("a", 1), entry("log", "x"))])}
EVERY_CALL = READINGS | WRITINGS


@pytest.fixture
def store():
    return MemoryStore(schema=SAMPLE)


@pytest.mark.parametrize("verb", EVERY_CALL)
def test_without_faults_it_is_the_store_itself(store, verb):
    assert EVERY_CALL[verb](FaultyStore(store, faults_at({}))) == EVERY_CALL[verb](MemoryStore(schema=SAMPLE))


@pytest.mark.parametrize("verb", EVERY_CALL)
@pytest.mark.parametrize("fault", [fault for fault in StoreFault if fault is not StoreFault.DELAYS])
def test_a_call_with_a_fault_is_unavailable_and_the_next_is_not(store, verb, fault):
    faulty = FaultyStore(store, faults_at({1: fault}))
    with pytest.raises(StoreUnavailable, match=rf"{verb}: got a planted fault \(call 1 {fault}\)"):
        EVERY_CALL[verb](faulty)
    EVERY_CALL[verb](faulty)


@pytest.mark.parametrize("verb", WRITINGS)
@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (StoreFault.FAILS_BEFORE, 0),
        (StoreFault.FAILS_MIDWAY, 0),
        (StoreFault.FAILS_AFTER, 1),
        (StoreFault.LOSES_REPLY, 1),
    ],
)
def test_a_failing_call_is_executed_or_not_as_its_fault_defines(store, verb, fault, times):
    with pytest.raises(StoreUnavailable):
        WRITINGS[verb](FaultyStore(store, faults_at({1: fault})))
    assert value(store, "a") == times


def test_a_batch_that_fails_midway_is_written_in_part(store):
    with pytest.raises(StoreUnavailable):
        FaultyStore(store, faults_at({1: StoreFault.FAILS_MIDWAY})).commit(BATCH)
    assert values(store, KEYS) == [1, 0, 0]


@pytest.mark.parametrize(
    ("fault", "seen"), [(StoreFault.DELAYS, [0, 1]), (StoreFault.LOSES_REPLY, [1]), (StoreFault.FAILS_AFTER, [])]
)
def test_others_get_on_before_and_after_a_delay_and_before_a_lost_reply(store, fault, seen):
    handed_over = []
    faulty = FaultyStore(store, faults_at({1: fault}), hand_over=lambda: handed_over.append(value(store, "a")))
    if fault is StoreFault.DELAYS:
        assert faulty.commit(BATCH[:1]) == [None]
    else:
        with pytest.raises(StoreUnavailable):
            faulty.commit(BATCH[:1])
    assert handed_over == seen


def test_a_plan_gets_the_number_the_method_and_the_changes_of_each_call(store):
    calls: list[StoreCall] = []
    faulty = FaultyStore(store, calls.append)
    faulty.read([])
    faulty.commit(BATCH)
    faulty.feed(BEGINNING, limit=1)
    faulty.close()
    assert calls == [StoreCall(1, "read"), StoreCall(2, "commit", 3), StoreCall(3, "feed")]


def test_seeded_faults_are_the_same_for_the_same_seed_in_any_order():
    calls = [StoreCall(number, "read") for number in range(1, 400)]
    one, same, another = (seeded_faults(seed, share=0.25) for seed in (1, 1, 2))
    found = [one(call) for call in calls]
    assert [same(call) for call in reversed(calls)] == found[::-1]
    assert [another(call) for call in calls] != found
    assert 60 < sum(fault is not None for fault in found) < 140
    assert set(found) == {None, *StoreFault}


@pytest.mark.parametrize(("share", "met"), [(0, set()), (1, {StoreFault.DELAYS})])
def test_seeded_faults_meet_their_share_of_the_calls(share, met):
    plan = seeded_faults(1, share=share, among=[StoreFault.DELAYS])
    assert {plan(StoreCall(number, "read")) for number in range(100)} - {None} == met
