"""A storm of bookings by several processes on one PostgreSQL, which ends with the whole store verified.

Each process has a desk of its own, asked by several threads at once. Everybody wants a seat: one in five of them first
in one of a few hot slots that all ask for, everybody then in any slot; who hears that it is full asks for another. So
every person is booked in the end, and the store is left nearly full. The exit status is 1 where anything is wrong:
somebody without an appointment, a slot with more seats taken than it has, or anything that `desk.verify()` finds.

The server is one of its own that waits for its disk, or the one at `DATABASE_URL`.
"""

import argparse
import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Sequence
from math import ceil
from queue import Empty
from random import Random
from threading import Thread
from time import monotonic
from typing import Any, Final

from attrs import frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.booking import Workload
from tests.postgres_server import ask, durable_server, open_store, own_database
from traffic_booking import Booked, BookingDesk, Throttled
from traffic_booking.testing import made_up_person

SLOTS: Final = 4_000
HOT: Final = 8
HOT_EVERY: Final = 5
FULLNESS: Final = 0.9
"""Which part of all seats is taken in the end."""
TELL_EVERY: Final = 20
SECONDS_BETWEEN_LOOKS: Final = 0.5
FULL: Final = "BK-05"
COUNTS: Final = """
SELECT
    (SELECT count(*) FROM traffic_booking.appointments WHERE state = 'booked'),
    (SELECT count(DISTINCT subject) FROM traffic_booking.appointments WHERE state = 'booked'),
    (SELECT coalesce(sum(value), 0)::bigint FROM traffic_booking.seats),
    (SELECT count(*) FROM traffic_booking.seats WHERE value > %s)
"""


@frozen(kw_only=True)
class Storm:
    """What is asked for: so many bookings, by so many processes of so many threads, in slots of so many seats."""

    bookings: int
    processes: int
    threads: int
    seed: int

    @property
    def seats(self) -> int:
        """How many each slot has."""
        return ceil(self.bookings / FULLNESS / SLOTS)

    def workload(self) -> Workload:
        """The slots that are asked for, the hot ones first, and the desk that has them."""
        return Workload(SLOTS, seats=self.seats)


class Booking:
    """One process's part of a storm; `heard` is told as it goes how many are booked, and how often it was full."""

    def __init__(self, storm: Storm, process: int, heard: Any) -> None:
        self._storm = storm
        self._process = process
        self._heard = heard
        self._workload = storm.workload()
        self._slots = self._workload.slots

    def run(self, url: str) -> None:
        """Book everybody whose number is this process's."""
        with open_store(url) as store, self._workload.desk(store) as desk:
            threads = [Thread(target=self._book_some, args=(desk, each)) for each in range(self._storm.threads)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _book_some(self, desk: BookingDesk, thread: int) -> None:
        drawn = Random(f"{self._storm.seed} {self._process} {thread}")
        told = Counter[str]()
        step = self._storm.processes * self._storm.threads
        try:
            for serial in range(self._process * self._storm.threads + thread, self._storm.bookings, step):
                told += self._book_one(desk, serial, drawn)
                if told["booked"] >= TELL_EVERY:
                    self._heard.put(dict(told))
                    told.clear()
        except Exception as error:  # noqa: BLE001 - whatever it is, the storm shows it
            told[f"{type(error).__name__}: {error}"] += 1
        self._heard.put(dict(told))

    def _book_one(self, desk: BookingDesk, serial: int, drawn: Random) -> Counter[str]:
        """Ask for one slot after another until one has a seat; what else refuses somebody is told."""
        told = Counter[str]()
        slot = self._slots[drawn.randrange(HOT)] if serial % HOT_EVERY == 0 else drawn.choice(self._slots)
        while True:
            attempt = told["full"]
            outcome = desk.book(
                slot, applicant=made_up_person(serial), agreed=True, request_id=f"storm-{serial:09}-{attempt}"
            )
            if isinstance(outcome, Booked):
                return told + Counter(booked=1)
            assert not isinstance(outcome, Throttled), "too few requests of one person are refused"
            rules = {verdict.rule_id for verdict in outcome.verdicts if not verdict.granted}
            if rules != {FULL}:
                return told + Counter({f"refused by {', '.join(sorted(rules))}": 1})
            told["full"] += 1
            slot = drawn.choice(self._slots)


def _one_process(storm: Storm, process: int, url: str, heard: Any) -> None:
    Booking(storm, process, heard).run(url)


def rage(storm: Storm, url: str, progress: Progress) -> dict[str, Any]:
    """Have the processes book, and look at what is left."""
    with open_store(url):
        pass  # the schema is there before anybody books
    spawned = multiprocessing.get_context("spawn")
    heard = spawned.Queue()
    processes = [
        spawned.Process(target=_one_process, args=(storm, each, url, heard)) for each in range(storm.processes)
    ]
    booking = progress.add_task("booking", total=storm.bookings)
    began = monotonic()
    for process in processes:
        process.start()
    told = Counter[str]()
    while True:
        at_work = any(process.is_alive() for process in processes)
        try:
            told += Counter(heard.get(timeout=SECONDS_BETWEEN_LOOKS))
        except Empty:
            if not at_work:
                break
        progress.update(booking, completed=told["booked"])
    return looked_at(storm, url, told, monotonic() - began, progress)


def looked_at(storm: Storm, url: str, told: Counter[str], took: float, progress: Progress) -> dict[str, Any]:
    """What the storm came to, once all of it is verified."""
    booked, people, seats_taken, overfull = ask(url, COUNTS, storm.seats)[0]
    verifying = progress.add_task("verifying", total=booked)
    began = monotonic()
    with open_store(url) as store, storm.workload().desk(store) as desk:
        verification = desk.verify(progress=lambda so_far: progress.update(verifying, completed=so_far.appointments))
    wrong = [f"{count} times {what}" for what, count in told.items() if what not in {"booked", "full"}]
    counts = {"acknowledged": told["booked"], "booked": booked, "people": people, "seats taken": seats_taken}
    wrong += [f"{name}: got {got}; expected {storm.bookings}" for name, got in counts.items() if got != storm.bookings]
    wrong += [f"{overfull} slots have more seats taken than they have"] * bool(overfull)
    wrong += [str(broken) for broken in verification.broken]
    return {
        "bookings": booked,
        "processes": storm.processes,
        "threads": storm.threads,
        "seed": storm.seed,
        "heard that it was full": told["full"],
        "slots": SLOTS,
        "seats of each": storm.seats,
        "seconds": round(took, 1),
        "bookings a second": round(booked / took),
        "appointments verified": verification.appointments,
        "seconds of verifying": round(monotonic() - began, 1),
        "wrong": wrong,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a storm, and print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=200_000, help="default 200000")
    parser.add_argument("--processes", type=int, default=8, help="default 8")
    parser.add_argument("--threads", type=int, default=8, help="of each process (default 8)")
    parser.add_argument("--seed", type=int, default=1, help="of who asks for what (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args(arguments)
    storm = Storm(bookings=options.bookings, processes=options.processes, threads=options.threads, seed=options.seed)
    columns = TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with (
        durable_server() as server,
        own_database(server, f"traffic_booking_storm_{os.getpid()}") as url,
        Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress,
    ):
        found = rage(storm, url, progress)
    if options.json:
        json.dump(found, sys.stdout)
        sys.stdout.write("\n")
    else:
        sys.stdout.write("".join(f"{name:>24}  {value}\n" for name, value in found.items()))
    return bool(found["wrong"])


if __name__ == "__main__":
    sys.exit(main())
