"""Many callers want the same slot: as many get it as it has seats, the rule refuses the others, without errors."""

from collections import Counter
from threading import Barrier

import pytest

from tests.one_slot import SEATS, SLOT, ChecksThenWrites, WithoutSeatGuard, race_processes, race_threads
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.decisions.facts import FactsQuery
from traffic_booking.domain.text_input import request_id
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_person

CALLERS = 16

pytestmark = [pytest.mark.long, pytest.mark.race, pytest.mark.rule("BK-05")]


def assert_the_seats_went_to_as_many(outcomes: Counter[str], store) -> None:
    assert outcomes == {"booked": SEATS, "refused BK-05": CALLERS - SEATS}
    people = [made_up_person(serial) for serial in range(CALLERS)]
    kept = AppointmentBook(store).facts(
        [
            FactsQuery(request_id=request_id(f"wanted-{serial}"), persons=(person,), slots=(SLOT,))
            for serial, person in enumerate(people)
        ]
    )
    assert {facts.seats_taken[SLOT] for facts in kept} == {SEATS}
    assert sum(len(facts.person_state.appointments) for facts in kept if facts.person_state) == SEATS
    assert all(facts.answer is not None for facts in kept)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    yield made
    made.close()


def test_16_threads_want_a_slot_with_3_seats(store):
    assert_the_seats_went_to_as_many(race_threads(store, CALLERS), store)


def test_4_processes_want_a_slot_with_3_seats(tmp_path):
    path = tmp_path / "bookings.db"
    outcomes = race_processes(path, SqliteStore, processes=4, threads=4)
    store = SqliteStore(path)
    assert_the_seats_went_to_as_many(outcomes, store)
    store.close()


def test_the_thread_race_catches_a_store_without_the_seat_guard(tmp_path):
    store = WithoutSeatGuard(tmp_path / "bookings.db")
    outcomes = race_threads(store, CALLERS)
    assert outcomes["booked"] > SEATS
    with pytest.raises(AssertionError):
        assert_the_seats_went_to_as_many(outcomes, store)
    store.close()


def test_the_thread_race_catches_a_store_that_checks_and_writes_in_two_steps(tmp_path):
    store = ChecksThenWrites(tmp_path / "bookings.db", Barrier(CALLERS))
    outcomes = race_threads(store, CALLERS)
    assert outcomes["booked"] > SEATS
    with pytest.raises(AssertionError):
        assert_the_seats_went_to_as_many(outcomes, store)
    store.close()


def test_the_process_race_catches_a_store_without_the_seat_guard(tmp_path):
    path = tmp_path / "bookings.db"
    outcomes = race_processes(path, WithoutSeatGuard, processes=4, threads=4)
    store = SqliteStore(path)
    assert outcomes["booked"] > SEATS
    with pytest.raises(AssertionError):
        assert_the_seats_went_to_as_many(outcomes, store)
    store.close()
