"""A new rule: the walkthrough adds one, and the tools name what it lacks."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tools import check_evidence, check_register, rules_off
from traffic_booking import InvalidCatalogue
from traffic_booking.domain.errors import Fault
from traffic_booking.domain.rules.rulebook import DEFINITIONS

HERE = Path(__file__).parents[2]


@pytest.mark.long
def test_the_steps_of_the_guide_add_a_rule_that_passes_every_check():
    script = HERE / "examples" / "walkthroughs" / "new_rule.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "off, shut, appointments-, appointments+" in done.stdout
    assert "NOT CAUGHT" not in done.stdout
    assert "A person's active appointments on one day, for all services together: at most 2." in done.stdout


def test_a_rule_without_evidence_is_told_which_tests_to_write_and_where():
    with_figures = next(one for one in DEFINITIONS if one.parameters)
    table, of_all = check_evidence.missing(evolve(with_figures, id="BK-99"), ())

    assert 'marked rule("BK-99", evidence="table") with 3 rows or more in tests/unit/rules/' in table
    assert 'marked rule("BK-99", evidence="property") in tests/unit/rules/' in of_all


def test_an_id_that_is_taken_is_refused_with_the_ids_in_use(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["check_evidence"])
    monkeypatch.setattr(check_evidence, "DEFINITIONS", (*DEFINITIONS, DEFINITIONS[0]))

    assert check_evidence.main() == 1
    assert capsys.readouterr().out.startswith(
        "two rules have the id BK-01; give the new one a free id, none of BK-01, "
    )


def test_a_rule_without_an_entry_in_the_rulebook_is_named_with_the_file(monkeypatch, capsys):
    def without_an_entry():
        fault = Fault(
            file="rulebook.toml", entry="BK-99", field="id", got="no entry", expected="one entry for each rule"
        )
        raise InvalidCatalogue([fault], kind="rulebook")

    monkeypatch.setattr(check_register, "shipped_rulebooks", without_an_entry)

    assert check_register.main() == 1
    shown = capsys.readouterr().out
    assert "rulebook.toml: BK-99: id: got no entry" in shown
    assert "mend src/traffic_booking/data/rulebook.toml" in shown


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("off", "turned off; expected a test of a case that it refuses"),
        ("shut", "turned shut; expected a test of a case that it grants"),
        ("days+", "turned days+; expected truth table rows at the limit and one step to either side"),
    ],
)
def test_a_change_that_no_test_notices_is_named_with_the_missing_test(capsys, turn, expected):
    bench = rules_off.Bench({}, frozenset({"BK-04"}))
    some_test: Any = object()
    bench.evidence["BK-04"] = [some_test]
    passed = rules_off.Result(None, 1, turn)
    caught = {each: rules_off.Result("test", 1, each) for each in ("off", "shut", "days+") if each != turn}
    bench.results = {rules_off.Turn("BK-04", each): result for each, result in {**caught, turn: passed}.items()}

    assert rules_off.report(bench) == 1
    assert expected in capsys.readouterr().out


def test_a_rule_that_no_test_is_evidence_for_is_named_once_with_the_marks(capsys):
    bench = rules_off.Bench({}, frozenset({"BK-04"}))
    bench.results = {rules_off.Turn("BK-04", turn): rules_off.Result(None, 0, turn) for turn in ("off", "shut")}

    assert rules_off.report(bench) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith(
        'BK-04: no test is evidence for it; mark its tests @pytest.mark.rule("BK-04", evidence="table")'
    )
