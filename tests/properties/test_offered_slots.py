"""Searches show the slots that the rules about the slot alone let a person book."""

from collections import Counter
from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import OPENING, slot_key
from tests.desks import open_desk
from tests.small_town import START, named, small_rulebook
from traffic_booking import Bilingual, Booked, DayState, Refused, Suspension
from traffic_booking.domain.rules import rulebook as rulebook_module
from traffic_booking.domain.rules.booking import OFFERING
from traffic_booking.domain.rules.restrictions import Tightening
from traffic_booking.domain.rules.rule import Rule, Status, Use, rule
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.rules.verdict import measured
from traffic_booking.testing import MovableClock, made_up_person

FIRST = START.date()
SOMEBODY = made_up_person(1)
OF_THE_SLOT_ALONE = sorted(definition.id for definition in DEFINITIONS if Use.SEARCH in definition.uses)
AHEAD = 6
"""The days of the search; rulebooks open fewer or more of them."""

suspensions = st.builds(
    lambda first, days, branch: Suspension(
        service="renewal",
        branch=branch,
        from_day=FIRST + timedelta(days=first),
        until_day=FIRST + timedelta(days=first + days),
        reason=named("flood"),
    ),
    st.integers(0, AHEAD),
    st.integers(1, 2),
    st.sampled_from([None, "north", "south"]),
)
tightenings = st.builds(
    lambda figures, branch: Tightening(rule=figures[0], service="renewal", branch=branch, figures=figures[1]),
    st.tuples(st.just("BK-12"), st.fixed_dictionaries({"minutes": st.integers(3 * 24 * 60, 4 * 24 * 60)}))
    | st.tuples(st.just("BK-04"), st.just({"days": 1})),
    st.sampled_from([None, "north"]),
)


def refusing(desk, key) -> set[str]:
    """The rules about the slot alone that refuse a booking of it."""
    tried = desk.what_if().book(key, applicant=SOMEBODY, agreed=True)
    return {verdict.rule_id for verdict in tried.refused} & {*OF_THE_SLOT_ALONE}


@pytest.mark.rule("BK-03", "BK-04", "BK-12", "BK-15")
@given(
    days=st.integers(1, AHEAD),
    notice=st.integers(0, 3 * 24 * 60),
    suspended=st.lists(suspensions, max_size=2),
    stricter=st.lists(tightenings, max_size=2),
    now=st.integers(0, 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    ended=st.sets(st.sampled_from(OF_THE_SLOT_ALONE)),
)
def test_a_search_and_the_month_show_the_slots_that_the_rules_let_anybody_book_and_no_others(
    days, notice, suspended, stricter, now, ended
):
    book = small_rulebook(BK_04={"days": days}, BK_12={"minutes": notice})
    rules = tuple(evolve(r, in_force_until=date(2024, 1, 1)) if r.id in ended else r for r in book.rules)
    book = evolve(book, rules=rules, suspensions=tuple(suspended), tightenings=tuple(stricter))
    desk, everything = open_desk(rulebook=book, start=now), open_desk(start=now - timedelta(microseconds=1))
    end = FIRST + timedelta(days=AHEAD + 2)
    every = everything.find_slots(service="renewal", branch="north", until=end, limit=500)
    refused = {slot.key: refusing(desk, slot.key) for slot in every}
    found = desk.find_slots(service="renewal", branch="north", until=end, limit=500)
    assert {slot.key for slot in found} == {key for key, rules in refused.items() if not rules}
    month = desk.month_view(service="renewal", branch="north", year=FIRST.year, month_of_year=FIRST.month)
    of_days = Counter[date]()
    for slot in every:
        of_days[slot.starts_at.date()] += slot.free * (not refused[slot.key])
    assert all(day.free == of_days[day.day.gregorian] for day in month if day.day.gregorian < end)


@pytest.mark.parametrize("minutes", [0, 60, 61])
def test_another_notice_changes_searches_and_bookings_alike(minutes):
    desk = open_desk(rulebook=small_rulebook(BK_12={"minutes": minutes}), start=OPENING - timedelta(hours=1))
    (first,) = desk.find_slots(service="renewal", branch="north", limit=1)
    outcome = desk.book(slot_key(), applicant=SOMEBODY, agreed=True, request_id="1")
    if minutes <= 60:
        assert first.key == slot_key()
        assert isinstance(outcome, Booked)
    else:
        assert first.key == slot_key(starts_at=OPENING + timedelta(minutes=15))
        assert isinstance(outcome, Refused)
        assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-12"]


@pytest.mark.rule("BK-03")
@pytest.mark.parametrize("in_force", [True, False])
def test_a_slot_that_starts_now_is_shown_exactly_if_no_rule_refuses_it(in_force):
    book = small_rulebook()
    if not in_force:
        rules = tuple(evolve(r, in_force_until=date(2024, 1, 1)) if r.id == "BK-03" else r for r in book.rules)
        book = evolve(book, rules=rules)
    desk = open_desk(rulebook=book, start=OPENING)
    (first,) = desk.find_slots(service="renewal", branch="north", limit=1)
    assert (first.key == slot_key()) is not in_force
    assert refusing(desk, slot_key()) == ({"BK-03"} if in_force else set())


@rule(
    "BK-99",
    OFFERING,
    ar="أن يبدأ الموعد عند تمام الساعة.",
    en="The slot starts at a full hour.",
    refusal=Bilingual("هذا الوقت غير متاح. اختر وقتًا آخر.", "This time is not available. Choose another one."),
)
def full_hours(case, _now):
    """A rule about the slot alone that the library lacks."""
    return measured(not case.key.starts_at.minute, case.key.starts_at, None)


def test_a_new_rule_about_the_slot_alone_changes_searches_months_and_bookings_without_more(monkeypatch):
    monkeypatch.setattr(rulebook_module, "DEFINITIONS", (*DEFINITIONS, full_hours))
    new = Rule(definition=full_hours, status=Status.UNOFFICIAL, source="made up", in_force_from=date(2020, 1, 1))
    book = small_rulebook()
    desk = open_desk(rulebook=evolve(book, rules=(*book.rules, new)), start=OPENING - timedelta(minutes=1))
    found = desk.find_slots(service="renewal", branch="north", limit=7)
    assert {slot.starts_at.minute for slot in found} == {0}
    quarter_past = slot_key(starts_at=OPENING + timedelta(minutes=15))
    outcome = desk.book(quarter_past, applicant=SOMEBODY, agreed=True, request_id="1")
    assert isinstance(outcome, Refused)
    assert [verdict.rule_id for verdict in outcome.verdicts] == ["BK-99"]

    def today():
        days = desk.month_view(service="renewal", branch="north", year=FIRST.year, month_of_year=FIRST.month)
        return days[FIRST.day - 1]

    assert (today().seats, today().state) == (6, DayState.FREE)
    assert isinstance(desk.clock, MovableClock)
    desk.clock.advance(timedelta(hours=5, minutes=15))  # 13:14, after the last full hour
    assert (today().seats, today().state, today().rules) == (0, DayState.NOT_BOOKABLE, ("BK-99",))
    assert today().text("en") == "The slot starts at a full hour"
