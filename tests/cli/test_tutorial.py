"""The shell commands in the documentation work as they stand there."""

import re
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"tutorial/first-booking-shell.md": 10, "how-to/close-a-day.md": 5}
"""Each page, and how many commands it has at least."""
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMES = {
    "NUMBER": re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z*~$=U]{4}){2}\b"),
    "CLOSURE": re.compile(r"\bclosed\.[0-9a-f]{8}\b"),
}
"""What the pages write where the reader puts what an earlier command printed."""
WRITTEN = date(2026, 11, 22)
"""Since when days of the pages may have gone by: a reader takes others, and so does the test."""


@pytest.mark.skipif(not DOCS.exists(), reason="the tests run without the documentation")
@pytest.mark.parametrize(("page", "least"), PAGES.items(), ids=PAGES)
def test_every_command_of_the_page_works(shell, monkeypatch, tmp_path, page, least):
    monkeypatch.chdir(tmp_path)
    seen = dict.fromkeys(NAMES, "")
    text = (DOCS / page).read_text(encoding="utf-8")
    lines = [line for block in BLOCK.findall(text) for line in block.splitlines()]
    for line in lines:
        match shlex.split(line, comments=True):
            case ["export", assignment]:
                name, _, value = assignment.partition("=")
                monkeypatch.setenv(name, value)
            case ["traffic-booking", *arguments]:
                answer = shell(*(seen.get(argument, ahead(argument)) for argument in arguments))
                assert answer.code in expected_codes(line), line
                seen |= {name: found[0] for name, form in NAMES.items() if (found := form.search(answer.out))}
            case other:
                pytest.fail(f"a line of the page that this test does not know: {other}")
    assert sum(line.startswith("traffic-booking ") for line in lines) >= least


def ahead(argument):
    """A day as far ahead as it was when the page was written, or a few days more, on the same weekday."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", argument):
        return argument
    weeks = -((WRITTEN - datetime.now(UTC).date()).days // 7)
    return f"{date.fromisoformat(argument) + timedelta(weeks=weeks)}"


def expected_codes(line):
    """0, but 1 where the line's comment says `refused`, either where it says when."""
    comment = line.partition("# ")[2]
    return {0, 1} if comment.startswith("refused when") else {1} if comment == "refused" else {0}
