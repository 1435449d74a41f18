"""Every decision can be explained from its record, tried without being written, and evaluated again."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import open_desk
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import (
    AppointmentNotFound,
    Booked,
    Clerk,
    Delegate,
    Held,
    InvalidInput,
    NotFound,
    Refused,
    Rulebooks,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.domain.audit.invariants import Invariant
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.outcomes import Answer
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock, made_up_person

ME, YOU = made_up_person(1), made_up_person(2)
STAFF = Clerk("desk-1")
TICK = timedelta(microseconds=1)


@pytest.fixture(params=["memory", "sqlite"])
def desk(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "bookings.db")
    with open_desk(store=store) as opened:
        yield opened


def slots(desk):
    """Slots from tomorrow on: appointments of today can't be cancelled any more."""
    return desk.find_slots(service="renewal", branch="north", from_=START + timedelta(days=1), limit=500)


def book(desk, person=ME, nth=0, request_id="book", by=None):
    return desk.book(slots(desk)[nth], applicant=person, agreed=True, request_id=request_id, by=by)


def test_an_appointment_is_explained_decision_by_decision_with_the_rules_that_granted_each(desk):
    held = desk.hold(slots(desk)[0], applicant=ME, request_id="hold")
    assert isinstance(held, Held)
    booked = desk.book(held, applicant=ME, agreed=True, request_id="book")
    cancelled = desk.cancel(booked.appointment.number, by=ME, request_id="cancel")
    found = desk.explain(booked.appointment.number, by=ME)
    assert [(each.request_id, each.use) for each in found] == [
        ("hold", Use.HOLD),
        ("book", Use.BOOK),
        ("cancel", Use.CANCEL),
    ]
    assert [each.outcome for each in found] == [held, booked, cancelled]
    assert all(each and not each.refused for each in found)
    for each in found:
        evaluated = [rule.id for rule in desk.rulebook.rules if each.use in rule.definition.uses]
        assert [verdict.rule_id for verdict in each.verdicts] == evaluated, "the rules that are kept as well"
        assert all(verdict.statement("ar") for verdict in each.verdicts)
        assert (each.rulebook, each.decided_at) == (desk.rulebook.version, START)


def test_a_refused_request_is_explained_by_its_id_with_the_verdicts_of_its_refusal(desk):
    book(desk)
    refused = book(desk, nth=3, request_id="again")
    assert isinstance(refused, Refused)
    (found,) = desk.explain(request_id="again", by=ME)
    assert not found
    assert found.refused == refused.verdicts
    assert [verdict.rule_id for verdict in found.refused] == ["BK-07"]
    assert len(found.verdicts) > len(found.refused)


@pytest.mark.parametrize("by", [ME, STAFF])
def test_every_actor_who_may_act_for_a_person_may_read_the_explanation(desk, by):
    booked = book(desk)
    assert desk.explain(request_id="book", by=by)[0].outcome == booked
    assert desk.explain(booked.appointment.number, by=by)[0].outcome == booked


def test_nobody_else_may_ask_why_and_learns_nothing(desk):
    booked = book(desk)
    with pytest.raises(NotFound) as theirs:
        desk.explain(request_id="book", by=YOU)
    with pytest.raises(NotFound) as none:
        desk.explain(request_id="none", by=YOU)
    assert str(theirs.value).replace("book", "none") == str(none.value)
    with pytest.raises(AppointmentNotFound):
        desk.explain(booked.appointment.number, by=YOU)


def test_one_thing_is_explained_at_a_time(desk):
    for both_or_neither in ({}, {"number": "x", "request_id": "y"}):
        with pytest.raises(InvalidInput, match="number, request_id: got none or both"):
            desk.explain(**both_or_neither, by=ME)


def test_what_if_returns_the_outcome_of_a_request_and_writes_nothing(desk):
    slot = slots(desk)[0]
    granted = desk.what_if().book(slot, applicant=ME, agreed=True)
    assert (bool(granted), granted.outcome) == (True, None)
    assert desk.what_if().hold(slot, applicant=ME)
    assert len(desk.appointments(ME)) == 0
    assert isinstance(book(desk), Booked)
    refused = desk.what_if().book(slot, applicant=ME, agreed=False)
    assert [verdict.rule_id for verdict in refused.refused] == ["BK-05", "BK-06", "BK-07", "BK-09"]
    outcome = desk.book(slot, applicant=ME, agreed=False, request_id="done")
    assert isinstance(outcome, Refused)
    assert refused.refused == outcome.verdicts


