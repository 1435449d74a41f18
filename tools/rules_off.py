"""Changes each rule in turn: off, shut, or a limit moved by one step. The rule's own evidence has to fail each time.

Every check is replaced, before the tests are imported, by one that can be changed. So no rulebook, and nothing made
from a rulebook, keeps the earlier check. Each change runs in a forked process of its own, tables first, and ends at the
first failure. A failure counts only if the changed check was called.
"""

import argparse
import contextlib
import dis
import gc
import io
import json
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import pytest
from _pytest.runner import runtestprotocol
from attrs import define, field, frozen

from tools.rule_evidence import Kind, Marked, marked, marked_files
from traffic_booking.domain.rules.rule import Parameter, RuleDefinition
from traffic_booking.domain.rules.rulebook import DEFINITIONS, Rulebook
from traffic_booking.domain.rules.verdict import BROKEN, KEPT, Finding

AS_IT_IS: Final = "as it is"
OFF: Final = "off"
SHUT: Final = "shut"
SHOWN: Final = " as shown"
"""A limit is moved for the rule's result alone. If no evidence fails then, it is moved in the shown details too."""
EXPECTED: Final = {OFF: "a test of a case that it refuses", SHUT: "a test of a case that it grants"}
A_ROW_AT_THE_LIMIT: Final = (
    "truth table rows at the limit and one step to either side, which compare `granted`, `observed` and `limit`"
)
"""The missing test if a change was not caught."""
EVERY: Final = "every rule"
SECONDS_AT_MOST: Final = 120
"""The longest processor time of one change; a change that takes longer is not caught."""
AT_ONCE: Final = max(2, os.cpu_count() or 2)


@define
class Turned:
    """Replaces a rule's check, and returns the same as the check unless it is changed."""

    check: Callable[..., Finding]
    parameters: tuple[Parameter, ...]
    turn: str = AS_IT_IS
    calls: int = 0

    def __call__(self, case: object, now: datetime, *amounts: int | timedelta) -> Finding:
        """The rule's result."""
        self.calls += 1
        if self.turn == OFF:
            return KEPT
        if self.turn == SHUT:
            return BROKEN
        as_it_is = self.check(case, now, *amounts)
        if self.turn == AS_IT_IS:
            return as_it_is
        moved = self.check(case, now, *self._moved(amounts))
        return moved if self.turn.endswith(SHOWN) else as_it_is._replace(result=moved.result)

    def _moved(self, amounts: Iterable[Any]) -> Iterator[Any]:
        """The amounts, one of them by a microsecond or by one more or less."""
        for parameter, amount in zip(self.parameters, amounts, strict=True):
            step = timedelta(microseconds=1) if isinstance(amount, timedelta) else 1
            match self.turn.removesuffix(SHOWN):
                case turn if turn == f"{parameter.name}+":
                    yield amount + step
                case turn if turn == f"{parameter.name}-":
                    yield amount - step
                case _:
                    yield amount


@frozen
class Turn:
    """One rule with one change."""

    rule_id: str
    turn: str


@frozen
class Result:
    """The first test that failed, how often the changed check was called in it, and the change."""

    failed: str | None
    calls: int
    turn: str

    @property
    def caught(self) -> bool:
        """True if the evidence noticed."""
        return self.failed is not None and self.calls > 0


@define(eq=False)  # pytest keeps its plugins in sets
class Bench:
    """Pytest's collected evidence by rule, and the result of every change."""

    planted: dict[str, Turned]
    only: frozenset[str]
    evidence: dict[str, list[Marked]] = field(factory=lambda: defaultdict(list))
    results: dict[Turn, Result] = field(factory=dict)
    faults: list[str] = field(factory=list)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the errors of collecting."""
        if report.failed:
            self.faults.append(f"{report.nodeid}: {report.longrepr}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Replaces pytest's own loop: the evidence with the rules as they are, then every change."""
        found = [one for one in marked(session.items) if one.kind is not Kind.SUPPORT and one.rule_id in self.only]
        rules_of = Counter(one.node for one in found)
        for one in sorted(found, key=lambda one: (one.kind is not Kind.TABLE, rules_of[one.node])):
            self.evidence[one.rule_id].append(one)
            self.evidence[EVERY].append(one)
        if not self.faults:
            as_it_is = Turn(EVERY, AS_IT_IS)
            self._run([as_it_is])
            result = self.results.pop(as_it_is)
            self.faults += [f"{result.failed} fails as the rules are"] if result.failed else []
        if not self.faults:
            self._run([turn for rule_id in self.planted if rule_id in self.only for turn in self._turns(rule_id)])
        return True

    def _turns(self, rule_id: str) -> Iterator[Turn]:
        """The changes of a rule: off, shut, and each limit that its check reads, moved by one step."""
        yield Turn(rule_id, OFF)
        yield Turn(rule_id, SHUT)
        turned = self.planted[rule_id]
        for parameter in turned.parameters:
            if parameter.name in _read_by(turned.check):
                yield Turn(rule_id, f"{parameter.name}-")
                yield Turn(rule_id, f"{parameter.name}+")

    def _run(self, turns: list[Turn]) -> None:
        waiting, running = deque(turns), deque[tuple[Turn, int, int]]()
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                turn = waiting.popleft()
                running.append((turn, *self._started(turn)))
            turn, process, answer = running.popleft()
            with os.fdopen(answer, encoding="utf-8") as pipe:
                text = pipe.read()
            os.waitpid(process, 0)
            died = f"a process that ended before its answer, {turn}" if turn.rule_id == EVERY else None
            self.results[turn] = Result(**json.loads(text)) if text else Result(died, 0, turn.turn)

    def _started(self, turn: Turn) -> tuple[int, int]:
        """A forked process that runs the evidence of one rule until a test fails, and the pipe of its answer."""
        reading, writing = os.pipe()
        process = os.fork()
        if process:
            os.close(writing)
            return process, reading
        try:
            with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_AT_MOST, SECONDS_AT_MOST))
            signal.alarm(10 * SECONDS_AT_MOST)
            os.write(writing, json.dumps(self._answer(turn)).encode())
        finally:
            os._exit(0)  # pytest's own end is the parent's

    def _answer(self, turn: Turn) -> dict[str, object]:
        if turn.rule_id == EVERY:
            return {"failed": self._first_failure(EVERY), "calls": 0, "turn": turn.turn}
        check = self.planted[turn.rule_id]
        check.turn = turn.turn
        failed = self._first_failure(turn.rule_id)
        if failed is None and turn.turn not in {OFF, SHUT}:
            check.turn += SHOWN
            failed = self._first_failure(turn.rule_id)
        return {"failed": failed, "calls": check.calls, "turn": check.turn}

    def _first_failure(self, whose: str) -> str | None:
        from hypothesis import Phase, settings  # noqa: PLC0415 - pytest wants to load it itself

        phases = (Phase.explicit, Phase.generate)  # a failure need not be made small
        settings.register_profile("turned", deadline=None, database=None, derandomize=True, phases=phases)
        settings.load_profile("turned")
        done = set()
        for one in self.evidence[whose]:
            self.planted[one.rule_id].calls = 0
            if one.item.nodeid not in done:
                done.add(one.item.nodeid)
                if any(report.failed for report in runtestprotocol(one.item, log=False, nextitem=None)):
                    return one.node
        return None


