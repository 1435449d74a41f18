"""A conformance suite can't be weakened in silence: its report lists everything that was not shown."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest

from tests.inner_pytest import run_inner
from traffic_booking import InvalidInput
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.testing import Capability, ClockConformance, StoreConformance
from traffic_booking.testing.kit.agreement import AgreementCases
from traffic_booking.testing.kit.base import StoreCases
from traffic_booking.testing.kit.blocking import Blocking
from traffic_booking.testing.kit.book_cases import AccountCases, HistoryCases
from traffic_booking.testing.kit.changes import GuardCases
from traffic_booking.testing.kit.races import RaceCases
from traffic_booking.testing.kit.snapshots import SnapshotCases
from traffic_booking.testing.kit.suite import Excuse, Suite, case, cases_of, excuse_of

STORE = """

class TestStore(StoreConformance):
    contract_level = 1
    promises = frozenset()

    @pytest.fixture
    def open_store(self):
        return MemoryStore
"""
CASE = "test_the_clock_does_not_go_backward"
HEAD = """
import pytest
from traffic_booking.adapters.clock import SystemClock
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.testing import Capability, ClockConformance, StoreConformance
"""
CLOCK = """
class TestClock(ClockConformance):
    contract_level = 1

    @pytest.fixture
    def clock(self):
        return SystemClock()
"""


def subclass(base=ClockConformance, **parts):
    return type("TestOfAnAdapter", (base,), {"contract_level": 1, "__module__": __name__, **parts})


def suite_of_kit(**parts):
    """A suite as the kit's own modules define them."""
    return type("ToyCases", (Suite,), {"port": "toy", "__module__": "traffic_booking.testing.toy", **parts})


@pytest.mark.parametrize("replacement", [None, lambda self: None, 0], ids=["removed", "replaced", "shadowed"])
def test_a_case_that_is_changed_without_a_reason_is_refused(replacement):
    with pytest.raises(InvalidInput, match=f"a {CASE} of its own; expected a reason in left_out"):
        subclass(**{CASE: replacement})


def test_a_case_can_be_left_out_for_a_stated_reason():
    suite = subclass(left_out={CASE: "a clock of a simulation"})
    assert excuse_of(suite, CASE) == Excuse("left out", "a clock of a simulation")


def test_a_case_can_be_replaced_for_a_stated_reason():
    suite = subclass(left_out={CASE: "checked with more readings"}, **{CASE: lambda self, clock: None})
    assert excuse_of(suite, CASE) == Excuse("replaced", "checked with more readings")


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_reason_has_a_text(reason):
    with pytest.raises(InvalidInput, match="without a reason"):
        subclass(left_out={CASE: reason})


def test_only_cases_of_the_kit_are_left_out():
    with pytest.raises(InvalidInput, match="left_out of 'test_nothing'"):
        subclass(left_out={"test_nothing": "a slip of the pen"})


def test_a_base_beside_the_suite_changes_no_case_either():
    weaker = type("Weaker", (), {CASE: lambda self: None})
    with pytest.raises(InvalidInput, match="of its own"):
        type("TestOfAnAdapter", (weaker, ClockConformance), {"contract_level": 1, "__module__": __name__})


@pytest.mark.parametrize("name", ["_as_stated", "__init_subclass__", "port", "yours", "choices"])
def test_the_suites_own_parts_are_not_for_its_author_to_change(name):
    with pytest.raises(InvalidInput, match=f"a {name} of its own"):
        subclass(**{name: classmethod(lambda cls: None)})


@pytest.mark.parametrize("name", ["open_again", "store", "shipped", "book", "is_async", "lacking"])
def test_the_arguments_of_cases_come_from_the_kit(name):
    with pytest.raises(InvalidInput, match=f"a {name} of its own"):
        subclass(StoreConformance, promises=frozenset(), **{name: None})


@pytest.mark.parametrize("level", [None, 0, 2, True, "1"])
def test_a_suite_states_the_level_that_its_adapter_is_held_to(level):
    with pytest.raises(InvalidInput, match="expected a whole number from 1 to 1"):
        subclass(contract_level=level)


