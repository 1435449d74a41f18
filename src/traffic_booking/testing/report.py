"""How an adapter did: what came of each case of its suite, for people and for machines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import define, field

PASSED: Final = "passed"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"
NOT_RUN: Final = "not run"
_WORST_LAST: Final = (PASSED, SKIPPED, FAILED)


@define
class CaseReport:
    """What came of one case: the worst of its parameters' outcomes, and why, where it was not run."""

    outcome: str = NOT_RUN
    reason: str = ""

    def note(self, outcome: str, words: str) -> None:
        """Take in what came of one of its parameters."""
        if self.outcome == NOT_RUN or _WORST_LAST.index(outcome) > _WORST_LAST.index(self.outcome):
            self.outcome, self.reason = outcome, words


@define
class SuiteReport:
    """What came of one suite. `excuses` has the stated reason for each case that has one, by kind and words."""

    suite: str
    port: str = ""
    contract_level: int = 0
    latest_level: int = 0
    promises: list[str] = field(factory=list)
    not_promised: dict[str, str] = field(factory=dict)
    lacking: list[str] = field(factory=list)
    excuses: dict[str, tuple[str, str] | None] = field(factory=dict)
    cases: dict[str, CaseReport] = field(factory=dict)
    replaced: str = ""

    def describe(self, manifest: dict[str, Any]) -> None:
        """Take in what the suite states of itself."""
        self.port = manifest["port"]
        self.contract_level, self.latest_level = manifest["contract_level"], manifest["latest_level"]
        self.promises, self.not_promised = manifest["promises"], manifest["not_promised"]
        self.replaced, self.lacking = manifest["replaced"], manifest["lacking"]
        self.excuses = {name: excuse and (excuse[0], excuse[1]) for name, excuse in manifest["cases"].items()}

    def statuses(self) -> dict[str, tuple[str, str]]:
        """Each case of the kit with its status and the reason for it, in the order of their names."""
        return {name: self._status(name) for name in sorted(self.excuses)}

    @property
    def evaded(self) -> tuple[str, ...]:
        """The cases that were kept from running by other means than the suite's statements."""
        return tuple(name for name, (status, _) in self.statuses().items() if status == SKIPPED)

    @property
    def conforms(self) -> bool:
        """Whether every case passed, but for those that the suite states reasons for."""
        return bool(self.excuses) and not any(
            status in {FAILED, SKIPPED, NOT_RUN} for status, _ in self.statuses().values()
        )

    def _status(self, name: str) -> tuple[str, str]:
        reported, excuse = self.cases.get(name, CaseReport()), self.excuses[name]
        if reported.outcome == FAILED or excuse is None:
            return reported.outcome, reported.reason
        kind, reason = excuse
        if kind == self.replaced and reported.outcome != PASSED:
            return reported.outcome, reported.reason
        return kind, reason


def as_lines(report: SuiteReport, *, verbose: bool = False) -> Iterator[str]:
    """The report for people: a line of counts, a line for each thing not promised, and for each case that didn't pass.

    Cases that passed or were not run, or that wait for a promise or a later level, are named if it is `verbose`.
    """
    statuses = report.statuses()
    counts = Counter(status for status, _ in statuses.values())
    level = f"level {report.contract_level} of {report.latest_level}"
    without = "".join(f", without {each}" for each in report.lacking)
    yield f"{report.suite}: {_verdict(report)} the {report.port} port, {level}{without}"
    yield "  " + ", ".join(f"{number} {status}" for status, number in counts.most_common())
    if report.promises:
        yield f"  promises: {', '.join(report.promises)}"
    for name, lost in report.not_promised.items():
        yield f"  not promised: {name}: {lost}"
    quiet = {PASSED} if verbose else {PASSED, NOT_RUN, "not promised", "later level"}
    for name, (status, reason) in statuses.items():
        if status not in quiet:
            yield f"  {status}: {name}" + (f": {reason}" if reason else "")


def _verdict(report: SuiteReport) -> str:
    if report.conforms:
        return "conforms to"
    found = {status for status, _ in report.statuses().values()}
    return "does not conform to" if found & {FAILED, SKIPPED} else "was not run whole, and is not judged by"


def as_data(reports: Sequence[SuiteReport], library_version: str) -> dict[str, Any]:
    """The reports for machines, as JSON-able data."""
    return {
        "format": 1,
        "library": library_version,
        "suites": [
            {
                "suite": report.suite,
                "port": report.port,
                "contract_level": report.contract_level,
                "latest_level": report.latest_level,
                "promises": report.promises,
                "not_promised": report.not_promised,
                "lacking": report.lacking,
                "conforms": report.conforms,
                "cases": [
                    {"case": name, "status": status, "reason": reason}
                    for name, (status, reason) in report.statuses().items()
                ],
            }
            for report in reports
        ],
    }
