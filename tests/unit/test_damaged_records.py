"""A record that can't be decoded fails the request that needs it, and nobody else's."""

import pytest

from tests.bookings import ME, YOU, slot
from tests.desks import open_desk
from traffic_booking import Booked, StoreUnreadable
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.ports.primitives import Put, RecordsByKey, StoreChange

THIRD_SLOT = 73


def damage(store, collection, key):
    """The record's body becomes an empty object."""
    row = store.read([RecordsByKey(collection, [key])])[0][0]
    damaged = StoreChange(puts=(Put(collection, key, row[1], row[2:-1], "{}"),))
    assert store.commit([damaged]) == [None]


def requests(desk, *asked):
    made = [
        desk._requests.book(at, applicant=person, agreed=True, request_id=f"of-{number}", by=None, assertions=None)
        for number, (person, at) in enumerate(asked)
    ]
    desk._settle_together(made)
    return made


def test_of_a_batch_only_the_person_with_a_damaged_appointment_is_refused_service():
    store = MemoryStore()
    with open_desk(store=store) as desk:
        booked = desk.book(slot(25), applicant=ME, agreed=True, request_id="mine")
        assert isinstance(booked, Booked)
        mine = booked.appointment
        damage(store, "appointments", mine.number)
        hurt, sound = requests(desk, (ME, slot(49)), (YOU, slot(THIRD_SLOT)))
        assert isinstance(sound.result(), Booked)
        with pytest.raises(
            StoreUnreadable, match=f"a record of appointments, {mine.number}: got one that can't be decoded"
        ):
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
