"""The cost of a booking over HTTP, compared with the verb itself.

`http_to_desk`: the processor time of a booking through the JSON API, called as an ASGI application without sockets,
divided by that of `await desk.book(…)` on the same desk, turn by turn. Wanted: 2.0 or less, in memory and on SQLite.
A search, which is mostly an answer of JSON, is measured as well.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks._in_turns import show
from benchmarks.booking import Workload
from traffic_booking import AsyncBookingDesk
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.ports.store import Store
from traffic_booking.testing import made_up_person
from traffic_booking.web import ProcessRateLimits, booking_app

TURN = 10
"""Bookings in one turn: the clock of processor time is coarse."""
PERSON = b"x-person"
HEADERS = [
    (b"host", b"portal.example"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"application/json"),
    (b"accept-language", b"ar,en;q=0.8"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"origin", b"https://portal.example"),
    (b"sec-fetch-site", b"same-origin"),
    (b"cookie", b"__Host-session=Vd0vXpWq5mJxVd0vXpWq5mJx; __Host-device=Vd0vXpWq5mJxVd0vXpWq5mJx"),
    (b"content-type", b"application/json"),
]


async def called(app: Any, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    """The status of one request, sent as a server would."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [*HEADERS, *headers],
        "client": ("192.0.2.1", 5000),
        "server": ("portal.example", 443),
    }
    await app(scope, receive, send)
    return statuses[0]


class Contenders:
    """Bookings of different people, by the verb and over HTTP, on one desk."""

    def __init__(self, workload: Workload, desk: AsyncBookingDesk) -> None:
        self._workload = workload
        self._desk = desk
        limits = ProcessRateLimits(per_minute={"address": 10**9, "person": 10**9})
        self._app = booking_app(desk, actor_of=self._actor, rate_limits=limits)

    @staticmethod
    def _actor(request: Any) -> Any:
        return made_up_person(int(request.headers["x-person"]))

    async def verb(self, place: int) -> None:
        """A booking by the verb."""
        assert await self._workload.request(self._desk, place)()

    async def http(self, place: int) -> None:
        """A booking over HTTP."""
        body = json.dumps({"slot": self._workload.slots[place].token, "agreed": True}).encode()
        headers = [(PERSON, str(place).encode()), (b"idempotency-key", f"request-{place:032}".encode())]
        assert await called(self._app, "POST", "/appointments", headers, body) == 201

    async def search(self, _: int) -> None:
        """A search by the verb."""
        await self._desk.find_slots(service="licence-renewal", governorate="riyadh", limit=20)

    async def http_search(self, _: int) -> None:
        """A search over HTTP."""
        path = "/slots?service=licence-renewal&governorate=riyadh&limit=20"
        assert await called(self._app, "GET", path, [(PERSON, b"1")], b"") == 200


async def microseconds_in_turns(
    contenders: dict[str, Callable[[int], Awaitable[None]]], turns: int
) -> dict[str, float]:
    """The median processor time of each contender; each has places of its own."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    place = 0
    for turn in range(turns):
        order = list(contenders.items())
        for name, work in order if turn % 2 else reversed(order):
            start = process_time()
            for _ in range(TURN):
                await work(place)
                place += 1
            times[name].append((process_time() - start) / TURN * 1e6)
    return {name: median(took[len(took) // 10 :]) for name, took in times.items()}


async def measure(turns: int, folder: Path) -> dict[str, float | int]:
    """The ratios on both stores, and the times that they come from."""
    workload, found = Workload(2 * TURN * turns), {}
    stores: dict[str, Store] = {"memory": MemoryStore(), "sqlite": SqliteStore(folder / "http.db")}
    for name, store in stores.items():
        workload.opened(store)
        desk = workload.async_desk(ThreadedStore(store))
        of = Contenders(workload, desk)
        times = await microseconds_in_turns({"verb": of.verb, "http": of.http}, turns)
        found[f"{name}_http_to_desk"] = round(times["http"] / times["verb"], 2)
        found |= {f"{name}_{each}_us": round(time) for each, time in times.items()}
        times = await microseconds_in_turns({"search": of.search, "http_search": of.http_search}, max(turns // 4, 5))
        found[f"{name}_search_http_to_desk"] = round(times["http_search"] / times["search"], 2)
        found |= {f"{name}_{each}_us": round(time) for each, time in times.items()}
        await desk.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40, help=f"turns of {TURN} bookings each (default 40)")
    parser.add_argument("--folder", help="where to keep the database (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = asyncio.run(measure(options.turns, Path(folder)))
    show(found, as_json=options.json, width=30)


if __name__ == "__main__":
    main()