def _read_by(check: Callable[..., Finding]) -> set[object]:
    """The names that a function's code reads; some instructions read two at once."""
    found = (instruction.argval for instruction in dis.get_instructions(check))
    return {name for names in found for name in (names if isinstance(names, tuple) else (names,))}


def plant(definition: RuleDefinition) -> Turned:
    """Replace a rule's check by a plain function, which rulebooks require; it calls the check that can be changed."""
    turned = Turned(definition.check, definition.parameters)
    names = ", ".join(parameter.name for parameter in definition.parameters)
    namespace: dict[str, Any] = {"turned": turned}
    exec(f"def check(case, now, {names}): return turned(case, now, {names})", namespace)  # noqa: S102 - our own names
    assert isinstance(namespace["check"], FunctionType)
    object.__setattr__(definition, "check", namespace["check"])
    return turned


def report(bench: Bench) -> int:
    """Print the table; 0 if a test failed at every change."""
    survived = [turn for turn, result in bench.results.items() if not result.caught]
    for rule_id in (definition.id for definition in DEFINITIONS if definition.id in bench.only):
        results = {turn: result for turn, result in bench.results.items() if turn.rule_id == rule_id}
        turns = ", ".join(r.turn if r.caught else f"{turn.turn} NOT CAUGHT" for turn, r in results.items())
        if not bench.evidence.get(rule_id):
            continue
        first = results[Turn(rule_id, OFF)].failed
        print(f"{rule_id}  {Path(first).name if first else 'nothing'}\n       {turns}")
    without = sorted({turn.rule_id for turn in survived if not bench.evidence.get(turn.rule_id)})
    for rule_id in without:
        marks = f'@pytest.mark.rule("{rule_id}", evidence="table") and evidence="property"'
        print(f"{rule_id}: no test is evidence for it; mark its tests {marks}")
    for turn in survived:
        if turn.rule_id not in without:
            expected = EXPECTED.get(turn.turn, A_ROW_AT_THE_LIMIT)
            print(f"{turn.rule_id}: none of its evidence fails if it is turned {turn.turn}; expected {expected}")
    return 1 if survived else 0


def main() -> int:
    """Exit code 0 if every change of every rule is caught by that rule's own evidence."""
    parser = argparse.ArgumentParser(prog="python -m tools.rules_off", description=__doc__)
    parser.add_argument("--rule", nargs="+", metavar="RULE", default=[], help="these rules alone")
    known = [definition.id for definition in DEFINITIONS]
    only = frozenset(parser.parse_args().rule or known)
    if not only <= set(known):
        parser.error(f"no rule {', '.join(sorted(only - set(known)))}; expected some of {', '.join(known)}")
    assert not any(isinstance(value, Rulebook) for value in gc.get_objects()), "a rulebook was made too early"
    assert not any(name.split(".")[0] == "tests" for name in sys.modules), "tests were imported too early"
    started = time.monotonic()
    bench = Bench({definition.id: plant(definition) for definition in DEFINITIONS}, only)
    os.environ.pop("PYTEST_ADDOPTS", None)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main(["-q", "-p", "no:cacheprovider", *marked_files("evidence=")], [bench])
    if bench.faults or code != pytest.ExitCode.OK:
        print("\n".join(bench.faults) or output.getvalue())
        return 1
    failed = report(bench)
    print(f"{len(only)} rules, {len(bench.results)} turns, {time.monotonic() - started:.0f} s")
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
