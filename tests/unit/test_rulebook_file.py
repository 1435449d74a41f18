import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.data_folders import write_files
from tests.small_town import small_catalogue
from traffic_booking import InvalidCatalogue, Rulebook
from traffic_booking.adapters.data_files import load_rulebook, load_rulebooks
from traffic_booking.domain.rules.rule import Status
from traffic_booking.domain.rules.rulebook import DEFINITIONS


def rulebook_table() -> dict[str, Any]:
    """The shipped rulebook as a table."""
    return tomllib.loads((files("traffic_booking") / "data" / "rulebook.toml").read_text(encoding="utf-8"))


def rule(table: dict[str, Any], rule_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in table["rules"] if entry["id"] == rule_id)
    return found


BEHIND_THE_LAST = f"rules[{len(DEFINITIONS) + 1}]"

RULEBOOK_DAMAGES = [
    (lambda t: t.pop("version"), [("top level", "version")]),
    (lambda t: t.update(version=1), [("top level", "version")]),
    (lambda t: t.update(version="x" * 41), [("top level", "version")]),
    (lambda t: t.pop("in_force_from"), [("top level", "in_force_from")]),
    (lambda t: t.update(in_force_from="2026-01-01"), [("top level", "in_force_from")]),
    (lambda t: t.update(in_force_from=date(1, 1, 1)), [("top level", "in_force_from")]),
    (lambda t: t.update(status="certain"), [("top level", "status")]),
    (lambda t: t.update(statuses="law"), [("top level", "statuses")]),
    (lambda t: t.pop("rules"), [("top level", "rules")]),
    (lambda t: t.pop("provenance"), [("provenance", "entry")]),
    (lambda t: t["rules"].remove(rule(t, "BK-05")), [("BK-05", "id")]),
    (lambda t: t["rules"].append(rule(t, "BK-05")), [("BK-05", "id")]),
    (lambda t: t["rules"].insert(0, t["rules"].pop()), [("SI-06", "id")]),
    (lambda t: t["rules"].append({"id": "BK-99", "source": "x"}), [("BK-99", "id")]),
    (lambda t: t["rules"].append({"source": "x"}), [(BEHIND_THE_LAST, "id")]),
    (lambda t: t["rules"].append([]), [(BEHIND_THE_LAST, "id")]),
    (lambda t: rule(t, "BK-01").pop("source"), [("BK-01", "source")]),
    (lambda t: rule(t, "BK-01").update(figures={"days": 1}), [("BK-01", "figures.days")]),
    (lambda t: rule(t, "BK-01").update(statement="x"), [("BK-01", "statement")]),
    (lambda t: rule(t, "BK-04").pop("figures"), [("BK-04", "figures")]),
    (lambda t: rule(t, "BK-04").update(figures={}), [("BK-04", "figures.days")]),
    (lambda t: rule(t, "BK-04").update(figures={"day": 60}), [("BK-04", "figures.day"), ("BK-04", "figures.days")]),
    (lambda t: rule(t, "BK-04").update(figures={"days": 0}), [("BK-04", "figures.days")]),
    (lambda t: rule(t, "BK-04").update(figures={"days": 367}), [("BK-04", "figures.days")]),
    (lambda t: rule(t, "BK-04").update(figures={"days": True}), [("BK-04", "figures.days")]),
    (
        lambda t: rule(t, "HD-01").update(figures={"holds": 0, "minutes": 10_000}),
        [("HD-01", "figures.holds"), ("HD-01", "figures.minutes")],
    ),
    (
        lambda t: (t.update(in_force_until=date(2025, 1, 1)), rule(t, "BK-04").update(figures={"days": 0})),
        [("top level", "in_force_until"), ("BK-04", "figures.days")],
    ),
    (lambda t: rule(t, "BK-05").update(in_force_until=date(2027, 1, 1)), [("BK-05", "in_force_until")]),
    (lambda t: rule(t, "CN-01").update(in_force_from=date(2027, 1, 1)), [("CN-01", "in_force_from")]),
    (
        lambda t: (t.update(in_force_until=date(2028, 1, 1)), rule(t, "MV-01").update(in_force_until=date(2027, 1, 1))),
        [("MV-01", "in_force_until")],
    ),
    (lambda t: rule(t, "BK-04").update(status="rumour"), [("BK-04", "status")]),
    (lambda t: rule(t, "BK-04").update(in_force_until=date(2026, 1, 1)), [("BK-04", "in_force_until")]),
    (
        lambda t: (t.pop("version"), t["rules"].remove(rule(t, "BK-05")), rule(t, "BK-04").update(figures={"days": 0})),
        [("top level", "version"), ("BK-04", "figures.days"), ("BK-05", "id")],
    ),
]


