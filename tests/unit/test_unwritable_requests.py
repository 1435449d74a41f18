"""A request that can't be written fails alone: the other requests of its batch are granted."""

import pytest

from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import Assertions, Booked, InvalidInput
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import requests
from traffic_booking.persistence.basic_codecs import rebuilt


def together(desk, *requests):
    """Requests that are executed in one batch."""
    desk._office.execute_batch(requests)
    return requests


def bookings(desk, **ids):
    for person, (request_id, assertions) in ids.items():
        who, at = (ME, slot(25)) if person == "mine" else (YOU, slot(49))
        yield desk._office.requests.book(
            at, applicant=who, agreed=True, request_id=request_id, by=None, assertions=assertions
        )


UNWRITABLE = rebuilt(Assertions, checked_at=START, birth_date="1990-01-01", expires_on=None, met=frozenset())
"""Values of a host that bypasses the constructor; no codec writes a text for a date."""


def test_of_a_batch_only_the_request_that_can_t_be_written_fails(monkeypatch):
    monkeypatch.setattr(requests, "vouched", lambda assertions: assertions)  # as if a rule at the door were missing
    with open_desk() as desk:
        hurt, sound = together(desk, *bookings(desk, mine=("mine", UNWRITABLE), yours=("yours", None)))
        assert isinstance(sound.result(), Booked)
        assert hurt.error is not None
        assert hurt.error.__context__ is None
        assert "1990" not in str(hurt.error)
        assert isinstance(desk.book(slot(25), applicant=ME, agreed=True, request_id="mine"), Booked)


def test_of_a_batch_only_the_request_that_the_store_refuses_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(requests, "checked_request_id", lambda text: text)  # as if a rule at the door were missing
    with open_desk(store=SqliteStore(tmp_path / "store.db")) as desk:
        hurt, sound = together(desk, *bookings(desk, mine=("\ud800", None), yours=("yours", None)))
        assert isinstance(sound.result(), Booked)
        with pytest.raises(InvalidInput, match=r"^request: got text that has no form in UTF-8") as caught:
            hurt.result()
        assert caught.value.__context__ is None  # the driver's error has the text
