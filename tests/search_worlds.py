"""Towns with a random history, random questions about them, and the answers of a brute force.

The brute force lists every slot of every day, evaluates a booking (or a move) of each with `what_if`, counts the seats
of each by the clock, filters with plain comparisons, and sorts. It shares nothing with a search but the timetables.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from tests.desks import open_desk
from tests.pools import free_at
from tests.small_town import START, named, small_catalogue, small_rulebook
from traffic_booking import (
    Appointment,
    Bilingual,
    Branch,
    BranchException,
    Catalogue,
    Clerk,
    Coordinates,
    Effect,
    Governorate,
    HijriDate,
    Holder,
    PersonId,
    Region,
    Shift,
    Timetable,
    Weekday,
)
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing import MovableClock, made_up_person

HORIZON_DAYS: Final = 5
SERVICES: Final = ("renewal", "transfer", "foreign")
POINTS: Final = (
    Coordinates(24.70, 46.70),
    Coordinates(24.61, 46.70),
    Coordinates(21.49, 39.19),
    Coordinates(24.70, 46.70),
)
ZONES: Final = ("Asia/Riyadh", "Asia/Riyadh", "Asia/Riyadh", "Europe/Berlin")
STRANGER: Final = made_up_person(10_001, Holder.RESIDENT)
KM_PER_DAY: Final = 100
NOWHERE: Final = Coordinates(0, 0)
PERSONS: Final = 12
STARTS: Final = (START, START + timedelta(hours=9), datetime.fromisoformat("2026-10-23T20:00+00:00"))
"""The last is before a change of the clocks in Berlin."""


def person(serial: int) -> PersonId:
    """Somebody who may have any service."""
    return made_up_person(serial, Holder.RESIDENT)


def random_catalogue(draw: Random) -> Catalogue:
    """One to five branches in three governorates of two regions, each with services and hours of its own."""
    town = small_catalogue()
    governorates = (
        *town.governorates,
        Governorate(id="valley", region="SA-02", name=named("valley"), seat=Coordinates(21.49, 39.19)),
    )
    branches, timetables = [], []
    for serial in range(draw.randint(1, 5)):
        opens = draw.choice([0, 450, 480, 720, 1380])
        shifts = tuple(
            Shift(
                weekdays=frozenset(draw.sample(list(Weekday), draw.randint(2, 7))),
                opens_minute=first,
                closes_minute=first + draw.choice([30, 45, 60, 90]),
                capacity=draw.randint(1, 2),
                on_weekends=True,
            )
            for first in {opens, opens + 240 if opens < 1000 else opens}
        )
        pool = draw.choice([None, "counters"])
        services = frozenset(draw.sample(SERVICES, draw.randint(1, 3)))
        timetables.append(Timetable(f"t{serial}", named(f"t{serial}"), (Offer(services, shifts, pool),)))
        branches.append(
            Branch(
                id=f"{draw.choice('abc')}{serial}",
                code=f"00{serial}",
                governorate=draw.choice(governorates).id,
                name=named(str(serial)),
                location=draw.choice(POINTS),
                timetable=f"t{serial}",
                time_zone=draw.choice(ZONES),
            )
        )
    return evolve(
        town,
        regions=(*town.regions, Region("SA-02", named("region 2"))),
        governorates=governorates,
        branches=tuple(branches),
        timetables=tuple(timetables),
    )


@frozen
class Listed:
    """A slot as the brute force lists it: its branch, service, start, end and capacity."""

    branch: Branch
    service: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    key: Any = field(eq=False)

    @property
    def local(self) -> datetime:
        """The start on the clock of the branch."""
        return self.starts_at.astimezone(ZoneInfo(self.branch.time_zone))


class World:
    """A desk with a history that follows from a seed. `opening` makes the desk, with any store."""

    def __init__(self, seed: int, *, opening: Callable[..., Any] = open_desk, requests: int = 40) -> None:
        self.draw = draw = Random(seed)
        self.clock = MovableClock(draw.choice(STARTS))
        self.catalogue = random_catalogue(draw)
        figures: dict[str, Any] = {
            "BK_12": {"minutes": draw.choice([0, 90])},
            "BK_07": {"appointments": draw.randint(1, 2)},
        }
        rulebook = small_rulebook(BK_04={"days": HORIZON_DAYS}, BK_14={"minutes": draw.choice([0, 45])}, **figures)
        self.desk = opening(self.catalogue, clock=self.clock, rulebook=rulebook)
        self.numbers: dict[str, PersonId] = {}
        for serial in range(draw.randint(0, requests)):
            self.request(serial)

    def request(self, serial: int) -> None:
        """Something that somebody does."""
        draw, desk = self.draw, self.desk
        match draw.choice(["book"] * 9 + ["hold"] * 4 + ["move", "move", "cancel", "wait", "close", "open", "sweep"]):
            case "book" | "hold" as verb:
                slots = self.found(limit=60)
                if slots:
                    who = person(draw.randrange(PERSONS))
                    named_by = {"applicant": who, "request_id": f"{serial}"}
                    agreed = {"agreed": True} if verb == "book" else {}
                    outcome = getattr(desk, verb)(draw.choice(slots), **named_by, **agreed)
                    if outcome:
                        self.numbers[outcome.appointment.number] = who
            case "move" if self.numbers:
                number, who = draw.choice(list(self.numbers.items()))
                if slots := self.found(limit=60):
                    desk.move(number, draw.choice(slots), by=who, request_id=f"{serial}")
            case "cancel" if self.numbers:
                number, who = draw.choice(list(self.numbers.items()))
                desk.cancel(number, by=who, request_id=f"{serial}")
            case "wait":
                self.clock.advance(timedelta(minutes=draw.choice([7, 7, 40, 700])))
            case "close" | "open" as what:
                self.declare(serial, what)
            case "sweep":
                desk.maintenance.expire_holds()
            case _:  # nothing to move or to cancel yet
                pass

    def declare(self, serial: int, what: str) -> None:
        """A closure of some days, or longer hours."""
        draw = self.draw
        first = self.clock.now().date() + timedelta(days=draw.randint(0, 5))
        effect = Effect.CLOSED if what == "close" else Effect.OTHER_CAPACITY
        capacity = {"capacity": draw.randint(1, 3)} if effect is Effect.OTHER_CAPACITY else {}
        record = BranchException(
            id=f"record-{serial}",
            branch=draw.choice(self.catalogue.branches).id,
            first_day=first,
            last_day=first + timedelta(days=draw.randint(0, 2)),
            effect=effect,
            reason=Bilingual("صيانة", "Repairs"),
            **capacity,
        )
        self.desk.calendar.declare(record, reason="test", by=Clerk("c-1"), request_id=f"d-{serial}")

    def found(self, **question: Any) -> list[Any]:
        """Slots of any service, as a person would find them."""
        return list(self.desk.find_slots(service=SERVICES, **question))

    def listed(self) -> list[Listed]:
        """Every slot of every branch and service, full or not, up to the horizon."""
        configuration = self.desk._office.configuration.latest_known
        first, everything = self.clock.now().date() - timedelta(days=2), []
        for branch in self.catalogue.branches:
            for service in self.catalogue.services:
                for days in range(HORIZON_DAYS + 4):
                    for slot in configuration.slots_of_day(branch, service, first + timedelta(days=days)):
                        start, end = slot.key.starts_at, slot.ends_at
                        everything.append(Listed(branch, service.id, start, end, slot.capacity, slot.key))
        return everything

    def appointments(self) -> list[Appointment]:
        """Every appointment and hold that has a seat now."""
        now = self.clock.now()
        theirs = [each for who in map(person, range(PERSONS)) for each in self.desk.appointments(who, limit=500)]
        return [each for each in theirs if each.has_seat and (each.hold_ends_at is None or now < each.hold_ends_at)]


class BruteForce:
    """The slots that a person can book (anybody, if None), or to which an appointment can be moved, at one moment."""

    def __init__(self, world: World, who: PersonId | None = None, moving: Appointment | None = None) -> None:
        self.world, self.who, self.moving = world, who, moving
        plan = world.desk.what_if()  # reads the calendar's entries as well
        self.every = world.listed()
        there = world.appointments()
        own = set() if who is None else {each.number for each in world.desk.appointments(who).held}
        self.free = {each: self._free(each, there, own) for each in self.every}
        broken = {each: _broken(plan.book(each.key, applicant=STRANGER, agreed=True)) for each in self.every}
        self.alone = {each for each in self.every if broken[each] <= {"BK-05"}}
        anybody = {each for each in self.every if not broken[each]}
        self.granted = anybody if who is None else {each for each in self.alone if self._granted(plan, each)}

    def _free(self, slot: Listed, there: list[Appointment], own: set[str]) -> int:
        pool = self.world.catalogue.pool_of(slot.branch.id, slot.service)
        beside = [
            each
            for each in there
            if each.slot.branch == slot.branch.id
            and not (each.number in own and each.slot.service == slot.service)
            and (self.moving is None or each.number != self.moving.number)
            and (each.slot == slot.key if pool is None else each.pool == pool)
        ]
        return free_at(beside, slot.starts_at, slot.ends_at, slot.capacity)

    def _granted(self, plan: Any, slot: Listed) -> bool:
        if self.moving is None:
            return bool(plan.book(slot.key, applicant=self.who, agreed=True))
        moved = plan.move(self.moving.number, slot.key, by=self.who, agreed=True)
        return bool(moved) and self.moving.slot != slot.key

    def answer(self, question: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All that a search finds, in its order: branch, service, start, free seats, and the starts of the row."""
        searched = {each for each in self.alone if self._is_searched(each, question)}
        rows = []
        for first in self.granted & searched:
            row = [first]
            while len(row) < question.get("adjacent", 1):
                further = [each for each in searched if self._follows(each, row[-1])]
                if not further:
                    break
                row += further
            else:
                rows.append(row)
        rows.sort(key=lambda row: self._order(row[0], question))
        if question.get("each_branch"):
            rows = list({row[0].branch.id: row for row in reversed(rows)}.values())
            rows.sort(key=lambda row: self._order(row[0], question))
        return [
            (
                *(row[0].branch.id, row[0].service, row[0].starts_at, min(self.free[each] for each in row)),
                tuple(each.starts_at for each in row[1:]),
            )
            for row in rows
        ]

    def _follows(self, slot: Listed, before: Listed) -> bool:
        return (slot.branch.id, slot.service, slot.starts_at) == (before.branch.id, before.service, before.ends_at)

    def _is_searched(self, slot: Listed, question: Mapping[str, Any]) -> bool:
        return (
            self.free[slot] >= question.get("seats", 1)
            and slot.service in _several(question["service"])
            and slot.branch.id in {each.id for each in self._branches(question)}
            and self._is_in_window(slot, question)
        )

    def _branches(self, question: Mapping[str, Any]) -> Iterator[Branch]:
        governorates = {each.id: each for each in self.world.catalogue.governorates}
        for branch in self.world.catalogue.branches:
            near, within = question.get("near", NOWHERE), question.get("within_km")
            if (
                branch.id in _several(question.get("branch", branch.id))
                and branch.governorate in _several(question.get("governorate", branch.governorate))
                and governorates[branch.governorate].region in _several(question.get("region", ("SA-01", "SA-02")))
                and (within is None or near.distance_km(branch.location) <= within)
            ):
                yield branch

    def _is_in_window(self, slot: Listed, question: Mapping[str, Any]) -> bool:
        from_, until, day = question.get("from_"), question.get("until"), question.get("day")
        at, moved = slot.local, self.moving
        first, last = question.get("between", (time(0), time.max))
        return (
            (from_ is None or _reached(from_, slot))
            and (until is None or not _reached(until, slot))
            and (day is None or at.date() == _date(day))
            and at.weekday() in question.get("weekdays", range(7))
            and (first <= at.time() < last if first < last else at.time() >= first or at.time() < last)
            and not (question.get("earlier_only") and moved is not None and slot.starts_at >= moved.slot.starts_at)
        )

    def _order(self, slot: Listed, question: Mapping[str, Any]) -> tuple[Any, ...]:
        branches, near = [each.id for each in self.world.catalogue.branches], question.get("near")
        away = near.distance_km(slot.branch.location) if near else 0.0
        rank = (away, slot.branch.id) if near else (0.0, branches.index(slot.branch.id))
        service = _several(question["service"]).index(slot.service)
        match question.get("order", "earliest"):
            case "nearest":
                return (*rank, slot.starts_at, service)
            case "balanced":
                return (slot.starts_at + timedelta(days=away / KM_PER_DAY), *rank, service)
            case _:
                return (slot.starts_at, *rank, service)


