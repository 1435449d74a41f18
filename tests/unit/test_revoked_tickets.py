"""The list of revoked tickets: those of moved and cancelled appointments, until their time is over."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bookings import slot
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import small_catalogue
from traffic_booking import (
    Booked,
    InvalidInput,
    Revocation,
    RevokedTicket,
    RevokedTickets,
    from_json,
    to_json,
)
from traffic_booking.domain.appointments.ticket_codes import ticket_id_of
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.signing.revocations import KEPT

EARLY, LATE, LATER = slot(25), slot(49), slot(73)


@pytest.fixture
def desk():
    with open_desk(small_catalogue()) as made:
        yield made


def book(desk, key=EARLY, who=ME, request="booked"):
    return desk.book(key, applicant=who, agreed=True, request_id=request).appointment.number


def listed(desk, **given):
    return {each.ticket_id: each.reason for each in desk.gate.revoked_tickets(**given).tickets}


def test_nothing_is_revoked_at_first(desk):
    book(desk)
    assert listed(desk) == {}


def test_the_ticket_of_a_cancelled_appointment_is_revoked(desk):
    number = book(desk)
    desk.cancel(number, by=ME, request_id="cancelled")
    assert listed(desk) == {ticket_id_of(number, EARLY): Revocation.CANCELLED}


def test_the_earlier_tickets_of_a_moved_appointment_are_revoked(desk):
    number = book(desk)
    desk.move(number, LATE, by=ME, request_id="moved")
    desk.move(number, LATER, by=ME, request_id="moved-again")
    moved = {ticket_id_of(number, EARLY): Revocation.MOVED, ticket_id_of(number, LATE): Revocation.MOVED}
    assert listed(desk) == moved
    desk.cancel(number, by=ME, request_id="cancelled")
    assert listed(desk) == moved | {ticket_id_of(number, LATER): Revocation.CANCELLED}


def test_a_ticket_is_valid_again_once_its_appointment_moves_back(desk):
    number = book(desk)
    desk.move(number, LATE, by=ME, request_id="moved")
    desk.move(number, EARLY, by=ME, request_id="moved-back")
    assert listed(desk) == {ticket_id_of(number, LATE): Revocation.MOVED}


def test_a_hold_that_is_cancelled_had_no_ticket(desk):
    held = desk.hold(EARLY, applicant=ME, request_id="held").appointment
    desk.cancel(held.number, by=ME, request_id="cancelled")
    assert listed(desk) == {}


def test_a_ticket_leaves_the_list_after_its_day(desk):
    number = book(desk)
    desk.cancel(number, by=ME, request_id="cancelled")
    desk.clock.advance(EARLY.starts_at + KEPT - desk.clock.now() - timedelta(seconds=1))
    before = desk.gate.revoked_tickets()
    assert len(before.tickets) == 1
    desk.clock.advance(timedelta(seconds=1))
    assert desk.gate.revoked_tickets().tickets == ()
    assert desk.gate.revoked_tickets(since=before).tickets == ()


def test_the_list_names_no_appointment_and_nobody(desk):
    number = book(desk)
    desk.cancel(number, by=ME, request_id="cancelled")
    text = json.dumps(to_json(desk.gate.revoked_tickets()))
    assert number not in text
    assert number.replace("-", "") not in text
    assert ME.reveal() not in text


def test_the_list_is_read_back_from_its_json(desk):
    number = book(desk)
    desk.cancel(number, by=ME, request_id="cancelled")
    revoked = desk.gate.revoked_tickets()
    again = from_json(RevokedTickets, json.loads(json.dumps(to_json(revoked))))
    assert again == revoked
    found = again.find(ticket_id_of(number, EARLY))
    assert found is not None
    assert found.message("ar") != found.message("en")
    assert again.find(ticket_id_of(number, LATE)) is None


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from(["book", "move", "cancel", "list"]), st.sampled_from([ME, YOU]), st.integers(0, 4)),
        max_size=25,
    )
)
def test_a_list_that_goes_on_from_an_earlier_one_is_the_whole_list(steps):
    """And a due appointment's ticket is never on it, a cancelled one's always."""
    slots, numbers, earlier = [slot(hour) for hour in (25, 26, 27, 49, 50)], {}, None
    with open_desk(small_catalogue()) as desk:
        for place, (what, who, at) in enumerate(steps):
            match what:
                case "book":
                    booked = desk.book(slots[at], applicant=who, agreed=True, request_id=f"r{place}")
                    if isinstance(booked, Booked):
                        numbers[booked.appointment.number] = who
                case "move" | "cancel" if numbers:
                    number = list(numbers)[at % len(numbers)]
                    by = numbers[number]
                    if what == "move":
                        desk.move(number, slots[at], by=by, request_id=f"r{place}")
                    else:
                        desk.cancel(number, by=by, request_id=f"r{place}")
                case _:
                    earlier = desk.gate.revoked_tickets(since=earlier)
        whole = desk.gate.revoked_tickets()
        assert desk.gate.revoked_tickets(since=earlier) == whole
        for number, who in numbers.items():
            appointment = desk.appointment(number, by=who)
            is_listed = whole.find(ticket_id_of(number, appointment.slot)) is not None
            assert is_listed is (appointment.state.value == "cancelled")


@pytest.mark.parametrize("since", [(), "text", 7, RevokedTicket])
def test_anything_but_a_list_is_refused(desk, since):
    with pytest.raises(InvalidInput, match=r"^since: got .*; expected RevokedTickets, or None"):
        desk.gate.revoked_tickets(since=since)


def test_a_list_that_bypassed_its_constructor_is_refused(desk):
    unsound = RevokedTickets.__new__(RevokedTickets)
    with pytest.raises(InvalidInput, match=r"^since: got a value that can't be read"):
        desk.gate.revoked_tickets(since=unsound)


@pytest.mark.parametrize("tickets", [None, "text", [1], [None], 7])
def test_a_list_has_revoked_tickets_alone(desk, tickets):
    with pytest.raises(InvalidInput, match=r"^tickets: got "):
        RevokedTickets(as_of=desk.clock.now(), position=BEGINNING, tickets=tickets)
