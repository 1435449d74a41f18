"""The refused requests of a log, by rule and by appointment."""

import pytest

from tests.desks import open_desk
from traffic_booking import Auditor, Booked, InvalidInput, NotFound, Refused
from traffic_booking.testing import made_up_person

BY = Auditor("auditor-1")


@pytest.fixture
def desk():
    with open_desk() as opened:
        yield opened


def test_refusals_are_found_by_rule_and_by_appointment_and_read_on_behind_a_position(desk):
    me, you = made_up_person(1), made_up_person(2)
    first, second = desk.find_slots(service="renewal", branch="north", limit=2)
    booked = desk.book(first, applicant=me, agreed=True, request_id="granted")
    assert isinstance(booked, Booked)
    number = booked.appointment.number
    assert isinstance(desk.book(first, applicant=you, agreed=True, request_id="full"), Refused)
    assert isinstance(desk.book(second, applicant=me, agreed=True, request_id="second"), Refused)
    assert isinstance(desk.cancel(number, by=you, request_id="not-mine"), Refused)

    def ids(**wanted):
        return [each.request_id for each in desk.audit.refusals(by=BY, **wanted).occurrences]

    assert ids() == ["full", "second", "not-mine"]
    assert ids(rule="BK-05") == ["full"]
    assert ids(rule="BK-07") == ["second"]
    assert ids(number=number) == ["not-mine"]
    assert ids(rule="BK-05", number=number) == []
    assert ids(limit=2) == ["full", "second"]
    behind = desk.audit.refusals(by=BY, limit=1).next
    assert ids(after=behind) == ["second", "not-mine"]


@pytest.mark.parametrize("wanted", [{"limit": 0}, {"limit": 10_001}, {"number": "?"}, {"after": "x"}], ids=repr)
def test_arguments_are_checked(desk, wanted):
    with pytest.raises(InvalidInput):
        desk.audit.refusals(by=BY, **wanted)


def test_an_unknown_rule_is_not_found(desk):
    with pytest.raises(NotFound):
        desk.audit.refusals(rule="BK-99", by=BY)
