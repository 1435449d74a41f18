"""Versions of the rulebook, one after the other, and figures that services and branches tighten."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import PLAIN
from tests.cases import CATALOGUE, CLERK, DAY, MINUTE, OPENING, TICK, slot_key
from tests.people import ME
from tests.small_town import START, named, small_catalogue, small_rulebook
from traffic_booking import (
    Booked,
    BookingDesk,
    Cancelled,
    CheckedIn,
    DeskParts,
    InvalidCatalogue,
    InvalidInput,
    NotFound,
    Refused,
    Rulebooks,
    Suspension,
    Tightening,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.domain.audit.explanations import replayed
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.rules.rule import Stricter
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import NO_FINDINGS, Finding, Result
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing import MovableClock

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
"""The beginning of Monday in Riyadh."""


def version(name, first, until=None, **figures):
    return copy_with(small_rulebook(name, **figures), in_force_from=first, in_force_until=until)


def versions(**figures):
    """Two versions; the second, from Monday on, has other figures."""
    return Rulebooks((version("one", date(2020, 1, 1), MONDAY), version("two", MONDAY, **figures)))


@pytest.mark.parametrize(("after", "name"), [(-TICK, "one"), (0 * TICK, "two"), (TICK, "two")])
def test_a_decision_is_taken_under_the_version_in_force_at_its_instant(after, name):
    assert versions().at(MIDNIGHT + after).version == name


@given(cuts=st.lists(st.dates(date(2021, 1, 1), date(2100, 1, 1)), min_size=1, max_size=6, unique=True), data=st.data())
def test_of_versions_in_a_row_exactly_one_is_in_force(cuts, data):
    cuts.sort()
    days = [date(2020, 1, 1), *cuts, None]
    books = Rulebooks(tuple(version(str(place), days[place], days[place + 1]) for place in range(len(cuts) + 1)))
    now = data.draw(st.datetimes(datetime(2020, 1, 2), datetime(2150, 1, 1))).replace(tzinfo=UTC)  # noqa: DTZ001

    assert [book for book in books.versions if book.in_force(now)] == [books.at(now)]


@pytest.mark.parametrize("now", [datetime(2019, 12, 31, 20, 59, tzinfo=UTC), datetime(2026, 11, 23, 21, tzinfo=UTC)])
def test_before_the_first_version_and_after_the_last_nothing_is_decided(now):
    books = Rulebooks((version("one", date(2020, 1, 1), MONDAY), version("two", MONDAY, TUESDAY)))

    with pytest.raises(InvalidInput, match=r"^rulebook: got no version in force at .*2020-01-01 until 2026-11-24"):
        books.at(now)


@pytest.mark.parametrize(
    ("periods", "faults"),
    [
        ([], ["versions: versions: got none"]),
        ([("a", MONDAY, None), ("b", TUESDAY, None)], ["a: in_force_until: got nothing; expected 2026-11-24, when b"]),
        ([("a", date(2020, 1, 1), MONDAY), ("b", TUESDAY, None)], ["b: in_force_from: got 2026-11-24, a gap"]),
        ([("a", date(2020, 1, 1), TUESDAY), ("b", MONDAY, None)], ["b: in_force_from: got 2026-11-23, an overlap"]),
        (
            [("a", date(2020, 1, 1), MONDAY), ("a", TUESDAY, None)],
            ["a: version: got it 2 times", "a: in_force_from: got 2026-11-24, a gap"],
        ),
    ],
)
def test_versions_follow_one_another_without_gap_or_overlap(periods, faults):
    with pytest.raises(InvalidCatalogue) as caught:
        Rulebooks(tuple(version(*period) for period in periods))
    assert [
        str(fault).startswith(f"rulebook: {expected}")
        for fault, expected in zip(caught.value.faults, faults, strict=True)
    ] == [True] * len(faults)


def test_a_version_ends_after_it_begins():
    with pytest.raises(InvalidInput, match=r"^in_force_until: got 2026-11-23; expected after 2026-11-23"):
        version("one", MONDAY, MONDAY)


def test_a_version_is_found_by_its_name_whether_or_not_it_is_in_force():
    assert versions().version("two").version == "two"
    with pytest.raises(NotFound, match=r"^no rulebook version 'three'; known: one, two"):
        versions().version("three")


def desk_at(now, rulebook):
    clock = MovableClock(now)
    parts = {"catalogue": small_catalogue(capacity=2), "rulebook": rulebook, "calendar": PLAIN}
    return BookingDesk(DeskParts(store=MemoryStore(), clock=clock, **parts)), clock


@pytest.mark.rule("CN-03")
@pytest.mark.parametrize(("minutes", "cancelled"), [(60, True), (61, False)])
def test_an_appointment_is_cancelled_under_the_version_in_force_at_that_moment_not_at_the_booking(minutes, cancelled):
    desk, clock = desk_at(START, versions(CN_03={"minutes": minutes - 1}))
    booking = desk.book(slot_key(starts_at=OPENING + DAY), applicant=ME, agreed=True, request_id="b")
    assert isinstance(booking, Booked)
    assert (booking.appointment.rulebook, desk.rulebook.version) == ("one", "one")

    clock.move_to(OPENING + DAY - 60 * MINUTE)  # the first version requires four hours
    outcome = desk.cancel(booking.appointment.number, by=ME, request_id="c")

    assert desk.rulebook.version == "two"
    assert bool(desk.may_cancel(booking.appointment.number, by=CLERK)) is False
    if cancelled:
        assert isinstance(outcome, Cancelled)
        assert outcome.appointment.rulebook == "two"
        assert [event.rulebook for event in desk.audit.history(booking.appointment.number, by=ME)] == ["one", "two"]
    else:
        assert isinstance(outcome, Refused)
        assert [(verdict.rule_id, verdict.limit) for verdict in outcome.verdicts] == [("CN-03", clock.now())]


@pytest.mark.rule("AT-04")
def test_an_appointment_is_checked_in_under_the_version_in_force_at_that_moment():
    desk, clock = desk_at(START, versions(AT_04={"minutes": 30}))
    booking = desk.book(slot_key(starts_at=OPENING + DAY), applicant=ME, agreed=True, request_id="b")
    clock.move_to(OPENING + DAY + 30 * MINUTE)

    assert isinstance(desk.gate.check_in(booking.appointment.number, by=CLERK, request_id="i"), CheckedIn)


NORTH = Tightening(rule="BK-04", branch="north", figures={"days": 7})
RENEWAL = Tightening(rule="BK-04", service="renewal", figures={"days": 30})
BOTH = Tightening(rule="BK-04", service="renewal", branch="north", figures={"days": 3})


@pytest.mark.rule("BK-04")
@pytest.mark.parametrize(
    ("branch", "service", "days"),
    [("north", "renewal", 3), ("north", "transfer", 7), ("south", "renewal", 30), ("south", "transfer", 60)],
)
def test_the_strictest_figure_holds_that_is_about_the_service_and_the_branch(branch, service, days):
    rulebook = copy_with(small_rulebook(), tightenings=(NORTH, RENEWAL, BOTH))
    desk, clock = desk_at(START, rulebook)
    key = slot_key(branch, service, OPENING + 98 * DAY)

    assert rulebook.rule("BK-04", key)["days"] == days
    clock.move_to(key.starts_at - days * DAY - TICK)
    refused = desk.book(key, applicant=ME, agreed=True, request_id="early")
    assert isinstance(refused, Refused)
    (verdict,) = refused.verdicts
    assert (verdict.rule_id, verdict.allowed_from) == ("BK-04", clock.now() + TICK)
    assert str(days) in verdict.statement("en")
    clock.move_to(verdict.allowed_from)
    assert isinstance(desk.book(key, applicant=ME, agreed=True, request_id="then"), Booked)


@pytest.mark.rule("BK-04")
@pytest.mark.parametrize("branch", [None, "north", "south"])
def test_nothing_is_found_that_a_tightened_horizon_keeps_shut(branch):
    tightened = Tightening(rule="BK-04", branch="north", figures={"days": 1})
    desk, _ = desk_at(START, copy_with(small_rulebook(BK_04={"days": 2}), tightenings=(tightened,)))

    found = desk.find_slots(service="renewal", branch=branch, limit=500)
    last = {slot.branch: slot.starts_at.astimezone(UTC) for slot in found}
    assert all(moment <= START + (1 if at == "north" else 2) * DAY for at, moment in last.items())
    assert set(last) == ({"north", "south"} if branch is None else {branch})
    days = desk.month_view(service="renewal", branch="north", year=2026, month_of_year=11)
    assert [day.day.gregorian.day for day in days if day.seats] == [22]


@pytest.mark.rule("HD-01")
def test_a_hold_is_as_short_as_its_branch_requires():
    tightened = Tightening(rule="HD-01", branch="north", figures={"minutes": 4})
    desk, _ = desk_at(START, copy_with(small_rulebook(), tightenings=(tightened,)))

    held = desk.hold(slot_key(), applicant=ME, request_id="h").appointment
    assert held.hold_ends_at == START + 4 * MINUTE


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"rule": "BK-04", "figures": {"days": 61}, "branch": "north"}, "days"),
        ({"rule": "BK-04", "figures": {"days": 0}, "branch": "north"}, "days"),
        ({"rule": "CN-03", "figures": {"minutes": 239}, "branch": "north"}, "minutes"),
        ({"rule": "BK-04", "figures": {"weeks": 1}, "branch": "north"}, "figures"),
        ({"rule": "BK-01", "figures": {"days": 1}, "branch": "north"}, "figures"),
        ({"rule": "BK-04", "figures": {}, "branch": "north"}, "figures"),
        ({"rule": "BK-04", "figures": {"days": 1}}, "service, branch"),
    ],
)
def test_a_tightening_never_loosens_and_names_what_it_is_about(parts, field):
    with pytest.raises(InvalidInput) as refused:
        copy_with(small_rulebook(), tightenings=(Tightening(**parts),))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("definition", "parameter"),
    [pytest.param(d, p, id=f"{d.id}-{p.name}") for d in DEFINITIONS for p in d.parameters],
)
def test_every_figure_can_be_tightened_as_far_as_its_bound_and_not_loosened_by_one(definition, parameter):
    rule = small_rulebook()[definition.id]
    usual = rule[parameter.name]
    strictest, step = (parameter.least, 1) if parameter.stricter is Stricter.LESS else (parameter.greatest, -1)

    assert rule.tightened({parameter.name: strictest})[parameter.name] == strictest
    assert rule.tightened({parameter.name: usual}) == rule
    with pytest.raises(InvalidInput):
        rule.tightened({parameter.name: usual + step})


def test_a_desk_has_every_service_and_branch_that_its_rulebook_names():
    rulebook = copy_with(
        small_rulebook(),
        tightenings=(NORTH, Tightening(rule="BK-04", service="nothing", branch="nowhere", figures={"days": 1})),
        suspensions=(
            Suspension(service="renewal", branch="west", from_day=MONDAY, until_day=TUESDAY, reason=named("x")),
        ),
    )
    with pytest.raises(InvalidCatalogue) as caught:
        Configuration(CATALOGUE, rulebook, BranchCalendars(PLAIN))
    assert [(fault.entry, fault.field, fault.got) for fault in caught.value.faults] == [
        ("test-1", "tighten[2].service", "'nothing'"),
        ("test-1", "tighten[2].branch", "'nowhere'"),
        ("test-1", "suspend[1].branch", "'west'"),
    ]


def test_a_rulebook_looks_back_as_far_as_its_rules_of_conduct_and_what_tightens_them():
    figures: dict[str, Any] = {"CD_01": {"minutes": 1, "days": 5}, "CD_02": {"missed": 1, "window_days": 3, "days": 9}}
    rulebook = small_rulebook(**figures)
    tightened = Tightening(rule="CD-02", branch="north", figures={"window_days": 8})

    assert rulebook.looks_back == timedelta(days=5)
    assert copy_with(rulebook, tightenings=(tightened, NORTH)).looks_back == timedelta(days=8)


def test_the_case_of_a_decision_is_kept_with_the_answer_and_gives_every_result_again():
    desk, _ = desk_at(START, versions())
    outcome = desk.book(slot_key(), applicant=ME, agreed=True, request_id="b")
    assert isinstance(outcome, Booked)
    answer: Any = AppointmentBook(desk.store).answer(RequestId("b"))

    again = replayed(answer, desk.rulebooks.version(answer.rulebook))
    assert again is not None
    assert again.findings.rule_ids == tuple(d.id for d in DEFINITIONS if "book" in d.uses)
    assert again.findings["BK-05"] == Finding(Result.KEPT, 0, 2)
    assert answer.findings == again.findings.of_broken() == NO_FINDINGS
    assert (answer.case.key, answer.case.others) == (slot_key(), ())
