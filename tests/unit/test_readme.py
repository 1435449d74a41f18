"""What the README says of its ten lines."""

import re
from datetime import UTC, datetime
from pathlib import Path

from traffic_booking import BookingDesk
from traffic_booking.testing import MovableClock

README = Path(__file__).parents[2] / "README.md"
SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""07:00 in Riyadh, an hour before the branches open."""


def test_the_ten_lines_run_again_are_refused_by_the_rules_that_the_page_names(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    page = README.read_text(encoding="utf-8")
    lines, told = re.findall(r"```python\n(.*?)```(.*?)\n#", page, re.DOTALL)[0]
    opened = lines.replace("BookingDesk.open(", "opened_at(SUNDAY, ")
    names = {"SUNDAY": SUNDAY, "opened_at": lambda now, url: BookingDesk.open(url, clock=MovableClock(now))}
    exec(opened, dict(names))
    number = re.findall(r"\b\w{4}-\w{4}-\w{4}\b", capsys.readouterr().out)[0]
    exec(opened, dict(names))
    refusals = [line.split() for line in capsys.readouterr().out.splitlines()]
    until = ["2026-11-22", "05:15:00+00:00"]
    assert [[rule, *words[-4:]] for rule, *words in refusals] == [
        ["BK-07", "1", "1", *until],
        ["BK-09", number, "None", *until],
    ]
    assert re.findall(r"BK-\d\d", told) == ["BK-07", "BK-09"]
