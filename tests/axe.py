"""Looks for faults of accessibility in a page with axe-core: WCAG 2.2 A and AA, and its best practices."""

from typing import Final

import pytest
from playwright.sync_api import Page

from tools.axe_core import FILE

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def faults(page: Page, *, rules: tuple[str, ...] = ()) -> list[str]:
    """One line for each fault; with `rules`, those of these rules alone."""
    if not FILE.exists():
        pytest.fail("no axe-core; `make test-portal` fetches it with npm", pytrace=False)
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(FILE.read_text())  # the policy of the pages lets no script in but the portal's own
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    found = page.evaluate("options => axe.run(document, options)", {"runOnly": only, "resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['target']}: {node['failureSummary'][:300]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
