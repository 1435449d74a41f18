"""The shell commands in the documentation work unchanged."""

import re
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.hours import at_any_hour
from traffic_booking.testing import MovableClock

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = "tutorial/first-booking-shell.md"
PAGES = {TUTORIAL: 15, "how-to/close-a-day.md": 8}
"""Each page, and how many commands it has at least."""
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMES = {
    "NUMBER": re.compile(r"(?<![\w-])[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z*~$=U]{4}){2}(?![\w-])"),
    "START": re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\b"),
    "CLOSURE": re.compile(r"\bclosed\.[0-9a-f]{8}\b"),
}
"""The placeholders that a reader replaces with the output of an earlier command."""
WRITTEN = date(2026, 11, 22)
"""The days of the pages may be over since then: a reader takes later days, and so does the test."""


pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the tests run without the documentation")


@pytest.mark.parametrize(("page", "least"), PAGES.items(), ids=PAGES)
def test_every_command_of_the_page_works(shell, monkeypatch, tmp_path, page, least):
    monkeypatch.chdir(tmp_path)
    outputs = outputs_of(page, shell, monkeypatch, datetime.now(UTC))
    assert len(outputs) >= least


@at_any_hour
def test_the_tutorial_ends_with_the_proof_of_the_cancellation(shell, monkeypatch, tmp_path, now):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("traffic_booking.adapters.clock.SystemClock", lambda: MovableClock(now))
    assert "Proof of cancellation" in outputs_of(TUTORIAL, shell, monkeypatch, now)[-1]


def outputs_of(page, shell, monkeypatch, now):
    """The output of each command of a page; every command ends with a code that the page allows."""
    seen = dict.fromkeys(NAMES, "") | {"DAY": f"{now + timedelta(days=7):%Y-%m-%d}"}
    outputs = []
    text = (DOCS / page).read_text(encoding="utf-8")
    for line in (line for block in BLOCK.findall(text) for line in block.splitlines()):
        match shlex.split(line, comments=True):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                monkeypatch.setenv(name, value)
            case ["traffic-booking", *arguments]:
                later = str if arguments[0] == "announce" else ahead  # the beginning of a month is its table's
                answer = shell(*(seen.get(argument, later(argument)) for argument in arguments))
                assert answer.code in expected_codes(line), line
                seen |= {name: found[0] for name, form in NAMES.items() if (found := form.search(answer.out))}
                if arguments[0] == "slots":
                    seen["LATER"] = NAMES["START"].findall(answer.out)[-1]
                outputs.append(answer.out)
            case other:
                pytest.fail(f"a line of the page that this test does not know: {other}")
    return outputs


def ahead(argument):
    """A day as far ahead as it was when the page was written, or a few days more, on the same weekday."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", argument):
        return argument
    weeks = -((WRITTEN - datetime.now(UTC).date()).days // 7)
    return f"{date.fromisoformat(argument) + timedelta(weeks=weeks)}"


def expected_codes(line):
    """0, or 1 if the line's comment has `refused`; both if the comment has a condition."""
    comment = line.partition("# ")[2]
    return {0, 1} if comment.startswith("refused when") else {1} if comment == "refused" else {0}
