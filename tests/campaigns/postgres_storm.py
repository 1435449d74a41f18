"""A storm of bookings by several processes on one PostgreSQL server; then the whole store is verified.

Each process has a desk with several threads. One person in five first requests one of a few hot slots. A person who is
refused because a slot is full requests another. So every person is booked at the end, and the store is nearly full.
Faults: a person without an appointment, a slot with more seats taken than it has, a finding of `desk.audit.verify()`.

The server is one of its own that waits for its disk, or the one at `DATABASE_URL`.
"""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable
from math import ceil
from queue import Empty
from random import Random
from threading import Thread
from time import monotonic
from typing import Any, Final

from attrs import frozen

from benchmarks.booking import Workload
from tests.postgres_server import ask, durable_server, open_store, own_database
from traffic_booking import Booked, BookingDesk, Throttled
from traffic_booking.testing import made_up_person

SLOTS: Final = 4_000
HOT: Final = 8
HOT_EVERY: Final = 5
FULLNESS: Final = 0.9
"""The part of all seats that is taken at the end."""
COUNT_EVERY: Final = 20
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
class Plan:
    """The size of a storm, and the seed of its requests."""

    bookings: int
    seed: int
    processes: int = 8
    threads: int = 8

    @property
    def seats(self) -> int:
        """How many seats each slot has."""
        return ceil(self.bookings / FULLNESS / SLOTS)

    def workload(self) -> Workload:
        """The slots of the requests, the hot ones first, and the desk that has them."""
        return Workload(SLOTS, seats=self.seats)


class Booking:
    """One process's part of a storm; the queue `counts` gets the counted answers meanwhile."""

    def __init__(self, plan: Plan, process: int, counts: Any) -> None:
        self._plan = plan
        self._process = process
        self._counts = counts
        self._workload = plan.workload()
        self._slots = self._workload.slots

    def run(self, url: str) -> None:
        """Book every person whose serial number belongs to this process."""
        with open_store(url) as store, self._workload.desk(store) as desk:
            threads = [Thread(target=self._book_some, args=(desk, each)) for each in range(self._plan.threads)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _book_some(self, desk: BookingDesk, thread: int) -> None:
        drawn = Random(f"{self._plan.seed} {self._process} {thread}")
        answers = Counter[str]()
        step = self._plan.processes * self._plan.threads
        try:
            for serial in range(self._process * self._plan.threads + thread, self._plan.bookings, step):
                answers += self._book_one(desk, serial, drawn)
                if answers["booked"] >= COUNT_EVERY:
                    self._counts.put(dict(answers))
                    answers.clear()
        except Exception as error:  # noqa: BLE001 - whatever it is, the storm shows it
            answers[f"{type(error).__name__}: {error}"] += 1
        self._counts.put(dict(answers))

    def _book_one(self, desk: BookingDesk, serial: int, drawn: Random) -> Counter[str]:
        """Request one slot after another until one has a seat; any other refusal ends this, and is counted."""
        answers = Counter[str]()
        slot = self._slots[drawn.randrange(HOT)] if serial % HOT_EVERY == 0 else drawn.choice(self._slots)
        while True:
            attempt = answers["full"]
            outcome = desk.book(
                slot, applicant=made_up_person(serial), agreed=True, request_id=f"storm-{serial:09}-{attempt}"
            )
            if isinstance(outcome, Booked):
                return answers + Counter(booked=1)
            assert not isinstance(outcome, Throttled), "too few requests of one person are refused"
            rules = {verdict.rule_id for verdict in outcome.verdicts if not verdict.granted}
            if rules != {FULL}:
                return answers + Counter({f"refused by {', '.join(sorted(rules))}": 1})
            answers["full"] += 1
            slot = drawn.choice(self._slots)


def _one_process(plan: Plan, process: int, url: str, counts: Any) -> None:
    Booking(plan, process, counts).run(url)


def storm_on_postgres(plan: Plan, *, progress: Callable[[int], None] = lambda done: None) -> dict[str, Any]:
    """The results of a storm on an empty database; `wrong` has a sentence for each fault."""
    with durable_server() as server, own_database(server, f"traffic_booking_storm_{os.getpid()}") as url:
        with open_store(url):
            pass  # the schema is there before anybody books
        began = monotonic()
        answers = _answers(plan, url, progress)
        return verified(plan, url, answers, monotonic() - began)


def _answers(plan: Plan, url: str, progress: Callable[[int], None]) -> Counter[str]:
    """Let the processes book; returns how many requests got each answer."""
    spawned = multiprocessing.get_context("spawn")
    counts = spawned.Queue()
    processes = [spawned.Process(target=_one_process, args=(plan, each, url, counts)) for each in range(plan.processes)]
    for process in processes:
        process.start()
    answers = Counter[str]()
    while True:
        at_work = any(process.is_alive() for process in processes)
        try:
            answers += Counter(counts.get(timeout=SECONDS_BETWEEN_LOOKS))
        except Empty:
            if not at_work:
                return answers
        progress(answers["booked"])


def verified(plan: Plan, url: str, answers: Counter[str], seconds: float) -> dict[str, Any]:
    """The figures of a storm that is over, and all faults in its database."""
    booked, people, seats_taken, overfull = ask(url, COUNTS, plan.seats)[0]
    began = monotonic()
    with open_store(url) as store, plan.workload().desk(store) as desk:
        verification = desk.audit.verify()
    wrong = [f"{count} times {what}" for what, count in answers.items() if what not in {"booked", "full"}]
    counts = {"acknowledged": answers["booked"], "booked": booked, "people": people, "seats taken": seats_taken}
    wrong += [f"{name}: got {got}; expected {plan.bookings}" for name, got in counts.items() if got != plan.bookings]
    wrong += [f"{overfull} slots have more seats taken than they have"] * bool(overfull)
    wrong += [str(broken) for broken in verification.broken]
    return {
        "bookings": booked,
        "size": f"{plan.processes} processes of {plan.threads} threads, {SLOTS:,} slots with {plan.seats} seats each",
        "refused because a slot was full": answers["full"],
        "bookings a second": round(booked / seconds, 1),
        "appointments verified": verification.appointments,
        "seconds of verifying": round(monotonic() - began, 1),
        "wrong": wrong,
    }
