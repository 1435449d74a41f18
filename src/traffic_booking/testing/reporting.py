"""A pytest plugin that reports on adapters: a table in the terminal, and a JSON file if one is wanted.

Load it in the `conftest.py` at the root of the tests: `pytest_plugins = ["traffic_booking.testing.reporting"]`. It adds
the option `--conformance-report=PATH`, works under pytest-xdist, and fails a run in which a case of a suite was skipped
or expected to fail without a reason in the suite's `left_out`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field

from traffic_booking.testing.kit.suite import REPLACED, Suite, check, manifest_of

PASSED: Final = "passed"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
NOT_RUN: Final = "not run"
_WORST_LAST: Final = (PASSED, SKIPPED, FAILED)


@define
class CaseReport:
    """The result of one case: the worst outcome of its parameters, and the reason if it was not run."""

    outcome: str = NOT_RUN
    reason: str = ""

    def note(self, outcome: str, reason: str) -> None:
        """Add the outcome of one of its parameters."""
        if self.outcome == NOT_RUN or _WORST_LAST.index(outcome) > _WORST_LAST.index(self.outcome):
            self.outcome, self.reason = outcome, reason


@define
class SuiteReport:
    """The result of one suite. `manifest` has its statements, see `suite.manifest_of`."""

    suite: str
    manifest: dict[str, Any] = field(factory=lambda: {"cases": {}})
    cases: dict[str, CaseReport] = field(factory=dict)

    def statuses(self) -> dict[str, tuple[str, str]]:
        """Each case of the kit with its status and the reason for it, in the order of their names."""
        return {name: self._status(name) for name in sorted(self.manifest["cases"])}

    @property
    def evaded(self) -> tuple[str, ...]:
        """The cases that were skipped by other means than the suite's statements."""
        return tuple(name for name, (status, _) in self.statuses().items() if status == SKIPPED)

    @property
    def conforms(self) -> bool:
        """True if every case passed, but for those with a stated reason."""
        found = {status for status, _ in self.statuses().values()}
        return bool(self.manifest["cases"]) and found.isdisjoint({FAILED, SKIPPED, NOT_RUN})

    def _status(self, name: str) -> tuple[str, str]:
        reported, excuse = self.cases.get(name, CaseReport()), self.manifest["cases"][name]
        is_own = excuse is None or (excuse[0] == REPLACED and reported.outcome != PASSED)
        if is_own or reported.outcome == FAILED:
            return reported.outcome, reported.reason
        return excuse[0], excuse[1]


def as_lines(report: SuiteReport, *, verbose: bool = False) -> Iterator[str]:
    """The report for people: a line of counts, and a line for each promise not made and each case that didn't pass.

    Only a `verbose` report names cases that were not run because of `-k`, a missing promise or a later level.
    """
    statuses = report.statuses()
    counts = Counter(status for status, _ in statuses.values())
    stated = report.manifest
    level = f"level {stated['contract_level']} of {stated['latest_level']}"
    without = "".join(f", without {each}" for each in stated["lacking"])
    yield f"{report.suite}: {_verdict(report)} the {stated['port']} port, {level}{without}"
    yield "  " + ", ".join(f"{number} {status}" for status, number in counts.most_common())
    if stated["promises"]:
        yield f"  promises: {', '.join(stated['promises'])}"
    for name, lost in stated["not_promised"].items():
        yield f"  not promised: {name}: {lost}"
    quiet = {PASSED} if verbose else {PASSED, NOT_RUN, "not promised", "later level"}
    for name, (status, reason) in statuses.items():
        if status not in quiet:
            yield f"  {status}: {name}" + (f": {reason}" if reason else "")


def _verdict(report: SuiteReport) -> str:
    if report.conforms:
        return "conforms to"
    found = {status for status, _ in report.statuses().values()}
    return "does not conform to" if found & {FAILED, SKIPPED} else "was not run whole, and may or may not conform to"


def as_data(reports: Sequence[SuiteReport], library_version: str) -> dict[str, Any]:
    """The reports for machines, as JSON-able data."""
    suites = []
    for report in reports:
        statuses = report.statuses().items()
        cases = [{"case": name, "status": status, "reason": reason} for name, (status, reason) in statuses]
        suites.append({"suite": report.suite} | report.manifest | {"conforms": report.conforms, "cases": cases})
    return {"format": 1, "library": library_version, "suites": suites}


_PROPERTY: Final = "conformance"
_MANIFEST: Final = "conformance-suite"
_REPORTS: Final = pytest.StashKey[dict[str, SuiteReport]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--conformance-report", metavar="PATH", help="write the report on adapters to PATH, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no reports."""
    config.stash[_REPORTS] = {}
    config.pluginmanager.register(_Listener(config), "traffic-booking-conformance")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Attach the facts for the report to each test of a suite; they come with its result, from other processes too."""
    described: set[type] = set()
    for item in items:
        suite = getattr(item, "cls", None)
        if not (isinstance(suite, type) and issubclass(suite, Suite)):
            continue
        name = item.nodeid.rsplit("::", 1)[0]
        item.user_properties.append((_PROPERTY, [name, getattr(item, "originalname", item.name)]))
        if suite not in described:
            check(suite)
            described.add(suite)
            item.user_properties.append((_MANIFEST, json.dumps(manifest_of(suite))))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, and write the file."""
    reports = config.stash[_REPORTS]
    if not reports:
        return
    terminalreporter.section("conformance")
    for _, report in sorted(reports.items()):
        for line in as_lines(report, verbose=config.option.verbose > 0):
            terminalreporter.write_line(line, red=not report.conforms)
    path = config.option.conformance_report
    if path is not None:
        data = as_data([report for _, report in sorted(reports.items())], version("traffic-booking"))
        Path(path).write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail if a case was skipped by other means than the suite's own statements."""
    reports = session.config.stash[_REPORTS].values()
    if session.exitstatus == pytest.ExitCode.OK and any(report.evaded for report in reports):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class _Listener:
    """Collects the results, in the process that reports them."""

    def __init__(self, config: pytest.Config) -> None:
        self._reports = config.stash[_REPORTS]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the result of a case."""
        named: dict[str, Any] = dict(report.user_properties)
        if _PROPERTY not in named:
            return
        suite, case = named[_PROPERTY]
        noted = self._reports.setdefault(suite, SuiteReport(suite))
        if _MANIFEST in named:
            noted.manifest = json.loads(named[_MANIFEST])
        if report.when == "call" or not report.passed:
            outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
            noted.cases.setdefault(case, CaseReport()).note(outcome, _reason(report))


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""