@pytest.mark.parametrize("promises", [None, {Capability.BATCH}, frozenset({"speed"})])
def test_a_store_states_what_it_promises(promises):
    with pytest.raises(InvalidInput, match=r"expected a frozenset of any of Capability\.ACCOUNTS"):
        subclass(StoreConformance, promises=promises)


def test_a_case_that_needs_what_is_not_promised_is_not_run():
    suite = subclass(StoreConformance, promises=frozenset())
    excused = {name: excuse_of(suite, name) for name in cases_of(suite)}
    needed = {name for name, configuration in cases_of(suite).items() if configuration.needs}
    assert {name for name, excuse in excused.items() if excuse and excuse.kind == "not promised"} == needed
    assert Capability.DURABLE.lost in str(excused["test_everything_is_there_when_a_store_is_opened_again"])


def test_a_case_of_a_later_level_is_not_run_for_an_adapter_held_to_an_earlier_one():
    toy = suite_of_kit(promises=frozenset(), test_new=case(level=2)(lambda self: None), test_old=lambda self: None)
    early, late = subclass(toy), subclass(toy, contract_level=2)
    assert excuse_of(early, "test_new") == Excuse("later level", "of contract level 2; the adapter has 1")
    assert [excuse_of(early, "test_old"), excuse_of(late, "test_new")] == [None, None]


def test_accounts_are_needed_by_the_cases_of_accounts_alone():
    suite = subclass(StoreConformance, promises=frozenset(Capability) - {Capability.ACCOUNTS})
    excused = {name for name in cases_of(suite) if (excuse := excuse_of(suite, name)) and excuse.kind == "not promised"}
    assert excused == set(cases_of(AccountCases))


class Collected:
    """A plugin that notes the cases in the order in which pytest runs them."""

    def __init__(self):
        self.names = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        self.names += [item.originalname for item in items]
        items.clear()


def test_plain_cases_run_first_then_races_and_drawn_cases_and_histories_last(run):
    """So `-x` stops at the simplest case that fails."""
    collected = Collected()
    run("", collected, suite=STORE)
    stages = [StoreCases, SnapshotCases, RaceCases, AgreementCases, HistoryCases]
    stage_of = {name: stages.index(owner) for owner in stages[1:] for name in vars(owner) if name.startswith("test_")}
    found = [stage_of.get(name, 0) for name in collected.names]
    assert found == sorted(found)
    assert set(collected.names) == set(cases_of(StoreConformance))
    assert set(found) == set(range(len(stages)))
    assert collected.names[0] == next(iter(name for name in vars(GuardCases) if name.startswith("test_")))


def test_a_run_without_fault_injection_is_reported_in_its_first_line(run):
    given = "\n    @pytest.fixture\n    def failing(self):\n        return None\n"
    one = ["-k", "test_a_counter_that_is_not_stored_has_the_value_0"]
    _, without, _ = run("", suite=STORE, options=one)
    _, with_, _ = run(given, suite=STORE, options=one)
    (first,) = (line for line in without.splitlines() if "TestStore:" in line)
    assert first.endswith("the store port, level 1 of 1, without fault injection")
    assert "TestStore:" in with_
    assert "without fault injection" not in with_


def test_every_capability_describes_gain_and_loss_of_a_host():
    sentences = [sentence for each in Capability for sentence in (each.gained, each.lost)]
    assert len(set(sentences)) == 2 * len(Capability)


def test_the_reference_describes_the_value_of_every_capability():
    reference = Path(__file__).parents[2].joinpath("docs", "reference", "conformance.md").read_text(encoding="utf-8")
    for each in Capability:
        assert f"| `Capability.{each.name}` | {each.gained} | {each.lost} |" in reference