def load(folder: Path, table: dict[str, Any]) -> Rulebook:
    return load_rulebook(write_files(folder, {"own.toml": table}) / "own.toml")


def test_a_rule_may_have_a_status_and_days_in_force_of_its_own(tmp_path):
    table = rulebook_table()
    rule(table, "BK-04").update(
        figures={"days": 30}, status="published", in_force_from=date(2027, 1, 1), in_force_until=date(2028, 1, 1)
    )
    rule(table, "BK-05").update(figures={})
    rulebook = load(tmp_path, table)
    changed = rulebook["BK-04"]
    assert (changed["days"], changed.status) == (30, Status.PUBLISHED)
    assert not changed.in_force(datetime(2026, 12, 31, 20, 59, tzinfo=UTC))
    assert changed.in_force(datetime(2026, 12, 31, 21, 0, tzinfo=UTC))
    assert not changed.in_force(datetime(2027, 12, 31, 21, 0, tzinfo=UTC))
    assert rulebook["BK-05"] == load_rulebook()["BK-05"]
    assert rulebook["BK-05"].in_force_from == date(2026, 1, 1)


@pytest.mark.parametrize(("damage", "expected"), RULEBOOK_DAMAGES, ids=range(len(RULEBOOK_DAMAGES)))
def test_each_fault_is_reported_with_its_rule_and_field(tmp_path, damage, expected):
    table = rulebook_table()
    damage(table)
    with pytest.raises(InvalidCatalogue) as caught:
        load(tmp_path, table)
    assert [(fault.file, fault.entry, fault.field) for fault in caught.value.faults] == [
        ("own.toml", *place) for place in expected
    ]


def test_a_missing_file_is_a_fault(tmp_path):
    with pytest.raises(InvalidCatalogue, match=r"own\.toml: top level: file: got no regular file"):
        load_rulebook(tmp_path / "own.toml")


def test_a_mistake_in_the_toml_is_a_fault(tmp_path):
    (tmp_path / "own.toml").write_text("version")
    with pytest.raises(InvalidCatalogue, match=r"own\.toml: top level: "):
        load_rulebook(tmp_path / "own.toml")


def two_versions() -> dict[str, Any]:
    """The shipped rulebook until 2027, and another from then on."""
    first = rulebook_table()
    second = {**rulebook_table(), "version": "2027", "in_force_from": date(2027, 1, 1)}
    provenance = first.pop("provenance")
    del second["provenance"]
    return {"versions": [{**first, "in_force_until": date(2027, 1, 1)}, second], "provenance": provenance}


TIGHTENINGS = [
    {"rule": "BK-04", "branch": "north", "figures": {"days": 7}},
    {"rule": "HD-01", "service": "renewal", "branch": "south", "figures": {"minutes": 5}},
]
SUSPENSION = {
    "service": "renewal",
    "from_day": date(2027, 1, 3),
    "until_day": date(2027, 1, 5),
    "reason": {"ar": "صيانة", "en": "maintenance"},
}


def test_a_file_holds_several_versions_with_their_tightenings_and_suspensions(tmp_path):
    table = two_versions()
    rule(table["versions"][1], "BK-04")["figures"] = {"days": 30}
    table["versions"][1] |= {"tighten": TIGHTENINGS, "suspend": [SUSPENSION, {**SUSPENSION, "branch": "south"}]}
    path = write_files(tmp_path, {"own.toml": table}) / "own.toml"

    books = load_rulebooks(path, catalogue=small_catalogue())

    first, second = books.versions
    assert (first.version, first["BK-04"]["days"]) == ("2026-11-22", 60)
    assert (second.version, second["BK-04"]["days"]) == ("2027", 30)
    assert books.at(datetime(2026, 12, 31, 21, 0, tzinfo=UTC)) == second
    assert [(one.rule, one.service, one.branch, dict(one.figures)) for one in second.tightenings] == [
        ("BK-04", None, "north", {"days": 7}),
        ("HD-01", "renewal", "south", {"minutes": 5}),
    ]
    assert [(one.branch, one.from_day, one.reason.en) for one in second.suspensions] == [
        (None, date(2027, 1, 3), "maintenance"),
        ("south", date(2027, 1, 3), "maintenance"),
    ]
    assert load_rulebook(path) == second


