"""Towns for the benchmark of searches: a catalogue of any size, and a store on SQLite that is filled quickly.

Seats are taken by committing counters, as if people had booked: a search reads nothing else of a booking.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from attrs import evolve

from traffic_booking import BookingDesk, Branch, Catalogue, SlotKey, shipped_calendar, shipped_catalogue
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.searching.bit_index import AlikeBranches
from traffic_booking.persistence.keys import seat_key
from traffic_booking.persistence.schema import SEATS
from traffic_booking.ports.primitives import Count, StoreChange
from traffic_booking.testing import MovableClock

NOW: Final = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAYS: Final = 60
"""The days ahead that the shipped rulebook lets people book."""
SERVICE: Final = "licence-renewal"
AT_ONCE: Final = 50_000
"""The counters of one commit."""
SHIPPED: Final = 154
FULL_DAYS: Final = 21
TAKEN_SHARE: Final = 0.6

_SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of the codes of branches

Taken = Callable[["Start", Random], bool]
STATES: Final[dict[str, Taken]] = {
    "empty": lambda _start, _drawn: False,
    "60 % taken": lambda _start, drawn: drawn.random() < TAKEN_SHARE,
    "21 days full": lambda start, _drawn: start.at < NOW + timedelta(days=FULL_DAYS),
}


class Start(NamedTuple):
    """A slot of `SERVICE` at branches that are alike; `text` is its start in the key of a counter."""

    at: datetime
    text: str
    capacity: int


def catalogue_of(branches: int) -> Catalogue:
    """The shipped catalogue, with as many branches: copies of its own, one after another."""
    shipped = shipped_catalogue()
    copies = (_copy(shipped.branches[place % SHIPPED], place) for place in range(branches))
    return evolve(shipped, branches=tuple(copies))


def _copy(branch: Branch, place: int) -> Branch:
    if place < SHIPPED:
        return branch
    number = 32**3 - 1 - place  # from the last code down: the shipped ones are small
    code = "".join(_SYMBOLS[number // 32**power % 32] for power in (2, 1, 0))
    return evolve(branch, id=f"{branch.id}-{place // SHIPPED}", code=code)


class Town:
    """A store with the seats of `state` taken, and two desks over it: one searches the store, one its index."""

    def __init__(self, folder: Path, branches: int, state: str = "empty") -> None:
        self.catalogue = catalogue_of(branches)
        self.clock = MovableClock(NOW)
        self.url = f"sqlite:///{folder / f'{len(list(folder.iterdir()))}.db'}"
        self.desk = self.open()
        self.store: Any = self.desk.store
        self.starts = self._starts()
        self.drawn = Random(1)
        self.take(STATES[state])
        self.indexed = self.open(availability="index")

    def open(self, **parts: Any) -> BookingDesk:
        """Another desk over the store."""
        return BookingDesk.open(self.url, clock=self.clock, catalogue=self.catalogue, **parts)

    def close(self) -> None:
        """Close both desks."""
        self.desk.close()
        self.indexed.close()

    def _starts(self) -> dict[str, list[Start]]:
        """The slots of the next days at each branch; branches that are alike share a list."""
        configuration = Configuration(self.catalogue, self.desk.rulebook, BranchCalendars(shipped_calendar()))
        service, found = self.catalogue.service(SERVICE), dict[str, list[Start]]()
        alike = AlikeBranches(configuration)
        for branch in self.catalogue.branches:
            first = alike.of(branch).id
            if first != branch.id:
                found[branch.id] = found[first]
                continue
            starts = found[branch.id] = []
            for ahead in range(DAYS + 1):
                slots = configuration.slots_of_day(branch, service, NOW.date() + timedelta(days=ahead))
                for at, capacity in zip(slots.starts, slots.capacities, strict=True):
                    text = seat_key(SlotKey(branch.id, service.id, at)).rpartition("/")[2]
                    starts.append(Start(at, text, capacity))
        return found

    def take(self, taken: Taken) -> int:
        """Take all seats of each slot for which `taken` is true; returns how many slots."""
        return self._commit(
            Count(SEATS.name, f"{branch.id}/{SERVICE}/{start.text}", start.capacity, start.capacity)
            for branch in self.catalogue.branches
            for start in self.starts[branch.id]
            if taken(start, self.drawn)
        )

    def book_elsewhere(self, bookings: int, since: int = 0) -> int:
        """Take so many seats of other services in past years, each in a slot of its own, behind the first `since`."""
        others = [service.id for service in self.catalogue.services if service.id != SERVICE]
        places = [(branch.id, service) for branch in self.catalogue.branches for service in others]
        begins = datetime(2016, 1, 1, tzinfo=UTC)

        def counts() -> Iterator[Count]:
            for number in range(since, since + bookings):
                place, minutes = number % len(places), number // len(places) * 15
                branch, service = places[place]
                key = seat_key(SlotKey(branch, service, begins + timedelta(minutes=minutes)))
                yield Count(SEATS.name, key, 1, 1)

        return self._commit(counts())

    def _commit(self, counts: Iterator[Count]) -> int:
        done = 0
        while some := tuple(islice(counts, AT_ONCE)):
            (conflict,) = self.store.commit([StoreChange(counts=some)])
            assert conflict is None, conflict
            done += len(some)
        return done