class WithoutTheFirst:
    """A plugin that drops a test, as options on the command line do."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        del items[0]


@pytest.fixture
def run(tmp_path, capsys):
    """Exit code, output, and the status of each case by suite, of a run of pytest over some text."""

    def run_text(text, *plugins, report=True, suite=CLOCK, options=()):
        file, written = tmp_path / f"test_{uuid4().hex}.py", tmp_path / "report.json"
        file.write_text(HEAD + suite + text, encoding="utf-8")
        options = (
            [*options, "-p", "traffic_booking.testing.reporting", f"--conformance-report={written}"]
            if report
            else [*options]
        )
        code = run_inner(tmp_path, ["-q", "-ra", *options, str(file)], plugins)
        found = json.loads(written.read_text(encoding="utf-8"))["suites"] if written.exists() else []
        statuses = {one["suite"].split("::")[1]: {c["case"]: c["status"] for c in one["cases"]} for one in found}
        return code, capsys.readouterr().out, statuses

    return run_text


def test_the_report_has_every_case_with_its_status(run):
    code, output, found = run(
        f"""
    left_out = {{"{CASE}": "it is wound by hand"}}

class TestOther(TestClock):
    left_out = {{}}
    @pytest.fixture
    def clock(self):
        class Naive(SystemClock):
            def now(self):
                return super().now().replace(tzinfo=None)
        return Naive()
""",
    )
    assert code == pytest.ExitCode.TESTS_FAILED
    assert found["TestClock"][CASE] == "left out"
    assert sorted(found["TestClock"].values()) == ["left out", "passed", "passed", "passed"]
    assert found["TestOther"]["test_an_instant_has_an_offset"] == "failed"
    assert f"left out: {CASE}: it is wound by hand" in output
    assert "TestClock: conforms to the clock port, level 1 of 1" in output
    assert "TestOther: does not conform" in output


@pytest.mark.long
@pytest.mark.parametrize(
    "weakening",
    [
        f"TestClock.{CASE} = None",
        f"TestClock.{CASE} = lambda self: None",
        f"TestClock.left_out = {{'{CASE}': ''}}",
    ],
)
def test_a_suite_that_is_changed_after_its_definition_fails_in_every_case(run, weakening):
    code, output, _ = run(f"\n{weakening}\n", report=False)
    assert code != pytest.ExitCode.OK
    assert "passed" not in output.splitlines()[-1]


def test_with_the_report_not_even_the_check_itself_can_be_taken_out(run):
    code, output, _ = run(f"\nTestClock._as_stated = None\nTestClock.{CASE} = None\n")
    assert code != pytest.ExitCode.OK
    assert "passed" not in output


@pytest.mark.parametrize("mark", ["skip", "xfail(reason='slow today')"])
def test_a_skip_that_the_suite_does_not_state_fails_the_run(run, mark):
    code, output, found = run(f"\nTestClock = pytest.mark.{mark}(TestClock)\n")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert set(found["TestClock"].values()) == {"skipped"}
    assert "does not conform" in output


@pytest.mark.long
def test_a_case_that_was_not_run_is_reported_as_such(run):
    code, output, found = run("", WithoutTheFirst())
    assert code == pytest.ExitCode.OK
    assert sorted(found["TestClock"].values()) == ["not run", "passed", "passed", "passed"]
    assert "was not run whole, and may or may not conform to the clock port" in output


@pytest.mark.long
@pytest.mark.parametrize("names", ["MovableClock, made_up_person, Capability", "StoreConformance"])
def test_only_the_suites_need_pytest_and_hypothesis(names):
    program = f"""
import sys
for name in ("pytest", "hypothesis"):
    sys.modules[name] = None  # as if neither is installed
import traffic_booking
from traffic_booking.testing import {names}
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if names == "StoreConformance":
        assert "MissingExtra: the conformance kit needs an optional part: pip install" in ended.stderr
        assert "traffic-booking[testing]" in ended.stderr
    else:
        assert ended.returncode == 0, ended.stderr


def test_the_clock_suite_passes_the_real_clock():
    suite = subclass(clock=lambda self: SystemClock())
    for name in cases_of(suite):
        getattr(suite(), name)(SystemClock())


def test_the_driver_of_coroutine_methods_passes_on_attributes_that_are_no_methods():
    assert Blocking(lambda: SimpleNamespace(inspect=None)).inspect is None
