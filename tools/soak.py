"""Runs the campaigns at length, one after another, and writes a report; `make soak` does so.

Without options it runs as much as a release requires, which takes hours. `--scale 0.01` runs a hundredth of each;
`--minutes 10` stops each campaign when its share of that time is over. `--only storm` runs one campaign; `storm` needs
a PostgreSQL server (its own, or the one at `DATABASE_URL`), and like the simulations it runs only by its name.

A run that is stopped (SIGINT, SIGTERM) reports how far it got. The exit status is 1 if anything was wrong, and 130 if
the run was stopped.
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
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tests.campaigns.erasures import erase_persons
from tests.campaigns.kills import kill_writers
from tests.campaigns.lost_replies import lose_replies
from tests.campaigns.postgres_storm import Plan, storm_on_postgres
from tests.campaigns.power_cuts import cut_power
from tests.campaigns.sealer_kills import kill_sealers
from tests.campaigns.simulations import simulate
from tests.campaigns.storms import storm
from tests.recorded_histories import desk_over, desks_beside, workloads
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.ports.store import Store
from traffic_booking.testing import run_history_campaign

REPORT: Final = Path("docs/audit/soak.md")
REPORT_OF_SOME: Final = Path("build/soak.md")
"""The report of a run with `--only`: the page of the documentation is about all of them."""
KEPT_HISTORIES: Final = Path("build/histories")
"""Histories that are not linearizable are kept here."""
HEADER: Final = "| campaign | done | release | reached | wrong | seconds |"
STOPPED: Final = 130
"""The exit status of an interrupted process, as shells have it."""
HISTORY_OPERATIONS: Final = 400
HISTORY_CLIENTS: Final = 16

Found = dict[str, Any]
Progressed = Callable[[int], None]
Run = Callable[[Path, int, int, Progressed], Found]


@frozen
class Soaked:
    """A campaign: how many of its `unit` a release requires, how many one call runs, its share of the minutes."""

    name: str
    unit: str
    release: int
    at_a_time: int
    run: Run
    share: float = field(default=1.0, kw_only=True)
    by_name: bool = field(default=False, kw_only=True)
    """True if it runs only if `--only` names it."""


@define(eq=False)
class Outcome:
    """How far a campaign got, and its findings."""

    soaked: Soaked
    wanted: int
    done: int = 0
    seconds: float = 0.0
    figures: Found = field(factory=dict)
    wrong: list[str] = field(factory=list)


def _in_memory(_folder: Path, _place: int) -> MemoryStore:
    return MemoryStore()


def _in_files(folder: Path, place: int) -> SqliteStore:
    return SqliteStore(folder / f"{place}.db")


STORES: Final[Mapping[str, Callable[[Path, int], Store]]] = {"memory": _in_memory, "sqlite": _in_files}


def _storms(store: str, folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return storm(partial(STORES[store], folder), operations=count, seed=seed, progress=progress)


def _replies(store: str, folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return lose_replies(partial(STORES[store], folder), requests=count, seed=seed, progress=progress)


def _simulations(store: str, folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return simulate(partial(STORES[store], folder), simulations=count, seed=seed, progress=progress)


def _kills(folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return kill_writers(folder, kills=count, seed=seed, progress=progress)


def _sealers(folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return kill_sealers(folder, kills=count, seed=seed, progress=progress)


def _erasures(folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return erase_persons(folder, erasures=count, seed=seed, progress=progress)


def _cuts(folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return cut_power(folder, cuts=count, seed=seed, progress=progress)


def _storm(_folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    return storm_on_postgres(Plan(bookings=count, seed=seed), progress=progress)


def _histories(store: str, folder: Path, count: int, seed: int, progress: Progressed) -> Found:
    planned = workloads(range(seed, seed + count), operations=HISTORY_OPERATIONS, clients=HISTORY_CLIENTS)
    tally = run_history_campaign(
        lambda clock, each: desk_over(STORES[store](folder, each), clock, each),
        planned,
        start=START,
        beside=desks_beside,
        keep=KEPT_HISTORIES,
        progress=lambda so_far: progress(so_far.histories),
    )
    undecided = [f"{tally.undecided} histories undecided"] * bool(tally.undecided)
    return {
        "histories": tally.histories,
        "operations": tally.operations,
        "linearizable": tally.linearizable,
        "wrong": [*tally.faults, *undecided],
    }


SOAKED: Final = (
    Soaked("storms-memory", "operations", 800_000, 6_000, partial(_storms, "memory"), share=0.2),
    Soaked("storms-sqlite", "operations", 200_000, 2_000, partial(_storms, "sqlite"), share=0.15),
    Soaked("histories-memory", "histories", 9_000, 5, partial(_histories, "memory"), share=0.15),
    Soaked("histories-sqlite", "histories", 1_000, 2, partial(_histories, "sqlite"), share=0.1),
    Soaked("kills", "kills", 10_000, 200, _kills, share=0.15),
    Soaked("sealers", "kills", 10_000, 400, _sealers, share=0.15),
    Soaked("erasures", "erasures", 10_000, 10_000, _erasures, share=0.1),
    Soaked("cuts", "cuts", 10_000, 60, _cuts, share=0.1),
    Soaked("replies-memory", "requests", 80_000, 1_000, partial(_replies, "memory"), share=0.1),
    Soaked("replies-sqlite", "requests", 20_000, 500, partial(_replies, "sqlite"), share=0.05),
    Soaked("simulations-memory", "simulations", 10_000, 20, partial(_simulations, "memory"), by_name=True),
    Soaked("simulations-sqlite", "simulations", 1_000, 5, partial(_simulations, "sqlite"), by_name=True),
    Soaked("storm", "bookings", 200_000, 200_000, _storm, by_name=True),
)
"""The campaigns, with the amount that a release requires of each."""


def soak(outcome: Outcome, *, seconds: float | None, seed: int, tick: Callable[[int], None]) -> None:
    """Run one campaign, some at a time, until the wanted amount is done or the `seconds` are over."""
    soaked, started = outcome.soaked, monotonic()
    while outcome.done < outcome.wanted and (seconds is None or monotonic() - started < seconds):
        done = outcome.done
        with tempfile.TemporaryDirectory() as folder:
            count = min(soaked.at_a_time, outcome.wanted - done)
            found = soaked.run(Path(folder), count, seed + done, lambda more: tick(done + more))  # noqa: B023 - called at once
        outcome.wrong += [*found.pop("wrong"), *found.pop("lost", ())]
        outcome.done += found.pop(soaked.unit)
        _add(outcome.figures, found)
        outcome.seconds = monotonic() - started
        tick(outcome.done)


def _add(figures: Found, found: Mapping[str, Any]) -> None:
    """Add counts to counts; of other values, the last one is kept."""
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
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        for command in (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no"])
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
        "The results of the last `make soak`: storms, histories, kills, erasures, power cuts and lost replies.",
        "A release requires the figures in the column of that name; a shorter run reports how far it got.",
        "[How to run it](../how-to/audit-a-store.md).",
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
    """Run what the arguments choose."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="which part of a release (default 1: all of it)")
    parser.add_argument("--minutes", type=float, help="how long in all (default: as long as it takes)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[each.name for each in SOAKED], action="append", help="repeat it for more")
    parser.add_argument("--report", type=Path, help=f"default {REPORT}; with --only, {REPORT_OF_SOME}")
    options = parser.parse_args(arguments)
    chosen = [each for each in SOAKED if (each.name in options.only if options.only else not each.by_name)]
    page = options.report or (REPORT_OF_SOME if options.only else REPORT)
    began, commit, outcomes = datetime.now(UTC), commit_of_now(), list[Outcome]()
    stopped = _run(chosen, outcomes, options)
    figures = {"scale": f"{options.scale:g}", "seed": options.seed, "minutes": options.minutes}
    given = [f"--{name} {value}" for name, value in figures.items() if value is not None]
    command = " ".join(["python -m tools.soak", *given, *(f"--only {name}" for name in options.only or ())])
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(report(outcomes, command=command, seed=options.seed, began=began, commit=commit), encoding="utf-8")
    sys.stdout.write("\n".join([HEADER, *map(_row, outcomes), f"The report is in {page}."]) + "\n")
    return 1 if any(each.wrong for each in outcomes) else STOPPED if stopped else 0


def _run(chosen: Sequence[Soaked], outcomes: list[Outcome], options: argparse.Namespace) -> bool:
    """Run the `chosen` campaigns and keep their `outcomes`; returns whether the run was stopped."""
    columns = TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    shares = sum(each.share for each in chosen)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
            for soaked in chosen:
                outcome = Outcome(soaked, wanted=max(1, round(soaked.release * options.scale)))
                outcomes.append(outcome)
                task = progress.add_task(soaked.name, total=outcome.wanted)
                seconds = options.minutes and options.minutes * 60 * soaked.share / shares
                soak(outcome, seconds=seconds, seed=options.seed, tick=partial(_tick, progress, task, outcome))
    except KeyboardInterrupt:
        return True
    finally:
        signal.signal(signal.SIGTERM, before)
    return False


def _tick(progress: Progress, task: TaskID, outcome: Outcome, done: int) -> None:
    progress.update(task, completed=done, description=outcome.soaked.name + " ✗" * bool(outcome.wrong))


if __name__ == "__main__":
    sys.exit(main())
