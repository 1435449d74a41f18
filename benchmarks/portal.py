"""Measures how long each page of the reference portal takes while 200 people book at once, move and cancel.

`python benchmarks/portal.py --json` starts the portal as a process of its own on a new SQLite database, and sends 200
made-up people through the journey over HTTP on this machine, all at once. It fails if a page is an error or if the
audit finds a fault, such as a seat that was booked twice.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

if __name__ == "__main__":  # files beside this one have names of the standard library
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import httpx2

from examples.portal.demo import PASSWORD
from traffic_booking import BookingDesk
from traffic_booking.adapters.embedded_identity import EmbeddedIdentity
from traffic_booking.testing import made_up_person

CODE: Final = "472983"
PLACE: Final = "branch=riyadh-traffic&service=licence-renewal"
HIDDEN: Final = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')
SLOT: Final = re.compile(r'name="slot" value="([^"]+)"')
MOST_SECONDS: Final = 900
"""A run that takes longer is stopped."""


class WrongPageError(Exception):
    """A page that was not the expected one."""


@contextmanager
def served(database: str) -> Iterator[str]:
    """The address of a portal in a process of its own, which ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"DB": database, "PORT": str(port), "CODE": CODE, "SECRET": secrets.token_hex(32), "DEMO": "0"}
    process = subprocess.Popen([sys.executable, "-m", "examples.portal"], env={**os.environ, **settings})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx2.get(address + "/health", timeout=5)
                break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def register(database: str, people: int) -> None:
    """Make the accounts; the cheapest hash stands for a sign-in elsewhere."""
    with BookingDesk.open(database) as desk:
        identity = EmbeddedIdentity(desk.store, clock=desk.clock)
        for serial in range(people):
            identity.register(made_up_person(serial), PASSWORD, user_name=f"person-{serial}")


class Person:
    """One of them, with a browser's cookies; each step is timed under its name."""

    def __init__(self, address: str, serial: int, times: dict[str, list[float]]) -> None:
        self._client = httpx2.AsyncClient(base_url=address, timeout=MOST_SECONDS, headers={"origin": address})
        self._serial, self._times = serial, times
        self.refused = 0

    async def get(self, step: str, path: str, status: int = 200) -> str:
        """Open a page, and return its text."""
        return (await self._timed(step, "GET", path, None, status)).text

    async def post(self, step: str, path: str, sent: dict[str, str], *statuses: int) -> httpx2.Response:
        """Send a form, and return the answer, which has one of these states or 303."""
        return await self._timed(step, "POST", path, sent, *(statuses or (303,)))

    async def _timed(
        self, step: str, method: str, path: str, sent: dict[str, str] | None, *statuses: int
    ) -> httpx2.Response:
        began = time.perf_counter()
        answer = await self._client.request(method, path, data=sent)
        self._times[step].append(time.perf_counter() - began)
        if answer.status_code not in statuses:
            title = re.search("<h1>(.*?)</h1>", answer.text)
            raise WrongPageError(f"{step}: {answer.status_code} {title and title.group(1)}; expected {statuses}")
        return answer

    async def walk(self) -> None:
        """The whole journey: sign in, choose, hold, agree, print, move, cancel."""
        try:
            await self._sign_in()
            number = await self._book()
            await self.get("J-16 documents", f"/en/documents/{number}")
            await self.get("J-17 ticket", f"/en/tickets/{number}")
            await self.get("J-17 code", f"/en/tickets/{number}/qr-svg")
            await self._move(number)
            await self.get("C-06 appointments", "/en/appointments")
            await self.get("C-08 booked", "/en/appointments/traffic/booked")
            await self.get("C-09 cancel", f"/en/cancel/{number}")
            form = _fields(await self.get("C-10 confirm", f"/en/cancel/{number}/confirm"))
            await self.post("C-10 cancelled", f"/en/cancel/{number}/confirm", form)
            await self.get("C-10 proof", f"/en/cancelled/{number}")
        finally:
            await self._client.aclose()

    async def _sign_in(self) -> None:
        await self.get("J-01 open", "/en/")
        form = _fields(await self.get("J-05 sign-in page", "/en/sign-in"))
        form |= {"name": f"person-{self._serial}", "password": PASSWORD, "code": CODE}
        await self.post("J-06 sign in", "/en/sign-in", form)
        await self.get("J-07 home", "/en/home")
        await self.get("J-08 services", "/en/services")
        await self.get("J-09 traffic", "/en/services/traffic")
        await self.get("J-10 governorates", "/en/governorates")
        await self.get("J-11 branches", "/en/branches?governorate=riyadh")
        await self.get("J-12 service", "/en/choose-service?branch=riyadh-traffic")
        await self.get("J-13 new", f"/en/new?{PLACE}")

    async def _book(self) -> str:
        held = await self._hold(f"/en/month?{PLACE}", {})
        path = urlsplit(held).path
        form = _fields(await self.get("J-15 instructions", path))
        answer = await self.post("J-15 agree", path, form)
        return urlsplit(answer.headers["location"]).path.rpartition("/")[2]

    async def _move(self, number: str) -> None:
        confirm = await self._hold(f"/en/month?{PLACE}&moving={number}", {"moving": number})
        form = _fields(await self.get("J-15 move page", confirm))
        await self.post("J-15 move", f"/en/move/{number}/confirm", form)

    async def _hold(self, month: str, more: dict[str, str]) -> str:
        """Choose a time. All want the first ones, so some are refused and choose again, as people do."""
        for _ in range(100):
            page = await self.get("J-14 month", month)
            slots = SLOT.findall(page)
            if not slots:
                raise WrongPageError("J-14 month: no time on the page")
            chosen = slots[self._serial % 3 % len(slots)]
            answer = await self.post(
                "J-13 hold", "/en/hold", {**_fields(page), **more, "slot": unescape(chosen)}, 303, 409
            )
            if answer.status_code == 303:
                return str(answer.headers["location"])
            self.refused += 1
        raise WrongPageError("J-13 hold: refused a hundred times")


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of the form in the main part of a page; the menu has a form of its own."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.partition("<main")[2])}


