"""Adds a rule to a temporary copy of this tree, step by step, and runs its tests and the checks on it.

`.venv/bin/python examples/walkthroughs/new_rule.py` prints each step with its result. The steps, the
check, the entry of the rulebook and the tests are those of docs/how-to/add-a-rule.md; the rule gets the next free id.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

TREE: Final = Path(__file__).resolve().parents[2]
PAGE: Final = TREE / "docs" / "how-to" / "add-a-rule.md"
ID_OF_THE_PAGE: Final = "BK-17"
LEFT_OUT: Final = (".*_cache", ".git", ".hypothesis", ".venv", "__pycache__", "build", "dist")

CHECKS: Final = "src/traffic_booking/domain/rules/booking.py"
RULEBOOK: Final = "src/traffic_booking/data/rulebook.toml"
FIGURES: Final = "docs/reference/data-files.md"
TOWN: Final = "tests/small_town.py"
TOGETHER: Final = "tests/unit/rules/test_all_rules.py"
TESTS: Final = "tests/unit/rules/test_limit_of_a_day.py"
CHANGELOG: Final = "CHANGELOG.md"

IMPORTS: Final = (
    ("import datetime, timedelta", "import date, datetime, timedelta"),
    ("import TYPE_CHECKING, Final", "import TYPE_CHECKING, Final\nfrom zoneinfo import ZoneInfo"),
    ("import Bilingual\n", "import Bilingual\nfrom traffic_booking.domain.instants import LEGAL_TIME\n"),
)


@frozen
class Copy:
    """A copy of the tree, and the id of the rule that it gets."""

    folder: Path
    rule_id: str

    def insert(self, path: str, anchor: str, text: str, *, before: bool = False) -> str:
        """Put `text` behind the last line that matches `anchor`, or before it. Returns what was done."""
        file = self.folder / path
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        found = [number for number, line in enumerate(lines) if re.match(anchor, line)]
        if not found:
            raise SystemExit(f"{path}: no line matches {anchor!r}; mend the step in {Path(__file__).name}")
        lines.insert(found[-1] + (not before), self.named(text))
        file.write_text("".join(lines), encoding="utf-8")
        return f"changed {path}"

    def replace(self, path: str, old: str, new: str) -> str:
        """Replace the first `old` by `new`. Returns what was done."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{path}: no {old!r}; mend the step in {Path(__file__).name}")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return f"changed {path}"

    def write(self, path: str, text: str) -> str:
        """Write a new file. Returns what was done."""
        (self.folder / path).write_text(self.named(text), encoding="utf-8")
        return f"wrote {path}"

    def named(self, text: str) -> str:
        """The text with the id of this rule."""
        return text.replace(ID_OF_THE_PAGE, self.rule_id).replace(
            ID_OF_THE_PAGE.replace("-", "_"), self.rule_id.replace("-", "_")
        )

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Run a module of Python in the copy. Returns its output; ends the program on the other exit code."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder / "src"),
            "HYPOTHESIS_PROFILE": "brief",
            "PYTEST_ADDOPTS": "",
        }
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        output = (done.stdout + done.stderr).strip()
        if (done.returncode != 0) is not fails:
            raise SystemExit(f"python -m {' '.join(arguments)}: exit code {done.returncode}\n{output}")
        shown = f"python -m {' '.join(arguments)}"
        return f"{shown}\n{output}" if output else f"{shown}\n(no output: all is well)"


Step = tuple[str, Callable[[Copy], Iterator[str]]]


def check(copy: Copy) -> Iterator[str]:
    """The sentences, the figure with its bounds, and the check; then the imports that they need."""
    yield copy.insert(CHECKS, r"def fewer_than\(", example("@rule(") + "\n\n", before=True)
    for old, new in IMPORTS:
        yield copy.replace(CHECKS, old, new)
    yield copy.run("tools.check_register", fails=True)


