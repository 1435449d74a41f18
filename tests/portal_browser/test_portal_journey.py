"""The whole journey, as a person clicks through it: in Arabic on a phone, and in English on a desktop."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import JOURNEY
from tests.portal_host import BRANCH, SERVICE
from tests.portal_steps import agree, choose_day, choose_time, hold, marks, sign_in

ALL_STEPS = {"J-01", "C-01", *JOURNEY}


def walk_to_the_month(page, language, seen):
    """From the first page to the month: J-01 to J-14."""
    page.goto("/")
    expect(page).to_have_url(re.compile("/ar/$"))
    if language == "en":
        page.click("#language")
    seen |= marks(page)
    page.click("#start")
    seen |= marks(page)
    sign_in(page)
    for link in ("/services", "/services/traffic"):
        seen |= marks(page)
        page.click(f"main a[href$='{link}']")
        page.wait_for_url(f"**{link}")
    seen |= marks(page)
    page.click("#start")
    page.wait_for_url("**/governorates")
    seen |= marks(page)
    page.locator("details:has(a[href$='governorate=riyadh']) summary").click()
    for link in ("governorate=riyadh", f"branch={BRANCH}", f"service={SERVICE}"):
        page.locator(f"main a[href$='{link}']").first.click()
        page.wait_for_url(f"**{link}")
        seen |= marks(page)
    page.click("#new")
    page.wait_for_url("**/month?*")
    seen |= marks(page)


def walk_from_the_hold(page, language, seen):
    """From the hold to the proof of the cancellation: J-15 to J-17, and C-06 to C-10."""
    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("#hold .clock")).to_have_text(re.compile(r"^(10:00|09:\d\d)$"))
    seen |= marks(page)
    number = agree(page)
    seen |= marks(page)
    for box in page.locator(".checks input").all():
        box.check()
    page.reload()
    expect(page.locator(".checks input").first).to_be_checked()  # the ticks stay
    page.click("#ticket")
    page.wait_for_url("**/tickets/*")
    seen |= marks(page)
    assert page.inner_text("#number") == number
    for form, beginning in {"pdf": b"%PDF", "ics": b"BEGIN:VCALENDAR", "html": b"<!doctype html>"}.items():
        made = page.request.get(f"/{language}/tickets/{number}/{form}")
        assert made.ok, form
        assert made.body().lstrip().lower().startswith(beginning.lower()), form
    for path in ("/appointments", "/appointments/traffic", "/appointments/traffic/booked"):
        page.goto(f"/{language}{path}")
        seen |= marks(page)
        expect(page.locator(f"[data-number='{number}']")).to_be_visible()
    page.click(f"[data-number='{number}'] [data-do=cancel]")
    page.wait_for_url("**/cancel/*")
    seen |= marks(page)
    page.click("#go-on")
    page.wait_for_url("**/confirm")
    seen |= marks(page)
    page.click("#confirm-cancel")
    page.wait_for_url("**/cancelled/*")
    seen |= marks(page)
    proof = page.request.get(page.get_attribute("#proof", "href"))
    assert proof.body().startswith(b"%PDF")
    return number


@pytest.mark.journey(*ALL_STEPS)
@pytest.mark.parametrize(("device", "language"), [("phone", "ar"), ("desktop", "en")])
def test_a_person_books_attends_to_the_papers_and_cancels(request, host, device, language):
    page, seen = request.getfixturevalue(device), set[str]()
    walk_to_the_month(page, language, seen)
    choose_day(page, "2026-11-24")
    hold(page)
    number = walk_from_the_hold(page, language, seen)
    page.goto(f"/{language}/appointments/traffic/cancelled")
    expect(page.locator(f"[data-number='{number}'] [data-state=cancelled]")).to_be_visible()
    assert ALL_STEPS - seen == {"J-18"}  # the staff's own page, in test_portal_staff.py
    assert host.desk.audit.verify()


@pytest.mark.parametrize(("device", "language"), [("phone", "ar"), ("desktop", "en")])
def test_the_calendar_switches_and_keeps_the_chosen_day(request, device, language):
    page, seen = request.getfixturevalue(device), set[str]()
    walk_to_the_month(page, language, seen)
    choose_day(page, "2026-11-24")
    first = page.inner_text("#month-name")
    page.click("#gregorian")
    expect(page.locator("#gregorian")).to_have_attribute("aria-current", "true")
    expect(page.locator("#d-2026-11-24")).to_have_attribute("aria-current", "date")
    assert page.inner_text("#d-2026-11-24 .day-n b") == "24"
    assert page.inner_text("#month-name").splitlines()[0] in first  # what stood beside stands first now
    page.click("#after")
    expect(page.locator("[data-day='2026-12-01']")).to_be_visible()
    page.click("#hijri")
    expect(page.locator("#hijri")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect(page.locator("#gregorian")).to_have_attribute("aria-current", "true")
    closed = page.locator(".day-closed").first
    assert closed.locator(".hidden").inner_text().strip()  # why the day has nothing
    assert page.locator(".reasons dd").count()


def test_the_filter_shows_the_times_of_one_part_of_the_day(phone, host):
    sign_in(phone)
    phone.goto(f"/ar/month?branch={BRANCH}&service={SERVICE}&day=2026-11-24")
    times = phone.locator("#choose .time b")
    every = times.count()
    phone.click("#part-morning")
    expect(phone.locator("#part-morning")).to_have_attribute("aria-current", "true")
    shown = list(times.all_inner_texts())
    assert shown
    assert len(shown) < every
    assert all(each < "12:00" for each in shown)


def test_governorates_are_found_by_name_as_one_types_and_without_hamza(phone):
    sign_in(phone)
    phone.goto("/ar/governorates")
    phone.locator("#q").press_sequentially("الاحسا")
    expect(phone.locator("#found a")).to_have_count(1)
    phone.click("#found a")
    phone.wait_for_url("**/branches?governorate=*")
    phone.goto("/ar/governorates?q=xyzxyz")
    expect(phone.locator("#found h2")).to_be_visible()


def test_the_device_finds_the_nearest_branches(new_context):
    context = new_context(
        locale="ar-SA", geolocation={"latitude": 21.543, "longitude": 39.173}, permissions=["geolocation"]
    )
    page = context.new_page()
    sign_in(page)
    page.goto("/ar/governorates")
    page.click("#near")
    page.wait_for_url("**/branches?lat=21.54&lon=39.17")
    expect(page.locator("[data-branch]").first).to_have_attribute("data-branch", "jeddah-traffic")


STEPS = {
    "home": "/home",
    "services": "/services",
    "traffic": "/services/traffic",
    "governorates": "/governorates?q=riy",
    "branches": "/branches?governorate=riyadh&order=earliest",
    "service": f"/choose-service?branch={BRANCH}",
    "new": f"/new?branch={BRANCH}&service={SERVICE}",
    "month": f"/month?branch={BRANCH}&service={SERVICE}&day=2026-11-24&calendar=gregorian&part=morning",
    "appointments": "/appointments/traffic/past",
}


LATIN_DIGITS = r"""() => {
    const main = document.querySelector('main').cloneNode(true);
    main.querySelectorAll('.code, .hidden, [hidden]').forEach((part) => part.remove());
    return main.textContent.match(/.{0,30}[0-9].{0,10}/g) || [];
}"""
"""Texts with digits that are not Arabic ones; ids and numbers of appointments stay as they are."""


def test_language_and_digits_switch_on_each_step_and_keep_it(desktop):
    found = []
    sign_in(desktop)
    desktop.goto(f"/ar/month?branch={BRANCH}&service={SERVICE}&day=2026-11-24")
    choose_time(desktop)
    desktop.click("#continue")
    desktop.wait_for_url("**/instructions/*")
    held = desktop.url.rpartition("/")[2]
    for name, path in {**STEPS, "instructions": f"/instructions/{held}", "cancel": f"/cancel/{held}"}.items():
        desktop.goto(f"/ar{path}")
        step = desktop.get_attribute("main", "data-step")
        desktop.click("#language")
        desktop.wait_for_url(f"**/en{path}")
        assert desktop.get_attribute("main", "data-step") == step, name
        assert desktop.get_attribute("html", "dir") == "ltr", name
        desktop.click(".menu summary")
        desktop.click("#digits")
        expect(desktop.locator("#digits bdi")).to_have_text("123")
        desktop.wait_for_url(f"**/en{path}")
        found += [f"{name}: {text}" for text in desktop.evaluate(LATIN_DIGITS)]
        desktop.click(".menu summary")
        desktop.click("#digits")
        expect(desktop.locator("#digits bdi")).to_have_text("١٢٣")
    assert not found, "\n".join(found)
