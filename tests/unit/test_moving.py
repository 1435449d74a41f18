"""Moving at the desk: executed once, explained and replayed, after a closure, and many moves that cross each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.bookings import number
from tests.calendars import exception
from tests.cases import CLERK, DAY, MINUTE, OPENING, slot_key
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue
from tests.unsound_stores import KeepsTheSeatOfWhatIsMoved
from traffic_booking import (
    AppointmentBooked,
    AppointmentMoved,
    Booked,
    InvalidInput,
    Moved,
    NotFound,
    Refused,
    RequestMismatch,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.simulation.invariants import Limits, Watched, broken_invariants

TO = slot_key("south", starts_at=OPENING + 2 * DAY)


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def desk(clock):
    with open_desk(small_catalogue(capacity=2), clock=clock) as opened:
        yield opened


def book(desk, slot=None, applicant=ME, request_id="book"):
    outcome = desk.book(
        slot or slot_key(starts_at=OPENING + DAY), applicant=applicant, agreed=True, request_id=request_id
    )
    assert isinstance(outcome, Booked)
    return outcome.appointment


def free(desk, slot):
    until = slot.starts_at + timedelta(minutes=1)
    found = desk.find_slots(service=slot.service, branch=slot.branch, from_=slot.starts_at, until=until)
    return found[0].free if found else 0


def test_a_moved_appointment_keeps_its_number_and_its_history_and_its_old_seat_is_had_at_once(desk):
    before = book(desk)
    assert free(desk, before.slot) == 1
    outcome = desk.move(before.number, TO, by=ME, request_id="move")

    assert isinstance(outcome, Moved)
    assert (outcome.appointment.number, outcome.appointment.slot) == (before.number, TO)
    assert (free(desk, before.slot), free(desk, TO)) == (2, 1)
    events = desk.audit.history(before.number, by=ME)
    assert [type(event) for event in events] == [AppointmentBooked, AppointmentMoved]
    assert (events[1].from_slot, events[1].slot) == (before.slot, TO)
    assert [one.slot for one in desk.appointments(ME).upcoming] == [TO]


def test_the_same_request_gets_the_same_answer_and_moves_nothing_again(desk):
    before = book(desk)
    first = desk.move(before.number, TO, by=ME, request_id="move")
    desk.move(before.number, before.slot, by=ME, request_id="back")

    assert desk.move(before.number, TO, by=ME, request_id="move") == first
    assert desk.appointment(before.number, by=ME).slot == before.slot
    with pytest.raises(RequestMismatch):
        desk.move(before.number, slot_key(), by=ME, request_id="move")


def test_a_move_is_explained_tried_out_and_replayed(desk):
    before = book(desk)
    assert desk.what_if().move(before.number, TO, by=ME)
    assert desk.appointment(before.number, by=ME) == before, "trying it out moves nothing"
    desk.move(before.number, TO, by=ME, request_id="move")
    desk.move(before.number, TO, by=YOU, request_id="a-stranger")
    desk.move(number(9), TO, by=ME, request_id="nobodys")

    booked, moved = desk.explain(before.number, by=ME)
    assert (booked.use, moved.use) == ("book", "move")
    assert moved.outcome == Moved(desk.appointment(before.number, by=ME))
    assert {verdict.rule_id for verdict in moved.verdicts} >= {"BK-05", "MV-01", "MV-05"}
    (refused,) = desk.explain(request_id="a-stranger", by=YOU)
    assert [verdict.rule_id for verdict in refused.verdicts] == ["MV-01"]
    assert desk.explain(request_id="move", by=CLERK) == (moved,)
    with pytest.raises(NotFound):
        desk.explain(request_id="move", by=YOU)
    assert [
        verdict.rule_id for verdict in desk.what_if(at=OPENING + DAY).move(before.number, slot_key(), by=ME).refused
    ]
    verified = desk.audit.verify()
    assert (verified.answers, verified.without_case, verified.broken) == (4, 0, ())


def test_a_store_with_moves_is_found_sound_and_one_that_keeps_the_old_seat_is_not():
    for store, sound in ((MemoryStore(), True), (KeepsTheSeatOfWhatIsMoved(), False)):
        with open_desk(small_catalogue(capacity=2), store=store) as desk:
            before = book(desk)
            desk.hold(TO, applicant=YOU, request_id="hold")
            desk.move(before.number, before.slot, by=ME, request_id="where-it-is")
            desk.move(before.number, TO, by=ME, request_id="move")
            desk.move(before.number, TO, by=CLERK, request_id="again")
            report = desk.audit.verify()

        assert bool(report) is sound, report.broken
        assert {one.invariant.value for one in report.broken} == (set() if sound else {"seats"})


def test_an_input_that_is_no_number_or_slot_is_reported_before_anything_else(desk):
    with pytest.raises(InvalidInput, match=r"^slot: "):
        desk.move(book(desk).number, "tomorrow", by=ME, request_id="move")
    with pytest.raises(InvalidInput):
        desk.move("1", TO, by=ME, request_id="move")
    with pytest.raises(NotFound):
        desk.move(book(desk).number, slot_key("nowhere"), by=ME, request_id="elsewhere")


def test_a_hold_that_has_run_out_keeps_nobody_from_moving(desk, clock):
    before = book(desk)
    for serial in (2, 3):
        desk.hold(TO, applicant=made_up_person(serial), request_id=f"hold-{serial}")
    full = desk.move(before.number, TO, by=ME, request_id="full")
    assert isinstance(full, Refused)
    assert [verdict.rule_id for verdict in full.verdicts] == ["BK-05"]

    clock.advance(10 * MINUTE)
    assert isinstance(desk.move(before.number, TO, by=ME, request_id="later"), Moved)


def test_a_person_affected_by_a_closure_is_moved_after_the_day_itself_and_is_affected_no_more(desk, clock):
    before = book(desk)
    closure = exception(Effect.CLOSED, before.day.gregorian)
    desk.calendar.declare(closure, reason="صيانة", by=CLERK, request_id="close")
    assert [one.number for one in desk.calendar.affected_by(closure)] == [before.number]
    clock.move_to(before.slot.starts_at + 60 * MINUTE)
    outcome = desk.move(before.number, TO, by=CLERK, request_id="move")

    assert isinstance(outcome, Moved)
    assert outcome.appointment.moves == 0
    assert desk.calendar.affected_by(closure) == ()


PEOPLE = 6
TIMES = 8


def cross(store):
    """People in two slots all move to the other one, again and again, each at their own desk; returns the faults."""
    slots = [slot_key(starts_at=OPENING + DAY + 15 * serial * MINUTE) for serial in range(2)]
    catalogue = small_catalogue(capacity=PEOPLE)
    with open_desk(catalogue, store=store) as desk:
        people = [made_up_person(serial) for serial in range(PEOPLE)]
        booked = [book(desk, slots[serial % 2], person, f"book-{serial}") for serial, person in enumerate(people)]
        together = Barrier(PEOPLE)

        def go(serial):
            mine = open_desk(catalogue, store=store)
            together.wait()
            for time in range(1, TIMES + 1):
                to = slots[(serial + time) % 2]
                yield mine.move(booked[serial].number, to, by=CLERK, request_id=f"move-{serial}-{time}")

        with ThreadPoolExecutor(PEOPLE) as pool:
            outcomes = list(pool.map(lambda serial: list(go(serial)), range(PEOPLE)))
        limits = Limits(per_service=1, in_all=3, holds=2)
        watched = Watched(capacities=dict.fromkeys(slots, PEOPLE), limits=limits)
        moved = [[each.appointment.moves for each in theirs if isinstance(each, Moved)] for theirs in outcomes]
        return list(map(max, moved)), broken_invariants(store, watched, START)


@pytest.mark.race
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_moves_that_cross_each_other_wait_for_nobody_and_lose_no_seat(kind, tmp_path):
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "bookings.db")
    moved, broken = cross(store)

    assert moved == [2] * PEOPLE, "two moves each are allowed"
    assert broken == ()


@pytest.mark.race
def test_a_store_that_keeps_the_old_seat_is_seen_by_that_race():
    _, broken = cross(KeepsTheSeatOfWhatIsMoved())

    assert any("seats taken; expected" in fault for fault in broken)
