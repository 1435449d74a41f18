"""A walk on the pages of the reference portal: book, move and cancel, as somebody who has never seen them.

Run it with `.venv/bin/python examples/walkthroughs/book-on-the-page.py`; it needs Chromium on PATH. It reads what the
pages show, and presses what has the name of what it wants: there is no address in it but the first. The portal runs in
this process, in a temporary folder, and the visual code has known digits, because a script can't read a picture.
"""

import re
import shutil
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

from examples.portal.app import portal_app
from examples.portal.demo import PASSWORD
from examples.portal.settings import Settings, ShiftedClock

CODE = "472983"
MORNING = datetime(2026, 11, 29, 6, tzinfo=UTC)  # a Sunday, nine o'clock in Riyadh


def heading(page: Page) -> str:
    """The question or the news of the page."""
    return page.locator("h1").inner_text()


def press(page: Page, name: str, *, inside: str = "main") -> None:
    """Press the first link or button with this name, and show the page after it."""
    target = page.locator(f"{inside} :is(a, button, summary)").filter(has_text=name).first
    before = page.url
    target.click()
    if target.count() and page.url == before:
        page.wait_for_load_state("networkidle")
    page.wait_for_load_state()
    print(f"  pressed “{name}” → {heading(page)}")


def sign_in(page: Page) -> None:
    """Read what is asked, and enter it."""
    press(page, "Sign in")
    page.get_by_label("National id or iqama number, or user name").fill("sara")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Visual code").fill(CODE)
    press(page, "Sign in")


def book(page: Page) -> str:
    """Find the renewal of a licence at a branch in Riyadh, and book the first time of the first free day."""
    for name in ("Individuals", "Traffic services", "Book an appointment"):
        press(page, name)
    page.get_by_label("Search by name").fill("Riyadh")
    page.get_by_role("button", name="Search").click()
    page.locator("#found a").first.click()
    page.wait_for_load_state()
    print(f"  chose the governorate → {heading(page)}")
    for name in ("Traffic branch", "Renewal of a driving licence", "New appointment"):
        press(page, named(page, name))
    page.get_by_role("radio").first.check(force=True)
    press(page, "Continue")
    press(page, "I agree")
    number = page.locator("#number").inner_text()
    press(page, "The ticket")
    return number


def named(page: Page, words: str) -> str:
    """The name on the page that has these words, in whatever case."""
    names = page.locator("main :is(a, button)").all_inner_texts()
    found = next(each for each in names if re.search(words, each, re.IGNORECASE))
    return found.splitlines()[0]


def move(page: Page, number: str) -> None:
    """Move the appointment to another day and time at the same branch."""
    press(page, "My appointments", inside="header")
    press(page, "Move")
    press(page, "Any day and time at this branch")
    last_day = page.locator("main td a").last
    last_day.click()
    expect(last_day).to_have_attribute("aria-current", "date", timeout=60_000)
    page.get_by_role("radio").last.check(force=True)
    press(page, "Continue")
    press(page, "I agree, move it")
    assert page.locator("#number").inner_text() == number, "the number stays"


def cancel(page: Page, number: str) -> None:
    """Cancel in two steps, and get the proof."""
    press(page, "Cancel it")
    for line in page.locator("#cost li").all_inner_texts():
        print(f"    {line}")
    press(page, "Go on cancelling")
    press(page, "Confirm the cancellation")
    proof = page.request.get(page.get_by_role("link", name="Proof of cancellation").get_attribute("href") or "")
    assert proof.body().startswith(b"%PDF"), "the proof is a PDF"
    assert number in page.inner_text("main")


def walk(address: str) -> None:
    """Book, move and cancel on the pages alone."""
    browser_on_path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_on_path, args=["--no-sandbox"])
        page = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        page.goto("/")
        print(f"The first page: {heading(page)}")
        page.get_by_text("English", exact=True).click()
        sign_in(page)
        number = book(page)
        print(f"Booked: {number}")
        move(page, number)
        print("Moved")
        cancel(page, number)
        print("Cancelled")
        browser.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        database = f"sqlite:///{Path(folder) / 'walk.db'}"
        settings = Settings(database=database, demo=True, draw_code=lambda: CODE, clock=ShiftedClock(MORNING))
        server = uvicorn.Server(uvicorn.Config(portal_app(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            walk(f"http://127.0.0.1:{listening.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(timeout=60)
