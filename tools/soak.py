"""Runs every campaign at length, one after another, and writes what came of it; `make soak` does so.

Without options as long as a release takes, which is hours. `--scale 0.01` runs a hundredth of each; `--minutes 10`
stops each when its share of the time is over. The report says how far each got, of a run that was stopped (SIGINT,
SIGTERM) too; the exit status is 1 where anything was wrong, 130 where it was stopped.
"""

import argparse
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

from attrs import define, field, frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.campaigns.__main__ import CAMPAIGNS
from tests.recorded_histories import desks_beside, workloads
from tests.small_town import START
from tools.soak_histories import opener
from traffic_booking.testing import run_history_campaign

REPORT: Final = Path("docs/audit/soak.md")
HEADER: Final = "| campaign | done | release | reached | wrong | seconds |"
STOPPED: Final = 130
"""The exit status of what an interrupt ended, as shells have it."""
HISTORY_OPERATIONS: Final = 400
HISTORY_CLIENTS: Final = 16

Found = dict[str, Any]
Run = Callable[[Path, int, int], Found]


@frozen(kw_only=True)
class Soaked:
    """A campaign: how many of its `unit` a release asks for, how many are run at a time, its part of the minutes."""

    name: str
    unit: str
    release: int
    at_a_time: int
    share: float
    run: Run


@define(eq=False)
class Outcome:
    """How far a campaign got, and what it found."""

    soaked: Soaked
    wanted: int
    done: int = 0
    seconds: float = 0.0
    figures: Found = field(factory=dict)
    wrong: list[str] = field(factory=list)


def _campaign(name: str, folder: Path, count: int, seed: int) -> Found:
    return CAMPAIGNS[name](folder, count, seed, lambda _: None)


def _histories(store: str, folder: Path, count: int, seed: int) -> Found:
    planned = workloads(range(seed, seed + count), operations=HISTORY_OPERATIONS, clients=HISTORY_CLIENTS)
    tally = run_history_campaign(opener(store, folder), planned, start=START, beside=desks_beside)
    undecided = [f"{tally.undecided} histories undecided"] * bool(tally.undecided)
    return {
        "histories": tally.histories,
        "operations": tally.operations,
        "linearizable": tally.linearizable,
        "wrong": [*tally.faults, *undecided],
    }


def _soaked(name: str, unit: str, release: int, at_a_time: int, share: float, run: Run | None = None) -> Soaked:
    return Soaked(
        name=name, unit=unit, release=release, at_a_time=at_a_time, share=share, run=run or partial(_campaign, name)
    )


SOAKED: Final = (
    _soaked("storms-memory", "operations", 800_000, 6_000, 0.2),
    _soaked("storms-sqlite", "operations", 200_000, 2_000, 0.15),
    _soaked("histories-memory", "histories", 9_000, 5, 0.15, partial(_histories, "memory")),
    _soaked("histories-sqlite", "histories", 1_000, 2, 0.1, partial(_histories, "sqlite")),
    _soaked("kills", "kills", 10_000, 20, 0.15),
    _soaked("cuts", "cuts", 10_000, 60, 0.1),
    _soaked("replies-memory", "requests", 80_000, 1_000, 0.1),
    _soaked("replies-sqlite", "requests", 20_000, 500, 0.05),
)
"""What a release asks for, by `docs/audit/soak.md`."""


def soak(outcome: Outcome, *, minutes: float | None, seed: int, tick: Callable[[Outcome], None]) -> None:
    """Run one campaign, some at a time, until what is wanted is done or its share of the minutes is over."""
    soaked, started = outcome.soaked, monotonic()
    while outcome.done < outcome.wanted and (minutes is None or monotonic() - started < minutes * 60 * soaked.share):
        with tempfile.TemporaryDirectory() as folder:
            count = min(soaked.at_a_time, outcome.wanted - outcome.done)
            found = soaked.run(Path(folder), count, seed + outcome.done)
        outcome.wrong += [*found.pop("wrong"), *found.pop("lost", ())]
        outcome.done += found.pop(soaked.unit)
        _add(outcome.figures, found)
        outcome.seconds = monotonic() - started
        tick(outcome)


