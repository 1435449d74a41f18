"""A hold ends by the clock: every verb returns the same state, whether or not its end is recorded yet."""

from datetime import timedelta

import pytest

from tests.bookings import slot
from tests.calendars import exception
from tests.desks import open_desk
from tests.pools import pooled
from tests.small_town import START, small_catalogue
from traffic_booking import (
    AppointmentHeld,
    Booked,
    Cancelled,
    Clerk,
    Effect,
    Held,
    HoldExpired,
    InvalidInput,
    SeatRecounted,
    System,
    from_json,
    to_json,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.tickets import TextTicket
from traffic_booking.domain.appointments.person_state import MARGIN, MOST_EXPIRED
from traffic_booking.persistence.records import person_state_of
from traffic_booking.ports.primitives import RecordsByKey
from traffic_booking.testing import MovableClock, made_up_person

ME, YOU = made_up_person(1), made_up_person(2)
STAFF = Clerk("gate-1")
TICK, MINUTE, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=1)
LENGTH = 10 * MINUTE


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    with open_desk(small_catalogue(capacity=2), clock=clock, tickets={"text": TextTicket()}) as desk:
        yield desk


@pytest.fixture
def slots(desk):
    return desk.find_slots(service="renewal", branch="north", from_=START + DAY, limit=3)


@pytest.fixture
def number(desk, slots):
    """The number of a hold that ends in ten minutes."""
    return desk.hold(slots[0], applicant=ME, request_id="hold").appointment.number


def observed_by(outcome, rule_id):
    """The observation of a rule in a refusal."""
    (verdict,) = (each for each in outcome.verdicts if each.rule_id == rule_id)
    return verdict.observed


def states_of(desk, number, slot):
    """The state of the hold as each verb shows it."""
    mine = desk.appointments(ME)
    (listed,) = mine
    (name,) = (each for each in ("upcoming", "held", "past", "cancelled", "expired") if listed in getattr(mine, each))
    plan = desk.what_if()
    explained = plan.cancel(number, by=ME)
    with pytest.raises(InvalidInput) as no_ticket:
        desk.ticket(number, by=ME)
    return {
        "appointment": desk.appointment(number, by=ME).state,
        "appointments": listed.state,
        "list": name,
        "json": to_json(listed)["state"],
        "history": {AppointmentHeld: "held", HoldExpired: "expired"}[type(desk.audit.history(number, by=ME)[-1])],
        "what_if.cancel": next(each.observed for each in explained.verdicts if each.rule_id == "CN-02"),
        "what_if.move": observed_by(plan.move(number, slot, by=ME), "MV-02"),
        "what_if.check_in": observed_by(plan.check_in(number, by=STAFF), "AT-02"),
        "may_cancel": "held" if desk.may_cancel(number, by=ME) else "expired",
        "ticket": {"one that is held, not booked": "held", "a hold that has expired": "expired"}[no_ticket.value.got],
    }


@pytest.mark.parametrize(("before", "state"), [(TICK, "held"), (0 * TICK, "expired"), (-TICK, "expired")])
@pytest.mark.parametrize("swept", [False, True])
def test_every_verb_shows_the_state_that_the_clock_gives(desk, clock, slots, number, before, state, swept):
    clock.advance(LENGTH - before)
    assert not swept or desk.maintenance.expire_holds() == (state == "expired")

    assert set(states_of(desk, number, slots[1]).values()) == {state}


@pytest.mark.parametrize(("before", "state"), [(TICK, "held"), (0 * TICK, "expired")])
def test_refusals_name_the_state_that_the_clock_gives(desk, clock, slots, number, before, state):
    clock.advance(LENGTH - before)

    moved = desk.move(number, slots[1], by=ME, agreed=True, request_id="move")
    checked_in = desk.gate.check_in(number, by=STAFF, request_id="in")
    cancelled = desk.cancel(number, by=ME, request_id="cancel")

    assert (observed_by(moved, "MV-02"), observed_by(checked_in, "AT-02")) == (state, state)
    if state == "held":
        assert isinstance(cancelled, Cancelled)
    else:
        assert observed_by(cancelled, "CN-02") == "expired"
    assert desk.audit.verify().broken == ()


def test_nothing_that_a_host_reads_changes_as_the_end_is_recorded(desk, clock, number):
    clock.advance(2 * DAY)
    before = (desk.appointment(number, by=ME), desk.appointments(ME), desk.audit.history(number, by=ME))

    assert desk.maintenance.expire_holds() == 1

    assert (desk.appointment(number, by=ME), desk.appointments(ME), desk.audit.history(number, by=ME)) == before
    assert desk.audit.verify()


