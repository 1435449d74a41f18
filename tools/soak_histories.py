"""Records histories of a shipped store, and ends with 1 where one is not linearizable, or undecided.

The release-sized run is `python -m tools.soak_histories --histories 10000`. With --json the tally is printed as JSON
alone. What the callers ask for follows from --seed, who comes first doesn't: histories that are not linearizable are
kept in --keep.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic

from attrs import asdict

from tests.recorded_histories import desk_over, desks_beside, workloads
from tests.small_town import START
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application._sync.desk import Desk
from traffic_booking.ports.clock import Clock
from traffic_booking.testing import HistoryTally, run_history_campaign

SECONDS_BETWEEN_LINES = 10.0


def opener(store: str, folder: Path) -> Callable[[Clock, int], AbstractContextManager[Desk]]:
    """Opens a desk over an empty store of that kind."""

    def open_desk(clock: Clock, seed: int) -> AbstractContextManager[Desk]:
        if store == "memory":
            memory: Desk = desk_over(MemoryStore(), clock, seed)
            return memory
        for old in folder.glob("*.db*"):
            old.unlink()
        desk: Desk = desk_over(SqliteStore(folder / f"{seed}.db"), clock, seed)
        return desk

    return open_desk


def reporter(total: int) -> Callable[[HistoryTally], None]:
    """Prints a line about the campaign now and then."""
    started = said = monotonic()

    def report(tally: HistoryTally) -> None:
        nonlocal said
        if tally.histories == total or monotonic() - said >= SECONDS_BETWEEN_LINES:
            said = monotonic()
            line = f"{tally.histories} of {total} histories, {tally.operations} operations, {said - started:.0f} s"
            print(f"{line}: {tally.not_linearizable} wrong, {tally.undecided} undecided", file=sys.stderr)

    return report


def main() -> None:
    """Run a campaign."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=["memory", "sqlite"], default="memory")
    parser.add_argument("--histories", type=int, default=100, help="default 100")
    parser.add_argument("--operations", type=int, default=400, help="of each history (default 400)")
    parser.add_argument("--clients", type=int, default=16, help="of each history (default 16)")
    parser.add_argument("--seed", type=int, default=0, help="of the first history; each has its own (default 0)")
    parser.add_argument("--keep", type=Path, help="a folder for histories that are not linearizable")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    planned = workloads(
        range(options.seed, options.seed + options.histories), operations=options.operations, clients=options.clients
    )
    with tempfile.TemporaryDirectory() as folder:
        tally = run_history_campaign(
            opener(options.store, Path(folder)),
            planned,
            start=START,
            beside=desks_beside,
            keep=options.keep,
            progress=reporter(options.histories),
        )
    if options.json:
        json.dump(asdict(tally), sys.stdout)
        print()
    else:
        for name, value in asdict(tally, filter=lambda field, _: field.name != "faults").items():
            print(f"{name:>18}  {value}")
        print(*tally.faults, sep="\n\n", end="")
    raise SystemExit(bool(tally.not_linearizable or tally.undecided))


if __name__ == "__main__":
    main()
