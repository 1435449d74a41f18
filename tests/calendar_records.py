"""Entries of the working calendar: a record of each kind."""

from datetime import date, timedelta
from typing import Any, Final

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.announcements import AnnouncedClosure, MonthStart
from traffic_booking.domain.calendars.authority import authority_id
from traffic_booking.domain.calendars.hours import Hours
from traffic_booking.domain.people.actors import Clerk
from traffic_booking.domain.places.geography import BranchId
from traffic_booking.domain.schedule.entries import CalendarEntry, CalendarRecord, Withdrawal
from traffic_booking.domain.schedule.exceptions import BranchException, Effect, SpecialOrder
from traffic_booking.testing.samples.appointments import START

DAY: Final = date(2026, 12, 1)
WORDS: Final = Bilingual("إجازة العيد «الأضحى»", "Eid leave")
NORTH: Final = BranchId("north")


ON_THE_DAY: Final[dict[str, Any]] = {"first_day": DAY, "last_day": DAY}


def _exception(effect: Effect, **limits: Any) -> BranchException:
    return BranchException(
        id=authority_id(f"branch.{effect.value}"), branch=NORTH, effect=effect, reason=WORDS, **ON_THE_DAY, **limits
    )


RECORDS: Final[tuple[CalendarRecord, ...]] = (
    SpecialOrder(
        id=authority_id("order"),
        statement=WORDS,
        source="an order",
        opens=True,
        hours=(Hours(600, 900), Hours(960, 1_440)),
        **ON_THE_DAY,
    ),
    AnnouncedClosure(
        id=authority_id("eid"), statement=WORDS, source="an announcement", rule=authority_id("gov"), **ON_THE_DAY
    ),
    MonthStart(
        id=authority_id("start"),
        statement=WORDS,
        source="an announcement",
        year=1448,
        month=9,
        first_day=date(2027, 2, 9),
    ),
    _exception(Effect.CLOSED),
    _exception(Effect.OTHER_HOURS, hours=(Hours(0, 60), Hours(1_320, 1_560))),
    _exception(Effect.OTHER_CAPACITY, capacity=10_000),
    Withdrawal(authority_id("order")),
)
"""A record of each kind, each part set in one of them."""


def entry(place: int, record: CalendarRecord = RECORDS[0]) -> CalendarEntry:
    """The entry of that number."""
    return CalendarEntry(
        number=place,
        at=START + timedelta(microseconds=place),
        actor=Clerk("desk-1"),
        reason="عطل في النظام",
        request_id=f"entry-{place}",
        record=record,
    )
