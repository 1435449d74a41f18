"""The shell's output about rules: one by itself, two versions side by side, and the machine form by its schema."""

import json
import tomllib
from importlib.resources import files

import fastjsonschema
import pytest

from tests.data_folders import write_files
from traffic_booking import shipped_rulebook
from traffic_booking.domain.rules.rulebook import DEFINITIONS

SHIPPED = shipped_rulebook()
DATA = files("traffic_booking") / "data"


@pytest.fixture(scope="module")
def valid():
    """Checks a form against the shipped schema, and returns the form."""
    return fastjsonschema.compile(json.loads((DATA / "rules.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def own(tmp_path):
    """A file with a later version: one figure stricter, one rule that ends, a branch with its own figure, a stop."""
    table = tomllib.loads((DATA / "rulebook.toml").read_text(encoding="utf-8"))
    table["version"] = "own-2"
    by_id = {rule["id"]: rule for rule in table["rules"]}
    by_id["BK-04"]["figures"]["days"] = 30
    by_id["BK-09"]["in_force_until"] = table["in_force_from"]
    by_id["BK-09"]["in_force_from"] = table["in_force_from"].replace(year=2020)
    by_id["AT-01"]["status"] = "published"
    table["tighten"] = [{"rule": "BK-04", "branch": "riyadh-traffic", "figures": {"days": 7}}]
    table["suspend"] = [
        {
            "service": "licence-renewal",
            "from_day": table["in_force_from"],
            "until_day": table["in_force_from"].replace(year=2030),
            "reason": {"ar": "صيانة", "en": "works"},
        }
    ]
    return str(write_files(tmp_path, {"own.toml": table}) / "own.toml")


def test_the_output_of_rules_is_valid_for_any_rulebook(shell, valid, own):
    form = valid(shell("rules", "--json").form)
    assert (form["version"], form["tightenings"], form["suspensions"]) == (SHIPPED.version, [], [])
    assert [rule["id"] for rule in form["rules"]] == [definition.id for definition in DEFINITIONS]
    other = valid(shell("rules", "--rulebook", own, "--json").form)
    assert other["version"] == "own-2"
    assert other["tightenings"][0]["figures"] == {"days": 7}
    assert other["suspensions"][0]["reason"]["en"] == "works"


@pytest.mark.parametrize("rule_id", [definition.id for definition in DEFINITIONS])
def test_a_rule_is_shown_with_everything_about_it(shell, valid, rule_id):
    rule = SHIPPED[rule_id]
    english, arabic = shell("rules", "show", rule_id), shell("rules", "show", rule_id, "--language", "ar")
    form = valid(shell("rules", "show", rule_id, "--json").form)

    assert (english.code, arabic.code) == (0, 0)
    assert rule.statement("en") in english.out
    assert rule.statement("ar") in arabic.out
    assert rule.source.en in english.out
    assert f"{rule.definition.check.__module__.removeprefix('traffic_booking.')}." in english.out
    for parameter in rule.definition.parameters:
        assert f"{rule[parameter.name]} ({parameter.least} to {parameter.greatest}; " in english.out
    assert ("Nothing is decided" in english.out) is rule.definition.indispensable
    assert form["rule"]["id"] == rule_id
    assert form["rule"]["figures"] == dict(rule.figures)
    assert [p["value"] for p in form["rule"]["parameters"]] == list(rule.figures.values())
    for use in rule.definition.uses:
        assert use.value in form["rule"]["uses"]


def test_a_rule_of_another_rulebook_is_shown_with_where_it_is_stricter(shell, own):
    shown = shell("rules", "show", "bk-04", "--rulebook", f"{own}@own-2").out

    assert "30 days" in shown
    assert "days 7" in shown
    assert "Riyadh traffic branch (synthetic)" in shown


def test_versions_are_compared_and_each_figure_has_the_direction_of_its_change(shell, valid, own):
    there = valid(shell("rules", "diff", SHIPPED.version, own, "--json").form)
    back = valid(shell("rules", "diff", own, SHIPPED.version, "--json").form)

    assert [(entry["id"], entry["kind"]) for entry in there["rules"]] == [
        ("BK-04", "changed"),
        ("BK-09", "removed"),
        ("AT-01", "changed"),
    ]
    assert there["rules"][0]["changes"] == [{"field": "days", "before": 60, "after": 30, "way": "stricter"}]
    assert there["rules"][0]["after"]["en"] == "A slot can be booked from 30 days before it starts."
    assert there["rules"][2]["changes"][0]["field"] == "status"
    assert [entry["kind"] for entry in back["rules"]] == ["changed", "added", "changed"]
    assert back["rules"][0]["changes"][0]["way"] == "looser"
    for kind in ("tightenings", "suspensions"):
        assert there[kind]["added"] == back[kind]["removed"] != []
        assert there[kind]["removed"] == back[kind]["added"] == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ("BK-04", "stricter", "removed", "published", "tightening", "suspension", "30 days")),
        ("ar", ("BK-04", "أشد", "أُزيلت", "تشديد", "إيقاف خدمة", "30 يومًا")),
    ],
)
def test_differences_are_shown_in_both_languages(shell, own, language, expected):
    there = shell("rules", "diff", SHIPPED.version, own, "--language", language)
    back = shell("rules", "diff", own, SHIPPED.version, "--language", language)

    assert (there.code, back.code) == (0, 0)
    for words in expected:
        assert words in there.out


def test_a_version_does_not_differ_from_itself(shell):
    same = (SHIPPED.version, SHIPPED.version)

    assert "The rules of both versions are the same." in shell("rules", "diff", *same).out
    assert shell("rules", "diff", *same, "--json").form["rules"] == []


def test_the_schema_is_printed_and_refuses_what_is_not_ours(shell, valid):
    assert shell("rules", "schema").form == shell("rules", "schema", "--json").form
    form = shell("rules", "show", "BK-04", "--json").form
    nothing: dict[str, object] = {}
    for broken in (
        nothing,
        form | {"in_force_from": "soon"},
        form | {"rule": form["rule"] | {"status": "certain"}},
        form | {"rule": {name: value for name, value in form["rule"].items() if name != "source"}},
    ):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            valid(broken)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("show", "BK-99"), "There is no rule 'BK-99'. There are: BK-01, "),
        (("show",), "Expected: a value"),
        (("diff", "2026-11-22"), "Expected: a value"),
        (("diff", "2026-11-22", "1999"), "There is no rulebook version '1999'. There are: "),
        (("show", "BK-04", "--rulebook", "none.toml"), "none.toml"),
        (("show", "1000000008"), "a person id"),
    ],
)
def test_misuse_names_what_was_expected(shell, command, expected):
    answer = shell("rules", *command)

    assert answer.code == 2
    assert expected in answer.err
    assert "1000000008" not in answer.err
