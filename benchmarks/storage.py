"""The disk space of a request: the growth of the vacuumed SQLite file, in bytes per request of each kind.

Many persons book all services of the shipped catalogue, at all its branches, at uneven instants, with request ids of
36 characters. A booking usually takes the first seat of its slot, which costs more than the seats after it. The exit
status is 1 if a kind of request takes more than `LIMITS` allows.

The growth of each table and index is shown too, if this SQLite has `dbstat`.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from attrs import define, field

from traffic_booking import (
    Appointment,
    AvailableSlot,
    Booked,
    BookingDesk,
    Cancelled,
    Held,
    Holder,
    Moved,
    NationalId,
    Refused,
    ResidentId,
)
from traffic_booking.testing import MovableClock, made_up_person

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WARM: Final = 300  # bookings before anything is measured: they fill slots, and give every table a few pages
LONGEST_PAUSE: Final = 0.1  # seconds between requests: all are made before the first appointment comes near
DAYS: Final = {"full": (2, 8), "first": (8, 20), "second": (20, 32), "moved": (32, 44), "held": (44, 56)}
"""From now. No two appointments of a person overlap, because each is in a window of its own."""
LIMITS: Final = {
    "booking": 1_200,
    "refusal: instructions": 600,
    "refusal: same service": 600,
    "refusal: full": 600,
}
"""Bytes, of registered persons with one active appointment."""


@define(eq=False)
class Customer:
    """A person, the three services that they ask for, and the appointments that they have had."""

    id: NationalId | ResidentId
    services: list[str]
    appointments: list[Appointment] = field(factory=list)


class Portal:
    """A desk over a file, and requests of people whose choices are drawn from `seed`."""

    def __init__(self, file: Path, seed: int) -> None:
        self._file = file
        self._drawn = Random(seed)
        self._clock = MovableClock(NOW)
        self._people = 0
        self.desk = self._opened()
        self._full = list(self._filled_slots())

    def customers(self, count: int) -> list[Customer]:
        """New people, citizens and residents, each with services that are open to them."""
        return [self._customer(Holder.RESIDENT if serial % 2 else Holder.CITIZEN) for serial in range(count)]

    def sizes(self) -> dict[str, int]:
        """The bytes of the vacuumed file as `file`, and of each table and index by its name."""
        self.desk.close()
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            found = {"file": self._file.stat().st_size}
            with suppress(sqlite3.OperationalError):  # dbstat is an option of SQLite's build
                found |= dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
        self.desk = self._opened()
        return found

    def close(self) -> None:
        """Close the desk."""
        self.desk.close()

    def book_first(self, customer: Customer) -> None:
        """Book the first service."""
        self._book(customer, self._slot(customer.services[0], "first"))

    def book_second(self, customer: Customer) -> None:
        """Book the second service."""
        self._book(customer, self._slot(customer.services[1], "second"))

    def hold_and_book(self, customer: Customer) -> None:
        """Hold a slot for the third service, and book it."""
        slot = self._slot(customer.services[2], "held")
        held = self.desk.hold(slot, applicant=customer.id, request_id=self._request_id())
        assert isinstance(held, Held), held
        self._book(customer, slot)

    def refuse_without_agreement(self, customer: Customer) -> None:
        """Ask for the second service without agreeing to its instructions."""
        self._refuse(customer, self._slot(customer.services[1], "second"), "BK-06", agreed=False)

    def refuse_same_service(self, customer: Customer) -> None:
        """Ask once more for the first service."""
        self._refuse(customer, self._slot(customer.services[0], "second"), "BK-07")

    def refuse_full(self, customer: Customer) -> None:
        """Ask for a slot that has no seat left."""
        own = customer.services[0]
        slot = next(slot for slot in iter(lambda: self._drawn.choice(self._full), None) if slot.service != own)
        self._refuse(customer, slot, "BK-05")

    def move(self, customer: Customer) -> None:
        """Move the second appointment."""
        slot, number = self._slot(customer.services[1], "moved"), customer.appointments[1].number
        moved = self.desk.move(number, slot, by=customer.id, request_id=self._request_id())
        assert isinstance(moved, Moved), moved

    def cancel(self, customer: Customer) -> None:
        """Cancel the first appointment."""
        number = customer.appointments[0].number
        cancelled = self.desk.cancel(number, by=customer.id, request_id=self._request_id())
        assert isinstance(cancelled, Cancelled), cancelled

    def _opened(self) -> BookingDesk:
        return BookingDesk.open(f"sqlite:///{self._file}", clock=self._clock)

    def _customer(self, holder: Holder) -> Customer:
        self._people += 1
        services = [service.id for service in self.desk.catalogue.services_for(holder=holder)]
        return Customer(made_up_person(self._people, holder), self._drawn.sample(services, 3))

    def _filled_slots(self) -> Iterable[AvailableSlot]:
        booked = 0
        while booked < WARM:
            customer = self._customer(Holder.CITIZEN)
            slot = self._slot(customer.services[0], "full")
            for _ in range(slot.free):
                self._book(self._customer(Holder.CITIZEN), slot)
            booked += slot.free
            yield slot

    def _slot(self, service: str, window: str) -> AvailableSlot:
        """A slot with a free seat, at any branch, within the window."""
        first, last = (NOW + timedelta(days=days) for days in DAYS[window])
        slots: Sequence[AvailableSlot] = ()
        while not slots:  # some branches have few working days for a service
            from_ = first + (last - first) * self._drawn.random()
            branch = self._drawn.choice(self.desk.catalogue.branches_for(service=service))
            slots = self.desk.find_slots(service=service, branch=branch.id, from_=from_, until=last, limit=40)
        return self._drawn.choice(slots)

    def _request_id(self) -> str:
        self._clock.advance(timedelta(seconds=LONGEST_PAUSE * self._drawn.random()))
        return str(UUID(int=self._drawn.getrandbits(128), version=4))

    def _book(self, customer: Customer, slot: AvailableSlot) -> None:
        booked = self.desk.book(slot, applicant=customer.id, agreed=True, request_id=self._request_id())
        assert isinstance(booked, Booked), booked
        customer.appointments.append(booked.appointment)

    def _refuse(self, customer: Customer, slot: AvailableSlot, rule: str, *, agreed: bool = True) -> None:
        refused = self.desk.book(slot, applicant=customer.id, agreed=agreed, request_id=self._request_id())
        assert isinstance(refused, Refused), refused
        broken = [verdict.rule_id for verdict in refused.verdicts]
        assert broken == [rule], f"got {broken} broken; expected {rule} alone"


KINDS: Final[Mapping[str, Callable[[Portal, Customer], None]]] = {
    "first booking": Portal.book_first,
    "refusal: instructions": Portal.refuse_without_agreement,
    "refusal: same service": Portal.refuse_same_service,
    "refusal: full": Portal.refuse_full,
    "booking": Portal.book_second,
    "move": Portal.move,
    "cancellation": Portal.cancel,
    "hold and booking": Portal.hold_and_book,
}
"""The acts of each customer, one kind after the other. Their first booking registers them."""


def measure(file: Path, bookings: int, seed: int) -> dict[str, dict[str, float]]:
    """The growth of the file, and of each table and index that grew, in bytes per request of each kind."""
    portal = Portal(file, seed)
    found: dict[str, dict[str, float]] = {}
    before = portal.sizes()

    def growth(kind: str, work: Callable[[Portal, Customer], None], customers: Iterable[Customer]) -> None:
        nonlocal before
        for customer in customers:
            work(portal, customer)
        after = portal.sizes()
        found[kind] = {
            name: round((size - before.get(name, 0)) / bookings, 1)
            for name, size in after.items()
            if size != before.get(name, 0)
        }
        before = after

    with closing(portal):
        customers = portal.customers(bookings)
        for kind, work in KINDS.items():
            growth(kind, work, customers)
        growth("first refusal", Portal.refuse_without_agreement, portal.customers(bookings))
    return found


def show(found: Mapping[str, Mapping[str, float]]) -> None:
    """Print the kinds of requests, and the tables and indexes that a booking takes."""
    print(f"{'bytes per request':>24}  {'growth':>8}  {'limit':>8}")
    for kind, sizes in found.items():
        print(f"{kind:>24}  {sizes['file']:8,.0f}  {LIMITS.get(kind, ''):>8}")
    tables = {name: size for name, size in found["booking"].items() if name != "file"}
    if tables:
        print(f"\n{'bytes per booking':>24}  {'growth':>8}")
    for name, size in sorted(tables.items(), key=lambda each: -each[1]):
        print(f"{name:>24}  {size:8,.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bookings", type=int, default=1_000, help="how many requests of each kind (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of persons, slots and request ids (default 1)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder) / "bookings.db", options.bookings, options.seed)
    above = [kind for kind, limit in LIMITS.items() if found[kind]["file"] > limit]
    if options.json:
        summary = {"bookings": options.bookings, "seed": options.seed, "above_limit": above, "limits": LIMITS}
        growth = {kind: sizes.pop("file") for kind, sizes in found.items()}
        print(json.dumps({**summary, "bytes": growth, "tables": found}))
    else:
        show(found)
        print("".join(f"\n{kind}: above its limit" for kind in above))
    return int(bool(above))


if __name__ == "__main__":
    sys.exit(main())