def test_what_if_can_decide_at_another_instant(desk):
    number = book(desk).appointment.number
    starts_at = desk.appointment(number, by=ME).slot.starts_at
    cut_off = desk.may_cancel(number, by=ME).until
    assert desk.what_if(at=starts_at - timedelta(minutes=5)).check_in(number, by=STAFF)
    assert not desk.what_if().check_in(number, by=ME)
    assert cut_off is not None
    for at, granted in ((cut_off - TICK, True), (cut_off, False), (cut_off + TICK, False)):
        assert bool(desk.what_if(at=at).cancel(number, by=ME)) is granted


def test_a_hold_that_has_run_out_by_then_keeps_nobody_from_its_seat_in_what_if(desk):
    slot = slots(desk)[0]
    desk.hold(slot, applicant=YOU, request_id="hold")
    assert not desk.what_if().book(slot, applicant=ME, agreed=True)
    assert desk.what_if(at=START + timedelta(minutes=11)).book(slot, applicant=ME, agreed=True)


def act(desk, what, which, request_id, numbers):
    """One request of a person; the number of a granted appointment is added to `numbers`."""
    person, slot = made_up_person(which % 3), slots(desk)[which]
    match what:
        case "cancel":
            desk.cancel(numbers[which % len(numbers)], by=person, request_id=request_id)
        case "hold":
            outcome = desk.hold(slot, applicant=person, request_id=request_id)
            numbers += [] if isinstance(outcome, Refused) else [outcome.appointment.number]
        case _:
            outcome = desk.book(slot, applicant=person, agreed=which != 0, request_id=request_id)
            numbers += [] if isinstance(outcome, Refused) else [outcome.appointment.number]


@given(st.lists(st.tuples(st.sampled_from(["book", "hold", "cancel", "wait"]), st.integers(0, 3)), max_size=12))
def test_every_recorded_decision_is_evaluated_again_with_the_same_results(steps):
    clock = MovableClock(START)
    with open_desk(small_catalogue(capacity=1), clock=clock) as desk:
        numbers = ["001Y-F1YX-GD4X"]
        for serial, (what, which) in enumerate(steps):
            if what == "wait":
                clock.advance(timedelta(minutes=which * 7))
            else:
                act(desk, what, which, f"r{serial}", numbers)
        found = desk.audit.verify()
        assert found.answers == sum(what != "wait" for what, _ in steps)
        assert (found.broken, found.unknown_versions, found.without_case) == ((), (), 0)


def test_an_audit_reads_every_page_and_reports_the_rules_with_other_results(desk, monkeypatch):
    monkeypatch.setattr("traffic_booking.application._sync.verifying.PAGE", 2)
    for serial in range(5):
        book(desk, made_up_person(serial), nth=serial, request_id=f"r{serial}")
    assert desk.audit.verify().answers == 5
    other = small_rulebook(desk.rulebook.version, BK_04={"days": 1}, BK_08={"appointments": 1})
    with open_desk(store=desk.store) as later:
        later._office.configuration._given = evolve(later._office.configuration._given, rulebooks=Rulebooks((other,)))
        later._office.configuration._configuration = later._office.configuration._given
        found = later.audit.verify()
    assert {(each.invariant, str(each)) for each in found.broken} == {
        (
            Invariant.RULES,
            f"request r{serial}: rule BK-04 broken when it is evaluated again; expected not broken, as recorded",
        )
        for serial in range(5)
    }, "a rule with another limit that is kept all the same is no difference"


def test_a_version_that_is_not_at_hand_is_named_and_the_rest_is_replayed(desk):
    book(desk)
    store = AppointmentBook(desk.store)
    answer = store.answer(RequestId("book"))
    assert answer is not None
    store.commit(
        [Change(answer=evolve(answer, command=evolve(answer.command, request_id=RequestId("old")), rulebook="1900"))]
    )
    store.commit(
        [Change(answer=evolve(answer, command=evolve(answer.command, request_id=RequestId("bare")), case=None))]
    )
    found = desk.audit.verify()
    assert (found.answers, found.without_case, found.unknown_versions) == (3, 1, ("1900",))
    with pytest.raises(NotFound, match="no rulebook version '1900'"):
        desk.explain(request_id="old", by=ME)


