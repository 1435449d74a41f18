"""Faults that PostgreSQL invites, each planted in the shipped statements: the case that catches it has to fail.

The same cases pass on the shipped store, here too, so that it is the fault that they catch.
"""

from contextlib import suppress

import pytest

from tests.bookings import booking, facts_of, slot
from tests.planted.postgres_stores import LEAVES_ALL_AS_IT_IS, Fault, circles_of
from tests.postgres_server import ask, open_store
from traffic_booking.adapters.postgres import PostgresStore, committing
from traffic_booking.domain.errors import StoreUnavailable
from traffic_booking.testing import made_up_person
from traffic_booking.testing.racing import RACERS, race
from traffic_booking.testing.store import StoreConformance

pytestmark = pytest.mark.race

SLOTS = 6
SLOWLY = "$$ BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END $$"


LEAKS_SEATS_ON_CONFLICT = Fault(
    (
        (
            "IF written <> cardinality(request_ids) THEN",
            "IF written <> cardinality(request_ids) AND false THEN",
        ),
        ("IF written <> cardinality(applicants) THEN", "IF written <> cardinality(applicants) AND false THEN"),
        ("IF written <> cardinality(numbers) THEN", "IF written <> cardinality(numbers) AND false THEN"),
        (
            "event_rulebooks, event_requests, details\n        );",
            "event_rulebooks, event_requests, details\n        ) ON CONFLICT DO NOTHING;",
        ),
    )
)
"""ON CONFLICT DO NOTHING beside a seat that is taken all the same."""

_LOOK = """
    PERFORM 1 FROM traffic_booking.seats AS stored
    JOIN unnest(seat_branches, seat_services, seat_starts, at_most) AS moved (one, two, three, at_most)
        ON stored.branch = one AND stored.service = two AND stored.starts_at = three
    WHERE stored.taken > moved.at_most;
    IF FOUND THEN
        RAISE SQLSTATE 'TB001';
    END IF;
    PERFORM pg_sleep(0.05);
"""
_TAKE = "    IF cardinality(seat_branches) > 0 THEN\n"
LOOKS_AND_THEN_TAKES = Fault(
    ((_TAKE, _LOOK + _TAKE), ("            AND stored.taken BETWEEN moved.at_least AND moved.at_most;", ";"))
)
"""At READ COMMITTED, a look at the seats that is not repeated when the row's lock is got."""


@pytest.fixture
def store(own_postgres_url):
    LEAVES_ALL_AS_IT_IS.plant(own_postgres_url)
    ask(own_postgres_url, "TRUNCATE traffic_booking.seats, traffic_booking.standings, traffic_booking.appointments")
    ask(own_postgres_url, "TRUNCATE traffic_booking.answers, traffic_booking.events")
    with open_store(own_postgres_url) as made:
        yield made


CAUGHT = [
    pytest.param(LEAKS_SEATS_ON_CONFLICT, "test_the_same_request_sent_again_changes_nothing", id="leaks seats"),
    pytest.param(LOOKS_AND_THEN_TAKES, "test_as_many_threads_get_a_slot_as_it_has_seats", id="no second look"),
]


@pytest.mark.parametrize(("fault", "case"), CAUGHT)
def test_the_shipped_functions_pass(store, fault, case):
    assert fault.changed
    getattr(StoreConformance(), case)(store)


@pytest.mark.parametrize(("fault", "case"), CAUGHT)
def test_a_fault_in_the_functions_is_caught(own_postgres_url, store, fault, case):
    fault.plant(own_postgres_url)
    with pytest.raises((AssertionError, ExceptionGroup)):
        getattr(StoreConformance(), case)(store)


@pytest.fixture
def slow_rows(own_postgres_url):
    """Each slot's row takes its time, so that those who come meet."""
    ask(own_postgres_url, "CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS " + SLOWLY)
    ask(
        own_postgres_url,
        "CREATE TRIGGER slowly BEFORE UPDATE ON traffic_booking.seats FOR EACH ROW EXECUTE FUNCTION public.slowly()",
    )
    yield
    ask(own_postgres_url, "DROP TRIGGER slowly ON traffic_booking.seats")
    ask(own_postgres_url, "DROP FUNCTION public.slowly")


def batches_over_the_same_slots(store: PostgresStore) -> int:
    """How often PostgreSQL had to end a wait in a circle while threads took the same slots, each in its own order."""
    slots = [slot(hours) for hours in range(SLOTS)]
    everybody = (RACERS + 1) * SLOTS

    def commit(racer: int) -> None:
        order = slots if racer % 2 else slots[::-1]
        serials = range(racer * SLOTS, (racer + 1) * SLOTS)
        with suppress(StoreUnavailable):  # where it had to be ended too often
            store.commit(
                [
                    booking(serial, made_up_person(serial), at, capacity=everybody)
                    for serial, at in zip(serials, order, strict=True)
                ]
            )

    commit(RACERS)
    circles = circles_of(store)
    race(commit)
    return len(circles)


@pytest.mark.usefixtures("slow_rows")
@pytest.mark.parametrize("at_once", [True, False], ids=["together", "one by one"])
def test_nobody_waits_in_a_circle(store, monkeypatch, at_once):
    if not at_once:
        monkeypatch.setattr(committing, "are_apart", lambda _: False)
    assert batches_over_the_same_slots(store) == 0
    for hours in range(SLOTS):
        assert facts_of(store, at=slot(hours)).taken == {slot(hours): RACERS + 1}


@pytest.mark.usefixtures("slow_rows")
def test_slots_that_are_locked_in_no_order_are_found_out(store, monkeypatch):
    moved = committing._moved

    def as_they_came(changes):
        came = [(seat.slot.branch, seat.slot.service, seat.slot.starts_at) for one in changes for seat in one.seats]
        return sorted(moved(changes), key=lambda row: came.index(row[:3]))

    monkeypatch.setattr(committing, "_moved", as_they_came)
    assert batches_over_the_same_slots(store) > 0
