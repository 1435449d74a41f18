"""C-06 to C-10: all appointments, the traffic tab, the booked ones, the cancellation and its confirmation."""

from datetime import timedelta

import pytest

from traffic_booking import AppointmentNotFound, AppointmentState, Booked, Cancelled
from traffic_booking.testing import made_up_person

RENEWAL, OBJECTION = "licence-renewal", "violation-objection"


def first_slot(portal, service, days):
    """The first slot of a service in Riyadh, so many days from now."""
    from_ = portal.clock.now() + timedelta(days=days)
    return portal.desk.find_slots(service=service, governorate="riyadh", from_=from_, limit=1)[0].key


@pytest.fixture
def renewal(portal):
    """A booking for tomorrow."""
    return portal.book(first_slot(portal, RENEWAL, 1)).appointment


@pytest.mark.journey("C-06")
def test_all_appointments_are_seen_as_upcoming_past_and_cancelled(portal, renewal):
    objection = portal.book(first_slot(portal, OBJECTION, 2)).appointment
    portal.desk.cancel(objection.number, by=portal.applicant, request_id=portal.request())
    portal.clock.move_to(renewal.ends_at)
    second = portal.book(first_slot(portal, RENEWAL, 1)).appointment

    mine = portal.desk.appointments(portal.applicant)

    assert [one.number for one in mine.upcoming] == [second.number]
    assert [one.number for one in mine.past] == [renewal.number]
    assert [one.number for one in mine.cancelled] == [objection.number]
    assert len(mine) == 3
    assert len(portal.desk.appointments(made_up_person(1))) == 0


@pytest.mark.journey("C-07")
def test_the_traffic_tab_shows_the_appointments_of_its_group_and_the_groups_below(portal, renewal):
    objection = portal.book(first_slot(portal, OBJECTION, 2)).appointment

    def numbers(group):
        return {one.number for one in portal.desk.appointments(portal.applicant, group=group)}

    assert numbers("traffic-services") == numbers("e-services") == {renewal.number, objection.number}
    assert numbers("driving-licences") == {renewal.number}
    assert numbers("violations") == {objection.number}
    assert numbers("vehicles") == set()


@pytest.mark.journey("C-08")
def test_the_booked_appointments_are_listed_soonest_first_with_both_dates(portal, renewal):
    later = portal.book(first_slot(portal, OBJECTION, 2)).appointment
    earlier = portal.book(first_slot(portal, "ownership-transfer", 0)).appointment

    booked = portal.desk.appointments(portal.applicant).upcoming

    assert [one.number for one in booked] == [earlier.number, renewal.number, later.number]
    assert all(one.state is AppointmentState.BOOKED for one in booked)
    assert booked[0].day.text("en") == "Sunday, 22 November 2026 – 12 Jumada al-Akhirah 1448 AH"


@pytest.mark.journey("C-09")
@pytest.mark.rule("CN-01")
@pytest.mark.rule("CN-03")
def test_an_appointment_is_cancelled_by_its_applicant_before_the_cut_off_alone(portal, renewal, rules_of):
    stranger = made_up_person(1)
    with pytest.raises(AppointmentNotFound):
        portal.desk.appointment(renewal.number, by=stranger)
    theirs = portal.desk.cancel(renewal.number, by=stranger, request_id=portal.request())
    assert rules_of(theirs) == ["CN-01"]

    cut_off = renewal.starts_at - timedelta(minutes=portal.desk.rulebook["CN-03"]["minutes"])
    portal.clock.move_to(cut_off)
    late = portal.desk.cancel(renewal.number, by=portal.applicant, request_id=portal.request())

    assert rules_of(late) == ["CN-03"]
    assert late.verdicts[0].limit == cut_off
    portal.clock.move_to(cut_off - timedelta(microseconds=1))
    outcome = portal.desk.cancel(renewal.number, by=portal.applicant, request_id=portal.request())
    assert isinstance(outcome, Cancelled)


@pytest.mark.journey("C-10")
def test_a_confirmed_cancellation_frees_the_seat_at_once_and_leaves_a_proof(portal):
    key = first_slot(portal, OBJECTION, 1)
    capacity = portal.free(key)
    mine = portal.book(key).appointment
    for serial in range(capacity - 1):
        portal.book(key, made_up_person(serial))
    waiting = made_up_person(99)
    refused = portal.desk.book(key, applicant=waiting, agreed=True, request_id=portal.request())
    assert [verdict.rule_id for verdict in refused.verdicts] == ["BK-05"]

    request = portal.request()
    outcome = portal.desk.cancel(mine.number, by=portal.applicant, request_id=request)

    assert isinstance(outcome, Cancelled)
    assert portal.free(key) == 1
    assert isinstance(portal.book(key, waiting), Booked)
    assert portal.desk.cancel(mine.number, by=portal.applicant, request_id=request) == outcome
    for language, word in (("ar", "ملغى"), ("en", "cancelled")):
        proof = str(portal.desk.ticket(mine.number, by=portal.applicant, language=language))
        assert mine.number in proof
        assert word in proof.lower()
