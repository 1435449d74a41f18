"""A pytest plugin that reports how adapters did: a table in the terminal, and a JSON file if one is wanted.

Load it in the `conftest.py` at the root of the tests: `pytest_plugins = ["traffic_booking.testing.reporting"]`. It adds
the option `--conformance-report=PATH`, works under pytest-xdist, and fails a run in which a case of a suite was skipped
or expected to fail without a reason in the suite's `left_out`.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest

from traffic_booking.testing.report import CaseReport, SuiteReport, as_data, as_lines
from traffic_booking.testing.suite import REPLACED, Suite, cases_of, check, excuse_of, lacking, latest_level

_PROPERTY: Final = "conformance"
_MANIFEST: Final = "conformance-suite"
_REPORTS: Final = pytest.StashKey[dict[str, SuiteReport]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--conformance-report", metavar="PATH", help="write how adapters did to PATH, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no reports."""
    config.stash[_REPORTS] = {}
    config.pluginmanager.register(_Listener(config), "traffic-booking-conformance")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give each test of a suite what the report needs; it travels with the test's result, from other processes too."""
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
            item.user_properties.append((_MANIFEST, json.dumps(_manifest(suite))))


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
    """Fail if a case was kept from running by other means than the suite's own statements."""
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
            noted.describe(json.loads(named[_MANIFEST]))
        if report.when == "call" or not report.passed:
            noted.cases.setdefault(case, CaseReport()).note(_outcome(report), _words(report))


def _outcome(report: pytest.TestReport) -> str:
    return "skipped" if hasattr(report, "wasxfail") else report.outcome


def _words(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"expected to fail: {report.wasxfail}"
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return ""


def _manifest(suite: type[Suite]) -> dict[str, Any]:
    cases: dict[str, Any] = {}
    for name in cases_of(suite):
        excuse = excuse_of(suite, name)
        cases[name] = excuse and [excuse.kind, excuse.reason]
    return {
        "port": suite.port,
        "contract_level": suite.contract_level,
        "latest_level": latest_level(suite),
        "promises": sorted(suite.promises),
        "not_promised": {choice.value: choice.lost for choice in sorted(suite.choices - suite.promises)},
        "lacking": lacking(suite),
        "cases": cases,
        "replaced": REPLACED,
    }
