"""A hold ends by the clock: every verb returns the same state, whether or not its end is recorded yet."""

from datetime import timedelta

import pytest

from tests.calendars import exception
from tests.desks import open_desk
from tests.small_town import START, small_catalogue
from traffic_booking import AppointmentHeld, Cancelled, Clerk, Effect, Held, HoldExpired, InvalidInput, System, to_json
from traffic_booking.adapters.tickets import TextTicket
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
    assert desk.audit.replay().differences == ()


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
