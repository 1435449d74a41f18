"""Sealing a store's log: entries a second, the lag beside bookings, and verifying a long log.

Printed are, each from this run:

- `entries_a_second`: entries of a file of SQLite that one sealer adds to a new log, with its checkpoints on the disk;
- `entry_in_hashes`: the processor time of sealing an entry, in units of one leaf hash of the same bytes;
- `lag_seconds`: while another process makes bookings at a steady rate, the longest time from the commit of an entry to
  a checkpoint that covers it, with a sealer that pauses between runs for `every_seconds`;
- `sent_a_second`: the rate at which bookings were due, whether the earlier ones had an answer or not;
- `bookings_a_second`: the rate that was reached, until the last answer; `booked` of them were granted;
- `answer_seconds_p99`: from the moment that a booking was due to its answer;
- `booking_processor_ms`, `sealing_processor_ms`: the processor time of each of the two processes, a booking. If both
  together are more than the machine has left, the rate is not reached;
- `verified` and `verified_a_second`: leaves of a log of that size which were compared with tiles and checkpoints.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter, process_time, sleep
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import show
from traffic_booking import BEGINNING, AvailableSlot, Booked, BookingDesk, Sealer, SealReport, StoreUnavailable
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
CALLERS = 256
"""More than wait at any moment, so that the rate depends on no answer; those that wait together share a commit."""
FEWEST_SEATS = 3
"""Each slot has at least so many."""
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
    """Make bookings, each when it is due; refused ones count as well, as they have an entry."""
    with BookingDesk.open(f"sqlite:///{path}") as desk, ThreadPoolExecutor(CALLERS) as callers:
        slots = list[AvailableSlot]()
        for each in desk.catalogue.governorates:
            slots += desk.find_slots(service="licence-renewal", governorate=each.id, limit=500)
            if len(slots) * FEWEST_SEATS >= count:
                break

        def one(place: int, due: float) -> tuple[bool, float]:
            slot, person = slots[place % len(slots)], made_up_person(place)
            outcome = desk.book(slot, applicant=person, agreed=True, request_id=f"booking-{place}")
            return isinstance(outcome, Booked), perf_counter() - due

        began, used, waiting = perf_counter(), process_time(), list[Future[tuple[bool, float]]]()
        for place in range(count):
            due = began + place / rate
            sleep(max(0.0, due - perf_counter()))
            waiting.append(callers.submit(one, place, due))
        answers = [each.result() for each in waiting]
        seconds, used = perf_counter() - began, process_time() - used
    found = {
        "sent_a_second": rate,
        "bookings_a_second": round(count / seconds),
        "booked": sum(granted for granted, _ in answers),
        "answer_seconds_p99": round(sorted(took for _, took in answers)[count * 99 // 100], 2),
        "booking_processor_ms": round(1000 * used / count, 2),
    }
    print(dumps(found))


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
    found = dict[str, Any]()

    def report(result: SealReport | StoreUnavailable) -> None:
        if isinstance(result, SealReport):
            sealed_at.append((perf_counter(), result.checkpoint.size))

    with Sealer.open(f"sqlite:///{path}", log=folder / "busy log", key=folder / "log.key") as sealer:
        following = Thread(
            target=sealer.follow, args=(stop,), kwargs={"every_seconds": every_seconds, "report": report}
        )
        following.start()
        used = process_time()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as booker:
            position = BEGINNING
            while booker.poll() is None:
                page = reader.feed(position, limit=100_000)
                if page.entries:
                    position, seen = page.entries[-1].position, seen + len(page.entries)
                    seen_at.append((perf_counter(), seen))
                sleep(0.02)
            assert booker.stdout is not None
            found |= loads(booker.stdout.read())
        give_up = perf_counter() + SETTLING_SECONDS
        while (not sealed_at or sealed_at[-1][1] < seen) and perf_counter() < give_up:
            sleep(0.02)
        stop.set()
        following.join()
        used = process_time() - used
    reader.close()
    lags = [next((at for at, size in sealed_at if size >= count), float("inf")) - at_ for at_, count in seen_at]
    return found | {
        "sealing_processor_ms": round(1000 * used / round(rate * seconds), 2),
        "every_seconds": every_seconds,
        "lag_seconds": round(max(lags), 2),
    }


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
