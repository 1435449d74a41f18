"""Each broken invariant of a store is found, and a store of right bookings breaks none."""

import pytest

from tests.bookings import ME, YOU, booked, booking, cancelling, held, number, slot, without_answer
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.decisions.changes import Change, SeatChange
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import Limits, Watched, broken_invariants

SLOTS = {slot(1): 1, slot(1.25): 2, slot(2, "transfer"): 2, slot(1, "transfer"): 2}
WATCHED = Watched(capacities=SLOTS, limits=Limits(per_service=1, in_all=2, holds=1))


def broken(*changes):
    store = MemoryStore()
    for change in changes:
        AppointmentBook(store).commit([change])
    return broken_invariants(store, WATCHED, START)


def test_right_bookings_break_nothing():
    assert broken() == ()
    theirs = booking(3, YOU, slot(2, "transfer"), capacity=2)
    given_back = cancelling(theirs.appointments[0], theirs.person_state)
    assert broken(booking(1), held(2, YOU, slot(1.25)), theirs, given_back) == ()


@pytest.mark.parametrize("delta", [1, 2])
def test_seats_without_an_appointment_are_found(delta):
    (sentence,) = broken(Change(seats=(SeatChange(slot(1.25), delta, 2),)))
    assert sentence.endswith(f"{delta} seats taken; expected 0, one for each appointment or hold")


def test_an_appointment_without_a_seat_is_found():
    appointment, event = booked(1)
    (sentence,) = broken(Change(appointments=(appointment,), events=(event,)))
    assert "0 seats taken; expected 1" in sentence


def test_more_seats_than_a_slot_has_are_found():
    assert any("2 seats taken; expected at most 1" in each for each in broken(booking(1), held(2, YOU, slot(1))))


def test_more_appointments_than_a_person_may_have_are_found():
    first = without_answer(booking(1))
    changes = [
        first,
        booking(2, at=slot(1.25), person_state=first.person_state, capacity=2),
        held(3, at=slot(2, "transfer")),
    ]
    sentences = broken(*changes)
    assert f"the person of {number(1)}: 3 active appointments; expected at most 2" in sentences
    assert f"the person of {number(1)}: 2 active appointments for renewal; expected at most 1" in sentences


def test_more_holds_than_a_person_may_have_are_found():
    sentences = broken(held(1, at=slot(1.25)), held(2, at=slot(2, "transfer")))
    assert sentences == (f"the person of {number(1)}: 2 holds; expected at most 1",)


def test_appointments_of_one_person_that_overlap_are_found():
    first = booking(1)
    (sentence,) = broken(first, booking(2, at=slot(1, "transfer"), person_state=first.person_state, capacity=2))
    assert "overlap; expected one after the other" in sentence


def test_an_appointment_without_its_events_is_found():
    appointment, _ = booked(1)
    (sentence,) = broken(Change(seats=(SeatChange(slot(), 1, 1),), appointments=(appointment,)))
    assert sentence == f"{number(1)}: events []; expected 1 to 1"


def test_events_that_contradict_the_record_are_found():
    appointment, _ = booked(1)
    _, of_another = booked(1, at=slot(2))
    (sentence,) = broken(Change(seats=(SeatChange(slot(), 1, 1),), appointments=(appointment,), events=(of_another,)))
    start, end = "2026-11-22T0{}:00:00Z", "2026-11-22T0{}:15:00+00:00"
    assert sentence == (
        f"{number(1)}: slot north renewal {start.format(5)}, slot ends at {end.format(5)};"
        f" expected slot north renewal {start.format(6)}, slot ends at {end.format(6)}"
    )


def test_no_sentence_names_a_person():
    assert not any(ME.subject in sentence for sentence in broken(booking(1), held(2, ME, slot(1))))