VERSION_DAMAGES = [
    (lambda t: t.update(versions=[]), [("versions", "versions")]),
    (lambda t: t.update(versions={}), [("top level", "versions")]),
    (lambda t: t.update(versions=[1]), [("top level", "versions[1]")]),
    (lambda t: t.update(rules=[]), [("top level", "rules")]),
    (lambda t: t["versions"][0].pop("in_force_until"), [("2026-11-22", "in_force_until")]),
    (lambda t: t["versions"][0].update(in_force_until=date(2026, 12, 1)), [("2027", "in_force_from")]),
    (lambda t: t["versions"][0].update(in_force_until=date(2027, 2, 1)), [("2027", "in_force_from")]),
    (lambda t: t["versions"][0].update(in_force_until="soon"), [("2026-11-22", "in_force_until")]),
    (lambda t: t["versions"][1].update(in_force_until=date(2027, 1, 1)), [("2027", "in_force_until")]),
    (lambda t: t["versions"][1].update(version="2026-11-22"), [("2026-11-22", "version")]),
    (lambda t: t["versions"][1].update(provenance={}), [("2027", "provenance")]),
    (lambda t: t["versions"][1].pop("version"), [("versions[2]", "version")]),
    (
        lambda t: (
            t["versions"][0].update(in_force_until=date(2026, 12, 1)),
            rule(t["versions"][0], "BK-04").update(figures={"days": 0}),
            t["versions"][1]["rules"].remove(rule(t["versions"][1], "BK-05")),
            t["versions"][1].update(tighten=[{"rule": "XX-01"}]),
        ),
        [
            ("2026-11-22: BK-04", "figures.days"),
            ("2027: BK-05", "id"),
            ("2027", "tighten[1].rule"),
            ("2027", "in_force_from"),
        ],
    ),
]


@pytest.mark.parametrize(("damage", "expected"), VERSION_DAMAGES, ids=range(len(VERSION_DAMAGES)))
def test_all_faults_of_all_versions_are_reported_at_once(tmp_path, damage, expected):
    table = two_versions()
    damage(table)
    with pytest.raises(InvalidCatalogue) as caught:
        load(tmp_path, table)
    assert [(fault.file, fault.entry, fault.field) for fault in caught.value.faults] == [
        ("own.toml", *place) for place in expected
    ]


ENTRY_DAMAGES = [
    ({"tighten": {}}, ["tighten"]),
    ({"tighten": [[]]}, ["tighten[1].rule"]),
    ({"tighten": [{**TIGHTENINGS[0], "figures": {"days": 61}}]}, ["tighten[1].figures.days"]),
    ({"tighten": [{**TIGHTENINGS[0], "figures": {"days": 0}}]}, ["tighten[1].figures.days"]),
    ({"tighten": [{**TIGHTENINGS[0], "figures": {"weeks": 1}}]}, ["tighten[1].figures.weeks"]),
    ({"tighten": [{**TIGHTENINGS[0], "figures": {}}]}, ["tighten[1].figures"]),
    ({"tighten": [{"rule": "BK-04", "figures": {"days": 1}}]}, ["tighten[1].service, branch"]),
    ({"tighten": [TIGHTENINGS[0], {**TIGHTENINGS[1], "branch": "west"}]}, ["tighten[2].branch"]),
    ({"tighten": [{**TIGHTENINGS[1], "service": "nothing"}]}, ["tighten[1].service"]),
    ({"tighten": [{**TIGHTENINGS[1], "service": 1}]}, ["tighten[1].service"]),
    ({"suspend": [{**SUSPENSION, "service": "nothing"}]}, ["suspend[1].service"]),
    ({"suspend": [{**SUSPENSION, "branch": "west"}]}, ["suspend[1].branch"]),
    ({"suspend": [{**SUSPENSION, "until_day": date(2027, 1, 3)}]}, ["suspend[1].until_day"]),
    ({"suspend": [{"service": "renewal"}]}, ["suspend[1].from_day", "suspend[1].until_day", "suspend[1].reason"]),
]


@pytest.mark.parametrize(("parts", "expected"), ENTRY_DAMAGES, ids=range(len(ENTRY_DAMAGES)))
def test_a_tightening_that_loosens_and_names_that_lead_nowhere_are_faults(tmp_path, parts, expected):
    path = write_files(tmp_path, {"own.toml": rulebook_table() | parts}) / "own.toml"
    with pytest.raises(InvalidCatalogue) as caught:
        load_rulebooks(path, catalogue=small_catalogue())
    assert [(fault.entry, fault.field) for fault in caught.value.faults] == [("top level", field) for field in expected]


def test_a_tightening_of_a_rule_with_faults_is_read_within_the_bounds(tmp_path):
    table = rulebook_table() | {"tighten": [{**TIGHTENINGS[0], "figures": {"days": 400}}]}
    rule(table, "BK-04")["figures"] = {"days": 0}
    with pytest.raises(InvalidCatalogue) as caught:
        load(tmp_path, table)
    assert [fault.field for fault in caught.value.faults] == ["figures.days", "tighten[1].figures.days"]


def test_without_a_catalogue_names_are_taken_as_they_are(tmp_path):
    table = rulebook_table() | {"tighten": [{**TIGHTENINGS[0], "branch": "elsewhere"}]}
    assert load(tmp_path, table).tightenings[0].branch == "elsewhere"
