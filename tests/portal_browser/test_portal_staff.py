"""The pages of the staff: the day's list, scans, no-shows, walk-ins, closures with the people affected, the audit."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.code_readers import read_by_both
from tests.portal_host import RIYADH, SERVICE
from tests.portal_steps import book, sign_in
from traffic_booking import NationalId

SARA = NationalId("1000000008")
DAY = "2026-11-24"


@pytest.fixture
def visit(new_context, host):
    """An appointment of Sara on the 24th, and the clock ten minutes before it."""
    page = new_context(locale="ar-SA").new_page()
    sign_in(page)
    book(page, day=DAY)
    (found,) = host.desk.appointments(SARA).upcoming
    host.clock.move_to(found.starts_at - timedelta(minutes=10))
    return found


@pytest.fixture
def counter(desktop, visit):
    """The day's list, opened by the clerk on the day of the appointment."""
    sign_in(desktop, "clerk", "en")
    desktop.goto("/en/staff")
    return desktop


def state(page, number):
    return page.locator(f"#n-{number} [data-state]")


@pytest.mark.journey("J-18")
def test_a_typed_number_checks_in_and_the_service_is_done(counter, host, visit):
    assert counter.get_attribute("main", "data-step") == "J-18"
    expect(counter.locator("#scan #code")).to_be_focused()
    counter.keyboard.type(visit.number.lower())
    counter.keyboard.press("Enter")
    expect(state(counter, visit.number)).to_have_attribute("data-state", "checked-in")
    assert counter.inner_text("[data-tally='checked-in']") == "1"
    expect(counter.locator("#result .banner-good")).to_be_visible()
    counter.click(f"#n-{visit.number} [data-do=serve]")
    expect(state(counter, visit.number)).to_have_attribute("data-state", "served")
    assert host.desk.appointment(visit.number, by=SARA).state.value == "served"


def test_the_scanned_code_of_the_ticket_checks_in_and_the_second_scan_says_so(counter, host, visit):
    picture = host.desk.ticket(visit.number, by=SARA, form="qr-png").content
    code, _ = read_by_both(Image.open(BytesIO(picture)))
    for result in (".banner-good", ".banner"):
        counter.fill("#scan #code", code)
        counter.keyboard.press("Enter")
        counter.wait_for_load_state()
        expect(counter.locator(f"#result {result}")).to_be_visible()
    expect(state(counter, visit.number)).to_have_attribute("data-state", "checked-in")


@pytest.mark.parametrize("typed", ["", "abc", "TB-0000-0000", "<script>alert(1)</script>", "x" * 2_000])
def test_a_code_that_is_none_is_answered_in_words(counter, typed):
    counter.fill("#scan #code", typed)
    counter.keyboard.press("Enter")
    counter.wait_for_load_state()
    expect(counter.locator("#result .banner-danger")).to_be_visible()
    assert counter.get_attribute("main", "data-step") == "J-18"


def test_a_person_who_did_not_come_is_recorded_after_the_time_is_over(counter, host, visit):
    assert not counter.locator(f"#n-{visit.number} [data-do=no-show]").count()
    host.clock.move_to(visit.ends_at + timedelta(minutes=1))
    counter.reload()
    counter.click(f"#n-{visit.number} [data-do=no-show]")
    expect(state(counter, visit.number)).to_have_attribute("data-state", "no-show")


def test_the_list_can_show_those_who_are_expected_alone(counter, visit):
    counter.click(f"#n-{visit.number} [data-do=check-in]")
    expect(state(counter, visit.number)).to_have_attribute("data-state", "checked-in")
    counter.click("nav a[href*='only=expected']")
    counter.wait_for_url("**only=expected*")
    assert not counter.locator(f"#n-{visit.number}").count()


def test_a_walk_in_takes_a_seat_and_faults_are_named_at_their_field(counter, host, visit):
    host.clock.move_to(datetime(2026, 11, 24, 8, 5, tzinfo=RIYADH))
    counter.click("#walk-in")
    counter.fill("#person", "1000000009")
    counter.click("main form .button")
    expect(counter.locator("#person-error")).to_be_visible()
    counter.fill("#person", "1000000032")
    counter.select_option("#service", SERVICE)
    counter.click("main form .button")
    expect(counter.locator("#service-error")).to_be_visible()  # without an agreement
    counter.check("input[name=agreed]")
    counter.click("main form .button")
    counter.wait_for_url("**/staff?*")
    expect(counter.locator("tr.fresh [data-state]")).to_have_attribute("data-state", "checked-in")


def test_a_closure_shows_the_people_affected_first_and_they_are_told(counter, phone, host, visit):
    counter.goto("/en/staff/closures")
    counter.fill("#first", DAY)
    counter.fill("#reason", "أعمال صيانة")
    counter.fill("#reason_en", "Maintenance")
    counter.click("main form .button")
    counter.wait_for_url("**/preview?*")
    assert int(counter.inner_text("#affected")) >= 1
    assert visit.number in counter.inner_text("main")
    assert "1000000008" not in counter.inner_text("main")
    assert not host.desk.calendar.entries()  # looking changes nothing
    counter.click("#declare")
    counter.wait_for_url("**note=declared*")
    sign_in(phone)
    phone.goto("/ar/appointments/traffic/booked")
    expect(phone.locator("[data-lost]")).to_be_visible()
    assert "أعمال صيانة" in phone.inner_text("[data-lost]")
    counter.click("form[action$='withdraw'] button")
    counter.wait_for_url("**note=withdrawn*")
    phone.reload()
    expect(phone.locator("[data-lost]")).to_have_count(0)


def test_a_closure_without_a_reason_or_in_the_past_is_named_at_its_field(counter):
    counter.goto("/en/staff/closures")
    counter.click("main form .button")
    expect(counter.locator("#first-error")).to_be_visible()
    counter.fill("#first", "2026-11-30")
    counter.click("main form .button")
    expect(counter.locator("#reason-error")).to_be_visible()
    expect(counter.locator("#first")).to_have_value("2026-11-30")


def test_the_audit_counts_what_is_stored_and_finds_nothing_broken(counter, host):
    counter.goto("/en/staff/audit")
    expect(counter.locator(".banner-good")).to_be_visible()
    assert int(counter.inner_text("#audited")) == host.desk.audit.verify().appointments


@pytest.mark.parametrize("path", ["/staff", "/staff/walk-in", "/staff/closures", "/staff/audit"])
def test_the_pages_of_staff_are_closed_to_others(phone, path):
    sign_in(phone)
    answer = phone.goto(f"/ar{path}")
    assert answer.status == 403
    assert not phone.locator("main table, main form").count()
