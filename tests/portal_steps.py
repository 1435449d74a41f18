"""Steps of a person on the pages of the reference portal, in either language, with a mouse or a finger."""

from typing import Final
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from examples.portal.demo import PASSWORD
from tests.portal_host import BRANCH, CODE, SERVICE

OPEN_DAY: Final = "#choose"
"""The form with the times of a day."""


def marks(page: Page) -> set[str]:
    """The steps of the journey that the page and its parts are marked with."""
    found = page.eval_on_selector_all("[data-step]", "parts => parts.map(part => part.dataset.step).join(' ')")
    return set(found.split())


def sign_in(page: Page, name: str = "sara", language: str = "ar") -> None:
    """Sign in on the page that is shown, or from the beginning."""
    if "/sign-in" not in page.url:
        page.goto(f"/{language}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.fill("#code", CODE)
    page.click("#submit")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def go(page: Page, path: str) -> None:
    """Open a page of the portal in the language of the page that is shown."""
    page.goto(f"/{page.locator('html').get_attribute('lang')}{path}")


def month(page: Page, service: str = SERVICE, branch: str = BRANCH, **query: str) -> None:
    """Open the month of a service at a branch."""
    asked = urlencode({"branch": branch, "service": service, **query})
    go(page, f"/month?{asked}")


def choose_day(page: Page, day: str) -> None:
    """Choose a day such as 2026-11-23, and wait for its times."""
    page.click(f"#d-{day}")
    expect(page.locator(f"#d-{day}")).to_have_attribute("aria-current", "date")


def choose_time(page: Page, place: int = 0) -> str:
    """Choose the time at that place of the list. Returns the slot that it stands for."""
    chosen = page.locator(f"{OPEN_DAY} input[name=slot]").nth(place)
    chosen.check(force=True)
    return chosen.input_value()


def hold(page: Page, place: int = 0) -> str:
    """Choose a time of the month that is shown, and go on. Returns the number of the hold."""
    choose_time(page, place)
    page.click("#continue")
    page.wait_for_url("**/instructions/*")
    return page.url.rpartition("/")[2]


def agree(page: Page) -> str:
    """Agree to the instructions that are shown. Returns the number of the appointment."""
    page.click("#ok")
    page.wait_for_url("**/documents/*")
    return page.inner_text("#number")


def book(page: Page, service: str = SERVICE, place: int = 0, **query: str) -> str:
    """Book a time from the month on. Returns the number of the appointment."""
    month(page, service, BRANCH, **query)
    hold(page, place)
    return agree(page)
