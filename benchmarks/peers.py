"""The same work by this library and by django-appointment, on one PostgreSQL.

Three pieces of work are measured: the slots of a day of one counter, a booking, and a race. In a race, some clients (8)
see one free slot at once and book it. Both sides do each in turn, in fresh processes, each with its own database on one
server. django-appointment is installed in `build/peers`, from `requirements/peers.txt`. Only its own functions behind
its pages are called. HTTP, templates, sessions and mail are left out on both sides: a portal pays for them with either.
A booking of this library also evaluates every rule, and records the results.

- `time_ratio`: its time for each piece of work, divided by ours. Above 1, ours is the faster. A race takes from the
  common start until the last answer. The outcomes of a race differ: here one client gets the seat, and the others are
  refused, each with a record; there every client gets an appointment.
- `double_bookings`: how many clients got a slot whose only seat another client already had, over all races.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from statistics import median
from threading import Barrier, Thread
from time import perf_counter
from typing import Any, Final

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from rich.console import Console
from rich.table import Table

from tests.postgres_server import durable_server, own_database
from traffic_booking import Bilingual, Booked, BookingDesk, BranchException, Clerk, Effect, Refused, Throttled
from traffic_booking.testing import made_up_person

ROOT: Final = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS: Final = 60
SERVICE: Final = "licence-renewal"
BRANCH: Final = "riyadh-traffic"
FIRST_DAY_AHEAD: Final = 2
MOST_SLOTS: Final = 500


class Ours:
    """A desk on PostgreSQL, with one seat for each start time of one branch."""

    def __init__(self, url: str) -> None:
        self.desk = BookingDesk.open(url)
        today = datetime.now(UTC).date()
        self.first = today + timedelta(days=FIRST_DAY_AHEAD)
        one_seat = BranchException(
            id="one-seat",
            branch=BRANCH,
            first_day=today,
            last_day=today + timedelta(days=90),
            effect=Effect.OTHER_CAPACITY,
            capacity=1,
            reason=Bilingual("مقارنة", "Comparison"),
        )
        self.desk.calendar.declare(one_seat, reason="Comparison", by=Clerk("desk-1"), request_id="one-seat")
        self._requests = 0

    def slots(self, limit: int = MOST_SLOTS) -> Any:
        """Free slots of the branch, from the first day on."""
        begins = datetime.combine(self.first, time(), UTC)
        return self.desk.find_slots(service=SERVICE, branch=BRANCH, from_=begins, limit=limit)

    def slots_of_a_day(self) -> int:
        """How many starts the first day has: the limit of a search for its slots."""
        found = self.slots()
        return sum(slot.day == found[0].day for slot in found)

    def book(self, slot: Any) -> Booked | Refused | Throttled:
        """A booking for somebody new."""
        self._requests += 1
        return self._book(slot, self._requests)

    def _book(self, slot: Any, person: int) -> Booked | Refused | Throttled:
        return self.desk.book(slot, applicant=made_up_person(person), agreed=True, request_id=f"request-{person}")

    def race(self, clients: int) -> tuple[int, float]:
        """How many of `clients` who see the same free slot at once get it, and the seconds until the last answer."""
        began, ended, got = [], [], []
        start = Barrier(clients, action=lambda: began.append(perf_counter()))
        first = self._requests + 1
        self._requests += clients

        def call(person: int) -> None:
            (slot,) = self.slots(1)
            start.wait(PATIENCE_SECONDS)
            if isinstance(self._book(slot, person), Booked):
                got.append(person)
            ended.append(perf_counter())

        threads = [Thread(target=call, args=(first + client,)) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(got), max(ended) - began[0]


def ours(url: str, turns: int, clients: int, races: int) -> dict[str, Any]:
    """The same figures of this library as `_django_appointment.py` prints of the peer."""
    side = Ours(url)
    with side.desk:
        a_day = side.slots_of_a_day()
        slots = iter(side.slots()[:turns])
        found = {
            "booking_us": microseconds(lambda: side.book(next(slots)), turns),
            "slots_of_a_day_us": microseconds(lambda: side.slots(a_day), turns),
        }
        got, seconds = zip(*(side.race(clients) for _ in range(races)), strict=True)
        return found | {"race_us": median(seconds) * 1e6, "races": races, "clients": clients, "got_the_slot": got}


def microseconds(work: Callable[[], object], turns: int) -> float:
    """How long one turn takes, the median of the turns."""
    times = []
    for _ in range(turns):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return median(times) * 1e6


def peer_python(folder: Path) -> Path:
    """An interpreter that has django-appointment, which is installed if it is missing."""
    python = folder / "bin" / "python"
    stamp, wanted = folder / "installed.txt", (ROOT / "requirements" / "peers.txt").read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "peers.txt")], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def measure(runs: int, turns: int, clients: int, races: int) -> dict[str, Any]:
    """Both sides in turn, each time in a new database."""
    python = peer_python(ROOT / "build" / "peers")
    sides: dict[str, list[str]] = {
        "ours": [sys.executable, str(Path(__file__).resolve()), "--ours"],
        "peer": [str(python), str(ROOT / "benchmarks" / "_django_appointment.py")],
    }
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
    with durable_server() as url:
        for turn in range(runs):
            for name in sides if turn % 2 else reversed(sides):
                with own_database(url, f"peers_{name}") as database:
                    figures = [database, str(turns), str(clients), str(races)]
                    ended = subprocess.run(
                        [*sides[name], *figures], check=True, capture_output=True, text=True, cwd=ROOT
                    )
                found[name].append(json.loads(ended.stdout))
    return summary(found) | {"runs": runs, "turns": turns, "clients": clients, "races": runs * races}


def summary(found: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The ratios of the medians, and the double bookings of each side."""
    works = ("booking_us", "slots_of_a_day_us", "race_us")
    typical = {name: {work: median(each[work] for each in runs) for work in works} for name, runs in found.items()}
    return {
        "time_ratio": {
            work.removesuffix("_us"): round(typical["peer"][work] / typical["ours"][work], 1) for work in works
        },
        "double_bookings": {
            name: sum(max(got - 1, 0) for each in runs for got in each["got_the_slot"]) for name, runs in found.items()
        },
        "microseconds": {name: {work: round(took) for work, took in each.items()} for name, each in typical.items()},
    }