def test_the_end_of_a_hold_is_dated_by_its_end_whenever_it_is_recorded(desk, clock, number):
    clock.advance(3 * DAY)
    desk.maintenance.expire_holds()

    held, expired = desk.audit.history(number, by=ME)
    one = desk.appointment(number, by=ME)
    assert (expired.at, expired.actor, expired.rulebook) == (held.hold_ends_at, System(), held.rulebook)
    assert (one.state, one.version, one.changed_at, one.hold_ends_at) == ("expired", 2, START + LENGTH, None)


@pytest.mark.parametrize("minutes_left", [1, 9, 10, 11])
def test_no_hold_lasts_beyond_the_start_of_its_slot(minutes_left):
    clock = MovableClock(START)
    with open_desk(clock=clock) as desk:
        slot = desk.find_slots(service="renewal", branch="north", limit=1)[0]
        clock.move_to(slot.key.starts_at - minutes_left * MINUTE)
        outcome = desk.hold(slot, applicant=ME, request_id="hold")
        assert isinstance(outcome, Held)
        held = outcome.appointment

        assert held.hold_ends_at == min(clock.now() + LENGTH, slot.key.starts_at)
        clock.move_to(held.hold_ends_at)
        assert desk.appointment(held.number, by=ME).state == "expired"


@pytest.mark.parametrize(("before", "affected"), [(TICK, 1), (0 * TICK, 0)])
def test_a_closure_affects_a_hold_until_it_runs_out(desk, clock, slots, number, before, affected):
    closure = exception(Effect.CLOSED, slots[0].day.gregorian)
    clock.advance(LENGTH - before)

    assert [each.number for each in desk.calendar.affected_by(closure)] == [number] * affected


def hold_elsewhere(desk, clock, slots):
    other = desk.find_slots(service="transfer", branch="south", from_=START + 2 * DAY, limit=1)[0]
    assert desk.hold(other, applicant=ME, request_id="elsewhere")


def fill_and_cancel(desk, clock, slots):
    """The seat of the hold is another person's, who gives it back."""
    assert desk.book(slots[0], applicant=YOU, agreed=True, request_id="fill")
    taken = desk.book(slots[0], applicant=made_up_person(3), agreed=True, request_id="take")
    assert desk.cancel(taken.appointment.number, by=made_up_person(3), request_id="free")


def fill_all_but_the_seat(desk, clock, slots):
    """The booking itself has to end the hold, for want of another seat."""
    assert desk.book(slots[0], applicant=YOU, agreed=True, request_id="fill")


MEANWHILE = {
    "nothing": lambda desk, clock, slots: None,
    "a minute": lambda desk, clock, slots: clock.advance(MINUTE),
    "hours": lambda desk, clock, slots: clock.advance(timedelta(hours=20)),
    "a sweep": lambda desk, clock, slots: desk.maintenance.expire_holds(),
    "a hold elsewhere": hold_elsewhere,
    "a hold elsewhere, later": lambda desk, clock, slots: (
        clock.advance(5 * MINUTE),
        hold_elsewhere(desk, clock, slots),
    ),
    "a hold of another time": lambda desk, clock, slots: desk.hold(slots[1], applicant=ME, request_id="other-time"),
    "a refusal": lambda desk, clock, slots: desk.book(slots[0], applicant=ME, agreed=False, request_id="refused"),
    "the seat taken and given back": fill_and_cancel,
    "a full slot": fill_all_but_the_seat,
}


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
@pytest.mark.parametrize("named_by", ["the slot", "its token", "the hold"])
def test_a_booking_after_the_end_reports_the_hold_that_had_run_out(desk, clock, slots, number, meanwhile, named_by):
    slot = {"the slot": slots[0], "its token": slots[0].token, "the hold": desk.appointment(number, by=ME)}[named_by]
    clock.advance(LENGTH)
    meanwhile(desk, clock, slots)

    outcome = desk.book(slot, applicant=ME, agreed=True, request_id="book")

    assert isinstance(outcome, Booked)
    assert (outcome.expired_hold, outcome.appointment.number != number) == (number, True)
    for language in ("ar", "en"):
        assert number in outcome.message(language)
        assert outcome.appointment.number in outcome.message(language)
    assert desk.book(slot, applicant=ME, agreed=True, request_id="book") == outcome
    assert desk.explain(request_id="book", by=ME)[0].outcome == outcome
    assert from_json(Booked, to_json(outcome)) == outcome
    assert to_json(outcome)["message"]["en"] == outcome.message("en")
    assert desk.audit.verify().broken == ()
    assert desk.audit.verify()


