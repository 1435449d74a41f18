"""Campaigns: many histories, recorded and checked one after another, and counted."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from attrs import frozen

from traffic_booking.application._sync.desk import Desk
from traffic_booking.ports.clock import Clock
from traffic_booking.testing.clock import MovableClock
from traffic_booking.testing.histories import History
from traffic_booking.testing.history_check import check_history, explain_finding
from traffic_booking.testing.history_files import save_history
from traffic_booking.testing.history_workload import HistoryWorkload, record_history
from traffic_booking.testing.linearizability import BUDGET, Finding, Linearizable, NotLinearizable, Undecided


@frozen(kw_only=True)
class HistoryTally:
    """How a campaign stands. `faults` explains the first few histories that are not linearizable."""

    histories: int = 0
    operations: int = 0
    untold: int = 0
    steps: int = 0
    linearizable: int = 0
    not_linearizable: int = 0
    undecided: int = 0
    faults: tuple[str, ...] = ()


def run_history_campaign(
    open_desk: Callable[[Clock, int], AbstractContextManager[Desk]],
    workloads: Iterable[HistoryWorkload],
    *,
    start: datetime,
    beside: Callable[[Desk], Sequence[Desk]] = lambda _: (),
    budget: int = BUDGET,
    progress: Callable[[HistoryTally], None] | None = None,
    keep: Path | None = None,
    faults: int = 3,
) -> HistoryTally:
    """Record and check one history for each workload, one after another, and count what was found.

    `open_desk` opens a desk over an empty store, by the clock that it is given (which starts at `start`) and the
    workload's seed; `beside` opens others over its store, see `record_history`. `progress` is told after each history.
    A history that is not linearizable is saved in the folder `keep`, under its seed; it ends after that many `faults`.
    """
    tally = HistoryTally()
    for workload in workloads:
        clock = MovableClock(start)
        with open_desk(clock, workload.seed) as desk:
            history = record_history(desk, clock, workload, beside=beside(desk))
            rulebook = desk.rulebook
        finding = check_history(history, workload.slots, rulebook, budget=budget)
        if isinstance(finding, NotLinearizable) and keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            save_history(history, keep / f"{workload.seed}.jsonl")
        tally = _counted(tally, workload, history, finding)
        if progress is not None:
            progress(tally)
        if len(tally.faults) >= faults:
            break
    return tally


def _counted(tally: HistoryTally, workload: HistoryWorkload, history: History, finding: Finding) -> HistoryTally:
    wrong = isinstance(finding, NotLinearizable)
    fault = (f"seed {workload.seed}: {explain_finding(history, finding)}",) if wrong else ()
    return HistoryTally(
        histories=tally.histories + 1,
        operations=tally.operations + len(history.operations),
        untold=tally.untold + sum(operation.told is None for operation in history.operations),
        steps=tally.steps + finding.steps,
        linearizable=tally.linearizable + isinstance(finding, Linearizable),
        not_linearizable=tally.not_linearizable + wrong,
        undecided=tally.undecided + isinstance(finding, Undecided),
        faults=tally.faults + fault,
    )
