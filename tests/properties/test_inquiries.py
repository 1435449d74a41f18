"""The answers to an auditor's questions are those that a brute force over the whole feed gives."""

from collections import Counter
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inquiries import answer, seen
from tests.small_town import START
from tests.stored_day import StoredDay
from traffic_booking import Auditor, Clerk, HijriDate, OccurrenceKind

FEW = settings(max_examples=20)
"""Each example reads the whole log once or several times."""
BY = Auditor("auditor-1")
RIYADH = timezone(timedelta(hours=3))
FIRST_DAY = date(2026, 11, 22)

limits = st.sampled_from([7, 25, 100])
bounds = st.one_of(
    st.none(),
    st.integers(0, 400).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.integers(-1, 3).map(lambda days: FIRST_DAY + timedelta(days=days)),
    st.integers(-1, 3).map(lambda days: HijriDate.from_gregorian(FIRST_DAY + timedelta(days=days))),
)
periods = st.tuples(bounds, bounds).filter(lambda pair: _in_order(*pair))


def _instant(bound):
    if bound is None or isinstance(bound, datetime):
        return bound
    day = bound.to_gregorian() if isinstance(bound, HijriDate) else bound
    return datetime.combine(day, time(), RIYADH)


def _in_order(first, last):
    return first is None or last is None or _instant(first) < _instant(last)


@pytest.fixture(scope="module")
def day():
    made = StoredDay()
    made.desk.audit.appointment_log(made.first, by=BY)
    made.desk.explain(made.first, by=BY)
    return made


@pytest.fixture(scope="module")
def entries(day):
    """Each entry of the feed before the first question of a test."""
    return seen(day)


def read(ask, limit, **wanted):
    """All pages of a question, and the occurrences on them."""
    found, after = [], None
    while True:
        page = ask(**wanted, by=BY, after=after, limit=limit)
        assert len(page.occurrences) <= limit
        found += page.occurrences
        if page.next is None:
            return found
        after = page.next


def expected_of(entries, period, **wanted):
    first, last = map(_instant, period)
    return answer(entries, from_=first, until=last, **wanted)


def positions(occurrences, entries):
    """The positions of what was found, without the questions that this test has asked."""
    last = entries[-1].entry.position
    return [each.position for each in occurrences if each.position <= last]


@FEW
@given(
    period=periods,
    limit=limits,
    of=st.fixed_dictionaries(
        {
            "rule": st.sampled_from([None, "BK-05", "BK-07", "CN-01", "EL-01", "AT-01", "MV-04"]),
            "branch": st.sampled_from([None, None, "north", "south"]),
            "service": st.sampled_from([None, None, "renewal", "transfer", "foreign"]),
        }
    ),
    about_first=st.booleans(),
)
def test_refusals_are_those_of_the_feed(day, entries, period, limit, of, about_first):
    wanted = {**of, "number": day.first if about_first else None}
    found = read(day.desk.audit.refusals, limit, from_=period[0], until=period[1], **wanted)
    assert [each.position for each in found] == expected_of(entries, period, refused=True, **wanted)
    assert {each.kind for each in found} <= {OccurrenceKind.REFUSED}


@FEW
@given(period=periods, limit=limits, clerk=st.sampled_from(["desk-1", "desk", "other"]))
def test_all_that_a_clerk_did_is_all_that_has_their_name(day, entries, period, limit, clerk):
    found = read(lambda **rest: day.desk.audit.clerk_log(clerk, **rest), limit, from_=period[0], until=period[1])
    assert [each.position for each in found] == expected_of(entries, period, clerk=clerk)
    assert all(isinstance(each.actor, Clerk) and each.actor.id == clerk for each in found)


@FEW
@given(data=st.data(), limit=limits)
def test_all_that_happened_to_an_appointment_is_all_that_has_its_number(day, entries, data, limit):
    numbers = sorted({each.number for each in entries if each.number})
    number = data.draw(st.sampled_from(numbers))
    found = read(lambda **rest: day.desk.audit.appointment_log(number, **rest), limit)
    assert positions(found, entries) == expected_of(entries, (None, None), number=number)


@FEW
@given(data=st.data(), period=periods, limit=limits)
def test_all_that_happened_to_a_person_is_all_that_has_their_subject(day, entries, data, period, limit):
    subject = data.draw(st.sampled_from(sorted({one for each in entries for one in each.subjects})))
    wanted = {"subject": subject, "from_": period[0], "until": period[1]}
    found = read(day.desk.audit.person_log, limit, **wanted)
    assert positions(found, entries) == expected_of(entries, period, subject=subject)


@FEW
@given(period=periods, counted_by=st.sampled_from(["rule", "day", "branch", "service"]))
def test_counts_of_refusals_are_those_of_the_feed(day, entries, period, counted_by):
    first, last = period
    counts = day.desk.audit.count_refusals(by=BY, counted_by=counted_by, from_=first, until=last)
    refused = set(expected_of(entries, period, refused=True))
    expected = Counter[str]()
    for each in entries:
        if each.entry.position in refused:
            local = each.entry.instant.astimezone(RIYADH).date().isoformat()
            named = {"rule": each.rules, "day": [local]}.get(counted_by)
            expected.update([getattr(each, counted_by) or ""] if named is None else named)
    assert {each.value: each.refusals for each in counts.counts} == expected
    assert [each.value for each in counts.counts] == sorted(expected)
    assert counts.refusals == len(refused)
