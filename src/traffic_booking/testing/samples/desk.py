"""A desk over any store: one branch, two services, few seats, and rules that only count appointments and holds."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from traffic_booking.application._sync.desk import Desk
from traffic_booking.application.parts import DeskParts
from traffic_booking.domain.appointments.numbers import SERIALS, AppointmentNumber, compose
from traffic_booking.domain.audit.retention import LONGEST_DAYS, MOST_REFUSALS, Retention
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.holiday_rules import Weekend
from traffic_booking.domain.configuration import Configuration
from traffic_booking.domain.places.geography import Branch, BranchCode, BranchId, Coordinates, Governorate, Region
from traffic_booking.domain.places.services import (
    Audience,
    Eligibility,
    Holder,
    Instructions,
    RequiredDocument,
    Service,
    ServiceGroup,
    ServiceId,
)
from traffic_booking.domain.rules.rule import Rule, RuleDefinition, Status, Stricter
from traffic_booking.domain.rules.rulebook import DEFINITIONS, Rulebook
from traffic_booking.domain.schedule.branch_calendars import BranchCalendars
from traffic_booking.domain.schedule.catalogue import Catalogue
from traffic_booking.domain.schedule.slots import Slot, SlotKey
from traffic_booking.domain.schedule.timetables import Offer, Shift, Timetable, Weekday
from traffic_booking.domain.schedule.working_calendar import Profile, WorkingCalendar
from traffic_booking.ports.clock import Clock
from traffic_booking.ports.store import Store

NAME: Final = Bilingual("للتجربة", "a sample")
CENTRE: Final = Coordinates(24.7, 46.7)
DAY_MINUTES: Final = 24 * 60
SERVICES: Final = {"renewal": 15, "transfer": 20}
LIMITS: Final = {
    "BK-07": {"appointments": 1},
    "BK-08": {"appointments": 3},
    "HD-01": {"holds": 2, "minutes": 10},
    "AT-03": {"minutes": DAY_MINUTES, "early_minutes": DAY_MINUTES},
}
"""A person's limits; every other figure is as loose as it may be."""
AGES: Final = timedelta(days=LONGEST_DAYS)
KEPT: Final = ("appointments", "refusals", "assertions", "persons", "attempts", "codes", "sessions", "reveals")
RETENTION: Final = Retention(**dict.fromkeys(KEPT, AGES), refusals_per_minute=MOST_REFUSALS)
"""Everything is stored for the longest time, and nobody is throttled."""


class SampleNumbers:
    """Numbers drawn from a seed."""

    def __init__(self, seed: int, *, serials: int = SERIALS) -> None:
        self._drawn = Random(f"{seed} numbers")  # noqa: S311 - to be drawn again, not to be secret
        self._serials = serials

    def draw(self, code: BranchCode) -> AppointmentNumber:
        """The next number."""
        while True:
            number = compose(code, self._drawn.randrange(self._serials))
            if number is not None:
                return number


def sample_desk(store: Store, clock: Clock, *, capacity: int = 1, seed: int = 0, pool: str | None = None) -> Desk:
    """A desk of the branch `north`, open around the clock from Sunday to Thursday, with that many seats a slot.

    With a `pool` both services share them, in steps of five minutes.
    """
    return Desk(
        DeskParts(
            store=store,
            clock=clock,
            catalogue=_catalogue(capacity, pool),
            rulebook=_rulebook(),
            calendar=_calendar(),
            numbering=SampleNumbers(seed),
            tickets={},
            retention=RETENTION,
        )
    )


def sample_slots(desk: Desk, first: datetime) -> tuple[Slot, ...]:
    """Three slots, the first of which starts at `first`; the last overlaps the others, and is for the other service.

    They have the pool of the desk.
    """
    configuration = Configuration(desk.catalogue, desk.rulebooks, BranchCalendars(_calendar()))
    keys = [
        SlotKey(BranchId("north"), ServiceId(service), first + timedelta(minutes=minutes))
        for service, minutes in (("renewal", 0), ("renewal", 15), ("transfer", 0))
    ]
    return tuple(slot for slot in map(configuration.slot, keys) if slot is not None)


def _catalogue(capacity: int, pool: str | None) -> Catalogue:
    always = Shift(weekdays=frozenset(Weekday), opens_minute=0, closes_minute=DAY_MINUTES, capacity=capacity)
    return Catalogue(
        regions=(Region("SA-01", NAME),),
        governorates=(Governorate(id="town", region="SA-01", name=NAME, seat=CENTRE),),
        branches=(Branch(id="north", code="001", governorate="town", name=NAME, location=CENTRE, timetable="always"),),
        groups=(ServiceGroup(id="traffic-services", audience=Audience.INDIVIDUALS, name=NAME),),
        services=tuple(_service(name, minutes) for name, minutes in SERVICES.items()),
        timetables=(Timetable("always", NAME, (Offer(frozenset(SERVICES), (always,), pool),)),),
    )


def _service(name: str, minutes: int) -> Service:
    return Service(
        id=name,
        group="traffic-services",
        name=NAME,
        duration_minutes=minutes,
        eligibility=Eligibility(holders=frozenset(Holder)),
        instructions=Instructions("2026-11-01", NAME),
        documents=(RequiredDocument("identity-document", NAME, frozenset(Holder)),),
    )


def _rulebook() -> Rulebook:
    return Rulebook(version="sample-1", rules=tuple(map(_rule, DEFINITIONS)))


def _rule(definition: RuleDefinition) -> Rule:
    loosest = {
        each.name: each.least if each.stricter is Stricter.MORE else each.greatest for each in definition.parameters
    }
    return Rule(
        definition=definition,
        figures=loosest | LIMITS.get(definition.id, {}),
        status=Status.UNOFFICIAL,
        source="a sample",
        in_force_from=date(2020, 1, 1),
    )


def _calendar() -> WorkingCalendar:
    weekend = Weekend(id="weekend", pattern="FREQ=WEEKLY;BYDAY=FR,SA", statement=NAME, source="a sample")
    return WorkingCalendar(profile=Profile(id=authority_id("sample"), name=NAME, rules=("weekend",)), rules=(weekend,))