@pytest.mark.rule("BK-16")
def test_a_delegate_gets_explanations_for_the_services_of_the_delegation_alone(desk):
    booked = book(desk)
    number = booked.appointment.number
    assert isinstance(book(desk, nth=1, request_id="refused"), Refused)
    desk.cancel(number, by=ME, request_id="cancel")
    until = START + timedelta(days=9)
    beyond = Delegate(person=YOU, applicant=ME, services=["transfer"], until=until)
    for request in ("book", "refused", "cancel"):
        with pytest.raises(NotFound):
            desk.explain(request_id=request, by=beyond)
    within = Delegate(person=YOU, applicant=ME, services=["renewal"], until=until)
    assert desk.explain(request_id="cancel", by=within)[0].request_id == "cancel"
    for request in ("book", "refused"):  # its rules count appointments for other services
        with pytest.raises(NotFound):
            desk.explain(request_id=request, by=within)


@pytest.mark.parametrize("request_id", ["cancel", "arrive", "move"])
def test_a_refusal_about_an_appointment_is_explained_to_staff_and_to_its_applicant(desk, request_id):
    appointment = book(desk).appointment
    late = desk.clock.move_to
    match request_id:
        case "cancel":
            late(appointment.slot.starts_at - timedelta(minutes=5))
            outcome = desk.cancel(appointment.number, by=STAFF, request_id=request_id)
        case "arrive":
            late(appointment.slot.starts_at + timedelta(hours=1))
            outcome = desk.gate.check_in(appointment.number, by=STAFF, request_id=request_id)
        case _:
            target = slots(desk)[3]
            late(appointment.slot.starts_at - timedelta(minutes=5))
            outcome = desk.move(appointment.number, target, by=STAFF, request_id=request_id)
    assert isinstance(outcome, Refused)
    until = START + timedelta(days=9)
    delegate = Delegate(person=YOU, applicant=ME, services=["renewal"], until=until)
    for by in (STAFF, Clerk("desk-2"), ME) if request_id == "move" else (STAFF, Clerk("desk-2"), ME, delegate):
        assert desk.explain(request_id=request_id, by=by)[0].outcome == outcome
    for by in (YOU, Delegate(person=YOU, applicant=ME, services=["transfer"], until=until)):
        with pytest.raises(NotFound):
            desk.explain(request_id=request_id, by=by)


def test_a_request_of_a_stranger_is_explained_to_them_to_staff_and_to_the_applicant(desk):
    missing = desk.cancel(book(desk).appointment.number, by=YOU, request_id="cancel")
    assert isinstance(missing, Refused)
    for by in (YOU, STAFF, ME):
        assert desk.explain(request_id="cancel", by=by)[0].outcome == missing


def test_a_delegation_that_has_ended_shows_nothing(desk):
    number = book(desk).appointment.number
    until = START + timedelta(hours=1)
    delegate = Delegate(person=YOU, applicant=ME, services=["renewal"], until=until)
    assert isinstance(book(desk, nth=1, request_id="theirs", by=delegate), Refused)
    desk.clock.move_to(until - TICK)
    assert desk.appointment(number, by=delegate).number == number
    assert desk.explain(request_id="theirs", by=delegate)
    desk.clock.move_to(until)
    for look in (desk.appointment, desk.audit.history, desk.explain):
        with pytest.raises(AppointmentNotFound):
            look(number, by=delegate)
    with pytest.raises(NotFound):
        desk.explain(request_id="theirs", by=delegate)


def test_a_replay_compares_answers_with_the_results_of_the_rules(desk):
    assert isinstance(book(desk), Booked)
    refused = book(desk, nth=1, request_id="refused")
    assert isinstance(refused, Refused)
    answers: dict[str, Answer] = {
        answer.command.request_id: answer for answer in AppointmentBook(desk.store).answers(after=None, limit=9)
    }
    (word,) = refused.verdicts
    changed = {
        "as another rule's": evolve(answers["refused"], outcome=Refused((evolve(word, rule_id="BK-08"),))),
        "as granted": evolve(answers["refused"], outcome=answers["book"].outcome),
        "as refused": evolve(answers["book"], outcome=refused),
        "with another limit": evolve(answers["refused"], outcome=Refused((evolve(word, limit=9),))),
    }
    for name, answer in changed.items():
        store = MemoryStore()
        AppointmentBook(store).commit([Change(answer=answer)])
        broken = [each for each in open_desk(store=store).audit.verify().broken if each.invariant is Invariant.RULES]
        assert broken, name
        assert {each.found.split()[1] for each in broken} <= {"BK-07", "BK-08"}


def test_a_value_that_is_no_instant_is_refused_by_what_if(desk):
    for at in (START.date(), START.isoformat()):
        with pytest.raises(InvalidInput, match=r"^instant: got a (date|str); expected an aware datetime"):
            desk.what_if(at=at)
