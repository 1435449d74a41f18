"""The register: made from the values, in both languages, with the history of each rule."""

from datetime import date

import pytest
from attrs import evolve as copy_with

from tests.small_town import small_rulebook
from tools.register_page import Register
from tools.rule_evidence import Evidence, Kind
from traffic_booking import Rulebooks
from traffic_booking.domain.rules.rule import Use
from traffic_booking.domain.rules.rulebook import DEFINITIONS

CHANGELOG = """\
# Changelog

## [Unreleased]

### Rules

- Cancelling (CN-03): later.

### Added

- BK-09 is mentioned here as no rule of this release.

## [0.2.0]

### Rules

- Booking (BK-01 to BK-04).
"""
TABLE = Evidence(node="tests/test_a.py::test_table", kind=Kind.TABLE, cases=3, by_hypothesis=False)


def version(name, from_, until=None, **figures):
    return copy_with(small_rulebook(name, **figures), in_force_from=from_, in_force_until=until)


@pytest.fixture
def register():
    books = (
        version("one", date(2026, 1, 1), date(2027, 1, 1)),
        version("two", date(2027, 1, 1), BK_04={"days": 30}),
    )
    return Register(rulebooks=Rulebooks(books), evidence={"BK-04": (TABLE,)}, changelog=CHANGELOG)


def part(page, rule_id):
    return page.split(f"\n### {rule_id}\n")[1].split("\n### ")[0]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_rule_stands_in_both_registers_and_in_the_table_of_each_use(register, language):
    page = register.page(language)

    for rule in register.rulebook.rules:
        assert rule.statement(language) in part(page, rule.id)
        assert page.count(f"| [{rule.id}](#{rule.id.lower()}) |") == len(rule.definition.uses)
    for use in Use:
        heard = [definition.id for definition in DEFINITIONS if use in definition.uses]
        assert all(f"| {order} | [{rule_id}](" in page for order, rule_id in enumerate(heard, start=1))


def test_a_rule_tells_its_figures_its_code_its_tests_and_its_history(register):
    told = part(register.page("en"), "BK-04")

    assert "`days`: 30 days (1 to 366; less is stricter)" in told
    assert "`_within_horizon` in `src/traffic_booking/domain/rules/booking.py`" in told
    assert "| truth tables | `tests/test_a.py::test_table` |" in told
    assert "one from 2026-01-01: the first<br>two from 2027-01-01: days 60 → 30 (stricter)" in told
    assert "two from" not in part(register.page("en"), "BK-03")


@pytest.mark.parametrize(
    ("rule_id", "releases"),
    [("CN-03", ["Unreleased"]), ("BK-01", ["0.2.0"]), ("BK-03", ["0.2.0"]), ("BK-05", []), ("BK-09", [])],
)
def test_a_release_is_named_where_its_rules_name_the_rule(register, rule_id, releases):
    assert register.releases(rule_id) == releases
