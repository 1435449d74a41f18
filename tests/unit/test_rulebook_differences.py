"""Two versions of a rulebook side by side."""

from datetime import date, timedelta

import pytest
from attrs import evolve as copy_with
from hypothesis import given
from hypothesis import strategies as st

from tests.small_town import named, small_rulebook
from traffic_booking import Suspension, Tightening, rulebook_differences
from traffic_booking.domain.audit.rulebook_differences import DifferenceKind, FieldChange, Way
from traffic_booking.domain.rules.rule import Status, Stricter
from traffic_booking.domain.rules.rulebook import DEFINITIONS

FIRST, NEXT, LAST = date(2026, 1, 1), date(2027, 1, 1), date(2028, 1, 1)
DAY = timedelta(days=1)
CLOSED = Suspension(service="renewal", from_day=FIRST, until_day=NEXT, reason=named("flood"))
TIGHT = Tightening(rule="BK-04", figures={"days": 7}, branch="north")


def version(name, from_, until=None, **parts):
    """A version in force on those days, with rules in force from its first day on."""
    book = small_rulebook(name)
    rules = tuple(copy_with(rule, in_force_from=from_) for rule in book.rules)
    return copy_with(book, rules=rules, in_force_from=from_, in_force_until=until, **parts)


def with_rule(book, rule_id, **parts):
    """The version with one rule changed."""
    return copy_with(book, rules=tuple(copy_with(rule, **parts) if rule.id == rule_id else rule for rule in book.rules))


OLD, NEW = version("old", FIRST, NEXT), version("new", NEXT, LAST)


def test_versions_that_say_the_same_do_not_differ_although_their_days_do():
    found = rulebook_differences(OLD, NEW)

    assert (found.before, found.after, found.rules) == (OLD, NEW, ())
    assert not found.tightenings_added + found.tightenings_removed
    assert not found.suspensions_added + found.suspensions_removed


@pytest.mark.parametrize(
    ("rule_id", "figures", "change"),
    [
        ("BK-04", {"days": 59}, FieldChange(field="days", before=60, after=59, way=Way.STRICTER)),
        ("BK-04", {"days": 61}, FieldChange(field="days", before=60, after=61, way=Way.LOOSER)),
        ("CN-03", {"minutes": 241}, FieldChange(field="minutes", before=240, after=241, way=Way.STRICTER)),
        ("CN-03", {"minutes": 239}, FieldChange(field="minutes", before=240, after=239, way=Way.LOOSER)),
    ],
)
def test_a_changed_figure_has_the_direction_of_its_change(rule_id, figures, change):
    (found,) = rulebook_differences(OLD, with_rule(NEW, rule_id, figures=figures)).rules

    assert (found.rule_id, found.kind, found.changes) == (rule_id, DifferenceKind.CHANGED, (change,))
    assert found.before.statement != found.after.statement


@pytest.mark.parametrize(
    ("parts", "change"),
    [
        ({"status": Status.LAW}, FieldChange(field="status", before="unofficial", after="law")),
        ({"source": "a decree"}, FieldChange(field="source", before="made up for tests", after="a decree")),
        ({"in_force_from": NEXT + DAY}, FieldChange(field="in_force_from", before=None, after=NEXT + DAY)),
        ({"in_force_until": LAST - DAY}, FieldChange(field="in_force_until", before=None, after=LAST - DAY)),
    ],
)
def test_status_source_and_days_of_its_own_are_changes_of_a_rule(parts, change):
    (found,) = rulebook_differences(OLD, with_rule(NEW, "BK-01", **parts)).rules

    assert (found.kind, found.changes) == (DifferenceKind.CHANGED, (change,))


@pytest.mark.parametrize("until", [LAST, LAST + DAY])
def test_a_rule_that_ends_with_its_version_or_later_has_no_end_of_its_own(until):
    assert rulebook_differences(OLD, with_rule(NEW, "BK-01", in_force_until=until)).rules == ()
    open_ended = copy_with(NEW, in_force_until=None)
    assert len(rulebook_differences(OLD, with_rule(open_ended, "BK-01", in_force_until=until)).rules) == 1


def test_a_rule_is_added_or_removed_by_its_time_in_force():
    never, over = {"in_force_from": LAST}, {"in_force_from": FIRST, "in_force_until": NEXT}

    for absent in (never, over):
        (removed,) = rulebook_differences(OLD, with_rule(NEW, "BK-09", **absent)).rules
        assert (removed.rule_id, removed.kind, removed.changes) == ("BK-09", DifferenceKind.REMOVED, ())
    not_yet = with_rule(OLD, "BK-09", in_force_from=NEXT)
    (added,) = rulebook_differences(not_yet, NEW).rules
    assert (added.rule_id, added.kind, added.changes) == ("BK-09", DifferenceKind.ADDED, ())
    assert rulebook_differences(not_yet, with_rule(NEW, "BK-09", **never)).rules == ()


def test_stricter_figures_and_suspensions_are_reported_as_well():
    stricter = copy_with(NEW, tightenings=(TIGHT,), suspensions=(CLOSED,))
    came, went = rulebook_differences(OLD, stricter), rulebook_differences(stricter, OLD)

    assert (came.tightenings_added, came.suspensions_added) == ((TIGHT,), (CLOSED,))
    assert (went.tightenings_removed, went.suspensions_removed) == ((TIGHT,), (CLOSED,))
    assert not went.tightenings_added + came.tightenings_removed
    assert not went.suspensions_added + came.suspensions_removed


@given(data=st.data())
def test_the_differences_in_the_other_direction_are_the_same_reversed(data):
    def drawn(book):
        figures = {
            d.id: {p.name: data.draw(st.integers(p.least, min(p.greatest, p.least + 2))) for p in d.parameters}
            for d in DEFINITIONS
        }
        return copy_with(book, rules=tuple(copy_with(rule, figures=figures[rule.id]) for rule in book.rules))

    one, other = drawn(OLD), drawn(NEW)
    there, back = rulebook_differences(one, other).rules, rulebook_differences(other, one).rules

    assert [found.rule_id for found in there] == [r.id for r in one.rules if r.figures != other[r.id].figures]
    turned = {Way.STRICTER: Way.LOOSER, Way.LOOSER: Way.STRICTER}
    for to, fro in zip(there, back, strict=True):
        assert (to.before, to.after) == (fro.after, fro.before)
        for change, reverse in zip(to.changes, fro.changes, strict=True):
            assert change.way is not None
            assert (change.before, change.after, turned[change.way]) == (reverse.after, reverse.before, reverse.way)
            (parameter,) = (p for p in to.after.definition.parameters if p.name == change.field)
            less = to.after[parameter.name] < to.before[parameter.name]
            assert (change.way is Way.STRICTER) is (less is (parameter.stricter is Stricter.LESS))
