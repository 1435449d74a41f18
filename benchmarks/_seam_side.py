"""One side of `seam.py`: a desk of the tree that is on the path, and the pieces of work that are timed.

Only the public face of the library is used, so that the same script serves both trees. The arguments are the store's
URL and, for the new tree alone, the file of a pseudonym key. A line of standard input is the name of a piece of work.
The answer on standard output is its seconds, or the counts of one booking.
"""

import gc
import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import psycopg
from attrs import evolve

import traffic_booking
from benchmarks._callers import seconds_of_threads, uncollected
from traffic_booking import Booked, BookingDesk, shipped_catalogue
from traffic_booking.domain.schedule.timetables import Timetable
from traffic_booking.testing import MovableClock, made_up_person

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SOURCES: Final = str(Path(traffic_booking.__file__).parent)
CALLERS: Final = 64
EACH: Final = 4
"""How often each caller of a storm books."""
SEATS: Final = 10_000
SERVICE: Final = "licence-renewal"
OTHER_SERVICE: Final = "plate-exchange"
"""For the second booking of a person, who is registered by then. It is of another group of services."""
GOVERNORATE: Final = "riyadh"
VERIFIED: Final = 300
"""Bookings that the store holds before anything is timed."""
COUNTED: Final = 20
"""Bookings over which the syncs of one are counted."""


class Side:
    """A desk over the store at `url`, with slots that never fill up; each booking is for somebody new."""

    def __init__(self, url: str, key_file: str | None = None) -> None:
        self.url = url
        catalogue = shipped_catalogue()
        timetables = tuple(map(roomy, catalogue.timetables))
        clock, catalogue = MovableClock(NOW), evolve(catalogue, timetables=timetables)
        self.desk = BookingDesk.open(url, clock=clock, catalogue=catalogue, **_key_of(key_file))
        branches = self.desk.catalogue.branches_for(service=SERVICE)
        self.slots, self.other_slots = self._spread(SERVICE, branches), self._spread(OTHER_SERVICE, branches)
        self._serials = count(1)
        self.book(VERIFIED)
        self.busy = made_up_person(0)
        services = self.desk.catalogue.services_for(branch=branches[0].id, holder=self.busy.holder)
        first_of_group = {service.group: service.id for service in services}
        for serial, service in enumerate(first_of_group.values()):
            from_ = NOW + timedelta(days=2 + serial)
            slot = self.desk.find_slots(service=service, branch=branches[0].id, from_=from_, limit=1)[0]
            self.desk.book(slot, applicant=self.busy, agreed=True, request_id=f"busy-{serial}")

    def _spread(self, service: str, branches: Sequence[Any]) -> list[Any]:
        """Slots for a service, from branch to branch."""
        first = NOW + timedelta(days=1 + (service == OTHER_SERVICE))
        found = [
            self.desk.find_slots(service=service, branch=branch.id, from_=first, limit=200) for branch in branches[:20]
        ]
        return [slot for place in zip(*(each for each in found if each), strict=False) for slot in place]

    def second_bookings(self, times: int) -> list[Callable[[], None]]:
        """Bookings of people who have one for another service, ready to be made."""
        ready = []
        for _ in range(times):
            serial = next(self._serials)
            self._booking(serial, hot=False)()
            ready.append(self._booking(serial, hot=False, slots=self.other_slots, name="second"))
        return ready

    def bookings(self, times: int, *, hot: bool = False) -> list[Callable[[], None]]:
        """Bookings, ready to be made: in the slot that everybody wants, or each in the next of many."""
        return [self._booking(next(self._serials), hot=hot) for _ in range(times)]

    def _booking(
        self, serial: int, *, hot: bool, slots: Sequence[Any] | None = None, name: str = "request"
    ) -> Callable[[], None]:
        among = self.slots if slots is None else slots
        slot, person = among[0 if hot else serial % len(among)], made_up_person(serial)

        def book() -> None:
            outcome = self.desk.book(slot, applicant=person, agreed=True, request_id=f"{name}-{serial:032}")
            assert isinstance(outcome, Booked), outcome

        return book

    def book(self, times: int = 1) -> None:
        """Make so many bookings."""
        for book in self.bookings(times):
            book()

    def storm(self, *, hot: bool) -> float:
        """The seconds until all callers have booked a few times."""
        ready = self.bookings(CALLERS * EACH, hot=hot)
        return seconds_of_threads(lambda caller: done(ready[caller::CALLERS]), CALLERS)

    def works(self) -> Mapping[str, Callable[[], float]]:
        """The pieces of work by name; each returns the seconds that it took."""
        find, desk = self.desk.find_slots, self.desk
        return {
            "verify": lambda: timed([desk.audit.verify]),
            "list": lambda: timed([lambda: desk.appointments(self.busy)] * 50),
            "search_governorate": lambda: timed([lambda: find(service=SERVICE, governorate=GOVERNORATE)] * 10),
            "search_all": lambda: timed([lambda: find(service=SERVICE)] * 2),
            "booking": lambda: timed(self.bookings(20)),
            "booking_again": lambda: timed(self.second_bookings(20)),
            "storm_spread": lambda: self.storm(hot=False),
            "storm_hot": lambda: self.storm(hot=True),
        }

    def counts(self) -> dict[str, float]:
        """The counts of one booking: of the library's Python, and of the store."""
        self.book(COUNTED)
        functions: dict[str, int] = {}
        (book,) = self.bookings(1)
        sys.setprofile(lambda frame, event, _: _count(functions, frame.f_code) if event == "call" else None)
        book()
        sys.setprofile(None)
        counted = _on_sqlite if self.url.startswith("sqlite") else _on_postgres
        return counted(self) | {"frames": sum(functions.values()), "functions": functions}


