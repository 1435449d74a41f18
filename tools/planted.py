"""Runs the conformance kit over planted faults, one or all, and writes `docs/audit/planted.md`.

The page names the case that catches a fault, and only that case is run, each time with another seed. If the page lacks
the fault, if the case that it names passes, or with `--find`, a run of the whole kit finds the first case that fails.

All faults are shared out to as many processes as there are cores; a fault's runs are in one process.
"""

import argparse
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest
from attrs import define, field

from tests.inner_pytest import run_inner
from tests.planted import suites
from tests.planted.faults import Fault
from tests.planted.opening import FAULTS

PAGE: Final = Path(__file__).parents[1] / "docs" / "audit" / "planted.md"
ROW: Final = re.compile(r"\| (\d+) \| (.+) \| (\w+) \| `(.+)` \| (\d+ of \d+) \|")
"""Number, sentence, store, case, and in how many of how many runs the case failed."""
QUIET: Final = (
    *(part for plugin in ("terminal", "unraisableexception") for part in ("-p", f"no:{plugin}")),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
HEAD: Final = """\
# Planted faults

Each row is one of our stores with one fault planted in it, and a case of the conformance kit that fails on it.
There are {faults} faults: {stores}.
The file store is the memory store with a file that each commit writes whole.

Repeat a row with `make planted FAULT=1 SEED=1 RUNS=20`. Each run starts with an empty store and the next seed. A store
that loses a race waits at its weak spot for a second thread, so that the race is lost in every run.

The test suite runs each row once. The faults are in `tests/planted`; `python -m tools.planted --write` runs all of them
and writes this page.

| | fault | store | caught by | runs |
| ---: | --- | --- | --- | --- |
"""


@define(eq=False)  # pytest keeps its plugins in sets
class Failures:
    """A pytest plugin that keeps the names of the cases that failed, in their order.

    With `only`, it collects none of the suite's other cases: there are hundreds, and each costs time.
    """

    only: str | None
    cases: list[str] = field(factory=list)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, name: str) -> list[pytest.Item] | None:
        """No item for a case that is not wanted; None leaves it to pytest."""
        return [] if self.only and name.startswith("test_") and name != self.only.partition("[")[0] else None

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the name of a case that failed."""
        if report.failed and report.when == "call":
            self.cases.append(report.nodeid.split("::", 2)[2])


def failed_case(fault: Fault, case: str | None, *, seed: int) -> str | None:
    """The first case that fails on a planted fault: of the kit, or `case` if that fails."""
    # A copy that can't be imported would fail every case, and so look as if it were caught.
    assert issubclass(fault.planted, fault.mixin)
    node = "::".join([suites.__file__, f"TestFault{fault.number}", *([case] if case else [])])
    failures = Failures(case)
    with tempfile.TemporaryDirectory() as folder:
        options = ["-x", *QUIET, f"--basetemp={folder}/tests", f"--hypothesis-seed={seed}"]
        run_inner(Path(folder), [node, *options], [failures])
    return next(iter(failures.cases), None)


def known_cases() -> dict[tuple[str, str], str]:
    """The case that catches each fault, by its sentence and store, from the page."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {(sentence, store): case for _, sentence, store, case, _ in ROW.findall(text)}


def row_of(number: int, *, case: str | None, seed: int, runs: int) -> str:
    """The row of the page of a fault, after so many runs."""
    fault = FAULTS[number - 1]
    known = case and failed_case(fault, case, seed=seed)
    case = known or failed_case(fault, None, seed=seed)
    caught = bool(case) + sum(case == failed_case(fault, case, seed=seed + run) for run in range(1, runs) if case)
    return f"| {fault.number} | {fault.sentence} | {fault.store} | `{case}` | {caught} of {runs} |"


def timed_row(chosen: tuple[int, str | None], *, seed: int, runs: int) -> tuple[str, float]:
    """The row of a fault, and how many seconds its runs took."""
    begun = monotonic()
    number, case = chosen
    return row_of(number, case=case, seed=seed, runs=runs), monotonic() - begun


def page_of(rows: Sequence[str]) -> str:
    """The page with these rows."""
    counted = Counter(match[3] for row in rows if (match := ROW.fullmatch(row)))
    stores = ", ".join(f"{store} {count}" for store, count in counted.items())
    return HEAD.format(faults=len(rows), stores=stores) + "\n".join([*rows, ""])


def main() -> int:
    """Run what the arguments choose; 1 if a fault was not caught in every run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", type=int, help="its number; all without it")
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--find", action="store_true", help="begin with the whole kit, whatever the page names")
    parser.add_argument("--write", action="store_true", help="run all faults and write the page")
    chosen = parser.parse_args()
    known = {} if chosen.find else known_cases()
    faults = FAULTS if chosen.write or chosen.fault is None else FAULTS[chosen.fault - 1 : chosen.fault]
    wanted = [(fault.number, known.get((fault.sentence, fault.store))) for fault in faults]
    work = partial(timed_row, seed=chosen.seed, runs=chosen.runs)
    rows = []
    # Not forked: the kit's own processes and its server end with each of these.
    with ProcessPoolExecutor(min(len(wanted), os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        for row, seconds in pool.map(work, wanted):
            rows.append(row)
            print(f"{row} {seconds:.0f} s", flush=True)
    if chosen.write:
        PAGE.write_text(page_of(rows), encoding="utf-8")
    return int(not all(row.endswith(f"| {chosen.runs} of {chosen.runs} |") for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
