"""The texts of installed rulebooks, catalogues and calendars: one for equal values, another for any change."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendar_records import RECORDS
from tests.calendars import PLAIN
from tests.small_town import small_catalogue, small_rulebook
from traffic_booking import (
    Bilingual,
    MonthStart,
    Rulebook,
    Rulebooks,
    SpecialOrder,
    Suspension,
    Tightening,
    shipped_calendar,
    shipped_catalogue,
    shipped_rulebooks,
)
from traffic_booking.persistence.content_codec import calendar_of, catalogue_of, rulebook_of
from traffic_booking.persistence.contents import (
    Installable,
    data_of,
    digest_of,
    digests_of,
    text_digest,
    text_of,
    texts_of,
)

SHIPPED = Installable(shipped_rulebooks(), shipped_catalogue(), shipped_calendar())
TIGHTENING = Tightening(rule="BK-12", figures={"minutes": 600}, branch="north")
SUSPENSION = Suspension(
    service="renewal", from_day=date(2027, 1, 1), until_day=date(2027, 1, 2), reason=Bilingual("سبب", "reason")
)
BOOK = attrs.evolve(small_rulebook(), tightenings=(TIGHTENING,), suspensions=(SUSPENSION,))
WITH_RECORDS = attrs.evolve(
    shipped_calendar(), declared=tuple(each for each in RECORDS if isinstance(each, MonthStart | SpecialOrder))
)
VALUES = [
    BOOK,
    small_catalogue(pool="counters"),
    shipped_catalogue(),
    WITH_RECORDS,
    PLAIN,
    shipped_rulebooks().versions[0],
]

PERIOD = ((("field", "in_force_from"),), (("field", "in_force_until"),))
"""Of a version: in the text of the rulebook."""
MOST_WAYS = 60

Path = tuple[tuple[Any, Any], ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to each plain value that takes part in comparisons, without following a value twice."""
    if attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            if each.eq and each.name != "check":
                yield from leaves(getattr(value, each.name), (*path, ("field", each.name)))
    elif isinstance(value, Mapping):
        for name in value:
            yield from leaves(value[name], (*path, ("key", name)))
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, ("place", place)))
    else:
        yield path


def changed(value: Any, path: Path) -> Any:
    """A copy of `value`, made past its constructors, with another plain value at the end of `path`."""
    if not path:
        return other(value)
    (kind, name), *rest = path
    if kind == "field":
        copied = object.__new__(type(value))
        state = {each.name: getattr(value, each.name) for each in attrs.fields(type(value))}
        copied.__setstate__({**state, name: changed(state[name], tuple(rest))})
        return copied
    if kind == "key":
        return {**value, name: changed(value[name], tuple(rest))}
    return (*value[:name], changed(value[name], tuple(rest)), *value[name + 1 :])


def other(value: Any) -> Any:
    """A value of the same kind that differs a little."""
    if isinstance(value, Enum):
        return next(each for each in [*type(value), "another"] if each is not value)
    if isinstance(value, frozenset):
        return frozenset(list(value)[1:]) if value else frozenset({"another"})
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):
        return value + timedelta(days=1)
    return "something" if value is None else value + "." if isinstance(value, str) else value + 1


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_any_other_figure_name_text_or_time_has_another_digest(value):
    ways = [way for way in leaves(value) if not (isinstance(value, Rulebook) and way in PERIOD)]
    ways = ways[:: len(ways) // MOST_WAYS + 1]
    digest = digest_of(value)
    same = [way for way in ways if text_digest(text_of(changed(value, way))) == digest]

    assert ways
    assert not same


@given(data=st.data())
def test_members_in_another_order_have_another_digest(data):
    catalogue = small_catalogue()
    name = data.draw(st.sampled_from(["branches", "services", "governorates", "timetables"]))
    members = data.draw(st.permutations(getattr(catalogue, name)))
    moved = attrs.evolve(catalogue, **{name: members})

    assert (digest_of(moved) == digest_of(catalogue)) is (moved == catalogue)


@given(figures=st.permutations([("missed", 20), ("window_days", 1), ("days", 0)]))
def test_the_order_of_figures_and_of_sets_makes_no_difference(figures):
    assert text_of(small_rulebook(CD_02=dict(figures))) == text_of(small_rulebook())


def test_equal_values_have_one_text():
    for make in (shipped_catalogue, shipped_calendar, small_catalogue):
        assert text_of(attrs.evolve(make())) == text_of(make())
    point = attrs.evolve(small_catalogue().branches[0].location, latitude=0)
    minus = attrs.evolve(point, latitude=-0.0)
    assert point == minus
    assert text_of(point) == text_of(minus)


def test_the_digests_are_the_same_in_every_process():
    code = (
        "import traffic_booking as tb\n"
        "from traffic_booking.persistence.contents import *\n"
        "parts = Installable(tb.shipped_rulebooks(), tb.shipped_catalogue(), tb.shipped_calendar())\n"
        "print(sorted(digests_of(parts).values()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert found == {str(sorted(digests_of(SHIPPED).values()))}


def test_a_digest_is_that_of_the_text_and_is_kept_as_long_as_the_value_lives():
    texts = texts_of(SHIPPED)

    assert all(text_digest(text) == digest for digest, text in texts.items())
    assert set(digests_of(SHIPPED).values()) < set(texts)
    for serial in range(50):  # values that are gone: another one may have their place in memory
        assert digest_of(small_catalogue(capacity=serial + 1)) == text_digest(
            text_of(small_catalogue(capacity=serial + 1))
        )


def test_a_version_that_ends_has_the_digest_of_before():
    open_ended = attrs.evolve(BOOK, in_force_from=date(2026, 1, 1))
    ended = attrs.evolve(open_ended, in_force_until=date(2027, 1, 1))
    later = attrs.evolve(small_rulebook("2"), in_force_from=date(2027, 1, 1))
    one, other = (Installable(Rulebooks(each), small_catalogue(), PLAIN) for each in ((open_ended,), (ended, later)))

    assert digest_of(open_ended) == digest_of(ended)
    assert digests_of(one)["rulebook"] != digests_of(other)["rulebook"]


@pytest.mark.parametrize(
    "parts",
    [SHIPPED, Installable(Rulebooks((BOOK,)), small_catalogue(pool="counters"), WITH_RECORDS)],
    ids=["shipped", "own"],
)
def test_installed_texts_are_read_back_as_equal_values(parts):
    data = json.loads(json.dumps(data_of(parts)))

    assert rulebook_of(data["rulebook"]) == parts.rulebook
    assert catalogue_of(data["catalogue"]) == parts.catalogue
    assert calendar_of(data["calendar"]) == parts.calendar
