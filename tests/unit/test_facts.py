"""Facts after a change are what a store would then read; the parts of a change are what they say."""

from functools import reduce
from typing import Any

import pytest
from attrs import evolve as copy_with
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, YOU, booking, cancelling, held, number, slot
from tests.calendars import exception
from tests.cases import MINUTE, appointment
from tests.small_town import START
from traffic_booking import Clerk, InvalidInput
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.changes import Change, Committed, Guard, SeatChange, StandingGuard
from traffic_booking.domain.commands import CancelAppointment
from traffic_booking.domain.facts import CalendarVersion, Facts, FactsInTurn, FactsQuery, Standing
from traffic_booking.domain.outside_text import RequestId
from traffic_booking.domain.places import BranchId
from traffic_booking.domain.working_time import CalendarEntry, Effect
from traffic_booking.persistence.appointment_book import AppointmentBook

PEOPLE = (ME, YOU)
SLOTS = (slot(1), slot(2), slot(1, "transfer"))


def changes_of(store, draw):
    """A change that the store commits: a booking or hold by anybody, or a cancellation."""
    person, at, serial = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(SLOTS)), draw(st.integers(0, 6))
    stored = store.appointment(number(serial))
    standing = facts_of(store, person=person).standing.version
    match draw(st.sampled_from(["book", "hold", "cancel"])):
        case "book" if stored is None:
            return booking(serial, person, at, standing=standing, capacity=9)
        case "hold" if stored is None:
            return held(serial, person, at)
        case "cancel" if stored is not None and stored.has_seat:
            return cancelling(stored, standing=facts_of(store, person=stored.applicant).standing.version)
        case _:
            return Change()


def facts_of(store, *, person=None, serial=None):
    query = FactsQuery(
        request_id=RequestId("asked"),
        ending_after=START,
        applicant=person,
        number=None if serial is None else number(serial),
        slots=SLOTS[:2],
    )
    return store.facts([query])[0]


@given(st.data())
def test_facts_after_a_change_are_what_the_store_then_reads(data):
    store = AppointmentBook(MemoryStore())
    for _ in range(data.draw(st.integers(1, 8))):
        person, serial = data.draw(st.sampled_from(PEOPLE)), data.draw(st.integers(0, 6))
        before = [facts_of(store, person=person), facts_of(store, serial=serial)]
        was_there = before[1].appointment is not None
        change = changes_of(store, data.draw)
        assert store.commit([change]) == [Committed()]

        assert before[0].after(change) == facts_of(store, person=person)
        if was_there:  # which appointment is asked about doesn't change
            assert before[1].after(change) == facts_of(store, serial=serial)


ENTRY = CalendarEntry(
    number=4,
    at=START,
    actor=Clerk("counter-3"),
    reason="repairs",
    request_id="declared",
    record=exception(Effect.CLOSED, START.date()),
)


@given(st.data())
def test_seats_in_turn_are_what_one_change_after_another_would_leave_and_persons_have_one_turn(data):
    store, in_turn, taken_in_turn = AppointmentBook(MemoryStore()), FactsInTurn(), list[Change]()
    for _ in range(data.draw(st.integers(0, 4))):
        store.commit([changes_of(store, data.draw)])
    found = [facts_of(store, person=person) for person in PEOPLE]
    found += [facts_of(store, serial=serial) for serial in range(7)]

    for _ in range(data.draw(st.integers(1, 6))):
        change = changes_of(store, data.draw)
        store.commit([change])
        in_turn.add(change)
        taken_in_turn.append(change)
        had_a_turn = {appointment.applicant for each in taken_in_turn for appointment in each.appointments}
        for facts in found:
            if facts.standing is not None and facts.standing.applicant in had_a_turn:
                assert in_turn.applied_to(facts) is None
            else:
                assert in_turn.applied_to(facts) == reduce(Facts.after, taken_in_turn, facts)


def test_behind_a_new_calendar_entry_facts_have_to_be_read_again():
    in_turn = FactsInTurn()
    in_turn.add(Change(entry=ENTRY))

    assert in_turn.applied_to(Facts(calendars={BranchId("north"): CalendarVersion(3)})) is None


def test_facts_that_no_change_touches_come_back_themselves():
    in_turn, found = FactsInTurn(), Facts(standing=Standing(ME, 3), taken={slot(1): 2})
    in_turn.add(booking(1, YOU, slot(2)))

    assert in_turn.applied_to(found) is found


def test_of_facts_that_a_change_touches_all_but_the_seats_stays():
    in_turn, change = FactsInTurn(), booking(1, YOU, slot(1))
    in_turn.add(change)
    found = Facts(
        answer=change.answer,
        appointment=appointment(),
        standing=Standing(ME, 3),
        taken={slot(1): 2},
        calendars={BranchId("north"): CalendarVersion(4, 2)},
    )
    assert all(getattr(found, each.name) != getattr(Facts(), each.name) for each in fields(Facts)), (
        "a field is left out"
    )

    assert in_turn.applied_to(found) == copy_with(found, taken={slot(1): 3})


def test_facts_after_no_change_are_the_same():
    facts = Facts(
        appointment=appointment(), standing=Standing(ME, 3, (appointment(), appointment(2))), taken={slot(1): 2}
    )

    assert facts.after(Change()) == facts


def test_facts_without_a_standing_stay_without():
    assert Facts(taken={slot(1): 1}).after(Change(standing=StandingGuard(ME, 0))) == Facts(taken={slot(1): 1})


def test_a_change_to_somebody_else_leaves_the_standing():
    facts = Facts(standing=Standing(ME, 3), taken={slot(1): 0})
    theirs = booking(1, YOU, slot(1))

    assert facts.after(theirs) == Facts(standing=Standing(ME, 3), taken={slot(1): 1})


def test_the_facts_before_are_not_touched():
    taken = {slot(1): 0}
    facts = Facts(standing=Standing(ME), taken=taken)

    facts.after(Change(seats=(SeatChange(slot(1), 1, 1), SeatChange(slot(2), 1, 1))))

    assert taken == {slot(1): 0}
    assert facts == Facts(standing=Standing(ME), taken={slot(1): 0})


def test_a_standing_stays_in_the_order_of_start_and_number():
    late, early = appointment(1, starts_at=START + 60 * MINUTE), appointment(2, starts_at=START + 30 * MINUTE)
    facts = Facts(standing=Standing(ME, 0, (late,)))

    after = facts.after(Change(appointments=(early,), standing=StandingGuard(ME, 0)))

    assert after.standing == Standing(ME, 1, (early, late))


def test_an_empty_change_writes_nothing():
    assert Change() == Change(answer=None, seats=(), standing=None, once=(), appointments=(), events=(), attempts=None)


def test_guards_are_reported_in_the_documented_order():
    assert list(Guard) == ["request", "once", "calendar", "standing", "appointment", "attempts", "seats"]


def test_a_command_is_another_one_as_soon_as_anything_differs():
    command = CancelAppointment(request_id="r", actor=ME, number=number(1))

    assert command == CancelAppointment(request_id="r", actor=ME, number=number(1))
    assert command != copy_with(command, actor=YOU)
    assert command != copy_with(command, number=number(2))
    nobody: Any = None
    with pytest.raises(InvalidInput, match=r"^actor: "):
        copy_with(command, actor=nobody)
