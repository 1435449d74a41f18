"""The day's list, scans, no-shows, walk-ins, closures with the people affected, and the audit's result."""

from datetime import timedelta
from typing import Any

import pytest

from traffic_booking import NationalId

PLACE: dict[str, Any] = {"branch": "riyadh-traffic", "service": "licence-renewal"}


@pytest.fixture
def booked(portal):
    """The appointment of another person, in the next slot."""
    slot = portal.desk.find_slots(**PLACE, limit=1)[0]
    return portal.desk.book(slot, applicant=NationalId("1000000024"), agreed=True, request_id="o-1").appointment.number


@pytest.mark.journey("J-18")
def test_a_scan_checks_in_once_and_says_so_the_second_time(clerk, booked):
    clerk.open("/staff")
    assert "******0024" in clerk.seen.text
    scan = clerk.form("scan-button")
    clerk.press("scan-button", form=scan, code=booked.lower())
    assert 'data-tally="checked-in">1' in clerk.seen.text
    clerk.press("scan-button", 200, form=scan, code=booked.lower())  # a double click
    clerk.press("scan-button", 409, code=booked)
    assert "banner-danger" in clerk.seen.text


@pytest.mark.parametrize("typed", ["", "nothing", "001A-0000-0000"])
def test_a_scan_of_something_else_is_answered_in_words(clerk, typed):
    clerk.open("/staff")
    clerk.press("scan-button", 409, code=typed)
    assert "banner-danger" in clerk.seen.text


def test_a_person_is_checked_in_from_the_list_and_served(clerk, booked):
    clerk.open("/staff")
    clerk.press("check-in")
    clerk.press("serve")
    assert 'data-tally="served">1' in clerk.seen.text


def test_a_no_show_is_recorded_after_the_time(clerk, booked, clock, portal):
    clock.advance(timedelta(minutes=28))
    clerk.open("/staff?only=expected")
    clock.advance(timedelta(hours=1))
    clerk.sign_in("clerk")
    clerk.open("/staff?only=expected")
    clerk.press("no-show")
    clerk.open("/staff")
    assert 'data-tally="no-show">1' in clerk.seen.text


def test_a_day_without_appointments_says_so(clerk):
    clerk.open("/staff")
    clerk.follow("next-open")
    assert "empty" in clerk.seen.text


def test_a_walk_in_is_checked_in_and_a_wrong_id_is_named_at_its_field(clerk):
    clerk.open("/staff")
    clerk.follow("walk-in")
    clerk.press("take-in", 422, person="123", service="licence-renewal", agreed="yes")
    assert 'id="person-error"' in clerk.seen.text
    form = clerk.form("take-in")
    del form.fields["agreed"]
    clerk.press("take-in", 422, form=form, person="1000000024", service="licence-renewal")
    assert 'id="service-error"' in clerk.seen.text
    clerk.press("take-in", person="١٠٠٠٠٠٠٠٢٤", service="licence-renewal", agreed="yes")
    assert 'data-tally="checked-in">1' in clerk.seen.text


def test_a_closure_shows_whom_it_affects_is_confirmed_once_and_taken_back(clerk, booked, portal):
    today = portal.desk.appointment(booked, by=NationalId("1000000024")).day.gregorian
    clerk.open("/staff/closures")
    clerk.press("show-affected", 422, first="", reason="")
    assert 'id="first-error"' in clerk.seen.text
    assert 'id="reason-error"' in clerk.seen.text
    clerk.press("show-affected", first=str(today), reason="صيانة", reason_en="Pipe work")
    assert 'id="affected">1<' in clerk.seen.text
    assert booked in clerk.seen.text
    declare = clerk.form("declare")
    for _ in range(2):
        clerk.press("declare", form=declare)
    assert len(portal.desk.calendar.entries()) == 1
    assert not portal.desk.calendar.working_day("riyadh-traffic", today).open
    clerk.press("withdraw")
    assert portal.desk.calendar.working_day("riyadh-traffic", today).open


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_audit_counts_and_finds_nothing_broken(clerk, booked, language, sara):
    sara.book(-1, **PLACE)
    sara.open("/month?branch=diriyah-traffic&service=licence-renewal")
    clerk.open(f"/{language}/staff/audit")
    assert 'id="audited">2<' in clerk.seen.text
    assert "banner-good" in clerk.seen.text
