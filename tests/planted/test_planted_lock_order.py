"""Commits that meet in the middle wait for one another in one order: persons before slots, persons by their numbers.

A third session holds the name of somebody until two commits have what they can get. Without the order they then wait in
a circle, which PostgreSQL ends by undoing one of them; the store begins that one anew, so that nobody would know.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from attrs import evolve as copy_with

from tests.bookings import booking, slot
from tests.planted.postgres_stores import LEAVES_ALL_AS_IT_IS, Fault, circles_of
from tests.postgres_server import emptied, open_store
from traffic_booking.adapters.postgres import PostgresStore, committing
from traffic_booking.adapters.postgres.locks import names_of
from traffic_booking.domain.changes import Change, Committed, Conflict, Guard
from traffic_booking.testing import made_up_person

pytestmark = pytest.mark.race

Met = tuple[list[list[Committed | Conflict]], int]

LOOKS = 100_000
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PERSONS = sorted((made_up_person(serial) for serial in range(3)), key=lambda who: names_of([booking(0, who)]))
LOWEST, MIDDLE, HIGHEST = PERSONS
HOT = slot(0)

TOGETHER, ONE_BY_ONE = "together", "one by one"

_NAMES_AND_SLOTS = (
    "    PERFORM traffic_booking.take_locks(calendar, locks);\n    PERFORM traffic_booking.take_slots(changes);\n"
)
SLOTS_BEFORE_NAMES_ONE_BY_ONE = Fault(
    ((_NAMES_AND_SLOTS, "\n".join(reversed(_NAMES_AND_SLOTS.splitlines())) + "\n"),),
)
_NAMES_AND_CALENDAR = "    PERFORM traffic_booking.take_locks(calendar, locks);\n    IF revision"
SLOTS_BEFORE_NAMES_TOGETHER = Fault(
    (
        (
            _NAMES_AND_CALENDAR,
            "    PERFORM 1 FROM traffic_booking.seats AS stored WHERE stored.branch = ANY (seat_branches)"
            " FOR NO KEY UPDATE;\n" + _NAMES_AND_CALENDAR,
        ),
    )
)
NAMES_BACKWARDS_ONE_BY_ONE = Fault(
    ((_NAMES_AND_SLOTS, "    locks := ARRAY(SELECT unnest(locks) ORDER BY 1 DESC);\n" + _NAMES_AND_SLOTS),)
)


def written(changes: Sequence[Change], way: str) -> list[Change]:
    """`changes` as the store writes them in that way."""
    if way == TOGETHER:
        return list(changes)
    return [copy_with(change, once=(f"key-{change.appointments[0].number}",)) for change in changes]


def meet(url: str, store: PostgresStore, first: Sequence[Change], second: Sequence[Change]) -> Met:
    """What two commits are told that meet at the name of `MIDDLE`, and how many of them waited in a circle."""
    circles = circles_of(store)
    (name,) = names_of([booking(0, MIDDLE)])
    with ThreadPoolExecutor(2) as pool, psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (name,))
        told = []
        for count, changes in enumerate((first, second), start=1):
            told.append(pool.submit(store.commit, changes))
            assert any(other.execute(WAITING).fetchone() == (count,) for _ in range(LOOKS)), f"{count} never waited"
        other.execute("SELECT pg_advisory_unlock(%s)", (name,))
        return [list(each.result()) for each in told], len(circles)


@pytest.fixture
def url(own_postgres_url):
    LEAVES_ALL_AS_IT_IS.plant(own_postgres_url)
    return emptied(own_postgres_url)


def same_persons(url: str, ways: tuple[str, str]) -> Met:
    """Two batches about the same three persons, the second in the opposite order, each person in a slot of its own."""
    first = [booking(serial, who, slot(serial)) for serial, who in enumerate(PERSONS, start=1)]
    second = [booking(serial, who, slot(serial)) for serial, who in enumerate(reversed(PERSONS), start=4)]
    with open_store(url) as store:
        return meet(url, store, written(first, ways[0]), written(second, ways[1]))


def same_slot(url: str, ways: tuple[str, str]) -> Met:
    """A batch that waits for a second person, and a booking of the first one, in one slot that has its row."""
    first = [booking(1, LOWEST, HOT, capacity=9), booking(2, MIDDLE, HOT, capacity=9)]
    second = [booking(3, LOWEST, HOT, capacity=9)]
    with open_store(url) as store:
        store.commit([booking(9, HIGHEST, HOT, capacity=9)])
        return meet(url, store, written(first, ways[0]), written(second, ways[1]))


def refused(count: int) -> list[Conflict]:
    return [Conflict(guard=Guard.STANDING)] * count


WAYS = [(TOGETHER, TOGETHER), (ONE_BY_ONE, ONE_BY_ONE), (TOGETHER, ONE_BY_ONE), (ONE_BY_ONE, TOGETHER)]


@pytest.mark.parametrize("ways", WAYS, ids=", ".join)
def test_batches_about_the_same_persons_in_opposite_order_wait_in_line(url, ways):
    assert same_persons(url, ways) == ([[Committed()] * 3, refused(3)], 0)


@pytest.mark.parametrize("ways", WAYS, ids=", ".join)
def test_names_in_the_order_of_the_changes_are_found_out(url, monkeypatch, ways):
    monkeypatch.setattr(committing, "names_of", lambda changes: [name for each in changes for name in names_of([each])])
    assert same_persons(url, ways)[1] > 0


def test_names_that_one_of_the_functions_takes_backwards_are_found_out(url):
    NAMES_BACKWARDS_ONE_BY_ONE.plant(url)
    assert same_persons(url, (TOGETHER, ONE_BY_ONE))[1] > 0


@pytest.mark.parametrize("ways", WAYS, ids=", ".join)
def test_commits_take_names_before_slots(url, ways):
    assert same_slot(url, ways) == ([[Committed()] * 2, refused(1)], 0)


@pytest.mark.parametrize(
    ("fault", "ways"),
    [
        pytest.param(SLOTS_BEFORE_NAMES_ONE_BY_ONE, (TOGETHER, ONE_BY_ONE), id="one by one"),
        pytest.param(SLOTS_BEFORE_NAMES_TOGETHER, (ONE_BY_ONE, TOGETHER), id="together"),
    ],
)
def test_a_function_that_takes_slots_before_names_is_found_out(url, fault, ways):
    fault.plant(url)
    assert same_slot(url, ways)[1] > 0