def figures(copy: Copy) -> Iterator[str]:
    """The figure of the shipped rulebook and its day in force, of the tests' town, and in the reference."""
    yield copy.insert(RULEBOOK, r' +\{id="BK-', f"    {example('{id=')}")
    yield copy.insert(TOWN, r' +"BK-\d\d": \{', '    "BK-17": {"appointments": 20},\n')
    yield copy.insert(FIGURES, r"\| BK-\d\d \|", "| BK-17 | `appointments` | appointments | 1 | 20 | less |\n")


def evidence(copy: Copy) -> Iterator[str]:
    """The truth table and the property, and the rule among all others."""
    yield copy.run("tools.check_evidence", fails=True)
    yield copy.write(
        TESTS, f'"""BK-17 at its limit, one step to either side, and as a property."""\n\n{example("import pytest")}'
    )
    one_more = '            (appointment(5, starts_at=OPENING + 120 * MINUTE, service="other"), "BK-17"),\n'
    yield copy.insert(TOGETHER, r' +\(A_HOLD, "HD-01"\),', one_more)
    limit = '        "BK_17": {"appointments": 1 if "BK-17" in wanted else 20},\n'
    yield copy.insert(TOGETHER, r' +"BK_14": \{', limit)


def tests(copy: Copy) -> Iterator[str]:
    """Its tests, and those that every rule has to pass."""
    yield copy.run("pytest", "-q", "-p", "no:cacheprovider", TESTS, TOGETHER, "tests/unit/test_data_files_reference.py")


def turned_off(copy: Copy) -> Iterator[str]:
    """The evidence fails if the rule is off, shut, or one step stricter or looser."""
    yield copy.run("tools.rules_off", "--rule", copy.rule_id)


def register(copy: Copy) -> Iterator[str]:
    """The line of the changelog, and the pages that are generated."""
    yield copy.insert(
        CHANGELOG, r"- BK-\d\d to BK-\d\d", "- BK-17, booking and holding: two appointments on one day.\n"
    )
    yield copy.run("tools.check_register", "--write")


def signing(copy: Copy) -> Iterator[str]:
    """The signature, once the rule and its tests are read together."""
    yield copy.run("tools.check_evidence", "--sign", copy.rule_id)


def checks(copy: Copy) -> Iterator[str]:
    """The part of `make check` that reads rules."""
    yield copy.run("tools.check_register")
    yield copy.run("ruff", "check", "--quiet", "--no-cache", CHECKS, TESTS, TOGETHER, TOWN)
    yield copy.run("ruff", "format", "--quiet", "--no-cache", "--check", CHECKS, TESTS, TOGETHER, TOWN)
    yield copy.run("traffic_booking", "rules", "show", copy.rule_id)


STEPS: Final[tuple[Step, ...]] = (
    ("Write the check and its sentences", check),
    ("Give it its figures", figures),
    ("Write its evidence", evidence),
    ("Run the tests", tests),
    ("Turn the rule off", turned_off),
    ("Name it in the changelog, and write the register", register),
    ("Sign for it", signing),
    ("Run the checks", checks),
)


def example(beginning: str) -> str:
    """The example of the page that contains `beginning` at the start of a line, from there to its end."""
    for block in re.findall(r"(?ms)^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8")):
        if found := re.search(rf"(?ms)^{re.escape(beginning)}.*", block):
            return str(found[0])
    raise SystemExit(f"{PAGE.name}: no example has a line that begins with {beginning!r}")


def next_id(folder: Path) -> str:
    """The next free id of the family BK."""
    used = re.findall(r'"BK-(\d\d)"', (folder / CHECKS).read_text(encoding="utf-8"))
    return f"BK-{max(map(int, used)) + 1:02d}"


def main() -> int:
    """Exit code 0 after all steps; a step with another result than expected ends the program."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "tree")
        shutil.copytree(TREE, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        copy = Copy(folder, next_id(folder))
        print(f"A new rule, {copy.rule_id}, in a copy of the tree")
        for number, (title, step) in enumerate(STEPS, start=1):
            started = time.monotonic()
            print(f"\n{number}. {title}")
            for result in step(copy):
                print("\n".join(f"   {line}" for line in result.splitlines()))
            print(f"   ({time.monotonic() - started:.1f} s)", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
