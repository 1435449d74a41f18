"""Searches show the slots that the rules about the slot alone let a person book."""

from collections import Counter
from datetime import date, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.desks import open_desk
from tests.small_town import START, named, small_rulebook
from traffic_booking import Suspension
from traffic_booking.domain.rules.restrictions import Tightening
from traffic_booking.testing import made_up_person

FIRST = START.date()
SOMEBODY = made_up_person(1)
OF_THE_SLOT_ALONE = {"BK-03", "BK-04", "BK-12", "BK-15"}
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
    lambda minutes, branch: Tightening(rule="BK-12", service="renewal", branch=branch, figures={"minutes": minutes}),
    st.integers(3 * 24 * 60, 4 * 24 * 60),
    st.sampled_from([None, "north"]),
)


def is_offered(desk, key):
    """True if no rule about the slot itself refuses it."""
    tried = desk.what_if().book(key, applicant=SOMEBODY, agreed=True)
    return all(verdict.granted for verdict in tried.verdicts if verdict.rule_id in OF_THE_SLOT_ALONE)


@pytest.mark.rule("BK-04", "BK-12", "BK-15")
@given(
    days=st.integers(1, AHEAD),
    notice=st.integers(0, 3 * 24 * 60),
    suspended=st.lists(suspensions, max_size=2),
    stricter=st.lists(tightenings, max_size=1),
    now=st.integers(0, 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    until_notice=st.none() | st.just(date(2024, 1, 1)),
)
def test_a_search_and_the_month_show_the_slots_that_the_rules_let_anybody_book_and_no_others(
    days, notice, suspended, stricter, now, until_notice
):
    book = small_rulebook(BK_04={"days": days}, BK_12={"minutes": notice})
    rules = tuple(evolve(r, in_force_until=until_notice) if r.id in {"BK-12", "BK-15"} else r for r in book.rules)
    book = evolve(book, rules=rules, suspensions=tuple(suspended), tightenings=tuple(stricter))
    desk, everything = open_desk(rulebook=book, start=now), open_desk(start=now)
    end = FIRST + timedelta(days=AHEAD + 2)
    every = [slot for slot in everything.find_slots(service="renewal", until=end, limit=500) if slot.branch == "north"]
    offered = {slot.key for slot in every if is_offered(desk, slot.key)}
    found = desk.find_slots(service="renewal", branch="north", until=end, limit=500)
    assert {slot.key for slot in found} == offered
    month = desk.month_view(service="renewal", branch="north", year=FIRST.year, month_of_year=FIRST.month)
    of_days = Counter[date]()
    for slot in every:
        of_days[slot.starts_at.date()] += slot.free * (slot.key in offered)
    assert all(day.free == of_days[day.day.gregorian] for day in month if day.day.gregorian < end)
