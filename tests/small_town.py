"""A small town for tests: two branches, three services, short shifts, and a rulebook whose figures can be set."""

from datetime import date, timedelta

from attrs import evolve

from traffic_booking import (
    Audience,
    Bilingual,
    Branch,
    Catalogue,
    Coordinates,
    Governorate,
    Holder,
    Region,
    Rulebook,
    Service,
    ServiceGroup,
    Shift,
    Timetable,
    Weekday,
)
from traffic_booking.domain.audit.retention import MOST_REFUSALS, PERIODS, Retention
from traffic_booking.domain.places.services import Eligibility, Instructions, RequiredDocument
from traffic_booking.domain.rules.rule import Rule, Status
from traffic_booking.domain.rules.rulebook import DEFINITIONS
from traffic_booking.domain.schedule.timetables import Offer
from traffic_booking.testing.samples import appointments as sample_appointments

START = sample_appointments.START
"""Sunday 22 November 2026, 07:00 in Riyadh: an hour before the branches open."""

FIGURES = {
    "BK-04": {"days": 60},
    "BK-07": {"appointments": 1},
    "BK-08": {"appointments": 3},
    "BK-12": {"minutes": 0},
    "BK-13": {"appointments": 20},
    "BK-14": {"minutes": 0},
    "BK-18": {"minutes": 60},
    "EL-04": {"minutes": 60},
    "CD-01": {"minutes": 0, "days": 0},
    "CD-02": {"missed": 20, "window_days": 1, "days": 0},
    "HD-01": {"holds": 2, "minutes": 10},
    "CN-03": {"minutes": 240},
    "CN-04": {"minutes": 0},
    "CN-05": {"minutes": 0},
    "MV-04": {"moves": 2},
    "MV-05": {"minutes": 240},
    "AT-03": {"minutes": 60, "early_minutes": 15},
    "AT-04": {"minutes": 15},
    "AT-07": {"minutes": 15},
    "AT-10": {"days": 30},
    "SI-01": {"failures": 3, "minutes": 15},
    "SI-02": {"minutes": 30},
    "SI-03": {"minutes": 10, "attempts": 3},
    "SI-04": {"minutes": 1_440},
    "SI-06": {"failures": 100, "minutes": 20},
}

NAMES = {definition.id: {parameter.name for parameter in definition.parameters} for definition in DEFINITIONS}
LACKING = {rule_id: names for rule_id, names in NAMES.items() if names != set(FIGURES.get(rule_id, {}))}
assert not LACKING, f"FIGURES in tests/small_town.py: expected exactly these figures of these rules: {LACKING}"

MOST_MADE = 500
_MADE: dict[str, Rulebook] = {}

RETENTION = Retention(**dict.fromkeys(PERIODS, timedelta(days=400)), refusals_per_minute=MOST_REFUSALS)
"""Longer than any test takes, and as many refusals as are possible."""

WORKING_DAYS = frozenset(
    {Weekday.SUNDAY, Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY},
)


def named(text: str) -> Bilingual:
    """A name that no test reads."""
    return Bilingual(f"اسم {text}", text)


def small_rulebook(version: str = "test-1", **figures: dict[str, int]) -> Rulebook:
    """A rulebook with the figures of `FIGURES`, or others: `small_rulebook(BK_04={"days": 7})`.

    It is cached: rulebooks don't change, take milliseconds to make, and properties need thousands.
    """
    asked = repr((version, figures))
    if asked not in _MADE:
        if len(_MADE) == MOST_MADE:
            _MADE.clear()
        _MADE[asked] = _made(version, **figures)
    return _MADE[asked]


def _made(version: str, **figures: dict[str, int]) -> Rulebook:
    given = FIGURES | {rule_id.replace("_", "-"): values for rule_id, values in figures.items()}
    rules = tuple(
        Rule(
            definition=definition,
            figures=given.get(definition.id, {}),
            status=Status.UNOFFICIAL,
            source="made up for tests",
            in_force_from=date(2020, 1, 1),
        )
        for definition in DEFINITIONS
    )
    return Rulebook(version=version, rules=rules)


def small_service(
    service_id: str,
    minutes: int,
    *,
    holders: frozenset[Holder] = frozenset(Holder),
    group: str = "traffic-services",
) -> Service:
    """A service of that id and duration, with one document."""
    return Service(
        id=service_id,
        group=group,
        name=named(service_id),
        duration_minutes=minutes,
        eligibility=Eligibility(holders=holders),
        instructions=Instructions("2026-11-01", named(f"instructions of {service_id}")),
        documents=(RequiredDocument("identity-document", named("identity document"), frozenset(Holder)),),
    )


def small_catalogue(
    *, capacity: int = 1, opens_minute: int = 480, closes_minute: int = 840, pool: str | None = None
) -> Catalogue:
    """Branches `north` and `south` (10 km apart), open Sunday to Thursday, 08:00 to 14:00 unless given.

    Services: `renewal` (15 minutes), `transfer` (20 minutes), and `foreign` (30 minutes, residents only, north only).
    With a `pool` they share its seats at each branch, counted in steps of five minutes.
    """
    shift = Shift(weekdays=WORKING_DAYS, opens_minute=opens_minute, closes_minute=closes_minute, capacity=capacity)
    all_services = frozenset({"renewal", "transfer", "foreign"})
    return Catalogue(
        regions=(Region("SA-01", named("region")),),
        governorates=(
            Governorate(id="town", region="SA-01", name=named("town"), seat=Coordinates(24.70, 46.70)),
            Governorate(id="village", region="SA-01", name=named("village"), seat=Coordinates(24.61, 46.70)),
        ),
        branches=(
            Branch(
                id="north",
                code="001",
                governorate="town",
                name=named("north"),
                location=Coordinates(24.70, 46.70),
                timetable="full",
            ),
            Branch(
                id="south",
                code="002",
                governorate="village",
                name=named("south"),
                location=Coordinates(24.61, 46.70),
                timetable="short",
            ),
        ),
        groups=(
            ServiceGroup(id="e-services", audience=Audience.INDIVIDUALS, name=named("e-services")),
            ServiceGroup(
                id="traffic-services", audience=Audience.INDIVIDUALS, name=named("traffic"), parent="e-services"
            ),
        ),
        services=(
            small_service("renewal", 15),
            small_service("transfer", 20),
            small_service("foreign", 30, holders=frozenset({Holder.RESIDENT})),
        ),
        timetables=(
            Timetable("full", named("full"), (Offer(all_services, (shift,), pool),)),
            Timetable("short", named("short"), (Offer(all_services - {"foreign"}, (shift,), pool),)),
        ),
    )


def town_of(*shifts: Shift, time_zone: str = "Asia/Riyadh") -> Catalogue:
    """The small town with these shifts for all services at both branches, in that time zone."""
    catalogue = small_catalogue()
    branches = tuple(evolve(branch, time_zone=time_zone) for branch in catalogue.branches)
    timetables = tuple(evolve(each, offers=(evolve(each.offers[0], shifts=shifts),)) for each in catalogue.timetables)
    return evolve(catalogue, branches=branches, timetables=timetables)
