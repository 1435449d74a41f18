"""J-15 to J-18: the instructions, the documents, the ticket, the visit."""

from datetime import timedelta

import pytest

from traffic_booking import (
    AppointmentBooked,
    AppointmentState,
    Booked,
    CheckedIn,
    Clerk,
    GateResult,
    Held,
    Holder,
    System,
)
from traffic_booking.gate import OfflineGate
from traffic_booking.testing import made_up_person

SERVICE = "licence-renewal"
CLERK = Clerk("counter-3")


@pytest.fixture
def held(portal):
    (slot,) = portal.desk.find_slots(service=SERVICE, governorate="riyadh", limit=1)
    outcome = portal.desk.hold(slot, applicant=portal.applicant, request_id=portal.request())
    assert isinstance(outcome, Held)
    return outcome


@pytest.mark.journey("J-15")
@pytest.mark.rule("BK-06")
def test_the_instructions_are_read_and_the_version_agreed_to_is_recorded(portal, held, rules_of):
    desk, instructions = portal.desk, portal.desk.catalogue.service(SERVICE).instructions
    assert instructions.text("ar")
    assert instructions.text("en")

    for not_agreed in (False, "2020-01-01"):
        refused = desk.book(held, applicant=portal.applicant, agreed=not_agreed, request_id=portal.request())
        assert rules_of(refused) == ["BK-06"]
        assert refused.verdicts[0].limit == instructions.version
    booked = desk.book(held, applicant=portal.applicant, agreed=instructions.version, request_id=portal.request())

    assert isinstance(booked, Booked)
    assert booked.appointment.instructions == instructions.version
    (event,) = [
        one
        for one in desk.audit.history(booked.appointment.number, by=portal.applicant)
        if isinstance(one, AppointmentBooked)
    ]
    assert (event.instructions, event.actor, event.at) == (
        instructions.version,
        event.applicant,
        portal.clock.now(),
    )
    assert portal.desk.person_of(event.applicant.subject, by=System()) == portal.applicant


@pytest.mark.journey("J-16")
def test_the_documents_are_those_of_the_service_for_this_applicant(portal):
    service = portal.desk.catalogue.service(SERVICE)
    documents = service.documents_for(portal.applicant.holder)

    assert documents[0].id == "national-id"
    assert all(document.name("ar") and document.name("en") for document in documents)
    for every in portal.desk.catalogue.services:
        for holder in every.eligibility.holders:
            assert every.documents_for(holder)
    school = portal.desk.catalogue.service("driving-school-file")
    needed = {holder: {document.id for document in school.documents_for(holder)} for holder in Holder}
    assert needed[Holder.RESIDENT] != needed[Holder.CITIZEN]


@pytest.mark.journey("J-17")
@pytest.mark.parametrize("form", ["text", "html"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_ticket_has_all_that_is_needed_at_the_branch_and_not_the_whole_id(portal, held, form, language):
    one = portal.book(held.appointment.slot).appointment
    branch = portal.desk.catalogue.branch(one.slot.branch)
    service = portal.desk.catalogue.service(SERVICE)

    ticket = str(portal.desk.ticket(one.number, by=portal.applicant, form=form, language=language))

    assert one.number in ticket
    assert branch.name(language) in ticket
    assert service.name(language) in ticket
    assert "08:00" in ticket
    for document in service.documents_for(portal.applicant.holder):
        assert document.name(language) in ticket
    assert portal.applicant.reveal() not in ticket
    assert portal.applicant.reveal()[-4:] in ticket


@pytest.mark.journey("J-17")
def test_a_booking_that_is_sent_again_is_one_booking(portal, held):
    request = portal.request()
    answers = [portal.desk.book(held, applicant=portal.applicant, agreed=True, request_id=request) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert len(portal.desk.appointments(portal.applicant)) == 1


@pytest.mark.journey("J-18")
@pytest.mark.rule("AT-01")
@pytest.mark.rule("AT-03")
@pytest.mark.rule("AT-04")
def test_the_applicant_comes_in_time_and_a_clerk_notes_it(portal, rules_of):
    one = portal.book(portal.desk.find_slots(service=SERVICE, governorate="riyadh", limit=9)[-1].key).appointment

    def check_in(by=CLERK):
        return portal.desk.gate.check_in(one.number, by=by, request_id=portal.request())

    portal.clock.move_to(one.starts_at - timedelta(minutes=61))
    early = check_in()
    assert rules_of(early) == ["AT-03"]
    assert early.verdicts[0].allowed_from == one.starts_at - timedelta(minutes=60)
    portal.clock.move_to(one.starts_at - timedelta(minutes=5))
    assert rules_of(check_in(by=portal.applicant)) == ["AT-01"]
    done = check_in()

    assert isinstance(done, CheckedIn)
    assert portal.desk.appointment(one.number, by=portal.applicant) == done.appointment
    assert rules_of(check_in()) == ["AT-02"]


@pytest.mark.journey("J-18")
def test_an_applicant_who_comes_too_late_is_refused_with_the_reason(portal, rules_of):
    somebody = made_up_person(5)
    one = portal.book(portal.desk.find_slots(service=SERVICE, governorate="riyadh")[0].key, somebody).appointment
    portal.clock.move_to(one.starts_at + timedelta(minutes=15, microseconds=1))

    late = portal.desk.gate.check_in(one.number, by=CLERK, request_id=portal.request())

    assert rules_of(late) == ["AT-04"]
    assert late.verdicts[0].statement("ar")


@pytest.mark.journey("J-18")
@pytest.mark.rule("AT-02")
def test_a_gate_without_the_store_admits_the_applicant_and_its_scan_is_merged_once(portal, tmp_path):
    one = portal.book(portal.desk.find_slots(service=SERVICE, governorate="riyadh", limit=9)[-1].key).appointment
    portal.clock.move_to(one.starts_at - timedelta(minutes=5))
    listed = portal.desk.gate.day_list(one.slot.branch, one.day, by=CLERK)

    with OfflineGate(listed, tmp_path / "journal", gate="gate-1", clock=portal.clock) as gate:
        assert gate.scan(one.number).result is GateResult.ON_TIME
        assert gate.scan(one.number).result is GateResult.ALREADY_USED
    portal.clock.advance(timedelta(hours=2))

    assert [each.number for each in portal.desk.gate.merge(gate.scans, by=CLERK).accepted] == [one.number]
    assert portal.desk.gate.merge(gate.scans, by=CLERK).accepted == ()
    assert portal.desk.appointment(one.number, by=portal.applicant).state is AppointmentState.CHECKED_IN
