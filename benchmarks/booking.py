"""What a booking costs beyond what it can't do without.

Two ratios, each against a floor measured in the same run, turn by turn:

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
from typing import Any, overload

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from attrs import evolve

from benchmarks._in_turns import seconds_in_turns, tell
from traffic_booking import AsyncBookingDesk, AvailableSlot, Booked, BookingDesk, Refused
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.adapters.sqlite import SqliteStore, statements
from traffic_booking.adapters.sqlite.opening import open_reader, open_writer
from traffic_booking.adapters.sqlite.rows import answer_row, appointment_row, event_row, microseconds, slot_row
from traffic_booking.domain.catalogue import Catalogue
from traffic_booking.domain.changes import Change
from traffic_booking.domain.commands import BookSlot
from traffic_booking.domain.decisions.booking import decide_booking
from traffic_booking.domain.facts import FactsQuery
from traffic_booking.domain.terms import Terms
from traffic_booking.domain.working_time import BranchCalendars
from traffic_booking.ports.async_store import AsyncStore
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person
from traffic_booking.wiring import shipped_calendar

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WARM_UP = 20


class Floor:
    """The same statements as the desk's, in the same transactions, with rows that were made beforehand."""

    def __init__(self, path: Path) -> None:
        self.writer = open_writer(path, 10)
        self.reader = open_reader(path, 10)

    def book(self, rows: dict[str, tuple[Any, ...]]) -> None:
        """One booking, from the facts to the commit."""
        self._facts(rows)
        self.writer.execute("BEGIN IMMEDIATE")
        self._guards(rows)
        self.writer.execute(statements.ADD_ANSWER, rows["answer"])
        self.writer.execute(statements.RAISE_STANDING, rows["standing"])
        self.writer.execute(statements.ADD_APPOINTMENT, rows["appointment"])
        self.writer.execute(statements.ADD_EVENT, rows["event"])
        self.writer.execute(statements.WRITE_SEATS, rows["seats"])
        self.writer.execute("COMMIT")

    def _facts(self, rows: dict[str, tuple[Any, ...]]) -> None:
        self.reader.execute("BEGIN")
        self.reader.execute(statements.ANSWERS.sized(1), rows["request"]).fetchone()
        self.reader.execute(statements.STANDINGS.sized(1), rows["applicant"]).fetchone()
        self.reader.execute(statements.APPOINTMENTS_ENDING_AFTER.sized(1), rows["ending"]).fetchall()
        self.reader.execute(statements.SEATS.sized(1), rows["slot"]).fetchone()
        self.reader.execute("COMMIT")

    def _guards(self, rows: dict[str, tuple[Any, ...]]) -> None:
        self.writer.execute(statements.ANSWERS.sized(1), rows["request"]).fetchone()
        self.writer.execute(statements.STANDINGS.sized(1), rows["applicant"]).fetchone()
        self.writer.execute(statements.APPOINTMENT_VERSIONS.sized(1), rows["number"]).fetchone()
        self.writer.execute(statements.SEATS.sized(1), rows["slot"]).fetchone()

    def close(self) -> None:
        """Close both connections."""
        self.reader.close()
        self.writer.close()


def rows_of(change: Change) -> dict[str, tuple[Any, ...]]:
    """Everything that the floor binds, from the change that the domain decided."""
    assert change.answer is not None
    assert change.standing is not None
    (appointment,), (event,), (seat,) = change.appointments, change.events, change.seats
    applicant = appointment.applicant.reveal()
    return {
        "request": (change.answer.command.request_id,),
        "applicant": (applicant,),
        "ending": (applicant, microseconds(NOW)),
        "slot": slot_row(seat.slot),
        "number": (appointment.number,),
        "answer": answer_row(change.answer),
        "standing": (applicant, 1),
        "appointment": appointment_row(appointment),
        "event": event_row(event),
        "seats": (*slot_row(seat.slot), 1),
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
    """Bookings of different people, one a slot; slots have `seats` seats where that is given."""

    def __init__(self, count: int, seats: int | None = None) -> None:
        with BookingDesk(store=MemoryStore(), clock=MovableClock(NOW)) as desk:
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
        self.terms = Terms(self.catalogue, self.rulebook, BranchCalendars(shipped_calendar()))

    def desk(self, store: Store) -> BookingDesk:
        """A desk over `store` whose clock stands still."""
        return BookingDesk(store=store, clock=MovableClock(NOW), catalogue=self.catalogue, rulebook=self.rulebook)

    def async_desk(self, store: AsyncStore) -> AsyncBookingDesk:
        """The same for asyncio."""
        return AsyncBookingDesk(store=store, clock=MovableClock(NOW), catalogue=self.catalogue, rulebook=self.rulebook)

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
        command = BookSlot(request_id=f"request-{place:032}", actor=person, applicant=person, slot=key, agreed=True)
        query = FactsQuery(request_id=command.request_id, ending_after=NOW, applicant=person, slots=(key,))
        facts = MemoryStore().facts([query])[0]
        number = RandomNumbering().draw(self.catalogue.branch(key.branch).code)
        return lambda: decide_booking(self.terms, command, facts, number, NOW)


def microseconds_each(contenders: dict[str, list[Callable[[], object]]]) -> dict[str, float]:
    """The median time of each contender's pieces of work, of which there are as many of each, one a turn."""
    turns = min(map(len, contenders.values()))
    each = {name: partial(_piece, works) for name, works in contenders.items()}
    times = seconds_in_turns(each, turns)
    return {name: median(taken[WARM_UP:]) * 1e6 for name, taken in times.items()}


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
        assert len(desk.store.appointments_of(made_up_person(count - 1), limit=1)) == 1
    floor, desk = Floor(folder / "floor.db"), workload.desk(SqliteStore(folder / "desk.db"))
    with closing(floor), desk:
        typical |= microseconds_each(
            {
                "desk": [workload.request(desk, place) for place in places],
                "floor": [partial(floor.book, rows_of(workload.decision(place)())) for place in places],
            }
        )
        assert len(desk.store.appointments_of(made_up_person(count - 1), limit=1)) == 1
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
    tell(found, as_json=options.json)


if __name__ == "__main__":
    main()