def _key_of(file: str | None) -> dict[str, Any]:
    """The argument that opens a store with a key; a tree from before pseudonyms has none such."""
    if file is None:
        return {}
    from traffic_booking.adapters.pseudonyms import PseudonymKey  # noqa: PLC0415 - the old tree lacks it

    return {"pseudonym_key": PseudonymKey.from_file(file)}


def roomy(timetable: Timetable) -> Timetable:
    """The timetable with many seats at every start."""
    return evolve(
        timetable,
        offers=tuple(
            evolve(offer, shifts=tuple(evolve(shift, capacity=SEATS) for shift in offer.shifts))
            for offer in timetable.offers
        ),
    )


def done(works: Sequence[Callable[[], object]]) -> None:
    """Do all of them, one after another."""
    for work in works:
        work()


def timed(works: Sequence[Callable[[], object]]) -> float:
    """The seconds that these take, one after another."""
    with uncollected():
        began = perf_counter()
        done(works)
        return perf_counter() - began


def _count(functions: dict[str, int], code: Any) -> None:
    if code.co_filename.startswith(SOURCES):
        name = f"{code.co_filename.removeprefix(SOURCES)[1:]}:{code.co_qualname}"
        functions[name] = functions.get(name, 0) + 1


def _open_of(kind: type) -> list[Any]:
    """The open connections of the desk; each tree keeps them elsewhere."""
    return [each for each in gc.get_objects() if isinstance(each, kind)]


def _on_sqlite(side: Side) -> dict[str, Any]:
    """Round trips are transactions; a transaction that writes waits for the disk once, as it is committed."""
    statements: list[str] = []
    connections = _open_of(sqlite3.Connection)
    before = [each.total_changes for each in connections]
    for each in connections:
        each.set_trace_callback(statements.append)
    side.book()
    for each in connections:
        each.set_trace_callback(None)
    writers = sum(each.total_changes != changes for each, changes in zip(connections, before, strict=True))
    transactions = sum(statement.startswith("BEGIN") for statement in statements)
    return {"round_trips": transactions, "statements": len(statements), "syncs": writers}


def _on_postgres(side: Side) -> dict[str, Any]:
    """Counted in libpq's trace of its messages; each transaction that writes has a number, and one flush."""
    connections = _open_of(psycopg.Connection)
    with tempfile.TemporaryFile("w+") as trace:
        for each in connections:
            each.pgconn.trace(trace.fileno())
        side.book()
        for each in connections:
            each.pgconn.untrace()
        trace.seek(0)
        messages = re.findall(r"\t([FB])\t\d+\t(\w+)", trace.read())
    with psycopg.connect(side.url, autocommit=True) as connection:
        before = _next_transaction(connection)
        side.book(COUNTED)
        written = _next_transaction(connection) - before
    return {
        "round_trips": messages.count(("B", "ReadyForQuery")),
        "statements": messages.count(("F", "Execute")) + messages.count(("F", "Query")),
        "syncs": written / COUNTED,
    }


def _next_transaction(connection: Any) -> int:
    return int(connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()[0])


def main() -> None:
    side = Side(*sys.argv[1:])
    works = side.works()
    print("ready", flush=True)
    with side.desk:
        for line in sys.stdin:
            name = line.strip()
            print(json.dumps(side.counts() if name == "counts" else works[name]()), flush=True)


if __name__ == "__main__":
    main()
