"""Many callers want the seats of one pool at overlapping times: never more at once than it has, without errors."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.bookings import slot
from tests.desks import open_desk
from tests.maintained import opened
from tests.one_slot import SEATS, AllReadFirst, without_seat_guard
from tests.pools import most_at_once, pooled
from traffic_booking import Booked, Moved, Refused
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.ports.primitives import StoreChange, StoreConflict
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_person

CALLERS = 15
ROUNDS = 20
WANTED = [slot(25, "foreign"), slot(25), slot(25.25), slot(25, "transfer"), slot(25 + 1 / 3, "transfer")]
"""Slots of 30, 15 and 20 minutes, all within one hour; each of them overlaps some of the others."""

pytestmark = [pytest.mark.long, pytest.mark.race, pytest.mark.rule("BK-05")]


class WithoutSeatGuard(MemoryStore):
    """Broken on purpose: it never checks if there is a seat left."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        return super().commit([without_seat_guard(change) for change in changes])


class GuardsTheFirstStepAlone(MemoryStore):
    """Broken on purpose: of the steps that a change takes seats in, it compares the first with its ceiling."""

    def commit(self, changes: Sequence[StoreChange]) -> Sequence[StoreConflict | None]:
        loose = zip(changes, map(without_seat_guard, changes), strict=True)
        return super().commit([each._replace(counts=(*was.counts[:1], *each.counts[1:])) for was, each in loose])


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    with opened(request.param, tmp_path, lambda: request.getfixturevalue("postgres_url")) as made:
        yield made


def desk_over(store: Any) -> Any:
    return open_desk(pooled(capacity=SEATS), store=store)


def race(store: Store, *, wanted: Sequence[Any] = WANTED) -> list[Any]:
    """The outcomes of callers who have all read their facts before the first commit, each at a desk of its own."""
    book = AppointmentBook(store)
    book.open_calendars([branch.id for branch in pooled().branches])
    book.open_persons()
    shared = AllReadFirst(store, Barrier(CALLERS))

    def attempt(serial: int) -> Any:
        at, person = wanted[serial % len(wanted)], made_up_person(serial)
        return desk_over(shared).book(at, applicant=person, agreed=True, request_id=f"wanted-{serial}")

    with ThreadPoolExecutor(max_workers=CALLERS) as pool:
        return list(pool.map(attempt, range(CALLERS)))


def check(store: Store, outcomes: Sequence[Any]) -> None:
    """Nobody is refused by another rule, no moment has too many, and the counts are those of the appointments."""
    refused = [each for each in outcomes if isinstance(each, Refused)]
    assert all([verdict.rule_id for verdict in each.verdicts] == ["BK-05"] for each in refused)
    booked = [each.appointment for each in outcomes if isinstance(each, Booked)]
    assert len(booked) + len(refused) == CALLERS
    assert most_at_once(booked) == SEATS
    assert desk_over(store).audit.verify().broken == ()


def test_15_threads_want_the_seats_of_a_pool_with_3(store):
    check(store, race(store))


def test_15_threads_want_three_services_at_one_time(store):
    outcomes = race(store, wanted=[slot(25, "foreign"), slot(25), slot(25, "transfer")])
    assert sum(isinstance(each, Booked) for each in outcomes) == SEATS
    check(store, outcomes)


@pytest.mark.parametrize("broken", [WithoutSeatGuard, GuardsTheFirstStepAlone])
def test_the_race_catches_a_store_that_does_not_guard_every_step(broken):
    """Those who book 08:00 to 08:30 after others have booked 08:15; which order comes is up to the machine."""
    wanted = [slot(25, "foreign"), slot(25.25)]
    for _ in range(ROUNDS):
        store = broken()
        outcomes = race(store, wanted=wanted)
        if most_at_once(each.appointment for each in outcomes if isinstance(each, Booked)) > SEATS:
            break
    else:
        pytest.fail(f"no race of {ROUNDS} was lost")
    with pytest.raises(AssertionError):
        check(store, outcomes)
    assert {each.invariant for each in desk_over(store).audit.verify().broken} == {Invariant.CAPACITY}


def test_moves_and_bookings_at_the_same_time_leave_no_moment_with_too_many(store):
    desk = desk_over(store)
    moving = [
        desk.book(slot(49 + serial / 4), applicant=made_up_person(serial), agreed=True, request_id=f"first-{serial}")
        for serial in range(CALLERS - 5)
    ]
    shared = AllReadFirst(store, Barrier(CALLERS))

    def attempt(serial: int) -> Any:
        at, person = slot(25 + serial % 2 / 4), made_up_person(serial)
        if serial < len(moving):
            return desk_over(shared).move(moving[serial].appointment.number, at, by=person, request_id=f"m-{serial}")
        at = slot(25, "foreign")
        return desk_over(shared).book(at, applicant=person, agreed=True, request_id=f"wanted-{serial}")

    with ThreadPoolExecutor(max_workers=CALLERS) as pool:
        outcomes = list(pool.map(attempt, range(CALLERS)))
    got = [each.appointment for each in outcomes if isinstance(each, Booked | Moved)]
    assert most_at_once(got) == SEATS
    assert desk_over(store).audit.verify().broken == ()
