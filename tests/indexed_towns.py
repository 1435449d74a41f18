"""Towns of several time zones for tests of the availability index: questions, requests, and a search that lists all."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from tests.calendars import PLAIN, exception
from tests.cases import CLERK
from tests.small_town import RETENTION, named, small_catalogue, small_rulebook
from traffic_booking import (
    AvailableSlot,
    Booked,
    Branch,
    Catalogue,
    Coordinates,
    DeskParts,
    Held,
    Shift,
    Timetable,
    Weekday,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.numbering import RandomNumbering
from traffic_booking.application._sync.desk import Desk
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.decisions.availability import free_seats, horizon
from traffic_booking.domain.schedule.entries import Withdrawal
from traffic_booking.domain.schedule.exceptions import Effect
from traffic_booking.domain.schedule.slots import Slot, SlotRange
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.domain.searching.bit_index import BitIndex
from traffic_booking.domain.searching.question import Candidate, Question, SearchedBranch, SlotOrder
from traffic_booking.ports.store import Store
from traffic_booking.testing import MovableClock, made_up_person

DAYS = 4
"""The days that a town's rulebook lets people book ahead."""
SERVICES = ("renewal", "transfer", "foreign")
ZONES = ("Asia/Riyadh", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
STARTS = (
    datetime(2026, 11, 22, 4, tzinfo=UTC),
    datetime(2026, 10, 23, 22, tzinfo=UTC),  # the clocks of Berlin go back
    datetime(2027, 3, 27, 21, tzinfo=UTC),  # and forward
)
POINTS = [Coordinates(24.70, 46.70), Coordinates(24.61, 46.70), Coordinates(21.49, 39.19)]
RULES: dict[str, Any] = {
    "BK_08": {"appointments": 20},
    "CN_03": {"minutes": 0},
    "MV_04": {"moves": 100},
    "MV_05": {"minutes": 0},
}
RULEBOOK = small_rulebook(BK_04={"days": DAYS}, **RULES)


@st.composite
def towns(draw: st.DrawFn) -> Catalogue:
    """The small town with one to four branches in several time zones, many with shifts past midnight or a pool."""
    branches, timetables = [], []
    for serial in range(draw(st.integers(1, 4))):
        shifts = []
        for _ in range(2):
            opens = draw(st.integers(0, 95)) * 15
            shifts.append(
                Shift(
                    weekdays=draw(st.frozensets(st.sampled_from(Weekday), min_size=4)),
                    opens_minute=opens,
                    closes_minute=opens + draw(st.sampled_from([20, 60, 100, 180])),
                    capacity=draw(st.integers(1, 3)),
                    on_weekends=True,
                )
            )
        pool = draw(st.sampled_from([None, "counters"]))
        offers = (
            Offer(frozenset({"renewal", "transfer"}), (shifts[0],), pool),
            Offer(frozenset({"foreign"}), (shifts[1],), draw(st.sampled_from([None, pool]))),
        )
        timetables.append(Timetable(f"table{serial}", named("table"), offers))
        branches.append(
            Branch(
                id=f"branch{serial}",
                code=f"00{serial}",
                governorate="town",
                name=named("branch"),
                location=draw(st.sampled_from(POINTS)),
                timetable=f"table{draw(st.integers(0, serial))}",
                time_zone=draw(st.sampled_from(ZONES)),
            )
        )
    return evolve(small_catalogue(), branches=tuple(branches), timetables=tuple(timetables))


@st.composite
def questions(draw: st.DrawFn, catalogue: Catalogue, now: datetime) -> Question:
    """A question about some of the branches and services."""
    services = draw(st.lists(st.sampled_from(catalogue.services), min_size=1, unique_by=lambda each: each.id))
    near = draw(st.none() | st.sampled_from(POINTS))
    listed = [each for each in catalogue.branches if draw(st.integers(0, 3))]
    distances = {each.id: None if near is None else near.distance_km(each.location) for each in listed}
    listed.sort(key=lambda each: distances[each.id] or 0.0)
    bounds: st.SearchStrategy[date | None] = st.none() | st.integers(-30, 120).map(
        lambda hours: now + timedelta(hours=hours)
    )
    bounds |= st.integers(-1, 5).map(lambda days: now.date() + timedelta(days=days))
    between = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda pair: pair[0] != pair[1])
    return Question(
        services=tuple(services),
        branches=tuple(
            SearchedBranch(branch=each, rank=rank, distance_km=distances[each.id]) for rank, each in enumerate(listed)
        ),
        from_=draw(bounds),
        until=draw(bounds),
        weekdays=draw(st.none() | st.frozensets(st.sampled_from(Weekday), min_size=1)),
        between=draw(st.none() | between),
        seats=draw(st.sampled_from([1, 1, 2, 3])),
        adjacent=draw(st.sampled_from([1, 1, 2, 3])),
        order=draw(st.sampled_from(SlotOrder)),
    )


verbs = st.sampled_from(["book"] * 4 + ["hold"] * 3 + ["confirm", "cancel", "move", "sweep", "wait", "close", "reopen"])
requests = st.lists(st.tuples(verbs, st.integers(0, 200), st.integers(0, 20)), max_size=25)


