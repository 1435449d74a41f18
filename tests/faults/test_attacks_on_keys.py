"""Attacks on one key, by many callers at once or with a wrong key; `docs/audit/attacks.md` lists all of them."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from attrs import evolve

from tests.attacks import KEYS, attempt
from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import (
    Booked,
    BookingDesk,
    Clerk,
    DeskParts,
    InvalidInput,
    Refused,
    RequestMismatch,
    StoreUnreadable,
    Throttled,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.pseudonyms import PseudonymKey
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.ports.primitives import Put, RecordsByIndex, RecordsByKey, Span, StoreChange
from traffic_booking.testing import MovableClock, made_up_person

CALLERS = 32
SEATS = 20
STAFF = Clerk("desk-1")


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    with open_desk(small_catalogue(capacity=SEATS), store=store) as desk:
        yield desk


def honest(desk, place):
    """A booking by another person."""
    return desk.book(slot(26), applicant=made_up_person(500 + place), agreed=True, request_id=f"honest-{place}")


def together(call):
    """The results of 32 callers at once, each with a number of its own."""
    start = Barrier(CALLERS)

    def one(place):
        start.wait()
        return attempt(call, place)

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(one, range(CALLERS)))


def by_type(results):
    return Counter(map(type, results))


def different_requests_under_one_id(desk, _folder):
    results = together(
        lambda place: desk.book(slot(25), applicant=made_up_person(place), agreed=True, request_id="one")
    )
    assert by_type(results) == {Booked: 1, RequestMismatch: CALLERS - 1}


def one_request_again_and_again(desk, _folder):
    def send(_):
        return [desk.book(slot(25), applicant=ME, agreed=True, request_id="one") for _ in range(4)]

    results = [each for four in together(send) for each in four]
    assert len(results) == 4 * CALLERS
    assert len(set(results)) == 1
    assert len(desk.appointments(ME).upcoming) == 1


def many_bookings_for_one_new_person(desk, _folder):
    results = together(
        lambda place: desk.book(slot(25 + place % 4), applicant=ME, agreed=True, request_id=f"r-{place}")
    )
    assert by_type(results) == {Booked: 1, Refused: CALLERS - 1}
    registered = [each for each in desk.feed().entries if type(each.what).__name__ == "PersonRegistered"]
    assert len(registered) == 1


def many_refusals_of_one_actor(_desk, _folder):
    with BookingDesk(
        DeskParts(
            store=MemoryStore(),
            clock=MovableClock(START),
            catalogue=small_catalogue(),
            rulebook=small_rulebook(),
            retention=throttling(10),
        )
    ) as desk:
        results = together(lambda place: desk.book(slot(25), applicant=ME, agreed=False, request_id=f"r-{place}"))
        assert by_type(results) == {Refused: 10, Throttled: CALLERS - 10}
        assert isinstance(honest(desk, 0), Booked)
        assert desk.audit.verify().answers == 11


def throttling(refusals):
    return evolve(RETENTION, refusals_per_minute=refusals)


KEY, OTHER_KEY = PseudonymKey(bytes(32)), PseudonymKey(bytes(range(32)))


def keyed(folder, key=KEY):
    return BookingDesk.open(
        f"sqlite:///{folder}/keyed.db",
        clock=MovableClock(START),
        catalogue=small_catalogue(capacity=SEATS),
        rulebook=small_rulebook(),
        pseudonym_key=key,
    )


def another_pseudonym_key(_desk, folder):
    with keyed(folder) as desk:
        honest(desk, 0)
    before = (folder / "keyed.db").read_bytes()
    for key in (OTHER_KEY, None):
        with pytest.raises(InvalidInput, match=r"^pseudonym_key: got (another key|none); expected the key"):
            keyed(folder, key)
    assert (folder / "keyed.db").read_bytes() == before


def the_record_of_the_key_is_replaced(_desk, folder):
    with keyed(folder) as desk:
        honest(desk, 0)
        [row] = desk.store.read([RecordsByKey("person_keys", ["current"])])[0]
        put = Put("person_keys", "current", row[1], (), f'["{OTHER_KEY.check}"]')
        assert desk.store.commit([StoreChange(puts=(put,))]) == [None]
    with pytest.raises(InvalidInput, match=r"^pseudonym_key: got another key"):
        keyed(folder)


def swapped_persons(_desk, folder):
    with keyed(folder) as desk:
        numbers = [honest(desk, place).appointment.number for place in (0, 1)]
        rows = desk.store.read([RecordsByIndex("persons", None, [Span()])])[0][0]
    with closing(sqlite3.connect(folder / "keyed.db")) as connection:
        for (key, *_), (_, _, subject, body) in zip(rows, reversed(rows), strict=True):
            connection.execute("UPDATE persons SET subject = ?, body = ? WHERE person = ?", (subject, body, key))
        connection.commit()
    with keyed(folder) as desk:
        for number in numbers:
            with pytest.raises(StoreUnreadable, match=r"^a record of persons, "):
                desk.ticket(number, by=STAFF)
        assert isinstance(honest(desk, 2), Booked)


ON_KEYS = (
    different_requests_under_one_id,
    one_request_again_and_again,
    many_bookings_for_one_new_person,
    many_refusals_of_one_actor,
    another_pseudonym_key,
    the_record_of_the_key_is_replaced,
    swapped_persons,
)


@pytest.mark.parametrize("case", list(zip(KEYS, ON_KEYS, strict=True)), ids=lambda case: case[0])
def test_an_attack_on_one_key_has_the_outcome_of_the_page(case, desk, tmp_path):
    _, tried = case
    tried(desk, tmp_path)
    assert desk.audit.verify()
