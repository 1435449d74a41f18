"""A host of the JSON API in tests: an application over a desk of the small town, called without sockets."""

import asyncio
from collections.abc import Coroutine
from contextlib import contextmanager
from typing import Any, Self

import httpx2

from tests.calendars import PLAIN
from tests.people import ME
from tests.small_town import RETENTION, START, small_catalogue, small_rulebook
from traffic_booking import AsyncBookingDesk, DeskParts, Retention
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.testing import MovableClock
from traffic_booking.web import booking_app

BASE = "https://portal.example"


def town_desk(
    store: MemoryStore | None = None, *, retention: Retention = RETENTION, **figures: Any
) -> AsyncBookingDesk:
    """A desk of the small town, with every form of ticket, two seats in each slot, and figures of the rulebook."""
    return AsyncBookingDesk(
        DeskParts(
            store=ThreadedStore(store or MemoryStore()),
            clock=MovableClock(START),
            catalogue=small_catalogue(capacity=2),
            rulebook=small_rulebook(**figures),
            calendar=PLAIN,
            retention=retention,
        )
    )


class Client:
    """Calls an ASGI application from blocking code. `actor` is whoever the host takes for the caller."""

    def __init__(self, app: Any = None, *, desk: AsyncBookingDesk | None = None, base: str = BASE, **settings: Any):
        self._runner = asyncio.Runner()
        self.desk = desk or town_desk()
        self.actor: Any = ME
        self.app = app or booking_app(self.desk, actor_of=lambda _: self.actor, **settings)
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url=base)
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.http.aclose())
        self.run(self.desk.close())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(work)

    def get(self, path: str, **named: Any) -> Any:
        return self.run(self.http.get(path, **named))

    def delete(self, path: str, **named: Any) -> Any:
        return self.run(self.http.delete(path, **named))

    def post(self, path: str, data: Any = None, *, key: str | None = "new", **named: Any) -> Any:
        """Send JSON under a new request id, or a given one, or none."""
        self._count += 1
        headers = {"Idempotency-Key": f"web-{self._count}" if key == "new" else key} if key else {}
        headers |= named.pop("headers", {})
        return self.run(self.http.post(path, json={} if data is None else data, headers=headers, **named))

    def slot(self, place: int = 0, **query: Any) -> Any:
        """The token of a free slot, from tomorrow on."""
        query = {"service": "renewal", "branch": "north", "from": "2026-11-23", "limit": place + 1} | query
        return self.get("/slots", params=query).json()["slots"][place]["token"]

    def booked(self, place: int = 0) -> Any:
        """The number of a new appointment of the actor."""
        answer = self.post("/appointments", {"slot": self.slot(place), "agreed": True})
        assert answer.status_code == 201, answer.text
        return answer.json()["appointment"]["number"]


async def raw(app: Any, *, method="GET", path="/", headers=(), parts=(b"",), query=b"", scheme="https", stop=False):
    """The messages of the answer to one request with bytes of the caller's own.

    After its `parts` the client waits, or with `stop` goes away.
    """
    waiting = list(parts)
    sent: list[Any] = []

    async def receive():
        if not waiting:
            if stop:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()
        part = waiting.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(waiting) or stop}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"portal.example"), *headers],
        "client": ("192.0.2.1", 5000),
        "server": ("portal.example", 443),
    }
    await app(scope, receive, send)
    return sent


@contextmanager
def client(**settings: Any):
    """A client for one test."""
    with Client(**settings) as found:
        yield found
