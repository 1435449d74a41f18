"""A hold for a move: the new slot is kept while the applicant confirms, and nobody has two appointments by it."""

from datetime import timedelta

import pytest

from tests.bookings import slot
from tests.calendars import exception
from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentBooked,
    AppointmentHeld,
    AppointmentMoved,
    Auditor,
    Booked,
    Cancelled,
    Clerk,
    Delegate,
    Effect,
    Held,
    HoldReleased,
    InvalidInput,
    Moved,
    Refused,
    RequestMismatch,
    System,
    from_json,
    to_json,
)
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.testing import MovableClock, made_up_person

ME, YOU = made_up_person(1), made_up_person(2)
STAFF = Clerk("gate-1")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LENGTH = 10 * MINUTE
FIRST, NEW, ELSEWHERE = slot(25), slot(49), slot(73)
CUT_OFF = 4 * HOUR


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    rulebook = small_rulebook(BK_07={"appointments": 1}, MV_04={"moves": 1}, MV_05={"minutes": 240})
    with open_desk(small_catalogue(capacity=1), clock=clock, rulebook=rulebook) as desk:
        yield desk


@pytest.fixture
def number(desk):
    """The number of the appointment that is to be moved."""
    return desk.book(FIRST, applicant=ME, agreed=True, request_id="book").appointment.number


def hold(desk, number, to=NEW, *, request_id="hold", applicant=ME, **given):
    return desk.hold(to, applicant=applicant, moving=number, request_id=request_id, **given)


def rules_of(outcome):
    """The broken rules of a refusal; empty if it was granted."""
    return [verdict.rule_id for verdict in outcome.verdicts] if isinstance(outcome, Refused) else []


def check_sound(desk):
    assert desk.audit.verify()


@pytest.mark.rule("BK-07")
@pytest.mark.rule("HD-01")
def test_the_new_slot_is_kept_beside_the_appointment_until_the_move_takes_its_seat(desk, number):
    assert rules_of(desk.hold(NEW, applicant=ME, request_id="plain")) == ["BK-07"]

    held = hold(desk, number)
    assert isinstance(held, Held)
    assert rules_of(desk.book(NEW, applicant=YOU, agreed=True, request_id="you")) == ["BK-05"]
    moved = desk.move(number, held, by=ME, request_id="move")

    assert isinstance(moved, Moved)
    assert (moved.appointment.number, moved.appointment.slot, moved.appointment.moves) == (number, NEW, 1)
    mine = desk.appointments(ME)
    assert ([each.number for each in mine.upcoming], mine.held) == ([number], ())
    history = desk.audit.history(held.appointment.number, by=ME)
    assert [type(each) for each in history] == [AppointmentHeld, HoldReleased]
    assert history[0].moving == number
    assert [type(each) for each in desk.audit.history(number, by=ME)] == [AppointmentBooked, AppointmentMoved]
    assert isinstance(desk.book(FIRST, applicant=YOU, agreed=True, request_id="old"), Booked)
    check_sound(desk)


REFUSED = {
    "an unknown number": (lambda desk, number: hold(desk, "0010-0000-0Z8H"), ["MV-01"]),
    "another person's appointment": (lambda desk, number: hold(desk, number, applicant=YOU), ["MV-01"]),
    "a stranger for the person": (lambda desk, number: hold(desk, number, by=YOU), ["MV-01"]),
    "staff of another branch": (lambda desk, number: hold(desk, number, by=Clerk("a", branches=["south"])), ["MV-01"]),
    "staff of the old branch alone": (
        lambda desk, number: hold(desk, number, slot(49, branch="south"), by=Clerk("a", branches=["north"])),
        ["MV-01"],
    ),
    "another service": (lambda desk, number: hold(desk, number, slot(49, "transfer")), ["MV-03"]),
    "its own slot": (lambda desk, number: hold(desk, number, FIRST), ["BK-05", "BK-07", "BK-09"]),
    "no slot": (lambda desk, number: hold(desk, number, slot(49.1)), ["BK-02"]),
    "a slot beyond the horizon": (lambda desk, number: hold(desk, number, slot(24 * 70 + 1)), ["BK-04"]),
}


