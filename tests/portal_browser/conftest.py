"""The reference portal in a real browser: one for a process, with a new portal and a new profile for each test."""

import shutil
from importlib.util import find_spec

import pytest

from tests.portal_host import DESKTOP, PHONE, portal_host

collect_ignore_glob = [] if find_spec("playwright") else ["test_*.py"]
"""Without Playwright, as in an environment for the wheel, none of these tests exist."""

PATIENCE = 20_000
"""Milliseconds until a page has to show what a test expects; a busy machine needs seconds."""


def pytest_collection_modifyitems(items):
    for item in items:
        if "portal_browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("no browser; expected chromium on PATH: apt-get install chromium", pytrace=False)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def host(tmp_path):
    """A portal of this test alone."""
    with portal_host(tmp_path) as running:
        yield running


@pytest.fixture
def new_context(browser, host):
    """A function that opens a profile of its own: another person, or another device."""
    opened = []

    def made(**options):
        context = browser.new_context(base_url=host.address, accept_downloads=True, **options)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context

    yield made
    for context in opened:
        context.close()


@pytest.fixture
def phone(new_context):
    return new_context(locale="ar-SA", **PHONE).new_page()


@pytest.fixture
def desktop(new_context):
    return new_context(locale="en-GB", **DESKTOP).new_page()
