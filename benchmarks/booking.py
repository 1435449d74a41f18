"""The cost of a booking, compared with the least that it needs.

Two ratios, each with a floor measured in the same run, turn by turn:

- `desk_to_floor`: bookings a second of one caller through the desk on SQLite (synchronous FULL), divided by those of
  hand-written code that runs the same statements with ready-made rows: no rules, no objects. Wanted: 0.75 or more.
- `memory_to_decision`: the time of a booking through the desk on the memory store, divided by that of the bare decision
  on ready-made facts. Wanted: 1.5 or less.
"""

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, overload

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from attrs import evolve

from benchmarks._in_turns import seconds_in_turns, show
from tests.store_changes import plain
from traffic_booking import AsyncBookingDesk, AvailableSlot, Booked, BookingDesk, DeskParts, Refused
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.adapters.sqlite.opening import open_reader, open_writer
from traffic_booking.adapters.sqlite.tables import Tables
from traffic_booking.domain.appointments.commands import BookSlot
from traffic_booking.domain.appointments.person_state import PersonState
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.booking import decide_booking
from traffic_booking.domain.decisions.changes import Change
from traffic_booking.domain.decisions.facts import FactsQuery
from traffic_booking.domain.people.applicants import Registration
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.text_input import RequestId
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.persistence.persons import CURRENT, new_applicant
from traffic_booking.persistence.schema import SCHEMA
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.wiring import shipped_calendar

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WARM_UP = 20


TABLES: Final = Tables(SCHEMA)
READS: Final = {
    "request": "SELECT * FROM answers WHERE request_id = ?",
    "person": "SELECT * FROM persons WHERE person = ?",
    "standing": "SELECT * FROM people WHERE subject = (SELECT subject FROM persons WHERE person = ?)",
    "seat": "SELECT value FROM seats WHERE key = ?",
    "branch": "SELECT * FROM calendars WHERE branch = ?",
}
"""The facts of a booking, by the row of values that each takes."""
WRITES: Final = {
    "appointments": "INSERT INTO appointments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "answers": "INSERT INTO answers VALUES (?, ?, ?, ?)",
    "persons": "INSERT INTO persons VALUES (?, ?, ?, ?)",
    "people": "INSERT INTO people VALUES (?, ?, ?, ?)",
    "log": "INSERT INTO log (stream, kind, body) VALUES (?, ?, ?), (?, ?, ?)",
    "seats": (
        "INSERT INTO seats VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value"
        " WHERE value + excluded.value <= ?"
    ),
}
"""The writes of a booking, by the row of values that each takes."""
CHECKS: Final = {
    "branch": "SELECT version FROM calendars WHERE branch = ?",
    "key": "SELECT version FROM person_keys WHERE name = ?",
}


class Floor:
    """The same round trips as the desk's, written by hand, with rows that were made beforehand."""

    def __init__(self, path: Path) -> None:
        self.writer = open_writer(path, 10, TABLES)
        self.reader = open_reader(path, 10, read_only=False)

    def book(self, rows: dict[str, tuple[Any, ...]]) -> None:
        """One booking, from the facts to the commit."""
        self.reader.execute("BEGIN")
        for name, statement in READS.items():
            self.reader.execute(statement, rows[name]).fetchall()
        self.reader.execute("COMMIT")
        self.writer.execute("BEGIN IMMEDIATE")
        for name, statement in CHECKS.items():
            self.writer.execute(statement, rows[name]).fetchone()
        for name, statement in WRITES.items():
            self.writer.execute(statement, rows[name])
        self.writer.execute("COMMIT")

    def close(self) -> None:
        """Close both connections."""
        self.reader.close()
        self.writer.close()


def rows_of(change: Change) -> dict[str, tuple[Any, ...]]:
    """Everything that the floor binds, from the change that the domain decided."""
    written = plain(change)
    (count,), (registered, booked) = written.counts, written.entries
    rows = {
        put.collection: TABLES.records[put.collection].to_sql((put.key, put.expected + 1, *put.columns, put.body))
        for put in written.puts
    }
    (person, *_), (request, *_) = rows["persons"], rows["answers"]
    return rows | {
        "request": (request,),
        "person": (person,),
        "standing": (person,),
        "seat": (count.key,),
        "branch": (change.seats[0].seat.branch,),
        "key": (CURRENT,),
        "log": (*registered, *booked),
        "seats": (count.key, count.delta, count.ceiling),
    }


def with_seats(catalogue: Catalogue, seats: int) -> Catalogue:
    """`catalogue` with so many seats in every slot."""
    timetables = tuple(
        evolve(
            timetable,
            offers=tuple(
                evolve(offer, shifts=tuple(evolve(shift, capacity=seats) for shift in offer.shifts))
                for offer in timetable.offers
            ),
        )
        for timetable in catalogue.timetables
    )
    return evolve(catalogue, timetables=timetables)


