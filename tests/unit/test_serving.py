"""The gate over every store: people are served, missed, excused and received without an appointment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.cases import DAY, MINUTE, OPENING
from tests.desks import open_desk
from tests.maintained import erase
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentExcused,
    AppointmentMissed,
    AppointmentServed,
    AppointmentState,
    Booked,
    CheckedIn,
    Clerk,
    Excused,
    InvalidInput,
    NoShowRecorded,
    Refused,
    RequestMismatch,
    Served,
    System,
    WalkedIn,
    WalkInBooked,
    to_json,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.testing import MovableClock, made_up_person

CLERK = Clerk("counter-1")
ME, YOU = made_up_person(1), made_up_person(2)
RULEBOOK = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path, clock):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    with open_desk(small_catalogue(capacity=2), store=store, clock=clock, rulebook=RULEBOOK) as opened:
        yield opened


def book(desk, person=ME, *, request_id="book", from_=OPENING, service="renewal"):
    slot = desk.find_slots(service=service, branch="north", from_=from_, limit=1)[0]
    outcome = desk.book(slot, applicant=person, agreed=True, request_id=request_id)
    return outcome.appointment if isinstance(outcome, Booked) else outcome


def walk_in(desk, person=ME, *, request_id="walk", by=CLERK):
    return desk.gate.walk_in("north", "renewal", applicant=person, agreed=True, by=by, request_id=request_id)


def rules_of(outcome):
    return [verdict.rule_id for verdict in outcome.verdicts]


def check_sound(desk):
    verified = desk.audit.verify()
    assert verified, verified.broken


@pytest.mark.journey("J-18")
def test_a_person_is_checked_in_and_served_and_may_book_again(desk, clock):
    one = book(desk)
    clock.move_to(OPENING)
    assert rules_of(desk.gate.serve(one.number, by=CLERK, request_id="early")) == ["AT-05"]
    assert isinstance(desk.gate.check_in(one.number, by=CLERK, request_id="in"), CheckedIn)
    served = desk.gate.serve(one.number, by=CLERK, request_id="serve")

    assert isinstance(served, Served)
    assert served == desk.gate.serve(one.number, by=CLERK, request_id="serve")
    assert desk.appointments(ME).past == (served.appointment,)
    assert isinstance(desk.audit.history(one.number, by=CLERK)[-1], AppointmentServed)
    assert book(desk, request_id="again", from_=OPENING + DAY).state is AppointmentState.BOOKED
    check_sound(desk)


@pytest.mark.journey("J-18")
def test_a_no_show_counts_until_it_is_excused(desk, clock):
    one = book(desk)
    clock.move_to(OPENING + 14 * MINUTE)
    assert rules_of(desk.gate.no_show(one.number, by=CLERK, request_id="early")) == ["AT-07"]
    clock.move_to(OPENING + 15 * MINUTE)
    missed = desk.gate.no_show(one.number, by=CLERK, request_id="missed")
    assert isinstance(missed, NoShowRecorded)
    assert isinstance(desk.audit.history(one.number, by=CLERK)[-1], AppointmentMissed)
    assert rules_of(book(desk, request_id="refused", from_=OPENING + DAY)) == ["CD-02"]

    excused = desk.gate.excuse(one.number, evidence="a report", by=CLERK, request_id="excuse")

    assert isinstance(excused, Excused)
    assert (excused.evidence, excused.appointment.state) == ("a report", AppointmentState.EXCUSED)
    assert desk.gate.excuse(one.number, evidence=" a report", by=CLERK, request_id="excuse") == excused
    with pytest.raises(RequestMismatch):
        desk.gate.excuse(one.number, evidence="another text", by=CLERK, request_id="excuse")
    assert isinstance(desk.audit.history(one.number, by=CLERK)[-1], AppointmentExcused)
    assert book(desk, request_id="granted", from_=OPENING + DAY).state is AppointmentState.BOOKED
    check_sound(desk)


def test_the_evidence_is_in_no_log_and_is_erased_with_the_person(desk, clock):
    one, secret = book(desk), "a report with words of its own"
    clock.move_to(OPENING + 15 * MINUTE)
    desk.gate.no_show(one.number, by=CLERK, request_id="missed")
    desk.gate.excuse(one.number, evidence=secret, by=CLERK, request_id="excuse")
    assert secret not in str(to_json([desk.feed(limit=100), desk.audit.history(one.number, by=CLERK)]))
    (explained,) = desk.explain(request_id="excuse", by=CLERK)
    assert explained.outcome.evidence == secret
    assert secret not in repr(explained)

    assert erase(desk, ME, by=System())

    assert desk.gate.excuse(one.number, evidence="another text", by=CLERK, request_id="excuse").evidence is None
    (explained,) = desk.explain(request_id="excuse", by=CLERK)
    assert (explained.outcome.evidence, explained.outcome.appointment.number) == (None, one.number)
    assert [verdict.rule_id for verdict in explained.verdicts] == ["AT-01", "AT-09", "AT-10"]
    check_sound(desk)


def test_evidence_is_a_text_of_some_length(desk):
    for wrong in ("", " ", "x" * 1_001, None, 7):
        with pytest.raises(InvalidInput, match="evidence"):
            desk.gate.excuse("0010-0000-001H", evidence=wrong, by=CLERK, request_id="r")


def test_maintenance_records_what_nobody_came_to_once_and_so_many_at_a_time(desk, clock):
    people = [made_up_person(serial) for serial in range(1, 7)]
    booked = [book(desk, each, request_id=f"book-{n}") for n, each in enumerate(people)]
    clock.move_to(OPENING)
    desk.gate.check_in(booked[0].number, by=CLERK, request_id="in")
    clock.move_to(OPENING + DAY)

    assert desk.maintenance.record_no_shows(by=System(), limit=3) == 3
    assert desk.maintenance.record_no_shows(by=System(), limit=3) == 2
    assert desk.maintenance.record_no_shows(by=System()) == 0
    states = [desk.appointment(each.number, by=CLERK).state for each in booked]
    assert states == [AppointmentState.CHECKED_IN, *[AppointmentState.NO_SHOW] * 5]
    check_sound(desk)


def test_maintenance_looks_no_further_back_than_it_is_told(desk, clock):
    one = book(desk)
    clock.move_to(OPENING + 3 * DAY)

    assert desk.maintenance.record_no_shows(by=System(), days=2) == 0
    assert desk.maintenance.record_no_shows(by=System(), days=4) == 1
    for wrong in ({"limit": 0}, {"limit": 1_001}, {"days": 0}, {"days": 367}):
        with pytest.raises(InvalidInput):
            desk.maintenance.record_no_shows(by=System(), **wrong)
    assert desk.appointment(one.number, by=ME).state is AppointmentState.NO_SHOW


def test_a_no_show_leaves_its_seat_to_a_walk_in(desk, clock):
    ours = [book(desk, made_up_person(n), request_id=f"book-{n}", service="transfer") for n in (1, 2)]
    assert {each.slot.starts_at for each in ours} == {OPENING}
    clock.move_to(OPENING + 15 * MINUTE)
    given = {"applicant": made_up_person(3), "agreed": True, "by": CLERK}
    assert desk.what_if().walk_in("north", "transfer", **given).slot.starts_at > OPENING

    desk.gate.no_show(ours[1].number, by=CLERK, request_id="missed")

    walked = desk.gate.walk_in("north", "transfer", request_id="walk", **given)
    assert walked.appointment.slot.starts_at == OPENING
    check_sound(desk)


@pytest.mark.journey("J-18")
def test_a_walk_in_has_the_slot_under_way_and_keeps_it_if_the_request_is_sent_again(desk, clock):
    clock.move_to(OPENING + 5 * MINUTE)
    walked = walk_in(desk)
    assert isinstance(walked, WalkedIn)
    assert (walked.appointment.slot.starts_at, walked.appointment.state) == (OPENING, AppointmentState.CHECKED_IN)
    clock.move_to(OPENING + 40 * MINUTE)

    assert walk_in(desk) == walked
    with pytest.raises(RequestMismatch):
        walk_in(desk, YOU)
    assert isinstance(desk.gate.serve(walked.appointment.number, by=CLERK, request_id="serve"), Served)
    assert [type(event) for event in desk.audit.history(walked.appointment.number, by=CLERK)] == [
        WalkInBooked,
        AppointmentServed,
    ]
    assert desk.explain(request_id="walk", by=CLERK)
    assert rules_of(walk_in(desk, YOU, request_id="own", by=YOU)) == ["BK-17"]
    check_sound(desk)


def test_walk_ins_take_no_seat_that_is_not_there(desk, clock):
    clock.move_to(OPENING)
    people = [made_up_person(serial) for serial in range(1, 13)]

    outcomes = [walk_in(desk, each, request_id=f"walk-{n}") for n, each in enumerate(people)]

    granted = [each.appointment.slot.starts_at for each in outcomes if isinstance(each, WalkedIn)]
    assert granted == [OPENING + place * 15 * MINUTE for place in range(5) for _ in range(2)]
    assert [rules_of(each) for each in outcomes if isinstance(each, Refused)] == [["BK-05"]] * 2
    check_sound(desk)


def test_two_clerks_who_serve_and_miss_at_once_are_not_both_right(desk, clock):
    people = [made_up_person(serial) for serial in range(1, 9)]
    booked = [book(desk, each, request_id=f"book-{n}") for n, each in enumerate(people)]
    clock.move_to(max(each.slot.starts_at for each in booked) + 15 * MINUTE)

    def race(one):
        with ThreadPoolExecutor(2) as threads:
            came = threads.submit(desk.gate.check_in, one.number, by=CLERK, request_id=f"in-{one.number}")
            missed = threads.submit(desk.gate.no_show, one.number, by=CLERK, request_id=f"missed-{one.number}")
            return came.result(), missed.result()

    for one in booked:
        came, missed = race(one)
        last = desk.appointment(one.number, by=CLERK).state
        assert isinstance(missed, NoShowRecorded) is (last is AppointmentState.NO_SHOW)
        assert isinstance(came, CheckedIn) is (last is AppointmentState.CHECKED_IN)
        assert isinstance(came, Refused) or isinstance(missed, Refused)
    check_sound(desk)


def test_what_if_decides_every_act_at_the_gate_without_doing_it(desk, clock):
    one = book(desk)
    plan = desk.what_if(at=OPENING + timedelta(minutes=15))

    assert plan.no_show(one.number, by=CLERK)
    assert [verdict.rule_id for verdict in plan.serve(one.number, by=CLERK).refused] == ["AT-05"]
    assert [verdict.rule_id for verdict in plan.excuse(one.number, by=CLERK).refused] == ["AT-09"]
    assert plan.walk_in("north", "renewal", applicant=YOU, agreed=True, by=CLERK)
    assert desk.appointment(one.number, by=ME) == one


def test_the_list_of_the_day_has_those_who_did_not_come(desk, clock):
    ours = [book(desk, made_up_person(serial), request_id=f"book-{serial}") for serial in (1, 2)]
    clock.move_to(OPENING + 15 * MINUTE)
    desk.gate.no_show(ours[0].number, by=CLERK, request_id="missed")

    listed = desk.gate.appointments_of_day("north", OPENING.date(), by=CLERK)

    assert {each.number: each.state for each in listed} == {
        ours[0].number: AppointmentState.NO_SHOW,
        ours[1].number: AppointmentState.BOOKED,
    }


def test_a_wrong_agreement_of_a_walk_in_is_named(desk):
    with pytest.raises(InvalidInput, match=r"^agreed: "):
        desk.gate.walk_in("north", "renewal", applicant=ME, agreed="yes", by=CLERK, request_id="r")
