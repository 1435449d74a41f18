"""A value sent to one batch, or written into one row, harms no other request; `docs/audit/attacks.md` lists them."""

import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import count
from threading import Barrier

import pytest

from tests.attacks import ATTACKS, PAGE, attempt, came_to, page
from tests.bookings import slot
from tests.calendars import HEAD
from tests.canaries import forms_of
from tests.damages import DAMAGES
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue
from traffic_booking import (
    Assertions,
    Booked,
    Clerk,
    Declared,
    Refused,
    SpecialOrder,
    StoreUnreadable,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync.office import Office
from traffic_booking.testing import made_up_person

HONEST = 200
CALLERS = 32
THIRD = made_up_person(3)
SEATS = 20
STAFF = Clerk("desk-1")


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    yield store
    store.close()


@pytest.fixture
def desk(store):
    return open_desk(small_catalogue(capacity=SEATS), store=store)


def honest(desk, place):
    """A booking by another person, at one of ten slots of 20 seats."""
    at = slot(25 + place % 5 + 24 * (place // 100))
    return desk.book(at, applicant=made_up_person(500 + place), agreed=True, request_id=f"honest-{place}")


def sound(desk, decisions):
    """Check that all stored values can be read and are right."""
    verified = desk.audit.verify()
    assert (verified.answers, verified.broken) == (decisions, ())
    assert desk.explain(request_id="honest-0", by=made_up_person(500))
    assert len({entry.position for entry in desk.feed(limit=10_000).entries}) >= decisions


def shown_of(error, *persons):
    """The forms of ids in an error's message or its traceback."""
    shown = "".join(traceback.format_exception(error)).encode("utf-8", "surrogatepass")
    return [form for person in persons for form in forms_of(person.reveal()).values() if form in shown]


@contextmanager
def among_honest_ones(desk, monkeypatch):
    """Each request is executed in one batch, between two honest ones; then those two are booked."""
    neighbours, places = [], count(1)

    def done(self, request, granted, **_):
        two = [
            self.requests.book(
                slot(49),
                applicant=made_up_person(500 + place),
                agreed=True,
                request_id=f"honest-{place}",
                by=None,
                assertions=None,
            )
            for place in (next(places), next(places))
        ]
        neighbours.extend(two)
        self.execute_batch([two[0], request, two[1]])
        return request.result()

    with monkeypatch.context() as patched:
        patched.setattr(Office, "execute", done)
        yield
    assert [each.error for each in neighbours] == [None] * len(neighbours)
    assert all(isinstance(each.outcome, Booked) for each in neighbours)


@pytest.mark.long
@pytest.mark.parametrize("place", range(len(ATTACKS)), ids=[each.sent for each in ATTACKS])
def test_an_attack_has_the_outcome_of_the_page_and_its_batch_is_executed(place, desk, monkeypatch):
    attack = ATTACKS[place]
    assert isinstance(honest(desk, 0), Booked)
    with among_honest_ones(desk, monkeypatch):
        result = attempt(attack.call, desk, place)
    assert attack.comes_to.startswith(came_to(result))
    if isinstance(result, Exception):
        assert not shown_of(result, made_up_person(10_000 + place))
    sound(desk, decisions=desk.audit.verify().answers)


def test_200_honest_bookings_beside_all_attacks_succeed(desk):
    start = Barrier(16)

    def mine(first):
        start.wait()
        return [honest(desk, place) for place in range(1 + first, HONEST, 8)]

    def hostile(first):
        start.wait()
        return [(place, attempt(ATTACKS[place].call, desk, place)) for place in range(first, len(ATTACKS), 8)]

    outcomes = [honest(desk, 0)]
    with ThreadPoolExecutor(16) as pool:
        booked = [pool.submit(mine, first) for first in range(8)]
        tried = [pool.submit(hostile, first) for first in range(8)]
        outcomes += [each for future in booked for each in future.result()]
        results = dict(each for future in tried for each in future.result())
    assert Counter(map(type, outcomes)) == {Booked: HONEST}
    assert [place for place, result in results.items() if not ATTACKS[place].comes_to.startswith(came_to(result))] == []
    sound(desk, decisions=HONEST + sum(isinstance(result, Booked | Refused) for result in results.values()))


class Town:
    """A SQLite file with the records that are damaged."""

    def __init__(self, file):
        self.file = file
        with self.opened() as desk:
            mine = desk.book(slot(25), applicant=ME, agreed=True, request_id="mine").appointment
            assertions = Assertions(checked_at=START, birth_date=date(1990, 1, 1))
            yours = desk.book(
                slot(26), applicant=YOU, agreed=True, request_id="vouched", assertions=assertions
            ).appointment
            order = SpecialOrder(id="order", first_day=date(2026, 12, 24), last_day=date(2026, 12, 24), **HEAD)
            assert isinstance(desk.calendar.declare(order, reason="why", by=STAFF, request_id="declared"), Declared)
        self.number = mine.number
        self.names = {
            "number": mine.number,
            "subject": mine.applicant.subject,
            "other": yours.applicant.subject,
        }

    @contextmanager
    def opened(self):
        with open_desk(small_catalogue(capacity=SEATS), store=SqliteStore(self.file)) as desk:
            yield desk


@pytest.mark.long
@pytest.mark.parametrize("damage", DAMAGES, ids=[f"{each.collection}: {each.how}" for each in DAMAGES])
def test_a_damaged_row_fails_the_request_that_needs_it_alone(damage, tmp_path):
    town = Town(tmp_path / "bookings.db")
    key = damage.do(town.file, **town.names)
    with town.opened() as desk:
        result = attempt(damage.needs, desk, town.number)
        assert damage.comes_to.startswith(came_to(result))
        if isinstance(result, StoreUnreadable):
            assert damage.collection in str(result)
            assert key in str(result)
            assert not shown_of(result, ME, YOU)
        if not damage.whole:
            assert isinstance(honest(desk, 0), Booked)
            assert desk.audit.verify().broken
            assert desk.feed().complete_until


def test_the_page_lists_every_attack():
    assert PAGE.read_text(encoding="utf-8") == page()
