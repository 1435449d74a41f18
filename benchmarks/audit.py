"""An audit of a used store: its processor time an appointment, with a sealed log and without.

The store is an SQLite file in which many persons have booked one appointment each. Printed are, each from this run:

- `appointments` of the store;
- `floor_ms`: the processor time of reading every record and entry once, decoding its JSON, and hashing it;
- `compared_ms`: that of `traffic-booking audit` without a log: its parts are compared, its decisions evaluated again;
- `audited_ms`: that of the same with the log, and so with every leaf, tile and mark;
- `compared_in_floors` and `audited_in_floors`: the same in units of the floor.

All milliseconds are an appointment's, the least of some runs, without those that an empty store takes.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import show
from traffic_booking import Booked, BookingDesk, Sealer
from traffic_booking.testing import made_up_person


def book(url: str, count: int) -> None:
    """Book so many appointments, each for another person."""
    with BookingDesk.open(url) as desk:
        slots = (
            slot
            for region in desk.catalogue.regions
            for slot in desk.find_slots(service="licence-renewal", region=region.code, limit=500)
        )
        booked = 0
        for slot in slots:
            for _ in range(min(slot.free, count - booked)):
                person = made_up_person(booked)
                assert isinstance(desk.book(slot, applicant=person, agreed=True, request_id=f"{booked:036}"), Booked)
                booked += 1
        assert booked == count, f"got {booked} free seats; expected {count}"


def read_once(file: Path) -> None:
    """Read every row, decode its JSON, and hash it."""
    with closing(sqlite3.connect(file)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a table of the file
                with suppress(ValueError):
                    json.loads(str(row[-1]))
                sha256(json.dumps(row).encode()).digest()


def audit(folder: Path, *options: str) -> dict[str, Any]:
    """Run the command; return its report."""
    command = [sys.executable, "-m", "traffic_booking", "audit", "--json"]
    store = ["--db", f"sqlite:///{folder / 'bookings.db'}"]
    found: dict[str, Any] = json.loads(
        subprocess.run([*command, *store, *options], check=True, capture_output=True).stdout
    )
    return found


def used() -> float:
    """The processor seconds of this process and of those that it has run."""
    return sum(getrusage(who).ru_utime + getrusage(who).ru_stime for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


def least(runs: int, work: Callable[[], object]) -> float:
    """The least processor time of some runs, in seconds."""
    times = []
    for _ in range(runs):
        began = used()
        work()
        times.append(used() - began)
    return min(times)


def times_of(folder: Path, count: int, runs: int) -> dict[str, float]:
    """Make a store of so many appointments in a new folder, seal it, and measure each work on it."""
    folder.mkdir()
    file, log, key = folder / "bookings.db", folder / "log", folder / "log.key"
    book(f"sqlite:///{file}", count)
    with Sealer.open(f"sqlite:///{file}", log=log, key=key) as sealer:
        sealer.seal()
    return {
        "floor": least(runs, lambda: read_once(file)),
        "compared": least(runs, lambda: audit(folder)),
        "audited": least(runs, lambda: audit(folder, "--log", str(log), "--key", f"{key}.pub")),
    }


def measured(folder: Path, count: int, runs: int) -> dict[str, Any]:
    """Measure a used store and an empty one."""
    empty, full = times_of(folder / "empty", 0, runs), times_of(folder / "full", count, runs)
    times = {name: full[name] - empty[name] for name in full}
    found: dict[str, Any] = {"appointments": audit(folder / "full")["appointments"]}
    found |= {f"{name}_ms": round(1000 * seconds / count, 3) for name, seconds in times.items()}
    return found | {f"{name}_in_floors": round(times[name] / times["floor"], 1) for name in ("compared", "audited")}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--appointments", type=int, default=5_000, help="how many are audited")
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        found = measured(Path(name), options.appointments, options.runs)
    show(found, as_json=options.json, width=28)


if __name__ == "__main__":
    main()
