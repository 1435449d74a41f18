"""A new rule: the walkthrough adds one, and the tools name what it lacks."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tools import check_evidence, check_register, rule_texts, rules_off
from traffic_booking import InvalidCatalogue
from traffic_booking.domain.appointments import appointment, person_state
from traffic_booking.domain.decisions import booking, cancelling, recording
from traffic_booking.domain.errors import Fault
from traffic_booking.domain.places import services
from traffic_booking.domain.rules import cases, verdict
from traffic_booking.domain.rules.rulebook import DEFINITIONS

HERE = Path(__file__).parents[2]


@pytest.mark.long
def test_the_steps_of_the_guide_add_a_rule_that_passes_every_check():
    script = HERE / "examples" / "walkthroughs" / "new_rule.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "off, shut, appointments-, appointments+" in done.stdout
    assert "NOT CAUGHT" not in done.stdout
    assert "On one day, a person has at most 2 appointments, for all services together." in done.stdout


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


@pytest.fixture
def edited(monkeypatch):
    """Edits the source of a module, as the tool reads it."""
    caches = (rule_texts._tree, rule_texts._function, rule_texts._methods)

    def edit(module, old, new):
        text = rule_texts._text
        assert old in text(module)
        monkeypatch.setattr(
            rule_texts, "_text", lambda one: text(one).replace(old, new) if one is module else text(one)
        )
        for each in caches:
            each.cache_clear()

    yield edit
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


@pytest.mark.long
@pytest.mark.parametrize(
    ("module", "old", "new", "unsigned", "signed"),
    [
        (appointment, "state is _BOOKED or state is _CHECKED_IN", "state is _BOOKED", "BK-07", "AT-03"),
        (recording, "elif not appointment.is_active(now)", "elif appointment.is_active(now)", "BK-09", "CN-03"),
        (booking, "one.state in MISSED and not", "not", "CD-02", "CN-03"),
        (booking, "if freed or seats_taken is None", "if seats_taken is None", "BK-05", "CL-01"),
        (cancelling, "() if rule.is_off else", "", "CN-04", "AT-04"),
        (services, "bool(self.prerequisites) or not", "not", "EL-04", "BK-07"),
        (cases, "or not _may_see(self.actor", "or _may_see(self.actor", "CN-01", "BK-03"),
        (person_state, "if state is _CHECKED_IN", "if state is _HELD", "BK-08", "CN-02"),
        (verdict, "    if is_kept:\n", "    if not is_kept:\n", "AT-04", "AT-01"),
    ],
)
def test_a_change_of_what_a_check_uses_makes_its_rule_unsigned(edited, module, old, new, unsigned, signed):
    def checks():
        known = {each.id: each for each in DEFINITIONS}
        return [rule_texts.signature(known[rule_id], ()).check for rule_id in (unsigned, signed)]

    before = checks()
    edited(module, old, new)
    after = checks()

    assert after[0] != before[0]
    assert after[1] == before[1]


def test_a_change_of_a_refusal_or_of_the_precedence_makes_its_rule_unsigned():
    rule = next(one for one in DEFINITIONS if one.id == "EL-01")
    signed = rule_texts.signature(rule, ())

    for part, change in (
        ("sentences", {"refusal": rule.statement}),
        ("sentences", {"unmeasured": None}),
        ("figures", {"after": ()}),
    ):
        assert signed.differing(rule_texts.signature(evolve(rule, **change), ())) == (part,)
