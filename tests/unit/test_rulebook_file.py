import tomllib
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.data_folders import write_files
from traffic_booking import InvalidCatalogue, Rulebook
from traffic_booking.adapters.data_files import load_rulebook
from traffic_booking.domain.rules.rule import Status


def rulebook_table() -> dict[str, Any]:
    """The shipped rulebook as a table."""
    return tomllib.loads((files("traffic_booking") / "data" / "rulebook.toml").read_text(encoding="utf-8"))


def rule(table: dict[str, Any], rule_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in table["rules"] if entry["id"] == rule_id)
    return found


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
    (lambda t: t["rules"].insert(0, t["rules"].pop()), [("SI-02", "id")]),
    (lambda t: t["rules"].append({"id": "BK-99", "source": "x"}), [("BK-99", "id")]),
    (lambda t: t["rules"].append({"source": "x"}), [("rules[23]", "id")]),
    (lambda t: t["rules"].append([]), [("rules[23]", "id")]),
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
