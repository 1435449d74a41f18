"""Hypothesis profiles, and the tables of evidence: the tests that have a journey row or a rule as a marker.

`-m journey` prints the journey's table; `--evidence` prints both. A run of all of `tests/` fails if a row of the
journey has no test. The reports send the markers to the printing process, so this works with xdist too.
"""

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgres_server import emptied, open_store, own_database, some_server
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.persistence import one_time
from traffic_booking.testing import StoreConformance

EXAMPLES = {"brief": 10, "quick": 25, "thorough": 100, "long": 5_000}
"""How many examples a property gets; `quick` is the default, and `make test-long` takes `thorough`."""
IN_CI = bool(os.environ.get("CI"))
"""In CI every change gets the same draws."""
for name, examples in EXAMPLES.items():
    settings.register_profile(name, deadline=None, max_examples=examples, derandomize=IN_CI, print_blob=not IN_CI)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "quick")

HERE = Path(__file__).resolve().parent
JOURNEY = (*(f"J-{row:02d}" for row in range(2, 19)), *(f"C-{row:02d}" for row in range(2, 11)))
"""The rows that need a test; J-01 and C-01 belong to the host portal."""
RULES = tuple(definition.id for definition in DEFINITIONS)
KINDS = {"journey": JOURNEY, "rule": RULES}
EVIDENCE = {"table", "property"}
"""The kinds of evidence that a test of a rule may be: a truth table at the limit, or a property."""
WHOLE_RUNS = {
    "",
    "journey",
    "journey and not browser",
    "not slow",
    "not slow and not browser",
    "not slow and not long",
    "not slow and not long and not browser",
}

LONG_CASES = (
    "test_of_racing_",
    "test_a_child_that_closes_its_copy_",
    "test_a_batch_is_whole_for_readers_",
    "test_results_of_callers_fit_into_one_order",
)
"""The slowest cases of the kit: races, and cases with processes of their own."""
LONG_TOPICS = {"RaceCases", "FaultCases", "SnapshotCases", "AgreementCases", "HistoryCases"}
"""Topics of the kit that `make test` leaves out for SQLite."""
SMOKE_TOPICS = {"RecordCases", "ChangeCases", "BatchCases", "KeyCases"}
"""Topics of the kit that `make test` runs on PostgreSQL: enough to notice a broken store."""

CARRIERS = pytest.StashKey[dict[str, set[str]]]()


def pytest_addoption(parser):
    parser.addoption("--evidence", action="store_true", help="print which tests carry which journey row and which rule")


def pytest_configure(config):
    config.stash[CARRIERS] = {kind: set() for kind in KINDS}