def show(found: dict[str, Any]) -> None:
    """The comparison as a table."""
    table = Table(title=f"{found['runs']} runs; {found['races']} races of {found['clients']} clients for one seat")
    for header in ("", "this library", "django-appointment", "ratio"):
        table.add_column(header, justify="right" if header else "left")
    mine, peer = found["microseconds"]["ours"], found["microseconds"]["peer"]
    for name, work in (("a booking", "booking"), ("slots of a day", "slots_of_a_day"), ("a race", "race")):
        times = (f"{each[work + '_us'] / 1000:.2f}" for each in (mine, peer))
        table.add_row(f"{name}, ms", *times, f"{found['time_ratio'][work]:.1f}")
    doubles = found["double_bookings"]
    table.add_row("double bookings", str(doubles["ours"]), str(doubles["peer"]), "")
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="fresh processes of each side (default 3)")
    parser.add_argument("--turns", type=int, default=50, help="bookings, and searches, of each (default 50)")
    parser.add_argument("--clients", type=int, default=8, help="clients that race for one seat (default 8)")
    parser.add_argument("--races", type=int, default=5, help="races of each process (default 5)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--ours", nargs=4, metavar=("URL", "TURNS", "CLIENTS", "RACES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        url, *figures = options.ours
        json.dump(ours(url, *map(int, figures)), sys.stdout)
        return
    found = measure(options.runs, options.turns, options.clients, options.races)
    if options.json:
        json.dump(found, sys.stdout)
        print()
    else:
        show(found)


if __name__ == "__main__":
    main()
