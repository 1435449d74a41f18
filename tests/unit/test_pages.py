"""What pages say of their examples, where running them alone doesn't show it."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from traffic_booking import AsyncBookingDesk, Booked, BookingDesk, Refused
from traffic_booking.testing import MovableClock, made_up_person

HERE = Path(__file__).parents[2]
SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""07:00 in Riyadh, an hour before the branches open."""


def example(page, beginning):
    """The Python example of a page that begins so, and the text after it, up to the next heading."""
    text = (HERE / page).read_text(encoding="utf-8")
    [found] = re.findall(rf"```python\n({beginning}.*?)```(.*?)\n#", text, re.DOTALL)
    return found


def test_the_ten_lines_run_again_are_refused_by_the_rules_that_the_page_names(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines, told = example("README.md", "from uuid")
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


@pytest.mark.parametrize(("before", "stays"), [(timedelta(hours=5), False), (timedelta(hours=3), True)])
def test_what_was_booked_too_late_is_given_back_or_told(before, stays):
    """A booking that is waited for no time at all."""
    names: dict[str, Any] = {"asyncio": asyncio, "Booked": Booked, "Refused": Refused}
    exec(example("docs/how-to/use-from-asyncio.md", "async def book_within")[0], names)

    async def upcoming():
        async with await AsyncBookingDesk.open("memory://", clock=MovableClock(SUNDAY)) as desk:
            slot = (await desk.find_slots(service="licence-renewal", from_=SUNDAY + before, limit=1))[0]
            me = made_up_person(1)
            outcome = await names["book_within"](desk, 0, slot, applicant=me, request_id="late")
            return outcome, (await desk.appointments(me)).upcoming

    outcome, left = asyncio.run(upcoming())
    assert outcome == (Booked(left[0]) if stays else None)
    assert len(left) == stays
