"""Statements of the pages about rules: each that names a rule has a test, and tests/data/promises.toml names both.

A new or changed statement fails until it is listed with its test. So does a listed test or statement that is gone.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve as copy_with

from tests.calendars import exception
from tests.cases import CLERK, DAY, MINUTE, OPENING, slot_key
from tests.desks import open_desk
from tests.people import ME, YOU
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking import Booked, BookingDesk, Cancelled, Delegate, Moved, Refused, Tightening, shipped_rulebooks
from traffic_booking.domain.appointments.commands import (
    BookSlot,
    CancelAppointment,
    CheckInApplicant,
    HoldSlot,
    MoveAppointment,
)
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.testing.histories.booking_steps import KNOWN_RULES

HERE = Path(__file__).parents[2]
RULE = re.compile(r"\b(?:BK|EL|CD|HD|CN|MV|AT|CL|SI)-\d\d\b")
WORDS = re.compile(
    r"\b(?:not|never|always|be|is|are|was|were) (?:counted|granted|too late|extended|refused|released|missed)\b"
    r"|\bcounts? (?:as|for)\b|\bat any time\b"
)
"""A statement that names no rule may be about one. Only pages about the requests of applicants are searched for it."""
OF_APPLICANTS = {
    *(
        f"how-to/{name}.md"
        for name in (
            "close-a-day",
            "delegates",
            "find-a-time",
            "move-an-appointment",
            "nothing-free",
            "retry-requests",
            "serve-a-day",
        )
    ),
    "tutorial/first-booking.md",
    "tutorial/first-booking-shell.md",
}
BESIDES = {"reference/data-files.md": "its table has a test", "reference/errors.md": "made of the code"}
FOLDERS = ("tutorial", "how-to", "reference", "explanation")

PROMISES: dict[str, dict[str, str]] = tomllib.loads((HERE / "tests/data/promises.toml").read_text(encoding="utf-8"))
"""By page and statement, the test that keeps it; empty if the statement names a rule and promises nothing."""


@cache
def statements(page: str) -> tuple[str, ...]:
    """The sentences and table rows of a page, without its examples and headings, each on one line."""
    path = HERE / page if page == "README.md" else HERE / "docs" / page
    return tuple(_statements(path.read_text(encoding="utf-8")))


def _statements(text: str) -> Iterator[str]:
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=- |\d+\. |\|)", text):
        line = " ".join(block.split())
        if line.startswith("|"):
            yield line
        elif not line.startswith(("#", "<")):
            yield from re.split(r"(?<=[.!?])\s+(?=[A-Z`*\[(])|(?<=[.!?]\*\*)\s+", line)


def pages() -> list[str]:
    found = (path for folder in FOLDERS for path in (HERE / "docs" / folder).rglob("*.md"))
    return ["README.md", *sorted(str(path.relative_to(HERE / "docs")) for path in found)]


def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((HERE / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("page", [page for page in pages() if page not in BESIDES])
def test_every_statement_of_a_page_about_a_rule_is_kept_by_a_test(page):
    wanted = [RULE, WORDS] if page in OF_APPLICANTS else [RULE]
    about_rules = [each for each in statements(page) if any(words.search(each) for words in wanted)]
    listed = PROMISES.get(page, {})

    assert [each for each in about_rules if each not in listed] == [], "write a test for each, and list it"
    assert [each for each in listed if each not in statements(page)] == [], "the page has these no more"


def test_the_tests_of_these_statements_exist():
    listed = {test for page in PROMISES.values() for test in page.values() if test}
    existing = {f"{file}::{name}" for file in {test.partition("::")[0] for test in listed} for name in names_in(file)}

    assert sorted(listed - existing) == []
    assert sorted(set(PROMISES) - set(pages())) == [], "there are no such pages"


def test_a_statement_without_a_test_would_be_found():
    page = "One rule.\n\n- BK-07 allows **one**. Then\n  wait.\n\n| BK-01 | refuses |\n\n```\nBK-02\n```\n"

    assert [each for each in _statements(page) if RULE.search(each)] == [
        "- BK-07 allows **one**.",
        "| BK-01 | refuses |",
    ]


def rules_of(outcome):
    assert isinstance(outcome, Refused)
    return [verdict.rule_id for verdict in outcome.verdicts]


SHIPPED = shipped_rulebooks().versions[-1]
SERVICE, BRANCH = "licence-renewal", "riyadh-traffic"


@pytest.fixture
def clock():
    return MovableClock(START)


@pytest.fixture
def shipped(clock):
    with BookingDesk.open("memory://", clock=clock) as desk:
        yield desk


def slots_of(desk, ahead, limit=3):
    found = desk.find_slots(service=SERVICE, branch=BRANCH, from_=desk.clock.now() + ahead, limit=limit)
    return [slot.key for slot in found]


def booked(desk, slot, applicant=ME, request_id="book", **named):
    outcome = desk.book(slot, applicant=applicant, agreed=True, request_id=request_id, **named)
    assert isinstance(outcome, Booked)
    return outcome.appointment


def test_the_figures_of_the_guides_are_the_shipped_ones():
    wanted = {
        "AT-03": {"minutes": 60, "early_minutes": 15},
        "AT-04": {"minutes": 15},
        "AT-07": {"minutes": 15},
        "AT-10": {"days": 30},
        "BK-04": {"days": 60},
        "BK-18": {"minutes": 60},
        "BK-07": {"appointments": 1},
        "CN-03": {"minutes": 4 * 60},
        "CN-05": {"minutes": 10},
        "MV-04": {"moves": 2},
        "MV-05": {"minutes": 4 * 60},
        "SI-01": {"failures": 5, "minutes": 15},
        "SI-02": {"minutes": 30},
        "SI-03": {"minutes": 10, "attempts": 5},
        "SI-04": {"minutes": 8 * 60},
        "SI-06": {"failures": 10, "minutes": 20},
    }
    assert {rule_id: dict(SHIPPED[rule_id].figures) for rule_id in wanted} == wanted


@pytest.mark.rule("BK-07")
@pytest.mark.rule("BK-09")
def test_the_lines_of_a_tutorial_that_are_run_twice_are_refused_until_the_first_appointment_is_over(shipped, clock):
    slot = slots_of(shipped, DAY)[0]
    first = booked(shipped, slot)
    again = shipped.book(slot, applicant=ME, agreed=True, request_id="again")

    assert rules_of(again) == ["BK-07", "BK-09"]
    assert {verdict.allowed_from for verdict in again.verdicts} == {first.slot_ends_at}
    clock.move_to(first.slot_ends_at)
    assert shipped.what_if().book(slots_of(shipped, DAY)[0], applicant=ME, agreed=True)


@pytest.mark.rule("CN-03")
@pytest.mark.rule("CN-05")
@pytest.mark.rule("MV-05")
def test_four_hours_before_the_start_nothing_is_moved_or_cancelled_except_soon_after_its_booking(shipped, clock):
    slot, near, other = (slots_of(shipped, days * DAY)[0] for days in (1, 2, 3))
    one = booked(shipped, slot)
    clock.move_to(slot.starts_at - 240 * MINUTE)
    assert rules_of(shipped.cancel(one.number, by=ME, request_id="cancel")) == ["CN-03"]
    assert rules_of(shipped.move(one.number, near, by=ME, request_id="move")) == ["MV-05"]

    clock.move_to(near.starts_at - 30 * MINUTE)
    late = booked(shipped, near, YOU, "late")
    clock.advance(10 * MINUTE)
    assert rules_of(shipped.cancel(late.number, by=YOU, request_id="too-late")) == ["CN-05"]
    third = made_up_person(3)
    later = booked(shipped, near, third, "later")
    clock.advance(9 * MINUTE)
    assert isinstance(shipped.move(later.number, other, by=third, request_id="moves"), Moved)
    assert isinstance(shipped.cancel(later.number, by=third, request_id="cancels"), Cancelled)


@pytest.mark.rule("BK-07")
def test_a_hold_beside_the_appointment_is_refused_and_the_move_needs_none(shipped):
    slot, other = slots_of(shipped, DAY)[:2]
    one = booked(shipped, slot)

    assert rules_of(shipped.hold(other, applicant=ME, request_id="hold")) == ["BK-07"]
    assert isinstance(shipped.move(one.number, other, by=ME, request_id="move"), Moved)


@pytest.mark.rule("BK-07")
def test_the_limits_are_those_of_the_applicant_and_not_of_the_delegate(shipped, clock):
    slot, other, third = slots_of(shipped, DAY)
    daughter = Delegate(person=YOU, applicant=ME, services={SERVICE}, until=clock.now() + DAY)
    booked(shipped, slot, YOU, "her-own")
    booked(shipped, other, ME, "her-mothers", by=daughter)

    refused = shipped.book(third, applicant=ME, by=daughter, agreed=True, request_id="second")
    assert rules_of(refused) == ["BK-07"]


@pytest.mark.rule("BK-16")
@pytest.mark.rule("CN-01")
@pytest.mark.rule("MV-01")
def test_a_delegate_is_refused_by_the_rules_that_the_page_about_delegates_names(shipped, clock):
    slot, other, third = slots_of(shipped, DAY)
    one, nobodys = booked(shipped, slot), booked(shipped, other, YOU, "yours").number

    def refusals(key, number, services, until):
        by: Any = Delegate(person=YOU, applicant=ME, services=services, until=until)
        plan = shipped.what_if()
        book = plan.book(key, applicant=ME, by=by, agreed=True)
        tried = (book, plan.cancel(number, by=by), plan.move(number, third, by=by))
        return [
            [each.rule_id for each in would.refused if each.rule_id in {"BK-16", "CN-01", "MV-01"}] for would in tried
        ]

    granted, over = clock.now() + DAY, clock.now()
    assert refusals(third, one.number, {SERVICE}, granted) == [[], [], []]
    assert refusals(third, one.number, {"ownership-transfer"}, granted) == [["BK-16"], ["CN-01"], ["MV-01"]]
    assert refusals(third, nobodys, {SERVICE}, granted) == [[], ["CN-01"], ["MV-01"]]
    assert refusals(third, one.number, {SERVICE}, over) == [["BK-16"], ["CN-01"], ["MV-01"]]


@pytest.mark.rule("CN-04")
@pytest.mark.parametrize(("starts_after", "until_after"), [(17.5, 16.5), (39.25, 18.25)])
def test_working_time_is_counted_through_the_night_each_open_minute_once(starts_after, until_after):
    """Open from 22:00 to 02:00, which is 15 to 19 hours after START, and an hour of it is left at the cut-off."""
    rulebook = small_rulebook(CN_03={"minutes": 0}, CN_04={"minutes": 60})
    with open_desk(small_catalogue(opens_minute=22 * 60, closes_minute=26 * 60), rulebook=rulebook) as desk:
        one = booked(desk, slot_key(starts_at=START + starts_after * 60 * MINUTE))

        assert desk.may_cancel(one.number, by=ME).until == START + until_after * 60 * MINUTE


@pytest.mark.rule("BK-05")
def test_a_late_booking_is_refused_if_somebody_else_has_the_seat():
    clock = MovableClock(START)
    with open_desk(small_catalogue(capacity=1), clock=clock) as desk:
        slot = slot_key(starts_at=OPENING + DAY)
        assert desk.hold(slot, applicant=ME, request_id="hold")
        clock.advance(10 * MINUTE)
        booked(desk, slot, YOU, "theirs")
        late = desk.book(slot, applicant=ME, agreed=True, request_id="late", alternatives=2)

    assert rules_of(late) == ["BK-05"]
    assert isinstance(late, Refused)
    assert len(late.alternatives) == 2


@pytest.mark.rule("BK-02")
def test_a_slot_of_a_closed_day_is_none_of_the_timetable():
    with open_desk() as desk:
        slot = slot_key(starts_at=OPENING + DAY)
        closure = exception(Effect.CLOSED, slot.starts_at.date())
        desk.calendar.declare(closure, reason="صيانة", by=CLERK, request_id="close")

        assert rules_of(desk.book(slot, applicant=ME, agreed=True, request_id="closed")) == ["BK-02"]
        odd = slot_key(starts_at=OPENING + MINUTE)
        assert rules_of(desk.book(odd, applicant=ME, agreed=True, request_id="odd")) == ["BK-02"]


MISSED_ONE = small_rulebook(CD_02={"missed": 1, "window_days": 30, "days": 7})
SOON, WEEK_LATER = slot_key(starts_at=OPENING + 60 * MINUTE), slot_key(starts_at=OPENING + 7 * DAY)


@pytest.mark.rule("CD-02")
def test_a_past_day_that_is_declared_closed_is_not_missed():
    clock = MovableClock(START)
    with open_desk(clock=clock, rulebook=MISSED_ONE) as desk:
        one = booked(desk, SOON)
        clock.advance(2 * DAY)
        assert rules_of(desk.book(WEEK_LATER, applicant=ME, agreed=True, request_id="missed")) == ["CD-02"]
        closure = exception(Effect.CLOSED, one.day.gregorian)
        desk.calendar.declare(closure, reason="صيانة", by=CLERK, request_id="close")

        assert desk.what_if().book(WEEK_LATER, applicant=ME, agreed=True)


@pytest.mark.rule("CD-02")
@pytest.mark.rule("MV-04")
@pytest.mark.rule("MV-05")
def test_a_slot_that_only_lost_seats_is_moved_from_and_missed_as_any_other():
    clock = MovableClock(START)
    with open_desk(small_catalogue(capacity=2), clock=clock, rulebook=MISSED_ONE) as desk:
        later = slot_key(starts_at=OPENING + DAY)
        first = booked(desk, later, YOU, "first")
        clock.advance(MINUTE)
        second = booked(desk, later)
        fewer = exception(Effect.OTHER_CAPACITY, first.day.gregorian, capacity=1)
        desk.calendar.declare(fewer, reason="نقص موظفين", by=CLERK, request_id="fewer")
        assert [one.number for one in desk.calendar.affected_by(fewer)] == [second.number]
        moved = desk.move(second.number, slot_key(starts_at=OPENING + 2 * DAY), by=ME, request_id="move")
        assert isinstance(moved, Moved)
        assert moved.appointment.moves == 1
        clock.move_to(later.starts_at - 240 * MINUTE)
        assert rules_of(desk.move(first.number, WEEK_LATER, by=YOU, request_id="late")) == ["MV-05"]
        clock.move_to(later.starts_at + 60 * MINUTE)
        assert rules_of(desk.book(WEEK_LATER, applicant=YOU, agreed=True, request_id="missed")) == ["CD-02"]


@pytest.mark.rule("MV-05")
def test_the_stricter_figures_of_a_branch_bind_moves_to_it_and_not_from_it():
    stricter = Tightening(rule="MV-05", branch="south", figures={"minutes": 2 * 24 * 60})
    rulebook = copy_with(small_rulebook(), tightenings=(stricter,))
    with open_desk(small_catalogue(capacity=2), rulebook=rulebook) as desk:
        tomorrow = OPENING + DAY
        north, south = (slot_key(branch, starts_at=tomorrow) for branch in ("north", "south"))
        one, other = booked(desk, north), booked(desk, south, YOU, "south")

        assert rules_of(desk.move(one.number, south, by=ME, request_id="to")) == ["MV-05"]
        away = slot_key("north", starts_at=tomorrow + 30 * MINUTE)
        assert isinstance(desk.move(other.number, away, by=YOU, request_id="away"), Moved)


def test_the_page_about_histories_names_the_rules_that_the_specification_has():
    commands = {
        "hold": HoldSlot,
        "book": BookSlot,
        "cancel": CancelAppointment,
        "move": MoveAppointment,
        "check in": CheckInApplicant,
    }
    rows = [each.strip("| ").split(" | ") for each in PROMISES["explanation/linearizability.md"]]
    order = [definition.id for definition in DEFINITIONS]
    for verb, _, rules in rows:
        named = set(RULE.findall(rules))
        for first, last in re.findall(r"(\S+-\d\d) to (\S+-\d\d)", rules):
            named |= set(order[order.index(first) : order.index(last) + 1])
        assert named == KNOWN_RULES[commands[verb]]
    assert [verb for verb, _, _ in rows] == list(commands)
