"""Moving an appointment, also to an earlier time alone; cancelling it, booking again; and the refusals of each."""

from datetime import date, datetime, timedelta

from playwright.sync_api import expect

from tests.portal_host import BRANCH, RIYADH, SERVICE
from tests.portal_steps import book, choose_time, month, sign_in
from traffic_booking import Bilingual, BranchException, Clerk, Effect, NationalId

SARA = NationalId("1000000008")
DAY = "2026-11-24"


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=RIYADH)


def own(host):
    (found,) = host.desk.appointments(SARA).upcoming
    return found


def test_a_move_to_another_day_keeps_the_number(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    desktop.goto(f"/en/move/{number}")
    desktop.click("main a[href*='/month?'][href$='moving=" + number + "']")
    desktop.click("#d-2026-11-25")
    expect(desktop.locator("#d-2026-11-25")).to_have_attribute("aria-current", "date")
    choose_time(desktop)
    desktop.click("#continue")
    desktop.wait_for_url("**/confirm?*")
    assert own(host).day.gregorian.day == 24  # a hold moves nothing
    desktop.click("#confirm-move")
    desktop.wait_for_url("**/tickets/*")
    assert desktop.inner_text("#number") == number
    assert own(host).day.gregorian.day == 25
    assert "keeps its number" in desktop.inner_text("main")


def test_an_earlier_time_is_one_click_away_and_later_days_are_no_choice(phone, host):
    sign_in(phone)
    number = book(phone, day="2026-11-30")
    before = own(host).starts_at
    phone.goto(f"/ar/move/{number}")
    phone.click("main a[href*='earlier=1']")
    phone.wait_for_url("**earlier=1*")
    assert not phone.locator("a[data-day='2026-12-01']").count()
    phone.goto(f"/ar/move/{number}")
    phone.locator("#earlier button").first.click()
    phone.wait_for_url("**/confirm?*")
    phone.click("#confirm-move")
    phone.wait_for_url("**/tickets/*")
    assert own(host).starts_at < before


def test_a_move_that_is_given_up_leaves_the_appointment_and_frees_the_time(phone, host):
    sign_in(phone)
    number = book(phone, day=DAY)
    phone.goto(f"/ar/move/{number}")
    phone.locator("#earlier button").first.click()
    phone.wait_for_url("**/confirm?*")
    phone.click("button[formaction*='/release']")
    phone.wait_for_url("**/month?*moving=*")
    assert own(host).day.gregorian.day == 24
    assert not host.desk.appointments(SARA).held


def test_a_move_to_another_branch_shows_both(phone, host):
    sign_in(phone)
    number = book(phone, day=DAY)
    phone.goto(f"/ar/move/{number}")
    phone.locator("main details summary").last.click()
    phone.locator("main details a").first.click()
    phone.wait_for_url("**/month?*")
    choose_time(phone)
    phone.click("#continue")
    phone.wait_for_url("**/confirm?*")
    phone.click("#confirm-move")
    phone.wait_for_url("**/tickets/*")
    assert own(host).slot.branch != BRANCH


def test_a_double_click_on_the_move_moves_once(phone, host):
    sign_in(phone)
    number = book(phone, day=DAY)
    phone.goto(f"/ar/move/{number}")
    phone.locator("#earlier button").first.click()
    phone.wait_for_url("**/confirm?*")
    phone.dblclick("#confirm-move", no_wait_after=True)
    phone.wait_for_url("**/tickets/*")
    moves = [each for each in host.desk.audit.history(number, by=SARA) if type(each).__name__ == "AppointmentMoved"]
    assert len(moves) == 1


def test_a_cancelled_service_can_be_booked_again_at_once(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    desktop.goto(f"/en/cancel/{number}")
    assert "You can book this service again at once" in desktop.inner_text("#cost")
    desktop.click("#go-on")
    desktop.click("#confirm-cancel")
    desktop.wait_for_url(f"**/cancelled/{number}")
    assert desktop.request.get(desktop.get_attribute("#proof", "href")).body().startswith(b"%PDF")
    again = book(desktop, day=DAY)
    assert again != number
    assert own(host).number == again


def test_a_late_cancellation_says_what_it_costs_and_the_next_booking_from_when(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    host.clock.move_to(own(host).starts_at - timedelta(hours=5))
    sign_in(desktop, language="en")
    desktop.goto(f"/en/cancel/{number}")
    assert "It is late now" in desktop.inner_text("#cost")
    desktop.click("#go-on")
    assert "can't be undone" in desktop.inner_text(".banner-danger")
    desktop.click("#confirm-cancel")
    desktop.wait_for_url(f"**/cancelled/{number}")
    desktop.goto(f"/en/new?branch={BRANCH}&service={SERVICE}")
    expect(desktop.locator("[data-rule='CD-01']")).to_be_visible()


def test_an_appointment_that_has_begun_can_neither_be_cancelled_nor_moved(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    host.clock.move_to(own(host).starts_at + timedelta(minutes=1))
    sign_in(desktop, language="en")
    desktop.goto(f"/en/cancel/{number}")
    expect(desktop.locator("h1")).to_have_text("This appointment can't be cancelled")
    assert desktop.locator("[data-rule^='CN-']").count()
    assert not desktop.locator("#go-on").count()
    desktop.goto(f"/en/move/{number}")
    assert desktop.locator("[data-rule^='MV-']").count()


def test_a_move_to_a_time_that_went_meanwhile_is_refused_and_offers_others(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    month(desktop, day="2026-11-25", moving=number)
    choose_time(desktop)
    day = date(2026, 11, 25)
    closed = BranchException(
        id="works", branch=BRANCH, first_day=day, last_day=day, effect=Effect.CLOSED, reason=Bilingual("صيانة", "works")
    )
    host.desk.calendar.declare(closed, reason="works", by=Clerk("counter-1"), request_id="close")
    desktop.click("#continue")
    expect(desktop.locator("h1")).to_have_text("The appointment can't be moved")
    expect(desktop.locator("[data-rule='BK-02']")).to_be_visible()
    assert desktop.locator("main a[href*='moving=']").count()  # the way to another day
    assert own(host).number == number


def test_another_service_at_the_same_time_is_refused_with_the_number_of_the_first(desktop, host):
    sign_in(desktop, language="en")
    number = book(desktop, day=DAY)
    month(desktop, service="vehicle-registration", day=DAY)
    # The times that the person can't have are not offered, so the form is that of another, older page.
    (slot,) = host.desk.find_slots(service="vehicle-registration", branch=BRANCH, from_=own(host).starts_at, limit=1)
    desktop.eval_on_selector(
        "#choose input[name=slot]", "(box, token) => { box.value = token; box.checked = true }", slot.token
    )
    desktop.click("#continue")
    expect(desktop.locator("[data-rule='BK-09']")).to_be_visible()
    assert number in desktop.inner_text("[data-rule='BK-09']")


def test_a_service_for_residents_is_no_choice_for_a_citizen_and_its_page_says_why(phone):
    sign_in(phone)
    phone.goto(f"/ar/choose-service?branch={BRANCH}")
    assert phone.locator(".way-off").count()
    phone.goto(f"/ar/new?branch={BRANCH}&service=foreign-licence")
    expect(phone.locator("[data-rule='BK-10']")).to_be_visible()


def test_a_resident_is_shown_as_one_and_books(phone, host):
    sign_in(phone, "omar")
    book(phone, day=DAY)
    phone.click(".menu summary")
    assert "2000000006" not in phone.inner_text("body")  # masked everywhere


def test_nothing_booked_yet_and_nothing_past_are_said_in_words(phone):
    sign_in(phone)
    for tab in ("booked", "past", "cancelled"):
        phone.goto(f"/ar/appointments/traffic/{tab}")
        expect(phone.locator(".empty h2")).to_be_visible()