class Town:
    """A desk with an index that is refreshed before each search, and another desk that writes to the same store."""

    def __init__(self, catalogue: Catalogue, start: datetime, store: Store | None = None) -> None:
        self.catalogue = catalogue
        self.store, self.clock = store or MemoryStore(), MovableClock(start)
        self.desk = self.opened(availability="index")
        self.writer = self.opened()
        self.index: Any = self.desk._office.index
        assert self.index is not None
        self.index.staleness = timedelta()
        self.serials: dict[str, int] = {}
        self.declared: list[str] = []
        self.serial = 0

    def opened(self, **others: Any) -> Desk:
        """Another desk over the same store."""
        parts: dict[str, Any] = {"store": self.store, "catalogue": self.catalogue, "rulebook": RULEBOOK} | others
        parts["calendar"] = PLAIN
        return Desk(DeskParts(clock=self.clock, numbering=RandomNumbering(), retention=RETENTION, tickets={}, **parts))

    def snapshot(self) -> BitIndex:
        """The index now."""
        found: BitIndex | None = self.index.current(self.desk._office.configuration.now(), self.clock.now())
        assert found is not None
        return found

    def request(self, verb: str, place: int, pick: int) -> None:
        """Do something at the other desk, if it can be done."""
        self.serial += 1
        numbers = list(self.serials)
        number = numbers[-1 - pick % len(numbers)] if numbers else None
        request: dict[str, Any] = {"request_id": f"{self.serial}"}
        match verb:
            case "sweep":
                self.writer.maintenance.expire_holds()
            case "wait":
                self.clock.advance(timedelta(minutes=1 + place))
            case "close":
                self._close(place, pick)
            case "reopen" if self.declared:
                self._declare(Withdrawal(self.declared.pop(place % len(self.declared))))
            case "book" | "hold":
                self._new(verb, self._slot(place, pick), request)
            case "confirm" if number is not None:
                person = made_up_person(self.serials[number])
                self.writer.book(
                    self.writer.appointment(number, by=CLERK).slot, applicant=person, agreed=True, **request
                )
            case "cancel" if number is not None:
                self.writer.cancel(number, by=CLERK, **request)
            case "move" if number is not None:
                self._move(number, self._slot(place, pick), request)

    def _new(self, verb: str, slot: AvailableSlot | None, request: dict[str, Any]) -> None:
        agreed = {"agreed": True} if verb == "book" else {}
        if slot is not None:
            outcome = getattr(self.writer, verb)(slot, applicant=made_up_person(self.serial), **agreed, **request)
            if isinstance(outcome, Booked | Held):
                self.serials[outcome.appointment.number] = self.serial

    def _move(self, number: str, slot: AvailableSlot | None, request: dict[str, Any]) -> None:
        if slot is not None and slot.service == self.writer.appointment(number, by=CLERK).slot.service:
            self.writer.move(number, slot, by=CLERK, agreed=True, **request)

    def _slot(self, place: int, pick: int) -> AvailableSlot | None:
        service, few = SERVICES[pick % len(SERVICES)], 6  # so that some slots are full
        found = self.writer.find_slots(service=service, limit=500)
        near_now = found[:few] if place % 2 else found
        return near_now[place % len(near_now)] if near_now else None

    def _close(self, place: int, pick: int) -> None:
        effect = (Effect.CLOSED, Effect.OPEN, Effect.OTHER_CAPACITY)[place % 3]
        branch = self.catalogue.branches[pick % len(self.catalogue.branches)].id
        day = self.clock.now().date() + timedelta(days=place % 5)
        seats = 1 + pick % 5 if effect is Effect.OTHER_CAPACITY else None
        name = f"record-{self.serial}"
        self.declared.append(name)
        self._declare(exception(effect, day, name=name, branch=branch, capacity=seats))

    def _declare(self, record: Any) -> None:
        self.writer.calendar.declare(record, reason="a test", by=CLERK, request_id=f"declare-{self.serial}")

    def listed(self, question: Question) -> list[Candidate]:
        """All candidates of a question in its order, from the store: the slow way."""
        configuration, now = self.writer._office.configuration.now(), self.clock.now()
        last = horizon(configuration, now)
        ranges = [
            SlotRange(
                branch=at.branch.id,
                service=service.id,
                from_=now - timedelta(days=1),
                until=last + timedelta(days=1),
                pool=configuration.catalogue.pool_of(at.branch.id, service.id),
            )
            for at in question.branches
            for service in question.services
        ]
        seats_taken = self.writer._office.seats.seats_taken(ranges, lapsed_by=now)
        found = []
        for at in question.branches:
            for place, service in enumerate(question.services):
                slots = dict(_searched(configuration, question, at.branch, service, now, last))
                free = {start: free_seats(slot.seats, slot.capacity, seats_taken) for start, slot in slots.items()}
                for start, first in slots.items():
                    duration = timedelta(minutes=service.duration_minutes)
                    row = [start + step * duration for step in range(question.adjacent)]
                    if all(free.get(each, 0) >= question.seats for each in row):
                        key = question.key(at, place, start)
                        following = tuple(slots[each] for each in row[1:])
                        found.append(Candidate(key, at, first, min(free[each] for each in row), following))
        return sorted(found, key=lambda each: each.key)


def _searched(
    configuration: Configuration, question: Question, branch: Branch, service: Any, first: datetime, last: datetime
) -> Iterator[tuple[datetime, Slot]]:
    """The slots of a service at a branch that a question is about, full or not."""
    opens, closes = question.window(branch, first, last)
    for ordinal in range(first.toordinal() - 1, last.toordinal() + 2):
        day = date.fromordinal(ordinal)
        for slot in configuration.slots_of_day(branch, service, day):
            start = slot.key.starts_at
            if opens <= start < closes and any(a <= start < b for a, b in question.times_on(branch, day)):
                yield start, slot
