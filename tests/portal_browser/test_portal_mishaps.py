"""Accidents on the pages: time runs out, somebody is faster, an answer is lost, a button is pressed twice."""

import re

import pytest
from playwright.sync_api import expect

from examples.portal.demo import PASSWORD
from tests.portal_host import BRANCH, CODE, SERVICE
from tests.portal_steps import agree, book, choose_time, hold, month, sign_in
from traffic_booking import Booked, NationalId
from traffic_booking.testing import made_up_person

SARA = NationalId("1000000008")
DAY = "2026-11-24"


def sell_out(host, slot):
    """Other people book every seat of the slot that is left."""
    for serial in range(500, 600):
        taken = host.desk.book(slot, applicant=made_up_person(serial), agreed=True, request_id=f"other-{serial}")
        if not isinstance(taken, Booked):
            return
    raise AssertionError


def booked(host):
    return host.desk.appointments(SARA).upcoming


def test_a_hold_that_runs_out_can_be_taken_again(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    host.advance(minutes=11)
    phone.reload()
    expect(phone.locator("#again")).to_be_visible()
    assert "لم يُحجز لك موعد" in phone.inner_text("main")
    phone.click("#again")
    expect(phone.locator("#hold")).to_be_visible()
    agree(phone)
    assert len(booked(host)) == 1


def test_the_countdown_ends_by_itself_with_what_to_do(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    host.advance(minutes=9, seconds=57)
    phone.reload()
    host.advance(minutes=1)
    expect(phone.locator("#again")).to_be_visible()


def test_a_late_agreement_books_if_the_seat_is_free_and_says_so(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    host.advance(minutes=11)
    agree(phone)
    assert "انتهت مدة حجزك المؤقت" in phone.inner_text("main")
    assert len(booked(host)) == 1


def test_a_late_agreement_to_a_seat_that_went_offers_times_near_it(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    slot = choose_time(phone)
    phone.click("#continue")
    phone.wait_for_url("**/instructions/*")
    host.advance(minutes=11)
    sell_out(host, slot)
    phone.click("#ok")
    expect(phone.locator("[data-rule='BK-05']")).to_be_visible()
    phone.locator("form button.way").first.click()
    phone.wait_for_url("**/instructions/*")
    agree(phone)
    assert len(booked(host)) == 1


def test_a_time_that_another_took_meanwhile_offers_times_near_it(desktop, host):
    sign_in(desktop, language="en")
    month(desktop, day=DAY)
    slot = choose_time(desktop)
    sell_out(host, slot)
    desktop.click("#continue")
    expect(desktop.locator("h1")).to_have_text("This time is no longer free")
    assert desktop.locator("form button.way").count() == 3
    desktop.locator("form button.way").first.click()
    desktop.wait_for_url("**/instructions/*")
    agree(desktop)
    assert len(booked(host)) == 1


def test_the_form_without_a_time_says_so_and_keeps_the_day(desktop):
    sign_in(desktop, language="en")
    month(desktop, day=DAY)
    desktop.click("#continue")
    expect(desktop.locator("#errors")).to_be_focused()
    expect(desktop.locator(f"#d-{DAY}")).to_have_attribute("aria-current", "date")
    desktop.click("#errors a")
    assert desktop.evaluate("location.hash") == "#times"


def test_an_ended_session_keeps_the_hold_and_the_step(phone, host):
    sign_in(phone)
    host.advance(minutes=25)
    month(phone, day=DAY)
    held = hold(phone)
    host.advance(minutes=6)
    phone.click("#ok")
    phone.wait_for_url("**/sign-in?*")
    assert "انتهت جلستك" in phone.inner_text("main")
    sign_in(phone)
    phone.wait_for_url(f"**/instructions/{held}")
    expect(phone.locator("#hold")).to_be_visible()
    agree(phone)
    assert len(booked(host)) == 1


def test_an_ended_session_keeps_the_month_and_the_day_in_another_language(phone, host):
    sign_in(phone)
    month(phone, day=DAY, calendar="gregorian")
    host.advance(minutes=31)
    phone.reload()
    phone.click("#language")
    sign_in(phone)
    expect(phone).to_have_url(re.compile(rf"/en/month\?branch={BRANCH}&service={SERVICE}&day={DAY}&calendar=gregorian"))


def test_the_back_button_after_a_booking_books_nothing_twice(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    number = agree(phone)
    phone.go_back()
    if phone.locator("#ok").is_visible():
        phone.click("#ok")
    phone.wait_for_url("**/documents/*")
    assert phone.inner_text("#number") == number
    assert [each.number for each in booked(host)] == [number]


def test_the_back_button_from_a_hold_leads_to_the_month_and_a_new_choice_takes_its_place(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    first = hold(phone)
    phone.go_back()
    second = hold(phone, place=3)
    assert first != second
    assert [each.number for each in host.desk.appointments(SARA).held] == [second]
    agree(phone)
    assert len(booked(host)) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_double_click_books_once(new_context, host, scripts):
    page = new_context(locale="ar-SA", java_script_enabled=scripts).new_page()
    sign_in(page)
    month(page, day=DAY)
    page.locator("#choose input[name=slot]").first.check(force=True)
    page.dblclick("#continue", no_wait_after=True)
    page.wait_for_url("**/instructions/*")
    page.dblclick("#ok", no_wait_after=True)
    page.wait_for_url("**/documents/*")
    assert len(booked(host)) == 1
    assert not host.desk.appointments(SARA).held


def test_two_tabs_on_one_hold_book_one_appointment(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    other = phone.context.new_page()
    other.goto(phone.url)
    number = agree(phone)
    other.click("#ok")
    other.wait_for_url("**/documents/*")
    assert other.inner_text("#number") == number
    assert "سبق أن أكدت" in other.inner_text("main")
    assert [each.number for each in booked(host)] == [number]


def test_a_hold_that_was_given_back_in_another_tab_is_explained(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)
    other = phone.context.new_page()
    other.goto(phone.url)
    other.click("#release")
    other.wait_for_url("**/month?*")
    phone.click("#ok")
    expect(phone.locator("#again")).to_be_visible()
    assert "لم يعد محجوزًا لك" in phone.inner_text("h1")
    assert not booked(host)


def test_a_lost_reply_is_sent_again_and_books_once(phone, host):
    sign_in(phone)
    month(phone, day=DAY)
    hold(phone)

    def lose(route):
        route.fetch(max_redirects=0)  # the portal does the work, and its answer never arrives
        route.abort("connectionreset")

    form = phone.url
    phone.route("**/instructions/*", lose, times=1)
    with phone.expect_event("requestfailed"):
        phone.click("#ok", no_wait_after=True)
    (number,) = (each.number for each in booked(host))
    again = phone.context.new_page()
    again.goto(form)  # the person opens the page again, and is led to the appointment
    again.wait_for_url(f"**/documents/{number}")
    assert len(booked(host)) == 1


def test_the_journey_works_without_a_script(new_context, host):
    page = new_context(locale="ar-SA", java_script_enabled=False).new_page()
    sign_in(page)
    page.goto("/ar/governorates")
    page.fill("#q", "الرياض")
    page.press("#q", "Enter")
    page.locator("#found a").first.click()
    page.click(f"[data-branch='{BRANCH}']")
    page.click(f"main a[href$='service={SERVICE}']")
    page.click("#new")
    page.click("#gregorian")
    page.wait_for_url("**calendar=gregorian*")
    page.click(f"#d-{DAY}")
    page.wait_for_url(f"**day={DAY}*")
    hold(page)
    assert not page.locator("#hold .clock").is_visible()  # the time of its end is there in words
    agree(page)
    page.click("#ticket")
    page.wait_for_url("**/tickets/*")
    page.click("#print")
    page.wait_for_url("**/html")
    page.go_back()
    page.click("main a[href*='/cancel/']")
    page.click("#go-on")
    page.click("#confirm-cancel")
    page.wait_for_url("**/cancelled/*")
    assert not booked(host)


def test_wrong_entries_are_named_at_their_field_and_nothing_typed_is_lost(phone):
    phone.goto("/ar/sign-in")
    phone.click("#submit")
    expect(phone.locator("#errors")).to_be_focused()
    for field in ("name", "password", "code"):
        expect(phone.locator(f"#{field}-error")).to_be_visible()
        expect(phone.locator(f"#errors a[href='#{field}']")).to_have_text(phone.inner_text(f"#{field}-error"))
    phone.fill("#name", "1000000009")  # the check digit is wrong
    phone.fill("#password", PASSWORD)
    phone.fill("#code", CODE)
    phone.click("#submit")
    expect(phone.locator("#name-error")).to_be_visible()
    expect(phone.locator("#name")).to_have_value("1000000009")
    expect(phone.locator("#password")).to_have_value("")
    phone.fill("#name", "١٠٠٠٠٠٠٠٠٨")  # digits of an Arabic keyboard
    phone.fill("#password", PASSWORD)
    phone.fill("#code", "999999")
    phone.click("#submit")
    expect(phone.locator("#code-error")).to_be_visible()
    expect(phone.locator("#code")).to_have_value("")
    phone.fill("#password", PASSWORD)
    phone.fill("#code", "٤٧٢٩٨٣")
    phone.click("#submit")
    phone.wait_for_url("**/home")


def test_a_new_picture_keeps_the_name_and_the_old_picture_is_void(phone):
    phone.goto("/ar/sign-in")
    phone.fill("#name", "sara")
    before = phone.get_attribute("input[name=token]", "value")
    phone.click("#new-code")
    expect(phone.locator("#name")).to_have_value("sara")
    assert phone.get_attribute("input[name=token]", "value") != before


def test_five_wrong_passwords_lock_the_device_and_say_until_when(phone):
    phone.goto("/ar/sign-in")
    for _ in range(6):
        phone.fill("#name", "sara")
        phone.fill("#password", "wrong")
        phone.fill("#code", CODE)
        phone.click("#submit")
        expect(phone.locator("#errors")).to_be_visible()
    assert "أُوقف تسجيل الدخول مؤقتًا" in phone.inner_text("#errors")


def test_a_booking_that_already_exists_is_named_with_the_ways_on(phone, host):
    sign_in(phone)
    book(phone, day=DAY)
    phone.goto(f"/ar/new?branch={BRANCH}&service={SERVICE}")
    expect(phone.locator("[data-rule='BK-07']")).to_be_visible()
    assert phone.locator("main a[href$='/appointments/traffic/booked']").count()
