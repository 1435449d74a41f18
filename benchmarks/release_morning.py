"""The minute in which a day opens: many requests at once, nine in ten of them by bots or for slots that are full.

Desks for asyncio, in several processes, share one PostgreSQL server of their own that waits for its disk, or the one at
`DATABASE_URL`. Of ten requests, one is a person's who searches a branch and books there, five are those of bots, and
four are of people who want one of a few slots that everybody wants. Each caller sends its next request as soon as it
has its answer. It fails if a slot has more seats taken than it has, or if an acknowledged booking is not in the store.

- `per_second`: requests answered in a second, searches included.
- `search_ms`, `book_ms`: p50 and p99 of people's searches and bookings.
- `answers`: how often which outcome was returned, by the kind of request.
- `desk_processors`: the processor time of the desks, divided by the time of the run; at most `processors`.
- `desk_ms`: the processor time of the desks for each request.
- `profile` (with `--profile`): the shares of the parts of the program in the processor time of the first process.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from attrs import field, frozen

from benchmarks._callers import Span, Start, processors, seconds_of_processes, uncollected
from benchmarks._in_turns import show
from benchmarks.booking import Workload
from tests.campaigns.postgres_storm import COUNTS
from tests.postgres_server import ask, durable_server, own_database
from traffic_booking import AsyncBookingDesk
from traffic_booking.adapters.postgres import AsyncPostgresStore, PostgresStore
from traffic_booking.testing import made_up_person

HOT: Final = 8
BOTS: Final = 100
SLOTS: Final = 1_000
ROOM: Final = 1.5
"""How many seats there are for each person who searches."""
KINDS: Final = ("person", "bot", "late", "bot", "late", "bot", "late", "bot", "late", "bot")
PARTS: Final = {
    "rules and values": "traffic_booking/domain/",
    "the desk": "traffic_booking/application/",
    "reading and writing records": "traffic_booking/persistence/",
    "the PostgreSQL store": "traffic_booking/adapters/postgres/",
    "the driver": "psycopg",
    "the event loop": "asyncio/",
    "JSON": "json/",
}


class OversoldError(Exception):
    """More was booked than there is, or something else than was acknowledged."""


@frozen(kw_only=True)
class Morning:
    """The size of a release, and the seed of its requests."""

    requests: int
    processes: int
    callers: int
    seed: int = 1
    slots: int = field(default=SLOTS)

    @property
    def seats(self) -> int:
        """How many seats each slot has."""
        return max(1, ceil(self.requests / len(KINDS) * ROOM / self.slots))

    def serials(self, process: int) -> Iterator[int]:
        """The requests of a process."""
        return iter(range(process, self.requests, self.processes))


@frozen
class Part:
    """The requests of one process."""

    morning: Morning
    desk: AsyncBookingDesk
    workload: Workload
    process: int
    times: dict[str, list[float]] = field(factory=lambda: {"search": [], "book": []})
    answers: Counter[str] = field(factory=Counter)

    async def run(self, start: Start) -> Span:
        """Have all callers send their requests."""
        serials = self.morning.serials(self.process)

        async def call() -> None:
            for serial in serials:
                await self._request(serial)

        with uncollected():
            start()
            began = perf_counter()
            await asyncio.gather(*(call() for _ in range(ceil(self.morning.callers / self.morning.processes))))
            return began, perf_counter()

    async def _request(self, serial: int) -> None:
        drawn = Random(f"{self.morning.seed} {serial}")
        kind, slots = KINDS[serial // self.morning.processes % len(KINDS)], self.workload.slots
        if kind == "person":
            await self._person(serial, drawn)
            return
        who = self.morning.requests + drawn.randrange(BOTS) if kind == "bot" else serial
        outcome = await self.desk.book(
            slots[drawn.randrange(HOT)], applicant=made_up_person(who), agreed=True, request_id=f"morning-{serial}"
        )
        self.answers[f"{kind} {type(outcome).__name__}"] += 1

    async def _person(self, serial: int, drawn: Random) -> None:
        wanted = drawn.choice(self.workload.slots[HOT:])
        began = perf_counter()
        found = await self.desk.find_slots(service=wanted.service, branch=wanted.branch, limit=20)
        searched = perf_counter()
        slot = drawn.choice(found) if found else wanted
        outcome = await self.desk.book(
            slot, applicant=made_up_person(serial), agreed=True, request_id=f"morning-{serial}"
        )
        self.times["search"].append(searched - began)
        self.times["book"].append(perf_counter() - searched)
        self.answers[f"person {type(outcome).__name__}"] += 1


def measure(morning: Morning, url: str, *, profiled: bool = False) -> dict[str, Any]:
    """The figures of a release on the empty database at `url`. Raises `OversoldError`."""
    workload = Workload(morning.slots, seats=morning.seats)
    store = PostgresStore(url)
    workload.opened(store)
    store.close()
    with tempfile.TemporaryDirectory() as folder:

        async def run(place: int, start: Start) -> tuple[Span, dict[str, Any]]:
            profile = cProfile.Profile() if profiled and place == 0 else None
            async with workload.async_desk(AsyncPostgresStore(url)) as desk:
                await desk.calendar.entries()  # so that the connection is there
                part = Part(morning, desk, workload, place)
                before = process_time()
                if profile is not None:
                    profile.enable()
                span = await part.run(start)
                if profile is not None:
                    profile.disable()
            kept = {
                "times": part.times,
                "answers": part.answers,
                "processor": process_time() - before,
                "profile": {} if profile is None else shares(profile),
            }
            return span, kept

        def of_process(place: int, start: Start) -> Span:
            span, kept = asyncio.run(run(place, start))
            Path(folder, f"{place}.json").write_text(json.dumps(kept), encoding="utf-8")
            return span

        took = seconds_of_processes(of_process, morning.processes)
        parts = [json.loads(each.read_text(encoding="utf-8")) for each in sorted(Path(folder).glob("*.json"))]
    answers = sum((Counter(each["answers"]) for each in parts), Counter[str]())
    searches = [each for part in parts for each in part["times"]["search"]]
    bookings = [each for part in parts for each in part["times"]["book"]]
    return {
        "requests": morning.requests,
        "processes": morning.processes,
        "callers": morning.callers,
        "processors": processors(),
        "seconds": round(took, 1),
        "per_second": round((morning.requests + len(searches)) / took),
        "search_ms": spread(searches),
        "book_ms": spread(bookings),
        "answers": dict(sorted(answers.items())),
        "oversold": checked(url, morning, sum(n for name, n in answers.items() if name.endswith(" Booked"))),
        "desk_processors": round(sum(each["processor"] for each in parts) / took, 2),
        "desk_ms": round(1e3 * sum(each["processor"] for each in parts) / (morning.requests + len(searches)), 2),
        **({"profile": parts[0]["profile"]} if profiled else {}),
    }


def checked(url: str, morning: Morning, acknowledged: int) -> int:
    """The slots with too many seats taken, which is 0. Raises `OversoldError`."""
    booked, people, seats_taken, overfull = ask(url, COUNTS, morning.seats)[0]
    if overfull or not booked == people == seats_taken == acknowledged:
        raise OversoldError(
            f"got {acknowledged} acknowledged, {booked} booked by {people} people, {seats_taken} seats taken, and"
            f" {overfull} slots with too many; expected the same number, and no such slot"
        )
    return int(overfull)


def spread(seconds: list[float]) -> dict[str, float]:
    """The median and the 99th percentile, in milliseconds."""
    found = quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
    return {"p50": round(1e3 * found[49], 1), "p99": round(1e3 * found[98], 1)}


def shares(profile: cProfile.Profile) -> dict[str, float]:
    """The share of the processor time in each part of the program, without waits for the server."""
    found = Counter[str]()
    stats: Any = pstats.Stats(profile)
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():
        if "select." in name or "poll" in name:
            continue
        known = file.replace(os.sep, "/")
        found[next((part for part, where in PARTS.items() if where in known), "the rest, mostly built-in calls")] += own
    whole = sum(found.values())
    return {part: round(own / whole, 2) for part, own in found.most_common()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000, help="how many, without searches (default 2,000)")
    parser.add_argument("--processes", type=int, default=processors(), help="of desks (default: one a processor)")
    parser.add_argument("--callers", type=int, default=128, help="how many wait at once (default 128)")
    parser.add_argument("--seed", type=int, default=1, help="of the slots that are chosen (default 1)")
    parser.add_argument("--profile", action="store_true", help="profile the first process, which makes it slower")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    morning = Morning(
        requests=options.requests, processes=options.processes, callers=options.callers, seed=options.seed
    )
    with durable_server() as server, own_database(server, f"traffic_booking_morning_{os.getpid()}") as url:
        found = measure(morning, url, profiled=options.profile)
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
