"""The writes of a granted request: the counts of seats, the events, the guards; a hold that becomes the booking."""

import pytest
from attrs import evolve as copy_with

from tests.bookings import ME, YOU, number
from tests.calendars import PLAIN
from tests.cases import CATALOGUE, CLERK, DAY, IN_FORCE, MINUTE, OPENING, TICK, appointment, hold, slot_key
from tests.small_town import START, small_rulebook
from traffic_booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentHeld,
    AppointmentState,
    Booked,
    Cancelled,
    CheckedIn,
    Held,
    HoldExpired,
    HoldReleased,
    Refused,
    System,
)
from traffic_booking.domain import configuration as configuration_module
from traffic_booking.domain.appointments.commands import BookSlot, CancelAppointment, CheckInApplicant, HoldSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking, decide_hold
from traffic_booking.domain.decisions.cancelling import decide_cancellation, decide_expiry
from traffic_booking.domain.decisions.changes import SeatChange
from traffic_booking.domain.decisions.checking_in import decide_check_in
from traffic_booking.domain.decisions.facts import Facts
from traffic_booking.domain.errors import NotFound
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.places.services import ServiceId
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.text_input import RequestId

RULEBOOK = small_rulebook("rules-7")
CONFIGURATION = Configuration(CATALOGUE, RULEBOOK, BranchCalendars(PLAIN))
NEW = number(999)
TAKE, GIVE_BACK = SeatChange(slot_key(), 1, 2), SeatChange(slot_key(), -1, 0)
REQUEST = RequestId("r")


def outcome_of(change):
    """The outcome that the change gives the caller."""
    assert change.answer is not None
    return change.answer.outcome


def person_state_with(one):
    """The person's state after a booking, if it had version 5 before."""
    return PersonState(ME, 6, (one.as_listed(),))


def booking(*person_state, actor=ME, agreed=True, seats_taken=0, now=START):
    """The change that books the opening slot, and the appointment of its outcome."""
    command = BookSlot(request_id=REQUEST, actor=actor, applicant=ME, slot=slot_key(), agreed=agreed)
    facts = Facts(person_state=PersonState(ME, 5, person_state), seats_taken={slot_key(): seats_taken})
    change = decide_booking(CONFIGURATION, command, facts, NEW, now)
    match outcome_of(change):
        case Booked(one):
            return change, one
        case other:
            return pytest.fail(f"not booked: {other}")


def holding(*person_state, seats_taken=0, now=START):
    """The change that holds the opening slot, and the hold of its outcome."""
    command = HoldSlot(request_id=REQUEST, actor=ME, applicant=ME, slot=slot_key())
    facts = Facts(person_state=PersonState(ME, 5, person_state), seats_taken={slot_key(): seats_taken})
    change = decide_hold(CONFIGURATION, command, facts, NEW, now)
    match outcome_of(change):
        case Held(one):
            return change, one
        case other:
            return pytest.fail(f"not held: {other}")


def test_a_booking_takes_a_seat_and_records_its_actor_time_and_rules():
    change, one = booking(actor=CLERK)

    assert (one.number, one.version, one.state) == (NEW, 1, AppointmentState.BOOKED)
    assert (one.instructions, one.rulebook, one.changed_at) == (IN_FORCE, "rules-7", START)
    assert (change.appointments, change.seats, change.person_state) == ((one,), (TAKE,), person_state_with(one))
    (event,) = change.events
    assert isinstance(event, AppointmentBooked)
    assert (event.actor, event.at, event.request_id, event.rulebook) == (CLERK, START, REQUEST, "rules-7")
    assert (change.answer.decided_at, change.answer.rulebook) == (START, "rules-7")


def test_a_hold_takes_a_seat_and_needs_no_agreement():
    change, one = holding()

    assert (one.number, one.version, one.state) == (NEW, 1, AppointmentState.HELD)
    assert (one.instructions, one.hold_ends_at) == (None, START + 10 * MINUTE)
    assert (change.appointments, change.seats, change.person_state) == ((one,), (TAKE,), PersonState(ME, 6, (one,)))
    assert [type(event) for event in change.events] == [AppointmentHeld]


@pytest.mark.parametrize("seats_taken", [1, 2])
def test_a_live_hold_on_the_slot_becomes_the_booking_and_no_seat_moves(seats_taken):
    mine = hold()
    change, one = booking(mine, seats_taken=seats_taken)

    assert (one.number, one.version, one.hold_ends_at) == (mine.number, 2, None)
    assert (change.appointments, change.seats, change.person_state) == ((one,), (), person_state_with(one))
    assert [(type(event), event.version) for event in change.events] == [(AppointmentBooked, 2)]


def test_a_hold_that_has_run_out_is_left_alone_and_a_new_seat_is_taken():
    change, one = booking(hold(), seats_taken=1, now=START + 10 * MINUTE)

    assert (one.number, one.version) == (NEW, 1)
    assert (change.appointments, change.seats) == ((one,), (TAKE,))


@pytest.mark.parametrize("decide", [booking, holding])
def test_a_live_hold_on_another_slot_of_the_service_is_given_back_in_the_same_change(decide):
    other = hold(7, starts_at=OPENING + DAY)
    change, one = decide(other, hold(8, starts_at=OPENING + DAY, service="transfer"), seats_taken=1)

    released, latest = change.appointments
    assert latest == one
    assert (released.number, released.version, released.state) == (other.number, 2, AppointmentState.CANCELLED)
    assert change.seats == (TAKE, SeatChange(other.slot, -1, 0))
    assert isinstance(change.events[0], HoldReleased)
    assert (change.events[0].number, change.events[0].request_id) == (other.number, REQUEST)
    assert change.events[1].number == one.number


