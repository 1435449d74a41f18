"""A store with planted faults does what it says of each, at the calls that its plan names."""

import pytest

from tests.bookings import FAR_AHEAD, LONG_AGO, ME, booking, facts_of, number, seats_taken, slot
from traffic_booking import StoreUnavailable
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.changes import Committed
from traffic_booking.testing import FaultyStore, StoreCall, StoreFault, faults_at, made_up_person, seeded_faults

BATCH = [booking(serial, made_up_person(serial), slot(serial)) for serial in (1, 2, 3)]
READINGS = {
    "facts": facts_of,
    "taken": lambda store: store.taken([], lapsed_by=slot().starts_at),
    "lapsed": lambda store: store.lapsed(by=slot().starts_at),
    "appointment": lambda store: store.appointment(number(1)),
    "appointments_of": lambda store: store.appointments_of(ME, limit=1),
    "appointments_at": lambda store: store.appointments_at(slot().branch, from_=LONG_AGO, until=FAR_AHEAD),
    "calendar_entries": lambda store: store.calendar_entries(after=0),
    "history": lambda store: store.history(number(1)),
    "password_hash": lambda store: store.password_hash(ME),
    "is_spent": lambda store: store.is_spent("code"),
    "sign_in_attempts": lambda store: store.sign_in_attempts(ME),
}
WRITINGS = {
    "commit": lambda store: store.commit([booking(1)]),
    "set_password_hash": lambda store: store.set_password_hash(ME, "hash"),
    "replace_password_hash": lambda store: store.replace_password_hash(ME, seen=None, encoded="hash"),
}
EVERY_CALL = READINGS | WRITINGS


def written(store):
    return facts_of(store).taken[slot()] + (store.password_hash(ME) is not None)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.mark.parametrize("verb", EVERY_CALL)
def test_without_faults_it_is_the_store_itself(store, verb):
    assert EVERY_CALL[verb](FaultyStore(store, faults_at({}))) == EVERY_CALL[verb](MemoryStore())


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
def test_what_fails_is_done_or_not_as_the_fault_says(store, verb, fault, times):
    with pytest.raises(StoreUnavailable):
        WRITINGS[verb](FaultyStore(store, faults_at({1: fault})))
    assert written(store) == times


def test_a_batch_that_fails_midway_is_written_in_part(store):
    with pytest.raises(StoreUnavailable):
        FaultyStore(store, faults_at({1: StoreFault.FAILS_MIDWAY})).commit(BATCH)
    assert [seats_taken(store, slot(serial)) for serial in (1, 2, 3)] == [1, 0, 0]


@pytest.mark.parametrize(
    ("fault", "seen"), [(StoreFault.DELAYS, [0, 1]), (StoreFault.LOSES_REPLY, [1]), (StoreFault.FAILS_AFTER, [])]
)
def test_others_get_on_before_and_after_a_delay_and_before_a_lost_reply(store, fault, seen):
    handed_over = []
    faulty = FaultyStore(store, faults_at({1: fault}), hand_over=lambda: handed_over.append(seats_taken(store)))
    if fault is StoreFault.DELAYS:
        assert faulty.commit([booking(1)]) == [Committed()]
    else:
        with pytest.raises(StoreUnavailable):
            faulty.commit([booking(1)])
    assert handed_over == seen


def test_a_plan_is_told_the_number_the_method_and_the_changes_of_each_call(store):
    calls: list[StoreCall] = []
    faulty = FaultyStore(store, calls.append)
    faulty.is_spent("code")
    faulty.commit(BATCH)
    faulty.close()
    assert calls == [StoreCall(1, "is_spent"), StoreCall(2, "commit", 3)]


def test_seeded_faults_are_the_same_for_the_same_seed_in_any_order():
    calls = [StoreCall(number, "facts") for number in range(1, 400)]
    one, same, another = (seeded_faults(seed, share=0.25) for seed in (1, 1, 2))
    found = [one(call) for call in calls]
    assert [same(call) for call in reversed(calls)] == found[::-1]
    assert [another(call) for call in calls] != found
    assert 60 < sum(fault is not None for fault in found) < 140
    assert set(found) == {None, *StoreFault}


@pytest.mark.parametrize(("share", "met"), [(0, set()), (1, {StoreFault.DELAYS})])
def test_seeded_faults_meet_their_share_of_the_calls(share, met):
    plan = seeded_faults(1, share=share, among=[StoreFault.DELAYS])
    assert {plan(StoreCall(number, "facts")) for number in range(100)} - {None} == met