@pytest.mark.rule("MV-01")
@pytest.mark.rule("MV-03")
@pytest.mark.parametrize(("send", "rules"), REFUSED.values(), ids=REFUSED)
def test_a_hold_is_refused_if_the_move_would_be_of_no_use(desk, number, send, rules):
    assert rules_of(send(desk, number)) == rules
    assert desk.appointments(ME).held == ()
    check_sound(desk)


@pytest.mark.rule("MV-02")
@pytest.mark.parametrize(("state", "end"), [("cancelled", "cancel"), ("checked-in", "check_in")])
def test_no_slot_is_held_for_an_appointment_that_is_no_longer_booked(desk, clock, number, state, end):
    if end == "cancel":
        desk.cancel(number, by=STAFF, request_id="end")
    else:
        clock.move_to(FIRST.starts_at)
        desk.gate.check_in(number, by=STAFF, request_id="end")
    refused = hold(desk, number)

    (verdict,) = (each for each in refused.verdicts if each.rule_id == "MV-02")
    assert verdict.observed == state


@pytest.mark.rule("MV-02")
def test_no_slot_is_held_for_a_hold(desk):
    held = desk.hold(FIRST, applicant=ME, request_id="first").appointment

    assert rules_of(hold(desk, held.number)) == ["MV-02"]


@pytest.mark.rule("MV-04")
def test_no_slot_is_held_once_the_moves_are_used_up(desk, number):
    desk.move(number, NEW, by=ME, request_id="move")

    assert rules_of(hold(desk, number, ELSEWHERE)) == ["MV-04"]


@pytest.mark.rule("MV-05")
@pytest.mark.rule("HD-01")
@pytest.mark.parametrize("minutes_left", [-1, 0, 1, 9, 10, 11])
def test_a_hold_ends_at_the_latest_when_the_appointment_can_no_longer_be_moved(desk, clock, number, minutes_left):
    cut_off = FIRST.starts_at - CUT_OFF
    clock.move_to(cut_off - minutes_left * MINUTE)
    held = hold(desk, number)

    if minutes_left <= 0:
        assert rules_of(held) == ["MV-05"]
        return
    assert held.appointment.hold_ends_at == min(clock.now() + LENGTH, cut_off)
    clock.move_to(held.appointment.hold_ends_at - timedelta(microseconds=1))
    assert isinstance(desk.move(number, held, by=ME, request_id="move"), Moved)


@pytest.mark.rule("CN-05")
def test_a_hold_for_the_move_of_a_late_booking_ends_with_the_grace(clock):
    rulebook = small_rulebook(CN_05={"minutes": 3}, MV_05={"minutes": 240})
    with open_desk(clock=clock, rulebook=rulebook) as desk:
        booked = desk.book(slot(2), applicant=ME, agreed=True, request_id="book")
        assert isinstance(booked, Booked)
        held = hold(desk, booked.appointment.number)
        assert held.appointment.hold_ends_at == START + 3 * MINUTE
        clock.advance(3 * MINUTE)
        assert rules_of(hold(desk, booked.appointment.number, request_id="late")) == ["CN-05"]
        check_sound(desk)


@pytest.mark.rule("MV-05")
def test_a_hold_for_a_move_after_a_closure_is_never_too_late(desk, clock, number):
    closure = exception(Effect.CLOSED, FIRST.starts_at.date())
    desk.calendar.declare(closure, reason="works", by=STAFF, request_id="close")
    clock.move_to(FIRST.starts_at - MINUTE)

    held = hold(desk, number)
    assert held.appointment.hold_ends_at == clock.now() + LENGTH
    assert desk.move(number, held, by=ME, request_id="move").appointment.moves == 0
    check_sound(desk)


@pytest.mark.rule("BK-07")
def test_only_the_move_uses_the_hold_while_the_appointment_is_there(desk, number):
    held = hold(desk, number)
    refused = desk.book(held, applicant=ME, agreed=True, request_id="book-it")

    assert rules_of(refused) == ["BK-07"]
    assert [each.number for each in desk.appointments(ME).held] == [held.appointment.number]
    check_sound(desk)


