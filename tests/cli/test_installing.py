"""The command that installs a rulebook or a catalogue, and the rules that a store has installed."""

import json
from importlib.resources import as_file, files
from shutil import copytree

import pytest

from tests.cli.conftest import CANARY

STAFF = ("--clerk", "rules-office", "--reason", "Circular 12")
SLOT = ("slots", "--service", "licence-renewal", "--limit", "1")


@pytest.fixture
def ours(tmp_path):
    """A folder with the shipped data, in which one figure is stricter under a new name."""
    with as_file(files("traffic_booking") / "data") as shipped:
        copytree(shipped, tmp_path / "ours")
    rulebook = tmp_path / "ours" / "rulebook.toml"
    text = rulebook.read_text(encoding="utf-8")
    for old, new in (('version = "2026-11-22"', 'version = "ours-1"'), ("figures={days=60}", "figures={days=30}")):
        assert old in text
        text = text.replace(old, new)
    rulebook.write_text(text, encoding="utf-8")
    return tmp_path / "ours"


def test_a_rulebook_is_installed_and_the_shell_uses_it(shell, ours):
    assert shell(*SLOT).code == 0  # the first desk installs the shipped parts

    planned = shell("install", "--rulebook", str(ours / "rulebook.toml"), *STAFF, "--dry-run")
    assert "BK-04" in planned.out
    assert "Nothing was installed" in planned.out
    done = shell("install", "--rulebook", str(ours / "rulebook.toml"), *STAFF)
    assert (done.code, "Installed." in done.out, "rules-office" in done.out) == (0, True, True)
    again = json.loads(shell("install", "--rulebook", str(ours / "rulebook.toml"), *STAFF, "--json").out)
    assert again["outcome"] == "already-installed"

    assert shell(*SLOT).code == 0
    assert json.loads(shell("health", "--json").out)["rulebook"] == "ours-1"
    back = json.loads(shell("install", "--shipped", *STAFF, "--json").out)
    assert (back["outcome"], back["installed"]["number"]) == ("installed", 3)
    versions = shell("audit", "rulebooks", "--auditor", "auditor-1", "--json").form["versions"]
    assert [each["version"] for each in versions] == ["2026-11-22", "ours-1", "2026-11-22"]
    assert [each["installed_at"] for each in versions] == sorted(each["installed_at"] for each in versions)


def test_decisions_under_a_replaced_version_are_explained_audited_and_exported(shell, ours, tmp_path):
    book = ("book", "--service", "licence-renewal", "--first", "--applicant", CANARY.reveal(), "--agree", "--json")
    number = shell(*book).form["appointment"]["number"]
    url, key = f"sqlite:///{tmp_path / 'bookings.db'}", str(tmp_path / "log.key")
    sealing = ("--db", url, "--log", str(tmp_path / "log"), "--key", key)
    assert shell("install", "--rulebook", str(ours / "rulebook.toml"), *STAFF).code == 0

    shown = shell("explain", number, "--applicant", CANARY.reveal())
    assert (shown.code, "2026-11-22" in shown.out) == (0, True)
    assert shell("seal", *sealing).code == 0
    audited = shell("audit", *sealing[:-1], f"{key}.pub", "--json")
    assert (audited.code, audited.form["unknown_versions"]) == (0, [])
    out = tmp_path / "case"
    assert shell("audit", "export", *sealing, "--number", number, "--out", str(out), "--auditor", "auditor-1").code == 0
    assert "rulebook 2026-11-22" in next(out.glob("rules/*.txt")).read_text(encoding="utf-8")


def test_a_version_of_one_name_with_other_figures_is_misuse(shell, ours):
    shell(*SLOT)
    file = ours / "rulebook.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"ours-1"', '"2026-11-22"'), encoding="utf-8")

    refused = shell("install", "--rulebook", str(file), *STAFF)

    assert refused.code == 2
    assert "rules[BK-04].figures.days" in refused.err


def test_the_rules_of_a_store_show_since_when_and_by_whom(shell, ours, tmp_path):
    shell(*SLOT)
    shell("install", "--rulebook", str(ours / "rulebook.toml"), *STAFF)
    url = f"sqlite:///{tmp_path / 'bookings.db'}"

    listed = shell("rules", "--db", url, "--json").form
    assert listed["version"] == "ours-1"
    numbers = {rule: each["number"] for rule, each in listed["installed"].items()}
    assert (numbers["BK-04"], numbers["BK-07"]) == (2, 1)
    shown = shell("rules", "--db", url).out
    assert "rules-office" in shown
    assert "installed" in shown
    assert "installed" not in shell("rules", "--json").form


def test_a_new_store_gets_a_catalogue_before_its_first_desk(shell, ours):
    made = json.loads(shell("install", "--catalogue", str(ours), "--shipped", *STAFF, "--json").out)

    assert made["installed"]["number"] == 1
    assert made["installed"]["by"] == {"kind": "clerk", "id": "rules-office"}
    assert shell(*SLOT).code == 0