class Workload:
    """Bookings of different people, each in a slot of its own; slots have `seats` seats if that is given."""

    def __init__(self, count: int, seats: int | None = None) -> None:
        with BookingDesk(DeskParts(store=MemoryStore(), clock=MovableClock(NOW))) as desk:
            self.catalogue, self.rulebook = desk.catalogue, desk.rulebook
            if seats is not None:
                self.catalogue = with_seats(self.catalogue, seats)
            service = self.catalogue.services[0].id
            self.slots: list[AvailableSlot] = []
            for branch in self.catalogue.branches:
                if len(self.slots) >= count:
                    break
                self.slots += desk.find_slots(service=service, branch=branch.id, limit=100)
        self.slots = self.slots[:count]
        assert len(self.slots) == count, f"got {len(self.slots)} slots; expected {count}"
        self.configuration = Configuration(self.catalogue, self.rulebook, BranchCalendars(shipped_calendar()))
        self._book = self.opened(MemoryStore())

    def opened(self, store: Store) -> AppointmentBook:
        """The appointment book of `store`, with the calendar of every branch open, as the first booking leaves it."""
        book = AppointmentBook(store)
        book.open_persons()
        book.open_calendars([branch.id for branch in self.catalogue.branches])
        return book

    def desk(self, store: Store) -> BookingDesk:
        """A desk over `store` whose clock stands still."""
        return BookingDesk(
            DeskParts(store=store, clock=MovableClock(NOW), catalogue=self.catalogue, rulebook=self.rulebook)
        )

    def async_desk(self, store: AsyncStore) -> AsyncBookingDesk:
        """The same for asyncio."""
        return AsyncBookingDesk(
            DeskParts(store=store, clock=MovableClock(NOW), catalogue=self.catalogue, rulebook=self.rulebook)
        )

    @overload
    def request(self, desk: BookingDesk, place: int) -> Callable[[], Booked | Refused]: ...
    @overload
    def request(self, desk: AsyncBookingDesk, place: int) -> Callable[[], Awaitable[Booked | Refused]]: ...
    def request(self, desk: BookingDesk | AsyncBookingDesk, place: int) -> Callable[[], object]:
        """One person's request for a slot of their own, ready to be made."""
        slot, person, request_id = self.slots[place], made_up_person(place), f"request-{place:032}"
        return lambda: desk.book(slot, applicant=person, agreed=True, request_id=request_id)

    def decision(self, place: int) -> Callable[[], Change]:
        """The bare decision about the same request, on facts that were read beforehand."""
        person, key = made_up_person(place), self.slots[place].key
        me = new_applicant(person)
        command = BookSlot(request_id=RequestId(f"request-{place:032}"), actor=me, applicant=me, slot=key, agreed=True)
        query = FactsQuery(request_id=command.request_id, persons=(person,), slots=(key,))
        facts = evolve(self._book.facts([query])[0], person_state=PersonState(me))
        number = RandomNumbering().draw(self.catalogue.branch(key.branch).code)
        return lambda: decide_booking(self.configuration, command, facts, number, NOW)

    def change(self, place: int) -> Change:
        """Decide the same request, and register the person."""
        change = self.decision(place)()
        assert change.person_state is not None
        applicant = change.person_state.applicant
        return evolve(change, registrations=(Registration(person=made_up_person(place), applicant=applicant, at=NOW),))


def microseconds_each(contenders: dict[str, list[Callable[[], object]]]) -> dict[str, float]:
    """The median time of each contender's pieces of work; each does one a turn."""
    turns = min(map(len, contenders.values()))
    each = {name: partial(_piece, works) for name, works in contenders.items()}
    times = seconds_in_turns(each, turns)
    return {name: median(took[WARM_UP:]) * 1e6 for name, took in times.items()}


def _piece(works: list[Callable[[], object]], turn: int) -> object:
    return works[turn]()


def measure(count: int, folder: Path) -> dict[str, float | int | str]:
    """Both ratios, and the times that they come from."""
    workload = Workload(count)
    places = range(count)
    with workload.desk(MemoryStore()) as desk:
        typical = microseconds_each(
            {
                "memory": [workload.request(desk, place) for place in places],
                "decision": [workload.decision(place) for place in places],
            }
        )
        assert desk.appointments(made_up_person(count - 1)).upcoming
    store = SqliteStore(folder / "desk.db")
    workload.opened(store)
    floor, desk = Floor(folder / "floor.db"), workload.desk(store)
    with closing(floor), desk:
        typical |= microseconds_each(
            {
                "desk": [workload.request(desk, place) for place in places],
                "floor": [partial(floor.book, rows_of(workload.change(place))) for place in places],
            }
        )
        assert desk.appointments(made_up_person(count - 1)).upcoming
    return {
        "bookings": count,
        "sqlite": sqlite3.sqlite_version,
        "desk_to_floor": round(typical["floor"] / typical["desk"], 3),
        "memory_to_decision": round(typical["memory"] / typical["decision"], 3),
        **{f"{name}_us": round(value, 1) for name, value in typical.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=400, help="how many bookings to make (default 400)")
    parser.add_argument("--folder", help="where to keep the databases (default: a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = measure(options.bookings, Path(folder))
    show(found, as_json=options.json)


if __name__ == "__main__":
    main()