@pytest.mark.rule("BK-07")
def test_after_the_appointment_is_cancelled_it_is_a_hold_like_any_other(desk, number):
    held = hold(desk, number)
    assert isinstance(desk.cancel(number, by=ME, request_id="cancel"), Cancelled)

    assert rules_of(desk.move(number, held, by=ME, request_id="move")) == ["MV-02"]
    booked = desk.book(held, applicant=ME, agreed=True, request_id="book-it")
    assert booked.appointment.number == held.appointment.number
    assert [each.number for each in desk.appointments(ME).upcoming] == [held.appointment.number]
    check_sound(desk)


@pytest.mark.parametrize("by", [ME, STAFF], ids=["the applicant", "staff"])
def test_a_move_elsewhere_gives_the_hold_back(desk, number, by):
    held = hold(desk, number)
    assert isinstance(desk.move(number, ELSEWHERE, by=by, request_id="move"), Moved)

    assert desk.appointment(held.appointment.number, by=ME).state == "cancelled"
    assert isinstance(desk.book(NEW, applicant=YOU, agreed=True, request_id="you"), Booked)
    check_sound(desk)


def test_another_hold_for_the_move_replaces_the_first(desk, number):
    first, second = hold(desk, number), hold(desk, number, ELSEWHERE, request_id="second")

    assert [each.number for each in desk.appointments(ME).held] == [second.appointment.number]
    assert desk.appointment(first.appointment.number, by=ME).state == "cancelled"
    check_sound(desk)


def test_the_same_hold_again_is_not_extended(desk, clock, number):
    first = hold(desk, number)
    clock.advance(5 * MINUTE)

    assert hold(desk, number, request_id="again") == first
    check_sound(desk)


def test_a_hold_that_ran_out_leaves_the_seat_and_the_move_takes_it_if_it_is_still_free(desk, clock, number):
    held = hold(desk, number)
    clock.advance(LENGTH)

    assert desk.appointments(ME).expired[0].number == held.appointment.number
    again = hold(desk, number, request_id="again")
    assert again.expired_hold == held.appointment.number
    clock.advance(LENGTH)
    assert isinstance(desk.move(number, NEW, by=ME, request_id="move"), Moved)
    check_sound(desk)


@pytest.mark.rule("HD-01")
def test_it_counts_among_the_holds_of_a_person(clock):
    rulebook = small_rulebook(HD_01={"holds": 1, "minutes": 10})
    with open_desk(clock=clock, rulebook=rulebook) as desk:
        booked = desk.book(FIRST, applicant=ME, agreed=True, request_id="book")
        assert isinstance(booked, Booked)
        assert desk.hold(slot(26, "transfer"), applicant=ME, request_id="other")
        assert rules_of(hold(desk, booked.appointment.number)) == ["HD-01"]
        clock.advance(LENGTH)
        assert hold(desk, booked.appointment.number, request_id="later")
        assert rules_of(desk.hold(slot(26, "transfer"), applicant=ME, request_id="more")) == ["HD-01"]


@pytest.mark.rule("BK-09")
def test_a_slot_that_overlaps_the_old_one_is_held_and_one_that_overlaps_another_appointment_is_not(desk, number):
    other = desk.book(slot(49, "transfer"), applicant=ME, agreed=True, request_id="other")

    refused = hold(desk, number, request_id="over-another")
    assert rules_of(refused) == ["BK-09"]
    assert refused.verdicts[0].observed == other.appointment.number
    assert hold(desk, number, slot(25, branch="south"), request_id="over-itself")


