"""An appointment follows from its events; events come in the orders of the trade and in no other."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import ME, booked, number
from tests.cases import DAY, IN_FORCE, MINUTE, OPENING, TICK, appointment, hold, slot_key
from tests.small_town import START
from traffic_booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentCheckedIn,
    AppointmentExcused,
    AppointmentHeld,
    AppointmentMissed,
    AppointmentMoved,
    AppointmentServed,
    AppointmentState,
    HoldExpired,
    HoldReleased,
    InvalidInput,
    Pool,
    SeatRecounted,
    System,
    WalkInBooked,
)
from traffic_booking.domain.appointments.appointment import COMES_AFTER, evolve, expiry
from traffic_booking.domain.appointments.appointment_list import arrange
from traffic_booking.domain.schedule.slots import pool_steps

STATES = {
    AppointmentHeld: AppointmentState.HELD,
    AppointmentBooked: AppointmentState.BOOKED,
    AppointmentMoved: AppointmentState.BOOKED,
    AppointmentCheckedIn: AppointmentState.CHECKED_IN,
    WalkInBooked: AppointmentState.CHECKED_IN,
    AppointmentServed: AppointmentState.SERVED,
    AppointmentMissed: AppointmentState.NO_SHOW,
    AppointmentExcused: AppointmentState.EXCUSED,
    AppointmentCancelled: AppointmentState.CANCELLED,
    HoldReleased: AppointmentState.CANCELLED,
    HoldExpired: AppointmentState.EXPIRED,
}
MOST_EVENTS = 4
PICTURE = Path(__file__).parents[2] / "docs" / "explanation" / "appointment-states.svg"
TWICE = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
ENDINGS = [
    (),
    (AppointmentCancelled,),
    (AppointmentCheckedIn,),
    (AppointmentCheckedIn, AppointmentServed),
    (AppointmentMissed,),
    (AppointmentMissed, AppointmentExcused),
    # A gate without the store reports a check-in late, perhaps several gates one ticket.
    (AppointmentCheckedIn, AppointmentCheckedIn),
    (AppointmentCheckedIn, AppointmentCheckedIn, AppointmentCheckedIn),
    (AppointmentCheckedIn, AppointmentCheckedIn, AppointmentServed),
    (AppointmentCheckedIn, AppointmentServed, AppointmentCheckedIn),
    (AppointmentMissed, AppointmentCheckedIn),
    (AppointmentMissed, AppointmentCheckedIn, AppointmentCheckedIn),
    (AppointmentMissed, AppointmentExcused, AppointmentCheckedIn),
]
"""The last events of a booked appointment that is not moved any more."""
SEATED = {AppointmentState.HELD, AppointmentState.BOOKED, AppointmentState.CHECKED_IN, AppointmentState.SERVED}
OVER = {AppointmentState.SERVED, AppointmentState.NO_SHOW, AppointmentState.EXCUSED}
LIVES = [
    (AppointmentHeld,),
    (AppointmentHeld, AppointmentCancelled),
    (AppointmentHeld, HoldReleased),
    (AppointmentHeld, HoldExpired),
    *(
        (WalkInBooked, *[AppointmentCheckedIn] * before, *[AppointmentServed] * served, *[AppointmentCheckedIn] * after)
        for before in range(4)
        for served in (0, 1)
        for after in (range(3) if served else (0,))
        if 1 + before + served + after <= MOST_EVENTS
    ),
    *(
        (*before, AppointmentBooked, *(AppointmentMoved,) * times, *after)
        for before in ((), (AppointmentHeld,))
        for times in (0, 1, 2, 3)
        for after in ENDINGS
        if len(before) + 1 + times + len(after) <= MOST_EVENTS
    ),
]
"""Every allowed order of at most so many events."""


def happened(kind, version, **parts):
    """An event of that kind, `version` minutes after START, with a rulebook named after the version."""
    common = {
        "number": number(1),
        "version": version,
        "at": START + version * MINUTE,
        "actor": System() if kind is HoldExpired else ME,
        "rulebook": f"rulebook-{version}",
    }
    of_slot = {
        "slot": slot_key(),
        "slot_ends_at": OPENING + 15 * MINUTE,
        "time_zone": "Asia/Riyadh",
        "applicant": ME,
    }
    if kind is AppointmentHeld:
        common |= of_slot | {"hold_ends_at": START + 11 * MINUTE}
    if kind in {AppointmentBooked, WalkInBooked}:
        common |= of_slot | {"instructions": IN_FORCE}
    if kind is AppointmentMoved:
        to = {"slot": slot_key("south"), "from_slot": slot_key(), "slot_was_closed": False, "instructions": IN_FORCE}
        common |= to | {"slot_ends_at": OPENING + 15 * MINUTE, "time_zone": "Asia/Riyadh"}
    return kind(**(common | parts))


def state_after(kinds):
    """The state after these events: a late report of a gate excuses a missed appointment, and leaves a served one."""
    if AppointmentMissed in kinds:
        return AppointmentState.NO_SHOW if kinds[-1] is AppointmentMissed else AppointmentState.EXCUSED
    return AppointmentState.SERVED if AppointmentServed in kinds else STATES[kinds[-1]]


def life(kinds):
    """The appointment after events of these kinds, one after another."""
    return reduce(evolve, [happened(kind, version) for version, kind in enumerate(kinds, start=1)], None)


@pytest.mark.parametrize("kinds", LIVES, ids=lambda kinds: "-".join(kind.__name__ for kind in kinds))
def test_an_appointment_is_the_fold_of_its_events(kinds):
    one = life(kinds)

    assert one is not None
    moved = kinds.count(AppointmentMoved)
    assert (one.number, one.applicant, one.slot) == (number(1), ME, slot_key("south" if moved else "north"))
    assert one.moves == moved
    assert (one.version, one.rulebook, one.changed_at) == (
        len(kinds),
        f"rulebook-{len(kinds)}",
        START + len(kinds) * MINUTE,
    )
    assert one.state is state_after(kinds)
    assert one.has_seat is (one.state in SEATED)
    assert one.hold_ends_at == (START + 11 * MINUTE if one.state is AppointmentState.HELD else None)
    assert one.instructions == (IN_FORCE if {AppointmentBooked, WalkInBooked} & set(kinds) else None)


def test_events_come_in_no_other_order():
    orders = [order for length in range(1, MOST_EVENTS + 1) for order in product(STATES, repeat=length)]
    possible = []
    for order in orders:
        try:
            life(order)
        except AssertionError:
            continue
        possible.append(order)

    assert sorted(possible, key=str) == sorted(LIVES, key=str)
    assert set(COMES_AFTER) == {*STATES, SeatRecounted} - {AppointmentHeld, WalkInBooked}


@pytest.mark.parametrize("kinds", LIVES, ids=lambda kinds: "-".join(kind.__name__ for kind in kinds))
def test_a_recount_moves_the_seat_of_an_appointment_that_has_one_and_changes_nothing_else(kinds):
    one, pool = life(kinds), Pool("counters", 15)
    event = happened(SeatRecounted, len(kinds) + 1, pool=pool)
    if not one.has_seat or one.state is AppointmentState.SERVED:
        with pytest.raises(AssertionError):
            evolve(one, event)
        return
    after = evolve(one, event)
    assert (one.seats, after.seats) == ((one.slot,), pool_steps(one.slot, one.slot_ends_at, pool))
    expected = copy_with(one, version=one.version + 1, rulebook=event.rulebook, changed_at=event.at, pool=pool)
    assert after == expected
    back = evolve(after, happened(SeatRecounted, len(kinds) + 2, pool=None))
    assert back.seats == (one.slot,)


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_is_neither_repeated_nor_left_out(version):
    with pytest.raises(AssertionError):
        evolve(life([AppointmentBooked]), happened(AppointmentCancelled, version))


def test_an_event_of_another_appointment_is_not_taken():
    with pytest.raises(AssertionError):
        evolve(life([AppointmentBooked]), happened(AppointmentCancelled, 2, number=number(2)))


def test_a_booking_from_a_hold_goes_by_the_slot_as_it_was_booked():
    """The timetable or the service may have changed since the hold."""
    longer = happened(AppointmentBooked, 2, slot_ends_at=OPENING + 30 * MINUTE, time_zone="UTC")
    one = evolve(life([AppointmentHeld]), longer)

    assert (one.slot_ends_at, one.time_zone) == (OPENING + 30 * MINUTE, "UTC")


@pytest.mark.parametrize(
    ("state", "until"),
    [
        (AppointmentState.HELD, START + 10 * MINUTE),
        (AppointmentState.BOOKED, OPENING + 15 * MINUTE),
        (AppointmentState.CHECKED_IN, OPENING + 15 * MINUTE),
        (AppointmentState.SERVED, None),
        (AppointmentState.NO_SHOW, None),
        (AppointmentState.EXCUSED, None),
        (AppointmentState.CANCELLED, None),
        (AppointmentState.EXPIRED, None),
    ],
)
def test_an_appointment_counts_until_just_before_its_end(state, until):
    one = appointment(state=state)

    assert one.active_until() == until
    if until is None:
        assert not one.is_active(START)
    else:
        assert one.is_active(until - TICK)
        assert not one.is_active(until)


@pytest.mark.parametrize(("left", "state"), [(TICK, "held"), (0 * TICK, "expired"), (-TICK, "expired")])
def test_a_hold_is_expired_from_its_end_on_as_its_record_will_be(left, state):
    one = hold(hold_ends_at=START + left)

    assert (one.state_at(START), one.as_listed().state_at(START), one.as_of(START).state) == (state, state, state)
    assert one.as_of(START) == (one if state == "held" else evolve(one, expiry(one)))


@pytest.mark.parametrize("state", [state for state in AppointmentState if state is not AppointmentState.HELD])
def test_the_clock_changes_no_other_state(state):
    one = appointment(state=state)

    assert one.state_at(OPENING + DAY) is state
    assert one.as_of(OPENING + DAY) is one


def test_times_are_shown_in_the_branchs_own_zone():
    one = appointment(starts_at=OPENING)

    assert one.starts_at.isoformat() == "2026-11-22T08:00:00+03:00"
    assert one.ends_at.isoformat() == "2026-11-22T08:15:00+03:00"
    assert one.day.gregorian.isoformat() == "2026-11-22"
    late = appointment(starts_at=OPENING + 14 * 60 * MINUTE)
    assert late.slot.starts_at.date().isoformat() == "2026-11-22"
    assert late.starts_at.isoformat() == "2026-11-22T22:00:00+03:00"
    after_midnight = appointment(starts_at=OPENING + 17 * 60 * MINUTE)
    assert after_midnight.slot.starts_at.date().isoformat() == "2026-11-22"
    assert after_midnight.day.gregorian.isoformat() == "2026-11-23"


def test_an_event_without_an_offset_in_its_time_is_refused():
    with pytest.raises(InvalidInput, match="without an offset"):
        happened(AppointmentBooked, 1, at=START.replace(tzinfo=None))


def test_the_events_of_a_booking_give_the_appointment_of_the_other_tests():
    one, event = booked(1)

    assert evolve(None, event) == one


@st.composite
def anybodys(draw):
    """Some appointments at various times, in any state, each of another number."""
    return [
        appointment(
            serial,
            starts_at=START + draw(st.integers(-3, 3)) * 60 * MINUTE,
            state=draw(st.sampled_from(AppointmentState)),
            hold_ends_at=START + draw(st.integers(-1, 1)) * MINUTE,
        )
        for serial in range(draw(st.integers(0, 8)))
    ]


def list_of(one):
    """The list that has it at START, by the sentences of the lists."""
    over = one.slot_ends_at <= START
    match one.state:
        case AppointmentState.CANCELLED:
            return "cancelled"
        case AppointmentState.HELD if one.hold_ends_at > START:
            return "held"
        case AppointmentState.HELD | AppointmentState.EXPIRED:
            return "expired"
        case _:
            return "past" if over or one.state in OVER else "upcoming"


@given(anybodys(), st.randoms(use_true_random=False))
def test_every_appointment_stands_in_exactly_one_list_in_its_order(all_of_them, random):
    shuffled = random.sample(all_of_them, len(all_of_them))
    lists = arrange(shuffled, START, START)

    assert len(lists) == len(all_of_them)
    assert sorted(lists, key=lambda one: one.number) == sorted(all_of_them, key=lambda one: one.number)
    for name in ("upcoming", "held", "past", "cancelled", "expired"):
        entries = list(getattr(lists, name))
        assert {one.number for one in entries} == {one.number for one in all_of_them if list_of(one) == name}
        in_order = sorted(entries, key=lambda one: (one.slot.starts_at, one.number))
        assert entries == (in_order if name in {"upcoming", "held"} else in_order[::-1])
    assert lists == arrange(all_of_them, START, START)


def test_the_time_of_an_appointment_under_way_is_not_over():
    one = appointment(starts_at=START - 15 * MINUTE + TICK, state=AppointmentState.CHECKED_IN)

    assert arrange([one], START, START).upcoming == (one,)
    assert arrange([one], START + timedelta(microseconds=1), START).past == (one,)


def test_a_changed_copy_is_another_appointment():
    one = appointment()

    assert copy_with(one, version=2) != one


@pytest.mark.parametrize("name", ["slot_ends_at", "changed_at", "hold_ends_at", "cancelled_by_applicant_at"])
def test_every_instant_of_an_appointment_is_kept_in_utc(name):
    """If a clock is put back, the same reading comes twice: two instants that are equal until they are in UTC."""
    instants: list[dict[str, Any]] = [{name: TWICE.replace(fold=fold)} for fold in (0, 1)]
    first, second = (getattr(copy_with(appointment(), **each), name) for each in instants)
    assert first.tzinfo is second.tzinfo is UTC
    assert second - first == timedelta(hours=1)


@pytest.mark.skipif(not PICTURE.exists(), reason="the tests run without the documentation")
def test_the_picture_of_the_states_shows_these_states_and_events_and_no_other():
    drawn = list(ET.parse(PICTURE).iter())
    states = {each.get("data-state"): each.get("fill") for each in drawn if "data-state" in each.attrib}
    arrows = [
        (each.get("data-from"), each.get("data-event"), each.get("data-to"))
        for each in drawn
        if "data-to" in each.attrib
    ]
    seated, freed = "#dcebf7", "#eef1f4"

    assert states == {life(kinds).state: seated if life(kinds).has_seat else freed for kinds in LIVES}
    assert sorted(arrows) == sorted(
        {(life(kinds[:-1]).state if kinds[:-1] else "", kinds[-1].__name__, life(kinds).state) for kinds in LIVES}
    )
