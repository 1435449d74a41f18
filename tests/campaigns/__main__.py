"""Runs a campaign of any length: `python -m tests.campaigns kills --count 10000 --seed 1`; progress on standard error.

What was found is printed as JSON on standard output. The exit status is 1 where anything was lost or wrong.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from tests.campaigns.kills import kill_writers
from tests.campaigns.lost_replies import lose_replies
from tests.campaigns.power_cuts import cut_power
from tests.campaigns.simulations import simulate
from tests.campaigns.storms import storm
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore

Progress = Callable[[int], None]
Campaign = Callable[[Path, int, int, Progress], dict[str, Any]]


def _stores_in(folder: Path) -> Callable[[int], SqliteStore]:
    return lambda place: SqliteStore(folder / f"{place}.db")


def _in_memory(_place: int) -> MemoryStore:
    return MemoryStore()


CAMPAIGNS: Final[dict[str, Campaign]] = {
    "storms-memory": lambda _, count, seed, progress: storm(_in_memory, operations=count, seed=seed, progress=progress),
    "storms-sqlite": lambda folder, count, seed, progress: storm(
        _stores_in(folder), operations=count, seed=seed, progress=progress
    ),
    "kills": lambda folder, count, seed, progress: kill_writers(folder, kills=count, seed=seed, progress=progress),
    "cuts": lambda folder, count, seed, progress: cut_power(folder, cuts=count, seed=seed, progress=progress),
    "replies-memory": lambda _, count, seed, progress: lose_replies(
        _in_memory, requests=count, seed=seed, progress=progress
    ),
    "replies-sqlite": lambda folder, count, seed, progress: lose_replies(
        _stores_in(folder), requests=count, seed=seed, progress=progress
    ),
    "simulations-memory": lambda _, count, seed, progress: simulate(
        _in_memory, simulations=count, seed=seed, progress=progress
    ),
    "simulations-sqlite": lambda folder, count, seed, progress: simulate(
        _stores_in(folder), simulations=count, seed=seed, progress=progress
    ),
}


def main() -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--count", type=int, default=200, help="how many of its operations, kills, cuts, …")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to keep the databases meanwhile (default: a temporary folder)")
    options = parser.parse_args()
    started = perf_counter()

    def show(done: int) -> None:
        rate = done / (perf_counter() - started)
        sys.stderr.write(f"\r{options.campaign}: {done} of {options.count}, {rate:.1f} a second ")
        sys.stderr.flush()

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = CAMPAIGNS[options.campaign](Path(folder), options.count, options.seed, show)
    sys.stderr.write("\n")
    found = {"campaign": options.campaign, "seconds": round(perf_counter() - started, 1), **found}
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return bool(found["wrong"] or found.get("lost"))


if __name__ == "__main__":
    sys.exit(main())
