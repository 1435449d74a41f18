"""Every page, for everybody: without faults of accessibility, 360 pixels wide, in the dark, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from examples.portal.demo import PASSWORD
from tests.axe import faults
from tests.portal_host import CODE, DESKTOP, PHONE
from tests.portal_pages import pages, show
from tests.portal_steps import sign_in
from traffic_booking import NationalId

NARROW = {"width": 360, "height": 740}
WIDE_PARTS = """() => {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return [];
    return [...document.querySelectorAll('body *')].filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width && (box.right > most + 1 || box.left < -1);
    }).map((part) => `${part.tagName} ${part.className} ${part.textContent.trim().slice(0, 40)}`).slice(0, 5);
}"""
"""The parts that make a page scroll sideways."""
CALM = {"reduced_motion": "reduce"}


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_has_a_fault_of_accessibility_or_is_wider_than_the_screen(new_context, host, device, language):
    every, opened, found = list(pages(host)), {}, []
    for who in {shown.who for shown in every}:
        opened[who] = new_context(**device, **CALM).new_page()
        if who:
            sign_in(opened[who], who, language)
    for shown in every:
        page = opened[shown.who]
        show(page, shown, language)
        found += [f"{shown.name}: {each}" for each in faults(page)]
        page.emulate_media(color_scheme="dark")
        found += [f"{shown.name}, dark: {each}" for each in faults(page, rules=("color-contrast",))]
        page.emulate_media(color_scheme="light")
        if device is PHONE:
            page.set_viewport_size(NARROW)
            found += [f"{shown.name}, 360 wide: {each}" for each in page.evaluate(WIDE_PARTS)]
            page.set_viewport_size(PHONE["viewport"])
    assert not found, "\n".join(found)


def focus(page, selector, most=150):
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no Tab reaches {selector} on {page.url}")


def press(page, selector, url):
    """Focus an element, and press Enter."""
    focus(page, selector)
    page.keyboard.press("Enter")
    page.wait_for_url(url)


def test_the_journey_works_by_keyboard_alone(desktop, host):
    page = desktop
    page.goto("/en/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    press(page, "#start", "**/sign-in")
    for field, typed in {"#name": "sara", "#password": PASSWORD, "#code": CODE}.items():
        focus(page, field)
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")
    press(page, "main a[href$='/services']", "**/services")
    press(page, "main a[href$='/services/traffic']", "**/services/traffic")
    press(page, "#start", "**/governorates")
    focus(page, "#q")
    page.keyboard.type("Riyadh")
    expect(page.locator("#found a").first).to_be_visible()
    press(page, "#found a", "**/branches?*")
    press(page, "[data-branch='riyadh-traffic']", "**/choose-service?*")
    press(page, "main a[href*='service=licence-renewal']", "**/new?*")
    press(page, "#new", "**/month?*")
    focus(page, "#d-2026-11-25")
    page.keyboard.press("Enter")
    expect(page.locator("#d-2026-11-25")).to_have_attribute("aria-current", "date")
    focus(page, "#choose input[name=slot]")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    press(page, "#continue", "**/instructions/*")
    press(page, "#ok", "**/documents/*")
    press(page, "#ticket", "**/tickets/*")
    press(page, "main a[href*='/cancel/']", "**/cancel/*")
    press(page, "#go-on", "**/confirm")
    press(page, "#confirm-cancel", "**/cancelled/*")
    assert host.desk.appointments(NationalId("1000000008")).cancelled


def test_escape_closes_the_menu_and_gives_the_focus_back(desktop):
    desktop.goto("/en/")
    focus(desktop, ".menu summary")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#digits")).to_be_visible()
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#digits")).not_to_be_visible()
    expect(desktop.locator(".menu summary")).to_be_focused()


def test_the_focus_stays_on_the_calendar_when_the_month_changes(desktop):
    sign_in(desktop, language="en")
    desktop.goto("/en/month?branch=riyadh-traffic&service=licence-renewal")
    for control in ("#after", "#gregorian"):
        focus(desktop, control)
        desktop.keyboard.press("Enter")
        desktop.wait_for_load_state("networkidle")
        expect(desktop.locator(control)).to_be_focused()
