"""The kit catches every planted store, each run, by each case that the reference says."""

from functools import partial
from pathlib import Path

import pytest

from tests.inner_pytest import run_inner
from tests.planted import suites
from tests.planted.file_stores import FileStore
from traffic_booking.testing import Capability, StoreConformance
from traffic_booking.testing.store.agreement import AgreementCases
from traffic_booking.testing.store.round_trips import RoundTripCases
from traffic_booking.testing.suite import cases_of

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "conformance.md"

DRAWN = [*cases_of(AgreementCases), *cases_of(RoundTripCases)]

pytestmark = pytest.mark.race


class Heard:
    """A plugin that remembers which cases passed and which failed."""

    def __init__(self):
        self.outcomes = {}

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.rsplit("::", 1)[1].split("[")[0]
        if report.when == "call" or not report.passed:
            self.outcomes.setdefault(name, set()).add((report.when, report.outcome))


def run(folder: Path, suite: type, *cases: str) -> dict[str, set[tuple[str, str]]]:
    """What came of those cases of a suite, in a run of their own within this one."""
    heard = Heard()
    nodes = [f"{suites.__file__}::{suite.__name__}::{name}" for name in cases]
    run_inner(folder, [*nodes, "-p", "no:terminal"], [heard])
    return heard.outcomes


@pytest.mark.parametrize("suite", suites.PLANTED, ids=lambda suite: suite.__name__)
def test_a_planted_store_is_caught_by_each_case_that_the_reference_names(suite, tmp_path):
    assert suite.caught_by
    outcomes = run(tmp_path, suite, *suite.caught_by)
    assert outcomes.keys() == set(suite.caught_by)
    for name, outcome in outcomes.items():
        assert ("call", "failed") in outcome, f"{name} did not catch {suite.__doc__}"


def test_the_reference_lists_every_planted_store_with_the_cases_that_catch_it():
    table = "\n".join(
        [
            "| the planted fault | caught by |",
            "| --- | --- |",
            *(f"| {suite.__doc__} | {names(suite)} |" for suite in suites.PLANTED),
        ]
    )
    assert table in REFERENCE.read_text(encoding="utf-8"), f"expected in {REFERENCE.name}:\n{table}"


def names(suite):
    return "<br>".join(f"`{name}`" for name in suite.caught_by)


class TestSoundFileStore(StoreConformance):
    """The store that the planted ones in files are made of is right."""

    contract_level = 1
    promises = frozenset({Capability.BATCH, Capability.DURABLE})
    left_out = dict.fromkeys(DRAWN, "it writes its whole file with each commit: hundreds of examples take long")

    @pytest.fixture
    def open_store(self, tmp_path):
        return partial(FileStore, tmp_path / "bookings")