@pytest.fixture(autouse=True, scope="session")
def quick_reset_hashes():
    """Hashes of reset codes cost little here: no test needs the time of a slow one."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(one_time, "_WORK", 2)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        if _is_long_case(item):
            item.add_marker(pytest.mark.long)
        for kind, known in KINDS.items():
            for marker in item.iter_markers(kind):
                if not (marker.kwargs.keys() <= {"evidence"} and EVIDENCE.issuperset(marker.kwargs.values())):
                    expected = " or ".join(f'evidence="{name}"' for name in sorted(EVIDENCE))
                    raise pytest.UsageError(f"{item.nodeid}: got {marker.kwargs} in a mark; expected {expected}")
                for name in marker.args:
                    if name not in {*known, "J-01", "C-01"}:
                        raise pytest.UsageError(
                            f"{item.nodeid}: no {kind} {name!r}; expected one of {', '.join(known)}"
                        )
                    item.user_properties.append((kind, name))
                    config.stash[CARRIERS][kind].add(name)


def _is_long_case(item):
    """True if `make test` leaves out this case of the kit. On the memory store it runs all but `LONG_CASES`."""
    suite = getattr(item, "cls", None)
    if suite is None or not issubclass(suite, StoreConformance):
        return False
    topic = next(owner.__name__ for owner in suite.__mro__ if item.originalname in vars(owner))
    return (
        item.name.startswith(LONG_CASES)
        or (suite.__name__ == "TestSqlite" and topic in LONG_TOPICS)
        or (suite.__name__ == "TestPostgres" and topic not in SMOKE_TOPICS)
    )


@pytest.fixture(scope="session")
def postgres_server():
    """The URL of a PostgreSQL server, one for each process that runs tests."""
    with some_server() as url:
        yield url


@pytest.fixture(scope="session")
def _kept_database(postgres_server):
    name = f"traffic_booking_tests_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}_{os.getpid()}"
    with own_database(postgres_server, name) as url:
        with open_store(url):
            pass
        yield url


@pytest.fixture
def postgres_url(_kept_database):
    """The URL of a database with the schema of this release and nothing in it."""
    return emptied(_kept_database)


@pytest.fixture(scope="module")
def own_postgres_url(postgres_server):
    """The URL of a database with the schema of this release, for the tests of one module."""
    with own_database(postgres_server, f"traffic_booking_own_{os.getpid()}") as url:
        with open_store(url):
            pass
        yield url


@pytest.fixture
def bare_url(postgres_server):
    """The URL of a database with nothing at all in it."""
    with own_database(postgres_server, f"traffic_booking_bare_{os.getpid()}") as url:
        yield url


@pytest.fixture
def carried(request):
    """The ids of the rules that a test has as a marker; skips if only a part of the tests was collected."""
    if not _is_whole(request.config):
        pytest.skip("only a part of the tests was collected")
    return request.config.stash[CARRIERS]["rule"]


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    results = _results(terminalreporter)
    if config.option.evidence or config.option.markexpr.startswith("journey"):
        rows = JOURNEY if _is_whole(config) else [row for row in JOURNEY if row in results["journey"]]
        _print_table(terminalreporter, "the applicant's journey", rows, results["journey"])
    if config.option.evidence:
        _print_table(terminalreporter, "the rules", RULES, results["rule"])
    missing = _missing_rows(terminalreporter, config)
    if missing and exitstatus == pytest.ExitCode.OK:
        terminalreporter.section("the applicant's journey", red=True)
        terminalreporter.write_line(f"no test ran for {', '.join(missing)}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.exitstatus == pytest.ExitCode.OK and _missing_rows(reporter, session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config):
    """True if the run has all of `tests/`, narrowed at most by a usual marker."""
    option = config.option
    here = config.invocation_params.dir
    paths = {(here / argument).resolve() for argument in config.args if "::" not in argument}
    narrowed = option.keyword or option.deselect or getattr(option, "lf", False) or option.ignore or option.ignore_glob
    return not narrowed and not option.collectonly and not paths.isdisjoint({HERE, HERE.parent})


def _missing_rows(reporter, config):
    whole = _is_whole(config) and config.option.markexpr in WHOLE_RUNS
    cut_short = not whole or hasattr(config, "workerinput") or config.option.maxfail
    return [] if cut_short else [row for row in JOURNEY if row not in _results(reporter)["journey"]]


def _results(reporter):
    """kind → id → outcome → how many of its tests had it."""
    results: dict[str, dict[str, dict[str, int]]] = {kind: defaultdict(lambda: defaultdict(int)) for kind in KINDS}
    for outcome in ("passed", "failed", "error", "skipped", "xfailed"):
        for report in reporter.stats.get(outcome, ()):
            for kind, name in getattr(report, "user_properties", ()):
                if kind in KINDS:
                    results[kind][name][outcome] += 1
    return results


def _print_table(reporter, title, ids, results):
    reporter.section(title)
    for name in ids:
        counted = results.get(name)
        text = ", ".join(f"{times} {outcome}" for outcome, times in counted.items()) if counted else "no test"
        bad = not counted or counted.keys() & {"failed", "error"}
        reporter.write_line(f"{name}  {text}", red=bool(bad), green=not bad)