def test_holding_again_after_the_end_reports_it_and_each_end_is_reported_once(desk, clock, slots, number):
    clock.advance(LENGTH)
    again = desk.hold(slots[0], applicant=ME, request_id="again")
    assert (again.expired_hold, again.appointment.hold_ends_at) == (number, clock.now() + LENGTH)
    assert {number, again.appointment.number} <= {*again.message("en").replace(".", "").split()}

    clock.advance(LENGTH)
    booked = desk.book(slots[0], applicant=ME, agreed=True, request_id="book")
    assert booked.expired_hold == again.appointment.number

    clock.advance(MARGIN)
    desk.cancel(booked.appointment.number, by=ME, request_id="cancel")
    anew = desk.book(slots[0], applicant=ME, agreed=True, request_id="anew")
    assert (anew.expired_hold, anew.message("ar"), to_json(anew)["message"]) == (None, "", None)


NO_END = {
    "it has time left": lambda desk, clock, slots, number: clock.advance(LENGTH - TICK),
    "it was cancelled": lambda desk, clock, slots, number: desk.cancel(number, by=ME, request_id="cancel"),
    "another time was held": lambda desk, clock, slots, number: desk.hold(slots[1], applicant=ME, request_id="other"),
}


@pytest.mark.parametrize("change", NO_END.values(), ids=NO_END)
def test_a_hold_that_did_not_run_out_is_not_reported(desk, clock, slots, number, change):
    change(desk, clock, slots, number)

    assert desk.book(slots[0], applicant=ME, agreed=True, request_id="book").expired_hold is None


def test_the_hold_of_another_slot_or_person_is_not_reported(desk, clock, slots, number):
    clock.advance(LENGTH)

    assert desk.book(slots[1], applicant=ME, agreed=True, request_id="other").expired_hold is None
    assert desk.book(slots[0], applicant=YOU, agreed=True, request_id="you").expired_hold is None


def test_few_expired_holds_are_listed_and_none_once_its_slot_has_started(desk, clock):
    slots = desk.find_slots(service="renewal", branch="north", from_=START + DAY, limit=2 * MOST_EXPIRED)
    numbers = []
    for place, each in enumerate(slots):
        numbers.append(desk.hold(each, applicant=ME, request_id=f"{place}").appointment.number)
        clock.advance(LENGTH)
    (subject,) = {each.applicant.subject for each in desk.appointments(ME)}
    row = desk.store.read([RecordsByKey("people", [subject])])[0][0]
    listed = [each.number for each in person_state_of(row).appointments]
    just_ended = MARGIN // LENGTH + 1  # another clock may still have them as live
    assert listed == numbers[-MOST_EXPIRED - just_ended - 1 :]

    clock.move_to(slots[-1].key.starts_at)
    later = desk.find_slots(service="renewal", branch="north", from_=START + 3 * DAY, limit=1)[0]
    assert desk.hold(later, applicant=ME, request_id="later")
    row = desk.store.read([RecordsByKey("people", [subject])])[0][0]
    assert len(person_state_of(row).appointments) == 1
    assert desk.audit.verify()


def test_a_hold_whose_seat_was_recounted_ends_in_the_same_way(clock):
    store, at = MemoryStore(), slot(25)
    before = open_desk(pooled(pool=None), store=store, clock=clock)
    held = before.hold(at, applicant=ME, request_id="hold")
    assert isinstance(held, Held)
    desk, number = open_desk(pooled(), store=store, clock=clock), held.appointment.number
    assert desk.maintenance.recount_seats(by=System()) == 1
    clock.advance(LENGTH)

    history, one = desk.audit.history(number, by=ME), desk.appointment(number, by=ME)
    assert [type(each) for each in history] == [AppointmentHeld, SeatRecounted, HoldExpired]
    assert (one.state, one.version, one.changed_at) == ("expired", 3, START + LENGTH)
    assert desk.maintenance.expire_holds() == 1
    assert (desk.audit.history(number, by=ME), desk.appointment(number, by=ME)) == (history, one)
    booked = desk.book(at, applicant=ME, agreed=True, request_id="book")
    assert isinstance(booked, Booked)
    assert booked.expired_hold == number
    assert desk.audit.verify()