async def _all(address: str, people: int, times: dict[str, list[float]]) -> int:
    crowd = [Person(address, serial, times) for serial in range(people)]
    await asyncio.wait_for(asyncio.gather(*(person.walk() for person in crowd)), MOST_SECONDS)
    return sum(person.refused for person in crowd)


def measure(people: int) -> dict[str, Any]:
    """Send that many people through the journey at once. Returns the figures; raises `WrongPageError`."""
    times: dict[str, list[float]] = defaultdict(list)
    with TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'portal.db'}"
        register(database, people)
        with served(database) as address:
            began = time.perf_counter()
            refused = asyncio.run(_all(address, people, times))
            seconds = time.perf_counter() - began
        with BookingDesk.open(database) as desk:
            audit = desk.audit.verify()
            if not audit or audit.appointments < people:
                raise WrongPageError(
                    f"the audit: {audit.broken[:3]}, {audit.appointments} appointments of {people} people"
                )
            appointments = audit.appointments
    return {
        "people": people,
        "seconds": round(seconds, 1),
        "pages": sum(len(each) for each in times.values()),
        "holds_refused": refused,
        "appointments": appointments,
        "broken": 0,
        "steps": {step: _spread(taken) for step, taken in sorted(times.items())},
    }


def _spread(taken: list[float]) -> dict[str, float]:
    last = quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    return {"median_ms": round(1_000 * median(taken)), "p95_ms": round(1_000 * last)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200, help="how many at once")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    chosen = parser.parse_args()
    figures = measure(chosen.people)
    if chosen.json:
        print(json.dumps(figures))
        return
    steps = figures.pop("steps")
    print(*(f"{name}: {value}" for name, value in figures.items()), sep="\n")
    for step, spread in steps.items():
        print(f"{step:24} median {spread['median_ms']:6} ms   p95 {spread['p95_ms']:6} ms")


if __name__ == "__main__":
    main()
