"""A record that can't be decoded fails the request that needs it, and no other."""

from datetime import date, timedelta

import pytest

from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Booked, Held, Refused, StoreUnreadable
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.ports.primitives import Count, Put, RecordsByKey, StoreChange
from traffic_booking.testing import MovableClock, made_up_person

THIRD_SLOT = 73


def damage(store, collection, key):
    """The record's body becomes an empty object."""
    row = store.read([RecordsByKey(collection, [key])])[0][0]
    damaged = StoreChange(puts=(Put(collection, key, row[1], row[2:-1], "{}"),))
    assert store.commit([damaged]) == [None]


def requests(desk, *wanted, beside=()):
    book = desk._office.requests.book
    made = [
        book(at, applicant=person, agreed=True, request_id=f"of-{number}", by=None, assertions=None)
        for number, (person, at) in enumerate(wanted)
    ]
    desk._office.execute_batch([*made, *beside])
    return made


def test_of_a_batch_only_the_person_with_a_damaged_standing_is_refused_service():
    store = MemoryStore()
    with open_desk(store=store) as desk:
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="mine")
        assert isinstance(booked, Booked)
        mine = booked.appointment.applicant.subject
        damage(store, "people", mine)
        hurt, sound = requests(desk, (ME, slot(49)), (YOU, slot(THIRD_SLOT)))
        assert isinstance(sound.result(), Booked)
        with pytest.raises(StoreUnreadable, match=f"a record of people, {mine}: got one that can't be decoded"):
            hurt.result()


def test_of_a_batch_only_the_request_about_a_damaged_appointment_gets_an_error():
    store = MemoryStore()
    with open_desk(store=store) as desk:
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="mine")
        assert isinstance(booked, Booked)
        number = booked.appointment.number
        damage(store, "appointments", number)
        hurt = desk._office.requests.cancel(number, by=ME, request_id="hurt")
        (sound,) = requests(desk, (YOU, slot(THIRD_SLOT)), beside=[hurt])
        assert isinstance(sound.result(), Booked)
        with pytest.raises(StoreUnreadable, match=f"a record of appointments, {number}: got one that can't be decoded"):
            hurt.result()


def test_of_a_batch_only_the_request_with_a_damaged_answer_gets_an_error():
    store = MemoryStore()
    with open_desk(store=store) as desk:
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="of-0"), Booked)
        damage(store, "answers", "of-0")
        hurt, sound = requests(desk, (ME, slot(25)), (YOU, slot(THIRD_SLOT)))
        assert isinstance(sound.result(), Booked)
        with pytest.raises(StoreUnreadable, match="a record of answers, of-0: got one that can't be decoded"):
            hurt.result()


def test_a_damaged_hold_that_has_run_out_keeps_its_seat_and_stops_no_search_and_no_expiry():
    store, clock, numbers = MemoryStore(), MovableClock(START), list[str]()
    with open_desk(store=store, clock=clock) as desk:
        for person, at in ((ME, slot(25)), (YOU, slot(49))):
            held = desk.hold(at, applicant=person, request_id=f"hold-{len(numbers)}")
            assert isinstance(held, Held)
            numbers.append(held.appointment.number)
        before = desk.find_slots(service="renewal", limit=500)
        clock.advance(timedelta(hours=1))
        damage(store, "appointments", numbers[0])
        assert desk.maintenance.expire_holds(limit=1) == 1
        assert desk.maintenance.expire_holds(limit=1) == 0
        found = {each.slot.key for each in desk.find_slots(service="renewal", limit=500)}
        assert slot(49) in found
        assert slot(25) not in found
        assert slot(25) not in {each.slot.key for each in before}
        refused = desk.book(slot(25), applicant=made_up_person(7), agreed=True, request_id="third")
        assert isinstance(refused, Refused)


def test_a_counter_whose_key_names_no_slot_fails_the_searches_that_meet_it_and_is_named():
    store = MemoryStore()
    with open_desk(store=store) as desk:
        key = "north/renewal/2026-11-23T05"
        assert store.commit([StoreChange(counts=(Count("seats", key, 1, 1),))]) == [None]
        with pytest.raises(StoreUnreadable, match=f"^a record of seats, {key}: "):
            desk.find_slots(service="renewal", from_=date(2026, 11, 23))
        assert desk.find_slots(service="renewal", branch="south", from_=date(2026, 11, 23))
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="mine"), Booked)