def _add(figures: Found, found: Mapping[str, Any]) -> None:
    """Add counts to counts; what is no count stays as it was found last."""
    for name, value in found.items():
        if name in {"seed", "threads"}:
            continue
        if isinstance(value, int):
            figures[name] = figures.get(name, 0) + value
        elif isinstance(value, Mapping) and all(isinstance(each, int) for each in value.values()):
            figures[name] = dict(Counter(figures.get(name, {})) + Counter(value))
        else:
            figures[name] = value


def commit_of_now() -> str:
    """The commit that is checked out, and whether anything differs from it."""
    head, changes = (
        subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        for asked in (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no"])
    )
    return f"`{head}`, and changes to it" if changes else f"`{head}`"


def report(outcomes: list[Outcome], *, command: str, seed: int, began: datetime, commit: str) -> str:
    """The run as a page of the documentation."""
    wrong = sum(len(each.wrong) for each in outcomes)
    about = {
        "date": f"{began:%Y-%m-%d %H:%M} UTC",
        "commit": commit,
        "command": f"`{command}`",
        "seed": str(seed),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "with": f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "took": f"{sum(each.seconds for each in outcomes) / 60:.1f} minutes",
        "wrong": str(wrong),
    }
    lines = [
        "# Soak",
        "",
        "What the last `make soak` came to: storms, histories, kills, power cuts and lost replies at length. A release",
        "asks for the figures in the column of that name; a shorter run says how far it got.",
        "[How to run it](../how-to/verify-a-store.md).",
        "",
        "| | |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in about.items()),
        "",
        HEADER,
        "| --- | --- | --- | --- | --- | --- |",
        *map(_row, outcomes),
        "",
        "## What each found",
        "",
    ]
    for each in outcomes:
        lines += [f"**{each.soaked.name}** {json.dumps(each.figures, ensure_ascii=False, sort_keys=True)}", ""]
        lines += [f"- {sentence}" for sentence in each.wrong[:20]] + [""] * bool(each.wrong)
    return "\n".join(lines).rstrip() + "\n"


def _row(outcome: Outcome) -> str:
    soaked = outcome.soaked
    reached = "yes" if outcome.done >= soaked.release else f"{outcome.done / soaked.release:.1%}"
    return (
        f"| {soaked.name} | {outcome.done:,} {soaked.unit} | {soaked.release:,} | {reached} | {len(outcome.wrong)} |"
        f" {outcome.seconds:,.0f} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="which part of a release (default 1: all of it)")
    parser.add_argument("--minutes", type=float, help="how long in all (default: as long as it takes)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[each.name for each in SOAKED], action="append", help="default: all")
    parser.add_argument("--report", type=Path, default=REPORT, help=f"where to write (default {REPORT})")
    options = parser.parse_args(arguments)
    chosen = [each for each in SOAKED if options.only is None or each.name in options.only]
    began, commit, outcomes = datetime.now(UTC), commit_of_now(), list[Outcome]()
    stopped = _run(chosen, outcomes, options)
    figures = {"scale": f"{options.scale:g}", "seed": options.seed, "minutes": options.minutes}
    given = [f"--{name} {value}" for name, value in figures.items() if value is not None]
    command = " ".join(["python -m tools.soak", *given, *(f"--only {name}" for name in options.only or ())])
    page = report(outcomes, command=command, seed=options.seed, began=began, commit=commit)
    options.report.write_text(page, encoding="utf-8")
    sys.stdout.write("\n".join([HEADER, *map(_row, outcomes)]) + "\n")
    return 1 if any(each.wrong for each in outcomes) else STOPPED if stopped else 0


def _run(chosen: Sequence[Soaked], outcomes: list[Outcome], options: argparse.Namespace) -> bool:
    """Run what is `chosen`, and keep what comes of it in `outcomes`; say whether that was stopped."""
    columns = TextColumn("{task.description:18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            for soaked in chosen:
                outcome = Outcome(soaked, wanted=max(1, round(soaked.release * options.scale)))
                outcomes.append(outcome)
                task = progress.add_task(soaked.name, total=outcome.wanted)
                soak(outcome, minutes=options.minutes, seed=options.seed, tick=partial(_tick, progress, task))
    except KeyboardInterrupt:
        return True
    finally:
        signal.signal(signal.SIGTERM, before)
    return False


def _tick(progress: Progress, task: Any, outcome: Outcome) -> None:
    progress.update(task, completed=outcome.done, description=outcome.soaked.name + " ✗" * bool(outcome.wrong))


if __name__ == "__main__":
    sys.exit(main())