def test_where_two_appointments_are_allowed_a_hold_for_the_move_of_one_is_decided_without_it(clock):
    with open_desk(clock=clock, rulebook=small_rulebook(BK_07={"appointments": 2})) as desk:
        for at in (FIRST, NEW):
            assert desk.book(at, applicant=ME, agreed=True, request_id=f"{at.starts_at:%d}")
        first, second = desk.appointments(ME).upcoming
        assert rules_of(desk.hold(ELSEWHERE, applicant=ME, request_id="third")) == ["BK-07"]
        held = hold(desk, first.number, ELSEWHERE)
        assert desk.move(first.number, held, by=ME, request_id="move")
        assert {each.number for each in desk.appointments(ME).upcoming} == {first.number, second.number}
        check_sound(desk)


def test_the_same_request_gets_the_same_answer_and_the_number_is_part_of_it(desk, number):
    held = hold(desk, number.lower().replace("-", ""))
    desk.move(number, held, by=ME, request_id="move")

    assert hold(desk, number) == held
    for other in (None, "0010-0000-0Z8H"):
        with pytest.raises(RequestMismatch):
            hold(desk, other)


@pytest.mark.parametrize("malformed", ["", "x", "0010-0000-0001", 5, b"1", ME, object()])
def test_a_malformed_number_is_an_error(desk, malformed):
    with pytest.raises(InvalidInput):
        hold(desk, malformed)
    with pytest.raises(InvalidInput):
        desk.what_if().hold(NEW, applicant=ME, moving=malformed)


def delegate(*, services=("renewal",), until=START + DAY):
    return Delegate(person=YOU, applicant=ME, services=services, until=until)


@pytest.mark.parametrize("by", [ME, STAFF, System(), delegate()], ids=["me", "staff", "system", "delegate"])
def test_those_who_may_move_the_appointment_may_hold_for_it(desk, number, by):
    held = hold(desk, number, by=by)

    assert isinstance(held, Held)
    assert isinstance(desk.move(number, held, by=by, request_id="move"), Moved)
    check_sound(desk)


@pytest.mark.rule("MV-01")
@pytest.mark.parametrize("bounds", [{"services": ["transfer"]}, {"until": START}])
def test_a_delegate_beyond_the_delegation_learns_nothing(desk, number, bounds):
    outcomes = [hold(desk, each, by=delegate(**bounds), request_id=each) for each in (number, "0010-0000-0Z8H")]
    assert rules_of(outcomes[0]) == ["MV-01"]
    assert outcomes[0] == outcomes[1]


def test_a_stranger_sees_no_slot_of_the_appointment_in_the_explanation_of_a_refusal(desk, number):
    hold(desk, number, applicant=YOU, by=STAFF)

    (explained,) = desk.explain(request_id="hold", by=YOU)
    assert (explained.slot, rules_of(explained.outcome)) == (None, ["MV-01"])


def test_it_is_explained_tried_and_listed_among_the_refusals(desk, number):
    plan = desk.what_if()
    assert plan.hold(NEW, applicant=ME, moving=number)
    assert not plan.hold(NEW, applicant=ME)
    hold(desk, number)
    hold(desk, number, slot(49, "transfer"), request_id="refused")

    (explained,) = desk.explain(request_id="hold", by=ME)
    assert (explained.use, explained.slot, bool(explained)) == ("hold-to-move", NEW, True)
    assert {"BK-07", "HD-01", "MV-01", "MV-05"} <= {each.rule_id for each in explained.verdicts}
    assert from_json(type(explained), to_json(explained)) == explained
    found = desk.audit.refusals(number=number, by=Auditor("auditor-1")).occurrences
    assert [each.request_id for each in found] == ["refused"]


def test_the_rules_are_those_of_the_move_without_the_agreement_and_with_the_limit_of_holds():
    move, hold_to_move = ({each.id for each in DEFINITIONS if use in each.uses} for use in (Use.MOVE, Use.HOLD_TO_MOVE))

    assert hold_to_move == move - {"BK-06"} | {"HD-01"}


def test_the_slots_that_are_offered_instead_leave_out_the_one_that_the_appointment_has(desk, number):
    desk.book(NEW, applicant=YOU, agreed=True, request_id="you")
    refused = hold(desk, number, alternatives=20)

    assert rules_of(refused) == ["BK-05"]
    assert refused.alternatives
    assert FIRST not in {each.key for each in refused.alternatives}
