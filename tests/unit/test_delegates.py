"""A delegate acts and sees within the delegation: nothing of the applicant beyond it, in any answer."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.bookings import number
from tests.calendars import exception
from tests.desks import open_desk
from tests.small_town import START, small_rulebook
from traffic_booking import (
    Booked,
    Cancelled,
    Clerk,
    Declared,
    Delegate,
    Held,
    Moved,
    NotFound,
    Refused,
    RequestMismatch,
    to_json,
)
from traffic_booking.adapters.tickets import TextTicket
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import MovableClock, made_up_person

MOTHER, DAUGHTER, STRANGER = made_up_person(1), made_up_person(2), made_up_person(3)
DAY = timedelta(days=1)
RULEBOOK = small_rulebook(BK_08={"appointments": 2}, BK_13={"appointments": 2}, BK_14={"minutes": 60})
UNKNOWN = number(77)


def delegation(*services: str, until=START + 9 * DAY):
    return Delegate(person=DAUGHTER, applicant=MOTHER, services=services, until=until)


@pytest.fixture
def desk():
    with open_desk(rulebook=RULEBOOK, tickets={"text": TextTicket()}) as opened:
        yield opened


def slots(desk, service):
    return desk.find_slots(service=service, branch="north", from_=START + 2 * DAY, limit=200)


def booked(desk, service="renewal", nth=0, request_id="hers"):
    outcome = desk.book(slots(desk, service)[nth], applicant=MOTHER, agreed=True, request_id=request_id)
    assert isinstance(outcome, Booked)
    return outcome.appointment


def asked(desk, slot, by, request_id="theirs"):
    outcome = desk.book(slot, applicant=MOTHER, by=by, agreed=True, request_id=request_id)
    assert isinstance(outcome, Refused)
    return outcome


@pytest.mark.rule("BK-16")
@pytest.mark.parametrize("by", [delegation("transfer"), delegation("renewal", until=START)], ids=["other", "ended"])
def test_beyond_the_delegation_a_request_reads_none_of_the_applicants_appointments(desk, by):
    hers = booked(desk)

    outcome = asked(desk, slots(desk, "renewal")[1], by)

    assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-16"]
    assert hers.number not in str(to_json(outcome))
    recorded = desk._office.book.answer("theirs")
    assert (recorded.case.others, recorded.case.given_back, recorded.case.held) == ((), (), None)


@pytest.mark.rule("BK-09")
@pytest.mark.rule("BK-14")
@pytest.mark.parametrize(("away", "rule_id"), [(0, "BK-09"), (30, "BK-14")])
def test_a_clash_with_an_appointment_beyond_the_delegation_shows_neither_its_number_nor_its_time(desk, away, rule_id):
    hers = booked(desk, nth=8)
    free = [each for each in slots(desk, "transfer") if each.starts_at >= hers.starts_at + timedelta(minutes=away)]

    outcome = asked(desk, free[0], delegation("transfer"))

    [verdict] = [each for each in outcome.verdicts if each.rule_id == rule_id]
    assert (verdict.observed, verdict.allowed_from) == (None, None)
    assert hers.number not in str(to_json(outcome)) + outcome.message("ar") + outcome.message("en")
    assert hers.number not in str(to_json(desk.explain(request_id="theirs", by=delegation("transfer"))))
    theirs = asked(desk, free[0], delegation("transfer", "renewal"), "wider")
    assert hers.number in {each.observed for each in theirs.verdicts}


@pytest.mark.rule("BK-08")
@pytest.mark.rule("BK-13")
def test_a_limit_over_several_services_shows_no_count_and_no_end_of_appointments_beyond_the_delegation(desk):
    booked(desk)
    booked(desk, "transfer", 20, "hers-too")

    outcome = asked(desk, slots(desk, "renewal")[60], delegation("renewal"))
    found = {each.rule_id: (each.observed, each.limit, each.allowed_from) for each in outcome.verdicts}

    assert found["BK-08"] == (None, 2, None)
    assert found["BK-07"][0] == 1  # of the service of the delegation


def test_a_rule_that_is_kept_shows_no_count_beyond_the_delegation_either(desk):
    booked(desk, "transfer", 20)
    desk.book(slots(desk, "renewal")[60], applicant=MOTHER, by=delegation("renewal"), agreed=True, request_id="theirs")

    [explained] = desk.explain(request_id="theirs", by=delegation("renewal"))

    counts = {each.rule_id: each.observed for each in explained.verdicts}
    assert (counts["BK-07"], counts["BK-08"]) == (0, None)


@pytest.mark.rule("CN-01")
@pytest.mark.rule("MV-01")
@pytest.mark.parametrize("by", [delegation("transfer"), delegation("renewal", until=START)], ids=["other", "ended"])
def test_beyond_the_delegation_a_number_that_exists_is_answered_like_one_that_does_not(desk, by):
    hers, to = booked(desk), slots(desk, "renewal")[5]

    def answers(of):
        yield desk.cancel(of, by=by, request_id=f"cancel-{of}")
        yield desk.move(of, to, by=by, request_id=f"move-{of}")
        yield desk.may_cancel(of, by=by)
        yield desk.what_if().cancel(of, by=by).verdicts
        yield desk.what_if().move(of, to, by=by).verdicts

    assert list(answers(hers.number)) == list(answers(UNKNOWN))
    for verb in (desk.appointment, desk.ticket, desk.audit.history):
        messages = set()
        for asked_for in (hers.number, UNKNOWN):
            with pytest.raises(NotFound) as error:
                verb(asked_for, by=by)
            messages.add(str(error.value).replace(asked_for, "N"))
        assert len(messages) == 1


def test_after_the_delegation_has_ended_its_requests_are_explained_no_more(desk):
    outcome = desk.book(
        slots(desk, "renewal")[0], applicant=MOTHER, by=delegation("renewal"), agreed=True, request_id="theirs"
    )
    assert isinstance(outcome, Booked)
    desk.cancel(UNKNOWN, by=delegation("renewal"), request_id="unknown")
    for request_id in ("theirs", "unknown"):
        assert desk.explain(request_id=request_id, by=delegation("renewal")) is not None
        with pytest.raises(NotFound):
            desk.explain(request_id=request_id, by=delegation("renewal", until=START))


def test_a_decision_about_a_request_of_the_applicant_is_not_explained_to_a_delegate(desk):
    hers = booked(desk, nth=8)
    clash = next(each for each in slots(desk, "transfer") if each.starts_at == hers.starts_at)
    desk.book(clash, applicant=MOTHER, agreed=True, request_id="clash")

    for by in (delegation("transfer"), delegation("transfer", "renewal")):
        with pytest.raises(NotFound):
            desk.explain(request_id="clash", by=by)


@given(
    until=st.datetimes(START.replace(tzinfo=None) + DAY, START.replace(tzinfo=None) + 99 * DAY).map(
        lambda at: at.replace(tzinfo=START.tzinfo)
    ),
    services=st.sets(st.sampled_from(["renewal", "transfer", "issue"])).map(lambda them: {*them, "renewal"}),
)
def test_a_retry_with_a_newly_made_delegate_is_the_same_request(until, services):
    with open_desk() as desk:
        slot, other = desk.find_slots(service="renewal", branch="north", limit=2, from_=START + DAY)
        by, again = delegation("renewal"), delegation(*services, until=until)
        first = desk.book(slot, applicant=MOTHER, by=by, agreed=True, request_id="one")
        assert isinstance(first, Booked)
        assert desk.book(slot, applicant=MOTHER, by=again, agreed=True, request_id="one") == first
        moved = desk.move(first.appointment.number, other, by=by, request_id="two")
        assert isinstance(moved, Moved)
        assert desk.move(first.appointment.number, other, by=again, request_id="two") == moved
        cancelled = desk.cancel(first.appointment.number, by=by, request_id="three")
        assert isinstance(cancelled, Cancelled)
        assert desk.cancel(first.appointment.number, by=again, request_id="three") == cancelled


@pytest.mark.parametrize(
    "other",
    [
        evolve(delegation("renewal"), person=STRANGER),
        MOTHER,
        Clerk("desk-1"),
    ],
    ids=["another person", "the applicant", "a clerk"],
)
def test_a_retry_by_somebody_else_is_another_request(desk, other):
    slot = slots(desk, "renewal")[0]
    desk.book(slot, applicant=MOTHER, by=delegation("renewal"), agreed=True, request_id="one")

    with pytest.raises(RequestMismatch):
        desk.book(slot, applicant=MOTHER, by=other, agreed=True, request_id="one")


def test_a_retry_by_a_clerk_whose_branches_have_changed_since_is_the_same_request(desk):
    closure = exception(Effect.CLOSED, START.date() + 5 * DAY)
    first = desk.calendar.declare(closure, reason="repairs", by=Clerk("desk-1"), request_id="closed")
    assert isinstance(first, Declared)

    again = Clerk("desk-1", branches=["north"])
    assert desk.calendar.declare(closure, reason="repairs", by=again, request_id="closed") == first


ALL = delegation("renewal", "transfer", "foreign")


@pytest.mark.parametrize("has_others", [True, False])
def test_a_limit_over_several_services_that_is_kept_does_not_show_whether_there_are_others(desk, has_others):
    if has_others:
        booked(desk, "transfer", 20)

    would = desk.what_if().hold(slots(desk, "renewal")[60], applicant=MOTHER, by=delegation("renewal"))

    assert {each.rule_id: each.observed for each in would.verdicts if each.rule_id in {"BK-08", "BK-13", "HD-01"}} == {
        "BK-08": None,
        "BK-13": None,
        "HD-01": None,
    }


def test_a_limit_over_a_group_that_the_delegation_covers_shows_its_count(desk):
    booked(desk, "transfer", 20)

    would = desk.what_if().book(slots(desk, "renewal")[60], applicant=MOTHER, by=ALL, agreed=True)

    assert {each.rule_id: each.observed for each in would.verdicts}["BK-13"] == 1


@pytest.mark.rule("CD-02")
@pytest.mark.parametrize("misses", [0, 1, 2])
def test_appointments_that_the_applicant_missed_are_neither_counted_nor_dated_for_a_delegate(misses):
    clock = MovableClock(START)
    rulebook = small_rulebook(CD_02={"missed": 2, "window_days": 90, "days": 30}, BK_07={"appointments": 5})
    with open_desk(rulebook=rulebook, clock=clock) as desk:
        for serial in range(misses):
            booked(desk, "transfer", serial * 2, f"missed-{serial}")
        clock.advance(3 * DAY)

        would = desk.what_if().book(slots(desk, "renewal")[0], applicant=MOTHER, by=delegation("renewal"), agreed=True)
        [conduct] = [each for each in would.verdicts if each.rule_id == "CD-02"]

    assert conduct.granted == (misses < 2)
    assert (conduct.observed, conduct.limit, conduct.allowed_from) == (None, 2, None)


@pytest.mark.rule("BK-05")
def test_a_move_to_a_service_beyond_the_delegation_does_not_show_that_the_applicant_holds_the_slot(desk):
    hers = booked(desk)
    to = slots(desk, "transfer")[40]

    def verdicts():
        return desk.what_if().move(hers.number, to, by=delegation("renewal"), agreed=True).verdicts

    held = desk.hold(to, applicant=MOTHER, request_id="hold")
    assert isinstance(held, Held)
    while_hers = verdicts()
    desk.cancel(held.appointment.number, by=MOTHER, request_id="given-back")
    desk.hold(to, applicant=STRANGER, request_id="a-stranger's")
    assert while_hers == verdicts()


def test_no_booking_that_the_applicant_asked_for_is_explained_to_a_delegate_by_its_number(desk):
    booked(desk, "transfer", 20)
    hers = booked(desk, request_id="renewed")
    by = delegation("renewal")
    desk.move(hers.number, slots(desk, "renewal")[40], by=by, request_id="theirs")
    desk.cancel(hers.number, by=MOTHER, request_id="hers-again")

    assert [each.request_id for each in desk.explain(hers.number, by=MOTHER)] == ["renewed", "theirs", "hers-again"]
    assert [each.request_id for each in desk.explain(hers.number, by=by)] == ["theirs", "hers-again"]


def test_after_the_delegation_has_ended_no_plan_shows_what_could_have_been_done_before():
    clock = MovableClock(START)
    with open_desk(rulebook=RULEBOOK, clock=clock) as desk:
        hers, by = booked(desk), delegation("renewal", until=START + DAY)
        clock.advance(DAY)
        plan = desk.what_if(at=START)

        assert plan.cancel(hers.number, by=by).verdicts == plan.cancel(UNKNOWN, by=by).verdicts
        would = plan.book(slots(desk, "renewal")[9], applicant=MOTHER, by=by, agreed=True)

    assert (would.decided_at, [each.rule_id for each in would.refused]) == (START + DAY, ["BK-16"])
