"""The shipped figures don't contradict one another: what one rule allows, no other figure makes pointless."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import ME
from traffic_booking import Booked, BookingDesk, Cancelled, Moved, shipped_catalogue, shipped_rulebooks
from traffic_booking.testing import MovableClock

VERSIONS = pytest.mark.parametrize("rulebook", shipped_rulebooks().versions, ids=lambda book: book.version)
CATALOGUE = shipped_catalogue()
SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
TICK = timedelta(microseconds=1)
BRANCH = "riyadh-traffic"


@pytest.mark.rule("BK-12")
@pytest.mark.rule("CN-03")
@pytest.mark.rule("CN-05")
@pytest.mark.rule("MV-05")
@settings(max_examples=40)
@given(
    service=st.sampled_from([each.id for each in CATALOGUE.services_for(branch=BRANCH, holder=ME.holder)]),
    now=st.timedeltas(timedelta(), timedelta(days=7)),
    place=st.integers(0, 30),
    moves=st.booleans(),
    holds=st.booleans(),
)
def test_every_booking_that_is_allowed_can_be_cancelled_and_moved_right_after_it(service, now, place, moves, holds):
    clock = MovableClock(SUNDAY + now)
    with BookingDesk.open("memory://", clock=clock) as desk:
        slots = desk.find_slots(service=service, branch=BRANCH, limit=40)
        if holds:
            desk.hold(slots[place], applicant=ME, request_id="hold")
        booked = desk.book(slots[place], applicant=ME, agreed=True, request_id="book")
        assert isinstance(booked, Booked)
        number = booked.appointment.number
        until = desk.may_cancel(number, by=ME).until
        assert until is not None
        assert until > clock.now()
        clock.advance(TICK)
        if moves:
            assert isinstance(desk.move(number, slots[place - 1], by=ME, request_id="move"), Moved)
            clock.advance(TICK)
        assert isinstance(desk.cancel(number, by=ME, request_id="cancel"), Cancelled)
        again = desk.what_if().book(slots[place], applicant=ME, agreed=True)
        assert moves or again, "who corrects a slip at once may book again"


@VERSIONS
@pytest.mark.rule("MV-05")
def test_whoever_may_still_cancel_may_still_move(rulebook):
    assert rulebook["MV-05"]["minutes"] == rulebook["CN-03"]["minutes"]


@VERSIONS
@pytest.mark.rule("CN-05")
def test_the_grace_keeps_a_seat_no_longer_than_a_hold(rulebook):
    assert 0 < rulebook["CN-05"]["minutes"] <= rulebook["HD-01"]["minutes"]


@VERSIONS
@pytest.mark.rule("CD-01")
def test_some_cancellations_that_are_granted_are_late(rulebook):
    assert rulebook["CD-01"]["minutes"] > rulebook["CN-03"]["minutes"], "CD-01 would never refuse"


@VERSIONS
@pytest.mark.rule("AT-04")
@pytest.mark.rule("CD-02")
def test_nobody_who_can_still_be_checked_in_has_missed_the_appointment(rulebook):
    shortest = min(service.duration_minutes for service in CATALOGUE.services)
    assert rulebook["AT-04"]["minutes"] <= shortest, "an appointment counts as missed from the end of its slot"


@VERSIONS
@pytest.mark.rule("AT-03")
def test_check_in_opens_only_once_an_appointment_can_no_longer_be_cancelled_unless_it_was_booked_late(rulebook):
    assert rulebook["AT-03"]["minutes"] <= rulebook["CN-03"]["minutes"]


@VERSIONS
@pytest.mark.rule("BK-07")
@pytest.mark.rule("BK-08")
@pytest.mark.rule("BK-13")
def test_no_limit_of_appointments_makes_a_wider_one_pointless(rulebook):
    one, group, everything = (rulebook[each]["appointments"] for each in ("BK-07", "BK-13", "BK-08"))
    assert one <= group <= everything


@VERSIONS
@pytest.mark.rule("EL-04")
def test_what_was_checked_for_a_hold_is_recent_enough_for_its_booking(rulebook):
    assert rulebook["EL-04"]["minutes"] > rulebook["HD-01"]["minutes"]


@VERSIONS
@pytest.mark.rule("BK-04")
def test_the_horizon_leaves_time_to_book_cancel_and_move(rulebook):
    notice = max(rulebook[each]["minutes"] for each in ("BK-12", "CN-03", "CN-04", "MV-05"))
    assert timedelta(minutes=notice) < timedelta(days=rulebook["BK-04"]["days"])


@VERSIONS
@pytest.mark.rule("CD-02")
def test_the_wait_after_missed_appointments_is_shorter_than_the_time_for_which_they_count(rulebook):
    assert rulebook["CD-02"]["days"] <= rulebook["CD-02"]["window_days"]


@VERSIONS
@pytest.mark.rule("SI-02")
@pytest.mark.rule("SI-04")
def test_a_session_can_be_renewed_before_its_longest_duration_ends(rulebook):
    assert rulebook["SI-02"]["minutes"] <= rulebook["SI-04"]["minutes"]
