"""The tests that are evidence for each rule, as pytest itself collects them."""

import contextlib
import io
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

MARKED: Final = "mark.rule("
"""A file without these words holds no evidence, and isn't collected."""


class Kind(StrEnum):
    """The kind of evidence that a test is; `SUPPORT` is a test that is neither a truth table nor a property."""

    TABLE = "table"
    PROPERTY = "property"
    SUPPORT = "support"


@frozen(kw_only=True)
class Evidence:
    """One test that has a rule's id: `node` without its parameters, and how many of its `cases` have the id."""

    node: str
    kind: Kind
    cases: int
    by_hypothesis: bool


@frozen(kw_only=True)
class Marked:
    """A collected test with one of its marks."""

    item: pytest.Item
    rule_id: str
    kind: Kind

    @property
    def node(self) -> str:
        """The test's id without its parameters."""
        return self.item.nodeid.split("[")[0]


def marked(items: list[pytest.Item]) -> list[Marked]:
    """Every mark of every test. A mark of the function and the same mark of one of its rows count once."""
    found = {
        (item.nodeid, rule_id, Kind(marker.kwargs.get("evidence", Kind.SUPPORT))): item
        for item in items
        for marker in item.iter_markers("rule")
        for rule_id in marker.args
    }
    return [Marked(item=item, rule_id=rule_id, kind=kind) for (_, rule_id, kind), item in found.items()]


def marked_files(words: str = MARKED) -> list[str]:
    """The test files that contain `words`."""
    return sorted(str(path) for path in Path("tests").rglob("test_*.py") if words in path.read_text(encoding="utf-8"))


def collected() -> Mapping[str, tuple[Evidence, ...]]:
    """The evidence of each rule that has some, by node. Ends the program if the tests can't be collected."""
    collector = _Collector()
    os.environ.pop("PYTEST_ADDOPTS", None)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *marked_files()], [collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(
            f"{output.getvalue()}\nThe tests can't be collected. Mend the errors above, then repeat the command."
        )
    return _by_rule(collector.marked)


class _Collector:
    def __init__(self) -> None:
        self.marked: list[Marked] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.marked = marked(session.items)


def _by_rule(found: list[Marked]) -> Mapping[str, tuple[Evidence, ...]]:
    cases = Counter((one.rule_id, one.node, one.kind) for one in found)
    proper = {one.node for one in found if getattr(getattr(one.item, "obj", None), "is_hypothesis_test", False)}
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for (rule_id, node, kind), count in sorted(cases.items()):
        evidence[rule_id].append(Evidence(node=node, kind=kind, cases=count, by_hypothesis=node in proper))
    return {rule_id: tuple(entries) for rule_id, entries in evidence.items()}