@pytest.mark.parametrize("decide", [booking, holding])
def test_a_hold_on_another_slot_that_has_run_out_is_left_to_the_sweep(decide):
    other = hold(7, starts_at=OPENING + DAY, hold_ends_at=START)
    change, one = decide(other)

    assert (change.appointments, change.seats) == ((one,), (TAKE,))


def test_holding_the_same_slot_again_gives_the_same_hold_no_longer_than_it_was():
    mine = hold()
    change, again = holding(mine, seats_taken=2, now=START + 9 * MINUTE)

    assert again == mine
    assert (change.appointments, change.seats, change.events) == ((), (), ())
    assert (change.person_state, change.unchanged) == (None, PersonState(ME, 5, (mine,)))


def test_agreement_is_recorded_in_the_version_that_was_shown():
    _change, one = booking(agreed=IN_FORCE)

    assert one.instructions == IN_FORCE


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("actor", [ME, CLERK])
def test_a_cancellation_gives_the_seat_back_and_keeps_what_was_agreed(held, actor):
    one = hold(starts_at=OPENING + DAY) if held else appointment(starts_at=OPENING + DAY)
    facts = Facts(appointment=one, person_state=PersonState(ME, 5, (one,)))
    command = CancelAppointment(request_id=REQUEST, actor=actor, number=one.number)

    change = decide_cancellation(CONFIGURATION, command, facts, START)

    (cancelled,), (event,) = change.appointments, change.events
    assert outcome_of(change) == Cancelled(cancelled)
    assert (cancelled.state, cancelled.version, cancelled.hold_ends_at) == (AppointmentState.CANCELLED, 2, None)
    assert cancelled.instructions == one.instructions
    listed = () if held or actor is CLERK else (cancelled.as_listed(),)
    assert (change.seats, change.person_state) == ((SeatChange(one.slot, -1, 0),), PersonState(ME, 6, listed))
    assert isinstance(event, AppointmentCancelled)
    assert (event.actor, event.request_id, event.at) == (actor, REQUEST, START)


def test_a_check_in_moves_no_seat():
    one = appointment()
    facts = Facts(appointment=one, person_state=PersonState(ME, 5, (one,)))
    command = CheckInApplicant(request_id=REQUEST, actor=CLERK, number=one.number)

    change = decide_check_in(RULEBOOK, command, facts, OPENING)

    (checked_in,), (event,) = change.appointments, change.events
    assert outcome_of(change) == CheckedIn(checked_in)
    assert checked_in == copy_with(
        one, state=AppointmentState.CHECKED_IN, version=2, changed_at=OPENING, rulebook="rules-7"
    )
    assert (change.seats, change.person_state) == ((), PersonState(ME, 6, (checked_in.as_listed(),)))
    assert isinstance(event, AppointmentCheckedIn)


def test_a_hold_is_ended_by_the_library_itself_once_its_time_is_over():
    mine = hold()
    ends_at = START + 10 * MINUTE

    assert decide_expiry(mine, ends_at - TICK) is None
    change = decide_expiry(mine, ends_at + MINUTE)
    assert change is not None
    (expired,), (event,) = change.appointments, change.events
    assert (expired.state, expired.version) == (AppointmentState.EXPIRED, 2)
    assert (change.seats, change.person_state, change.answer) == ((GIVE_BACK,), None, None)
    assert isinstance(event, HoldExpired)
    assert (event.actor, event.request_id, event.at, event.rulebook) == (System(), None, ends_at, mine.rulebook)
    assert expired == mine.as_of(ends_at)


@pytest.mark.parametrize("state", [state for state in AppointmentState if state is not AppointmentState.HELD])
def test_an_appointment_that_is_no_hold_is_never_ended(state):
    assert decide_expiry(appointment(state=state), OPENING + DAY) is None


def test_a_stranger_neither_books_nor_ends_a_hold_of_somebody_else():
    command = BookSlot(request_id=REQUEST, actor=YOU, applicant=ME, slot=slot_key(), agreed=True)
    facts = Facts(
        person_state=PersonState(ME, 5, (hold(), hold(7, starts_at=OPENING + DAY))), seats_taken={slot_key(): 1}
    )

    change = decide_booking(CONFIGURATION, command, facts, NEW, START)

    refused = outcome_of(change)
    assert isinstance(refused, Refused)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-11"]
    assert (change.appointments, change.seats, change.events) == ((), (), ())
    assert (change.person_state, change.unchanged) == (None, facts.person_state)


def test_a_key_and_a_day_have_the_same_slots_after_any_number_of_others(monkeypatch):
    monkeypatch.setattr(configuration_module, "CACHED_SLOTS", 2)
    monkeypatch.setattr(configuration_module, "CACHED_DAYS", 2)
    known = Configuration(CATALOGUE, RULEBOOK, BranchCalendars(PLAIN))
    branch, service = CATALOGUE.branch("north"), CATALOGUE.service("renewal")
    for place in (0, 1, 2, 3, 0):
        key, anew = slot_key(starts_at=START + place * DAY), Configuration(CATALOGUE, RULEBOOK, BranchCalendars(PLAIN))
        day = key.starts_at.date()
        assert known.slot_facts(key) == anew.slot_facts(key)
        assert known.slots_of_day(branch, service, day) == anew.slots_of_day(branch, service, day)


def test_a_key_with_unknown_names_is_refused_every_time():
    for _ in range(2):
        with pytest.raises(NotFound, match="branch"):
            CONFIGURATION.slot(copy_with(slot_key(), branch=BranchId("nowhere")))
        with pytest.raises(NotFound, match="service"):
            CONFIGURATION.slot(copy_with(slot_key(), service=ServiceId("nothing")))
