"""Claims of the pages about their examples that running the examples doesn't check."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import traffic_booking
from tests.hours import at_any_hour
from traffic_booking import (
    AsyncBookingDesk,
    AuditRoom,
    Booked,
    BookingDesk,
    CalendarRoom,
    Desk,
    GateRoom,
    MaintenanceRoom,
    Refused,
    shipped_rulebooks,
)
from traffic_booking.testing import MovableClock, made_up_person

HERE = Path(__file__).parents[2]
SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""07:00 in Riyadh, an hour before the branches open."""
PAGES = [
    "tutorial/first-booking",
    "tutorial/your-first-portal",
    *(
        f"how-to/{name}"
        for name in (
            "altcha-widget",
            "assertions",
            "build-a-portal",
            "delegates",
            "image-code",
            "json",
            "mirror-appointments",
            "nothing-free",
            "retry-requests",
            "serve-a-day",
            "show-messages",
            "sign-in-asyncio",
            "slot-in-a-form",
            "vouch",
        )
    ),
]
"""Pages whose examples must work at any time."""


def example(page, beginning):
    """The Python example of a page that begins so, and the text after it, up to the next heading."""
    text = (HERE / page).read_text(encoding="utf-8")
    [found] = re.findall(rf"```python\n({beginning}.*?)```(.*?)\n#", text, re.DOTALL)
    return found


def test_the_ten_lines_run_again_are_refused_by_the_rules_that_the_page_names(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines, text = example("README.md", "from uuid")
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
    assert re.findall(r"BK-\d\d", text) == ["BK-07", "BK-09"]


@at_any_hour
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_the_page_work_at_any_hour(monkeypatch, tmp_path, page, now):
    run_page(page, monkeypatch, tmp_path, now)


@at_any_hour
def test_the_tutorial_ends_with_the_proof_of_the_cancellation(capsys, monkeypatch, tmp_path, now):
    run_page("tutorial/first-booking", monkeypatch, tmp_path, now)
    assert "Proof of cancellation" in capsys.readouterr().out


@pytest.fixture(autouse=True)
def desks(monkeypatch):
    """The desks that a page opens and leaves open are closed after the test."""
    opened, original = list[Desk](), BookingDesk.open.__func__  # type: ignore[attr-defined] # a class method

    def noted(of_class, url, /, **parts):
        opened.append(original(of_class, url, **parts))
        return opened[-1]

    monkeypatch.setattr(BookingDesk, "open", classmethod(noted))
    yield opened
    for desk in opened:
        desk.close()


def run_page(page, monkeypatch, folder, now):
    """Run the examples of a page, one after another, on a clock that stands at `now`."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("traffic_booking.adapters.clock.SystemClock", lambda: MovableClock(now))
    text = (HERE / f"docs/{page}.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    return names


def test_the_page_about_vouching_has_a_row_for_every_verb():
    tables = re.findall(r"^\| (`.*?) \|", (HERE / "docs/how-to/vouch.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in tables for name in re.findall(r"`([\w.]+)`", row)}
    verbs = {name for name, verb in vars(Desk).items() if not name.startswith("_") and callable(verb)}
    rooms = {"audit": AuditRoom, "calendar": CalendarRoom, "gate": GateRoom, "maintenance": MaintenanceRoom}
    in_rooms = {f"{room}.{name}" for room, verbs in rooms.items() for name in vars(verbs) if not name.startswith("_")}
    assert named == verbs | in_rooms


def test_the_glossary_names_only_what_is_exported():
    page = (HERE / "docs/reference/glossary.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][a-z]\w+)(?:\.\w+)?`", page))
    assert named
    assert named <= set(traffic_booking.__all__)


@pytest.mark.parametrize("before", [timedelta(hours=5), timedelta(hours=3)])
@pytest.mark.parametrize(("grace_minutes", "stays"), [(10, False), (0, True)])
def test_a_booking_that_is_too_late_is_cancelled_or_reported(before, grace_minutes, stays):
    """A booking that gives up waiting at once; with the shipped grace, and without one."""
    stays = stays and before < timedelta(hours=4)
    shipped, figures = shipped_rulebooks().versions[-1], {"minutes": grace_minutes}
    rules = (evolve(each, figures=figures) if each.id == "CN-05" else each for each in shipped.rules)
    rulebook = evolve(shipped, rules=tuple(rules))
    names: dict[str, Any] = {"asyncio": asyncio, "Booked": Booked, "Refused": Refused}
    exec(example("docs/how-to/use-from-asyncio.md", "async def book_within")[0], names)

    async def upcoming():
        async with await AsyncBookingDesk.open("memory://", clock=MovableClock(SUNDAY), rulebook=rulebook) as desk:
            slot = (await desk.find_slots(service="licence-renewal", from_=SUNDAY + before, limit=1))[0]
            me = made_up_person(1)
            outcome = await names["book_within"](desk, 0, slot, applicant=me, request_id="late")
            return outcome, (await desk.appointments(me)).upcoming

    outcome, left = asyncio.run(upcoming())
    assert outcome == (Booked(left[0]) if stays else None)
    assert len(left) == stays