def random_question(draw: Random, world: World) -> dict[str, Any]:
    """The arguments of a search, any of them in any combination."""
    now, branches = world.clock.now(), [each.id for each in world.catalogue.branches]
    question: dict[str, Any] = {"service": _one_or_some(draw, SERVICES)}
    chances: dict[str, Callable[[], Any]] = {
        "branch": lambda: _one_or_some(draw, branches),
        "governorate": lambda: _one_or_some(draw, ("town", "village", "valley")),
        "region": lambda: _one_or_some(draw, ("SA-01", "SA-02")),
        "near": lambda: draw.choice(POINTS),
        "from_": lambda: _bound(draw, now),
        "until": lambda: _bound(draw, now),
        "weekdays": lambda: frozenset(draw.sample(list(Weekday), draw.randint(1, 6))),
        "between": lambda: draw.choice([(time(7, 30), time(9)), (time(23, 30), time(1)), (time(8), time(0))]),
        "seats": lambda: draw.randint(1, 3),
        "adjacent": lambda: draw.randint(2, 4),
        "each_branch": lambda: True,
    }
    for name, value in chances.items():
        if draw.random() < 0.22:
            question[name] = value()
    if "near" in question:
        if draw.random() < 0.3:
            question["within_km"] = draw.choice([0, 11, 2000])
        question["order"] = draw.choice(["earliest", "nearest", "balanced"])
    if not {"from_", "until"} & set(question) and draw.random() < 0.15:
        day = (now + timedelta(days=draw.randint(0, 5))).date()
        question["day"] = draw.choice([day, HijriDate.from_gregorian(day)])
    return question


