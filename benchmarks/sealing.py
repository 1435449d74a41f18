"""Sealing a store's log: entries a second, the lag beside bookings, and verifying a long log.

Printed are, each from this run:

- `entries_a_second`: entries of a file of SQLite that one sealer adds to a new log, with its checkpoints on the disk;
- `entry_in_hashes`: the processor time of sealing an entry, in units of one leaf hash of the same bytes;
- `lag_seconds`: while another process makes bookings at a steady rate, the longest time from the commit of an entry to
  a checkpoint that covers it, with a sealer that pauses between runs for `every_seconds`;
- `bookings_a_second`: the rate that was reached;
- `verified` and `verified_a_second`: leaves of a log of that size which were compared with tiles and checkpoints.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, process_time, sleep
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import show
from traffic_booking import BEGINNING, BookingDesk, Sealer, SealReport, StoreUnavailable
from traffic_booking.adapters.log_folder import LogFolder
from traffic_booking.adapters.signing_keys import read_public_keys, verifies
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.ports.primitives import Append, StoreChange
from traffic_booking.testing import made_up_person

BODY = (
    '{"version":1,"at":"2026-11-30T09:00:00Z","by":"counter-1",'
    '"change":{"put":{"appointments":{"0010-0000-0000":[1,"%s"]}}}}'
)
A_COMMIT = 2_000
CALLERS = 64
SETTLING_SECONDS = 30.0


def bodies(count: int) -> Iterator[str]:
    """Bodies of entries, as long as those of bookings."""
    return (BODY % sha256(str(place).encode()).hexdigest() for place in range(count))


def filled(path: Path, count: int) -> None:
    """A store with so many entries in its log."""
    store, rest = SqliteStore(path), list[Append]()
    for place, body in enumerate(bodies(count), 1):
        rest.append(Append(f"{place:012}", "booked", body))
        if len(rest) == A_COMMIT or place == count:
            store.commit([StoreChange(entries=tuple(rest))])
            rest.clear()
    store.close()


def sealing(folder: Path, entries: int) -> dict[str, Any]:
    """Seal entries that are there already."""
    path = folder / "full.db"
    filled(path, entries)
    with Sealer.open(f"sqlite:///{path}", log=folder / "log", key=folder / "log.key") as sealer:
        began, used = perf_counter(), process_time()
        report = sealer.seal()
        seconds, used = perf_counter() - began, process_time() - used
    assert report.sealed == entries
    leaf, rounds = BODY.encode() * 2, 100_000
    hashing = process_time()
    for _ in range(rounds):
        sha256(leaf).digest()
    hashing = (process_time() - hashing) / rounds
    return {
        "sealed": entries,
        "entries_a_second": round(entries / seconds),
        "entry_in_hashes": round(used / entries / hashing, 1),
    }


def verifying(folder: Path, entries: int) -> dict[str, Any]:
    """Verify a log of so many entries."""
    keys = folder / "log.key"
    log, size = SealedLog(LogFolder(folder / "log"), read_public_keys(f"{keys}.pub"), verifies), 0
    began = perf_counter()
    for _ in log.verified_leaves():
        size += 1
    seconds = perf_counter() - began
    assert size == entries
    return {"verified": size, "verified_a_second": round(size / seconds)}


def booking(path: str, rate: float, count: int) -> None:
    """Make bookings at a steady rate; refused ones count as well, as they have an entry."""
    with BookingDesk.open(f"sqlite:///{path}") as desk, ThreadPoolExecutor(CALLERS) as callers:
        slots = list(desk.find_slots(service="licence-renewal", governorate="riyadh", limit=500))

        def one(place: int) -> None:
            slot, person = slots[place % len(slots)], made_up_person(place)
            desk.book(slot, applicant=person, agreed=True, request_id=f"booking-{place}")

        began, waiting = perf_counter(), list[Future[None]]()
        for place in range(count):
            waiting.append(callers.submit(one, place))
            sleep(max(0.0, began + (place + 1) / rate - perf_counter()))
        for each in waiting:
            each.result()
        print(count / (perf_counter() - began))


def lag(folder: Path, rate: float, seconds: float, every_seconds: float) -> dict[str, Any]:
    """The longest lag of a sealer beside bookings of another process."""
    path = folder / "busy.db"
    BookingDesk.open(f"sqlite:///{path}").close()
    command = [
        sys.executable,
        __file__,
        "--book",
        str(path),
        "--rate",
        str(rate),
        "--count",
        str(round(rate * seconds)),
    ]
    stop, sealed_at = Event(), list[tuple[float, int]]()
    reader, seen_at, seen = SqliteStore(path, read_only=True), list[tuple[float, int]](), 0

    def report(result: SealReport | StoreUnavailable) -> None:
        if isinstance(result, SealReport):
            sealed_at.append((perf_counter(), result.checkpoint.size))

    with Sealer.open(f"sqlite:///{path}", log=folder / "busy log", key=folder / "log.key") as sealer:
        following = Thread(
            target=sealer.follow, args=(stop,), kwargs={"every_seconds": every_seconds, "report": report}
        )
        following.start()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as booker:
            position = BEGINNING
            while booker.poll() is None:
                page = reader.feed(position, limit=100_000)
                if page.entries:
                    position, seen = page.entries[-1].position, seen + len(page.entries)
                    seen_at.append((perf_counter(), seen))
                sleep(0.02)
            assert booker.stdout is not None
            reached = float(booker.stdout.read())
        give_up = perf_counter() + SETTLING_SECONDS
        while (not sealed_at or sealed_at[-1][1] < seen) and perf_counter() < give_up:
            sleep(0.02)
        stop.set()
        following.join()
    reader.close()
    lags = [next((at for at, size in sealed_at if size >= count), float("inf")) - at_ for at_, count in seen_at]
    return {"bookings_a_second": round(reached), "every_seconds": every_seconds, "lag_seconds": round(max(lags), 2)}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument(
        "--entries", type=int, default=100_000, help="how many are sealed and verified: 1000000 for all"
    )
    parser.add_argument("--rate", type=float, default=500.0, help="bookings a second beside the sealer")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long bookings are made")
    parser.add_argument("--every-seconds", type=float, default=1.0, help="how long the sealer pauses between runs")
    parser.add_argument("--book", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.book:
        booking(options.book, options.rate, options.count)
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        found = sealing(folder, options.entries) | verifying(folder, options.entries)
        found |= lag(folder, options.rate, options.seconds, options.every_seconds)
    show(found, as_json=options.json, width=28)


if __name__ == "__main__":
    main()