def pages(desk: Any, question: Mapping[str, Any], limit: int) -> list[Any]:
    """All that a search finds, page by page."""
    found, after = [], None
    while True:
        page = desk.find_slots(**question, limit=limit, after=after)
        assert len(page) <= limit
        found += page
        after = page.next
        if after is None:
            return found


def shown(found: list[Any]) -> list[tuple[Any, ...]]:
    """The slots that a search found, as the brute force writes them."""
    return [
        (each.branch, each.service, each.key.starts_at, each.free, tuple(one.key.starts_at for one in each.following))
        for each in found
    ]


def _broken(explained: Any) -> set[str]:
    return {verdict.rule_id for verdict in explained.refused}


def _several(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _one_or_some(draw: Random, names: Any) -> Any:
    return draw.choice(names) if draw.random() < 0.5 else draw.sample(list(names), draw.randint(1, len(names)))


def _bound(draw: Random, now: datetime) -> Any:
    moment = now + timedelta(hours=draw.randint(-30, 24 * HORIZON_DAYS))
    return draw.choice([moment, moment.date(), HijriDate.from_gregorian(moment.date())])


def _date(day: Any) -> Any:
    return day.to_gregorian() if isinstance(day, HijriDate) else day


def _reached(bound: Any, slot: Listed) -> bool:
    """True if the slot starts at the bound or later."""
    return slot.starts_at >= bound if isinstance(bound, datetime) else slot.local.date() >= _date(bound)
